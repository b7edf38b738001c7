"""Projects and their members."""

from collections.abc import Mapping
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import CommonFilters
from ionworks.data.paging import Page
from ionworks.records.project import Project, ProjectInvite, ProjectRole
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks_api_client.api.project import (
    add_project_member,
    create_project,
    delete_project,
    get_project,
    invite_project_member,
    list_project_roles,
    list_projects,
    remove_project_member,
    update_project,
    update_project_member,
)
from ionworks_api_client.models import (
    ProjectInviteRequest,
    ProjectMemberRequest,
    ProjectMemberUpdate,
    ProjectRequest,
    ProjectUpdate,
)

_CONTRIBUTOR = "Project Contributor"

# Inside the class `list` is the method; this name means the type.
Roles = list[ProjectRole]


class ProjectResource(Resource):
    """Create, find and change projects and their members."""

    def list(
        self,
        limit: int | None = None,
        offset: int | None = None,
        **wanted: Unpack[CommonFilters],
    ) -> Page[Project]:
        """List the projects the credentials have access to.

        Parameters
        ----------
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        **wanted
            Filters and order, see `ionworks.data.filters.CommonFilters`.
        """
        query = filters.query(wanted, CommonFilters)
        return self._page(list_projects.sync_detailed, Project, limit, offset, **query)

    def get(self, project_id: str | Project) -> Project:
        """Get a project."""
        identifier = self._identifier(project_id, "project_id")
        return Project.from_model(call(get_project.sync_detailed, identifier, client=self._api))

    def create(self, data: Mapping[str, Any]) -> Project:
        """Create a project.

        Parameters
        ----------
        data : mapping
            ``{"name", "description"?}``.
        """
        body = ProjectRequest.from_dict(self._body(data, "data", "name"))
        return Project.from_model(call(create_project.sync_detailed, client=self._api, body=body))

    def update(self, project_id: str | Project, data: Mapping[str, Any]) -> Project:
        """Change a project.

        Parameters
        ----------
        project_id : str or Project
            The project.
        data : mapping
            At least one of ``name`` and ``description``.
        """
        identifier = self._identifier(project_id, "project_id")
        body = ProjectUpdate.from_dict(self._body(data, "data"))
        return Project.from_model(
            call(update_project.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, project_id: str | Project) -> None:
        """Delete a project and everything in it."""
        identifier = self._identifier(project_id, "project_id")
        call(delete_project.sync_detailed, identifier, client=self._api)

    def roles(self) -> Roles:
        """List the roles a member can have."""
        roles = call(list_project_roles.sync_detailed, client=self._api)
        return [ProjectRole.from_model(role) for role in roles]

    def add_member(self, project_id: str | Project, user_id: str, role: str = _CONTRIBUTOR) -> None:
        """Add a user of the organisation to a project.

        Parameters
        ----------
        project_id : str or Project
            The project.
        user_id : str
            The user.
        role : str
            Name or id of the role.

        Raises
        ------
        ValueError
            If the role does not exist; the message lists the valid roles.
        """
        project = self._identifier(project_id, "project_id")
        user = self._identifier(user_id, "user_id")
        body = ProjectMemberRequest(user_id=user, project_role_id=self._role_id(role))
        call(add_project_member.sync_detailed, project, client=self._api, body=body)

    def invite_member(
        self, project_id: str | Project, email: str, role: str = _CONTRIBUTOR
    ) -> ProjectInvite:
        """Invite a person to a project by e-mail.

        Parameters
        ----------
        project_id : str or Project
            The project.
        email : str
            The e-mail address.
        role : str
            Name or id of the role.
        """
        project = self._identifier(project_id, "project_id")
        if not isinstance(email, str) or "@" not in email.strip("@"):
            raise ValueError(f"email must be an address such as 'ada@example.com', not {email!r}")
        body = ProjectInviteRequest(email=email, project_role_id=self._role_id(role))
        return ProjectInvite.from_model(
            call(invite_project_member.sync_detailed, project, client=self._api, body=body)
        )

    def update_member(self, project_id: str | Project, user_id: str, role: str) -> None:
        """Change the role of a member; `role` is a name or id."""
        project = self._identifier(project_id, "project_id")
        user = self._identifier(user_id, "user_id")
        body = ProjectMemberUpdate(project_role_id=self._role_id(role))
        call(update_project_member.sync_detailed, project, user, client=self._api, body=body)

    def remove_member(self, project_id: str | Project, user_id: str) -> None:
        """Remove a member from a project."""
        project = self._identifier(project_id, "project_id")
        user = self._identifier(user_id, "user_id")
        call(remove_project_member.sync_detailed, project, user, client=self._api)

    def _role_id(self, role: str) -> str:
        """Find a role by its id or its name, ignoring case."""
        wanted = text(role, "role")
        roles = self.roles()
        for candidate in roles:
            if wanted == candidate.id or wanted.lower() == (candidate.name or "").lower():
                return candidate.id
        known = ", ".join(repr(candidate.name) for candidate in roles)
        raise ValueError(f"unknown role {role!r}; valid roles: {known}")
