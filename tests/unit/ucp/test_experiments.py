"""Experiments in PyBaMM's form as documents, and sentences among the steps of a document."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks.ucp import experiment_document, parse, to_document, without_sentences

DISCHARGE = {"Discharge": {"mode": "C-rate", "value": 1, "ends": ["Voltage < 2.5"]}}
CHARGE = {"Charge": {"mode": "C-rate", "value": 0.5, "ends": ["Voltage > 4.2"]}}
HOLD = {"Charge": {"mode": "Voltage", "value": 4.2, "ends": ["Current < 0.05"]}}
REST = {"Rest": {"duration": 600}}
SENTENCES = [
    "Discharge at 1C until 2.5 V",
    "Rest for 10 minutes",
    "Charge at C/2 until 4.2 V",
    "Hold at 4.2 V until 50 mA",
]
STEPS = [DISCHARGE, REST, CHARGE, HOLD]


def read(steps: Any, **settings: Any) -> Any:
    """Return the canonical steps of a document; it must be valid."""
    result = parse({**settings, "steps": steps})
    assert result.errors == ()
    assert result.protocol is not None
    return to_document(result.protocol)["steps"]


def steps_of(given: Any) -> Any:
    return read(**experiment_document(given))


def test_sentences_are_one_sequence_of_steps() -> None:
    assert steps_of(SENTENCES) == read(STEPS)
    assert steps_of([(each,) for each in SENTENCES]) == read(STEPS)
    assert steps_of(["\n".join(SENTENCES)]) == read(STEPS)


def test_tuples_are_cycles() -> None:
    found = steps_of([tuple(SENTENCES[:2]), SENTENCES[2], SENTENCES[3:]])

    assert found == read([DISCHARGE, REST, "Advance cycle", CHARGE, "Advance cycle", HOLD])


def test_many_equal_cycles_are_a_block() -> None:
    found = steps_of(
        ["Rest for 10 minutes"] + [tuple(SENTENCES[:3])] * 100 + [("Rest for 1 s", REST)]
    )

    block = {"Cycles 2 to 101": {"repeat": 100, "steps": STEPS[:3]}}
    assert found == read([REST, "Advance cycle", block, {"Rest": {"duration": 1}}, REST])


def test_sentences_stand_among_items_of_a_document() -> None:
    block = {"Cycles": {"repeat": 3, "steps": SENTENCES[:2]}}
    document = {"steps": [*SENTENCES[2:], block, {"More": [SENTENCES[0]]}, "Pause"], "global": {}}
    expected = [CHARGE, HOLD, {"Cycles": {"repeat": 3, "steps": STEPS[:2]}}, {"More": [DISCHARGE]}]

    assert read(without_sentences(document)["steps"]) == read([*expected, "Pause"])
    assert read(document["steps"]) == read([*expected, "Pause"])
    assert without_sentences(document)["global"] == {}
    assert without_sentences({"steps": "none"}) == {"steps": "none"}


CONFIGURED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "rest", "duration": 600}, REST),
    ({"type": "rest", "duration": "10 minutes"}, REST),
    (
        {"type": "c-rate", "value": 1.0, "terminations": [{"type": "voltage", "value": 2.5}]},
        DISCHARGE,
    ),
    (
        {"type": "c-rate", "value": -0.5, "terminations": [{"type": "voltage", "value": 4.2}]},
        CHARGE,
    ),
    (
        {"type": "voltage", "value": 4.2, "terminations": [{"type": "current", "value": 0.05}]},
        HOLD,
    ),
    (
        {"type": "voltage", "value": 4.2, "duration": 9, "direction": "discharge"},
        {"Discharge": {"mode": "Voltage", "value": 4.2, "duration": 9}},
    ),
    (
        {
            "type": "current",
            "value": -2.0,
            "terminations": [
                {"type": "current", "value": -0.05, "operator": ">"},
                {"type": "voltage", "value": 3.0, "operator": "<"},
                {"type": "c-rate", "value": 0.1},
            ],
        },
        {
            "Charge": {
                "mode": "Current",
                "value": 2,
                "ends": ["Current < 0.05", "Voltage < 3", "C-rate < 0.1"],
            }
        },
    ),
    (
        {"type": "power", "value": 3.0, "duration": 5, "temperature": 318.15, "period": 2.0},
        {
            "Discharge": {
                "mode": "Power",
                "value": 3,
                "duration": 5,
                "temperature": 45,
                "resolution": {"time": 2},
            }
        },
    ),
    (
        {"type": "resistance", "value": 3.0, "duration": 5, "description": "a load", "tags": ["x"]},
        {"Discharge": {"mode": "Resistance", "value": 3, "duration": 5, "note": "a load"}},
    ),
    (
        {"type": "current", "value": [[0.0, 1.0], [1.0, -1.0]]},
        {"Drive": {"mode": "Current", "data": [[0.0, 1.0], [1.0, -1.0]]}},
    ),
    (
        {
            "type": "rest",
            "terminations": [{"type": "formula", "formula": "'a'", "operator": ">", "value": 1}],
        },
        {"Rest": {"ends": ["'a' > 1"]}},
    ),
]


@pytest.mark.parametrize(("configured", "item"), CONFIGURED)
def test_a_configured_step_is_an_item(configured: dict[str, Any], item: dict[str, Any]) -> None:
    assert steps_of({"cycles": [[configured]]}) == read([item])


def test_a_hold_goes_on_in_the_direction_of_the_step_before() -> None:
    hold = {"type": "voltage", "value": 2.5, "duration": 60}
    discharge = {"type": "current", "value": 1.0, "duration": 60}

    found = steps_of([SENTENCES[2], discharge, "Rest for 1 hour", hold, "Hold at 2.5 V for 60 s"])

    assert [next(iter(item)) for item in found] == [
        *("Charge", "Discharge", "Rest", "Discharge", "Discharge")
    ]


def test_temperature_and_period_are_settings_of_the_test() -> None:
    found = experiment_document({"cycles": [SENTENCES], "temperature": 298.15, "period": 5.0})

    assert found["global"] == {"temperature": 25.0, "resolution": {"time": 5.0}}


def test_a_time_ends_the_whole_test() -> None:
    cycles = [tuple(SENTENCES[:2])] * 4
    end = {"Time > 14400.0 - Total time": {"goto": "End"}}

    found = steps_of({"cycles": cycles, "termination": "4 hours"})

    discharge = {"Discharge": {**DISCHARGE["Discharge"], "ends": ["Voltage < 2.5", end]}}
    cycle = [discharge, {"Rest": {"duration": 600, "ends": [end]}}]
    assert found == read([{"Cycles 1 to 4": {"repeat": 4, "steps": cycle}}])
    flat = experiment_document({"cycles": [{"direction": "Rest"}], "termination": ["4 h"]})
    assert flat["steps"] == [{"direction": "Rest", "ends": [end]}]


START = {"name": "VAR_START_CAPACITY", "eval": 0}
AGAIN = "ifelse(VAR_START_CAPACITY == 0, CELL_CAPACITY, VAR_START_CAPACITY)"
SHARE = [
    {"Control": {"set_variable": [{"name": "VAR_START_CAPACITY", "eval": AGAIN}]}},
    {"Control": {"ends": [{"Cell capacity < 0.8 * VAR_START_CAPACITY": {"goto": "End"}}]}},
]
AMOUNT = {"Control": {"ends": [{"Cell capacity < 4": {"goto": "End"}}]}}
LOWEST = {"Control": {"ends": [{"Minimum voltage < 2.5": {"goto": "End"}}]}}


@pytest.mark.parametrize(
    ("termination", "before", "after"),
    [
        ("80% capacity", [{"Control": {"set_variable": [START]}}], SHARE),
        ("80 % capacity", [{"Control": {"set_variable": [START]}}], SHARE),
        ("4 Ah capacity", [], [AMOUNT]),
        (["4A.h capacity"], [], [AMOUNT]),
        ("2.5V", [], [LOWEST]),
        (["2.5 V", "4 Ah capacity"], [], [AMOUNT, LOWEST]),
        (["90% capacity", "4000 mAh capacity"], [], [AMOUNT]),
    ],
)
def test_a_termination_is_compared_after_each_cycle(
    termination: Any, before: list[Any], after: list[Any]
) -> None:
    cycles = [(DISCHARGE, CHARGE)] * 2 + [(DISCHARGE, REST)]

    found = steps_of({"cycles": cycles, "termination": termination})

    block = {"Cycles 1 to 2": {"repeat": 2, "steps": [DISCHARGE, CHARGE, *after]}}
    assert found == read([*before, block, DISCHARGE, REST, *after])
    alone = steps_of({"cycles": [DISCHARGE, REST], "termination": termination})
    assert alone == read([*before, DISCHARGE, *after, REST, *after])


def test_a_total_time_ends_no_step_that_takes_no_time() -> None:
    control = {"Control": {"set_variable": [{"name": "VAR_A", "eval": 1}]}}

    found = steps_of(
        {"cycles": [control, {"Ambient temperature": 30}, REST], "termination": ["1 h", "3 V"]}
    )

    end = {"Time > 3600 - Total time": {"goto": "End"}}
    after = {"Control": {"ends": [{"Minimum voltage < 3": {"goto": "End"}}]}}
    rest = {"Rest": {"duration": 600, "ends": [end]}}
    assert found == read([control, after, {"Ambient temperature": 30}, after, rest, after])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "needs a list of steps or cycles"),
        ({"cycles": "Rest"}, "needs a list of steps or cycles"),
        ([()], "a cycle has no steps"),
        (["Rest"], "'Rest' is not a step: write a sentence"),
        (["Charge at 1C until 4.2 V\nnonsense"], "'nonsense' is not a step"),
        ([5], "5 is not a step"),
        (["Charge at 1 horse until 4 V"], "'1 horse' is not a value"),
        ([{"type": "custom"}], "is not supported; use current, c-rate"),
        ([{"type": "rest", "start_time": "now"}], "'start_time' of the step"),
        ([{"type": "current", "value": "I app", "duration": 1}], "input['name']"),
        (
            [{"type": "rest", "terminations": [{"type": "voltage", "value": 3.0}]}],
            "3 V of a rest step needs an operator",
        ),
        ([{"type": "rest", "terminations": [{"type": "time"}]}], "is not one of a voltage"),
        (
            [{"type": "rest", "terminations": [{"type": "voltage", "value": 3, "unit": "mV"}]}],
            "'unit' of the termination",
        ),
        (
            [{"type": "rest", "terminations": [{"type": "current", "value": 3, "operator": "="}]}],
            "needs an operator, '<' or '>'",
        ),
        (
            [{"type": "rest", "terminations": [{"type": "formula", "formula": "'a'", "value": 1}]}],
            "needs an operator, '<' or '>'",
        ),
        (
            {"cycles": ["Rest for 1 s"], "termination": "80 capacity"},
            "'80 capacity' of the whole",
        ),
        ({"cycles": ["Rest for 1 s"], "solver": 1}, "'solver' of an experiment is not supported"),
        ({"cycles": ["Rest for 1 s"], "temperature": "25oC"}, "'25oC' is not a number: give it in"),
        ([{"type": "rest", "temperature": "25oC"}], "'25oC' is not a number: give it in kelvin"),
    ],
)
def test_what_has_no_counterpart_is_refused(given: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        experiment_document(given)

    assert words in str(caught.value)


def test_a_wrong_sentence_among_steps_is_an_error_at_its_place() -> None:
    result = parse("steps:\n  - Rest for 1 hour\n  - Charge at 1 horse until 4 V\n")

    [error] = result.errors
    assert (error.code, error.path, error.line) == ("E-item", "steps[1]", 3)
    assert "is not a value" in str(error)
