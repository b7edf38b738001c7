"""Plots of many runs: a signal of each as a curve, or a value of each as a point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from matplotlib.lines import Line2D

from ionworks.doe.scalars import nearest
from ionworks.plots.quantities import Table, column, columns, scale_of, widen
from ionworks.plots.style import (
    DATA,
    LINE_STYLES,
    Grades,
    legend_beside,
    new_axes,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Runs", "plot_batch", "plot_runs", "plot_table"]

Runs: TypeAlias = Iterable[tuple[str | Mapping[str, Any], Table]]
"""For each run its label, or its values by name, and a table with a row for each time point."""

_RUN: Final = "run"
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
_MARKER_SIZE: Final = 5
_LOOKS: Final[tuple[tuple[str, Sequence[Any]], ...]] = (
    ("linestyle", LINE_STYLES),
    ("linewidth", (0.8, 1.5, 2.4)),
)
"""What tells values apart besides the colour; widths have to be seen without a scale."""


def plot_runs(
    runs: Runs,
    y: str = "Voltage [V]",
    x: str = "Time [s]",
    *,
    color: str | None = None,
    data: Runs = (),
    axes: Axes | None = None,
) -> Axes:
    """Plot a signal of each run as a curve, coloured by a value of the runs.

    A second value that differs between the runs is shown by the line style if it has at most four
    values, and a third one by the line width if it has at most three.

    Parameters
    ----------
    runs : iterable of (str or mapping, table)
        For each run its label, or its values by name such as ``{"C-rate": 2.0}``, and its time
        series.
    y, x : str, optional
        Columns to plot.
    color : str, optional
        Name of the value that gives the colours; the first that differs between the runs if not
        given.
    data : iterable of (str or mapping, table), optional
        Measurements, which are plotted as dots.
    axes : Axes, optional
        Where to plot; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is nothing to plot, a column does not exist, or no run has the value `color`.
    """
    named = [(_named(values), table) for values, table in runs]
    measured = [(_named(values), table) for values, table in data]
    if not named and not measured:
        raise ValueError("there is nothing to plot: none of the runs has results")
    tables = [table for _, table in (*named, *measured)]
    across, upward = [column(each, x) for each in tables], [column(each, y) for each in tables]
    look = _Look([values for values, _ in named], color)
    plot = new_axes()[0] if axes is None else axes
    x_scale = scale_of(x, np.concatenate(across), plot.get_xlabel())
    y_scale = scale_of(y, np.concatenate(upward), plot.get_ylabel())
    count = len(named)
    for (values, _), places, heights in zip(named, across[:count], upward[:count], strict=True):
        plot.plot(places * x_scale.factor, heights * y_scale.factor, **look.of(values))
    dots = [
        plot.plot(
            places * x_scale.factor,
            heights * y_scale.factor,
            linestyle="",
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=2,
            color=DATA,
            zorder=1,
            label=wrapped(_label(values) or "measurement"),
        )[0]
        for number, ((values, _), places, heights) in enumerate(
            zip(measured, across[count:], upward[count:], strict=True)
        )
    ]
    plot.set(xlabel=x_scale.label, ylabel=y_scale.label)
    widen(plot, y, np.concatenate(upward) * y_scale.factor)
    look.explain(plot, dots)
    return plot


def plot_batch(
    time_series: Table,
    y: str = "Voltage [V]",
    x: str = "Time [s]",
    *,
    key: str = "simulation_id",
    color: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Plot a signal of each run of a long table, see `plot_runs`.

    Parameters
    ----------
    time_series : polars.DataFrame, pandas.DataFrame or mapping
        The rows of all runs, one run after the other, such as ``batch.time_series()``. Columns
        besides `key`, `x` and `y` are values of the runs.
    y, x : str, optional
        Columns to plot.
    key : str, optional
        Column that tells the runs apart.
    color : str, optional
        Column that gives the colours; the first that differs between the runs if not given.
    axes : Axes, optional
        Where to plot; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no rows, or a column does not exist.
    """
    across, upward = column(time_series, x), column(time_series, y)
    names = columns(time_series)
    if key not in names:
        raise ValueError(f"there is no column {key!r} that tells the runs apart")
    keys = np.asarray(time_series[key])
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    values = {name: np.asarray(time_series[name]) for name in names if name not in {key, x, y}}
    runs = [
        (
            {name: _value(each[start]) for name, each in values.items()},
            {x: across[start:end], y: upward[start:end]},
        )
        for start, end in zip([0, *starts], [*starts, len(keys)], strict=True)
        if end > start
    ]
    return plot_runs(runs, y, x, color=color, axes=axes)


def plot_table(
    table: Table, y: str, x: str, *, color: str | None = None, axes: Axes | None = None
) -> Axes:
    """Plot a value of each run over another, one point for each row of a table.

    Points of the same colour are joined by a line, in the order of x, unless several have the same
    x, as in a sweep of more than these values.

    Parameters
    ----------
    table : polars.DataFrame, pandas.DataFrame or mapping
        One row per run, such as ``batch.to_frame()``.
    y, x : str
        Columns to plot; rows without a value are left out.
    color : str, optional
        Column that gives the colours.
    axes : Axes, optional
        Where to plot; a new figure if not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column does not exist, or no row has values of both.
    """
    across, upward = column(table, x), column(table, y)
    is_present = np.isfinite(across) & np.isfinite(upward)
    if not is_present.any():
        raise ValueError(f"no row has values of both {x!r} and {y!r}")
    if color is not None and color not in columns(table):
        raise ValueError(_unknown(color, columns(table)))
    plot = new_axes()[0] if axes is None else axes
    x_scale = scale_of(x, across, plot.get_xlabel())
    y_scale = scale_of(y, upward, plot.get_ylabel())
    kinds = [None] * len(across) if color is None else [*map(_value, table[color])]
    groups: dict[Any, list[int]] = {}
    for place in np.flatnonzero(is_present):
        groups.setdefault(kinds[place], []).append(int(place))
    grades = None if color is None else Grades(color, groups)
    for number, kind in enumerate(groups if grades is None else grades.values):
        rows = np.array(groups[kind])
        rows = rows[np.argsort(across[rows], kind="stable")]
        look: dict[str, Any] = {}
        if grades is not None:
            look = {"color": grades.color(kind), "label": _text(kind)}
        is_curve = len(np.unique(across[rows])) == len(rows)
        plot.plot(
            across[rows] * x_scale.factor,
            upward[rows] * y_scale.factor,
            linestyle="-" if is_curve else "",
            linewidth=1.0,
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=_MARKER_SIZE,
            **look,
        )
    plot.set(xlabel=x_scale.label, ylabel=y_scale.label)
    if grades is not None and grades.has_bar:
        grades.explain([plot])
    elif grades is not None:
        legend_beside(plot, title=grades.name)
    return plot


class _Look:
    """Colour, line style and line width of each run.

    Parameters
    ----------
    runs : sequence of mapping
        The values of each run.
    color : str or None
        Name of the value that gives the colours.
    """

    def __init__(self, runs: Sequence[Mapping[str, Any]], color: str | None) -> None:
        names = [*dict.fromkeys(name for run in runs for name in run)]
        if color is not None and color not in names:
            raise ValueError(_unknown(color, names))
        varying = [name for name in names if _count(runs, name) > 1]
        self._color = color or next(iter(varying), None)
        self._grades: Grades | None = None
        self._others: list[_Steps] = []
        if self._color is None:
            return
        self._grades = Grades(self._color, [run.get(self._color) for run in runs])
        shown = [self._color]
        for name in varying:
            # A value that follows from those that are shown already needs no look.
            if _count(runs, *shown, name) > _count(runs, *shown):
                shown.append(name)
        for (key, looks), name in zip(_LOOKS, shown[1:], strict=False):
            values = Grades(name, [run.get(name) for run in runs]).values
            if len(values) > len(looks):
                break
            self._others.append(_Steps(key, name, dict(zip(values, looks, strict=False))))

    def of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the look of a run as arguments of ``Axes.plot``."""
        if self._grades is None or self._color is None:
            return {"label": _label(values)}
        value = values.get(self._color)
        look = {"color": self._grades.color(value), "linestyle": self._grades.line_style(value)}
        for steps in self._others:
            look |= steps.of(values)
        return look

    def explain(self, plot: Axes, dots: Sequence[Line2D]) -> None:
        """Add the legends and the colour bar."""
        others = [handle for steps in self._others for handle in steps.handles()]
        others += dots
        if self._grades is None:
            if plot.get_legend_handles_labels()[1]:
                legend_beside(plot)
            return
        if self._grades.has_bar:
            self._grades.explain([plot])
            if others:
                plot.legend(handles=others, frameon=False, fontsize=9, loc="lower left")
            return
        colors = self._grades.handles(with_styles=not self._others)
        legend_beside(plot, [*colors, *others], self._grades.name)


class _Steps:
    """A line style or width for each of a few values.

    Parameters
    ----------
    key : str
        The property of a line.
    name : str
        Name of the value that gives it.
    looks : mapping
        The property of each value.
    """

    def __init__(self, key: str, name: str, looks: Mapping[Any, Any]) -> None:
        self._key = key
        self._name = name
        self._looks = looks

    def of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the property of a run's line."""
        return {self._key: self._looks[values.get(self._name)]}

    def handles(self) -> Iterable[Line2D]:
        """Return a title and a line for each value, for a legend."""
        yield Line2D([], [], linestyle="", label=wrapped(self._name))
        for value, look in self._looks.items():
            line: dict[str, Any] = {"color": DATA, "label": _text(value), self._key: look}
            yield Line2D([], [], **line)


def _named(values: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(values, str):
        return {_RUN: values}
    plain = {name: _value(value) for name, value in values.items()}
    # Lists and the like give neither colours nor line styles.
    return {name: each for name, each in plain.items() if isinstance(each, (str, Real, NoneType))}


def _label(values: Mapping[str, Any]) -> str | None:
    label = values.get(_RUN) or values.get("name")
    return None if label is None else str(label)


def _count(runs: Sequence[Mapping[str, Any]], *names: str) -> int:
    """Return how many different combinations of some values the runs have."""
    return len({tuple(run.get(name) for name in names) for run in runs})


def _value(value: Any) -> Any:
    """Return a value of a table; pandas has NaN where values are missing."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _unknown(color: str, names: Sequence[str]) -> str:
    return (
        f"color {color!r} is not a value of the runs{nearest(color, names)}; available values:"
        f" {', '.join(names) or 'none'}"
    )
