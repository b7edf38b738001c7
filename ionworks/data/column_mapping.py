"""Columns of a cycler's export as columns of a measurement: other names, units and signs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ionworks.data.column_units import KNOWN_COLUMNS, TEXT_COLUMNS, named_unit, read_factor
from ionworks.doe.scalars import finite, nearest
from ionworks.ucp.quantities import DimensionError, unit_in

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ColumnMapping", "column_mapping"]

_FORMS: Final = (
    "a name such as 'Current [A]', or a name with the unit of the source or a factor, such as"
    " ('Current [A]', 'mA') or ('Current [A]', 0.001)"
)
_UNSIGNED: Final = frozenset(
    {"Time [s]", "Temperature [degC]", "Frequency [Hz]", "Step count", "Cycle count", *TEXT_COLUMNS}
)
"""Columns without a sign convention: their sign is never reversed."""
_ROUNDING: Final = 1e-9
_REVERSED: Final = "-"


@frozen
class _Column:
    """One column of a mapping: the name as it was given, the target and its conversion."""

    given: str
    target: str
    factor: float
    offset: float


@frozen
class ColumnMapping:
    """Names, units and signs of columns; made by `column_mapping`."""

    columns: tuple[_Column, ...]

    def applied(self, table: pl.LazyFrame, where: str) -> pl.LazyFrame:
        """Return a table with the mapped columns renamed and converted, the others unchanged.

        Parameters
        ----------
        table : polars.LazyFrame
            The table; it is not read.
        where : str
            Its name in messages.

        Raises
        ------
        ValueError
            If a column is missing, mapped twice, exists already under its new name, or has no
            numbers to convert.
        """
        import polars as pl

        schema = table.collect_schema()
        by_source: dict[str, tuple[_Column, float]] = {}
        for column in self.columns:
            source, sign = self._source(column, schema, where)
            if source in by_source:
                raise ValueError(f"columns maps the column {source!r} twice")
            if sign * column.factor < 0 and column.target in _UNSIGNED:
                raise ValueError(
                    f"columns[{column.given!r}] reverses the sign of {column.target!r}, which has"
                    " no direction"
                )
            by_source[source] = column, sign
        expressions = []
        for name, kind in schema.items():
            if name in by_source:
                column, sign = by_source[name]
                expressions.append(_expression(name, kind, column, sign))
            elif any(name == column.target for column in self.columns):
                [other] = [each.given for each in self.columns if each.target == name]
                raise ValueError(
                    f"columns maps {other!r} to {name!r}, but {where} has a column {name!r}"
                    " already: drop one of them"
                )
            else:
                expressions.append(pl.col(name))
        return table.select(expressions)

    @staticmethod
    def _source(column: _Column, schema: pl.Schema, where: str) -> tuple[str, float]:
        """Return the column of the table, and -1 if its sign is to be reversed."""
        if column.given in schema:  # also a name that begins with a minus, such as -Im(Z)/Ohm
            return column.given, 1.0
        name = column.given.removeprefix(_REVERSED).strip()
        if column.given.startswith(_REVERSED) and name in schema:
            return name, -1.0
        raise ValueError(
            f"columns names {name!r}, but {where} has no such column"
            f"{nearest(name, schema) or '; it has ' + ', '.join(map(repr, schema))}"
        )


def column_mapping(columns: Any) -> ColumnMapping | None:
    """Check the argument `columns` of an upload.

    Parameters
    ----------
    columns : mapping or None
        Names of columns in the table -> columns of a measurement: a name, or a tuple of the name
        and the unit of the values in the table, or the factor they are multiplied by. Without
        either, the unit is read from the name in the table: ``{"Current(mA)": "Current [A]"}``. A
        minus before the name in the table reverses the sign.

    Returns
    -------
    ColumnMapping or None
        The conversions; None if no column is mapped.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown or mapped to twice, a unit is unknown, contradicts the name or measures
        another quantity, or a factor is invalid.
    """
    if columns is None:
        return None
    if not isinstance(columns, Mapping):
        raise TypeError(
            "columns must be a mapping such as {'Current(mA)': 'Current [A]'}, not"
            f" {type(columns).__name__} {columns!r}"
        )
    found = tuple(_read(given, wanted) for given, wanted in columns.items())
    for column in found:
        others = [each.given for each in found if each.target == column.target]
        if len(others) > 1:
            raise ValueError(
                f"columns maps several columns to {column.target!r}: {', '.join(map(repr, others))}"
            )
    return ColumnMapping(found) if found else None


def _read(given: Any, wanted: Any) -> _Column:
    if not isinstance(given, str) or not given.removeprefix(_REVERSED).strip():
        raise TypeError(f"columns has the key {given!r}: keys must be names of columns")
    where = f"columns[{given!r}]"
    target, scale = wanted, None
    if isinstance(wanted, (tuple, list)):
        if len(wanted) != 2:
            raise ValueError(f"{where} must be {_FORMS}, not {wanted!r}")
        target, scale = wanted
    if not isinstance(target, str):
        raise TypeError(f"{where} must be {_FORMS}, not {wanted!r}")
    if target.startswith(_REVERSED):
        raise ValueError(
            f"{where} is {target!r}: to reverse the sign, write the minus before the name in the"
            f" table, {_REVERSED + given!r}"
        )
    if target not in KNOWN_COLUMNS:
        raise ValueError(
            f"{where} is the unknown column {target!r}{nearest(target, KNOWN_COLUMNS)}; columns of"
            f" a measurement are {', '.join(map(repr, KNOWN_COLUMNS))}. Other columns keep their"
            " names"
        )
    factor, offset = _conversion(given.removeprefix(_REVERSED), target, scale, where)
    return _Column(given, target, factor, offset)


def _conversion(name: str, target: str, scale: Any, where: str) -> tuple[float, float]:
    """Return factor and offset from the unit or the factor that was given, or from the name."""
    if not unit_in(target):
        if scale is not None:
            raise ValueError(f"{where} gives {scale!r}, but {target!r} has no unit to convert to")
        return 1.0, 0.0
    written = named_unit(name, target).unit
    if scale is None:
        return _of_name(written, target, where)
    factor, offset = _explicit(scale, target, where)
    try:
        named = read_factor(written, target) if written else (abs(factor), offset)
    except DimensionError as problem:
        raise ValueError(f"{where}: {problem}") from None
    except ValueError:
        return factor, offset  # the brackets do not contain a unit, as in Current (DC)
    if not math.isclose(abs(factor), named[0], rel_tol=_ROUNDING) or offset != named[1]:
        raise ValueError(
            f"{where} gives {scale!r}, but the name says {written!r}: leave it out, or rename the"
            " column if its name is wrong"
        )
    return factor, offset


def _of_name(unit: str, target: str, where: str) -> tuple[float, float]:
    remedy = f"give that of its values, as in ({target!r}, {unit_in(target)!r})"
    if not unit:
        raise ValueError(f"{where}: the name contains no unit; {remedy}")
    try:
        return read_factor(unit, target)
    except DimensionError as problem:
        raise ValueError(f"{where}: {problem}") from None
    except ValueError as problem:
        raise ValueError(
            f"{where}: the unit {unit!r} in the name cannot be converted to {unit_in(target)!r}"
            f" ({problem}); {remedy}, or convert the values first"
        ) from None


def _explicit(scale: Any, target: str, where: str) -> tuple[float, float]:
    if isinstance(scale, str):
        try:
            return read_factor(scale, target)
        except ValueError as problem:
            raise ValueError(f"{where}: {problem}") from None
    factor = finite(scale, f"the factor in {where}")
    if factor == 0:
        raise ValueError(f"the factor in {where} must not be 0")
    return factor, 0.0


def _expression(name: str, kind: pl.DataType, column: _Column, sign: float) -> pl.Expr:
    import polars as pl

    factor = sign * column.factor
    values = pl.col(name)
    if factor != 1 or column.offset:
        if not kind.is_numeric():
            raise ValueError(
                f"columns[{column.given!r}] converts the column {name!r}, which contains {kind},"
                " not numbers"
            )
        values = values.cast(pl.Float64)
        divisor = round(1 / factor) if abs(factor) > _ROUNDING else 0
        # 50 mA is exactly 0.05 A if it is divided by 1000, and not if it is multiplied by 0.001.
        if abs(divisor) > 1 and math.isclose(divisor * factor, 1, rel_tol=_ROUNDING):
            values = values / divisor
        else:
            values = values * factor
        if column.offset:
            values = values + column.offset
    return values.alias(column.target)
