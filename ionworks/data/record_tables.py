"""Tables with one row, or many rows, for each of several records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ionworks.data import frames
from ionworks.doe.scalars import nearest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    import polars as pl

__all__ = ["apart", "refuse_unknown", "scalars", "stacked", "table"]


def apart(name: str, taken: Container[str], kind: str) -> str:
    """Return a name for a column that no other column has."""
    return f"{name} ({kind})" if name in taken else name


def scalars(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values that fit into one table cell; lists, such as values by cycle, do not."""
    for name, value in values.items():
        if value is None or isinstance(value, (bool, int, float, str)):
            yield name, value


def table(columns: Mapping[str, list[Any]], *, texts: Iterable[str]) -> pl.DataFrame:
    """Make a frame of columns.

    Parameters
    ----------
    columns : Mapping
        ``{name: values}``, with None for missing values. If a column mixes text and numbers, all
        of its values become text.
    texts : iterable of str
        Columns of text, also if they are empty.
    """
    import polars as pl

    made = frames.from_columns({name: _of_one_type(each) for name, each in columns.items()})
    # polars infers a numeric type for a column of nulls.
    return made.cast(dict.fromkeys(texts, pl.String))


def stacked(
    keys: pl.DataFrame, tables: Sequence[pl.DataFrame], columns: Sequence[str]
) -> pl.DataFrame:
    """Put tables under each other, each with its row of keys in front.

    Parameters
    ----------
    keys : polars.DataFrame
        One row for each table.
    tables : sequence of polars.DataFrame
        At least one; those of `columns` that a table lacks are null.
    columns : sequence of str
        Columns of the result after the keys.
    """
    import polars as pl

    heights = pl.Series("rows", [each.height for each in tables])
    rows = pl.int_range(keys.height, eager=True).repeat_by(heights).explode().drop_nulls()
    values = pl.concat(tables, how="diagonal_relaxed").select(*columns)
    return pl.concat([keys[rows], values], how="horizontal")


def refuse_unknown(wanted: Iterable[str], seen: set[str], owner: str) -> None:
    """Raise a ValueError if a column exists in no table.

    Parameters
    ----------
    wanted : iterable of str
        The requested columns.
    seen : set of str
        Those that exist.
    owner : str
        What has none of them, in the message.
    """
    for name in wanted:
        if name not in seen:
            raise ValueError(
                f"{owner} has a column {name!r}{nearest(name, seen)}; available columns:"
                f" {', '.join(sorted(seen))}"
            )


def _of_one_type(values: list[Any]) -> list[Any]:
    """Return values of one type: if text and numbers are mixed, all become text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or len(kinds) <= 1:
        return values
    return [None if value is None else str(value) for value in values]
