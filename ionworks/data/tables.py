"""Conversion of tables in any supported form to polars lazy frames.

polars is imported on first use. pandas is never imported here: a pandas frame implies that the
user has imported it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["is_parquet", "lazy_table", "path_of_table"]

_PARQUET_ENDINGS = (".parquet", ".pq")
_CSV_ENDINGS = (".csv", ".csv.gz")
_FORMS = (
    "a polars or pandas data frame, a polars lazy frame, a mapping of columns, or the path of a"
    " CSV or parquet file"
)
_SCHEMA_ROWS = 10_000
"""Rows of a CSV file from which the types of its columns are inferred."""


def lazy_table(data: Any, where: str) -> pl.LazyFrame:
    """Return a table as a lazy frame without reading or copying data.

    Parameters
    ----------
    data : polars.DataFrame, polars.LazyFrame, pandas.DataFrame, mapping, str or path-like
        The table. A mapping is ``{column: values}``. A path is that of a CSV file with a
        header, optionally compressed (``.csv.gz``), or of a parquet file.
    where : str
        Name of the argument in messages.

    Returns
    -------
    polars.LazyFrame
        The columns of the table. The index of a pandas frame is dropped.

    Raises
    ------
    TypeError
        If it is not a table, or a column contains values that are not plain.
    ValueError
        If columns differ in length, or the path is not that of such a file.
    """
    import polars as pl

    if isinstance(data, pl.LazyFrame):
        return data
    if isinstance(data, pl.DataFrame):
        return data.lazy()
    if (path := path_of_table(data, where)) is not None:
        return _scan(path)
    if isinstance(data, Mapping):
        return _of_columns(data, where).lazy()
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
        return _of_pandas(data, where).lazy()
    raise TypeError(f"{where} must be {_FORMS}, not {type(data).__name__} {data!r}")


def path_of_table(data: Any, where: str) -> Path | None:
    """Return the path of a table that is given as a file, else None.

    Raises
    ------
    ValueError
        If the file does not exist, or has neither a CSV nor a parquet extension.
    """
    if not isinstance(data, (str, os.PathLike)):
        return None
    path = Path(os.fspath(data))
    if not path.is_file():
        raise ValueError(f"{where} names the file {str(path)!r}, which does not exist")
    if not path.name.lower().endswith(_PARQUET_ENDINGS + _CSV_ENDINGS):
        raise ValueError(
            f"{where} names the file {str(path)!r}, which is neither .csv nor .parquet: read it"
            " yourself and pass the data frame"
        )
    return path


def is_parquet(path: Path) -> bool:
    """Whether a file has a parquet extension."""
    return path.name.lower().endswith(_PARQUET_ENDINGS)


def _scan(path: Path) -> pl.LazyFrame:
    import polars as pl

    if is_parquet(path):
        return pl.scan_parquet(path)
    return pl.scan_csv(path, infer_schema_length=_SCHEMA_ROWS)


def _of_columns(columns: Mapping[Any, Any], where: str) -> pl.DataFrame:
    import polars as pl

    series = []
    for name, values in columns.items():
        place = f"{where}[{name!r}]"
        if not isinstance(name, str):
            raise TypeError(f"{where} has the column {name!r}: names must be text")
        if isinstance(values, str) or not (
            isinstance(values, (Sequence, pl.Series)) or hasattr(values, "__array__")
        ):
            raise TypeError(f"{place} must be a list or array of values, not {values!r}")
        try:
            # Not strict, because 2.0 is often written as 2, in JSON and by hand.
            series.append(pl.Series(name, values, strict=False))
        except (TypeError, ValueError, pl.exceptions.PolarsError) as problem:
            raise TypeError(f"{place} cannot be converted to a column: {problem}") from None
    lengths = {each.name: len(each) for each in series}
    if len({*lengths.values()}) > 1:
        raise ValueError(f"the columns of {where} differ in length: {lengths}")
    return pl.DataFrame(series)


def _of_pandas(frame: Any, where: str) -> pl.DataFrame:
    import polars as pl

    for name in frame.columns:
        if not isinstance(name, str):
            raise TypeError(f"{where} has the column {name!r}: names must be text")
    try:
        converted: pl.DataFrame = pl.from_pandas(frame)
    except (TypeError, ValueError, ImportError, pl.exceptions.PolarsError) as problem:
        raise TypeError(f"{where} cannot be converted to a polars frame: {problem}") from None
    return converted
