"""The audit of a large batch finds results that are missing or wrong, and runs that changed."""

import random

import pytest

from tests.endurance.large_batch import LargeBatch, Seen, changed, compare

RESULTS = [Seen(62, 3600.0 + each, 5.0 + each / 1000) for each in range(4)]


def test_equal_results_have_no_findings():
    again = [Seen(each.rows, each.seconds * (1 + 1e-9), each.capacity) for each in RESULTS]
    assert compare(RESULTS, again) == []


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (RESULTS[:3], "1 results are missing"),
        ([*RESULTS, RESULTS[0]], "1 results too many"),
        ([RESULTS[1], RESULTS[0], *RESULTS[2:]], "2 results are wrong: run 0 has"),
        ([Seen(61, 3600.0, 5.0), *RESULTS[1:]], "1 results are wrong: run 0 has"),
    ],
)
def test_results_that_differ_are_findings(found, finding):
    [text] = compare(RESULTS, found)
    assert text.startswith(finding)


def test_runs_that_changed_after_their_end_are_findings():
    before = {"a": "10:00", "b": "10:01", "c": "10:02"}
    assert changed(before, before | {"d": "10:03"}) == []
    assert changed(before, {"a": "10:00", "b": "10:09"}) == [
        "1 ended runs are lost: c",
        "1 ended runs changed: b",
    ]


def test_the_runs_of_a_batch_are_different_and_in_random_order():
    thicknesses = LargeBatch(100, random.Random(1)).thicknesses
    assert len({*thicknesses}) == 100
    assert thicknesses != sorted(thicknesses)
