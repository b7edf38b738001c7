"""Texts of runs: equal for equal runs, and for no others."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ionworks.doe.run_columns import RunColumns
from ionworks.server.store.columns import decoded, encoded_runs, rows
from ionworks.server.store.run_digests import of_texts, texts_of
from tests.unit.doe.test_run_columns import columns

NAMES = st.sampled_from(["a", "b", "a, b", "'", "é"])
VALUES = st.one_of(
    st.floats(allow_nan=False), st.integers(-2, 2), st.booleans(), st.text(max_size=3)
)
PARAMETERS = st.dictionaries(NAMES, VALUES, max_size=3)
RUNS = st.fixed_dictionaries({"experiment_parameters": PARAMETERS, "design_parameters": PARAMETERS})


def exact(run: dict[str, Any]) -> Any:
    """What makes a run: names and values, with the types of these and the sign of zero."""
    return [
        sorted((name, type(value).__name__, repr(value)) for name, value in run[kind].items())
        for kind in ("experiment_parameters", "design_parameters")
    ]


@given(st.lists(RUNS, min_size=2, max_size=6))
def test_texts_are_equal_exactly_for_equal_runs(runs: list[dict[str, Any]]) -> None:
    texts = texts_of(runs)

    for run, text in zip(runs, texts, strict=True):
        assert [text == other for other in texts] == [exact(run) == exact(each) for each in runs]


def test_the_order_of_names_does_not_matter() -> None:
    one = {"experiment_parameters": {}, "design_parameters": {"b": 1.0, "a": 2.0}}
    same = {"experiment_parameters": {}, "design_parameters": {"a": 2.0, "b": 1.0}}

    first, second = texts_of([one, same])

    assert first == second
    assert of_texts(b"content", [first]) == of_texts(b"content", [second])
    assert of_texts(b"content", [first]) != of_texts(b"other content", [first])


@given(columns())
def test_texts_of_columns_are_those_of_the_runs(runs: RunColumns) -> None:
    assert texts_of(runs) == texts_of(list(runs))


@given(columns())
def test_columns_are_stored_as_the_runs_are(runs: RunColumns) -> None:
    if not len(runs):
        return
    notes = {"notes": [[]] * len(runs)}

    found = encoded_runs(runs, notes)

    assert found == encoded_runs(list(runs), notes)
    expected = [{**run, "notes": []} for run in runs]
    assert list(rows(decoded(found), len(runs))) == expected
