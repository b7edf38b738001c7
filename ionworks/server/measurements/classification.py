"""The type of a step (rest, constant current, ...), from the statistics of its signals.

A signal that the cycler controls has a small deviation; the others vary. The first and the last
sample of a step are ignored if there are enough others: the first often still has the setpoint of
the previous step, and some cyclers log the next step's first sample as the last one.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from ionworks.server.measurements.columns import STEP_TYPE

REST: Final = "Rest"
EIS: Final = "EIS"
UNKNOWN: Final = "Unknown step type"
STEP_TYPES: Final = (
    REST,
    *(
        f"Constant {held} {way}"
        for held in ("current", "voltage", "power")
        for way in ("charge", "discharge")
    ),
    EIS,
    UNKNOWN,
)

#: Relative standard deviation below which current or power counts as constant.
_HELD = 0.01
#: Noise of a current sensor, relative to the greatest current of the series.
_NOISE = 2e-4
#: Standard deviation below which voltage counts as constant: absolute [V], or relative.
_HELD_VOLTAGE = 5e-3
_HELD_VOLTAGE_SHARE = 1e-3
#: Currents below this [A] count as zero. It is limited to these fractions of the greatest current
#: of the series: a coin cell is cycled at a milliampere, and a large cycler has a larger offset.
_NO_CURRENT = 1e-3
_NO_CURRENT_SHARES = (1e-4, 1e-2)
#: Rows a step must have for its first and last sample to be ignored.
_ENOUGH_ROWS = 4


def classified(steps: pl.DataFrame) -> pl.DataFrame:
    """Add ``Step type`` to steps that still have the statistics of their inner samples."""
    sizes = pl.max_horizontal(pl.col("Max current [A]").abs(), pl.col("Min current [A]").abs())
    greatest = steps.select(sizes.max()).item() or 0.0
    least_share, most_share = (share * greatest for share in _NO_CURRENT_SHARES)
    no_current = min(max(_NO_CURRENT, least_share), most_share)
    noise = _NOISE * greatest

    current = _judged("mean current [A]", "Mean current [A]")
    voltage = _judged("mean voltage [V]", "Mean voltage [V]")
    power = _judged("mean power [W]", "Mean power [W]")
    held_voltage = pl.max_horizontal(pl.lit(_HELD_VOLTAGE), _HELD_VOLTAGE_SHARE * voltage.abs())
    held_current = pl.max_horizontal(pl.lit(noise), _HELD * current.abs())
    held_power = pl.max_horizontal(noise * voltage.abs(), _HELD * power.abs())
    way = pl.when(current > 0).then(pl.lit("discharge")).otherwise(pl.lit("charge"))

    kind = (
        pl.when(_is_eis(steps))
        .then(pl.lit(EIS))
        .when(_judged("size", "_size") <= no_current)
        .then(pl.lit(REST))
        .when(_judged("std current [A]", "Std current [A]") <= held_current)
        .then(pl.format("Constant current {}", way))
        .when(_judged("std voltage [V]", "Std voltage [V]") <= held_voltage)
        .then(pl.format("Constant voltage {}", way))
        .when(_judged("std power [W]", "Std power [W]") <= held_power)
        .then(pl.format("Constant power {}", way))
        .otherwise(pl.lit(UNKNOWN))
    )
    return steps.with_columns(kind.alias(STEP_TYPE))


def _judged(inner: str, whole: str) -> pl.Expr:
    """Return a statistic of the inner samples if there are enough of them, else of all."""
    enough = pl.col("_rows") >= _ENOUGH_ROWS
    return pl.when(enough).then(pl.coalesce(f"_inner {inner}", whole)).otherwise(pl.col(whole))


def _is_eis(steps: pl.DataFrame) -> pl.Expr:
    """Return whether a step has a positive frequency, as impedance measurements do."""
    if "Max frequency [Hz]" not in steps.columns:
        return pl.lit(value=False)
    return (pl.col("Max frequency [Hz]") > 0).fill_null(value=False)
