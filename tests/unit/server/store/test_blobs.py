"""Frames on a disk that does not take them, and folders that are deleted meanwhile."""

import errno
import os
import shutil
from contextlib import contextmanager

import polars as pl
import pytest

from ionworks.server.store import blobs as blobs_module
from ionworks.server.store.blobs import FolderBlobs

resource = pytest.importorskip("resource", reason="only Unix limits the size of files")

#: The end of the file, which describes the columns, is longer than the buffer of polars.
WIDE = pl.DataFrame({f"A column of a long name {number} [V]": [0.5] for number in range(200)})
LONG = pl.select(pl.int_range(20_000).sin().alias("Voltage [V]"))


@contextmanager
def files_of_at_most(size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("frame", [WIDE, LONG], ids=["wide", "long"])
@pytest.mark.parametrize("part", [0, 0.5, 0.9, 0.99])
def test_a_frame_that_does_not_fit_is_an_error_of_the_operating_system(tmp_path, frame, part):
    blobs = FolderBlobs(tmp_path)
    blobs.write_frame("ab/frame.parquet", frame)
    path = blobs.path("ab/frame.parquet")
    size = path.stat().st_size
    path.unlink()

    with files_of_at_most(int(part * size)), pytest.raises(OSError, match="large") as error:
        blobs.write_frame("ab/frame.parquet", frame)

    assert error.value.errno == errno.EFBIG
    assert list(path.parent.iterdir()) == []


def test_a_fault_that_has_passed_when_it_is_looked_for_is_one_of_the_disk(tmp_path, monkeypatch):
    def fail(*_arguments, **_options):
        raise pl.exceptions.ComputeError("parquet: Invalid thrift: transport error")

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", fail)
    with pytest.raises(OSError, match="error") as error:
        FolderBlobs(tmp_path).write_frame("ab/frame.parquet", WIDE)

    assert error.value.errno == errno.EIO


def deleting_its_folder_first(monkeypatch, blobs, *, times):
    """Delete the folder of a frame while it is written, like the deletion of its run."""
    write_parquet = blobs_module.write_parquet
    deleted = []

    def write(frame, stream, *options):
        if len(deleted) < times:
            deleted.append(stream.name)
            shutil.rmtree(blobs.folder / "ab")
        write_parquet(frame, stream, *options)

    monkeypatch.setattr(blobs_module, "write_parquet", write)


def test_a_frame_whose_folder_is_deleted_meanwhile_is_written_again(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)
    deleting_its_folder_first(monkeypatch, blobs, times=1)

    blobs.write_frame("ab/frame.parquet", WIDE)

    assert pl.read_parquet(blobs.path("ab/frame.parquet")).equals(WIDE)
    assert [path.name for path in (tmp_path / "ab").iterdir()] == ["frame.parquet"]


def test_a_folder_that_is_deleted_again_and_again_is_an_error(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)
    deleting_its_folder_first(monkeypatch, blobs, times=100)

    with pytest.raises(FileNotFoundError):
        blobs.write_frame("ab/frame.parquet", WIDE)


def test_a_folder_is_deleted_although_a_worker_writes_to_it(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)
    blobs.write_frame("ab/frame.parquet", WIDE)
    rmdir = os.rmdir
    written = []

    def write_and_remove(path, **options):
        if not written:
            written.append(path)
            (tmp_path / "ab" / "late.parquet").touch()
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", write_and_remove)
    blobs.delete("ab")

    assert written
    assert not (tmp_path / "ab").exists()
