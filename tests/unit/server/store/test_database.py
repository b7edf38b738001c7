"""The folder: its layout, its versions, several processes, the ready-made models."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy
from polars.testing import assert_frame_equal

from ionworks.engine.catalogue import catalogue
from ionworks.server.store import seeds, tables
from ionworks.server.store.database import DATABASE, Store, default_folder, timestamp
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of
from tests.unit.server.uploading import make_cell, measure, processed

_PROJECT = (
    "INSERT INTO projects (number, id, name, created_at, updated_at) VALUES (1, 'a', 'a', '', '')"
)


@needs_sqlite
def test_a_newer_layout_is_rejected_with_a_message(folder):
    Store(folder).close()
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(RuntimeError, match=r"layout 99.*upgrade ionworks or use another folder"):
        Store(folder)


@needs_sqlite
def test_the_journal_lets_readers_and_a_writer_work_together(folder):
    store = Store(folder)
    with store.writing() as writer:
        writer.exec_driver_sql(_PROJECT)
        with store.reading() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM projects").scalar_one() == 0
    with store.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM projects").scalar_one() == 1
        assert reader.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert reader.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    store.close()


def test_a_failed_transaction_leaves_nothing(folder):
    store = Store(folder)

    def change_and_fail():
        with store.writing() as connection:
            connection.exec_driver_sql(_PROJECT)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        change_and_fail()
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM projects").scalar_one() == 0
    store.close()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 5, 14, 9, 30),  # noqa: DTZ001 a moment without zone is the case at hand
        datetime(2026, 5, 14, 9, 30, tzinfo=UTC),
        datetime(2026, 5, 14, 11, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_times_are_utc_texts_that_sort(moment):
    assert timestamp(moment) == "2026-05-14T09:30:00.000000Z"
    assert timestamp(moment) < timestamp(moment + timedelta(microseconds=1))


def test_the_default_folder_is_in_the_users_data_folder(monkeypatch):
    assert default_folder().name == "ionworks"


def test_a_new_folder_has_every_ready_made_model(shared_api):
    listed = shared_api.get("/parameterized_models", params={"project_id": "default"}).json()

    assert listed["total"] == len(catalogue())
    assert {item["id"] for item in listed["items"]} == {
        seeds.slug(item["name"]) for item in catalogue()
    }
    assert "spm-chen2020" in {item["id"] for item in listed["items"]}


def test_ready_made_models_that_were_deleted_stay_deleted(open_app):
    first = open_app()
    with client_of(first) as api:
        assert api.delete("/parameterized_models/dfn-chen2020").status_code == 204
    first.close()

    with client_of(open_app()) as api:
        assert api.get("/parameterized_models/dfn-chen2020").status_code == 404
        assert api.get("/parameterized_models/spm-chen2020").status_code == 200


LAYOUT_1 = (Path(__file__).parent / "layout_1.sql").read_text(encoding="utf-8")


@needs_sqlite
def test_a_folder_of_layout_1_opens_with_all_its_records(folder, open_app):
    folder.mkdir()
    database = sqlite3.connect(folder / DATABASE)
    database.executescript(LAYOUT_1)
    names = ("projects", "models", "parameterized_models", "experiment_templates")
    queries = [_query(database, name) for name in names]
    before = [database.execute(query).fetchall() for query in queries]
    database.close()

    with client_of(open_app()) as api:
        simulation = api.get("/simulations/simulation").json()
        job = api.get("/jobs/job").json()
        made = api.post("/projects/mine/studies", json={"name": "new"})
        cell = api.post("/cell_specifications", json={"name": "M50", "project_id": "mine"})

    assert (simulation["status"], simulation["metrics"]) == ("completed", {"energy": 17.5})
    assert simulation["study_ids"] == []
    assert (simulation["name"], simulation["job_id"]) == ("Discharge", "job")
    assert job["result"] == {"simulation_id": "simulation", "storage_folder": "jo/job"}
    assert (made.status_code, cell.status_code) == (201, 201)
    database = sqlite3.connect(folder / DATABASE)
    assert [database.execute(query).fetchall() for query in queries] == before
    assert sum(map(len, before)) == 5
    assert database.execute("PRAGMA user_version").fetchone() == (tables.VERSION,)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_a_measurement_the_last_version_left_unfinished_is_processed(open_app):
    first = open_app()
    with client_of(first) as api:
        measurement = measure(api, make_cell(api))
    with first.services.store.writing() as connection:
        # As left by a process that was killed; its lock file is free.
        connection.exec_driver_sql(
            "UPDATE measurements SET processing_status = 'running', attempts = 1, owner = 'killed'"
        )
    first.close()

    with client_of(open_app()) as api:
        again = processed(api, measurement["id"])

    assert (again["processing_status"], again["steps_created"]) == ("ready", 10)


@needs_sqlite
def test_a_table_of_an_older_layout_gets_missing_columns(folder):
    folder.mkdir()
    database = sqlite3.connect(folder / DATABASE)
    database.executescript(LAYOUT_1)
    # As if a later layout had added it.
    database.execute("ALTER TABLE parameterized_models DROP COLUMN description")
    database.close()

    store = Store(folder)

    with store.reading() as connection:
        rows = connection.execute(sqlalchemy.select(tables.parameterized_models)).all()
        assert [(row.id, row.description) for row in rows] == [("spm-chen2020", None)]
        keys = connection.exec_driver_sql("PRAGMA foreign_key_list(parameterized_models)")
        references = {(key["from"], key["table"], key["to"]) for key in keys.mappings()}
        assert ("cell_spec_id", "cell_specs", "id") in references
        indexes = sqlalchemy.inspect(connection).get_indexes("parameterized_models")
        assert "ix_parameterized_models_cell_spec_id" in {index["name"] for index in indexes}
    store.close()


def _query(database, table):
    """Return a query for all a table holds now, by the columns it has now."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    return f"SELECT {', '.join(names)} FROM {table} ORDER BY rowid"  # noqa: S608 names of ours


# ---------------------------------------------------------------- the path of the folder


@pytest.mark.parametrize("path", ["../engine", "engine", "a/../engine"])
def test_results_are_found_in_a_folder_with_a_relative_path(tmp_path, monkeypatch, path):
    (tmp_path / "work" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    store = Store(Path(path))
    frame = pl.DataFrame({"Time [s]": [0.0, 1.0]})

    store.blobs.write_frame("ab/run/steps.parquet", frame)
    monkeypatch.chdir(tmp_path)

    assert_frame_equal(pl.read_parquet(store.blobs.path("ab/run/steps.parquet")), frame)
    assert store.folder.is_absolute()
    store.close()


@pytest.mark.parametrize("key", ["../secret", "ab/../../secret", "{root}/secret"])
def test_a_key_never_leads_out_of_the_folder(tmp_path, key):
    (tmp_path / "secret").write_text("x")
    store = Store(tmp_path / "engine")
    (store.blobs.folder / "ab").mkdir(parents=True)

    assert store.blobs.path(key.format(root=tmp_path)) is None
    store.close()
