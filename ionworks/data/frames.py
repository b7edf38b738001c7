"""Data frames: the choice of polars or pandas, reading parquet, and derived columns.

polars and pandas are imported when the first frame is made.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread
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
    "DERIVED",
    "DERIVED_FROM",
    "Backend",
    "check_backend",
    "for_client",
    "from_columns",
    "from_parquet",
    "from_parquet_file",
    "get_dataframe_backend",
    "like",
    "load_in_background",
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
DERIVED = (_STEP_CAPACITY, _CAPACITY)
"""Columns that `time_series_frame` derives."""
DERIVED_FROM = (_STEP_COUNT, _DISCHARGE_CAPACITY, _CHARGE_CAPACITY)
"""Columns of which it derives them."""

_DELTA_CAPACITY = "Delta capacity [A.h]"
_DELTA_ENERGY = "Delta energy [W.h]"


class _ProcessWide:
    """The choice made with `set_dataframe_backend`, for clients without an own setting."""

    backend: Backend | None = None


def set_dataframe_backend(name: str) -> None:
    """Set the data frame library of all clients that do not set ``dataframe_backend``.

    Parameters
    ----------
    name : {"polars", "pandas"}
        The library.

    Raises
    ------
    TypeError, ValueError
        If it is not one of the two names.
    ModuleNotFoundError
        If pandas is requested but not installed.
    """
    backend = check_backend(name, "name")
    if backend == "pandas":
        _import_pandas()
    _ProcessWide.backend = backend


def get_dataframe_backend(default: Backend = "polars") -> Backend:
    """Return the process-wide data frame library, or `default` if it is not set."""
    return _ProcessWide.backend or default


def check_backend(name: Any, where: str) -> Backend:
    """Check the name of a data frame library.

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
        If it is not one of the two names.
    """
    if not isinstance(name, str):
        raise TypeError(f"{where} must be 'polars' or 'pandas', not {name!r}")
    for backend in BACKENDS:
        if name == backend:
            return backend
    raise ValueError(f"{where} must be 'polars' or 'pandas', not {name!r}{nearest(name, BACKENDS)}")


def load_in_background() -> None:
    """Import polars in a thread unless that was done, because a frame will be read soon."""
    if "polars" not in sys.modules:
        Thread(target=import_module, args=("polars",), name="ionworks-polars").start()


def from_parquet(content: bytes) -> pl.DataFrame:
    """Read parquet bytes.

    Parameters
    ----------
    content : bytes
        The content of a parquet file.

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
    """Read a parquet file into memory.

    Parameters
    ----------
    path : Path
        The file; it can be deleted afterwards.

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
        raise ValueError(f"expected parquet, got {size} bytes that start with {head!r}")
    try:
        return pl.read_parquet(source)
    # Some damage makes polars panic, which is not even an Exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(f"the parquet file of {size} bytes is damaged: {error}") from error


def from_columns(columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """Make a frame from JSON columns, in which null is a missing value.

    Parameters
    ----------
    columns : Mapping
        ``{name: values}``, all of the same length.

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
        raise ValueError(f"the columns cannot be converted to a table: {error}") from error


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Make a column; a mix of integers and floats becomes floats, as JSON can write 2.0 as 2."""
    import polars as pl

    # All values are inspected: a column of floats can start with thousands of integers.
    kinds = {type(value) for value in values if value is not None}
    has_floats = kinds in ({int, float}, set())
    return pl.Series(name, values, dtype=pl.Float64 if has_floats else None, strict=True)


def time_series_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the missing derived columns of a time series.

    ``Step capacity [A.h]`` is discharge minus charge capacity, both of which restart at 0 with each
    step. ``Capacity [A.h]`` is its continuous sum: the last value of every earlier step is added.
    It requires ``Step count``.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per time point, ordered by time.

    Returns
    -------
    polars.DataFrame
        The same rows with the new columns at the end.
    """
    import polars as pl

    # All columns in one call: for small frames the overhead per call dominates.
    derived = _differences(frame, {_STEP_CAPACITY: (_DISCHARGE_CAPACITY, _CHARGE_CAPACITY)})
    step_capacity = derived.get(_STEP_CAPACITY, pl.col(_STEP_CAPACITY))
    has_steps = _STEP_COUNT in frame.columns and (derived or _STEP_CAPACITY in frame.columns)
    if has_steps and _CAPACITY not in frame.columns:
        # At the first point of a step, the last value of the previous step is added to the sum.
        is_new_step = pl.col(_STEP_COUNT).ne_missing(pl.col(_STEP_COUNT).shift())
        last_value = step_capacity.forward_fill().shift().fill_null(0.0)
        carried = pl.when(is_new_step).then(last_value).otherwise(0.0).cum_sum()
        derived[_CAPACITY] = step_capacity + carried
    return frame.with_columns(**derived) if derived else frame


def steps_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the missing derived columns of a table of steps.

    ``Delta capacity [A.h]`` and ``Delta energy [W.h]`` are discharge minus charge.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per step.

    Returns
    -------
    polars.DataFrame
        The same rows with the new columns at the end.
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
    """Convert a frame to the chosen library.

    Parameters
    ----------
    frame : polars.DataFrame
        Any frame.
    backend : {"polars", "pandas"}, optional
        The client's setting; if None, the process-wide setting is used.
    default : {"polars", "pandas"}
        Used if neither is set.

    Returns
    -------
    polars.DataFrame or pandas.DataFrame
        A pandas frame is made from NumPy arrays by column, so pyarrow is not required.

    Raises
    ------
    ModuleNotFoundError
        If pandas is requested but not installed.
    """
    if (backend or get_dataframe_backend(default)) == "polars":
        return frame
    columns = {column.name: column.to_numpy() for column in frame.iter_columns()}
    converted: pd.DataFrame = _import_pandas().DataFrame(columns)
    return converted


def for_client(frame: pl.DataFrame, settings: Settings) -> Frame:
    """Return the frame in the library a client uses, see `to_backend`."""
    return to_backend(frame, settings.dataframe_backend, settings.default_dataframe_backend)


def like(other: Frame, columns: Mapping[str, Sequence[Any]]) -> Frame:
    """Return columns as `from_columns` does, as a frame of the same library as another one."""
    library = type(other).__module__.partition(".")[0]
    return to_backend(from_columns(columns), check_backend(library, "the library of the frame"))


def _differences(frame: pl.DataFrame, wanted: Mapping[str, tuple[str, str]]) -> dict[str, pl.Expr]:
    """Return expressions for the missing columns that are differences of two existing ones."""
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
        ) from None
    return pd
