"""Neware step files: XML for BTS 8, version 17.

Layout and units are those of step files in ``.ndax`` archives, among them those of the projects
aurora-cycler-manager, fastnda and NewareNDA: 0.1 mV, mA, ms, mA.s and 0.1 degC.
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
    DIRECTED,
    UNDIRECTED,
    Capability,
    has_c_rate,
    problem,
)
from ionworks.ucp.cyclers.export.decimals import plain
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.export.markup import element, rendered
from ionworks.ucp.cyclers.export.neware_fields import (
    add_protections,
    add_record,
    add_value,
    capacity,
    milliseconds,
    safety_conditions,
    voltage,
)
from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Instruction,
    Level,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
)
from ionworks.ucp.problems import Problem

_CLIENT: Final = "BTS Client 8.0.0.478(2024.06.24)(R3)"
_NAMESPACE: Final = UUID("0d1f3c26-6a53-5a0e-8f0b-6b4b8a3a9c11")
_MOST_STEPS: Final = 254
_SET_BY_CURRENT, _SET_BY_RATE = "103", "105"

_TYPES: Final = {
    ("current", "charge"): "1",
    ("current", "discharge"): "2",
    ("voltage", "charge"): "3",
    ("rest", None): "4",
    ("cccv", "charge"): "7",
}
_CYCLE, _END, _PAUSE = "5", "6", "13"
_ONLY_CHARGE: Final = "no public step file shows a constant voltage on discharge"


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    written = [part for part in plan.instructions if _is_written(part)]
    if len(written) + 1 > _MOST_STEPS:
        message = f"the file has {len(written) + 1} steps; there may be {_MOST_STEPS}"
        yield Problem("E-export", "steps", message)
    for start, end in plan.loops():
        if not any(_is_written(part) for part in plan.instructions[start + 1 : end]):
            path = plan.instructions[end].path
            yield Problem("E-export", path, f"{path}: a repeat without steps has no place")
    for index, step in NEWARE.capability.writable(plan):
        if has_c_rate(step) and settings.nominal_capacity is None:
            yield problem(step, CAPACITY_NEEDED)
        yield from _check_exits(step)
        held = step.control == "voltage" and step.direction == "charge"
        if held and _ceiling(plan, index) is None:
            yield problem(
                step,
                "a constant voltage needs a largest current; let a constant current that ends at "
                "this voltage lead to it, and nothing else",
            )


def _check_exits(step: Step) -> Iterator[Problem]:
    stops = [leave for leave in step.exits if leave.target != END]
    natural = ">" if step.direction == "charge" else "<"
    for leave in stops:
        if step.direction and leave.quantity == "Voltage" and leave.operator != natural:
            yield problem(
                step, f"its end {leave} is against its direction; it can only end the test"
            )
    kinds = [leave.quantity for leave in stops]
    for kind in dict.fromkeys(kinds):
        if kinds.count(kind) > 1:
            yield problem(step, f"it has several ends on {kind}; keep the one that is met first")
    if step.control == "rest" and "Time" not in kinds:
        yield problem(step, "a rest has a duration in this format")
    if not kinds:
        yield problem(step, "an end that leads to the next step is missing")
    if step.direction is None and any(leave.quantity == "Current" for leave in step.exits):
        yield problem(step, "a rest has no end on the current")
    for leave in step.exits:
        if leave.quantity == "Time" and round(leave.level.value * 1000) < 1:
            yield problem(step, f"its end {leave} is below a millisecond")


def _is_written(instruction: Instruction) -> bool:
    if isinstance(instruction, Mark):
        return instruction.kind == "Pause"
    return not isinstance(instruction, LoopStart)


def _ceiling(plan: Plan, index: int) -> Level | None:
    """Return the current that leads to a constant voltage, if only one does."""
    before = plan.instructions[index - 1] if index else None
    step = plan.instructions[index]
    if not isinstance(before, Step) or not isinstance(step, Step) or index in plan.jumped_to():
        return None
    turns = [
        leave
        for leave in before.exits
        if leave.target is None and leave.quantity == "Voltage" and leave.level == step.set_point
    ]
    alike = (before.control, before.direction) == ("current", step.direction)
    return before.set_point if alike and turns else None


def _write(plan: Plan, settings: Settings) -> Written:
    root = _StepFile(plan, settings).tree()
    config = root.find("config")
    if config is None:
        raise TypeError("the tree has a config")
    config.set("Guid", str(uuid5(_NAMESPACE, rendered(root, _empty))))
    lines = ('<?xml version="1.0" encoding="GB2312"?>', rendered(root, _empty))
    return Written("\r\n".join(lines).encode("ascii"), notes=tuple(_notes(plan)))


def _empty(node: Element, opening: str) -> list[str]:
    """Return an element without content: a step has lines of its own all the same."""
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
        rates = any(has_c_rate(step) for _, step in self.plan.steps())
        add_value(head, "RateType", _SET_BY_RATE if rates else _SET_BY_CURRENT)
        if self.settings.nominal_capacity is not None:
            add_value(head, "MultCap", capacity(self.settings.nominal_capacity))

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
            add_value(other, "Cycle_Count", str(instruction.count))
        elif isinstance(instruction, Step):
            kind = _TYPES[instruction.control, instruction.direction]
            node = self.open(steps, number, kind)
            add_record(node, instruction.recording)
            self.limits(element(element(node, "Limit"), "Main"), index, instruction)
            add_protections(node, self.protections(instruction))

    def limits(self, main: Element, index: int, step: Step) -> None:
        """Add set points and ends, in the order of the files."""
        stops = {leave.quantity: leave for leave in step.exits if leave.target != END}
        held = step.voltage
        current = step.set_point
        if step.control == "voltage" and current is not None:
            held, current = current.value, _ceiling(self.plan, index)
        if current is not None:
            self.current(main, current, "Curr", "Rate")
        if held is not None:
            add_value(main, "Volt", voltage(held))
        if "Time" in stops:
            add_value(main, "Time", milliseconds(stops["Time"].level.value))
        if "Capacity" in stops:
            add_value(main, "Cap", capacity(stops["Capacity"].level.value))
        if "Voltage" in stops:
            add_value(main, "Stop_Volt", voltage(stops["Voltage"].level.value))
        if "Current" in stops:
            self.current(main, stops["Current"].level, "Stop_Curr", "Stop_Rate")

    def current(self, main: Element, level: Level, tag: str, rate_tag: str) -> None:
        """Add a current in mA, and the C-rate it comes from."""
        factor = 1.0
        if level.unit == "C":
            factor = self.settings.nominal_capacity or 0.0
        add_value(main, tag, plain(level.value * factor * 1000, most=6))
        if level.unit == "C":
            add_value(main, rate_tag, plain(level.value, most=6))

    def protections(self, step: Step) -> list[Exit]:
        """Return what ends the test in a step, limits of the whole test included; the tightest."""
        own = [
            attrs.evolve(leave, path=step.direction or "")
            for leave in step.exits
            if leave.target == END
        ]
        if not own:
            return []
        tightest: dict[tuple[str, str, str], Exit] = {}
        for leave in (*own, *safety_conditions(self.plan)):
            side = leave.path if leave.quantity == "Current" else ""
            known = tightest.setdefault((leave.quantity, leave.operator, side), leave)
            values = (leave.level.value, known.level.value)
            if values[0] < values[1] if leave.operator == ">" else values[0] > values[1]:
                tightest[leave.quantity, leave.operator, side] = leave
        return list(tightest.values())


def _notes(plan: Plan) -> Iterator[str]:
    kinds = {instruction.kind for instruction in plan.instructions if isinstance(instruction, Mark)}
    if "Advance cycle" in kinds:
        yield "Cycles are counted by the instrument's own loops; the marks for them were left out."
    exits = [(step.direction, leave) for _, step in plan.steps() for leave in step.exits]
    if any(leave.target == END for _, leave in exits):
        yield "Ends that end the test are written as protections of their step."
    if any((side, leave.quantity) == ("charge", "Capacity") for side, leave in exits):
        yield "No public file shows a charge that ends on capacity: look at it in the client."
    if "Temperature" in {
        *(end.quantity for _, end in exits),
        *(one.quantity for one in plan.safety),
    }:
        yield "Temperatures need an auxiliary channel that is mapped to the cell."


NEWARE: Final = Format(
    "neware",
    ".xml",
    "application/xml",
    "ascii",
    Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "voltage": frozenset({"charge"}),
            "cccv": frozenset({"charge"}),
        },
        exits={
            "rest": frozenset({"Time >"}),
            "current": frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >"}),
            "voltage": frozenset({"Time >", "Current <"}),
            "cccv": frozenset({"Time >", "Current <"}),
        },
        protections=frozenset(
            {"Voltage >", "Voltage <", "Current >", "Capacity >", "Temperature >"}
        ),
        loops=5,
        marks=frozenset({"Advance cycle", "Pause"}),
        c_rates=True,
        safety=frozenset(
            {
                "voltage_min",
                "voltage_max",
                "charge_current_max",
                "discharge_current_max",
                "temperature_max",
            }
        ),
        reasons={
            "power": "no public step file shows a constant power",
            "resistance": "no public step file shows a constant resistance",
            "waveform": "no public step file shows a simulated profile",
            "voltage discharge": _ONLY_CHARGE,
            "cccv discharge": _ONLY_CHARGE,
            "jump": "no public step file shows a condition that jumps",
            "End": "the last step ends the test",
            "Energy": "no public step file shows an end on energy",
            "temperature_min": "no public step file shows a lower limit of the temperature",
            "rest Voltage >": "a rest ends on its time only",
            "rest Voltage <": "a rest ends on its time only",
        },
    ),
    _write,
    check=_check,
    counts_cycles=False,
)
