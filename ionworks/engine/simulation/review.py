"""The review of runs before any of them is computed: their problems and notes.

A sweep may have a million runs. So what depends on names is worked out once a name, what depends on
the experiment parameters once for each set of them, and the review ends at `MOST_PROBLEMS`.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from ionworks.doe.run_columns import RunColumns, in_pieces
from ionworks.engine.problems import Faults, first
from ionworks.engine.protocols.program import ProgramError
from ionworks.engine.simulation.designs import READ_PARAMETERS
from ionworks.engine.simulation.effects import few_overrides, without_effect
from ionworks.engine.simulation.notes import Note
from ionworks.engine.simulation.preparation import Preparation, prepare
from ionworks.engine.simulation.sweeps import DESIGN, EXPERIMENT, Sweep
from ionworks.ucp import UCPError, unused_parameters

_PIECE: Final = 10_000
"""Runs that are looked at together, if they come as columns."""


def check(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    runs: Collection[Mapping[str, Any]],
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
    runs : collection of mapping
        Each with ``experiment_parameters``, ``design_parameters`` and, to be simulated, ``id``.
    extra_variables : sequence of str
        Model variables to record besides the standard columns.

    Returns
    -------
    list of str
        One sentence per problem, without duplicates, at most `MOST_PROBLEMS`; of several runs it
        says which have the problem. Empty if all runs can be computed.
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
    runs: Collection[Mapping[str, Any]],
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
    problems = list(dict.fromkeys(preparation.problems))
    if preparation.protocol.tree is None:
        return Review(first(problems), [])
    reviewer = _Reviewer(preparation, few_overrides(preparation.cell, overrides))
    faults = Faults(len(runs))
    notes = []
    used: set[str] = set()
    sweep = Sweep()
    index = 0
    for count, found in reviewer.of_all(runs, sweep):
        faults.add(index, found.problems, count)
        if faults.are_enough:
            break
        notes += [(*preparation.notes, *found.notes)] * count
        used |= found.used
        index += count
    problems += faults.sentences()
    if not faults:
        problems += _futile_sweep(preparation, sweep, used)
    return Review(first(problems), []) if problems else Review([], notes)


@frozen
class _Found:
    """What was found in a run.

    Attributes
    ----------
    problems : tuple of str
    notes : tuple of Note
    used : frozenset of str
        The design parameters with an effect.
    """

    problems: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    used: frozenset[str] = frozenset()


@define
class _Reviewer:
    """Reviews the runs of a submission one by one, and remembers what others share.

    Attributes
    ----------
    preparation : Preparation
    overrides : dict of str to float
        Parameters of the model to note if they have no effect.
    """

    preparation: Preparation
    overrides: dict[str, float]
    _found: dict[Hashable, _Found] = field(factory=dict)

    def of_all(
        self, runs: Collection[Mapping[str, Any]], sweep: Sweep
    ) -> Iterator[tuple[int, _Found]]:
        """Review runs, and add them to a sweep.

        Yields
        ------
        int
            Number of runs in sequence.
        _Found
            What was found in each of them.
        """
        for piece in in_pieces(runs, _PIECE):
            if not isinstance(piece, RunColumns):
                for run in piece:
                    sweep.add(run)
                    yield 1, self.of(run)
                continue
            sweep.add_columns(piece)
            are_alike = self._are_alike(piece.design)
            for _, start, end in piece.stretches():
                if are_alike:
                    yield end - start, self.of(piece[start])
                else:
                    yield from ((1, self.of(run)) for run in piece[start:end])

    def _are_alike(self, design: Mapping[str, Sequence[float]]) -> bool:
        """Return whether what is found in runs depends on their experiment parameters only."""
        return READ_PARAMETERS.isdisjoint(design) and self.preparation.designs.are_usual(design)

    def of(self, run: Mapping[str, Any]) -> _Found:
        """Review a run."""
        design = run.get("design_parameters") or {}
        try:
            remarks = self.preparation.designs.remarks(design)
        except ValueError as error:
            return _Found((str(error),))
        experiment = run.get("experiment_parameters") or {}
        if (missing := self.preparation.protocol.missing(tuple(experiment))) is not None:
            return _Found((missing,))
        found = self._of_values(run, experiment, design)
        if not remarks:
            return found
        notes = [Note("parameters", sentence) for sentence in remarks]
        return evolve(found, notes=(*found.notes, *notes))

    def _of_values(
        self, run: Mapping[str, Any], experiment: Mapping[str, Any], design: Mapping[str, Any]
    ) -> _Found:
        """Review a run whose design is valid, or return what was found in one like it."""
        if not READ_PARAMETERS.isdisjoint(design):
            return self._review(run)
        values = tuple(experiment.values())
        # Types too: True is equal to 1, but not a valid number.
        key = (tuple(experiment), values, tuple(map(type, values)), tuple(design))
        try:
            found = self._found.get(key)
        except TypeError:  # A list, for example, is not a valid value.
            return self._review(run)
        if found is None:
            found = self._found[key] = self._review(run)
        return found

    def _review(self, run: Mapping[str, Any]) -> _Found:
        try:
            prepared = self.preparation.run(run)
        except ValueError as error:
            return _Found(_problems_of(error))
        notes = (*prepared.notes, *self.preparation.notes_on(self.overrides, run))
        return _Found((), notes, frozenset(prepared.design).difference(prepared.unused))


def _futile_sweep(preparation: Preparation, sweep: Sweep, used: set[str]) -> list[str]:
    """Return a problem for each swept parameter if none of them has an effect.

    Parameters
    ----------
    preparation : Preparation
        Of the runs, which have no problems.
    sweep : Sweep
        What the runs vary.
    used : set of str
        The design parameters with an effect in a run.
    """
    tree, cell = preparation.protocol.tree, preparation.cell
    inputs = unused_parameters(tree, sweep.names(EXPERIMENT)) if tree else {}
    design = set(sweep.names(DESIGN)) - used
    reasons = {
        **{name: f"the protocol has no input {name!r}{hint}" for name, hint in inputs.items()},
        **{name: without_effect(name, cell) for name in design},
    }
    futile = sweep.futile({EXPERIMENT: inputs, DESIGN: design})
    return [f"the sweep changes nothing: {reasons[name]}" for name in futile]


def _problems_of(error: ValueError) -> tuple[str, ...]:
    if isinstance(error, ProgramError):
        return tuple(error.problems)
    if isinstance(error, UCPError):
        return tuple(str(problem) for problem in error.problems) or (str(error),)
    return (str(error),)
