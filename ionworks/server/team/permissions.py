"""What an operation of the contract needs: the scope of the key, and the role in its projects.

That a user reads and changes nothing of other projects is seen to by the store, see
`ionworks.server.store.scope`; here a request that is not allowed is refused with a message that
says why. It never says that something exists which the user may not read: an id of such a record
passes, and the handler answers that it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.excerpts import cut
from ionworks.server.http.problems import forbidden
from ionworks.server.store import run_lookup
from ionworks.server.store.access import Access, Role, Scope
from ionworks.server.store.database import Store
from ionworks.server.store.run_ids import JOB
from ionworks.server.store.tables import (
    cell_instances,
    cell_specs,
    experiment_templates,
    jobs,
    measurements,
    models,
    parameterized_models,
    pipeline_elements,
    pipelines,
    projects,
    runs,
    studies,
    uploads,
)
from ionworks_api_client.api import OPERATIONS

#: Operations with a body that change nothing.
_READING: Final = frozenset(
    {
        "convert_protocol",
        "download_simulation_results",
        "find_protocol_input_references",
        "get_simulation_statuses",
        "get_simulation_table",
        "parse_protocol_file",
        "plan_simulations",
        "serialize_model",
        "validate_protocol",
        "validate_pybamm_model",
    }
)
#: Operations that only owners of a project may ask for.
_MANAGING: Final = frozenset(
    {
        "add_project_member",
        "delete_project",
        "invite_project_member",
        "remove_project_member",
        "update_project_member",
    }
)
#: Writes that concern the user only, and no record of a project.
_PERSONAL: Final = frozenset({"create_project", "unwatch_measurement", "watch_measurement"})
#: Parameters of a path that are no ids of records of a project.
_NO_RECORDS: Final = frozenset({"raw_data_id", "user_id"})


@frozen
class Needed:
    """What an operation needs."""

    scope: Scope
    role: Role

    @property
    def is_write(self) -> bool:
        """Whether the operation changes something, and so belongs into the log."""
        return self.scope != Scope.READ


def needed(operation_id: str) -> Needed:
    """Return what an operation of the contract needs."""
    if OPERATIONS[operation_id].method == "GET" or operation_id in _READING:
        return Needed(Scope.READ, Role.VIEWER)
    if operation_id in _MANAGING:
        return Needed(Scope.ADMIN, Role.OWNER)
    return Needed(Scope.WRITE, Role.VIEWER if operation_id in _PERSONAL else Role.EDITOR)


def check(
    store: Store, user: Access, operation_id: str, path: Mapping[str, str], body: Any
) -> str | None:
    """Refuse an operation that the key, or the user's role in a project, does not allow.

    Parameters
    ----------
    store, user
        Records, and whose request it is.
    operation_id, path, body
        The request.

    Returns
    -------
    str or None
        The project in which something is written, if there is one, for the log.

    Raises
    ------
    Problem
        403 that says what is missing.
    """
    need = needed(operation_id)
    if not user.scope.allows(need.scope):
        raise forbidden(
            f"Your key may only {user.scope}, and this request needs a key that may {need.scope}: "
            "ask the administrator of the server for one."
        )
    if not need.is_write:
        return None
    given = {**dict(_of_path(path)), **dict(_of_body(body))}
    if given:
        found = sorted(_targets(store, given))
    else:  # a record is made, in the default project
        is_made = need.role == Role.EDITOR and user.default_project_id is not None
        found = [str(user.default_project_id)] if is_made else []
    for project_id in found:
        held = user.roles.get(project_id)
        if held is None:
            raise forbidden(
                "The ready-made records may be read by everyone, and changed by editors of the "
                f"project {cut(project_id)!r}: make a record in a project of yours."
            )
        if not held.allows(need.role):
            raise forbidden(
                f"You are {held.name.lower()} of the project {cut(project_id)!r}, and this needs "
                f"the role {need.role.name.lower()}: ask an owner of the project."
            )
    return found[0] if found else None


def _targets(store: Store, given: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the projects of the records that a request changes, if the user may read them."""
    with store.reading() as connection:
        return {
            project_id
            for name, ids in given.items()
            for project_id in _projects(connection, name, list(ids))
            if project_id is not None
        }


def _of_path(path: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    for name, identifier in path.items():
        if name not in _NO_RECORDS:
            yield name, [identifier]


def _of_body(body: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the ids of a body that say where something is written; others are only read."""
    if not isinstance(body, Mapping):
        return
    config = body.get("config")
    within = config.get("project_id") if isinstance(config, Mapping) else None
    for name in ("project_id", "study_id"):
        value = body.get(name) or (within if name == "project_id" else None)
        if isinstance(value, str):
            yield f"body {name}", [value]
    for name in ("simulation_ids", "measurement_ids"):
        if name in body:
            yield f"body {name}", body[name]


def _of_runs(connection: sa.Connection, ids: list[str]) -> Iterable[str | None]:
    found = run_lookup.stored(connection, ids, [runs.c.project_id])
    return (row.project_id for _, row in found.values())


def _of_jobs(connection: sa.Connection, ids: list[str]) -> Iterator[str | None]:
    for run in run_lookup.find(connection, ids, JOB).values():
        of_submission = runs.c.submission_id == run.submission_id
        yield connection.scalar(sa.select(runs.c.project_id).where(of_submission).limit(1))
    yield from connection.scalars(sa.select(jobs.c.project_id).where(jobs.c.id.in_(ids)))
    yield from connection.scalars(
        sa.select(pipelines.c.project_id)
        .join(pipeline_elements, pipeline_elements.c.pipeline_id == pipelines.c.id)
        .where(pipeline_elements.c.job_id.in_(ids))
    )


def _of_measurements(connection: sa.Connection, ids: list[str]) -> Iterator[str | None]:
    of_cells = sa.select(cell_specs.c.project_id).join(
        cell_instances, cell_instances.c.cell_specification_id == cell_specs.c.id
    )
    stored = of_cells.join(measurements, measurements.c.cell_instance_id == cell_instances.c.id)
    # An upload has the id of its measurement, which does not exist yet.
    begun = of_cells.join(uploads, uploads.c.cell_instance_id == cell_instances.c.id)
    yield from connection.scalars(stored.where(measurements.c.id.in_(ids)))
    yield from connection.scalars(begun.where(uploads.c.measurement_id.in_(ids)))


def _of_cells(connection: sa.Connection, ids: list[str]) -> Iterable[str | None]:
    statement = (
        sa.select(cell_specs.c.project_id)
        .join(cell_instances, cell_instances.c.cell_specification_id == cell_specs.c.id)
        .where(cell_instances.c.id.in_(ids))
    )
    return connection.scalars(statement)


_TABLES: Final = {
    "body project_id": projects,
    "body study_id": studies,
    "cell_spec_id": cell_specs,
    "model_id": models,
    "parameterized_model_id": parameterized_models,
    "pipeline_id": pipelines,
    "project_id": projects,
    "simple_pipeline_id": pipelines,
    "study_id": studies,
    "template_id": experiment_templates,
}
_OTHERS: Final = {
    "body measurement_ids": _of_measurements,
    "body simulation_ids": _of_runs,
    "cell_instance_id": _of_cells,
    "job_id": _of_jobs,
    "measurement_id": _of_measurements,
    "simulation_id": _of_runs,
}


def _projects(connection: sa.Connection, name: str, ids: list[str]) -> Iterable[str | None]:
    """Return the projects of records whose ids a parameter has."""
    if name in _OTHERS:
        return _OTHERS[name](connection, ids)
    table = _TABLES.get(name)
    if table is None:
        raise LookupError(f"permissions.py does not know whose id the parameter {name!r} is")
    column = table.c.id if table is projects else table.c.project_id
    return connection.scalars(sa.select(column).where(table.c.id.in_(ids)).distinct())
