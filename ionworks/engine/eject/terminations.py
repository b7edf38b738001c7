"""What ends a whole run after a cycle or a time, as terminations of a PyBaMM experiment."""

from collections.abc import Mapping
from typing import Final

from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.python_text import number
from ionworks.engine.protocols.watch import CELL_CAPACITY
from ionworks.ucp.expressions import Binary, Call, Expr, Name, Number, constant, evaluate, walk
from ionworks.ucp.nodes import End, Leaf

_CAPACITY: Final = "Cell capacity"
_VOLTAGE: Final = "Minimum voltage"


def is_start_capacity(name: str, value: Expr) -> bool:
    """Return whether an assignment keeps the capacity at its first execution, 0 before."""
    unset = Binary("==", Name(name), Number(0))
    return value == Call("ifelse", (unset, Name(CELL_CAPACITY), Name(name)))


def termination(end: End, known: Mapping[str, float], start: str | None) -> str | None:
    """Return the end of a `Control` as a termination after a cycle; None if it is none.

    Parameters
    ----------
    end : End
    known : mapping of str to float
        Values of the names that are known.
    start : str or None
        The variable with the capacity after the first cycle.
    """
    if end.quantity not in {_CAPACITY, _VOLTAGE} or (end.operator, end.goto) != ("<", "End"):
        return None
    threshold = end.threshold
    unit = "V" if end.quantity == _VOLTAGE else "Ah capacity"
    if end.quantity == _CAPACITY and isinstance(threshold, Binary) and threshold.operator == "*":
        share, name = threshold.left, threshold.right
        if isinstance(name, Name) and name.name == start and _is_known(share, known):
            return f"{number(100 * evaluate(share, known))}% capacity"
    if not _is_known(threshold, known):
        return None
    return f"{number(evaluate(threshold, known))} {unit}"


def total_time(leaf: Leaf) -> tuple[tuple[End, ...], float | None]:
    """Return the ends of a step without that on a total time [s], and the total time.

    Raises
    ------
    NoCounterpart
        If it has several.
    """
    found = {end: _total(end) for end in leaf.ends}
    times = {each for each in found.values() if each is not None}
    if len(times) > 1:
        raise NoCounterpart(f"{leaf.path}: it ends the test after several total times")
    others = tuple(end for end in leaf.ends if found[end] is None)
    return others, times.pop() if times else None


def _total(end: End) -> float | None:
    """Return the time [s] of ``Time > seconds - Total time`` that ends the test; else None."""
    match end:
        case End(
            quantity="Time",
            operator=">",
            rate=False,
            goto="End",
            threshold=Binary("-", seconds, Name("Total time")),
        ):
            return constant(seconds)
    return None


def _is_known(expression: Expr, known: Mapping[str, float]) -> bool:
    return all(part.name in known for part in walk(expression) if isinstance(part, Name))
