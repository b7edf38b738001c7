"""The file an upload sends: made of a table, checked, and gone afterwards."""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionworks.data.tables import is_parquet, lazy_table, path_of_table
from ionworks.errors import MeasurementValidationError
from ionworks.validation.time_series import check_table

if TYPE_CHECKING:
    import polars as pl

    from ionworks.validation import ValidationIssue
    from ionworks.validation.check_options import CheckOptions

__all__ = ["checked_parquet", "scratch_folder", "steps_parquet"]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for temporary files, removed with all in it."""
    with tempfile.TemporaryDirectory(prefix="ionworks-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def checked_parquet(data: Any, where: str, target: Path, options: CheckOptions) -> Path:
    """Make a time series a parquet file, once its rows have passed the checks.

    Parameters
    ----------
    data : table
        Whatever `ionworks.data.tables.lazy_table` takes.
    where : str
        What to call it in a message.
    target : Path
        Where a file is written if one is needed.
    options : CheckOptions
        The checks.

    Returns
    -------
    Path
        The user's own file if it is parquet already, else `target`. Frames in memory are checked
        before they are written; CSV files and lazy frames are written first, streamed, so that
        they are gone through only once.

    Raises
    ------
    MeasurementValidationError
        If the rows are not fit. What is only doubtful is a Python warning.
    TypeError, ValueError
        If the data are no table, or cannot be read.
    """
    import polars as pl

    path = path_of_table(data, where)
    table = lazy_table(data, where)
    is_in_memory = path is None and not isinstance(data, pl.LazyFrame)
    if is_in_memory or (path is not None and is_parquet(path)):
        with _readable(where):
            _report(check_table(table, options))
        return path or _written(table, where, target)
    written = _written(table, where, target)
    _report(check_table(pl.scan_parquet(written), options))
    return written


def steps_parquet(data: Any, target: Path) -> Path:
    """Make a table of steps a parquet file.

    Raises
    ------
    TypeError, ValueError
        If it is no table, or cannot be read.
    """
    return _written(lazy_table(data, "data['steps']"), "data['steps']", target)


def _written(table: pl.LazyFrame, where: str, target: Path) -> Path:
    """Write a table as a parquet file, streamed."""
    with _readable(where):
        table.sink_parquet(target, compression="zstd", compression_level=1)
    return target


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Turn what polars says about a file or a lazy frame into an error of the argument."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as problem:
        raise ValueError(f"{where} cannot be read: {problem}") from problem


def _report(issues: list[ValidationIssue]) -> None:
    """Raise what stops an upload, warn of what does not."""
    if any(issue.severity == "error" for issue in issues):
        raise MeasurementValidationError(issues)
    for issue in issues:
        warnings.warn(str(issue), UserWarning, stacklevel=_levels_to_the_user())


def _levels_to_the_user() -> int:
    """Count the frames up to the first that is not this package's."""
    frame, levels = sys._getframe(1), 1  # noqa: SLF001 - the way to look at frames
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("ionworks."):
        frame, levels = frame.f_back, levels + 1
    return levels
