"""Fields of a design that change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks import doe

NORMAL = {"type": "normal", "name": "n", "mean": 0, "std": 1}
RANGE = {"type": "range", "name": "r", "min": 0, "max": 1}


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"sampling": "grid", "rows": [{**RANGE, "count": 2}], "seed": 1}, ".seed has no effect"),
        ({"sampling": "grid", "rows": [{**RANGE, "count": 1}]}, "rows[0].max has no effect"),
        ({"sampling": "random", "rows": [{**NORMAL, "count": 3}], "count": 2}, "rows[0].count has"),
        (
            {
                "sampling": "latin_hypercube",
                "rows": [{**RANGE, "count": 1}, {**NORMAL, "count": 4}],
            },
            "each of the 4 runs has its own value of 'r'",
        ),
    ],
)
def test_a_field_without_an_effect_is_found(design: dict[str, Any], words: str) -> None:
    [sentence] = doe.without_effect(design)

    assert words in sentence


@pytest.mark.parametrize(
    "design",
    [
        {"sampling": "grid", "rows": [{**RANGE, "count": 2}, {**NORMAL, "count": 1}], "seed": 1},
        {"sampling": "random", "rows": [{**RANGE, "count": 2}, NORMAL], "seed": 1},
        {"sampling": "latin_hypercube", "rows": [{**RANGE, "count": 2}], "count": 2},
    ],
)
def test_other_fields_have_one(design: dict[str, Any]) -> None:
    assert doe.without_effect(design) == []
