"""Data frames: polars or pandas, per client and process-wide, and columns derived afterwards.

Neither polars nor pandas is loaded before the first frame is made.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ionworks.doe.scalars import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import polars as pl

    from ionworks.settings import Settings

    Frame: TypeAlias = pl.DataFrame | pd.DataFrame

__all__ = [
    "BACKENDS",
    "Backend",
    "check_backend",
    "for_client",
    "from_columns",
    "from_parquet",
    "from_parquet_file",
    "get_dataframe_backend",
    "set_dataframe_backend",
    "steps_frame",
    "time_series_frame",
    "to_backend",
]

Backend: TypeAlias = Literal["polars", "pandas"]
BACKENDS: tuple[Backend, ...] = ("polars", "pandas")
"""Names of the data frame libraries."""

_DISCHARGE_CAPACITY = "Discharge capacity [A.h]"
_CHARGE_CAPACITY = "Charge capacity [A.h]"
_DISCHARGE_ENERGY = "Discharge energy [W.h]"
_CHARGE_ENERGY = "Charge energy [W.h]"
_STEP_COUNT = "Step count"
_STEP_CAPACITY = "Step capacity [A.h]"
_CAPACITY = "Capacity [A.h]"
_DELTA_CAPACITY = "Delta capacity [A.h]"
_DELTA_ENERGY = "Delta energy [W.h]"


class _ProcessWide:
    """The choice made by `set_dataframe_backend`, for clients that made none themselves."""

    backend: Backend | None = None


def set_dataframe_backend(name: str) -> None:
    """Choose the data frame library for every client that names none of its own.

    Parameters
    ----------
    name : {"polars", "pandas"}
        The library.

    Raises
    ------
    TypeError, ValueError
        If it is not one of the two names.
    ModuleNotFoundError
        If pandas is asked for but not installed.
    """
    backend = check_backend(name, "name")
    if backend == "pandas":
        _import_pandas()
    _ProcessWide.backend = backend


def get_dataframe_backend(default: Backend = "polars") -> Backend:
    """Return the process-wide data frame library, or `default` if none was set."""
    return _ProcessWide.backend or default


def check_backend(name: Any, where: str) -> Backend:
    """Return the name of a data frame library, or say which there are.

    Parameters
    ----------
    name : {"polars", "pandas"}
        The library.
    where : str
        Name of the argument in messages.

    Raises
    ------
    TypeError
        If it is not text.
    ValueError
        If it is another text.
    """
    if not isinstance(name, str):
        raise TypeError(f"{where} must be 'polars' or 'pandas', not {name!r}")
    for backend in BACKENDS:
        if name == backend:
            return backend
    raise ValueError(f"{where} must be 'polars' or 'pandas', not {name!r}{nearest(name, BACKENDS)}")


def from_parquet(content: bytes) -> pl.DataFrame:
    """Read parquet bytes.

    Parameters
    ----------
    content : bytes
        A whole parquet file.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    ValueError
        If the bytes are not parquet.
    """
    return _read_parquet(io.BytesIO(content), content[:16], len(content))


def from_parquet_file(path: Path) -> pl.DataFrame:
    """Read a parquet file whole.

    Parameters
    ----------
    path : Path
        The file; it may be deleted afterwards.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    ValueError
        If the file is not parquet.
    """
    with path.open("rb") as file:
        head = file.read(16)
    return _read_parquet(path, head, path.stat().st_size)


def _read_parquet(source: Path | io.BytesIO, head: bytes, size: int) -> pl.DataFrame:
    import polars as pl

    if not head.startswith(b"PAR1"):
        raise ValueError(f"expected parquet, got {size} bytes that begin with {head!r}")
    try:
        return pl.read_parquet(source)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"the parquet file of {size} bytes is damaged: {error}") from error


def from_columns(columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """Make a frame of JSON columns, in which null stands for a missing number.

    Parameters
    ----------
    columns : Mapping
        ``{name: values}``, all of one length.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    ValueError
        If the lengths differ or a column mixes text and numbers.
    """
    import polars as pl

    try:
        return pl.DataFrame([_series(name, values) for name, values in columns.items()])
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise ValueError(f"the columns do not make a table: {error}") from error


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Make a column; one that mixes whole and other numbers (JSON writes 2.0 as 2) is of floats."""
    import polars as pl

    # Every value is looked at: a column may begin with thousands of whole numbers.
    kinds = {type(value) for value in values if value is not None}
    has_floats = kinds in ({int, float}, set())
    return pl.Series(name, values, dtype=pl.Float64 if has_floats else None, strict=True)


def time_series_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the derived columns of a time series that are not there yet.

    ``Step capacity [A.h]`` is discharge minus charge capacity, both of which restart at 0 with each
    step. ``Capacity [A.h]`` is the same made continuous: the last value of every earlier step is
    added. It needs ``Step count``.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per time point, in order of time.

    Returns
    -------
    polars.DataFrame
        The same rows; columns are only added at the end.
    """
    import polars as pl

    # All columns in one go: a small frame costs more to touch than to compute.
    derived = _differences(frame, {_STEP_CAPACITY: (_DISCHARGE_CAPACITY, _CHARGE_CAPACITY)})
    step_capacity = derived.get(_STEP_CAPACITY, pl.col(_STEP_CAPACITY))
    has_steps = _STEP_COUNT in frame.columns and (derived or _STEP_CAPACITY in frame.columns)
    if has_steps and _CAPACITY not in frame.columns:
        # At the first point of a step the steps before it have ended: their last value is carried.
        is_new_step = pl.col(_STEP_COUNT).ne_missing(pl.col(_STEP_COUNT).shift())
        last_value = step_capacity.forward_fill().shift().fill_null(0.0)
        carried = pl.when(is_new_step).then(last_value).otherwise(0.0).cum_sum()
        derived[_CAPACITY] = step_capacity + carried
    return frame.with_columns(**derived) if derived else frame


def steps_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the derived columns of a table of steps that are not there yet.

    ``Delta capacity [A.h]`` and ``Delta energy [W.h]`` are discharge minus charge.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per step.

    Returns
    -------
    polars.DataFrame
        The same rows; columns are only added at the end.
    """
    derived = _differences(
        frame,
        {
            _DELTA_CAPACITY: (_DISCHARGE_CAPACITY, _CHARGE_CAPACITY),
            _DELTA_ENERGY: (_DISCHARGE_ENERGY, _CHARGE_ENERGY),
        },
    )
    return frame.with_columns(**derived) if derived else frame


def to_backend(
    frame: pl.DataFrame, backend: Backend | None = None, default: Backend = "polars"
) -> Frame:
    """Return the frame in the library asked for.

    Parameters
    ----------
    frame : polars.DataFrame
        Any frame.
    backend : {"polars", "pandas"}, optional
        A client's own choice; without one the process-wide choice counts.
    default : {"polars", "pandas"}
        What counts if nobody chose.

    Returns
    -------
    polars.DataFrame or pandas.DataFrame
        The pandas frame is made column by column from NumPy arrays, so pyarrow is not needed.

    Raises
    ------
    ModuleNotFoundError
        If pandas is asked for but not installed.
    """
    if (backend or get_dataframe_backend(default)) == "polars":
        return frame
    columns = {column.name: column.to_numpy() for column in frame.iter_columns()}
    converted: pd.DataFrame = _import_pandas().DataFrame(columns)
    return converted


def for_client(frame: pl.DataFrame, settings: Settings) -> Frame:
    """Return the frame in the library a client uses, see `to_backend`."""
    return to_backend(frame, settings.dataframe_backend, settings.default_dataframe_backend)


def _differences(frame: pl.DataFrame, wanted: Mapping[str, tuple[str, str]]) -> dict[str, pl.Expr]:
    """Return the wanted columns that are missing and can be had, each a column less another."""
    import polars as pl

    return {
        name: pl.col(positive) - pl.col(negative)
        for name, (positive, negative) in wanted.items()
        if name not in frame.columns and {positive, negative}.issubset(frame.columns)
    }


def _import_pandas() -> Any:
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the pandas backend needs pandas: pip install 'ionworks-api[pandas]', or use"
            " set_dataframe_backend('polars')",
            name=error.name,
        ) from error
    return pd
