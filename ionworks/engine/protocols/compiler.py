"""Compiling the tree of a protocol to a program the engine can run.

Steps the engine does not support are rejected here, with their path and the reason, and so are
values that are known before the run and cannot be used.
"""

from collections.abc import Mapping

from attrs import define, field, frozen

from ionworks.engine.cells.cell import StartingPoint
from ionworks.engine.protocols.control_flow import (
    FlowError,
    LeafAt,
    MarkerAt,
    Route,
    lay_out,
    whole_repeats,
)
from ionworks.engine.protocols.program import ProgramError, Step
from ionworks.engine.protocols.steps import Skipped, StepReader, Values
from ionworks.engine.protocols.watch import NOTHING, Watch
from ionworks.ucp.nodes import Block, Leaf, Protocol
from ionworks.ucp.problems import ExpressionError, UCPError
from ionworks.ucp.traversal import leaves, positions


@frozen
class Program:
    """A compiled protocol, shared by all runs with the same values.

    Attributes
    ----------
    route : Route
        Its instructions.
    start : StartingPoint
        The state from which a run starts.
    reader : StepReader
        Evaluates the steps that depend on the state of a run.
    steps : mapping of int to Step or Skipped
        The steps that do not, by instruction.
    variables : tuple of str
        All names the protocol assigns to.
    notes : tuple of str
        Remarks for the reader of a result.
    has_temperature : bool
        Whether the protocol sets the initial temperature, or leaves it to the model.
    watch : Watch
        What its ends compare of the model.
    """

    route: Route
    start: StartingPoint
    reader: StepReader
    steps: Mapping[int, Step | Skipped]
    variables: tuple[str, ...]
    notes: tuple[str, ...] = ()
    has_temperature: bool = True
    watch: Watch = NOTHING


def compile_program(protocol: Protocol, names: Mapping[str, float]) -> Program:
    """Compile a resolved protocol for runs of one cell.

    Parameters
    ----------
    protocol : Protocol
        The tree, with no ``input[...]`` left in it.
    names : mapping of str to float
        The cell's ``V_MIN`` [V], ``V_MAX`` [V] and ``Q_NOM`` [A.h].

    Returns
    -------
    Program

    Raises
    ------
    ProgramError
        With every problem found.
    """
    compiler = _Compiler(protocol, Values(dict(names), complete=False))
    program = compiler.program()
    problems = compiler.values.problems
    if problems:
        raise ProgramError(problems)
    return program


@define
class _Compiler:
    protocol: Protocol
    values: Values
    steps: dict[int, Step | Skipped] = field(factory=dict)
    notes: list[str] = field(factory=list)

    def program(self) -> Program:
        start = self.starting_point()
        reader = StepReader(self.protocol, self.values.names)
        try:
            route = lay_out(self.protocol)
        except UCPError as error:
            self.values.problems.append(str(error))
            route = Route((), {})
        for index, instruction in enumerate(route.instructions):
            if isinstance(instruction, LeafAt):
                self.leaf(index, instruction, reader)
            elif isinstance(instruction, MarkerAt) and instruction.marker.kind == "Pause":
                self.notes.append(f"{instruction.marker.path}: a pause takes no time")
        self.check_repeats()
        self.note_resolutions()
        variables = dict.fromkeys(
            item.name for leaf in leaves(self.protocol.steps) for item in leaf.set_variables
        )
        notes = tuple(dict.fromkeys(self.notes))
        has_temperature = self.protocol.global_.has_temperature
        watch = Watch.of(self.protocol)
        return Program(
            route, start, reader, self.steps, tuple(variables), notes, has_temperature, watch
        )

    def starting_point(self) -> StartingPoint:
        settings = self.protocol.global_
        temperature = self.values.kelvin("global.initial_temperature", settings.temperature)
        state = settings.initial_state
        if state.kind == "voltage":
            voltage = self.values.of("global.initial_voltage", state.value)
            return StartingPoint("voltage", voltage, temperature)
        try:
            fraction = state.fraction(dict(self.values.names))
        except ExpressionError as error:
            self.values.problems.append(f"global.initial_state_value: {error}")
            fraction = 1.0
        return StartingPoint("soc", fraction, temperature)

    def check_repeats(self) -> None:
        """Reject constant repeats that are not whole numbers; the others are checked in the run."""
        runs_anything = False
        for _, item in positions(self.protocol.steps):
            if isinstance(item, Block):
                try:
                    whole_repeats(self.values.of(f"{item.path}.repeat", item.repeat), item)
                except FlowError as error:
                    self.values.problems.append(str(error))
            runs_anything |= isinstance(item, Leaf)
        if not runs_anything:
            self.values.problems.append("steps: there is no step to run")

    def note_resolutions(self) -> None:
        """Note that resolutions of voltage and current are ignored."""
        own = (leaf.resolution for leaf in leaves(self.protocol.steps))
        for resolution in (self.protocol.global_.resolution, *own):
            if resolution is not None and (resolution.voltage or resolution.current):
                self.notes.append(
                    "resolution: points are saved by time only, not by voltage or current"
                )

    def leaf(self, index: int, found: LeafAt, reader: StepReader) -> None:
        leaf = found.leaf
        refusal = _refusal(leaf)
        if refusal is not None:
            self.values.problems.append(f"{leaf.path}: {refusal}")
        elif leaf.kind == "Ambient temperature":
            if leaf.value is not None:
                self.values.kelvin(leaf.path, leaf.value)
        elif leaf.kind == "Control":
            for end in leaf.ends:
                self.values.of(end.path, end.threshold)
        else:
            self.timed(index, found, reader)

    def timed(self, index: int, found: LeafAt, reader: StepReader) -> None:
        try:
            step = reader.read(found.leaf, found.label, None)
        except ProgramError as error:
            self.values.problems.extend(error.problems)
            return
        if reader.is_constant(found.leaf):
            self.steps[index] = step
            if isinstance(step, Skipped):
                self.notes.append(step.reason)


def _refusal(leaf: Leaf) -> str | None:
    """Return why the engine does not support a step, None if it does."""
    if leaf.kind == "EIS":
        return "the embedded engine does not support EIS: remove the step"
    if leaf.profile is not None and not leaf.profile.data:
        return (
            f"the drive cycle {leaf.profile.name!r} has no samples: give them in the drive_cycles "
            "of protocol_experiment, or write data: [[0, 1.0], [10, 2.5]]"
        )
    if leaf.kind == "Control" and any(end.rate for end in leaf.ends):
        return "a Control takes no time, so nothing changes at a rate: compare a variable"
    return None
