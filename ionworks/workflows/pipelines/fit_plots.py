"""Plots of fits: model and data, residuals, and the history of the fit.

matplotlib is imported on first use; the extra ``plot`` installs it. Figures are created without
pyplot, which would keep every figure open until it is closed explicitly.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ionworks.workflows.pipelines.fitted_curves import STEP_COLUMNS, trace_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ionworks.workflows.pipelines.fitted_curves import Plot

__all__ = ["fit_figure", "residual_figure", "trace_figure"]

_WIDTH, _HEIGHT = 6.4, 3.2
_DATA_WORDS = ("data", "measure", "experiment")
_MODEL_WORDS = ("model", "fit", "optimal", "simulat")
_DATA, _MODEL, _OTHER = "#222222", "#d1495b", "#8d99ae"
_MILLI = 1e3
_SMALL = 0.1
_DECADE = 10


def fit_figure(plots: Sequence[Plot]) -> Figure:
    """Plot model and data in the same axes, one row per plot."""
    figure = _figure(len(plots), 1)
    for axes, plot in zip(figure.subplots(len(plots), squeeze=False)[:, 0], plots, strict=True):
        for trace in plot.content.get("traces") or []:
            _draw_curve(axes, trace)
        _label(axes, plot)
        axes.legend(frameon=False)
    return figure


def residual_figure(plots: Sequence[Plot]) -> Figure:
    """Plot the residuals (model minus data) and a histogram of them, one row per plot."""
    figure = _figure(len(plots), 1)
    grid = figure.subplots(
        len(plots),
        2,
        squeeze=False,
        sharey="row",
        width_ratios=(4, 1),
    )
    for (axes, histogram), plot in zip(grid, plots, strict=True):
        places, differences = residuals(plot)
        unit, scale = _scaled_unit(_title(plot, "yaxis"), differences)
        scaled = [scale * each for each in differences]
        axes.axhline(0.0, color=_OTHER, linewidth=0.8)
        axes.plot(places, scaled, ".", color=_MODEL, markersize=3)
        _label(axes, plot)
        axes.set_ylabel(f"model - data [{unit}]" if unit else "model - data")
        histogram.hist(scaled, bins="auto", orientation="horizontal", color=_MODEL, alpha=0.6)
        histogram.set_xlabel("points")
        size = math.sqrt(sum(each**2 for each in scaled) / len(scaled))
        axes.set_title(f"{plot.objective}: RMS {size:.3g} {unit}", loc="left", fontsize=10)
    return figure


def trace_figure(steps: Sequence[Mapping[str, Any]]) -> Figure:
    """Plot the best cost and the parameters over the evaluations.

    Raises
    ------
    ValueError
        If the fit has saved no steps.
    """
    if not steps:
        raise ValueError(
            "the history of this fit was not saved; submit it with"
            " options={'live_progress_updates': True}"
        )
    frame = trace_frame(steps)
    is_counted = "evaluations" in frame.columns
    places = frame["evaluations"] if is_counted else range(1, frame.height + 1)
    names = [name for name in frame.columns if name not in STEP_COLUMNS]
    figure = _figure(1 + len(names), 1, height=2.0)
    rows = figure.subplots(1 + len(names), squeeze=False, sharex=True)[:, 0]
    costs = frame["best_cost"].to_list()
    rows[0].step(places, costs, ".-", where="post", color=_MODEL, markersize=4)
    rows[0].set_ylabel("best cost")
    if _spans_decades(costs):
        rows[0].set_yscale("log")
    for axes, name in zip(rows[1:], names, strict=True):
        values = frame[name].to_list()
        axes.step(places, values, ".-", where="post", color=_DATA, markersize=4)
        axes.set_title(name, loc="left", fontsize=9)
        if _spans_decades(values):
            axes.set_yscale("log")
    rows[-1].set_xlabel("evaluations" if is_counted else "saved step")
    return figure


def residuals(plot: Plot) -> tuple[list[float], list[float]]:
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
    heights = _at([*map(float, data["x"])], model)
    found = [
        (float(x), height - float(y))
        for x, y, height in zip(data["x"], data["y"], heights, strict=True)
        if y is not None and height is not None
    ]
    if not found:
        raise ValueError(f"the curves of {plot.objective!r} have no points in common")
    return [x for x, _ in found], [difference for _, difference in found]


def _at(places: Sequence[float], curve: Mapping[str, Any]) -> list[float | None]:
    """Interpolate a curve at some x values; None outside of its range."""
    if list(curve["x"]) == list(places):
        return [None if y is None else float(y) for y in curve["y"]]
    points = sorted((x, y) for x, y in zip(curve["x"], curve["y"], strict=True) if y is not None)
    edges = [x for x, _ in points]
    return [_between(place, edges, points) for place in places]


def _between(
    place: float, edges: Sequence[float], points: Sequence[tuple[float, float]]
) -> float | None:
    right = bisect_left(edges, place)
    if right == len(edges) or (right == 0 and place < edges[0]):
        return None
    if edges[right] == place:
        return points[right][1]
    (left_x, low), (right_x, high) = points[right - 1], points[right]
    return low + (place - left_x) / (right_x - left_x) * (high - low)


def _named(traces: Sequence[Mapping[str, Any]], words: Sequence[str]) -> Mapping[str, Any] | None:
    for trace in traces:
        if any(word in str(trace.get("name")).lower() for word in words):
            return trace
    return None


def _draw_curve(axes: Axes, trace: Mapping[str, Any]) -> None:
    """Draw data as dots, the model as a solid line, and other curves dashed."""
    name = str(trace.get("name") or "")
    is_data = _named([trace], _DATA_WORDS) is not None
    is_model = not is_data and _named([trace], _MODEL_WORDS) is not None
    # matplotlib leaves a gap at NaN.
    heights = [math.nan if y is None else y for y in trace["y"]]
    if is_data:
        axes.plot(trace["x"], heights, ".", color=_DATA, markersize=4, label=name)
    else:
        color, style = (_MODEL, "-") if is_model else (_OTHER, "--")
        axes.plot(trace["x"], heights, style, color=color, linewidth=1.5, label=name, zorder=3)


def _label(axes: Axes, plot: Plot) -> None:
    axes.set_xlabel(_title(plot, "xaxis"))
    axes.set_ylabel(_title(plot, "yaxis"))
    axes.set_title(plot.objective, loc="left", fontsize=10)


def _title(plot: Plot, axis: str) -> str:
    title = ((plot.content.get("layout") or {}).get(axis) or {}).get("title") or ""
    # A title can also be {"text": ...}, as in Plotly's layouts.
    return str(title.get("text", "") if isinstance(title, Mapping) else title)


def _scaled_unit(title: str, values: Sequence[float]) -> tuple[str, float]:
    """Return the unit in an axis title and a scale factor; small values in V become mV."""
    unit = title[title.rfind("[") + 1 : -1] if title.endswith("]") else ""
    if unit == "V" and max(map(abs, values)) < _SMALL:
        return "mV", _MILLI
    return unit, 1.0


def _spans_decades(values: Sequence[float | None]) -> bool:
    present = [each for each in values if each is not None]
    return bool(present) and min(present) > 0 and max(present) > _DECADE * min(present)


def _figure(rows: int, columns: int, height: float = _HEIGHT) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'ionworks-api[plot]'", name=error.name
        ) from error
    return Figure(figsize=(_WIDTH * columns, max(height * rows, _HEIGHT)), layout="constrained")
