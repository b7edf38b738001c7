"""Results of runs in the form users get: time series, steps and metrics."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from attrs import frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.throughput import THROUGHPUT
from ionworks.engine.names import COLUMNS
from ionworks.engine.simulation.run import Run, StepRecord
from ionworks.engine.solver.amounts import AMOUNTS, throughput
from ionworks.ucp.metric_columns import CYCLE_COUNT, CYCLES, metrics_of
from ionworks.ucp.step_table import CYCLE_COUNTERS, in_step_schema

_EXTREMES: Final = {
    f"{name} {quantity}": extreme
    for quantity in ("voltage [V]", "current [A]", "power [W]", "temperature [degC]")
    for name, extreme in (("Min", np.minimum), ("Max", np.maximum))
}
_DURATION: Final = "Duration [s]"
_RUN: Final = "_run"
_LEAST_SHARE: Final = 1e-5
"""Amount of one direction, relative to the other, below which there is no efficiency: the larger
one is not more accurate than that, so their ratio would say nothing."""

Error: TypeAlias = tuple[str, str]
"""The code and the message of a failure."""


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


@frozen(eq=False)
class RunGroup:
    """The results of runs that ended together, in common tables.

    Attributes
    ----------
    ids : list of str
        The ids the runs were given, in the order of their rows.
    errors : list of (str, str) or None
        For each run, the code and the message of its failure; None if it did not fail.
    notes : list of list of str
        Remarks of each run.
    points, step_counts : array, shape (runs,)
        How many rows of the tables each run has.
    time_series, steps : polars.DataFrame or None
        The rows of all runs, one run after the other, up to the failure of those that failed. None
        if the runs have no points.
    metrics : dict
        Columns, see `ionworks.ucp.metric_columns`; empty if the runs have no points.
    """

    ids: list[str]
    errors: list[Error | None]
    notes: list[list[str]]
    points: Any
    step_counts: Any
    time_series: pl.DataFrame | None
    steps: pl.DataFrame | None
    metrics: dict[str, Any]

    @classmethod
    def without_points(cls, ids: Sequence[str], errors: Sequence[Error | None]) -> "RunGroup":
        """Return a group of runs of which nothing was computed."""
        zeros = np.zeros(len(ids), dtype=int)
        return cls([*ids], [*errors], [[] for _ in ids], zeros, zeros, None, None, {})

    def outcomes(self) -> Iterator[RunOutcome]:
        """Yield the results of the runs one by one."""
        point = step = 0
        for place, identifier in enumerate(self.ids):
            code, message = self.errors[place] or (None, None)
            if self.time_series is None or self.steps is None:
                yield RunOutcome(identifier, None, None, {}, message, code)
                continue
            points, steps = int(self.points[place]), int(self.step_counts[place])
            metrics = metrics_of(self.metrics, place)
            if self.notes[place]:
                metrics["notes"] = self.notes[place]
            frames = self.time_series.slice(point, points), self.steps.slice(step, steps)
            yield RunOutcome(identifier, *frames, metrics, message, code)
            point, step = point + points, step + steps


def groups(runs: Sequence[Run], extra_variables: Sequence[str]) -> Iterator[RunGroup]:
    """Yield the results of some runs: of those with points together, and of the others."""
    some = [run for run in runs if run.records]
    if some:
        points = _Points.of([run.records for run in some])
        steps = steps_frame(points)
        counts = np.array([len(run.records) for run in some])
        yield RunGroup(
            [run.identifier for run in some],
            [_error(run) for run in some],
            [list(dict.fromkeys(run.notes)) for run in some],
            np.add.reduceat(points.lengths, np.cumsum(counts) - counts),
            counts,
            time_series(points, extra_variables),
            steps,
            metrics(steps, counts),
        )
    others = [run for run in runs if not run.records]
    if others:
        yield RunGroup.without_points(
            [run.identifier for run in others], [_error(run) for run in others]
        )


def _error(run: Run) -> Error | None:
    return None if run.error is None else (str(run.error_code), run.error)


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


def metrics(steps: pl.DataFrame, counts: Any) -> dict[str, Any]:
    """Summarise runs: totals, extremes, efficiencies, and the same for each cycle.

    Parameters
    ----------
    steps : polars.DataFrame
        The steps of all runs, one run after the other.
    counts : array, shape (runs,)
        How many steps each run has, at least one.

    Returns
    -------
    dict
        Columns, see `ionworks.ucp.metric_columns`; None for an efficiency without charge or
        discharge.
    """
    columns = {name: steps[name].to_numpy() for name in (_DURATION, *_EXTREMES, *AMOUNTS)}
    runs = np.repeat(np.arange(len(counts)), counts)
    cycles = steps[CYCLE_COUNT].to_numpy()
    order = np.lexsort((cycles, runs))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (np.diff(runs[order]) != 0) | (np.diff(cycles[order]) != 0)
    first = np.flatnonzero(is_first)
    of_run = np.bincount(runs[order][first])
    found = {CYCLE_COUNT: cycles[order][first].tolist()}
    found |= _totals({name: values[order] for name, values in columns.items()}, first)
    return {
        **_totals(columns, np.cumsum(counts) - counts),
        "Number of steps": counts.tolist(),
        "Number of cycles": of_run.tolist(),
        CYCLES: {name: _by_run(name, values, of_run.tolist()) for name, values in found.items()},
    }


def _totals(columns: Mapping[str, Any], first: Any) -> dict[str, list[float | None]]:
    """Return the totals of parts of some steps, which begin at the indexes ``first``."""
    discharge, charge, energy_out, energy_in = sums = [
        np.add.reduceat(columns[name], first) for name in AMOUNTS
    ]
    found = {
        _DURATION: np.add.reduceat(columns[_DURATION], first),
        **dict(zip(AMOUNTS, sums, strict=True)),
        **{name: extreme.reduceat(columns[name], first) for name, extreme in _EXTREMES.items()},
    }
    return {
        **{name: values.tolist() for name, values in found.items()},
        "Coulombic efficiency": _ratios(discharge, charge),
        "Energy efficiency": _ratios(energy_out, energy_in),
    }


def _ratios(out: Any, into: Any) -> list[float | None]:
    is_defined = np.minimum(out, into) > _LEAST_SHARE * np.maximum(out, into)
    ratios = np.divide(out, into, where=is_defined, out=np.zeros_like(out)).tolist()
    return [
        ratio if defined else None
        for ratio, defined in zip(ratios, is_defined.tolist(), strict=True)
    ]


def _by_run(name: str, values: list[Any], counts: Sequence[int]) -> list[list[Any] | None]:
    """Return the values of cycles as a list for each run; None where they are those of the run."""
    found: list[list[Any] | None] = []
    start = 0
    for count in counts:
        is_written = count != 1 or name == CYCLE_COUNT
        found.append(values[start : start + count] if is_written else None)
        start += count
    return found
