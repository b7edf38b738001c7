"""Reading Neware step files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Comparison,
    Direction,
    Level,
    Limit,
    Mark,
    Recording,
    Step,
    StepEnd,
    Unit,
    met_first,
)
from ionworks.ucp.cyclers.read.numbers import finite
from ionworks.ucp.cyclers.read.plan_builder import Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable
from ionworks.ucp.cyclers.read.safe_xml import read_xml

TITLE: Final = "Neware step file"
_KINDS: Final = {
    "1": "constant current charge",
    "2": "constant current discharge",
    "3": "constant voltage charge",
    "4": "rest",
    "5": "cycle",
    "6": "end",
    "7": "constant current and voltage charge",
    "8": "constant power discharge",
    "9": "constant power charge",
    "10": "constant resistance discharge",
    "11": "constant resistance charge",
    "12": "internal resistance",
    "13": "pause",
    "16": "pulse",
    "17": "simulation",
    "19": "constant voltage discharge",
    "20": "constant current and voltage discharge",
    "25": "ramp",
}
_FIELDS: Final = {
    "1": ("Curr", "Rate", "Time", "Cap", "Stop_Volt"),
    "2": ("Curr", "Rate", "Time", "Cap", "Stop_Volt"),
    "3": ("Curr", "Rate", "Volt", "Time", "Stop_Curr", "Stop_Rate"),
    "4": ("Time",),
    "7": ("Curr", "Rate", "Volt", "Time", "Stop_Curr", "Stop_Rate"),
}
_IN_VOLTS: Final = 10_000
_IN_AMPERES: Final = 1000
_IN_AMPERE_HOURS: Final = 3_600_000
_PROTECTIONS: Final[dict[str, tuple[str, Comparison, float, Unit]]] = {
    "Main/Volt/Upper": ("Voltage", ">", _IN_VOLTS, "V"),
    "Main/Volt/Lower": ("Voltage", "<", _IN_VOLTS, "V"),
    "Main/Curr/Upper": ("Current", ">", _IN_AMPERES, "A"),
    "Main/Curr/Lower": ("Current", ">", -_IN_AMPERES, "A"),
    "Main/Cap/Upper": ("Capacity", ">", _IN_AMPERE_HOURS, "Ah"),
    "Aux/Temp/Upper": ("Temperature", ">", 10, "degC"),
}
_LIMITS: Final = {
    "Main/Volt/Upper": "voltage_max",
    "Main/Volt/Lower": "voltage_min",
    "Main/Curr/Upper": "charge_current_max",
    "Main/Curr/Lower": "discharge_current_max",
    "Aux/Temp/Upper": "temperature_max",
}
_ROUNDING: Final = 0.0051
"""In mA: the client rounds currents to two decimals of a milliampere."""


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a step file.

    Parameters
    ----------
    content : bytes
        XML.

    Raises
    ------
    UCPError
        If it is not a step file, or has steps that UCP cannot express; all of them are listed.
    """
    config = read_xml(content).find("config")
    refusals = Refusals(TITLE)
    if config is None or config.get("type") != "Step File":
        refusals.add("the file", "it has no element config of the type Step File")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals))
    if config is not None:
        reader.head(config)
        steps = config.findall("Step_Info/*")
        stated = [node.get("Num") for node in config.iterfind("Step_Info")]
        if stated != [str(len(steps))]:
            refusals.add("Step_Info", f"its Num is {stated}, but there are {len(steps)} steps")
        for number, node in enumerate(steps, 1):
            reader.step(number, node)
    return reader.builder.read_file()


@define
class _Reader:
    builder: PlanBuilder
    protections: dict[str, float] = Factory(dict)

    def head(self, config: Element) -> None:
        """Read the settings of the whole test."""
        refuse = self.builder.refusals.add
        with self.builder.refusing("the whole test"):
            if _optional(config, "Head_Info/Scale") not in (None, 1):
                refuse("Scale", "the meaning of this scale of currents is not documented")
            if _optional(config, "Head_Info/Start_Step") not in (None, 1):
                refuse("Start_Step", "the test does not start with its first step")
            if _optional(config, "Head_Info/RateType") not in (None, 103, 105):
                refuse("RateType", "this way of setting currents is not documented")
            capacity = _optional(config, "Head_Info/MultCap")
            self.builder.nominal_capacity = capacity / _IN_AMPERE_HOURS if capacity else None
            self.builder.recording = _recording(config.find("Whole_Prt/Record"))
            self.protections = self._protections(config.find("Whole_Prt/Protect"))
        self.builder.safety.extend(
            Limit(key, self.protections[path])
            for path, key in _LIMITS.items()
            if path in self.protections
        )
        if "Main/Cap/Upper" in self.protections:
            self.builder.notes.append("the protection on capacity is read as an end of every step")

    def step(self, number: int, node: Element) -> None:
        kind = node.get("Step_Type", "")
        place = f"step {number} ({_KINDS.get(kind, f'type {kind}')})"
        with self.builder.refusing(place, number):
            _check_order(number, node)
            self._step(number, kind, place, node)

    def _step(self, number: int, kind: str, place: str, node: Element) -> None:
        if kind == "5":
            self.builder.steps[number] = None
            start = _whole(node, "Limit/Other/Start_Step")
            count = _whole(node, "Limit/Other/Cycle_Count")
            self.builder.loops.append(Loop(start, number, count))
        elif kind == "6":
            self.builder.steps[number] = Mark("End", place)
        elif kind == "13":
            self.builder.steps[number] = Mark("Pause", place)
        elif kind in _FIELDS:
            step = self._active(number, kind, node)
            own = _recording(node.find("Record")) if node.find("Record") is not None else None
            self.builder.steps[number] = attrs.evolve(
                step,
                recording=self.builder.recording if own is None else own,
                name=f"Step {number}",
                path=place,
                title=place,
            )
        else:
            raise Unreadable("no public step file shows the fields of this type")

    def _active(self, number: int, kind: str, node: Element) -> Step:
        if node.find("Limit/Other") is not None:
            raise Unreadable("conditions and jumps of this format are not documented")
        limits = node.find("Limit/Main")
        fields = {} if limits is None else {child.tag: _value(child) for child in limits}
        unknown = [name for name in fields if name not in _FIELDS[kind]]
        if unknown:
            raise Unreadable(f"a step of this type cannot have the limit {', '.join(unknown)}")
        direction: Direction = "discharge" if kind == "2" else "charge"
        ends = [*self._ends(fields, direction), *self._protected(kind, direction, node)]
        if not any(end.target is None for end in ends):
            raise Unreadable("it has no end that leads to the next step")
        if kind == "4":
            return Step("rest", ends=tuple(ends))
        current = self._current(fields, "Curr", "Rate")
        if kind in ("1", "2"):
            if current is None:
                raise Unreadable("its current is missing")
            return Step("current", direction, current, ends=tuple(ends))
        if "Volt" not in fields:
            raise Unreadable("its voltage is missing")
        voltage = fields["Volt"] / _IN_VOLTS
        if current is None or (kind == "3" and self._follows(number, current, voltage)):
            return Step("voltage", direction, Level(voltage, "V"), ends=tuple(ends))
        # A constant voltage with a current limit is a constant current up to that voltage,
        # followed by the voltage.
        return Step("cccv", direction, current, voltage, tuple(ends))

    def _follows(self, number: int, current: Level, voltage: float) -> bool:
        """Return whether the step before is a constant current up to this voltage.

        Its current is then the limit of this step, and the voltage is held as a separate step.
        """
        before = self.builder.steps.get(number - 1)
        return (
            isinstance(before, Step)
            and before.control == "current"
            and before.direction == "charge"
            and self._same_current(before.set_point, current)
            and any(
                end.quantity == "Voltage" and end.level.value == voltage and not end.target
                for end in before.ends
            )
        )

    def _same_current(self, one: Level | None, other: Level) -> bool:
        if one is None:
            return False
        capacity = self.builder.nominal_capacity or math.nan
        amperes = [level.value * (capacity if level.unit == "C" else 1.0) for level in (one, other)]
        return one == other or math.isclose(*amperes, rel_tol=1e-6)

    def _ends(self, fields: Mapping[str, float], direction: Direction) -> list[StepEnd]:
        ends = []
        if "Time" in fields:
            ends.append(StepEnd("Time", ">", Level(fields["Time"] / 1000, "s")))
        if "Cap" in fields:
            ends.append(StepEnd("Capacity", ">", Level(fields["Cap"] / _IN_AMPERE_HOURS, "Ah")))
        if "Stop_Volt" in fields:
            operator: Comparison = ">" if direction == "charge" else "<"
            level = Level(fields["Stop_Volt"] / _IN_VOLTS, "V")
            ends.append(StepEnd("Voltage", operator, level))
        stop = self._current(fields, "Stop_Curr", "Stop_Rate")
        if stop is not None:
            ends.append(StepEnd("Current", "<", stop))
        return ends

    def _current(self, fields: Mapping[str, float], tag: str, rate_tag: str) -> Level | None:
        """Return a current, or the C-rate from which the current was rounded."""
        current, rate = fields.get(tag), fields.get(rate_tag)
        if current is None and rate is None:
            return None
        if current is None or current <= 0:
            raise Unreadable(f"its {tag} is missing or not above 0")
        if rate is None or self.builder.nominal_capacity is None:
            return Level(current / _IN_AMPERES, "A")
        exact = rate * self.builder.nominal_capacity * _IN_AMPERES
        if abs(exact - current) > max(_ROUNDING, 1e-6 * exact):
            raise Unreadable(
                f"its {tag} of {current:g} mA differs from its {rate_tag} of {rate:g} times the "
                "nominal capacity"
            )
        return Level(rate, "C")

    def _protections(self, node: Element | None) -> dict[str, float]:
        """Return the protections of the whole test or of a step, in V, A, A.h and degC."""
        found: dict[str, float] = {}
        if node is None:
            return found
        for group in node:
            for quantity in group:
                if quantity.tag == "Delay_Time":
                    self.builder.notes.append("a protocol cannot hold the delay of the protections")
                    continue
                for side in quantity:
                    path = f"{group.tag}/{quantity.tag}/{side.tag}"
                    if path not in _PROTECTIONS:
                        raise Unreadable(f"UCP has no counterpart of the protection {path}")
                    found[path] = _value(side) / _PROTECTIONS[path][2]
        return found

    def _protected(self, kind: str, direction: Direction, node: Element) -> list[StepEnd]:
        """Return protections of a step as ends, unless those of the whole test are tighter."""
        own = self._protections(node.find("Protect"))
        capacity = self.protections.get("Main/Cap/Upper")
        if capacity is not None:
            own["Main/Cap/Upper"] = min(capacity, own.get("Main/Cap/Upper", capacity))
        skipped = {
            "charge": {"Main/Curr/Lower"},
            "discharge": {"Main/Curr/Upper"},
        }[direction]
        if kind == "4":
            skipped = {"Main/Curr/Lower", "Main/Curr/Upper", "Main/Cap/Upper"}
        ends = []
        for path, value in own.items():
            quantity, operator, _, unit = _PROTECTIONS[path]
            general = self.protections.get(path) if path in _LIMITS else None
            looser = general is not None and not met_first(operator, value, general)
            if path not in skipped and not looser:
                ends.append(StepEnd(quantity, operator, Level(value, unit), END_TEST))
        return ends


def _check_order(number: int, node: Element) -> None:
    if node.tag != f"Step{number}" or node.get("Step_ID") != str(number):
        raise Unreadable(f"the steps are not in order: step {number} is {node.tag}")


def _value(node: Element) -> float:
    return finite(node.get("Value", ""), node.tag)


def _optional(node: Element, path: str) -> float | None:
    child = node.find(path)
    return None if child is None else _value(child)


def _whole(node: Element, path: str) -> int:
    child = node.find(path)
    value = math.nan if child is None else _value(child)
    if not value.is_integer():
        raise Unreadable(f"{path} is missing or not a whole number")
    return int(value)


def _recording(node: Element | None) -> Recording:
    if node is None:
        return Recording()
    unknown = {child.tag for child in node.iterfind("Main/*")} - {"Time", "Volt", "Curr"}
    if unknown:
        raise Unreadable(f"UCP has no resolution for {', '.join(sorted(unknown))}")
    time, voltage, current = (_optional(node, f"Main/{name}") for name in ("Time", "Volt", "Curr"))
    return Recording(
        None if time is None else time / 1000,
        None if voltage is None else voltage / _IN_VOLTS,
        None if current is None else current / _IN_AMPERES,
    )
