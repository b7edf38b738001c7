"""Results and data in files, under keys: in a folder of this machine, or in a bucket."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from ionworks.server.store.faults import fault_of
from ionworks.server.store.private_files import make_file, make_folder

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)

TIME_SERIES = "time_series.parquet"
STEPS = "steps.parquet"
CYCLES = "cycles.parquet"
#: Length of the random part of the name of a pack's folder.
_HEX_DIGITS = 32
#: Bytes that a disk cannot take after a write has failed.
_MORE_THAN_FITS = 1 << 16
#: Times a file is written before its folder, deleted each time, is taken for a failure.
_TRIES = 3
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class Blobs(ABC):
    """Files under keys such as ``ab/abc.../steps.parquet``, in folders that need not be made.

    Methods raise an OSError when the disk or the object store fails, see
    `ionworks.server.store.faults`.

    Attributes
    ----------
    address
        What `at` opens again, also in another process.
    """

    address: str

    @staticmethod
    def at(address: str) -> Blobs:
        """Return the files at an address: the path of a folder, or ``s3://bucket/prefix``.

        Raises
        ------
        ValueError
            The address is neither.
        ImportError
            It is a bucket, and the package for buckets is missing.
        """
        if _URL.match(address) is None:
            return FolderBlobs(Path(address))
        from ionworks.server.store.bucket import BucketBlobs

        return BucketBlobs(address)

    @abstractmethod
    def prepare(self) -> None:
        """Make the folder, or look whether the bucket can be used."""

    @abstractmethod
    def probe(self) -> None:
        """Look whether files can be used now."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Return whether there are no files at all."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Return whether there is a file."""

    @abstractmethod
    def size(self, key: str) -> int:
        """Return the size of a file in bytes; raises a FileNotFoundError for a missing one."""

    @abstractmethod
    def open(self, key: str) -> IO[bytes]:
        """Open a file for reading at any place; raises a FileNotFoundError for a missing one.

        What is read of a large object in a bucket is fetched when it is read.
        """

    @abstractmethod
    def fetch(self, key: str) -> IO[bytes]:
        """Open a file as `open` does, with all its content on this machine."""

    @abstractmethod
    def temporary_file(self) -> IO[bytes]:
        """Return an unnamed file for what is made to be sent."""

    @abstractmethod
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
        """

    @abstractmethod
    def remove(self, key: str) -> None:
        """Remove a file; does nothing when it does not exist."""

    @abstractmethod
    def delete(self, folder: str) -> None:
        """Remove a folder with its content; does nothing when it does not exist."""

    def discard(self, folder: str) -> None:
        """Remove a folder that no record names any more.

        The record is gone, so the request has succeeded even if the disk or the object store
        fails. Such folders are removed when the store is opened.
        """
        try:
            self.delete(folder)
        except OSError as error:
            fault = fault_of(error)
            if fault is None:
                raise
            log.warning("%s could not be removed yet: %s", folder, fault.reason)

    @abstractmethod
    def remove_if_empty(self, folder: str) -> None:
        """Remove a folder without content."""

    @abstractmethod
    def remove_scratch(self, folder: str) -> None:
        """Remove what a process was writing to a folder when it died."""

    @abstractmethod
    def listing(self) -> Callable[[str], list[str]]:
        """Return a function that returns the names of the folders in a folder, "" for the root.

        It is for the removal of folders without a record; of a bucket, new folders are left out.
        """

    @abstractmethod
    def upload_link(self, key: str) -> str | None:
        """Return a URL to PUT a file to, for some time; None if files are sent to the server.

        The file is at its key once `take_in` has been called.
        """

    @abstractmethod
    def download_link(self, key: str) -> str | None:
        """Return a URL to GET a file from, for some time; None if the server sends files."""

    @abstractmethod
    def end_upload(self, folder: str) -> None:
        """Remove what a confirmed upload leaves behind."""

    @abstractmethod
    def take_in(self, key: str) -> bool:
        """Put an uploaded file in its place; returns whether there is one.

        What is sent to the link later does not change the file.
        """


class FolderBlobs(Blobs):
    """Files below one folder of this machine.

    Parameters
    ----------
    folder
        Where the files are; created with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder)

    def prepare(self) -> None:
        """Make the folder."""
        make_folder(self.folder)

    def is_empty(self) -> bool:
        """Return whether there are no files at all."""
        return not any(self.folder.iterdir())

    def path(self, key: str) -> Path | None:
        """Return the file of a key, or None. A key never leads out of the folder."""
        parts = PurePath(key)
        path = self.folder / parts
        return None if parts.is_absolute() or ".." in parts.parts or not path.is_file() else path

    def exists(self, key: str) -> bool:
        """Return whether there is a file."""
        return self.path(key) is not None

    def size(self, key: str) -> int:
        """Return the size of a file in bytes; raises a FileNotFoundError for a missing one."""
        return self._existing(key).stat().st_size

    def open(self, key: str) -> IO[bytes]:
        """Open a file; raises a FileNotFoundError for a missing one."""
        return self._existing(key).open("rb")

    def fetch(self, key: str) -> IO[bytes]:
        """Open a file; raises a FileNotFoundError for a missing one."""
        return self.open(key)

    def temporary_file(self) -> IO[bytes]:
        """Return an unnamed file on the disk of the folder, which has space for large ones."""
        return TemporaryFile(dir=self.folder)

    def write_frame(
        self, key: str, frame: pl.DataFrame | pl.LazyFrame, *, rows_together: int | None = None
    ) -> None:
        """Write a frame, see `Blobs.write_frame`."""
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
        """Write and remove a small file."""
        scratch = self.folder / f".{uuid4().hex}"
        try:
            make_file(scratch)
            scratch.write_bytes(b"ionworks")
        finally:
            scratch.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Remove a file; does nothing when it does not exist."""
        (self.folder / key).unlink(missing_ok=True)

    def delete(self, folder: str) -> None:
        """Remove a folder with its content; does nothing when it does not exist."""
        path = self.folder / folder
        while path.is_dir():
            try:
                shutil.rmtree(path)
            except OSError as error:
                # Another thread is removing the same files, or a worker is writing one.
                if error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
                    raise

    def remove_if_empty(self, folder: str) -> None:
        """Remove a folder without content."""
        try:
            (self.folder / folder).rmdir()
        except OSError:  # not empty, or another process removed it first
            return

    def remove_scratch(self, folder: str) -> None:
        """Remove what a process was writing to a folder when it died."""
        for scratch in (self.folder / folder).glob(".*"):
            scratch.unlink(missing_ok=True)

    def listing(self) -> Callable[[str], list[str]]:
        """Return a function that lists the folders in a folder when it is called."""
        return self._folders

    def _folders(self, parent: str) -> list[str]:
        """Return the names of folders; strings, because there may be 100 000."""
        try:
            # The entries know their type, so this does not look at each folder on the disk.
            with os.scandir(self.folder / parent) as entries:
                return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:  # another engine on the same folder removed it meanwhile
            return []

    def upload_link(self, key: str) -> None:  # noqa: ARG002 no file has one
        """Return None: files are sent to the server."""
        return

    def download_link(self, key: str) -> None:  # noqa: ARG002 no file has one
        """Return None: the server sends files."""
        return

    def end_upload(self, folder: str) -> None:
        """Do nothing: the files that have arrived are in their places."""

    def take_in(self, key: str) -> bool:
        """Return whether there is a file: the server puts it in its place when it has arrived."""
        return self.exists(key)

    def _existing(self, key: str) -> Path:
        path = self.path(key)
        if path is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.folder / key))
        return path


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


def scan(file: IO[bytes]) -> pl.LazyFrame:
    """Return an open parquet file as a lazy frame, which needs the file no longer."""
    import polars as pl

    # polars reads a file that is not on this machine as a whole, unless it fetches it itself.
    fetching = getattr(getattr(file, "raw", None), "scan", None)
    if fetching is not None:
        frame: pl.LazyFrame = fetching()
        return frame
    file.seek(0)
    return pl.scan_parquet(file)


def size_of(file: IO[bytes]) -> int:
    """Return the size of an open file in bytes; it is read from its beginning next."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


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
