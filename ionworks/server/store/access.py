"""Who asks: the user of a team whose request is being answered, or the engine itself.

An embedded engine, and a server with one shared key, have a single user with all rights. On a
team's server each request has an `Access`, and the store confines its statements to what that user
may read and change, see `scope`. Threads of the engine have none, and so work for all users.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

#: The one organization, user and project of a folder without a team.
LOCAL: Final = "local"
DEFAULT_PROJECT: Final = "default"


class Role(StrEnum):
    """What a member may do in a project; the values are the ids of the contract."""

    VIEWER = "project-viewer"
    EDITOR = "project-contributor"
    OWNER = "project-admin"

    def allows(self, needed: Role) -> bool:
        """Return whether this role includes another one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Scope(StrEnum):
    """What a key may be used for, each including those before."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def allows(self, needed: Scope) -> bool:
        """Return whether this scope includes another one."""
        order = list(Scope)
        return order.index(self) >= order.index(needed)


@frozen
class Access:
    """The user of a request, and what the user's key and memberships allow.

    Attributes
    ----------
    user_id, email
        The user.
    organization_id, organization
        Id and name of the user's organization.
    key_id, scope
        The key of the request.
    roles
        The role in each project the user is a member of.
    default_project_id
        Project of requests that name none; None if they must name one.
    """

    user_id: str
    email: str
    organization_id: str
    organization: str
    key_id: str
    scope: Scope
    roles: Mapping[str, Role] = field(repr=False)
    default_project_id: str | None = None


_current: ContextVar[Access | None] = ContextVar("ionworks_access", default=None)


def current() -> Access | None:
    """Return the access of the request that is being answered; None for the engine itself."""
    return _current.get()


def user_id() -> str:
    """Return the id of the user who asks."""
    access = current()
    return LOCAL if access is None else access.user_id


def organization_id() -> str:
    """Return the id of the organization of the user who asks."""
    access = current()
    return LOCAL if access is None else access.organization_id


def organization_of_new() -> str | None:
    """Return the organization of a record that is being made; None without a team."""
    access = current()
    return None if access is None else access.organization_id


def submitter() -> str | None:
    """Return the user of a team who submits runs; None without a team."""
    access = current()
    return None if access is None else access.user_id


def creator(stored: str | None) -> str | None:
    """Return who made a record, for its reply: a folder without a team has one user."""
    return LOCAL if current() is None else stored


@contextmanager
def acting(access: Access | None) -> Iterator[None]:
    """Answer a request for a user; None for what the engine does for all users."""
    token = _current.set(access)
    try:
        yield
    finally:
        _current.reset(token)


def continued(
    content: Generator[bytes, None, None], access: Access
) -> Generator[bytes, None, None]:
    """Yield a reply that is made while it is sent, which is after its request was answered.

    The access is set for each piece: a server may ask for the next one in another context.
    """
    nothing: Any = object()
    try:
        while True:
            with acting(access):
                piece = next(content, nothing)
            if piece is nothing:
                return
            yield piece
    finally:
        content.close()
