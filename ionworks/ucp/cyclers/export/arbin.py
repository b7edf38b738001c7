"""Arbin schedules: ``.sdu`` of MITS Pro 7 and ``.sdx`` of MITS 8.

A schedule that the user's own MITS saved is the best template: only steps, limits and what the
protocol says of safety are replaced in it. Without one there is a skeleton of our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ionworks.ucp.cyclers.export.arbin_schedule import schedule_steps, watching
from ionworks.ucp.cyclers.export.arbin_template import STEP_KEYS, Schedule, read_schedule, skeleton
from ionworks.ucp.cyclers.export.capability import (
    CAPACITY_NEEDED,
    DIRECTED,
    UNDIRECTED,
    Capability,
    has_c_rate,
    problem,
)
from ionworks.ucp.cyclers.export.decimals import fixed
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.plan import (
    END,
    Limit,
    LoopStart,
    Mark,
    Plan,
    Step,
    in_currents,
    merge_pairs,
)
from ionworks.ucp.cyclers.plan.checks import check_plan
from ionworks.ucp.problems import Problem

_RANGES: Final = ("Range1", "Range2", "Range3", "Range4", "Parallel-High")
_SCOPES: Final = {
    "Voltage": ("voltage_min", "voltage_max", 1),
    "Current": ("discharge_current_max", "charge_current_max", -1),
}


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    template = options.get("template")
    if isinstance(template, str):
        template = template.encode("latin-1")
    if template is not None and not isinstance(template, bytes):
        raise ValueError(
            "the option template is the content of a schedule as bytes, read with open(path, 'rb')"
        )
    current_range = options.get("current_range", "Range1")
    if current_range not in _RANGES:
        raise ValueError(
            f"the option current_range is one of {', '.join(_RANGES)}, not {current_range!r}"
        )
    schedule = None if template is None else read_schedule(template)
    return {"template": schedule, "current_range": current_range}


def _prepare(plan: Plan, settings: Settings) -> Plan:
    """Join currents with the voltages behind them, and take over the safety of a template."""
    plan = merge_pairs(plan)
    converted = in_currents(plan, settings.nominal_capacity)
    plan = attrs.evolve(
        plan,
        instructions=tuple(
            new if isinstance(old, Step) and old.control == "cccv" else old
            for old, new in zip(plan.instructions, converted.instructions, strict=True)
        ),
    )
    template: Schedule | None = settings.options["template"]
    known = {limit.key for limit in plan.safety}
    added = [limit for limit in _template_limits(template) if limit.key not in known]
    return attrs.evolve(plan, safety=(*plan.safety, *added))


def _template_limits(template: Schedule | None) -> Iterator[Limit]:
    """Yield the safety limits that a template of MITS Pro 7 has in force."""
    keys = {} if template is None or template.is_sdx else template.keys("Schedule")
    for quantity, (low_key, high_key, sign) in _SCOPES.items():
        if keys.get(f"m_bCheck{quantity}Safety") == "1":
            scope = keys.get(f"m_{quantity}SafetyScope", "")
            try:
                low, high = map(float, scope.split("^"))
            except ValueError:
                raise ValueError(
                    f"the template's m_{quantity}SafetyScope is no pair of numbers: {scope!r}"
                ) from None
            yield Limit(low_key, sign * low)
            yield Limit(high_key, high)


def _check_sdu(plan: Plan, settings: Settings) -> Iterator[Problem]:
    template: Schedule | None = settings.options["template"]
    if template is not None and template.is_sdx:
        yield _of_template("the template is of MITS 8; use the target arbin_sdx")
    if template is not None:
        # Limits of the template were not there when the protocol was checked.
        yield from check_plan(plan, settings.nominal_capacity)
        in_force = {limit.key for limit in _template_limits(template)}
        for limit in plan.safety:
            if limit.target != END and limit.key in in_force:
                path = f"safety_limits.{limit.key}"
                message = (
                    f"{path}: it jumps, but the template ends the test at one of the same kind; "
                    "switch that check off in the template, or let the limit end the test"
                )
                yield Problem("E-export", path, message)
    yield from _check(plan)


def _check_sdx(plan: Plan, settings: Settings) -> Iterator[Problem]:
    template: Schedule | None = settings.options["template"]
    if template is not None and not template.is_sdx:
        yield _of_template("the template is of MITS Pro 7; use the target arbin")
    yield from _check(plan)


def _of_template(message: str) -> Problem:
    return Problem("E-export", "options.template", message)


def _check(plan: Plan) -> Iterator[Problem]:
    for start, end in plan.loops():
        if end == start + 1:
            path = plan.instructions[end].path
            yield Problem("E-export", path, f"{path}: a repeat without steps has no place")
    for _, step in ARBIN.capability.writable(plan):
        # Only a plain constant current can be a multiple of the capacity.
        if step.control == "cccv" and has_c_rate(step):
            yield problem(step, CAPACITY_NEEDED)
        if not step.exits:
            yield problem(step, "an end is missing")


def _scoped(plan: Plan, *, is_sdx: bool) -> frozenset[str]:
    """Return the safety limits that the schedule watches as a whole: pairs that end the test."""
    limits = {limit.key: limit for limit in plan.safety}
    found: set[str] = set()
    for low, high, _ in _SCOPES.values():
        pair = [limits[key] for key in (low, high) if key in limits]
        if not is_sdx and len(pair) == 2 and all(limit.target == END for limit in pair):
            found |= {low, high}
    return frozenset(found)


def _write_as(plan: Plan, settings: Settings, *, is_sdx: bool) -> Written:
    template: Schedule | None = settings.options["template"]
    schedule = (
        skeleton(settings.stem, is_sdx=is_sdx)
        if template is None
        else Schedule(
            [(name, list(lines)) for name, lines in template.sections],
            template.newline,
            template.is_sdx,
        )
    )
    scoped = _scoped(plan, is_sdx=is_sdx)
    prototype = schedule.keys("Schedule_Step0")
    extra = {
        key: value
        for key, value in prototype.items()
        if key not in STEP_KEYS and key != "m_nMaxCurrent"
    }
    steps = schedule_steps(
        plan,
        is_sdx=is_sdx,
        current_range=settings.options["current_range"],
        watched=watching(plan, scoped),
        extra=extra,
    )
    limits = {limit.key: limit.value for limit in plan.safety}
    values = {"m_uStepNum": str(sum("_Limit" not in heading for heading, _ in steps))}
    for quantity, (low, high, sign) in _SCOPES.items():
        if low in scoped:
            values[f"m_bCheck{quantity}Safety"] = "1"
            scope = f"{fixed(sign * limits[low], 6)}^{fixed(limits[high], 6)}"
            values[f"m_{quantity}SafetyScope"] = scope
    schedule.set_keys("Schedule", values)
    schedule.replace_steps(steps)
    return Written(schedule.content(), notes=tuple(_notes(plan, settings, is_sdx=is_sdx)))


def _write_sdu(plan: Plan, settings: Settings) -> Written:
    return _write_as(plan, settings, is_sdx=False)


def _write_sdx(plan: Plan, settings: Settings) -> Written:
    return _write_as(plan, settings, is_sdx=True)


def _notes(plan: Plan, settings: Settings, *, is_sdx: bool) -> Iterator[str]:
    template: Schedule | None = settings.options["template"]
    if template is None:
        yield (
            "Experimental: the schedule is made from a skeleton of ours, whose signature MITS may "
            "refuse; give one that your own MITS saved as options={'template': content}."
        )
    else:
        yield "Everything but steps, limits and safety is as the template has it."
    if is_sdx:
        yield "Assign a test object: most safety of a .sdx schedule is a share of its limits."
    else:
        yield (
            f"The current range is {settings.options['current_range']}; see that it covers every "
            "current (option current_range)."
        )
    if template is not None and not is_sdx and any(True for _ in _template_limits(template)):
        yield "Safety limits of the template stay in force where the protocol has none."
    if any(isinstance(part, LoopStart) for part in plan.instructions):
        yield (
            "Loops count with TC_Counter1 to TC_Counter4, as one public converter writes them: "
            "watch the first passes."
        )
    if not any(isinstance(part, Mark) and part.kind != "End" for part in plan.instructions):
        yield ("Cycle_Index stays at 1: the protocol has no mark 'Advance cycle' among its steps.")
    if any(leave.quantity == "Capacity" for _, step in plan.steps() for leave in step.exits):
        yield "Registers of capacity and energy are reset before each step that ends on capacity."


_CURRENT: Final = frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >", "Current >"})
_REASONS: Final = {
    "voltage": (
        "no public schedule shows a constant voltage of its own; let a constant current that ends "
        "at this voltage lead to it"
    ),
    "power": "no public schedule shows a constant power",
    "resistance": "no public schedule shows a constant resistance",
    "waveform": "nothing public describes the file of a simulated profile",
    "Energy": "no public schedule shows an end on energy",
    "Temperature": "which auxiliary channel measures the cell is not known",
    "temperature_min": "which auxiliary channel measures the cell is not known",
    "temperature_max": "which auxiliary channel measures the cell is not known",
    "Pause": "no public schedule shows a pause",
}


def _capability(cccv: frozenset[str], *, c_rates: bool, reasons: Mapping[str, str]) -> Capability:
    return Capability(
        controls={"rest": UNDIRECTED, "current": DIRECTED, "cccv": DIRECTED},
        exits={
            "rest": frozenset({"Time >", "Voltage >", "Voltage <"}),
            "current": _CURRENT,
            "cccv": _CURRENT | cccv,
        },
        jumps=True,
        loops=4,
        marks=frozenset({"Advance cycle", "End"}),
        c_rates=c_rates,
        safety=frozenset(
            {"voltage_min", "voltage_max", "charge_current_max", "discharge_current_max"}
        ),
        safety_jumps=True,
        reasons=reasons,
    )


ARBIN: Final = Format(
    "arbin",
    ".sdu",
    "text/plain",
    "latin-1",
    _capability(frozenset({"Current <", "Hold time >"}), c_rates=True, reasons=_REASONS),
    _write_sdu,
    _prepare,
    _check_sdu,
    ("template", "current_range"),
    _read_options,
    ("Trust of the format: high where a template is filled, medium from the skeleton.",),
)

ARBIN_SDX: Final = Format(
    "arbin_sdx",
    ".sdx",
    "text/plain",
    "latin-1",
    _capability(
        frozenset({"Current <"}),
        c_rates=False,
        reasons={
            **_REASONS,
            "Hold time": "no public schedule of MITS 8 shows the time of the constant voltage",
        },
    ),
    _write_sdx,
    _prepare,
    _check_sdx,
    ("template", "current_range"),
    _read_options,
    ("Trust of the format: medium where a template is filled, low from the skeleton.",),
)
