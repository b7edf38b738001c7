"""When the process that owns the jobs dies, nothing is lost and nothing computed twice."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ionworks.server.jobs import queue as jobs_module
from tests.unit.server.engines import client_of, finish, grid, statuses, submit, wait_until

SCRIPT = Path(__file__).with_name("batch_script.py")


@pytest.fixture
def run_batch(folder):
    """Start a process that submits a batch; it is killed at the end at the latest."""
    started = []

    def run(points, kind="waits"):
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), str(points), kind],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        ids = process.stdout.readline().split()
        assert len(ids) == points
        return process, [{"simulation_id": identifier} for identifier in ids]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def computed(folder):
    """Return how often each run's results were computed."""

    def count():
        path = folder / "blobs" / "computed.txt"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    return count


def test_a_killed_batch_is_finished_by_the_next_process(open_app, run_batch, computed):
    process, submissions = run_batch(200)
    wait_until(lambda: len(computed()) >= 40)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done_before = len(computed())
    assert done_before < 200

    app = open_app(workers=2)
    with client_of(app) as api:
        simulations = finish(api, submissions)
        assert api.get("/simulations").json()["total"] == 200

    assert {s["status"] for s in simulations} == {"completed"}
    assert [s["design_parameters"]["thickness"] for s in simulations] == list(range(200))
    assert len({s["storage_folder"] for s in simulations}) == 200
    counts = computed()
    assert len(counts) == 200
    # Only a run that one of the two workers was computing may have been started again.
    assert sum(counts.values()) <= 202
    folder = app.folder / "blobs"
    assert all((folder / s["storage_folder"] / "steps.parquet").exists() for s in simulations)


@pytest.mark.slow
def test_a_killed_batch_of_real_simulations_is_finished(open_app, run_batch):
    process, submissions = run_batch(60, "physics")
    with client_of(open_app(targets=None, workers=1)) as api:
        wait_until(lambda: "completed" in statuses(api, submissions))
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = statuses(api, submissions)

        simulations = finish(api, submissions)

    assert before.count("completed") < 60
    assert len(simulations) == 60
    assert {s["status"] for s in simulations} == {"completed"}
    thickness = [s["design_parameters"]["Positive electrode thickness [m]"] for s in simulations]
    assert thickness == sorted(set(thickness))


def test_workers_do_not_outlive_a_killed_server(run_batch, folder, open_app, monkeypatch):
    process, submissions = run_batch(200)
    with client_of(open_app()) as api:
        wait_until(lambda: "completed" in statuses(api, submissions))
        simulations = [api.get(f"/simulations/{s['simulation_id']}").json() for s in submissions]
        pids = {s["metrics"]["pid"] for s in simulations if s["metrics"]}
    assert pids

    process.send_signal(signal.SIGKILL)
    process.wait()

    wait_until(lambda: not any(_is_alive(pid) for pid in pids))


def _is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_stopped_workers_that_go_on_after_their_server_died_do_no_harm(run_batch, open_app):
    process, submissions = run_batch(60)
    with client_of(open_app()) as api:
        wait_until(lambda: "completed" in statuses(api, submissions))
        simulations = [api.get(f"/simulations/{s['simulation_id']}").json() for s in submissions]
        workers = {s["metrics"]["pid"] for s in simulations if s["metrics"]}
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        process.send_signal(signal.SIGKILL)
        process.wait()
        ended = finish(api, submissions)

        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        wait_until(lambda: not any(_is_alive(worker) for worker in workers))

        assert {simulation["status"] for simulation in ended} == {"completed"}
        for simulation in ended:
            assert api.get(f"/simulations/{simulation['id']}/result").status_code == 200
            assert api.get(f"/simulations/{simulation['id']}").json() == simulation


def test_a_script_that_does_not_wait_ends_and_its_jobs_run_later(open_app, run_batch):
    process, submissions = run_batch(50, "does not wait")

    assert process.wait(timeout=60) == 0
    with client_of(open_app()) as api:
        assert {s["status"] for s in finish(api, submissions)} == {"completed"}


def test_a_living_owner_keeps_its_jobs(open_app, template_of, computed):
    first = open_app()
    with client_of(first) as api, client_of(open_app()) as other:
        submissions = submit(api, template_of(first), design_parameters_doe=grid(wait=[0.01] * 30))

        simulations = finish(other, submissions)

    assert {s["status"] for s in simulations} == {"completed"}
    assert set(computed().values()) == {1}


def test_an_open_engine_takes_over_when_another_closes(open_app, template_of, monkeypatch):
    monkeypatch.setattr(jobs_module, "RECOVERY_PERIOD", 0.05)
    first, second = open_app(), open_app()
    with client_of(first) as api:
        submissions = submit(api, template_of(first), design_parameters_doe=grid(wait=[0.05] * 30))
    first.close()

    with client_of(second) as api:
        assert {s["status"] for s in finish(api, submissions)} == {"completed"}


def test_closing_leaves_unfinished_jobs_pending(open_app, template_of, folder):
    first = open_app()
    with client_of(first) as api:
        submissions = submit(api, template_of(first), design_parameters_doe=grid(stall=[1, 1]))
        wait_until(lambda: statuses(api, submissions) == ["processing", "processing"])
    first.close()

    with client_of(open_app()) as api:
        wait_until(lambda: statuses(api, submissions) == ["processing", "processing"])
        assert [job["status"] for job in api.get("/jobs/").json()] == ["processing"] * 2
    # The lease of the engine that is open.
    assert len(list((folder / "owners").iterdir())) == 1


def test_closing_twice_is_fine(open_app):
    app = open_app()
    app.close()
    app.close()
