"""Whatever a target accepts does the same to a cell as the protocol, or its notes say so.

The random protocols are not chosen to suit a target: most are refused. A file that is written is
run from its raw text on a simple cell, and so is the tree of the protocol; the currents, voltages,
times and the end of the test must agree.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ionworks import ucp
from ionworks.ucp import Block, End, Global, Leaf, Protocol, Resolution, Safety, SafetyLimit
from ionworks.ucp.expressions import Number
from tests.unit.ucp.cyclers.export.emulators import EMULATORS
from tests.unit.ucp.cyclers.export.raw import CEILINGS, RAW
from tests.unit.ucp.cyclers.export.strategies import CAPACITY
from tests.unit.ucp.cyclers.export.twin import Cell, Segment, Undecided, run_file, run_protocol

TARGETS = list(EMULATORS)
AWAY = "may begin away from its voltage"


def one_of(*values: float) -> st.SearchStrategy[Number]:
    """Few values, so that set points, ends and limits often meet."""
    return st.sampled_from(values).map(Number)


# The smallest values are below what some formats can hold.
seconds = one_of(*[30, 600, 3600, 36000] * 2, 0.0123)
currents = st.one_of(
    one_of(*[0.0625, 0.25, 1, 2.5] * 2, 1.23e-7).map(lambda n: ("Current", n)),
    one_of(0.1, 0.5).map(lambda n: ("C-rate", n)),
)
voltages = {"Charge": one_of(3.9, 4.1, 4.2), "Discharge": one_of(2.9, 3.0, 3.2)}
maybe = st.integers(0, 5).map(lambda n: n == 0)


def leading(draw: Any, end: End, chance: st.SearchStrategy[bool]) -> End:
    """An end that leads to the next step, to the last one or to the end of the test."""
    goto = draw(st.sampled_from(["End", "Last"])) if draw(chance) else None
    return End(end.quantity, end.operator, end.threshold, goto=goto)


@st.composite
def rests(draw: Any) -> list[Leaf]:
    ends: tuple[End, ...] = ()
    if draw(maybe):
        ends = (leading(draw, End("Voltage", "<", draw(one_of(3.0, 3.9))), maybe),)
    return [Leaf("Rest", duration=draw(seconds), ends=ends)]


def loaded(draw: Any, kind: Any) -> Leaf:
    mode, value = draw(currents)
    natural = ">" if kind == "Charge" else "<"
    ends = [End("Voltage", natural, draw(voltages[kind]))]
    if draw(maybe):
        ends.append(leading(draw, End("Capacity", ">", draw(one_of(0.05, 0.4, 1.23e-7))), maybe))
    if draw(maybe):
        other = "Discharge" if kind == "Charge" else "Charge"
        against = "<" if kind == "Charge" else ">"
        stop = End("Voltage", against, draw(voltages[other]))
        ends.append(leading(draw, stop, st.just(value=True)))
    if draw(maybe):
        ends[0] = leading(draw, ends[0], maybe)
    duration = draw(seconds) if draw(maybe) else None
    return Leaf(kind, mode, value, duration, tuple(ends))


def held(draw: Any, kind: Any, volts: Number) -> Leaf:
    ends = [
        leading(
            draw, End("Current", "<", draw(one_of(*[0.0125, 0.1, 0.3, 1.5] * 2, 1.23e-8))), maybe
        )
    ]
    if draw(maybe):
        ends.append(leading(draw, End("Current", ">", Number(2.0)), maybe))
    duration = draw(seconds) if draw(maybe) else None
    return Leaf(kind, "Voltage", volts, duration, tuple(ends))


@st.composite
def loads(draw: Any) -> list[Leaf]:
    """A constant current, a constant voltage, or both, at one voltage or at two."""
    kind = draw(st.sampled_from(["Charge", "Charge", "Discharge"]))
    first = loaded(draw, kind)
    forms = st.sampled_from(
        ["current", "current", "pair", "pair", "pair", "other pair", "turn", "hold"]
    )
    match draw(forms):
        case "current":
            return [first]
        case "pair":
            volts = next(end.threshold for end in first.ends if end.quantity == "Voltage")
            return [first, held(draw, kind, volts)]  # type: ignore[arg-type]
        case "other pair":
            return [first, held(draw, kind, draw(voltages[kind]))]
        case "turn":
            # A constant current that may be beyond its end when it begins.
            volts = draw(voltages[kind])
            against = "<" if kind == "Charge" else ">"
            mode, value = draw(currents)
            other = "Discharge" if kind == "Charge" else "Charge"
            turn = Leaf(other, mode, value, ends=(End("Voltage", against, volts),))  # type: ignore[arg-type]
            return [turn, held(draw, kind, volts)]
        case _:
            return [held(draw, kind, draw(voltages[kind]))]


def flat(groups: list[list[Any]]) -> tuple[Any, ...]:
    return tuple(item for group in groups for item in group)


@st.composite
def limits(draw: Any) -> Safety:
    keys = draw(
        st.sampled_from(
            [
                (),
                *[("voltage_min", "voltage_max")] * 3,
                ("voltage_max",),
                ("charge_current_max", "discharge_current_max"),
                ("voltage_min", "voltage_max", "charge_current_max", "discharge_current_max"),
            ]
        )
    )
    same = draw(one_of(0.2, 2, 3.5))
    values = {
        "voltage_min": one_of(2.5, 2.95, 3.1),
        "voltage_max": one_of(4.0, 4.05, 4.15, 4.3),
        "charge_current_max": st.just(same),
        "discharge_current_max": st.one_of(*[st.just(same)] * 3, one_of(0.5, 3)),
    }
    goto = "Last" if draw(maybe) else None
    return Safety(tuple(SafetyLimit(key, draw(values[key]), goto) for key in keys))


@st.composite
def protocols(draw: Any) -> Protocol:
    groups = st.one_of(loads(), loads(), rests())
    steps = draw(st.lists(groups, min_size=1, max_size=2).map(flat))
    if draw(maybe):
        inner = draw(st.lists(groups, min_size=1, max_size=2).map(flat))
        steps = (*steps, Block("Again", inner, Number(draw(st.integers(1, 3)))))
    last = Leaf("Rest", duration=Number(60.0), name="Last")
    resolution = Global(resolution=Resolution(time=Number(60.0)))
    return Protocol((*steps, last), resolution, draw(limits()))


def felt(cell: Cell, content: bytes) -> list[Segment]:
    """Return what a cell feels, without the rest that Maccor files begin with to set limits."""
    first = b"Safety limits</StepNote>" in content
    return [segment for segment in cell.segments[first:] if segment.time > 1e-6]


@pytest.mark.parametrize("target", TARGETS)
@given(protocol=protocols(), charge=st.floats(0.7, 2.6))
@settings(max_examples=150)
def test_what_a_target_accepts_does_the_same_to_a_cell(
    target: str, protocol: Protocol, charge: float
) -> None:
    try:
        made = ucp.convert(protocol, target, nominal_capacity_ah=CAPACITY)
    except ucp.UCPError:
        return
    expected, found = Cell(charge), Cell(charge)
    try:
        run_protocol(protocol, CAPACITY, expected)
        run_file(target, made.primary_bytes, CAPACITY, found)
    except Undecided:
        assume(condition=False)

    # A hold draws no more than the current before it, or a note tells of it.
    noted = any(AWAY in note for note in made.notes)
    assert noted or all(first <= before * 1.001 for first, before in expected.begun)
    ceilings = CEILINGS[target](made.primary_bytes)
    for number, (_, value, volts, ends) in enumerate(RAW[target](made.primary_bytes)):
        largest = abs(value) if volts else ceilings.get(number, math.inf)
        assert all(end[:2] != ("A", "<") or end[2] < largest for end in ends)
    # Neware limits the current of such a hold, which then takes longer.
    assume(not (noted and target == "neware"))
    actual, wished = felt(found, made.primary_bytes), felt(expected, b"")
    assert [part.unit for part in actual] == [part.unit for part in wished]
    for ours, wanted in zip(actual, wished, strict=True):
        # Numbers are rounded by up to a thousandth.
        assert ours.value == pytest.approx(wanted.value, rel=1.1e-3)
        assert ours.time == pytest.approx(wanted.time, rel=1.1e-3, abs=1e-3)
        assert ours.volts == pytest.approx(wanted.volts, rel=1e-5)


@pytest.mark.parametrize("target", ["maccor", "biologic"])
def test_a_hold_after_a_current_that_ends_as_it_begins_has_a_note(target: str) -> None:
    """A discharge to below 4.1 V of a cell at 3.5 V ends at once, and 20 A flow at 4.1 V."""
    text = """
steps:
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 4.1]}
  - Charge: {mode: Voltage, value: 4.1, ends: [Current < 0.1]}
"""
    made = ucp.convert(text, target)
    cell = Cell(1.5)
    run_file(target, made.primary_bytes, CAPACITY, cell)

    assert [round(first) for first, _ in cell.begun] == [21]
    assert any(AWAY in note for note in made.notes)
