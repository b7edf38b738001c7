"""The metadata of a measurement, checked before an upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ionworks.data.filters import moment
from ionworks.data.json_values import plain
from ionworks.doe.scalars import known_fields
from ionworks.requests.fields import named, text

__all__ = ["check_tags", "measurement_fields", "time_series_request"]

_KEYS = ("measurement", "time_series", "steps")
_TIMES = ("start_time", "end_time")
_MAPPINGS = ("protocol", "test_setup")
_LONGEST_NAME = 255


def time_series_request(data: Any) -> tuple[dict[str, Any], Any, Any]:
    """Check the argument of ``client.cell_measurement.create`` and return its parts.

    Parameters
    ----------
    data : mapping
        ``{"measurement": {...}, "time_series": table, "steps"?: table}``.

    Returns
    -------
    tuple
        The fields of the measurement as JSON, the time series, and the steps or None.

    Raises
    ------
    TypeError, ValueError
        If a key is unknown or missing, or a field is invalid.
    """
    fields = known_fields(data, "data", _KEYS)
    for key in _KEYS[:2]:
        if key not in fields:
            raise ValueError(
                f"data[{key!r}] is missing: expected {{'measurement': {{'name': ...}},"
                " 'time_series': table}"
            )
    measurement = measurement_fields(fields["measurement"], "data['measurement']")
    return measurement, fields["time_series"], fields.get("steps")


def measurement_fields(values: Any, where: str, *, needs_name: bool = True) -> dict[str, Any]:
    """Return the fields of a measurement as JSON, without those that are None.

    Parameters
    ----------
    values : mapping
        ``name``, ``notes``, ``protocol``, ``test_setup``, ``start_time``, ``end_time``, ``tags``
        and any other field of the contract.
    where : str
        Name of the argument in messages.
    needs_name : bool, optional
        Whether the name is required.

    Raises
    ------
    TypeError, ValueError
        If a field is invalid.
    """
    given = {key: value for key, value in named(values, where).items() if value is not None}
    if needs_name or "name" in given:
        name = text(given.get("name"), f"{where}['name']")
        if len(name) > _LONGEST_NAME:
            raise ValueError(
                f"{where}['name'] must have at most {_LONGEST_NAME} characters, not {len(name)}"
            )
    for key in _TIMES:
        if key in given:
            given[key] = moment(f"{where}[{key!r}]", given[key])
    for key in _MAPPINGS:
        if key in given:
            named(given[key], f"{where}[{key!r}]")
    if "tags" in given:
        given["tags"] = check_tags(given["tags"], f"{where}['tags']")
    fields: dict[str, Any] = plain(given, where)
    return fields


def check_tags(tags: Any, where: str) -> list[str]:
    """Return tags as a list of text without duplicates.

    Raises
    ------
    TypeError, ValueError
        If a tag is not text, or is empty.
    """
    if isinstance(tags, str):
        return [text(tags, where)]
    if isinstance(tags, Mapping) or not isinstance(tags, Iterable):
        raise TypeError(f"{where} must be a list of text, not {tags!r}")
    return list(dict.fromkeys(text(tag, f"{where}[{index}]") for index, tag in enumerate(tags)))
