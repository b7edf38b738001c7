"""Fields of Neware step files: units, protections and recording conditions."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.cyclers.export.decimals import decimal_text
from ionworks.ucp.cyclers.export.markup import element
from ionworks.ucp.cyclers.plan import Level, Plan, Recording, StepEnd, limit_end

_RECORDS: Final = {"time": "Time", "voltage": "Volt", "current": "Curr"}


def add_value(parent: Element, tag: str, value: str) -> None:
    """Add an element with a value; step files have values only as attributes."""
    element(parent, tag, Value=value)


def safety_conditions(plan: Plan) -> list[StepEnd]:
    """Return the safety limits as step ends that carry their direction as path."""
    return [attrs.evolve(limit_end(limit), path=limit.direction or "") for limit in plan.safety]


def add_protections(parent: Element, conditions: list[StepEnd]) -> None:
    """Add protections, which stop the channel, to the whole test or to a step."""
    values = {}
    for end in conditions:
        side = end.path if end.quantity == "Current" else end.operator
        path, text = _PROTECTIONS[end.quantity, side]
        values[path] = text(end.level.value)
    if not values:
        return
    protect = element(parent, "Protect")
    nodes: dict[str, Element] = {"": protect}
    for path in _PROTECTION_ORDER:
        if path not in values:
            continue
        *above, tag = path.split("/")
        key = ""
        for name in above:
            outer, key = nodes[key], f"{key}/{name}"
            if key not in nodes:
                nodes[key] = element(outer, name)
        add_value(nodes[key], tag, values[path])


def add_record(parent: Element, recording: Recording) -> None:
    """Add the recording conditions of the whole test or of a step."""
    rules = recording.rules()
    if not rules:
        return
    main = element(element(parent, "Record"), "Main")
    units = {"time": milliseconds, "voltage": voltage, "current": milliamperes}
    for name, value in rules.items():
        add_value(main, _RECORDS[name], units[name](value))


def voltage(volts: float) -> str:
    """Return a voltage in 0.1 mV."""
    return decimal_text(volts * 10_000, most=0)


def milliseconds(seconds: float) -> str:
    """Return a time in ms."""
    return decimal_text(seconds * 1000, most=0)


def amperes(level: Level, nominal_capacity: float | None) -> float:
    """Return a current, which may be a C-rate, in A."""
    if level.unit != "C":
        return level.value
    if nominal_capacity is None:
        raise TypeError("the check of the format rejects C-rates without a capacity")
    return level.value * nominal_capacity


def milliamperes(current: float) -> str:
    """Return a current in mA."""
    return decimal_text(current * 1000, most=6)


def capacity(ampere_hours: float) -> str:
    """Return a capacity in mA.s."""
    return decimal_text(ampere_hours * 3_600_000, most=3)


def tenths(degrees: float) -> str:
    """Return a temperature in 0.1 degC."""
    return decimal_text(degrees * 10, most=0)


_PROTECTIONS: Final = {
    ("Voltage", ">"): ("Main/Volt/Upper", voltage),
    ("Voltage", "<"): ("Main/Volt/Lower", voltage),
    ("Current", "charge"): ("Main/Curr/Upper", milliamperes),
    # Charging currents are positive in these files.
    ("Current", "discharge"): ("Main/Curr/Lower", lambda current: milliamperes(-current)),
    ("Capacity", ">"): ("Main/Cap/Upper", capacity),
    ("Temperature", ">"): ("Aux/Temp/Upper", tenths),
}
_PROTECTION_ORDER: Final = [path for path, _ in _PROTECTIONS.values()]
