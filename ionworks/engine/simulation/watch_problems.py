"""Problems of what the ends of a protocol compare of a model."""

from collections.abc import Iterator
from typing import Any

from ionworks.doe.scalars import similar_names
from ionworks.engine.cells.cell import PROTOCOL_PARAMETERS, Cell, is_scalar
from ionworks.engine.cells.formulas import FormulaError, recorded_symbol
from ionworks.engine.protocols.watch import CELL_CAPACITY, Watch
from ionworks.engine.pybamm_setup import parameter_names
from ionworks.ucp.formulas import variables_of
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.traversal import leaves


def watch_problems(cell: Cell, protocol: Protocol) -> list[str]:
    """Return why a model cannot run the ends of a protocol: a sentence each."""
    formulas = {
        end.quantity: end.path
        for leaf in leaves(protocol.steps)
        for end in leaf.ends
        if end.is_formula
    }
    problems = [
        f"{path}: the end on {formula} {problem}"
        for formula, path in formulas.items()
        for problem in _formula_problems(cell, formula)
    ]
    if Watch.of(protocol).has_capacity and not cell.counts_lithium:
        problems.append(
            f"{CELL_CAPACITY} is the capacity between the lithium of two electrodes, which this "
            f"model ({cell.model_name}) does not have: use a lithium-ion model, or compare the "
            "Capacity of a step"
        )
    return problems


def _formula_problems(cell: Cell, formula: str) -> Iterator[str]:
    try:
        symbol = recorded_symbol(formula, cell.reference.variables)
    except FormulaError as error:
        yield f"cannot be used: {error}"
        return
    if not is_scalar(symbol):
        yield _spatial(cell, formula)
    else:
        yield from missing_parameters(cell, symbol)


def _spatial(cell: Cell, formula: str) -> str:
    flat = [name for name, is_flat in cell.variables.items() if is_flat]
    varying = [name for name in variables_of(formula) if not cell.variables[name]]
    hint = similar_names(f"X-averaged {varying[0]}", flat) if varying else ""
    return "varies in space, but a step ends on one number: use an average or boundary value" + (
        f", such as {hint}" if hint else ""
    )


def missing_parameters(cell: Cell, symbol: Any) -> Iterator[str]:
    """Yield what a symbol of a model needs that has no value, to follow its name."""
    known = {*cell.values, *PROTOCOL_PARAMETERS}
    for missing in sorted(parameter_names([symbol]) - known):
        hint = similar_names(missing, list(cell.values)) or "a parameter of the model"
        yield f"needs the parameter {missing!r}, which has no value: give it, or use {hint}"
