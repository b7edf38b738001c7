"""Protocols: validation, templates stored once per content, lists and reading back."""

import re

import jsonschema_rs
import pytest
import yaml

from ionworks import ucp
from tests.paths import ROOT
from tests.unit.server.engines import finish, submit

PAGE = (ROOT / "docs" / "ucp.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
QUOTED = [text for text in re.findall(r'"""(.*?)"""', PAGE, re.DOTALL) if "steps:" in text]

TEXT = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 2.5
"""


def parse(api, text=TEXT, name="Discharge", **fields):
    body = {"protocol_experiment": {"protocol": text, "name": name}, **fields}
    return api.post("/protocols/parse-to-template", json=body)


def test_validation_reports_whether_a_protocol_is_valid(shared_api):
    good = shared_api.post("/protocols/validate", json={"protocol": TEXT}).json()
    bad = shared_api.post("/protocols/validate", json={"protocol": "steps: 3"}).json()

    assert (good["valid"], good["error"]) == (True, None)
    assert not bad["valid"]
    assert "steps" in bad["error"]


def test_input_references_are_in_the_order_of_the_text(shared_api):
    reply = shared_api.post("/protocols/input_references", json={"protocol": TEXT})

    assert reply.json() == ["Initial SOC", "C-rate"]


def test_input_references_of_an_unfinished_protocol_are_found(shared_api):
    reply = shared_api.post(
        "/protocols/input_references",
        json={"protocol": "steps:\n  - Charge: {value: \"input['I']\"}"},
    )

    assert reply.json() == ["I"]


def test_an_invalid_protocol_is_rejected_with_its_errors(shared_api):
    before = shared_api.get("/experiment_templates").json()

    reply = parse(shared_api, "steps: 3")

    assert reply.status_code == 422
    assert "steps" in reply.json()["message"]
    assert shared_api.get("/experiment_templates").json() == before


def test_equal_protocols_are_stored_once(api):
    first = parse(api)
    assert first.status_code == 201

    again = parse(api, TEXT + "\n# a remark\n").json()["template_id"]

    assert again == first.json()["template_id"]
    assert parse(api, name="other").json()["template_id"] != again
    assert api.get("/experiment_templates").json()["total"] == 2


def test_a_stored_protocol_can_be_read_back(shared_api):
    identifier = parse(shared_api).json()["template_id"]

    stored = shared_api.get(f"/experiment_templates/{identifier}").json()

    assert stored["name"] == "Discharge"
    assert stored["parameters_schema"]["required"] == ["Initial SOC", "C-rate"]
    assert stored["protocol_config"]["steps"]
    source = shared_api.get(f"/experiment_templates/{identifier}/source_protocol")
    assert source.headers["content-type"].startswith("text/plain")
    assert source.text == TEXT


def test_a_mapping_with_equal_content_is_the_same_protocol(shared_api):
    stored = shared_api.get(
        f"/experiment_templates/{parse(shared_api).json()['template_id']}"
    ).json()
    body = {"name": "Discharge", "protocol_config": stored["protocol_config"]}

    same = shared_api.post("/experiment_templates", json=body)
    forced = shared_api.post("/experiment_templates", json={**body, "force_create": True})

    assert same.json()["id"] == stored["id"]
    assert forced.status_code == 409
    assert forced.json()["detail"] == {"existing_id": stored["id"]}


def test_the_source_of_a_protocol_stored_without_one_is_404(shared_api):
    body = {"name": "rest", "protocol_config": {"steps": [{"Rest": {"duration": 60}}]}}
    made = shared_api.post("/experiment_templates", json=body)
    assert made.status_code == 201, made.text

    reply = shared_api.get(f"/experiment_templates/{made.json()['id']}/source_protocol")

    assert reply.status_code == 404
    assert "source text" in reply.json()["message"]


def test_an_empty_schema_is_replaced_by_that_of_the_inputs(shared_api):
    document = {"steps": [{"Rest": {"duration": 'input["a"]', "note": 'input["b"]'}}]}
    body = {"name": "rest", "protocol_config": document, "parameters_schema": {}}

    made = shared_api.post("/experiment_templates", json=body).json()

    assert made["parameters_schema"] == {
        "type": "object",
        "properties": {"a": {"type": ["number", "string"]}},
        "required": ["a"],
    }
    own = {"type": "object", "title": "mine"}
    other = shared_api.post(
        "/experiment_templates", json={**body, "name": "other", "parameters_schema": own}
    )
    assert other.json()["parameters_schema"] == own


def test_a_stored_protocol_is_described_in_sentences(shared_api):
    identifier = parse(shared_api).json()["template_id"]

    reply = shared_api.get(f"/experiment_templates/{identifier}/human_readable")

    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.text.splitlines() == [
        (
            'Start at 25 degC and a state of charge of the input "Initial SOC" '
            "(a fraction up to 1, else %); save a point at least every 1 min."
        ),
        '1. Discharge at the input "C-rate" (C) until the voltage is below 2.5 V.',
    ]
    assert reply.text == ucp.human_readable(ucp.parse(TEXT).protocol)
    assert shared_api.get("/experiment_templates/none/human_readable").status_code == 404


@pytest.mark.parametrize("text", BLOCKS + QUOTED)
def test_the_served_schema_accepts_the_examples_of_the_reference(shared_api, text):
    schema = jsonschema_rs.validator_for(shared_api.get("/discovery/schemas/protocol").json())

    # One example is an invalid protocol, but its errors are not in the scope of a schema.
    schema.validate(ucp.load(text))
    schema.validate(yaml.safe_load(text))


def test_the_reference_has_examples():
    assert len(BLOCKS) >= 3
    assert len(QUOTED) >= 3


def test_the_served_schema_rejects_invalid_protocols(shared_api):
    schema = jsonschema_rs.validator_for(shared_api.get("/discovery/schemas/protocol").json())

    assert not schema.is_valid({"steps": []})
    assert not schema.is_valid({"steps": [{"Rest": {"durations": 1}}]})


def test_lists_omit_large_fields_unless_included(api):
    parse(api)

    [short] = api.get("/experiment_templates").json()["items"]
    query = {"include": "protocol_config,source_protocol"}
    [long] = api.get("/experiment_templates", params=query).json()["items"]

    assert set(long) - set(short) == {"protocol_config", "source_protocol"}
    wrong = api.get("/experiment_templates", params={"include": "colour"})
    assert wrong.status_code == 422
    assert "protocol_config" in wrong.json()["message"]


def test_a_protocol_is_renamed_and_deleted(api):
    identifier = parse(api).json()["template_id"]

    changed = api.patch(f"/experiment_templates/{identifier}", json={"description": "mine"})

    assert changed.json()["description"] == "mine"
    assert api.delete(f"/experiment_templates/{identifier}").status_code == 204
    assert api.get(f"/experiment_templates/{identifier}").status_code == 404


def test_a_parsed_protocol_runs(shared_api):
    identifier = parse(shared_api).json()["template_id"]
    parameters = [{"Initial SOC": 1.0, "C-rate": 0.5}]

    [simulation] = finish(
        shared_api, submit(shared_api, identifier, experiment_parameter_sets=parameters)
    )

    assert simulation["experiment"] == {"id": identifier, "name": "Discharge"}
    assert simulation["experiment_parameters"] == parameters[0]


def test_an_unknown_project_is_404(shared_api):
    assert parse(shared_api, project_id="none").status_code == 404
