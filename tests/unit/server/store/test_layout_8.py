"""A folder of layout 8, which knew no team, opens with all its records and one user."""

import sqlite3

import pytest

from ionworks.server.store import tables
from ionworks.server.store.database import DATABASE
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of, finish, store_template, submit

pytestmark = [needs_sqlite, pytest.mark.folder_blobs("earlier layouts have a folder")]

ADDED = {"projects": "organization_id", "submissions": "user_id", "materials": "organization_id"}
TABLES = ("api_keys", "users", "organizations", "audit_log")


def make_layout_8(folder):
    """Take from a folder what layout 8 did not have."""
    with sqlite3.connect(folder / DATABASE) as database:
        for name in TABLES:
            database.execute(f"DROP TABLE {name}")
        for table, column in ADDED.items():
            database.execute(f"DROP INDEX IF EXISTS ix_{table}_{column}")
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("PRAGMA user_version = 8")
    database.close()


def test_records_of_layout_8_stay_and_new_ones_are_made(folder, open_app):
    app = open_app()
    with client_of(app) as api:
        template = store_template(app)
        before = finish(api, submit(api, template))
        spec = api.post(
            "/cell_specifications",
            json={"name": "M50", "anode": {"material": {"name": "graphite"}}},
        ).json()
    app.close()
    make_layout_8(folder)

    app = open_app()
    with client_of(app) as api:
        assert [api.get(f"/simulations/{each['id']}").json() for each in before] == before
        assert api.get(f"/cell_specifications/{spec['id']}").json() == spec
        assert api.get("/users/me").json()["id"] == "local"
        assert finish(api, submit(api, template))[0]["status"] == "completed"
    with sqlite3.connect(folder / DATABASE) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (tables.VERSION,)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    database.close()
    assert {("ix_projects_organization_id",), ("ix_submissions_user_id",)} <= set(names)
