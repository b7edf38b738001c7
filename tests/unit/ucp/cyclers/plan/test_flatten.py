"""Protocols converted to plans: loops, jumps, pairs, and unsupported constructs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    StepEnd,
    assemble,
    differences,
    flatten,
    merge_cccv,
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
    assert [(str(end), end.target) for end in discharge.ends] == [
        ("Voltage < 2.7 V", 6),
        ("Voltage > 4 V", END_TEST),
        ("Time > 10 s", None),
    ]
    assert isinstance(rest, Step)
    assert rest.ends[0].level == Level(1.0, "s")
    assert {limit.key: limit.target for limit in plan.safety} == {
        "voltage_min": 6,
        "voltage_max": END_TEST,
    }


def test_constant_expressions_are_evaluated() -> None:
    plan, problems = flat(
        "steps: [{Charge: {mode: Current, value: Q_NOM / 4, duration: 2 * 30, "
        "ends: [Voltage > 4.0 + 0.2]}}]",
        capacity=2.0,
    )
    (step,) = plan.instructions

    assert problems == []
    assert isinstance(step, Step)
    assert step.set_point == Level(0.5, "A")
    assert [str(end) for end in step.ends] == ["Voltage > 4.2 V", "Time > 60 s"]


PAIR = """
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, duration: 600, ends: [Current < 0.1]}
  - Rest: {duration: 1}
"""


def test_constant_current_and_constant_voltage_merge_to_one_step() -> None:
    plan, _ = flat(PAIR)
    whole = merge_cccv(plan).instructions[0]

    assert len(merge_cccv(plan).instructions) == 2
    assert isinstance(whole, Step)
    assert (whole.control, whole.set_point, whole.voltage) == ("cccv", Level(2.0, "A"), 4.2)
    assert [str(end) for end in whole.ends] == [
        "Current < 0.1 A",
        "Time > 600 s of the constant voltage",
    ]


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
def test_a_pair_that_would_change_its_meaning_is_not_merged(old: str, new: str) -> None:
    plan, problems = flat(PAIR.replace(old, new))

    assert problems == []
    assert merge_cccv(plan) == plan


def test_leaves_joined_by_variables_become_one_step() -> None:
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
    assert {(str(end), end.target) for end in whole.ends} == {
        ("Current < 0.1 A", None),
        ("Temperature > 50 degC", END_TEST),
        ("Time > 7200 s", None),
        ("Capacity > 3 Ah", None),
    }
    # With a variable that is used elsewhere, or with different totals, the step is not a pair.
    for other in (
        text.replace("7200 - VAR_T", "7100 - VAR_T"),
        text + "  - Rest: {duration: VAR_T}",
    ):
        assert any("set_variable computes" in message for message in flat(other)[1])


def test_empty_loops_are_removed() -> None:
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
    # Jumps into the loop lead to what follows it, which is the next step.
    assert {plan.target(0, end.target) for end in dict(plan.steps())[0].ends} == {1}


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
        ("steps: [{EIS: {frequencies: [1], amplitude: 1, temperature: 5}}]", "set the chamber"),
        ("steps: [{Rest: {ends: [SOC < 0.5]}}]", "SOC is not measured"),
        ("steps: [{Rest: {ends: [d/dt(Voltage) < 1e-5]}}]", "rate of change"),
        ("steps: [{Rest: {ends: [{variable: Voltage, value: 3}]}}]", "write '<' or '>'"),
        ("steps: [{Rest: {duration: 1, temperature: 5}}]", "set the chamber by hand"),
        ("steps: [{Discharge: {mode: Current, value: Q_NOM, duration: 1}}]", "nominal_capacity_ah"),
        (
            "steps: [{Discharge: {mode: Current, value: 1, ends: [Voltage < V_MIN]}}]",
            "depends on the cell",
        ),
        ("steps: [{Discharge: {mode: Current, value: 0, duration: 1}}]", "write Rest"),
        ("steps: [{Discharge: {mode: Current, value: 1e12, duration: 1}}]", "beyond"),
        ("steps: [{Drive: {data: [[0, 1e12], [1, 0]]}}]", "sample of 1e+12 A at 0 s is beyond"),
        ("steps: [{Rest: {ends: [Time > 0]}}]", "at once or never"),
        ("steps: [{Drive: {drive_cycle: US06}}]", "pass drive_cycles"),
        (INTO_A_LOOP, "middle of a loop"),
        (TIED_END, "has the same threshold as the safety limit voltage_max of 4.2 V"),
        (TIED_HOLD, "it holds 4.2 V, where the safety limit"),
        (TIED_CURRENT, "it holds 3 A, where the safety limit"),
        (TWO_PLACES, "two ends Voltage > 4 V lead to different steps"),
    ],
)
def test_constructs_that_no_file_supports_are_problems(text: str, words: str) -> None:
    _, problems = flat(text)

    assert any(words in message for message in problems), problems


@given(data=st.data())
@settings(max_examples=40)
def test_a_plan_survives_the_round_trip_through_a_protocol(data: st.DataObject) -> None:
    protocol = data.draw(expressible("maccor"))
    plan = flatten(protocol, CAPACITY).plan
    again = ucp.parse(ucp.to_yaml(assemble(plan)))

    assert again.errors == ()
    assert again.protocol is not None
    assert differences(plan, flatten(again.protocol, CAPACITY).plan) == []


@given(protocol=protocols)
@settings(max_examples=25)
def test_every_protocol_becomes_a_plan_or_problems(protocol: ucp.Protocol) -> None:
    flattened = flatten(protocol, 1.0)

    assert flattened.problems or all(
        isinstance(end, StepEnd) for _, step in flattened.plan.steps() for end in step.ends
    )


@pytest.mark.parametrize(
    "sweep",
    [
        "min_frequency: 0.1, max_frequency: 1000, points_per_decade: 6, amplitude: 0.2",
        "frequencies: [1000, 10, 0.5], amplitude: 0.01, mode: Voltage",
    ],
)
def test_an_impedance_sweep_becomes_a_step_and_comes_back(sweep: str) -> None:
    text = f"steps: [{{EIS: {{{sweep}}}}}, {{Rest: {{duration: 60}}}}]"
    protocol = ucp.parse(text).protocol
    flattened = flatten(protocol)

    assert flattened.problems == ()
    assert assemble(flattened.plan).steps[0] == protocol.steps[0]


def test_a_changed_impedance_sweep_is_a_difference() -> None:
    plans = [
        flatten(ucp.parse(f"steps: [{{EIS: {{frequencies: [1, {high}], amplitude: 1}}}}]").protocol)
        for high in (10, 100)
    ]

    (found,) = differences(plans[0].plan, plans[1].plan)
    assert "its impedance sweep" in found
