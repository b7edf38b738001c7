"""Uploads in the store: begun, received file by file, then confirmed or removed.

Until its confirmation an upload is one row and one folder that no other record refers to. The
confirmation is a single transaction that turns the row into a measurement, or into rows that wait
to be added to one. An upload that is interrupted before it leaves no measurement; after it the
measurement is complete.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, Any
from uuid import uuid4

import sqlalchemy as sa

from ionworks.server.http.problems import Problem, bad_request, forbidden, not_found
from ionworks.server.http.signed_links import UPLOAD_LIFETIME
from ionworks.server.store import cell_measurements, records
from ionworks.server.store.blobs import FolderBlobs
from ionworks.server.store.database import Store, now, timestamp
from ionworks.server.store.job_states import PENDING
from ionworks.server.store.measurement_states import UNFINISHED
from ionworks.server.store.private_files import make_file
from ionworks.server.store.records import Record
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import measurements, uploads

TIME_SERIES_FILE = "time_series.parquet"
STEPS_FILE = "steps.parquet"
EXTENSION_FILE = "time_series_extend.parquet"
#: Name of the file with given steps, which processing completes with derived columns.
GIVEN_STEPS = "given_steps.parquet"
#: Owner of uploads whose links outlive the process that signed them.
NO_PROCESS = "-"
_CHUNK = 1 << 20


@repeatable
def begin(
    store: Store,
    owner: str,
    cell_instance_id: str,
    measurement_type: str,
    measurement: Mapping[str, Any],
    filenames: Sequence[str],
) -> Record:
    """Record a new upload, under the id its measurement will have.

    Raises
    ------
    Problem
        409 with the id of the measurement that has the name already.
    """
    measurement_id = str(uuid4())
    same = {"name": measurement["name"], cell_measurements.PARENT: cell_instance_id}
    row = _row(owner, measurement_id, measurement_type, measurement, filenames)
    row |= {"cell_instance_id": cell_instance_id, "is_extension": False}
    with store.writing() as connection:
        records.refuse_taken(
            connection,
            measurements,
            same,
            noun=cell_measurements.NOUN,
            within=cell_measurements.PARENT,
        )
        connection.execute(sa.insert(uploads), row)
    return row


@repeatable
def begin_extension(store: Store, owner: str, measurement_id: str) -> Record:
    """Record a new upload of rows for a measurement; it replaces an earlier one."""
    row = _row(owner, measurement_id, cell_measurements.TIME_SERIES, {}, [EXTENSION_FILE])
    row["is_extension"] = True
    with store.writing() as connection:
        replaced = give_up(connection, uploads.c.measurement_id == measurement_id)
        connection.execute(sa.insert(uploads), row)
    for folder in replaced:
        store.blobs.discard(folder)
    return row


def receive(store: Store, upload_id: str, name: str, content: IO[bytes]) -> None:
    """Write one file of an upload, atomically.

    Parameters
    ----------
    store
        Where the upload was begun.
    upload_id, name
        Which upload, and which of its files.
    content
        The bytes, read piece by piece.

    Raises
    ------
    Problem
        403 when the upload has ended or its link has expired.
    """
    if not isinstance(store.blobs, FolderBlobs):
        raise forbidden("This link is not valid: files are sent to the object store itself.")
    with store.reading() as connection:
        folder = store.blobs.folder / _open_upload(connection, upload_id)["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{uuid4().hex}"
    make_file(scratch)
    try:
        with scratch.open("wb") as stream:
            shutil.copyfileobj(content, stream, _CHUNK)
            stream.flush()
            os.fsync(stream.fileno())  # after the reply, the client may delete the original
        # No confirmation can run during this transaction, so a confirmed file is never replaced.
        with store.writing() as connection:
            upload = _open_upload(connection, upload_id, still=True)
            scratch.replace(folder / stored_name(upload, name))
    finally:
        scratch.unlink(missing_ok=True)


def stored_name(upload: Mapping[str, Any], name: str) -> str:
    """Return the name of a file on disk: users' files are numbered, parquet files keep theirs."""
    if upload["measurement_type"] == cell_measurements.FILE:
        return str(upload["filenames"].index(name))
    return GIVEN_STEPS if name == STEPS_FILE else name


def find(connection: sa.Connection, measurement_id: str, *, is_extension: bool) -> Record | None:
    """Return the last upload that was begun for a measurement, or None."""
    statement = (
        sa.select(uploads)
        .where(uploads.c.measurement_id == measurement_id, uploads.c.is_extension == is_extension)
        .order_by(uploads.c.number.desc())
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else records.plain(row)


def key_of(upload: Mapping[str, Any], name: str) -> str:
    """Return the key of a file of an upload."""
    return f"{upload['folder']}/{stored_name(upload, name)}"


def received(store: Store, upload: Mapping[str, Any], name: str) -> str:
    """Return the key of a file of an upload; raises a 400 Problem when it has not arrived."""
    key = key_of(upload, name)
    if not store.blobs.take_in(key):
        raise bad_request(
            f"{name} has not been uploaded: PUT it to its signed address, then confirm."
        )
    return key


@repeatable
def confirm(
    store: Store,
    owner: str,
    upload: Mapping[str, Any],
    values: Mapping[str, Any],
    tags: Sequence[str],
) -> Record:
    """Turn an upload into a measurement that the owner is to process.

    Raises
    ------
    Problem
        409 when the cell has a measurement of that name, 404 when the upload has ended.
    """
    row = {
        **values,
        "id": upload["measurement_id"],
        "cell_instance_id": upload["cell_instance_id"],
        "measurement_type": upload["measurement_type"],
        "owner": owner,
        "data_folder": upload["folder"],
    }
    with store.writing() as connection:
        _end(connection, upload)
        record = cell_measurements.insert(connection, row, tags)
    store.blobs.end_upload(upload["folder"])
    return record


@repeatable
def confirm_extension(store: Store, owner: str, upload: Mapping[str, Any]) -> Record:
    """Have an owner add the rows of an upload to its measurement.

    Raises
    ------
    Problem
        409 while the measurement is processed, 404 when the upload has ended.
    """
    values = {
        "extension_folder": upload["folder"],
        "owner": owner,
        "processing_status": PENDING,
        "processing_error": None,
        "attempts": 0,
    }
    identifier = upload["measurement_id"]
    with store.writing() as connection:
        before = records.find(connection, measurements, identifier)
        if before is not None and before["processing_status"] in UNFINISHED:
            raise busy(identifier)
        _end(connection, upload)
        noun = cell_measurements.NOUN
        record = records.alter(connection, measurements, noun, identifier, values)
    store.blobs.end_upload(upload["folder"])
    return record


def give_up(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[str]:
    """End uploads without a measurement; returns their folders, which can be removed."""
    statement = sa.delete(uploads).where(condition).returning(uploads.c.folder)
    return list(connection.scalars(statement))


def busy(measurement_id: str) -> Problem:
    """Return the problem of a change while the data are processed."""
    message = f"The data of {measurement_id!r} are being processed; wait until they are ready."
    return Problem(409, "CONFLICT", message)


def _row(
    owner: str,
    measurement_id: str,
    measurement_type: str,
    measurement: Mapping[str, Any],
    filenames: Sequence[str],
) -> Record:
    upload_id = uuid4().hex
    return {
        "id": upload_id,
        "measurement_id": measurement_id,
        "measurement_type": measurement_type,
        "measurement": dict(measurement),
        "filenames": list(filenames),
        "folder": f"{cell_measurements.folder_of(measurement_id)}/{upload_id}",
        "owner": owner,
        "created_at": now(),
        "expires_at": timestamp(datetime.now(UTC) + timedelta(seconds=UPLOAD_LIFETIME)),
    }


def _open_upload(connection: sa.Connection, upload_id: str, *, still: bool = False) -> Record:
    """Return an upload that may receive files; ``still`` allows one whose link has expired.

    A transfer that began before the expiry may end after it.
    """
    upload = records.find(connection, uploads, upload_id)
    if upload is None:
        raise forbidden("This upload was confirmed or abandoned; begin a new one.")
    if not still and upload["expires_at"] < now():
        raise forbidden("This upload link has expired; begin a new upload.")
    return upload


def _end(connection: sa.Connection, upload: Mapping[str, Any]) -> None:
    ended = connection.execute(sa.delete(uploads).where(uploads.c.id == upload["id"]))
    if not ended.rowcount:
        raise not_found("upload", upload["measurement_id"])
