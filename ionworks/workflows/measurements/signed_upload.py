"""Sending files to the signed URLs of an upload, a few concurrently, all or none."""

from __future__ import annotations

import mimetypes
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Final

from ionworks.errors import ResponseDecodeError
from ionworks.transport.files import PARQUET, is_foreign, upload
from ionworks.waiting.views import TransferView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ionworks.transport.connection import Connection
    from ionworks_api_client.models import UploadTarget

__all__ = ["LARGEST_FILE", "put_files", "target_of"]

LARGEST_FILE: Final = 1 << 30
"""Bytes a storage host accepts in one request; larger files need a multipart upload, which this
client does not support."""

_CONCURRENT_FILES = 4


class _Stopped(Exception):
    """Another file of the same upload has failed."""


class _Transfers:
    """Bytes sent of several files, and whether to stop; used by several threads."""

    def __init__(self, view: TransferView | None) -> None:
        self._view = view
        self._done: dict[str, int] = {}
        self.is_stopped = threading.Event()

    def count(self, name: str, done: int) -> None:
        if self.is_stopped.is_set():
            raise _Stopped
        self._done[name] = done
        if self._view is not None:
            self._view.advance(sum(self._done.values()))


def target_of(targets: Sequence[UploadTarget], name: str) -> UploadTarget | None:
    """Return the upload target of a file, None if the service gave none."""
    return next((each for each in targets if each.filename == name), None)


def put_files(
    connection: Connection,
    targets: Sequence[UploadTarget],
    files: Mapping[str, Path],
    *,
    label: str,
    verbose: bool,
) -> None:
    """Send files to the targets the service has given.

    Parameters
    ----------
    connection : Connection
        The connection to the service and its storage.
    targets : sequence of UploadTarget
        The targets, from the reply to the initiated upload.
    files : mapping of str to Path
        The files by their names on the service.
    label : str
        What is being sent, for the progress.
    verbose : bool
        Whether to show the progress of long transfers on standard error.

    Raises
    ------
    IonworksError
        If the storage rejects a file or fails; the transfers of the other files are stopped.
    ResponseDecodeError
        If the service has given no target for a file.
    ValueError
        If a file is too large for a single request.
    OSError
        If a file cannot be read.
    """
    places = {name: _place(connection, targets, name, path) for name, path in files.items()}
    total = sum(path.stat().st_size for path in files.values())
    view = TransferView(label, total) if verbose else None
    transfers = _Transfers(view)
    try:
        _put_all(connection, places, files, transfers)
    finally:
        if view is not None:
            view.close()


def _put_all(
    connection: Connection,
    places: Mapping[str, str],
    files: Mapping[str, Path],
    transfers: _Transfers,
) -> None:
    def put(name: str) -> None:
        upload(
            places[name],
            files[name],
            http=connection.http,
            outside=connection.outside,
            content_type=_content_type(name),
            progress=partial(transfers.count, name),
        )

    if len(files) == 1:
        put(*files)
        return
    futures: list[Future[None]] = []
    with ThreadPoolExecutor(_CONCURRENT_FILES, thread_name_prefix="ionworks-upload") as pool:
        try:
            futures.extend(pool.submit(put, name) for name in files)
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except BaseException:
            # Also on Ctrl-C: leaving the pool waits for its threads, which stop at the next chunk
            # once the event is set instead of sending their files to the end.
            transfers.is_stopped.set()
            for future in futures:
                future.cancel()
            raise


def _place(connection: Connection, targets: Sequence[UploadTarget], name: str, path: Path) -> str:
    target = target_of(targets, name)
    if target is None and len(targets) == 1 and not targets[0].filename:
        target = targets[0]
    if target is None:
        named = ", ".join(repr(each.filename) for each in targets) or "nothing"
        raise ResponseDecodeError(
            f"the service gave no upload target for {name!r}, only for {named}"
        )
    size = path.stat().st_size
    if size > LARGEST_FILE and is_foreign(target.signed_url, http=connection.http):
        raise ValueError(
            f"{path.name} has {size / LARGEST_FILE:.2f} GiB, but the service's storage accepts at"
            " most 1 GiB per request, and this client does not support multipart uploads: create"
            " the measurement with the first part of the rows and add the others with extend()"
        )
    return target.signed_url


def _content_type(name: str) -> str:
    if name.endswith(".parquet"):
        return PARQUET
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
