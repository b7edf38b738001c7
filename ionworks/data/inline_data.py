"""Data in the configuration of a pipeline, in the form it travels.

``db:<measurement id>`` stays as it is, the server reads it. ``file:<path>`` and ``folder:<path>``
are read here and sent as columns, as are data frames and mappings of columns. What is sent with
the configuration may have a thousand rows, whatever form it came in.
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
"""Rows a table may have to be sent with a configuration."""

_FILE, _FOLDER = "file:", "folder:"
_TABLE: Final = "time_series"
_DATA_KEYS: Final = ("data", _TABLE, "steps")
_STEMS: Final = (_TABLE, "steps")
_ENDINGS: Final = (".parquet", ".csv")
_FREE_TEXT: Final = ("source", "name", "description")
"""Keys whose text is for people."""


def with_inline_data(value: Any, where: str, *, wrap_frames: bool = False) -> Any:
    """Return a configuration in which all data are references to the server's or plain columns.

    Parameters
    ----------
    value : object
        The configuration, or a part of it.
    where : str
        Name of the argument in messages.
    wrap_frames : bool, optional
        Whether a data frame that stands under ``data`` becomes ``{"data": columns}`` there, as
        full pipelines have it, rather than the columns.

    Returns
    -------
    object
        New mappings and lists; anything that is no data is as it was.

    Raises
    ------
    FileNotFoundError
        If a file or folder is not there, or a folder lacks its tables.
    ValueError
        If a table has more than a thousand rows, is empty, or its columns differ in length.
    TypeError
        If a column does not hold plain values.
    """
    return _Inliner(wrap_frames).inlined(value, where, key=None)


class _Inliner:
    """Walks through a configuration."""

    def __init__(self, wrap_frames: bool) -> None:
        self._wrap_frames = wrap_frames

    def inlined(self, value: Any, where: str, *, key: object) -> Any:
        """Return a value that stands under a key, its data as plain columns."""
        if isinstance(value, str):
            return value if key in _FREE_TEXT else _read(value, where)
        if _is_frame(value):
            columns = _columns(lazy_table(value, where), where)
            return {"data": columns} if self._wrap_frames and key == "data" else columns
        if isinstance(value, Mapping):
            if _is_table(value, key):
                return _columns(lazy_table(value, where), where)
            return {
                # In {"data": {"data": frame}} the frame is wrapped already.
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
    """Return what a text refers to on this machine, or the text itself."""
    if text.startswith(_FILE):
        path = _existing(text, _FILE, where)
        if not path.is_file():
            raise FileNotFoundError(f"{where} refers to {text!r}, and {str(path)!r} is no file")
        return _columns(lazy_table(path, where), where)
    if text.startswith(_FOLDER):
        return _read_folder(text, where)
    return text


def _read_folder(text: str, where: str) -> dict[str, Any]:
    folder = _existing(text, _FOLDER, where)
    if not folder.is_dir():
        raise FileNotFoundError(f"{where} refers to {text!r}, and {str(folder)!r} is no folder")
    tables = {}
    for stem in _STEMS:
        paths = [folder / f"{stem}{ending}" for ending in _ENDINGS]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise FileNotFoundError(
                f"{where} refers to {text!r}, which has no {paths[0].name} or {paths[1].name}: put"
                f" it there, or refer to a single table with {_FILE}<path>"
            )
        tables[stem] = _columns(lazy_table(path, where), f"{where} ({path.name})")
    return tables


def _existing(text: str, prefix: str, where: str) -> Path:
    path = Path(text.removeprefix(prefix).strip()).expanduser()
    if not text.removeprefix(prefix).strip():
        raise ValueError(f"{where} is {text!r}, which names nothing: write {prefix}<path>")
    if not path.exists():
        raise FileNotFoundError(
            f"{where} refers to {text!r}, which does not exist; looked for {str(path.absolute())!r}"
        )
    return path


def _is_frame(value: Any) -> bool:
    """Whether a value is a data frame of polars or pandas; neither is imported for it."""
    library = type(value).__module__.partition(".")[0]
    # The class is asked: a lazy frame would have to find its columns out.
    return library in {"polars", "pandas"} and hasattr(type(value), "columns")


def _is_table(mapping: Mapping[Any, Any], key: object) -> bool:
    """Whether a mapping is one of columns: all of them lists, and where data stand or very long."""
    if not mapping or not all(map(_is_column, mapping.values())):
        return False
    return key in _DATA_KEYS or all(len(column) > MOST_ROWS for column in mapping.values())


def _is_column(value: Any) -> bool:
    if isinstance(value, (str, bytes)) or _is_frame(value):
        return False
    is_array = hasattr(value, "__array__") and getattr(value, "ndim", 1) == 1
    return is_array or isinstance(value, Sequence)


def _columns(table: pl.LazyFrame, where: str) -> dict[str, list[Any]]:
    """Return a table as lists by column, none of them too long to be sent."""
    # One row more than allowed tells a table that is too long; its length is for the message.
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
        f"{where} has {rows:,} rows, and a table sent with a configuration may have"
        f" {MOST_ROWS:,}: upload it with client.cell_measurement.create(...), and refer to it as"
        " 'db:<measurement id>'"
    )
