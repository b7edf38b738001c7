"""Results of runs in the form users get: time series, steps and metrics."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.throughput import THROUGHPUT
from ionworks.engine.names import COLUMNS
from ionworks.engine.simulation.run import Run, StepRecord
from ionworks.engine.solver.amounts import AMOUNTS, throughput
from ionworks.ucp.step_table import CYCLE_COUNTERS, in_step_schema

_EXTREMES: Final = {
    f"{name} {quantity}": extreme
    for quantity in ("voltage [V]", "current [A]", "power [W]", "temperature [degC]")
    for name, extreme in (("Min", np.min), ("Max", np.max))
}
_SUMMARISED: Final = (
    "Duration [s]",
    *_EXTREMES,
    *AMOUNTS,
)
_RUN: Final = "_run"
_LEAST_SHARE: Final = 1e-5
"""Amount of one direction, relative to the other, below which there is no efficiency: the larger
one is not more accurate than that, so their ratio would say nothing."""


@frozen
class RunOutcome:
    """The result of one run.

    Attributes
    ----------
    id : str
        The id the run was given.
    time_series, steps : polars.DataFrame or None
        What was computed, up to the failure of a run that failed; None if there are no points.
    metrics : dict
        Numbers, and None where one is not defined.
    error, error_code : str or None
        Why the run failed: ``CONFIGURATION_ERROR``, ``SOLVER_ERROR`` or ``EXECUTION_TIMEOUT``.
    """

    id: str
    time_series: pl.DataFrame | None
    steps: pl.DataFrame | None
    metrics: dict[str, Any]
    error: str | None = None
    error_code: str | None = None


def outcomes(runs: Sequence[Run], extra_variables: Sequence[str]) -> Iterator[RunOutcome]:
    """Yield the outcomes of some runs.

    Their frames are built together and sliced: building a frame has a fixed cost, which would
    otherwise be larger than that of short runs.
    """
    some = [run for run in runs if run.records]
    if some:
        points = _Points.of([run.records for run in some])
        series, steps = time_series(points, extra_variables), steps_frame(points)
        columns = {name: steps[name].to_numpy() for name in ("Cycle count", *_SUMMARISED)}
    for run, place in zip(some, _places(some), strict=True):
        rows, lines = place
        summary = metrics({name: column[lines] for name, column in columns.items()})
        if run.notes:
            summary["notes"] = list(dict.fromkeys(run.notes))
        frames = (series[rows], steps[lines])
        yield RunOutcome(run.identifier, *frames, summary, run.error, run.error_code)
    for run in runs:
        if not run.records:
            yield RunOutcome(run.identifier, None, None, {}, run.error, run.error_code)


def _places(runs: Sequence[Run]) -> Iterator[tuple[slice, slice]]:
    """Yield the slices of the points and of the steps of each run."""
    point = step = 0
    for run in runs:
        points, steps = sum(len(record.times) for record in run.records), len(run.records)
        yield slice(point, point + points), slice(step, step + steps)
        point, step = point + points, step + steps


@frozen
class _Points:
    """The points of all steps of some runs, concatenated.

    Attributes
    ----------
    records : list of StepRecord
        The steps.
    runs : array, shape (steps,)
        For each step, the index of the first step of its run.
    first : array, shape (steps,)
        For each step, the index of its first point.
    lengths : array, shape (steps,)
    signals : array, shape (outputs, points)
    times : array, shape (points,)
        From the start of each step [s].
    capacities : array, shape (4, points)
        Discharged capacity, charged capacity, discharged energy and charged energy since the
        start of the step.
    """

    records: list[StepRecord]
    runs: Any
    first: Any
    lengths: Any
    signals: Floats
    times: Floats
    capacities: Floats

    @classmethod
    def of(cls, runs: Sequence[Sequence[StepRecord]]) -> "_Points":
        records = [record for run in runs for record in run]
        counts = np.array([len(run) for run in runs])
        lengths = np.array([len(record.times) for record in records])
        signals = np.concatenate([record.signals for record in records], axis=1)
        return cls(
            records,
            np.repeat(np.cumsum(counts) - counts, counts),
            np.cumsum(lengths) - lengths,
            lengths,
            signals,
            np.concatenate([record.times for record in records]),
            signals[2:6],
        )

    @property
    def counts(self) -> Any:
        """0-based number of each step in its run."""
        return np.arange(len(self.records)) - self.runs

    def each(self, values: Any) -> Any:
        """Return a value of each step repeated for all its points."""
        return np.repeat(np.asarray(values), self.lengths)

    def spread(self, values: Floats) -> dict[str, Floats]:
        """Return the values of a signal in each step that a table of steps has."""
        spacing = np.diff(self.times, append=0.0)
        last = self.first + self.lengths - 1
        # The trapezium behind the last point of a step would reach into the next step.
        spacing[last] = 0.0
        area = np.add.reduceat((values + np.roll(values, -1)) / 2 * spacing, self.first)
        duration = self.times[last] - self.times[self.first]
        lasting = duration > 0
        deviation = values - self.each(np.add.reduceat(values, self.first) / self.lengths)
        squares = np.add.reduceat(deviation**2, self.first)
        return {
            "Start": values[self.first],
            "End": values[last],
            "Min": np.minimum.reduceat(values, self.first),
            "Max": np.maximum.reduceat(values, self.first),
            "Mean": np.where(lasting, area / np.where(lasting, duration, 1), values[self.first]),
            "Std": np.sqrt(squares / np.maximum(self.lengths - 1, 1)),
        }


def time_series(points: _Points, extra_variables: Sequence[str]) -> pl.DataFrame:
    """Build the frame of the saved points of some runs.

    Returns
    -------
    polars.DataFrame
        `COLUMNS` and the extra variables; counts are Int64, all others Float64. A step starts at
        the time the previous one ended, so that time occurs twice. ``Step capacity [A.h]`` is
        discharge minus charge since the start of the step, ``Capacity [A.h]`` since that of the
        run.
    """
    records, signals, capacities = points.records, points.signals, points.capacities
    before = np.array([record.before for record in records])
    totals = throughput(capacities.T + np.repeat(before, points.lengths, axis=0)).T
    columns = dict(
        zip(
            COLUMNS,
            (
                points.times + points.each([record.start for record in records]),
                signals[0],
                signals[1],
                signals[6],
                points.each(points.counts),
                points.each([record.cycle for record in records]),
                *capacities,
                capacities[0] - capacities[1],
                totals[0],
            ),
            strict=True,
        )
    )
    recorded = iter(signals[7:])
    for name in extra_variables:
        columns[name] = totals[THROUGHPUT.index(name)] if name in THROUGHPUT else next(recorded)
    return pl.DataFrame(columns)


def steps_frame(points: _Points) -> pl.DataFrame:
    """Build the frame of the steps of some runs, one row per executed step.

    Returns
    -------
    polars.DataFrame
        The columns of `ionworks.ucp.step_table`. ``Start index`` and ``End index`` are rows of the
        run's time series, both inclusive. Means are weighted by time.
    """
    records, (voltage, current) = points.records, points.signals[:2]
    first, last = points.first, points.first + points.lengths - 1
    start = np.array([record.start for record in records])
    capacities = points.capacities[:, last]
    frame = pl.DataFrame(
        {
            _RUN: points.runs,
            "Step count": points.counts,
            "Cycle count": np.array([record.cycle for record in records]),
            "Step type": [record.step.step_type for record in records],
            "Label": [record.step.label for record in records],
            "Duration [s]": points.times[last],
            "Start time [s]": start,
            "End time [s]": start + points.times[last],
            "Start index": first - first[points.runs],
            "End index": last - first[points.runs],
            **{
                f"{name} {quantity}": values
                for quantity, signal in (
                    ("voltage [V]", voltage),
                    ("current [A]", current),
                    ("power [W]", voltage * current),
                    ("temperature [degC]", points.signals[6]),
                )
                for name, values in points.spread(signal).items()
            },
            **dict(zip(AMOUNTS, capacities, strict=True)),
            "Delta capacity [A.h]": capacities[0] - capacities[1],
            "Delta energy [W.h]": capacities[2] - capacities[3],
            "Termination": [record.termination for record in records],
        },
        schema_overrides={"Label": pl.String},
    )
    sums = (
        pl.col(name).sum().over(_RUN, "Cycle count").alias(total)
        for name, total in CYCLE_COUNTERS.items()
    )
    return in_step_schema(frame.with_columns(sums))


def metrics(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Summarise a run: totals, extremes, efficiencies, and the same per cycle.

    Parameters
    ----------
    columns : mapping of str to array, shape (steps,)
        ``Cycle count`` and the summarised columns of the steps.

    Returns
    -------
    dict
        Numbers; None for an efficiency without charge or discharge. ``Cycles`` is a list of
        dicts, one per cycle.
    """
    counts = columns["Cycle count"]
    cycles = [
        {"Cycle count": int(count), **_totals(columns, counts == count)}
        for count in np.unique(counts)
    ]
    return {
        **_totals(columns, counts >= 0),
        "Number of steps": len(counts),
        "Number of cycles": len(cycles),
        "Cycles": cycles,
    }


def _totals(columns: Mapping[str, Any], rows: Any) -> dict[str, float | None]:
    discharge, charge, energy_out, energy_in = sums = [
        float(columns[name][rows].sum()) for name in AMOUNTS
    ]
    return {
        "Duration [s]": float(columns["Duration [s]"][rows].sum()),
        **dict(zip(AMOUNTS, sums, strict=True)),
        **{name: float(extreme(columns[name][rows])) for name, extreme in _EXTREMES.items()},
        "Coulombic efficiency": _ratio(discharge, charge),
        "Energy efficiency": _ratio(energy_out, energy_in),
    }


def _ratio(out: float, into: float) -> float | None:
    return out / into if min(out, into) > _LEAST_SHARE * max(out, into) else None
