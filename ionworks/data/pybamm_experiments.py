"""PyBaMM's experiments as configurations, with their custom terminations as formulas."""

from __future__ import annotations

import copy
from typing import Any, Final, NoReturn

from ionworks.data.pybamm_objects import configuration, load_pybamm
from ionworks.ucp.formulas import FormulaError, variables_of

__all__ = ["experiment_configuration"]

_BUILT_IN: Final = frozenset(
    {"VoltageTermination", "CurrentTermination", "CRateTermination", "CrateTermination"}
)
"""Terminations that PyBaMM writes."""

_BINARY: Final = {
    "Addition": "({} + {})",
    "Subtraction": "({} - {})",
    "Multiplication": "({} * {})",
    "Division": "({} / {})",
    "Power": "({} ** {})",
    "Minimum": "min({}, {})",
    "Maximum": "max({}, {})",
}
_FUNCTIONS: Final = {
    "AbsoluteValue": "abs",
    **{
        name.capitalize(): name
        for name in (
            *("sign", "sqrt", "exp", "log", "sin", "cos", "tanh", "arcsinh"),
            "arctan",
        )
    },
}
"""Class of a symbol -> the function of `ionworks.ucp.formulas`."""


def experiment_configuration(experiment: Any, where: str) -> dict[str, Any]:
    """Return an experiment as its configuration in JSON values.

    Parameters
    ----------
    experiment : pybamm.Experiment
    where : str
        How messages name it.

    Returns
    -------
    dict
        What `pybamm.Experiment.to_config` writes. In addition, a termination that PyBaMM cannot
        write, such as a `pybamm.step.CustomTermination`, is ``{"type": "formula", "formula": ...,
        "operator": "<" or ">", "value": ...}``, if its function computes its event from variables
        of the model by arithmetic.

    Raises
    ------
    ValueError
        If a step or a termination is a Python function that cannot be written.
    """
    plain = copy.copy(experiment)
    plain.steps = [copy.copy(step) for step in experiment.steps]
    own: list[list[dict[str, Any]]] = []
    for number, step in enumerate(plain.steps):
        others = [each for each in step.termination if type(each).__name__ not in _BUILT_IN]
        step.termination = [each for each in step.termination if each not in others]
        own.append([_written(each, step, f"{where}, step {number + 1}") for each in others])
    found = configuration(plain, where)
    written = [step for cycle in found["cycles"] for step in cycle]
    for step, terminations in zip(written, own, strict=True):
        if terminations:
            step["terminations"] = [*step.get("terminations", ()), *terminations]
    return found


def _written(termination: Any, step: Any, where: str) -> dict[str, Any]:
    """Return a termination as a comparison of a formula with a number."""
    name = str(getattr(termination, "name", type(termination).__name__))
    what = f"{where}: the termination {name.removesuffix(' [experiment]')!r}"
    try:
        event = termination.get_event_expression(_Variables(), step)
    except Exception as error:
        # The function is the user's, and may raise any exception.
        raise ValueError(
            f"{what} cannot be written as a formula: its function raised "
            f"{type(error).__name__}: {error}; {_REMEDY}"
        ) from error
    formula, operator, value = _comparison(event, what)
    try:
        names = variables_of(formula)
    except FormulaError as error:
        raise ValueError(f"{what}: {error}; {_REMEDY}") from None
    if not names:
        raise ValueError(f"{what} depends on no variable of the model; {_REMEDY}")
    return {"type": "formula", "formula": formula, "operator": operator, "value": value}


_REMEDY: Final = (
    "it may compute with variables[...] by arithmetic and PyBaMM's functions, such as "
    "variables['Negative electrode stoichiometry'] - 0.1"
)


class _Variables:
    """Stands for the variables of a model, which only the engine knows, in the user's function."""

    def __getitem__(self, name: str) -> Any:
        return load_pybamm("write a termination").Variable(name)

    def _unknown(self, *_: Any) -> NoReturn:
        raise TypeError("the variables of the model are not known yet, only variables[name] works")

    __contains__ = __iter__ = __len__ = get = keys = items = values = _unknown


def _comparison(event: Any, what: str) -> tuple[str, str, float]:
    """Return formula, operator and value for an event that is positive until it is reached."""
    kind, children = type(event).__name__, [*getattr(event, "children", ())]
    if kind in {"Addition", "Subtraction"}:
        left, right = map(_constant, children)
        if right is not None:
            value = right if kind == "Subtraction" else -right
            return _bare(_text(children[0], what)), "<", value + 0.0
        if left is not None:
            formula = _bare(_text(children[1], what))
            return (formula, ">", left) if kind == "Subtraction" else (formula, "<", -left + 0.0)
    return _bare(_text(event, what)), "<", 0.0


def _constant(symbol: Any) -> float | None:
    return float(symbol.value) if type(symbol).__name__ == "Scalar" else None


def _text(symbol: Any, what: str) -> str:
    """Return a symbol of PyBaMM as a formula; the children have brackets where they need any."""
    kind = type(symbol).__name__
    if isinstance(symbol, int | float) or kind == "Scalar":
        value = float(getattr(symbol, "value", symbol))
        return repr(value) if value >= 0 else f"({value!r})"
    if kind == "Variable":
        quote = "'" if '"' in symbol.name else '"'
        return f"{quote}{symbol.name}{quote}"
    if kind == "Parameter":
        return f'parameter("{symbol.name}")'
    children = [_text(child, what) for child in getattr(symbol, "children", ())]
    if kind in _BINARY and len(children) == 2:
        return _BINARY[kind].format(*children)
    if kind in _FUNCTIONS and len(children) == 1:
        return f"{_FUNCTIONS[kind]}({_bare(children[0])})"
    if kind == "Negate":
        return f"(-{children[0]})"
    hint = "; for the time of a step give its duration" if kind == "Time" else ""
    raise ValueError(f"{what} contains {kind}, which a formula cannot{hint}; {_REMEDY}")


def _bare(text: str) -> str:
    """Return a text without the bracket around all of it."""
    if not text.startswith("("):
        return text
    depth, quote = 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter == "(") - (letter == ")")
        if not depth and not quote:
            return text[1:-1] if place == len(text) - 1 else text
    return text
