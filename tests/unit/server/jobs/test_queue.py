"""Jobs submitted, listed and canceled."""

import pickle
from concurrent.futures import ThreadPoolExecutor

from ionworks.server.jobs.worker import Worker
from tests.unit.server.engines import finish, grid, submit


def test_canceling_a_job_that_has_ended_changes_nothing(api, template):
    [simulation] = finish(api, submit(api, template))

    job = api.post(f"/jobs/{simulation['job_id']}/cancel", json={}).json()

    assert job["status"] == "completed"
    assert job["result"]["simulation_id"] == simulation["id"]


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


def test_jobs_cannot_be_created_directly(api):
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


def test_what_is_sent_to_a_worker_can_be_read_without_sqlalchemy(api, template, monkeypatch):
    sent = {}
    call = Worker.call

    def recorded(self, target, payload, **options):
        sent[target.partition(":")[2]] = pickle.dumps(payload)
        return call(self, target, payload, **options)

    monkeypatch.setattr(Worker, "call", recorded)

    finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1, 2])))

    assert set(sent) == {"check", "simulate"}
    assert [name for name, payload in sent.items() if b"sqlalchemy" in payload] == []
