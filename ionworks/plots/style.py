"""The style of all plots: colours and lines that can be told apart when printed in grey."""

from __future__ import annotations

import io
import numbers
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    LogFormatterSciNotation,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    ScalarFormatter,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "DATA",
    "HEIGHT",
    "LINE_STYLES",
    "MODEL",
    "OTHER",
    "WIDTH",
    "Grades",
    "LineStyle",
    "count_ticks",
    "few_log_ticks",
    "legend_beside",
    "new_axes",
    "new_figure",
    "styled",
    "wrapped",
]

WIDTH: Final = 6.4
HEIGHT: Final = 3.2
"""Size of a figure with one plot, in inches."""

# Their brightness, which is all that remains in grey, is 47, 99, 137 and 182 of 255.
_COLORS: Final = ("#12355b", "#c1440e", "#35b0a0", "#f0b429")
LineStyle: TypeAlias = Literal["-", "--", "-.", ":"]
LINE_STYLES: Final[tuple[LineStyle, ...]] = ("-", "--", "-.", ":")
DATA: Final = "#222222"
MODEL: Final = _COLORS[1]
OTHER: Final = "#8d99ae"

_BRIGHTEST: Final = 0.85
"""End of the colour map that is used: the yellow behind it is hardly visible on white."""
_MOST_IN_LEGEND: Final = 8
"""How many numbers a legend names; more have a colour bar."""
_LEGEND_WIDTH: Final = 20
"""Characters of a line in a legend."""
_MANY_DECADES: Final = 2.0
_MOST_NAMED: Final = 14
"""How many lines a legend has, which has no colour bar if its values are text."""


class _FreeFigure(Figure):
    """A figure that pyplot does not know, and that is deleted when it is no longer used.

    Notebooks can display figures only after pyplot has been imported, unless they do it themselves.
    """

    def _repr_png_(self) -> bytes:
        image = io.BytesIO()
        self.savefig(image, format="png")
        return image.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Make a figure that is returned, so that a notebook displays it, and not kept by pyplot."""
    return _FreeFigure(figsize=(width, height), layout="constrained")


def new_axes(rows: int = 1, *, height: float = HEIGHT) -> list[Axes]:
    """Make a figure with plots one above the other, which share their x axis.

    In IPython, and in a program that has imported pyplot, it is a figure of pyplot: notebooks
    display it, and so does ``plt.show()``. Otherwise pyplot would only keep it in memory.

    Parameters
    ----------
    rows : int
        Number of plots.
    height : float
        Height of one plot in inches; the figure is at least as high as one of a single plot.
    """
    size = WIDTH, max(height * rows, HEIGHT)
    if "matplotlib.pyplot" in sys.modules or _is_in_ipython():
        from matplotlib import pyplot as plt

        figure = plt.figure(figsize=size, layout="constrained")
    else:
        figure = new_figure(*size)
    return [styled(each) for each in figure.subplots(rows, squeeze=False, sharex=True)[:, 0]]


def _is_in_ipython() -> bool:
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def styled(axes: Axes) -> Axes:
    """Give new axes the style of this package, and return them."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    # Each colour comes once with each line style.
    count = len(_COLORS)
    axes.set_prop_cycle(
        color=_COLORS * count,
        linestyle=[
            LINE_STYLES[(place + shift) % count] for shift in range(count) for place in range(count)
        ],
    )
    for axis in (axes.xaxis, axes.yaxis):
        # Without an offset such as "+4.1e0" above the axis, the ticks are the values.
        axis.set_major_formatter(ScalarFormatter(useOffset=False))
    return axes


def count_ticks(axes: Axes, most: int | None = None) -> None:
    """Put the ticks of an x axis that counts something at whole numbers, `most` at most."""
    bins = {} if most is None else {"nbins": most}
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, **bins))


def few_log_ticks(axes: Axes) -> None:
    """Label 1, 2 and 5 of each decade of a logarithmic y axis, or the decades if there are many."""
    low, high = np.log10(axes.get_ylim())
    multiples = (1.0, 2.0, 5.0) if high - low < _MANY_DECADES else (1.0,)
    axes.yaxis.set_major_locator(LogLocator(subs=multiples))
    # By itself it leaves out the labels of some ticks.
    formatter = LogFormatterSciNotation(minor_thresholds=(np.inf, np.inf))
    axes.yaxis.set_major_formatter(formatter)
    axes.yaxis.set_minor_formatter(NullFormatter())


def legend_beside(axes: Axes, handles: Sequence[Any] | None = None, title: str = "") -> Any:
    """Put a legend to the right of a plot, where it hides nothing."""
    options: dict[str, Any] = {} if handles is None else {"handles": handles}
    return axes.legend(
        **options,
        title=wrapped(title) or None,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.0,
        frameon=False,
        fontsize=9,
        title_fontsize=9,
        alignment="left",
    )


def wrapped(text: str) -> str:
    """Break a long name into lines, so that a legend leaves room for the plot."""
    return textwrap.fill(text, _LEGEND_WIDTH, break_long_words=False)


class Grades:
    """Colours for the values of a quantity: those of a colour map, from dark to bright.

    Parameters
    ----------
    name : str
        The quantity, such as ``"C-rate"``; the title of the legend or of the colour bar.
    values : iterable
        Numbers or text, repeated ones once; numbers are ordered.
    """

    def __init__(self, name: str, values: Iterable[Any]) -> None:
        self.name = name
        found = [*dict.fromkeys(values)]
        self.is_numeric = all(
            isinstance(each, numbers.Real) and not isinstance(each, bool) for each in found
        )
        self.values = sorted(found) if self.is_numeric else found
        self._map = colormaps["viridis"]
        if self.has_bar:
            low, high = self.values[0], self.values[-1]
            # The bar, too, ends where the brightest line does.
            self._scale = Normalize(low, low + (high - low) / _BRIGHTEST)
        else:
            self._places = np.linspace(0.0, _BRIGHTEST, max(len(self.values), 2))

    @property
    def has_bar(self) -> bool:
        """Whether there are so many numbers that a colour bar explains them, and no legend."""
        return self.is_numeric and len(self.values) > _MOST_IN_LEGEND

    def color(self, value: Any) -> Any:
        """Return the colour of a value."""
        if self.has_bar:
            return self._map(self._scale(value))
        return self._map(self._places[self.values.index(value)])

    def line_style(self, value: Any) -> LineStyle:
        """Return the line style of a value, solid if a colour bar explains the colours."""
        return "-" if self.has_bar else LINE_STYLES[self.values.index(value) % len(LINE_STYLES)]

    def handles(self, *, with_styles: bool) -> list[Line2D]:
        """Return a line for each value, for a legend; of very many only the first."""
        named = self.values if len(self.values) <= _MOST_NAMED else self.values[: _MOST_NAMED - 1]
        found = [
            Line2D(
                [],
                [],
                color=self.color(value),
                linestyle=self.line_style(value) if with_styles else "-",
                label=f"{value:.4g}" if self.is_numeric else wrapped(str(value)),
            )
            for value in named
        ]
        if len(named) < len(self.values):
            more = f"and {len(self.values) - len(named)} more"
            found.append(Line2D([], [], linestyle="", label=more))
        return found

    def explain(self, axes: Sequence[Axes], *, with_styles: bool = True) -> None:
        """Add the legend or the colour bar to a figure.

        Parameters
        ----------
        axes : sequence of Axes
            The plots that have the colours; a legend is put beside the first.
        with_styles : bool
            Whether the lines of a legend have the line styles of the values.
        """
        if not self.has_bar:
            legend_beside(axes[0], self.handles(with_styles=with_styles), self.name)
            return
        figure = axes[0].figure
        bar = figure.colorbar(ScalarMappable(self._scale, self._map), ax=[*axes], label=self.name)
        bar.ax.set_ylim(self.values[0], self.values[-1])
