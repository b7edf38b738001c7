"""What a format supports, as a table, and the check that lists all that it does not support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from attrs import Factory, frozen

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Instruction,
    Limit,
    LoopEnd,
    Mark,
    Plan,
    Step,
    StepEnd,
    export_problem,
    step_problem,
    why_separate,
)
from ionworks.ucp.problems import Problem

CONTROLS: Final = {
    "rest": "a rest",
    "current": "constant current",
    "voltage": "constant voltage",
    "cccv": "constant current followed by constant voltage",
    "power": "constant power",
    "resistance": "constant resistance",
    "waveform": "a drive cycle",
    "impedance": "an impedance sweep",
}
CAPACITY_NEEDED: Final = (
    "this format needs currents instead of C-rates; pass nominal_capacity_ah, the capacity in A.h"
)

DIRECTED: Final[frozenset[str | None]] = frozenset({"charge", "discharge"})
UNDIRECTED: Final[frozenset[str | None]] = frozenset({None})
VOLTAGE_LIMITS: Final = frozenset({"voltage_min", "voltage_max"})
CURRENT_LIMITS: Final = frozenset({"charge_current_max", "discharge_current_max"})
_OF_CURRENTS: Final = ("Current", "Capacity", "Energy", "Power")
"""Quantities that are 0 while no current flows."""


@frozen
class Capability:
    """What a format supports.

    Attributes
    ----------
    controls : mapping
        Controls of steps, each with the directions it may have.
    ends : mapping
        For every control the conditions that may end a step, as ``Voltage >``.
    jumps : bool
        Whether an end may lead elsewhere than to the next step.
    protections : frozenset
        Conditions that may end the test, in formats without jumps.
    loops : int
        How deep loops may be nested.
    marks : frozenset of str
        Marks that may stand among the steps.
    c_rates : bool
        Whether currents may be given as C-rates.
    capacity_multiples : bool
        Whether capacities may be given as multiples of the nominal capacity.
    safety : frozenset of str
        Keys of safety limits.
    safety_jumps : bool
        Whether a safety limit may lead elsewhere than to the end of the test.
    pairs : tuple of (str, str)
        Safety limits of which the format has both or neither.
    equal : bool
        Whether both current limits must have the same value.
    most_ends, most_steps : int or None
        Largest number of ends of a step, and of steps of a file, if one is known.
    hold_current : str
        What limits the current of a constant voltage that begins away from its set point.
    reasons : mapping
        Why something is not supported, by name: a control (with its direction, as
        ``voltage discharge``), a condition (``Temperature >``, also of one control only, as
        ``rest Current >``), all ends of a control (``ends of waveform``), a safety limit,
        ``jump``, ``loops``, ``steps`` (the source of ``most_steps``) or a kind of mark.
    """

    controls: Mapping[str, frozenset[str | None]]
    ends: Mapping[str, frozenset[str]]
    jumps: bool = False
    protections: frozenset[str] = frozenset()
    loops: int = 1
    marks: frozenset[str] = frozenset()
    c_rates: bool = False
    capacity_multiples: bool = False
    safety: frozenset[str] = frozenset()
    safety_jumps: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    equal: bool = False
    most_ends: int | None = None
    most_steps: int | None = None
    hold_current: str = "what the channel supplies"
    reasons: Mapping[str, str] = Factory(dict)

    def supported_steps(self, plan: Plan) -> Iterator[tuple[int, Step]]:
        """Yield the steps of a plan whose control the format has, with their indices."""
        for index, step in plan.steps():
            if step.direction in self.controls.get(step.control, frozenset()):
                yield index, step

    def reason(self, *names: str) -> str | None:
        """Return the reason of the first name that has one."""
        return next((self.reasons[name] for name in names if name in self.reasons), None)

    def explain(self, *names: str) -> str:
        """Return the text of a refusal, with the reason of the first name that has one."""
        found = self.reason(*names)
        text = "not supported by this format"
        return text if found is None else f"{text}: {found}"


def check_capability(
    plan: Plan, capability: Capability, nominal_capacity: float | None = None
) -> Iterator[Problem]:
    """Yield a problem for everything in a plan that a format does not support.

    Parameters
    ----------
    plan : Plan
        The plan, in which currents and the voltages that follow them are joined if the format has
        only such steps.
    capability : Capability
        Of the format.
    nominal_capacity : float, optional
        In A.h, to say why a constant voltage was not joined.
    """
    for index, instruction in enumerate(plan.instructions):
        if isinstance(instruction, Step):
            yield from _check_step(plan, index, instruction, capability, nominal_capacity)
        elif isinstance(instruction, Mark) and instruction.kind not in capability.marks:
            title = f"{instruction.path} ({instruction.kind})"
            yield export_problem(instruction.path, capability.explain(instruction.kind), title)
    yield from _check_stops(plan)
    yield from _check_loops(plan, capability)
    yield from _check_safety(plan, capability)


def check_empty_loops(plan: Plan, runs: Callable[[Instruction], bool]) -> Iterator[Problem]:
    """Yield a problem for every loop in which no instruction becomes a step of the file."""
    for start, end in plan.loops():
        if not any(runs(part) for part in plan.instructions[start + 1 : end]):
            yield export_problem(
                plan.instructions[end].path, "a repeat needs at least one step in this format"
            )


def check_repeated_ends(step: Step, ends: Iterable[StepEnd]) -> Iterator[Problem]:
    """Yield a problem for every condition that a step has more than once among some ends."""
    for condition, number in Counter(f"{end.quantity} {end.operator}" for end in ends).items():
        if number > 1:
            yield step_problem(
                step, f"it has several ends {condition}; keep only the one that is met first"
            )


def _check_step(
    plan: Plan, index: int, step: Step, capability: Capability, nominal_capacity: float | None
) -> Iterator[Problem]:
    if step.control == "unsupported":
        return
    if step.control == "voltage" and step.direction is None:
        yield step_problem(
            step, "its direction is only known during the run; write Charge or Discharge"
        )
        return
    if step.direction not in capability.controls.get(step.control, frozenset()):
        named = " ".join(filter(None, (step.control, step.direction)))
        what = CONTROLS[step.control] + (f" on {step.direction}" if step.direction else "")
        reason = f"{what} is {capability.explain(named, step.control)}"
        if step.control == "voltage" and step.direction in capability.controls.get("cccv", ()):
            reason += f", but {why_separate(plan, index, nominal_capacity)}"
        yield step_problem(step, reason)
        return
    if not capability.c_rates and has_c_rate(step):
        yield step_problem(step, CAPACITY_NEEDED)
    for end in step.ends:
        yield from _check_end(plan, index, step, end, capability)
    if capability.most_ends is not None and len(step.ends) > capability.most_ends:
        yield step_problem(
            step, f"it has {len(step.ends)} ends, but this format allows {capability.most_ends}"
        )


def has_c_rate(step: Step) -> bool:
    """Return whether a step has a current that is given as a C-rate."""
    levels = [step.set_point, *(end.level for end in step.ends)]
    units = [level.unit for level in levels if level is not None]
    return "C" in units or (step.waveform is not None and step.waveform.unit == "C")


def _check_end(
    plan: Plan, index: int, step: Step, end: StepEnd, capability: Capability
) -> Iterator[Problem]:
    condition = f"{end.quantity} {end.operator}"
    if step.control == "rest" and end.quantity in _OF_CURRENTS:
        reason = f"its end {end} cannot be exported, because no current flows in a rest; remove it"
        yield step_problem(step, reason, end.path)
        return
    if end.level.unit == "Q_NOM" and not capability.capacity_multiples:
        reason = f"its end {end} needs nominal_capacity_ah in this format; pass the capacity in A.h"
        yield step_problem(step, reason, end.path)
        return
    if end.target == END_TEST and condition in capability.protections:
        return
    if condition not in capability.ends.get(step.control, frozenset()):
        names = (f"{step.control} {condition}", f"ends of {step.control}", condition, end.quantity)
        reason = capability.explain(*names)
        yield step_problem(step, f"its end {end} is {reason}", end.path)
        return
    leads_to = plan.target(index, end.target)
    # After the last step the test ends by itself; before an End among the steps it is a jump.
    falls_through = end.target is None and (
        leads_to != END_TEST or index + 1 == len(plan.instructions)
    )
    if not falls_through and not capability.jumps:
        what = "ends the test" if leads_to == END_TEST else "jumps"
        yield step_problem(
            step, f"its end {end} {what}, which is {capability.explain('jump')}", end.path
        )


def _check_stops(plan: Plan) -> Iterator[Problem]:
    """Yield a problem where an ``End`` follows an instruction that cannot jump to it."""
    for index, instruction in enumerate(plan.instructions[:-1]):
        jumps = isinstance(instruction, LoopEnd) or (
            isinstance(instruction, Step) and not instruction.ends_by_itself
        )
        is_end = isinstance(instruction, Mark) and instruction.kind == "End"
        if not jumps and not is_end and plan.successor(index) == END_TEST:
            yield export_problem(
                instruction.path, "an End cannot follow this directly; put a Rest between them"
            )


def _check_loops(plan: Plan, capability: Capability) -> Iterator[Problem]:
    for start, end in plan.loops():
        depth = len(plan.loops_around(start)) + 1
        path = plan.instructions[end].path
        if depth > capability.loops:
            reason = capability.reason("loops") or f"it allows {capability.loops} levels"
            yield export_problem(
                path, f"a repeat {depth} levels deep is not supported by this format: {reason}"
            )
        follows = end + 1 < len(plan.instructions)
        if plan.successor(end) == END_TEST and follows and not capability.jumps:
            yield export_problem(
                path, f"the test ends after this repeat, which is {capability.explain('jump')}"
            )


def _check_safety(plan: Plan, capability: Capability) -> Iterator[Problem]:
    limits = {limit.key: limit for limit in plan.safety}
    for key, limit in limits.items():
        if key not in capability.safety:
            yield limit_problem(limit, capability.explain(key))
        elif limit.target != END_TEST and not capability.safety_jumps:
            yield limit_problem(
                limit, "in this format a safety limit can only end the test; remove its goto"
            )
    for pair in capability.pairs:
        given = [limits[key] for key in pair if key in limits]
        if len(given) == 1 and given[0].key in capability.safety:
            missing = pair[1] if given[0].key == pair[0] else pair[0]
            yield limit_problem(given[0], f"this format has it only with {missing}; add {missing}")
    low, high = limits.get("charge_current_max"), limits.get("discharge_current_max")
    if capability.equal and low is not None and high is not None and low.value != high.value:
        yield limit_problem(
            high,
            f"this format has one limit for both directions, but this one is {high.value:g} A and "
            f"charge_current_max is {low.value:g} A; make them equal",
        )


def reversed_holds(plan: Plan, everywhere: Collection[str]) -> Iterator[str]:
    """Yield a note if a constant voltage may pass a current limit that its step does not watch.

    Parameters
    ----------
    plan : Plan
        The plan that is written; ends made of a safety limit have its path.
    everywhere : collection of str
        Safety limits that the file watches whatever a step does; it watches the other limits of
        the current on the steps of their direction.
    """
    steps = [step for _, step in plan.steps()]
    own = [limit.quantity for limit in plan.safety if limit.key not in everywhere]
    ends = (end for step in steps for end in step.ends)
    own += [end.quantity for end in ends if end.path.startswith("safety_limits.")]
    if "Current" in own and any(step.control in ("voltage", "cccv") for step in steps):
        yield (
            "A constant voltage that begins beyond its value, such as a charge to 3.8 V of a cell "
            "at 4.1 V, drives the current the other way, and its step does not watch the limit of "
            "that direction: limit the current on the instrument."
        )


def limit_problem(limit: Limit, reason: str) -> Problem:
    """Return a reason why a safety limit cannot be exported."""
    return export_problem(f"safety_limits.{limit.key}", reason)
