"""Projects and their members.

A folder without a team has one user, who has all rights: its list of members is stored and shown in
``user_project_roles``, but it controls no access, and invitations are recorded, not sent. On a
team's server members are users of the same organization, and their roles are enforced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from ionworks.server.call import Call
from ionworks.server.http.excerpts import cut
from ionworks.server.http.problems import Problem, conflict, entry, invalid, not_found
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import access, records
from ionworks.server.store.access import Role
from ionworks.server.store.database import now
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import project_members, projects
from ionworks.server.store.team_tables import users
from ionworks.server.team import directory

_NOUN = "project"
_ROLES = (
    (Role.OWNER, "Project Admin", "May do everything, and say who else works on the project."),
    (Role.EDITOR, "Project Contributor", "May change what the project holds."),
    (Role.VIEWER, "Project Viewer", "May look at what the project holds."),
)


def list_projects(call: Call) -> dict[str, Any]:
    """List projects, newest first."""
    rows, total = records.page(call.services.store, projects, call.query)
    return records.envelope(_wire(call, rows), total)


def create_project(call: Call) -> dict[str, Any]:
    """Create an empty project."""
    values = {"description": None, **records.fields(call.body, "name", "description")}
    with call.services.store.writing() as connection:
        values["organization_id"] = access.organization_of_new()
        record = records.add(connection, projects, values, noun=_NOUN)
        user = access.current()
        if user is not None:
            membership = _membership(record["id"], user.user_id, Role.OWNER)
            _enrol(connection, membership, user.email)
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
    if project_id == access.DEFAULT_PROJECT:
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
    email = _email_of(call, user_id)
    with call.services.store.writing() as connection:
        known = select(project_members.c.user_id).where(*_member(project_id, user_id))
        if _is_only_user(user_id) or connection.scalar(known) is not None:
            raise conflict(f"{user_id!r} is a member of the project already.", user_id)
        _enrol(connection, _membership(project_id, user_id, role_id), email)
    return _membership(project_id, user_id, role_id)


@repeatable
def update_project_member(call: Call) -> dict[str, Any]:
    """Change the role of a member."""
    project_id, user_id = _stored(call)["id"], call.path["user_id"]
    role_id = _role(call)
    _refuse_only_user(user_id, "keeps that role")
    with call.services.store.writing() as connection:
        if role_id != Role.OWNER:
            _refuse_last_owner(connection, project_id, user_id)
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
        _refuse_last_owner(connection, project_id, user_id)
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
    if access.current() is not None:
        email = email.strip().lower()
    role_id = _role(call)
    with call.services.store.writing() as connection:
        known = connection.execute(
            select(project_members.c.user_id, project_members.c.role_id).where(
                project_members.c.project_id == project_id, project_members.c.email == email
            )
        ).first()
        user_id, held = known or (_invited(call, email), role_id)
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


def _is_only_user(user_id: str) -> bool:
    return access.current() is None and user_id == access.LOCAL


def _refuse_only_user(user_id: str, outcome: str) -> None:
    if _is_only_user(user_id):
        raise conflict(
            f"{user_id!r} is the only user of an embedded engine, may do everything and {outcome}."
        )


def _refuse_last_owner(connection: Connection, project_id: str, user_id: str) -> None:
    """Refuse a change after which nobody could say who works on a project of a team."""
    if access.current() is None:
        return
    of_project = project_members.c.project_id == project_id
    owners = select(project_members.c.user_id).where(
        of_project, project_members.c.role_id == Role.OWNER
    )
    if connection.scalars(owners).all() == [user_id]:
        raise conflict(
            f"{user_id!r} is the last owner of the project: make another member owner first."
        )


def _email_of(call: Call, user_id: str) -> str | None:
    """Return the address of a user; raises a 404 Problem unless the user is in the organization."""
    user = access.current()
    if user is None:
        return None
    found = directory.user_of_organization(
        call.services.store, user.organization_id, users.c.id == user_id
    )
    if found is None:
        raise not_found("user of your organization", user_id)
    return str(found["email"])


def _invited(call: Call, email: str) -> str:
    """Return the id of the user with an address, who exists already on a team's server."""
    user = access.current()
    if user is None:
        return str(uuid4())
    found = directory.user_of_organization(
        call.services.store, user.organization_id, users.c.email == email
    )
    if found is None:
        raise Problem(
            404,
            "NOT_FOUND",
            f"No user of your organization has the address {cut(email)!r}: the administrator of "
            "the server makes users, with 'ionworks admin users add'.",
        )
    return str(found["id"])


def _membership(project_id: str, user_id: str, role_id: str) -> dict[str, str]:
    return {"project_id": project_id, "user_id": user_id, "project_role_id": role_id}


def _wire(call: Call, rows: Sequence[records.Record]) -> list[dict[str, Any]]:
    members: dict[str, list[dict[str, Any]]] = {
        row["id"]: [_shown(access.LOCAL, None, Role.OWNER)] if access.current() is None else []
        for row in rows
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
            "organization_id": access.organization_id(),
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
