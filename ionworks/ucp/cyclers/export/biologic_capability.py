"""What settings files of BioLogic support: a table, and checks that the table cannot express."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from ionworks.ucp.cyclers.export.biologic_sequences import largest_current
from ionworks.ucp.cyclers.export.biologic_software import Software
from ionworks.ucp.cyclers.export.biologic_techniques import (
    OPEN_CIRCUIT,
    POTENTIO,
    Technique,
    alone,
    linked_loops,
    neighbor,
    techniques,
)
from ionworks.ucp.cyclers.export.biologic_values import (
    amplitude_text,
    capacity_text,
    current_range,
    current_text,
    frequency_text,
    open_circuit_text,
    time_text,
    voltage_text,
)
from ionworks.ucp.cyclers.export.capability import (
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
    check_empty_loops,
    limit_problem,
)
from ionworks.ucp.cyclers.export.format import Settings
from ionworks.ucp.cyclers.plan import (
    END_TEST,
    Impedance,
    Level,
    LoopEnd,
    LoopStart,
    Plan,
    Step,
    StepEnd,
    Unit,
    export_problem,
    step_problem,
)
from ionworks.ucp.problems import Problem, UCPError

_AT_REST: Final = frozenset({"Time >", "Voltage >", "Voltage <"})
_CURRENT_ENDS: Final = "no public settings file shows a constant current that ends on a current"
_VOLTAGE_ENDS: Final = "no public settings file shows a constant voltage that ends on a voltage"

CAPABILITY: Final = Capability(
    controls={
        "rest": UNDIRECTED,
        "current": DIRECTED,
        "voltage": DIRECTED,
        "impedance": UNDIRECTED,
    },
    ends={
        "rest": _AT_REST,
        "current": _AT_REST,
        "voltage": frozenset({"Time >", "Current <", "Current >"}),
    },
    jumps=True,
    loops=2,
    marks=frozenset({"Advance cycle", "End"}),
    safety=VOLTAGE_LIMITS | CURRENT_LIMITS | {"temperature_max"},
    pairs=(("charge_current_max", "discharge_current_max"),),
    equal=True,
    most_ends=3,
    hold_current="its current range",
    reasons={
        "power": "no public settings file shows a constant power",
        "resistance": "no settings file of the software shows a constant resistance",
        "cccv": "its ends would have to count over two sequences; give each part its own ends",
        "loops": (
            "a repeat inside a repeat is a loop of Modulo Bat inside a technique Loop, and it is "
            "not documented how deeper loops count"
        ),
        "Capacity": (
            "public files of Modulo Bat limit the charge only in percent of a battery capacity; "
            "where the current is constant, a duration of capacity / current does the same"
        ),
        "Energy": "no public settings file shows an end on energy",
        "Power": "no public settings file shows an end on power",
        "current Current >": _CURRENT_ENDS,
        "current Current <": _CURRENT_ENDS,
        "voltage Voltage >": _VOLTAGE_ENDS,
        "voltage Voltage <": _VOLTAGE_ENDS,
        "Temperature": "no public settings file shows an end on temperature",
        "temperature_min": (
            "public settings files show a limit of the highest temperature, but none of the lowest"
        ),
        "Pause": "no public settings file shows a pause",
        "waveform": (
            "public settings files show urban profiles of voltages, but none of currents or powers"
        ),
    },
)
_TEXTS: Final[dict[Unit, Callable[[float], tuple[str, str]]]] = {
    "A": current_text,
    "V": voltage_text,
    "s": time_text,
}
_RESOLUTIONS: Final[dict[str, Unit]] = {"time": "s", "voltage": "V", "current": "A"}


def check(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """Yield a problem for everything unsupported that the table of capabilities cannot express."""
    linked = techniques(plan)
    for index, step in CAPABILITY.supported_steps(plan):
        for step_end in step.ends:
            yield from _check_jump(plan, index, step, step_end)
        if step.impedance is not None:
            yield from _check_sweep(plan, index, step, step.impedance, settings)
            continue
        if not step.ends:
            yield step_problem(step, "it needs an end")
        yield from _check_ranges(plan, step, settings.options["voltage_range"])
        yield from _check_numbers(step)
        if alone(plan, index) == OPEN_CIRCUIT:
            yield from _check_open_circuit(step)
    for _, end in plan.loops():
        if plan.successor(end) == END_TEST and end + 1 < len(plan.instructions):
            yield export_problem(
                plan.instructions[end].path,
                "the test cannot end directly after a repeat, where the next sequence always runs; "
                "put a Rest between the repeat and the End",
            )
    yield from check_empty_loops(plan, lambda part: isinstance(part, Step))
    yield from _check_linked(plan, linked)
    yield from _check_head(plan, settings)


def _check_ranges(plan: Plan, step: Step, allowed: tuple[float, float]) -> Iterator[Problem]:
    low, high = allowed
    level = step.set_point
    if step.control == "voltage" and largest_current(plan) is None:
        yield step_problem(
            step,
            "a constant voltage takes its current range from a constant current, but the protocol "
            "has none; add one",
        )
    for name, amperes in _currents(step):
        yield from _check_current(step, name, amperes)
    if step.control == "voltage" and level is not None:
        yield from _check_voltage(step, f"voltage of {level.value:g} V", level.value, low, high)
    for end in step.ends:
        if end.quantity == "Voltage":
            yield from _check_voltage(step, f"end {end}", end.level.value, low, high)


def _currents(step: Step) -> Iterator[tuple[str, float]]:
    level = step.set_point
    if level is not None and level.unit == "A":
        yield f"current of {level}", level.value
    for end in step.ends:
        if end.quantity == "Current" and end.operator == ">" and end.level.unit == "A":
            yield f"end {end}", end.level.value


def _check_current(step: Step, name: str, amperes: float) -> Iterator[Problem]:
    if current_range(amperes) is None:
        yield step_problem(step, f"its {name} is above 10 A, the largest range in public files")


def _check_voltage(
    step: Step, name: str, volts: float, low: float, high: float
) -> Iterator[Problem]:
    if not low <= volts <= high:
        yield step_problem(
            step,
            f"its {name} is outside the voltage range of {low:g} V to {high:g} V; set the option "
            "voltage_range",
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
            "happens to the counter of that loop; let it lead to the next step or end the test",
        )


def _check_numbers(step: Step) -> Iterator[Problem]:
    """Yield a problem for every number of a step that its field cannot hold."""
    named = [(f"its end {end}", end.level) for end in step.ends]
    if step.set_point is not None:
        named.insert(0, (f"its {step.control} of {step.set_point}", step.set_point))
    for name, amount in step.recording.rules().items():
        level = Level(amount, _RESOLUTIONS[name])
        named.append((f"its resolution of {level}", level))
    for what, level in named:
        if level.unit in _TEXTS:
            yield from _check_text(step, what, partial(_TEXTS[level.unit], level.value))


def _check_text(step: Step, what: str, written: Callable[[], object]) -> Iterator[Problem]:
    try:
        written()
    except UCPError as error:
        yield step_problem(step, f"{what} cannot be written: {error}")


def _check_open_circuit(step: Step) -> Iterator[Problem]:
    """Yield problems of a rest that is the technique Open Circuit Voltage."""
    begin = (
        "a Rest before an impedance sweep that varies the voltage is written as the technique Open "
        "Circuit Voltage, which"
    )
    ends = [f"{end.quantity} {end.operator}" for end in step.ends if end.target is None]
    if ends != ["Time >"] or len(step.ends) > 1:
        yield step_problem(step, f"{begin} has a duration but no other end; change its ends")
    recording = step.recording
    if recording.time is None or recording.current is not None:
        yield step_problem(
            step, f"{begin} needs a resolution of time and has none of current; change it"
        )
    if recording.voltage is not None:
        what = f"its resolution of {recording.voltage:g} V"
        yield from _check_text(step, what, partial(open_circuit_text, recording.voltage))


def _check_sweep(
    plan: Plan, index: int, step: Step, sweep: Impedance, settings: Settings
) -> Iterator[Problem]:
    software: Software = settings.options["software"]
    if not software.has_impedance:
        yield step_problem(
            step,
            f"no public settings file of {software.title} shows an impedance sweep; for EC-Lab set "
            "the option software to 'ec-lab'",
        )
    before = neighbor(plan, index, -1)
    if alone(plan, index) == POTENTIO and (before is None or before.control != "rest"):
        yield step_problem(
            step,
            "a sweep that varies the voltage does so around the last voltage at open circuit; put "
            "a Rest directly before it",
        )
    yield from _check_text(
        step, f"its amplitude of {sweep.amplitude}", partial(amplitude_text, sweep.amplitude)
    )
    if sweep.amplitude.value <= 0:
        yield step_problem(step, f"its amplitude must be above 0, not {sweep.amplitude}")
    if sweep.amplitude.unit == "A":
        yield from _check_current(step, f"amplitude of {sweep.amplitude}", sweep.amplitude.value)
    if sweep.frequencies:
        yield step_problem(
            step,
            "no public settings file lists single frequencies; give min_frequency, max_frequency "
            "and points_per_decade",
        )
        return
    low, high = sweep.min_frequency or 0.0, sweep.max_frequency or 0.0
    if not 0 < low < high:
        yield step_problem(
            step,
            f"its min_frequency of {low:g} Hz must be above 0 Hz and below its max_frequency of "
            f"{high:g} Hz",
        )
    for name, hertz in (("min_frequency", low), ("max_frequency", high)):
        yield from _check_text(step, f"its {name} of {hertz:g} Hz", partial(frequency_text, hertz))
    points = sweep.points_per_decade or 0
    if points < 1 or not float(points).is_integer():
        yield step_problem(
            step, f"its points_per_decade must be a whole number from 1, not {points:g}"
        )


def _check_linked(plan: Plan, linked: list[Technique]) -> Iterator[Problem]:
    """Yield problems of plans that need several techniques."""
    if len(linked) < 2:
        return
    numbers = {
        index: number for number, technique in enumerate(linked) for index in technique.indices
    }
    needs = f"the file needs {len(linked)} techniques"
    for index, step in plan.steps():
        for end in step.ends:
            leads_to = plan.target(index, end.target)
            at = min((place for place in numbers if place >= leads_to), default=index)
            if leads_to == END_TEST:
                if numbers[index] + 1 < len(linked):
                    yield step_problem(
                        step,
                        f"its end {end} ends the test, but {needs}, and it is not documented "
                        "whether Stop ends more than its own technique; remove its goto",
                        end.path,
                    )
            elif end.target is not None and numbers[at] != numbers[index]:
                yield step_problem(
                    step,
                    f"its end {end} jumps, but {needs}, and an end cannot lead into another one; "
                    "let it lead to the next step",
                    end.path,
                )
    for start, stop in linked_loops(plan).items():
        has_sweep = any(step.impedance for index, step in plan.steps() if start < index < stop)
        if has_sweep and len(plan.loops_around(start)) == 1:
            yield export_problem(
                plan.instructions[stop].path,
                "a repeat with an impedance sweep is a technique Loop, and it is not documented "
                "how a Loop inside another Loop counts",
            )


def _check_head(plan: Plan, settings: Settings) -> Iterator[Problem]:
    software: Software = settings.options["software"]
    low, high = settings.options["voltage_range"]
    for limit in plan.safety:
        if limit.quantity == "Voltage" and not low <= limit.value <= high:
            yield limit_problem(
                limit,
                f"its value of {limit.value:g} V is outside the voltage range of {low:g} V to "
                f"{high:g} V, so it would never trip; set the option voltage_range",
            )
        if limit.key == "temperature_max" and not software.has_temperature:
            yield limit_problem(
                limit,
                "public files show it only as saved by BT-Lab 1.81; if you have this version or a "
                "later one, set the option software to 'bt-lab-1.81'",
            )
    try:
        capacity_text(settings.nominal_capacity)
    except UCPError as error:
        yield export_problem(
            "nominal_capacity_ah",
            f"its value of {settings.nominal_capacity:g} A.h cannot be written: {error}",
        )
