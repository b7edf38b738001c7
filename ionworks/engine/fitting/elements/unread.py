"""Parameter values that no element reads.

A value is read by an objective whose model contains the parameter, by a calculation, by an
expression, or by a fit of it. Which parameters a model contains follows from its equations with the
parameter values put in. A value that nothing reads is an error if its name is unknown, because it
may be misspelt, and a note if it is a parameter of a published set.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from ionworks.doe.scalars import nearest
from ionworks.engine.catalogue import PARAMETER_SETS
from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
)
from ionworks.engine.cells.initial_state import balance_symbols
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.calculations.known import is_of_calculations
from ionworks.engine.fitting.forward_model.cell import DEFAULT_SET, FittingCell, read_model
from ionworks.engine.fitting.measurement import STOICHIOMETRY, VOLTAGE
from ionworks.engine.fitting.objectives.ageing import MODES
from ionworks.engine.fitting.objectives.impedance import EIS, with_double_layer
from ionworks.engine.fitting.objectives.objective import Request
from ionworks.engine.fitting.objectives.open_circuit import OCPHalfCell
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from ionworks.engine.fitting.parameters.names import INITIAL_STATE_NAMES
from ionworks.engine.fitting.state import Given, Reader, State
from ionworks.engine.pybamm_setup import (
    input_names,
    parameter_names,
    pybamm,
    with_inputs,
)

_RESERVED: Final = ("model", "data", "parameter_set")
"""Values of an entry that are not parameters."""

_BY_ALL_MODELS: Final = {*INITIAL_STATE_NAMES, AMBIENT_TEMPERATURE, LOWER_CUTOFF, UPPER_CUTOFF}
_BY_TYPE: Final = {"CycleAgeing": {NOMINAL_CAPACITY}}
"""Parameters that objectives read besides those in the equations of their model."""

_MOST: Final = 8
"""Most names in one note; a complete parameter set has dozens that a simple model does not use."""


def unknown_values(state: State, elements: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for each value that nothing reads and whose name is unknown.

    Parameters
    ----------
    state : State
        After all elements have been read.
    elements : mapping
        The elements, which may refer to values as ``entry.name``.
    """
    found = _Unread(state, elements)
    for each in found.values():
        if each.is_strict and not _is_known(each.name) and each.name not in found.read(each):
            yield (
                f"{each.place}: no element reads {each.name!r}"
                f"{nearest(each.name, found.known(each))}; correct the name, or leave it out"
            )


def idle_values(state: State, elements: Mapping[str, Any]) -> list[str]:
    """Return a note for each place with values that change nothing; parameters as above."""
    found = _Unread(state, elements)
    places: dict[str, list[str]] = {}
    for each in found.values():
        is_changed = each.name in _RESERVED or not _is_default(each, state)
        if is_changed and each.name not in found.read(each):
            places.setdefault(each.place, []).append(each.name)
    return [
        f"{place}: no effect, because no later element reads them and no model contains them: "
        + ", ".join(map(repr, names[:_MOST]))
        + (f" and {len(names) - _MOST} others" if len(names) > _MOST else "")
        for place, names in places.items()
    ]


class _Unread:
    """Finds the values nothing reads, and searches models only as far as it has to."""

    def __init__(self, state: State, elements: Mapping[str, Any]) -> None:
        self._state = state
        self._referred = set(_texts(elements))
        self._found: dict[Reader, set[str]] = {}

    def values(self) -> Iterator[Given]:
        """Yield the values that no calculation, fit, expression or reference reads."""
        state = self._state
        if not state.readers:
            # Nothing reads parameters at all: the values are the result of the pipeline.
            return
        values = (each.value for each in state.given.values())
        read = state.read | parameter_names(getattr(value, "expression", value) for value in values)
        if state.has_calculations or any(_takes_model(reader) for reader in state.readers):
            read.add("model")
        if state.has_calculations or any(_takes_set(reader) for reader in state.readers):
            read.add("parameter_set")
        for each in state.given.values():
            if each.name not in read and f"{each.entry}.{each.name}" not in self._referred:
                yield each

    def read(self, given: Given) -> set[str]:
        """Return the parameters that the models of the possible readers of a value contain."""
        readers = [each for each in self._state.readers if given.reader in {"", each.place}]
        return set().union(*map(self._read_by, readers))

    def known(self, given: Given) -> set[str]:
        """Return the names to suggest for a value."""
        return {*_published(), *_BY_ALL_MODELS, *self.read(given)}

    def _read_by(self, reader: Reader) -> set[str]:
        if reader not in self._found:
            self._found[reader] = _names_read(reader.request, reader.state)
        return self._found[reader]


def _takes_model(reader: Reader) -> bool:
    return not reader.request.options.get("model")


def _takes_set(reader: Reader) -> bool:
    model = reader.request.options.get("model") or reader.state.model
    return model is None or read_model(model)[2] is None


def _names_read(request: Request, state: State) -> set[str]:
    """Return the parameters that change what an objective predicts."""
    own = set(OBJECTIVES[request.type].own_parameters)
    if STOICHIOMETRY in (state.columns(request.data) or ()) and own.isdisjoint(state.read):
        # Over a measured stoichiometry, its limits have no effect.
        own = set() if request.type == OCPHalfCell.kind else own
    try:
        cell = request.cell(state)
        if OBJECTIVES[request.type].own_parameters:
            return own | _contained(cell, _potentials(cell))
        if request.type == EIS.kind:
            cell = with_double_layer(cell)
        found = _contained(cell, _equations(cell, _outputs(request)))
    except (KeyError, ValueError):
        # The model cannot be built without these values: the element itself fails and says why.
        return {*state.values, *request.parameters}
    return found | _BY_ALL_MODELS | _BY_TYPE.get(request.type, set())


def _contained(cell: FittingCell, parts: list[Any]) -> set[str]:
    """Return the parameters in some expressions and in the functions they call."""
    direct = parameter_names(parts)
    scalars = {name for name, value in cell.values.items() if is_number(value)}
    # A parameter without a value is an error of the objective, and no obstacle here.
    values = with_inputs(cell.values, scalars | direct.difference(cell.values))
    return direct | input_names(map(values.process_symbol, parts))


def _potentials(cell: FittingCell) -> list[Any]:
    param, x = cell.reference.param, pybamm.InputParameter("stoichiometry")
    return [param.n.prim.U(x, param.T_ref), param.p.prim.U(x, param.T_ref)]


def _equations(cell: FittingCell, outputs: set[str]) -> list[Any]:
    """Return the equations of a model, its outputs, and what its initial state depends on."""
    model, param = cell.reference, cell.reference.param
    parts = [
        *model.rhs.values(),
        *model.algebraic.values(),
        *model.initial_conditions.values(),
        *(part for sides in model.boundary_conditions.values() for part, _ in sides.values()),
        *(model.variables[name] for name in outputs if name in model.variables),
        *balance_symbols(param),
    ]
    return [part for part in parts if isinstance(part, pybamm.Symbol)]


def _outputs(request: Request) -> set[str]:
    """Return the variables of the model that an objective compares."""
    found = {VOLTAGE, *(request.options.get("objective variables") or ())}
    if request.type.endswith("Ageing"):
        found |= {*MODES.values()}
    metrics = getattr(request.own, "metrics", {})
    return found.union(*(metric.variables for metric in metrics.values()))


def _is_known(name: str) -> bool:
    return name in _RESERVED or name in _published() or is_of_calculations(name)


def _is_default(given: Given, state: State) -> bool:
    """Return whether a value is that of the chosen set, so that it changes nothing."""
    own = pybamm.ParameterValues(state.parameter_set or DEFAULT_SET)
    return given.name in own and is_number(given.value) and own[given.name] == given.value


@cache
def _published() -> frozenset[str]:
    """Return the names of the parameters of all published sets."""
    return frozenset(name for each in PARAMETER_SETS for name in pybamm.ParameterValues(each))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in elements, without those in long columns of numbers."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list) and value and isinstance(value[0], str | list | Mapping):
        for part in value:
            yield from _texts(part)
