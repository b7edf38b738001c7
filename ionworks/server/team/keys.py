"""Keys of users: made, listed, revoked, and checked with each request."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from ionworks.server.store.access import Access, Role, Scope
from ionworks.server.store.database import Store, now, timestamp
from ionworks.server.store.records import plain
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import project_members
from ionworks.server.store.team_tables import api_keys, organizations, users

_BEGINNING: Final = "iw_"
#: Characters by which a user recognises a key; what is secret follows.
_SHOWN: Final = 11
_SECRET_BYTES: Final = 32
#: How exactly the last use of a key is known, so that few requests write.
_MINUTE: Final = timedelta(minutes=1)

_SHOWN_COLUMNS: Final = (
    api_keys.c.id,
    users.c.email.label("user"),
    api_keys.c.name,
    api_keys.c.prefix,
    api_keys.c.scope,
    api_keys.c.created_at,
    api_keys.c.expires_at,
    api_keys.c.last_used_at,
    api_keys.c.revoked_at,
)
_BY_DIGEST: Final = (
    sa.select(
        api_keys.c.id.label("key_id"),
        api_keys.c.scope,
        api_keys.c.expires_at,
        api_keys.c.last_used_at,
        users.c.id.label("user_id"),
        users.c.email,
        users.c.default_project_id,
        users.c.organization_id,
        organizations.c.name.label("organization"),
    )
    .join(users, users.c.id == api_keys.c.user_id)
    .join(organizations, organizations.c.id == users.c.organization_id)
    .where(
        api_keys.c.digest == sa.bindparam("digest"),
        api_keys.c.revoked_at.is_(None),
        users.c.is_active,
    )
)
_ROLES: Final = sa.select(project_members.c.project_id, project_members.c.role_id).where(
    project_members.c.user_id == sa.bindparam("user")
)


def create(
    store: Store, user_id: str, name: str, scope: Scope, lifetime: timedelta | None = None
) -> dict[str, Any]:
    """Make a key; the reply has it in ``key``, and it cannot be read again.

    Parameters
    ----------
    store
        Where the user is.
    user_id
        Whose key.
    name
        What it is for.
    scope
        What it may be used for.
    lifetime
        After which it is refused; None for a key without an end.
    """
    key = f"{_BEGINNING}{secrets.token_urlsafe(_SECRET_BYTES)}"
    key_id = str(uuid4())
    row = {
        "id": key_id,
        "user_id": user_id,
        "name": name,
        "digest": _digest(key),
        "prefix": key[:_SHOWN],
        "scope": str(scope),
        "created_at": now(),
        "expires_at": None if lifetime is None else timestamp(datetime.now(UTC) + lifetime),
    }
    with store.writing() as connection:
        connection.execute(sa.insert(api_keys), row)
        return {**_shown(connection, key_id), "key": key}


def listed(store: Store, user_id: str | None = None) -> list[dict[str, Any]]:
    """Return the keys of a user, or of all, without their secrets; the oldest first."""
    statement = _SELECT.order_by(api_keys.c.number)
    if user_id is not None:
        statement = statement.where(users.c.id == user_id)
    with store.reading() as connection:
        return [plain(row) for row in connection.execute(statement).mappings()]


def revoke(store: Store, key_id: str) -> dict[str, Any]:
    """Refuse a key from now on.

    Raises
    ------
    LookupError
        There is no such key.
    """
    with store.writing() as connection:
        connection.execute(
            sa.update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=now())
        )
        return _shown(connection, key_id)


def access_of(store: Store, key: str) -> tuple[Access, bool] | None:
    """Return what a key gives access to, and whether its use is to be noted; None if refused."""
    with store.reading() as connection:
        row = connection.execute(_BY_DIGEST, {"digest": _digest(key)}).mappings().first()
        if row is None:
            return None
        moment = datetime.now(UTC)
        if row["expires_at"] is not None and row["expires_at"] <= timestamp(moment):
            return None
        roles = connection.execute(_ROLES, {"user": row["user_id"]}).all()
    used, default = row["last_used_at"], row["default_project_id"]
    by_project = {project_id: Role(role_id) for project_id, role_id in roles}
    found = Access(
        user_id=row["user_id"],
        email=row["email"],
        organization_id=row["organization_id"],
        organization=row["organization"],
        key_id=row["key_id"],
        scope=Scope(row["scope"]),
        roles=by_project,
        # A user who has left the project has no default project.
        default_project_id=default if default in by_project else None,
    )
    return found, used is None or used <= timestamp(moment - _MINUTE)


@repeatable
def note_use(store: Store, key_id: str) -> None:
    """Store that a key was used now."""
    with store.writing() as connection:
        connection.execute(
            sa.update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now())
        )


_SELECT: Final = sa.select(*_SHOWN_COLUMNS).join(users, users.c.id == api_keys.c.user_id)


def _shown(connection: sa.Connection, key_id: str) -> dict[str, Any]:
    row = connection.execute(_SELECT.where(api_keys.c.id == key_id)).mappings().first()
    if row is None:
        raise LookupError(f"there is no key with the id {key_id!r}")
    return plain(row)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
