"""Projects, their roles and invitations."""

from typing import Any

import attrs

from ionworks.records.record import Record


@attrs.frozen(kw_only=True, repr=False)
class Project(Record):
    """A project: what studies, models and simulations belong to.

    Attributes
    ----------
    id : str
        Its id.
    user_project_roles : list of dict or None
        Who has which role in it.
    """

    id: str
    name: str | None = None
    description: str | None = None
    organization_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    user_project_roles: list[dict[str, Any]] | None = None


@attrs.frozen(kw_only=True, repr=False)
class ProjectRole(Record):
    """What a member of a project may be."""

    id: str
    name: str | None = None
    description: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class ProjectInvite(Record):
    """What came of inviting somebody."""

    user_id: str | None = None
    invite_sent: bool | None = None
    already_member: bool | None = None
    role_name: str | None = None
