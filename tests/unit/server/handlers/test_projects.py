"""Projects as records: made, listed, changed, deleted, with their members."""

import pytest

from tests.unit.server.engines import finish, submit


def test_a_project_lives_from_creation_to_deletion(api):
    made = api.post("/projects", json={"name": "Cells", "description": "mine"})
    assert made.status_code == 201
    identifier = made.json()["id"]

    changed = api.patch(f"/projects/{identifier}", json={"name": "Cells 2"}).json()

    assert (changed["name"], changed["description"]) == ("Cells 2", "mine")
    assert changed["updated_at"] > changed["created_at"]
    assert api.get(f"/projects/{identifier}").json() == changed
    assert api.delete(f"/projects/{identifier}").status_code == 204
    assert api.get(f"/projects/{identifier}").status_code == 404
    assert api.patch(f"/projects/{identifier}", json={"name": "x"}).status_code == 404
    assert api.delete(f"/projects/{identifier}").status_code == 404


def test_a_name_is_unique(api):
    first = api.post("/projects", json={"name": "Cells"}).json()

    reply = api.post("/projects", json={"name": "Cells"})

    assert (reply.status_code, reply.json()["error_code"]) == (409, "CONFLICT")
    assert reply.json()["detail"] == {"existing_id": first["id"]}
    other = api.post("/projects", json={"name": "Others"}).json()["id"]
    assert api.patch(f"/projects/{other}", json={"name": "Cells"}).status_code == 409
    assert api.patch(f"/projects/{other}", json={"colour": "red"}).status_code == 422


def test_the_default_project_cannot_be_deleted(shared_api):
    assert shared_api.delete("/projects/default").status_code == 409


def test_a_project_in_use_cannot_be_deleted(api, template):
    project = api.post("/projects", json={"name": "Cells"}).json()["id"]
    finish(api, submit(api, template, project_id=project))

    reply = api.delete(f"/projects/{project}")

    assert reply.status_code == 409
    assert "in use" in reply.json()["message"]


@pytest.fixture(scope="module")
def three(shared_api):
    for name in ("Alpha cell", "beta cell", "gamma"):
        shared_api.post("/projects", json={"name": name})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "ilike.%CELL%"}, ["beta cell", "Alpha cell"]),
        ({"name": "eq.gamma"}, ["gamma"]),
        ({"name": "gamma"}, ["gamma"]),
        ({"name": "in.(gamma,beta cell)"}, ["gamma", "beta cell"]),
        (
            {"name": "neq.gamma", "order_by": "name", "order": "asc"},
            ["Alpha cell", "Default project", "beta cell"],
        ),
        ({"created_at_gt": "2000-01-01", "limit": "1"}, ["gamma"]),
        ({"created_at_gt": "2000-01-01", "limit": "1", "offset": "2"}, ["Alpha cell"]),
        ({"created_at_lt": "2000-01-01T00:00:00Z"}, []),
        ({"updated_at_gt": "2999-01-01T00:00:00+02:00"}, []),
    ],
)
def test_lists_are_filtered_ordered_and_paged(shared_api, three, query, names):
    page = shared_api.get("/projects", params=query).json()

    assert [project["name"] for project in page["items"]] == names
    assert page["count"] == len(names)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"order_by": "colour"}, "known: id, name"),
        ({"order": "up"}, "asc"),
        ({"created_at_gt": "yesterday"}, "ISO 8601"),
    ],
)
def test_a_wrong_filter_is_rejected_with_the_valid_ones(shared_api, query, words):
    reply = shared_api.get("/projects", params=query)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_a_project_has_members(api):
    project = api.post("/projects", json={"name": "Cells"}).json()["id"]
    roles = {role["name"]: role["id"] for role in api.get("/roles/project").json()}
    address = f"/projects/{project}/members"
    viewer = roles["Project Viewer"]

    added = api.post(address, json={"user_id": "ada", "project_role_id": viewer})
    assert added.status_code == 201
    again = api.post(address, json={"user_id": "ada", "project_role_id": viewer})
    assert again.status_code == 409
    invitation = {"email": "bo@example.com", "project_role_id": viewer}
    invited = api.post(f"/projects/{project}/invites", json=invitation).json()
    assert (invited["invite_sent"], invited["already_member"]) == (False, False)
    twice = api.post(f"/projects/{project}/invites", json=invitation).json()
    assert (twice["user_id"], twice["already_member"]) == (invited["user_id"], True)
    changed = {"project_role_id": roles["Project Admin"]}
    assert api.patch(f"{address}/ada", json=changed).status_code == 200

    roster = api.get(f"/projects/{project}").json()["user_project_roles"]
    assert [(member["user_id"], member["email"], member["role_name"]) for member in roster] == [
        ("local", None, "Project Admin"),
        ("ada", None, "Project Admin"),
        (invited["user_id"], "bo@example.com", "Project Viewer"),
    ]
    assert api.delete(f"{address}/ada").status_code == 204
    assert api.delete(f"{address}/ada").status_code == 404
    assert api.patch(f"{address}/ada", json=changed).status_code == 404
    assert api.delete(f"/projects/{project}").status_code == 204


def test_the_only_user_cannot_be_removed_and_roles_are_checked(shared_api):
    address = "/projects/default/members"

    assert shared_api.delete(f"{address}/local").status_code == 409
    body = {"project_role_id": "project-viewer"}
    assert shared_api.patch(f"{address}/local", json=body).status_code == 409
    taken = shared_api.post(address, json={"user_id": "local", **body})
    assert taken.status_code == 409
    unknown = shared_api.post(address, json={"user_id": "ada", "project_role_id": "owner"})
    assert (unknown.status_code, "project-viewer" in unknown.json()["message"]) == (422, True)
    assert (
        shared_api.post("/projects/none/members", json={"user_id": "a", **body}).status_code == 404
    )
