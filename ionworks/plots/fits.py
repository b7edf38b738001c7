"""Plots of fits: model and data, residuals, and the history of the fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from ionworks.plots.quantities import (
    Floats,
    Scale,
    Table,
    column,
    columns,
    scale_of,
    split_unit,
    widen,
)
from ionworks.plots.style import (
    DATA,
    HEIGHT,
    MODEL,
    OTHER,
    WIDTH,
    count_ticks,
    few_log_ticks,
    legend_beside,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Comparison", "fit_figure", "residual_figure", "trace_figure"]

_HISTORY_HEIGHT: Final = 2.0
_DATA_WORDS: Final = ("data", "measure", "experiment")
_MODEL_WORDS: Final = ("model", "fit", "optimal", "simulat")
_DECADE: Final = 10.0


class Comparison(Protocol):
    """Curves of model and data for one objective, as the service prepared them."""

    @property
    def objective(self) -> str:
        """The objective's name."""
        ...

    @property
    def content(self) -> Mapping[str, Any]:
        """``traces`` of ``{"name", "x", "y"}`` and a ``layout`` with the titles of the axes."""
        ...


def fit_figure(plots: Sequence[Comparison]) -> Figure:
    """Plot model and data in the same axes, one row per plot."""
    figure = new_figure(WIDTH, HEIGHT * len(plots))
    for axes, plot in zip(figure.subplots(len(plots), squeeze=False)[:, 0], plots, strict=True):
        traces = plot.content.get("traces") or []
        curves = [(_floats(trace["x"]), _floats(trace["y"])) for trace in traces]
        x = scale_of(_title(plot, "xaxis"), np.concatenate([np.empty(0), *(x for x, _ in curves)]))
        y = scale_of(_title(plot, "yaxis"), np.concatenate([np.empty(0), *(y for _, y in curves)]))
        styled(axes)
        for trace, (places, heights) in zip(traces, curves, strict=True):
            axes.plot(places * x.factor, heights * y.factor, **_look(trace))
        _label(axes, plot, x)
        axes.set_ylabel(y.label)
        legend_beside(axes)
    return figure


def residual_figure(plots: Sequence[Comparison]) -> Figure:
    """Plot the residuals (model minus data) and a histogram of them, one row per plot."""
    figure = new_figure(WIDTH, HEIGHT * len(plots))
    grid = figure.subplots(len(plots), 2, squeeze=False, sharey="row", width_ratios=(4, 1))
    for (axes, histogram), plot in zip(grid, plots, strict=True):
        places, differences = residuals(plot)
        x = scale_of(_title(plot, "xaxis"), places)
        y = scale_of(_title(plot, "yaxis"), differences)
        unit = split_unit(y.label)[1]
        scaled = differences * y.factor
        styled(axes).axhline(0.0, color=OTHER, linewidth=0.8)
        axes.plot(places * x.factor, scaled, ".", color=MODEL, markersize=3)
        _label(axes, plot, x)
        axes.set_ylabel(f"model - data [{unit}]" if unit else "model - data")
        styled(histogram).hist(
            scaled, bins="auto", orientation="horizontal", color=MODEL, alpha=0.6
        )
        histogram.set_xlabel("points")
        count_ticks(histogram, most=3)
        size = float(np.sqrt(np.mean(scaled**2)))
        axes.set_title(f"{plot.objective}: RMS {size:.3g} {unit}".rstrip(), loc="left", fontsize=10)
    return figure


def trace_figure(history: Table, fixed: Collection[str]) -> Figure:
    """Plot the best cost and the parameters over the evaluations.

    Parameters
    ----------
    history : polars.DataFrame or pandas.DataFrame
        One row for each saved step of the fit, with ``best_cost`` and a column for each parameter.
    fixed : collection of str
        Its columns that are not parameters.
    """
    costs = column(history, "best_cost")
    is_counted = "evaluations" in columns(history)
    places = column(history, "evaluations") if is_counted else np.arange(1.0, len(costs) + 1)
    names = [name for name in columns(history) if name not in fixed]
    figure = new_figure(WIDTH, max(_HISTORY_HEIGHT * (1 + len(names)), HEIGHT))
    rows = figure.subplots(1 + len(names), squeeze=False, sharex=True)[:, 0]
    for axes, name in zip(rows, [None, *names], strict=True):
        values = costs if name is None else column(history, name)
        color = MODEL if name is None else DATA
        styled(axes).step(places, values, ".-", where="post", color=color, markersize=4)
        if _spans_decades(values):
            axes.set_yscale("log")
            few_log_ticks(axes)
        else:
            widen(axes, "", values)
        if name is None:
            axes.set_ylabel("best cost")
        else:
            axes.set_title(name, loc="left", fontsize=9)
    rows[-1].set_xlabel("evaluations" if is_counted else "saved step")
    count_ticks(rows[-1])
    return figure


def residuals(plot: Comparison) -> tuple[Floats, Floats]:
    """Return the x values of the data and the residuals, model minus data, at them.

    The model's curve is interpolated linearly to the x values of the data. Points outside of it
    and missing values are left out.

    Raises
    ------
    ValueError
        If data and model cannot be identified by the names of the curves.
    """
    traces = plot.content.get("traces") or []
    data, model = _named(traces, _DATA_WORDS), _named(traces, _MODEL_WORDS)
    if data is None or model is None:
        names = [trace.get("name") for trace in traces]
        raise ValueError(
            f"cannot identify data and model in the plot of {plot.objective!r}: its curves are"
            f" {names}"
        )
    places = _floats(data["x"])
    differences = _at(places, model) - _floats(data["y"])
    is_present = np.isfinite(differences)
    if not is_present.any():
        raise ValueError(f"the curves of {plot.objective!r} have no points in common")
    return places[is_present], differences[is_present]


def _at(places: Floats, curve: Mapping[str, Any]) -> Floats:
    """Interpolate a curve at some x values; NaN outside of its range."""
    x, y = _floats(curve["x"]), _floats(curve["y"])
    # A time that occurs twice, where a step begins, has two values.
    if np.array_equal(x, places):
        return y
    is_present = np.isfinite(y)
    order = np.argsort(x[is_present], kind="stable")
    if not order.size:
        return np.full(len(places), np.nan)
    found: Floats = np.interp(
        places, x[is_present][order], y[is_present][order], left=np.nan, right=np.nan
    )
    return found


def _floats(values: Any) -> Floats:
    """Return values of JSON as an array, in which null is NaN."""
    return np.asarray(values, dtype=float)


def _named(traces: Sequence[Mapping[str, Any]], words: Sequence[str]) -> Mapping[str, Any] | None:
    for trace in traces:
        if any(word in str(trace.get("name")).lower() for word in words):
            return trace
    return None


def _look(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Show data as dots, the model as a solid line, and other curves dashed."""
    label = {"label": str(trace.get("name") or "")}
    if _named([trace], _DATA_WORDS) is not None:
        return {"color": DATA, "marker": ".", "markersize": 4, "linestyle": "", **label}
    is_model = _named([trace], _MODEL_WORDS) is not None
    color, style = (MODEL, "-") if is_model else (OTHER, "--")
    return {"color": color, "linestyle": style, "linewidth": 1.5, "zorder": 3, **label}


def _label(axes: Axes, plot: Comparison, x: Scale) -> None:
    axes.set_xlabel(x.label)
    axes.set_title(plot.objective, loc="left", fontsize=10)


def _title(plot: Comparison, axis: str) -> str:
    title = ((plot.content.get("layout") or {}).get(axis) or {}).get("title") or ""
    # A title can also be {"text": ...}, as in Plotly's layouts.
    return str(title.get("text", "") if isinstance(title, Mapping) else title)


def _spans_decades(values: Floats) -> bool:
    present = values[np.isfinite(values)]
    return bool(present.size and present.min() > 0 and present.max() > _DECADE * present.min())
