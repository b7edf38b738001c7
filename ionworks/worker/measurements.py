"""Processing of a measurement: rows are added, steps and cycles derived, all of it on disk.

Runs in a thread of the server, which loads this module, and polars, with the first measurement.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ionworks.server import measurements
from ionworks.server.jobs.outcomes import append, outcome_line
from ionworks.server.store.blobs import CYCLES, STEPS, TIME_SERIES, Blobs, scan
from ionworks.server.store.private_files import make_file
from ionworks.server.store.uploads import EXTENSION_FILE, GIVEN_STEPS


def process(payload: dict[str, Any]) -> None:
    """Derive steps and cycles of a measurement and write them beside its time series.

    Parameters
    ----------
    payload
        ``id``, ``data_folder`` and ``extension_folder`` of the measurement within ``blobs``
        (address of all data); the extension folder holds rows to be added, or is None. The file
        ``outcomes`` gets a line with what the record of the measurement is to hold, or with the
        reason why its data cannot be processed.

    Raises
    ------
    RuntimeError
        polars failed for a reason that may not be the data.
    """
    outcome: dict[str, Any] = {"id": payload["id"], "error": None}
    try:
        outcome["found"] = _derive(
            Blobs.at(payload["blobs"]), payload["data_folder"], payload["extension_folder"]
        )
    except measurements.MeasurementError as error:
        outcome["error"] = str(error)
    except pl.exceptions.PanicException as error:
        raise RuntimeError(f"polars could not process the data: {error}") from error
    # Unlike the result of a solve this one is soon made again: the queue repeats all of it when
    # the disk is full, so that the thread of the server that runs it ends.
    outcomes = Path(payload["outcomes"])
    make_file(outcomes)
    with outcomes.open("ab", buffering=0) as stream:
        append(stream, outcome_line(outcome))


def _derive(blobs: Blobs, data_folder: str, extension_folder: str | None) -> dict[str, Any]:
    """Write the derived frames; returns the columns of the record that change."""
    folder = data_folder if extension_folder is None else extension_folder
    blobs.remove_scratch(folder)
    if extension_folder is not None:
        _extend(blobs, data_folder, extension_folder)
    with blobs.fetch(f"{folder}/{TIME_SERIES}") as file:
        series = scan(file)
    measurements.check(series)
    steps = measurements.derive_steps(series)
    cycles = measurements.derive_cycles(steps)
    given = f"{folder}/{GIVEN_STEPS}"
    if blobs.exists(given):
        with blobs.open(given) as file:
            steps = measurements.completed(pl.read_parquet(file), steps)
    # The steps last: a folder that has them has all that is derived.
    blobs.write_frame(f"{folder}/{CYCLES}", cycles)
    blobs.write_frame(f"{folder}/{STEPS}", steps)
    return {
        "data_folder": folder,
        "extension_folder": None,
        "steps_created": steps.height,
        "file_metadata": {
            "row_count": series.select(pl.len()).collect().item(),
            "columns": series.collect_schema().names(),
        },
    }


def _extend(blobs: Blobs, data_folder: str, extension_folder: str) -> None:
    """Write the time series with the added rows into the folder where the rows were uploaded.

    An earlier attempt may have done so: then the rows are gone and the whole series is there.
    """
    rows = f"{extension_folder}/{EXTENSION_FILE}"
    whole = f"{extension_folder}/{TIME_SERIES}"
    if not blobs.exists(whole):
        with blobs.fetch(f"{data_folder}/{TIME_SERIES}") as series, blobs.fetch(rows) as added:
            blobs.write_frame(whole, measurements.extended(scan(series), scan(added)))
    blobs.remove(rows)
