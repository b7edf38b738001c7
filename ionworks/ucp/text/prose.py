"""Describing a protocol in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ionworks.ucp.expressions import Number, constant
from ionworks.ucp.nodes import (
    Block,
    Global,
    InitialState,
    Item,
    Leaf,
    Marker,
    Profile,
    Protocol,
    Resolution,
    Safety,
    SafetyLimit,
    Sweep,
    Wave,
)
from ionworks.ucp.text import phrases

_INDENT: Final = "  "
_ONE: Final = Number(1.0)
_ZERO: Final = Number(0.0)
_MARKERS: Final = {
    "End": "End the test.",
    "Advance cycle": "Begin a new cycle.",
    "Pause": "Pause; a simulation continues without a pause.",
}
_LIMITS: Final = {
    "voltage_min": ("the voltage is below", "V"),
    "voltage_max": ("the voltage is above", "V"),
    "temperature_min": ("the cell temperature is below", "degC"),
    "temperature_max": ("the cell temperature is above", "degC"),
    "charge_current_max": ("the charging current is above", "A"),
    "discharge_current_max": ("the discharging current is above", "A"),
}


def human_readable(protocol: Protocol) -> str:
    """Return a description of a protocol in plain sentences.

    Parameters
    ----------
    protocol : Protocol
        With or without open inputs.

    Returns
    -------
    str
        One line for the initial conditions, one per safety limit, and one numbered line per item;
        the items of a block are indented under it. Ends with a line break.
    """
    lines = [*_settings(protocol.global_), *_safety(protocol.safety), *_items(protocol.steps)]
    return "\n".join(lines) + "\n"


def _settings(settings: Global) -> Iterator[str]:
    temperature = phrases.value(settings.temperature, "degC")
    yield f"Start at {temperature} and {_state(settings.initial_state)}; {_saving(settings)}."


def _state(state: InitialState) -> str:
    if state.kind == "voltage":
        return f"a voltage of {phrases.value(state.value, 'V')}"
    charge = phrases.state_of_charge(state.value, is_percent=state.scale == "percent")
    return f"a state of charge of {charge}"


def _saving(settings: Global) -> str:
    return _resolution(settings.resolution) or "save only where steps begin and end"


def _resolution(resolution: Resolution | None) -> str:
    if resolution is None:
        return ""
    parts = ((resolution.voltage, "V"), (resolution.current, "A"))
    words = [] if resolution.time is None else [phrases.duration(resolution.time)]
    words += [phrases.value(expr, unit) for expr, unit in parts if expr is not None]
    return f"save a point at least every {' or '.join(words)}" if words else ""


def _safety(safety: Safety) -> Iterator[str]:
    if safety.limits:
        yield "In every step:"
    for limit in safety.limits:
        yield f"{_INDENT}- {_limit(limit, safety)}"


def _limit(limit: SafetyLimit, safety: Safety) -> str:
    subject, unit = _LIMITS[limit.key]
    goto = safety.goto if limit.goto is None else limit.goto
    action = phrases.jump("End" if goto is None else goto)
    return f"if {subject} {phrases.value(limit.value, unit)}, {action}."


def _items(items: Sequence[Item], above: str = "", depth: int = 0) -> Iterator[str]:
    for index, item in enumerate(items, start=1):
        number = f"{above}{index}"
        yield f"{_INDENT * depth}{number}. {_item(item)}"
        if isinstance(item, Block):
            yield from _items(item.items, f"{number}.", depth + 1)


def _item(item: Item) -> str:
    match item:
        case Marker():
            return _MARKERS[item.kind]
        case Block():
            return f"{_block(item)}{_note(item)}"
        case Leaf():
            label = "" if item.name is None else f"{phrases.quoted(item.name)}: "
            return f"{label}{_step(item)}{_note(item)}"


def _note(item: Block | Leaf) -> str:
    return "" if item.note is None else f" Note: {phrases.quoted(item.note)}."


def _block(block: Block) -> str:
    name = phrases.quoted(block.name)
    if block.repeat == _ONE:
        return f"{name}:"
    if constant(block.repeat) == 0:
        return f"{name}, skipped:"
    return f"{name}, {phrases.times(block.repeat)}:"


def _step(leaf: Leaf) -> str:
    if leaf.kind == "Control":
        return _control(leaf)
    term = phrases.term(leaf.ends, leaf.duration)
    action = _action(leaf)
    sentence = f"{action}{',' if ',' in action and term else ''} {term}".strip()
    if leaf.temperature is not None:
        sentence += f", at an ambient temperature of {phrases.value(leaf.temperature, 'degC')}"
    afterwards = phrases.assignments(leaf.set_variables)
    more = [_resolution(leaf.resolution), f"afterwards {afterwards}" if afterwards else ""]
    return "; ".join([sentence, *filter(None, more)]) + "."


def _control(leaf: Leaf) -> str:
    """Return a Control step in words: its jumps, then its assignments."""
    words = [
        f"if {phrases.condition(end)}, {phrases.jump('Next' if end.goto is None else end.goto)}"
        for end in leaf.ends
    ]
    stored = phrases.assignments(leaf.set_variables)
    sentence = "; ".join([*words, *filter(None, [stored])]) or "do nothing"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _action(leaf: Leaf) -> str:
    special = _special(leaf)
    if special is not None:
        return special
    if leaf.kind == "Rest":
        return "Rest"
    if leaf.direction is not None:
        way = phrases.value(leaf.direction)
        return f"Charge or discharge, depending on {way} (above 0 charges), {_set_point(leaf)}"
    if leaf.kind == "Ambient temperature" and leaf.value is not None:
        return f"From here on, an ambient temperature of {phrases.value(leaf.value, 'degC')}"
    return f"{leaf.kind} {_set_point(leaf)}"


def _special(leaf: Leaf) -> str | None:
    if leaf.profile is not None:
        return _profile(leaf.profile, leaf)
    if leaf.wave is not None:
        return _wave(leaf.wave, leaf)
    return None if leaf.sweep is None else _sweep(leaf.sweep, leaf)


def _set_point(leaf: Leaf) -> str:
    if leaf.mode is None or leaf.value is None:
        raise ValueError(f"the step {leaf.path or leaf.kind} needs a mode and a value")
    amount = phrases.value(leaf.value, phrases.UNITS[leaf.mode])
    match leaf.mode:
        case "Voltage":
            return f"at a constant voltage of {amount}"
        case "Resistance":
            return f"through a resistance of {amount}"
    return f"at {amount}"


def _signal(leaf: Leaf) -> tuple[str, str]:
    """Return the name and unit of the signal of a profile, wave or sweep."""
    mode = leaf.mode or "Current"
    return (mode if mode == "C-rate" else mode.lower()), phrases.UNITS[mode]


def _profile(profile: Profile, leaf: Leaf) -> str:
    signal, _ = _signal(leaf)
    what = signal
    if profile.data:
        length = phrases.duration(Number(profile.data[-1][0]))
        what = f"{len(profile.data)} samples of {signal} over {length}"
    words = f"Follow {what}"
    if profile.name is not None:
        joint = ", " if profile.data else " of "
        words = f"Follow the drive cycle {phrases.quoted(profile.name)}{joint}{what}"
    if profile.scale != _ONE:
        words += f", scaled by {phrases.value(profile.scale)}"
    return words if profile.repeat == _ONE else f"{words}, {phrases.times(profile.repeat)}"


def _wave(wave: Wave, leaf: Leaf) -> str:
    signal, unit = _signal(leaf)
    words = (
        f"Apply a {wave.shape} wave of {signal} with an amplitude of "
        f"{phrases.value(wave.amplitude, unit)} at {phrases.value(wave.frequency, 'Hz')}"
    )
    if wave.offset != _ZERO:
        words += f" around {phrases.value(wave.offset, unit)}"
    return words if wave.cycles is None else f"{words}, for {phrases.value(wave.cycles)} cycles"


def _sweep(sweep: Sweep, leaf: Leaf) -> str:
    signal, unit = _signal(leaf)
    amplitude = f"with an amplitude of {phrases.value(sweep.amplitude, unit)} in {signal}"
    if sweep.frequencies or sweep.min_frequency is None or sweep.max_frequency is None:
        each = phrases.listed([phrases.value(expr, "Hz") for expr in sweep.frequencies])
        return f"Measure the impedance at {each} {amplitude}"
    low, high = (phrases.value(expr, "Hz") for expr in (sweep.min_frequency, sweep.max_frequency))
    points = phrases.value(sweep.points_per_decade)
    return f"Measure the impedance from {low} to {high}, {points} points a decade, {amplitude}"
