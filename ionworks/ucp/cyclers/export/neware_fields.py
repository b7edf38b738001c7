"""Fields of Neware step files: units, protections and what is recorded."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

import attrs

from ionworks.ucp.cyclers.export.capability import recording_rules
from ionworks.ucp.cyclers.export.decimals import plain
from ionworks.ucp.cyclers.export.markup import element
from ionworks.ucp.cyclers.plan import Exit, Plan, Recording, Step, safety_exits

_RECORDS: Final = {"time": "Time", "voltage": "Volt", "current": "Curr"}


def add_value(parent: Element, tag: str, value: str) -> None:
    """Add an element that carries a value, as all do."""
    element(parent, tag, Value=value)


def safety_conditions(plan: Plan) -> list[Exit]:
    """Return the safety limits as conditions, their direction in place of a path."""
    exits = []
    for limit in plan.safety:
        step = Step("rest", limit.direction)
        exits += [
            attrs.evolve(leave, path=limit.direction or "")
            for leave in safety_exits(step, attrs.evolve(plan, safety=(limit,)))
        ]
    return exits


def add_protections(parent: Element, conditions: list[Exit]) -> None:
    """Add protections: what stops a channel, of the whole test or of a step."""
    values = {}
    for leave in conditions:
        side = leave.path if leave.quantity == "Current" else leave.operator
        path, text = _PROTECTIONS[leave.quantity, side]
        values[path] = text(leave.level.value)
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
    """Add what saves a point, of the whole test or of a step."""
    rules = recording_rules(recording)
    if not rules:
        return
    main = element(element(parent, "Record"), "Main")
    units = {"time": milliseconds, "voltage": voltage, "current": milliamperes}
    for name, value in rules:
        add_value(main, _RECORDS[name], units[name](value))


def voltage(volts: float) -> str:
    """Return a voltage in 0.1 mV."""
    return plain(volts * 10_000, most=0)


def milliseconds(seconds: float) -> str:
    """Return a time in ms."""
    return plain(seconds * 1000, most=0)


def milliamperes(amperes: float) -> str:
    """Return a current in mA."""
    return plain(amperes * 1000, most=6)


def capacity(ampere_hours: float) -> str:
    """Return a capacity in mA.s."""
    return plain(ampere_hours * 3_600_000, most=3)


def tenths(degrees: float) -> str:
    """Return a temperature in 0.1 degC."""
    return plain(degrees * 10, most=0)


_PROTECTIONS: Final = {
    ("Voltage", ">"): ("Main/Volt/Upper", voltage),
    ("Voltage", "<"): ("Main/Volt/Lower", voltage),
    ("Current", "charge"): ("Main/Curr/Upper", milliamperes),
    ("Current", "discharge"): ("Main/Curr/Lower", lambda amperes: milliamperes(-amperes)),
    ("Capacity", ">"): ("Main/Cap/Upper", capacity),
    ("Temperature", ">"): ("Aux/Temp/Upper", tenths),
}
_PROTECTION_ORDER: Final = [path for path, _ in _PROTECTIONS.values()]
