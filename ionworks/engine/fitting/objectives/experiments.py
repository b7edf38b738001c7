"""Reads the experiment of a cycled cell, in any of its forms, as a protocol."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ionworks.ucp import experiment_document
from ionworks.ucp.parser.pybamm_strings import looks_like_lines


@frozen
class Experiment:
    """The experiment a cell was cycled with.

    Attributes
    ----------
    protocol : str or mapping
        UCP, or PyBaMM's steps, one per line.
    has_start : bool
        Whether it sets initial state and temperature: UCP does, PyBaMM's experiments do not.
    """

    protocol: str | Mapping[str, Any]
    has_start: bool


def has_period(given: Any) -> bool:
    """Return whether an experiment in PyBaMM's form sets how often its steps are saved."""
    if isinstance(given, Mapping):
        return given.get("period") is not None or has_period(given.get("cycles"))
    return isinstance(given, list | tuple) and any(map(has_period, given))


def read_experiment(given: Any) -> Experiment:
    """Read an experiment.

    Parameters
    ----------
    given : str, mapping or list
        UCP as text or parsed, PyBaMM's steps, one per line, a list of cycles as PyBaMM takes them
        (each a step or a list of steps), or the configuration PyBaMM writes (``cycles``).

    Raises
    ------
    ValueError
        If it has none of these forms, or a step cannot be read.
    """
    if isinstance(given, str):
        return Experiment(given, has_start=not looks_like_lines(given))
    if isinstance(given, Mapping) and "cycles" not in given:
        return Experiment(given, has_start=True)
    if isinstance(given, Mapping):
        others = [name for name in given if name not in {"cycles", "period"}]
        if others:
            raise ValueError(f"{others[0]!r} of an experiment is not supported; leave it out")
        given = given["cycles"]
    return Experiment(experiment_document(given, step_is_cycle=True), has_start=False)
