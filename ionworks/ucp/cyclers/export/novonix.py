"""Novonix protocols, as text of version 3.

Experimental: the only public source is the text that the software prints into its data files, as in
``example_data.csv`` of the project preparenovonix. The name and layout of a protocol file are not
known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.ucp.cyclers.export.capability import (
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    check_empty_loops,
    check_repeated_ends,
    limit_problem,
)
from ionworks.ucp.cyclers.export.decimals import decimal_text, fixed
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Instruction,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    StepEnd,
    merge_cccv,
    step_problem,
    voltage_comparison,
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
_PLACES: Final = {"Voltage": 4, "Capacity": 4, "Current": 3, "Temperature": 3}
"""Decimals of limits, as the public text has them."""


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    extension = options.get("extension", ".txt")
    usable = isinstance(extension, str) and extension[:1] == "." and extension[1:].isalnum()
    if not usable or not extension.isascii():
        raise ValueError(
            f"the option extension must be a file extension such as '.txt', not {extension!r}"
        )
    return {"extension": extension}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    return merge_cccv(plan, settings.nominal_capacity)


def _check(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    yield from check_empty_loops(plan, lambda part: isinstance(part, Step))
    for limit in plan.safety:
        if not _fits(limit.quantity, limit.value):
            yield limit_problem(limit, _too_fine(limit.quantity, limit.value))
    for _, step in NOVONIX.capability.supported_steps(plan):
        yield from _check_ends(step)
        if step.recording.current is not None:
            yield step_problem(step, "no public text shows a resolution of current; remove it")


def _fits(quantity: str, value: float) -> bool:
    """Return whether a limit is written without rounding.

    A rounded limit may be reached after a set point, or an end, that it was below.
    """
    places = _PLACES.get(quantity)
    return places is None or float(decimal_text(value)) == round(value, places)


def _too_fine(quantity: str, value: float) -> str:
    return (
        f"{value:.9g} has more than the {_PLACES[quantity]} decimals that limits have in this "
        "format; round it"
    )


def _check_ends(step: Step) -> Iterator[Problem]:
    own = [end for end in step.ends if end.target != END_TEST]
    stops = [end for end in step.ends if end.target == END_TEST]
    for end in stops:
        if not _fits(end.quantity, end.level.value):
            reason = f"its end {_too_fine(end.quantity, end.level.value)}"
            yield step_problem(step, reason, end.path)
    for ends in (own, stops):
        yield from check_repeated_ends(step, ends)
    if sum(end.quantity == "Voltage" for end in stops) == 1:
        yield step_problem(
            step, "this format ends the test at a pair of voltages; add the other one"
        )
    quantities = [end.quantity for end in own]
    if step.control == "rest" and "Time" not in quantities:
        yield step_problem(step, "a rest needs a duration in this format")
    natural = voltage_comparison(step.direction)
    if step.control != "current":
        return
    turns = [end.operator for end in own if end.quantity == "Voltage"]
    if natural not in turns:
        yield step_problem(
            step,
            "in this format a constant current needs an end on voltage that leads to the next "
            f"step; add Voltage {natural} ...",
        )
    if len(set(turns)) > 1:
        yield step_problem(
            step, "an end on voltage against its direction can only end the test; add 'goto: End'"
        )


def _write(plan: Plan, settings: Settings) -> WrittenFile:
    lines = [
        "Novonix HPC Protocol File",
        "Version:3.0.2.3",
        f"Date Saved:{settings.saved_at:%Y-%m-%d}",
        *_limits(plan),
        "[Protocol emergency limits]",
        "[End protocol emergency limits]",
    ]
    for index, instruction in enumerate(plan.instructions):
        # The line that ends a repeat is indented as the line that starts it.
        depth = len(plan.loops_around(index)) - isinstance(instruction, LoopEnd)
        lines += (f"{_INDENT * depth}{line}" for line in _lines(plan, index, instruction))
    return WrittenFile("\n".join([*lines, ""]).encode("utf-8"), notes=tuple(_notes(settings)))


def _limits(plan: Plan) -> Iterator[str]:
    """Yield the limits of the whole protocol."""
    limits = {limit.key: limit.value for limit in plan.safety}
    rules = []
    if "voltage_min" in limits:
        rules.append(_voltages(limits["voltage_min"], limits["voltage_max"]))
    if "charge_current_max" in limits:
        largest = _limit("Current", limits["charge_current_max"])
        rules.append(f"current < 0 A or if current > {largest} A")
    if "temperature_min" in limits:
        low, high = (
            _limit("Temperature", limits[f"temperature_{side}"]) for side in ("min", "max")
        )
        rules.append(f"temperature < {low} C or if temperature > {high} C")
    yield "[Protocol operating limits]"
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Stop channel if {rule}]"
    yield "[End protocol operating limits]"


def _voltages(low: float, high: float) -> str:
    return f"voltage < {_limit('Voltage', low)} V or if voltage > {_limit('Voltage', high)} V"


def _limit(quantity: str, value: float) -> str:
    return fixed(value, _PLACES[quantity])


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
    ends = [end for end in step.ends if end.target != END_TEST]
    stops = [end for end in step.ends if end.target == END_TEST]
    yield f"[{begin}]"
    for line in (
        *_parameters(step, ends),
        *_trips(step, ends),
        *_saves(step.recording),
        "[Operating limits]",
        *_stops(stops),
        "[End operating limits]",
        "[Emergency limits]",
        "[End emergency limits]",
    ):
        yield f"{_INDENT}{line}"
    yield f"[End {end}]"


def _stops(ends: list[StepEnd]) -> Iterator[str]:
    """Yield the limits that end the test in a step."""
    values = {f"{end.quantity} {end.operator}": end.level.value for end in ends}
    rules = []
    if "Voltage <" in values:
        rules.append(_voltages(values["Voltage <"], values["Voltage >"]))
    if "Time >" in values:
        rules.append(f"step time > {decimal_text(values['Time >'] / 3600)} h")
    if "Capacity >" in values:
        rules.append(f"step capacity > {_limit('Capacity', values['Capacity >'])} Ah")
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Stop channel if {rule}]"


def _parameters(step: Step, ends: list[StepEnd]) -> Iterator[str]:
    amperes = "" if step.set_point is None else f"{decimal_text(step.set_point.value)} A"
    if step.control == "rest":
        time = next(end.level.value for end in ends if end.quantity == "Time")
        yield f"[Storage_time {_duration(time)}]"
    elif step.control == "cccv" and step.voltage is not None:
        yield f"[Maximum_current {amperes}]"
        yield f"[Charge_voltage {decimal_text(step.voltage)} V]"
    else:
        word = "Charge" if step.direction == "charge" else "Discharge"
        volts = next(end.level.value for end in ends if end.quantity == "Voltage")
        yield f"[{word}_current {amperes}]"
        yield f"[{word}_voltage {decimal_text(volts)} V]"


def _trips(step: Step, ends: list[StepEnd]) -> Iterator[str]:
    yield "[Trip conditions]"
    rules = [
        (_TRIPS[f"{step.control} {end.quantity}"], end.level)
        for end in ends
        if f"{step.control} {end.quantity}" in _TRIPS
    ]
    for number, (rule, level) in enumerate(rules):
        amount = (
            _duration(level.value)
            if level.unit == "s"
            else f"{decimal_text(level.value)} {level.unit}"
        )
        yield f"{_INDENT}[{number} End step if {rule} {amount}]"
    yield "[End trip conditions]"


def _saves(recording: Recording) -> Iterator[str]:
    yield "[Save conditions]"
    rules = []
    if recording.time is not None:
        rules.append(f"{_CHANGE}T is greater than {decimal_text(recording.time)} seconds")
    if recording.voltage is not None:
        rules.append(f"{_CHANGE}V is greater than {decimal_text(recording.voltage)} V")
    for number, rule in enumerate(rules):
        yield f"{_INDENT}[{number} Save data if {rule}]"
    yield "[End save conditions]"


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= length and (seconds / length).is_integer():
            return f"{decimal_text(seconds / length)} {unit}"
    return f"{decimal_text(seconds)} seconds"


def _notes(settings: Settings) -> Iterator[str]:
    yield (
        "Experimental: this is the text that the software prints into its data files. Whether the "
        "software can load it from a file is not known: enter the steps by hand."
    )
    if settings.options["extension"] != ".txt":
        yield f"The layout of {settings.options['extension']} files is not known."


_NO_HOLD: Final = "no public text of version 3 shows a constant voltage on discharge"

NOVONIX: Final = Format(
    target="novonix",
    suffix=".txt",
    media_type="text/plain",
    encoding="utf-8",
    capability=Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "cccv": frozenset({"charge"}),
        },
        ends={
            "rest": frozenset({"Time >", "Voltage <"}),
            "current": frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >"}),
            "cccv": frozenset({"Time >", "Hold time >", "Current <"}),
        },
        protections=frozenset({"Time >", "Capacity >", "Voltage <", "Voltage >"}),
        loops=1,
        marks=frozenset({"Advance cycle"}),
        safety=VOLTAGE_LIMITS | CURRENT_LIMITS | {"temperature_min", "temperature_max"},
        pairs=(
            ("voltage_min", "voltage_max"),
            ("temperature_min", "temperature_max"),
            ("charge_current_max", "discharge_current_max"),
        ),
        equal=True,
        reasons={
            "voltage": "public texts show constant voltage only after a constant current",
            "cccv discharge": _NO_HOLD,
            "voltage discharge": _NO_HOLD,
            "power": "no public text shows constant power",
            "resistance": "no public text shows constant resistance",
            "waveform": "no public text shows a drive cycle",
            "impedance": "no public text shows an impedance sweep",
            "jump": "no public text shows a jump",
            "loops": "no public text shows nested repeats",
            "End": "no public text shows a step that ends the test",
            "Pause": "no public text shows a pause",
            "rest Voltage >": "no public text shows a rest that ends on a rising voltage",
            "Energy": "no public text shows an end on energy",
            "Power": "no public text shows an end on power",
            "Current >": "no public text shows an end on a current that is too large",
            "Temperature": (
                "no public text shows a step that ends on temperature; safety_limits can have both "
                "temperatures"
            ),
            "cccv Capacity >": (
                "no public text shows a constant voltage that ends on capacity; let it end the test"
            ),
        },
    ),
    write=_write,
    # A repeat and an increment of the cycle counter are steps of a protocol text.
    count_steps=lambda plan: sum(not isinstance(part, LoopEnd) for part in plan.instructions),
    trust="medium for the text, low for the file",
    prepare=_prepare,
    check=_check,
    options={"extension": "extension of the file; default `.txt`"},
    read_options=_read_options,
)
