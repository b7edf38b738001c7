"""What is being done for simulations, as the statuses tell it."""

import threading

import pytest
from attrs import evolve

from ionworks.server.jobs import outages, queue
from ionworks.server.jobs.outcomes import OutcomeWriter
from ionworks.server.jobs.registry import job_type_of
from ionworks.server.jobs.task import Task
from ionworks.server.jobs.worker import worker_thread
from tests.unit.server.engines import QUICK, client_of, finish, grid, submit, wait_until

NOTHING = (None, None)
TELLING = evolve(QUICK, simulate="tests.unit.server.telling:simulate")


@pytest.fixture(autouse=True)
def short_period(monkeypatch):
    monkeypatch.setattr(queue, "PROGRESS_PERIOD", 0.02)


def phases(api, submissions):
    ids = [each["simulation_id"] for each in submissions]
    reply = api.post("/simulations/statuses", json={"simulation_ids": ids})
    return [(each.get("phase"), each.get("progress")) for each in reply.json()]


def phase_of_submission(api, submissions):
    prefix = submissions[0]["simulation_id"][:24]
    reply = api.get(f"/simulations/submissions/{prefix}f{'0' * 11}/statuses")
    return reply.json().get("phase"), reply.json().get("progress")


def test_a_running_simulation_tells_what_is_being_done(open_app, template_of):
    app = open_app(targets=TELLING)
    with client_of(app) as api:
        template = template_of(app)
        running = submit(api, template, design_parameters_doe=grid(thickness=[1, 2]))
        blobs = app.folder / "blobs"
        wait_until((blobs / "waiting").exists)
        pending = submit(api, template)

        step = ("cycle 3 of 100, step 12", 0.0275)
        wait_until(lambda: phases(api, running) == [step, step])
        assert phase_of_submission(api, running) == step
        assert phases(api, pending) == [NOTHING]
        assert phase_of_submission(api, pending) == NOTHING

        (blobs / "gate").touch()
        finish(api, [*running, *pending])
        assert phases(api, [*running, *pending]) == [NOTHING] * 3
        assert phase_of_submission(api, running) == NOTHING


def test_the_first_workers_start_before_anything_is_done(open_app, template_of):
    may_start = threading.Event()

    def factory():
        assert may_start.wait(60)
        return worker_thread()

    app = open_app()
    with client_of(app) as api:
        stored = submit(api, template_of(app), design_parameters_doe=grid(thickness=[1]))
        finish(api, stored)
    app.close()
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET status = 'pending', attempts = 0")

    with client_of(open_app(factory=factory)) as api:
        wait_until(lambda: phases(api, stored) == [("starting workers", None)])
        assert phase_of_submission(api, stored) == ("starting workers", None)
        may_start.set()
        assert {each["status"] for each in finish(api, stored)} == {"completed"}
        assert phases(api, stored) == [NOTHING]
        assert phase_of_submission(api, stored) == NOTHING


def test_another_step_of_a_run_is_no_progress(app):
    """Else a run that never ends would never be stopped."""
    store, jobs = app.services.store, app.services.jobs
    closing = threading.Event()
    task = Task(store, jobs.owner, job_type_of("simulate"), [], outages.Outages(closing))
    with OutcomeWriter(task.file.path) as outcomes:
        outcomes.tell("step 1")
        assert not task.watch()
        assert task.file.doing == {"phase": "step 1"}
        outcomes.write(b"{}\n")
        outcomes.tell("step 2", 0.5)
        assert task.watch()
        assert task.file.doing == {"phase": "step 2", "progress": 0.5}
    task.file.delete()
