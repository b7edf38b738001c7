"""What processing a measurement is: rows added, steps and cycles derived, all of it on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ionworks.server import measurements
from ionworks.server.store.blobs import CYCLES, STEPS, TIME_SERIES, Blobs, scan
from ionworks.server.store.uploads import EXTENSION_FILE, GIVEN_STEPS


def prepare(payload: dict[str, Any]) -> dict[str, Any]:
    """Derive steps and cycles of a measurement and write them beside its time series.

    Parameters
    ----------
    payload
        ``blobs`` (folder of all data), ``data_folder`` and ``extension_folder`` of the
        measurement within it; the latter holds rows to be added, or is None.

    Returns
    -------
    dict
        What the measurement's record is to hold: where the data are, how many steps they have,
        and what the time series is like.

    Raises
    ------
    MeasurementError
        The data are not fit for it; the message says where.
    RuntimeError
        polars gave up on them.
    """
    blobs = Blobs(Path(payload["blobs"]))
    try:
        return _prepare(blobs, payload["data_folder"], payload["extension_folder"])
    except pl.exceptions.PanicException as error:
        raise RuntimeError(f"polars could not process the data: {error}") from error


def _prepare(blobs: Blobs, data_folder: str, extension_folder: str | None) -> dict[str, Any]:
    folder = data_folder if extension_folder is None else extension_folder
    for scratch in (blobs.folder / folder).glob(".*"):
        scratch.unlink()  # what an earlier try was writing when its process died
    if extension_folder is not None:
        _extend(blobs, data_folder, extension_folder)
    series = scan(blobs.folder / folder / TIME_SERIES)
    measurements.check(series)
    steps = measurements.derive_steps(series)
    cycles = measurements.derive_cycles(steps)
    given = blobs.path(f"{folder}/{GIVEN_STEPS}")
    if given is not None:
        steps = measurements.completed(scan(given).collect(), steps)
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
    """Write the time series with the added rows into the folder these came in.

    An earlier try may have done so: then the rows are gone, and the whole is there.
    """
    rows = blobs.folder / extension_folder / EXTENSION_FILE
    whole = f"{extension_folder}/{TIME_SERIES}"
    if blobs.path(whole) is None:
        series = scan(blobs.folder / data_folder / TIME_SERIES)
        blobs.write_frame(whole, measurements.extended(series, scan(rows)))
    rows.unlink(missing_ok=True)
