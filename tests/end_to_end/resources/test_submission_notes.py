"""Doubtful and unused inputs of simulations, from the request to the result."""

import warnings
from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.errors import ProtocolWarning, UnprocessableError

REST = "steps: [{Rest: {duration: 1}}]"
DISCHARGE = """
global: {initial_soc: 1, temperature: "input['T']"}
steps:
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: 60, ends: ["Voltage < 2.5"]}
"""


def config(protocol: str = DISCHARGE, **fields: Any) -> dict[str, Any]:
    return {
        "parameterized_model": {"quick_model": {"capacity": 2.0}},
        "protocol_experiment": {"protocol": protocol, "name": "noted"},
        **fields,
    }


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (f"global: {{temperature: 298.15}}\n{REST}", "is very hot"),
        (
            "steps: [{Discharge: {mode: C-rate, value: 1, duration: 1, ends: [Voltage > 4.3]}}]",
            "is the comparison reversed?",
        ),
        (
            f"global: {{initial_state_type: soc_percentage, initial_state_value: 0.5}}\n{REST}",
            "0.5 is read as 0.5 %; for 50 % write 50",
        ),
    ],
)
def test_a_warning_about_a_protocol_reaches_the_user_the_record_and_the_result(
    client: Ionworks, protocol: str, words: str
) -> None:
    with pytest.warns(ProtocolWarning) as issued:
        response = client.simulation.protocol(config(protocol))

    assert [words in str(each.message) for each in issued] == [True]
    assert issued[0].filename == __file__
    messages = [str(issued[0].message)]
    ended = client.simulation.wait_for_completion(response, verbose=False)
    assert response.notes == messages
    assert ended.notes == messages
    assert client.simulation.get_result(response).notes == messages


def test_a_saved_protocol_warns_when_it_is_run(client: Ionworks) -> None:
    saved = client.protocol.create("hot", f"global: {{temperature: 300}}\n{REST}")
    fields = config()
    del fields["protocol_experiment"]

    with pytest.warns(ProtocolWarning, match="very hot"):
        client.simulation.protocol({**fields, "protocol_id": saved.id})


def test_an_unused_experiment_parameter_is_a_warning(client: Ionworks) -> None:
    values = {"C-rate": 1, "T": 25, "C rate": 2}

    with pytest.warns(ProtocolWarning, match="did you mean 'C-rate'"):
        response = client.simulation.protocol(config(experiment_parameters=values))

    assert len(client.simulation.get(response).notes or ()) == 1


def test_an_unused_drive_cycle_is_a_warning(client: Ionworks) -> None:
    fields = config(REST)
    fields["protocol_experiment"]["drive_cycles"] = {"US06": [[0, 1], [1, 2]]}

    with pytest.warns(ProtocolWarning, match="no step needs the drive cycle 'US06'"):
        client.simulation.protocol(fields)


def test_a_sweep_of_an_unused_name_is_refused_and_stores_nothing(client: Ionworks) -> None:
    runs = [
        {"experiment_parameters": {"C rate": rate, "C-rate": 1, "T": 25}, "design_parameters": {}}
        for rate in (1, 2)
    ]
    before = len(client.simulation.list(limit=1000))

    with pytest.raises(UnprocessableError, match="the sweep changes nothing"):
        client.simulation.protocol_batch(config(conditions=runs))

    assert len(client.simulation.list(limit=1000)) == before


def test_a_sweep_warns_once_of_what_all_runs_have(client: Ionworks) -> None:
    runs = [
        {"experiment_parameters": {"C-rate": rate, "T": 298.15}, "design_parameters": {}}
        for rate in (1, 2, 3)
    ]

    with pytest.warns(ProtocolWarning) as issued:
        responses = client.simulation.protocol_batch(config(conditions=runs))

    assert len(issued) == 1
    assert [len(response.notes or ()) for response in responses] == [1, 1, 1]


def test_the_guides_full_cell_warns_nobody(client: Ionworks) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = client.simulation.protocol(
            config(experiment_parameters={"C-rate": 1.0, "T": 25})
        )

    assert response.notes == []
