"""Web processes and dispatchers on one folder; here all are in this process."""

import pytest
from attrs import evolve

from ionworks.server import dispatching
from ionworks.server.dispatching import open_dispatcher
from ionworks.server.jobs import queue
from ionworks.server.jobs.delays import Delays
from ionworks.server.jobs.web import NO_DISPATCHER
from ionworks.server.jobs.worker import worker_process, worker_thread
from ionworks.server.store import dispatchers
from tests.unit.server import pipelines
from tests.unit.server.engines import (
    QUICK,
    client_of,
    finish,
    grid,
    statuses,
    store_template,
    submit,
    wait_until,
)
from tests.unit.server.fixtures import placed
from tests.unit.server.uploading import make_cell, measure

SECRET = "the same random text in all web processes"
GATED = evolve(QUICK, simulate="tests.unit.server.gated:simulate")
TELLING = evolve(QUICK, simulate="tests.unit.server.telling:simulate")


@pytest.fixture(autouse=True)
def short_periods(monkeypatch):
    monkeypatch.setattr(dispatching, "INTAKE_PERIOD", 0.02)
    monkeypatch.setattr(dispatching, "STANDBY_PERIOD", 0.02)
    monkeypatch.setattr(queue, "PROGRESS_PERIOD", 0.02)
    monkeypatch.setattr("ionworks.server.jobs.web._REMEMBERED", 0.0)
    monkeypatch.setattr("ionworks.server.dispatching._SHORTEST_SILENCE", 0.0)


@pytest.fixture
def web(open_app):
    return open_app(role="web", secret=SECRET)


@pytest.fixture
def api(web):
    with client_of(web) as client:
        yield client


@pytest.fixture
def template(web):
    return store_template(web)


@pytest.fixture
def dispatch(folder, request):
    """Start as many dispatchers as a test likes; all are closed at its end."""
    started = []
    factory = worker_process if "worker_processes" in request.fixturenames else worker_thread

    def start(**options):
        options = {"targets": QUICK, "workers": 1, "factory": factory, **options}
        started.append(open_dispatcher(folder, **placed(folder, options)))
        return started[-1]

    yield start
    for each in started:
        each.close()


def computed(folder):
    """Return the jobs that were computed, each as often as it was."""
    path = folder / "blobs" / "computed.txt"
    return path.read_text().split() if path.exists() else []


def delay_reason(api, submitted):
    return api.get(f"/simulations/{submitted['simulation_id']}").json()["delay_reason"]


def test_jobs_that_a_web_process_stored_are_run_by_the_dispatcher(api, template, dispatch):
    submitted = submit(api, template, design_parameters_doe=grid(thickness=[1.0, 2.0]))
    dispatch()

    found = finish(api, submitted)
    assert [each["status"] for each in found] == ["completed", "completed"]
    frame = api.get(f"/simulations/{found[1]['id']}/result").json()
    assert frame["time_series"]["Voltage [V]"] == [4.0, 2.0]


def test_jobs_are_found_while_the_dispatcher_runs(api, template, dispatch):
    dispatch()
    for _ in range(3):
        assert [each["status"] for each in finish(api, submit(api, template))] == ["completed"]


def test_pipelines_and_measurements_are_run_by_the_dispatcher_too(api, dispatch):
    dispatch()
    pipeline = pipelines.submit(api, {"fit": pipelines.FIT})

    assert pipelines.end(api, pipeline)["status"] == "completed"
    assert measure(api, make_cell(api))["processing_status"] == "ready"


def test_without_a_dispatcher_users_are_told_why_their_jobs_wait(api, template, dispatch):
    [submitted] = submit(api, template)
    assert delay_reason(api, submitted) == NO_DISPATCHER

    dispatch()
    finish(api, [submitted])
    assert delay_reason(api, submitted) is None


def test_a_dispatcher_that_shows_no_sign_of_life_is_absent(api, template, web, monkeypatch):
    [submitted] = submit(api, template)
    dispatchers.tell(web.store, dispatchers.Dispatcher("other", 3))
    assert delay_reason(api, submitted) is None
    assert web.jobs.workers == 3

    monkeypatch.setattr(dispatchers, "ABSENT_AFTER", -1.0)
    assert delay_reason(api, submitted) == NO_DISPATCHER
    assert web.jobs.workers == 1


def test_what_holds_up_the_dispatcher_is_told_by_web_processes(api, template, web):
    [submitted] = submit(api, template)
    dispatchers.tell(web.store, dispatchers.Dispatcher("other", 1, trouble="no worker can start"))
    assert delay_reason(api, submitted) == "no worker can start; the engine keeps trying"

    dispatchers.tell(web.store, dispatchers.Dispatcher("other", 1, fault="the disk is full"))
    assert delay_reason(api, submitted) == (
        "the disk is full; jobs go on as soon as this has passed"
    )


def test_one_process_is_the_dispatcher_and_another_takes_over_when_it_ends(
    api, template, dispatch, folder
):
    first = dispatch(targets=GATED)
    wait_until(lambda: first.jobs is not None)
    second = dispatch()
    submitted = submit(api, template, design_parameters_doe=grid(thickness=[1.0, 2.0]))
    wait_until((folder / "blobs" / "waiting").exists)
    assert second.jobs is None
    assert second.delays() == Delays()

    (folder / "blobs" / "gate").touch()
    first.close()
    assert [each["status"] for each in finish(api, submitted)] == ["completed", "completed"]
    wait_until(lambda: second.jobs is not None)


def test_a_dispatcher_that_cannot_begin_tells_why_and_tries_again(dispatch, monkeypatch, caplog):
    monkeypatch.setattr("ionworks.server.dispatching._RETRY_PAUSE", 0.02)
    monkeypatch.setattr(dispatching, "Jobs", _unreachable)
    process = dispatch()

    wait_until(lambda: process.delays() == Delays(absence="the cluster does not answer"))
    assert "cannot be the dispatcher: the cluster does not answer" in caplog.text

    monkeypatch.setattr(dispatching, "Jobs", queue.Jobs)
    wait_until(lambda: process.delays() == Delays() and process.jobs is not None)


def _unreachable(*_arguments, **_options):
    raise RuntimeError("the cluster does not answer")


def test_jobs_of_a_web_process_are_canceled_while_they_run(api, template, dispatch, folder):
    dispatch(targets=GATED)
    submitted = submit(api, template, design_parameters_doe=grid(thickness=range(100)))
    wait_until((folder / "blobs" / "waiting").exists)
    ids = [each["simulation_id"] for each in submitted]

    api.post("/simulations/cancel", json={"simulation_ids": ids})

    assert set(statuses(api, submitted)) == {"canceled"}
    (folder / "blobs" / "gate").touch()
    assert [each["status"] for each in finish(api, submit(api, template))] == ["completed"]
    assert set(statuses(api, submitted)) == {"canceled"}


def test_phase_and_progress_are_told_by_web_processes(api, template, dispatch, folder):
    dispatch(targets=TELLING)
    running = submit(api, template)

    def doing():
        ids = [each["simulation_id"] for each in running]
        [status] = api.post("/simulations/statuses", json={"simulation_ids": ids}).json()
        return status.get("phase"), status.get("progress")

    wait_until(lambda: doing() == ("cycle 3 of 100, step 12", 0.0275))
    (folder / "blobs" / "gate").touch()
    finish(api, running)
    assert doing() == (None, None)


def test_a_request_that_is_sent_to_two_web_processes_is_carried_out_once(
    api, template, open_app, folder, dispatch
):
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
    }
    key = {"Idempotency-Key": "again"}
    with client_of(open_app(role="web", secret=SECRET)) as other:
        first = api.post("/simulations/with-template/batch", json=body, headers=key)
        second = other.post("/simulations/with-template/batch", json=body, headers=key)

    assert first.json() == second.json()
    dispatch()
    finish(api, first.json())
    assert len(computed(folder)) == 1


def test_equal_runs_of_two_web_processes_are_computed_once(
    api, template, open_app, folder, dispatch
):
    dispatch(targets=GATED)
    first = submit(api, template, reuse=True)
    wait_until((folder / "blobs" / "waiting").exists)
    with client_of(open_app(role="web", secret=SECRET)) as other:
        second = submit(other, template, reuse=True)
        assert statuses(api, second) == ["waiting"]
        (folder / "blobs" / "gate").touch()
        assert [each["status"] for each in finish(other, [*first, *second])] == ["completed"] * 2

    assert len(computed(folder)) == 1


def test_an_upload_begun_at_one_web_process_is_ended_at_another(api, open_app, dispatch):
    dispatch()
    with client_of(open_app(role="web", secret=SECRET)) as other:
        measurement = measure(Alternating(api, other), make_cell(api))

    assert measurement["processing_status"] == "ready"


class Alternating:
    """A client that sends its requests to several servers in turn, as a proxy does."""

    def __init__(self, *clients):
        self._clients = list(clients)

    def __getattr__(self, name):
        self._clients.append(self._clients.pop(0))
        return getattr(self._clients[0], name)


def test_an_engine_that_runs_its_own_jobs_leaves_those_of_web_processes(api, template, open_app):
    submitted = submit(api, template)
    with client_of(open_app()) as other:
        finish(other, submit(other, template))

    assert statuses(api, submitted) == ["pending"]
