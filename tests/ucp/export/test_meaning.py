"""Random protocols mean the same when their files are read back, and run as often."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp.expressions import constant
from ucp.export.machines import MACHINES
from ucp.export.strategies import CAPACITY, expressible

TARGETS = list(MACHINES)


def runs(items: tuple[Any, ...]) -> list[ucp.Leaf]:
    """Every step of a protocol as often as it runs, found by walking its tree."""
    found: list[ucp.Leaf] = []
    for item in items:
        if isinstance(item, ucp.Block):
            found += runs(item.items) * round(constant(item.repeat) or 0)
        elif isinstance(item, ucp.Leaf):
            found.append(item)
    return found


def joins(first: ucp.Leaf, second: ucp.Leaf) -> bool:
    """Whether a format that has no constant voltage of its own makes one step of two."""
    return (
        first.mode in ("Current", "C-rate")
        and second.mode == "Voltage"
        and [end.threshold for end in first.ends] == [second.value]
    )


def expected_passes(protocol: ucp.Protocol, target: str) -> list[int]:
    """How often each step runs, in the order of the first time."""
    executed = runs(protocol.steps)
    if target in ("arbin", "arbin_sdx", "novonix"):
        executed = [
            leaf
            for before, leaf in zip([None, *executed], executed, strict=False)
            if before is None or not joins(before, leaf)
        ]
    return list(Counter(map(id, executed)).values())


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.data())
@settings(max_examples=60)
def test_a_file_read_back_means_the_same_and_loops_as_often(
    target: str, data: st.DataObject
) -> None:
    protocol = data.draw(expressible(target))

    # `verify` compares every step, end, jump, limit and loop of the file with the protocol.
    made = ucp.convert(protocol, target, nominal_capacity_ah=CAPACITY, verify=True)

    executed = MACHINES[target](made.primary_bytes)
    passes = list(Counter(executed).values())
    if target == "maccor" and b"Safety limits" in made.primary_bytes:
        # The rest that carries the safety limits.
        assert passes.pop(0) == 1
    assert passes == expected_passes(protocol, target)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_n_is_the_number_of_all_passes(target: str, count: int) -> None:
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

    passes = list(Counter(MACHINES[target](made.primary_bytes)).values())

    assert passes == [1, count, count, 1]


@pytest.mark.parametrize("target", ["maccor", "neware", "arbin", "arbin_sdx"])
def test_an_inner_loop_begins_anew_in_every_outer_pass(target: str) -> None:
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

    passes = list(Counter(MACHINES[target](made.primary_bytes)).values())

    assert passes == [4, 12, 8]
