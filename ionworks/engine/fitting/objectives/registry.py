"""The objectives by type, and how one is built."""

from typing import Any, Final

from ionworks.engine.fitting.objectives.ageing import CalendarAgeing
from ionworks.engine.fitting.objectives.current_driven import CurrentDriven, Pulse
from ionworks.engine.fitting.objectives.cycling import CycleAgeing
from ionworks.engine.fitting.objectives.impedance import EIS
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.objectives.open_circuit import (
    ElectrodeBalancing,
    ElectrodeBalancingHalfCell,
    OCPHalfCell,
)
from ionworks.engine.fitting.objectives.resistance import Resistance
from ionworks.engine.fitting.penalties import build_penalties
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import pybamm

OBJECTIVES: Final[dict[str, Any]] = {
    kind.kind: kind
    for kind in (
        CurrentDriven,
        Pulse,
        EIS,
        Resistance,
        OCPHalfCell,
        ElectrodeBalancing,
        ElectrodeBalancingHalfCell,
        CalendarAgeing,
        CycleAgeing,
    )
}
"""Type -> class; the default first."""

NOT_SUPPORTED: Final = ("MSMRHalfCell", "MSMRFullCell", "Objective", "DesignObjective")

_CANNOT_BUILD: Final = (
    KeyError,
    pybamm.DiscretisationError,
    pybamm.DomainError,
    pybamm.GeometryError,
    pybamm.ModelError,
    pybamm.OptionError,
    pybamm.ShapeError,
)


def build(request: Request, state: State) -> Objective:
    """Return an objective, ready to predict.

    Raises
    ------
    ValueError
        If data or parameters are not usable.
    """
    penalties = build_penalties(request.penalties, request.fitted, state, request.label)
    try:
        objective: Objective = OBJECTIVES[request.type](request, state)
    except _CANNOT_BUILD as error:
        # A parameter of the model without a value, or values that make no model.
        raise ValueError(f"{request.label}: PyBaMM cannot build its model: {error}") from error
    objective.penalties = penalties
    return objective
