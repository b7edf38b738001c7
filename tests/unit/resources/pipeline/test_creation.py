"""Submitting pipelines: the requests that are sent."""

from __future__ import annotations

import json
from typing import Any

import pybamm
import pytest

from ionworks.records.pipeline import Pipeline
from tests.unit.resources.pipeline.configuration import CREATED, D, sent_elements

ENTRY = {"element_type": "entry", "values": {"model": {"type": "SPM"}, "data": "db:m1"}}
FIT = {
    "element_type": "data_fit",
    "objectives": {"voltage": {"data": "entry.data"}},
    "parameters": {D: {"bounds": [1e-16, 1e-12], "initial_value": 3.3e-14}},
}
CONFIG = {"name": "NMC622 Parameterization", "elements": {"entry": ENTRY, "data_fit": FIT}}


# ---------------------------------------------------------------- creating


def test_create_sends_the_guides_configuration_flat(stub_service: Any) -> None:
    service = stub_service(CREATED)

    pipeline = service.client(project_id="P").pipeline.create(CONFIG)

    body = {
        "elements": {"entry": ENTRY, "data_fit": FIT},
        "project_id": "P",
        "options": {},
        "name": "NMC622 Parameterization",
    }
    assert service.sent == [("POST /pipelines", {}, body)]
    assert list(service.sent[0][2]["elements"]) == ["entry", "data_fit"]
    assert isinstance(pipeline, Pipeline)
    assert (pipeline.id, pipeline.status, pipeline["status"]) == ("p1", "pending", "pending")
    assert not pipeline.is_terminal


def test_arguments_take_precedence_over_the_configuration(stub_service: Any) -> None:
    service = stub_service(CREATED)
    config = {
        **CONFIG,
        "project_id": "in the config",
        "description": "old",
        "options": {"live_progress_updates": True},
        "output_file": "out.json",
    }

    service.client(project_id="P").pipeline.create(
        config,
        project_id="Q",
        name="N",
        description="D",
        options={"live_progress_updates": False},
    )

    assert service.sent[0][2] == {
        "elements": {"entry": ENTRY, "data_fit": FIT},
        "project_id": "Q",
        "options": {"live_progress_updates": False},
        "name": "N",
        "description": "D",
        "output_file": "out.json",
    }


def test_the_project_of_the_configuration_takes_precedence_over_the_clients(
    stub_service: Any,
) -> None:
    service = stub_service(CREATED)
    service.client(project_id="P").pipeline.create({**CONFIG, "project_id": "C"})
    assert service.sent[0][2]["project_id"] == "C"


def test_without_a_project_nothing_is_sent(stub_service: Any) -> None:
    service = stub_service(CREATED)
    with pytest.raises(ValueError, match="IONWORKS_PROJECT_ID"):
        service.client().pipeline.create(CONFIG)
    assert service.sent == []


def test_the_project_comes_from_the_environment(
    stub_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "E")
    service = stub_service(CREATED)
    service.client().pipeline.create(CONFIG)
    assert service.sent[0][2]["project_id"] == "E"


@pytest.mark.parametrize(
    ("label", "canonical"),
    [
        ("Direct Entry", "entry"),
        ("Data Fit", "data_fit"),
        ("datafit", "data_fit"),
        ("Array Data Fit", "array_data_fit"),
        ("arraydatafit", "array_data_fit"),
        ("Calculation", "calculation"),
        ("Validation", "validation"),
        ("Linear Confidence Interval", "linear_confidence_interval"),
        ("Sobol Sensitivity", "sobol_sensitivity"),
        ("validation", "validation"),
        ("no such type", "no such type"),
    ],
)
def test_labels_of_earlier_versions_become_canonical(
    stub_service: Any, label: str, canonical: str
) -> None:
    sent = sent_elements(stub_service, {"e": {"element_type": label}})
    assert sent == {"e": {"element_type": canonical}}


@pytest.mark.parametrize("element_type", ["data_fit", "validation", "sobol_sensitivity"])
def test_objectives_in_the_form_of_earlier_versions_become_canonical(
    stub_service: Any, element_type: str
) -> None:
    objectives = {
        "old": {
            "objective": "CurrentDriven",
            "model": {"type": "SPMe"},
            "data": "db:m1",
            "options": {"objective variables": ["Voltage [V]"]},
        },
        "new": {"type": "EIS", "data": "db:m2", "options": {"model": {"type": "SPM"}}},
        "same": {"type": "Pulse", "objective": "Pulse", "data": "db:m3"},
    }
    elements = {"e": {"element_type": element_type, "objectives": objectives}}

    sent = sent_elements(stub_service, elements)

    assert sent["e"]["objectives"] == {
        "old": {
            "type": "CurrentDriven",
            "data": "db:m1",
            "options": {"objective variables": ["Voltage [V]"], "model": {"type": "SPMe"}},
        },
        "new": objectives["new"],
        "same": {"type": "Pulse", "data": "db:m3"},
    }
    assert objectives["old"]["objective"] == "CurrentDriven", "the user's mapping is not changed"


def test_a_single_objective_in_the_form_of_earlier_versions_becomes_canonical(
    stub_service: Any,
) -> None:
    bare = {"objective": "Resistance", "model": {"type": "SPM"}, "data": "db:m1"}
    sent = sent_elements(stub_service, {"e": {"element_type": "data_fit", "objectives": bare}})
    assert sent["e"]["objectives"] == {
        "type": "Resistance",
        "data": "db:m1",
        "options": {"model": {"type": "SPM"}},
    }


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ({"objective": "EIS", "type": "Pulse"}, r"\['v'\] has the type 'Pulse' and .* 'EIS'"),
        ({"model": {"type": "SPM"}, "options": {"model": {"type": "DFN"}}}, "another in them"),
    ],
)
def test_contradictions_of_the_two_forms_are_refused(
    stub_service: Any, objective: dict[str, Any], words: str
) -> None:
    service = stub_service(CREATED)
    elements = {"e": {"element_type": "data_fit", "objectives": {"v": objective}}}
    with pytest.raises(ValueError, match=words):
        service.client(project_id="P").pipeline.create({"elements": elements})
    assert service.sent == []


# ---------------------------------------------------------------- PyBaMM objects


def test_pybamm_objects_are_sent_as_json(stub_service: Any) -> None:
    model = pybamm.lithium_ion.SPM()
    elements = {
        "entry": {"element_type": "entry", "values": {"model": model}},
        "fit": {
            **FIT,
            "objectives": {"voltage": {"data": "db:m1"}},
            "parameters": {D: pybamm.Parameter("scale") * 2, "scale": {"bounds": (1.0, 3.0)}},
        },
    }

    sent = sent_elements(stub_service, elements)

    assert sent["entry"]["values"]["model"]["type"] == "SPM"
    assert sent["entry"]["values"]["model"] == json.loads(json.dumps(model.to_config()))
    expression = sent["fit"]["parameters"][D]
    assert expression["$type"].startswith("pybamm.expression_tree")
    assert len(expression["children"]) == 2
    assert sent["fit"]["parameters"]["scale"] == {"bounds": [1.0, 3.0]}


def test_parameter_values_are_a_plain_map(stub_service: Any) -> None:
    values = pybamm.ParameterValues({D: 3.3e-14, "Ambient temperature [K]": 298.15})
    sent = sent_elements(stub_service, {"entry": {"element_type": "entry", "values": values}})
    assert sent["entry"]["values"][D] == 3.3e-14
