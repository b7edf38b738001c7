"""Measurements: their fields, their tags, and the transfer of their data."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem, bad_request, entry, invalid, not_found
from ionworks.server.http.replies import PARQUET, Reply, nothing
from ionworks.server.ingestion import transfers
from ionworks.server.store import access, cell_measurements, filters, records, tables, uploads
from ionworks.server.store.blobs import CYCLES, STEPS, TIME_SERIES
from ionworks.server.store.dialects import insert_new
from ionworks.server.store.measurement_states import READY
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import (
    cell_instances,
    measurement_raw_data,
    measurement_watches,
    measurements,
)

_ANYTHING = "application/octet-stream"
#: Tags in one reply when the request names no limit.
_TAG_LIMIT = 50
_RANGES = ("row_start", "row_stop", "step_from", "step_to", "cycle_from", "cycle_to")


# ---------------------------------------------------------------- lists
def list_measurements(call: Call) -> dict[str, Any]:
    """List the measurements on a cell, newest first."""
    of_cell = measurements.c[cell_measurements.PARENT] == _cell(call)["id"]
    return _page(call, of_cell)


def list_project_measurements(call: Call) -> dict[str, Any]:
    """List the measurements of a project, newest first; no project lists all."""
    conditions = []
    if "project_id" in call.query:
        conditions.append(cell_measurements.in_project(call.query["project_id"]))
    if "cell_specification_id" in call.query:
        conditions.append(cell_measurements.of_specification(call.query["cell_specification_id"]))
    if "q" in call.query:
        conditions.append(filters.containing(measurements.c.name, call.query["q"]))
    return _page(call, *conditions)


def list_measurement_tags(call: Call) -> dict[str, Any]:
    """List the tags in use, the most used first."""
    limit = call.query.get("limit", _TAG_LIMIT)
    return records.envelope(*cell_measurements.tag_counts(call.services.store, call.query, limit))


@repeatable
def update_measurement_tags(call: Call) -> dict[str, Any]:
    """Add tags to measurements and remove others, in one transaction."""
    body = call.body
    add, drop = body.get("add", []), body.get("remove", [])
    both = [tag for tag in add if tag in drop]
    if both:
        raise bad_request(f"Tags both in add and in remove: {', '.join(both)}.")
    if not all(add):
        raise invalid([entry(["body", "add"], "a tag is not empty", "value_error")])
    with call.services.store.writing() as connection:
        changed = cell_measurements.change_tags(connection, body["measurement_ids"], add, drop)
    return {"updated_count": changed}


# ---------------------------------------------------------------- records
@repeatable
def create_properties_measurement(call: Call) -> dict[str, Any]:
    """Store measured properties of a cell."""
    values = cell_measurements.written(call.body, "properties")
    if (
        call.body.get("measurement_type", cell_measurements.PROPERTIES)
        != cell_measurements.PROPERTIES
    ):
        message = "only properties are stored without an upload"
        raise invalid([entry(["body", "measurement_type"], message, "enum")])
    tags = values.pop("tags", [])
    row = {
        **values,
        cell_measurements.PARENT: _cell(call)["id"],
        "measurement_type": cell_measurements.PROPERTIES,
        "processing_status": READY,
        "owner": call.services.jobs.owner,
    }
    with call.services.store.writing() as connection:
        record = cell_measurements.insert(connection, row, tags)
    return _wired(call, record)


def get_measurement(call: Call) -> dict[str, Any]:
    """Return one measurement, with its data as columns if requested."""
    measurement = _stored(call)
    wired = _wired(call, measurement)
    for name, file in (("steps", STEPS), ("time_series", TIME_SERIES)):
        if call.query.get(f"include_{name}", False):
            wired[name] = _columns_or_none(call, measurement, file)
    return wired


@repeatable
def update_measurement(call: Call) -> dict[str, Any]:
    """Change the fields of a measurement."""
    measurement = _stored(call)
    values = cell_measurements.written(call.body, "properties")
    if "properties" in values and measurement["measurement_type"] != cell_measurements.PROPERTIES:
        message = f"a measurement of type {measurement['measurement_type']} has no properties"
        raise invalid([entry(["body", "properties"], message, "value_error")])
    tags = values.pop("tags", None)
    with call.services.store.writing() as connection:
        record = records.alter(
            connection,
            measurements,
            cell_measurements.NOUN,
            measurement["id"],
            values,
            within=cell_measurements.PARENT,
        )
        if tags is not None:
            cell_measurements.set_tags(connection, record["id"], tags)
    return _wired(call, record)


@repeatable
def delete_measurement(call: Call) -> Reply:
    """Delete a measurement and its data, or an upload that was not confirmed."""
    measurement_id = call.path["measurement_id"]
    store = call.services.store
    with store.writing() as connection:
        begun = uploads.give_up(connection, tables.uploads.c.measurement_id == measurement_id)
        gone = connection.execute(
            sa.delete(measurements).where(measurements.c.id == measurement_id)
        )
        if not (begun or gone.rowcount):
            noun = cell_measurements.NOUN
            raise records.missing(connection, measurements, noun, measurement_id)
    store.blobs.discard(cell_measurements.folder_of(measurement_id))
    return nothing()


# ---------------------------------------------------------------- uploads
def initiate_measurement_upload(call: Call) -> dict[str, Any]:
    """Begin an upload; the measurement exists when the upload is confirmed."""
    return transfers.initiate(call, _cell(call)["id"])


def confirm_measurement_upload(call: Call) -> dict[str, Any]:
    """End an upload: the measurement exists from now on, and is processed."""
    return _wired(call, transfers.confirm(call))


def initiate_measurement_extension(call: Call) -> dict[str, Any]:
    """Begin to add rows to a time series."""
    return transfers.initiate_extension(call, _stored(call))


def confirm_measurement_extension(call: Call) -> dict[str, Any]:
    """End the upload of rows, which are now processed."""
    return _wired(call, transfers.confirm_extension(call, _stored(call)))


# ---------------------------------------------------------------- data
def download_measurement_steps(call: Call) -> Reply:
    """Return the steps as parquet, or a link to them."""
    return _download(call, f"{_folder(call, _stored(call), STEPS)}/{STEPS}")


def download_measurement_time_series(call: Call) -> Reply:
    """Return the time series or a part of it as parquet, or a link to it."""
    measurement = _stored(call)
    part: dict[str, Any] = records.chosen(call.query, *_RANGES, "columns", "max_points")
    file = STEPS if part.keys() & set(_RANGES[2:]) else TIME_SERIES
    folder = _folder(call, measurement, file)
    if not part:
        return _download(call, f"{folder}/{TIME_SERIES}")
    key = {"folder": folder, "part": part}
    if PARQUET not in call.accept:
        return _link(call, key)
    return transfers.send_part(call.services.store, key)


def get_measurement_cycles(call: Call) -> dict[str, Any]:
    """Return the cycles as columns."""
    return {"cycles": _columns(call, _stored(call), CYCLES)}


def get_measurement_steps_and_cycles(call: Call) -> dict[str, Any]:
    """Return steps and cycles as columns."""
    measurement = _stored(call)
    return {
        "steps": _columns(call, measurement, STEPS),
        "cycles": _columns(call, measurement, CYCLES),
    }


def list_measurement_files(call: Call) -> dict[str, Any]:
    """Return the names of the files of a measurement."""
    return {"filenames": _filenames(_stored(call))}


def download_measurement_file(call: Call) -> Reply:
    """Return one file, or a link to it."""
    measurement = _stored(call)
    names = _filenames(measurement)
    name = call.path["file_name"]
    if name not in names:
        raise not_found(f"file of {measurement['id']!r}", name)
    key = f"{measurement['data_folder']}/{names.index(name)}"
    link = call.services.store.blobs.download_link(key)
    if link is not None:
        return _redirect(link)
    if _ANYTHING not in call.accept:
        return _link(call, {"file": key, "name": name})
    return transfers.send_file(call.services.store, key, _ANYTHING, name)


# ---------------------------------------------------------------- original files, watching
def list_measurement_raw_data(call: Call) -> dict[str, Any]:
    """List the original files a measurement was made from; only their ids are stored."""
    with call.services.store.reading() as connection:
        found = cell_measurements.raw_data_of(connection, _stored(call)["id"])
    return records.envelope([{"id": each, "name": None} for each in found], len(found))


@repeatable
def attach_measurement_raw_data(call: Call) -> dict[str, Any]:
    """Attach original files to a measurement; attached ones are kept."""
    measurement_id = _stored(call)["id"]
    with call.services.store.writing() as connection:
        known = cell_measurements.raw_data_of(connection, measurement_id)
        rows = [
            {"measurement_id": measurement_id, "raw_data_id": each}
            for each in dict.fromkeys(call.body["raw_data_ids"])
            if each not in known
        ]
        if rows:
            connection.execute(sa.insert(measurement_raw_data), rows)
        attached = cell_measurements.raw_data_of(connection, measurement_id)
    return {"measurement_id": measurement_id, "raw_data_ids": attached}


@repeatable
def detach_measurement_raw_data(call: Call) -> Reply:
    """Detach an original file from a measurement."""
    measurement_id = _stored(call)["id"]
    table = measurement_raw_data
    with call.services.store.writing() as connection:
        gone = connection.execute(
            sa.delete(table).where(
                table.c.measurement_id == measurement_id,
                table.c.raw_data_id == call.path["raw_data_id"],
            )
        )
    if not gone.rowcount:
        raise not_found(f"original file of {measurement_id!r}", call.path["raw_data_id"])
    return nothing()


@repeatable
def watch_measurement(call: Call) -> dict[str, Any]:
    """Put a measurement on the watch list; does nothing when it is on it."""
    entry_ = {"measurement_id": _stored(call)["id"], "user_id": access.user_id()}
    with call.services.store.writing() as connection:
        connection.execute(insert_new(measurement_watches), entry_)
    return entry_


@repeatable
def unwatch_measurement(call: Call) -> Reply:
    """Take a measurement off the watch list; does nothing when it is not on it."""
    table = measurement_watches
    watched = (table.c.measurement_id == _stored(call)["id"], table.c.user_id == access.user_id())
    with call.services.store.writing() as connection:
        connection.execute(sa.delete(table).where(*watched))
    return nothing()


# ---------------------------------------------------------------- helpers
def _cell(call: Call) -> records.Record:
    identifier = call.path["cell_instance_id"]
    return records.require(call.services.store, cell_instances, "cell", identifier)


def _stored(call: Call) -> records.Record:
    return cell_measurements.require(call.services.store, call.path["measurement_id"])


def _page(call: Call, *conditions: sa.ColumnElement[bool]) -> dict[str, Any]:
    found, total = cell_measurements.page(call.services.store, call.query, *conditions)
    return records.envelope([call.with_delay_reason(each) for each in found], total)


def _wired(call: Call, record: records.Record) -> dict[str, Any]:
    with call.services.store.reading() as connection:
        [wired] = cell_measurements.wire(connection, [record])
    return call.with_delay_reason(wired)


def _filenames(measurement: records.Record) -> list[str]:
    metadata = measurement["file_metadata"] or {}
    return list(metadata.get("filenames", []))


def _folder(call: Call, measurement: records.Record, file: str) -> str:
    """Return the folder of a measurement's file; raises a 404 Problem when it does not exist."""
    folder: str | None = measurement["data_folder"]
    store = call.services.store
    if measurement["measurement_type"] != cell_measurements.TIME_SERIES or folder is None:
        message = f"a measurement of type {measurement['measurement_type']} has no such data"
        raise transfers.no_data(measurement, message)
    if not store.blobs.exists(f"{folder}/{file}"):
        raise transfers.no_data(measurement, f"processing is {measurement['processing_status']}")
    return folder


def _columns(call: Call, measurement: records.Record, file: str) -> dict[str, list[Any]]:
    from ionworks.server.ingestion import reading

    folder = _folder(call, measurement, file)
    return reading.columns(call.services.store.blobs, f"{folder}/{file}")


def _columns_or_none(
    call: Call, measurement: records.Record, file: str
) -> dict[str, list[Any]] | None:
    """Return data as columns, or None for a measurement without data, or without them yet."""
    try:
        return _columns(call, measurement, file)
    except Problem as problem:
        if problem.status == 404:
            return None
        raise


def _download(call: Call, key: str) -> Reply:
    link = call.services.store.blobs.download_link(key)
    if link is not None:
        return _redirect(link)
    if PARQUET not in call.accept:
        return _link(call, key)
    return transfers.send_file(call.services.store, key, PARQUET)


def _link(call: Call, key: Any) -> Reply:
    return _redirect(f"{call.root}/storage/{call.services.links.token(key)}")


def _redirect(location: str) -> Reply:
    return Reply(307, headers={"Location": location})
