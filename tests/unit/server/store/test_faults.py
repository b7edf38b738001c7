"""Errors of SQLite and of the operating system, told as faults of the engine's folder."""

import errno
import sqlite3

import pytest
import sqlalchemy as sa

from ionworks.server.store import faults
from ionworks.server.store.database import DATABASE, Store
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


@needs_sqlite
def test_a_full_database_is_a_full_disk(store):
    with store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        connection.exec_driver_sql("CREATE TABLE large (content BLOB)")
        with pytest.raises(sa.exc.OperationalError) as caught:
            connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(10000000))")

    assert faults.fault_of(caught.value) is faults.FULL


@needs_sqlite
def test_a_database_that_another_program_writes_to_is_locked(store):
    other = sqlite3.connect(store.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("COMMIT")
        with pytest.raises(sa.exc.OperationalError) as caught:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("BEGIN")
    other.close()

    assert faults.fault_of(caught.value) is faults.LOCKED


@needs_sqlite
def test_a_text_file_is_not_a_database(tmp_path):
    (tmp_path / DATABASE).write_text("Dear diary, " * 1000)

    with pytest.raises(sa.exc.DatabaseError) as caught:
        Store(tmp_path)

    assert faults.fault_of(caught.value) is faults.DAMAGED


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, faults.FULL),
        (errno.EROFS, faults.READ_ONLY),
        (errno.EIO, faults.UNREADABLE),
        (errno.ENOENT, None),
    ],
)
def test_errors_of_the_operating_system(number, fault):
    assert faults.fault_of(OSError(number, "words")) is fault


def test_an_error_raised_from_a_fault_has_the_same_fault():
    error = RuntimeError("could not write")
    error.__cause__ = OSError(errno.ENOSPC, "words")

    assert faults.fault_of(error) is faults.FULL


def test_other_errors_are_no_faults(store):
    with pytest.raises(sa.exc.DBAPIError) as caught, store.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")

    assert faults.fault_of(caught.value) is None
    assert faults.fault_of(ValueError("unrelated")) is None


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [(faults.FULL, 507, None), (faults.LOCKED, 503, "2")],
)
def test_a_request_that_meets_a_fault_is_told(open_app, monkeypatch, fault, status, retry_after):
    code = {faults.FULL: errno.ENOSPC}.get(fault)
    error = OSError(code, "words") if code else _locked()
    app = open_app()
    monkeypatch.setattr(app.services.store, "writing", _failing(error))

    reply = client_of(app).post("/projects", json={"name": "NMC622"})

    assert reply.status_code == status
    assert reply.json()["message"] == fault.message
    assert reply.headers.get("Retry-After") == retry_after


def _locked():
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return sa.exc.OperationalError("BEGIN IMMEDIATE", {}, error)


def _failing(error):
    def fail():
        raise error

    return fail
