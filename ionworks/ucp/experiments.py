"""Experiments in PyBaMM's form as documents: sentences, cycles and configurations of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from attrs import frozen

from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parser.pybamm_strings import Direction, is_sentence, read_sentence
from ionworks.ucp.problems import shown
from ionworks.ucp.text.yaml import to_document
from ionworks.ucp.units import CELSIUS_OFFSET, Dimension, number_with_unit, plain_number
from ionworks.ucp.vocabulary import MARKERS, folded, kind_of

__all__ = ["experiment_document", "without_sentences"]

_MODES: Final = {
    "current": "Current",
    "c-rate": "C-rate",
    "power": "Power",
    "resistance": "Resistance",
    "voltage": "Voltage",
}
_DIRECTIONS: Final = {"charge": "Charge", "discharge": "Discharge"}
_IGNORED: Final = ("tags", "skip_ok", "direction")
"""Fields that change nothing here: a step that is infeasible at its start is skipped anyway, and
the direction of a step follows from its value, except that of a step that holds a voltage."""
_FIELDS: Final = (
    *("type", "value", "duration", "terminations", "temperature", "period", "description"),
    *_IGNORED,
)
_TOP: Final = ("cycles", "period", "temperature", "termination")
_START_CAPACITY: Final = "VAR_START_CAPACITY"
"""Variable with the capacity of the cell after the first cycle [A.h], 0 before."""

_WHOLE: Final[tuple[Dimension, ...]] = ("voltage", "time")
_STEP: Final = "write a sentence such as 'Charge at 1C until 4.2 V', or a step of UCP"


def experiment_document(given: Any, *, step_is_cycle: bool = False) -> dict[str, Any]:
    """Return an experiment in PyBaMM's form as a document.

    Parameters
    ----------
    given : list, tuple or mapping
        The steps or cycles, or what `pybamm.Experiment.to_config` writes. A step is a sentence
        such as ``"Charge at 1C until 4.2 V"``, a configuration ``{"type": "c-rate", ...}``, or an
        item of a document. A tuple or list of steps is a cycle. Steps that stand alone, among no
        cycles, are one sequence.
    step_is_cycle : bool
        Whether each of these is a cycle instead, as in PyBaMM.

    Returns
    -------
    dict
        With ``steps``, and ``global`` if the experiment has a temperature or a period. It sets no
        initial state, so that a run of it starts full. A ``termination`` on the capacity or the
        voltage becomes a `Control` after each cycle, one on the time an end of each step.

    Raises
    ------
    ValueError
        If a part of it cannot be read, or has no counterpart in a document.
    """
    settings = given if isinstance(given, Mapping) else {"cycles": given}
    for name in settings:
        if name not in _TOP:
            raise ValueError(f"{name!r} of an experiment is not supported; leave it out")
    cycles = settings.get("cycles")
    if isinstance(cycles, str | Mapping) or not isinstance(cycles, Sequence) or not cycles:
        raise ValueError(f"an experiment needs a list of steps or cycles, not {shown(str(cycles))}")
    document: dict[str, Any] = {}
    general: dict[str, Any] = {}
    if settings.get("temperature") is not None:
        general["temperature"] = _celsius(settings["temperature"])
    if settings.get("period") is not None:
        general["resolution"] = {"time": settings["period"]}
    if general:
        document["global"] = general
    until = _terminations(_listed(settings.get("termination")))
    steps = _steps(cycles, until.after_cycles, step_is_cycle)
    if until.seconds is not None:
        steps = _until(steps, until.seconds)
    return {**document, "steps": [*until.before, *steps]}


def without_sentences(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the steps in place of the sentences among its steps.

    Raises
    ------
    ValueError
        If a sentence cannot be read.
    """
    steps = document.get("steps")
    if not isinstance(steps, list | tuple):
        return dict(document)
    return {**document, "steps": _items(steps)}


def _listed(termination: Any) -> list[Any]:
    if termination is None:
        return []
    return [*termination] if isinstance(termination, list | tuple) else [termination]


@frozen
class _Terminations:
    """What ends a whole experiment.

    Attributes
    ----------
    before, after_cycles : list of dict
        Items before its first step, and after each of its cycles.
    seconds : float or None
        The total time [s].
    """

    before: list[dict[str, Any]]
    after_cycles: list[dict[str, Any]]
    seconds: float | None


def _terminations(given: Sequence[Any]) -> _Terminations:
    # Of several on one quantity the last one counts, as in PyBaMM.
    found = dict(_termination(each) for each in given)
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    if "capacity" in found:
        threshold, is_share = found["capacity"]
        least = repr(threshold)
        if is_share:
            # PyBaMM compares with the capacity after the first cycle.
            start = f"ifelse({_START_CAPACITY} == 0, CELL_CAPACITY, {_START_CAPACITY})"
            before.append(_control(set_variable=[{"name": _START_CAPACITY, "eval": 0}]))
            after.append(_control(set_variable=[{"name": _START_CAPACITY, "eval": start}]))
            least = f"{threshold!r} * {_START_CAPACITY}"
        after.append(_control(ends=[{f"Cell capacity < {least}": {"goto": "End"}}]))
    if "voltage" in found:
        least = repr(found["voltage"][0])
        after.append(_control(ends=[{f"Minimum voltage < {least}": {"goto": "End"}}]))
    return _Terminations(before, after, found["time"][0] if "time" in found else None)


def _control(**fields: Any) -> dict[str, Any]:
    return {"Control": fields}


def _termination(given: Any) -> tuple[str, tuple[float, bool]]:
    """Return quantity and value of a termination, and whether the value is a share of the first."""
    text = given.strip() if isinstance(given, str) else ""
    if text.endswith("capacity"):
        value = "".join(text.removesuffix("capacity").split())
        if value.endswith("%") and (share := plain_number(value[:-1])) is not None:
            return "capacity", (share / 100, True)
        amount = number_with_unit(value.replace("A.h", "Ah"), "capacity")
        if amount is not None and plain_number(value) is None:
            return "capacity", (amount, False)
    for quantity in _WHOLE:
        number = number_with_unit(text, quantity)
        if number is not None and plain_number(text) is None:
            return quantity, (number, False)
    raise ValueError(
        f"the termination {given!r} of the whole experiment is not supported: write a capacity "
        "such as '80% capacity' or '4 Ah capacity', a voltage such as '2.5 V', or a time such as "
        "'4 hours'"
    )


def _until(items: Sequence[Any], seconds: float) -> list[Any]:
    """Return items that end the whole test after a time."""
    end = {f"Time > {seconds!r} - Total time": {"goto": "End"}}
    found: list[Any] = []
    for item in items:
        if not isinstance(item, Mapping):
            found.append(item)
        elif isinstance(item.get("steps"), list):
            found.append({**item, "steps": _until(item["steps"], seconds)})
        elif "direction" in item:
            found.append({**item, "ends": [*_listed(item.get("ends")), end]})
        else:
            found.append({name: _ended(name, body, end, seconds) for name, body in item.items()})
    return found


def _ended(name: str, body: Any, end: Mapping[str, Any], seconds: float) -> Any:
    """Return the body of a step or block that ends the whole test after a time."""
    if isinstance(body, list):
        return _until(body, seconds)
    # A step that takes no time ends at no time.
    if not isinstance(body, Mapping) or kind_of(name) in {"Control", "Ambient temperature"}:
        return body
    if isinstance(body.get("steps"), list):
        return {**body, "steps": _until(body["steps"], seconds)}
    return {**body, "ends": [*_listed(body.get("ends")), end]}


def _steps(cycles: Sequence[Any], after: Sequence[Any], step_is_cycle: bool) -> list[Any]:
    """Return the items of all cycles, each with further items after it."""
    # PyBaMM makes a cycle of each step that stands alone; metrics of such cycles tell nothing.
    has_cycles = any(isinstance(each, list | tuple) and len(each) != 1 for each in cycles)
    if not has_cycles and not step_is_cycle:
        items = _items([step for each in cycles for step in _of_cycle(each)])
        return [each for item in items for each in (item, *after)]
    found: list[Any] = []
    number = 0
    is_block = True
    for _, group in groupby(cycles, key=repr):
        equal = [*group]
        items = [*_items(_of_cycle(equal[0])), *after]
        first, number = number + 1, number + len(equal)
        # A block advances the cycle with each repetition, and when something follows it.
        if not is_block:
            found.append(_NEXT)
        is_block = len(equal) > 1
        if is_block:
            name = f"Cycles {first} to {number}"
            found.append({name: {"repeat": len(equal), "steps": items}})
        else:
            found += items
    return found


_NEXT: Final = "Advance cycle"


def _of_cycle(cycle: Any) -> list[Any]:
    steps = [*cycle] if isinstance(cycle, list | tuple) else [cycle]
    if not steps:
        raise ValueError("a cycle has no steps")
    for step in steps:
        if isinstance(step, str):
            _refuse_word(step)
        elif not isinstance(step, Mapping):
            raise ValueError(f"{_text(step)} is not a step: {_STEP}")
    return steps


def _refuse_word(text: str) -> None:
    lines = text.strip().splitlines() or [text]
    for line in lines:
        if not is_sentence(line) and (len(lines) > 1 or folded(line) not in MARKERS):
            raise ValueError(f"{shown(line)!r} is not a step: {_STEP}")


def _items(steps: Sequence[Any]) -> list[Any]:
    """Return steps as items of a document."""
    found: list[Any] = []
    for step in steps:
        lines = step.strip().splitlines() if isinstance(step, str) else []
        if lines and all(map(is_sentence, lines)):
            for line in lines:
                leaf = read_sentence(line, _direction(found))
                found += to_document(Protocol((leaf,)))["steps"]
        elif not isinstance(step, Mapping):
            found.append(step)
        elif "type" in step:
            found.append(_configured(step, _direction(found)))
        else:
            found.append(_block(step))
    return found


def _direction(before: Sequence[Any]) -> Direction:
    """Return in which direction the last step went that does not hold a voltage."""
    for item in reversed(before):
        for name, fields in item.items() if isinstance(item, Mapping) else ():
            if isinstance(fields, Mapping) and fields.get("mode") != "Voltage":
                if name == "Charge":
                    return "Charge"
                if name == "Discharge":
                    return "Discharge"
    return "Charge"


def _block(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of a document, which is a block if it contains others."""
    # A block is {name: [...]}, {name: {steps: [...]}} or {name: ..., steps: [...]}.
    return {
        name: _items(value)
        if isinstance(value, list | tuple) and (name == "steps" or len(item) == 1)
        else without_sentences(value)
        if isinstance(value, Mapping) and len(item) == 1
        else value
        for name, value in item.items()
    }


def _configured(step: Mapping[str, Any], before: Direction) -> dict[str, Any]:
    """Return the item for a step of PyBaMM's configuration.

    One that holds a voltage does not say whether it charges: it goes on as the one before it.
    """
    for field in step:
        if field not in _FIELDS:
            raise ValueError(f"{field!r} of the step {_text(step)} is not supported; leave it out")
    name, fields = _controlled(step, before)
    ends = [_end(each, name, step["type"]) for each in step.get("terminations") or ()]
    temperature, period = step.get("temperature"), step.get("period")
    more = {
        "duration": step.get("duration"),
        "ends": ends or None,
        "temperature": None if temperature is None else _celsius(temperature),
        "resolution": None if period is None else {"time": period},
        "note": step.get("description"),
    }
    return {name: {**fields, **{key: value for key, value in more.items() if value is not None}}}


def _controlled(step: Mapping[str, Any], before: Direction) -> tuple[str, dict[str, Any]]:
    """Return the kind of a step, with its mode and value or samples."""
    kind, value = step["type"], step.get("value")
    if kind == "rest":
        return "Rest", {}
    if kind not in _MODES:
        raise ValueError(f"the step {_text(step)} is not supported; use {', '.join(_MODES)}, rest")
    mode = {"mode": _MODES[kind]}
    if isinstance(value, list):
        return "Drive", {**mode, "data": value}
    number = _number(value, step)
    if kind == "voltage":
        return _DIRECTIONS.get(step.get("direction", ""), before), {**mode, "value": number}
    return ("Charge" if number < 0 else "Discharge"), {**mode, "value": abs(number)}


def _end(termination: Any, step: str, kind: str) -> str:
    """Return a termination as a condition; UCP compares magnitudes in the step's direction."""
    what = termination.get("type") if isinstance(termination, Mapping) else None
    if what not in {"voltage", "current", "c-rate", "formula"}:
        raise ValueError(
            f"the termination {termination!r} is not one of a voltage, current, C-rate or formula"
        )
    known = ("type", "value", "operator", *(["formula"] if what == "formula" else []))
    for field in termination:
        if field not in known:
            raise ValueError(
                f"{field!r} of the termination {_text(termination)} is not supported; leave it out"
            )
    value, operator = _number(termination.get("value"), termination), termination.get("operator")
    if operator not in {"<", ">", None} or (what == "formula" and operator is None):
        raise ValueError(f"the termination {_text(termination)} needs an operator, '<' or '>'")
    if what == "formula":
        return f"{termination.get('formula')} {operator} {value!r}"
    if what == "voltage":
        implied = {"Charge": ">", "Discharge": "<"}.get(step if kind != "voltage" else "")
        operator = operator or implied
        if operator is None:
            raise ValueError(
                f"the termination {value:g} V of a {kind} step needs an operator, '<' or '>'"
            )
        return f"Voltage {operator} {value!r}"
    if operator is not None and step == "Charge":
        value, operator = -value, {"<": ">", ">": "<"}[operator]
    return f"{_MODES[what]} {operator or '<'} {value!r}"


def _number(value: Any, owner: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(
            f"{value!r} of {_text(owner)} is not a number; for an input, write a step of a UCP"
            " document with input['name']"
        )
    return float(value)


def _celsius(kelvin: Any) -> float:
    if isinstance(kelvin, bool) or not isinstance(kelvin, int | float):
        raise ValueError(f"the temperature {kelvin!r} is not a number: give it in kelvin")
    return kelvin - CELSIUS_OFFSET


def _text(value: Any) -> str:
    return shown(str(dict(value)) if isinstance(value, Mapping) else str(value))
