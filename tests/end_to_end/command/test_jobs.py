"""`ionworks wait`, `cancel` and `retry`."""

import os
import signal

import pytest

from ionworks import Ionworks
from tests.end_to_end.command.gated_worker import OPEN
from tests.end_to_end.command.schemas import check
from tests.end_to_end.command.shell import KEY


@pytest.fixture(scope="module")
def fit(engine_client):
    """The id of a pipeline that has completed."""
    config = {"elements": {"entry": {"element_type": "entry", "values": {"a": 1.0}}}}
    pipeline = engine_client.pipeline.create(config, name="A pipeline")
    engine_client.pipeline.wait_for_completion(pipeline.id, verbose=False)
    return pipeline.id


def test_waiting_for_what_has_ended_tells_how_it_ended(served_shell, completed, fit):
    ran = served_shell(f"ionworks wait {completed[0]} {fit} --json")

    found = check("wait", ran.json)
    assert [(each["kind"], each["status"]) for each in found] == [
        ("simulation", "completed"),
        ("pipeline", "completed"),
    ]


def test_a_failure_has_an_exit_code_of_its_own(served_shell, completed, failed):
    ran = served_shell("ionworks wait --quiet -", code=3, given=f"{completed[0]} {failed}")

    assert "the solver gave up" in ran.out
    assert ran.err == ""


def test_a_time_limit_has_an_exit_code_of_its_own(served_shell, running):
    ran = served_shell(f"ionworks wait {' '.join(running)} --timeout 0.1", code=4)

    assert ran.out == ""
    assert "they keep running: wait again with ionworks wait" in ran.err
    assert "client." not in ran.err


def test_many_ids_are_found_by_the_history(invoke, engine_url, engine_client):
    values = [index * 1e-6 for index in range(11)]
    row = {"type": "discrete", "name": "wait", "values": values}
    config = {
        # A submission for each.
        "parameterized_model": ["spm-chen2020", "dfn-chen2020"],
        "protocol_experiment": {"protocol": ["Rest for 1 minute"], "name": "Many"},
        "reuse": False,
        "design_parameters_doe": {"sampling": "grid", "rows": [row]},
    }
    OPEN.clear()
    with Ionworks(api_key=KEY, api_url=engine_url, project_id="default", history=True) as client:
        ids = [each.simulation_id for each in client.simulation.protocol_batch(config)]
    line = f"wait {' '.join(ids)} --timeout 0.01"

    told = invoke(line, code=4, IONWORKS_HISTORY="1").err
    whole = invoke(line, code=4, IONWORKS_HISTORY="0").err

    OPEN.set()
    engine_client.simulation.wait_for_completion(ids, verbose=False)
    assert "wait again with ionworks history --limit 2 --ids | ionworks wait -" in told
    assert f"wait again with ionworks wait {' '.join(ids)}" in whole


def test_ctrl_c_says_how_to_wait_again(served_shell, running):
    process = served_shell.start(f"ionworks wait {' '.join(running)}")
    with process:
        assert process.stderr.readline().startswith("2 simulations: 0/2 done")
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)

    # The shell itself is interrupted too, unless it was replaced by the command.
    assert process.returncode in {130, -signal.SIGINT}
    assert out == ""
    assert f"2 simulations keep running; wait again with ionworks wait {running[0]}" in err
    assert "Traceback" not in err


def test_cancel_ends_what_runs_and_retry_submits_it_again(served_shell, running):
    canceled = served_shell(f"ionworks cancel {' '.join(running)} --json").json
    assert {each["status"] for each in check("cancel", canceled)} == {"canceled"}

    OPEN.set()
    again = served_shell(f"ionworks retry {' '.join(running)} --timeout 60 --json").json
    assert [each["status"] for each in check("retry", again)] == ["completed", "completed"]
    assert not {each["id"] for each in again} & {*running}


def test_retry_without_waiting_returns_at_once(invoke, failed):
    [new] = check("retry", invoke(f"retry {failed} --no-wait --json").json)

    assert new["id"] != failed
    assert new["status"] == "pending"
    # What it does is in its design, so it fails again.
    invoke(f"wait {new['id']}", code=3)
    line = f"retry {failed} --no-wait --timeout 5"
    assert "--timeout requires waiting for the simulations" in invoke(line, code=2).err


def test_there_may_be_nothing_to_do(invoke, completed):
    again = invoke(f"retry {completed[0]} --json")

    assert again.json == []
    assert "none of these simulations failed" in again.err
    assert "no ids on standard input" in invoke("wait -").err
