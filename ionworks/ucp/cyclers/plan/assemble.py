"""Plan to protocol: loops become blocks, indices become names."""

from __future__ import annotations

from typing import Final

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan.cccv import TOTALS, remaining
from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Impedance,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    StepEnd,
    voltage_comparison,
)
from ionworks.ucp.cyclers.plan.waveforms import to_lines
from ionworks.ucp.expressions import Binary, Expr, Name, Number
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
    Sweep,
)

_MODES: Final[dict[str, Mode]] = {
    "A": "Current",
    "C": "C-rate",
    "V": "Voltage",
    "W": "Power",
    "Ohm": "Resistance",
}
_DEFAULT_TIME: Final = 60.0
"""Time resolution where a file has none, in seconds: the default of UCP."""


def assemble(plan: Plan) -> Protocol:
    """Convert a plan to a protocol.

    Parameters
    ----------
    plan : Plan
        A plan without jumps into loops.

    Returns
    -------
    Protocol
        The targets of jumps have names, and ends that count over both parts of a ``cccv`` step
        use variables.
    """
    times = [step.recording.time for _, step in plan.steps() if step.recording.time is not None]
    time = plan.recording.time or max(times, default=_DEFAULT_TIME)
    assembler = _Assembler(plan, attrs.evolve(plan.recording, time=time))
    items = assembler.items(0, len(plan.instructions))
    limits = tuple(
        SafetyLimit(
            limit.key,
            Number(limit.value),
            None if limit.target == END_TEST else assembler.name(limit.target),
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
        """Return the steps reached when a ``cccv`` step ends during its constant current.

        Such an end skips the leaf of the constant voltage, so its target needs a name.
        """
        ends = {
            self.plan.successor(index)
            for index, step in self.plan.steps()
            if step.control == "cccv" and any(map(_is_shared, step.ends))
        }
        return ends - {END_TEST}

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
                # A marker is a single word: its name and note stand on a step before it.
                name = self.names.get(index)
                label = [Leaf("Control", name=name, note=instruction.note)]
                return [*(label if name or instruction.note else []), Marker(instruction.kind)]
            case Step(control="cccv"):
                return self._cccv_leaves(index, instruction)
            case Step():
                return [self._leaf(index, instruction)]
        raise TypeError("loops are converted by _block")

    def _leaf(self, index: int, step: Step) -> Leaf:
        times = [end for end in step.ends if end.quantity == "Time" and end.target is None]
        duration = times[0] if times else None
        return attrs.evolve(
            _bare_leaf(step),
            duration=None if duration is None else Number(duration.level.value),
            ends=tuple(self._end(end) for end in step.ends if end is not duration),
            # An impedance sweep has no resolution in UCP: it saves its frequencies.
            resolution=None if step.impedance else self._own_resolution(step.recording),
            note=step.note,
            name=self.names.get(index),
        )

    def _cccv_leaves(self, index: int, step: Step) -> list[Item]:
        """Return a ``cccv`` step as two leaves, see :mod:`ionworks.ucp.cyclers.plan.cccv`."""
        if step.voltage is None:
            raise TypeError("a cccv step has a voltage")
        turn = StepEnd("Voltage", voltage_comparison(step.direction), Level(step.voltage, "V"))
        totals = [end for end in step.ends if end.quantity in TOTALS]
        follows = self.plan.successor(index)
        shared = [
            attrs.evolve(end, target=self.plan.target(index, end.target))
            for end in step.ends
            if _is_shared(end)
        ]
        first = self._leaf(
            index, attrs.evolve(step, control="current", ends=(turn, *shared), voltage=None)
        )
        own = [
            attrs.evolve(
                end,
                quantity="Time" if end.quantity == "Hold time" else end.quantity,
                target=follows if _is_shared(end) and end.target is None else end.target,
            )
            for end in step.ends
            if end not in totals
        ]
        held = attrs.evolve(
            step,
            control="voltage",
            set_point=Level(step.voltage, "V"),
            ends=tuple(own),
            note=None,
        )
        second = attrs.evolve(self._leaf(index, held), name=None)
        for end in totals:
            variable = f"VAR_CC_{end.quantity.upper()}_{index + 1}"
            threshold = _threshold(end.level)
            late = attrs.evolve(self._end(end), threshold=remaining(threshold, variable))
            assignment = Assignment(variable, Name(end.quantity))
            first = attrs.evolve(
                first,
                ends=(*first.ends, End(end.quantity, ">", threshold)),
                set_variables=(
                    *first.set_variables,
                    *([] if assignment in first.set_variables else [assignment]),
                ),
            )
            second = attrs.evolve(second, ends=(*second.ends, late))
        return [first, second]

    def _end(self, end: StepEnd) -> End:
        goto: Goto | None = None
        if end.target is not None:
            goto = "End" if end.target == END_TEST else self.names[end.target]
        threshold = _threshold(end.level)
        if end.quantity == "Voltage rate":
            return End("Voltage", end.operator, threshold, rate=True, goto=goto)
        quantity = "C-rate" if end.level.unit == "C" else end.quantity
        return End(quantity, end.operator, threshold, goto=goto)

    def _own_resolution(self, recording: Recording) -> Resolution | None:
        """Return the parts of a step's resolution that differ from the whole test."""
        own = {
            name: value
            for name, value in recording.rules().items()
            if value != getattr(self.recording, name)
        }
        return _resolution(Recording(**own)) if own else None


def _threshold(level: Level) -> Expr:
    value = Number(level.value)
    return Binary("*", value, Name("Q_NOM")) if level.unit == "Q_NOM" else value


def _is_shared(end: StepEnd) -> bool:
    """Return whether an end of a ``cccv`` step is watched during both of its parts."""
    rises = (end.quantity, end.operator) == ("Current", ">")
    return rises or end.quantity in ("Voltage", "Temperature")


def _bare_leaf(step: Step) -> Leaf:
    """Return a leaf with the control and set point of a step, without ends."""
    if step.waveform is not None:
        samples = step.waveform.samples
        profile = Profile(step.waveform.name, to_lines(samples) if samples else samples)
        return Leaf("Drive", _MODES[step.waveform.unit], profile=profile)
    if step.impedance is not None:
        return Leaf("EIS", _MODES[step.impedance.amplitude.unit], sweep=_sweep(step.impedance))
    if step.set_point is None:
        return Leaf("Rest")
    value = Number(step.set_point.value)
    mode = _MODES[step.set_point.unit]
    if step.direction is None:
        return Leaf("Direction", mode, value, direction=Binary("-", value, Name("Voltage")))
    kind: Kind = "Charge" if step.direction == "charge" else "Discharge"
    return Leaf(kind, mode, value)


def _sweep(impedance: Impedance) -> Sweep:
    amplitude = Number(impedance.amplitude.value)
    if impedance.frequencies:
        return Sweep(amplitude, tuple(map(Number, impedance.frequencies)))
    low, high = impedance.min_frequency, impedance.max_frequency
    if low is None or high is None or impedance.points_per_decade is None:
        raise TypeError("an impedance sweep has frequencies or a range")
    points = Number(impedance.points_per_decade)
    return Sweep(amplitude, (), Number(low), Number(high), points)


def _resolution(recording: Recording) -> Resolution:
    return Resolution(**{name: Number(value) for name, value in recording.rules().items()})


def _unused(name: str, taken: set[str]) -> str:
    """Return a name that differs from all others, upper and lower case ignored.

    Names that UCP gives a meaning to (``End``, ``Next``, step numbers) are avoided.
    """
    base = "Block" if name.lower() in ("end", "next", "end test", "next step") else name
    chosen, number = base, 2
    while chosen.lower() in taken or chosen.isdecimal():
        chosen = f"{base} ({number})"
        number += 1
    taken.add(chosen.lower())
    return chosen
