"""Metrics for Prometheus."""

import pytest

from ionworks.server.jobs import observers
from ionworks.server.jobs.outages import Outages
from ionworks.server.observed import Request
from ionworks.server.store.faults import LOCKED
from tests.unit.server import pipelines
from tests.unit.server.engines import client_of, finish, grid, submit, wait_until
from tests.unit.server.uploading import make_cell, measure

pytest.importorskip("prometheus_client")


@pytest.fixture
def metrics(app):
    from ionworks.server.metrics import Metrics

    made = Metrics(app.store, lambda: app.jobs)
    observers.install(made)
    yield made
    observers.install(observers.Observer())


def value(metrics, sample):
    """Return the value of one sample; None if it is not there."""
    text = metrics.text()[0].decode()
    found = [line for line in text.splitlines() if line.startswith(f"{sample} ")]
    return float(found[0].rpartition(" ")[2]) if found else None


def test_jobs_are_counted_by_type_and_end(metrics, api, template):
    finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1, 2], fail=[0, 1])))
    pipelines.end(api, pipelines.submit(api, {"fit": pipelines.FIT}))
    measure(api, make_cell(api))

    ends = {
        'type="simulation",end="completed"': 2,
        'type="simulation",end="SOLVER_ERROR"': 2,
        'type="pipeline",end="completed"': 1,
        'type="measurement",end="completed"': 1,
    }
    by_name = {
        "ionworks_jobs_ended_total{" + ",".join(sorted(key.split(","))) + "}": number
        for key, number in ends.items()
    }
    wait_until(lambda: {key: value(metrics, key) for key in by_name} == by_name)
    assert value(metrics, 'ionworks_chunk_seconds_count{type="simulation"}') >= 1


def test_the_queue_is_measured_when_it_is_asked_for(metrics, open_app, template):
    with client_of(open_app(role="web", secret="x" * 32)) as web:  # its jobs wait
        submit(web, template, design_parameters_doe=grid(thickness=[1, 2, 3]))

    assert value(metrics, 'ionworks_jobs{state="pending",type="simulation"}') == 3
    assert value(metrics, 'ionworks_jobs{state="processing",type="simulation"}') == 0
    assert value(metrics, "ionworks_runs_jobs") == 1


def test_workers_are_counted(metrics, app):
    assert value(metrics, 'ionworks_workers{state="started"}') == 0
    app.jobs.ask("os:strerror", 0).result(60)

    assert value(metrics, 'ionworks_workers{state="started"}') == 1


def test_a_web_process_leaves_the_queue_to_others(open_app):
    from ionworks.server.metrics import Metrics

    web = open_app(role="web", secret="x" * 32)
    found = Metrics(web.store, lambda: web.jobs)

    assert value(found, "ionworks_runs_jobs") == 0
    assert value(found, 'ionworks_jobs{state="pending",type="simulation"}') is None
    assert value(found, 'ionworks_jobs_held_up{cause="dispatcher"}') == 1


def test_a_dispatcher_on_standby_has_no_jobs(app):
    from ionworks.server.metrics import Metrics

    found = Metrics(app.store, lambda: None)

    assert value(found, "ionworks_runs_jobs") == 0
    assert value(found, 'ionworks_workers{state="started"}') is None


def test_outages_of_the_store_are_counted_once(metrics):
    import threading

    outages = Outages(threading.Event())
    outages.met("here", LOCKED)
    outages.met("there", LOCKED)

    assert value(metrics, 'ionworks_store_outages_total{error_code="STORE_UNAVAILABLE"}') == 1


def test_requests_are_counted_by_operation_status_and_problem(metrics):
    metrics.request_ended(Request("list_projects", 200, None, 0.02))
    metrics.request_ended(Request("get_project", 404, "NOT_FOUND", 0.01))

    assert value(metrics, 'ionworks_requests_total{operation="list_projects",status="200"}') == 1
    assert value(metrics, 'ionworks_requests_total{operation="get_project",status="404"}') == 1
    assert value(metrics, 'ionworks_request_errors_total{error_code="NOT_FOUND"}') == 1
    assert value(metrics, 'ionworks_request_seconds_count{operation="get_project"}') == 1


@pytest.mark.usefixtures("worker_processes")
@pytest.mark.slow
def test_workers_that_die_are_counted(metrics, api, template):
    submitted = submit(api, template, design_parameters_doe=grid(**{"crash once": [1.0]}))
    finish(api, submitted)

    assert value(metrics, "ionworks_workers_lost_total") == 1
