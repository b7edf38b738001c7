"""Checks of whole steps, from two queries over the data that run together.

One query selects the first rows of the steps, which give their first and last values; the other
aggregates the rows by step. Neither depends on the order in which rows are processed, so both can
be streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ionworks.errors import IssueCode, Severity, ValidationIssue
from ionworks.validation.columns import (
    CAPACITIES,
    CUMULATIVE,
    CURRENT,
    MOST,
    STEP,
    TIME,
    VOLTAGE,
    number,
    previous,
)
from ionworks.validation.units import unit_issues

if TYPE_CHECKING:
    import polars as pl

    from ionworks.validation.check_options import CheckOptions

__all__ = ["step_issues"]

_NO_CURRENT = 1e-3
"""Fraction of the largest current below which a current counts as zero."""
_ROUNDING = 1e-3
"""Fraction of the largest value of a cumulative column that is attributed to rounding."""
_NEGLIGIBLE_CHANGE = 0.005
"""Voltage change [V] of a step below which it says nothing about the sign of the current."""
_WRONG_DIRECTION = 0.02
"""Voltage change [V] of a step in the wrong direction that is reported."""
_JUMP = 0.001
_MAJORITY = 9.0
"""Voltage jumps [V] that count, and the ratio by which they must agree."""
_MOST_OF_RATED = 1.5
_FEWEST_ROWS = 2
_GAP_FACTOR = 100.0
_GAP = 600.0
"""Factor on the mean interval of a step, and seconds, from which a gap without current is long:
cyclers log rests when the voltage changes."""
_HOLE_ROWS = 10
_HOLE_FACTOR = 8.0
_HOLE_NEIGHBOURS = 5.0
_HOLE_SHARE = 0.05
"""Rows of a step from which a gap while current flows is a hole; factors on the mean of the step's
other intervals and on the intervals beside it, which tell missing rows from sparser logging; and
its share of the step."""
_MISMATCH = 0.1
_SMALL_STEP = 0.01
_SMALL_PART = 0.01
_MOST_LISTED = 10
_SECONDS = 3600.0


def step_issues(
    rows: pl.LazyFrame, present: set[str], facts: dict[str, Any], options: CheckOptions
) -> list[ValidationIssue]:
    """Check the steps of a time series whose times and step counts are valid.

    Parameters
    ----------
    rows : polars.LazyFrame
        The known columns, with the row number as ``row``.
    present : set of str
        Names of the known columns that exist.
    facts : dict
        Result of `row_facts`.
    options : CheckOptions
        Which checks to run.
    """
    cumulative = [name for name in CUMULATIVE if name in present]
    steps = _steps(rows, cumulative, facts)
    # Rows that continue existing ones can start in the middle of a step.
    begun = steps.filter(steps["row"] > 0) if options.is_extension else steps
    issues: list[ValidationIssue] = []
    if options.strict:
        issues += unit_issues(steps, options, is_in_volts=(facts["mV"] or 0.0) < MOST)
    issues += [*_reversed(steps), *_not_reset(begun, cumulative, facts)]
    if options.rated_capacity is not None:
        issues += _above_rated(steps, options.rated_capacity)
    if options.strict:
        issues += _few_points(steps)
        issues += _decreases(steps, cumulative, facts)
        issues += _mismatches(steps, [name for name in CAPACITIES if name in present])
        issues += _gaps(steps)
        issues += _wrong_ways(steps)
        issues += _mixed(steps)
    return issues


def _steps(rows: pl.LazyFrame, cumulative: list[str], facts: dict[str, Any]) -> pl.DataFrame:
    """Make a table of the steps with one row per step, in order.

    Columns: ``row`` (the first row), ``rows`` (their number), ``start voltage``, ``end voltage``
    and ``mean voltage`` of the rows; ``positive`` and ``negative`` (numbers of rows with such a
    current); ``discharged`` and ``charged`` [A.h] within the step; ``before`` (largest charge
    [A.h] that can have flowed between the last row of the previous step and the first of this one)
    and ``voltage before`` (the larger of their voltages); ``longest`` interval, longest
    ``isolated`` interval (while current flows, and longer than those beside it) and ``duration``
    [s]; ``against`` and ``with`` (sums of the negative and positive products of the jumps of
    current and voltage); for each cumulative column its ``first`` and ``largest`` value and the
    largest ``fall``.
    """
    import polars as pl

    signals = [TIME, VOLTAGE, CURRENT, *cumulative]
    numbers = rows.select("row", pl.col(STEP), *(number(name).alias(name) for name in signals))
    time, voltage, current, step = (pl.col(name) for name in (TIME, VOLTAGE, CURRENT, STEP))
    before = {name: pl.col(previous(name)) for name in (*signals, STEP)}
    # ne_missing makes the first row, whose previous value is null, the start of a step.
    is_start = step.ne_missing(before[STEP])
    marked = numbers.with_columns(
        pl.col(name).shift(1).alias(previous(name)) for name in (*signals, STEP)
    )
    interval = time - before[TIME]
    marked = marked.with_columns(pl.when(~is_start).then(interval).alias("interval"))
    marked = marked.with_columns(
        pl.col("interval").shift(1).alias("interval before"),
        pl.col("interval").shift(-1).alias("interval after"),
    )
    stronger = pl.max_horizontal(current.abs(), before[CURRENT].abs())
    starts = marked.filter(is_start).select(
        STEP,
        pl.col("row"),
        voltage.alias("start voltage"),
        before[VOLTAGE].alias("last voltage before"),
        (stronger * interval / _SECONDS).fill_null(0.0).alias("before"),
        pl.max_horizontal(voltage.abs(), before[VOLTAGE].abs()).alias("voltage before"),
        *(pl.col(name).alias(f"first {name}") for name in cumulative),
    )
    inside = pl.when(~is_start)
    flowed = inside.then((current + before[CURRENT]) / 2 * interval / _SECONDS)
    jump = (current - before[CURRENT]) * (voltage - before[VOLTAGE])
    is_jump = (voltage - before[VOLTAGE]).abs() >= _JUMP
    threshold = _NO_CURRENT * (facts[f"largest {CURRENT}"] or 0.0)
    # The intervals after a hole are those before it; at the end of a step, nothing tells a hole
    # from a cycler that stopped logging.
    resumes = pl.col("interval after") > 0
    beside = pl.max_horizontal("interval before", "interval after")
    flows = pl.min_horizontal(current.abs(), before[CURRENT].abs()) > threshold
    is_isolated = flows & resumes & (pl.col("interval") > _HOLE_NEIGHBOURS * beside)
    sums = marked.group_by(STEP).agg(
        pl.len().alias("rows"),
        voltage.mean().alias("mean voltage"),
        pl.col("interval").filter(is_isolated).max().fill_null(0.0).alias("isolated"),
        (current > threshold).sum().alias("positive"),
        (current < -threshold).sum().alias("negative"),
        flowed.clip(lower_bound=0.0).sum().alias("discharged"),
        (-flowed).clip(lower_bound=0.0).sum().alias("charged"),
        inside.then(interval).max().fill_null(0.0).alias("longest"),
        inside.then(interval).sum().alias("duration"),
        jump.filter(is_jump & (jump < 0)).sum().alias("against"),
        jump.filter(is_jump & (jump > 0)).sum().alias("with"),
        *(pl.col(name).max().alias(f"largest {name}") for name in cumulative),
        *(
            inside.then(before[name] - pl.col(name)).max().alias(f"fall {name}")
            for name in cumulative
        ),
    )
    found = pl.collect_all([starts, sums], engine="streaming")
    return (
        found[0]
        .join(found[1], on=STEP)
        .sort("row")
        .with_columns(
            pl.col("last voltage before")
            .shift(-1, fill_value=facts["last voltage"])
            .alias("end voltage")
        )
    )


def _expected_change() -> pl.Expr:
    """Return the voltage change of a step in the expected direction, from first to last row.

    The fall of a step that only discharges, or the rise of a step that only charges; null for
    other steps.
    """
    import polars as pl

    positive, negative = pl.col("positive"), pl.col("negative")
    change = pl.col("end voltage") - pl.col("start voltage")
    discharges = (positive > 0) & (negative == 0)
    charges = (negative > 0) & (positive == 0)
    return pl.when(discharges).then(-change).when(charges).then(change).alias("way")


def _reversed(steps: pl.DataFrame) -> Iterator[ValidationIssue]:
    import polars as pl

    ways = steps.with_columns(_expected_change()).filter(pl.col("way").abs() >= _NEGLIGIBLE_CHANGE)
    wrong = ways.filter(pl.col("way") < 0)
    against = -float(wrong["way"].sum())
    agreeing = float(ways["way"].sum()) + against
    message = (
        "the current is reversed: positive current must discharge, yet the voltage {evidence};"
        " change the sign of the current"
    )
    if ways.height:
        if against > agreeing:
            yield _steps_issue(
                wrong,
                IssueCode.CURRENT_REVERSED,
                message.format(evidence=f"rises where it is positive, {against:.3g} V in all"),
                column=CURRENT,
                observed={"against": against, "agreeing": agreeing},
            )
        return
    along, opposite = float(steps["with"].sum()), -float(steps["against"].sum())
    if along > _MAJORITY * opposite and along > 0:
        yield ValidationIssue(
            code=IssueCode.CURRENT_REVERSED,
            severity="error",
            message=message.format(evidence="jumps up with it"),
            column=CURRENT,
            payload={"observed": {"against": along, "agreeing": opposite}},
        )


def _not_reset(
    steps: pl.DataFrame, cumulative: list[str], facts: dict[str, Any]
) -> Iterator[ValidationIssue]:
    import polars as pl

    for name in cumulative:
        flow = 2 * pl.col("before")
        if name not in CAPACITIES:
            flow = flow * pl.col("voltage before").fill_null(0.0)
        allowed = flow + _ROUNDING * (facts[f"largest {name}"] or 0.0)
        wrong = steps.filter(pl.col(f"first {name}").abs() > allowed)
        yield from _issue_if_any(
            wrong,
            IssueCode.NOT_RESET,
            f"{name!r} continues from the previous step: it must start at 0 in each step, so"
            " subtract its value at the end of the previous step",
            column=name,
            observed=wrong[f"first {name}"].head(_MOST_LISTED).to_list(),
        )


def _above_rated(steps: pl.DataFrame, rated: float) -> Iterator[ValidationIssue]:
    import polars as pl

    most = pl.max_horizontal("discharged", "charged")
    wrong = steps.filter(most > _MOST_OF_RATED * rated)
    observed = wrong.select(most).to_series().head(_MOST_LISTED).to_list()
    yield from _issue_if_any(
        wrong,
        IssueCode.ABOVE_RATED_CAPACITY,
        f"more than {_MOST_OF_RATED:g} times the rated {rated:g} A.h flow: is the current in mA, or"
        " the rated capacity that of another cell?",
        column=CURRENT,
        observed=observed,
        threshold=_MOST_OF_RATED * rated,
    )


def _few_points(steps: pl.DataFrame) -> Iterator[ValidationIssue]:
    import polars as pl

    yield from _issue_if_any(
        steps.filter(pl.col("rows") < _FEWEST_ROWS),
        IssueCode.FEW_POINTS,
        f"there are fewer than {_FEWEST_ROWS} rows",
        threshold=_FEWEST_ROWS,
    )


def _decreases(
    steps: pl.DataFrame, cumulative: list[str], facts: dict[str, Any]
) -> Iterator[ValidationIssue]:
    import polars as pl

    for name in cumulative:
        allowed = _ROUNDING * (facts[f"largest {name}"] or 0.0)
        wrong = steps.filter(pl.col(f"fall {name}") > allowed)
        yield from _issue_if_any(
            wrong,
            IssueCode.CUMULATIVE_DECREASES,
            f"{name!r} falls: are the rows in the wrong order, or is it not cumulative?",
            column=name,
            observed=wrong[f"fall {name}"].head(_MOST_LISTED).to_list(),
            threshold=allowed,
        )


def _mismatches(steps: pl.DataFrame, capacities: list[str]) -> Iterator[ValidationIssue]:
    import polars as pl

    for name in capacities:
        flowed = pl.col("discharged" if name.startswith("Discharge") else "charged")
        stated = pl.col(f"largest {name}")
        least = flowed * (1 - _MISMATCH)
        most = (flowed + pl.col("before")) * (1 + _MISMATCH)
        size = pl.max_horizontal(stated, flowed)
        wrong = steps.filter(~stated.is_between(least, most), size >= _SMALL_STEP * size.max())
        yield from _issue_if_any(
            wrong,
            IssueCode.CAPACITY_MISMATCH,
            f"{name!r} differs from the integral of the current by more than {_MISMATCH:.0%}: are"
            " its unit and that of the current right?",
            column=name,
            observed=wrong[f"largest {name}"].head(_MOST_LISTED).to_list(),
        )


def _gaps(steps: pl.DataFrame) -> Iterator[ValidationIssue]:
    import polars as pl

    def others(gap: str) -> pl.Expr:
        """Return the mean of the other intervals of a step."""
        return (pl.col("duration") - pl.col(gap)) / (pl.col("rows").cast(pl.Float64) - 2)

    is_hole = (
        (pl.col("rows") >= _HOLE_ROWS)
        & (pl.col("isolated") > _HOLE_FACTOR * others("isolated"))
        & (pl.col("isolated") >= _HOLE_SHARE * pl.col("duration"))
    )
    is_long = (
        (pl.col("rows") > 2)
        & (pl.col("longest") > _GAP)
        & (pl.col("longest") > _GAP_FACTOR * others("longest"))
    )
    holes = steps.filter(is_hole)
    yield from _issue_if_any(
        holes,
        IssueCode.TIME_GAP,
        f"rows are missing while current flows: up to {max(holes['isolated'], default=0):g} s pass"
        " between two rows, many times what passes beside them",
        column=TIME,
        observed=holes["isolated"].head(_MOST_LISTED).to_list(),
    )
    long = steps.filter(~is_hole, is_long)
    yield from _issue_if_any(
        long,
        IssueCode.TIME_GAP,
        "there is a long gap between two rows: are rows missing?",
        severity="warning",
        column=TIME,
        observed=long["longest"].head(_MOST_LISTED).to_list(),
        threshold=_GAP,
    )


def _wrong_ways(steps: pl.DataFrame) -> Iterator[ValidationIssue]:
    import polars as pl

    wrong = steps.with_columns(_expected_change()).filter(pl.col("way") < -_WRONG_DIRECTION)
    yield from _issue_if_any(
        wrong,
        IssueCode.STEP_VOLTAGE_DIRECTION,
        "the voltage rises on discharge or falls on charge",
        severity="warning",
        column=VOLTAGE,
        observed=wrong["way"].head(_MOST_LISTED).to_list(),
        threshold=-_WRONG_DIRECTION,
    )


def _mixed(steps: pl.DataFrame) -> Iterator[ValidationIssue]:
    import polars as pl

    less = pl.min_horizontal("discharged", "charged")
    yield from _issue_if_any(
        steps.filter(
            pl.col("positive") > 0,
            pl.col("negative") > 0,
            less >= _SMALL_PART * (pl.col("discharged") + pl.col("charged")),
        ),
        IssueCode.MIXED_DIRECTIONS,
        "the step both charges and discharges",
        severity="warning",
        column=CURRENT,
    )


def _issue_if_any(
    wrong: pl.DataFrame, code: IssueCode, message: str, **details: Any
) -> Iterator[ValidationIssue]:
    if wrong.height:
        yield _steps_issue(wrong, code, message, **details)


def _steps_issue(
    wrong: pl.DataFrame,
    code: IssueCode,
    message: str,
    *,
    severity: Severity = "error",
    column: str | None = None,
    **payload: Any,
) -> ValidationIssue:
    """Report the steps of a table, naming the first."""
    first = int(wrong[STEP][0])
    where = f"in step {first}"
    if wrong.height > 1:
        where = f"in {wrong.height} steps, the first of them step {first}"
    return ValidationIssue(
        code=code,
        severity=severity,
        message=f"{message}, {where}",
        row=int(wrong["row"][0]),
        step=first,
        column=column,
        payload={
            "count": wrong.height,
            "steps": wrong[STEP].head(_MOST_LISTED).cast(int).to_list(),
            **payload,
        },
    )
