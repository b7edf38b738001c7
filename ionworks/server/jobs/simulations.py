"""Simulation jobs: the payload a worker gets, and recording the outcome of each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, bindparam, func, select, update

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.questions import Question, parts
from ionworks.server.jobs.targets import Targets
from ionworks.server.store import job_states
from ionworks.server.store.blobs import folder_of
from ionworks.server.store.database import Store
from ionworks.server.store.records import plain
from ionworks.server.store.simulations import model_key
from ionworks.server.store.submissions import StoredRuns
from ionworks.server.store.tables import jobs, model_specs, simulations, submissions

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
_FINISH_SIMULATION = (
    update(simulations)
    .where(simulations.c.job_id == bindparam("job"))
    .values(
        metrics=bindparam("new_metrics"),
        storage_folder=bindparam("folder"),
        updated_at=bindparam("moment"),
    )
)


class SimulationJobs(JobType):
    """How the queue runs simulations."""

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
            yield Question(targets.check, payload, [run["id"] for run in part.runs], part.rest)

    def payload(self, store: Store, submission_id: str, job_ids: Sequence[str]) -> dict[str, Any]:
        """Return what `ionworks.worker.simulations.simulate` takes, without its files."""
        return {**_shared(store, submission_id), "runs": _runs(store, job_ids)}

    def record(self, store: Store, owner: str, outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record outcomes; results of canceled or deleted runs are removed.

        The outcomes of a process that died may have been recorded before.

        Returns
        -------
        list of str
            The jobs that have ended.
        """
        if not outcomes:
            return []
        rows = [
            job_states.ending(outcome)
            | {
                "new_metrics": outcome["metrics"],
                "folder": folder_of(outcome["id"]) if outcome["stored"] else None,
            }
            for outcome in outcomes
        ]
        with store.writing() as connection:
            ended = job_states.finish(connection, owner, rows)
            if ended:
                connection.execute(_FINISH_SIMULATION, ended)
            unwanted = job_states.canceled(connection, [each["id"] for each in outcomes])
        for job_id in unwanted:
            store.blobs.delete(folder_of(job_id))
        return [outcome["id"] for outcome in outcomes]


def _shared(store: Store, submission_id: str) -> dict[str, Any]:
    """Return the model, protocol and options that all runs of a submission share."""
    with store.reading() as connection:
        found = connection.execute(_SHARED, {"submission": submission_id})
        return plain(found.mappings().one())


def _runs(store: Store, job_ids: Sequence[str]) -> list[dict[str, Any]]:
    statement = (
        select(jobs.c.id, simulations.c.experiment_parameters, simulations.c.design_parameters)
        .join(simulations, simulations.c.job_id == jobs.c.id)
        .where(jobs.c.id.in_(job_ids))
        .order_by(jobs.c.number)
    )
    with store.reading() as connection:
        # Plain: a worker would import SQLAlchemy to read its names of columns.
        return [plain(row) for row in connection.execute(statement).mappings()]
