"""Maccor procedures: XML, usually called ``.000``.

Layout, paddings and wording are those of procedures saved by build 1.5.7006, among them the files
``diagnosticV5.000`` and ``formation_061621.000`` of the project beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ionworks.ucp.cyclers.export.capability import (
    DIRECTED,
    UNDIRECTED,
    Capability,
    problem,
    recording_rules,
)
from ionworks.ucp.cyclers.export.decimals import ascii_text
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.export.maccor_procedure import (
    begins_with_rest,
    clock,
    one_current,
    procedure,
    step_numbers,
)
from ionworks.ucp.cyclers.export.maccor_waveform import check_waveforms, waveform_files
from ionworks.ucp.cyclers.plan import END, Exit, Level, LoopStart, Plan, Step, in_currents
from ionworks.ucp.cyclers.plan.nodes import renumbered
from ionworks.ucp.problems import Problem

_MOST_STEPS: Final = 999
_SAFETY_REST: Final = 5.0
_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <", "Temperature >"})
_LOADED: Final = _AT_REST | {"Current >", "Current <", "Capacity >"}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    """Begin with a rest where there are safety limits, as procedures carry them on one."""
    plan = _with_waveforms_in_currents(plan, settings)
    if not plan.safety or begins_with_rest(plan):
        return plan
    where = "the rest that carries the safety limits"
    rest = Step(
        "rest",
        exits=(Exit("Time", ">", Level(_SAFETY_REST, "s")),),
        recording=attrs.evolve(plan.recording, voltage=None, current=None),
        note="Safety limits",
        title=where,
        path="safety_limits",
    )
    places = {index: index + 1 for index in range(len(plan.instructions))}
    moved = renumbered(plan, places, plan.instructions)
    return attrs.evolve(moved, instructions=(rest, *moved.instructions))


def _with_waveforms_in_currents(plan: Plan, settings: Settings) -> Plan:
    """Bring C-rates of waveforms, which have none of their own, to currents."""
    converted = in_currents(plan, settings.nominal_capacity)
    return attrs.evolve(
        plan,
        instructions=tuple(
            new if isinstance(old, Step) and old.waveform is not None else old
            for old, new in zip(plan.instructions, converted.instructions, strict=True)
        ),
    )


def _check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    del settings
    numbers = step_numbers(plan)
    total = len(numbers) + 1
    if total > _MOST_STEPS:
        message = f"the procedure has {total} steps; there may be {_MOST_STEPS}"
        yield Problem("E-export", "steps", message)
    for _, step in MACCOR.capability.writable(plan):
        yield from _check_times(step)
    yield from check_waveforms(plan, watched=one_current(plan))


def _check_times(step: Step) -> Iterator[Problem]:
    times = [(str(leave), leave.level.value) for leave in step.exits if leave.quantity == "Time"]
    times += [
        (f"resolution of {value:g} s", value)
        for name, value in recording_rules(step.recording)
        if name == "time"
    ]
    for named, seconds in times:
        if step.control != "waveform" and clock(seconds) is None:
            yield problem(
                step,
                f"its {named}: times are whole seconds, or hundredths below one second",
            )


def _write(plan: Plan, settings: Settings) -> Written:
    del settings
    return Written(procedure(plan), waveform_files(plan), tuple(_notes(plan)))


def _notes(plan: Plan) -> Iterator[str]:
    steps = [step for _, step in plan.steps()]
    levels = [level.unit for step in steps for level in (step.set_point, *_levels(step)) if level]
    if any(step.path == "safety_limits" for step in steps):
        yield (
            "Step 001 is a rest of 5 s that the protocol does not have: procedures carry the "
            "safety limits of the channel on one."
        )
    if "C" in levels:
        yield "The file has C-rates: enter the nominal capacity when the test is started."
    if any(step.control == "power" for step in steps):
        yield (
            "Constant power is known from one public procedure only: look at those steps in "
            "Maccor's editor before the test is started."
        )
    if any(leave.quantity == "Capacity" for step in steps for leave in step.exits):
        yield (
            "Ends on capacity are those on Amp Hour: the protocol counts it from the begin of each "
            "step, so see in the tester's manual where it begins to count."
        )
    if any(step.control == "voltage" and not _is_led(plan, index) for index, step in plan.steps()):
        yield (
            "A constant voltage that no constant current leads to draws what the channel can give: "
            "limit its current on the instrument."
        )
    temperatures = [leave for step in steps for leave in step.exits] + list(plan.safety)
    if any(condition.quantity == "Temperature" for condition in temperatures):
        yield "Temperatures are read from thermocouple 1: see that it is on the cell."
    if any(step.waveform is not None for step in steps):
        yield (
            "A waveform holds each value until the next; changes that take more than a second "
            "are written in steps of up to a second. The layout of .MWF files is known from three "
            "public files."
        )
    if any(limit.target != END for limit in plan.safety):
        yield (
            "A safety limit that jumps is watched where it jumps to as well: that step begins "
            "anew until the cell is back inside the limit."
        )
    if any(part.note and ascii_text(part.note) is None for part in _noted(plan)):
        yield "Notes with other than ASCII letters were left out."


def _is_led(plan: Plan, index: int) -> bool:
    """Return whether a step is reached from the constant current before it only."""
    before = plan.instructions[index - 1] if index else None
    return (
        isinstance(before, Step) and before.control == "current" and index not in plan.jumped_to()
    )


def _levels(step: Step) -> list[Level]:
    return [leave.level for leave in step.exits]


def _noted(plan: Plan) -> Iterator[Step | LoopStart]:
    for instruction in plan.instructions:
        if isinstance(instruction, Step | LoopStart):
            yield instruction


MACCOR: Final = Format(
    "maccor",
    ".000",
    "application/xml",
    "utf-8",
    Capability(
        controls={
            "rest": UNDIRECTED,
            "current": DIRECTED,
            "voltage": DIRECTED,
            "cccv": DIRECTED,
            "power": DIRECTED,
            "waveform": UNDIRECTED,
        },
        exits={
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
        safety=frozenset(
            {
                "voltage_min",
                "voltage_max",
                "temperature_max",
                "charge_current_max",
                "discharge_current_max",
            }
        ),
        safety_jumps=True,
        reasons={
            "resistance": "no public procedure shows how a constant resistance is written",
            "Energy": "no public procedure shows an end on energy",
            "Power": "no public procedure shows an end on power",
            "Temperature <": "public procedures show thermocouple ends with >= only",
            "temperature_min": "public procedures show thermocouple ends with >= only",
            "Hold time": (
                "a step of constant current and voltage counts its whole time; write the time of "
                "the voltage alone, or that of both"
            ),
        },
    ),
    _write,
    _prepare,
    _check,
)
