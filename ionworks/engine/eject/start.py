"""How a run starts: its initial state, and whether it ends there."""

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from ionworks.engine.cells.cell import Cell, StartingPoint, StartingState
from ionworks.engine.cells.circuit import STATE_OF_CHARGE
from ionworks.engine.cells.specification import Specification
from ionworks.engine.eject.equations import is_document
from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.python_text import literal, number
from ionworks.engine.eject.sequence import Executed
from ionworks.engine.simulation.api import simulate
from ionworks.engine.simulation.preparation import PreparedRun
from ionworks.ucp import to_document
from ionworks.ucp.units import CELSIUS_OFFSET


def starting_state(cell: Cell, prepared: PreparedRun) -> StartingState:
    """Return the initial state of a run.

    Raises
    ------
    ValueError
        If there is none.
    """
    design = {**cell.fixed_inputs, **prepared.design}
    names = tuple(sorted(design))
    [state] = cell.initial_states(names).solve([prepared.program.start], [design])
    if isinstance(state, str):
        raise ValueError(state)
    return state


def initial_state(
    start: StartingPoint, state: StartingState, specification: Specification
) -> tuple[str, dict[str, float]]:
    """Return the argument of `solve` that sets the initial state, and parameters that set it.

    PyBaMM computes the state of its own lithium-ion models only: another starts from its
    parameters.
    """
    if STATE_OF_CHARGE in state.inputs or is_document(specification):
        return "", state.inputs
    value = f"{number(start.value)} V"
    return f"initial_soc={literal(value) if start.kind == 'voltage' else number(start.value)}", {}


def refuse_held_limits(model: Mapping[str, Any], prepared: PreparedRun, first: Executed) -> None:
    """Raise a NoCounterpart if a safety limit holds when the first step begins.

    PyBaMM cannot solve such a step, and only a solve tells the voltage at its start.
    """
    segment = first.step.stimulus.segment(0)
    if not first.safety or segment is None:
        return
    [value] = segment.at(np.zeros(1)).tolist()
    control = first.step.stimulus.control.capitalize()
    step = {
        "mode": control,
        "value": abs(value),
        "duration": 1,
        "temperature": first.ambient - CELSIUS_OFFSET,
    }
    protocol = to_document(attrs.evolve(prepared.program.reader.protocol, steps=()))
    document = {**protocol, "steps": [{"Charge" if value < 0 else "Discharge": step}]}
    run = {"id": first.step.path, "design_parameters": prepared.design}
    [outcome] = simulate(model, document, [run])
    if outcome.steps is not None and outcome.steps["Duration [s]"][0] == 0:
        raise NoCounterpart(
            f"{first.step.path}: the {outcome.steps['Termination'][0]} holds when the step begins, "
            "which ends the run, and PyBaMM's experiments need a step that takes time"
        )
