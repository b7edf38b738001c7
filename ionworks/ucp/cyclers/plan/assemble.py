"""A plan as a protocol: loops become blocks, indices become names."""

from __future__ import annotations

from typing import Final

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan.nodes import (
    END,
    Exit,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
)
from ionworks.ucp.cyclers.plan.pairs import TOTALS, natural_comparison, remaining
from ionworks.ucp.cyclers.plan.waveforms import followed
from ionworks.ucp.expressions import Name, Number
from ionworks.ucp.nodes import (
    Assignment,
    Block,
    End,
    Global,
    Goto,
    Item,
    Kind,
    Leaf,
    Marker,
    Mode,
    Profile,
    Protocol,
    Resolution,
    Safety,
    SafetyLimit,
)

_MODES: Final[dict[str, Mode]] = {
    "A": "Current",
    "C": "C-rate",
    "V": "Voltage",
    "W": "Power",
    "Ohm": "Resistance",
}
_LONGEST_PAUSE: Final = 60.0
"""The spacing of points where a file has none, in seconds: the default of UCP."""


def assemble(plan: Plan) -> Protocol:
    """Return a plan as a protocol.

    Parameters
    ----------
    plan : Plan
        Whose jumps lead into no loop from outside.

    Returns
    -------
    Protocol
        With names where something leads to, and variables where an end counts over both parts of
        a constant-current constant-voltage step.
    """
    times = [step.recording.time for _, step in plan.steps() if step.recording.time is not None]
    time = plan.recording.time or max(times, default=_LONGEST_PAUSE)
    assembler = _Assembler(plan, attrs.evolve(plan.recording, time=time))
    items = assembler.items(0, len(plan.instructions))
    limits = tuple(
        SafetyLimit(
            limit.key,
            Number(limit.value),
            None if limit.target == END else assembler.name(limit.target),
        )
        for limit in plan.safety
    )
    return Protocol(
        tuple(items), Global(resolution=_resolution(assembler.recording)), Safety(limits)
    )


@define
class _Assembler:
    plan: Plan
    recording: Recording
    names: dict[int, str] = Factory(dict)

    def __attrs_post_init__(self) -> None:
        taken: set[str] = set()
        for index, instruction in enumerate(self.plan.instructions):
            if isinstance(instruction, LoopStart):
                self.names[index] = _unused(instruction.name or f"Loop {index + 1}", taken)
        for index in sorted(self.plan.jumped_to() | self._skipped_to()):
            instruction = self.plan.instructions[index]
            if not isinstance(instruction, LoopStart):
                wanted = instruction.name if isinstance(instruction, Step) else None
                self.names[index] = _unused(wanted or f"Step {index + 1}", taken)

    def _skipped_to(self) -> set[int]:
        """Return what the first legs of steps lead to that end without their second."""
        ends = {
            self.plan.successor(index)
            for index, step in self.plan.steps()
            if step.control == "cccv" and any(map(_is_shared, step.exits))
        }
        return ends - {END}

    def name(self, index: int) -> str:
        return self.names[index]

    def items(self, start: int, stop: int) -> list[Item]:
        items: list[Item] = []
        ends = dict(self.plan.loops())
        index = start
        while index < stop:
            instruction = self.plan.instructions[index]
            if isinstance(instruction, LoopStart):
                end = ends[index]
                items.append(self._block(index, end, instruction))
                index = end + 1
                continue
            items.extend(self._item(index, instruction))
            index += 1
        return items

    def _block(self, start: int, end: int, loop: LoopStart) -> Block:
        last = self.plan.instructions[end]
        count = last.count if isinstance(last, LoopEnd) else 1
        items = self.items(start + 1, end)
        if end in self.names:
            items.append(Leaf("Control", name=self.names[end]))
        return Block(self.names[start], tuple(items), Number(count), loop.note)

    def _item(self, index: int, instruction: Instruction) -> list[Item]:
        match instruction:
            case Mark():
                label = [Leaf("Control", name=self.names[index])] if index in self.names else []
                return [*label, Marker(instruction.kind)]
            case Step(control="cccv"):
                return self._legs(index, instruction)
            case Step():
                return [self._leaf(index, instruction)]
        raise TypeError("loops are blocks")

    def _leaf(self, index: int, step: Step) -> Leaf:
        times = [leave for leave in step.exits if leave.quantity == "Time" and leave.target is None]
        duration = times[0] if times else None
        return attrs.evolve(
            _bare_leaf(step),
            duration=None if duration is None else Number(duration.level.value),
            ends=tuple(self._end(leave) for leave in step.exits if leave is not duration),
            resolution=self._own_resolution(step.recording),
            note=step.note,
            name=self.names.get(index),
        )

    def _legs(self, index: int, step: Step) -> list[Item]:
        """Return a ``cccv`` step as two leaves, see :mod:`ionworks.ucp.cyclers.plan.pairs`."""
        if step.voltage is None:
            raise TypeError("a cccv step has a voltage")
        turn = Exit("Voltage", natural_comparison(step.direction), Level(step.voltage, "V"))
        totals = [leave for leave in step.exits if leave.quantity in TOTALS]
        follows = self.plan.successor(index)
        shared = [
            attrs.evolve(leave, target=self.plan.target(index, leave.target))
            for leave in step.exits
            if _is_shared(leave)
        ]
        first = self._leaf(
            index, attrs.evolve(step, control="current", exits=(turn, *shared), voltage=None)
        )
        own = [
            attrs.evolve(
                leave,
                quantity="Time" if leave.quantity == "Hold time" else leave.quantity,
                target=follows if _is_shared(leave) and leave.target is None else leave.target,
            )
            for leave in step.exits
            if leave not in totals
        ]
        held = attrs.evolve(
            step,
            control="voltage",
            set_point=Level(step.voltage, "V"),
            exits=tuple(own),
            note=None,
        )
        second = attrs.evolve(self._leaf(index, held), name=None)
        for leave in totals:
            variable = f"VAR_CC_{leave.quantity.upper()}_{index + 1}"
            threshold = Number(leave.level.value)
            late = attrs.evolve(self._end(leave), threshold=remaining(leave.level.value, variable))
            assignment = Assignment(variable, Name(leave.quantity))
            first = attrs.evolve(
                first,
                ends=(*first.ends, End(leave.quantity, ">", threshold)),
                set_variables=(
                    *first.set_variables,
                    *([] if assignment in first.set_variables else [assignment]),
                ),
            )
            second = attrs.evolve(second, ends=(*second.ends, late))
        return [first, second]

    def _end(self, leave: Exit) -> End:
        goto: Goto | None = None
        if leave.target is not None:
            goto = "End" if leave.target == END else self.names[leave.target]
        quantity = "C-rate" if leave.level.unit == "C" else leave.quantity
        return End(quantity, leave.operator, Number(leave.level.value), goto=goto)

    def _own_resolution(self, recording: Recording) -> Resolution | None:
        """Return what a step records in another way than the whole test."""
        parts = attrs.asdict(recording)
        own = {
            name: value
            for name, value in parts.items()
            if value is not None and value != getattr(self.recording, name)
        }
        return _resolution(Recording(**own)) if own else None


def _is_shared(leave: Exit) -> bool:
    """Return whether an exit of a ``cccv`` step ends both of its legs."""
    return leave.quantity in ("Voltage", "Temperature")


def _bare_leaf(step: Step) -> Leaf:
    """Return what a step does, not yet when it ends."""
    if step.waveform is not None:
        samples = step.waveform.samples
        profile = Profile(step.waveform.name, followed(samples) if samples else samples)
        return Leaf("Drive", _MODES[step.waveform.unit], profile=profile)
    if step.set_point is None:
        return Leaf("Rest")
    kind: Kind = "Charge" if step.direction == "charge" else "Discharge"
    return Leaf(kind, _MODES[step.set_point.unit], Number(step.set_point.value))


def _resolution(recording: Recording) -> Resolution:
    parts = attrs.asdict(recording)
    return Resolution(
        **{name: None if value is None else Number(value) for name, value in parts.items()}
    )


def _unused(name: str, taken: set[str]) -> str:
    """Return a name no other item has, whatever its spelling."""
    base = "Block" if name.lower() in ("end", "next", "end test", "next step") else name
    chosen, number = base, 2
    while chosen.lower() in taken or chosen.isdecimal():
        chosen = f"{base} ({number})"
        number += 1
    taken.add(chosen.lower())
    return chosen
