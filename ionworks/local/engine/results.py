"""What a run produced: its points, its steps and its metrics, as users get them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.program import Step

CAPACITY_COLUMNS: Final = (
    "Discharge capacity [A.h]",
    "Charge capacity [A.h]",
    "Discharge energy [W.h]",
    "Charge energy [W.h]",
)
COLUMNS: Final = (
    "Time [s]",
    "Voltage [V]",
    "Current [A]",
    "Temperature [degC]",
    "Step count",
    "Cycle count",
    *CAPACITY_COLUMNS,
    "Step capacity [A.h]",
    "Capacity [A.h]",
)
"""Columns of every time series; extra variables come after them."""

_SUMMARISED: Final = (
    "Duration [s]",
    "Min voltage [V]",
    "Max voltage [V]",
    "Min temperature [degC]",
    "Max temperature [degC]",
    *CAPACITY_COLUMNS,
)
_NOTHING: Final = 1e-12
"""Capacities [A.h] and energies [W.h] below this are rounding of the two that make them."""


@frozen
class StepRecord:
    """One executed step.

    Attributes
    ----------
    step : Step
        What was asked for.
    start : float
        When it started, from the start of the run [s].
    times : array, shape (points,)
        From the start of the step [s].
    signals : array, shape (outputs, points)
        Voltage, current, net and total capacity, net and total energy, temperature, extras.
    throughput : array, shape (4,)
        The capacities and energies the step started with.
    termination : str
        What ended it.
    cycle : int
        0-based cycle it belongs to.
    """

    step: Step
    start: float
    times: Floats
    signals: Floats
    throughput: Floats
    termination: str
    cycle: int

    def capacities(self) -> Floats:
        """Return discharged and charged capacity and energy since the start, (4, points).

        The model counts a net amount :math:`d - c` and a total :math:`d + c`.
        """
        passed = self.signals[2:6] - self.throughput[:, None]
        net, total = passed[0::2], passed[1::2]
        both = np.stack([total + net, total - net], axis=1) / 2
        return np.where(both < _NOTHING, 0.0, both).reshape(4, -1)


@frozen
class RunOutcome:
    """The result of one run.

    Attributes
    ----------
    id : str
        The run's own.
    time_series, steps : polars.DataFrame or None
        What was computed, also of a run that failed; None when that is nothing.
    metrics : dict
        Plain numbers, and None where there is none.
    error, error_code : str or None
        Why the run failed: ``CONFIGURATION_ERROR``, ``SOLVER_ERROR`` or ``EXECUTION_TIMEOUT``.
    """

    id: str
    time_series: pl.DataFrame | None
    steps: pl.DataFrame | None
    metrics: dict[str, Any]
    error: str | None = None
    error_code: str | None = None


def outcome(
    identifier: str,
    records: Sequence[StepRecord],
    extra_variables: Sequence[str],
    *,
    notes: Sequence[str] = (),
    error: str | None = None,
    error_code: str | None = None,
) -> RunOutcome:
    """Build the outcome of a run from the steps it executed."""
    if not records:
        return RunOutcome(identifier, None, None, {}, error, error_code)
    series = time_series(records, extra_variables)
    steps = steps_frame(records)
    summary = metrics(steps)
    if notes:
        summary["notes"] = list(notes)
    return RunOutcome(identifier, series, steps, summary, error, error_code)


def time_series(records: Sequence[StepRecord], extra_variables: Sequence[str]) -> pl.DataFrame:
    """Build the frame of saved points.

    Returns
    -------
    polars.DataFrame
        `COLUMNS` and the extra variables; counts are Int64, all others Float64. A step starts
        at the time the one before it ended, so that time stands twice. ``Step capacity [A.h]`` is
        discharge minus charge since the step began, ``Capacity [A.h]`` the same since the run did.
    """
    lengths = [len(record.times) for record in records]
    signals = np.concatenate([record.signals for record in records], axis=1)
    capacities = np.concatenate([record.capacities() for record in records], axis=1)
    counts = np.repeat(np.arange(len(records), dtype=np.int64), lengths)
    cycles = np.repeat(np.array([record.cycle for record in records], np.int64), lengths)
    times = np.concatenate([record.start + record.times for record in records])
    columns = dict(
        zip(
            COLUMNS,
            (
                times,
                signals[0],
                signals[1],
                signals[6],
                counts,
                cycles,
                *capacities,
                capacities[0] - capacities[1],
                signals[2] - records[0].throughput[0],
            ),
            strict=True,
        )
    )
    for name, values in zip(extra_variables, signals[7:], strict=True):
        columns.setdefault(name, values)
    return pl.DataFrame(columns)


def steps_frame(records: Sequence[StepRecord]) -> pl.DataFrame:
    """Build the frame of steps, one row per executed step.

    Returns
    -------
    polars.DataFrame
        ``Start index`` and ``End index`` are rows of the time series, both inclusive. Means are
        over time.
    """
    voltage, current, temperature = (
        _spread([record.signals[row] for record in records], records) for row in (0, 1, 6)
    )
    starts, ends = (np.array([record.signals[0, place] for record in records]) for place in (0, -1))
    lengths = np.array([len(record.times) for record in records])
    first = np.cumsum(lengths) - lengths
    start = np.array([record.start for record in records])
    duration = np.array([record.times[-1] for record in records])
    capacities = np.array([record.capacities()[:, -1] for record in records]).T
    return pl.DataFrame(
        {
            "Step count": np.arange(len(records), dtype=np.int64),
            "Cycle count": np.array([record.cycle for record in records], np.int64),
            "Step type": [record.step.step_type for record in records],
            "Label": [record.step.label for record in records],
            "Duration [s]": duration,
            "Start time [s]": start,
            "End time [s]": start + duration,
            "Start voltage [V]": starts,
            "End voltage [V]": ends,
            "Start index": first,
            "End index": first + lengths - 1,
            **{f"{name} voltage [V]": values for name, values in voltage.items()},
            **{f"{name} current [A]": values for name, values in current.items()},
            **{f"{name} temperature [degC]": values for name, values in temperature.items()},
            **dict(zip(CAPACITY_COLUMNS, capacities, strict=True)),
            "Delta capacity [A.h]": capacities[0] - capacities[1],
            "Delta energy [W.h]": capacities[2] - capacities[3],
            "Termination": [record.termination for record in records],
        },
        schema_overrides={"Label": pl.String},
    )


def _spread(parts: Sequence[Floats], records: Sequence[StepRecord]) -> dict[str, Floats]:
    """Return the extremes of a signal in each step, and its mean over time."""
    means = []
    for values, record in zip(parts, records, strict=True):
        times = record.times
        duration = times[-1] - times[0]
        means.append(np.trapezoid(values, times) / duration if duration > 0 else values[0])
    return {
        "Min": np.array([values.min() for values in parts]),
        "Max": np.array([values.max() for values in parts]),
        "Mean": np.array(means),
    }


def metrics(steps: pl.DataFrame) -> dict[str, Any]:
    """Summarise a run: totals, extremes, efficiencies, and the same per cycle.

    Returns
    -------
    dict
        Plain numbers; None where a ratio has no meaning. ``Cycles`` is a list of dicts.
    """
    columns = {name: steps[name].to_numpy() for name in ("Cycle count", *_SUMMARISED)}
    counts = columns["Cycle count"]
    cycles = [
        {"Cycle count": int(count), **_totals(columns, counts == count)}
        for count in np.unique(counts)
    ]
    return {
        **_totals(columns, counts >= 0),
        "Number of steps": steps.height,
        "Number of cycles": len(cycles),
        "Cycles": cycles,
    }


def _totals(columns: dict[str, Any], rows: Any) -> dict[str, float | None]:
    discharge, charge, energy_out, energy_in = sums = [
        float(columns[name][rows].sum()) for name in CAPACITY_COLUMNS
    ]
    return {
        "Duration [s]": float(columns["Duration [s]"][rows].sum()),
        **dict(zip(CAPACITY_COLUMNS, sums, strict=True)),
        **{
            f"{extreme} {name}": float(of(columns[f"{extreme} {name}"][rows]))
            for name in ("voltage [V]", "temperature [degC]")
            for extreme, of in (("Min", np.min), ("Max", np.max))
        },
        "Coulombic efficiency": _ratio(discharge, charge),
        "Energy efficiency": _ratio(energy_out, energy_in),
    }


def _ratio(out: float, into: float) -> float | None:
    return out / into if out > 0 and into > 0 else None
