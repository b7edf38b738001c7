"""BioLogic settings files ``.mps``: the technique Modulo Bat, for BT-Lab or EC-Lab.

Text in the encoding cp1252 whose columns are 20 characters wide. Rows of BT-Lab are those of
``formationV1.mps`` of the project beep; rows of EC-Lab are those of versions 11.5x and 11.6x, with
the header that the project aurora-unicycler found to be enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.ucp.cyclers.export.biologic_sequences import (
    BT_LAB,
    EC_LAB,
    Locale,
    Sequences,
    largest_current,
)
from ionworks.ucp.cyclers.export.biologic_values import capacity_text, current_range
from ionworks.ucp.cyclers.export.capability import (
    DIRECTED,
    UNDIRECTED,
    Capability,
    problem,
    recording_rules,
)
from ionworks.ucp.cyclers.export.decimals import ascii_text, fixed, plain
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.plan import END, Exit, LoopEnd, LoopStart, Mark, Plan, Step
from ionworks.ucp.problems import Problem

_RANGES: Final = {BT_LAB: (0.0, 9.0), EC_LAB: (0.0, 5.0)}


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    software = str(options.get("software", BT_LAB)).strip().lower()
    if software not in _RANGES:
        raise ValueError(
            f"the option software is {BT_LAB!r} (the default) or {EC_LAB!r}, not "
            f"{options['software']!r}"
        )
    decimal = options.get("decimal_separator", ".")
    if decimal not in (".", ","):
        raise ValueError(f"the option decimal_separator is '.' or ',', not {decimal!r}")
    device = options.get("device", "BCS-815" if software == BT_LAB else None)
    if device is not None and not (isinstance(device, str) and ascii_text(device) == device != ""):
        raise ValueError(f"the option device is the name of an instrument, not {device!r}")
    low, high = _voltage_range(options.get("voltage_range", _RANGES[software]))
    return {
        "software": software,
        "decimal_separator": decimal,
        "device": device,
        "voltage_range": (low, high),
    }


def _voltage_range(given: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in given)
    except (TypeError, ValueError):
        raise ValueError(
            f"the option voltage_range is two voltages, lowest and highest, not {given!r}"
        ) from None
    if not -20 <= low < high <= 60:
        raise ValueError(f"the option voltage_range goes from {low:g} to {high:g} V")
    return low, high


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    for index, step in BIOLOGIC.capability.writable(plan):
        for leave in step.exits:
            yield from _check_jump(plan, index, step, leave)
        if not step.exits:
            yield problem(step, "an end is missing")
        yield from _check_ranges(plan, step, settings.options["voltage_range"])
        yield from _check_times(step)
    for start, end in plan.loops():
        path = plan.instructions[end].path
        if plan.successor(end) == END and end + 1 < len(plan.instructions):
            message = f"{path}: behind a loop the next sequence runs, so the test cannot end there"
            yield Problem("E-export", path, message)
        if not any(isinstance(part, Step) for part in plan.instructions[start:end]):
            yield Problem("E-export", path, f"{path}: a repeat without steps has no place")


def _check_ranges(plan: Plan, step: Step, allowed: tuple[float, float]) -> Iterator[Problem]:
    low, high = allowed
    level = step.set_point
    if step.control == "voltage" and largest_current(plan) is None:
        yield problem(
            step,
            "a constant voltage needs a current range; there is no constant current in the "
            "protocol to take it from",
        )
    if level is not None and level.unit == "A" and current_range(level.value) is None:
        yield problem(step, "no public file shows a current range above 10 A")
    for name, volts in _voltages(step):
        if not low <= volts <= high:
            yield problem(
                step,
                f"its {name} of {volts:g} V is outside the range of {low:g} to {high:g} V; give "
                "another with the option voltage_range",
            )


def _check_jump(plan: Plan, index: int, step: Step, leave: Exit) -> Iterator[Problem]:
    """Refuse jumps whose effect on the counter of a loop nobody describes."""
    target = leave.target
    if target is None or target == END:
        return
    first, last = sorted((index, target))
    passed = [
        part
        for part in plan.instructions[first : last + 1]
        if isinstance(part, LoopEnd | LoopStart)
    ]
    leaves = plan.loops_around(index) != plan.loops_around(target)
    if leaves or (target <= index and passed):
        yield problem(
            step,
            f"its end {leave} jumps out of a loop or back over one, and nothing describes what "
            "becomes of the loop's counter",
        )


def _check_times(step: Step) -> Iterator[Problem]:
    times = [leave.level.value for leave in step.exits if leave.quantity == "Time"]
    times += [value for name, value in recording_rules(step.recording) if name == "time"]
    for seconds in times:
        if abs(seconds * 1000 - round(seconds * 1000)) > 1e-6 or round(seconds * 1000) < 1:
            yield problem(step, f"a time of {seconds:g} s is no whole number of milliseconds")


def _voltages(step: Step) -> Iterator[tuple[str, float]]:
    if step.control == "voltage" and step.set_point is not None:
        yield "voltage", step.set_point.value
    for leave in step.exits:
        if leave.quantity == "Voltage":
            yield f"end {leave}", leave.level.value


def _write(plan: Plan, settings: Settings) -> Written:
    sequences = Sequences(plan, settings)
    lines = [*_header(plan, settings), "", "Technique : 1", "Modulo Bat", *sequences.rows(), ""]
    text = "\r\n".join(lines)
    return Written(text.encode("cp1252"), notes=tuple(_notes(plan, settings)))


def _header(plan: Plan, settings: Settings) -> Iterator[str]:
    options = settings.options
    in_locale = Locale(options["decimal_separator"])
    is_bt = options["software"] == BT_LAB
    potential = "Ecell" if is_bt else "Ewe"
    low, high = (in_locale(fixed(value, 2)) for value in options["voltage_range"])
    yield "BT-LAB SETTING FILE" if is_bt else "EC-LAB SETTING FILE"
    yield ""
    yield "Number of linked techniques : 1"
    yield ""
    yield f"Filename : {settings.stem}.mps"
    yield ""
    if options["device"] is not None:
        yield f"Device : {options['device']}"
    yield f"{potential} ctrl range : min = {low} V, max = {high} V"
    yield from _safety(plan, potential, in_locale, is_bt=is_bt)
    capacity = in_locale(capacity_text(settings.nominal_capacity))
    if not is_bt:
        yield f"Comments : {settings.stem}"
        if settings.nominal_capacity is not None:
            yield f"Battery capacity : {capacity}"
        yield "Cycle Definition : Charge/Discharge alternance"
        return
    yield from ("Electrode material : ", "Initial state : ", "Electrolyte : ")
    yield f"Comments : {settings.stem}"
    for line in (
        "Mass of active material : 0.001 mg",
        " at x = 0.000",
        "Molecular weight of active material (at x = 0) : 0.001 g/mol",
        "Atomic weight of intercalated ion : 0.001 g/mol",
        "Acquisition started at : xo = 0.000",
        "Number of e- transfered per intercalated ion : 1",
        "for DX = 1, DQ = 26.802 mA.h",
    ):
        yield in_locale(line)
    yield f"Battery capacity : {capacity}"
    yield in_locale("Electrode surface area : 0.001 cm\u00b2")
    yield in_locale("Characteristic mass : 0.001 g")
    yield "Cycle Definition : Charge/Discharge alternance"
    yield "Do not turn to OCV between techniques"


def _safety(plan: Plan, potential: str, in_locale: Locale, *, is_bt: bool) -> Iterator[str]:
    limits = {limit.key: limit.value for limit in plan.safety}
    lines = [
        f"\t{potential} {side} = {in_locale(plain(limits[f'voltage_{side}'], least=2))} V"
        for side in ("min", "max")
        if f"voltage_{side}" in limits
    ]
    if "charge_current_max" in limits:
        milliamperes = plain(limits["charge_current_max"] * 1000, least=3 if is_bt else 1)
        lines.append(f"\t|I| = {in_locale(milliamperes)} mA")
    if lines:
        lines.append("\tfor t > 100 ms")
    if not is_bt:
        lines.append("\tDo not start on E overload")
    if lines:
        yield "Safety Limits :"
        yield from lines


def _notes(plan: Plan, settings: Settings) -> Iterator[str]:
    options = settings.options
    software = "BT-Lab" if options["software"] == BT_LAB else "EC-Lab"
    yield (
        f"The file is for {software} on a computer that writes numbers with "
        f"{options['decimal_separator']!r}; see the options software and decimal_separator."
    )
    yield "See that the instrument has the voltage range and the current ranges in the file."
    if plan.safety:
        yield "The safety limits act when they are passed for 100 ms."
    if any(step.control == "voltage" for _, step in plan.steps()):
        yield "A constant voltage has no limit of its current but the range: see that it fits."
    kinds = {part.kind for part in plan.instructions if isinstance(part, Mark)}
    if "Advance cycle" in kinds:
        yield "Cycles are counted by the software; the marks for them were left out."


_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <"})

BIOLOGIC: Final = Format(
    "biologic",
    ".mps",
    "text/plain",
    "cp1252",
    Capability(
        controls={"rest": UNDIRECTED, "current": DIRECTED, "voltage": DIRECTED},
        exits={
            "rest": _AT_REST,
            "current": _AT_REST,
            "voltage": frozenset({"Time >", "Current <", "Current >"}),
        },
        jumps=True,
        loops=1,
        marks=frozenset({"Advance cycle", "End"}),
        safety=frozenset(
            {"voltage_min", "voltage_max", "charge_current_max", "discharge_current_max"}
        ),
        pairs=(("charge_current_max", "discharge_current_max"),),
        equal=True,
        most_exits=3,
        reasons={
            "power": "no public settings file shows a constant power",
            "resistance": "no public settings file saved by the software shows it",
            "cccv": "its ends count over two sequences here; let each part have its own",
            "loops": (
                "loops of one technique do not nest, and what a loop of techniques counts is not "
                "certain"
            ),
            "Capacity": "no public settings file shows a limit on the charge",
            "Energy": "no public settings file shows a limit on the energy",
            "Temperature": "no public settings file shows a limit on the temperature",
            "temperature_max": "no public settings file shows how it is written",
            "temperature_min": "no public settings file shows how it is written",
            "Pause": "no public settings file shows a pause",
            "waveform": "a profile has no counterpart in the technique",
        },
    ),
    _write,
    check=_check,
    option_names=("software", "decimal_separator", "device", "voltage_range"),
    read_options=_read_options,
    counts_cycles=False,
)
