"""Files of measurements: which columns of a measurement they have, and under which names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.data.column_mapping import column_mapping
from ionworks.data.column_units import KNOWN_COLUMNS, look_alikes
from ionworks.data.tables import is_parquet, lazy_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

__all__ = ["Layout", "MeasuredFile", "read_measured", "read_rows"]

_TIME: Final = "Time [s]"
_STEP: Final = "Step count"
_CYCLER_STEP: Final = "Step from cycler"
_CYCLER_CYCLE: Final = "Cycle from cycler"
_RECOGNISED: Final = (
    _TIME, "Voltage [V]", "Current [A]", "Temperature [degC]", _STEP, _CYCLER_STEP,
)  # fmt: skip
"""Columns that are looked for under other names. Capacities are not: what a counter counts, and
when it restarts, is not in its name."""
_REMEDY: Final = "see columns, separator, decimal_comma and skip_rows"
_ENDINGS: Final = (".csv", ".csv.gz", ".parquet", ".pq")


def _check_separator(_: object, __: object, value: str | None) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"separator must be text, not {value!r}")
    if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n"):
        raise ValueError(
            f"separator must be one ASCII character, such as ';' or a tab, not {value!r}"
        )


@attrs.frozen(kw_only=True)
class Layout:
    """How a file is to be read.

    Attributes
    ----------
    columns : mapping or None
        Columns of the file that are columns of a measurement, see `column_mapping`.
    separator : str or None
        Between the columns of a CSV file.
    has_decimal_comma : bool
        Whether its numbers have a comma in place of a point.
    skipped_lines : int
        Lines above its heading.
    starts_at_zero : bool
        Whether to subtract the first time that is not missing from all times.
    is_one_step : bool
        Whether to count all rows as one step.

    Raises
    ------
    ValueError, TypeError
        If the separator is not one character.
    """

    columns: Mapping[str, Any] | None = None
    separator: str | None = attrs.field(default=None, validator=_check_separator)
    has_decimal_comma: bool = False
    skipped_lines: int = 0
    starts_at_zero: bool = False
    is_one_step: bool = False


@attrs.frozen(kw_only=True)
class MeasuredFile:
    """The rows of a file with the columns of a measurement.

    Attributes
    ----------
    rows : polars.LazyFrame
        The rows; they are not read yet.
    origins : dict of str to str
        For each column, where it comes from.
    """

    rows: pl.LazyFrame
    origins: dict[str, str]

    def summary(self) -> tuple[int, list[dict[str, Any]]]:
        """Return the number of rows, and extremes and missing values of each column."""
        import polars as pl

        facts = self.rows.select(
            pl.len().alias("rows"),
            *(
                getattr(pl.col(name), kind)().alias(f"{kind} {name}")
                for name in self.origins
                for kind in ("min", "max", "null_count")
            ),
        ).collect(engine="streaming")
        found = facts.row(0, named=True)
        columns = [
            {
                "column": name,
                "from": origin,
                "min": found[f"min {name}"],
                "max": found[f"max {name}"],
                "missing": found[f"null_count {name}"],
            }
            for name, origin in self.origins.items()
        ]
        return found["rows"], columns


def read_measured(path: str, layout: Layout) -> MeasuredFile:
    """Find the columns of a measurement in a file.

    Parameters
    ----------
    path : str
        A CSV or parquet file.
    layout : Layout
        How to read it. Columns that it does not name are recognised by their names and units; a
        missing step count is counted from the changes of the cycler's step numbers.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If it is of another type, or lacks a column that `layout` names.
    """
    table = _table(path, layout)
    names = table.collect_schema().names()
    column_mapping(layout.columns)  # checked before it is combined with what is recognised
    given = dict(layout.columns or {})
    mapped = {**given, **_recognised(names, given)}
    mapping = column_mapping(mapped)
    rows = table if mapping is None else mapping.applied(table, path)
    origins = dict.fromkeys(rows.collect_schema().names(), "as it is")
    for column in () if mapping is None else mapping.columns:
        how = "" if column.given in given else ", recognised"
        factor = "" if column.factor == 1 else f", times {column.factor:g}"
        offset = f", plus {column.offset:g}" if column.offset else ""
        origins[column.target] = f"{column.given!r}{factor}{offset}{how}"
    return _completed(MeasuredFile(rows=rows, origins=origins), layout)


def read_rows(path: str, layout: Layout) -> pl.DataFrame:
    """Read the rows of a file with the columns of a measurement, see `read_measured`.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If it cannot be read as such a table.
    """
    import polars as pl

    try:
        rows = read_measured(path, layout).rows.collect()
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"{path} cannot be read: {reason}; {_REMEDY}") from error
    if not {*rows.columns} & {*KNOWN_COLUMNS}:
        names = ", ".join(map(repr, rows.columns))
        raise ValueError(
            f"no column of a measurement was found in {path}: it has {names}; {_REMEDY}"
        )
    return rows


def _table(path: str, layout: Layout) -> pl.LazyFrame:
    changes = {
        "separator": layout.separator,
        "decimal_comma": layout.has_decimal_comma,
        "skip_rows": layout.skipped_lines,
    }
    wanted = {name: value for name, value in changes.items() if value}
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path!r}")
    if not wanted:
        if not path.lower().endswith(_ENDINGS):
            raise ValueError(
                f"{path} has an unknown file type; known types: {', '.join(_ENDINGS)}; to read"
                " another text file, give its separator"
            )
        return lazy_table(path, path)
    if is_parquet(Path(path)):
        raise ValueError(
            f"{path} is a parquet file: separator, decimal_comma and skip_rows are for text files"
        )
    import polars as pl

    if layout.has_decimal_comma:
        wanted.setdefault("separator", ";")
    options: dict[str, Any] = {"infer_schema_length": None, "encoding": "utf8-lossy", **wanted}
    return pl.scan_csv(path, **options)


def _recognised(names: Sequence[str], given: dict[str, Any]) -> dict[str, str]:
    """Return the columns with usual names of others, or with the only fitting unit."""
    taken = {name.removeprefix("-").strip() for name in given}
    known = {each[0] if isinstance(each, (tuple, list)) else each for each in given.values()}
    found: dict[str, str] = {}
    for target in _RECOGNISED:
        if target in names or target in known:
            continue
        free = [each for each in names if each.strip() and each not in taken and each not in found]
        alike = look_alikes(target, free)
        if alike and _is_readable(alike[0], target):
            found[alike[0]] = target
    return found


def _is_readable(name: str, target: str) -> bool:
    """Return whether the unit of a column is known; if not, the user has to tell it."""
    try:
        column_mapping({name: target})
    except ValueError:
        return False
    return True


def _completed(file: MeasuredFile, layout: Layout) -> MeasuredFile:
    """Return the rows with the columns that can be computed."""
    import polars as pl

    rows, origins = file.rows, dict(file.origins)
    if layout.starts_at_zero and _TIME in origins:
        rows = rows.with_columns(pl.col(_TIME) - pl.col(_TIME).drop_nulls().first())
        origins[_TIME] += ", minus its first value"
    if _STEP in origins:
        if layout.is_one_step:
            raise ValueError(f"the file has a {_STEP!r} already: its rows are not one step")
        return MeasuredFile(rows=rows, origins=origins)
    if layout.is_one_step:
        step, origin = pl.lit(0, dtype=pl.Int64), "one step"
    elif _CYCLER_STEP in origins:
        # As the engine counts them, see docs/measurements.md.
        changing = [name for name in (_CYCLER_STEP, _CYCLER_CYCLE) if name in origins]
        is_new = pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(name).shift()) for name in changing
        )
        step = is_new.cast(pl.Int64).cum_sum() - 1
        origin = "counted from the changes of " + " and ".join(map(repr, changing))
    else:
        return MeasuredFile(rows=rows, origins=origins)
    return MeasuredFile(
        rows=rows.with_columns(step.alias(_STEP)), origins={**origins, _STEP: origin}
    )
