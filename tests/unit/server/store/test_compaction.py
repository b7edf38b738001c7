"""Packs most of whose runs were deleted become smaller, and no result changes."""

import polars as pl
import pytest
import sqlalchemy as sa
from attrs import evolve

from ionworks.server.jobs import queue
from ionworks.server.store import cleanup, columns, compaction, tables
from tests.object_store import files_at, overwrite
from tests.unit.server.engines import QUICK, client_of, finish, grid, submit, wait_until

PACKING = evolve(QUICK, simulate="tests.unit.server.packing_worker:simulate")
THICKNESSES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
OWNER = "0" * 32


@pytest.fixture
def app(open_app):
    return open_app(targets=PACKING)


@pytest.fixture
def store(app):
    return app.services.store


@pytest.fixture
def runs(api, template):
    """Seven simulations in one pack."""
    found = finish(api, submit(api, template, design_parameters_doe=grid(thickness=THICKNESSES)))
    assert len({run["storage_folder"] for run in found}) == 1
    return found


def delete(api, runs):
    for run in runs:
        assert api.delete(f"/simulations/{run['id']}").status_code == 204


def results_of(api, runs):
    return [api.get(f"/simulations/{run['id']}/result").json() for run in runs]


def folders(store):
    return {key.rpartition("/")[0] for key in files_at(store.blobs)}


def test_a_pack_is_replaced_by_a_smaller_one(api, store, runs):
    kept = [runs[5], runs[1], runs[2]]
    expected = results_of(api, kept)
    provenance = api.get(f"/simulations/{kept[0]['id']}").json()["provenance"]
    delete(api, [runs[0], runs[3], runs[4], runs[6]])

    assert compaction.compact(store, OWNER) == 1

    assert results_of(api, kept) == expected
    [folder] = folders(store)
    assert folder != runs[0]["storage_folder"]
    moved = api.get(f"/simulations/{kept[0]['id']}").json()
    assert (moved["storage_folder"], moved["provenance"]) == (folder, provenance)
    assert provenance["solver"] == "quick"
    with store.blobs.open(f"{folder}/steps.parquet") as file:
        assert len(pl.read_parquet(file)) == 3
    with store.reading() as connection:
        rows = columns.decoded(connection.scalar(sa.select(tables.packs.c.rows)))
    assert rows == {"steps": [1, 1, 1], "points": [2, 3, 6]}
    assert compaction.compact(store, OWNER) == 0
    delete(api, kept)
    assert folders(store) == set()


def test_a_pack_with_at_least_half_of_its_runs_stays(api, store, runs):
    delete(api, runs[:3])
    assert compaction.compact(store, OWNER) == 0
    assert folders(store) == {runs[0]["storage_folder"]}


def test_runs_that_are_deleted_meanwhile_stay_deleted(api, store, runs, monkeypatch):
    delete(api, runs[:4])
    write = compaction.pack_files.write

    def write_and_delete(*arguments):
        write(*arguments)
        delete(api, runs[4:5])

    expected = results_of(api, runs[5:])
    monkeypatch.setattr(compaction.pack_files, "write", write_and_delete)
    assert compaction.compact(store, OWNER) == 0
    assert folders(store) == {runs[0]["storage_folder"]}
    assert results_of(api, runs[5:]) == expected

    monkeypatch.undo()
    assert compaction.compact(store, OWNER) == 1
    assert results_of(api, runs[5:]) == expected


def test_a_pack_that_took_the_number_of_another_keeps_its_results(
    api, store, runs, template, monkeypatch
):
    delete(api, runs[:4])
    original = compaction._refer
    others = []

    def renew_first(*arguments):
        delete(api, runs[4:])
        design = grid(thickness=[10 * each for each in THICKNESSES])
        others.extend(finish(api, submit(api, template, design_parameters_doe=design)))
        delete(api, others[:4])
        return original(*arguments)

    monkeypatch.setattr(compaction, "_refer", renew_first)
    assert compaction.compact(store, OWNER) == 0

    voltages = [each["time_series"]["Voltage [V]"][-1] for each in results_of(api, others[4:])]
    assert voltages == [50.0, 60.0, 70.0]


def test_packs_that_cannot_be_read_do_not_keep_others_from_being_replaced(
    api, store, template, monkeypatch
):
    monkeypatch.setattr(compaction, "_MOST", 1)
    made = []
    for factor in (1, 10, 100):
        design = grid(thickness=[factor * each for each in THICKNESSES])
        made.append(finish(api, submit(api, template, design_parameters_doe=design)))
        delete(api, made[-1][:4])
    missing, damaged, good = (each[6]["storage_folder"] for each in made)
    store.blobs.remove(f"{missing}/steps.parquet")
    overwrite(store.blobs, f"{damaged}/steps.parquet", b"damaged")

    assert compaction.compact(store, OWNER) == 1

    assert {missing, damaged} < folders(store)
    assert good not in folders(store)
    assert len(folders(store)) == 3
    assert compaction.compact(store, OWNER) == 0


def test_a_full_disk_leaves_everything_as_it_was(api, store, runs, monkeypatch):
    delete(api, runs[:4])
    expected = results_of(api, runs[4:])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compaction.pack_files, "write", full)
    with pytest.raises(OSError, match="No space left"):
        compaction.compact(store, OWNER)
    assert results_of(api, runs[4:]) == expected
    assert folders(store) == {runs[0]["storage_folder"]}


@pytest.mark.folder_blobs("new objects stay for a day")
@pytest.mark.parametrize("step", ["write", "_refer"])
def test_a_process_that_dies_while_it_replaces_a_pack_loses_nothing(
    app, api, store, runs, open_app, monkeypatch, step
):
    delete(api, runs[:4])
    expected = results_of(api, runs[4:])
    module = compaction.pack_files if step == "write" else compaction
    original = getattr(module, step)

    class Killed(BaseException):
        pass

    def die(*arguments):
        original(*arguments)
        raise Killed

    monkeypatch.setattr(module, step, die)
    # A killed process removes nothing.
    monkeypatch.setattr(store.blobs, "delete", lambda _: None)
    with pytest.raises(Killed):
        compaction.compact(store, OWNER)
    monkeypatch.undo()

    assert len(folders(store)) == 2
    assert results_of(api, runs[4:]) == expected
    app.close()
    with client_of(open_app(targets=PACKING)) as api_of_next:
        assert results_of(api_of_next, runs[4:]) == expected
    assert len(folders(store)) == 1


def test_a_failure_after_the_records_were_changed_loses_nothing(api, store, runs, monkeypatch):
    delete(api, runs[:4])
    expected = results_of(api, runs[4:])
    original = compaction._refer

    def fail_afterwards(*arguments):
        assert original(*arguments)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(compaction, "_refer", fail_afterwards)
    with pytest.raises(OSError, match="Input/output"):
        compaction.compact(store, OWNER)
    assert results_of(api, runs[4:]) == expected


def test_the_folder_of_a_living_process_is_not_removed(app, api, store, runs, monkeypatch):
    delete(api, runs[:4])
    original = compaction._refer

    def clean_up_first(*arguments):
        cleanup.unclaimed_folders(store)
        return original(*arguments)

    expected = results_of(api, runs[4:])
    monkeypatch.setattr(compaction, "_refer", clean_up_first)
    assert compaction.compact(store, app.services.jobs.owner) == 1
    assert results_of(api, runs[4:]) == expected


def test_two_processes_do_not_replace_the_same_pack(api, store, runs, monkeypatch):
    delete(api, runs[:4])
    original = compaction._refer

    def second_is_faster(*arguments):
        monkeypatch.setattr(compaction, "_refer", original)
        assert compaction.compact(store, "1" * 32) == 1
        return original(*arguments)

    expected = results_of(api, runs[4:])
    monkeypatch.setattr(compaction, "_refer", second_is_faster)
    assert compaction.compact(store, OWNER) == 0
    assert len(folders(store)) == 1
    assert results_of(api, runs[4:]) == expected


def test_the_queue_replaces_packs_from_time_to_time(open_app, template_of, monkeypatch):
    monkeypatch.setattr(queue, "RECOVERY_PERIOD", 0.01)
    monkeypatch.setattr(queue, "COMPACTION_PERIOD", 0.0)
    app = open_app(targets=PACKING)
    with client_of(app) as api:
        design = grid(thickness=THICKNESSES)
        runs = finish(api, submit(api, template_of(app), design_parameters_doe=design))
        delete(api, runs[:4])
        wait_until(lambda: runs[0]["storage_folder"] not in folders(app.services.store))
        assert len(folders(app.services.store)) == 1
