"""Jobs when worker processes crash, hang, are canceled or cannot start."""

import os
import signal
from collections import Counter
from pathlib import Path

import attrs
import pytest

from ionworks.server.jobs import queue as jobs_module
from tests.unit.server.engines import QUICK, client_of, finish, grid, statuses, submit, wait_until

NAMES = "/parameterized_models/spm-chen2020/variable-names"


def worker_pids():
    """Return the worker processes of this process, from Linux's list of processes."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (process / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        if int(parent) == os.getpid() and state != "Z" and b"popen_loky" in command:
            found.add(int(process.name))
    return found


@pytest.fixture(autouse=True)
def fast_ticks(monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)


def test_a_crash_fails_only_the_run_that_causes_it(api, template):
    submissions = submit(api, template, design_parameters_doe=grid(crash=[0, 0, 1, 0, 0]))

    simulations = finish(api, submissions)

    assert [s["status"] for s in simulations] == [
        "completed",
        "completed",
        "failed",
        "completed",
        "completed",
    ]
    assert simulations[2]["error_code"] == "INTERNAL_ERROR"
    assert "worker process died" in simulations[2]["error"]


def test_a_run_whose_worker_died_once_is_tried_again(api, template):
    [simulation] = finish(
        api, submit(api, template, design_parameters_doe=grid(**{"crash once": [1]}))
    )

    assert simulation["status"] == "completed"


def test_an_exception_fails_only_the_run_that_causes_it(api, template):
    values = {"raise": [0, 1, 0]}

    simulations = finish(api, submit(api, template, design_parameters_doe=grid(**values)))

    assert [s["status"] for s in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error"] == "RuntimeError: this run breaks its chunk"


def test_a_stuck_run_is_stopped_and_fails_alone(open_app, template_of):
    app = open_app(run_limit=3.0)
    with client_of(app) as api:
        submissions = submit(api, template_of(app), design_parameters_doe=grid(stall=[0, 1, 0]))
        simulations = finish(api, submissions)

    assert [s["status"] for s in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error_code"] == "EXECUTION_TIMEOUT"
    assert "within 3 s" in simulations[1]["error"]


def test_runs_are_visible_while_their_chunk_is_running(api, template):
    submissions = submit(api, template, design_parameters_doe=grid(stall=[0, 0, 1]))

    wait_until(lambda: statuses(api, submissions) == ["completed", "completed", "processing"])


def test_pending_and_running_jobs_can_be_canceled(app, api, template):
    stuck = submit(api, template, design_parameters_doe=grid(stall=[1]))
    wait_until(lambda: statuses(api, stuck) == ["processing"])
    waiting = submit(api, template)
    assert statuses(api, waiting) == ["pending"]

    canceled = [
        api.post(f"/jobs/{item['job_id']}/cancel", json={}).json() for item in stuck + waiting
    ]

    assert [job["status"] for job in canceled] == ["canceled", "canceled"]
    assert all(job["is_terminal"] and job["is_failed"] for job in canceled)
    # The worker that was stuck is free again.
    [after] = finish(api, submit(api, template))
    assert after["status"] == "completed"
    assert statuses(api, stuck + waiting) == ["canceled", "canceled"]


def test_results_of_a_canceled_run_are_dropped(app, api, template):
    submissions = submit(api, template, design_parameters_doe=grid(wait=[0.3], thickness=[1]))
    wait_until(lambda: statuses(api, submissions) == ["processing"])
    job_id = submissions[0]["job_id"]

    api.post(f"/jobs/{job_id}/cancel", json={})
    finish(api, submit(api, template))

    [simulation] = finish(api, submissions)
    assert (simulation["status"], simulation["storage_folder"]) == ("canceled", None)
    # Only those of the other simulation are left.
    wait_until(lambda: len(list((app.folder / "blobs").glob("*/*"))) == 1)


def test_deleting_a_running_simulation_leaves_nothing_behind(app, api, template):
    submissions = submit(api, template, design_parameters_doe=grid(wait=[0.2], thickness=[1]))
    wait_until(lambda: statuses(api, submissions) == ["processing"])

    assert api.delete(f"/simulations/{submissions[0]['simulation_id']}").status_code == 204
    finish(api, submit(api, template))

    assert statuses(api, submissions) == []
    # Only those of the other simulation are left.
    wait_until(lambda: len(list((app.folder / "blobs").glob("*/*"))) == 1)


def test_a_question_is_answered_while_all_workers_are_stuck(api, template):
    stuck = submit(api, template, design_parameters_doe=grid(stall=[1]))
    wait_until(lambda: statuses(api, stuck) == ["processing"])

    names = api.get("/parameterized_models/spm-chen2020/variable-names")

    assert names.json() == ["Voltage [V]"]


def test_a_worker_that_cannot_start_is_reported_and_retried(open_app, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    app = open_app(targets=attrs.evolve(QUICK, warm=("not_installed",)))
    with client_of(app) as api:
        reply = api.get(NAMES)
        assert reply.status_code == 503
        assert reply.json()["error_code"] == "ENGINE_UNAVAILABLE"
        assert "not_installed" in reply.json()["message"]
        (tmp_path / "not_installed.py").touch()
        assert api.get(NAMES).status_code == 200


def test_an_idle_worker_that_was_killed_fails_nothing(api, template):
    for _ in range(3):
        assert api.get(NAMES).status_code == 200
        # Two, if the only one was still busy when the question was asked.
        killed = worker_pids()
        for worker in killed:
            os.kill(worker, signal.SIGKILL)

        [simulation] = finish(api, submit(api, template))

        assert simulation["status"] == "completed"
        assert simulation["metrics"]["pid"] not in killed


def test_workers_killed_while_they_start_are_replaced(open_app, template_of):
    first = open_app()
    with client_of(first) as api:
        stuck = submit(api, template_of(first), design_parameters_doe=grid(wait=[0.1] * 20))
    first.close()
    killed = set()

    def kill_two():
        for pid in worker_pids() - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        return len(killed) >= 2

    app = open_app(workers=2)
    wait_until(kill_two)

    with client_of(app) as api:
        # Only statuses are asked for, which need no worker.
        assert {each["status"] for each in finish(api, stuck)} == {"completed"}


def test_a_stopped_worker_costs_only_its_own_chunk(open_app, template_of):
    app = open_app(workers=2, run_limit=3.0)
    template = template_of(app)
    with client_of(app) as api:

        def run(waits):
            return submit(api, template, design_parameters_doe=grid(wait=waits))

        def both_have_worked():
            return len({each["metrics"]["pid"] for each in finish(api, run([0.05] * 20))}) == 2

        wait_until(both_have_worked)
        submissions = run([0.2] * 20)
        # Two chunks of ten: with more than ten jobs of them left, both workers are busy.
        wait_until(lambda: Counter(statuses(api, submissions))["processing"] > 10)
        stopped = min(worker_pids())
        os.kill(stopped, signal.SIGSTOP)

        assert api.get(NAMES).status_code == 200
        assert {each["error"] for each in finish(api, submissions)} == {None}

    assert stopped not in worker_pids()


def test_an_engine_closes_while_a_worker_is_stopped(open_app):
    app = open_app()
    with client_of(app) as api:
        assert api.get(NAMES).status_code == 200
    [worker] = worker_pids()
    os.kill(worker, signal.SIGSTOP)

    app.close()

    assert worker not in worker_pids()
