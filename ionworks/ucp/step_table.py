"""The table of steps: one schema for simulated and measured steps.

A table has one row per executed step and all columns of `STEP_COLUMNS`, in this order, whoever
made it; a column that does not apply is null. ``docs/measurements.md`` defines the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    import polars as pl

DataKind: TypeAlias = Literal["count", "number", "text"]

COUNTERS: Final = (
    "Discharge capacity [A.h]",
    "Charge capacity [A.h]",
    "Discharge energy [W.h]",
    "Charge energy [W.h]",
)
"""Amounts that flowed since the start of the step."""

CYCLE_COUNTERS: Final = {name: f"Cycle {name[0].lower()}{name[1:]}" for name in COUNTERS}
"""Amounts of a step -> the columns with their sums over the cycle of the step."""

LEAST_SHARE: Final = 1e-2
"""Amount of one direction, relative to the other, below which a measurement has no efficiency: the
noise of the current in a long rest flows in both directions, but is no charge."""

_EVERY: Final = ("Start", "End", "Min", "Max", "Mean", "Std")
STATISTICS: Final[dict[str, tuple[str, ...]]] = {
    "voltage [V]": _EVERY,
    "current [A]": _EVERY,
    "power [W]": _EVERY,
    "frequency [Hz]": _EVERY[2:],
    "temperature [degC]": _EVERY[2:5],
}
"""Signals, and the statistics of each that a step has."""

STEP_COLUMNS: Final[dict[str, DataKind]] = {
    "Step count": "count",
    "Cycle count": "count",
    "Step type": "text",
    "Label": "text",
    "Group number": "number",
    "Step from cycler": "number",
    "Cycle from cycler": "number",
    "Start index": "count",
    "End index": "count",
    "Start time [s]": "number",
    "End time [s]": "number",
    "Duration [s]": "number",
    **{f"{word} {signal}": "number" for signal, words in STATISTICS.items() for word in words},
    **dict.fromkeys(COUNTERS, "number"),
    "Delta capacity [A.h]": "number",
    "Delta energy [W.h]": "number",
    **dict.fromkeys(CYCLE_COUNTERS.values(), "number"),
    "Termination": "text",
}
"""Columns of the table, in order, and what they hold.

The label, the group and the numbers of the cycler are copied from the rows of a measurement as
they are, so their type can differ if they are present.
"""

REST: Final = "Rest"
EIS: Final = "EIS"
DRIVE_CYCLE: Final = "Drive cycle"
WAVEFORM: Final = "Waveform"
UNKNOWN: Final = "Unknown step type"

HELD_SIGNALS: Final = ("current", "voltage", "power", "resistance")
"""What a cycler can hold constant."""


def held_step_type(held: str, way: str) -> str:
    """Return the type of a step that holds a signal: ``Constant current discharge``."""
    return f"Constant {held} {way}"


STEP_TYPES: Final = (
    REST,
    *(held_step_type(held, way) for held in HELD_SIGNALS for way in ("charge", "discharge")),
    DRIVE_CYCLE,
    WAVEFORM,
    EIS,
    UNKNOWN,
)
"""All values of ``Step type``."""


def in_step_schema(steps: pl.DataFrame) -> pl.DataFrame:
    """Return steps with the columns of `STEP_COLUMNS` only, in order; missing ones are null."""
    import polars as pl

    kinds = {"count": pl.Int64, "number": pl.Float64, "text": pl.String}
    return steps.select(
        pl.col(name) if name in steps.columns else pl.lit(None, kinds[kind]).alias(name)
        for name, kind in STEP_COLUMNS.items()
    )
