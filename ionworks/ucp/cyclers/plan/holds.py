"""Constant voltages that may begin while the cell is at another voltage.

In a simulation only the cell limits the current of such a hold; on a cycler it is whatever the
channel, its current range or a current limit allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from ionworks.ucp.cyclers.plan.flow import START, FlowRunner, State
from ionworks.ucp.cyclers.plan.instructions import (
    Mark,
    Plan,
    Step,
    StepEnd,
    voltage_comparison,
)
from ionworks.ucp.cyclers.plan.safety import safety_ends

_PASSES: Final = 2
"""Passes of a loop that are followed: the first, and one that is entered from the end."""


def holds_begun_elsewhere(plan: Plan) -> Iterator[tuple[Step, str]]:
    """Yield every constant voltage that may begin away from its set point, and what leads to it.

    Parameters
    ----------
    plan : Plan
        The plan of a file; the voltage of a ``cccv`` step is always led to by its current.

    Yields
    ------
    tuple of (Step, str)
        Each step once, with the first way found to begin it: ``after steps[0].Rest (Rest) ends at
        Time > 60 s``.
    """
    runner = FlowRunner(plan, _PASSES, marks=False)
    found: set[int] = set()
    seen: set[State] = set()
    waiting: deque[tuple[State, Step | Mark | None, StepEnd | None]] = deque([(START, None, None)])
    while waiting:
        place, before, end = waiting.popleft()
        state, part = runner.next_visible(place)
        if (
            isinstance(part, Step)
            and part.control == "voltage"
            and state[0] not in found
            and not _is_at(part, before, end)
        ):
            found.add(state[0])
            yield part, _way(before, end)
        if part is None or state in seen:
            continue
        seen.add(state)
        for way in _ends(part, plan):
            target = None if way is None else way.target
            waiting.append((runner.follow(state, target), part, way))


def _ends(part: Step | Mark, plan: Plan) -> Iterator[StepEnd | None]:
    """Yield the ends of an instruction, safety limits included; None if it ends by itself."""
    if isinstance(part, Step):
        yield from part.ends
        yield from safety_ends(part, plan)
    if isinstance(part, Mark) or part.ends_by_itself:
        yield None


def _is_at(hold: Step, before: Step | Mark | None, end: StepEnd | None) -> bool:
    """Return whether the cell is at a voltage when the instruction before has ended in some way.

    A discharge that ends below the voltage of a charge may begin below it, and end at once.
    """
    voltage = hold.set_point
    if not isinstance(before, Step) or end is None or voltage is None:
        return False
    if end.quantity == "Voltage":
        return end.level == voltage and end.operator == voltage_comparison(hold.direction)
    # A step of current and voltage holds the voltage once its hold time runs or its current falls.
    held = before.control == "cccv" and end.quantity in ("Current", "Hold time")
    return before.set_point == voltage or (held and before.voltage == voltage.value)


def _way(before: Step | Mark | None, end: StepEnd | None) -> str:
    if before is None:
        return "at the start of the test"
    if isinstance(before, Mark):
        return f"after {before.path} ({before.kind})"
    return f"after {before.title} " + ("is over" if end is None else f"ends at {end}")
