"""Jobs that run pipelines: the payload of the worker, and the outcomes it reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.questions import Question
from ionworks.server.jobs.targets import Targets
from ionworks.server.store import data_references, job_states, provenances
from ionworks.server.store.database import Store, now
from ionworks.server.store.element_walk import ElementWalk
from ionworks.server.store.pipelines import folder_of
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import fit_steps, jobs, pipeline_elements, pipelines

PENDING, RUNNING, COMPLETED = "pending", "running", "completed"


class PipelineJobs(JobType):
    """The job type of pipelines: one job runs all elements in their order."""

    name = "pipeline"
    #: A canceled fit reports its best point after its current solve, which takes about half a
    #: second; see `ionworks.engine.fitting.problem.LONGEST_BATCH`.
    cancellation_grace = 1.2
    outcome_suffix = ".pipeline.jsonl"

    def target(self, targets: Targets) -> str:
        """Return the name of the function that runs a pipeline."""
        return targets.run_pipeline

    def key(self, store: Store, submission_id: str) -> str:  # noqa: ARG002 the id is enough
        """Return a unique key: no pipeline waits for the worker process of another."""
        return f"pipeline {submission_id}"

    def questions(
        self,
        targets: Targets,
        store: Store,
        submission_id: str,
        unchecked: Mapping[str, Any],  # noqa: ARG002 the elements say all
    ) -> Iterator[Question]:
        """Yield what checks the elements of a pipeline, with what is known of their data."""
        statement = (
            select(pipeline_elements.c.name, pipeline_elements.c.config)
            .join(pipelines, pipelines.c.id == pipeline_elements.c.pipeline_id)
            .join(jobs, jobs.c.id == pipelines.c.job_id)
            .where(jobs.c.submission_id == submission_id)
            .order_by(pipeline_elements.c.element_order)
        )
        with store.reading() as connection:
            configs = {row.name: row.config for row in connection.execute(statement)}
        data = data_references.describe(store, _files(store, configs))
        yield Question(targets.check_pipeline, {"elements": configs, "data": data})

    @repeatable
    def payload(
        self,
        store: Store,
        submission_id: str,  # noqa: ARG002 the job says which pipeline
        job_ids: Sequence[str],
    ) -> dict[str, Any]:
        """Return elements, data, and the results of elements an earlier attempt completed.

        A submission is one pipeline. Elements that were not completed start again.
        """
        [job_id] = job_ids
        with store.writing() as connection:
            found = connection.execute(select(pipelines).where(pipelines.c.job_id == job_id))
            pipeline = found.mappings().one()
            elements = _restart(connection, pipeline["id"])
        configs = {each["name"]: each["config"] for each in elements}
        return {
            "job_id": job_id,
            "elements": configs,
            "completed": {
                each["name"]: each["result"] for each in elements if each["status"] == COMPLETED
            },
            "data": _files(store, configs),
            "folder": folder_of(pipeline["id"]),
            "is_live": pipeline["options"].get("live_progress_updates") is not False,
        }

    @repeatable
    def record(self, store: Store, owner: str, outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record the progress of a pipeline, the results of its elements, and its end.

        Results are kept even if the pipeline was canceled meanwhile: they may be the best point of
        an hour. Outcomes of jobs that another process has adopted or a user deleted are dropped.

        Returns
        -------
        list of str
            The jobs that have ended.
        """
        if not outcomes:
            return []
        endings = [each for each in outcomes if each["kind"] == "end"]
        with store.writing() as connection:
            owned = _elements_of(connection, owner, {outcome["id"] for outcome in outcomes})
            for outcome in outcomes:
                element_id = owned.get((outcome["id"], outcome.get("element", "")))
                if element_id is not None:
                    _RECORDERS[outcome["kind"]](connection, element_id, outcome)
            job_states.finish(connection, owner, [job_states.ending(each) for each in endings])
            theirs = _owned(connection, owner, [each["id"] for each in endings])
            for each in endings:
                if each["id"] not in theirs:
                    continue
                connection.execute(
                    update(pipelines)
                    .where(pipelines.c.job_id == each["id"])
                    .values(notes=each["notes"])
                )
                made = provenances.store(connection, each.get("provenance"))
                connection.execute(
                    update(jobs).where(jobs.c.id == each["id"]).values(provenance=made)
                )
        return [each["id"] for each in endings]


def _files(store: Store, configs: Mapping[str, Any]) -> dict[str, data_references.Files]:
    """Return the files of the data that elements refer to."""
    walk = ElementWalk()
    walk.visit(configs)
    return data_references.find(store, walk.references)[0]


def _restart(connection: Connection, pipeline_id: str) -> list[dict[str, Any]]:
    """Reset the elements that were not completed, and return all elements in their order."""
    unfinished = (
        pipeline_elements.c.pipeline_id == pipeline_id,
        pipeline_elements.c.status != COMPLETED,
    )
    connection.execute(
        delete(fit_steps).where(
            fit_steps.c.element_id.in_(select(pipeline_elements.c.id).where(*unfinished))
        )
    )
    connection.execute(
        update(pipeline_elements)
        .where(*unfinished)
        .values(status=PENDING, progress=None, result=None, curves=None)
    )
    statement = (
        select(pipeline_elements)
        .where(pipeline_elements.c.pipeline_id == pipeline_id)
        .order_by(pipeline_elements.c.element_order)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def _owned(connection: Connection, owner: str, job_ids: Sequence[str]) -> set[str]:
    """Return which jobs this process still owns, also those that were canceled."""
    owned = select(jobs.c.id).where(jobs.c.owner == owner, jobs.c.id.in_(job_ids))
    return set(connection.scalars(owned))


def _elements_of(
    connection: Connection, owner: str, job_ids: set[str]
) -> dict[tuple[str, str], str]:
    """Return the ids of elements by job and name, of the jobs this process still owns.

    Not those of completed elements: the outcomes of a process that died may have been recorded
    before.
    """
    statement = (
        select(pipelines.c.job_id, pipeline_elements.c.name, pipeline_elements.c.id)
        .join(pipelines, pipelines.c.id == pipeline_elements.c.pipeline_id)
        .join(jobs, jobs.c.id == pipelines.c.job_id)
        .where(
            jobs.c.owner == owner,
            jobs.c.id.in_(job_ids),
            pipeline_elements.c.status != COMPLETED,
        )
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def _record_progress(connection: Connection, element_id: str, note: Mapping[str, Any]) -> None:
    """Record the progress of an element; a heartbeat only shows that its worker is alive."""
    if note["progress"] is None:
        return
    progress = note["progress"]
    _change(connection, element_id, status=RUNNING, progress=progress)
    if "best_cost" in progress:
        connection.execute(insert(fit_steps), {"element_id": element_id, "content": progress})


def _record_result(connection: Connection, element_id: str, note: Mapping[str, Any]) -> None:
    status = COMPLETED if note["is_whole"] else RUNNING
    _change(connection, element_id, status=status, result=note["result"], curves=note["curves"])


def _change(connection: Connection, element_id: str, **values: Any) -> None:
    connection.execute(
        update(pipeline_elements)
        .where(pipeline_elements.c.id == element_id)
        .values(**values, updated_at=now())
    )


_RECORDERS = {
    "progress": _record_progress,
    "result": _record_result,
}
