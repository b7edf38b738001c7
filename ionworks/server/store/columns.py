"""Values of many runs as columns of compressed JSON.

A column is a list with a value for each run, or with the one value that all have. Columns of
records have more columns inside: of records with various names, such as parameters, one for each
name, null where a record lacks it; of lists of records with the same names, such as the metrics of
cycles, the lengths of the lists and the columns of all these records.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby, repeat
from typing import Any

import orjson

from ionworks.doe.run_columns import RunColumns

Columns = Mapping[str, Any]


def of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the columns of records by name; None where a record lacks a name."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def encoded(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Return columns with a value for each run as bytes; NaN and infinity become null."""
    return compressed(_short(columns))


def encoded_runs(runs: Sequence[Mapping[str, Any]], others: Mapping[str, Sequence[Any]]) -> bytes:
    """Return the parameters of runs, and further columns, as `encoded` does."""
    if not isinstance(runs, RunColumns):
        kinds = ("experiment_parameters", "design_parameters")
        return encoded({**{kind: [run[kind] for run in runs] for kind in kinds}, **others})
    experiment = [each for each, first, end in runs.stretches() for _ in range(first, end)]
    design = {name: _shortened(values) for name, values in runs.design.items()}
    are_equal = all(isinstance(each, list) and len(each) == 1 for each in design.values())
    one = {name: values[0] for name, values in design.items()} if are_equal else {}
    return compressed(
        {
            "experiment_parameters": _shortened(experiment),
            "design_parameters": [one] if are_equal else {"records": design},
            **_short(others),
        }
    )


def compressed(content: Mapping[str, Any]) -> bytes:
    """Return JSON as bytes; NaN and infinity become null."""
    return zlib.compress(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY))


def encoded_one(values: Mapping[str, Any]) -> bytes:
    """Return the values of a single run as bytes: each is the one value that all runs have."""
    return zlib.compress(orjson.dumps({name: [value] for name, value in values.items()}))


def decoded(content: bytes) -> Columns:
    """Return what was encoded, for `at` and `rows`, or compressed."""
    columns: Columns = orjson.loads(zlib.decompress(content))
    return columns


def stretches(columns: Columns, name: str, count: int) -> Iterator[tuple[Any, int]]:
    """Yield the values of one column, each with the number of runs in sequence that have it."""
    column = columns[name]
    if isinstance(column, list) and len(column) == 1:
        yield column[0], count
        return
    for value, group in groupby(_values(column, count)):
        yield value, sum(1 for _ in group)


def at(columns: Columns, position: int) -> dict[str, Any]:
    """Return the values of one run."""
    return {name: _value(column, position) for name, column in columns.items()}


def rows(columns: Columns, count: int) -> Iterator[dict[str, Any]]:
    """Yield the values of all runs, in their order."""
    names = list(columns)
    if not names:
        yield from ({} for _ in range(count))
        return
    for values in zip(*(_values(column, count) for column in columns.values()), strict=False):
        yield dict(zip(names, values, strict=True))


def cut(columns: Columns, first: int, end: int) -> Columns:
    """Return the columns of the runs from a position up to, and without, another."""
    return {name: _cut(column, first, end) for name, column in columns.items()}


def _cut(column: Any, first: int, end: int) -> Any:
    if isinstance(column, list):
        return column if len(column) == 1 else column[first:end]
    if "records" in column:
        return {"records": cut(column["records"], first, end)}
    lengths = column["lengths"]
    if len(lengths) == 1:
        start, stop = lengths[0] * first, lengths[0] * end
    else:
        start = sum(lengths[:first])
        stop = start + sum(lengths[first:end])
    return {
        "lengths": _cut(lengths, first, end),
        "columns": cut(column["columns"], start, stop),
    }


def _short(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {name: _shortened(values) for name, values in columns.items()}


def _shortened(values: Sequence[Any]) -> Any:
    if not len(values):
        return []
    first = values[0]
    if _may_be_equal(values) and all(_equal(value, first) for value in values):
        return [first]
    if all(isinstance(value, dict) and None not in value.values() for value in values):
        return {"records": _short(of_rows(values))}
    records = _records(values)
    if records is None:
        return list(values)
    return {
        "lengths": _shortened([len(value) for value in values]),
        "columns": _short(of_rows(records)),
    }


def _may_be_equal(values: Sequence[Any]) -> bool:
    """Return False if values are not all equal; much faster than to look at each."""
    return not isinstance(values, list) or values.count(values[0]) == len(values)


def _equal(left: Any, right: Any) -> bool:
    """Return whether values are the same in JSON; 1, 1.0 and True are not."""
    if left is right:
        return True
    if type(left) is not type(right) or left != right:
        return False
    return not isinstance(left, (list, dict)) or orjson.dumps(left) == orjson.dumps(right)


def _records(values: Sequence[Any]) -> list[dict[str, Any]] | None:
    """Return the records of all lists; None if these are not lists of similar records."""
    if not all(isinstance(value, list) for value in values):
        return None
    found = [record for value in values for record in value]
    if not all(isinstance(record, dict) and record.keys() == found[0].keys() for record in found):
        return None
    return found


def _without_null(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


def _value(column: Any, position: int) -> Any:
    if isinstance(column, list):
        return column[0 if len(column) == 1 else position]
    if "records" in column:
        return _without_null(at(column["records"], position))
    lengths = column["lengths"]
    if len(lengths) == 1:
        length, start = lengths[0], lengths[0] * position
    else:
        length, start = lengths[position], sum(lengths[:position])
    return [at(column["columns"], start + offset) for offset in range(length)]


def _values(column: Any, count: int) -> Iterator[Any]:
    if isinstance(column, list):
        return repeat(column[0], count) if len(column) == 1 else iter(column)
    if "records" in column:
        return map(_without_null, rows(column["records"], count))
    lengths = list(_values(column["lengths"], count))
    records = list(rows(column["columns"], sum(lengths)))
    ends = accumulate(lengths)
    return (records[end - length : end] for length, end in zip(lengths, ends, strict=True))
