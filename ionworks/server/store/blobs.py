"""Results and data on disk: a folder of parquet files each, written atomically."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from ionworks.server.store.private_files import make_file

if TYPE_CHECKING:
    import polars as pl

TIME_SERIES = "time_series.parquet"
STEPS = "steps.parquet"
CYCLES = "cycles.parquet"
#: Length of the random part of the name of a pack's folder.
_HEX_DIGITS = 32
#: Bytes that a disk cannot take after a write has failed.
_MORE_THAN_FITS = 1 << 16
#: Times a file is written before its folder, deleted each time, is taken for a failure.
_TRIES = 3


class Blobs:
    """Files of results under one folder.

    Parameters
    ----------
    folder
        Where the files are; created with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path | None:
        """Return the file of a key such as ``ab/abc.../steps.parquet``, or None.

        A key never leads out of the folder.
        """
        parts = PurePath(key)
        path = self.folder / parts
        return None if parts.is_absolute() or ".." in parts.parts or not path.is_file() else path

    def write_frame(
        self, key: str, frame: pl.DataFrame | pl.LazyFrame, *, rows_together: int | None = None
    ) -> None:
        """Write a frame as parquet, atomically; a lazy one is streamed.

        Parameters
        ----------
        key
            The file.
        frame
            Its content.
        rows_together
            Rows that are compressed together; None for what polars chooses.

        Raises
        ------
        OSError
            The disk is full, or fails in another way.
        """
        path = self.folder / key
        for tries_left in reversed(range(_TRIES)):
            try:
                self._write(path, frame, rows_together)
            except FileNotFoundError:
                # Somebody deleted the record, and this folder with it. That must not fail the
                # worker's other runs; the folder is removed again with the outcome of this one.
                if not tries_left:
                    raise
            else:
                return

    def _write(
        self, path: Path, frame: pl.DataFrame | pl.LazyFrame, rows_together: int | None
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            make_file(scratch)
            with scratch.open("wb") as stream:
                write_parquet(frame.lazy(), stream, rows_together)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)

    def probe(self) -> None:
        """Write and remove a small file.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        scratch = self.folder / f".{uuid4().hex}"
        try:
            make_file(scratch)
            scratch.write_bytes(b"ionworks")
        finally:
            scratch.unlink(missing_ok=True)

    def remove_scratch(self, folder: str) -> None:
        """Remove what a process was writing to a folder when it died."""
        for scratch in (self.folder / folder).glob(".*"):
            scratch.unlink(missing_ok=True)

    def delete(self, folder: str) -> None:
        """Remove a folder of results with its content; does nothing when it does not exist."""
        path = self.folder / folder
        while path.is_dir():
            try:
                shutil.rmtree(path)
            except OSError as error:
                # Another thread is removing the same files, or a worker is writing one.
                if error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
                    raise


def write_parquet(frame: pl.LazyFrame, stream: IO[bytes], rows_together: int | None = None) -> None:
    """Write a frame to a file as parquet, in pieces.

    Raises
    ------
    OSError
        The disk is full, or fails in another way.
    """
    import polars as pl

    try:
        frame.sink_parquet(
            stream, compression="zstd", compression_level=1, row_group_size=rows_together
        )
    except pl.exceptions.ComputeError as error:
        # polars raises this exception also for errors of the operating system.
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is not None:
            code = int(number[1])
        elif "transport error" in str(error):
            # Those met in a long footer lose their number: write on, to meet the error again.
            stream.write(bytes(_MORE_THAN_FITS))
            stream.flush()
            code = errno.EIO
        else:
            raise
        raise OSError(code, os.strerror(code)) from error


def scan(path: Path) -> pl.LazyFrame:
    """Return a parquet file as a lazy frame."""
    import polars as pl

    # A user's folder may be named like a pattern (`a[b]*`) or a partition (`day=1`).
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def folder_of(identifier: str) -> str:
    """Return the folder of an id, spread over 256 parents: results of layouts before 7."""
    return f"{identifier[:2]}/{identifier}"


def new_pack_folder(owner: str) -> str:
    """Return an unused folder for the results of runs that a process of an owner computes.

    Its name tells the owner, because a pack has no record before its runs are recorded.
    """
    return folder_of(f"{uuid4().hex}-{owner}")


def owner_of(folder: str) -> str:
    """Return the owner of a folder of a pack; empty for one of an earlier layout."""
    prefix, _, owner = folder.rpartition("/")[2].partition("-")
    return owner if len(prefix) == _HEX_DIGITS else ""
