"""Requests of a served engine: their ids, their lines in the log, their metrics."""

import json
import logging

import httpx
import pytest

from ionworks.server import logs
from ionworks.server.http import request_ids
from ionworks.server.jobs.delays import Delays
from ionworks.server.observed import Observed
from ionworks.server.operations import Operations
from ionworks.server.readiness import Readiness
from tests.unit.server.uploading import initiate, make_cell, parquet, put, series


@pytest.fixture
def noted():
    return []


@pytest.fixture
def api(app, noted):
    operations = Operations(Readiness(app.store, Delays))
    transport = httpx.WSGITransport(app=Filing(Observed(app, operations, noted.append)))
    with httpx.Client(transport=transport, base_url="http://engine") as client:
        yield client


class Filing:
    """Gives an application the wrapper of files that servers have."""

    def __init__(self, app):
        self._app = app

    def __call__(self, environ, start_response):
        environ["wsgi.file_wrapper"] = Pieces
        return self._app(environ, start_response)


class Pieces:
    def __init__(self, file, _size=0):
        self._file = file

    def __iter__(self):
        yield self._file.read()

    def close(self):
        self._file.close()


def test_a_request_has_an_id_that_its_reply_tells(api):
    given = api.get("/projects", headers={"X-Request-ID": "from-the-proxy.1"})
    assert given.headers["X-Request-ID"] == "from-the-proxy.1"

    made = [api.get("/projects").headers["X-Request-ID"] for _ in range(2)]
    assert len(set(made)) == 2


@pytest.mark.parametrize("bad", ["", "two words", "a\tb", "x" * 129, '"quoted"'])
def test_an_id_that_could_be_taken_for_something_else_is_replaced(bad):
    assert request_ids.request_id(bad) != bad


def test_an_error_has_the_id_of_its_request(api, noted):
    reply = api.get("/projects/none", headers={"X-Request-ID": "abc"})

    assert reply.status_code == 404
    assert reply.headers["x-correlation-id"] == "abc"
    assert (noted[-1].status, noted[-1].error_code) == (404, "NOT_FOUND")


@pytest.mark.off_contract("the path is not in the contract")
def test_requests_are_noted_by_their_operation(api, noted):
    api.get("/projects")
    api.get("/nowhere")
    api.put("/simulations/statuses")

    assert [each.operation for each in noted] == ["list_projects", "unknown", "unknown"]
    assert [each.status for each in noted] == [200, 404, 405]
    assert all(each.seconds > 0 for each in noted)


@pytest.mark.off_contract("the path is for operators")
def test_readiness_is_answered_beside_the_contract(api, noted):
    assert api.get("/readyz").json()["status"] == "ready"
    assert noted == []


@pytest.mark.folder_blobs("the links are those of the object store")
def test_requests_are_logged_without_keys_links_and_queries(api, caplog, noted):
    caplog.set_level(logging.INFO, "ionworks")
    upload = initiate(api, make_cell(api))
    put(api, upload, parquet(series()))
    api.get("/projects", params={"name": "confidential"}, headers={"X-API-Key": "hidden"})

    lines = [each for each in caplog.records if each.name == "ionworks.server.observed"]
    assert lines[-2].getMessage().startswith("PUT /storage/... 200 in ")
    assert lines[-2].operation == "storage"
    token = upload["uploads"][0]["token"]
    words = [token, "confidential", "hidden"]
    assert not [each for line in lines for each in words if each in str(vars(line))]


def test_a_path_is_logged_on_one_line():
    assert request_ids.shown("/a\nb") == "/a%0Ab"


@pytest.fixture
def configured(capsys):
    """Configure the log of this process, until the end of the test."""
    root, ours = logging.getLogger(), logging.getLogger("ionworks")
    before = list(root.handlers), root.level, ours.level

    def configure(form, level):
        logs.configure(form, level)
        return lambda: capsys.readouterr().err

    yield configure
    root.handlers[:], level, of_ours = before
    root.setLevel(level)
    ours.setLevel(of_ours)


def test_the_log_is_json_for_programs(configured, api):
    pytest.importorskip("structlog")
    written = configured("json", "info")

    api.get("/projects/none", headers={"X-Request-ID": "abc"})
    logging.getLogger("ionworks.x").info("hidden from nobody")
    logging.getLogger("other").info("of no use")

    [request, other] = map(json.loads, written().splitlines())
    assert request["event"].startswith("GET /projects/none 404 in ")
    assert (request["request_id"], request["status"]) == ("abc", 404)
    assert (request["operation"], request["error_code"]) == ("get_project", "NOT_FOUND")
    assert (request["level"], request["logger"]) == ("info", "ionworks.server.observed")
    assert request["timestamp"].endswith("Z")
    assert other["event"] == "hidden from nobody"
    assert "request_id" not in other


def test_an_exception_is_one_line_of_json(configured):
    pytest.importorskip("structlog")
    written = configured("json", "warning")

    try:
        int("the cause")
    except ValueError:
        logging.getLogger("ionworks.x").exception("it failed")

    [line] = map(json.loads, written().splitlines())
    assert line["event"] == "it failed"
    assert "'the cause'" in line["exception"]


def test_the_log_is_readable_by_default(configured):
    written = configured("text", "warning")

    token = request_ids.current.set("abc")
    logging.getLogger("ionworks.x").warning("jobs wait")
    logging.getLogger("ionworks.x").info("not shown")
    request_ids.current.reset(token)

    assert written().endswith(" WARNING jobs wait (request abc)\n")
