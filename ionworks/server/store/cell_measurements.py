"""Measurements in the store: their fields, their tags, and where their data are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ionworks.server.http.problems import Problem, entry, invalid
from ionworks.server.store import access, filters, records
from ionworks.server.store.database import Store, timestamp
from ionworks.server.store.records import Record
from ionworks.server.store.tables import (
    cell_instances,
    cell_specs,
    measurement_raw_data,
    measurement_tags,
    measurements,
)

NOUN = "measurement"
PARENT = "cell_instance_id"
TIME_SERIES, FILE, PROPERTIES = "time_series", "file", "properties"
#: Folder under the results' where the data of measurements are.
ROOT = "measurements"
#: Measurements in one reply when the request names no limit.
DEFAULT_LIMIT = 25
#: Fields that can be given when a measurement is created.
FIELDS = (
    "name",
    "channel_id",
    "protocol_id",
    "protocol",
    "test_setup",
    "start_time",
    "end_time",
    "step_labels_validated",
    "notes",
    "tags",
)
#: Fields of a record that was read before; accepted and ignored when it is sent back.
READ_ONLY = (
    "id",
    PARENT,
    "measurement_type",
    "processing_status",
    "processing_error",
    "estimated_end_time",
    "estimated_end_time_note",
    "estimated_end_time_calculated_at",
    "file_metadata",
    "steps_created",
    "steps",
    "time_series",
    "instance",
    "organization_id",
    "created_by",
    "created_by_email",
    "created_at",
    "updated_at",
)
_HIDDEN = ("number", "owner", "attempts", "data_folder", "extension_folder")
_TIMES = ("start_time", "end_time")
_LONGEST_NAME = 255


def folder_of(measurement_id: str) -> str:
    """Return the folder of a measurement's data, below one of 256 parent folders."""
    return f"{ROOT}/{measurement_id[:2]}/{measurement_id}"


def in_project(project_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that a measurement's cell specification is in a project."""
    cells = (
        sa.select(cell_instances.c.id)
        .join(cell_specs, cell_specs.c.id == cell_instances.c.cell_specification_id)
        .where(cell_specs.c.project_id == project_id)
    )
    return measurements.c[PARENT].in_(cells)


def of_specification(specification_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that a measurement's cell has a specification."""
    cells = sa.select(cell_instances.c.id).where(
        cell_instances.c.cell_specification_id == specification_id
    )
    return measurements.c[PARENT].in_(cells)


def tagged(query: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of ``tags_all`` and ``tags_any``."""
    groups = [[tag] for tag in query.get("tags_all", ())]
    if "tags_any" in query:
        groups.append(query["tags_any"])
    return [
        sa.exists().where(
            measurement_tags.c.measurement_id == measurements.c.id,
            measurement_tags.c.tag.in_(tags),
        )
        for tags in groups
    ]


def page(
    store: Store,
    query: Mapping[str, Any],
    *conditions: sa.ColumnElement[bool],
    ordering: Sequence[sa.ColumnElement[Any]] | None = None,
) -> tuple[list[Record], int]:
    """Return one page of measurements as they go to the wire, and the total number."""
    rows, total = records.page(
        store,
        measurements,
        query,
        *tagged(query),
        *conditions,
        ordering=ordering,
        limit=DEFAULT_LIMIT,
    )
    with store.reading() as connection:
        return wire(connection, rows), total


def require(store: Store, measurement_id: str) -> Record:
    """Return a stored measurement; raises a 404 Problem when it does not exist."""
    return records.require(store, measurements, NOUN, measurement_id)


def written(
    body: Mapping[str, Any], *more: str, where: Sequence[str | int] = ("body",)
) -> dict[str, Any]:
    """Return the fields of a measurement in a body, checked; raises a 422 Problem.

    Parameters
    ----------
    body
        What was sent.
    *more
        Fields that may be stored besides `FIELDS`.
    where
        Place of the body in the request.
    """
    values = records.fields(body, *FIELDS, *more, also=READ_ONLY, where=where)
    faults = [
        entry([*where, name], words, "value_error")
        for name, value in values.items()
        for fits, words in [_RULES[name]]
        if not fits(value)
    ]
    if faults:
        raise invalid(faults)
    return {**values, **{name: _moment(values[name]) for name in _TIMES if name in values}}


def insert(
    connection: sa.Connection, values: Mapping[str, Any], tags: Collection[str] = ()
) -> Record:
    """Store a measurement with its tags; raises a 409 Problem when its cell has the name."""
    row = {
        **dict.fromkeys((name for name in FIELDS if name != "tags"), None),
        "properties": None,
        "file_metadata": None,
        "processing_error": None,
        "steps_created": None,
        "attempts": 0,
        "data_folder": None,
        "extension_folder": None,
        **values,
        "step_labels_validated": values.get("step_labels_validated", False),
    }
    record = records.add(connection, measurements, row, noun=NOUN, within=PARENT)
    set_tags(connection, record["id"], tags)
    return record


def set_tags(connection: sa.Connection, measurement_id: str, tags: Collection[str]) -> None:
    """Replace the tags of a measurement."""
    connection.execute(
        sa.delete(measurement_tags).where(measurement_tags.c.measurement_id == measurement_id)
    )
    rows = [{"measurement_id": measurement_id, "tag": tag} for tag in dict.fromkeys(tags)]
    if rows:
        connection.execute(sa.insert(measurement_tags), rows)


def change_tags(
    connection: sa.Connection,
    measurement_ids: Sequence[str],
    add: Sequence[str],
    drop: Sequence[str],
) -> int:
    """Add tags to some measurements and remove others; returns how many changed."""
    identifiers = list(dict.fromkeys(measurement_ids))
    found = set(
        connection.scalars(sa.select(measurements.c.id).where(measurements.c.id.in_(identifiers)))
    )
    missing = [identifier for identifier in identifiers if identifier not in found]
    if missing:
        message = f"There is no measurement with the id {', '.join(map(repr, missing[:5]))}."
        raise Problem(404, "NOT_FOUND", message)
    before = tags_of(connection, identifiers)
    changed = 0
    for identifier in identifiers:
        kept = [tag for tag in before[identifier] if tag not in drop]
        after = list(dict.fromkeys([*kept, *add]))
        if after != before[identifier]:
            set_tags(connection, identifier, after)
            changed += 1
    return changed


def tags_of(connection: sa.Connection, measurement_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the tags of some measurements, in the order they were added."""
    found: dict[str, list[str]] = {identifier: [] for identifier in measurement_ids}
    statement = (
        sa.select(measurement_tags.c.measurement_id, measurement_tags.c.tag)
        .where(measurement_tags.c.measurement_id.in_(list(found)))
        .order_by(measurement_tags.c.number)
    )
    for identifier, tag in connection.execute(statement):
        found[identifier].append(tag)
    return found


def tag_counts(store: Store, query: Mapping[str, Any], limit: int) -> tuple[list[Record], int]:
    """Return the tags of a project with the number of uses of each, and their total number."""
    where = []
    if "project_id" in query:
        where.append(in_project(query["project_id"]))
    if "q" in query:
        where.append(filters.containing(measurement_tags.c.tag, query["q"]))
    count = sa.func.count().label("usage_count")
    used = (
        sa.select(measurement_tags.c.tag, count)
        .join(measurements, measurements.c.id == measurement_tags.c.measurement_id)
        .where(*where)
        .group_by(measurement_tags.c.tag)
    )
    most = used.order_by(count.desc(), measurement_tags.c.tag).limit(limit)
    with store.reading() as connection:
        rows = [records.plain(row) for row in connection.execute(most).mappings()]
        total = connection.scalar(sa.select(sa.func.count()).select_from(used.subquery())) or 0
    return rows, total


def raw_data_of(connection: sa.Connection, measurement_id: str) -> list[str]:
    """Return the original files of a measurement, in the order they were named."""
    statement = (
        sa.select(measurement_raw_data.c.raw_data_id)
        .where(measurement_raw_data.c.measurement_id == measurement_id)
        .order_by(measurement_raw_data.c.number)
    )
    return list(connection.scalars(statement))


def wire(connection: sa.Connection, rows: Sequence[Record]) -> list[Record]:
    """Return measurements as they go to the wire."""
    tags = tags_of(connection, [row["id"] for row in rows])
    cells = {row[PARENT] for row in rows}
    joined = sa.select(
        cell_instances.c.id, cell_instances.c.name, cell_instances.c.cell_specification_id
    ).where(cell_instances.c.id.in_(sorted(cells)))
    by_id = {row["id"]: records.plain(row) for row in connection.execute(joined).mappings()}
    return [
        {
            **{name: value for name, value in row.items() if name not in _HIDDEN},
            "tags": tags[row["id"]],
            "instance": by_id.get(row[PARENT]),
            "organization_id": access.organization_id(),
        }
        for row in rows
    ]


def _moment(value: Any) -> str | None:
    """Return a time as the store keeps it; None when it is not a time."""
    try:
        return timestamp(datetime.fromisoformat(value))
    except (TypeError, ValueError, OverflowError):
        return None


def _is_tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) and tag for tag in value)


_TEXT = (lambda value: isinstance(value, str | None), "is not a text")
_OBJECT = (lambda value: isinstance(value, dict | None), "is not an object")
_TIME = (
    lambda value: value is None or _moment(value) is not None,
    "is not an ISO 8601 time, such as 2026-05-14T09:30:00Z",
)
#: Check of each field, and the message when it fails.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (
        lambda value: isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME,
        f"is not a text of 1 to {_LONGEST_NAME} characters",
    ),
    "notes": _TEXT,
    "channel_id": _TEXT,
    "protocol_id": _TEXT,
    "protocol": _OBJECT,
    "test_setup": _OBJECT,
    "properties": _OBJECT,
    "start_time": _TIME,
    "end_time": _TIME,
    "step_labels_validated": (lambda value: isinstance(value, bool), "is not true or false"),
    "tags": (_is_tags, "is not a list of texts, none of them empty"),
}
