"""The engine's entry points: describe a model, check runs, simulate them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from ionworks.engine.cells.cell import NOMINAL_CAPACITY, Cell
from ionworks.engine.cells.parameter_checks import unusual_values
from ionworks.engine.cells.registry import open_cell, parameters
from ionworks.engine.names import COLUMNS
from ionworks.engine.protocols.control_flow import MAX_BACKWARD_JUMPS, Flow
from ionworks.engine.simulation.effects import unused_overrides
from ionworks.engine.simulation.preparation import PreparedRun, prepare
from ionworks.engine.simulation.results import RunGroup, RunOutcome, groups
from ionworks.engine.simulation.run import Run
from ionworks.engine.simulation.runner import advance
from ionworks.engine.solver.models import BuiltModels, ModelCache

_LONGEST_WAIT: Final = 1.0
"""Seconds after which a run that has ended is not kept until others of its group have ended."""

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
        As in `review`; each run has an ``id`` too.
    max_backward_jumps : int, optional
        Most jumps back a run may make, 1000 by default. A run that makes one more fails, and
        keeps what was computed before.
    threads : int, optional
        Threads of the solver.

    Yields
    ------
    RunOutcome
        One per run, in any order: within a second after it ends, or with the next one that ends.
        A run that fails has an error; the others are not affected.

    Raises
    ------
    ValueError
        If the model, the protocol or an extra variable is not usable.
    """
    found = simulate_groups(
        model,
        protocol,
        runs,
        extra_variables=extra_variables,
        max_backward_jumps=max_backward_jumps,
        threads=threads,
    )
    for group in found:
        yield from group.outcomes()


def simulate_groups(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    *,
    extra_variables: Sequence[str] = (),
    max_backward_jumps: int | None = None,
    threads: int = 1,
) -> Iterator[RunGroup]:
    """Run one protocol with many sets of parameters, with results in common tables.

    Takes and raises what `simulate` does.

    Yields
    ------
    RunGroup
        Runs that ended within about a second.
    """
    if max_backward_jumps is not None and max_backward_jumps < 0:
        raise ValueError(f"max_backward_jumps is {max_backward_jumps}: give 0 or more")
    jumps = MAX_BACKWARD_JUMPS if max_backward_jumps is None else max_backward_jumps
    preparation = prepare(model, protocol, extra_variables)
    if preparation.problems:
        raise ValueError("; ".join(preparation.problems))
    # Runs that sweep the same parameters share their built models, so they are solved together.
    by_sweep: dict[frozenset[str], list[tuple[str, PreparedRun]]] = {}
    refused: list[tuple[str, str]] = []
    for run in runs:
        try:
            prepared = preparation.run(run)
        except ValueError as error:
            refused.append((str(run["id"]), str(error)))
        else:
            members = by_sweep.setdefault(frozenset(prepared.design), [])
            members.append((str(run["id"]), prepared))
    yield from _refused(refused)
    extras = tuple(dict.fromkeys(name for name in extra_variables if name not in COLUMNS))
    for swept, members in by_sweep.items():
        models = MODELS.models(preparation.cell, swept, extras, threads, preparation.watch)
        yield from _simulate_together(preparation.cell, models, members, jumps)


def _simulate_together(
    cell: Cell, models: BuiltModels, members: Sequence[tuple[str, PreparedRun]], jumps: int
) -> Iterator[RunGroup]:
    # Not `models.cell`: cells whose parameters differ in inputs only share their models.
    designs = [{**cell.fixed_inputs, **prepared.design} for _, prepared in members]
    starts = [prepared.program.start for _, prepared in members]
    states = models.initial_states.solve(starts, designs)
    ready = []
    refused: list[tuple[str, str]] = []
    for (identifier, prepared), design, state in zip(members, designs, states, strict=True):
        if isinstance(state, str):
            refused.append((identifier, state))
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
                capacity_of=partial(models.initial_states.capacity, design=design),
                notes=[*cell.notes, *program.notes],
            )
        )
    yield from _refused(refused)
    ended: list[Run] = []
    yielded_at = time.monotonic()
    try:
        for finished in advance(models, ready):
            ended += finished
            if time.monotonic() - yielded_at >= _LONGEST_WAIT:
                yield from groups(ended, models.extra_variables)
                ended, yielded_at = [], time.monotonic()
    except Exception:
        # What one run does to the solver must not cost the results of the others.
        yield from groups(ended, models.extra_variables)
        raise
    yield from groups(ended, models.extra_variables)


def _refused(runs: Sequence[tuple[str, str]]) -> Iterator[RunGroup]:
    """Yield the group of the runs that cannot start, given as ids and messages; nothing if none."""
    if runs:
        errors = [("CONFIGURATION_ERROR", message) for _, message in runs]
        yield RunGroup.without_points([identifier for identifier, _ in runs], errors)
