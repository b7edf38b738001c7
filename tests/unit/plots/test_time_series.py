"""Signals of a simulation or a measurement, one above the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.axes import Axes

from ionworks.plots.time_series import plot_time_series
from tests.measured import cycling

SERIES = cycling(cycles=2).with_columns(pl.lit(25.0).alias("Temperature [degC]"))
STEPS = pl.DataFrame(
    {
        "Step count": [*range(6)],
        "Step type": ["Rest", "Constant current discharge", "Constant current charge"] * 2,
    }
)


def labels(plots: list[Axes]) -> list[str]:
    return [each.get_ylabel() for each in plots]


def shades(plot: Axes) -> dict[str, list[list[float]]]:
    """Return the spans of x of each background, by its colour."""
    found = {}
    for collection in plot.collections:
        color = "#" + "".join(
            f"{round(255 * part):02x}" for part in collection.get_facecolor()[0][:3]
        )
        found[color] = [
            [path.vertices[:, 0].min(), path.vertices[:, 0].max()]
            for path in collection.get_paths()
        ]
    return found


def test_voltage_current_and_temperature_share_the_time() -> None:
    plots = plot_time_series(SERIES)

    assert labels(plots) == ["Voltage [V]", "Current [A]", "Temperature [\u00b0C]"]
    assert plots[-1].get_xlabel() == "Time [min]"
    assert plots[0].lines[0].get_xdata()[-1] == SERIES["Time [s]"][-1] / 60
    assert [*plots[1].lines[0].get_ydata()] == SERIES["Current [A]"].to_list()
    assert plots[0].get_shared_x_axes().joined(plots[0], plots[2])


def test_columns_that_do_not_exist_are_left_out_or_an_error() -> None:
    assert labels(plot_time_series(SERIES.drop("Temperature [degC]"))) == [
        "Voltage [V]",
        "Current [A]",
    ]
    with pytest.raises(ValueError, match=r"no column 'Voltag \[V\]'.*did you mean 'Voltage \[V\]'"):
        plot_time_series(SERIES, y="Voltag [V]")
    with pytest.raises(ValueError, match="give y; it has Time"):
        plot_time_series(SERIES.select("Time [s]"))


@pytest.mark.parametrize("table", [SERIES, pd.DataFrame(SERIES.to_dict(as_series=False))])
def test_frames_of_both_libraries_are_plotted(table: Any) -> None:
    [plot] = plot_time_series(table, y="Voltage [V]", cycle_range=1)
    assert len(plot.lines[0].get_xdata()) == 33


def test_missing_values_are_gaps() -> None:
    table = pl.DataFrame({"Time [s]": [0.0, 1.0, 2.0], "Voltage [V]": [4.0, None, 3.9]})
    [plot] = plot_time_series(table)
    assert np.isnan(plot.lines[0].get_ydata()[1])


def test_the_background_shows_charges_and_discharges() -> None:
    voltage, current = plot_time_series(SERIES, STEPS, ["Voltage [V]", "Current [A]"])

    spans = shades(current)
    assert spans == shades(voltage)
    discharge, charge = spans["#e8d5c6"], spans["#e6eef6"]
    # A step lasts until the next begins; in minutes.
    assert discharge == [
        pytest.approx([601 / 60, 1202 / 60]),
        pytest.approx([2404 / 60, 3005 / 60]),
    ]
    assert charge[0] == pytest.approx([1202 / 60, 1803 / 60])
    assert [each.get_text() for each in voltage.get_legend().get_texts()] == ["charge", "discharge"]
    # The background reaches from bottom to top whatever the limits are.
    assert {*current.collections[0].get_paths()[0].vertices[:, 1]} == {0.0, 1.0}


@pytest.mark.parametrize(
    ("current", "colors"),
    [(-2.0, ["#e6eef6"]), (2.0, ["#e8d5c6"]), (0.0, []), (None, [])],
)
def test_a_step_of_unknown_type_is_shown_by_its_current(
    current: float | None, colors: list[str]
) -> None:
    steps = STEPS.with_columns(
        pl.lit("Unknown step type").alias("Step type"),
        pl.lit(current, pl.Float64).alias("Mean current [A]"),
    )
    [plot] = plot_time_series(SERIES, steps, "Voltage [V]")
    assert [*shades(plot)] == colors


@pytest.mark.parametrize("steps", [None, STEPS.drop("Step type")])
def test_without_types_of_steps_there_is_no_background(steps: pl.DataFrame | None) -> None:
    [plot] = plot_time_series(SERIES, steps, "Voltage [V]")
    assert not plot.collections
    assert plot.get_legend() is None


def test_cycles_are_curves_from_their_own_start() -> None:
    [plot] = plot_time_series(SERIES, STEPS, "Voltage [V]", by="cycle")

    first, second = plot.lines
    assert [*first.get_xdata()] == pytest.approx([*second.get_xdata()])
    assert first.get_xdata()[0] == 0
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    legend = plot.get_legend()
    assert legend.get_title().get_text() == "Cycle count"
    assert [each.get_text() for each in legend.get_texts()] == ["0", "1"]


def test_many_cycles_have_a_colour_bar() -> None:
    plots = plot_time_series(cycling(cycles=12), y=["Voltage [V]", "Current [A]"], by="cycle")

    bar = plots[0].figure.axes[-1]
    assert bar not in plots
    assert bar.get_ylabel() == "Cycle count"
    assert bar.get_ylim() == (0, 11)
    assert {each.get_linestyle() for each in plots[0].lines} == {"-"}


def test_steps_and_cycles_are_selected() -> None:
    [plot] = plot_time_series(SERIES, y="Voltage [V]", by="step", step_range=(1, 2))
    assert len(plot.lines) == 2
    [plot] = plot_time_series(SERIES, STEPS, "Voltage [V]", step_range=4)
    assert [*shades(plot)] == ["#e8d5c6"]
    with pytest.raises(ValueError, match=r"cycle_range 7 selects no rows; .* from 0 to 1"):
        plot_time_series(SERIES, cycle_range=7)
    with pytest.raises(ValueError, match="by must be 'step', 'cycle' or None, not 'day'"):
        plot_time_series(SERIES, by="day")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ValueError, match="label cannot be combined with by='step'"):
        plot_time_series(SERIES, by="step", label="x")
    with pytest.raises(ValueError, match=r"step_range must be a pair .* not \(0, 1, 2\)"):
        plot_time_series(SERIES, step_range=(0, 1, 2))  # type: ignore[arg-type]  # as above
    with pytest.raises(TypeError, match="step_range must be a pair of whole numbers"):
        plot_time_series(SERIES, step_range="a")  # type: ignore[arg-type]  # as above
    with pytest.raises(ValueError, match=r"step_range ends before it begins: \(3, 1\)"):
        plot_time_series(SERIES, step_range=(3, 1))
    days = SERIES.with_columns(pl.col("Time [s]").cast(pl.Datetime("us")))
    with pytest.raises(ValueError, match=r"'Time \[s\]' has dates or durations"):
        plot_time_series(days)
    with pytest.raises(ValueError, match="y is empty"):
        plot_time_series(SERIES, y=[])
    with pytest.raises(ValueError, match="no rows to plot"):
        plot_time_series(SERIES.clear())


def test_steps_without_numbers_have_no_background() -> None:
    [plot] = plot_time_series(SERIES, STEPS.drop("Step count"), "Voltage [V]")
    assert not plot.collections


def test_cycles_over_the_capacity_begin_at_their_starts() -> None:
    capacity = (pl.col("Time [s]") / 3600 + 0.5).alias("Capacity [A.h]")
    table = SERIES.with_columns(capacity)

    [plot] = plot_time_series(table, y="Voltage [V]", x="Capacity [A.h]", by="cycle")
    [whole] = plot_time_series(table, y="Voltage [V]", x="Capacity [A.h]")

    assert [line.get_xdata()[0] for line in plot.lines] == [0.0, 0.0]
    assert whole.lines[0].get_xdata()[0] == pytest.approx(0.5)


def test_a_second_result_is_added_in_the_units_of_the_first() -> None:
    long = SERIES.with_columns(pl.col("Time [s]") * 10)
    plots = plot_time_series(long, y="Voltage [V]", label="slow")
    assert plots[0].get_xlabel() == "Time [h]"

    assert plot_time_series(SERIES, y="Voltage [V]", axes=plots[0], label="fast") == plots
    slow, fast = plots[0].lines
    assert plots[0].get_xlabel() == "Time [h]"
    assert fast.get_xdata()[-1] == pytest.approx(SERIES["Time [s]"][-1] / 3600)
    assert (slow.get_label(), fast.get_label()) == ("slow", "fast")
    assert slow.get_color() != fast.get_color()
    with pytest.raises(ValueError, match="one plot for each of 3 columns, not 1"):
        plot_time_series(SERIES, axes=plots)


@pytest.mark.parametrize(
    ("values", "label", "factor"),
    [([0.002, -0.004], "Current [mA]", 1e3), ([0.2, -0.4], "Current [A]", 1.0)],
)
def test_small_currents_are_in_milliampere(values: list[float], label: str, factor: float) -> None:
    table = {"Time [s]": [0.0, 1.0], "Current [A]": values}
    [plot] = plot_time_series(table)
    assert plot.get_ylabel() == label
    assert [*plot.lines[0].get_ydata()] == [each * factor for each in values]


@pytest.mark.parametrize(
    ("seconds", "label"),
    [
        (500.0, "Time [s]"),
        (3600.0, "Time [min]"),
        (7200.0, "Time [h]"),
        (15 * 86400.0, "Time [d]"),
    ],
)
def test_the_unit_of_time_depends_on_its_length(seconds: float, label: str) -> None:
    [plot] = plot_time_series({"Time [s]": [0.0, seconds], "Voltage [V]": [4.0, 3.0]})
    assert plot.get_xlabel() == label


def test_rounding_does_not_look_like_a_signal() -> None:
    table = {
        "Time [s]": [0.0, 1.0, 2.0],
        "Current [A]": [5.0, 5.0 + 1e-12, 5.0],
        "Temperature [degC]": [25.0, 25.001, 25.0],
    }
    for plot, least in zip(plot_time_series(table), (0.004, 0.9), strict=True):
        low, high = plot.get_ylim()
        assert high - low > least


def test_ticks_have_no_offset() -> None:
    table = {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.10001, 4.10002]}
    [plot] = plot_time_series(table)
    plot.figure.canvas.draw()
    assert plot.yaxis.get_major_formatter().get_offset() == ""
