"""Pipelines for tests of the server: their elements follow ``orders`` instead of physics.

See `tests.unit.server.quick_worker` for the orders.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ionworks.server.app import create_app
from tests.unit.server.engines import QUICK, client_of, wait_until

ENTRY = {"element_type": "entry", "values": {"D": 3.0, "E": 1.0}}
FIT = {"element_type": "data_fit", "objectives": {}, "orders": {"steps": 3}}
CHECK = {"element_type": "validation", "objectives": {}}


def orders(**given):
    return {**FIT, "orders": given}


def submit(api, elements, **fields):
    body = {"project_id": "default", "options": {}, "elements": elements, **fields}
    reply = api.post("/pipelines", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def submit_simple(api, elements, config=None, **fields):
    body = {"project_id": "default", "config": {"elements": elements, **(config or {})}, **fields}
    reply = api.post("/simple_pipelines", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def read(api, pipeline, kind="pipelines"):
    return api.get(f"/{kind}/{pipeline['id']}").json()


def end(api, pipeline, kind="pipelines"):
    wait_until(lambda: read(api, pipeline, kind)["is_terminal"])
    return read(api, pipeline, kind)


def elements_of(api, pipeline):
    return api.get(f"/pipelines/{pipeline['id']}/elements").json()


def statuses(api, pipeline):
    return [each["status"] for each in elements_of(api, pipeline)]


def result_of(api, pipeline):
    return api.get(f"/pipelines/{pipeline['id']}/result").json()


@contextmanager
def opened(folder: Path) -> Iterator[httpx.Client]:
    """Open an engine in a folder, with one worker process, and yield a client of it."""
    app = create_app(folder, targets=QUICK, workers=1)
    try:
        with client_of(app) as client:
            yield client
    finally:
        app.close()
