"""Plots of a time series: the signals of a simulation or a measurement, with its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ionworks.doe.scalars import whole_range
from ionworks.plots.quantities import Floats, Table, column, columns, scale_of, widen
from ionworks.plots.style import Grades, legend_beside, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CYCLE", "SIGNALS", "STEP", "TIME", "Range", "plot_time_series", "selected"]

By: TypeAlias = Literal["step", "cycle"]
Range: TypeAlias = int | tuple[int, int]
"""First and last step or cycle, both included, or a single one."""

SIGNALS: Final = ("Voltage [V]", "Current [A]", "Temperature [degC]")
"""What is plotted unless other columns are requested; each if it exists."""

TIME: Final = "Time [s]"
STEP: Final = "Step count"
CYCLE: Final = "Cycle count"
_MEAN_CURRENT: Final = "Mean current [A]"
_COUNTERS: Final[dict[str, str]] = {"step": STEP, "cycle": CYCLE}
_SHADES: Final = {"charge": "#e6eef6", "discharge": "#e8d5c6"}
"""Backgrounds of steps, of different brightness in grey too; rests have none."""
_HEIGHT: Final = 2.0
_RUNNING: Final = frozenset((TIME, "Capacity [A.h]"))
"""What goes on from one step or cycle to the next."""


def plot_time_series(
    time_series: Table,
    steps: Table | None = None,
    y: str | Sequence[str] | None = None,
    *,
    x: str = TIME,
    by: By | None = None,
    step_range: Range | None = None,
    cycle_range: Range | None = None,
    axes: Axes | Sequence[Axes] | None = None,
    label: str | None = None,
) -> list[Axes]:
    """Plot signals one above the other.

    Parameters
    ----------
    time_series : polars.DataFrame, pandas.DataFrame or mapping
        One row per time point.
    steps : polars.DataFrame, pandas.DataFrame or mapping, optional
        One row per step. If it has ``Step type``, the background shows over time where the cell is
        charged and discharged.
    y : str or sequence of str, optional
        Columns to plot; voltage, current and temperature if not given.
    x : str, optional
        Column of the x axis.
    by : {"step", "cycle"}, optional
        Plot each step or cycle as a separate curve in its own colour; time and
        ``Capacity [A.h]`` count from its start.
    step_range, cycle_range : int or tuple of int, optional
        First and last ``Step count`` or ``Cycle count`` to plot, both included.
    axes : Axes or sequence of Axes, optional
        Where to plot, one for each column of `y`; a new figure if not given. Axes that have curves
        already keep their units.
    label : str, optional
        Name of the curves in a legend; not with `by`, which names them.

    Returns
    -------
    list of Axes
        One for each column of `y`.

    Raises
    ------
    ValueError
        If a column does not exist, a range selects no rows, or the number of axes is wrong.
    TypeError
        If a range consists of other things than whole numbers.
    """
    if by is not None and label is not None:
        raise ValueError(f"label cannot be combined with by={by!r}, which names the curves")
    names = _signals(time_series, y)
    rows = selected(time_series, step_range, cycle_range)
    places = column(time_series, x)[rows]
    signals = [column(time_series, name)[rows] for name in names]
    parts = [*_parts(time_series, by, rows)]
    if by is not None and x in _RUNNING:
        places = places.copy()
        for _, part in parts:
            places[part] -= places[part][0]
    # Last, because a figure of pyplot is displayed, also without curves.
    plots = _plots(axes, len(names))
    across = scale_of(x, places, plots[-1].get_xlabel())
    grades = None if by is None else Grades(_COUNTERS[by], [number for number, _ in parts])
    for each, name, values in zip(plots, names, signals, strict=True):
        upward = scale_of(name, values, each.get_ylabel())
        for number, part in parts:
            look: dict[str, Any] = {"label": label}
            if grades is not None:
                look = {"color": grades.color(number), "linestyle": grades.line_style(number)}
            each.plot(places[part] * across.factor, values[part] * upward.factor, **look)
        each.set_ylabel(upward.label)
        widen(each, name, values * upward.factor)
    plots[-1].set_xlabel(across.label)
    if grades is not None:
        grades.explain(plots)
    elif steps is not None and x == TIME:
        _shade(plots, time_series, steps, rows, places * across.factor)
    return plots


def selected(
    time_series: Table, step_range: Range | None, cycle_range: Range | None
) -> NDArray[np.bool_]:
    """Return which rows are in a range of steps and cycles.

    Raises
    ------
    TypeError, ValueError
        If no row is, or a range is not one.
    """
    table_columns = columns(time_series)
    rows = np.ones(len(time_series[table_columns[0]]) if table_columns else 0, dtype=bool)
    for counter, bounds, name in (
        (STEP, step_range, "step_range"),
        (CYCLE, cycle_range, "cycle_range"),
    ):
        if bounds is None:
            continue
        first, last = whole_range(bounds, name, accept_one=True)
        counts = column(time_series, counter)
        rows &= (counts >= first) & (counts <= last)
        if not rows.any():
            raise ValueError(
                f"{name} {bounds!r} selects no rows; {counter!r} goes from"
                f" {np.nanmin(counts):g} to {np.nanmax(counts):g}"
            )
    if not rows.any():
        raise ValueError("there are no rows to plot")
    return rows


def _signals(time_series: Table, y: str | Sequence[str] | None) -> list[str]:
    if y is not None:
        wanted = [y] if isinstance(y, str) else [*y]
        if not wanted:
            raise ValueError("y is empty: give the columns to plot, or omit it")
        return wanted
    known = columns(time_series)
    found: list[str] = [name for name in SIGNALS if name in known]
    if not found:
        raise ValueError(
            f"the time series has none of the columns {', '.join(SIGNALS)}: give y; it has"
            f" {', '.join(known)}"
        )
    return found


def _plots(axes: Axes | Sequence[Axes] | None, count: int) -> list[Axes]:
    if axes is None:
        return new_axes(count, height=_HEIGHT)
    given = [*axes] if isinstance(axes, Iterable) else [axes]
    if len(given) != count:
        raise ValueError(f"axes must have one plot for each of {count} columns, not {len(given)}")
    return given


def _parts(time_series: Table, by: By | None, rows: NDArray[np.bool_]) -> Iterator[tuple[int, Any]]:
    """Yield the number of each curve, and its places among the selected rows."""
    if by is None:
        yield 0, slice(None)
        return
    if by not in _COUNTERS:
        raise ValueError(f"by must be 'step', 'cycle' or None, not {by!r}")
    counts = column(time_series, _COUNTERS[by])[rows]
    for number in np.unique(counts[np.isfinite(counts)]):
        yield int(number), np.flatnonzero(counts == number)


def _shade(
    plots: Sequence[Axes],
    time_series: Table,
    steps: Table,
    rows: NDArray[np.bool_],
    places: Floats,
) -> None:
    """Show in the background where the cell is charged and discharged."""
    if not {"Step type", STEP}.issubset(columns(steps)) or STEP not in columns(time_series):
        return
    ways = dict(zip(column(steps, STEP), _ways(steps), strict=True))
    counts = column(time_series, STEP)[rows]
    starts = np.flatnonzero(np.diff(counts, prepend=np.nan) != 0)
    ends = [*places[starts[1:]], places[-1]]
    spans: dict[str, list[tuple[float, float]]] = {way: [] for way in _SHADES}
    for start, end in zip(starts, ends, strict=True):
        way = ways.get(counts[start])
        if way is not None:
            spans[way].append((places[start], end - places[start]))
    used = {way: found for way, found in spans.items() if found}
    for each in plots:
        for way, found in used.items():
            # The whole height of the plot, whatever its limits are.
            each.broken_barh(
                found,
                (0.0, 1.0),
                transform=each.get_xaxis_transform(),
                facecolor=_SHADES[way],
                linewidth=0,
                zorder=0,
            )
    if used:
        legend_beside(plots[0], [Patch(facecolor=_SHADES[way], label=way) for way in used])


def _ways(steps: Table) -> list[str | None]:
    """Return whether the cell is charged or discharged in each step, None if neither."""
    types = [str(each).lower() for each in steps["Step type"]]
    if _MEAN_CURRENT in columns(steps):
        currents = column(steps, _MEAN_CURRENT)
    else:
        currents = np.full(len(types), np.nan)
    return [*map(_way, types, currents)]


def _way(step_type: str, current: float) -> str | None:
    for way in ("discharge", "charge"):
        if way in step_type:
            return way
    # A measured step with a constant current and then a constant voltage has no type.
    if "unknown" in step_type and current != 0 and np.isfinite(current):
        return "discharge" if current > 0 else "charge"
    return None
