"""Columns give back the values of each run, and repeat nothing that all runs share."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.store import columns

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.0, 1.0, 0.1, "1"])
RECORDS = st.lists(st.fixed_dictionaries({"x": SCALARS, "y": SCALARS}), max_size=3)
MIXED = st.lists(st.dictionaries(NAMES, SCALARS), max_size=2)
PARAMETERS = st.dictionaries(NAMES, SCALARS, max_size=3)
RUNS = st.fixed_dictionaries({"a": SCALARS, "b": RECORDS, "c": MIXED, "d": PARAMETERS})


@given(st.lists(RUNS, max_size=6))
def test_each_run_gets_its_values_back(runs):
    content = columns.decoded(columns.encoded(columns.of_rows(runs)))

    found = list(columns.rows(content, len(runs)))

    single = [columns.at(content, position) for position in range(len(runs))]
    assert text_of(found) == text_of(single) == text_of(runs)


@given(st.lists(RUNS, max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_some_runs_in_sequence_are_cut_out(runs, first, end):
    first, end = min(first, end, len(runs)), min(max(first, end), len(runs))
    content = columns.decoded(columns.encoded(columns.of_rows(runs)))

    found = columns.rows(columns.cut(content, first, end), end - first)

    assert text_of(list(found)) == text_of(runs[first:end])


@given(RUNS)
def test_a_single_run_gets_its_values_back(run):
    content = columns.decoded(columns.encoded_one(run))

    assert text_of(columns.at(content, 0)) == text_of(run)


def test_a_record_without_a_name_has_null():
    assert columns.of_rows([{"a": 1}, {"b": 2}]) == {"a": [1, None], "b": [None, 2]}


def test_runs_without_any_value_are_counted():
    assert list(columns.rows(columns.decoded(columns.encoded({})), 2)) == [{}, {}]


def test_numbers_that_are_not_finite_become_null():
    content = columns.encoded({"a": [math.nan, 1.0], "b": [math.inf, math.inf]})

    assert list(columns.rows(columns.decoded(content), 2)) == [
        {"a": None, "b": None},
        {"a": 1.0, "b": None},
    ]


def test_a_value_that_all_runs_share_is_stored_once():
    cycles = [{"Cycle count": 1, "Duration [s]": 3600.0}]

    few = columns.encoded({"a": [1.0] * 2, "Cycles": [cycles] * 2})
    many = columns.encoded({"a": [1.0] * 2000, "Cycles": [cycles] * 2000})

    assert few == many


def text_of(rows):
    """Return a text in which 1, 1.0 and True differ."""
    return json.dumps(rows, sort_keys=True)
