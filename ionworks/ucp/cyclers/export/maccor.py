"""Maccor procedures: XML, usually with the extension ``.000``.

Layout, padding and wording are those of procedures saved by build 1.5.7006, among them the files
``diagnosticV5.000`` and ``formation_061621.000`` of the project beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ionworks.ucp.cyclers.export.capability import (
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    has_c_rate,
    reversed_holds,
)
from ionworks.ucp.cyclers.export.decimals import ascii_text
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.export.maccor_procedure import (
    begins_with_rest,
    clock,
    one_current_limit,
    procedure,
    step_numbers,
)
from ionworks.ucp.cyclers.export.maccor_waveform import check_waveforms, with_waveform_files
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Level,
    LoopEnd,
    LoopStart,
    Plan,
    Step,
    StepEnd,
    c_rates_to_currents,
    export_problem,
    jumps_as_ends,
    renumbered,
    step_problem,
)
from ionworks.ucp.problems import Problem

# The widest fields that public procedures show.
_MOST_PASSES: Final = 9999
_MOST_HOURS: Final = 999

_SAFETY_REST: Final = 5.0
_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <", "Temperature >"})
_LOADED: Final = _AT_REST | {"Current >", "Current <", "Capacity >"}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    """Convert waveforms to currents, and insert a first rest that carries the safety limits."""
    # A .MWF file holds amperes or watts only; the C-rates of other steps stay C-rates.
    plan = c_rates_to_currents(
        plan, settings.nominal_capacity, lambda step: step.waveform is not None
    )
    plan = jumps_as_ends(plan)
    # Public procedures set the limits of the channel on a first step that is a rest.
    if not plan.safety or begins_with_rest(plan):
        return plan
    rest = Step(
        "rest",
        ends=(StepEnd("Time", ">", Level(_SAFETY_REST, "s")),),
        recording=attrs.evolve(plan.recording, voltage=None, current=None),
        note="Safety limits",
        title="the rest that carries the safety limits",
        path="safety_limits",
    )
    places = {index: index + 1 for index in range(len(plan.instructions))}
    moved = renumbered(plan, places, plan.instructions)
    return attrs.evolve(moved, instructions=(rest, *moved.instructions))


def _check(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    for part in plan.instructions:
        if isinstance(part, LoopEnd) and part.count > _MOST_PASSES:
            reason = (
                f"it repeats {part.count} times, but counts in public procedures have at most four "
                f"digits; put a block with a repeat of up to {_MOST_PASSES} into another one"
            )
            yield export_problem(part.path, reason)
    for _, step in MACCOR.capability.supported_steps(plan):
        yield from _check_times(step)
    yield from check_waveforms(plan, channel_limits_current=one_current_limit(plan))


def _check_times(step: Step) -> Iterator[Problem]:
    # The recording interval of a waveform is written into its .MWF file, which has decimals.
    if step.control == "waveform":
        return
    times = [(f"end {end}", end.level.value) for end in step.ends if end.quantity == "Time"]
    if step.recording.time is not None:
        times.append((f"resolution of {step.recording.time:g} s", step.recording.time))
    for named, seconds in times:
        if clock(seconds) is None or seconds >= 3600 * (_MOST_HOURS + 1):
            yield step_problem(
                step,
                f"its {named} cannot be written; use whole seconds, or hundredths of a second "
                f"below one second, up to {_MOST_HOURS} hours",
            )


def _write(plan: Plan, settings: Settings) -> WrittenFile:
    named, waveforms = with_waveform_files(plan)
    return WrittenFile(procedure(named), waveforms, tuple(_notes(plan, settings)))


def _notes(plan: Plan, settings: Settings) -> Iterator[str]:
    steps = [step for _, step in plan.steps()]
    if any(step.path == "safety_limits" for step in steps):
        yield (
            "Step 001 is a rest of 5 s that is not in the protocol: the procedure sets the safety "
            "limits of the channel there."
        )
    multiples = (end.level.unit == "Q_NOM" for step in steps for end in step.ends)
    if any(map(has_c_rate, steps)) or any(multiples):
        capacity = settings.nominal_capacity
        value = "" if capacity is None else f", {capacity:g} A.h,"
        yield (
            "The file has multiples of the nominal capacity (C): enter the nominal "
            f"capacity{value} when you start the test."
        )
    if any(step.control == "power" for step in steps):
        yield (
            "Constant power is known from a single public procedure: check those steps in Maccor's "
            "editor before you start the test."
        )
    if any(end.quantity == "Capacity" for step in steps for end in step.ends):
        yield (
            "Ends on capacity are written as ends on Amp Hour. The protocol counts the capacity "
            "from the start of each step: check in the manual of the tester where it starts to "
            "count."
        )
    conditions = [end for step in steps for end in step.ends] + list(plan.safety)
    if any(condition.quantity == "Temperature" for condition in conditions):
        yield "Temperatures are read from thermocouple 1: check that it is attached to the cell."
    if any(step.waveform is not None for step in steps):
        yield (
            "The steps that call waveforms have no ends. Whether the instrument goes "
            "on to the next step or follows the safety limit when a sample ends at voltage_min or "
            "voltage_max is not documented, and limits of current and temperature are watched "
            "there only if the channel does: set all limits on the instrument too."
        )
        yield (
            "A waveform holds each value until the next sample. Changes that take longer than a "
            "second are written as steps of at most a second. The layout of .MWF files is known "
            "from three public files."
        )
    yield from reversed_holds(plan, CURRENT_LIMITS if one_current_limit(plan) else ())
    for limit in plan.safety:
        if limit.target != END_TEST:
            yield (
                f"The safety limit {limit.key} jumps, and is also watched in the step it jumps to: "
                "that step restarts until the cell is back within the limit."
            )
    noted = (part.note for part in plan.instructions if isinstance(part, Step | LoopStart))
    if any(note and ascii_text(note) is None for note in noted):
        yield "Notes with characters outside ASCII were left out."


_THERMOCOUPLE: Final = "public procedures show thermocouple ends with >= only"

MACCOR: Final = Format(
    target="maccor",
    suffix=".000",
    media_type="application/xml",
    encoding="utf-8",
    capability=Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "voltage": DIRECTED,
            "cccv": DIRECTED,
            "power": DIRECTED,
            "waveform": UNDIRECTED,
        },
        ends={
            "rest": _AT_REST,
            "current": _LOADED,
            "voltage": _LOADED,
            "cccv": _LOADED,
            "power": _LOADED,
        },
        jumps=True,
        loops=4,
        marks=frozenset({"Advance cycle", "Pause", "End"}),
        c_rates=True,
        capacity_multiples=True,
        safety=VOLTAGE_LIMITS | CURRENT_LIMITS | {"temperature_max"},
        safety_jumps=True,
        most_steps=999,
        reasons={
            "steps": "procedures refer to steps by three digits",
            "resistance": "no public procedure shows a constant resistance",
            "Energy": "no public procedure shows an end on energy",
            "Power": "no public procedure shows an end on power",
            "impedance": (
                "its settings are in a file with the current range and the current limit of an "
                "impedance analyzer, which a protocol does not have"
            ),
            "ends of waveform": (
                "steps of public procedures that call a waveform have no ends; its samples end at "
                "the safety limits voltage_min and voltage_max"
            ),
            "Temperature <": _THERMOCOUPLE,
            "temperature_min": _THERMOCOUPLE,
            "Hold time": (
                "a step of constant current and voltage counts its total time; limit the total "
                "time, or make the constant voltage a separate step"
            ),
        },
    ),
    write=_write,
    count_steps=lambda plan: len(step_numbers(plan)) + 1,
    trust="high; medium for constant power and drive cycles",
    prepare=_prepare,
    check=_check,
)
