"""Tables in every form people have them in, as one: a polars lazy frame.

polars is loaded with the first table, pandas never: a pandas frame brings it along.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["lazy_table", "path_of_table"]

_PARQUET_ENDINGS = (".parquet", ".pq")
_CSV_ENDINGS = (".csv", ".csv.gz")
_FORMS = (
    "a polars or pandas data frame, a polars lazy frame, a mapping of columns, or the path of a"
    " CSV or parquet file"
)
_ROWS_LOOKED_AT = 10_000
"""Rows of a CSV file from which the kinds of its columns are told."""


def lazy_table(data: Any, where: str) -> pl.LazyFrame:
    """Return a table as a lazy frame; nothing large is read or copied yet.

    Parameters
    ----------
    data : polars.DataFrame, polars.LazyFrame, pandas.DataFrame, mapping, str or path-like
        The table. A mapping is ``{column: values}``. A path leads to a CSV file with a header,
        also compressed (``.csv.gz``), or to a parquet file.
    where : str
        Name of the argument in messages.

    Returns
    -------
    polars.LazyFrame
        Its columns by their names. The index of a pandas frame is left out.

    Raises
    ------
    TypeError
        If it is no table, or a column holds no plain values.
    ValueError
        If columns differ in length, or the path leads to no such file.
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
    """Return the path if the table is a file, else None.

    Raises
    ------
    ValueError
        If there is no such file, or it is neither CSV nor parquet by its name.
    """
    if not isinstance(data, (str, os.PathLike)):
        return None
    path = Path(os.fspath(data))
    if not path.is_file():
        raise ValueError(f"{where} names the file {str(path)!r}, which does not exist")
    if not path.name.lower().endswith(_PARQUET_ENDINGS + _CSV_ENDINGS):
        raise ValueError(
            f"{where} names the file {str(path)!r}, which is neither .csv nor .parquet by its name:"
            " read it yourself and give the data frame"
        )
    return path


def is_parquet(path: Path) -> bool:
    """Whether a file is parquet, by its name."""
    return path.name.lower().endswith(_PARQUET_ENDINGS)


def _scan(path: Path) -> pl.LazyFrame:
    import polars as pl

    if is_parquet(path):
        return pl.scan_parquet(path)
    return pl.scan_csv(path, infer_schema_length=_ROWS_LOOKED_AT)


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
            # Not strict, because JSON and people write 2.0 as 2.
            series.append(pl.Series(name, values, strict=False))
        except (TypeError, ValueError, pl.exceptions.PolarsError) as problem:
            raise TypeError(f"{place} does not make a column: {problem}") from problem
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
        raise TypeError(f"{where} cannot be made a polars frame: {problem}") from problem
    return converted
