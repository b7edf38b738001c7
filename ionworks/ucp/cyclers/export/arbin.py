"""Arbin schedules: ``.sdu`` of MITS Pro 7 and ``.sdx`` of MITS 8.

The best template is a schedule saved by the user's own MITS: only its steps, limits and safety
limits are replaced. Without a template, a minimal schedule is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import attrs

from ionworks.ucp.cyclers.export.arbin_schedule import count_steps, schedule_steps, without_limits
from ionworks.ucp.cyclers.export.arbin_template import (
    STEP_KEYS,
    Schedule,
    minimal_schedule,
    read_schedule,
)
from ionworks.ucp.cyclers.export.capability import (
    CAPACITY_NEEDED,
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    has_c_rate,
    limit_problem,
    reversed_holds,
)
from ionworks.ucp.cyclers.export.decimals import fixed
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Limit,
    LoopStart,
    Mark,
    Plan,
    Step,
    c_rates_to_currents,
    check_plan,
    check_rescues,
    jumps_as_ends,
    merge_cccv,
    step_problem,
)
from ionworks.ucp.problems import Problem

_RANGES: Final = ("Range1", "Range2", "Range3", "Range4", "Parallel-High")
# The limits in each safety scope, and the sign of the first: discharge currents are negative.
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
            "the option template must be the content of a schedule as bytes, read with "
            "open(path, 'rb')"
        )
    current_range = options.get("current_range", "Range1")
    if current_range not in _RANGES:
        raise ValueError(
            f"the option current_range must be one of {', '.join(_RANGES)}, not {current_range!r}"
        )
    schedule = None if template is None else read_schedule(template)
    return {"template": schedule, "current_range": current_range}


def _needs_amperes(step: Step) -> bool:
    """Return whether currents of a step must be in amperes in a schedule of MITS Pro 7.

    It has C-rates only as the value of the type C-Rate, which is a constant current.
    """
    return step.control == "cccv" or any(end.level.unit == "C" for end in step.ends)


def _prepare(plan: Plan, settings: Settings, *, is_sdx: bool) -> Plan:
    """Merge currents with the voltages that follow them, and add the limits of a template."""
    capacity = settings.nominal_capacity
    plan = merge_cccv(plan, capacity)
    # Schedules of MITS 8 have multiples of the nominal capacity of the test object everywhere. A
    # capacity that is known makes them independent of the test object.
    plan = c_rates_to_currents(plan, capacity, lambda step: is_sdx or _needs_amperes(step))
    template: Schedule | None = settings.options["template"]
    known = {limit.key for limit in plan.safety}
    in_force = list(_template_limits(template))
    added = [limit for limit in in_force if limit.key not in known]
    plan = attrs.evolve(plan, safety=(*plan.safety, *added))
    return jumps_as_ends(plan, kept={limit.key for limit in in_force})


def _template_limits(template: Schedule | None) -> Iterator[Limit]:
    """Yield the safety limits that are switched on in a template of MITS Pro 7."""
    keys = {} if template is None or template.is_sdx else template.keys("Schedule")
    for quantity, (low_key, high_key, sign) in _SCOPES.items():
        if keys.get(f"m_bCheck{quantity}Safety") == "1":
            scope = keys.get(f"m_{quantity}SafetyScope", "")
            try:
                low, high = map(float, scope.split("^"))
            except ValueError:
                raise ValueError(
                    f"m_{quantity}SafetyScope of the template must be two numbers separated by "
                    f"'^', not {scope!r}"
                ) from None
            yield Limit(low_key, sign * low)
            yield Limit(high_key, high)


def _check(plan: Plan, settings: Settings, *, is_sdx: bool) -> Iterator[Problem]:
    template: Schedule | None = settings.options["template"]
    if template is not None and template.is_sdx != is_sdx:
        software, target = ("8", "arbin_sdx") if template.is_sdx else ("Pro 7", "arbin")
        message = f"the template was saved by MITS {software}; use the target {target}"
        yield Problem("E-export", "options.template", message)
    if template is not None and not is_sdx:
        # The limits of the template were added after the protocol was checked against its own.
        yield from check_plan(plan, settings.nominal_capacity)
        in_force = {limit.key for limit in _template_limits(template)}
        for limit in plan.safety:
            if limit.target != END_TEST and limit.key in in_force:
                yield limit_problem(
                    limit,
                    "it jumps, but the template ends the test at a limit of the same kind; switch "
                    "that check off in the template, or let this limit end the test",
                )
    yield from check_rescues(plan)
    for _, step in ARBIN.capability.supported_steps(plan):
        if not is_sdx and _needs_amperes(step) and has_c_rate(step):
            yield step_problem(step, CAPACITY_NEEDED)
        if not step.ends:
            yield step_problem(step, "it needs an end")


def _scoped(plan: Plan, *, is_sdx: bool) -> frozenset[str]:
    """Return the safety limits that become limits of the whole schedule.

    A schedule of MITS Pro 7 has them in pairs that end the test; all others are written as limits
    of every step.
    """
    limits = {limit.key: limit for limit in plan.safety}
    found: set[str] = set()
    for low, high, _ in _SCOPES.values():
        pair = [limits[key] for key in (low, high) if key in limits]
        if not is_sdx and len(pair) == 2 and all(limit.target == END_TEST for limit in pair):
            found |= {low, high}
    return frozenset(found)


def _write(plan: Plan, settings: Settings, *, is_sdx: bool) -> WrittenFile:
    template: Schedule | None = settings.options["template"]
    schedule = (
        minimal_schedule(settings.stem, is_sdx=is_sdx)
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
        watched=without_limits(plan, scoped),
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
    return WrittenFile(schedule.content(), notes=tuple(_notes(plan, settings, is_sdx=is_sdx)))


def _notes(plan: Plan, settings: Settings, *, is_sdx: bool) -> Iterator[str]:
    template: Schedule | None = settings.options["template"]
    if template is None:
        yield (
            "Experimental: without a template the schedule has a made-up signature, which MITS "
            "may reject. Pass a schedule saved by your own MITS as options={'template': content}."
        )
    else:
        yield "Everything except steps, limits and safety limits is taken from the template."
    if is_sdx:
        yield "Assign a test object: most safety limits of a .sdx schedule are relative to it."
        if any(has_c_rate(step) for _, step in plan.steps()):
            yield (
                "C-rates are multiples of MV_NominalCapacity, the nominal capacity of the test "
                "object: check its value."
            )
    else:
        yield (
            f"The current range is {settings.options['current_range']}: check that it covers every "
            f"current{_largest(plan)} (option current_range)."
        )
    yield from reversed_holds(plan, _scoped(plan, is_sdx=is_sdx))
    if any(_template_limits(template)):
        yield "Safety limits of the template stay in force where the protocol sets none."
    if any(isinstance(part, LoopStart) for part in plan.instructions):
        yield (
            "Loops count with TC_Counter1 to TC_Counter4, as written by the only public "
            "converter: watch the first passes."
        )
    if not any(isinstance(part, Mark) and part.kind != "End" for part in plan.instructions):
        yield "Cycle_Index stays at 1: the protocol has no 'Advance cycle' among its steps."
    if any(end.quantity == "Capacity" for _, step in plan.steps() for end in step.ends):
        yield "Capacity and energy are reset before each step that ends on capacity."


def _largest(plan: Plan) -> str:
    """Return the largest current of a plan in each unit, as a part of a sentence."""
    set_points = [step.set_point for _, step in plan.steps() if step.set_point is not None]
    largest = [
        max(level for level in set_points if level.unit == unit)
        for unit in ("A", "C")
        if any(level.unit == unit for level in set_points)
    ]
    listed = " and ".join(f"{level.value:g} {level.unit}" for level in largest)
    return f", the largest being {listed}" if largest else ""


_CURRENT: Final = frozenset({"Time >", "Voltage >", "Voltage <", "Capacity >", "Current >"})
_AUXILIARY: Final = "the auxiliary channel that measures the cell is not known"
_REASONS: Final = {
    "voltage": "schedules saved by MITS show constant voltage only as part of a CCCV step",
    "power": "no public schedule shows a constant power",
    "resistance": "no public schedule shows a constant resistance",
    "waveform": "no public source describes the file of a drive cycle",
    "impedance": "no public schedule shows an impedance sweep",
    "Energy": "no public schedule shows an end on energy",
    "Power": "no public schedule shows an end on power",
    "Temperature": _AUXILIARY,
    "temperature_min": _AUXILIARY,
    "temperature_max": _AUXILIARY,
    "Pause": "no public schedule shows a pause",
}


def _capability(cccv: frozenset[str], reasons: Mapping[str, str]) -> Capability:
    return Capability(
        controls={"rest": UNDIRECTED, "current": DIRECTED, "cccv": DIRECTED},
        ends={
            "rest": frozenset({"Time >", "Voltage >", "Voltage <"}),
            "current": _CURRENT,
            "cccv": _CURRENT | cccv,
        },
        jumps=True,
        loops=4,
        marks=frozenset({"Advance cycle", "End"}),
        c_rates=True,
        safety=VOLTAGE_LIMITS | CURRENT_LIMITS,
        safety_jumps=True,
        reasons=reasons,
    )


_OPTIONS: Final = {
    "template": "the content of a schedule that your own MITS saved, as bytes",
    "current_range": (
        f"the current range of every step: {', '.join(map('`{}`'.format, _RANGES))}; default "
        f"`{_RANGES[0]}`"
    ),
}

ARBIN: Final = Format(
    target="arbin",
    suffix=".sdu",
    media_type="text/plain",
    encoding="latin-1",
    capability=_capability(frozenset({"Current <", "Hold time >"}), _REASONS),
    write=partial(_write, is_sdx=False),
    count_steps=count_steps,
    prepare=partial(_prepare, is_sdx=False),
    check=partial(_check, is_sdx=False),
    options=_OPTIONS,
    read_options=_read_options,
    trust="high with a template, medium without one",
)

ARBIN_SDX: Final = Format(
    target="arbin_sdx",
    suffix=".sdx",
    media_type="text/plain",
    encoding="latin-1",
    capability=_capability(
        frozenset({"Current <"}),
        {
            **_REASONS,
            "Hold time": "no public schedule of MITS 8 shows an end on the constant-voltage time",
        },
    ),
    write=partial(_write, is_sdx=True),
    count_steps=count_steps,
    prepare=partial(_prepare, is_sdx=True),
    check=partial(_check, is_sdx=True),
    options=_OPTIONS,
    read_options=_read_options,
    trust="medium with a template, low without one",
)
