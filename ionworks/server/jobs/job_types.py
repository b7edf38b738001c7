"""Kinds of jobs: what each gives its worker, and what it makes of what the worker notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from ionworks.server.jobs.pipelines import PipelineJobs
from ionworks.server.jobs.simulations import SimulationJobs
from ionworks.server.jobs.targets import Targets
from ionworks.server.store.database import Store


class Kind(Protocol):
    """What the queue needs to know of a kind of jobs."""

    @property
    def patience(self) -> float:
        """Seconds a worker may go on after its jobs were canceled, to hand in what it has."""
        ...

    def target(self, targets: Targets) -> str:
        """Return the name of the function that does such jobs in a worker."""
        ...

    def key(self, store: Store, submission_id: str) -> str:
        """Return what two submissions have in common exactly when a worker prepares them once."""
        ...

    def payload(self, store: Store, submission_id: str, job_ids: Sequence[str]) -> dict[str, Any]:
        """Return the argument of the function, for jobs of one submission that were claimed."""
        ...

    def record(self, store: Store, owner: str, notes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record what a worker noted; returns the jobs that have ended."""
        ...


_SIMULATE: Final = "simulate"
_SIMULATIONS: Final = SimulationJobs()
_PIPELINES: Final = PipelineJobs()
#: Ending of the names of files with notes, by kind; the others are of simulations.
_ENDING: Final = ".pipeline.jsonl"


def kind_of(job_type: str) -> Kind:
    """Return the kind of a job: the type of a pipeline's tells what its main element is."""
    return _SIMULATIONS if job_type == _SIMULATE else _PIPELINES


def file_name(kind: Kind, stem: str) -> str:
    """Return the name of a file with notes of a kind of jobs."""
    return stem + (_ENDING if kind is _PIPELINES else ".jsonl")


def kind_of_file(path: Path) -> Kind:
    """Return the kind of jobs a file has notes of."""
    return _PIPELINES if path.name.endswith(_ENDING) else _SIMULATIONS
