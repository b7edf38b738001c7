"""Errors of large bodies, which are found in pieces."""

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.http.contract import Contract
from ionworks.server.http.pieces import SIZE, pieces
from ionworks.server.http.problems import Problem

SUBMISSION = Contract().check("create_simulations")
STATUSES = Contract().check("get_simulation_statuses")
RUNS = 3 * SIZE + 5


def submission(**fields):
    return {
        "parameterized_model": "m",
        "experiment_template_id": "t",
        "experiment_parameter_sets": [{}],
        **fields,
    }


def places(check, value):
    with pytest.raises(Problem) as caught:
        check.body(value)
    return [tuple(item["loc"]) for item in caught.value.detail]


@given(st.sets(st.integers(0, RUNS - 1), min_size=1, max_size=30))
def test_wrong_members_of_a_long_list_are_found_wherever_they_are(wrong):
    values = [{"thickness": "thick" if index in wrong else 1.0} for index in range(RUNS)]
    conditions = [{"experiment_parameters": {}, "design_parameters": each} for each in values]

    expected = [
        ("body", "conditions", index, "design_parameters", "thickness") for index in sorted(wrong)
    ]
    assert places(SUBMISSION, submission(conditions=conditions)) == expected[:20]


@given(st.sets(st.integers(0, RUNS - 1), min_size=1, max_size=5), st.integers(0, RUNS - 1))
def test_wrong_values_of_a_long_object_in_a_long_list_are_found(wrong, run):
    values = {f"p{index}": None if index in wrong else 1.0 for index in range(RUNS)}
    conditions = [{"experiment_parameters": {}, "design_parameters": {}} for _ in range(RUNS)]
    conditions[run]["design_parameters"] = values

    found = places(SUBMISSION, submission(conditions=conditions))

    assert found == [
        ("body", "conditions", run, "design_parameters", f"p{index}") for index in sorted(wrong)
    ]


def test_what_is_wrong_with_a_list_as_a_whole_is_found():
    assert places(STATUSES, {"simulation_ids": ["a"] * 1001}) == [("body", "simulation_ids")]
    assert places(SUBMISSION, [1] * 1000) == [("body",)]


def test_unknown_fields_after_many_others_are_found():
    values = {**submission(), **{f"unknown {index}": 1 for index in range(1000)}}

    assert places(SUBMISSION, values) == [("body",)]
    # Fields that are needed are not missing because they come late.
    values = {**{f"unknown {index}": 1 for index in range(1000)}, **submission()}
    assert places(SUBMISSION, values) == [("body",)]


def test_an_error_in_the_name_of_a_long_field_has_a_short_location():
    conditions = [{"experiment_parameters": {}, "design_parameters": {"x" * 100_000: "thick"}}]

    [place] = places(SUBMISSION, submission(conditions=conditions))

    assert len(place[-1]) < 250


def test_no_piece_has_many_errors():
    value = submission(conditions=[{"experiment_parameters": 1} for _ in range(2000)])
    every = jsonschema_rs.validator_for({"properties": {"conditions": {"items": {"minimum": 3}}}})

    assert len(list(every.iter_errors({"conditions": [1] * 2000}))) == 2000
    for piece in pieces(value):
        assert len(piece.value["conditions"]) <= SIZE
