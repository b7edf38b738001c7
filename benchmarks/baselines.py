"""A sweep with PyBaMM alone, as its users write it: a loop, and `pybamm.BatchStudy`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import pybamm

OUTPUTS = ("Time [s]", "Voltage [V]", "Current [A]", "Discharge capacity [A.h]")
LOWER_VOLTAGE = 2.5
#: Seconds between two output times.
PERIOD = 60
PARAMETER_SET = "Chen2020"


class Point(NamedTuple):
    """One run of a sweep: a C-rate, and the parameters that differ from the set."""

    c_rate: float
    overrides: dict[str, float]


def new_model(name: str) -> Any:
    """Return a lithium-ion model by name."""
    return getattr(pybamm.lithium_ion, name)()


def experiment(c_rate: float) -> Any:
    """Return a discharge from full to the lower voltage, sampled once a minute."""
    step = pybamm.step.c_rate(c_rate, termination=f"{LOWER_VOLTAGE} V", period=PERIOD)
    return pybamm.Experiment([step])


def parameters(overrides: dict[str, float]) -> Any:
    """Return the published set with the swept values."""
    values = pybamm.ParameterValues(PARAMETER_SET)
    values.update(overrides)
    return values


def naive_loop(model_name: str, points: Sequence[Point]) -> float:
    """Return the time [s] of one `pybamm.Simulation` after another, outputs read."""
    began = perf_counter()
    for point in points:
        simulation = pybamm.Simulation(
            new_model(model_name),
            parameter_values=parameters(point.overrides),
            experiment=experiment(point.c_rate),
        )
        solution = simulation.solve(initial_soc=1)
        for output in OUTPUTS:
            solution[output].entries  # noqa: B018 - reading computes the output
    return perf_counter() - began


def batch_study(model_name: str, points: Sequence[Point]) -> float:
    """Return the time [s] of a `pybamm.BatchStudy` of the points, outputs read."""
    began = perf_counter()
    study = pybamm.BatchStudy(
        models={str(index): new_model(model_name) for index in range(len(points))},
        parameter_values={
            str(index): parameters(point.overrides) for index, point in enumerate(points)
        },
        experiments={str(index): experiment(point.c_rate) for index, point in enumerate(points)},
    )
    study.solve(initial_soc=1)
    for simulation in study.sims:
        for output in OUTPUTS:
            simulation.solution[output].entries  # noqa: B018 - reading computes the output
    return perf_counter() - began


def voltages(model_name: str, point: Point, seconds: Any) -> Any:
    """Return the voltage [V] of one run at some times [s], by the solver's own interpolation."""
    simulation = pybamm.Simulation(
        new_model(model_name),
        parameter_values=parameters(point.overrides),
        experiment=pybamm.Experiment(
            [pybamm.step.c_rate(point.c_rate, termination=f"{LOWER_VOLTAGE} V")]
        ),
    )
    solution = simulation.solve(initial_soc=1)
    return solution["Voltage [V]"](seconds)
