"""Web processes and a dispatcher on one folder, here in one process each with its connections."""

import pytest

from ionworks.server.dispatching import open_dispatcher
from ionworks.server.jobs.web import NO_DISPATCHER
from ionworks.server.jobs.worker import worker_process, worker_thread
from tests.unit.server.engines import (
    QUICK,
    client_of,
    finish,
    grid,
    store_template,
    submit,
)


@pytest.fixture
def web(open_app):
    return open_app(role="web")


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
        started.append(open_dispatcher(folder, **options))
        return started[-1]

    yield start
    for each in started:
        each.close()


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


def test_without_a_dispatcher_users_are_told_why_their_jobs_wait(api, template, dispatch):
    [submitted] = submit(api, template)
    path = f"/simulations/{submitted['simulation_id']}"

    assert api.get(path).json()["delay_reason"] == NO_DISPATCHER

    dispatch()
    finish(api, [submitted])
    assert api.get(path).json()["delay_reason"] is None
