"""Measurements: columns of numbers, read from references or descriptions, and cut."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import frozen

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.fields import Issues, is_integer, strictly
from ionworks.ucp.units import CELSIUS_OFFSET

TIME: Final = "Time [s]"
CURRENT: Final = "Current [A]"
VOLTAGE: Final = "Voltage [V]"
CAPACITY: Final = "Capacity [A.h]"
STOICHIOMETRY: Final = "Stoichiometry"
STEP: Final = "Step count"
TEMPERATURES: Final = ("Temperature [degC]", "Ambient temperature [degC]")

_AXES: Final = (
    TIME,
    "Time [h]",
    "Time [d]",
    "Frequency [Hz]",
    STOICHIOMETRY,
    CAPACITY,
    "Cycle number",
    "Cycle count",
    "Temperature [K]",
)
"""Independent variables; that of some data is the first of these they have."""

FIELDS: Final = ("time_series", "steps", "data", "options", "time_range", "analysis", "metadata")
"""Fields of a description of data; a mapping without them holds columns."""

_OPTIONS: Final = (
    "transforms",
    "first_step",
    "last_step",
    "sort",
    "remove_duplicates",
    "capacity_column",
)
_TRANSFORMS: Final = ("sort", "remove_duplicates")


@frozen
class DataInfo:
    """Columns and rows of a measurement that is not loaded.

    Attributes
    ----------
    columns : tuple of str
        Of its time series.
    rows : int
    """

    columns: tuple[str, ...]
    rows: int


@frozen(eq=False)
class Measurement:
    """A time series, or any other table of numbers.

    Attributes
    ----------
    frame : polars.DataFrame
    label : str
        Its name in messages.
    """

    frame: pl.DataFrame
    label: str

    def column(self, name: str) -> Floats:
        """Return a column as floats.

        Raises
        ------
        ValueError
            If it is missing or empty, or has values that are not finite numbers.
        """
        if name not in self.frame.columns:
            raise ValueError(f"{self.label} {missing_column(name, self.frame.columns)}")
        try:
            values = self.frame[name].cast(pl.Float64).to_numpy()
        except pl.exceptions.PolarsError:
            raise ValueError(f"{self.label}: column {name!r} does not hold numbers") from None
        bad = ~np.isfinite(values)
        if bad.any():
            raise ValueError(
                f"{self.label}: column {name!r} has no number in row {int(bad.argmax())}; drop "
                "such rows first"
            )
        if not len(values):
            raise ValueError(f"{self.label} has no rows")
        return np.asarray(values)

    def has(self, name: str) -> bool:
        """Return whether there is a column of a name."""
        return name in self.frame.columns

    @property
    def axis(self) -> str:
        """The independent variable.

        Raises
        ------
        ValueError
            If it has none of those that are known.
        """
        for name in _AXES:
            if self.has(name):
                return name
        raise ValueError(
            f"{self.label} cannot be sorted and has no duplicates to remove without an independent "
            f"variable: give one of the columns {', '.join(map(repr, _AXES))}"
        )

    @property
    def temperature(self) -> float | None:
        """The first measured temperature [K]; None without one."""
        for name in TEMPERATURES:
            if self.has(name):
                first = self.frame[name].drop_nulls()
                if len(first):
                    return float(first[0]) + CELSIUS_OFFSET
        return None


def missing_column(name: str, columns: Sequence[str]) -> str:
    """Return the error message for a missing column, to follow the name of the data."""
    return f"has no column {name!r}{nearest(name, columns)}; columns: {', '.join(columns)}"


def read_measurement(given: Any, sources: Mapping[str, Any], label: str) -> Measurement:
    """Return the measurement an objective or calculation names.

    Parameters
    ----------
    given : str, mapping or polars.DataFrame
        A reference, columns, or a description; see `FIELDS`.
    sources : mapping
        References and the data they stand for.
    label : str
        Its name in messages.

    Raises
    ------
    ValueError
        If it cannot be found, or an option of it is not usable.
    """
    if isinstance(given, Measurement):
        return given
    if isinstance(given, pl.DataFrame):
        return Measurement(given, label)
    if isinstance(given, str):
        if given not in sources:
            raise ValueError(
                f"{label}: unknown data {given!r}{nearest(given, sources)}; give a reference of "
                "the form 'db:<measurement id>' or the data of an earlier entry"
            )
        # A reference that leads back to itself must not be followed for ever.
        others = {name: source for name, source in sources.items() if name != given}
        return read_measurement(sources[given], others, label)
    if not isinstance(given, Mapping):
        raise ValueError(f"{label} is {given!r}: give a reference, or columns of numbers")
    for key in ("time_series", "data"):
        if key in given:
            inner = read_measurement(given[key], sources, label)
            return _cut(inner, given, label)
    try:
        frame = pl.DataFrame({str(name): list(values) for name, values in given.items()})
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise ValueError(f"{label}: its columns are not a table: {error}") from None
    return Measurement(frame, label)


def check_data(given: Any, label: str, issues: Issues) -> None:
    """Find the errors in a description of data before the data are loaded."""
    if isinstance(given, str | pl.DataFrame):
        return
    if not isinstance(given, Mapping):
        issues.add(f"{label} is {given!r}: give a reference, or columns of numbers")
        return
    if not {"data", "time_series"}.intersection(given):
        return
    for name in given:
        if name not in FIELDS:
            issues.add(f"{label} has no field {name!r}: use {', '.join(FIELDS)}")
    if {"data", "time_series"} <= set(given):
        issues.add(f"{label}: 'data' and 'time_series' are the same thing: give only one")
    if given.get("analysis") is not None:
        issues.add(f"{label}: 'analysis' is not supported; name the data itself")
    _check_cuts(given, issues.within(label))
    check_data(given.get("data", given.get("time_series")), label, issues)


def _check_cuts(given: Mapping[str, Any], issues: Issues) -> None:
    """Find the errors in the options and the time range of a description of data."""
    options = given.get("options") or {}
    if not isinstance(options, Mapping) or not isinstance(options.get("transforms") or {}, Mapping):
        issues.add("options and their transforms are mappings of names to values")
        return
    for names, known, noun in (
        (options, _OPTIONS, "option"),
        (options.get("transforms") or {}, _TRANSFORMS, "transform"),
    ):
        for name, value in names.items():
            if name not in known and value not in (None, False):
                issues.add(f"the {noun} {name!r} is not supported; use {', '.join(known)}")
    for name in ("first_step", "last_step"):
        value = options.get(name)
        if value is not None and not is_integer(value):
            issues.add(f"{name} is {value!r}; only step counts (integers) are built")
    column = options.get("capacity_column")
    if column is not None and not isinstance(column, str):
        issues.add(f"capacity_column is {column!r}; give the name of a column")
    if given.get("time_range") is not None:
        _check_span(given["time_range"], issues)


def _check_span(span: Any, issues: Issues) -> None:
    if not isinstance(span, Mapping) or "start" not in span or not {"end", "duration"} & set(span):
        issues.add("time_range needs 'start', and 'end' or 'duration' [s]")
        return
    for name, value in span.items():
        is_known = name in {"start", "end", "duration"}
        if not is_known or (value is not None and not is_number(value)):
            issues.add(f"time_range: {name!r} is {value!r}; give start, and end or duration, in s")


def _cut(measurement: Measurement, given: Mapping[str, Any], label: str) -> Measurement:
    """Return the part of a measurement that its description selects."""
    own = {name: value for name, value in given.items() if name != "time_series"}
    strictly(check_data, {**own, "data": measurement.frame}, label)
    frame = measurement.frame
    options = given.get("options") or {}
    transforms = {**options, **(options.get("transforms") or {})}
    column = options.get("capacity_column")
    if column is not None and column != CAPACITY:
        frame = frame.with_columns(pl.Series(CAPACITY, measurement.column(column)))
    first, last = options.get("first_step"), options.get("last_step")
    if first is not None or last is not None:
        steps = measurement.column(STEP)
        low = -np.inf if first is None else first
        high = np.inf if last is None else last
        frame = frame.filter(pl.Series((steps >= low) & (steps <= high)))
    span = given.get("time_range")
    if span is not None:
        start = float(span["start"])
        end = float(span["end"]) if span.get("end") is not None else start + float(span["duration"])
        if TIME not in frame.columns:
            raise ValueError(f"{label}: time_range: {missing_column(TIME, frame.columns)}")
        frame = frame.filter(pl.col(TIME).is_between(start, end))
    if transforms.get("sort"):
        frame = frame.sort(Measurement(frame, label).axis, maintain_order=True)
    if transforms.get("remove_duplicates"):
        axis = Measurement(frame, label).axis
        subsets = [axis]
        if axis in {STOICHIOMETRY, CAPACITY} and VOLTAGE in frame.columns:
            # An open-circuit curve has one point at each voltage, too.
            subsets.append(VOLTAGE)
        for name in subsets:
            frame = frame.unique(subset=[name], keep="first", maintain_order=True)
    if frame.is_empty():
        raise ValueError(f"{label}: no row is left after the cut")
    return Measurement(frame, label)
