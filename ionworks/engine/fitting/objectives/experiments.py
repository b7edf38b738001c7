"""Reads the experiment of a cycled cell, in any of its forms, as a protocol."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ionworks.engine.cells.specification import is_number
from ionworks.ucp import parse, to_document
from ionworks.ucp.parser.pybamm_strings import looks_like_lines

_UNITS: Final = {"current": "A", "c-rate": "C", "power": "W", "resistance": "Ohm", "voltage": "V"}
_FIELDS: Final = ("type", "value", "duration", "terminations")
_IGNORED: Final = ("description", "period")
"""Fields without effect here: the name of a step, and how often it is saved."""


@frozen
class Experiment:
    """The experiment a cell was cycled with.

    Attributes
    ----------
    protocol : str or mapping
        UCP, or PyBaMM's steps, one per line.
    has_start : bool
        Whether it sets initial state and temperature: UCP does, PyBaMM's experiments do not.
    """

    protocol: str | Mapping[str, Any]
    has_start: bool


def has_period(given: Any) -> bool:
    """Return whether an experiment in PyBaMM's form sets how often its steps are saved."""
    if isinstance(given, Mapping):
        return given.get("period") is not None or has_period(given.get("cycles"))
    return isinstance(given, list | tuple) and any(map(has_period, given))


def read_experiment(given: Any) -> Experiment:
    """Read an experiment.

    Parameters
    ----------
    given : str, mapping or list
        UCP as text or parsed, PyBaMM's steps, one per line, a list of cycles as PyBaMM takes them
        (each a step or a list of steps), or the configuration PyBaMM writes (``cycles``).

    Raises
    ------
    ValueError
        If it has none of these forms, or a step cannot be read.
    """
    if isinstance(given, str):
        return Experiment(given, has_start=not looks_like_lines(given))
    if isinstance(given, Mapping) and "cycles" not in given:
        return Experiment(given, has_start=True)
    cycles = given
    if isinstance(given, Mapping):
        others = [name for name in given if name not in {"cycles", "period"}]
        if others:
            raise ValueError(f"{others[0]!r} of an experiment is not supported; leave it out")
        cycles = given["cycles"]
    if not isinstance(cycles, list | tuple) or not cycles:
        raise ValueError(f"unknown form {given!r}: give a protocol, or a list of cycles")
    known: dict[str, list[Any]] = {}
    items: list[Any] = []
    for cycle in cycles:
        text = "\n".join(_lines(cycle))
        if text not in known:
            known[text] = _steps(text)
        items += [*(["Advance cycle"] if items else []), *known[text]]
    return Experiment({"steps": items}, has_start=False)


def _lines(cycle: Any) -> list[str]:
    steps = [cycle] if isinstance(cycle, str | Mapping) else cycle
    if not isinstance(steps, Sequence) or not steps:
        raise ValueError(f"the cycle {cycle!r} is not a list of PyBaMM's steps")
    return [step if isinstance(step, str) else _line(step) for step in steps]


def _line(step: Any) -> str:
    """Return PyBaMM's text for a step of its configuration."""
    if not isinstance(step, Mapping):
        raise ValueError(f"the step {step!r} is not a step of PyBaMM: give text or a mapping")
    for name in step:
        if name not in {*_FIELDS, *_IGNORED}:
            raise ValueError(f"{name!r} of the step {dict(step)!r} is not supported; leave it out")
    kind, value = step.get("type"), step.get("value")
    if kind == "rest":
        parts = ["Rest"]
    elif kind == "voltage":
        parts = [f"Hold at {_quantity('voltage', value)}"]
    elif kind in _UNITS and isinstance(value, int | float):
        # Positive currents discharge.
        direction = "Charge" if value < 0 else "Discharge"
        parts = [f"{direction} at {_quantity(str(kind), abs(value))}"]
    else:
        raise ValueError(
            f"the step {dict(step)!r} is not supported; use {', '.join(_UNITS)} or rest"
        )
    duration = step.get("duration")
    if duration is not None:
        parts.append(f"for {duration}" + ("" if isinstance(duration, str) else " seconds"))
    parts += [f"until {_end(end)}" for end in step.get("terminations") or ()]
    return " ".join(parts)


def _end(given: Any) -> str:
    if not isinstance(given, Mapping) or set(given) != {"type", "value"}:
        raise ValueError(f"the termination {given!r} needs a type and a value, and nothing else")
    return _quantity(str(given["type"]), given["value"])


def _quantity(kind: str, value: Any) -> str:
    if kind not in _UNITS or not is_number(value):
        raise ValueError(f"{kind!r} of {value!r}: give a number, and one of {', '.join(_UNITS)}")
    return f"{value!r} {_UNITS[kind]}" if kind != "c-rate" else f"{value!r}C"


def _steps(text: str) -> list[Any]:
    read = parse(text)
    if read.protocol is None or read.errors:
        raise ValueError(f"the cycle {text!r}: {'; '.join(map(str, read.errors))}")
    steps: list[Any] = to_document(read.protocol)["steps"]
    return steps
