"""`ionworks fit`."""

import json

import pytest

from tests.end_to_end.command.schemas import check

FIT = """
elements:
  start: {element_type: entry, values: {"Contact resistance [Ohm]": 1e-3}}
  fit: {element_type: data_fit, parameters: {D: {bounds: [1e-16, 1e-12]}}, objectives: {}}
"""


@pytest.fixture
def run(invoke):
    (invoke.home / "diffusivity.yaml").write_text(FIT)
    return invoke


def test_parameters_are_fitted_as_a_file_says(served_shell):
    (served_shell.home / "diffusivity.yaml").write_text(FIT)
    ran = served_shell("ionworks fit diffusivity.yaml --plot fit.png -o values.json --json")
    check("fit", ran.json)
    assert (ran.json["kind"], ran.json["name"]) == ("pipeline", "diffusivity")
    values = {"Contact resistance [Ohm]": 0.001, "D": 0.125}
    assert ran.json["parameter_values"] == values
    assert json.loads((served_shell.home / "values.json").read_text()) == values
    assert (served_shell.home / "fit.png").stat().st_size > 0


def test_people_get_a_table(run):
    line = "ionworks fit - --simple --name Mine --description 'By hand' --timeout 60 --quiet"
    ran = run(line, given=FIT)
    assert "Mine: cost 0.5" in ran.out
    assert ran.out.splitlines()[-1].split() == ["D", "0.125"]
    assert ran.err == ""


def test_a_failed_fit_has_its_reason_and_exit_code(run):
    failing = FIT.replace("objectives: {}", "orders: {fail: unlucky}, objectives: {}")
    ran = run("ionworks fit - --json", code=3, given=failing)
    check("fit", ran.json)
    assert "unlucky" in ran.json["error"]
    assert "error: the fit did not complete (failed): " in ran.err


def test_the_id_of_a_fit_goes_to_another_command(run):
    ran = run("wait - --json", given=run("fit diffusivity.yaml --no-wait").out)
    assert [(each["kind"], each["status"]) for each in ran.json] == [("pipeline", "completed")]
