"""The objectives by name."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.fitting.objectives.ageing import CalendarAgeing
from ionworks.engine.fitting.objectives.current_driven import CurrentDriven, Pulse
from ionworks.engine.fitting.objectives.cycling import CycleAgeing
from ionworks.engine.fitting.objectives.impedance import EIS
from ionworks.engine.fitting.objectives.objective import Objective, Request, kind_of
from ionworks.engine.fitting.objectives.open_circuit import (
    ElectrodeBalancing,
    ElectrodeBalancingHalfCell,
    OCPHalfCell,
)
from ionworks.engine.fitting.objectives.resistance import Resistance
from ionworks.engine.fitting.penalties import read_penalties
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

NOT_BUILT: Final = ("MSMRHalfCell", "MSMRFullCell", "Objective", "DesignObjective")

_CANNOT_BUILD: Final = (
    KeyError,
    pybamm.DiscretisationError,
    pybamm.DomainError,
    pybamm.GeometryError,
    pybamm.ModelError,
    pybamm.OptionError,
    pybamm.ShapeError,
)


def build(
    name: str,
    given: Mapping[str, Any],
    state: State,
    fitted: tuple[str, ...] = (),
    links: Mapping[str, Any] | None = None,
) -> Objective:
    """Return an objective, ready to predict.

    Raises
    ------
    ValueError
        If it is unknown or not built, or data or parameters are not usable.
    """
    kind = kind_of(given)
    if kind in NOT_BUILT:
        raise ValueError(
            f"objective {name!r}: {kind} is not built; use one of {', '.join(OBJECTIVES)}"
        )
    if kind not in OBJECTIVES:
        raise ValueError(
            f"objective {name!r}: unknown type {kind!r}; use one of {', '.join(OBJECTIVES)}"
        )
    label = f"objective {name!r}"
    penalties = read_penalties(given.get("penalties") or (), fitted, state, label)
    try:
        objective: Objective = OBJECTIVES[kind](Request(name, given, fitted, links or {}), state)
    except _CANNOT_BUILD as error:
        # A parameter the model needs and nobody gave, or one that makes no model.
        raise ValueError(f"objective {name!r}: PyBaMM cannot build its model: {error}") from error
    objective.penalties = penalties
    return objective
