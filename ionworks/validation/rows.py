"""Checks of each row and the one above it, in one pass over the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ionworks.data.column_units import look_alikes, named_unit, read_factor
from ionworks.errors import IssueCode, ValidationIssue
from ionworks.ucp.quantities import unit_in
from ionworks.validation.columns import (
    CUMULATIVE,
    CURRENT,
    CYCLE,
    KNOWN,
    MOST,
    REQUIRED,
    STEP,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    conversion_hint,
)

if TYPE_CHECKING:
    import polars as pl

    from ionworks.validation.check_options import CheckOptions

__all__ = ["column_issues", "row_facts", "row_issues"]

_START = 1e-6
"""Seconds up to which a start time counts as 0: rounding in exported files."""
_WINDOW_MARGIN = 0.05
"""Volts by which a voltage can leave the window: noise, and overshoot at the end of a step."""
_MILLIVOLTS = 100.0
_BEYOND_WINDOW = 100.0
_LARGEST_TEMPERATURE = 200.0
"""Voltage [V] of a cell of unknown limits, factor on a known limit, and temperature [degC] above
which a value has another unit."""

_COUNTED = (
    "client.cell_measurement.read_time_series(path) counts the changes of the cycler's step number"
)
_STEP_COUNT_RULE = "it counts the steps of the whole test from 0, and rises by one at each new step"


def column_issues(schema: pl.Schema) -> list[ValidationIssue]:
    """Check that the required columns exist and known columns are numeric."""
    issues = [
        ValidationIssue(
            code=IssueCode.MISSING_COLUMN,
            severity="error",
            message=f"the column {name!r} is missing; {_looks(name, schema)}"
            + (f". {_STEP_COUNT_RULE.capitalize()}" if name == STEP else ""),
            column=name,
            payload={"looks_like": look_alikes(name, schema)},
        )
        for name in REQUIRED
        if name not in schema
    ]
    return issues + [
        ValidationIssue(
            code=IssueCode.NOT_NUMERIC,
            severity="error",
            message=f"the column {name!r} contains {kind}, not numbers",
            column=name,
            payload={"observed": str(kind)},
        )
        for name, kind in schema.items()
        if name in KNOWN and not kind.is_numeric()
    ]


def _looks(name: str, schema: pl.Schema) -> str:
    """Say which column could be a missing one, else which columns there are."""
    alike = look_alikes(name, schema)
    cyclers = look_alikes("Step from cycler", schema) if name == STEP else []
    if cyclers and not alike:
        return (
            f"{cyclers[0]!r} looks like the cycler's own step number, which"
            " columns={" + f"{cyclers[0]!r}: 'Step from cycler'" + f"}} keeps; {_COUNTED}"
        )
    if name == STEP and "Step from cycler" in schema:
        return _COUNTED
    if not alike:
        return f"the table has {', '.join(map(repr, schema))}"
    unit, wanted = named_unit(alike[0], name).unit, unit_in(name)
    if not wanted:
        return f"{alike[0]!r} looks like it: pass " + f"columns={{{alike[0]!r}: {name!r}}}"
    if not unit:
        given = f"columns={{{alike[0]!r}: ({name!r}, {wanted!r})}} if it is in {wanted}"
        return f"{alike[0]!r} looks like it: pass {given}"
    factor, _ = read_factor(unit, name)
    effect = "" if factor == 1 else f", which converts {unit} to {wanted} (factor {factor:g})"
    return f"{alike[0]!r} looks like it: pass columns={{{alike[0]!r}: {name!r}}}{effect}"


class _Facts:
    """Named aggregate expressions, evaluated in one pass over the rows."""

    def __init__(self) -> None:
        self.expressions: list[pl.Expr] = []

    def value(self, name: str, expression: pl.Expr) -> None:
        self.expressions.append(expression.alias(name))

    def rows(self, name: str, condition: pl.Expr) -> None:
        """Add the number of rows that meet a condition, and the first of them."""
        import polars as pl

        self.value(f"{name} count", condition.sum())
        self.value(f"{name} row", pl.col("row").filter(condition).min())


def row_facts(rows: pl.LazyFrame, present: set[str], options: CheckOptions) -> dict[str, Any]:
    """Compute the aggregates that all checks need.

    Parameters
    ----------
    rows : polars.LazyFrame
        The known columns, with the row number as ``row``.
    present : set of str
        Names of the known columns that exist.
    options : CheckOptions
        Which checks to run.

    Returns
    -------
    dict
        The aggregates that `row_issues` reads, and the largest values that the checks of steps
        need.
    """
    import polars as pl

    facts = _Facts()
    facts.value("height", pl.len())
    time, step, cycle = pl.col(TIME), pl.col(STEP), pl.col(CYCLE)
    is_same_step = step == step.shift(1)
    for name in sorted(present):
        column = pl.col(name).cast(pl.Float64)
        facts.rows(f"unfit {name}", column.is_null() | ~column.is_finite().fill_null(value=False))
    for name in (CURRENT, *(present & {*CUMULATIVE})):
        column = pl.col(name).cast(pl.Float64)
        facts.value(f"largest {name}", column.filter(column.is_finite()).abs().max())
    facts.value("first time", time.first())
    facts.value("first step", step.first())
    facts.value("last voltage", pl.col(VOLTAGE).last())
    facts.rows("earlier", time < time.shift(1))
    facts.rows("fraction", step.cast(pl.Float64) != step.cast(pl.Float64).floor())
    facts.rows("jump", ~(step.cast(pl.Float64).diff().is_between(-0.5, 1.5)))
    facts.rows("fall", step.cast(pl.Float64).diff() < 0)
    if options.strict:
        facts.rows("same", (time == time.shift(1)) & is_same_step)
        facts.value("mV", (pl.col(VOLTAGE).abs() > _largest_voltage(options)).mean())
        if TEMPERATURE in present:
            facts.value("K", (pl.col(TEMPERATURE) > _LARGEST_TEMPERATURE).mean())
    if options.strict and CYCLE in present:
        facts.value("first cycle", cycle.first())
        facts.rows("cycle", ~(cycle.cast(pl.Float64).diff().is_in([0.0, 1.0])))
    if options.voltage_window is not None:
        lowest, highest = options.voltage_window
        voltage = pl.col(VOLTAGE).cast(pl.Float64)
        inside = voltage.is_between(lowest - _WINDOW_MARGIN, highest + _WINDOW_MARGIN)
        facts.rows("outside", ~inside & voltage.is_finite())
        facts.value("lowest", voltage.min())
        facts.value("highest", voltage.filter(voltage.is_finite()).max())
    found = rows.select(facts.expressions).collect(engine="streaming")
    return found.row(0, named=True)


def row_issues(facts: dict[str, Any], options: CheckOptions) -> Iterator[ValidationIssue]:
    """Yield the problems that the aggregates show."""
    if not facts["height"]:
        yield ValidationIssue(code=IssueCode.EMPTY, severity="error", message="there are no rows")
        return
    for name in (TIME, STEP):
        yield from _rows(
            facts, f"unfit {name}", IssueCode.MISSING_VALUE, name, f"{name!r} has no number"
        )
    if not options.is_extension:
        yield from _start_issues(facts)
    yield from _order_issues(facts)
    if options.voltage_window is not None:
        lowest, highest = options.voltage_window
        yield from _rows(
            facts,
            "outside",
            IssueCode.OUTSIDE_VOLTAGE_WINDOW,
            VOLTAGE,
            f"the voltage, from {facts['lowest']} to {facts['highest']} V, leaves the window of"
            f" {lowest:g} to {highest:g} V by more than {_WINDOW_MARGIN * 1e3:g} mV",
            observed=[facts["lowest"], facts["highest"]],
            threshold=[lowest - _WINDOW_MARGIN, highest + _WINDOW_MARGIN],
        )
    if options.strict:
        yield from _strict_issues(facts)


def _start_issues(facts: dict[str, Any]) -> Iterator[ValidationIssue]:
    time, step = facts["first time"], facts["first step"]
    if time is not None and abs(time) > _START:
        yield ValidationIssue(
            code=IssueCode.TIME_NOT_FROM_ZERO,
            severity="error",
            message=f"{TIME!r} starts at {time:g}, not at 0: subtract this value from all times",
            row=0,
            column=TIME,
            payload={"observed": time, "threshold": _START},
        )
    if step is not None and step != 0:
        yield ValidationIssue(
            code=IssueCode.STEP_COUNT_NOT_FROM_ZERO,
            severity="error",
            message=f"{STEP!r} starts at {step}, not at 0: {_STEP_COUNT_RULE}",
            row=0,
            column=STEP,
            payload={"observed": step},
        )


def _order_issues(facts: dict[str, Any]) -> Iterator[ValidationIssue]:
    yield from _rows(
        facts,
        "earlier",
        IssueCode.TIME_DECREASES,
        TIME,
        f"{TIME!r} is lower than in the row above: it must increase over the whole test",
    )
    yield from _rows(
        facts,
        "fraction",
        IssueCode.STEP_COUNT_NOT_WHOLE,
        STEP,
        f"{STEP!r} is not a whole number: {_STEP_COUNT_RULE}",
    )
    hint = "; put the cycler's step numbers into 'Step from cycler'"
    yield from _rows(
        facts,
        "jump",
        IssueCode.STEP_COUNT_NOT_SEQUENTIAL,
        STEP,
        f"{STEP!r} is neither equal to that of the row above nor one more: {_STEP_COUNT_RULE}"
        + (hint if facts["fall count"] else ""),
    )


def _strict_issues(facts: dict[str, Any]) -> Iterator[ValidationIssue]:
    for name in KNOWN:
        if name not in {TIME, STEP} and facts.get(f"unfit {name} count"):
            yield from _rows(
                facts, f"unfit {name}", IssueCode.NOT_FINITE, name, f"{name!r} has no finite number"
            )
    yield from _rows(
        facts,
        "same",
        IssueCode.DUPLICATE_ROW,
        TIME,
        "time and step count are equal to those of the row above",
    )
    if "first cycle" in facts:
        wanted = "it counts from 0 and rises by one"
        if facts["first cycle"]:
            yield ValidationIssue(
                code=IssueCode.CYCLE_COUNT,
                severity="error",
                message=f"{CYCLE!r} starts at {facts['first cycle']}, not at 0: {wanted}",
                row=0,
                column=CYCLE,
                payload={"observed": facts["first cycle"]},
            )
        yield from _rows(
            facts,
            "cycle",
            IssueCode.CYCLE_COUNT,
            CYCLE,
            f"{CYCLE!r} is neither equal to that of the row above nor one more: {wanted}",
        )
    for unit, column, unsuited in (("mV", VOLTAGE, "large"), ("K", TEMPERATURE, "high")):
        share = facts.get(unit)
        if share is not None and share >= MOST:
            yield ValidationIssue(
                code=IssueCode.IMPLAUSIBLE_UNIT,
                severity="error",
                message=f"most values of {column!r} are too {unsuited} for a cell: are they in"
                f" {unit}? {conversion_hint(column, unit)}",
                column=column,
                payload={"observed": share, "threshold": MOST, "unit": unit},
            )


def _largest_voltage(options: CheckOptions) -> float:
    """Return the voltage [V] above which values are not in V."""
    window = options.known_window
    return _MILLIVOLTS if window is None else _BEYOND_WINDOW * window[1]


def _rows(
    facts: dict[str, Any],
    name: str,
    code: IssueCode,
    column: str,
    message: str,
    **payload: Any,
) -> Iterator[ValidationIssue]:
    """Report the rows that meet a condition, if there are any."""
    count = facts[f"{name} count"]
    if not count:
        return
    first = facts[f"{name} row"]
    where = f"in row {first}" if count == 1 else f"in {count} rows, the first of them row {first}"
    yield ValidationIssue(
        code=code,
        severity="error",
        message=f"{message}, {where}",
        row=first,
        column=column,
        payload={"count": count, **payload},
    )
