"""Plots of one value for each cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ionworks.plots.quantities import Table, column, scale_of, split_unit, widen
from ionworks.plots.style import count_ticks, new_axes
from ionworks.plots.time_series import CYCLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_cycles"]

_PERCENT: Final = 100.0
_MARKER_SIZE: Final = 4.0
_MANY: Final = 60
"""How many points a plot has with large markers."""


def plot_cycles(
    cycles: Table,
    y: str = "Discharge capacity [A.h]",
    *,
    x: str = CYCLE,
    relative: bool = False,
    axes: Axes | None = None,
    label: str | None = None,
) -> Axes:
    """Plot a value of each cycle, such as its capacity or efficiency.

    Parameters
    ----------
    cycles : polars.DataFrame, pandas.DataFrame or mapping
        One row per cycle.
    y : str, optional
        Column to plot.
    x : str, optional
        Column of the x axis.
    relative : bool, optional
        Whether to plot percentages of the first value.
    axes : Axes, optional
        Where to plot; a new figure if not given.
    label : str, optional
        Name of the points in a legend.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column does not exist, has no values, or its first value is 0 and `relative` is set.
    """
    places, values = column(cycles, x), column(cycles, y)
    present = values[np.isfinite(values)]
    if not present.size:
        raise ValueError(f"the column {y!r} has no values")
    if relative and present[0] == 0:
        raise ValueError(f"the first value of {y!r} is 0, so no percentages of it exist")
    plot = new_axes()[0] if axes is None else axes
    if relative:
        heights = _PERCENT * values / present[0]
        up_label = f"{split_unit(y)[0]} [% of the first]"
    else:
        upward = scale_of(y, values, plot.get_ylabel())
        heights, up_label = values * upward.factor, upward.label
    across = scale_of(x, places, plot.get_xlabel())
    size = _MARKER_SIZE if len(places) <= _MANY else _MARKER_SIZE / 2
    plot.plot(places * across.factor, heights, marker="o", markersize=size, label=label)
    plot.set(xlabel=across.label, ylabel=up_label)
    widen(plot, "" if relative else y, heights)
    if x == CYCLE:
        count_ticks(plot)
    return plot
