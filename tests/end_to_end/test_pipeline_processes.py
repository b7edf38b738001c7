"""Pipelines in worker processes: canceled, deleted while they run, and resumed."""

import pytest

from ionworks.server.jobs import queue as jobs_module
from ionworks.server.jobs.pipelines import PipelineJobs
from ionworks.server.store.tables import jobs, pipeline_elements, pipelines, submissions
from tests.unit.server.engines import client_of, wait_until
from tests.unit.server.pipelines import (
    CHECK,
    ENTRY,
    FIT,
    elements_of,
    end,
    orders,
    read,
    result_of,
    statuses,
    submit,
    submit_simple,
)


@pytest.fixture(autouse=True)
def fast_ticks(monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)


def test_a_canceled_fit_reports_its_best_point_before_the_reply(api):
    made = submit(api, {"entry": ENTRY, "fit": orders(steps=2, stall=True), "check": CHECK})
    wait_until(lambda: (elements_of(api, made)[1]["progress"] or {}).get("best_cost") == 0.5)

    canceled = api.post(f"/pipelines/{made['id']}/cancel", json={}).json()

    assert (canceled["status"], canceled["is_terminal"]) == ("canceled", True)
    assert statuses(api, made) == ["completed", "canceled", "canceled"]
    result = result_of(api, made)["element_results"]
    assert result["fit"]["parameter_values"] == {"D": 0.125}
    assert "message" not in result["fit"]
    again = api.post(f"/pipelines/{made['id']}/cancel", json={}).json()
    assert again["status"] == "canceled"


def test_a_fit_that_ignores_cancellation_keeps_its_last_step(app, api, monkeypatch):
    monkeypatch.setattr(PipelineJobs, "cancellation_grace", 0.1)
    made = submit_simple(api, {"fit": orders(steps=2, deaf=True)})
    wait_until(lambda: (read(api, made, "simple_pipelines")["progress"] or {}).get("cost") == 0.5)

    canceled = api.post(f"/simple_pipelines/{made['id']}/cancel", json={}).json()

    assert canceled["status"] == "canceled"
    assert canceled["result"]["parameter_values"] == {"D": 0.5}
    assert (canceled["result"]["cost"], canceled["result"]["success"]) == (0.5, False)
    assert "best point" in canceled["result"]["message"]
    # The worker was killed for it; the next pipeline gets another.
    assert end(api, submit(api, {"entry": ENTRY}))["status"] == "completed"


def test_a_waiting_pipeline_is_canceled_at_once(api):
    busy = submit(api, {"fit": orders(stall=True)})
    wait_until(lambda: read(api, busy)["status"] == "running")
    waiting = submit(api, {"fit": FIT})
    assert api.post(f"/jobs/{elements_of(api, waiting)[0]['job_id']}/cancel", json={}).json()[
        "is_failed"
    ]
    assert read(api, waiting)["status"] == "canceled"
    assert statuses(api, waiting) == ["canceled"]
    api.post(f"/pipelines/{busy['id']}/cancel", json={})


def test_deleting_a_running_pipeline_removes_all_its_records(app, api):
    made = submit(api, {"entry": ENTRY, "fit": orders(steps=1, stall=True)})
    wait_until(lambda: statuses(api, made) == ["completed", "running"])

    assert api.delete(f"/pipelines/{made['id']}").status_code == 204

    assert api.get(f"/pipelines/{made['id']}").status_code == 404
    for table in (pipelines, pipeline_elements, jobs, submissions):
        with app.services.store.reading() as connection:
            assert connection.execute(table.select()).all() == []
    assert end(api, submit(api, {"entry": ENTRY}))["status"] == "completed"
    wait_until(lambda: not list((app.folder / "blobs").glob(f"pipelines/*/{made['id']}")))


# ---------------------------------------------------------------- restarts


def counts(app, name):
    path = app.folder / "blobs" / "elements.txt"
    return path.read_text().split().count(name)


def test_finished_elements_are_not_run_again_after_the_worker_died(app, api):
    made = submit(api, {"entry": ENTRY, "first": FIT, "second": orders(**{"crash once": True})})

    assert end(api, made)["status"] == "completed"

    assert [counts(app, name) for name in ("entry", "first", "second")] == [1, 1, 2]
    assert list(result_of(api, made)["element_results"]) == ["entry", "first", "second"]
    steps = api.get(f"/jobs/{elements_of(api, made)[1]['job_id']}/metadata").json()
    assert len(steps["intermediate_results"]) == 3


def test_a_running_pipeline_resumes_when_the_folder_is_opened_again(open_app):
    first = open_app()
    with client_of(first) as api:
        made = submit(api, {"entry": ENTRY, "fit": FIT, "slow": orders(steps=2, stall=True)})
        wait_until(lambda: statuses(api, made) == ["completed", "completed", "running"])
    first.close()

    second = open_app()
    with client_of(second) as api:
        wait_until(lambda: counts(second, "slow") == 2)
        wait_until(lambda: statuses(api, made) == ["completed", "completed", "running"])
        assert counts(second, "fit") == 1
        api.post(f"/pipelines/{made['id']}/cancel", json={})
        assert list(result_of(api, made)["element_results"]) == ["entry", "fit", "slow"]
