"""Statements of a team's user, confined to the records of the user's projects.

Every statement of a request is compiled by a compiler that replaces each table by the part of it
that the user may read: ``FROM runs`` becomes ``FROM (SELECT * FROM runs WHERE ...) AS runs``. So a
handler cannot forget a condition, and records of others look like records that do not exist. What
is changed or deleted is confined to the projects in which the user may write. A table without an
entry here cannot be used in a request.
"""

from __future__ import annotations

import copy
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.sql.compiler import SQLCompiler

from ionworks.engine.catalogue import MODELS, catalogue
from ionworks.server.store import access
from ionworks.server.store.access import DEFAULT_PROJECT, Role


@frozen
class Part:
    """The part of a table that a user may read, and the part the user may change.

    Both are conditions with ``{t}`` for the table, ``{projects}`` for the ids of the user's
    projects, ``{user}`` and ``{organization}``; without ``write``, it is the condition of ``read``
    with the projects in which the user may write.
    """

    read: str
    write: str | None = None


def slug(name: str) -> str:
    """Return the id of a ready-made record: ``SPM Chen2020`` has ``spm-chen2020``."""
    return name.lower().replace(" ", "-").replace("_", "-")


def _or_ready_made(ids: list[str]) -> Part:
    """Return the part of a table with ready-made records, which everybody may read."""
    listed = ", ".join(f"'{each}'" for each in ids)
    ready_made = f"({{t}}.project_id = '{DEFAULT_PROJECT}' AND {{t}}.id IN ({listed}))"
    return Part(f"{_OF_PROJECT} OR {ready_made}", _OF_PROJECT)


def _of(source: str, condition: str) -> Part:
    """Return the part of a table whose rows belong to a record of a project."""
    return Part(f"EXISTS (SELECT 1 FROM {source} WHERE {condition})")  # noqa: S608 - of this module


_OF_PROJECT: Final = "{t}.project_id IN ({projects})"
_CELLS: Final = "cell_instances AS i JOIN cell_specs AS s ON s.id = i.cell_specification_id"
_OF_CELL: Final = "i.id = {t}.cell_instance_id AND s.project_id IN ({projects})"
_MEASURED: Final = f"{_CELLS} JOIN measurements AS x ON x.cell_instance_id = i.id"
_OF_MEASUREMENT: Final = "x.id = {t}.measurement_id AND s.project_id IN ({projects})"
_OF_STUDY: Final = _of("studies AS s", "s.id = {t}.study_id AND s.project_id IN ({projects})")
_IN_ORGANIZATION: Final = "{t}.organization_id = {organization}"
_BY_JOB: Final = "SELECT j.submission_id FROM jobs AS j WHERE j.project_id IN ({projects})"

#: By table.
PARTS: Final[dict[str, Part]] = {
    "projects": Part("{t}.id IN ({projects})"),
    "project_members": Part(_OF_PROJECT),
    "models": _or_ready_made([slug(name) for name in MODELS]),
    "parameterized_models": _or_ready_made([slug(each["name"]) for each in catalogue()]),
    "experiment_templates": Part(_OF_PROJECT),
    # Submissions of pipelines have no project in layouts before 9.
    "submissions": Part(
        f"{_OF_PROJECT} OR ({{t}}.project_id IS NULL AND {{t}}.id IN ({_BY_JOB}))",
        f"{_OF_PROJECT} OR {{t}}.project_id IS NULL",
    ),
    "runs": Part(_OF_PROJECT),
    "run_pieces": _of(
        "submissions AS s", "s.id = {t}.submission_id AND s.project_id IN ({projects})"
    ),
    "jobs": Part(_OF_PROJECT),
    "materials": Part(_IN_ORGANIZATION, _IN_ORGANIZATION),
    "cell_specs": Part(_OF_PROJECT),
    "cell_components": _of(
        "cell_specs AS s", "s.id = {t}.cell_spec_id AND s.project_id IN ({projects})"
    ),
    "cell_instances": _of(
        "cell_specs AS s", "s.id = {t}.cell_specification_id AND s.project_id IN ({projects})"
    ),
    "measurements": _of(_CELLS, _OF_CELL),
    "measurement_tags": _of(_MEASURED, _OF_MEASUREMENT),
    "measurement_raw_data": _of(_MEASURED, _OF_MEASUREMENT),
    "measurement_watches": Part(
        f"{{t}}.user_id = {{user}} AND {_of(_MEASURED, _OF_MEASUREMENT).read}",
        "{t}.user_id = {user}",
    ),
    "uploads": Part(f"{_of(_CELLS, _OF_CELL).read} OR {_of(_MEASURED, _OF_MEASUREMENT).read}"),
    "studies": Part(_OF_PROJECT),
    "study_runs": _OF_STUDY,
    "study_measurements": _OF_STUDY,
    "pipelines": Part(_OF_PROJECT),
    "pipeline_elements": _of(
        "pipelines AS p", "p.id = {t}.pipeline_id AND p.project_id IN ({projects})"
    ),
    "fit_steps": _of(
        "pipeline_elements AS e JOIN pipelines AS p ON p.id = e.pipeline_id",
        "e.id = {t}.element_id AND p.project_id IN ({projects})",
    ),
}
#: Tables that no id of a request leads to, but through a record of another table, and that of the
#: process that runs jobs. An idempotency key has the user in its text.
WHOLE: Final = frozenset(
    {
        "dispatchers",
        "idempotency_keys",
        "model_specs",
        "old_ids",
        "open_submissions",
        "packs",
        "provenances",
        "run_digests",
    }
)

#: Beginning of the names of tables that are not confined, see `everybodys`.
_EVERYBODYS: Final = "everybodys_"
_PROJECTS: Final = "SELECT m.project_id FROM project_members AS m WHERE m.user_id = {user}"
_WRITERS: Final = f" AND m.role_id IN ('{Role.EDITOR}', '{Role.OWNER}')"


def _asking() -> access.Access:
    found = access.current()
    if found is None:
        raise RuntimeError("a statement for a user is executed outside of the user's request")
    return found


# The values are read when a statement is executed: compiled ones are kept for all users.
_USER: Final = sa.bindparam("ionworks_user", callable_=lambda: _asking().user_id, type_=sa.Text)
_ORGANIZATION: Final = sa.bindparam(
    "ionworks_organization", callable_=lambda: _asking().organization_id, type_=sa.Text
)


class _Writable(sa.ColumnElement[bool]):
    """The condition that a row of a table is one the user may change."""

    __visit_name__ = "ionworks_writable"
    inherit_cache = True

    def __init__(self, table: str) -> None:
        self.type = sa.Boolean()
        self.table_name = table


class _Confined(SQLCompiler):
    """What is mixed into the compiler of a dialect."""

    # A mixin has no base to compare with, and SQLAlchemy's has no annotations.
    def visit_table(  # type: ignore[override]
        self,
        table: Any,
        asfrom: bool = False,
        iscrud: bool = False,
        enclosing_alias: Any = None,
        **options: Any,
    ) -> str:
        visit: Any = super().visit_table
        text: str = visit(
            table, asfrom=asfrom, iscrud=iscrud, enclosing_alias=enclosing_alias, **options
        )
        if table.name not in WHOLE and table.name not in PARTS:
            raise RuntimeError(f"{table.name} cannot be used in a request: see PARTS in scope.py")
        is_aliased = enclosing_alias is not None and enclosing_alias.element is table
        is_everybodys = is_aliased and str(enclosing_alias.name).startswith(_EVERYBODYS)
        # A table that is changed is confined by `_Writable`.
        if not asfrom or iscrud or table.name in WHOLE or is_everybodys:
            return text
        name, _, alias = text.partition(" AS ")
        condition = self._condition(name, PARTS[table.name].read, "")
        part = f"(SELECT * FROM {name} WHERE {condition})"  # noqa: S608 - names of tables
        return part if is_aliased else f"{part} AS {alias or name}"

    def visit_update(self, update_stmt: Any, *arguments: Any, **options: Any) -> str:
        return super().visit_update(_confined(update_stmt), *arguments, **options)

    def visit_delete(self, delete_stmt: Any, *arguments: Any, **options: Any) -> str:
        visit: Any = super().visit_delete
        text: str = visit(_confined(delete_stmt), *arguments, **options)
        return text

    def visit_ionworks_writable(self, element: _Writable, **_: Any) -> str:
        part = PARTS[element.table_name]
        return f"({self._condition(element.table_name, part.write or part.read, _WRITERS)})"

    def _condition(self, table: str, condition: str, only: str) -> str:
        # A parameter counts once for each place: drivers take them by position.
        user = self.process(_USER)
        projects = _PROJECTS.format(user=user) + only
        values = {"t": table, "user": user, "projects": projects}
        if "{organization}" in condition:
            values["organization"] = self.process(_ORGANIZATION)
        return condition.format(**values)


def _confined(statement: Any) -> Any:
    name = statement.table.name
    return statement if name in WHOLE else statement.where(_Writable(name))


def everybodys(table: sa.Table) -> sa.FromClause:
    """Return a table with the rows of all users, to ask whether anything uses a record.

    Only for that: what is asked must not be shown to the user.
    """
    return table.alias(f"{_EVERYBODYS}{table.name}")


def confined(engine: sa.Engine) -> sa.Engine:
    """Return an engine with the same connections whose statements are those of a user.

    The engine has connected before, which completes its dialect.
    """
    made: Any = engine.execution_options()
    # Statements are cached by dialect, so those compiled for users and others are kept apart.
    made.dialect = copy.copy(engine.dialect)
    made.dialect.statement_compiler = type(
        "ConfinedCompiler", (_Confined, engine.dialect.statement_compiler), {}
    )
    result: sa.Engine = made
    return result
