"""Opening a folder removes what dead processes left, and nothing else."""

from types import SimpleNamespace

import polars as pl

from ionworks.server.jobs.leases import Lease
from ionworks.server.store.blobs import STEPS, TIME_SERIES, Blobs, folder_of
from ionworks.worker import simulations
from tests.unit.server.engines import client_of, finish, grid, submit
from tests.unit.server.uploading import make_cell, measure, processed

UNKNOWN = "abcdef00-0000-0000-0000-000000000000"


def names_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_folders_that_no_record_names_are_removed(folder, open_app, app, template):
    with client_of(app) as api:
        processed(api, measure(api, make_cell(api))["id"])
        finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1.0, 2.0])))
        running = submit(api, template, design_parameters_doe=grid(thickness=[3.0]))
        [job] = [run["job_id"] for run in finish(api, running)]
    other = Lease(folder / "owners")
    with app.services.store.writing() as connection:
        # As while another process runs it, which has written the results already.
        change = "UPDATE jobs SET status = 'processing', owner = ? WHERE id = ?"
        connection.exec_driver_sql(change, (other.id, job))
        change = "UPDATE simulations SET storage_folder = NULL WHERE job_id = ?"
        connection.exec_driver_sql(change, (job,))
    app.close()
    (folder / "blobs" / "not of the engine").mkdir()
    before = names_below(folder / "blobs")
    for root in ("", "pipelines/", "measurements/"):
        key = f"{root}{folder_of(UNKNOWN)}/1/{TIME_SERIES}"
        Blobs(folder / "blobs").write_frame(key, pl.DataFrame({"a": [1]}))

    open_app().close()

    left = names_below(folder / "blobs")
    other.release()
    assert not [name for name in left if UNKNOWN in name]
    assert before <= left


def test_locks_and_outcomes_of_dead_owners_are_removed_but_not_of_living_ones(folder, open_app):
    open_app().close()
    living = Lease(folder / "owners")
    (folder / "owners" / "dead.lock").touch()
    for owner in ("dead", "gone", living.id):
        for ending in ("1.jsonl", "1.jsonl.stop"):
            (folder / "outcomes" / f"{owner}-{ending}").touch()

    app = open_app()

    locks = names_below(folder / "owners")
    outcomes = names_below(folder / "outcomes")
    living.release()
    assert locks == {f"{living.id}.lock", f"{app.services.jobs.owner}.lock"}
    assert outcomes == {f"{living.id}-1.jsonl", f"{living.id}-1.jsonl.stop"}


def test_a_lock_is_gone_before_another_process_can_hold_it(tmp_path):
    first, second = Lease(tmp_path), Lease(tmp_path)
    with second.inherit(first.id) as is_dead:
        assert not is_dead
    first.release()
    with second.inherit(first.id) as is_dead:
        assert is_dead
    second.release()

    assert names_below(tmp_path) == set()


def test_a_repeated_run_removes_what_its_dead_worker_was_writing(tmp_path):
    blobs = Blobs(tmp_path)
    scratch = tmp_path / folder_of(UNKNOWN) / f".{STEPS}.0123"
    scratch.parent.mkdir(parents=True)
    scratch.touch()
    frame = pl.DataFrame({"a": [1]})

    simulations.store(blobs, SimpleNamespace(id=UNKNOWN, time_series=frame, steps=frame))

    assert {path.name for path in scratch.parent.iterdir()} == {STEPS, TIME_SERIES}
