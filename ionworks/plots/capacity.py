"""Plots over capacity: voltage curves with rest potentials, and their derivative dQ/dV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from ionworks.plots.quantities import Floats, Table, column, columns, scale_of
from ionworks.plots.style import DATA, Grades, new_axes
from ionworks.plots.time_series import CYCLE, STEP, TIME, Range, selected

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["incremental_capacity", "plot_dqdv", "plot_ocv"]

VOLTAGE: Final = "Voltage [V]"
CAPACITY: Final = "Capacity [A.h]"
CURRENT: Final = "Current [A]"
_SECONDS_PER_HOUR: Final = 3600.0
_LEAST_SHARE: Final = 0.1
"""Charge of a step, relative to the largest, below which dQ/dV leaves it out."""
_RESTING: Final = 1e-3
"""Charge of a step, relative to the largest, below which the cell rests."""
_FEWEST_INTERVALS: Final = 5
_TOLERANCE: Final = 0.1
"""Difference of the charge of a step, relative to the largest, up to which a stored capacity is
that of the current: a cycler integrates more points than it stores."""


@attrs.frozen(eq=False)
class _Step:
    """One step: net discharged capacity since the start [A.h] and voltage [V] of its points."""

    number: int
    cycle: int
    capacities: Floats
    voltages: Floats

    @property
    def moved(self) -> float:
        """Discharged capacity; negative on charge."""
        return float(self.capacities[-1] - self.capacities[0])


def plot_ocv(
    time_series: Table,
    *,
    step_range: Range | None = None,
    cycle_range: Range | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Plot the voltage over the capacity, and the voltages at which rests end.

    The lines of a slow discharge and charge, and the points of a titration with rests (GITT),
    approximate the open-circuit voltage. Charges are dashed.

    Parameters
    ----------
    time_series : polars.DataFrame, pandas.DataFrame or mapping
        One row per time point, with ``Voltage [V]``, and ``Capacity [A.h]``, discharged minus
        charged, or ``Time [s]`` and ``Current [A]``, which is integrated. With all of them, the
        current is integrated if the capacity does not agree with it, for example because it
        restarts with each step.
    step_range, cycle_range : int or tuple of int, optional
        First and last ``Step count`` or ``Cycle count`` to plot, both included.
    axes : Axes, optional
        Where to plot; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column does not exist, or a range selects no rows.
    """
    steps = [*_steps(time_series, step_range, cycle_range)]
    plot = new_axes()[0] if axes is None else axes
    everything = np.concatenate([each.capacities for each in steps])
    scale = scale_of(CAPACITY, everything - everything[0], plot.get_xlabel())
    grades = Grades(CYCLE, [each.cycle for each in steps])
    largest = max(abs(each.moved) for each in steps)
    rests = []
    for each in steps:
        if abs(each.moved) <= _RESTING * largest < largest:
            rests.append(each)
            continue
        plot.plot(
            (each.capacities - everything[0]) * scale.factor,
            each.voltages,
            "-" if each.moved > 0 else "--",
            color=grades.color(each.cycle),
            linewidth=1.2,
        )
    if rests:
        plot.plot(
            [(each.capacities[-1] - everything[0]) * scale.factor for each in rests],
            [each.voltages[-1] for each in rests],
            "o",
            color=DATA,
            markersize=4,
            label="end of a rest",
        )
        plot.legend(frameon=False, fontsize=9, loc="lower left")
    plot.set(xlabel=scale.label, ylabel=VOLTAGE)
    if len(grades.values) > 1:
        _explain(plot, grades)
    return plot


def plot_dqdv(
    time_series: Table,
    *,
    resolution: float = 0.01,
    step_range: Range | None = None,
    cycle_range: Range | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Plot the incremental capacity dQ/dV over the voltage, charge above and discharge below zero.

    Parameters
    ----------
    time_series : polars.DataFrame, pandas.DataFrame or mapping
        As of `plot_ocv`.
    resolution : float, optional
        Width of the intervals of voltage [V] in which the charge is counted; wider ones smooth
        more.
    step_range, cycle_range : int or tuple of int, optional
        First and last ``Step count`` or ``Cycle count`` to plot, both included. Steps that move
        less than a tenth of the charge of the largest are left out, as are those that span fewer
        than five intervals, such as a constant voltage.
    axes : Axes, optional
        Where to plot; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column does not exist, or no step has such a curve.
    """
    if not resolution > 0:
        raise ValueError(f"resolution must be a voltage above 0 [V], not {resolution!r}")
    steps = [*_steps(time_series, step_range, cycle_range)]
    largest = max(abs(each.moved) for each in steps)
    curves = [
        (each, incremental_capacity(each.capacities, each.voltages, resolution))
        for each in steps
        if largest > 0
        and abs(each.moved) >= _LEAST_SHARE * largest
        and np.ptp(each.voltages) >= _FEWEST_INTERVALS * resolution
    ]
    if not curves:
        raise ValueError(
            f"no step has a curve of dQ/dV: none moves charge over {_FEWEST_INTERVALS} intervals of"
            f" {resolution:g} V or more; give a smaller resolution, or other steps"
        )
    plot = new_axes()[0] if axes is None else axes
    grades = Grades(STEP, [each.number for each, _ in curves])
    for each, (voltages, densities) in curves:
        plot.plot(
            voltages,
            densities,
            color=grades.color(each.number),
            linestyle=grades.line_style(each.number),
            linewidth=1.2,
        )
    plot.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    plot.set(xlabel=VOLTAGE, ylabel="dQ/dV [A\u00b7h/V], charge > 0")
    _explain(plot, grades)
    return plot


def incremental_capacity(
    capacities: Floats, voltages: Floats, resolution: float
) -> tuple[Floats, Floats]:
    """Return the middles of voltage intervals [V], and dQ/dV in them [A.h/V].

    The charge that passes between two voltages is counted, which needs no derivative of noisy data.
    Where the voltage runs back, as noise makes it, the charge counts at the voltage reached before.

    Parameters
    ----------
    capacities : array
        Discharged capacity of the points of one step [A.h].
    voltages : array
        Their voltages [V].
    resolution : float
        Width of the intervals [V].

    Returns
    -------
    tuple of array
        dQ/dV is positive on charge and negative on discharge.
    """
    charged = capacities[-1] < capacities[0]
    # From here on the voltage does not decrease, and charge is added to the cell.
    rising = np.maximum.accumulate(voltages if charged else voltages[::-1])
    inside = -capacities if charged else -capacities[::-1]
    # At the end of a plateau all of its charge has passed.
    keep = np.append(np.diff(rising) > 0, True)
    # Whole multiples of the resolution, so that curves of several steps have the same intervals.
    first, last = np.ceil(rising[0] / resolution), np.floor(rising[-1] / resolution)
    edges = np.arange(first, last + 1) * resolution
    charge = np.interp(edges, rising[keep], inside[keep])
    density = np.diff(charge) / resolution
    return (edges[:-1] + edges[1:]) / 2, density if charged else -density


def _steps(
    time_series: Table, step_range: Range | None, cycle_range: Range | None
) -> Iterator[_Step]:
    rows = selected(time_series, step_range, cycle_range)
    voltages, capacities = column(time_series, VOLTAGE), _capacities(time_series)
    rows &= np.isfinite(voltages) & np.isfinite(capacities)
    if not rows.any():
        raise ValueError(f"no row has values of {VOLTAGE!r} and of the capacity")
    numbers, cycles = _counts(time_series, STEP, rows), _counts(time_series, CYCLE, rows)
    voltages, capacities = voltages[rows], capacities[rows]
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1) != 0)
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        yield _Step(
            int(numbers[start]), int(cycles[start]), capacities[start:end], voltages[start:end]
        )


def _counts(time_series: Table, name: str, rows: NDArray[np.bool_]) -> Floats:
    """Return the numbers of steps or cycles; without the column all rows are number 0."""
    if name not in columns(time_series):
        return np.zeros(int(rows.sum()))
    return column(time_series, name)[rows]


def _capacities(time_series: Table) -> Floats:
    """Return the net discharged capacity since the start [A.h].

    A column of this name in uploaded data can also restart with each step, or be positive on
    charge. So it is used only if it agrees with the current.
    """
    stored = column(time_series, CAPACITY) if CAPACITY in columns(time_series) else None
    if stored is not None and not {TIME, CURRENT}.issubset(columns(time_series)):
        return stored
    integrated = _integrated(column(time_series, TIME), column(time_series, CURRENT))
    if stored is None:
        return integrated
    steps = _counts(time_series, STEP, np.ones(len(stored), dtype=bool))
    return stored if _agree(stored, integrated, steps) else integrated


def _integrated(seconds: Floats, current: Floats) -> Floats:
    """Integrate the current [A.h] from its first to its last value; NaN where it is missing."""
    known = np.isfinite(seconds) & np.isfinite(current)
    hours, amperes = seconds[known] / _SECONDS_PER_HOUR, current[known]
    pieces = np.diff(hours) * (amperes[:-1] + amperes[1:]) / 2
    found = np.full(len(seconds), np.nan)
    found[known] = np.cumsum(np.concatenate([np.zeros(min(len(hours), 1)), pieces]))
    return found


def _agree(stored: Floats, integrated: Floats, steps: Floats) -> bool:
    """Whether the two capacities change alike in and between all steps.

    Their errors are not added up over many cycles.
    """
    known = np.isfinite(stored) & np.isfinite(integrated)
    stored, integrated, steps = stored[known], integrated[known], steps[known]
    if not len(steps):
        return True
    begins = np.flatnonzero(np.diff(steps) != 0) + 1
    places = np.unique([0, *begins - 1, *begins, len(steps) - 1])
    expected = np.diff(integrated[places])
    difference = np.abs(np.diff(stored[places]) - expected)
    return bool(np.all(difference <= _TOLERANCE * np.abs(expected).max(initial=0.0)))


def _explain(plot: Axes, grades: Grades) -> None:
    """Explain the colours beside a legend that the plot has already."""
    present = plot.get_legend()
    grades.explain([plot], with_styles=grades.name != CYCLE)
    if present is not None and plot.get_legend() is not present:
        plot.add_artist(present)
