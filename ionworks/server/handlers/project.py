"""Projects and their members.

The engine has one user, who has all rights. The list of members is stored and shown in
``user_project_roles``, but it controls no access, and invitations are recorded, not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from ionworks.server.call import Call
from ionworks.server.http.problems import conflict, entry, invalid, not_found
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import records
from ionworks.server.store.database import now
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.seeds import DEFAULT_PROJECT, ORGANIZATION, USER
from ionworks.server.store.tables import project_members, projects

_NOUN = "project"
_ADMIN = "project-admin"
_ROLES = (
    (_ADMIN, "Project Admin", "May do everything, and say who else works on the project."),
    ("project-contributor", "Project Contributor", "May change what the project holds."),
    ("project-viewer", "Project Viewer", "May look at what the project holds."),
)


def list_projects(call: Call) -> dict[str, Any]:
    """List projects, newest first."""
    rows, total = records.page(call.services.store, projects, call.query)
    return records.envelope(_wire(call, rows), total)


def create_project(call: Call) -> dict[str, Any]:
    """Create an empty project."""
    values = {"description": None, **records.fields(call.body, "name", "description")}
    record = records.create(call.services.store, projects, values, noun=_NOUN)
    return _wire(call, [record])[0]


def get_project(call: Call) -> dict[str, Any]:
    """Return one project."""
    return _wire(call, [_stored(call)])[0]


@repeatable
def update_project(call: Call) -> dict[str, Any]:
    """Rename or describe a project."""
    values = records.fields(call.body, "name", "description")
    project_id = call.path["project_id"]
    with call.services.store.writing() as connection:
        # A project has no parent, so its name must be unique among all.
        record = records.alter(
            connection, projects, _NOUN, project_id, values, within="organization_id"
        )
    return _wire(call, [record])[0]


def delete_project(call: Call) -> Reply:
    """Delete an empty project; the default project stays."""
    project_id = call.path["project_id"]
    if project_id == DEFAULT_PROJECT:
        raise conflict("The default project holds the ready-made models and cannot be deleted.")
    records.remove(call.services.store, projects, _NOUN, project_id)
    return nothing()


def list_project_roles(_call: Call) -> list[dict[str, Any]]:
    """Return the roles a member can have."""
    return [
        {"id": identifier, "name": name, "description": description}
        for identifier, name, description in _ROLES
    ]


@repeatable
def add_project_member(call: Call) -> dict[str, Any]:
    """Add a member to a project."""
    project_id = _stored(call)["id"]
    user_id, role_id = call.body["user_id"], _role(call)
    with call.services.store.writing() as connection:
        known = select(project_members.c.user_id).where(*_member(project_id, user_id))
        if user_id == USER or connection.scalar(known) is not None:
            raise conflict(f"{user_id!r} is a member of the project already.", user_id)
        _enrol(connection, _membership(project_id, user_id, role_id), None)
    return _membership(project_id, user_id, role_id)


@repeatable
def update_project_member(call: Call) -> dict[str, Any]:
    """Change the role of a member."""
    project_id, user_id = _stored(call)["id"], call.path["user_id"]
    role_id = _role(call)
    _refuse_only_user(user_id, "keeps that role")
    with call.services.store.writing() as connection:
        changed = connection.execute(
            update(project_members)
            .where(*_member(project_id, user_id))
            .values(role_id=role_id, updated_at=now())
        ).rowcount
    if not changed:
        raise not_found("member of the project", user_id)
    return _membership(project_id, user_id, role_id)


@repeatable
def remove_project_member(call: Call) -> Reply:
    """Remove a member from a project."""
    project_id, user_id = _stored(call)["id"], call.path["user_id"]
    _refuse_only_user(user_id, "stays a member")
    with call.services.store.writing() as connection:
        gone = connection.execute(
            delete(project_members).where(*_member(project_id, user_id))
        ).rowcount
    if not gone:
        raise not_found("member of the project", user_id)
    return nothing()


@repeatable
def invite_project_member(call: Call) -> dict[str, Any]:
    """Add a member by email address; the engine sends no email."""
    project_id, email = _stored(call)["id"], call.body["email"]
    role_id = _role(call)
    with call.services.store.writing() as connection:
        known = connection.execute(
            select(project_members.c.user_id, project_members.c.role_id).where(
                project_members.c.project_id == project_id, project_members.c.email == email
            )
        ).first()
        user_id, held = known or (str(uuid4()), role_id)
        if known is None:
            _enrol(connection, _membership(project_id, user_id, role_id), email)
    return {
        "user_id": user_id,
        "invite_sent": False,
        "already_member": known is not None,
        "role_name": _name_of(held),
    }


def _enrol(connection: Connection, membership: dict[str, str], email: str | None) -> None:
    moment = now()
    row = {
        "project_id": membership["project_id"],
        "user_id": membership["user_id"],
        "role_id": membership["project_role_id"],
        "email": email,
        "created_at": moment,
        "updated_at": moment,
    }
    connection.execute(insert(project_members), row)


def _stored(call: Call) -> records.Record:
    return records.require(call.services.store, projects, _NOUN, call.path["project_id"])


def _member(project_id: str, user_id: str) -> tuple[Any, Any]:
    return project_members.c.project_id == project_id, project_members.c.user_id == user_id


def _role(call: Call) -> str:
    """Return the role in a request; raises a 422 Problem for an unknown role."""
    role_id: str = call.body["project_role_id"]
    known = [identifier for identifier, _, _ in _ROLES]
    if role_id not in known:
        message = f"unknown role {role_id!r}; valid roles: {', '.join(known)}"
        raise invalid([entry(["body", "project_role_id"], message, "enum")])
    return role_id


def _name_of(role_id: str) -> str:
    return next(name for identifier, name, _ in _ROLES if identifier == role_id)


def _refuse_only_user(user_id: str, outcome: str) -> None:
    if user_id == USER:
        raise conflict(
            f"{USER!r} is the only user of an embedded engine, may do everything and {outcome}."
        )


def _membership(project_id: str, user_id: str, role_id: str) -> dict[str, str]:
    return {"project_id": project_id, "user_id": user_id, "project_role_id": role_id}


def _wire(call: Call, rows: Sequence[records.Record]) -> list[dict[str, Any]]:
    members: dict[str, list[dict[str, Any]]] = {
        row["id"]: [_shown(USER, None, _ADMIN)] for row in rows
    }
    statement = (
        select(project_members)
        .where(project_members.c.project_id.in_(members))
        .order_by(project_members.c.number)
    )
    with call.services.store.reading() as connection:
        for member in connection.execute(statement):
            shown = _shown(member.user_id, member.email, member.role_id)
            members[member.project_id].append(shown)
    return [
        {
            **{name: value for name, value in row.items() if name != "number"},
            "organization_id": ORGANIZATION,
            "user_project_roles": members[row["id"]],
        }
        for row in rows
    ]


def _shown(user_id: str, email: str | None, role_id: str) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "email": email,
        "project_role_id": role_id,
        "role_name": _name_of(role_id),
    }
