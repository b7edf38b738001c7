"""A protocol as a plan: loops, jumps, pairs, and what has no place in one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    assemble,
    differences,
    flatten,
    merge_pairs,
)
from tests.unit.ucp.cyclers.export.strategies import CAPACITY, expressible
from tests.unit.ucp.trees import protocols


def flat(text: str, capacity: float | None = None) -> tuple[Plan, list[str]]:
    result = ucp.parse(text)
    assert result.protocol is not None, result.errors
    flattened = flatten(result.protocol, capacity)
    return flattened.plan, [problem.message for problem in flattened.problems]


def test_blocks_become_loops_and_jumps_become_indices() -> None:
    plan, problems = flat(
        """
safety_limits: {voltage_min: {value: 2, goto: Rescue}, voltage_max: 4.3}
steps:
  - Loop:
      repeat: 5
      steps:
        - Discharge:
            mode: Current
            value: 1
            duration: 10
            ends: [{"Voltage < 2.7": {goto: Rescue}}, {"Voltage > 4": {goto: End}}]
        - Once: [{Rest: {duration: 1}}]
        - Never: {repeat: 0, steps: [{Rest: {duration: 2}}]}
        - Advance cycle
  - End
  - Rescue: [{Rest: {duration: 3}}]
  - End
  - Rest: {duration: 4}
"""
    )
    kinds = [type(part) for part in plan.instructions]
    discharge, rest = plan.instructions[1], plan.instructions[2]

    assert problems == []
    assert kinds == [LoopStart, Step, Step, Mark, LoopEnd, Mark, Step]
    assert plan.instructions[4] == LoopEnd(0, 5)
    assert isinstance(discharge, Step)
    assert [(str(leave), leave.target) for leave in discharge.exits] == [
        ("Voltage < 2.7 V", 6),
        ("Voltage > 4 V", END),
        ("Time > 10 s", None),
    ]
    assert isinstance(rest, Step)
    assert rest.exits[0].level == Level(1.0, "s")
    assert {limit.key: limit.target for limit in plan.safety} == {
        "voltage_min": 6,
        "voltage_max": END,
    }


def test_what_can_be_calculated_is() -> None:
    plan, problems = flat(
        "steps: [{Charge: {mode: Current, value: Q_NOM / 4, duration: 2 * 30, "
        "ends: [Voltage > 4.0 + 0.2]}}]",
        capacity=2.0,
    )
    (step,) = plan.instructions

    assert problems == []
    assert isinstance(step, Step)
    assert step.set_point == Level(0.5, "A")
    assert [str(leave) for leave in step.exits] == ["Voltage > 4.2 V", "Time > 60 s"]


PAIR = """
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, duration: 600, ends: [Current < 0.1]}
  - Rest: {duration: 1}
"""


def test_a_pair_of_steps_is_one_where_a_format_has_them_as_one() -> None:
    plan, _ = flat(PAIR)
    whole = merge_pairs(plan).instructions[0]

    assert len(merge_pairs(plan).instructions) == 2
    assert isinstance(whole, Step)
    assert (whole.control, whole.set_point, whole.voltage) == ("cccv", Level(2.0, "A"), 4.2)
    assert [str(leave) for leave in whole.exits] == ["Current < 0.1 A", "Hold time > 600 s"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Voltage > 4.2]", "Voltage > 4.1]"),
        ("[Voltage > 4.2]", "[Voltage > 4.2, Time > 60]"),
        ("[Voltage > 4.2]", "[Voltage > 4.2, {Temperature > 50: {goto: End}}]"),
        ("[Current < 0.1]", "[Current < 0.1, Capacity > 1]"),
        ("ends: [Current < 0.1]", "ends: [Current < 0.1], resolution: 5"),
        ("  - Charge: {mode: Voltage", "  - Discharge: {mode: Voltage"),
        ("{duration: 1}", "{ends: [{Voltage < 4: {goto: 2}}]}"),
    ],
)
def test_a_pair_that_would_mean_something_else_stays_two(old: str, new: str) -> None:
    plan, problems = flat(PAIR.replace(old, new))

    assert problems == []
    assert merge_pairs(plan) == plan


def test_legs_joined_by_variables_are_one_step() -> None:
    text = """
steps:
  - Charge:
      mode: Current
      value: 2
      duration: 7200
      ends: [Voltage > 4.2, Capacity > 3, {"Temperature > 50": {goto: End}}]
      set_variable: [{name: VAR_T, eval: Time}, {name: VAR_Q, eval: Capacity}]
  - Charge:
      mode: Voltage
      value: 4.2
      ends:
        - Current < 0.1
        - Time > 7200 - VAR_T
        - Capacity > 3 - VAR_Q
        - {"Temperature > 50": {goto: End}}
  - Rest: {duration: 1}
"""
    plan, problems = flat(text)
    whole = plan.instructions[0]

    assert problems == []
    assert isinstance(whole, Step)
    assert whole.control == "cccv"
    assert {(str(leave), leave.target) for leave in whole.exits} == {
        ("Current < 0.1 A", None),
        ("Temperature > 50 degC", END),
        ("Time > 7200 s", None),
        ("Capacity > 3 Ah", None),
    }
    # A variable that is used elsewhere, or a total that differs, is a computation.
    for other in (
        text.replace("7200 - VAR_T", "7100 - VAR_T"),
        text + "  - Rest: {duration: VAR_T}",
    ):
        assert any("set_variable computes" in message for message in flat(other)[1])


def test_a_loop_that_holds_nothing_is_left_out() -> None:
    plan, problems = flat(
        """
steps:
  - Rest: {duration: 1, ends: [{Voltage < 3: {goto: Inner}}, {Voltage > 4: {goto: Outer}}]}
  - Outer:
      repeat: 3
      steps:
        - Inner: {repeat: 2, steps: [{Never: {repeat: 0, steps: [{Rest: {duration: 2}}]}}]}
  - Rest: {duration: 5}
"""
    )

    assert problems == []
    assert [type(part) for part in plan.instructions] == [Step, Step]
    # What led into the loop leads to what follows, which is the next step.
    assert {plan.target(0, leave.target) for leave in dict(plan.steps())[0].exits} == {1}


INTO_A_LOOP = """
steps:
  - Loop: {repeat: 2, steps: [{In: [{Rest: {duration: 1}}]}]}
  - Rest: {ends: [{Time > 1: {goto: In}}, Voltage > 5]}
"""
TIED_END = """
safety_limits: {voltage_max: 4.2}
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}
  - Rest: {duration: 1}
"""
TIED_HOLD = """
safety_limits: {voltage_max: 4.2}
steps: [{Charge: {mode: Voltage, value: 4.2, duration: 1}}]
"""
TIED_CURRENT = """
safety_limits: {charge_current_max: 2}
steps: [{Charge: {mode: Current, value: 3, duration: 1}}]
"""
TWO_PLACES = """
steps:
  - Rest: {ends: [Voltage > 4, {Voltage > 4: {goto: End}}]}
  - Rest: {duration: 1}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [{EIS: {frequencies: [1], amplitude: 1}}]", "impedance sweep"),
        ("steps: [{Rest: {ends: [SOC < 0.5]}}]", "SOC is not measured"),
        ("steps: [{Rest: {ends: [d/dt(Voltage) < 1e-5]}}]", "rate of change"),
        ("steps: [{Rest: {ends: [{variable: Voltage, value: 3}]}}]", "write '<' or '>'"),
        ("steps: [{Rest: {duration: 1, temperature: 5}}]", "set the chamber by hand"),
        ("steps: [{Discharge: {mode: Current, value: Q_NOM, duration: 1}}]", "nominal_capacity_ah"),
        ("steps: [{Discharge: {mode: Current, value: 1, ends: [Voltage < V_MIN]}}]", "the cell"),
        ("steps: [{Discharge: {mode: Current, value: 0, duration: 1}}]", "write Rest"),
        ("steps: [{Discharge: {mode: Current, value: 1e12, duration: 1}}]", "beyond"),
        ("steps: [{Rest: {ends: [Time > 0]}}]", "at once or never"),
        ("steps: [{Drive: {drive_cycle: US06}}]", "pass drive_cycles"),
        (INTO_A_LOOP, "middle of a loop"),
        (TIED_END, "is the safety limit voltage_max of 4.2"),
        (TIED_HOLD, "trips there"),
        (TIED_CURRENT, "trips there"),
        (TWO_PLACES, "leads to two places"),
    ],
)
def test_what_no_file_can_say_is_a_problem(text: str, words: str) -> None:
    _, problems = flat(text)

    assert any(words in message for message in problems), problems


@given(data=st.data())
@settings(max_examples=40)
def test_a_plan_as_a_protocol_is_the_same_plan(data: st.DataObject) -> None:
    protocol = data.draw(expressible("maccor"))
    plan = flatten(protocol, CAPACITY).plan
    again = ucp.parse(ucp.to_yaml(assemble(plan)))

    assert again.errors == ()
    assert again.protocol is not None
    assert differences(plan, flatten(again.protocol, CAPACITY).plan) == []


@given(protocol=protocols)
@settings(max_examples=25)
def test_any_protocol_at_all_becomes_a_plan_or_problems(protocol: ucp.Protocol) -> None:
    flattened = flatten(protocol, 1.0)

    assert flattened.problems or all(
        isinstance(leave, Exit) for _, step in flattened.plan.steps() for leave in step.exits
    )
