"""Experiments in PyBaMM's form, with terminations, as a batch on the embedded engine."""

from __future__ import annotations

from typing import Any

import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError

NAME = "Negative electrode stoichiometry"
THICKNESS = "Negative electrode thickness [m]"


def config(ends: Any, termination: str) -> dict[str, Any]:
    discharge = pybamm.step.c_rate(1, termination=["2.5 V", ends])
    charge = pybamm.step.c_rate(-1, duration="5 minutes")
    experiment = pybamm.Experiment([(discharge, charge)] * 5, termination=termination)
    return {
        "parameterized_model": "spm-chen2020",
        "protocol_experiment": {"protocol": experiment, "name": "shallow"},
        "extra_variables": [NAME],
    }


def test_a_batch_ends_on_a_variable_of_the_model_and_on_a_voltage(client: Ionworks) -> None:
    def low(variables: Any) -> Any:
        return variables[NAME] - 0.5

    shared = config(pybamm.step.CustomTermination("low", low), "3.61 V")
    lengths = [8e-5, 9e-5]
    batch = client.simulation.protocol_batch(
        {**shared, "conditions": [{"design_parameters": {THICKNESS: each}} for each in lengths]}
    )
    results = [*client.simulation.get_results(batch.wait(verbose=False))]

    for result in results:
        ends = result.steps["Termination"].to_list()
        assert ends == [f'"{NAME}" < 0.5', "duration"] * (len(ends) // 2)
        at_end = result.time_series.filter(result.time_series["Step count"] == 0)[NAME][-1]
        assert at_end == pytest.approx(0.5, abs=1e-6)
    assert [len(result.steps) for result in results] == [2, 2]
    text = client.simulation.script(batch[0])
    assert 'variables["Negative electrode stoichiometry"] - 0.5' in text
    assert 'termination=["3.61 V"]' in text

    def misspelled(variables: Any) -> Any:
        return variables["Negative electrode stoichiometri"] - 0.5

    with pytest.raises(IonworksError, match="use 'Negative electrode stoichiometry'"):
        client.simulation.protocol(
            config(pybamm.step.CustomTermination("low", misspelled), "80% capacity")
        )
