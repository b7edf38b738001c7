"""Tables among the functions of a model: measured values with an interpolation between them."""

from collections.abc import Iterable
from typing import Any

from ionworks.engine.pybamm_setup import pybamm


def reads_tables(symbols: Iterable[Any]) -> bool:
    """Return whether processed symbols look values up in a table by the state of a model.

    The samples of a drive cycle, which are looked up by time, do not count.

    Parameters
    ----------
    symbols : iterable of pybamm.Symbol
        Discretised.
    """
    return any(
        isinstance(node, pybamm.Interpolant)
        and any(isinstance(part, pybamm.StateVector) for part in _parts([node]))
        for node in _parts(symbols)
    )


def _parts(symbols: Iterable[Any]) -> Iterable[Any]:
    """Yield each symbol of some expressions once; they share most of their parts."""
    left = list(symbols)
    seen = set()
    while left:
        symbol = left.pop()
        if symbol.id not in seen:
            seen.add(symbol.id)
            yield symbol
            left += symbol.children
