"""What viewers, editors and owners of a project may do, and what the scope of a key allows."""

import pytest

from ionworks.server.routing import routes
from ionworks.server.store.access import Role, Scope
from ionworks.server.team import permissions
from ionworks_api_client.api import OPERATIONS
from tests.unit.server.team_ways import MARK, WAYS, asked
from tests.unit.server.teams import contents, filled, joined, opened_team, with_role


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = opened_team(tmp_path_factory.mktemp("team") / "engine")
    yield app
    app.close()


@pytest.fixture(scope="module")
def owner(app):
    return joined(app, "owner")


@pytest.fixture(scope="module")
def ids(owner):
    return filled(owner, MARK)


@pytest.fixture(scope="module")
def viewer(app, owner):
    return with_role(app, "viewer", owner, Role.VIEWER)


@pytest.fixture(scope="module")
def editor(app, owner):
    return with_role(app, "editor", owner, Role.EDITOR)


def code_of(reply):
    return reply.status_code, reply.json()["error_code"]


def test_a_viewer_reads_all_records_of_the_project(viewer, ids):
    for path in [
        f"/projects/{ids['project_id']}",
        f"/models/{ids['model_id']}",
        f"/parameterized_models/{ids['parameterized_model_id']}",
        f"/cell_specifications/{ids['cell_spec_id']}",
        f"/cell_instances/{ids['cell_instance_id']}",
        f"/cell_measurements/{ids['measurement_id']}?include_time_series=true",
        f"/experiment_templates/{ids['template_id']}",
        f"/projects/{ids['project_id']}/studies/{ids['study_id']}",
        f"/simulations/{ids['simulation_id']}/result",
        f"/simulations/submissions/{ids['submission_id']}/statuses",
        f"/jobs/{ids['job_id']}",
        f"/pipelines/{ids['pipeline_id']}/result",
        f"/simple_pipelines/{ids['simple_pipeline_id']}",
    ]:
        reply = viewer.api.get(path)
        assert reply.status_code == 200, reply.text
    assert viewer.api.get("/projects").json()["total"] == 1
    assert viewer.api.get("/simulations").json()["total"] == 2


@pytest.mark.off_contract("some requests have ids where the contract has names, and the other way")
def test_a_viewer_writes_nothing(app, viewer, ids):
    before = contents(app)
    refused = set()
    for operation_id, ways in WAYS.items():
        if not permissions.needed(operation_id).is_write:
            continue
        for path, given in ways:
            reply = asked(viewer.api, operation_id, path, given, ids, ids)
            if reply.status_code == 403:
                refused.add(operation_id)

    writes = {
        route.operation_id for route in routes() if permissions.needed(route.operation_id).is_write
    }
    assert writes - refused == {"create_project", "watch_measurement", "unwatch_measurement"}
    changed = {row[0] for row in before ^ contents(app)}
    assert changed == {"projects", "project_members"}


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        (Role.EDITOR, Scope.WRITE, 201),
        (Role.OWNER, Scope.ADMIN, 201),
        (Role.EDITOR, Scope.READ, 403),
        (Role.OWNER, Scope.READ, 403),
        (Role.VIEWER, Scope.ADMIN, 403),
    ],
)
def test_role_and_scope_limit_each_other(app, owner, role, scope, status):
    name = f"{role.name}-{scope}".lower()
    member = with_role(app, name, owner, role, scope)

    reply = member.api.post(f"/projects/{owner.project_id}/studies", json={"name": name})

    assert reply.status_code == status, reply.text
    assert member.api.get(f"/projects/{owner.project_id}/studies").status_code == 200


def test_a_refusal_says_which_role_is_missing(viewer, ids):
    reply = viewer.api.patch(f"/models/{ids['model_id']}", json={"name": "mine"})

    assert code_of(reply) == (403, "FORBIDDEN")
    assert "You are viewer of the project" in reply.json()["message"]
    assert "editor" in reply.json()["message"]


def test_only_owners_manage_members_and_delete_the_project(owner, editor, viewer):
    path = f"/projects/{owner.project_id}"
    member = {"user_id": viewer.user_id, "project_role_id": Role.OWNER}
    for reply in [
        editor.api.patch(f"{path}/members/{viewer.user_id}", json={"project_role_id": Role.OWNER}),
        editor.api.post(f"{path}/members", json=member),
        editor.api.delete(f"{path}/members/{viewer.user_id}"),
        editor.api.post(
            f"{path}/invites", json={"email": viewer.email, "project_role_id": Role.OWNER}
        ),
        editor.api.delete(path),
    ]:
        assert code_of(reply) == (403, "FORBIDDEN")
    changed = owner.api.patch(
        f"{path}/members/{viewer.user_id}", json={"project_role_id": Role.VIEWER}
    )
    assert changed.status_code == 200
    assert editor.api.patch(path, json={"description": "edited"}).status_code == 200


def test_a_key_that_may_write_manages_no_members(app, owner):
    member = with_role(app, "co-owner", owner, Role.OWNER, Scope.WRITE)

    reply = member.api.delete(f"/projects/{owner.project_id}/members/{member.user_id}")

    assert code_of(reply) == (403, "FORBIDDEN")
    assert "needs a key that may admin" in reply.json()["message"]


def test_a_project_keeps_an_owner(app):
    alone = joined(app, "alone")
    path = f"/projects/{alone.project_id}/members/{alone.user_id}"

    assert alone.api.delete(path).status_code == 409
    reply = alone.api.patch(path, json={"project_role_id": Role.VIEWER})
    assert reply.status_code == 409
    assert "last owner" in reply.json()["message"]


def test_members_are_users_of_the_same_organization(app, owner):
    from ionworks.server.team import directory

    directory.add_organization(app.services.store, "Far away")
    stranger = joined(app, "stranger", "Far away")
    path = f"/projects/{owner.project_id}"
    by_id = {"user_id": stranger.user_id, "project_role_id": Role.VIEWER}
    by_email = {"email": stranger.email, "project_role_id": Role.VIEWER}
    unknown = {"email": "nobody@example.com", "project_role_id": Role.VIEWER}

    assert owner.api.post(f"{path}/members", json=by_id).status_code == 404
    replies = [owner.api.post(f"{path}/invites", json=body) for body in (by_email, unknown)]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert stranger.api.get(path).status_code == 404


def test_a_new_member_sees_the_project_and_one_who_has_left_does_not(app, owner, ids):
    other = joined(app, "newcomer")
    path = f"/models/{ids['model_id']}"
    assert other.api.get(path).status_code == 404
    body = {"email": other.email.upper(), "project_role_id": Role.VIEWER}
    invited = owner.api.post(f"/projects/{owner.project_id}/invites", json=body)
    assert (invited.status_code, invited.json()["user_id"]) == (201, other.user_id)
    assert other.api.get(path).status_code == 200
    members = owner.api.get(f"/projects/{owner.project_id}").json()["user_project_roles"]
    assert {"user_id": other.user_id, "email": other.email}.items() <= members[-1].items()

    gone = owner.api.delete(f"/projects/{owner.project_id}/members/{other.user_id}")

    assert gone.status_code == 204
    assert other.api.get(path).status_code == 404


def test_the_creator_of_a_project_owns_it(owner, viewer):
    made = viewer.api.post("/projects", json={"name": "of the viewer"})

    assert made.status_code == 201
    [member] = made.json()["user_project_roles"]
    assert (member["user_id"], member["project_role_id"]) == (viewer.user_id, Role.OWNER)
    assert owner.api.get(f"/projects/{made.json()['id']}").status_code == 404
    assert viewer.api.delete(f"/projects/{made.json()['id']}").status_code == 204


def test_two_users_may_name_a_project_alike(owner, viewer):
    names = [member.api.post("/projects", json={"name": "Alike"}) for member in (owner, viewer)]
    assert [reply.status_code for reply in names] == [201, 201]
    assert owner.api.post("/projects", json={"name": "Alike"}).status_code == 409


def test_ready_made_models_are_read_by_all_and_changed_by_none(owner, viewer):
    for member in (owner, viewer):
        assert member.api.get("/parameterized_models/spm-chen2020").status_code == 200
        assert member.api.get("/models/spm").status_code == 200
        reply = member.api.patch("/models/spm", json={"name": "mine"})
        assert code_of(reply) == (403, "FORBIDDEN")
        assert member.api.delete("/parameterized_models/spm-chen2020").status_code == 403
    made = owner.api.post(
        "/parameterized_models",
        json={"name": "based", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}},
    )
    assert made.status_code == 201, made.text
    assert made.json()["project_id"] == owner.project_id


def test_without_a_default_project_requests_name_theirs(app):
    from ionworks.server.team import directory

    member = joined(app, "careful")
    directory.change_user(app.services.store, member.email, default_project_id=None)

    reply = member.api.post("/cell_specifications", json={"name": "x"})
    assert reply.status_code == 422
    assert "you have no default project" in reply.json()["message"]
    body = {"name": "x", "project_id": member.project_id}
    assert member.api.post("/cell_specifications", json=body).status_code == 201
    assert member.api.get("/users/me").json()["default_project_id"] is None


def test_each_operation_needs_something_known():
    for operation_id, operation in OPERATIONS.items():
        need = permissions.needed(operation_id)
        assert need.is_write == (
            operation.method in ("PUT", "PATCH", "DELETE")
            or (operation.method == "POST" and need.scope != Scope.READ)
        )
        if operation.method == "GET":
            assert need.scope == Scope.READ
