"""Penalties: expressions of parameters that the user adds to the cost of an objective."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from attrs import frozen

from ionworks.engine.cells.specification import finite
from ionworks.engine.fitting.fields import Issues, known_fields
from ionworks.engine.fitting.forward_model.cell import parameter_value
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import input_names

_FIELDS: Final = ("type", "fun", "regularizer_weight")


@frozen
class Penalty:
    """One penalty.

    Attributes
    ----------
    symbol : pybamm.Symbol
        Its expression, with the fitted parameters as inputs.
    weight : float
    where : str
        Its place in messages.
    """

    symbol: Any
    weight: float
    where: str

    def cost(self, candidate: Mapping[str, float]) -> float:
        """Return its contribution to the cost of a candidate.

        Raises
        ------
        ValueError
            If its value is not finite.
        """
        found = float(self.symbol.evaluate(inputs=dict(candidate)))
        if not isfinite(found):
            values = ", ".join(f"{name} = {value:g}" for name, value in candidate.items())
            raise ValueError(
                f"{self.where} is {found:g} at {values}: choose bounds that exclude it"
            )
        return self.weight * found**2


def read_penalty(given: Any, where: str) -> tuple[Any, float]:
    """Return the expression and the weight of a penalty.

    Raises
    ------
    ValueError
        If a field of it is unknown or has a wrong value.
    """
    if not isinstance(given, Mapping) or given.get("type", "Penalty") != "Penalty":
        raise ValueError(f"{where} is {given!r}: give a mapping with a 'fun'")
    known_fields(given, _FIELDS, where)
    fun = parameter_value(given.get("fun"), f"{where}: fun")
    if isinstance(fun, str | list | bool):
        raise ValueError(f"{where}: fun is {fun!r}; give a number or a PyBaMM expression")
    weight = given.get("regularizer_weight")
    return fun, 1.0 if weight is None else finite(weight, f"{where}: regularizer_weight")


def read_penalties(given: Any, issues: Issues, *, fits: bool) -> tuple[tuple[Any, float], ...]:
    """Return the expressions and weights of the penalties of an objective."""
    if not isinstance(given, list | tuple):
        issues.add(f"penalties is {given!r}; give a list")
        return ()
    if given and not fits:
        issues.add("'penalties' have no meaning without a fit; leave them out")
    read = (
        issues.read(read_penalty, each, f"penalties[{number}]") for number, each in enumerate(given)
    )
    return tuple(each for each in read if each is not None)


def build_penalties(
    read: Sequence[tuple[Any, float]], fitted: Sequence[str], state: State, label: str
) -> list[Penalty]:
    """Return the penalties of an objective, with known parameters replaced by their values.

    Raises
    ------
    ValueError
        If one names a parameter that is neither fitted nor known.
    """
    if not read:
        return []
    values = state.parameter_values()
    values.update(dict.fromkeys(fitted, "[input]"), check_already_exists=False)
    found = []
    for number, (fun, weight) in enumerate(read):
        where = f"{label}: penalties[{number}]"
        try:
            symbol = values.process_symbol(fun)
        except KeyError as error:
            raise ValueError(f"{where} needs a parameter that has no value: {error}") from None
        others = input_names([symbol]) - set(fitted)
        if others:
            raise ValueError(f"{where} names {min(others)!r}, which is not fitted")
        found.append(Penalty(symbol, weight, where))
    return found
