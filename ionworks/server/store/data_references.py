"""Measured data a pipeline refers to as ``db:<measurement id>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ionworks.server.http.problems import entry
from ionworks.server.store import records
from ionworks.server.store.blobs import STEPS, TIME_SERIES
from ionworks.server.store.database import Store
from ionworks.server.store.tables import measurements

PREFIX: Final = "db:"
#: Keys whose text is for people.
_FREE_TEXT: Final = ("source", "name", "description")

Place = tuple[str | int, ...]


def references(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield the references to measurements in a configuration, each with its place."""
    if isinstance(value, str):
        if value.startswith(PREFIX) and not (place and place[-1] in _FREE_TEXT):
            yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from references(each, (*place, key))
    elif isinstance(value, list) and value and isinstance(value[0], str | list | dict):
        for index, each in enumerate(value):
            yield from references(each, (*place, index))


def faults(store: Store, elements: Mapping[str, Any], where: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is wrong with the references in elements, for the detail of a refusal."""
    found = []
    for place, reference in references(elements):
        message = _fault(store, reference)
        if message is not None:
            found.append(entry([*where, *place], message, "reference"))
    return found


def describe(store: Store, elements: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return columns and number of rows of the data elements refer to."""
    import polars as pl  # the server loads it with the first measurement, not before

    described = {}
    for reference, files in paths(store, elements).items():
        frame = pl.scan_parquet(files["time_series"])
        described[reference] = {
            "columns": frame.collect_schema().names(),
            "rows": frame.select(pl.len()).collect().item(),
        }
    return described


def paths(store: Store, elements: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the files of the data elements refer to; not of what is gone.

    Returns
    -------
    dict
        Reference to ``{"time_series": path, "steps": path}``, the latter if there are steps.
    """
    found = {}
    for reference in dict.fromkeys(text for _, text in references(elements)):
        folder = _folder(store, reference)
        files = {
            name: str(path)
            for name, file in (("time_series", TIME_SERIES), ("steps", STEPS))
            if folder is not None and (path := store.blobs.path(f"{folder}/{file}")) is not None
        }
        if "time_series" in files:
            found[reference] = files
    return found


def _fault(store: Store, reference: str) -> str | None:
    """Return why a reference leads to no data, None if it does."""
    identifier = reference.removeprefix(PREFIX)
    with store.reading() as connection:
        measurement = records.find(connection, measurements, identifier)
    if measurement is None:
        return f"there is no measurement with the id {identifier!r}"
    if measurement["processing_status"] == "failed":
        return (
            f"the measurement {identifier!r} could not be processed: "
            f"{measurement['processing_error']}"
        )
    if not paths(store, {"data": reference}):
        return f"the measurement {identifier!r} has no time series"
    return None


def _folder(store: Store, reference: str) -> str | None:
    with store.reading() as connection:
        measurement = records.find(connection, measurements, reference.removeprefix(PREFIX))
    return None if measurement is None else measurement["data_folder"]
