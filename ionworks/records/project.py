"""Projects, their roles and invitations."""

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.record import Record


@attrs.frozen(kw_only=True, repr=False)
class Project(Record):
    """A project, which contains studies, models and simulations.

    Attributes
    ----------
    id : str
        Its id.
    user_project_roles : list of dict or None
        Its members and their roles.
    """

    identifies = MappingProxyType({"project_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    organization_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    user_project_roles: list[dict[str, Any]] | None = None


@attrs.frozen(kw_only=True, repr=False)
class ProjectRole(Record):
    """A role that members of a project can have."""

    id: str
    name: str | None = None
    description: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class ProjectInvite(Record):
    """The outcome of an invitation."""

    user_id: str | None = None
    invite_sent: bool | None = None
    already_member: bool | None = None
    role_name: str | None = None
