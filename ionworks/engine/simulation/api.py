"""The engine's entry points: describe a model, check runs, simulate them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ionworks.engine.cells.cell import NOMINAL_CAPACITY, Cell
from ionworks.engine.cells.parameter_checks import unusual_values
from ionworks.engine.cells.registry import open_cell, parameters
from ionworks.engine.names import COLUMNS
from ionworks.engine.protocols.control_flow import MAX_BACKWARD_JUMPS, Flow
from ionworks.engine.protocols.program import ProgramError
from ionworks.engine.simulation.effects import few_overrides, unused_overrides, without_effect
from ionworks.engine.simulation.notes import Note
from ionworks.engine.simulation.preparation import PreparedRun, prepare
from ionworks.engine.simulation.results import RunOutcome, outcomes
from ionworks.engine.simulation.run import Run
from ionworks.engine.simulation.runner import advance
from ionworks.engine.simulation.sweeps import futile_sweep, names_in
from ionworks.engine.solver.models import BuiltModels, ModelCache
from ionworks.ucp import UCPError, unused_parameters
from ionworks.ucp.nodes import Protocol

MODELS: Final = ModelCache()
"""Built models of this process, which runs of any protocol share."""


def describe(model: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a model.

    Parameters
    ----------
    model : mapping
        A model specification, see `read_specification`.

    Returns
    -------
    dict
        ``parameters`` (name -> number, or None for a function), ``variables`` (names),
        ``nominal_capacity`` [A.h], ``voltage_limits`` (lower and upper [V]) and ``notes``
        (sentences about values that are unusual or have no effect).

    Raises
    ------
    ValueError
        If the specification is not usable.
    """
    cell = open_cell(model)
    return {
        "parameters": parameters(cell),
        "variables": sorted(cell.variables),
        "nominal_capacity": cell.scalars[NOMINAL_CAPACITY],
        "voltage_limits": list(cell.voltage_limits({})),
        "notes": [*unusual_values(cell), *unused_overrides(cell)],
    }


def check(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    *,
    extra_variables: Sequence[str] = (),
) -> list[str]:
    """Find the problems of some runs before any of them is computed.

    Parameters
    ----------
    model : mapping
        A model specification.
    protocol : str or mapping
        A protocol in UCP.
    runs : sequence of mapping
        Each with ``experiment_parameters``, ``design_parameters`` and, to be simulated, ``id``.
    extra_variables : sequence of str
        Model variables to record besides the standard columns.

    Returns
    -------
    list of str
        One sentence per problem, without duplicates; empty if all runs can be computed.
    """
    return review(model, protocol, runs, extra_variables=extra_variables).problems


@frozen
class Review:
    """What was found in some runs before any of them is computed.

    Attributes
    ----------
    problems : list of str
        As `check` returns them.
    notes : list of tuple of Note
        Those of each run, in their order; empty if there are problems.
    """

    problems: list[str]
    notes: list[tuple[Note, ...]]


def review(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    *,
    extra_variables: Sequence[str] = (),
    overrides: Sequence[str] = (),
) -> Review:
    """Find the problems of some runs, and what is doubtful or without effect in them.

    Parameters
    ----------
    model, protocol, runs, extra_variables
        As in `check`.
    overrides : sequence of str
        Parameters of the model that were given for these runs, which are noted if they have no
        effect. Those of a stored model are not: it can serve other runs.
    """
    try:
        preparation = prepare(model, protocol, extra_variables)
    except ValueError as error:
        return Review([str(error)], [])
    problems = list(preparation.problems)
    prepared = []
    if preparation.protocol.tree is not None:
        for run in runs:
            try:
                prepared.append(preparation.run(run))
            except ValueError as error:
                problems += _problems_of(error)
        problems += _futile_sweep(preparation.cell, preparation.protocol.tree, runs, prepared)
    if problems:
        return Review(list(dict.fromkeys(problems)), [])
    given = few_overrides(preparation.cell, overrides)
    return Review(
        [],
        [
            (*preparation.notes, *each.notes, *preparation.notes_on(given, run))
            for each, run in zip(prepared, runs, strict=True)
        ],
    )


def _futile_sweep(
    cell: Cell,
    protocol: Protocol,
    runs: Sequence[Mapping[str, Any]],
    prepared: Sequence[PreparedRun],
) -> list[str]:
    """Return a problem for each swept parameter if none of them has an effect."""
    names = names_in(runs, "experiment_parameters")
    inputs = unused_parameters(protocol, names)
    used = {name for each in prepared for name in each.design if name not in each.unused}
    design = {name for each in prepared for name in each.design} - used
    reasons = {
        **{name: f"the protocol has no input {name!r}{hint}" for name, hint in inputs.items()},
        **{name: without_effect(name, cell) for name in design},
    }
    futile = futile_sweep(runs, {"experiment_parameters": inputs, "design_parameters": design})
    return [f"the sweep changes nothing: {reasons[name]}" for name in futile]


def _problems_of(error: ValueError) -> list[str]:
    if isinstance(error, ProgramError):
        return list(error.problems)
    if isinstance(error, UCPError):
        return [str(problem) for problem in error.problems] or [str(error)]
    return [str(error)]


def simulate(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    *,
    extra_variables: Sequence[str] = (),
    max_backward_jumps: int | None = None,
    threads: int = 1,
) -> Iterator[RunOutcome]:
    """Run one protocol with many sets of parameters.

    Parameters
    ----------
    model, protocol, runs, extra_variables
        As in `check`.
    max_backward_jumps : int, optional
        Most jumps back a run may make, 1000 by default. A run that makes one more fails, and
        keeps what was computed before.
    threads : int, optional
        Threads of the solver.

    Yields
    ------
    RunOutcome
        One per run, as soon as it ends, in any order. A run that fails has an error; the others
        are not affected.

    Raises
    ------
    ValueError
        If the model, the protocol or an extra variable is not usable.
    """
    if max_backward_jumps is not None and max_backward_jumps < 0:
        raise ValueError(f"max_backward_jumps is {max_backward_jumps}: give 0 or more")
    jumps = MAX_BACKWARD_JUMPS if max_backward_jumps is None else max_backward_jumps
    preparation = prepare(model, protocol, extra_variables)
    if preparation.problems:
        raise ValueError("; ".join(preparation.problems))
    # Runs that sweep the same parameters share their built models, so they are solved together.
    by_sweep: dict[frozenset[str], list[tuple[str, PreparedRun]]] = {}
    for run in runs:
        try:
            prepared = preparation.run(run)
        except ValueError as error:
            yield _refused(str(run["id"]), str(error))
        else:
            members = by_sweep.setdefault(frozenset(prepared.design), [])
            members.append((str(run["id"]), prepared))
    extras = tuple(dict.fromkeys(name for name in extra_variables if name not in COLUMNS))
    for swept, members in by_sweep.items():
        models = MODELS.models(preparation.cell, swept, extras, threads)
        yield from _simulate_together(preparation.cell, models, members, jumps)


def _simulate_together(
    cell: Cell, models: BuiltModels, members: Sequence[tuple[str, PreparedRun]], jumps: int
) -> Iterator[RunOutcome]:
    # Not `models.cell`: cells whose parameters differ in inputs only share their models.
    designs = [{**cell.fixed_inputs, **prepared.design} for _, prepared in members]
    starts = [prepared.program.start for _, prepared in members]
    states = models.initial_states.solve(starts, designs)
    ready = []
    for (identifier, prepared), design, state in zip(members, designs, states, strict=True):
        if isinstance(state, str):
            yield _refused(identifier, state)
            continue
        program = prepared.program
        ready.append(
            Run(
                identifier=identifier,
                program=program,
                inputs={**design, **state.inputs},
                nominal_capacity=cell.scalar(NOMINAL_CAPACITY, design),
                valid_voltages=cell.valid_voltages(design),
                soc=state.soc,
                capacity=state.capacity,
                flow=Flow(program.route, jumps),
                ambient=prepared.ambient,
                notes=[*cell.notes, *program.notes],
            )
        )
    for finished in advance(models, ready):
        yield from outcomes(finished, models.extra_variables)


def _refused(identifier: str, message: str) -> RunOutcome:
    return RunOutcome(identifier, None, None, {}, message, "CONFIGURATION_ERROR")
