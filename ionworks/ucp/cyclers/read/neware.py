"""Reading Neware step files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

import attrs
from attrs import Factory, define

from ionworks.ucp.cyclers.plan import END, Exit, Level, Limit, Mark, Recording, Step
from ionworks.ucp.cyclers.plan.nodes import Comparison, Direction, Unit
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
"""The client shows currents with two decimals of a milliampere."""


def read(content: bytes, assets: Mapping[str, bytes]) -> ReadFile:
    """Read a step file.

    Parameters
    ----------
    content : bytes
        XML.
    assets : mapping
        Not needed.

    Raises
    ------
    UCPError
        If it is no step file, or holds what UCP cannot say; all such steps are named.
    """
    del assets
    config = read_xml(content).find("config")
    refusals = Refusals(TITLE)
    if config is None or config.get("type") != "Step File":
        refusals.add("the file", "it has no config of the type Step File")
    refusals.raise_any()
    reader = _Reader(PlanBuilder(refusals))
    if config is not None:
        reader.head(config)
        steps = config.findall("Step_Info/*")
        told = [node.get("Num") for node in config.iterfind("Step_Info")]
        if told != [str(len(steps))]:
            refusals.add("Step_Info", f"it says {told}, but there are {len(steps)} steps")
        for number, node in enumerate(steps, 1):
            reader.step(number, node)
    return ReadFile(reader.builder.plan(), reader.capacity, tuple(dict.fromkeys(reader.notes)))


@define
class _Reader:
    builder: PlanBuilder
    capacity: float | None = None
    protections: dict[str, float] = Factory(dict)
    notes: list[str] = Factory(list)

    def head(self, config: Element) -> None:
        """Read what is said of the whole test."""
        refuse = self.builder.refusals.add
        try:
            if _optional(config, "Head_Info/Scale") not in (None, 1):
                refuse("Scale", "currents are scaled in a way that is not described")
            if _optional(config, "Head_Info/Start_Step") not in (None, 1):
                refuse("Start_Step", "the test does not begin with its first step")
            if _optional(config, "Head_Info/RateType") not in (None, 103, 105):
                refuse("RateType", "how its currents are set is not described")
            capacity = _optional(config, "Head_Info/MultCap")
            self.capacity = None if not capacity else capacity / _IN_AMPERE_HOURS
            self.builder.recording = _recording(config.find("Whole_Prt/Record"))
            self.protections = self._protections(config.find("Whole_Prt/Protect"))
        except Unreadable as reason:
            refuse("the whole test", str(reason))
        self.builder.safety.extend(
            Limit(key, self.protections[path])
            for path, key in _LIMITS.items()
            if path in self.protections
        )
        if "Main/Cap/Upper" in self.protections:
            self.notes.append("the protection on capacity is taken as that of each step")

    def step(self, number: int, node: Element) -> None:
        kind = node.get("Step_Type", "")
        place = f"step {number} ({_KINDS.get(kind, f'type {kind}')})"
        try:
            _check_order(number, node)
            self._step(number, kind, place, node)
        except Unreadable as reason:
            self.builder.refusals.add(place, str(reason))
            self.builder.steps.setdefault(number, Mark("Pause"))

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
            raise Unreadable("conditions and jumps are not described anywhere")
        limits = node.find("Limit/Main")
        fields = {} if limits is None else {child.tag: _value(child) for child in limits}
        unknown = [name for name in fields if name not in _FIELDS[kind]]
        if unknown:
            raise Unreadable(f"its limit {', '.join(unknown)} has no counterpart")
        direction: Direction = "discharge" if kind == "2" else "charge"
        exits = [*self._exits(fields, direction), *self._protected(kind, direction, node)]
        if not any(leave.target is None for leave in exits):
            raise Unreadable("nothing leads to the next step")
        if kind == "4":
            return Step("rest", exits=tuple(exits))
        current = self._current(fields, "Curr", "Rate")
        if kind in ("1", "2"):
            if current is None:
                raise Unreadable("its current is missing")
            return Step("current", direction, current, exits=tuple(exits))
        if "Volt" not in fields:
            raise Unreadable("its voltage is missing")
        voltage = fields["Volt"] / _IN_VOLTS
        if current is None or (kind == "3" and self._follows(number, current, voltage)):
            return Step("voltage", direction, Level(voltage, "V"), exits=tuple(exits))
        # A voltage held with no more than a current is that current up to the voltage.
        return Step("cccv", direction, current, voltage, tuple(exits))

    def _follows(self, number: int, current: Level, voltage: float) -> bool:
        """Return whether the step before ends at a voltage with the largest current of this."""
        before = self.builder.steps.get(number - 1)
        return (
            isinstance(before, Step)
            and before.control == "current"
            and before.direction == "charge"
            and self._alike(before.set_point, current)
            and any(
                leave.quantity == "Voltage" and leave.level.value == voltage and not leave.target
                for leave in before.exits
            )
        )

    def _alike(self, one: Level | None, other: Level) -> bool:
        if one is None:
            return False
        capacity = self.capacity or math.nan
        amperes = [level.value * (capacity if level.unit == "C" else 1.0) for level in (one, other)]
        return one == other or math.isclose(*amperes, rel_tol=1e-6)

    def _exits(self, fields: Mapping[str, float], direction: Direction) -> list[Exit]:
        exits = []
        if "Time" in fields:
            exits.append(Exit("Time", ">", Level(fields["Time"] / 1000, "s")))
        if "Cap" in fields:
            exits.append(Exit("Capacity", ">", Level(fields["Cap"] / _IN_AMPERE_HOURS, "Ah")))
        if "Stop_Volt" in fields:
            operator: Comparison = ">" if direction == "charge" else "<"
            level = Level(fields["Stop_Volt"] / _IN_VOLTS, "V")
            exits.append(Exit("Voltage", operator, level))
        stop = self._current(fields, "Stop_Curr", "Stop_Rate")
        if stop is not None:
            exits.append(Exit("Current", "<", stop))
        return exits

    def _current(self, fields: Mapping[str, float], tag: str, rate_tag: str) -> Level | None:
        """Return a current; the C-rate where it is what the current was rounded from."""
        current, rate = fields.get(tag), fields.get(rate_tag)
        if current is None and rate is None:
            return None
        if current is None or current <= 0:
            raise Unreadable(f"its {tag} is missing or not above 0")
        if rate is None or self.capacity is None:
            return Level(current / _IN_AMPERES, "A")
        exact = rate * self.capacity * _IN_AMPERES
        if abs(exact - current) > max(_ROUNDING, 1e-6 * exact):
            raise Unreadable(
                f"its {tag} of {current:g} mA is not its {rate_tag} of {rate:g} times the capacity"
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
                    self.notes.append("the delay of the protections has no place in a protocol")
                    continue
                for side in quantity:
                    path = f"{group.tag}/{quantity.tag}/{side.tag}"
                    if path not in _PROTECTIONS:
                        raise Unreadable(f"the protection {path} has no counterpart")
                    found[path] = _value(side) / _PROTECTIONS[path][2]
        return found

    def _protected(self, kind: str, direction: Direction, node: Element) -> list[Exit]:
        """Return protections as exits that end the test, unless those of the whole are tighter."""
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
        exits = []
        for path, value in own.items():
            quantity, operator, _, unit = _PROTECTIONS[path]
            general = self.protections.get(path) if path in _LIMITS else None
            looser = general is not None and (
                value >= general if operator == ">" else value <= general
            )
            if path not in skipped and not looser:
                exits.append(Exit(quantity, operator, Level(value, unit), END))
        return exits


def _check_order(number: int, node: Element) -> None:
    if node.tag != f"Step{number}" or node.get("Step_ID") != str(number):
        raise Unreadable(f"steps are not in order: this is {node.tag}")


def _value(node: Element) -> float:
    text = node.get("Value", "")
    try:
        value = float(text)
    except ValueError:
        raise Unreadable(f"{node.tag} is no number: {text!r}") from None
    if not math.isfinite(value):
        raise Unreadable(f"{node.tag} is no number: {text!r}")
    return value


def _optional(node: Element, path: str) -> float | None:
    child = node.find(path)
    return None if child is None else _value(child)


def _whole(node: Element, path: str) -> int:
    child = node.find(path)
    value = math.nan if child is None else _value(child)
    if not value.is_integer():
        raise Unreadable(f"{path} is missing or no whole number")
    return int(value)


def _recording(node: Element | None) -> Recording:
    if node is None:
        return Recording()
    unknown = {child.tag for child in node.iterfind("Main/*")} - {"Time", "Volt", "Curr"}
    if unknown:
        raise Unreadable(f"points saved by {', '.join(sorted(unknown))} have no counterpart")
    time, voltage, current = (_optional(node, f"Main/{name}") for name in ("Time", "Volt", "Curr"))
    return Recording(
        None if time is None else time / 1000,
        None if voltage is None else voltage / _IN_VOLTS,
        None if current is None else current / _IN_AMPERES,
    )
