"""The files of the measurements a pipeline refers to as ``db:<measurement id>``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from ionworks.server.store import records
from ionworks.server.store.blobs import STEPS, TIME_SERIES, scan
from ionworks.server.store.database import Store
from ionworks.server.store.element_walk import PREFIX
from ionworks.server.store.tables import measurements

Files = dict[str, str]


def find(store: Store, references: Iterable[str]) -> tuple[dict[str, Files], dict[str, str]]:
    """Find the measurements some references name.

    Returns
    -------
    files : dict
        Reference to the keys ``{"time_series": key, "steps": key}``, the latter if there are steps;
        without the references whose data do not exist.
    faults : dict
        Reference to the reason why its data cannot be used.
    """
    files, faults = {}, {}
    with store.reading() as connection:
        for reference in references:
            found, fault = _find(store, connection, reference.removeprefix(PREFIX))
            if "time_series" in found:
                files[reference] = found
            if fault is not None:
                faults[reference] = fault
    return files, faults


def _find(store: Store, connection: Connection, identifier: str) -> tuple[Files, str | None]:
    measurement = records.find(connection, measurements, identifier)
    if measurement is None:
        return {}, f"there is no measurement with the id {identifier!r}"
    folder = measurement["data_folder"]
    files = {
        name: key
        for name, file in (("time_series", TIME_SERIES), ("steps", STEPS))
        if folder is not None and store.blobs.exists(key := f"{folder}/{file}")
    }
    if measurement["processing_status"] == "failed":
        return files, (
            f"the measurement {identifier!r} could not be processed: "
            f"{measurement['processing_error']}"
        )
    if "time_series" not in files:
        return files, f"the measurement {identifier!r} has no time series"
    return files, None


def describe(store: Store, files: Mapping[str, Files]) -> dict[str, dict[str, Any]]:
    """Return columns and number of rows of time series, by reference."""
    if not files:
        return {}
    import polars as pl  # the server loads it with the first measurement, not before

    described = {}
    for reference, keys in files.items():
        with store.blobs.open(keys["time_series"]) as file:
            frame = scan(file)
            described[reference] = {
                "columns": frame.collect_schema().names(),
                "rows": frame.select(pl.len()).collect().item(),
            }
    return described
