"""BioLogic settings files ``.mps``: the technique Modulo Bat, for BT-Lab or EC-Lab.

Text in the encoding cp1252, in columns of 20 characters. The rows for BT-Lab are those of
``formationV1.mps`` of the project beep. The rows for EC-Lab are those of versions 11.5x and 11.6x,
with the header that the project aurora-unicycler found to be sufficient.
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
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    check_empty_loops,
)
from ionworks.ucp.cyclers.export.decimals import ascii_text, decimal_text, fixed
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Step,
    StepEnd,
    export_problem,
    step_problem,
)
from ionworks.ucp.problems import Problem

_RANGES: Final = {BT_LAB: (0.0, 9.0), EC_LAB: (0.0, 5.0)}


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    software = str(options.get("software", BT_LAB)).strip().lower()
    if software not in _RANGES:
        raise ValueError(
            f"the option software must be {BT_LAB!r} (the default) or {EC_LAB!r}, not "
            f"{options['software']!r}"
        )
    decimal = options.get("decimal_separator", ".")
    if decimal not in (".", ","):
        raise ValueError(f"the option decimal_separator must be '.' or ',', not {decimal!r}")
    device = options.get("device", "BCS-815" if software == BT_LAB else None)
    if device is not None and not (isinstance(device, str) and ascii_text(device) == device != ""):
        raise ValueError(f"the option device must be the name of an instrument, not {device!r}")
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
            f"the option voltage_range must be two voltages, lowest and highest, not {given!r}"
        ) from None
    if not -20 <= low < high <= 60:
        raise ValueError(
            "the option voltage_range must rise and lie within -20 V to 60 V, not "
            f"({low:g}, {high:g})"
        )
    return low, high


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    for index, step in BIOLOGIC.capability.supported_steps(plan):
        for step_end in step.ends:
            yield from _check_jump(plan, index, step, step_end)
        if not step.ends:
            yield step_problem(step, "it needs an end")
        yield from _check_ranges(plan, step, settings.options["voltage_range"])
        yield from _check_times(step)
    for _, end in plan.loops():
        if plan.successor(end) == END_TEST and end + 1 < len(plan.instructions):
            yield export_problem(
                plan.instructions[end].path,
                "the test cannot end directly after a repeat, where the next sequence always runs; "
                "put a Rest between the repeat and the End",
            )
    yield from check_empty_loops(plan, lambda part: isinstance(part, Step))


def _check_ranges(plan: Plan, step: Step, allowed: tuple[float, float]) -> Iterator[Problem]:
    low, high = allowed
    level = step.set_point
    if step.control == "voltage" and largest_current(plan) is None:
        yield step_problem(
            step,
            "a constant voltage takes its current range from a constant current, but the protocol "
            "has none; add one",
        )
    if level is not None and level.unit == "A" and current_range(level.value) is None:
        yield step_problem(
            step, f"its current of {level} is above 10 A, the largest range in public files"
        )
    for name, volts in _voltages(step):
        if not low <= volts <= high:
            yield step_problem(
                step,
                f"its {name} of {volts:g} V is outside the voltage range of {low:g} V to {high:g} "
                "V; set the option voltage_range",
            )


def _check_jump(plan: Plan, index: int, step: Step, end: StepEnd) -> Iterator[Problem]:
    """Yield a problem for jumps whose effect on a loop counter is not documented."""
    target = end.target
    if target is None or target == END_TEST:
        return
    first, last = sorted((index, target))
    passed = [
        part
        for part in plan.instructions[first : last + 1]
        if isinstance(part, LoopEnd | LoopStart)
    ]
    leaves = plan.loops_around(index) != plan.loops_around(target)
    if leaves or (target <= index and passed):
        yield step_problem(
            step,
            f"its end {end} jumps out of a loop or back over one, and it is not documented what "
            "happens to the counter of that loop",
        )


def _check_times(step: Step) -> Iterator[Problem]:
    times = [end.level.value for end in step.ends if end.quantity == "Time"]
    if step.recording.time is not None:
        times.append(step.recording.time)
    for seconds in times:
        if abs(seconds * 1000 - round(seconds * 1000)) > 1e-6 or round(seconds * 1000) < 1:
            yield step_problem(step, f"its time of {seconds:g} s must be a whole number of ms")


def _voltages(step: Step) -> Iterator[tuple[str, float]]:
    if step.control == "voltage" and step.set_point is not None:
        yield "voltage", step.set_point.value
    for end in step.ends:
        if end.quantity == "Voltage":
            yield f"end {end}", end.level.value


def _write(plan: Plan, settings: Settings) -> WrittenFile:
    sequences = Sequences(plan, settings)
    lines = [*_header(plan, settings), "", "Technique : 1", "Modulo Bat", *sequences.rows(), ""]
    text = "\r\n".join(lines)
    return WrittenFile(text.encode("cp1252"), notes=tuple(_notes(plan, settings)))


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
        f"\t{potential} {side} = {in_locale(decimal_text(limits[f'voltage_{side}'], least=2))} V"
        for side in ("min", "max")
        if f"voltage_{side}" in limits
    ]
    if "charge_current_max" in limits:
        milliamperes = decimal_text(limits["charge_current_max"] * 1000, least=3 if is_bt else 1)
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
        f"The file is for {software} on a computer with the decimal separator "
        f"{options['decimal_separator']!r}; see the options software and decimal_separator."
    )
    yield "Check that the instrument has the voltage range and the current ranges of the file."
    if plan.safety:
        yield "A safety limit takes effect when it is exceeded for 100 ms."
    if any(step.control == "voltage" for _, step in plan.steps()):
        yield "The current of a constant voltage is only limited by its range: check the range."
    kinds = {part.kind for part in plan.instructions if isinstance(part, Mark)}
    if "Advance cycle" in kinds:
        yield "The software counts cycles; 'Advance cycle' was left out."


_NO_TEMPERATURE: Final = "no public settings file shows a temperature limit"
_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <"})

BIOLOGIC: Final = Format(
    target="biologic",
    suffix=".mps",
    media_type="text/plain",
    encoding="cp1252",
    capability=Capability(
        controls={"rest": UNDIRECTED, "current": DIRECTED, "voltage": DIRECTED},
        ends={
            "rest": _AT_REST,
            "current": _AT_REST,
            "voltage": frozenset({"Time >", "Current <", "Current >"}),
        },
        jumps=True,
        loops=1,
        marks=frozenset({"Advance cycle", "End"}),
        safety=VOLTAGE_LIMITS | CURRENT_LIMITS,
        pairs=(("charge_current_max", "discharge_current_max"),),
        equal=True,
        most_ends=3,
        hold_current="its current range",
        reasons={
            "power": "no public settings file shows a constant power",
            "resistance": "no settings file of the software shows a constant resistance",
            "cccv": "its ends would have to count over two sequences; give each part its own ends",
            "loops": (
                "loops of one technique cannot be nested, and how loops over techniques count is "
                "not documented"
            ),
            "Capacity": "no public settings file shows an end on charge",
            "Energy": "no public settings file shows an end on energy",
            "Temperature": "no public settings file shows an end on temperature",
            "temperature_max": _NO_TEMPERATURE,
            "temperature_min": _NO_TEMPERATURE,
            "Pause": "no public settings file shows a pause",
            "waveform": "the technique Modulo Bat has no drive cycles",
        },
    ),
    write=_write,
    count_steps=lambda plan: sum(isinstance(part, Step | LoopEnd) for part in plan.instructions),
    trust="high",
    check=_check,
    options={
        "software": f"`{BT_LAB}` (default) or `{EC_LAB}`: their files differ",
        "decimal_separator": (
            "`.` (default) or `,`: the separator of the computer that loads the file"
        ),
        "device": "name of the instrument in the head of the file; default `BCS-815` for BT-Lab",
        "voltage_range": (
            "lowest and highest voltage of the range [V]; default "
            + ", ".join(
                f"({low:g}, {high:g}) for `{name}`" for name, (low, high) in _RANGES.items()
            )
        ),
    },
    read_options=_read_options,
    counts_cycles=False,
    directs_holds=False,
)
