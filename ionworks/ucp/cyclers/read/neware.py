"""Reading Neware step files.

The meaning of the fields is known from public step files, members of ``.ndax`` archives, and from
the data recorded in the same archives:

* ``nw4-120-1-6-53``: loops; ``Curr`` is applied even where ``Rate`` contradicts it.
* ``nw4-120-6-1-36``: ``Cap`` of ``Whole_Prt`` counts from the start of each step.
* ``test.ndax`` of the project navani: the types 7 and 20, whose ``Time`` counts from the start of
  the constant current.

Type 19 is described in Neware's list of step types; the project neware_utils writes its fields.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final, NoReturn
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
    "18": "constant power, current and voltage charge",
    "19": "constant voltage discharge",
    "20": "constant current and voltage discharge",
    "21": "control",
    "22": "open circuit voltage",
    "25": "ramp",
}
_CURRENT: Final = ("Curr", "Rate", "Time", "Cap", "Stop_Volt")
_HOLD: Final = ("Curr", "Rate", "Volt", "Time", "Cap", "Stop_Curr", "Stop_Rate")
_FIELDS: Final = {
    "1": _CURRENT, "2": _CURRENT, "3": _HOLD, "4": ("Time",), "7": _HOLD, "19": _HOLD, "20": _HOLD,
}  # fmt: skip
_DISCHARGES: Final = ("2", "19", "20")
_CONFIG: Final = ("Head_Info", "Whole_Prt", "Step_Info", "SMBUS")
_HEAD: Final = (
    "Operate", "Scale", "Start_Step", "Creator", "PN", "Remark", "RateType", "SCQ", "SCQ_F",
    "MultCap",
)  # fmt: skip
_WHOLE: Final = ("Protect", "Record", "CapRetentionRateCycle")
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
_ROUNDED: Final = 0.01
"""The client rounds currents to two decimals of a milliampere. The instrument applies the rounded
current, so one that is more than 0.0051 mA or 1 % off is read instead of its C-rate."""


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
    elif config.find("Step_Info") is None:
        refusals.add("the file", "it has no element Step_Info: no steps were saved in it")
    refusals.raise_any()
    builder = PlanBuilder(refusals)
    if config is not None:
        steps = config.findall("Step_Info/*")
        reader = _Reader(builder)
        reader.head(config)
        stated = [node.get("Num") for node in config.iterfind("Step_Info")]
        if stated != [str(len(steps))]:
            refusals.add("Step_Info", f"its Num is {stated}, but there are {len(steps)} steps")
        for number, node in enumerate(steps, 1):
            reader.step(number, node)
        reader.separate_holds()
    return builder.read_file()


@define
class _Reader:
    builder: PlanBuilder
    protections: dict[str, float] = Factory(dict)
    holds: list[int] = Factory(list)

    def head(self, config: Element) -> None:
        """Read the settings of the whole test."""
        refuse = self.builder.refusals.add
        with self.builder.refusing("the whole test"):
            _parts(config, _CONFIG)
            head = _parts(config.find("Head_Info"), _HEAD)
            whole = _parts(config.find("Whole_Prt"), _WHOLE)
            if _optional(head, "Scale") not in (None, 1):
                refuse("Scale", "the meaning of this scale of currents is not documented")
            self._start(head.get("Start_Step"))
            if _optional(head, "Operate") not in (None, 65, 66):
                refuse("Operate", "public step files have 65 and 66 only")
            if _optional(head, "RateType") not in (None, 103, 105):
                refuse("RateType", "this way of setting currents is not documented")
            for bus in config.iterfind("SMBUS/SMBUS_Info"):
                if bus.get("Num") != "0":
                    refuse("SMBUS", "UCP has no values that a battery reports over a bus")
            capacity = _optional(head, "MultCap")
            if capacity is not None and capacity < 0:
                refuse("MultCap", "the nominal capacity is below 0")
            if config.get("version") not in ("17", "18"):
                self.builder.notes.append("public step files have the versions 17 and 18 only")
            self.builder.nominal_capacity = _si(capacity, _IN_AMPERE_HOURS) if capacity else None
            self.builder.recording = _recording(whole.get("Record"))
            self.protections = self._protections(whole.get("Protect"))
        self.builder.safety.extend(
            Limit(key, self.protections[path])
            for path, key in _LIMITS.items()
            if path in self.protections
        )
        if "Main/Cap/Upper" in self.protections:
            self.builder.notes.append("the protection on capacity is read as an end of every step")

    def _start(self, start: Element | None) -> None:
        """Check that the test starts with its first step."""
        number = None if start is None else _value(start, "Hide_Ctrl_Step")
        if number == 0:
            # In the public archive ``interp-test.ndax`` the files that changed a running test have
            # 0, and the server's copies of them 1.
            self.builder.notes.append(
                "Start_Step is 0, as in a file that changes a running test: it is read from its "
                "first step"
            )
        elif number not in (None, 1):
            self.builder.refusals.add("Start_Step", "the test does not start with its first step")

    def step(self, number: int, node: Element) -> None:
        kind = node.get("Step_Type", "")
        place = f"step {number} ({_KINDS.get(kind, f'type {kind}')})"
        with self.builder.refusing(place, number):
            _check_order(number, node)
            self._step(number, kind, place, node)

    def _step(self, number: int, kind: str, place: str, node: Element) -> None:
        if kind not in (*_FIELDS, "5", "6", "13"):
            raise Unreadable("no public step file shows the fields of this type")
        parts = _parts(node, ("Record", "Limit", "Protect") if kind in _FIELDS else ("Limit",))
        limits = _parts(parts.get("Limit"), ("Main", "Other"))
        if kind == "5":
            self.builder.steps[number] = None
            other = _parts(limits.pop("Other", None), ("Start_Step", "Cycle_Count"))
            start, count = _whole(other, "Start_Step"), _whole(other, "Cycle_Count")
            self.builder.loops.append(Loop(start, number, count))
        elif kind == "6":
            self.builder.steps[number] = Mark("End", place)
        elif kind == "13":
            self.builder.steps[number] = Mark("Pause", place)
        else:
            step = self._active(number, kind, limits, parts.get("Protect"))
            own = _recording(parts["Record"]) if "Record" in parts else None
            self.builder.steps[number] = attrs.evolve(
                step,
                recording=self.builder.recording if own is None else own,
                name=f"Step {number}",
                path=place,
                title=place,
            )
        if kind not in _FIELDS and limits:
            raise Unreadable(f"a step of this type cannot have {', '.join(limits)}")

    def _active(
        self, number: int, kind: str, limits: Mapping[str, Element], protect: Element | None
    ) -> Step:
        main = limits.get("Main")
        fields = {} if main is None else _parts(main, [child.tag for child in main])
        unknown = [name for name in fields if name not in _FIELDS[kind]]
        if unknown:
            raise Unreadable(f"a step of this type cannot have the limit {', '.join(unknown)}")
        values = {name: _value(field) for name, field in fields.items()}
        self._other(limits.get("Other"), values)
        direction: Direction = "discharge" if kind in _DISCHARGES else "charge"
        # In the archive ``nw4-120-1-6-53.ndax`` the cell rested while its file had a current of 0.
        idle = kind in ("1", "2") and values.get("Curr") == 0
        current = None if idle or kind == "4" else self._current(number, values, "Curr", "Rate")
        ends = [
            *self._ends(number, values, direction),
            *self._protected(protect, None if idle or kind == "4" else direction),
        ]
        if not any(end.target is None for end in ends):
            raise Unreadable("it has no end that leads to the next step")
        if idle:
            self.builder.notes.append(f"step {number} applies no current: its Curr is 0")
        if idle or kind == "4":
            return Step("rest", ends=tuple(ends))
        if kind in ("1", "2"):
            return Step("current", direction, current or _missing("Curr"), ends=tuple(ends))
        voltage = _si(values["Volt"], _IN_VOLTS) if "Volt" in values else _missing("Volt")
        if kind != "7":
            self.holds.append(number)
        # A constant voltage with a current limit is a constant current up to that voltage, followed
        # by the voltage.
        step = Step("cccv", direction, current or _missing("Curr"), voltage, tuple(ends))
        self._check_stop_current(step)
        return step

    def _check_stop_current(self, step: Step) -> None:
        for end in step.ends:
            current = end.quantity == "Current" and end.target is None
            if current and self._amperes(end.level) >= self._amperes(step.set_point):
                raise Unreadable(
                    "its Stop_Curr is not below its Curr, and no public file shows when such a "
                    "step ends"
                )

    def _other(self, other: Element | None, values: Mapping[str, float]) -> None:
        """Check what a step has besides its limits: nothing but the range of its current."""
        if other is not None and (other.attrib or [child.tag for child in other] != ["Step_Range"]):
            raise Unreadable("no public step file shows conditions and jumps of this format")
        # In the archive ``Unit27_Example_Data_File.ndax`` it is one of the ranges of the channel.
        for current_range in () if other is None else other:
            if values.get("Curr", 0) > _value(current_range):
                raise Unreadable("its Curr is above its current range, Step_Range")
            self.builder.notes.append("a protocol cannot hold the current range of a step")

    def _amperes(self, level: Level | None) -> float:
        if level is None:
            return math.nan
        capacity = self.builder.nominal_capacity or math.nan
        return level.value * (capacity if level.unit == "C" else 1.0)

    def separate_holds(self) -> None:
        """Turn holds that begin at their voltage into steps of that voltage only.

        Behind a constant current up to the voltage, the same current as a limit has no effect,
        unless a cycle begins with the hold.
        """
        repeated = {loop.start for loop in self.builder.loops}
        for number in self.holds:
            step, before = (self.builder.steps.get(at) for at in (number, number - 1))
            if not isinstance(step, Step) or not isinstance(before, Step) or number in repeated:
                continue
            turns = {(end.quantity, end.level.value) for end in before.ends if end.target is None}
            alike = (before.control, before.direction) == ("current", step.direction)
            currents = (self._amperes(one.set_point) for one in (before, step))
            alike = alike and math.isclose(*currents, rel_tol=1e-6)
            if alike and step.voltage is not None and turns == {("Voltage", step.voltage)}:
                held = Level(step.voltage, "V")
                self.builder.steps[number] = attrs.evolve(
                    step, control="voltage", set_point=held, voltage=None
                )

    def _ends(
        self, number: int, fields: Mapping[str, float], direction: Direction
    ) -> list[StepEnd]:
        ends = []
        for name in ("Time", "Cap"):
            if fields.get(name, 1) <= 0:
                raise Unreadable(f"its {name} is not above 0")
        if "Time" in fields:
            ends.append(StepEnd("Time", ">", Level(_si(fields["Time"], 1000), "s")))
        if "Cap" in fields:
            ends.append(StepEnd("Capacity", ">", Level(_si(fields["Cap"], _IN_AMPERE_HOURS), "Ah")))
        if "Stop_Volt" in fields:
            operator: Comparison = ">" if direction == "charge" else "<"
            level = Level(_si(fields["Stop_Volt"], _IN_VOLTS), "V")
            ends.append(StepEnd("Voltage", operator, level))
        stop = self._current(number, fields, "Stop_Curr", "Stop_Rate")
        if stop is not None:
            ends.append(StepEnd("Current", "<", stop))
        return ends

    def _current(
        self, number: int, fields: Mapping[str, float], tag: str, rate_tag: str
    ) -> Level | None:
        """Return a current, or the C-rate from which the current was rounded."""
        current, rate = fields.get(tag), fields.get(rate_tag)
        if current is None and rate is None:
            return None
        if current is None or current <= 0:
            raise Unreadable(f"its {tag} is missing or not above 0")
        if rate is None or self.builder.nominal_capacity is None:
            return Level(_si(current, _IN_AMPERES), "A")
        exact = rate * self.builder.nominal_capacity * _IN_AMPERES
        if abs(exact - current) <= max(min(_ROUNDING, _ROUNDED * exact), 1e-6 * exact):
            return Level(rate, "C")
        self.builder.notes.append(
            f"step {number}: its {tag} of {current:g} mA differs from its {rate_tag} of {rate:g}, "
            f"which is {exact:g} mA; the current is read, because the instrument applies it"
        )
        return Level(_si(current, _IN_AMPERES), "A")

    def _protections(self, node: Element | None) -> dict[str, float]:
        """Return the protections of the whole test or of a step, in V, A, A.h and degC."""
        found: dict[str, float] = {}
        for group in _parts(node, ("Main", "Aux")).values():
            for quantity in _parts(group, ("Volt", "Curr", "Delay_Time", "Cap", "Temp")).values():
                if quantity.tag == "Delay_Time":
                    seconds = _value(quantity) / 1000
                    self.builder.notes.append(
                        f"a protocol cannot hold the delay of the protections, {seconds:g} s"
                    )
                    continue
                for side in _parts(quantity, [child.tag for child in quantity]).values():
                    path = f"{group.tag}/{quantity.tag}/{side.tag}"
                    if path not in _PROTECTIONS:
                        raise Unreadable(f"UCP has no counterpart of the protection {path}")
                    found[path] = _si(_value(side), _PROTECTIONS[path][2])
                    if _PROTECTIONS[path][0] in ("Current", "Capacity") and found[path] <= 0:
                        raise Unreadable(f"the protection {path} has the wrong sign, or is 0")
        return found

    def _protected(self, node: Element | None, direction: Direction | None) -> list[StepEnd]:
        """Return protections of a step as ends, unless those of the whole test are tighter.

        The direction is None while the cell rests.
        """
        own = self._protections(node)
        capacity = self.protections.get("Main/Cap/Upper")
        if capacity is not None:
            own["Main/Cap/Upper"] = min(capacity, own.get("Main/Cap/Upper", capacity))
        skipped = {
            "charge": {"Main/Curr/Lower"},
            "discharge": {"Main/Curr/Upper"},
            None: {"Main/Curr/Lower", "Main/Curr/Upper", "Main/Cap/Upper"},
        }[direction]
        ends = []
        for path, value in own.items():
            quantity, operator, _, unit = _PROTECTIONS[path]
            general = self.protections.get(path) if path in _LIMITS else None
            looser = general is not None and not met_first(operator, value, general)
            if looser and value != general:
                self.builder.notes.append(
                    "protections of steps that are looser than those of the whole test are left out"
                )
            if path not in skipped and not looser:
                ends.append(StepEnd(quantity, operator, Level(value, unit), END_TEST))
        return ends


def _check_order(number: int, node: Element) -> None:
    if node.tag != f"Step{number}" or node.get("Step_ID") != str(number):
        raise Unreadable(f"the steps are not in order: step {number} is {node.tag}")


def _parts(node: Element | None, allowed: Collection[str]) -> dict[str, Element]:
    """Return the children of an element by name.

    Raises
    ------
    Unreadable
        If it has other children, or several of one name.
    """
    if node is None:
        return {}
    parts = {child.tag: child for child in node}
    unknown = [tag for tag in parts if tag not in allowed]
    if unknown:
        raise Unreadable(f"the meaning of {', '.join(unknown)} in {node.tag} is not documented")
    if len(parts) < len(node):
        raise Unreadable(f"{node.tag} has several fields of one name")
    return parts


def _value(node: Element, *known: str) -> float:
    """Return the number of a field, which may have other attributes as well."""
    unknown = [name for name in node.attrib if name not in ("Value", *known)]
    if unknown:
        raise Unreadable(f"the meaning of {', '.join(unknown)} of {node.tag} is not documented")
    return finite(node.get("Value", ""), node.tag)


def _si(value: float, factor: float) -> float:
    """Return a value in its SI unit, without the binary error of the division."""
    return float(f"{value / factor:.12g}")


def _missing(name: str) -> NoReturn:
    raise Unreadable(f"its {name} is missing")


def _optional(parts: Mapping[str, Element], name: str) -> float | None:
    return _value(parts[name]) if name in parts else None


def _whole(parts: Mapping[str, Element], name: str) -> int:
    value = _optional(parts, name)
    if value is None or not value.is_integer():
        raise Unreadable(f"its {name} is missing or not a whole number")
    return int(value)


def _recording(node: Element | None) -> Recording:
    parts = _parts(node, ("Main", "Aux"))
    _parts(parts.get("Aux"), ("Time",))
    main = parts.get("Main")
    rules = {} if main is None else _parts(main, [child.tag for child in main])
    unknown = rules.keys() - {"Time", "Volt", "Curr"}
    if unknown:
        raise Unreadable(f"UCP has no resolution for {', '.join(sorted(unknown))}")
    time, voltage, current = (_optional(rules, name) for name in ("Time", "Volt", "Curr"))
    return Recording(
        None if time is None else _si(time, 1000),
        None if voltage is None else _si(voltage, _IN_VOLTS),
        None if current is None else _si(current, _IN_AMPERES),
    )
