"""The audit passes a folder in order, and finds each fault that is planted in it."""

import shutil
import sqlite3
from contextlib import closing

import httpx
import pytest

from ionworks import Ionworks
from tests.endurance import audit
from tests.endurance.ledger import CANCELED, GONE, Entry, Outcome
from tests.unit.server.engines import finish, grid, submit, wait_until
from tests.unit.server.uploading import initiate, make_cell, put

REFERENCES = {
    "thin": Outcome("completed", 2, 1.0),
    "thick": Outcome("completed", 2, 2.0),
    "fails": Outcome("failed", 0, None, "SOLVER_ERROR", "the solver gave up"),
}


@pytest.fixture
def entry(app, api, template):
    """Two runs named "Discharge 1/2" and "Discharge 2/2", which have ended."""
    made = submit(api, template, design_parameters_doe=grid(thickness=[1, 2]))
    ended = finish(api, made)
    entry = Entry("simulation", "Discharge", [["thin"], ["thick"]])
    entry.ids = [each["id"] for each in ended]
    statuses = api.post("/simulations/statuses", json={"simulation_ids": entry.ids}).json()
    entry.seen = {each["simulation_id"]: each["updated_at"] for each in statuses}
    # The last outcome is recorded before the file it was in is removed.
    wait_until(lambda: not list((app.folder / "outcomes").iterdir()))
    return entry


@pytest.fixture
def work(app):
    """Audit entries of the engine."""
    options = {"api_key": "a", "project_id": "default"}
    with Ionworks(
        api_url="http://engine", transport=httpx.WSGITransport(app=app), **options
    ) as client:
        yield lambda *entries: audit.work(client, app.folder, entries, REFERENCES)


@pytest.fixture
def change(app):
    """Change the database as no engine does."""

    def run(statement, *values):
        with closing(sqlite3.connect(app.folder / "ionworks.sqlite")) as store, store:
            store.execute(statement, values)

    return run


def files(app):
    return audit.files(app.folder, engines=1)


def test_a_folder_in_order_has_no_findings(app, entry, work):
    assert audit.unfinished(app.folder) == []
    assert audit.database(app.folder) == []
    assert files(app) == []
    assert work(entry) == []


def test_a_failed_run_must_fail_for_its_own_reason(api, template, work):
    made = submit(api, template, design_parameters_doe=grid(fail=[1]))
    [ended] = finish(api, made)
    entry = Entry("simulation", "Discharge", [["fails"]], [ended["id"]])
    assert work(entry) == []
    entry.expected = [["thin"]]
    [finding] = work(entry)
    assert "ended as Outcome(status='failed'" in finding


def test_a_job_that_waits_is_found(app, entry, change):
    change("UPDATE runs SET status = 'processing' WHERE first = 0")
    [finding] = audit.unfinished(app.folder)
    assert finding.startswith("1 runs of ")
    assert finding.endswith("from 0 on: processing")


def test_a_job_that_lost_a_worker_is_known_until_it_has_ended(app, entry, change):
    change("UPDATE runs SET attempts = 1 WHERE first = 0")
    assert not audit.has_retried(app.folder)
    change("UPDATE runs SET status = 'processing'")
    assert audit.has_retried(app.folder)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("blobs/ab/abc/steps.parquet", "a folder of results without a record: ab/abc"),
        ("blobs/pipelines/ab/abc/1.parquet", "without a record: pipelines/ab/abc"),
        ("blobs/measurements/ab/abc/def/steps.parquet", "record: measurements/ab/abc/def"),
        ("blobs/.steps.parquet.0123", "1 times a scratch file: blobs/.steps.parquet.0123"),
        ("outcomes/0123.jsonl", "a file of outcomes although no job runs: 0123.jsonl"),
        ("owners/0123.lock", "2 locks of 1 engines"),
    ],
)
def test_a_file_too_many_is_found(app, entry, path, words):
    (app.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (app.folder / path).touch()
    [finding] = files(app)
    assert words in finding


def test_an_upload_may_have_files_or_none_yet(app, api):
    upload = initiate(api, make_cell(api))
    assert files(app) == []
    put(api, upload, b"PAR1")
    assert files(app) == []


def test_a_record_without_its_files_is_found(app, api, entry, work):
    folder = api.get(f"/simulations/{entry.ids[0]}").json()["storage_folder"]
    shutil.rmtree(app.folder / "blobs" / folder)
    assert files(app) == [f"1 times a record without its folder: {folder}"]
    [finding] = work(entry)
    assert "cannot be read: " in finding


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE runs SET pack = NULL", "results that no run refers to"),
        ("UPDATE runs SET completed_at = NULL", "a run that has ended at no time"),
        ("UPDATE runs SET submission_id = 'x'", "foreign_key_check"),
        ("UPDATE runs SET submission_id = 'x'", "a submission without jobs"),
        ("INSERT INTO model_specs VALUES ('x', '{}')", "a model that no submission uses: x"),
    ],
)
def test_a_record_that_is_left_alone_is_found(app, entry, change, statement, words):
    change(statement)
    assert any(words in finding for finding in audit.database(app.folder))


def test_a_damaged_database_is_found(app, entry, change):
    with closing(sqlite3.connect(app.folder / "ionworks.sqlite")) as store, store:
        store.execute("PRAGMA writable_schema = ON")
        store.execute("DELETE FROM sqlite_schema WHERE name = 'runs_by_status'")
    assert any("integrity_check" in finding for finding in audit.database(app.folder))


def test_a_submission_that_ran_twice_is_found(api, template, entry, work):
    finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1, 2])))
    assert work(entry) == ["simulation Discharge was stored more than once: 4 records instead of 2"]


def test_a_lost_submission_is_found_unless_its_reply_was_lost_too(work):
    entry = Entry("simulation", "Charge", [["thin"]], ["some-id"])
    assert work(entry)[0] == "simulation Charge is lost: 0 records instead of 1"
    entry.ids = []
    assert work(entry) == []


def test_a_submission_whose_reply_was_lost_is_stored_whole_or_not_at_all(entry, work, change):
    entry.ids = []
    assert work(entry) == []
    change("DELETE FROM runs WHERE first = 0")
    assert work(entry) == ["simulation Discharge was stored in part: 1 records instead of 2"]


def test_a_run_that_ended_twice_is_found(entry, work, change):
    change("UPDATE runs SET updated_at = '2099-01-01' WHERE first = 1")
    [finding] = work(entry)
    assert finding.endswith("and changed at 2099-01-01")


def test_a_wrong_result_is_found(entry, work):
    entry.expected = [["thin"], ["thin"]]
    [finding] = work(entry)
    assert "value=2.0" in finding
    assert "value=1.0" in finding


def test_a_deleted_run_must_be_gone_and_a_canceled_one_canceled(api, entry, work, change):
    entry.expected = [["thin"], [GONE]]
    [finding] = work(entry)
    assert "expected gone" in finding
    api.delete(f"/simulations/{entry.ids[1]}")
    assert work(entry) == []

    entry.expected = [[CANCELED], [GONE]]
    [finding] = work(entry)
    assert "expected canceled" in finding
    change("UPDATE runs SET status = 'canceled' WHERE first = 0")
    assert work(entry) == []


def test_tracebacks_are_found_and_counted(tmp_path):
    log = tmp_path / "server.log"
    assert audit.log(log) == []
    trace = "Traceback (most recent call last):\n  File 'a'\n    b()\nKeyError: {}\n"
    log.write_text(f"started\n{trace.format(1)}a line\n{trace.format(2)}")
    assert audit.log(log) == ["2 tracebacks in server.log, such as KeyError: 1"]
