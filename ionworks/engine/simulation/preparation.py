"""Everything that can be known about a run before it is computed."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from attrs import define, field, frozen

from ionworks.engine.cells.cell import NOMINAL_CAPACITY, PROTOCOL_PARAMETERS, Cell, StartingPoint
from ionworks.engine.cells.registry import parameters
from ionworks.engine.cells.specification import finite, nearest
from ionworks.engine.protocols.compiler import Program, ProgramError, compile_program
from ionworks.engine.pybamm_setup import parameter_names
from ionworks.engine.simulation.results import COLUMNS
from ionworks.ucp import UCPError, parse, resolve
from ionworks.ucp.nodes import Protocol

_LOWER_OCV: Final = "Open-circuit voltage at 0% SOC [V]"
_UPPER_OCV: Final = "Open-circuit voltage at 100% SOC [V]"
_PROTOCOLS_KEPT: Final = 16
_PROGRAMS_KEPT: Final = 1000
"""Of one protocol: a sweep over its inputs has a program for each of its runs."""

_CLOCKS: Final = ("Time [min]", "Time [h]")
_SMALL: Final = 1e-9


@frozen
class Prepared:
    """A run ready to be computed: its program and the parameters that are its own."""

    identifier: str
    program: Program
    design: dict[str, float]


@define
class ReadProtocol:
    """A protocol that was read, and the programs made of it.

    Attributes
    ----------
    tree : Protocol or None
        None where it could not be read.
    problems : tuple of str
        What is wrong with it.
    """

    tree: Protocol | None
    problems: tuple[str, ...]
    _programs: OrderedDict[Any, Program] = field(factory=OrderedDict)

    def program(self, experiment: Mapping[str, Any], names: Mapping[str, float]) -> Program:
        """Return the program for some parameters and a cell's constants.

        Raises
        ------
        ValueError
            If the protocol makes no sense with them.
        """
        if self.tree is None:
            raise ValueError("; ".join(self.problems))
        key = (repr(sorted(experiment.items())), *names.values())
        if key not in self._programs:
            try:
                resolved = resolve(self.tree, experiment)
            except TypeError as error:
                raise ValueError(str(error)) from None
            self._programs[key] = compile_program(resolved, names)
            if len(self._programs) > _PROGRAMS_KEPT:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return self._programs[key]


@frozen
class Preparation:
    """Prepares the runs of one cell under one protocol.

    Attributes
    ----------
    cell : Cell
    protocol : ReadProtocol
    """

    cell: Cell
    protocol: ReadProtocol

    def run(self, run: Mapping[str, Any]) -> Prepared:
        """Prepare one run.

        Raises
        ------
        ValueError
            If a parameter, the protocol with these parameters, or the initial state is not usable.
        """
        design = checked_design(self.cell, run.get("design_parameters") or {})
        program = self._program(dict(run.get("experiment_parameters") or {}), design)
        _check_start(self.cell, program.start, design)
        return Prepared(str(run["id"]), program, design)

    def _program(self, experiment: dict[str, Any], design: Mapping[str, float]) -> Program:
        lower, upper = self.cell.voltage_limits(design)
        capacity = self.cell.scalar(NOMINAL_CAPACITY, design)
        names = {"V_MIN": lower, "V_MAX": upper, "Q_NOM": capacity}
        return self.protocol.program(experiment, names)


def problems_of_run(preparation: Preparation, run: Mapping[str, Any]) -> Sequence[str]:
    """Return what keeps a run from being computed."""
    try:
        preparation.run(run)
    except ProgramError as error:
        return error.problems
    except UCPError as error:
        return [str(problem) for problem in error.problems] or [str(error)]
    except ValueError as error:
        return [str(error)]
    return []


def read_protocol(protocol: str | Mapping[str, Any]) -> ReadProtocol:
    """Read a protocol; a text that was read before is remembered, with its programs."""
    return _read_text(protocol) if isinstance(protocol, str) else _read(protocol)


def _read(protocol: str | Mapping[str, Any]) -> ReadProtocol:
    result = parse(protocol)
    return ReadProtocol(result.protocol, tuple(str(problem) for problem in result.errors))


_read_text = lru_cache(maxsize=_PROTOCOLS_KEPT)(_read)


def extra_variable_problems(cell: Cell, names: Sequence[str]) -> list[str]:
    """Return what is wrong with the names of extra variables."""
    problems = []
    for name in names:
        if name in COLUMNS:
            continue
        if name in _CLOCKS:
            problems.append(f"extra variable {name!r}: use the column 'Time [s]'")
        elif name not in cell.variables:
            hint = nearest(name, list(cell.variables)) or "a name of the model's variables"
            problems.append(f"extra variable {name!r} is not in the model: use {hint}")
        elif not cell.variables[name]:
            flat = [known for known, is_flat in cell.variables.items() if is_flat]
            averaged = nearest(f"X-averaged {name}", flat)
            problems.append(
                f"extra variable {name!r} varies in space, and a time series has one number per "
                f"point: use an average or boundary value, such as {averaged}"
            )
    return problems or _missing_parameters(cell, names)


def _missing_parameters(cell: Cell, names: Sequence[str]) -> list[str]:
    """Return the parameters some variables need and the cell does not have."""
    wanted = [name for name in names if name not in COLUMNS]
    variables = cell.new_model().variables if wanted else {}
    known = {*cell.values, *PROTOCOL_PARAMETERS}
    problems = []
    for name in wanted:
        for missing in sorted(parameter_names([variables[name]]) - known):
            hint = nearest(missing, list(cell.values)) or "a parameter of the model"
            problems.append(
                f"extra variable {name!r} needs the parameter {missing!r}, which has no value: use "
                f"{hint}"
            )
    return problems


def checked_design(cell: Cell, design: Mapping[str, Any]) -> dict[str, float]:
    """Return design parameters as numbers.

    Raises
    ------
    ValueError
        If one is unknown, set by the protocol, a function in this cell, or no finite number.
    """
    known = parameters(cell)
    for name in design:
        if name in PROTOCOL_PARAMETERS:
            raise ValueError(
                f"design parameter {name!r} is set by the protocol: use {PROTOCOL_PARAMETERS[name]}"
            )
        if name not in known:
            hint = nearest(name, list(known)) or "a parameter of the model"
            raise ValueError(f"design parameter {name!r} is not in the model: use {hint}")
        if known[name] is None:
            raise ValueError(
                f"design parameter {name!r} is a function in this model: it cannot be replaced by "
                "a number for one run; choose one of its scalar parameters"
            )
    return {name: finite(value, f"design parameter {name!r}") for name, value in design.items()}


def _check_start(cell: Cell, start: StartingPoint, design: Mapping[str, float]) -> None:
    """Refuse an initial voltage outside the cell's limits."""
    if start.kind != "voltage":
        return
    lower, upper = cell.voltage_limits(design)
    if _LOWER_OCV in cell.scalars:
        lower, upper = cell.scalar(_LOWER_OCV, design), cell.scalar(_UPPER_OCV, design)
    if not lower - _SMALL <= start.value <= upper + _SMALL:
        raise ValueError(
            f"initial voltage {start.value:g} V is outside the cell's limits: "
            f"use a value from {lower:g} to {upper:g} V"
        )
