"""Jobs when workers crash, hang, are canceled or cannot start."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from ionworks.server.jobs import queue as jobs_module
from tests.unit.server.engines import QUICK, client_of, finish, grid, statuses, submit, wait_until


@pytest.fixture(autouse=True)
def fast_ticks(monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)


def test_a_crash_costs_only_the_run_that_causes_it(api, template):
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


def test_an_exception_costs_only_the_run_that_causes_it(api, template):
    values = {"raise": [0, 1, 0]}

    simulations = finish(api, submit(api, template, design_parameters_doe=grid(**values)))

    assert [s["status"] for s in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error"] == "RuntimeError: this run breaks its chunk"


def test_a_stuck_run_is_stopped_and_costs_only_itself(open_app, template_of):
    app = open_app(run_limit=1.0)
    with client_of(app) as api:
        submissions = submit(api, template_of(app), design_parameters_doe=grid(stall=[0, 1, 0]))
        simulations = finish(api, submissions)

    assert [s["status"] for s in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error_code"] == "EXECUTION_TIMEOUT"
    assert "within 1 s" in simulations[1]["error"]


def test_runs_are_visible_while_their_chunk_goes_on(api, template):
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


def test_results_of_a_run_canceled_under_way_are_dropped(app, api, template):
    submissions = submit(api, template, design_parameters_doe=grid(wait=[0.3], thickness=[1]))
    wait_until(lambda: statuses(api, submissions) == ["processing"])
    job_id = submissions[0]["job_id"]

    api.post(f"/jobs/{job_id}/cancel", json={})
    finish(api, submit(api, template))

    [simulation] = finish(api, submissions)
    assert (simulation["status"], simulation["storage_folder"]) == ("canceled", None)
    wait_until(lambda: not list((app.folder / "blobs").glob(f"*/{job_id}")))


def test_canceling_what_has_ended_changes_nothing(api, template):
    [simulation] = finish(api, submit(api, template))

    job = api.post(f"/jobs/{simulation['job_id']}/cancel", json={}).json()

    assert job["status"] == "completed"
    assert job["result"]["simulation_id"] == simulation["id"]


def test_deleting_a_running_simulation_leaves_nothing_behind(app, api, template):
    submissions = submit(api, template, design_parameters_doe=grid(wait=[0.2], thickness=[1]))
    wait_until(lambda: statuses(api, submissions) == ["processing"])

    assert api.delete(f"/simulations/{submissions[0]['simulation_id']}").status_code == 204
    finish(api, submit(api, template))

    assert statuses(api, submissions) == []
    job_id = submissions[0]["job_id"]
    wait_until(lambda: not list((app.folder / "blobs").glob(f"*/{job_id}")))


def test_a_question_is_answered_while_all_workers_are_stuck(api, template):
    stuck = submit(api, template, design_parameters_doe=grid(stall=[1]))
    wait_until(lambda: statuses(api, stuck) == ["processing"])

    names = api.get("/parameterized_models/spm-chen2020/variable-names")

    assert names.json() == ["Voltage [V]"]


def test_a_worker_that_cannot_start_is_told_and_tried_again(open_app):
    app = open_app(targets=attrs.evolve(QUICK, warm=("no_such_module",)))
    with client_of(app) as api:
        reply = api.get("/parameterized_models/spm-chen2020/variable-names")
        assert reply.status_code == 503
        assert reply.json()["error_code"] == "ENGINE_UNAVAILABLE"
        assert "no_such_module" in reply.json()["message"]
        app.services.jobs.targets = QUICK
        assert api.get("/parameterized_models/spm-chen2020/variable-names").status_code == 200


def test_many_threads_may_submit_at_once(api, template):
    with ThreadPoolExecutor(8) as threads:
        batches = list(
            threads.map(
                lambda n: submit(api, template, design_parameters_doe=grid(thickness=[n, n])),
                range(16),
            )
        )

    simulations = finish(api, [item for batch in batches for item in batch])

    assert {s["status"] for s in simulations} == {"completed"}
    assert sorted(s["design_parameters"]["thickness"] for s in simulations) == sorted(
        [*range(16), *range(16)]
    )


def test_direct_job_creation_is_gone(api):
    reply = api.post("/jobs/", json={"job_type": "simulate", "params": {}})

    assert (reply.status_code, reply.json()["error_code"]) == (410, "GONE")


def test_jobs_are_listed_and_filtered(api, template):
    finish(api, submit(api, template, design_parameters_doe=grid(fail=[0, 1])))

    listed = api.get("/jobs/").json()

    assert [job["status"] for job in listed] == ["failed", "completed"]
    assert {job["job_type"] for job in listed} == {"simulate"}
    failed = api.get("/jobs/", params={"status": "failed"}).json()
    assert [job["job_id"] for job in failed] == [listed[0]["job_id"]]
    assert api.get(f"/jobs/{listed[0]['job_id']}/metadata").json() == {}
    assert all(job["compute_time"] is not None for job in listed)
