"""A curve as a small drawing, without a plotting library."""

from __future__ import annotations

import html
import math
from typing import Any, Final

from ionworks.html.fragments import Markup

__all__ = ["curve"]

_WIDTH: Final = 320
_HEIGHT: Final = 64
_MARGIN: Final = 2
_MOST_POINTS: Final = 300


def curve(x: Any, y: Any, title: str) -> Markup:
    """Return a drawing of y over x, with its title and its range of values.

    Parameters
    ----------
    x, y : sequence of float, polars.Series or pandas.Series
        Points; of very many only some are drawn, and points without a finite value not at all.
        The range is that of all.
    title : str
        What is drawn, such as ``"Voltage [V]"``.

    Returns
    -------
    Markup
        Empty if there are fewer than two points.
    """
    step = max(1, -(-len(x) // _MOST_POINTS))
    points = [
        (float(across), float(up))
        for across, up in zip([*x[::step]], [*y[::step]], strict=True)
        if _is_finite(across) and _is_finite(up)
    ]
    if len(points) < 2:
        return Markup("")
    left, right = min(across for across, _ in points), max(across for across, _ in points)
    low, high = _range([up for _, up in points], y)
    places = " ".join(
        f"{_place(across, left, right, _WIDTH):.1f},{_HEIGHT - _place(up, low, high, _HEIGHT):.1f}"
        for across, up in points
    )
    label = html.escape(f"{title}: {low:.4g} to {high:.4g}")
    return Markup(
        f'<svg role="img" aria-label="{label}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}"><polyline points="{places}" fill="none"'
        ' stroke="currentColor" stroke-width="1.5"/></svg>'
        f'<p class="iw-muted">{label}</p>'
    )


def _range(drawn: list[float], y: Any) -> tuple[float, float]:
    """Return the least and the greatest value, also of points that are not drawn."""
    if len(drawn) == len(y):
        return min(drawn), max(drawn)
    if hasattr(y, "min"):  # a column of a data frame
        low, high = float(y.min()), float(y.max())
    else:
        finite = [each for each in y if _is_finite(each)]
        low, high = float(min(finite)), float(max(finite))
    return (low, high) if _is_finite(high - low) else (min(drawn), max(drawn))


def _place(value: float, low: float, high: float, size: int) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return _MARGIN + share * (size - 2 * _MARGIN)


def _is_finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)
