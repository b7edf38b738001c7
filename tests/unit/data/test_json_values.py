"""Conversion of Python values to JSON types."""

import json
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from ionworks.data.json_values import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        ("x", "x"),
        (float("nan"), None),
        (float("-inf"), None),
        (np.float64(2.5), 2.5),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[1.0, np.nan], [np.inf, 2.0]]), [[1.0, None], [None, 2.0]]),
        ((1, (2, 3)), [1, [2, 3]]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (date(2026, 5, 8), "2026-05-08"),
        (datetime(2026, 5, 8, tzinfo=UTC), "2026-05-08T00:00:00+00:00"),
    ],
    ids=repr,
)
def test_values_become_plain(value: Any, expected: Any) -> None:
    result = plain(value, "value")
    assert result == expected
    assert type(result) is type(expected)
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: "x"}, r"^data has the key 1: keys must be text"),
        ({"a": [0, object()]}, r"^data\['a'\]\[1\] is a object, which JSON cannot express"),
        ({"a": {1, 2}}, r"^data\['a'\] is a set"),
        (b"bytes", "^data is a bytes"),
    ],
)
def test_values_without_a_json_form_are_named_with_their_place(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        plain(value, "data")


def test_a_value_that_contains_itself_is_rejected() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ValueError, match="data is nested too deeply, or contains itself"):
        plain(value, "data")
