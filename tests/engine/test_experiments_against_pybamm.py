"""Experiments in PyBaMM's form give the same curves on the engine as in PyBaMM."""

import numpy as np
import pybamm
import pytest

from ionworks.engine import check, simulate
from ionworks.records.protocol import protocol_text
from tests.engine.experiments import compare, reference
from tests.engine.runs import SPM

PULSES = np.array([[0.0, 1.0], [30.0, -1.0], [60.0, 2.0], [120.0, 0.5]])
STEPS = [
    "Discharge at 1C for 40 minutes or until 3.2 V",
    "Rest for 10 minutes",
    pybamm.step.current(-2.5, termination=["4 V", "< -2.6 A"]),
    "Hold at 4 V until C/10",
    pybamm.step.power(10, duration="10 minutes", period="20 seconds"),
    pybamm.step.resistance(2, duration=300),
    pybamm.step.current(PULSES),
]


def run(experiment):
    """Run an experiment on the engine, from full."""
    text = protocol_text(experiment, "protocol")
    assert check(SPM, text, [{"id": "a"}]) == []
    [outcome] = simulate(SPM, text, [{"id": "a"}])
    assert outcome.error is None
    return outcome


def test_each_kind_of_step_gives_the_curve_of_pybamm():
    outcome = run(pybamm.Experiment(STEPS))

    assert outcome.steps["Cycle count"].unique().to_list() == [0]
    assert compare(outcome.time_series, reference(STEPS, 1.0), len(STEPS)) < 1.0  # mV


def test_cycles_are_those_of_pybamm():
    cycle = ("Discharge at 1C for 20 minutes", "Rest for 5 minutes", "Charge at 1C until 4.1 V")

    cycles = [(*cycle, "Rest for 2 minutes"), *[cycle] * 3, ("Rest for 1 minute", *cycle)]

    steps = run(pybamm.Experiment(cycles)).steps

    assert steps["Cycle count"].to_list() == [0] * 4 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 4
    ends = [step.t[-1] for whole in reference(cycles, 1.0).cycles for step in whole.steps]
    assert steps["End time [s]"].to_list() == pytest.approx(ends, rel=1e-3)


def test_a_total_time_ends_the_test():
    experiment = pybamm.Experiment(STEPS[:3], termination="45 minutes")

    outcome = run(experiment)

    assert outcome.steps["End time [s]"].to_list()[-1] == pytest.approx(2700)
    assert outcome.steps.height == 2
