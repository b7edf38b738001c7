"""`ionworks fit`."""

import json

import jsonschema_rs
import pytest

FIT = """
elements:
  start: {element_type: entry, values: {"Contact resistance [Ohm]": 1e-3}}
  fit: {element_type: data_fit, parameters: {D: {bounds: [1e-16, 1e-12]}}, objectives: {}}
"""
FITTED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "kind", "name", "status", "error", "parameter_values", "elements"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": ["string", "null"]},
        "kind": {"enum": ["pipeline", "simple_pipeline"]},
        "status": {"type": "string"},
        "error": {"type": ["string", "null"]},
        "parameter_values": {"type": ["object", "null"]},
        "elements": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["type", "parameter_values", "notes"],
            },
        },
    },
}


@pytest.fixture
def shell(served_shell):
    (served_shell.home / "diffusivity.yaml").write_text(FIT)
    return served_shell


@pytest.mark.parametrize("kind", ["pipeline", "simple_pipeline"])
def test_parameters_are_fitted_as_a_file_says(shell, kind):
    options = "--simple" if kind == "simple_pipeline" else "--plot fit.png"
    ran = shell(f"ionworks fit diffusivity.yaml {options} -o values.json --json")
    jsonschema_rs.validate(FITTED, ran.json)
    assert (ran.json["kind"], ran.json["name"]) == (kind, "diffusivity")
    assert ran.json["parameter_values"]["D"] == 0.125
    assert json.loads((shell.home / "values.json").read_text()) == ran.json["parameter_values"]
    assert (shell.home / "fit.png").exists() == (kind == "pipeline")


def test_people_get_a_table(shell):
    line = "ionworks fit - --name Mine --description 'By hand' --timeout 60 --quiet"
    ran = shell(line, given=FIT)
    assert "fit: cost 0.5" in ran.out
    assert ran.out.splitlines()[-1].split() == ["D", "0.125"]
    assert ran.err == ""


def test_a_failed_fit_has_its_reason_and_exit_code(shell):
    failing = FIT.replace("objectives: {}", "orders: {fail: unlucky}, objectives: {}")
    ran = shell("ionworks fit - --json", code=3, given=failing)
    jsonschema_rs.validate(FITTED, ran.json)
    assert "unlucky" in ran.json["error"]
    assert "error: the fit is failed: " in ran.err


def test_a_fit_is_not_waited_for(shell):
    ran = shell("ionworks fit diffusivity.yaml --no-wait | ionworks wait - --json")
    assert [(each["kind"], each["status"]) for each in ran.json] == [("pipeline", "completed")]
