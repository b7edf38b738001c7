"""A folder of layout 6 reads the same after its conversion, and goes on where it was left.

``layout_6.json`` has what the last version with that layout replied to requests.
"""

import json
import re
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from ionworks.server.jobs.queue import Jobs
from ionworks.server.store import conversion, records, tables
from ionworks.server.store.blobs import STEPS, TIME_SERIES, FolderBlobs, folder_of
from ionworks.server.store.database import DATABASE, Store
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of, wait_until

pytestmark = [needs_sqlite, pytest.mark.folder_blobs("earlier layouts have a folder")]

HERE = Path(__file__).parent
LAYOUT_6 = (HERE / "layout_6.sql").read_text(encoding="utf-8")
BEFORE = json.loads((HERE / "layout_6.json").read_text(encoding="utf-8"))
SIMULATIONS = BEFORE["replies"]["/simulations"]["simulations"]
JOBS = BEFORE["replies"]["/jobs/"]
KILLED = BEFORE["killed"]


@pytest.fixture
def earlier(folder):
    """Make the folder as a version with layout 6 left it."""
    folder.mkdir()
    with sqlite3.connect(folder / DATABASE) as database:
        database.executescript(LAYOUT_6)
    database.close()
    for simulation in SIMULATIONS:
        if simulation["storage_folder"] is not None:
            thickness = simulation["design_parameters"].get("thickness", 0.0)
            write(folder, simulation["storage_folder"], thickness)
    return folder


@pytest.fixture
def paused(monkeypatch):
    """Let no job start, so that their states stay."""
    monkeypatch.setattr(Jobs, "recover", lambda _jobs: None)


def write(folder, key, thickness):
    blobs = FolderBlobs(folder / "blobs")
    series = pl.DataFrame({"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, thickness]})
    blobs.write_frame(f"{key}/{TIME_SERIES}", series)
    blobs.write_frame(f"{key}/{STEPS}", pl.DataFrame({"a": [1]}))


def dump(folder):
    with sqlite3.connect(folder / DATABASE) as database:
        content = [*database.iterdump(), *database.execute("PRAGMA user_version")]
    database.close()
    return content


def known(reply):
    """Return a reply without the fields that earlier versions did not have, which must be null."""
    if isinstance(reply, dict):
        new = ("copied_from", "provenance")
        assert [reply.get(name) for name in new] == [None, None]
        return {name: known(value) for name, value in reply.items() if name not in new}
    return [known(each) for each in reply] if isinstance(reply, list) else reply


@pytest.mark.usefixtures("paused", "earlier")
def test_every_record_reads_as_before(open_app):
    with client_of(open_app()) as api:
        for path, reply in BEFORE["replies"].items():
            found = known(api.get(path).json())
            if path.startswith("/simulations?"):
                found = {
                    "ids": [each["id"] for each in found["simulations"]],
                    "total": found["total"],
                }
            if path.startswith("/jobs/?"):
                found = [each["job_id"] for each in found]
            assert found == reply, path
        for simulation in SIMULATIONS:
            assert known(api.get(f"/simulations/{simulation['id']}").json()) == simulation
        for job in JOBS:
            assert api.get(f"/jobs/{job['job_id']}").json() == job
        statuses = api.post("/simulations/statuses", json={"simulation_ids": BEFORE["ids"]})
        assert statuses.json() == BEFORE["statuses"]


@pytest.mark.usefixtures("paused", "earlier")
def test_results_stay_where_they_are(open_app):
    with client_of(open_app()) as api:
        for simulation in SIMULATIONS:
            reply = api.get(f"/simulations/{simulation['id']}/result")
            if simulation["storage_folder"] is None:
                assert reply.status_code == 404
            else:
                thickness = simulation["design_parameters"].get("thickness", 0.0)
                assert reply.json()["time_series"]["Voltage [V]"] == [4.0, thickness]
                assert reply.json()["metrics"] == simulation["metrics"]
                assert reply.json()["notes"] == simulation["notes"]


@pytest.mark.usefixtures("paused", "earlier")
def test_a_request_of_before_is_answered_with_what_it_created(open_app):
    keyed = BEFORE["keyed"]
    with client_of(open_app()) as api:
        reply = api.post(
            "/simulations/with-template/batch",
            json=keyed["body"],
            headers={"Idempotency-Key": "key"},
        )
    assert reply.json() == keyed["reply"]


def test_unfinished_runs_go_on_and_what_had_ended_is_recorded(earlier, open_app):
    outcome = {
        "id": KILLED["job"],
        "metrics": {"pid": 1, "notes": ["stopped early"]},
        "stored": True,
        "error": None,
        "error_code": None,
        "compute_time": 0.5,
    }
    (earlier / "outcomes").mkdir()
    (earlier / "outcomes" / "killed-1.jsonl").write_text(json.dumps(outcome) + "\n")
    write(earlier, folder_of(KILLED["job"]), 42.0)

    with client_of(open_app()) as api:

        def states():
            ids = {"simulation_ids": BEFORE["ids"]}
            found = api.post("/simulations/statuses", json=ids).json()
            return {each["simulation_id"]: each["status"] for each in found}

        wait_until(lambda: not {"pending", "processing"} & set(states().values()))
        now = states()
        changed = {
            each["simulation_id"]
            for each in BEFORE["statuses"]
            if each["status"] != now[each["simulation_id"]]
        }
        recorded = api.get(f"/simulations/{KILLED['simulation']}").json()
        series = api.get(f"/simulations/{KILLED['simulation']}/result").json()["time_series"]

    assert len(changed) == 3
    assert {now[each] for each in changed} == {"completed"}
    assert recorded["metrics"] == outcome["metrics"]
    assert recorded["storage_folder"] == folder_of(KILLED["job"])
    assert series["Voltage [V]"] == [4.0, 42.0]


@pytest.mark.usefixtures("paused")
def test_runs_can_be_canceled_and_deleted_by_their_ids_of_before(earlier, open_app):
    pending = [each for each in SIMULATIONS if each["status"] == "pending"]
    completed = next(each for each in SIMULATIONS if each["status"] == "completed")
    with client_of(open_app()) as api:
        canceled = api.post(f"/jobs/{pending[0]['job_id']}/cancel").json()
        assert api.delete(f"/simulations/{completed['id']}").status_code == 204
        assert api.get(f"/simulations/{completed['id']}").status_code == 404
        total = api.get("/simulations").json()["total"]

    assert (canceled["job_id"], canceled["status"]) == (pending[0]["job_id"], "canceled")
    assert total == len(SIMULATIONS) - 1
    assert not (earlier / "blobs" / completed["storage_folder"]).exists()


def test_a_conversion_that_fails_changes_nothing(earlier, monkeypatch):
    before = dump(earlier)

    def fail(_connection):
        raise RuntimeError("the disk broke")

    with monkeypatch.context() as patched:
        patched.setattr(conversion, "_convert_studies", fail)
        with pytest.raises(RuntimeError, match="the disk broke"):
            Store(earlier)
    assert dump(earlier) == before

    Store(earlier).close()
    assert dump(earlier)[-1] == (tables.VERSION,)


def test_a_process_that_is_killed_while_it_converts_changes_nothing(earlier):
    before = dump(earlier)
    script = (
        "import os, sys; from pathlib import Path; from ionworks.server.store import conversion;"
        "from ionworks.server.store.database import Store;"
        "conversion._convert_studies = lambda _: os._exit(9); Store(Path(sys.argv[1]))"
    )

    ended = subprocess.run([sys.executable, "-c", script, str(earlier)], check=False)

    assert ended.returncode == 9
    assert dump(earlier) == before
    Store(earlier).close()
    assert dump(earlier)[-1] == (tables.VERSION,)


def test_the_converted_database_is_laid_out_like_a_new_one(earlier, tmp_path):
    Store(earlier).close()
    Store(tmp_path / "new").close()

    assert schema(earlier) == schema(tmp_path / "new")


@pytest.fixture
def never_started(earlier):
    """Make all runs of the last submission equal: they were never started."""
    with sqlite3.connect(earlier / DATABASE) as database:
        database.execute(
            "UPDATE jobs SET status = 'pending', owner = 'killed', started_at = NULL,"
            " completed_at = NULL, updated_at = created_at WHERE number > 10"
        )
    database.close()
    return earlier


@pytest.mark.parametrize("together", [1, 2, 2000])
def test_equal_runs_in_sequence_share_a_row(never_started, monkeypatch, together):
    monkeypatch.setattr(conversion, "PIECE", together)
    monkeypatch.setattr(conversion, "pieces", partial(records.pieces, size=together))
    store = Store(never_started)
    with store.reading() as connection:
        total = connection.exec_driver_sql("SELECT sum(count) FROM runs").scalar_one()
        pending = connection.exec_driver_sql(
            "SELECT first, count FROM runs WHERE status = 'pending' ORDER BY first"
        ).all()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one()
    store.close()

    assert total == len(SIMULATIONS)
    # Those of one piece: a row that was stored does not change any more.
    size = min(together, 4)
    assert pending == [(first, size) for first in range(0, 4, size)]
    assert (broken, keys) == ([], 1)


def test_a_folder_that_an_earlier_version_has_open_is_not_converted(earlier):
    (earlier / "owners").mkdir()
    before = dump(earlier)
    with (
        FileLock(earlier / "owners" / "living.lock"),
        pytest.raises(RuntimeError, match="close it"),
    ):
        Store(earlier)
    assert dump(earlier) == before


def schema(folder):
    with sqlite3.connect(folder / DATABASE) as database:
        rows = database.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
        ).fetchall()
    database.close()
    # A table that stays gets its new columns after the others.
    return [
        (kind, name, sorted(re.split(r",?\s*\n\s*|, (?=\w+ [A-Z]+)", sql or "")))
        for kind, name, sql in rows
    ]
