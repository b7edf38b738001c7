"""Removal of what interrupted uploads and submissions leave behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from ionworks.server.http.signed_links import UPLOAD_LIFETIME
from ionworks.server.store import idempotency, submissions
from ionworks.server.store.cell_measurements import ROOT
from ionworks.server.store.database import Store, timestamp
from ionworks.server.store.tables import measurements, open_submissions, uploads
from ionworks.server.store.uploads import give_up


def other_owners(store: Store, owner: str) -> set[str]:
    """Return the owners of open uploads and submissions, except this one."""
    owners = sa.union(sa.select(uploads.c.owner), sa.select(open_submissions.c.owner))
    with store.reading() as connection:
        return set(connection.scalars(owners)) - {owner}


def abandoned_by(store: Store, owner: str) -> None:
    """End the uploads and submissions of an owner that died.

    The key of its signed links is lost, and so are the runs that were not stored yet.
    """
    _give_up(store, uploads.c.owner == owner)
    submissions.discard_open(store, owner)


def failed(store: Store, owner: str) -> None:
    """Delete what is left of submissions of this owner that could be neither stored nor deleted."""
    submissions.discard_open(store, owner)


def expired(store: Store) -> None:
    """Delete old keys of requests, and end old uploads.

    The links of these uploads expired so long ago that no transfer can still be running.
    """
    idempotency.delete_expired(store)
    limit = timestamp(datetime.now(UTC) - timedelta(seconds=UPLOAD_LIFETIME))
    are_expired = uploads.c.expires_at < limit
    with store.reading() as connection:
        if connection.scalar(sa.select(uploads.c.id).where(are_expired).limit(1)) is None:
            return
    _give_up(store, are_expired)


def unclaimed_folders(store: Store) -> None:
    """Remove folders of data that no record names.

    A process that dies between a transaction and the removal of files leaves such folders. The
    folders are listed before the records are read, because other processes may be uploading: a
    folder made later is not listed, and each listed folder had its record before.
    """
    found = list(_data_folders(store.blobs.folder / ROOT))
    claims = (uploads.c.folder, measurements.c.data_folder, measurements.c.extension_folder)
    with store.reading() as connection:
        claimed = {folder for column in claims for folder in connection.scalars(sa.select(column))}
    for path in found:
        if path.relative_to(store.blobs.folder).as_posix() not in claimed:
            shutil.rmtree(path, ignore_errors=True)
            _remove_empty(path.parent)


def _remove_empty(folder: Path) -> None:
    """Remove the folder of a measurement if it is empty."""
    try:
        folder.rmdir()
    except OSError:  # not empty, or another process removed it first
        return


def _data_folders(root: Path) -> Iterator[Path]:
    """Return every folder of data: ``root/<first two letters of the id>/<id>/<upload>``."""
    for prefix in _folders(root):
        for of_measurement in _folders(prefix):
            yield from _folders(of_measurement)


def _folders(parent: Path) -> list[Path]:
    try:
        return [path for path in parent.iterdir() if path.is_dir()]
    except FileNotFoundError:  # another engine on the same folder removed it meanwhile
        return []


def _give_up(store: Store, condition: sa.ColumnElement[bool]) -> None:
    with store.writing() as connection:
        folders = give_up(connection, condition)
    for folder in folders:
        store.blobs.delete(folder)
        _remove_empty((store.blobs.folder / folder).parent)
