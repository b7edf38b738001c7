"""Neware step files: XML for BTS 8, version 17.

Layout and units (0.1 mV, mA, ms, mA.s and 0.1 degC) are those of step files in ``.ndax`` archives,
among them those of the projects aurora-cycler-manager, fastnda, NewareNDA and navani.
The data recorded in the same archives show that a cycle count is the number of passes, that the
``Curr`` of the types 7 and 20 is the current until ``Volt`` is reached, that their ``Time`` counts
from the start of that current, and that ``Curr`` is what the instrument applies, not ``Rate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.cyclers.export.capability import (
    CAPACITY_NEEDED,
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    check_empty_loops,
    check_repeated_ends,
    has_c_rate,
)
from ionworks.ucp.cyclers.export.decimals import decimal_text
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.export.markup import element, render
from ionworks.ucp.cyclers.export.neware_fields import (
    add_protections,
    add_record,
    add_value,
    amperes,
    capacity,
    milliamperes,
    milliseconds,
    safety_conditions,
    voltage,
)
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    StepEnd,
    check_cut_off,
    met_first,
    step_problem,
    voltage_comparison,
    why_separate,
)
from ionworks.ucp.problems import Problem

_CLIENT: Final = "BTS Client 8.0.0.478(2024.06.24)(R3)"
_NAMESPACE: Final = UUID("0d1f3c26-6a53-5a0e-8f0b-6b4b8a3a9c11")
_LONGEST_SHOWN: Final = 360_000.0
"""In s, of a rest in the archive M50T. Whether the client counts beyond 2**31 ms is not known."""
_SET_BY_CURRENT, _SET_BY_RATE = "103", "105"

_TYPES: Final = {
    ("current", "charge"): "1",
    ("current", "discharge"): "2",
    ("voltage", "charge"): "3",
    ("rest", None): "4",
    ("cccv", "charge"): "7",
    ("cccv", "discharge"): "20",
    # No public step file shows a constant voltage alone on discharge, type 19. Behind a constant
    # current that ends at its voltage, a type 20 with the same current does the same.
    ("voltage", "discharge"): "20",
}
_HELD_ON_DISCHARGE: Final = (("voltage", "discharge"), ("cccv", "discharge"))
_CYCLE, _END, _PAUSE = "5", "6", "13"
# Neware's list of step types gives a rest no other end.
_REST_ENDS: Final = "a rest can only end on its duration"
_UNSEEN: Final = "the software has it, but no public step file shows its fields"
_COLD: Final = "no public step file shows a lower temperature limit"
_PROTECTION: Final = "on this step it can only end the test; add 'goto: End'"


def _prepare(plan: Plan, _settings: Settings) -> Plan:
    """Return a plan whose constant voltages that may begin away from their value have a current.

    A constant current before it that may also end in another way leaves the cell away from the
    voltage. Such a step is written as a constant current, that before it, up to the voltage.
    """

    def limited(index: int, step: Step) -> Step:
        ceiling = _ceiling(plan, index)
        if ceiling is None or step.set_point is None or _begins_at_its_voltage(plan, index):
            return step
        return attrs.evolve(step, control="cccv", set_point=ceiling, voltage=step.set_point.value)

    return plan.with_steps(limited)


def _is_limited_hold(plan: Plan, index: int, step: Step) -> bool:
    """Return whether `_prepare` has given a constant voltage the current before it."""
    before = plan.instructions[index - 1] if index else None
    alike = isinstance(before, Step) and (before.control, before.set_point) == (
        "current",
        step.set_point,
    )
    return alike and not _begins_at_its_voltage(plan, index)


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    yield from check_empty_loops(plan, _is_written)
    for index, step in NEWARE.capability.supported_steps(plan):
        if has_c_rate(step) and settings.nominal_capacity is None:
            yield step_problem(step, CAPACITY_NEEDED)
        yield from _check_ends(step, is_last=index + 1 == len(plan.instructions))
        if step.control not in ("voltage", "cccv"):
            continue
        ceiling = step.set_point if step.control == "cccv" else _ceiling(plan, index)
        if ceiling is None:
            why = why_separate(plan, index, settings.nominal_capacity)
            yield step_problem(
                step, f"a constant voltage needs a current limit in this format, but {why}"
            )
            continue
        # Without the capacity, the C-rates are reported as they are.
        if settings.nominal_capacity is None and (ceiling.unit == "C" or has_c_rate(step)):
            continue
        for reason in check_cut_off(step, ceiling, settings.nominal_capacity):
            yield step_problem(step, reason)


def _check_ends(step: Step, *, is_last: bool) -> Iterator[Problem]:
    onward = [end for end in step.ends if end.target != END_TEST]
    natural = voltage_comparison(step.direction)
    for end in onward:
        against = end.quantity == "Voltage" and end.operator != natural
        if step.control == "current" and against:
            # An end of the last step ends the test anyway, whether it has a goto or not.
            more = "a Rest after the step and " if is_last else ""
            reason = (
                f"its end {end} is against the direction of the step, so it can only end the test "
                f"in this format; add {more}'goto: End', or remove it"
            )
            yield step_problem(step, reason)
    kinds = [end.quantity for end in onward]
    yield from check_repeated_ends(step, onward)
    if step.control == "rest" and "Time" not in kinds:
        yield step_problem(step, "a rest needs a duration in this format")
    if not kinds:
        yield step_problem(step, "it needs an end that leads to the next step")
    for end in step.ends:
        if end.quantity == "Time" and round(end.level.value * 1000) < 1:
            reason = f"its end {end} is shorter than 1 ms, the unit of times in this format"
            yield step_problem(step, reason)


def _is_written(instruction: Instruction) -> bool:
    if isinstance(instruction, Mark):
        return instruction.kind == "Pause"
    return not isinstance(instruction, LoopStart)


def _ceiling(plan: Plan, index: int) -> Level | None:
    """Return the largest current of a constant voltage: that of the constant current before it.

    None for other steps, and if no constant current before it ends at the voltage.
    """
    before = plan.instructions[index - 1] if index else None
    step = plan.instructions[index]
    if not isinstance(before, Step) or not isinstance(step, Step) or index in plan.jumped_to():
        return None
    controls = (before.control, step.control, before.direction)
    alike = controls == ("current", "voltage", step.direction)
    turns = any(
        end.target is None
        and (end.quantity, end.operator) == ("Voltage", voltage_comparison(step.direction))
        and end.level == step.set_point
        for end in before.ends
    )
    return before.set_point if alike and turns else None


def _begins_at_its_voltage(plan: Plan, index: int) -> bool:
    """Return whether the step before a constant voltage leads to it only at a voltage."""
    before = plan.instructions[index - 1]
    return isinstance(before, Step) and all(
        end.quantity == "Voltage" for end in before.ends if end.target is None
    )


def _write(plan: Plan, settings: Settings) -> WrittenFile:
    root = _StepFile(plan, settings).tree()
    config = root.find("config")
    if config is None:
        raise TypeError("_StepFile.tree adds a config to every tree")
    # Derived from the content, so that the same protocol always gives the same file.
    config.set("Guid", str(uuid5(_NAMESPACE, render(root, _empty))))
    lines = ('<?xml version="1.0" encoding="GB2312"?>', render(root, _empty))
    return WrittenFile("\r\n".join(lines).encode("ascii"), notes=tuple(_notes(plan, settings)))


def _empty(node: Element, opening: str) -> list[str]:
    """Return an empty element: step files close empty steps on a second line."""
    if "Step_Type" in node.attrib:
        return [f"<{opening}>", f"</{node.tag}>"]
    return [f"<{opening} />"]


class _StepFile:
    def __init__(self, plan: Plan, settings: Settings) -> None:
        self.plan = plan
        self.settings = settings
        counter = count(1)
        self.numbers = {
            index: next(counter)
            for index, instruction in enumerate(plan.instructions)
            if _is_written(instruction)
        }

    def tree(self) -> Element:
        root = Element("root")
        config = element(
            root,
            "config",
            type="Step File",
            version="17",
            client_version=_CLIENT,
            date=f"{self.settings.saved_at:%Y%m%d%H%M%S}",
            Guid="",
        )
        self.head(element(config, "Head_Info"))
        whole = element(config, "Whole_Prt")
        add_protections(whole, safety_conditions(self.plan))
        add_record(whole, self.plan.recording)
        steps = element(config, "Step_Info", Num=str(len(self.numbers) + 1))
        for index, instruction in enumerate(self.plan.instructions):
            if index in self.numbers:
                self.step(steps, index, instruction)
        self.open(steps, len(self.numbers) + 1, _END)
        element(element(config, "SMBUS"), "SMBUS_Info", Num="0", AdjacentInterval="0")
        return root

    def head(self, head: Element) -> None:
        add_value(head, "Operate", "66")
        add_value(head, "Scale", "1")
        element(head, "Start_Step", Value="1", Hide_Ctrl_Step="0")
        add_value(head, "Creator", "ionworks")
        add_value(head, "Remark", self.settings.stem)
        add_value(head, "RateType", _SET_BY_RATE if self.is_set_by_rate() else _SET_BY_CURRENT)
        if self.settings.nominal_capacity is not None:
            add_value(head, "MultCap", capacity(self.settings.nominal_capacity))

    def is_set_by_rate(self) -> bool:
        """Return whether all currents are C-rates.

        In public files that are set by C-rate every constant current has one. A file with some is
        set by current, as the project aurora-unicycler writes it for its cyclers.
        """
        steps = [step for _, step in self.plan.steps()]
        levels = [level for step in steps for level in _currents(step)]
        return {level.unit for level in levels} == {"C"}

    def open(self, steps: Element, number: int, kind: str) -> Element:
        return element(steps, f"Step{number}", Step_ID=str(number), Step_Type=kind)

    def step(self, steps: Element, index: int, instruction: Instruction) -> None:
        number = self.numbers[index]
        if isinstance(instruction, Mark):
            self.open(steps, number, _PAUSE)
        elif isinstance(instruction, LoopEnd):
            first = min(at for at in self.numbers if at > instruction.start)
            other = element(element(self.open(steps, number, _CYCLE), "Limit"), "Other")
            add_value(other, "Start_Step", str(self.numbers[first]))
            # A Neware cycle counts all passes, the first one included.
            add_value(other, "Cycle_Count", str(instruction.count))
        elif isinstance(instruction, Step):
            kind = _TYPES[instruction.control, instruction.direction]
            node = self.open(steps, number, kind)
            add_record(node, instruction.recording)
            self.limits(element(element(node, "Limit"), "Main"), index, instruction)
            add_protections(node, self.protections(instruction))

    def limits(self, main: Element, index: int, step: Step) -> None:
        """Add set points and ends, in the order that step files have them in."""
        onward = {end.quantity: end.level for end in step.ends if end.target != END_TEST}
        held = step.voltage
        current = step.set_point
        if step.control == "voltage" and current is not None:
            held, current = current.value, _ceiling(self.plan, index)
        if current is not None:
            self.current(main, current, "Curr", "Rate")
        if held is not None:
            add_value(main, "Volt", voltage(held))
        if "Time" in onward:
            add_value(main, "Time", milliseconds(onward["Time"].value))
        if "Capacity" in onward:
            add_value(main, "Cap", capacity(onward["Capacity"].value))
        if "Voltage" in onward:
            add_value(main, "Stop_Volt", voltage(onward["Voltage"].value))
        if "Current" in onward:
            self.current(main, onward["Current"], "Stop_Curr", "Stop_Rate")

    def current(self, main: Element, level: Level, tag: str, rate_tag: str) -> None:
        """Add a current in mA and, if it was given as a C-rate, the C-rate."""
        add_value(main, tag, milliamperes(amperes(level, self.settings.nominal_capacity)))
        if level.unit == "C":
            add_value(main, rate_tag, decimal_text(level.value, most=6))

    def in_amperes(self, level: Level) -> Level:
        """Return a C-rate as a current; protections have no C-rates."""
        if level.unit != "C":
            return level
        return Level(amperes(level, self.settings.nominal_capacity), "A")

    def protections(self, step: Step) -> list[StepEnd]:
        """Return the protections of a step: its ends that end the test, and the safety limits.

        Only the tightest of each kind is kept, because a step has one value for each.
        """
        own = [
            attrs.evolve(end, level=self.in_amperes(end.level), path=step.direction or "")
            for end in step.ends
            if end.target == END_TEST
        ]
        if not own:
            return []
        tightest: dict[tuple[str, str, str], StepEnd] = {}
        for end in (*own, *safety_conditions(self.plan)):
            side = end.path if end.quantity == "Current" else ""
            known = tightest.setdefault((end.quantity, end.operator, side), end)
            if met_first(end.operator, end.level.value, known.level.value):
                tightest[end.quantity, end.operator, side] = end
        return list(tightest.values())


def _currents(step: Step) -> list[Level]:
    """Return the set point and the ends of a step that are currents and not protections."""
    ends = [end.level for end in step.ends if end.target != END_TEST]
    return [level for level in (step.set_point, *ends) if level and level.unit in ("A", "C")]


def _notes(plan: Plan, settings: Settings) -> Iterator[str]:
    kinds = {instruction.kind for instruction in plan.instructions if isinstance(instruction, Mark)}
    if "Advance cycle" in kinds:
        yield "The instrument counts cycles by its loops; 'Advance cycle' was left out."
    for index, step in plan.steps():
        if step.control == "cccv" and _is_limited_hold(plan, index, step):
            yield (
                f"{step.title} may begin away from its voltage, because the step before it may "
                "end in another way: its current is then limited only by the constant current "
                f"before it, {step.set_point}."
            )
    steps = [step for _, step in plan.steps()]
    if any((step.control, step.direction) in _HELD_ON_DISCHARGE for step in steps):
        yield (
            "Constant voltage on discharge, a step of type 20, is known from a single public "
            "archive: check it in the Neware client."
        )
    if any(has_c_rate(step) for step in steps):
        yield (
            "The file has each C-rate also as a current, for "
            f"{settings.nominal_capacity:g} A.h. Recorded data show that the instrument applies "
            "the current even if it contradicts the C-rate: if you change the nominal capacity in "
            "the client, check that it changed every current."
        )
    yield from _end_notes(plan)


def _end_notes(plan: Plan) -> Iterator[str]:
    ends = [(step, end) for _, step in plan.steps() for end in step.ends]
    stops = any(end.target == END_TEST for _, end in ends)
    if stops:
        yield "Ends that end the test are written as protections of their steps."
    if stops or plan.safety:
        yield (
            "The file sets no delay of its protections, which is 5 s in some public files: check "
            "in the client how long a limit may be exceeded."
        )
    times = [end.level.value for _, end in ends if end.quantity == "Time"]
    if max(times, default=0.0) > _LONGEST_SHOWN:
        yield (
            f"A step of {max(times) / 3600:g} h is longer than any in public files (100 h): check "
            "in the client that it has this duration, or write it as a repeat of shorter steps."
        )
    if any(
        end.quantity == "Capacity"
        and end.target != END_TEST
        and (step.control, step.direction) in (("current", "charge"), ("voltage", "charge"))
        for step, end in ends
    ):
        yield (
            "Public files show an end on capacity in constant current discharges and CC-CV steps "
            "only: check those of other steps in the Neware client."
        )
    if "Temperature" in {
        *(end.quantity for _, end in ends),
        *(one.quantity for one in plan.safety),
    }:
        yield "Temperature limits need an auxiliary channel that is mapped to the cell."


NEWARE: Final = Format(
    target="neware",
    suffix=".xml",
    media_type="application/xml",
    encoding="ascii",
    capability=Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "voltage": DIRECTED,
            "cccv": DIRECTED,
        },
        ends={
            "rest": frozenset({"Time >"}),
            "current": frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >"}),
            "voltage": frozenset({"Time >", "Current <", "Capacity >"}),
            "cccv": frozenset({"Time >", "Current <", "Capacity >"}),
        },
        protections=frozenset(
            {"Voltage >", "Voltage <", "Current >", "Capacity >", "Temperature >"}
        ),
        loops=5,
        marks=frozenset({"Advance cycle", "Pause"}),
        hold_current="the constant current before it",
        c_rates=True,
        safety=VOLTAGE_LIMITS | CURRENT_LIMITS | {"temperature_max"},
        most_steps=254,
        reasons={
            "steps": "the manual of BTS 9 states this number",
            "power": _UNSEEN,
            "resistance": _UNSEEN,
            "waveform": _UNSEEN,
            "impedance": _UNSEEN,
            "jump": _UNSEEN,
            "Energy": _UNSEEN,
            "Power": "no public step file shows an end on power",
            "End": "the test always ends after the last step",
            "Hold time": "a CC-CV step counts its time from the start of its constant current",
            "temperature_min": _COLD,
            "Temperature <": _COLD,
            "rest Voltage >": _REST_ENDS,
            "rest Voltage <": _REST_ENDS,
            "Temperature >": _PROTECTION,
            "Current >": _PROTECTION,
            "Voltage >": _PROTECTION,
            "Voltage <": _PROTECTION,
        },
    ),
    write=_write,
    count_steps=lambda plan: sum(map(_is_written, plan.instructions)) + 1,
    trust="high; medium for constant voltage on discharge",
    prepare=_prepare,
    check=_check,
    counts_cycles=False,
)
