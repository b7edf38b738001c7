"""What operators ask a process: whether it lives, is ready, and how it goes."""

import shutil

import httpx
import pytest

from ionworks.server import readiness
from ionworks.server.jobs.delays import Delays
from ionworks.server.operations import Operations
from ionworks.server.readiness import Readiness

pytestmark = pytest.mark.off_contract("these paths are for operators")


@pytest.fixture(autouse=True)
def no_memory(monkeypatch):
    monkeypatch.setattr(readiness, "_REMEMBERED", -1.0)


def asked(store, path, *, delays=Delays, metrics=None, method="GET"):
    operations = Operations(Readiness(store, delays), metrics)
    transport = httpx.WSGITransport(app=operations)
    with httpx.Client(transport=transport, base_url="http://server") as client:
        return client.request(method, path)


def test_a_process_that_answers_lives(app):
    assert asked(app.store, "/healthz").json() == {"status": "ok"}


def test_a_process_that_has_all_it_needs_is_ready(app):
    reply = asked(app.store, "/readyz", delays=app.jobs.delays)

    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    checks = {each: {"status": "ok"} for each in ("database", "objects", "workers")}
    assert reply.json() == {"status": "ready", "checks": checks}


@pytest.mark.parametrize("delays", [Delays("a"), Delays(trouble="a"), Delays(absence="a")])
def test_a_process_whose_jobs_are_held_up_is_not_ready(app, delays):
    reply = asked(app.store, "/readyz", delays=lambda: delays)

    assert reply.status_code == 503
    assert reply.json()["status"] == "not ready"
    assert reply.json()["checks"]["workers"] == {"status": "failed", "reason": "a"}
    assert reply.json()["checks"]["database"] == {"status": "ok"}


def test_a_web_process_is_ready_while_jobs_are_held_up(app):
    """It still takes jobs and gives results."""
    report = Readiness(app.store, lambda: Delays(absence="a"), needs_workers=False).report()

    assert report["status"] == "ready"
    assert report["checks"]["workers"] == {"status": "failed", "reason": "a"}


def test_a_full_disk_is_told(app, monkeypatch):
    def probe():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.store.blobs, "probe", probe)
    reply = asked(app.store, "/readyz")

    assert reply.status_code == 503
    assert "is full" in reply.json()["checks"]["objects"]["reason"]


@pytest.mark.folder_blobs("the folder is removed")
def test_a_missing_folder_is_told(app, caplog):
    shutil.rmtree(app.store.blobs.folder)

    reply = asked(app.store, "/readyz")

    assert reply.json()["checks"]["objects"]["status"] == "failed"
    assert "a check of readiness failed" in caplog.text


def test_a_database_that_does_not_work_is_told(app, monkeypatch, caplog):
    def reading():
        raise RuntimeError("the address of the database, with its password")

    monkeypatch.setattr(app.store, "reading", reading)
    reply = asked(app.store, "/readyz")

    assert reply.json()["checks"]["database"]["status"] == "failed"
    assert "password" not in reply.text


@pytest.mark.folder_blobs("the folder is removed")
def test_a_look_is_remembered(app, monkeypatch):
    monkeypatch.setattr(readiness, "_REMEMBERED", 60.0)
    asked_of = Readiness(app.store, app.jobs.delays)
    first = asked_of.report()
    shutil.rmtree(app.store.blobs.folder)

    assert asked_of.report() is first


def test_metrics_are_answered_only_where_they_are_served(app):
    assert asked(app.store, "/metrics").status_code == 404

    reply = asked(app.store, "/metrics", metrics=lambda: (b"a 1\n", "text/plain; version=1.0.0"))
    assert (reply.status_code, reply.text) == (200, "a 1\n")
    assert reply.headers["Content-Type"] == "text/plain; version=1.0.0"


def test_other_paths_and_methods_are_refused(app):
    assert asked(app.store, "/projects").status_code == 404
    assert asked(app.store, "/readyz", method="POST").status_code == 405
    reply = asked(app.store, "/readyz", method="HEAD")
    assert (reply.status_code, reply.content) == (200, b"")
