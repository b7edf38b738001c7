"""Simulation jobs: the payload a worker gets, and recording the outcome of each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import JSON, Connection, bindparam, func, select

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.questions import Question, parts
from ionworks.server.jobs.targets import Targets
from ionworks.server.store import packs, run_lookup, run_parameters
from ionworks.server.store.blobs import folder_of
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import JobStates
from ionworks.server.store.packs import Pack
from ionworks.server.store.records import plain
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_ids import JOB
from ionworks.server.store.run_states import RUNS, by_submission
from ionworks.server.store.simulations import model_key
from ionworks.server.store.submissions import StoredRuns, for_worker
from ionworks.server.store.tables import model_specs, submissions

_SHARED = (
    select(
        # A submission of layout 1 holds its model itself.
        func.coalesce(model_specs.c.spec, submissions.c.model, type_=JSON).label("model"),
        submissions.c.protocol,
        submissions.c.extra_variables,
        submissions.c.max_backward_jumps,
    )
    .outerjoin(model_specs, model_specs.c.id == submissions.c.model_spec_id)
    .where(submissions.c.id == bindparam("submission"))
)


class SimulationJobs(JobType):
    """How the queue runs simulations."""

    name = "simulation"
    states: ClassVar[JobStates] = RUNS
    #: A canceled run has no result to wait for: its worker is stopped at once.
    cancellation_grace = 0.0
    outcome_suffix = ".jsonl"

    def target(self, targets: Targets) -> str:
        """Return the name of the function that runs a chunk."""
        return targets.simulate

    def key(self, store: Store, submission_id: str) -> str:
        """Return the key of a submission's model, which a worker builds once."""
        return model_key(_shared(store, submission_id)["model"])

    def questions(
        self, targets: Targets, store: Store, submission_id: str, unchecked: Mapping[str, Any]
    ) -> Iterator[Question]:
        """Yield questions about all runs, see `ionworks.worker.simulations.check`."""
        shared = _shared(store, submission_id)
        stored = StoredRuns(store, submission_id)
        for part in parts(stored, len(stored)):
            payload = {**shared, "runs": [*part.runs, *part.others], **unchecked}
            yield Question(targets.check, payload, [run["index"] for run in part.runs], part.rest)

    def payload(self, store: Store, submission_id: str, job_ids: Sequence[str]) -> dict[str, Any]:
        """Return what `ionworks.worker.simulations.simulate` takes, without its files."""
        return {**_shared(store, submission_id), "runs": _runs(store, submission_id, job_ids)}

    @repeatable
    def record(self, store: Store, owner: str, outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record packs of runs that ended; those that no run refers to are removed.

        The outcomes of a process that died may have been recorded before.

        Returns
        -------
        list of str
            The jobs that have ended.
        """
        if not outcomes:
            return []
        found = [_packed(outcome) for outcome in outcomes]
        unneeded: list[str] = []
        with store.writing() as connection:
            for outcome in found:
                pack = _pack(connection, outcome)
                is_needed = pack is not None and packs.record(connection, owner, pack)
                folder = outcome["pack"]
                if folder is not None and not is_needed and not packs.exists(connection, folder):
                    unneeded.append(folder)
        for folder in unneeded:
            store.blobs.discard(folder)
        return [job_id for outcome in found for job_id in outcome["ids"]]


def _shared(store: Store, submission_id: str) -> dict[str, Any]:
    """Return the model, protocol and options that all runs of a submission share."""
    with store.reading() as connection:
        found = connection.execute(_SHARED, {"submission": submission_id})
        return plain(found.mappings().one())


def _runs(store: Store, submission_id: str, job_ids: Sequence[str]) -> list[dict[str, Any]]:
    [(_, wanted)] = by_submission(job_ids)
    with store.reading() as connection:
        return [
            for_worker(submission_id, index, run)
            for index, run in run_parameters.read(connection, submission_id, wanted)
        ]


def _packed(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an outcome as that of a pack; layouts before 7 had one for each run."""
    if "ids" in outcome:
        return outcome
    metrics = dict(outcome["metrics"])
    notes = metrics.pop("notes", None)
    error = outcome["error"]
    return {
        "ids": [outcome["id"]],
        "pack": folder_of(outcome["id"]) if outcome["stored"] else None,
        "metrics": {name: [value] for name, value in metrics.items()},
        "rows": None,
        "errors": {} if error is None else {"0": [outcome["error_code"], error]},
        "notes": {} if notes is None else {"0": notes},
        "compute_time": outcome["compute_time"],
        "provenance": None,
    }


def _pack(connection: Connection, outcome: Mapping[str, Any]) -> Pack | None:
    """Return the pack of an outcome; None if its run is of an earlier layout and was deleted."""
    found = run_lookup.find(connection, outcome["ids"], JOB)
    if not found:
        return None
    return Pack(
        submission_id=found[outcome["ids"][0]].submission_id,
        indexes=[found[each].index for each in outcome["ids"]],
        folder=outcome["pack"],
        metrics=outcome["metrics"],
        rows=outcome["rows"],
        errors={int(position): tuple(error) for position, error in outcome["errors"].items()},
        notes={int(position): notes for position, notes in outcome["notes"].items()},
        compute_time=outcome["compute_time"],
        # The file of a worker of the last version has none.
        provenance=outcome.get("provenance"),
    )
