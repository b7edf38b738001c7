"""Drive cycles in files: a column of times and one of values, with or without a heading."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ionworks.data.tables import is_parquet, path_of_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

__all__ = ["DriveCycles", "read_drive_cycle"]

_COMMENT: Final = "#"
_SEPARATORS: Final = (";", "\t", ",")
"""In this order, because a comma can also be a decimal comma."""
_COLUMNS: Final = ("time", "value")
"""Headings of the columns of a file without a heading, as protocols know them."""


class DriveCycles(Mapping[Any, Any]):
    """Samples of drive cycles by name; a file is read when its samples are asked for.

    Parameters
    ----------
    given : Mapping
        Samples, or paths of files, see `read_drive_cycle`.
    where : str
        Name of the argument in messages.
    """

    def __init__(self, given: Mapping[Any, Any], where: str) -> None:
        self._given = given
        self._where = where

    def __getitem__(self, name: Any) -> Any:
        return read_drive_cycle(self._given[name], f"{self._where}[{name!r}]")

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def __iter__(self) -> Iterator[Any]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def read_drive_cycle(samples: Any, where: str) -> Any:
    """Return the samples of a drive cycle that is given as a file; return other samples unchanged.

    Parameters
    ----------
    samples : path-like or object
        The path of a parquet or CSV file with a column of times and one of values. Lines of a CSV
        file that begin with ``#`` are left out; columns are separated by commas, or by semicolons
        or tabs, and then numbers can have a decimal comma. Without a heading, the first column has
        the times [s] and the second the values in the unit of the step.
    where : str
        Name of the argument in messages.

    Returns
    -------
    dict of str to list
        The columns.

    Raises
    ------
    ValueError
        If the file does not exist, is of another type, cannot be read, or is not a table of
        two columns.
    """
    path = path_of_table(samples, where)
    if path is None:
        return samples
    import polars as pl

    try:
        frame = pl.read_parquet(path) if is_parquet(path) else _read_csv(path)
    # The last two are those of damaged gzip files.
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise ValueError(
            f"{where} names the file {str(path)!r}, which cannot be read: {error}"
        ) from None
    if frame.width != len(_COLUMNS):
        raise ValueError(
            f"{where} names the file {str(path)!r}, which has {frame.width} columns"
            f" ({', '.join(map(repr, frame.columns[:10]))}): a drive cycle has one of times [s] and"
            " one of values; read the file yourself and pass these two"
        )
    if frame.height == 0:
        raise ValueError(f"{where} names the file {str(path)!r}, which has no rows")
    return frame.to_dict(as_series=False)


def _read_csv(path: Path) -> pl.DataFrame:
    import polars as pl

    first = _first_line(path)
    separator = next((each for each in _SEPARATORS if each in first), ",")
    plain = first if separator == "," else first.replace(",", ".")
    has_heading = not all(map(_is_number, plain.split(separator)))
    read = partial(
        pl.read_csv,
        path,
        has_header=has_heading,
        separator=separator,
        comment_prefix=_COMMENT,
        new_columns=None if has_heading else list(_COLUMNS),
        # Currents are often whole numbers at first.
        infer_schema_length=None,
    )
    frame = read()
    if separator != "," and pl.String in frame.dtypes:
        frame = read(decimal_comma=True)
    # An empty line is read as a row of missing values.
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


def _first_line(path: Path) -> str:
    """Return the first line of a file that is neither empty nor a comment."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig") as lines:
        for line in lines:
            if line.strip() and not line.startswith(_COMMENT):
                return line
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
