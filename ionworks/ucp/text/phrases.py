"""Parts of the prose of a protocol: values with their units, durations, ends and jumps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ionworks.ucp.expressions import Expr, Input, constant, number_text
from ionworks.ucp.nodes import Assignment, End, Goto, Mode, Operator

UNITS: Final[dict[Mode, str]] = {
    "C-rate": "C",
    "Current": "A",
    "Power": "W",
    "Voltage": "V",
    "Resistance": "Ohm",
}
_QUANTITIES: Final = {
    "Voltage": ("the voltage", "V"),
    "Current": ("the current", "A"),
    "C-rate": ("the C-rate", "C"),
    "Capacity": ("the capacity of the step", "A.h"),
    "Energy": ("the energy of the step", "W.h"),
    "Power": ("the power", "W"),
    "Temperature": ("the cell temperature", "degC"),
    "Time": ("the time of the step", "s"),
    "SOC": ("the state of charge", ""),
    "Cycle count": ("the cycle count", ""),
    "Step count": ("the step count", ""),
    "Cell capacity": ("the capacity of the cell", "A.h"),
    "Minimum voltage": ("the lowest voltage of the cycle", "V"),
}
_OPERATORS: Final[dict[Operator | None, str]] = {
    "<": "is below",
    ">": "is above",
    "<=": "is at most",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
    None: "reaches",
}


def quoted(text: str) -> str:
    """Return a name or note of the document in quotes, on one line."""
    return f'"{" ".join(text.split())}"'


def value(expr: Expr, unit: str = "") -> str:
    """Return a value with its unit, ``2 A``; a value that is not constant is described."""
    number = constant(expr)
    if number is None:
        what = f"the input {quoted(expr.name)}" if isinstance(expr, Input) else _formula(expr)
        return f"{what} ({unit})" if unit else what
    text = number_text(float(f"{number:.12g}"))
    return f"{text} {unit}".strip() if unit != "C" else f"{text}C"


def _formula(expr: Expr) -> str:
    return " ".join(str(expr).split())


def times(expr: Expr) -> str:
    """Return a number of repeats in words."""
    number = constant(expr)
    if number is None:
        return f"repeated as given by {value(expr)}"
    return "once" if number == 1 else f"{value(expr)} times"


def duration(expr: Expr) -> str:
    """Return a time, ``1 h 30 min``."""
    seconds = constant(expr)
    if seconds is None or not seconds.is_integer() or seconds < 60:
        return value(expr, "s")
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def condition(end: End) -> str:
    """Return the condition of an end in words, ``the voltage is below 2.5 V``."""
    subject, unit = _QUANTITIES.get(end.quantity, (end.quantity, ""))
    if end.rate:
        subject, unit = f"the rate of change of {subject}", f"{unit}/s" if unit else "1/s"
    verb = _OPERATORS[end.operator]
    if end.quantity == "SOC" and not end.rate:
        return f"{subject} {verb} {state_of_charge(end.threshold)}"
    return f"{subject} {verb} {value(end.threshold, unit)}"


def state_of_charge(expr: Expr, *, is_percent: bool = False) -> str:
    """Return a state of charge in percent; one that is not constant is shown with its scale."""
    number = constant(expr)
    if number is None:
        return value(expr, "%" if is_percent else "a fraction up to 1, else %")
    percent = number if is_percent or number > 1 else 100 * number
    return f"{number_text(float(f'{percent:.12g}'))} %"


def jump(goto: Goto) -> str:
    """Return a jump in words, ``go to "Cool down"``."""
    match goto:
        case "End":
            return "end the test"
        case "Next":
            return "go on with the next step"
        case int():
            return f"go to item {goto}"
    return f"go to {quoted(goto)}"


def term(ends: Sequence[End], longest: Expr | None) -> str:
    """Return the ends of a step, ``until ..., or until ..., for 1 h at most``; may be empty."""
    if not ends:
        return "" if longest is None else f"for {duration(longest)}"
    words = ", or until ".join(_with_jump(end) for end in ends)
    return f"until {words}" + ("" if longest is None else f", for {duration(longest)} at most")


def _with_jump(end: End) -> str:
    return condition(end) if end.goto is None else f"{condition(end)} (then {jump(end.goto)})"


def assignments(items: Iterable[Assignment]) -> str:
    """Return assignments in words, ``set A to 1 and B to 2``; may be empty."""
    words = [f"{item.name} to {value(item.value)}" for item in items]
    return f"set {listed(words)}" if words else ""


def listed(words: Sequence[str]) -> str:
    """Join words, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
