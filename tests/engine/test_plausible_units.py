"""Units of measurements: curves of PyBaMM alone in their own units, and in those of exports."""

import numpy as np
import polars as pl
import pybamm
import pytest

from ionworks.validation import validate_time_series

step = pybamm.step
CELLS = {"Chen2020": (5.0, (2.5, 4.2)), "Prada2013": (2.3, (2.0, 3.6))}
"""Parameter sets with capacity [A.h] and voltage window [V]: NMC, and LFP with its plateau."""


def pulses(rate):
    """Pulses of ten seconds in both directions, each with a rest."""
    parts = [step.c_rate(sign * rate, duration=10, period=0.5) for sign in (1, -0.7)]
    rest = step.rest(duration=40, period=1)
    return [each for _ in range(3) for part in parts for each in (part, rest)]


def full(rate, lowest):
    discharge = step.c_rate(rate, termination=f"{lowest} V", period=30 / rate)
    return [discharge, step.rest(duration=1800, period=30)]


EXPERIMENTS = {
    "1C": lambda lowest: full(1, lowest),
    "C/20": lambda lowest: full(1 / 20, lowest),
    "pulses": lambda _: pulses(3),
    "titration": lambda _: [
        each
        for _ in range(2)
        for each in (
            step.c_rate(0.1, duration=1800, period=10),
            step.rest(duration=1800, period=30),
        )
    ],
}


@pytest.fixture(scope="module")
def curves():
    found = {}
    for cell, (_, window) in CELLS.items():
        for name, make in EXPERIMENTS.items():
            simulation = pybamm.Simulation(
                pybamm.lithium_ion.SPM(),
                parameter_values=pybamm.ParameterValues(cell),
                experiment=pybamm.Experiment([tuple(make(window[0]))]),
            )
            [cycle] = simulation.solve(initial_soc=0.9 if name == "pulses" else 1.0).cycles
            found[cell, name] = pl.concat(
                pl.DataFrame(
                    {
                        "Time [s]": part.t,
                        "Voltage [V]": part["Voltage [V]"].entries,
                        "Current [A]": part["Current [A]"].entries,
                        "Step count": np.full(len(part.t), count),
                    }
                )
                for count, part in enumerate(cycle.steps)
            )
    return found


def suspects(frame, cell, rated):
    capacity, window = CELLS[cell]
    known = {"rated_capacity": capacity, "voltage_window": window} if rated else {}
    issues = validate_time_series(frame, strict=True, **known)
    return [issue.column for issue in issues if issue.code == "IMPLAUSIBLE_UNIT"]


@pytest.mark.parametrize("rated", [False, True])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_cell_in_its_own_units_is_not_suspected(curves, cell, name, rated):
    assert suspects(curves[cell, name], cell, rated) == []


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", ["1C", "C/20"])
@pytest.mark.parametrize(
    ("column", "factor"),
    [
        ("Current [A]", 1000),
        ("Current [A]", 1 / 1000),
        ("Time [s]", 1 / 3600),
        ("Time [s]", 1 / 60),
        ("Voltage [V]", 1000),
    ],
)
def test_a_cell_in_other_units_is_known_by_its_ratings(curves, cell, name, column, factor):
    frame = curves[cell, name].with_columns(pl.col(column) * factor)

    assert suspects(frame, cell, rated=True) == [column]


@pytest.mark.parametrize(
    ("cell", "name", "column", "factor"),
    [
        ("Chen2020", "1C", "Current [A]", 1000),
        ("Chen2020", "C/20", "Current [A]", 1000),
        ("Chen2020", "1C", "Time [s]", 1 / 3600),
        ("Prada2013", "C/20", "Time [s]", 1 / 3600),
        ("Prada2013", "1C", "Voltage [V]", 1000),
    ],
)
def test_without_ratings_units_that_no_cell_has_are_found(curves, cell, name, column, factor):
    frame = curves[cell, name].with_columns(pl.col(column) * factor)

    assert suspects(frame, cell, rated=False) == [column]
