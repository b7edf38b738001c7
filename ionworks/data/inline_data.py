"""Data in the configuration of a pipeline, converted for sending.

``db:<measurement id>`` is sent unchanged and read by the server. ``file:<path>`` and
``folder:<path>`` are read here and sent as columns, as are data frames and mappings of columns.
Tables sent with a configuration can have up to a thousand rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ionworks.data.tables import lazy_table

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MOST_ROWS", "with_inline_data"]

MOST_ROWS: Final = 1000
"""Largest number of rows of a table that is sent with a configuration."""

_FILE, _FOLDER = "file:", "folder:"
_TABLE: Final = "time_series"
_DATA_KEYS: Final = ("data", _TABLE, "steps")
_STEMS: Final = (_TABLE, "steps")
_ENDINGS: Final = (".parquet", ".csv")
_FREE_TEXT: Final = ("source", "name", "description")
"""Keys whose text is never a data reference."""


def with_inline_data(value: Any, where: str, *, wrap_frames: bool = False) -> Any:
    """Return a configuration whose data are references to the server or columns in JSON types.

    Parameters
    ----------
    value : object
        The configuration, or a part of it.
    where : str
        Name of the argument in messages.
    wrap_frames : bool, optional
        Whether a data frame under the key ``data`` becomes ``{"data": columns}``, as in full
        pipelines, instead of the columns.

    Returns
    -------
    object
        New mappings and lists; values other than data are unchanged.

    Raises
    ------
    FileNotFoundError
        If a file or folder does not exist, or a folder lacks its tables.
    ValueError
        If a table has more than a thousand rows, is empty, or its columns differ in length.
    TypeError
        If a column contains values that are not plain.
    """
    return _Inliner(wrap_frames).inlined(value, where, key=None)


class _Inliner:
    """Walks through a configuration and converts its data."""

    def __init__(self, wrap_frames: bool) -> None:
        self._wrap_frames = wrap_frames

    def inlined(self, value: Any, where: str, *, key: object) -> Any:
        """Return the value of a key with its data converted."""
        if isinstance(value, str):
            return value if key in _FREE_TEXT else _read(value, where)
        if _is_frame(value):
            columns = _columns(lazy_table(value, where), where)
            return {"data": columns} if self._wrap_frames and key == "data" else columns
        if isinstance(value, Mapping):
            if _is_table(value, key):
                return _columns(lazy_table(value, where), where)
            return {
                # The frame in {"data": {"data": frame}} must not be wrapped again.
                name: self.inlined(
                    each, f"{where}[{name!r}]", key=_TABLE if key == name == "data" else name
                )
                for name, each in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [
                self.inlined(each, f"{where}[{index}]", key=key) for index, each in enumerate(value)
            ]
        return value


def _read(text: str, where: str) -> Any:
    """Return the local data that a text refers to, or the text itself."""
    if text.startswith(_FILE):
        path = _existing(text, _FILE, where)
        if not path.is_file():
            raise FileNotFoundError(f"{where} refers to {text!r}, but {str(path)!r} is not a file")
        return _columns(lazy_table(path, where), where)
    if text.startswith(_FOLDER):
        return _read_folder(text, where)
    return text


def _read_folder(text: str, where: str) -> dict[str, Any]:
    folder = _existing(text, _FOLDER, where)
    if not folder.is_dir():
        raise FileNotFoundError(f"{where} refers to {text!r}, but {str(folder)!r} is not a folder")
    tables = {}
    for stem in _STEMS:
        paths = [folder / f"{stem}{ending}" for ending in _ENDINGS]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise FileNotFoundError(
                f"{where} refers to {text!r}, which has no {paths[0].name} or {paths[1].name}:"
                f" add it, or refer to a single table with {_FILE}<path>"
            )
        tables[stem] = _columns(lazy_table(path, where), f"{where} ({path.name})")
    return tables


def _existing(text: str, prefix: str, where: str) -> Path:
    path = Path(text.removeprefix(prefix).strip()).expanduser()
    if not text.removeprefix(prefix).strip():
        raise ValueError(f"{where} is {text!r} without a path: write {prefix}<path>")
    if not path.exists():
        raise FileNotFoundError(
            f"{where} refers to {text!r}, which does not exist; looked for {str(path.absolute())!r}"
        )
    return path


def _is_frame(value: Any) -> bool:
    """Whether a value is a polars or pandas data frame, without importing either."""
    library = type(value).__module__.partition(".")[0]
    # The class is checked, because a lazy frame would have to compute its columns.
    return library in {"polars", "pandas"} and hasattr(type(value), "columns")


def _is_table(mapping: Mapping[Any, Any], key: object) -> bool:
    """Whether a mapping is a table: all values are lists, under a data key or very long."""
    if not mapping or not all(map(_is_column, mapping.values())):
        return False
    return key in _DATA_KEYS or all(len(column) > MOST_ROWS for column in mapping.values())


def _is_column(value: Any) -> bool:
    if isinstance(value, (str, bytes)) or _is_frame(value):
        return False
    is_array = hasattr(value, "__array__") and getattr(value, "ndim", 1) == 1
    return is_array or isinstance(value, Sequence)


def _columns(table: pl.LazyFrame, where: str) -> dict[str, list[Any]]:
    """Return a table as lists by column, after checking its length."""
    # Reading one row more than allowed is enough to detect a table that is too long.
    frame = table.head(MOST_ROWS + 1).collect()
    if frame.height > MOST_ROWS:
        raise ValueError(_too_long(where, table))
    if frame.is_empty():
        raise ValueError(f"{where} is a table without rows: give at least one")
    return frame.to_dict(as_series=False)


def _too_long(where: str, table: pl.LazyFrame) -> str:
    import polars as pl

    rows = table.select(pl.len()).collect().item()
    return (
        f"{where} has {rows:,} rows, but a table sent with a configuration can have at most"
        f" {MOST_ROWS:,}: upload it with client.cell_measurement.create(...), and refer to it as"
        " 'db:<measurement id>'"
    )
