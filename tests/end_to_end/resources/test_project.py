"""`client.project` on the embedded engine."""

import uuid

import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    name = f"life {uuid.uuid4()}"
    made = client.project.create({"name": name, "description": "a test"})
    assert client.project.get(made.id) == made
    assert client.project.list(name_exact=name) == [made]
    assert client.project.list(name=name.upper()).total == 1
    assert made.id in [project.id for project in client.project.list(limit=1).walk()]
    with pytest.raises(ConflictError) as caught:
        client.project.create({"name": name})
    assert caught.value.existing_id == made.id
    assert client.project.update(made.id, {"description": None}).description is None
    client.project.delete(made.id)
    with pytest.raises(NotFoundError):
        client.project.get(made.id)


@pytest.mark.parametrize("identifier", ["../users/me", "a/b", "%2e%2e", "x?y", "\N{SNOWMAN}", "-"])
def test_an_id_never_leads_to_another_route_on_the_engine(
    identifier: str, client: Ionworks
) -> None:
    with pytest.raises(NotFoundError):
        client.project.get(identifier)


def test_members_on_the_engine(client: Ionworks) -> None:
    project = client.project.create({"name": f"roster {uuid.uuid4()}"})
    assert [role.name for role in client.project.roles()] == [
        "Project Admin",
        "Project Contributor",
        "Project Viewer",
    ]
    client.project.add_member(project.id, "ada")
    invited = client.project.invite_member(project.id, "bo@example.com", "project viewer")
    assert (invited.invite_sent, invited.already_member) == (False, False)
    assert client.project.invite_member(
        project.id, "bo@example.com", "Project Viewer"
    ).already_member
    client.project.update_member(project.id, "ada", "Project Admin")
    members = client.project.get(project.id).user_project_roles
    assert members is not None
    assert {member["user_id"]: member["role_name"] for member in members} == {
        "local": "Project Admin",
        "ada": "Project Admin",
        invited.user_id: "Project Viewer",
    }
    client.project.remove_member(project.id, "ada")
    with pytest.raises(NotFoundError):
        client.project.remove_member(project.id, "ada")
    with pytest.raises(ConflictError, match="only user"):
        client.project.remove_member(project.id, "local")
    client.project.delete(project.id)
