"""Novonix protocols, as text of version 3.

Experimental: public is only the block that the software prints into its data files, as in
``example_data.csv`` of the project preparenovonix; how a file of it is called is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.ucp.cyclers.export.capability import DIRECTED, UNDIRECTED, Capability, problem
from ionworks.ucp.cyclers.export.decimals import fixed, plain
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.plan import (
    END,
    Exit,
    Instruction,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    merge_pairs,
)
from ionworks.ucp.problems import Problem

_INDENT: Final = "   "
_CHANGE: Final = "\u2206"
_TAGS: Final = {
    ("rest", None): ("Open circuit storage", "storage"),
    ("current", "charge"): ("Constant current charge", "charge"),
    ("current", "discharge"): ("Constant current discharge", "discharge"),
    ("cccv", "charge"): ("CC-CV charge", "CCCV charge"),
}
_TRIPS: Final = {
    "current Time": "step time is longer than",
    "cccv Time": "total step time is greater than",
    "cccv Hold time": "hold time is greater than",
    "cccv Current": "absolute current is less than",
    "current Capacity": "step capacity is greater than",
    "rest Voltage": "voltage is less than",
}
_UNITS: Final = {"V": "V", "A": "A", "Ah": "Ah"}


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    extension = options.get("extension", ".txt")
    usable = isinstance(extension, str) and extension[:1] == "." and extension[1:].isalnum()
    if not usable or not extension.isascii():
        raise ValueError(f"the option extension is an ending such as '.txt', not {extension!r}")
    return {"extension": extension}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    del settings
    return merge_pairs(plan)


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    del settings
    for start, end in plan.loops():
        if not any(isinstance(part, Step) for part in plan.instructions[start:end]):
            path = plan.instructions[end].path
            yield Problem("E-export", path, f"{path}: a repeat without steps has no place")
    for _, step in NOVONIX.capability.writable(plan):
        yield from _check_exits(step)
        if step.recording.current is not None:
            yield problem(step, "no public text shows points saved by a change of current")


def _check_exits(step: Step) -> Iterator[Problem]:
    own = [leave for leave in step.exits if leave.target != END]
    for exits in (own, [leave for leave in step.exits if leave.target == END]):
        kinds = [(leave.quantity, leave.operator) for leave in exits]
        for kind in dict.fromkeys(kinds):
            if kinds.count(kind) > 1:
                named = " ".join(kind)
                yield problem(step, f"it has several ends {named}; keep the one met first")
    stops = [leave for leave in step.exits if leave.target == END and leave.quantity == "Voltage"]
    if len(stops) == 1:
        yield problem(step, "voltages that end the test come in pairs, one below and one above")
    quantities = [leave.quantity for leave in own]
    if step.control == "rest" and "Time" not in quantities:
        yield problem(step, "a rest has a duration in this format")
    natural = ">" if step.direction == "charge" else "<"
    if step.control != "current":
        return
    turns = [leave.operator for leave in own if leave.quantity == "Voltage"]
    if natural not in turns:
        yield problem(
            step, f"a constant current ends at a voltage; add an end Voltage {natural} ..."
        )
    if len(set(turns)) > 1:
        yield problem(step, "a voltage against its direction can only end the test")


def _write(plan: Plan, settings: Settings) -> Written:
    lines = [
        "Novonix HPC Protocol File",
        "Version:3.0.2.3",
        f"Date Saved:{settings.saved_at:%Y-%m-%d}",
        *_limits(plan),
        "[Protocol emergency limits]",
        "[End protocol emergency limits]",
    ]
    for index, instruction in enumerate(plan.instructions):
        # The end of a repeat stands at its outside.
        depth = len(plan.loops_around(index)) - isinstance(instruction, LoopEnd)
        lines += (f"{_INDENT * depth}{line}" for line in _lines(plan, index, instruction))
    return Written("\n".join([*lines, ""]).encode("utf-8"), notes=tuple(_notes(settings)))


def _limits(plan: Plan) -> Iterator[str]:
    """Yield the limits of the whole protocol, numbered."""
    limits = {limit.key: limit.value for limit in plan.safety}
    rules = []
    if "voltage_min" in limits:
        rules.append(_voltages(limits["voltage_min"], limits["voltage_max"]))
    if "charge_current_max" in limits:
        largest = fixed(limits["charge_current_max"], 3)
        rules.append(f"current < 0 A or if current > {largest} A")
    if "temperature_min" in limits:
        low, high = (fixed(limits[f"temperature_{side}"], 3) for side in ("min", "max"))
        rules.append(f"temperature < {low} C or if temperature > {high} C")
    yield "[Protocol operating limits]"
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Stop channel if {rule}]"
    yield "[End protocol operating limits]"


def _voltages(low: float, high: float) -> str:
    return f"voltage < {fixed(low, 4)} V or if voltage > {fixed(high, 4)} V"


def _lines(plan: Plan, index: int, instruction: Instruction) -> Iterator[str]:
    match instruction:
        case Mark():
            yield from ("[Increment the cycle counter]", "[End increment]")
        case LoopStart():
            end = next(end for start, end in plan.loops() if start == index)
            last = plan.instructions[end]
            passes = last.count if isinstance(last, LoopEnd) else 1
            yield "[Repeat the step(s) below]"
            yield f"{_INDENT}[Repeat count {passes}]"
            yield f"{_INDENT}[Step count {end - index - 1}]"
        case LoopEnd():
            yield "[End repeat]"
        case Step():
            yield from _step(instruction)


def _step(step: Step) -> Iterator[str]:
    begin, end = _TAGS[step.control, step.direction]
    exits = [leave for leave in step.exits if leave.target != END]
    stops = [leave for leave in step.exits if leave.target == END]
    yield f"[{begin}]"
    for line in (
        *_parameters(step, exits),
        *_trips(step, exits),
        *_saves(step.recording),
        "[Operating limits]",
        *_stops(stops),
        "[End operating limits]",
        "[Emergency limits]",
        "[End emergency limits]",
    ):
        yield f"{_INDENT}{line}"
    yield f"[End {end}]"


def _stops(exits: list[Exit]) -> Iterator[str]:
    """Yield what ends the test in a step."""
    values = {f"{leave.quantity} {leave.operator}": leave.level.value for leave in exits}
    rules = []
    if "Voltage <" in values:
        rules.append(_voltages(values["Voltage <"], values["Voltage >"]))
    if "Time >" in values:
        rules.append(f"step time > {plain(values['Time >'] / 3600)} h")
    if "Capacity >" in values:
        rules.append(f"step capacity > {fixed(values['Capacity >'], 4)} Ah")
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Stop channel if {rule}]"


def _parameters(step: Step, exits: list[Exit]) -> Iterator[str]:
    amperes = "" if step.set_point is None else f"{plain(step.set_point.value)} A"
    if step.control == "rest":
        time = next(leave.level.value for leave in exits if leave.quantity == "Time")
        yield f"[Storage_time {_duration(time)}]"
    elif step.control == "cccv" and step.voltage is not None:
        yield f"[Maximum_current {amperes}]"
        yield f"[Charge_voltage {plain(step.voltage)} V]"
    else:
        word = "Charge" if step.direction == "charge" else "Discharge"
        volts = next(leave.level.value for leave in exits if leave.quantity == "Voltage")
        yield f"[{word}_current {amperes}]"
        yield f"[{word}_voltage {plain(volts)} V]"


def _trips(step: Step, exits: list[Exit]) -> Iterator[str]:
    yield "[Trip conditions]"
    rules = [
        (_TRIPS[f"{step.control} {leave.quantity}"], leave.level)
        for leave in exits
        if f"{step.control} {leave.quantity}" in _TRIPS
    ]
    for number, (rule, level) in enumerate(rules):
        amount = (
            _duration(level.value)
            if level.unit == "s"
            else f"{plain(level.value)} {_UNITS[level.unit]}"
        )
        yield f"{_INDENT}[{number} End step if {rule} {amount}]"
    yield "[End trip conditions]"


def _saves(recording: Recording) -> Iterator[str]:
    yield "[Save conditions]"
    rules = []
    if recording.time is not None:
        rules.append(f"{_CHANGE}T is greater than {plain(recording.time)} seconds")
    if recording.voltage is not None:
        rules.append(f"{_CHANGE}V is greater than {plain(recording.voltage)} V")
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Save data if {rule}]"
    yield "[End save conditions]"


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= length and (seconds / length).is_integer():
            return f"{plain(seconds / length)} {unit}"
    return f"{plain(seconds)} seconds"


def _notes(settings: Settings) -> Iterator[str]:
    yield (
        "Experimental: this is the text the software prints into its data files. Whether it loads "
        "a file of it, and how that is called, is not known: enter the steps by hand from it."
    )
    if settings.options["extension"] != ".txt":
        yield f"The ending {settings.options['extension']} was asked for; its layout is not known."


NOVONIX: Final = Format(
    "novonix",
    ".txt",
    "text/plain",
    "utf-8",
    Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "cccv": frozenset({"charge"}),
        },
        exits={
            "rest": frozenset({"Time >", "Voltage <"}),
            "current": frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >"}),
            "cccv": frozenset({"Time >", "Hold time >", "Current <"}),
        },
        protections=frozenset({"Time >", "Capacity >", "Voltage <", "Voltage >"}),
        loops=1,
        marks=frozenset({"Advance cycle"}),
        safety=frozenset(
            {
                "voltage_min",
                "voltage_max",
                "temperature_min",
                "temperature_max",
                "charge_current_max",
                "discharge_current_max",
            }
        ),
        pairs=(
            ("voltage_min", "voltage_max"),
            ("temperature_min", "temperature_max"),
            ("charge_current_max", "discharge_current_max"),
        ),
        equal=True,
        reasons={
            "voltage": (
                "there is constant voltage behind a constant current only; let a charge that ends "
                "at this voltage lead to it"
            ),
            "cccv discharge": "no public text of version 3 shows it on discharge",
            "power": "the software has no constant power",
            "resistance": "the software has no constant resistance",
            "waveform": "the software has no profiles",
            "jump": "the software has no jumps",
            "loops": "whether repeats may nest is not known",
            "End": "the test ends behind the last step",
            "Pause": "the software has no pause",
            "rest Voltage >": "no public text shows a rest that ends on a rising voltage",
        },
    ),
    _write,
    _prepare,
    _check,
    ("extension",),
    _read_options,
    ("Trust of the format: medium for the text, low for the file.",),
)
