"""Curves and values of many runs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ionworks.plots.runs import plot_batch, plot_runs, plot_table


def curve(end: float) -> pl.DataFrame:
    return pl.DataFrame({"Time [s]": [0.0, 100.0], "Voltage [V]": [4.0, end]})


def texts(plot: Axes) -> list[str]:
    return [each.get_text() for each in plot.get_legend().get_texts()]


def brightness(color: Any) -> float:
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_runs_are_coloured_by_what_differs() -> None:
    runs = [({"Temperature": 25, "C-rate": rate}, curve(3 - rate)) for rate in (2.0, 0.5, 1.0)]
    plot = plot_runs(runs)

    assert plot.get_legend().get_title().get_text() == "C-rate"
    assert texts(plot) == ["0.5", "1", "2"]
    assert [line.get_ydata()[-1] for line in plot.lines] == [1.0, 2.5, 2.0]
    # The larger the value, the brighter, also in grey; and each has a line style of its own.
    ordered = sorted(plot.lines, key=lambda line: -line.get_ydata()[-1])
    shades = [brightness(line.get_color()) for line in ordered]
    assert shades == sorted(shades)
    assert len({line.get_linestyle() for line in plot.lines}) == 3


def test_a_second_value_is_the_line_style() -> None:
    runs = [
        ({"C-rate": rate, "Temperature": temperature, "name": f"{rate}C"}, curve(3.0))
        for rate in (1, 2)
        for temperature in (25, 40)
    ]
    plot = plot_runs(runs)
    assert texts(plot) == ["1", "2", "Temperature", "25", "40"]
    assert [line.get_linestyle() for line in plot.lines] == ["-", "--", "-", "--"]

    plot = plot_runs(runs, color="Temperature")
    assert plot.get_legend().get_title().get_text() == "Temperature"
    assert texts(plot)[2:] == ["C-rate", "1", "2"]


def test_a_third_value_is_the_line_width() -> None:
    runs = [
        ({"Cell": cell, "C-rate": rate, "Temperature": temperature}, curve(3.0))
        for cell in ("A", "B")
        for rate in (1, 2)
        for temperature in (5, 25, 45)
    ]
    plot = plot_runs(runs)
    assert texts(plot) == ["A", "B", "C-rate", "1", "2", "Temperature", "5", "25", "45"]
    looks = [(line.get_color(), line.get_linestyle(), line.get_linewidth()) for line in plot.lines]
    assert len(set(looks)) == len(runs)
    widths = [line.get_linewidth() for line in plot.lines[:3]]
    assert widths == sorted(widths)

    four = [({**values, "Temperature": each}, table) for values, table in runs for each in range(4)]
    assert texts(plot_runs(four)) == ["A", "B", "C-rate", "1", "2"]


def test_many_values_have_a_colour_bar() -> None:
    plot = plot_runs([({"Porosity": 0.2 + number / 100}, curve(3.0)) for number in range(20)])
    bar = plot.figure.axes[-1]
    assert bar.get_ylabel() == "Porosity"
    assert bar.get_ylim() == pytest.approx((0.2, 0.39))
    assert plot.get_legend() is None


def test_labels_and_single_runs() -> None:
    plot = plot_runs([("SPM", curve(3.0)), ("DFN", curve(2.9))])
    assert texts(plot) == ["SPM", "DFN"]
    plot = plot_runs([({}, curve(3.0))])
    assert plot.get_legend() is None
    plot = plot_runs([("SPM", curve(3.0))])
    assert texts(plot) == ["SPM"]


def test_measurements_are_dots() -> None:
    plot = plot_runs([("SPM", curve(3.0))], data=[({"name": "cell 3"}, curve(2.9))])
    line, dots = plot.lines
    assert (line.get_marker(), dots.get_linestyle()) == ("None", "None")
    assert texts(plot) == ["SPM", "cell 3"]
    assert len(plot_runs([], data=[("cell", curve(2.9))]).lines) == 1


def test_units_are_those_of_all_runs() -> None:
    long = curve(3.0).with_columns(pl.col("Time [s]") * 100)
    plot = plot_runs([("short", curve(3.0)), ("long", long)])
    assert plot.get_xlabel() == "Time [h]"
    assert plot.lines[0].get_xdata()[-1] == pytest.approx(100 / 3600)


def test_what_cannot_be_plotted_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of the runs has results"):
        plot_runs([])
    with pytest.raises(ValueError, match=r"color 'Crate' .*did you mean 'C-rate'"):
        plot_runs([({"C-rate": 1}, curve(3.0))], color="Crate")


TABLE = pl.DataFrame(
    {
        "C-rate": [2.0, 1.0, 1.0, 2.0, 3.0],
        "Temperature": [25, 25, 40, 40, 40],
        "Discharge capacity [A.h]": [4.0, 4.5, 4.8, 4.4, None],
        "status": ["completed"] * 4 + ["failed"],
    }
)


@pytest.mark.parametrize("table", [TABLE, pd.DataFrame(TABLE.to_dict(as_series=False))])
def test_a_value_of_each_run_is_a_point(table: Any) -> None:
    plot = plot_table(table, "Discharge capacity [A.h]", "C-rate", color="Temperature")

    cool, warm = plot.lines
    assert ([*cool.get_xdata()], [*cool.get_ydata()]) == ([1.0, 2.0], [4.5, 4.0])
    assert [*warm.get_ydata()] == [4.8, 4.4]
    assert cool.get_marker() != warm.get_marker()
    assert texts(plot) == ["25", "40"]
    assert plot.get_ylabel() == "Discharge capacity [A\u00b7h]"


def test_points_with_the_same_x_are_not_joined() -> None:
    [points] = plot_table(TABLE, "Discharge capacity [A.h]", "C-rate").lines
    assert points.get_linestyle() == "None"
    [curve] = plot_table(TABLE.head(2), "Discharge capacity [A.h]", "C-rate").lines
    assert curve.get_linestyle() == "-"


def test_a_table_without_colours_and_errors() -> None:
    with pytest.raises(ValueError, match="no row has values of both"):
        plot_table(TABLE.tail(1), "Discharge capacity [A.h]", "C-rate")
    with pytest.raises(ValueError, match="color 'T' is not a value of the runs"):
        plot_table(TABLE, "Discharge capacity [A.h]", "C-rate", color="T")


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_the_runs_of_a_long_table_are_curves(library: str) -> None:
    frame = pl.concat(
        curve(3.0 - rate).with_columns(
            pl.lit(f"run {rate}").alias("simulation_id"),
            pl.lit(rate).alias("C-rate"),
            pl.lit("SPM").alias("model"),
        )
        for rate in (2, 1)
    )
    table: Any = frame if library == "polars" else pd.DataFrame(frame.to_dict(as_series=False))
    plot = plot_batch(table)
    assert [line.get_ydata()[-1] for line in plot.lines] == [1.0, 2.0]
    assert plot.get_legend().get_title().get_text() == "C-rate"
    assert texts(plot) == ["1", "2"]
    with pytest.raises(ValueError, match="no column 'id' that tells the runs apart"):
        plot_batch(table, key="id")
    with pytest.raises(ValueError, match="none of the runs has results"):
        plot_batch(frame.clear())
