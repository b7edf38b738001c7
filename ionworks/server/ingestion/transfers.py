"""Transfers of measured data, as handlers and signed links need them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import IO, Any

from ionworks.server.call import Call
from ionworks.server.http.problems import Location, Problem, bad_request, entry, invalid, not_found
from ionworks.server.http.replies import PARQUET, Reply, attachment
from ionworks.server.store import cell_measurements, cleanup, records, results, uploads
from ionworks.server.store.blobs import TIME_SERIES, FolderBlobs
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import PENDING
from ionworks.server.store.measurement_states import PROCESS_MEASUREMENT, READY, UNFINISHED
from ionworks.server.store.pack_files import DamagedFile
from ionworks.server.store.records import Record
from ionworks.server.store.tables import measurements

_SERIES_FILES = [uploads.TIME_SERIES_FILE, uploads.STEPS_FILE]
#: Bytes in UTF-8, as most file systems limit it.
_LONGEST_FILE_NAME = 255
#: Unicode's categories of control characters and of separators of lines and paragraphs.
_NOT_IN_NAMES = ("Cc", "Zl", "Zp")


# ---------------------------------------------------------------- in
def initiate(call: Call, cell_instance_id: str) -> dict[str, Any]:
    """Begin an upload to a cell and return where to send its files."""
    body = call.body
    where: Location = ["body", "measurement"]
    measurement = cell_measurements.written(body["measurement"], where=where)
    if "name" not in measurement:
        raise invalid([entry([*where, "name"], "a measurement has a name", "missing")])
    kind = body.get("measurement_type", cell_measurements.TIME_SERIES)
    filenames = _filenames(kind, body.get("filenames"))
    store = call.services.store
    cleanup.expired(store)
    upload = uploads.begin(store, _owner(call), cell_instance_id, kind, measurement, filenames)
    return _targets(call, upload)


def confirm(call: Call) -> Record:
    """End an upload and return its measurement; a repeated call returns the same measurement."""
    store = call.services.store
    identifier = call.path["measurement_id"]
    with store.reading() as connection:
        upload = uploads.find(connection, identifier, is_extension=False)
        stored = records.find(connection, measurements, identifier)
    if upload is None:
        if stored is None:
            raise not_found("upload", identifier)
        return stored
    body = call.body
    if body["cell_instance_id"] != upload["cell_instance_id"]:
        raise bad_request(f"This upload was begun for the cell {upload['cell_instance_id']!r}.")
    if body.get("measurement_type", upload["measurement_type"]) != upload["measurement_type"]:
        raise bad_request(f"This upload was begun as {upload['measurement_type']}.")
    values = {
        "steps_created": 0,
        **upload["measurement"],
        **cell_measurements.written(body["measurement"], where=["body", "measurement"]),
    }
    tags = values.pop("tags", [])
    if upload["measurement_type"] == cell_measurements.FILE:
        values |= {"processing_status": READY, "file_metadata": _files(store, upload, body)}
    else:
        _check_series(store, upload, body)
        values |= {"processing_status": PENDING}
    record = uploads.confirm(store, call.services.jobs.owner, upload, values, tags)
    if record["processing_status"] == PENDING:
        _process(call, record["id"])
    return record


def initiate_extension(call: Call, measurement: Record) -> dict[str, Any]:
    """Begin to add rows to a time series and return where to upload them."""
    _refuse_unfit_for_extension(measurement)
    store = call.services.store
    cleanup.expired(store)
    return _targets(call, uploads.begin_extension(store, _owner(call), measurement["id"]))


def confirm_extension(call: Call, measurement: Record) -> Record:
    """End the addition of rows and return the measurement."""
    from ionworks.server.ingestion import reading

    _refuse_unfit_for_extension(measurement)
    store = call.services.store
    with store.reading() as connection:
        upload = uploads.find(connection, measurement["id"], is_extension=True)
    if upload is None:
        raise not_found("begun extension of the measurement", measurement["id"])
    added = uploads.received(store, upload, uploads.EXTENSION_FILE)
    series = f"{measurement['data_folder']}/{TIME_SERIES}"
    _refuse(reading.extension_faults(store.blobs, series, added))
    record = uploads.confirm_extension(store, call.services.jobs.owner, upload)
    _process(call, record["id"])
    return record


def _owner(call: Call) -> str:
    """Return who owns a new upload: this process, if its links end with it."""
    services = call.services
    are_lasting = services.links.are_lasting or not isinstance(services.store.blobs, FolderBlobs)
    return uploads.NO_PROCESS if are_lasting else services.jobs.owner


def _process(call: Call, measurement_id: str) -> None:
    """Queue the processing of a measurement."""
    call.services.jobs.enqueue(measurement_id, PROCESS_MEASUREMENT, 1, job_type=PROCESS_MEASUREMENT)


def receive(store: Store, key: Mapping[str, str], content: IO[bytes]) -> None:
    """Write a file sent to a signed link."""
    uploads.receive(store, key["upload"], key["name"], content)


# ---------------------------------------------------------------- out
def send(store: Store, key: Any) -> Reply:
    """Return the file a signed link names."""
    if isinstance(key, str):
        return send_file(store, key, PARQUET)
    if "simulation" in key:
        reply = send_result(store, **key)
        if reply is None:  # it was deleted meanwhile
            raise not_found("result of the simulation", key["simulation"])
        return reply
    if "file" in key:
        return send_file(store, key["file"], "application/octet-stream", key["name"])
    return send_part(store, key)


def send_file(store: Store, key: str, media_type: str, name: str | None = None) -> Reply:
    """Return a stored file unchanged, to be saved under a name if one is given."""
    try:
        file = store.blobs.open(key)
    except FileNotFoundError as error:
        raise not_found("stored file", key) from error
    headers = {} if name is None else attachment(name)
    return Reply(200, file, media_type, headers)


def send_result(store: Store, simulation: str, name: str) -> Reply | None:
    """Return the steps or the time series of a simulation; None if it has no results."""
    try:
        content = results.file_of(store, simulation, name)
    except FileNotFoundError as error:
        raise not_found("stored file", str(error.filename)) from error
    except DamagedFile as error:
        raise results.damaged(simulation, error) from error
    return None if content is None else Reply(200, content, PARQUET)


def send_part(store: Store, key: Mapping[str, Any]) -> Reply:
    """Return a part of a time series."""
    from ionworks.server.ingestion import reading
    from ionworks.server.measurements import Selection

    wanted = Selection(**key["part"])
    return Reply(200, reading.open_series(store.blobs, key["folder"], wanted), PARQUET)


def no_data(measurement: Record, reason: str) -> Problem:
    """Return the problem of data that do not exist, or not yet."""
    message = f"The measurement {measurement['id']!r} does not have these data: {reason}."
    return Problem(404, "NOT_FOUND", message)


# ---------------------------------------------------------------- checks
def _filenames(kind: str, given: Sequence[str] | None) -> list[str]:
    """Return the files of an upload; raises a 422 Problem for invalid names."""
    where: Location = ["body", "filenames"]
    if kind == cell_measurements.PROPERTIES:
        message = "properties need no upload; create them directly"
        raise invalid([entry(["body", "measurement_type"], message, "enum")])
    if kind == cell_measurements.TIME_SERIES:
        names = _SERIES_FILES if given is None else list(given)
        if uploads.TIME_SERIES_FILE not in names or not set(names) <= set(_SERIES_FILES):
            message = (
                f"a time series is {uploads.TIME_SERIES_FILE}, perhaps with {uploads.STEPS_FILE}"
            )
            raise invalid([entry(where, message, "value_error")])
        return list(dict.fromkeys(names))
    if not given:
        raise invalid([entry(where, "name at least one file", "missing")])
    entries = [
        entry([*where, index], fault, "value_error")
        for index, name in enumerate(given)
        if (fault := _name_fault(name))
    ]
    if not entries and len(set(given)) != len(given):
        entries.append(entry(where, "two files have the same name", "value_error"))
    if entries:
        raise invalid(entries)
    return list(given)


def _name_fault(name: str) -> str | None:
    """Return what is wrong with a file name, or None.

    Names of all scripts are valid, with the marks that direct or join their characters.
    """
    size = len(name.encode())
    if size > _LONGEST_FILE_NAME:
        return f"a file name has at most {_LONGEST_FILE_NAME} bytes in UTF-8; this one has {size}"
    if name in ("", ".", "..") or set(name) & {"/", "\\"}:
        return f"{name!r} is not the name of a file: give a name without folders"
    if any(unicodedata.category(character) in _NOT_IN_NAMES for character in name):
        return f"the file name {name!r} contains a line break or another control character"
    return None


def _files(store: Store, upload: Record, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return names and sizes of the files of an upload, all of which must have arrived."""
    names = upload["filenames"]
    if sorted(body.get("filenames", names)) != sorted(names):
        raise bad_request(f"This upload was begun with the files {', '.join(names)}.")
    sizes = [store.blobs.size(uploads.received(store, upload, name)) for name in names]
    return {"filenames": names, "sizes": sizes}


def _check_series(store: Store, upload: Record, body: Mapping[str, Any]) -> None:
    """Check the schema of a time series, and store the steps that came with it."""
    from ionworks.server.ingestion import reading

    series = uploads.received(store, upload, uploads.TIME_SERIES_FILE)
    _refuse(reading.upload_faults(store.blobs, series))
    if body.get("steps"):
        reading.write_columns(
            store.blobs, f"{upload['folder']}/{uploads.GIVEN_STEPS}", body["steps"]
        )
    elif uploads.STEPS_FILE in upload["filenames"]:
        # Steps are optional. Those that were sent must outlive the upload, whose files are removed.
        store.blobs.take_in(uploads.key_of(upload, uploads.STEPS_FILE))


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise invalid([entry(["body"], fault, "value_error") for fault in faults])


def _refuse_unfit_for_extension(measurement: Record) -> None:
    if measurement["measurement_type"] != cell_measurements.TIME_SERIES:
        raise bad_request(f"A measurement of type {measurement['measurement_type']} has no rows.")
    if measurement["processing_status"] in UNFINISHED:
        raise uploads.busy(measurement["id"])


def _targets(call: Call, upload: Record) -> dict[str, Any]:
    """Return the signed link of each file of an upload."""
    blobs = call.services.store.blobs
    targets = []
    for name in upload["filenames"]:
        link = blobs.upload_link(uploads.key_of(upload, name))
        token = None
        if link is None:
            token = call.services.links.upload_token({"upload": upload["id"], "name": name})
            link = f"{call.root}/storage/{token}"
        targets.append(
            {
                "filename": name,
                "signed_url": link,
                "token": token,
                "path": f"{upload['measurement_id']}/{name}",
                "multipart": None,
            }
        )
    return {"measurement_id": upload["measurement_id"], "uploads": targets}
