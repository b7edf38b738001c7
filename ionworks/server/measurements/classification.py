"""The type of a step (rest, constant current, ...), from the statistics of its signals.

A signal that the cycler holds varies by no more than the noise of its sensor. Noise is told from
change by the differences of successive samples: independent errors of deviation s have the mean
squared difference 2 s², while a signal that drifts by d in n samples has differences of d/n only
(J. von Neumann, Ann. Math. Stat. 12, 1941, 367). The *change* of a signal is the deviation that
is left when the variance of the noise is subtracted.

The first and the last sample of a step are ignored if there are enough others: the first often
still has the setpoint of the previous step, and some cyclers log the next step's first sample as
the last one.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from ionworks.server.measurements.columns import STEP_TYPE
from ionworks.ucp.step_table import DRIVE_CYCLE, EIS, REST, UNKNOWN, held_step_type

#: Relative change up to which a current, a power or a resistance counts as held.
_HELD: Final = 0.01
#: Noise of a current sensor, relative to the greatest current of the series: what is noise even
#: if the samples are too few to tell, and what can be noise if the voltage responds to it or not.
_SURE_NOISE: Final = 1e-3
_MOST_RESPONDED: Final = 0.05
_MOST_NOISE: Final = 0.2
#: Change up to which a voltage counts as held: absolute [V], or relative.
_HELD_VOLTAGE: Final = 5e-3
_HELD_VOLTAGE_SHARE: Final = 1e-3
#: Noise [V] that a voltage sensor can have.
_MOST_VOLTAGE_NOISE: Final = 0.01
#: A held voltage changes by less than the current by this factor, relative to their means. At
#: constant power and at constant resistance, both change equally. If there are few samples, the
#: current must change by more than this share, because some of it can be noise.
_HELD_RATIO: Final = 5.0
_DECAY: Final = 0.03
#: Mean currents up to this [A] are zero. It is limited to these fractions of the greatest current
#: of the series: a coin cell is cycled at a milliampere, and a large cycler has a larger offset.
_NO_CURRENT: Final = 1e-3
_NO_CURRENT_SHARES: Final = (5e-4, 1e-2)
#: Deviation of a current that is zero: relative to the greatest current of the series, or [A]; and
#: mean of noise that tells no current, relative to its deviation.
_REST_SHARE: Final = 1e-2
_NOISE_OF_RESTS: Final = 5e-3
_FAINT: Final = 2.0
#: Rows a step must have for its first and last sample to be ignored.
_ENOUGH_ROWS: Final = 4
#: Samples from which noise can be told from change, and standard errors of a variance by which
#: change exceeds the noise.
_ENOUGH_SAMPLES: Final = 8
_CERTAIN: Final = 4.0
#: Current and voltage are proportional, or inversely so, if the exponent is within 0.5 of 1 or -1
#: and known to this standard error, the voltage changes by more than this, and all but this share
#: of the change is explained.
_EXPONENT: Final = 0.5
_EXPONENT_ERROR: Final = 0.15
_LEAST_VOLTAGE_CHANGE: Final = 2e-3
_UNEXPLAINED: Final = 0.3
#: A current follows a profile if it travels more than this many times its range, and if the range
#: is more than this share of the greatest current of the series.
_JOURNEYS: Final = 3.0
_LEAST_RANGE: Final = 0.02
#: Mean absolute difference of two errors, with a margin, relative to their deviation: 1.13.
_JUMP_OF_NOISE: Final = 1.3
#: Correlation of the jumps of current and voltage that shows the resistance of a cell, if jumps of
#: the voltage exceed this [V].
_RESPONSE: Final = -0.6
_LEAST_RESPONSE: Final = 2e-4


def classified(steps: pl.DataFrame) -> pl.DataFrame:
    """Add ``Step type`` to steps that still have the statistics of their inner samples."""
    sizes = pl.max_horizontal(pl.col("Max current [A]").abs(), pl.col("Min current [A]").abs())
    greatest = steps.select(sizes.max()).item() or 0.0
    judged = (
        _with_statistics(steps, greatest)
        .with_columns(_is_rest(greatest).alias("rest"), _is_profile(greatest).alias("profile"))
        .with_columns(_exponent().alias("exponent"))
    )
    is_steady = pl.col("change I") <= _HELD * pl.col("mean I").abs()
    allowed = _HELD**2 + pl.col("unsure")
    is_varied = pl.col("profile")
    controlled = (
        (_is_power_of_voltage(-1) & (_unexplained(1) <= allowed), "power"),
        (_is_power_of_voltage(1) & (_unexplained(-1) <= allowed), "resistance"),
        (is_steady, "current"),
        (~is_varied & _is_voltage_held(), "voltage"),
        (~is_varied & (_unexplained(1) <= allowed), "power"),
    )
    way = pl.when(pl.col("mean I") > 0).then(pl.lit("discharge")).otherwise(pl.lit("charge"))
    # The first of these that holds.
    kind = pl.coalesce(
        pl.when(_is_eis(steps)).then(pl.lit(EIS)),
        pl.when("rest").then(pl.lit(REST)),
        *(
            pl.when(condition).then(pl.format(held_step_type(signal, "{}"), way))
            for condition, signal in controlled
        ),
        pl.when(is_varied).then(pl.lit(DRIVE_CYCLE)),
        pl.lit(UNKNOWN),
    )
    return steps.with_columns(judged.select(kind.alias(STEP_TYPE)).to_series())


def _with_statistics(steps: pl.DataFrame, greatest: float) -> pl.DataFrame:
    """Add the statistics that the conditions read.

    ``samples``; for I and V ``mean``, ``variance``, ``noise`` (its variance) and ``change`` (a
    deviation); ``covariance``; ``unsure``, the relative variance that the noise of so few samples
    may have.
    """
    rows = pl.col("_rows")
    told = _is_told()
    most = pl.when(_responds()).then(_MOST_RESPONDED).otherwise(_MOST_NOISE)
    steps = steps.with_columns(
        pl.when(rows >= _ENOUGH_ROWS).then(rows - 2).otherwise(rows).alias("samples"),
        *(
            _judged(f"{word} {signal}").alias(f"{word} {letter}")
            for letter, signal in (("I", "current [A]"), ("V", "voltage [V]"), ("P", "power [W]"))
            for word in ("mean", "std")
        ),
    )
    steps = steps.with_columns(
        (pl.col("std I").fill_null(0.0) ** 2).alias("variance I"),
        (pl.col("std V").fill_null(0.0) ** 2).alias("variance V"),
    )
    steps = steps.with_columns(
        pl.when(told)
        .then(pl.min_horizontal(pl.col("_jumps I") / 2, (most * greatest) ** 2))
        .otherwise(pl.min_horizontal("variance I", (_SURE_NOISE * greatest) ** 2))
        .fill_null(0.0)
        .alias("noise I"),
        pl.when(told)
        .then(pl.min_horizontal(pl.col("_jumps V") / 2, _MOST_VOLTAGE_NOISE**2))
        .otherwise(0.0)
        .fill_null(0.0)
        .alias("noise V"),
        (
            (pl.col("mean P") - pl.col("mean I") * pl.col("mean V"))
            * pl.col("samples")
            / (pl.col("samples") - 1)
        ).alias("covariance"),
    )
    margin = pl.when(told).then(_margin()).otherwise(0.0)
    return steps.with_columns(
        (pl.col("variance I") - pl.col("noise I") * (1 + margin))
        .clip(lower_bound=0.0)
        .sqrt()
        .alias("change I"),
        (pl.col("variance V") - pl.col("noise V")).clip(lower_bound=0.0).sqrt().alias("change V"),
        (
            margin
            * (
                pl.col("noise I") / pl.col("mean I") ** 2
                + pl.col("noise V") / pl.col("mean V") ** 2
            )
        ).alias("unsure"),
    )


def _margin() -> pl.Expr:
    """Return the relative error that the variance of the noise of so few samples may have."""
    return _CERTAIN * (2 / pl.col("samples")).sqrt()


def _is_rest(greatest: float) -> pl.Expr:
    """Return whether the current is zero: its mean, and its deviation but for noise."""
    least_share, most_share = (share * greatest for share in _NO_CURRENT_SHARES)
    zero = min(max(_NO_CURRENT, least_share), most_share)
    size, deviation = pl.col("mean I").abs(), pl.col("variance I").sqrt()
    error = deviation / pl.col("samples").sqrt()
    is_small = deviation <= _REST_SHARE * greatest
    is_noise = _is_told() & (pl.col("change I") == 0) & ~_responds()
    # In a series of rests, the greatest current is that of the noise itself.
    is_only_noise = _is_told() & _is_independent() & ~_responds() & (size <= _CERTAIN * error)
    is_about_zero = (
        (deviation <= _NOISE_OF_RESTS)
        & (size <= deviation)
        & (pl.col("_inner min current [A]") < 0)
        & (pl.col("_inner max current [A]") > 0)
    )
    return (
        ((size <= zero + _CERTAIN * error) & (is_small | is_noise))
        | (is_noise & (size <= _FAINT * deviation))
        | is_only_noise
        | (~_is_told() & is_about_zero)
    ).fill_null(value=False)


def _is_profile(greatest: float) -> pl.Expr:
    """Return whether the current goes up and down by more than its noise, as in a drive cycle."""
    extent = pl.col("_inner max current [A]") - pl.col("_inner min current [A]")
    noise = pl.min_horizontal(pl.col("noise I").sqrt(), _SURE_NOISE * greatest)
    journey = pl.col("_journey") - _JUMP_OF_NOISE * noise * pl.col("samples")
    return (
        _is_told()
        & (~_is_independent() | _responds())
        & (extent > _LEAST_RANGE * greatest)
        & (journey > _JOURNEYS * extent)
    ).fill_null(value=False)


def _is_told() -> pl.Expr:
    """Return whether the samples are enough to tell noise from change."""
    return pl.col("samples") >= _ENOUGH_SAMPLES


def _is_independent() -> pl.Expr:
    """Return whether the samples of the current are independent of each other, as noise is."""
    return pl.col("_jumps I") / 2 * (1 + _margin()) >= pl.col("variance I")


def _exponent() -> pl.Expr:
    r"""Return n of :math:`I \propto V^n`: -1 at constant power, 1 at constant resistance.

    Null if it is not known, because the voltage changes by too little for the noise.
    """
    current, voltage = pl.col("mean I"), pl.col("mean V")
    ratio = voltage / current
    error = (pl.col("noise I") / pl.col("samples")).sqrt() / pl.col("change V") * ratio.abs()
    known = (pl.col("change V") > _LEAST_VOLTAGE_CHANGE * voltage.abs()) & (error < _EXPONENT_ERROR)
    return pl.when(known).then(pl.col("covariance") / pl.col("change V") ** 2 * ratio)


def _unexplained(sign: int) -> pl.Expr:
    """Return the relative variance of the power (1) or the conductance (-1) without the noise."""
    # Null for a mean of zero, of which nothing is a share: NaN would be the greatest number.
    current, voltage = (pl.when(pl.col(mean) != 0).then(mean) for mean in ("mean I", "mean V"))
    return (
        (pl.col("variance I") - pl.col("noise I")) / current**2
        + (pl.col("change V") / voltage) ** 2
        + 2 * sign * pl.col("covariance") / (current * voltage)
    )


def _is_power_of_voltage(sign: int) -> pl.Expr:
    """Return whether the current is proportional to the voltage (1), or inversely so (-1)."""
    close = (pl.col("exponent") - sign).abs() < _EXPONENT
    explained = _unexplained(-sign) <= (
        _UNEXPLAINED * pl.col("change V") / pl.col("mean V")
    ) ** 2 + pl.col("unsure")
    return (close & explained).fill_null(value=False)


def _is_voltage_held() -> pl.Expr:
    """Return whether the voltage is constant while the current changes."""
    size, voltage = pl.col("mean I").abs(), pl.col("mean V").abs()
    change = pl.col("change V")
    limit = pl.max_horizontal(pl.lit(_HELD_VOLTAGE), _HELD_VOLTAGE_SHARE * voltage)
    decay = pl.col("change I") / size
    is_decay = pl.when(_is_told()).then(~_is_independent()).otherwise(decay > _DECAY)
    # The current decays towards zero, and does not pass it.
    towards = pl.min_horizontal(pl.col("_inner max current [A]"), -pl.col("_inner min current [A]"))
    has_one_sign = towards <= _CERTAIN * pl.col("noise I").sqrt()
    return (
        (change <= limit)
        & (decay > _HELD_RATIO * change / voltage)
        & is_decay
        & has_one_sign
        & ~_responds()
    ).fill_null(value=False)


def _responds() -> pl.Expr:
    """Return whether the voltage falls when the current rises, by the resistance of a cell."""
    jumps = pl.col("_jumps I"), pl.col("_jumps V")
    correlation = pl.col("_jumps IV") / (jumps[0] * jumps[1]).sqrt()
    is_visible = jumps[1].sqrt() > _LEAST_RESPONSE
    return (_is_told() & (correlation < _RESPONSE) & is_visible).fill_null(value=False)


def _judged(statistic: str) -> pl.Expr:
    """Return a statistic of the inner samples if there are enough of them, else of all."""
    inner, whole = f"_inner {statistic}", f"_all {statistic}"
    enough = pl.col("_rows") >= _ENOUGH_ROWS
    return pl.when(enough).then(pl.coalesce(inner, whole)).otherwise(pl.col(whole))


def _is_eis(steps: pl.DataFrame) -> pl.Expr:
    """Return whether a step has a positive frequency, as impedance measurements do."""
    if "Max frequency [Hz]" not in steps.columns:
        return pl.lit(value=False)
    return (pl.col("Max frequency [Hz]") > 0).fill_null(value=False)
