"""Reading measured data: parts of a time series as parquet, small frames as columns."""

from __future__ import annotations

from typing import IO, Any

import polars as pl

from ionworks.server import measurements
from ionworks.server.http.problems import Problem, entry, invalid
from ionworks.server.measurements import MeasurementError, Selection
from ionworks.server.store.blobs import STEPS, TIME_SERIES, Blobs, scan, write_parquet

#: Rows in one JSON reply; parquet has no such limit.
MOST_JSON_ROWS = 1_000_000


def open_series(blobs: Blobs, folder: str, wanted: Selection) -> IO[bytes]:
    """Open a time series, or a part of it, as parquet.

    The whole is the file as it was uploaded. A part is streamed to an unnamed temporary file, so
    that a large one is never in memory as a whole.

    Raises
    ------
    Problem
        404 when there are no data, or no steps where a range of steps is asked for, 422 for a
        column the series does not have.
    """
    series = _opened(blobs, f"{folder}/{TIME_SERIES}")
    if wanted.is_whole:
        return series
    with series:
        steps = None
        if wanted.needs_steps:
            with _opened(blobs, f"{folder}/{STEPS}") as file:
                steps = pl.read_parquet(file)
        try:
            part = measurements.select(scan(series), steps, wanted)
        except MeasurementError as error:
            raise invalid([entry(["query"], str(error), "value_error")]) from error
        stream = blobs.temporary_file()
        try:
            write_parquet(part, stream)
            stream.seek(0)
        except BaseException:
            stream.close()
            raise
    return stream


def columns(blobs: Blobs, key: str) -> dict[str, list[Any]]:
    """Return a stored frame as lists by column name.

    Raises
    ------
    Problem
        404 when it does not exist, 400 when it is too long for JSON.
    """
    with _opened(blobs, key) as file:
        frame = scan(file)
        rows = frame.select(pl.len()).collect().item()
        if rows > MOST_JSON_ROWS:
            message = (
                f"{rows} rows are too many for JSON (at most {MOST_JSON_ROWS}): download them as "
                "parquet, or thin them with max_points"
            )
            raise Problem(400, "BAD_REQUEST", message)
        return _readable(frame).collect().to_dict(as_series=False)


def upload_faults(blobs: Blobs, key: str) -> list[str]:
    """Return why an uploaded file cannot be a time series; empty when it can."""
    try:
        with blobs.open(key) as file:
            return measurements.schema_faults(scan(file).collect_schema())
    except pl.exceptions.PolarsError as error:
        return [f"the file is not parquet that can be read: {error}"]


def extension_faults(blobs: Blobs, series: str, added: str) -> list[str]:
    """Return why uploaded rows cannot follow a time series; empty when they can."""
    try:
        with blobs.open(series) as before, blobs.open(added) as after:
            return measurements.extension_faults(scan(before), scan(after))
    except pl.exceptions.PolarsError as error:
        return [f"the file is not parquet that can be read: {error}"]


def write_columns(blobs: Blobs, key: str, given: dict[str, Any]) -> None:
    """Store columns from a request as a frame; raises a 422 Problem when they do not form one."""
    try:
        frame = pl.DataFrame(given)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        message = f"must be columns of equal length: {error}"
        raise invalid([entry(["body", "steps"], message, "value_error")]) from error
    blobs.write_frame(key, frame)


def _readable(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Convert values that JSON cannot hold; durations become ISO 8601 texts such as ``PT1S``."""
    return frame.with_columns(
        pl.col(pl.Duration).dt.to_string("iso"),
        pl.col(pl.Decimal).cast(pl.Float64),
        pl.col(pl.Binary).bin.encode("base64"),
    )


def _opened(blobs: Blobs, key: str) -> IO[bytes]:
    try:
        return blobs.open(key)
    except FileNotFoundError as error:
        name = key.rpartition("/")[2]
        raise Problem(404, "NOT_FOUND", f"There is no {name} of this measurement.") from error
