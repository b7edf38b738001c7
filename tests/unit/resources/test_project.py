"""`client.project`."""

from typing import Any

import httpx
import pytest

from ionworks.errors import ConflictError
from ionworks.records.project import Project

PROJECT = {"id": "p", "name": "NMC622"}
ROLES = [
    {"id": "r1", "name": "Project Admin"},
    {"id": "r2", "name": "Project Contributor"},
    {"id": "r3", "name": "Project Viewer"},
]


@pytest.mark.parametrize("reply", [[PROJECT], {"items": [PROJECT], "count": 1, "total": 1}])
def test_list_reads_an_array_and_an_envelope(reply: Any, stub_service: Any) -> None:
    service = stub_service({"GET /projects": reply})
    projects = service.client().project.list()
    assert [project.id for project in projects] == ["p"]
    assert isinstance(projects[0], Project)
    assert list(projects.walk()) == list(projects)
    assert service.sent == [("GET /projects", {}, None)]


def test_list_translates_its_filters(stub_service: Any) -> None:
    service = stub_service({"GET /projects": {"items": [], "count": 0, "total": 0}})
    service.client().project.list(
        5, 10, name="a b", created_after="2026-05-08", order_by="name", order="asc"
    )
    assert service.sent[0][1] == {
        "limit": "5",
        "offset": "10",
        "name": "ilike.%a b%",
        "created_at_gt": "2026-05-08",
        "order_by": "name",
        "order": "asc",
    }


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 0}, ValueError),
        ({"limit": 101}, ValueError),
        ({"order": "up"}, ValueError),
        ({"nam": "x"}, TypeError),
        ({"created_by_email": "x"}, TypeError),
    ],
)
def test_bad_filters_send_nothing(
    arguments: dict[str, Any], error: type[Exception], stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=next(iter(arguments))):
        service.client().project.list(**arguments)
    assert service.requests == []


def test_get_update_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "POST /projects": httpx.Response(201, json=PROJECT),
            "GET /projects/p": PROJECT,
            "PATCH /projects/p": {**PROJECT, "name": "new"},
            "DELETE /projects/p": httpx.Response(204),
        }
    )
    projects = service.client().project
    assert projects.create({"name": "NMC622", "description": None}).id == "p"
    assert projects.get("p").name == "NMC622"
    assert projects.update("p", {"name": "new"}).name == "new"
    assert projects.delete("p") is None
    assert service.sent == [
        ("POST /projects", {}, {"name": "NMC622", "description": None}),
        ("GET /projects/p", {}, None),
        ("PATCH /projects/p", {}, {"name": "new"}),
        ("DELETE /projects/p", {}, None),
    ]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ({}, ValueError, "data needs 'name'; it has {}"),
        ({"name": ""}, ValueError, "data needs 'name'"),
        ({"name": " "}, ValueError, "data needs 'name'"),
        ("NMC622", TypeError, "data must be a mapping of fields, not str 'NMC622'"),
        ({"name": "n", "x": object()}, TypeError, r"data\['x'\]"),
        ({1: "n"}, TypeError, "data has the key 1"),
    ],
)
def test_bad_data_sends_nothing(
    data: Any, error: type[Exception], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client().project.create(data)
    assert service.requests == []


def test_an_update_needs_a_field(stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match="at least one field"):
        service.client().project.update("p", {})
    assert service.requests == []


def test_an_existing_name(stub_service: Any) -> None:
    body = {"error_code": "CONFLICT", "message": "taken", "detail": {"existing_id": "old"}}
    service = stub_service({"POST /projects": httpx.Response(409, json=body)})
    with pytest.raises(ConflictError, match="taken") as caught:
        service.client().project.create({"name": "NMC622"})
    assert caught.value.existing_id == "old"


@pytest.mark.parametrize(
    ("role", "identifier"),
    [("Project Viewer", "r3"), ("project viewer", "r3"), ("r1", "r1"), (None, "r2")],
)
def test_roles_go_by_name_or_id(role: str | None, identifier: str, stub_service: Any) -> None:
    member = {"user_id": "u", "project_id": "p", "project_role_id": identifier}
    service = stub_service(
        {
            "GET /roles/project": ROLES,
            "POST /projects/p/members": httpx.Response(201, json=member),
        }
    )
    projects = service.client().project
    arguments = () if role is None else (role,)
    assert projects.add_member("p", "u", *arguments) is None
    assert service.sent[-1] == (
        "POST /projects/p/members",
        {},
        {"user_id": "u", "project_role_id": identifier},
    )


def test_an_unknown_role_lists_the_valid_roles(stub_service: Any) -> None:
    service = stub_service({"GET /roles/project": ROLES})
    with pytest.raises(
        ValueError, match="unknown role 'Owner'; valid roles: 'Project Admin', 'Project C"
    ):
        service.client().project.add_member("p", "u", "Owner")
    assert [route for route, _, _ in service.sent] == ["GET /roles/project"]


def test_members_are_added_changed_and_removed(stub_service: Any) -> None:
    invite = {"user_id": "u2", "invite_sent": True, "already_member": False}
    service = stub_service(
        {
            "GET /roles/project": ROLES,
            "POST /projects/p/invites": httpx.Response(201, json=invite),
            "PATCH /projects/p/members/u": {"user_id": "u"},
            "DELETE /projects/p/members/u": httpx.Response(204),
        }
    )
    projects = service.client().project
    assert projects.roles()[0].name == "Project Admin"
    assert projects.invite_member("p", "ada@example.com", "Project Admin").invite_sent is True
    projects.update_member("p", "u", "Project Viewer")
    projects.remove_member("p", "u")
    assert [entry for entry in service.sent if entry[0] != "GET /roles/project"] == [
        ("POST /projects/p/invites", {}, {"email": "ada@example.com", "project_role_id": "r1"}),
        ("PATCH /projects/p/members/u", {}, {"project_role_id": "r3"}),
        ("DELETE /projects/p/members/u", {}, None),
    ]


@pytest.mark.parametrize("email", ["ada", "@", "", None, 3])
def test_an_address_is_checked_before_any_request(email: Any, stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match="email must be an address"):
        service.client().project.invite_member("p", email)
    assert service.requests == []
