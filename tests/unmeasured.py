"""Pause coverage's tracer in functions of PyBaMM that take long.

Before Python 3.12, a tracer is called for every line of every module, also of those that are not
measured. It makes PyBaMM, which builds its models in Python, take nearly twice as long.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

#: Attributes that mark a function as one that pauses the tracer.
_MARK = "_pauses_the_tracer"


def pause_in_pybamm() -> None:
    """Let the tracer pause in PyBaMM, if that is imported and a tracer runs; once is enough."""
    if os.environ.get("NOPAUSE"):
        return
    pybamm = sys.modules.get("pybamm")
    if pybamm is None or sys.gettrace() is None or not hasattr(pybamm, "Simulation"):
        return
    for owner, name in _slow_functions(pybamm):
        function = vars(owner).get(name)
        if isinstance(function, staticmethod):
            if not hasattr(function.__func__, _MARK):
                setattr(owner, name, staticmethod(paused(function.__func__)))
        elif function is not None and not hasattr(function, _MARK):
            setattr(owner, name, paused(function))


def _slow_functions(pybamm: Any) -> Iterator[tuple[Any, str]]:
    """Yield what takes long and calls no function of ionworks, as owner and name."""
    yield pybamm.Simulation, "build"
    yield pybamm.Simulation, "solve"
    yield pybamm.BaseSolver, "set_up"
    yield pybamm.Discretisation, "process_model"
    yield pybamm.step.BaseStep, "process_model"
    yield pybamm.Solution, "__getitem__"
    yield pybamm.ProcessedVariable, "__call__"
    yield pybamm.lithium_ion, "get_initial_stoichiometries"
    for name in ("save_custom_model", "serialise_custom_model", "load_custom_model"):
        yield pybamm.expression_tree.operations.serialise.Serialise, name
    for chemistry in (pybamm.lithium_ion, pybamm.lead_acid, pybamm.equivalent_circuit):
        for each in vars(chemistry).values():
            if isinstance(each, type):
                yield each, "__init__"


def paused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the same while the tracer of its thread pauses."""

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None:
            return function(*arguments, **named)
        sys.settrace(None)
        try:
            return function(*arguments, **named)
        finally:
            sys.settrace(tracer)
            # The tracer of coverage goes on in the functions that called this one only after it has
            # seen another call.
            _nothing()

    setattr(call, _MARK, True)
    return call


def _nothing() -> None:
    """Do nothing."""
