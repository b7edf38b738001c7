"""Runs made ready to be computed: parsed, checked and compiled once for a check and the run.

A worker is asked about a submission twice: whether it can be computed, and for its results. What
the first question worked out is kept for the second.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any, Final

from attrs import define, evolve, field, frozen

from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    NOMINAL_CAPACITY,
    Cell,
    StartingPoint,
)
from ionworks.engine.cells.parameter_checks import unusual_values
from ionworks.engine.cells.plausibility import LOWER_OCV, UPPER_OCV
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.names import COLUMNS, missing_inputs, variable_problems
from ionworks.engine.protocols.compiler import Program, compile_program
from ionworks.engine.protocols.watch import Watch
from ionworks.engine.simulation.designs import Designs
from ionworks.engine.simulation.effects import Effects, without_effect
from ionworks.engine.simulation.notes import Note
from ionworks.engine.simulation.watch_problems import missing_parameters, watch_problems
from ionworks.ucp import check_parameters, parse, required_inputs, resolve
from ionworks.ucp.nodes import Protocol

_PROTOCOLS_KEPT: Final = 16
_RUNS_KEPT: Final = 1000
"""Of one protocol: a sweep over its inputs has a program for each of its runs."""

_VOLTAGE_TOLERANCE: Final = 1e-9
"""How far [V] an initial voltage may be outside the limits: it may be a limit that was rounded."""


@frozen
class PreparedRun:
    """A run ready to be computed.

    Attributes
    ----------
    program : Program
    design : dict of str to float
        The design parameters, which are inputs of the model.
    ambient : float
        Temperature [K] of the surroundings at the start.
    notes : tuple of Note
        On experiment parameters, and on design parameters without effect.
    unused : tuple of str
        The design parameters without effect.
    """

    program: Program
    design: dict[str, float]
    ambient: float
    notes: tuple[Note, ...] = ()
    unused: tuple[str, ...] = ()


@frozen
class _Parameters:
    """Parameters by name, hashable: equal if names, values and types of the values are."""

    values: dict[str, Any] = field(eq=False)
    # The text tells 1 from True, which are equal and have one hash, but not equally valid.
    text: str

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> "_Parameters":
        values = dict(given or {})
        return cls(values, repr(sorted(values.items())))


@define(eq=False, slots=False)
class ParsedProtocol:
    """A parsed protocol, and the programs compiled from it.

    Attributes
    ----------
    tree : Protocol or None
        None if it could not be parsed.
    problems : tuple of str
        Its errors.
    """

    tree: Protocol | None
    problems: tuple[str, ...]

    def program(self, experiment: Mapping[str, Any], names: Mapping[str, float]) -> Program:
        """Return the program for some experiment parameters and a cell's constants.

        Parameters
        ----------
        experiment : mapping
            The values of its inputs.
        names : mapping of str to float
            ``V_MIN`` [V], ``V_MAX`` [V] and ``Q_NOM`` [A.h].

        Raises
        ------
        ValueError
            If the protocol cannot be run with them.
        """
        return self._program(_Parameters.of(experiment), tuple(names.items()))[0]

    def notes(self, experiment: Mapping[str, Any], names: Mapping[str, float]) -> tuple[Note, ...]:
        """Return what is doubtful about the experiment parameters of `program`, or not used."""
        return self._program(_Parameters.of(experiment), tuple(names.items()))[1]

    def missing(self, names: tuple[str, ...]) -> str | None:
        """Return a sentence if experiment parameters of these names leave inputs without values."""
        return self._missing(names)

    @cached_property
    def _missing(self) -> Callable[[tuple[str, ...]], str | None]:
        inputs = [] if self.tree is None else required_inputs(self.tree)
        return lru_cache(maxsize=_RUNS_KEPT)(partial(missing_inputs, inputs))

    # The caches belong to the protocol, so that its programs are freed together with it.
    @cached_property
    def _program(self) -> Callable[..., tuple[Program, tuple[Note, ...]]]:
        return lru_cache(maxsize=_RUNS_KEPT)(self._compiled)

    def _compiled(
        self, experiment: _Parameters, names: tuple[tuple[str, float], ...]
    ) -> tuple[Program, tuple[Note, ...]]:
        if self.tree is None:
            raise ValueError("; ".join(self.problems))
        if (fault := self.missing(tuple(experiment.values))) is not None:
            raise ValueError(fault)
        try:
            resolved = resolve(self.tree, experiment.values)
        except TypeError as error:
            raise ValueError(str(error)) from None
        found = check_parameters(self.tree, experiment.values, resolved)
        notes = tuple(Note("protocol", str(problem)) for problem in found)
        return compile_program(resolved, dict(names)), notes


@define(eq=False, slots=False)
class Preparation:
    """A cell, a protocol and the recorded variables, and the runs prepared for them.

    Attributes
    ----------
    cell : Cell
    protocol : ParsedProtocol
    extra_variables : tuple of str
    """

    cell: Cell
    protocol: ParsedProtocol
    extra_variables: tuple[str, ...]

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with all runs: errors of the protocol and of the extra variables."""
        extra = extra_variable_problems(self.cell, self.extra_variables)
        tree = self.protocol.tree
        watched = [] if tree is None else watch_problems(self.cell, tree)
        return (*self.protocol.problems, *extra, *watched)

    @cached_property
    def watch(self) -> Watch:
        """What the ends of the protocol compare of the model."""
        return Watch() if self.protocol.tree is None else Watch.of(self.protocol.tree)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Notes on what all runs share: the model and its parameters."""
        return tuple(Note("parameters", sentence) for sentence in unusual_values(self.cell))

    @cached_property
    def effects(self) -> Effects:
        """What has an effect in the runs."""
        return Effects(self.cell, self.protocol, self.extra_variables, self.watch.signals)

    @cached_property
    def designs(self) -> Designs:
        """Checks of the design parameters of the runs."""
        return Designs(self.cell)

    def notes_on(self, parameters: Mapping[str, float], run: Mapping[str, Any]) -> list[Note]:
        """Return notes on parameters of the model that have no effect in a run."""
        unused = self.effects.unused(parameters, run.get("experiment_parameters") or {})
        return [
            Note("parameters", f"parameter {without_effect(name, self.cell)}") for name in unused
        ]

    def run(self, given: Mapping[str, Any]) -> PreparedRun:
        """Prepare one run, or return it as it was prepared before.

        Parameters
        ----------
        given : mapping
            With ``experiment_parameters`` and ``design_parameters``, each a mapping or None.

        Raises
        ------
        ValueError
            If a parameter, the protocol with these parameters, or the initial state is not usable.
        """
        return self._run(
            _Parameters.of(given.get("experiment_parameters")),
            _Parameters.of(given.get("design_parameters")),
        )

    @cached_property
    def _run(self) -> Callable[..., PreparedRun]:
        return lru_cache(maxsize=_RUNS_KEPT)(self._prepared)

    def _prepared(self, experiment: _Parameters, design: _Parameters) -> PreparedRun:
        checked = self.designs.checked(design.values)
        lower, upper = self.cell.voltage_limits(checked)
        capacity = self.cell.scalar(NOMINAL_CAPACITY, checked)
        names = {"V_MIN": lower, "V_MAX": upper, "Q_NOM": capacity}
        program = self.protocol.program(experiment.values, names)
        start = program.start
        _check_start(self.cell, start, checked)
        ambient = start.temperature
        if not program.has_temperature:
            # Without one in the protocol, the temperatures of the model apply, as in PyBaMM.
            initial, ambient = (
                self.cell.scalars.get(name, start.temperature)
                for name in (INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE)
            )
            program = evolve(program, start=evolve(start, temperature=initial))
        unused = self.effects.unused(checked, experiment.values)
        notes = [
            Note("parameters", f"design parameter {without_effect(name, self.cell)}")
            for name in unused
        ]
        about_values = self.protocol.notes(experiment.values, names)
        return PreparedRun(program, checked, ambient, (*about_values, *notes), unused)


def prepare(
    model: Mapping[str, Any], protocol: str | Mapping[str, Any], extra_variables: Sequence[str]
) -> Preparation:
    """Return what prepares the runs of a submission, with the runs it has prepared before.

    Raises
    ------
    ValueError
        If the model specification is not usable.
    """
    return _preparation(open_cell(model), parse_protocol(protocol), tuple(extra_variables))


# A cell and a parsed protocol are equal only to themselves; each is remembered by its content.
_preparation = lru_cache(maxsize=_PROTOCOLS_KEPT)(Preparation)


def parse_protocol(protocol: str | Mapping[str, Any]) -> ParsedProtocol:
    """Parse a protocol; a text that was parsed before is remembered, with its programs."""
    return _parsed_text(protocol) if isinstance(protocol, str) else _parsed(protocol)


def _parsed(protocol: str | Mapping[str, Any]) -> ParsedProtocol:
    result = parse(protocol)
    return ParsedProtocol(result.protocol, tuple(str(problem) for problem in result.errors))


_parsed_text = lru_cache(maxsize=_PROTOCOLS_KEPT)(_parsed)


def extra_variable_problems(cell: Cell, names: Sequence[str]) -> list[str]:
    """Return the problems of extra variables: unknown, not scalar, or without parameter values.

    Each variable has one; beyond `MOST_PROBLEMS` they are only counted.
    """
    problems = variable_problems(names, cell.variables)
    return problems or _missing_parameters(cell, names)


def _missing_parameters(cell: Cell, names: Sequence[str]) -> list[str]:
    """Return the problems of variables that need parameters without values."""
    wanted = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    variables = cell.new_model().variables if wanted else {}
    return [
        f"extra variable {name!r} {missing}"
        for name in wanted
        for missing in missing_parameters(cell, variables[name])
    ]


def _check_start(cell: Cell, start: StartingPoint, design: Mapping[str, float]) -> None:
    """Raise a ValueError for an initial voltage outside the cell's limits."""
    if start.kind != "voltage":
        return
    lower, upper = cell.voltage_limits(design)
    # The state of charge of a voltage is defined between these, which may differ from the cut-offs.
    if LOWER_OCV in cell.scalars:
        lower, upper = cell.scalar(LOWER_OCV, design), cell.scalar(UPPER_OCV, design)
    if not lower - _VOLTAGE_TOLERANCE <= start.value <= upper + _VOLTAGE_TOLERANCE:
        raise ValueError(
            f"initial voltage {start.value:g} V is outside the cell's limits: "
            f"use a value from {lower:g} to {upper:g} V"
        )
