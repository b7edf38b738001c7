"""Random protocols that a target supports."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ionworks.ucp import (
    Block,
    End,
    Global,
    Leaf,
    Marker,
    Protocol,
    Resolution,
    Safety,
    SafetyLimit,
)
from ionworks.ucp.expressions import Number

DEPTHS = {"maccor": 4, "neware": 5, "arbin": 4, "arbin_sdx": 4, "biologic": 2, "novonix": 1}
NATIVE_RATES = {"maccor", "arbin", "neware"}
ALONE = {"maccor", "biologic"}
DISCHARGED_HOLDS = {"maccor", "biologic", "arbin", "arbin_sdx"}
JUMPS = {"maccor", "arbin", "arbin_sdx"}
CAPACITY = 3.2


def number(low: float, high: float, places: int) -> st.SearchStrategy[Number]:
    """Numbers with a few decimals, as people write them."""
    factor = 10**places
    return st.integers(round(low * factor), round(high * factor)).map(lambda n: Number(n / factor))


currents = number(0.01, 8, 3)
rates = number(0.05, 2, 2)
highs = number(3.8, 4.2, 3)
lows = number(2.6, 3.2, 3)
seconds = st.one_of(number(1, 59, 0), st.integers(1, 600).map(lambda n: Number(60.0 * n)))
resolutions = st.builds(
    Resolution,
    time=number(1, 300, 0),
    voltage=st.one_of(st.none(), number(0.001, 0.1, 3)),
)


def rests() -> st.SearchStrategy[list[Leaf]]:
    return st.builds(lambda time: [Leaf("Rest", duration=time)], seconds)


@st.composite
def loads(draw: Any, target: str) -> list[Leaf]:
    """A constant current, with or without a constant voltage after it."""
    kind = draw(st.sampled_from(["Charge", "Discharge"]))
    charges = kind == "Charge"
    resolution = draw(st.one_of(st.none(), resolutions))
    mode, value = draw(
        st.one_of(
            currents.map(lambda n: ("Current", n)),
            rates.map(lambda n: ("C-rate", n)),
        )
    )
    turn = draw(highs if charges else lows)
    end = End("Voltage", ">" if charges else "<", turn)
    first = Leaf(kind, mode, value, ends=(end,), resolution=resolution)
    holds = target in DISCHARGED_HOLDS or charges
    if holds and draw(st.booleans()):
        taper = End("Current", "<", Number(0.004))
        time = draw(st.one_of(st.none(), seconds)) if target != "arbin_sdx" else None
        hold = Leaf(kind, "Voltage", turn, time, (taper,), resolution=resolution)
        return [first, hold]
    capacity = draw(st.booleans()) and target != "biologic"
    ends = (end, End("Capacity", ">", draw(number(0.1, 3, 2)))) if capacity else (end,)
    time = draw(st.one_of(st.none(), seconds))
    return [Leaf(kind, mode, value, time, ends, resolution=resolution)]


def marks() -> st.SearchStrategy[list[Marker]]:
    return st.just([Marker("Advance cycle")])


def _flat(groups: list[list[Any]]) -> tuple[Any, ...]:
    return tuple(item for group in groups for item in group)


def items(target: str, depth: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Steps and blocks, nested up to a depth."""
    plain = st.one_of(rests(), loads(target), marks())
    body = st.lists(plain, min_size=1, max_size=3).map(_flat).filter(_has_step)
    if depth == 0:
        return body
    blocks = st.builds(
        lambda inner, count: [Block(f"Block {depth}", inner, Number(count))],
        items(target, depth - 1),
        st.integers(1, 4),
    )
    return st.lists(st.one_of(plain, blocks), min_size=1, max_size=3).map(_flat).filter(_has_step)


def _has_step(found: tuple[Any, ...]) -> bool:
    return any(
        isinstance(item, Leaf) or (isinstance(item, Block) and _has_step(item.items))
        for item in found
    )


safeties = st.builds(
    lambda low, high, amperes: Safety(
        (
            SafetyLimit("voltage_min", low),
            SafetyLimit("voltage_max", high),
            SafetyLimit("charge_current_max", amperes),
            SafetyLimit("discharge_current_max", amperes),
        )
    ),
    number(1.5, 2.5, 2),
    number(4.25, 4.5, 2),
    number(8.5, 9.5, 1),
)


@st.composite
def expressible(draw: Any, target: str) -> Protocol:
    """A protocol that a target supports completely."""
    steps = draw(items(target, draw(st.integers(0, min(DEPTHS[target], 3)))))
    # A constant voltage takes the current range of a constant current.
    lead = draw(loads(target))
    safety = draw(st.one_of(st.just(Safety()), safeties))
    tail: tuple[Any, ...] = (Leaf("Rest", duration=Number(60.0)),)
    if target in JUMPS and draw(st.booleans()):
        jump = End("Voltage", "<", Number(2.55), goto=draw(st.sampled_from(["Last", "End"])))
        lead = [
            Leaf("Discharge", "Current", Number(0.5), Number(3600.0), (jump,)),
            *lead,
        ]
    tail = (Leaf("Rest", duration=Number(60.0), name="Last"),)
    return Protocol(
        (*lead, *steps, *tail), Global(resolution=Resolution(time=Number(60.0))), safety
    )
