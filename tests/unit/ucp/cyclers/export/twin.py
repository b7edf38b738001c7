"""A simple cell that runs a protocol and a file of it, to compare what happens to the cell.

The voltage is linear in charge and current, so every end is met at a time that has a formula. A
protocol is run from its tree, a file from its raw text, without plans, readers and exporters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from attrs import Factory, define, frozen

from ionworks import ucp
from ionworks.ucp.expressions import constant
from tests.unit.ucp.cyclers.export.emulators import EMULATORS
from tests.unit.ucp.cyclers.export.raw import CEILINGS, LIMITS, RAW, End, Fact

EMPTY: Final = 2.8
SLOPE: Final = 0.45
RESISTANCE: Final = 0.03
"""Open-circuit voltage [V] at 0 A.h and its rise per A.h; resistance [Ohm]."""
MOST: Final = 400
"""Segments after which a run is cut."""


class Undecided(Exception):
    """Two ends are met at the same time, or a current changes its sign during a hold."""


@frozen
class Segment:
    """What the cell experienced: unit and value held, duration [s], voltage at the end."""

    unit: str
    value: float
    time: float
    volts: float


@define
class Cell:
    charge: float
    segments: list[Segment] = Factory(list)
    begun: list[tuple[float, float]] = Factory(list)
    """Of each hold: the current at its beginning, and before it."""
    current: float = 0.0

    def rest_voltage(self) -> float:
        return EMPTY + SLOPE * self.charge

    def hold_current(self, value: float, ends: list[End]) -> str:
        """Rest, or charge at a constant current; return where the end leads that is met first."""
        begin = self.rest_voltage() + RESISTANCE * value
        rate = SLOPE * value / 3600
        times = []
        for quantity, side, level, where in ends:
            match quantity:
                case "s":
                    times.append((level, where))
                case "Ah" if value:
                    times.append((level / abs(value) * 3600, where))
                case "A" if _is_beyond(abs(value), side, level):
                    times.append((0.0, where))
                case "V":
                    turns = where == "hold" and math.isclose(begin, level, rel_tol=1e-9)
                    if turns or _is_beyond(begin, side, level):
                        times.append((0.0, where))
                    elif rate and (level - begin) / rate > 0:
                        times.append(((level - begin) / rate, where))
        time, where = _first(times)
        self.charge += value * time / 3600
        self.current = value
        unit = "A" if value else ""
        self._add(unit, value, time, self.rest_voltage() + RESISTANCE * value)
        return where

    def hold_voltage(self, volts: float, sign: int, ends: list[End]) -> str:
        """Hold a voltage on charge (sign 1) or discharge (sign -1)."""
        first = (volts - self.rest_voltage()) / RESISTANCE
        if first * sign <= 0:
            raise Undecided("the current of the hold has the other sign")
        self.begun.append((abs(first), abs(self.current)))
        decay = 3600 * RESISTANCE / SLOPE
        times = []
        for quantity, side, level, where in ends:
            match quantity:
                case "s" | "held s":
                    times.append((level, where))
                case "A" if _is_beyond(abs(first), side, level):
                    times.append((0.0, where))
                case "A" if side == "<" and level > 0:
                    times.append((decay * math.log(abs(first) / level), where))
                case "V" if _is_beyond(volts, side, level):
                    times.append((0.0, where))
                case "Ah":
                    share = level * 3600 / (abs(first) * decay)
                    if share < 1:
                        times.append((-decay * math.log(1 - share), where))
        time, where = _first(times)
        self.current = first * math.exp(-time / decay)
        self.charge += first * decay * (1 - math.exp(-time / decay)) / 3600
        self._add("V", volts, time, volts)
        return where

    def _add(self, unit: str, value: float, time: float, volts: float) -> None:
        if len(self.segments) >= MOST:
            raise Undecided("the run is too long")
        self.segments.append(Segment(unit, value, time, volts))


def _is_beyond(value: float, side: str, level: float) -> bool:
    if math.isclose(value, level, rel_tol=1e-9):
        raise Undecided("a step begins at the threshold of an end")
    return value > level if side == ">" else value < level


def _first(times: list[tuple[float, str]]) -> tuple[float, str]:
    if not times:
        raise Undecided("no end is ever met")
    ordered = sorted(times)
    for time, where in ordered[1:]:
        if where != ordered[0][1] and math.isclose(time, ordered[0][0], rel_tol=1e-6, abs_tol=1e-6):
            raise Undecided("two ends are met at the same time")
    return ordered[0]


# ---------------------------------------------------------------- a file


def run_file(target: str, content: bytes, capacity: float, cell: Cell) -> None:
    """Run the steps of a file on a cell, with its limits."""
    facts = [_in_amperes(fact, capacity) for fact in RAW[target](content)]
    limits = LIMITS[target](content)
    ceilings = CEILINGS[target](content)

    def step(number: int) -> str:
        return _run_fact(facts[number], limits, ceilings.get(number), cell)

    EMULATORS[target](content, step)


def _in_amperes(fact: Fact, capacity: float) -> Fact:
    unit, value, volts, ends = fact
    factors = {"C": capacity}
    own = tuple(
        ("A" if quantity == "C" else quantity, side, level * factors.get(quantity, 1), where)
        for quantity, side, level, where in ends
    )
    return "A" if unit == "C" else unit, value * factors.get(unit, 1), volts, own


def _run_fact(fact: Fact, limits: list[Any], ceiling: float | None, cell: Cell) -> str:
    unit, value, volts, own = fact
    held = volts or value
    sign = _sign(cell, held) if unit == "V" else 1 if value > 0 else -1
    watched = [
        (quantity, side, level, "end")
        for quantity, side, level, direction in limits
        if direction in (0, sign) and not (unit == "" and quantity == "A")
    ]
    ends = [*own, *watched]
    if unit == "":
        return cell.hold_current(0.0, ends)
    if unit == "V":
        if ceiling is not None:
            first = abs(value - cell.rest_voltage()) / RESISTANCE
            if first > ceiling * (1 + 1e-6):
                turn = ("V", ">" if sign > 0 else "<", value, "hold")
                where = cell.hold_current(sign * ceiling, [*ends, turn])
                if where != "hold":
                    return where
        return cell.hold_voltage(value, sign, ends)
    if not volts:
        return cell.hold_current(value, ends)
    # Constant current up to the voltage, then constant voltage; only ends on times that are
    # counted in the second part do not apply to the first.
    turn = ("V", ">" if value > 0 else "<", volts, "hold")
    where = cell.hold_current(value, [*(end for end in ends if end[0] != "held s"), turn])
    if where != "hold":
        return where
    used = cell.segments[-1].time
    late = [
        (quantity, side, level - used if quantity == "s" else level, at)
        for quantity, side, level, at in ends
    ]
    return cell.hold_voltage(volts, sign, late)


def _sign(cell: Cell, volts: float) -> int:
    return 1 if volts > cell.rest_voltage() else -1


# ---------------------------------------------------------------- a protocol


class _Jump(Exception):
    pass


def run_protocol(protocol: ucp.Protocol, capacity: float, cell: Cell) -> None:
    """Run the tree of a protocol on a cell; every jump leads to the last item or ends the test."""
    limits = [
        (quantity, side, _number(limit.value), direction, _where(limit.goto))
        for limit in protocol.safety.limits
        for quantity, side, direction in [_KINDS[limit.key]]
    ]
    last = protocol.steps[-1]
    try:
        for leaf in _leaves(protocol.steps):
            _run_leaf(leaf, capacity, limits, cell)
    except _Jump as jump:
        if str(jump) == "last" and isinstance(last, ucp.Leaf):
            try:
                _run_leaf(last, capacity, limits, cell)
            except _Jump:
                return


_KINDS: Final[dict[str, tuple[str, str, int]]] = {
    "voltage_min": ("V", "<", 0),
    "voltage_max": ("V", ">", 0),
    "charge_current_max": ("A", ">", 1),
    "discharge_current_max": ("A", ">", -1),
}
_QUANTITIES: Final = {"Voltage": "V", "Current": "A", "Capacity": "Ah", "Time": "s", "C-rate": "A"}


def _number(expr: Any) -> float:
    return float(constant(expr) or 0)


def _where(goto: str | int | None) -> str:
    return "end" if goto in (None, "End") else "last"


def _leaves(items: tuple[Any, ...]) -> Iterator[ucp.Leaf]:
    for item in items:
        if isinstance(item, ucp.Block):
            for _ in range(round(_number(item.repeat))):
                yield from _leaves(item.items)
        elif isinstance(item, ucp.Leaf):
            yield item


def _run_leaf(leaf: ucp.Leaf, capacity: float, limits: list[Any], cell: Cell) -> None:
    sign = {"Charge": 1, "Discharge": -1}.get(leaf.kind, 0)
    ends: list[End] = [
        (quantity, side, level, where)
        for quantity, side, level, direction, where in limits
        if direction in (0, sign) and not (sign == 0 and quantity == "A")
    ]
    for end in leaf.ends:
        where = "next" if end.goto is None else _where(end.goto)
        factor = capacity if end.quantity == "C-rate" else 1.0
        level = _number(end.threshold) * factor
        ends.append((_QUANTITIES[end.quantity], str(end.operator), level, where))
    if leaf.duration is not None:
        ends.append(("s", ">", _number(leaf.duration), "next"))
    value = 0.0 if leaf.value is None else _number(leaf.value)
    if leaf.mode == "Voltage":
        where = cell.hold_voltage(value, sign, ends)
    else:
        where = cell.hold_current(sign * value * (capacity if leaf.mode == "C-rate" else 1), ends)
    if where != "next":
        raise _Jump(where)
