"""Pipelines in the store: what was submitted, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.problems import not_found
from ionworks.server.store import records
from ionworks.server.store.database import Store, now
from ionworks.server.store.pipeline_tables import fit_steps, pipeline_elements, pipelines
from ionworks.server.store.records import Record
from ionworks.server.store.seeds import ORGANIZATION, USER
from ionworks.server.store.tables import jobs, submissions

#: Folder under the results' where the curves of pipelines are.
ROOT: Final = "pipelines"
#: Status of a pipeline by that of its job, where they are not the same word.
_STATUSES: Final = {"waiting": "pending", "processing": "running"}
_TERMINAL: Final = ("completed", "failed", "canceled")
#: How elements stand that did not come to an end, by the status of their pipeline: one that was
#: under way when its process died waits until the pipeline is taken up again.
_LEFT: Final = {
    ("running", "pending"): "pending",
    ("running", "failed"): "failed",
    ("pending", "failed"): "skipped",
    ("running", "canceled"): "canceled",
    ("pending", "canceled"): "canceled",
}
_JOB_STATUSES: Final = {"running": "processing", "skipped": "canceled"}
#: Elements a simple pipeline is about.
MAIN_TYPES: Final = ("data_fit", "array_data_fit", "validation")
JOB_TYPES: Final = {"data_fit": "datafit", "array_data_fit": "datafit", "validation": "validation"}
_FITS: Final = ("data_fit", "array_data_fit")

#: Pipelines as lists show them: with the state of their job.
listed = (
    sa.select(
        pipelines.c.number,
        pipelines.c.id,
        pipelines.c.project_id,
        pipelines.c.is_simple,
        pipelines.c.job_id,
        pipelines.c.name,
        pipelines.c.description,
        sa.case(_STATUSES, value=jobs.c.status, else_=jobs.c.status).label("status"),
        jobs.c.error,
        jobs.c.error_code,
        pipelines.c.options,
        pipelines.c.notes,
        pipelines.c.created_at,
        sa.func.max(pipelines.c.updated_at, jobs.c.updated_at).label("updated_at"),
    )
    .join(jobs, jobs.c.id == pipelines.c.job_id)
    .subquery("listed_pipelines")
)


@frozen
class NewElement:
    """An element to store: its configuration, and its type in canonical form or as it was sent."""

    name: str
    element_type: str
    config: dict[str, Any]


@frozen
class NewPipeline:
    """A pipeline to store."""

    project_id: str
    is_simple: bool
    name: str | None
    description: str | None
    options: dict[str, Any]
    elements: Sequence[NewElement]


@frozen
class Stored:
    """Ids under which a pipeline was stored."""

    pipeline_id: str
    submission_id: str
    job_id: str
    job_type: str


def folder_of(pipeline_id: str) -> str:
    """Return the folder of a pipeline's curves, spread over 256 parents."""
    return f"{ROOT}/{pipeline_id[:2]}/{pipeline_id}"


def insert(store: Store, owner: str, new: NewPipeline) -> Stored:
    """Store a pipeline with a pending job, in one transaction."""
    moment = now()
    stamps = {"created_at": moment, "updated_at": moment}
    main = _main(new)
    job_type = "pipeline" if main is None else JOB_TYPES[main.element_type]
    stored = Stored(str(uuid4()), str(uuid4()), str(uuid4()), job_type)
    # The columns of submissions are about simulations; a pipeline has nothing to put there.
    shared = {"id": stored.submission_id, "model": {}, "protocol": "", "extra_variables": []}
    job = {
        "id": stored.job_id,
        "job_type": job_type,
        "project_id": new.project_id,
        "submission_id": stored.submission_id,
        "status": "pending",
        "owner": owner,
        "attempts": 0,
        "priority": 5,
        **stamps,
    }
    pipeline = {
        "id": stored.pipeline_id,
        "project_id": new.project_id,
        "job_id": stored.job_id,
        "is_simple": new.is_simple,
        "name": new.name,
        "description": new.description,
        "options": new.options,
        **stamps,
    }
    elements = [
        {
            "id": str(uuid4()),
            "pipeline_id": stored.pipeline_id,
            "name": element.name,
            "element_order": order,
            "element_type": element.element_type,
            "config": element.config,
            "job_id": stored.job_id if element is main else str(uuid4()),
            "status": "pending",
            **stamps,
        }
        for order, element in enumerate(new.elements, start=1)
    ]
    with store.writing() as connection:
        connection.execute(sa.insert(submissions), shared)
        connection.execute(sa.insert(jobs), job)
        connection.execute(sa.insert(pipelines), pipeline)
        connection.execute(sa.insert(pipeline_elements), elements)
    return stored


def require(store: Store, noun: str, pipeline_id: str, *, is_simple: bool) -> Record:
    """Return a pipeline with the state of its job; raises a 404 Problem when there is none."""
    statement = sa.select(listed).where(listed.c.id == pipeline_id, listed.c.is_simple == is_simple)
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found(noun, pipeline_id)
    return records.plain(row)


def exists(store: Store, pipeline_id: str, *, is_simple: bool) -> bool:
    """Return whether there is a pipeline of one kind."""
    statement = sa.select(pipelines.c.id).where(
        pipelines.c.id == pipeline_id, pipelines.c.is_simple == is_simple
    )
    with store.reading() as connection:
        return connection.scalar(statement) is not None


def page(
    store: Store, query: Mapping[str, Any], *, is_simple: bool, limit: int = records.DEFAULT_LIMIT
) -> tuple[list[Record], int]:
    """Return one page of pipelines of one kind, and how many there are in all."""
    of_kind = listed.c.is_simple == is_simple
    return records.page(store, listed, query, of_kind, limit=limit)


def change(store: Store, pipeline_id: str, values: Mapping[str, Any]) -> None:
    """Rename or describe a pipeline."""
    with store.writing() as connection:
        connection.execute(
            sa.update(pipelines)
            .where(pipelines.c.id == pipeline_id)
            .values(**values, updated_at=now())
        )


def remove(store: Store, pipeline: Mapping[str, Any]) -> None:
    """Delete a pipeline with its elements, its job and its curves."""
    with store.writing() as connection:
        submission_id = connection.scalar(
            sa.select(jobs.c.submission_id).where(jobs.c.id == pipeline["job_id"])
        )
        connection.execute(sa.delete(pipelines).where(pipelines.c.id == pipeline["id"]))
        connection.execute(sa.delete(jobs).where(jobs.c.id == pipeline["job_id"]))
        connection.execute(sa.delete(submissions).where(submissions.c.id == submission_id))
    store.blobs.delete(folder_of(pipeline["id"]))


def elements_of(store: Store, pipeline: Mapping[str, Any]) -> list[Record]:
    """Return the elements of a pipeline in their order, each with the status it has in the end."""
    statement = (
        sa.select(pipeline_elements)
        .where(pipeline_elements.c.pipeline_id == pipeline["id"])
        .order_by(pipeline_elements.c.element_order)
    )
    with store.reading() as connection:
        rows = [records.plain(row) for row in connection.execute(statement).mappings()]
    for row in rows:
        row["status"] = _status_in(row, pipeline["status"])
    return rows


def job_status(element: Mapping[str, Any], of_pipeline: str) -> str:
    """Return an element's status in the words of jobs, given that of its pipeline's job."""
    status = _status_in(element, of_pipeline)
    return _JOB_STATUSES.get(status, status)


def job_of(store: Store, element: Mapping[str, Any]) -> str:
    """Return the id of the job that runs an element."""
    statement = sa.select(pipelines.c.job_id).where(pipelines.c.id == element["pipeline_id"])
    with store.reading() as connection:
        return str(connection.execute(statement).scalar_one())


def element_of_job(store: Store, job_id: str) -> Record | None:
    """Return the element whose progress and curves are found under a job's id."""
    statement = sa.select(pipeline_elements).where(pipeline_elements.c.job_id == job_id)
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    return None if row is None else records.plain(row)


def steps_of(store: Store, element_id: str) -> list[dict[str, Any]]:
    """Return the course of a fit."""
    statement = (
        sa.select(fit_steps.c.content)
        .where(fit_steps.c.element_id == element_id)
        .order_by(fit_steps.c.number)
    )
    with store.reading() as connection:
        return list(connection.scalars(statement))


def results_of(elements: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Return what elements gave, by name; of a fit that was stopped its best point."""
    found = {element["name"]: _result(element) for element in elements}
    return {name: result for name, result in found.items() if result is not None}


def parameter_values(elements: Sequence[Record]) -> dict[str, Any]:
    """Return the values all elements gave together, later ones before earlier ones."""
    values: dict[str, Any] = {}
    for result in results_of(elements).values():
        values |= result.get("parameter_values") or {}
    return values


def main_of(elements: Sequence[Record]) -> Record:
    """Return the element a simple pipeline is about: its fit or validation, else its last."""
    main = [each for each in elements if each["element_type"] in MAIN_TYPES]
    return (main or list(elements))[-1]


def wire(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    """Return what pipelines of both kinds say of themselves."""
    hidden = ("number", "is_simple", "notes")
    return {
        **{name: value for name, value in pipeline.items() if name not in hidden},
        "organization_id": ORGANIZATION,
        "user_id": USER,
        "created_by_email": None,
        "is_terminal": pipeline["status"] in _TERMINAL,
        "is_failed": pipeline["status"] in ("failed", "canceled"),
    }


def _status_in(element: Mapping[str, Any], of_pipeline: str) -> str:
    """Return the status of an element, which may have been left where it was at the end."""
    status: str = element["status"]
    return _LEFT.get((status, of_pipeline), status)


def _main(new: NewPipeline) -> NewElement | None:
    """Return the element whose job is that of the pipeline itself, of simple ones."""
    main = [each for each in new.elements if each.element_type in MAIN_TYPES]
    return main[0] if new.is_simple and main else None


def _result(element: Mapping[str, Any]) -> dict[str, Any] | None:
    if element["result"] is not None:
        return {**element["result"], "job_id": element["job_id"]}
    progress = element["progress"]
    is_stopped = element["status"] in ("canceled", "failed")
    if element["element_type"] not in _FITS or not is_stopped or not (progress or {}).get("inputs"):
        return None
    return {
        "type": "OptimizationResult",
        "parameter_values": progress["inputs"],
        "cost": progress.get("best_cost"),
        "evaluations": progress.get("evaluations"),
        "iterations": progress.get("iterations"),
        "success": False,
        "message": f"the fit was {element['status']}; this is its best point until then",
        "job_id": element["job_id"],
    }
