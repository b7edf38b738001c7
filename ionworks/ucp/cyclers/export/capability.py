"""What a format can say, as a table, and the check that lists all that it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from attrs import Factory, frozen

from ionworks.ucp.cyclers.plan import END, Exit, Limit, LoopEnd, Mark, Plan, Recording, Step
from ionworks.ucp.problems import Problem

_CONTROLS: Final = {
    "rest": "a rest",
    "current": "constant current",
    "voltage": "constant voltage",
    "cccv": "constant current that turns into constant voltage",
    "power": "constant power",
    "resistance": "constant resistance",
    "waveform": "a drive cycle",
}
CAPACITY_NEEDED: Final = (
    "a C-rate becomes a current in this format; pass nominal_capacity_ah, the capacity in A.h"
)


DIRECTED: Final[frozenset[str | None]] = frozenset({"charge", "discharge"})
UNDIRECTED: Final[frozenset[str | None]] = frozenset({None})


@frozen
class Capability:
    """What a format can say.

    Attributes
    ----------
    controls : mapping
        Kinds of steps, and the directions they may have.
    exits : mapping
        For every kind of step the conditions that may end it, as ``Voltage >``.
    jumps : bool
        Whether a condition may lead elsewhere than to the next step.
    protections : frozenset
        Conditions that may end the test where jumps are not possible.
    loops : int
        How deep loops may nest.
    marks : frozenset of str
        Marks that may stand among the steps.
    c_rates : bool
        Whether currents may be multiples of the nominal capacity.
    safety : frozenset of str
        Keys of safety limits.
    safety_jumps : bool
        Whether a safety limit may lead elsewhere than to the end.
    pairs : tuple of (str, str)
        Safety limits that come together or not at all.
    equal : bool
        Whether the two limits of the current are one number.
    most_instructions, most_exits, most_recordings : int or None
        Of the file, and of a step.
    reasons : mapping
        Sentences why something is not possible, by its name: that of a control (and direction,
        ``voltage discharge``), of a condition (``Temperature >``), of a safety limit, ``jump``,
        ``loops`` or the kind of a mark.
    """

    controls: Mapping[str, frozenset[str | None]]
    exits: Mapping[str, frozenset[str]]
    jumps: bool = False
    protections: frozenset[str] = frozenset()
    loops: int = 1
    marks: frozenset[str] = frozenset()
    c_rates: bool = False
    safety: frozenset[str] = frozenset()
    safety_jumps: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    equal: bool = False
    most_instructions: int | None = None
    most_exits: int | None = None
    most_recordings: int = 3
    reasons: Mapping[str, str] = Factory(dict)

    def writable(self, plan: Plan) -> Iterator[tuple[int, Step]]:
        """Yield the steps of a plan whose control the format has, with their indices."""
        for index, step in plan.steps():
            if step.direction in self.controls.get(step.control, frozenset()):
                yield index, step

    def because(self, *names: str) -> str:
        """Return the reason of the first name that has one, as the end of a sentence."""
        found = next((self.reasons[name] for name in names if name in self.reasons), None)
        return "is not possible in this format" if found is None else f"is not possible: {found}"


def problem(step: Step, reason: str, path: str = "") -> Problem:
    """Return a problem of a step."""
    return Problem("E-export", path or step.path, f"{step.title}: {reason}")


def check_capability(plan: Plan, capability: Capability) -> Iterator[Problem]:
    """Yield a problem for everything in a plan that a format cannot say."""
    count = len(plan.instructions)
    if capability.most_instructions is not None and count > capability.most_instructions:
        message = f"the protocol has {count} steps; there may be {capability.most_instructions}"
        yield Problem("E-export", "steps", message)
    for index, instruction in enumerate(plan.instructions):
        if isinstance(instruction, Step):
            yield from _check_step(plan, index, instruction, capability)
        elif isinstance(instruction, Mark) and instruction.kind not in capability.marks:
            because = capability.because(instruction.kind)
            message = f"{instruction.path} ({instruction.kind}): it {because}"
            yield Problem("E-export", instruction.path, message)
    yield from _check_stops(plan)
    yield from _check_loops(plan, capability)
    yield from _check_safety(plan, capability)


def _check_step(plan: Plan, index: int, step: Step, capability: Capability) -> Iterator[Problem]:
    if step.control == "unsupported":
        return
    if step.direction not in capability.controls.get(step.control, frozenset()):
        named = " ".join(filter(None, (step.control, step.direction)))
        because = capability.because(named, step.control)
        what = _CONTROLS[step.control]
        yield problem(step, f"{what}{f' on {step.direction}' if step.direction else ''} {because}")
        return
    if not capability.c_rates and has_c_rate(step):
        yield problem(step, CAPACITY_NEEDED)
    for leave in step.exits:
        yield from _check_exit(plan, index, step, leave, capability)
    if capability.most_exits is not None and len(step.exits) > capability.most_exits:
        yield problem(step, f"it has {len(step.exits)} ends; there may be {capability.most_exits}")
    rules = [part for part in attrs.astuple(step.recording) if part is not None]
    if len(rules) > capability.most_recordings:
        yield problem(
            step, f"it records by {len(rules)} rules; there may be {capability.most_recordings}"
        )


def has_c_rate(step: Step) -> bool:
    """Return whether a step has a current as a multiple of the nominal capacity."""
    levels = [step.set_point, *(leave.level for leave in step.exits)]
    units = [level.unit for level in levels if level is not None]
    return "C" in units or (step.waveform is not None and step.waveform.unit == "C")


def _check_exit(
    plan: Plan, index: int, step: Step, leave: Exit, capability: Capability
) -> Iterator[Problem]:
    condition = f"{leave.quantity} {leave.operator}"
    idle = step.control == "rest" and leave.quantity in ("Current", "Capacity")
    if leave.target == END and condition in capability.protections and not idle:
        return
    if condition not in capability.exits.get(step.control, frozenset()):
        because = capability.because(f"{step.control} {condition}", condition, leave.quantity)
        yield problem(step, f"its end {leave} {because}", leave.path)
        return
    leads_to = plan.target(index, leave.target)
    # Behind the last step everything ends by itself; before an End in between it is a jump.
    falls_through = leave.target is None and (
        leads_to != END or index + 1 == len(plan.instructions)
    )
    if not falls_through and not capability.jumps:
        what = "ends the test" if leads_to == END else "jumps"
        because = capability.because("jump")
        yield problem(step, f"that its end {leave} {what} {because}", leave.path)


def _check_stops(plan: Plan) -> Iterator[Problem]:
    """Yield a problem where the test ends behind an instruction that cannot jump."""
    for index, instruction in enumerate(plan.instructions[:-1]):
        jumps = isinstance(instruction, LoopEnd) or (
            isinstance(instruction, Step) and instruction.control != "waveform"
        )
        is_end = isinstance(instruction, Mark) and instruction.kind == "End"
        if not jumps and not is_end and plan.successor(index) == END:
            path = instruction.path
            yield Problem("E-export", path, f"{path}: an End right behind it has no place here")


def _check_loops(plan: Plan, capability: Capability) -> Iterator[Problem]:
    for start, end in plan.loops():
        depth = len(plan.loops_around(start)) + 1
        path = plan.instructions[end].path
        if depth > capability.loops:
            because = capability.because("loops")
            message = f"{path}: a repeat {depth} levels deep {because}"
            if "loops" not in capability.reasons:
                message = f"{path}: a repeat {depth} levels deep; there may be {capability.loops}"
            yield Problem("E-export", path, message)
        follows = end + 1 < len(plan.instructions)
        if plan.successor(end) == END and follows and not capability.jumps:
            message = f"{path}: that the test ends behind it {capability.because('jump')}"
            yield Problem("E-export", path, message)


def _check_safety(plan: Plan, capability: Capability) -> Iterator[Problem]:
    limits = {limit.key: limit for limit in plan.safety}
    for key, limit in limits.items():
        if key not in capability.safety:
            yield _of_safety(limit, f"it {capability.because(key)}")
        elif limit.target != END and not capability.safety_jumps:
            yield _of_safety(limit, "it can only end the test in this format, not go elsewhere")
    for pair in capability.pairs:
        given = [limits[key] for key in pair if key in limits]
        if len(given) == 1 and given[0].key in capability.safety:
            missing = pair[1] if given[0].key == pair[0] else pair[0]
            yield _of_safety(given[0], f"this format has it together with {missing} only; add that")
    low, high = limits.get("charge_current_max"), limits.get("discharge_current_max")
    if capability.equal and low is not None and high is not None and low.value != high.value:
        yield _of_safety(
            high,
            f"this format has one limit for both directions, but this is {high.value:g} A and "
            f"charge_current_max {low.value:g} A; make them equal",
        )


def _of_safety(limit: Limit, reason: str) -> Problem:
    path = f"safety_limits.{limit.key}"
    return Problem("E-export", path, f"{path}: {reason}")


def recording_rules(recording: Recording) -> list[tuple[str, float]]:
    """Return the rules of a recording that are given, by name."""
    return [(name, value) for name, value in attrs.asdict(recording).items() if value is not None]
