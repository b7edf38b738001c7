"""`ionworks run` and `ionworks sweep`."""

import json

import jsonschema_rs
import polars as pl
import pytest

REST = "steps: [{Rest: {duration: 'input[\"seconds\"]'}}]"
RUNS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["simulation_id", "status", "error"],
        "properties": {
            "simulation_id": {"type": "string"},
            "status": {"enum": ["completed", "failed", "canceled", "pending"]},
            "error": {"type": ["string", "null"]},
        },
        "additionalProperties": {"type": ["number", "string", "null"]},
    },
}
PLAN = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("count", "reused", "seconds", "basis", "seed", "is_checked", "warnings", "design")
    ],
    "properties": {
        "count": {"type": "integer"},
        "reused": {"type": ["integer", "null"]},
        "seconds": {"type": ["number", "null"]},
        "basis": {"type": ["string", "null"]},
        "seed": {"type": ["integer", "null"]},
        "is_checked": {"type": "boolean"},
        "warnings": {"type": "array", "items": {"type": "string"}},
        "design": {"type": "array", "items": {"type": "object", "required": ["run"]}},
    },
}
RUN = "ionworks run 'Rest for 1 minute' -m spm-chen2020"


@pytest.fixture
def shell(served_shell):
    (served_shell.home / "rest.yaml").write_text(REST)
    return served_shell


def test_sentences_run_on_a_model(shell):
    ran = shell(f"{RUN} --set thickness=0.25 --name Night --json")
    jsonschema_rs.validate(RUNS, ran.json)
    [run] = ran.json
    assert (run["status"], run["thickness"], run["bad"]) == ("completed", 0.25, None)
    # Progress and warnings are not part of the result.
    assert "warning: thin" in ran.err
    assert run["simulation_id"] in ran.err
    [shown] = shell(f"ionworks show {run['simulation_id']} --json").json
    assert shown["name"].startswith("Night")


def test_results_are_written_to_files(shell):
    options = "-o series.csv --table runs.parquet --plot voltage.svg --quiet"
    ran = shell(f"ionworks run rest.yaml -m spm-chen2020 -i seconds=60 {options}")
    assert ran.err == ""
    assert "completed" in ran.out
    assert pl.read_csv(shell.home / "series.csv")["Voltage [V]"].to_list() == [4.0, 0.0]
    assert pl.read_parquet(shell.home / "runs.parquet")["seconds"].to_list() == [60.0]
    assert "<svg" in (shell.home / "voltage.svg").read_text()


def test_ids_go_to_another_command(shell):
    line = f"{RUN} -m spme-chen2020 --no-wait --no-reuse"
    assert len(shell(f"{line} | ionworks wait - --json").json) == 2


def test_several_models_are_one_table(shell):
    options = "--column 'Voltage [V]' --output long.json --ids --variable 'Voltage [V]'"
    ran = shell(f"{RUN} -m spme-chen2020 {options}")
    rows = json.loads((shell.home / "long.json").read_text())
    ids = ran.out.split()
    assert len(ids) == 2
    assert [each["simulation_id"] for each in rows] == [each for each in ids for _ in range(2)]
    assert "2 of 2" in ran.err or "2/2" in ran.err


def test_a_drive_cycle_is_read_from_a_file(shell):
    (shell.home / "city.csv").write_text("0,1.0\n1,2.5\n2,0.5\n")
    (shell.home / "drive.yaml").write_text("steps: [{Drive: {mode: Current, drive_cycle: City}}]")
    line = "ionworks run drive.yaml -m spm-chen2020 --drive-cycle City=city.csv --ids"
    # The study does not exist; the drive cycle was read before.
    assert "study" in shell(f"{line} --study none", code=5).err
    assert len(shell(line).out.split()) == 1


def test_a_failed_run_has_its_reason_and_exit_code(shell):
    ran = shell(f"{RUN} -s fail=1 -o series.csv --json", code=3)
    jsonschema_rs.validate(RUNS, ran.json)
    assert ran.json[0]["error"] == "the solver gave up"
    assert "error: 1 of 1 runs did not complete\nerror: the solver gave up" in ran.err
    assert not (shell.home / "series.csv").exists()


def test_a_sweep_is_a_table_of_what_was_varied(shell):
    ran = shell(
        "ionworks sweep rest.yaml -m spm-chen2020 -s thickness=1:2:3 -i seconds=60,120"
        " --table runs.json"
    )
    table = json.loads((shell.home / "runs.json").read_text())
    assert [(each["thickness"], each["seconds"]) for each in table] == [
        *((1.0, 60), (1.0, 120), (1.5, 60), (1.5, 120), (2.0, 60), (2.0, 120))
    ]
    assert len(ran.out.splitlines()) == 8
    assert all(each["simulation_id"] in ran.out for each in table)


def test_the_seed_of_random_values_is_told_and_gives_them_again(shell):
    line = "ionworks sweep 'Rest for 1 minute' -m spm-chen2020 -s thickness=1:2 --sampling lhs"
    first = shell(f"{line} --count 3 --json")
    again = first.err.partition(" gives the same runs")[0].splitlines()[-1]
    values = [each["thickness"] for each in first.json]
    assert len({*values}) == 3
    second = shell(f"{line} --count 3 --json --quiet {again}")
    assert [each["thickness"] for each in second.json] == values
    assert second.err == ""


def test_failed_runs_are_run_again(shell):
    line = "ionworks sweep 'Rest for 1 minute' -m spm-chen2020 -s fail=0,1 --retry-failed --json"
    ran = shell(line, code=3)
    assert [each["status"] for each in ran.json] == ["completed", "failed"]
    assert "1 failed; running them again" in ran.err
    [failed] = shell("ionworks list --status failed --json --limit 1").json
    assert failed["id"] == ran.json[1]["simulation_id"]


def test_a_plan_submits_nothing_without_a_terminal(shell):
    line = "ionworks sweep rest.yaml -m spm-chen2020 -s thickness=1:2:30 -i seconds=5 --plan"
    before = shell("ionworks list --ids").out
    plan = shell(f"{line} --json").json
    jsonschema_rs.validate(PLAN, plan)
    assert (plan["count"], len(plan["design"])) == (30, 30)
    text = shell(line).out
    assert text.startswith("30 runs")
    assert "run 9, seconds 5, thickness 1.31034" in text
    assert "20 more: see --json" in text
    assert shell("ionworks list --ids").out == before


def test_a_configuration_comes_from_a_file(shell):
    config = {
        "parameterized_model": "spm-chen2020",
        "protocol_experiment": {"protocol": REST, "name": "Rests"},
        "experiment_parameters": {"seconds": 10},
        "design_parameters_doe": {
            "sampling": "grid",
            "rows": [{"type": "discrete", "name": "thickness", "values": [1.0, 2.0]}],
        },
    }
    ran = shell("ionworks sweep --config - -i seconds=20 --json", given=json.dumps(config))
    assert [(each["seconds"], each["thickness"]) for each in ran.json] == [(20, 1), (20, 2)]
