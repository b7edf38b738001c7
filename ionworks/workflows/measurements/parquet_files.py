"""Temporary parquet files for uploads, written from checked tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionworks.data.tables import is_parquet, lazy_table, path_of_table
from ionworks.errors import MeasurementValidationError
from ionworks.transport.notes import issue
from ionworks.validation.time_series import check_table

if TYPE_CHECKING:
    import polars as pl

    from ionworks.data.column_mapping import ColumnMapping
    from ionworks.validation import ValidationIssue
    from ionworks.validation.check_options import CheckOptions

__all__ = ["checked_parquet", "scratch_folder", "steps_parquet"]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for temporary files; it is removed with its content."""
    with tempfile.TemporaryDirectory(prefix="ionworks-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def checked_parquet(
    data: Any,
    where: str,
    target: Path,
    options: CheckOptions,
    columns: ColumnMapping | None = None,
) -> Path:
    """Check a time series and return it as a parquet file.

    Parameters
    ----------
    data : table
        Anything that `ionworks.data.tables.lazy_table` accepts.
    where : str
        Name of the argument in messages.
    target : Path
        Path of the file, if one is written.
    options : CheckOptions
        The checks to run.
    columns : ColumnMapping, optional
        Columns to rename and convert before.

    Returns
    -------
    Path
        The user's file if it is parquet and no column is mapped, else `target`. Frames in memory
        are checked before they are written. CSV files and lazy frames are written first, so that
        they are read only once.

    Raises
    ------
    MeasurementValidationError
        If a check fails with an error. Findings of severity warning are Python warnings.
    TypeError, ValueError
        If the data are not a table, or cannot be read.
    """
    import polars as pl

    path = path_of_table(data, where)
    table = lazy_table(data, where)
    if columns is not None:
        with _readable(where):
            table = columns.applied(table, where)
    is_in_memory = path is None and not isinstance(data, pl.LazyFrame)
    if is_in_memory or (path is not None and is_parquet(path)):
        with _readable(where):
            _report(check_table(table, options))
        if path is not None and columns is None:
            return path
        return _written(table, where, target)
    written = _written(table, where, target)
    _report(check_table(pl.scan_parquet(written), options))
    return written


def steps_parquet(data: Any, target: Path) -> Path:
    """Write a table of steps as a parquet file.

    Raises
    ------
    TypeError, ValueError
        If it is not a table, or cannot be read.
    """
    return _written(lazy_table(data, "data['steps']"), "data['steps']", target)


def _written(table: pl.LazyFrame, where: str, target: Path) -> Path:
    """Write a table as a parquet file, in a stream."""
    with _readable(where):
        table.sink_parquet(target, compression="zstd", compression_level=1)
    return target


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Convert errors of polars about a file or lazy frame to a ValueError about the argument."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as problem:
        raise ValueError(f"{where} cannot be read: {problem}") from None


def _report(issues: list[ValidationIssue]) -> None:
    """Raise an exception if there are errors, else issue the warnings."""
    if any(each.severity == "error" for each in issues):
        raise MeasurementValidationError(issues)
    for each in issues:
        issue(str(each))
