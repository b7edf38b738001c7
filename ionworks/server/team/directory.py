"""Organizations, their users, and the members of projects, as an administrator changes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from ionworks.server.http.problems import Problem
from ionworks.server.store import records
from ionworks.server.store.access import Role, acting
from ionworks.server.store.database import Store, now
from ionworks.server.store.records import plain
from ionworks.server.store.tables import materials, project_members, projects
from ionworks.server.store.team_tables import organizations, users

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_USERS: Final = sa.select(
    users.c.id,
    users.c.email,
    organizations.c.name.label("organization"),
    users.c.organization_id,
    users.c.default_project_id,
    users.c.is_active,
    users.c.created_at,
).join(organizations, organizations.c.id == users.c.organization_id)
_PROJECTS: Final = sa.select(
    projects.c.id,
    projects.c.name,
    organizations.c.name.label("organization"),
    projects.c.organization_id,
    projects.c.created_at,
).outerjoin(organizations, organizations.c.id == projects.c.organization_id)


def address(email: str) -> str:
    """Return an email address as it is stored; raises a ValueError for another text."""
    found = email.strip().lower()
    if _ADDRESS.fullmatch(found) is None:
        raise ValueError(f"{email!r} is not an email address")
    return found


def refuse_team(store: Store) -> None:
    """Raise a RuntimeError if a folder that is to be served with one key belongs to a team."""
    with store.reading() as connection:
        if connection.scalar(sa.select(users.c.id).limit(1)) is not None:
            raise RuntimeError(
                f"{store.folder} belongs to a team, whose users may see their projects only: serve "
                "it with --team"
            )


# ---------------------------------------------------------------- organizations
def add_organization(store: Store, name: str) -> dict[str, Any]:
    """Make an organization; the first one gets the projects and materials that are stored.

    Raises
    ------
    ValueError
        The name is empty or taken.
    """
    if not name.strip():
        raise ValueError("the name of the organization is empty")
    name = name.strip()
    row = {"id": str(uuid4()), "name": name, "created_at": now()}
    with store.writing() as connection:
        is_first = connection.scalar(sa.select(organizations.c.id).limit(1)) is None
        if connection.scalar(sa.select(organizations.c.id).where(organizations.c.name == name)):
            raise ValueError(f"there is an organization named {name!r} already")
        connection.execute(sa.insert(organizations), row)
        if is_first:
            for table in (projects, materials):
                connection.execute(
                    sa.update(table)
                    .where(table.c.organization_id.is_(None))
                    .values(organization_id=row["id"])
                )
    return row


def list_organizations(store: Store) -> list[dict[str, Any]]:
    """Return all organizations, the oldest first."""
    statement = sa.select(
        organizations.c.id, organizations.c.name, organizations.c.created_at
    ).order_by(organizations.c.number)
    return _rows(store, statement)


def _organization(connection: sa.Connection, given: str | None) -> str:
    """Return the id of an organization, given by id or name; the only one if none is given."""
    found = sa.select(organizations.c.id, organizations.c.name)
    if given is not None:
        found = found.where(sa.or_(organizations.c.id == given, organizations.c.name == given))
    rows = connection.execute(found).all()
    if given is None and len(rows) > 1:
        names = ", ".join(row.name for row in rows)
        raise ValueError(f"name the organization, one of {names}")
    if not rows:
        missing = "there is no organization yet" if given is None else f"no organization {given!r}"
        raise LookupError(f"{missing}: make it with 'ionworks admin organizations add'")
    return str(rows[0].id)


# ---------------------------------------------------------------- users
def add_user(store: Store, email: str, organization: str | None = None) -> dict[str, Any]:
    """Make a user of an organization.

    Raises
    ------
    ValueError
        The address is no address or taken, or the organization must be named.
    LookupError
        There is no such organization.
    """
    stored = address(email)
    row = {
        "id": str(uuid4()),
        "email": stored,
        "is_active": True,
        "created_at": now(),
    }
    with store.writing() as connection:
        row["organization_id"] = _organization(connection, organization)
        if connection.scalar(sa.select(users.c.id).where(users.c.email == stored)):
            raise ValueError(f"there is a user {stored!r} already")
        connection.execute(sa.insert(users), row)
        return _user(connection, stored)


def list_users(store: Store) -> list[dict[str, Any]]:
    """Return all users, the oldest first."""
    return _rows(store, _USERS.order_by(users.c.number))


def find_user(store: Store, given: str) -> dict[str, Any]:
    """Return a user by address or id; raises a LookupError if there is none."""
    with store.reading() as connection:
        return _user(connection, given)


def change_user(store: Store, given: str, **values: Any) -> dict[str, Any]:
    """Change a user: ``is_active``, or ``default_project_id``, of which the user is a member.

    Raises
    ------
    LookupError
        There is no such user, or the user is not a member of the project.
    """
    with store.writing() as connection:
        user = _user(connection, given)
        project_id = values.get("default_project_id")
        if project_id is not None and not _role_of(connection, project_id, user["id"]):
            raise LookupError(f"{user['email']} is not a member of the project {project_id!r}")
        connection.execute(sa.update(users).where(users.c.id == user["id"]).values(**values))
        return _user(connection, given)


def user_of_organization(
    store: Store, organization_id: str, condition: sa.ColumnElement[bool]
) -> dict[str, Any] | None:
    """Return an active user of an organization who meets a condition, or None."""
    statement = _USERS.where(
        users.c.organization_id == organization_id, users.c.is_active, condition
    )
    # The request of a user reads no other users, but for this.
    with acting(None), store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    return None if row is None else plain(row)


def _user(connection: sa.Connection, given: str) -> dict[str, Any]:
    same = sa.or_(users.c.id == given, users.c.email == given.strip().lower())
    row = connection.execute(_USERS.where(same)).mappings().first()
    if row is None:
        raise LookupError(f"there is no user {given!r}: make one with 'ionworks admin users add'")
    return plain(row)


# ---------------------------------------------------------------- projects
def add_project(
    store: Store, name: str, owner: str, organization: str | None = None
) -> dict[str, Any]:
    """Make a project with its first owner, a user of its organization.

    Raises
    ------
    ValueError
        The name is taken in the organization, or the owner belongs to another one.
    LookupError
        There is no such user or organization.
    """
    with store.writing() as connection:
        user = _user(connection, owner)
        organization_id = user["organization_id"]
        if organization is not None:
            organization_id = _organization(connection, organization)
        values = {"name": name, "description": None, "organization_id": organization_id}
        try:
            record = records.add(
                connection, projects, values, noun="project", within="organization_id"
            )
        except Problem as problem:
            raise ValueError(problem.message) from problem
        _set_member(connection, record["id"], user, Role.OWNER)
        return _project(connection, record["id"])


def list_projects(store: Store) -> list[dict[str, Any]]:
    """Return all projects, the oldest first."""
    return _rows(store, _PROJECTS.order_by(projects.c.number))


def list_members(store: Store, project: str) -> list[dict[str, Any]]:
    """Return the members of a project, given by id or name, with their roles."""
    with store.reading() as connection:
        project_id = _project(connection, project)["id"]
        statement = (
            sa.select(
                users.c.email.label("user"), project_members.c.user_id, project_members.c.role_id
            )
            .join(users, users.c.id == project_members.c.user_id)
            .where(project_members.c.project_id == project_id)
            .order_by(project_members.c.number)
        )
        rows = connection.execute(statement).all()
    return [_member(project_id, row.user, row.user_id, Role(row.role_id)) for row in rows]


def set_member(store: Store, project: str, user: str, role: Role) -> dict[str, Any]:
    """Make a user a member of a project of the user's organization, or change the role.

    Raises
    ------
    ValueError
        The user belongs to another organization than the project.
    LookupError
        There is no such project or user.
    """
    with store.writing() as connection:
        found = _user(connection, user)
        project_id = _project(connection, project)["id"]
        _set_member(connection, project_id, found, role)
    return _member(project_id, found["email"], found["id"], role)


def remove_member(store: Store, project: str, user: str) -> dict[str, Any]:
    """End a membership.

    Raises
    ------
    LookupError
        The user is not a member of the project.
    """
    with store.writing() as connection:
        found = _user(connection, user)
        project_id = _project(connection, project)["id"]
        role = _role_of(connection, project_id, found["id"])
        if role is None:
            raise LookupError(f"{found['email']} is not a member of the project {project!r}")
        connection.execute(sa.delete(project_members).where(*_membership(project_id, found["id"])))
    return _member(project_id, found["email"], found["id"], role)


def _set_member(
    connection: sa.Connection, project_id: str, user: dict[str, Any], role: Role
) -> None:
    project = _project(connection, project_id)
    if project["organization_id"] != user["organization_id"]:
        raise ValueError(
            f"{user['email']} belongs to the organization {user['organization']!r}, and the "
            f"project to {project['organization']!r}"
        )
    moment = now()
    changed = connection.execute(
        sa.update(project_members)
        .where(*_membership(project_id, user["id"]))
        .values(role_id=str(role), updated_at=moment)
    ).rowcount
    if changed:
        return
    row = {
        "project_id": project_id,
        "user_id": user["id"],
        "email": user["email"],
        "role_id": str(role),
        "created_at": moment,
        "updated_at": moment,
    }
    connection.execute(sa.insert(project_members), row)


def _project(connection: sa.Connection, given: str) -> dict[str, Any]:
    """Return a project by id or name."""
    same = sa.or_(projects.c.id == given, projects.c.name == given)
    rows = connection.execute(_PROJECTS.where(same)).mappings().all()
    by_id = [row for row in rows if row["id"] == given]
    if len(rows) > 1 and not by_id:
        ids = ", ".join(row["id"] for row in rows)
        raise ValueError(f"several projects are named {given!r}: give one of the ids {ids}")
    if not rows:
        raise LookupError(f"there is no project {given!r}")
    return plain((by_id or rows)[0])


def _role_of(connection: sa.Connection, project_id: str, user_id: str) -> Role | None:
    statement = sa.select(project_members.c.role_id).where(*_membership(project_id, user_id))
    role_id = connection.scalar(statement)
    return None if role_id is None else Role(role_id)


def _membership(project_id: str, user_id: str) -> Sequence[sa.ColumnElement[bool]]:
    return project_members.c.project_id == project_id, project_members.c.user_id == user_id


def _member(project_id: str, email: str, user_id: str, role: Role) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "user": email,
        "user_id": user_id,
        "role": role.name.lower(),
    }


def _rows(store: Store, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    with store.reading() as connection:
        return [plain(row) for row in connection.execute(statement).mappings()]
