"""Ids of runs, made from the id of their submission and their place in it.

A submission may have a million runs; ids that are made need not be stored. All are valid UUIDs:
the last group says what the id belongs to, and which run it is::

    0f3a8c1e-7b2d-4f60-9a11-f00000000000   a submission
    0f3a8c1e-7b2d-4f60-9a11-000000000003   its simulation with the index 3
    0f3a8c1e-7b2d-4f60-9a11-100000000003   the job of that simulation
"""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from attrs import frozen

#: First digit of the last group.
SIMULATION: Final = "0"
JOB: Final = "1"
_SUBMISSION: Final = "f"
_PREFIX: Final = 24
_INDEX_DIGITS: Final = 11
_DERIVED: Final = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-)([01])([0-9a-f]{11})"
)


@frozen(order=True)
class RunId:
    """Which run of which submission an id belongs to.

    Attributes
    ----------
    submission_id
        The submission.
    index
        Place of the run, from 0.
    kind
        Whether it is the id of a `SIMULATION` or of its `JOB`.
    """

    submission_id: str
    index: int
    kind: str


def new_submission_id() -> str:
    """Return a random id for a submission."""
    return str(uuid4())[:_PREFIX] + _SUBMISSION + "0" * _INDEX_DIGITS


def simulation_id(submission_id: str, index: int) -> str:
    """Return the id of a simulation; ``index`` counts from 0."""
    return f"{submission_id[:_PREFIX]}{SIMULATION}{index:0{_INDEX_DIGITS}x}"


def job_id(submission_id: str, index: int) -> str:
    """Return the id of a job; ``index`` counts from 0."""
    return f"{submission_id[:_PREFIX]}{JOB}{index:0{_INDEX_DIGITS}x}"


def parsed(identifier: str) -> RunId | None:
    """Return what an id was made from, or None for an id that was not made here.

    A random id can have the form of one that was made; then there is no such submission.
    """
    match = _DERIVED.fullmatch(identifier)
    if match is None:
        return None
    prefix, kind, digits = match.groups()
    return RunId(prefix + _SUBMISSION + "0" * _INDEX_DIGITS, int(digits, 16), kind)
