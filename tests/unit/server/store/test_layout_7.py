"""A folder of layout 7, which knew no provenance, opens with all its records."""

import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from ionworks.server.store import database as layouts
from ionworks.server.store import tables
from ionworks.server.store.database import DATABASE, Store
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of, finish, grid, store_template, submit
from tests.unit.server.pipelines import ENTRY, end
from tests.unit.server.pipelines import submit as submit_pipeline

pytestmark = [needs_sqlite, pytest.mark.folder_blobs("earlier layouts have a folder")]

WITH_PROVENANCE = ("jobs", "packs")


def make_layout_7(folder):
    """Take from a folder what layout 7 did not have."""
    with sqlite3.connect(folder / DATABASE) as database:
        statements = [*database.iterdump()]
    database.close()
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()
    with sqlite3.connect(folder / DATABASE) as database:
        database.executescript("\n".join(filter(None, map(in_layout_7, statements))))
        database.execute("PRAGMA user_version = 7")
    database.close()


def in_layout_7(statement):
    """Return a statement of a dump as layout 7 had it, empty for what it did not have."""
    if statement.startswith("CREATE INDEX") and "provenance" in statement:
        return ""
    name = re.match(r'(?:CREATE TABLE|INSERT INTO) "?(\w+)"?', statement)
    if name is None or name[1] not in (*WITH_PROVENANCE, "provenances"):
        return statement
    if name[1] == "provenances":
        return ""
    if statement.startswith("INSERT"):
        return re.sub(r",(NULL|\d+)\);$", ");", statement)
    left = [line for line in statement.splitlines() if "provenance" not in line]
    return re.sub(r",\s*\n\)", "\n)", "\n".join(left))


def test_the_records_of_layout_7_have_no_provenance(folder, open_app):
    app = open_app()
    with client_of(app) as api:
        template = store_template(app)
        before = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1, 2])))
        fit = end(api, submit_pipeline(api, {"entry": ENTRY}))
    app.close()
    make_layout_7(folder)

    app = open_app()
    with client_of(app) as api:
        after = [api.get(f"/simulations/{each['id']}").json() for each in before]
        again = api.get(f"/pipelines/{fit['id']}").json()
        new = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[3])))

    assert after == [{**each, "provenance": None} for each in before]
    assert again == {**fit, "provenance": None}
    assert new[0]["provenance"]["solver"] == "quick"
    with sqlite3.connect(folder / DATABASE) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (tables.VERSION,)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def layout_of(folder):
    """Return the version of a folder, and what its tables and indexes are made with."""
    with sqlite3.connect(folder / DATABASE) as database:
        version = database.execute("PRAGMA user_version").fetchone()
        made = database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    database.close()
    return version, made


def test_an_opening_that_fails_half_way_changes_nothing(folder, monkeypatch):
    Store(folder).close()
    make_layout_7(folder)
    before = layout_of(folder)
    add_columns = layouts._add_columns

    def fail(connection):
        add_columns(connection)
        raise RuntimeError("the disk broke")

    with monkeypatch.context() as patched:
        patched.setattr(layouts, "_add_columns", fail)
        with pytest.raises(RuntimeError, match="the disk broke"):
            Store(folder)

    assert layout_of(folder) == before
    Store(folder).close()
    assert layout_of(folder)[0] == (tables.VERSION,)


def test_two_that_find_layout_7_at_once_both_open_the_folder(folder, monkeypatch):
    Store(folder).close()
    make_layout_7(folder)
    both_have_looked = threading.Barrier(2)
    version_of, seen = layouts._version, threading.local()

    def version(connection):
        found = version_of(connection)
        if not hasattr(seen, "version"):
            seen.version = found
            both_have_looked.wait(60)
        return found

    monkeypatch.setattr(layouts, "_version", version)
    with ThreadPoolExecutor(2) as pool:
        for store in pool.map(Store, [folder] * 2):
            store.close()

    assert layout_of(folder)[0] == (tables.VERSION,)


def test_a_folder_that_layout_7_has_open_is_refused(folder):
    Store(folder).close()
    make_layout_7(folder)
    lock = FileLock(folder / "owners" / "other.lock")

    with lock, pytest.raises(RuntimeError, match="is open in a process with an earlier version"):
        Store(folder)

    Store(folder).close()
