"""Which parameters have an effect on what a model records, found from its equations.

A model contains more than a run needs: hundreds of variables, and submodels for what its options
switch off. So the search starts from the recorded variables and follows the state variables they
depend on into their equations, boundary and initial conditions and meshes. Expressions are read
after PyBaMM has put the parameter values in, with the parameters in question left as inputs: then a
function contains only the parameters it really uses, and products with zero are gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Cell
from ionworks.engine.cells.formulas import recorded_symbol
from ionworks.engine.pybamm_setup import pybamm, with_inputs

_CUTOFF_EVENTS: Final = ("Minimum voltage [V]", "Maximum voltage [V]")
"""Replaced by the ends of the steps."""


def used_parameters(cell: Cell, outputs: Sequence[str], names: Iterable[str]) -> frozenset[str]:
    """Return which of some parameters can change what is recorded.

    Parameters
    ----------
    cell : Cell
        Model and parameter values.
    outputs : sequence of str
        Names of the recorded variables of the model, and formulas of them.
    names : iterable of str
        Parameters that are numbers.

    Returns
    -------
    frozenset of str
        Those in the equations, in the mesh and in the initial state. A protocol may use others: the
        nominal capacity in a C-rate, and the voltage limits.
    """
    asked = frozenset(names)
    model = cell.new_model()
    states = {*cell.state_names, AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE}
    values = with_inputs(cell.values, {*asked, *states, *cell.fixed_inputs})
    reach = _Reach(values, cell.discretisation(model).geometry)
    reach.follow(recorded_symbol(name, model.variables) for name in outputs)
    reach.follow_states(model)
    for event in model.events:
        # An event that depends on no state compares constants, which ends no run.
        if event.event_type == pybamm.EventType.TERMINATION and event.name not in _CUTOFF_EVENTS:
            alone = _Reach(values, {})
            alone.follow([event.expression])
            if alone.states:
                reach.follow([event.expression])
    reach.follow_states(model)
    # The engine sets these, from the parameters that the initial state depends on.
    equations = reach.parameters.difference(cell.state_names)
    start = _Reach(values, {})
    start.follow(cell.starting_symbols(model))
    return asked & (equations | start.parameters)


@define
class _Reach:
    """What some expressions depend on.

    Attributes
    ----------
    values : pybamm.ParameterValues
        With the numbers as inputs.
    geometry : mapping
        Domain -> spatial variable -> its limits; the mesh of a domain is reached with it.
    parameters, states, domains : set of str
        Names of the inputs, state variables and domains found.
    """

    values: Any
    geometry: Mapping[str, Any]
    parameters: set[str] = field(factory=set)
    states: set[str] = field(factory=set)
    domains: set[str] = field(factory=set)
    _seen: set[Any] = field(factory=set)

    def follow(self, expressions: Iterable[Any]) -> None:
        """Add what some expressions depend on."""
        pending = [self.values.process_symbol(each) for each in expressions]
        while pending:
            node = pending.pop()
            if node in self._seen:
                continue
            self._seen.add(node)
            pending.extend(node.children)
            if isinstance(node, pybamm.InputParameter):
                self.parameters.add(node.name)
            elif isinstance(node, pybamm.VariableBase):
                self.states.add(node.name)
            if isinstance(node, _SPATIAL):
                self._enter(node)

    def _enter(self, node: Any) -> None:
        """Add the meshes of the domains of a symbol and of what an operator acts on."""
        for symbol in (node, *node.children):
            for names in symbol.domains.values():
                for domain in set(names) - self.domains:
                    self.domains.add(domain)
                    self.follow(_limits(self.geometry.get(domain, {})))

    def follow_states(self, model: Any) -> None:
        """Add the equations of all states that are reached, and what these reach in turn."""
        pending = {**model.rhs, **model.algebraic}
        while True:
            reached = [state for state in pending if not self.states.isdisjoint(_names(state))]
            if not reached:
                return
            for state in reached:
                self.follow([state, pending.pop(state), model.initial_conditions[state]])
                self.follow(_boundary_conditions(model, _names(state)))


_SPATIAL: Final = (
    pybamm.VariableBase,
    pybamm.SpatialVariable,
    pybamm.SpatialOperator,
)


def _names(symbol: Any) -> set[str]:
    """Return the names of the state variables in a symbol; a concatenation has several."""
    return {node.name for node in symbol.pre_order() if isinstance(node, pybamm.VariableBase)}


def _boundary_conditions(model: Any, states: set[str]) -> Iterator[Any]:
    for symbol, sides in model.boundary_conditions.items():
        if not states.isdisjoint(_names(symbol)):
            for expression, _ in sides.values():
                yield expression


def _limits(variables: Mapping[Any, Any]) -> Iterator[Any]:
    for limits in variables.values():
        parts = limits.values() if isinstance(limits, Mapping) else (limits,)
        yield from (part for part in parts if isinstance(part, pybamm.Symbol))
