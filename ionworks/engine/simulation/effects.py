"""Which design parameters of a run have no effect on its results."""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

from attrs import define

from ionworks.engine.cells.cell import (
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
    Cell,
)
from ionworks.engine.cells.parameterization import FEW_OVERRIDES
from ionworks.engine.cells.used_parameters import used_parameters
from ionworks.engine.names import COLUMNS
from ionworks.engine.protocols.compiler import Program
from ionworks.engine.protocols.control_flow import LeafAt
from ionworks.engine.solver.models import RECORDED
from ionworks.ucp import to_yaml

CONSTANTS: Final = {"V_MIN": LOWER_CUTOFF, "V_MAX": UPPER_CUTOFF, "Q_NOM": NOMINAL_CAPACITY}
"""Name of a constant in protocols -> the parameter of the cell that gives its value."""

_CHANGE: Final = 1.01
"""Factor by which a constant is changed to see whether a protocol depends on it."""


@define(eq=False, slots=False)
class Effects:
    """What has an effect in the runs of a cell with one protocol and some recorded variables.

    Attributes
    ----------
    cell : Cell
    protocol : ParsedProtocol
    extra_variables : tuple of str
    watched : tuple of str
        What the ends of the protocol compare of the model.
    """

    cell: Cell
    protocol: Any
    extra_variables: tuple[str, ...]
    watched: tuple[str, ...] = ()

    def unused(self, design: Mapping[str, float], experiment: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the parameters of a design without an effect on a run.

        Parameters
        ----------
        design : mapping of str to float
            The design parameters.
        experiment : mapping
            The experiment parameters, with which the protocol can be compiled.
        """
        if not design:
            return ()
        used = self._used(frozenset(design))
        constants = {parameter: constant for constant, parameter in CONSTANTS.items()}
        return tuple(
            name
            for name in design
            if name not in used
            and not (name in constants and self._is_read(constants[name], experiment))
        )

    @cached_property
    def _used(self) -> Any:
        # Unknown ones are problems, which are reported with those of the runs.
        known = self.cell.variables
        extra = [name for name in self.extra_variables if name in known and name not in COLUMNS]
        outputs = (*RECORDED, self.cell.temperature_variable, *extra, *self.watched)
        # Runs of a sweep have the same names.
        return lru_cache(maxsize=16)(lambda names: used_parameters(self.cell, outputs, names))

    def _is_read(self, constant: str, experiment: Mapping[str, Any]) -> bool:
        """Return whether a protocol depends on a constant of the cell.

        The answer is yes if steps are evaluated only while they run, as it is not known then.
        """
        if constant in self._text:
            return True
        values = {name: self.cell.scalars[parameter] for name, parameter in CONSTANTS.items()}
        changed = {**values, constant: _CHANGE * values[constant]}
        try:
            program, other = (self.protocol.program(experiment, each) for each in (values, changed))
        except ValueError:
            return True
        return not _is_constant(program) or (program.start, program.steps) != (
            other.start,
            other.steps,
        )

    @cached_property
    def _text(self) -> str:
        return to_yaml(self.protocol.tree)


def few_overrides(cell: Cell, names: Iterable[str]) -> dict[str, float]:
    """Return the numbers among some parameters that replace those of a published set.

    It is empty if there are many: a complete set of values has some that a model does not need.
    """
    replaced = {
        name: cell.scalars[name]
        for name in names
        if name in cell.overrides and name in cell.scalars
    }
    return replaced if len(replaced) <= FEW_OVERRIDES else {}


def unused_overrides(cell: Cell) -> list[str]:
    """Return a sentence for each of a few overrides that the equations do not contain."""
    names = few_overrides(cell, cell.overrides).keys() - set(CONSTANTS.values())
    if not names:
        return []
    used = used_parameters(cell, (*RECORDED, cell.temperature_variable), names)
    return [f"parameter {without_effect(name, cell)}" for name in sorted(names - used)]


def without_effect(name: str, cell: Cell) -> str:
    """Return a sentence about a parameter without effect."""
    return (
        f"{name!r} has no effect: neither the protocol nor the equations of this model "
        f"({cell.model_name}) depend on it; leave it out, or use a model or an option that "
        "depends on it"
    )


def _is_constant(program: Program) -> bool:
    """Return whether all steps of a program were evaluated when it was compiled."""
    return all(
        index in program.steps
        for index, instruction in enumerate(program.route.instructions)
        if isinstance(instruction, LeafAt) and instruction.leaf.kind != "Ambient temperature"
    )
