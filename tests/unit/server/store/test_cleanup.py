"""Opening a folder removes what dead processes left, and nothing else."""

import polars as pl
import pytest

from ionworks.server.jobs.leases import Lease
from ionworks.server.store.blobs import TIME_SERIES, FolderBlobs, folder_of, new_pack_folder
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of, finish, grid, submit
from tests.unit.server.uploading import make_cell, measure, processed

pytestmark = pytest.mark.folder_blobs("the folder is that of a disk")
UNKNOWN = "abcdef00-0000-0000-0000-000000000000"


def write(folder, key):
    FolderBlobs(folder / "blobs").write_frame(f"{key}/{TIME_SERIES}", pl.DataFrame({"a": [1]}))


def names_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_folders_that_no_record_names_are_removed(folder, open_app, app, template):
    with client_of(app) as api:
        processed(api, measure(api, make_cell(api))["id"])
        finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1.0, 2.0])))
    other = Lease(folder / "owners")
    app.close()
    # As while another process has written results and not recorded them.
    write(folder, new_pack_folder(other.id))
    # As after a process has ended that wrote results and mentioned them in its outcomes.
    write(folder, new_pack_folder("ended"))
    (folder / "outcomes" / "ended-1.jsonl").touch()
    (folder / "blobs" / "not of the engine").mkdir()
    before = names_below(folder / "blobs")
    for root in ("", "pipelines/", "measurements/"):
        write(folder, f"{root}{folder_of(UNKNOWN)}/1")
    write(folder, new_pack_folder(UNKNOWN))

    open_app().close()

    left = names_below(folder / "blobs")
    other.release()
    assert not [name for name in left if UNKNOWN in name]
    assert before <= left


@needs_sqlite
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
