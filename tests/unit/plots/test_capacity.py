"""Voltage over capacity, rest potentials and dQ/dV."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from ionworks.plots.capacity import incremental_capacity, plot_dqdv, plot_ocv


def cell(points: int = 400) -> pl.DataFrame:
    """A cell of 1 A.h with V = 4 - Q: discharge at 1 A for 1 h, an hour of rest, and charge."""
    hours = np.linspace(0.0, 1.0, points)
    steps = []
    for number, current in enumerate((1.0, 0.0, -1.0)):
        start = (0.0, 1.0, 1.0)[number]
        steps.append(
            pl.DataFrame(
                {
                    "Time [s]": 3600 * (number + hours),
                    "Voltage [V]": 4 - (start + current * hours),
                    "Current [A]": np.full(points, current),
                    "Step count": np.full(points, number),
                    "Cycle count": np.zeros(points, dtype=int),
                }
            )
        )
    return pl.concat(steps)


def test_the_capacity_is_integrated_and_rests_end_in_points() -> None:
    plot = plot_ocv(cell())

    discharge, charge, rests = plot.lines
    assert discharge.get_xdata()[-1] == pytest.approx(1.0)
    assert charge.get_xdata()[-1] == pytest.approx(0.0, abs=1e-9)
    assert (discharge.get_linestyle(), charge.get_linestyle()) == ("-", "--")
    assert [*rests.get_xdata()] == pytest.approx([1.0])
    assert [*rests.get_ydata()] == pytest.approx([3.0])
    assert plot.get_xlabel() == "Capacity [A\u00b7h]"
    assert [each.get_text() for each in plot.get_legend().get_texts()] == ["end of a rest"]


def test_a_stored_capacity_is_used_and_starts_at_zero() -> None:
    table = pl.DataFrame({"Capacity [A.h]": [2.0, 3.0], "Voltage [V]": [4.0, 3.0]})
    plot = plot_ocv(table)
    assert [*plot.lines[0].get_xdata()] == [0.0, 1.0]
    assert plot.get_legend() is None


@pytest.mark.parametrize(
    ("capacity", "is_used"),
    [
        (pl.col("Time [s]").clip(0, 3600) - (pl.col("Time [s]") - 7200).clip(0), True),
        (3600 * pl.col("Step count") - pl.col("Time [s]"), False),  # positive on charge
        (pl.col("Time [s]") - 3600 * pl.col("Step count"), False),  # restarts with each step
    ],
)
def test_a_capacity_that_contradicts_the_current_is_not_used(
    capacity: pl.Expr, is_used: bool
) -> None:
    stored = cell().with_columns((capacity / 3600 * 1.01).alias("Capacity [A.h]"))

    discharge, charge, _ = plot_ocv(stored).lines

    expected = 1.01 if is_used else 1.0
    assert discharge.get_xdata()[-1] == pytest.approx(expected)
    assert charge.get_xdata()[[0, -1]] == pytest.approx([expected, 0.0], abs=1e-9)


def test_a_missing_current_does_not_cut_off_what_follows() -> None:
    current = pl.when(pl.col("Time [s]") == 0).then(None).otherwise(pl.col("Current [A]"))

    discharge, charge, _ = plot_ocv(cell().with_columns(current.alias("Current [A]"))).lines

    assert len(discharge.get_xdata()) == len(charge.get_xdata()) - 1
    assert charge.get_ydata()[-1] == pytest.approx(4.0)


def test_dqdv_is_the_slope_of_the_capacity() -> None:
    plot = plot_dqdv(cell(), resolution=0.05)

    discharge, charge, _ = plot.lines
    assert [*discharge.get_ydata()] == pytest.approx([-1.0] * len(discharge.get_ydata()), abs=1e-6)
    assert [*charge.get_ydata()] == pytest.approx([1.0] * len(charge.get_ydata()), abs=1e-6)
    assert min(discharge.get_xdata()) >= 3.0
    assert max(discharge.get_xdata()) <= 4.0
    assert [each.get_text() for each in plot.get_legend().get_texts()] == ["0", "2"]


def test_all_charge_of_a_curve_is_counted() -> None:
    """With a plateau and with noise, which makes the voltage run back."""
    capacities = np.linspace(0.0, 2.0, 4001)
    voltages = np.where(capacities < 1, 3.8 - 0.4 * capacities, 3.4)
    voltages = np.where(capacities > 1.5, 3.4 - 0.6 * (capacities - 1.5), voltages)
    noise = np.random.default_rng(1).normal(0, 1e-3, voltages.size)

    for curve in (voltages, voltages + noise):
        middles, density = incremental_capacity(capacities, curve, 0.01)
        assert -density.sum() * 0.01 == pytest.approx(2.0, abs=0.06)
        assert middles[np.argmin(density)] == pytest.approx(3.4, abs=0.01)


@pytest.mark.parametrize(
    ("table", "resolution", "words"),
    [
        (cell(), 0.5, "no step has a curve of dQ/dV"),
        (cell().filter(pl.col("Step count") == 1), 0.01, "no step has a curve of dQ/dV"),
        (cell(), 0.0, "resolution must be a voltage above 0"),
        (cell().drop("Voltage [V]"), 0.01, "no column 'Voltage"),
        (cell().with_columns(pl.lit(None).alias("Voltage [V]")), 0.01, "no row has values"),
    ],
)
def test_what_has_no_curve_is_an_error(table: pl.DataFrame, resolution: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plot_dqdv(table, resolution=resolution)
