"""Helpers of tests of the embedded engine: clients, submissions, waiting."""

import threading
import time
from contextlib import contextmanager, suppress

import httpx
from waitress import wasyncore

from ionworks.server.jobs.targets import Targets
from ionworks.server.store import records
from ionworks.server.store.blobs import FolderBlobs
from ionworks.server.store.tables import experiment_templates
from tests import object_store

QUICK = Targets(
    simulate="tests.unit.server.quick_worker:simulate",
    describe="tests.unit.server.quick_worker:describe",
    check="tests.unit.server.quick_worker:check",
    check_pipeline="tests.unit.server.quick_worker:check_pipeline",
    run_pipeline="tests.unit.server.quick_worker:run_pipeline",
    inspect="tests.unit.server.quick_worker:inspect_model",
    smoke_test="tests.unit.server.quick_worker:smoke_test",
    parameter_values="tests.unit.server.quick_worker:parameter_values",
    serialise="tests.unit.server.quick_worker:serialise",
    script="tests.unit.server.quick_worker:script",
    citations="tests.unit.server.quick_worker:citations",
    warm=("tests.unit.server.quick_worker",),
    has_known_names=False,
)


def client_of(app):
    in_bucket = not isinstance(app.services.store.blobs, FolderBlobs)
    return httpx.Client(
        transport=httpx.WSGITransport(app=app),
        base_url="http://engine",
        mounts=object_store.mounts() if in_bucket else None,
        timeout=object_store.PATIENCE,
    )


@contextmanager
def running(server):
    """Run a server in a thread until the end of the block, then close its connections."""
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        # Woken by the end of a reply, the loop may close all before the trigger is pulled, and
        # the trigger with it.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join()


def store_template(app):
    values = {
        "project_id": "default",
        "name": "Discharge",
        "protocol": "steps: []",
        "protocol_config": {"steps": []},
        "parameters_schema": {},
        "source_protocol": "steps: []",
    }
    return records.create(app.services.store, experiment_templates, values, noun="protocol")["id"]


def wait_until(condition, seconds=60.0):
    """Return once a condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {seconds:g} s"
        pause.wait(0.02)


def grid(**values):
    rows = [{"type": "discrete", "name": name, "values": list(v)} for name, v in values.items()]
    return {"sampling": "grid", "rows": rows}


def submit(api, template, **fields):
    """Submit a batch, of which each run is computed, and return the reply's list."""
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
        "reuse": False,
        **fields,
    }
    reply = api.post("/simulations/with-template/batch", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def statuses(api, submissions):
    ids = [submission["simulation_id"] for submission in submissions]
    reply = api.post("/simulations/statuses", json={"simulation_ids": ids})
    return [status["status"] for status in reply.json()]


def finish(api, submissions):
    """Wait for all runs of a submission and return them as records."""
    ended = {"completed", "failed", "canceled"}
    wait_until(lambda: set(statuses(api, submissions)) <= ended)
    replies = [api.get(f"/simulations/{item['simulation_id']}") for item in submissions]
    # The statuses omit runs that are not stored, as after a restart of a database that lost them.
    assert [reply.text for reply in replies if reply.status_code != 200] == []
    return [reply.json() for reply in replies]
