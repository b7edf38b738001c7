"""One value for each cycle."""

from __future__ import annotations

import polars as pl
import pytest
from matplotlib.ticker import MaxNLocator

from ionworks.plots.cycles import plot_cycles

CYCLES = pl.DataFrame(
    {"Cycle count": [0, 1, 2], "Discharge capacity [A.h]": [5.0, 4.9, 4.5], "Empty": [None] * 3}
)


def test_a_value_of_each_cycle_is_a_point() -> None:
    plot = plot_cycles(CYCLES, label="cell 3")

    [line] = plot.lines
    assert [*line.get_xdata()] == [0, 1, 2]
    assert [*line.get_ydata()] == [5.0, 4.9, 4.5]
    assert line.get_marker() == "o"
    assert (plot.get_xlabel(), plot.get_ylabel()) == (
        "Cycle count",
        "Discharge capacity [A\u00b7h]",
    )
    assert isinstance(plot.xaxis.get_major_locator(), MaxNLocator)
    plot.figure.canvas.draw()
    assert all(tick == int(tick) for tick in plot.get_xticks())


def test_percentages_of_the_first() -> None:
    plot = plot_cycles(CYCLES, relative=True)
    assert [*plot.lines[0].get_ydata()] == pytest.approx([100, 98, 90])
    assert plot.get_ylabel() == "Discharge capacity [% of the first]"
    assert plot_cycles(CYCLES, axes=plot, relative=True) is plot
    assert len(plot.lines) == 2


def test_what_cannot_be_plotted_is_an_error() -> None:
    with pytest.raises(ValueError, match="the column 'Empty' has no values"):
        plot_cycles(CYCLES, "Empty")
    with pytest.raises(ValueError, match="no column 'Energy'"):
        plot_cycles(CYCLES, "Energy")
    with pytest.raises(ValueError, match="first value of 'x' is 0"):
        plot_cycles({"Cycle count": [0, 1], "x": [0.0, 1.0]}, "x", relative=True)
    with pytest.raises(ValueError, match="column 'x' cannot be plotted"):
        plot_cycles({"Cycle count": [0, 1], "x": ["a", "b"]}, "x")
