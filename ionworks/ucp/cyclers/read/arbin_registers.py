"""Counting the passes of a schedule's loops by running its registers.

A step "Set Variable(s)" resets registers, increments others, and only then compares its limits; the
first limit that is met takes effect.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from attrs import frozen

from ionworks.ucp.cyclers.read.arbin_schedule import CYCLE_INDEX, Row, RowLimit
from ionworks.ucp.cyclers.read.numbers import whole
from ionworks.ucp.cyclers.read.refusals import Unreadable

Registers: TypeAlias = tuple[tuple[str, int], ...]

_MOST_STATES: Final = 20_000
_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
}


@frozen
class Turn:
    """The end of a loop: it leads to ``back`` until a register is ``stop``, then to ``on``."""

    register: str
    stop: int
    back: str
    on: str


def read_turn(row: Row) -> Turn:
    """Read a step that goes back while a register is below a number, and on afterwards.

    Raises
    ------
    Unreadable
        If it is another kind of step.
    """
    backs = [limit for limit in row.limits if _sign(limit) in ("<", "<=")]
    others = [limit for limit in row.limits if limit not in backs]
    counts = row.counts()
    shaped = (
        len(backs) == 1
        and all(len(limit.equations) == 1 and limit.ends for limit in row.limits)
        and len({limit.equations[0][0] for limit in row.limits}) == 1
        and backs[0].equations[0][0] in counts
    )
    if not shaped:
        named = " and ".join(sorted(counts)) or "no register"
        raise Unreadable(
            f"it increments {named} but is not the end of a loop, which goes back while a register "
            "that it increments is below a number"
        )
    register = backs[0].equations[0][0]
    if len(others) != 1:
        raise Unreadable("it has no single limit that leads on after the last pass")
    stop = _bound(backs[0]) + (_sign(backs[0]) == "<=")
    first = _bound(others[0]) + (_sign(others[0]) == ">")
    if _sign(others[0]) not in (">", ">=", "=", "==") or first != stop:
        raise Unreadable(
            f"it goes back until {register} is {stop}, but leads on from {first}: one of them is "
            "never met, or both are"
        )
    if counts - {register, CYCLE_INDEX}:
        raise Unreadable("it increments a second counter, which nothing compares")
    return Turn(register, stop, backs[0].goto, others[0].goto)


def _sign(limit: RowLimit) -> str:
    return limit.equations[0][1] if limit.equations else ""


def _bound(limit: RowLimit) -> int:
    return whole(limit.equations[0][2])


def cycle_index_at(start: int, end: int, rows: Mapping[int, Row]) -> int:
    """Return Cycle_Index when a loop is entered; it is 1 when a test begins.

    Raises
    ------
    Unreadable
        If it is not the same on all ways into the loop, or the loop is entered more than once.
    """
    labels = {row.label: number for number, row in rows.items()}
    if start in _followers(start, end, rows, labels):
        raise Unreadable(
            f"its loop may be entered more than once, and {CYCLE_INDEX} goes on counting"
        )
    found: set[int] = set()
    first: Registers = ((CYCLE_INDEX, 1),)
    waiting, seen = [(0, first)], set[tuple[int, Registers]]()
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        if len(seen) > _MOST_STATES:
            raise Unreadable(
                f"its loop starts after too many steps to find the value of {CYCLE_INDEX} there"
            )
        number, registers = state
        if number == start:
            found.add(dict(registers)[CYCLE_INDEX])
        elif number in rows:
            waiting.extend(_next_states(rows[number], dict(registers), labels))
    if len(found) != 1:
        values = " or ".join(map(str, sorted(found))) or "unknown"
        raise Unreadable(f"{CYCLE_INDEX} is {values} at the start of its loop")
    return found.pop()


def _followers(
    start: int, end: int, rows: Mapping[int, Row], labels: Mapping[str, int]
) -> set[int]:
    """Return the steps that may run after a loop has begun, without its turn back."""
    waiting, found = [start], set[int]()
    while waiting:
        number = waiting.pop()
        if number not in rows:
            continue
        for target in _targets(rows[number], labels):
            if target not in found and not (number == end and target == start):
                found.add(target)
                waiting.append(target)
    return found


def _targets(row: Row, labels: Mapping[str, int]) -> Iterator[int]:
    for limit in row.limits:
        if limit.ends:
            yield row.number + 1 if limit.goto == "Next Step" else labels.get(limit.goto, -1)


def _next_states(
    row: Row, registers: dict[str, int], labels: Mapping[str, int]
) -> Iterator[tuple[int, Registers]]:
    if not row.sets_variables:
        for target in _targets(row, labels):
            yield target, tuple(sorted(registers.items()))
        return
    for name in row.resets():
        registers.pop(name, None)
    for name in row.counts():
        registers[name] = registers.get(name, 0) + 1
    ending = (limit for limit in row.limits if limit.ends)
    for limit, target in zip(ending, _targets(row, labels), strict=True):
        if limit.ends_at_once() or _holds(limit, registers):
            yield target, tuple(sorted(registers.items()))
            return


def _holds(limit: RowLimit, registers: Mapping[str, int]) -> bool:
    if len(limit.equations) != 1:
        raise Unreadable("a step before its loop compares several registers at once")
    left, sign, right = limit.equations[0]
    if sign not in _COMPARE or not left.startswith(("TC_", CYCLE_INDEX)):
        raise Unreadable(f"a step before its loop compares {left}, whose value is not known")
    return _COMPARE[sign](registers.get(left, 0), whole(right))
