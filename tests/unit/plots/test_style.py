"""The common style, and what happens without matplotlib."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from ionworks.plots import plot_cycles, plot_runs, plot_time_series
from ionworks.plots.style import Grades, few_log_ticks, new_axes

CAPACITY = "Capacity [A.h]"
SERIES = {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, 3.9], "Step count": [0, 0]}


def brightness(color: object) -> float:
    red, green, blue = to_rgb(color)  # type: ignore[arg-type]  # any colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def run(program: str) -> subprocess.CompletedProcess[str]:
    script = f"import sys; sys.path[:0] = {sys.path!r}\n{program}"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )


def test_colours_differ_in_grey_too() -> None:
    [plot] = new_axes()
    lines = [plot.plot([0, 1])[0] for _ in range(16)]
    looks = [(line.get_color(), line.get_linestyle()) for line in lines]
    assert len({*looks}) == 16
    shades = sorted({brightness(color) for color, _ in looks})
    assert all(bright - dark > 0.12 for dark, bright in pairwise(shades))
    assert shades[-1] < 0.75, "visible on white"


@pytest.mark.parametrize("count", [2, 8, 50])
def test_graded_colours_get_brighter_with_the_value(count: int) -> None:
    grades = Grades("x", range(count))
    shades = [brightness(grades.color(value)) for value in range(count)]
    assert shades == sorted(shades)
    assert shades[-1] < 0.75


def test_text_keeps_its_order_and_has_a_legend_of_limited_length() -> None:
    grades = Grades("model", [f"model {number}" for number in range(20)])
    assert not grades.has_bar
    assert grades.values[10] == "model 10"
    named = [each.get_label() for each in grades.handles(with_styles=True)]
    assert named[:2] == ["model 0", "model 1"]
    assert named[-1] == "and 7 more"


def test_without_matplotlib_the_extra_is_named() -> None:
    done = run("sys.modules['matplotlib'] = None\nimport ionworks.plots.time_series")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "ImportError: plots need matplotlib: pip install 'ionworks-api[plot]'\n"
    )


def test_pyplot_gets_the_figures_only_of_programs_that_use_it() -> None:
    program = """
from ionworks.plots.style import new_axes
new_axes()
assert 'matplotlib.pyplot' not in sys.modules
import matplotlib
matplotlib.use('Agg')
from matplotlib import pyplot as plt
[axes] = new_axes()
assert plt.gcf() is axes.figure
"""
    done = run(program)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([1.2e-4, 2e-3], [2e-4, 5e-4, 1e-3, 2e-3]),
        ([1e-15, 1e-12], [1e-15, 1e-14, 1e-13, 1e-12]),
    ],
)
def test_a_logarithmic_axis_has_few_ticks(values: list[float], ticks: list[float]) -> None:
    [plot] = new_axes()
    plot.plot([0, 1], values)
    plot.set_yscale("log")
    plot.set_ylim(*values)
    few_log_ticks(plot)
    plot.figure.canvas.draw()
    low, high = plot.get_ylim()
    shown = [each for each in plot.yaxis.get_major_ticks() if low <= each.get_loc() <= high]
    assert [each.get_loc() for each in shown] == pytest.approx(ticks)
    assert all(each.label1.get_text() for each in shown)
    assert not any(each.label1.get_text() for each in plot.yaxis.get_minor_ticks())


@pytest.mark.parametrize(
    "plot",
    [
        lambda: plot_time_series(SERIES, y=["Voltage [V]", "Voltag [V]"]),
        lambda: plot_time_series(SERIES, by="stop"),
        lambda: plot_cycles({"Cycle count": [0], "Capacity [A.h]": [0]}, CAPACITY, relative=True),
        lambda: plot_runs([("a", SERIES)], color="rate"),
    ],
    ids=["time series", "by", "cycles", "runs"],
)
def test_what_cannot_be_plotted_leaves_no_empty_figure(plot) -> None:
    with pytest.raises(ValueError, match=r"no column|by must|is 0|not a value"):
        plot()

    assert plt.get_fignums() == []
