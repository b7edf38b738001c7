"""Protocols of a submission in PyBaMM's form."""

from __future__ import annotations

from typing import Any

import pybamm
import pytest

from ionworks import Ionworks, ucp
from tests.unit.resources.simulation.simulation_service import Service, config

SENTENCES = ["Discharge at 1C until 2.5 V", "Rest for 10 minutes"]
CYCLE = tuple(SENTENCES)


def sent(client: Ionworks, service: Service, experiment: Any) -> dict[str, Any]:
    """Submit an experiment and return the protocol that was sent, as a document."""
    client.simulation.protocol(config(protocol_experiment=experiment))
    body = [body for _, path, _, body in service.sent if path.endswith("parse-to-template")][-1]
    found = body["protocol_experiment"]
    return {"name": found["name"], **ucp.load(found["protocol"])}


def steps(given: Any) -> Any:
    return ucp.load(ucp.to_yaml(ucp.parse(given).protocol))["steps"]


@pytest.mark.parametrize("experiment", [SENTENCES, [CYCLE], pybamm.Experiment([CYCLE])])
def test_an_experiment_is_sent_as_a_document(
    client: Ionworks, service: Service, experiment: Any
) -> None:
    found = sent(client, service, experiment)
    named = sent(client, service, {"protocol": experiment, "name": "mine"})

    assert found["name"] == "Experiment"
    assert named == {**found, "name": "mine"}
    assert [next(iter(each)) for each in found["steps"]] == ["Discharge", "Rest"]
    assert ucp.parse({"steps": found["steps"]}).errors == ()


def test_sentences_among_steps_are_sent_as_steps(client: Ionworks, service: Service) -> None:
    document = {"global": {"initial_soc": 1}, "steps": [SENTENCES[0], {"Rest": {"duration": 600}}]}

    found = sent(client, service, {"protocol": document, "name": "mine"})

    assert found["name"] == "mine"
    assert found["global"] == {"initial_soc": 1}
    assert steps({"steps": found["steps"]}) == steps("\n".join(SENTENCES))


def test_a_custom_termination_is_sent_as_an_end_on_the_model(
    client: Ionworks, service: Service
) -> None:
    def cutoff(variables: Any) -> Any:
        return variables["Anode potential [V]"] - 0.01

    end = pybamm.step.CustomTermination("plating", cutoff)
    step = pybamm.step.c_rate(-1, termination=["4.2 V", end])

    found = sent(client, service, pybamm.Experiment([step]))

    [body] = found["steps"][0].values()
    assert body["ends"] == ["Voltage > 4.2", '"Anode potential [V]" < 0.01']


def test_a_termination_of_the_experiment_is_sent(client: Ionworks, service: Service) -> None:
    found = sent(client, service, pybamm.Experiment([CYCLE] * 2, termination="80% capacity"))

    [last] = found["steps"][-1]["Cycles 1 to 2"]["steps"][-1]["Control"]["ends"]
    assert last == {"Cell capacity < 0.8 * VAR_START_CAPACITY": {"goto": "End"}}


def test_a_termination_that_is_not_known_is_refused(client: Ionworks, service: Service) -> None:
    def opaque(variables: Any) -> Any:
        return float(variables["Anode potential [V]"])

    step = pybamm.step.c_rate(
        -1, termination=pybamm.step.CustomTermination("plating", opaque), duration=60
    )

    with pytest.raises(ValueError, match=r"step 1: the termination 'plating' cannot be written"):
        sent(client, service, pybamm.Experiment([step]))
    unknown = {"cycles": [SENTENCES[0]], "termination": "half empty"}
    with pytest.raises(ValueError, match="'half empty' of the whole experiment"):
        sent(client, service, {"protocol": unknown, "name": "mine"})
    assert service.sent == []
