"""`ionworks run` and `ionworks sweep`."""

import json

import polars as pl
import pytest

from tests.end_to_end.command.schemas import check

REST = "steps: [{Rest: {duration: 'input[\"seconds\"]'}}]"
RUN = "ionworks run 'Rest for 1 minute' -m spm-chen2020"
SWEEP = "ionworks sweep 'Rest for 1 minute' -m spm-chen2020"


@pytest.fixture
def command(invoke):
    (invoke.home / "rest.yaml").write_text(REST)
    (invoke.home / "city.csv").write_text("0,1.0\n1,2.5\n2,0.5\n")
    return invoke


def test_sentences_run_on_several_models(served_shell):
    ran = served_shell(f"{RUN} -m spme-chen2020 --set thickness=0.25 --no-reuse --json")
    check("run", ran.json)
    assert [each["status"] for each in ran.json] == ["completed"] * 2
    assert [each["thickness"] for each in ran.json] == [0.25] * 2
    assert [each["bad"] for each in ran.json] == [None] * 2
    # Progress and warnings are not part of the result.
    assert "warning: thin" in ran.err
    assert "2 simulations: 2/2 done" in ran.err


def test_results_are_written_to_files(command):
    (command.home / "drive.yaml").write_text(
        f"{REST[:-1]}, {{Drive: {{mode: Current, drive_cycle: City}}}}]"
    )
    ran = command(
        "ionworks run drive.yaml -m spm-chen2020 -i seconds=60 --drive-cycle City=city.csv"
        " --variable 'Voltage [V]' --time-series series.csv -o runs.parquet --plot voltage.svg -q"
    )
    assert ran.err == ""
    assert "completed" in ran.out
    assert pl.read_csv(command.home / "series.csv")["Voltage [V]"].to_list() == [4.0, 0.0]
    assert pl.read_parquet(command.home / "runs.parquet")["seconds"].to_list() == [60.0]
    assert "<svg" in (command.home / "voltage.svg").read_text()


def test_ids_go_to_another_command(command):
    ids = command(f"{RUN} --set thickness=3 --name Night --no-wait --ids").out
    [shown] = command("show - --json", given=ids).json
    assert shown["name"].startswith("Night")
    assert shown["design_parameters"] == {"thickness": 3.0}


def test_the_study_of_a_run_must_exist(command):
    assert "study" in command(f"{RUN} --study none", code=5).err


def test_a_failed_run_has_its_reason_and_exit_code(command):
    ran = command(f"{RUN} -s fail=1 --time-series series.csv --json", code=3)
    check("run", ran.json)
    assert ran.json[0]["error"] == "the solver gave up"
    assert "error: 1 of 1 runs did not complete\nerror: the solver gave up" in ran.err
    assert not (command.home / "series.csv").exists()


def test_a_sweep_is_a_table_of_what_was_varied(command):
    ran = command(
        "ionworks sweep rest.yaml -m spm-chen2020 -s thickness=1:2:3 -i seconds=60,120 --timeout 60"
        " --output runs.json --time-series long.json --column 'Voltage [V]'"
    )
    table = json.loads((command.home / "runs.json").read_text())
    assert [(each["thickness"], each["seconds"]) for each in table] == [
        *((1.0, 60), (1.0, 120), (1.5, 60), (1.5, 120), (2.0, 60), (2.0, 120))
    ]
    rows = [line for line in ran.out.splitlines() if "completed" in line]
    assert [row.split()[0] for row in rows] == [each["simulation_id"] for each in table]
    series = json.loads((command.home / "long.json").read_text())
    assert [each["Voltage [V]"] for each in series[:2]] == [4.0, 1.0]
    assert len(series) == 12


def test_the_seed_of_random_values_is_told_and_gives_them_again(served_shell):
    line = f"{SWEEP} -s thickness=1:2 --sampling lhs --count 3 --json"
    first = served_shell(line)
    again = first.err.partition(" gives the same runs")[0].splitlines()[-1]
    assert again.startswith("--seed ")
    values = [each["thickness"] for each in first.json]
    assert len({*values}) == 3
    plan = served_shell(f"{line} {again} --plan")
    check("sweep --plan", plan.json)
    assert [each["thickness"] for each in plan.json["design"]] == values
    assert (plan.json["count"], plan.json["reused"]) == (3, 3)
    assert plan.err == ""


def test_failed_runs_are_run_again(command):
    ran = command(f"{SWEEP} -s fail=0,1 --retry-failed --ids", code=3)
    assert "1 failed; running them again" in ran.err
    assert len({*ran.out.split()}) == 2


def test_a_plan_of_a_configuration_submits_nothing_without_a_terminal(command):
    rows = [{"type": "range", "name": "thickness", "min": 1.0, "max": 2.0, "count": 30}]
    config = {
        "parameterized_model": "spm-chen2020",
        "protocol_id": "another",
        "experiment_parameters": {"seconds": 10},
        "design_parameters_doe": {"sampling": "grid", "rows": rows},
    }
    line = "ionworks sweep rest.yaml --name 'Only planned' --config - -i seconds=5 --plan"
    models = "-m 'SPM Chen2020' -m spme-chen2020"
    text = command(f"{line} {models}", given=json.dumps(config)).out
    assert text.startswith("60 runs")
    assert "run 9, parameterized_model SPM Chen2020, seconds 5, thickness 1.31034" in text
    assert "50 more: see --json" in text
    assert command("ionworks list --name 'Only planned' --ids").out == ""
