"""Files of random protocols do the same as the protocols, with the same number of passes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.expressions import constant
from tests.unit.ucp.cyclers.export.emulators import EMULATORS
from tests.unit.ucp.cyclers.export.raw import RAW, End, Fact
from tests.unit.ucp.cyclers.export.strategies import CAPACITY, expressible

TARGETS = list(EMULATORS)


def runs(items: tuple[Any, ...]) -> list[ucp.Leaf]:
    """Return every step of a protocol as often as it runs, by walking its tree."""
    found: list[ucp.Leaf] = []
    for item in items:
        if isinstance(item, ucp.Block):
            found += runs(item.items) * round(constant(item.repeat) or 0)
        elif isinstance(item, ucp.Leaf):
            found.append(item)
    return found


def joins(first: ucp.Leaf, second: ucp.Leaf) -> bool:
    """Whether a format without separate constant voltages merges two steps."""
    return (
        first.mode in ("Current", "C-rate")
        and second.mode == "Voltage"
        and [end.threshold for end in first.ends] == [second.value]
    )


def expected_passes(protocol: ucp.Protocol, target: str) -> list[int]:
    """Return how often each step runs, in the order of their first runs."""
    executed = runs(protocol.steps)
    if target in ("arbin", "arbin_sdx", "novonix"):
        executed = [
            leaf
            for before, leaf in zip([None, *executed], executed, strict=False)
            if before is None or not joins(before, leaf)
        ]
    return list(Counter(map(id, executed)).values())


NATIVE_RATES = ("maccor", "arbin")
ONE_STEP = ("arbin", "arbin_sdx", "novonix")
EVERY_STEP = ("maccor", "arbin_sdx")
"""Targets with C-rates, targets that merge two steps, targets with safety limits on every step."""
UNITS = {None: "", "Current": "A", "C-rate": "C", "Voltage": "V"}
QUANTITIES = {"Voltage": "V", "Current": "A", "Capacity": "Ah", "Time": "s"}


def number(expr: Any) -> float:
    return float(constant(expr) or 0)


def leaves(items: tuple[Any, ...]) -> list[ucp.Leaf]:
    """Return every step of a protocol once."""
    found: list[ucp.Leaf] = []
    for item in items:
        if isinstance(item, ucp.Block):
            found += leaves(item.items)
        elif isinstance(item, ucp.Leaf):
            found.append(item)
    return found


def ends(leaf: ucp.Leaf, last: int) -> list[End]:
    found = [
        (
            QUANTITIES[end.quantity],
            str(end.operator),
            number(end.threshold),
            {None: "next", "End": "end"}.get(end.goto, f"step {last}"),
        )
        for end in leaf.ends
    ]
    if leaf.duration is not None:
        found.append(("s", ">", number(leaf.duration), "next"))
    return found


def expected_facts(protocol: ucp.Protocol, target: str) -> list[Fact]:
    """Return the facts that each step of the file must state, from the tree of the protocol."""
    steps = leaves(protocol.steps)
    pairs = [
        target in ONE_STEP and place > 0 and joins(steps[place - 1], step)
        for place, step in enumerate(steps)
    ]
    last = len(steps) - 1 - sum(pairs)
    limits = {limit.key: number(limit.value) for limit in protocol.safety.limits}
    facts: list[Fact] = []
    for place, step in enumerate(steps):
        unit, value = UNITS[step.mode], number(step.value) if step.value is not None else 0.0
        sign = -1 if step.kind == "Discharge" and unit != "V" else 1
        found = ends(step, last)
        volts = 0.0
        if pairs[place]:
            unit, value, _, _ = facts.pop()
            volts, sign = number(step.value), 1
            found = [(f"held {q}" if q == "s" else q, side, v, at) for q, side, v, at in found]
        joined = place + 1 < len(steps) and pairs[place + 1]
        if unit == "C" and (target not in NATIVE_RATES or pairs[place] or joined):
            unit, value = "A", value * CAPACITY
        if limits and target in EVERY_STEP:
            found += [("V", "<", limits["voltage_min"], "end")]
            found += [("V", ">", limits["voltage_max"], "end")]
            if step.kind != "Rest":
                found += [("A", ">", limits["charge_current_max"], "end")]
        facts.append((unit, sign * value, volts, tuple(sorted(found))))
    return facts


def assert_same(found: list[Fact], expected: list[Fact]) -> None:
    assert len(found) == len(expected)
    for place, (ours, wanted) in enumerate(zip(found, expected, strict=True)):
        assert ours[0] == wanted[0]
        assert ours[1:3] == pytest.approx(wanted[1:3], rel=1e-6, abs=1e-9)
        # The last step leads to the end of the test in any case.
        width = 3 if place + 1 == len(found) else 4
        for one, other in zip(ours[3], wanted[3], strict=True):
            assert one[2] == pytest.approx(other[2], rel=1e-6)
            assert (*one[:2], *one[3:width]) == (*other[:2], *other[3:width])


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.data())
@settings(max_examples=50)
def test_a_file_does_the_same_as_its_protocol(target: str, data: st.DataObject) -> None:
    protocol = data.draw(expressible(target))

    # `verify` compares every step, end, jump, limit and loop of the file with the protocol.
    made = ucp.convert(protocol, target, nominal_capacity_ah=CAPACITY, verify=True)

    executed = EMULATORS[target](made.primary_bytes)
    passes = list(Counter(executed).values())
    if target == "maccor" and b"Safety limits" in made.primary_bytes:
        # The rest that carries the safety limits.
        assert passes.pop(0) == 1
    assert passes == expected_passes(protocol, target)
    # The facts of each step, read from the raw text without the readers of the project.
    facts = RAW[target](made.primary_bytes)
    inserted = target == "maccor" and len(facts) > len(leaves(protocol.steps))
    shift = 1 if inserted else 0
    expected = [
        (*fact[:3], tuple(sorted((*end[:3], shifted(end[3], shift)) for end in fact[3])))
        for fact in expected_facts(protocol, target)
    ]
    assert_same(facts[shift:], expected)


@given(data=st.data())
@settings(max_examples=15)
def test_a_file_for_ec_lab_says_the_same_as_one_for_bt_lab(data: st.DataObject) -> None:
    protocol = data.draw(expressible("biologic"))

    files = [
        ucp.convert(
            protocol,
            "biologic",
            nominal_capacity_ah=CAPACITY,
            options={"software": software},
            verify=True,
        ).primary_bytes
        for software in ("bt-lab", "ec-lab")
    ]

    assert RAW["biologic"](files[0]) == RAW["biologic"](files[1])
    assert EMULATORS["biologic"](files[0]) == EMULATORS["biologic"](files[1])


def shifted(where: str, by: int) -> str:
    return f"step {int(where[5:]) + by}" if where.startswith("step ") else where


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_repeat_n_runs_n_passes(target: str, count: int) -> None:
    text = f"""
steps:
  - Charge: {{mode: Current, value: 1, ends: [Voltage > 4]}}
  - Loop:
      repeat: {count}
      steps:
        - Rest: {{duration: 10}}
        - Discharge: {{mode: Current, value: 1, ends: [Voltage < 3]}}
  - Rest: {{duration: 20}}
"""
    made = ucp.convert(text, target, verify=True)

    passes = list(Counter(EMULATORS[target](made.primary_bytes)).values())

    assert passes == [1, count, count, 1]


@pytest.mark.parametrize("target", ["maccor", "neware", "arbin", "arbin_sdx", "biologic"])
def test_an_inner_loop_restarts_in_every_outer_pass(target: str) -> None:
    text = """
steps:
  - Outer:
      repeat: 4
      steps:
        - Rest: {duration: 10}
        - Inner: {repeat: 3, steps: [{Rest: {duration: 20}}]}
        - Again: {repeat: 2, steps: [{Rest: {duration: 30}}]}
"""
    made = ucp.convert(text, target, verify=True)

    passes = list(Counter(EMULATORS[target](made.primary_bytes)).values())

    assert passes == [4, 12, 8]
