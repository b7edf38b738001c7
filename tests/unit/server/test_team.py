"""Keys, limits and the log of a team's server, and what separates the requests of users."""

from datetime import timedelta

import pytest

from ionworks.server.http.addresses import Addresses
from ionworks.server.http.problems import Problem
from ionworks.server.store import scope
from ionworks.server.store.access import Role, Scope
from ionworks.server.store.table_parts import metadata
from ionworks.server.team import audit, directory, keys
from ionworks.server.team.limits import Limits, Rate
from ionworks.server.team.requests import Team
from tests.unit.server.engines import client_of, finish, store_template, submit
from tests.unit.server.pipelines import ENTRY
from tests.unit.server.teams import PROTOCOL, client_with, joined, opened_team, with_role
from tests.unit.server.uploading import PARQUET

TEAM_TABLES = {"api_keys", "audit_log", "organizations", "users"}


@pytest.fixture
def team(folder):
    app = opened_team(folder)
    yield app
    app.close()


@pytest.fixture
def member(team):
    return joined(team, "ada")


def template_of(member):
    body = {"protocol_experiment": {"name": "rest", "protocol": PROTOCOL}}
    return member.api.post("/protocols/parse-to-template", json=body).json()["template_id"]


# ---------------------------------------------------------------- keys
def test_a_request_without_a_valid_key_is_refused(team, member):
    for key in ("", "iw_unknown", member.key[:-1], member.key + "x"):
        assert client_with(team, key).get("/projects").status_code == 401
    bearer = {"Authorization": f"Bearer {member.key}", "X-API-Key": ""}
    assert client_of(team).get("/projects", headers=bearer).status_code == 200
    assert client_of(team).get("/healthz").status_code == 200


def test_a_revoked_or_expired_key_is_refused_at_once(team, member):
    store = team.services.store
    [key] = keys.listed(store)
    assert key["last_used_at"] is None
    assert member.api.get("/projects").status_code == 200
    assert keys.listed(store)[0]["last_used_at"] is not None

    revoked = keys.revoke(store, key["id"])

    assert revoked["revoked_at"] is not None
    assert member.api.get("/projects").status_code == 401
    over = keys.create(store, member.user_id, "old", Scope.READ, timedelta(seconds=-1))
    assert client_with(team, over["key"]).get("/projects").status_code == 401


def test_the_database_has_no_key_in_it(team, member):
    assert member.api.get("/projects").status_code == 200
    secret = member.key[11:].encode()
    for path in team.folder.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()


def test_a_disabled_user_is_refused(team, member):
    directory.change_user(team.services.store, member.email, is_active=False)
    assert member.api.get("/projects").status_code == 401
    directory.change_user(team.services.store, member.email, is_active=True)
    assert member.api.get("/projects").status_code == 200


def test_the_last_use_of_a_key_is_written_once_a_minute(team, member):
    store = team.services.store
    member.api.get("/projects")
    [first] = keys.listed(store)
    member.api.get("/projects")
    assert keys.listed(store) == [first]


def test_the_user_of_a_key_is_told(member):
    me = member.api.get("/users/me").json()
    assert (me["id"], me["email"]) == (member.user_id, "ada@example.com")
    assert me["authorized_organization"]["name"] == "Lab"
    assert me["default_project_id"] == member.project_id


# ---------------------------------------------------------------- modes
def test_a_folder_of_a_team_is_not_served_with_one_key(folder, open_app):
    team = opened_team(folder)
    joined(team, "ada")
    team.close()

    with pytest.raises(RuntimeError, match="serve it with --team"):
        open_app(api_key="shared", addresses=Addresses("127.0.0.1", 8000, None))
    with pytest.raises(ValueError, match="omit api_key"):
        open_app(api_key="shared", team=Limits())


def test_an_engine_in_process_stays_single_user(folder, open_app):
    team = opened_team(folder)
    joined(team, "ada")
    team.close()
    api = client_of(open_app())
    assert {each["name"] for each in api.get("/projects").json()["items"]} == {
        "Default project",
        "Project of ada",
    }
    assert api.get("/users/me").json()["id"] == "local"


def test_the_first_organization_gets_what_is_stored(folder, open_app):
    single = open_app()
    made = client_of(single).post(
        "/cell_specifications", json={"name": "M50", "anode": {"material": {"name": "graphite"}}}
    )
    assert made.status_code == 201
    single.close()
    team = opened_team(folder)
    try:
        owner = joined(team, "ada")
        directory.set_member(team.services.store, "default", "ada@example.com", Role.OWNER)
        found = owner.api.get(f"/cell_specifications/{made.json()['id']}").json()
        assert found["anode"]["material"]["name"] == "graphite"
        others = joined(team, "ben")
        assert others.api.get(f"/cell_specifications/{made.json()['id']}").status_code == 404
    finally:
        team.close()


# ---------------------------------------------------------------- separation
def test_each_table_is_confined_or_known_to_need_no_condition():
    known = {*scope.PARTS, *scope.WHOLE, *TEAM_TABLES}
    assert known == {table.name for table in metadata.sorted_tables}
    assert not scope.PARTS.keys() & scope.WHOLE


def test_materials_are_shared_within_an_organization(team, member):
    directory.add_organization(team.services.store, "Elsewhere")
    body = {"name": "a", "anode": {"material": {"name": "graphite", "definition": {"d": 1}}}}
    specs = [
        each.api.post("/cell_specifications", json=body).json()
        for each in (member, joined(team, "ben"), joined(team, "eve", "Elsewhere"))
    ]
    mine, same, other = (spec["anode"]["material_id"] for spec in specs)
    assert mine == same != other


def test_an_idempotency_key_belongs_to_its_user(team, member):
    other = with_role(team, "ben", member, Role.EDITOR)
    template = template_of(member)
    replies = [
        each.api.post(
            "/simulations/with-template/batch",
            headers={"Idempotency-Key": "same"},
            json={
                "parameterized_model": "spm-chen2020",
                "experiment_template_id": template,
                "experiment_parameter_sets": [{}],
            },
        ).json()[0]["simulation_id"]
        for each in (member, other, member)
    ]
    assert replies[0] == replies[2] != replies[1]


def test_results_are_not_taken_from_another_project(team, member):
    other = joined(team, "ben")
    directory.set_member(team.services.store, other.project_id, member.email, Role.EDITOR)
    plan = {
        "parameterized_model": "spm-chen2020",
        "protocol": PROTOCOL,
        "experiment_parameter_sets": [{}],
    }
    body = {**plan, "experiment_template_id": template_of(member)}
    del body["protocol"]
    path = "/simulations/with-template/batch"
    first = member.api.post(path, json=body).json()[0]["simulation_id"]
    elsewhere = member.api.post(path, json={**body, "project_id": other.project_id}).json()
    again = member.api.post(path, json=body).json()[0]["simulation_id"]
    with team.services.store.reading() as connection:
        from ionworks.server.store.tables import runs

        rows = connection.execute(runs.select().order_by(runs.c.number)).all()
    assert [row.copied_from_submission is None for row in rows] == [True, True, False]
    assert len({first, again, elsewhere[0]["simulation_id"]}) == 3


def test_what_others_use_stays_when_a_user_deletes(team, member):
    """Model specs and provenances are shared by all that is equal, whoever it belongs to."""
    other = joined(team, "ben")
    made = {}
    for each in (member, other):
        template = template_of(each)
        made[each.email] = finish(each.api, submit(each.api, template, project_id=each.project_id))
    [mine], [theirs] = made.values()

    assert member.api.delete(f"/simulations/{mine['id']}").status_code == 204

    after = other.api.get(f"/simulations/{theirs['id']}").json()
    assert after["provenance"] == theirs["provenance"]
    assert other.api.get(f"/simulations/{theirs['id']}/script").status_code == 200


def test_results_that_were_copied_before_there_was_a_team_stay(folder, open_app):
    single = open_app()
    api = client_of(single)
    project = api.post("/projects", json={"name": "second"}).json()["id"]
    template = store_template(single)
    [source] = finish(api, submit(api, template, reuse=True))
    [copy] = finish(api, submit(api, template, reuse=True, project_id=project))
    assert copy["copied_from"] == source["id"]
    single.close()
    team = opened_team(folder)
    try:
        ada = joined(team, "ada", role=Role.EDITOR, project="default")
        ben = joined(team, "ben", role=Role.EDITOR, project=project)
        assert ada.api.delete(f"/simulations/{source['id']}").status_code == 204
        kept = ben.api.get(f"/simulations/{copy['id']}/time_series/download", headers=PARQUET)
        assert kept.status_code == 200
    finally:
        team.close()


def test_a_model_that_others_have_simulated_does_not_change(team, member):
    model = member.api.post("/models", json={"name": "m", "config": {"type": "SPM"}}).json()["id"]
    other = joined(team, "ben")
    directory.set_member(team.services.store, member.project_id, other.email, Role.VIEWER)
    body = {"name": "p", "model_id": model, "parameters": {"parameter_set": "Chen2020"}}
    made = other.api.post("/parameterized_models", json=body).json()["id"]
    finish(
        other.api,
        submit(
            other.api, template_of(other), parameterized_model=made, project_id=other.project_id
        ),
    )
    settings = {"simulation_settings": {"var_pts": {"x_n": 10}}}
    assert member.api.patch(f"/models/{model}", json=settings).status_code == 409


def test_a_long_list_is_read_as_its_user(team, member, monkeypatch):
    """A reply that is made while it is sent is made after the request was answered."""
    monkeypatch.setattr("ionworks.server.http.replies._PIECE", 2)
    other = joined(team, "ben")
    listed = submit(
        member.api,
        template_of(member),
        experiment_parameter_sets=[{}] * 5,
        project_id=member.project_id,
    )
    assert len(listed) == 5
    ids = [each["simulation_id"] for each in listed]
    for each, count in ((member, 5), (other, 0)):
        found = each.api.post("/simulations/statuses", json={"simulation_ids": ids}).json()
        assert len(found) == count


@pytest.mark.folder_blobs("the links are those of the object store")
def test_links_work_for_what_they_were_made_for_only(team, member):
    other = joined(team, "ben")
    body = {"name": "M50"}
    cells = []
    for each in (member, other):
        spec = each.api.post("/cell_specifications", json=body).json()["id"]
        made = each.api.post(f"/cell_specifications/{spec}/cell_instances", json=body).json()
        cells.append(made["id"])
    uploads = [
        each.api.post(
            f"/cell_instances/{cell}/cell_measurements/initiate-upload",
            json={"measurement": {"name": "C/20"}},
        ).json()["uploads"][0]
        for each, cell in zip((member, other), cells, strict=True)
    ]
    theirs, own = (each["signed_url"] for each in uploads)
    head, _, signature = own.rpartition(".")
    mixed = f"{theirs.rpartition('.')[0]}.{signature}"
    assert other.api.put(mixed, content=b"x").status_code == 403
    assert other.api.put(f"{head}.{theirs.rpartition('.')[2]}", content=b"x").status_code == 403
    # A link to upload is not one to download.
    assert other.api.get(theirs).status_code == 403


# ---------------------------------------------------------------- the log
def test_writes_are_in_the_log_with_their_outcome(team, member):
    viewer = with_role(team, "ben", member, Role.VIEWER)
    made = member.api.post("/cell_specifications", json={"name": "M50"}).json()
    path = f"/cell_specifications/{made['id']}"
    member.api.get(path)
    refused = viewer.api.delete(path)
    member.api.post("/projects", json={})
    member.api.delete(path)

    entries = audit.listed(team.services.store)

    assert [(each["user"], each["operation"], each["status"]) for each in reversed(entries)] == [
        ("ada@example.com", "create_cell_spec", 201),
        ("ben@example.com", "delete_cell_spec", 403),
        ("ada@example.com", "create_project", 422),
        ("ada@example.com", "delete_cell_spec", 204),
    ]
    last, _, of_viewer, first = entries
    assert {each["object_id"] for each in (last, of_viewer, first)} == {made["id"]}
    assert last["project_id"] == first["project_id"] == member.project_id
    assert of_viewer["request_id"] == refused.headers["x-correlation-id"]
    assert {each["key_id"] for each in (first, last)} == {
        each["id"] for each in keys.listed(team.services.store, member.user_id)
    }


def test_the_log_is_filtered(team, member):
    other = joined(team, "ben")
    for each in (member, other):
        each.api.post("/cell_specifications", json={"name": "M50"})
    store = team.services.store
    assert len(audit.listed(store, user_id=other.user_id)) == 1
    assert len(audit.listed(store, project_id=member.project_id)) == 1
    assert audit.listed(store, since="2200-01-01") == []
    assert len(audit.listed(store, limit=1)) == 1


# ---------------------------------------------------------------- limits
def test_requests_above_the_rate_wait():
    moments = [0.0]
    rate = Rate(60, lambda: moments[0])
    for _ in range(60):
        rate.count("ada")
    with pytest.raises(Problem) as refused:
        rate.count("ada")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    rate.count("ben")
    moments[0] = 1.5
    rate.count("ada")
    with pytest.raises(Problem):
        rate.count("ada")
    moments[0] = 1000.0
    for _ in range(60):
        rate.count("ada")
    with pytest.raises(Problem):
        rate.count("ada")


def test_each_user_has_a_rate(team, member):
    other = joined(team, "ben")
    door = Team(team.services.store, Limits(requests_per_minute=2), lambda: 0.0)
    for _ in range(2):
        assert door.admit(member.key).user_id == member.user_id
    with pytest.raises(Problem) as refused:
        door.admit(member.key)
    assert refused.value.status == 429
    assert door.admit(other.key).user_id == other.user_id
    door.check_key(member.key)  # a body is received all the same, and the request then refused


def test_the_body_of_a_request_is_received_on_the_word_of_a_valid_key_for_seconds(team, member):
    moments = [0.0]
    door = Team(team.services.store, Limits(), lambda: moments[0])
    door.check_key(member.key)
    keys.revoke(team.services.store, keys.listed(team.services.store)[0]["id"])
    door.check_key(member.key)
    with pytest.raises(Problem):
        door.admit(member.key)
    moments[0] = 11.0
    with pytest.raises(Problem):
        door.check_key(member.key)


def test_the_runs_of_a_user_are_limited(folder):
    limits = Limits(pending_runs=3, largest_submission=2)
    # Nothing runs without a dispatcher.
    app = opened_team(folder, team=limits, role="web")
    try:
        member, other = joined(app, "ada"), joined(app, "ben")
        body = {"parameterized_model": "spm-chen2020", "reuse": False}
        path = "/simulations/with-template/batch"

        def submitted(user, count):
            return user.api.post(
                path,
                json={
                    **body,
                    "experiment_template_id": template_of(user),
                    "experiment_parameter_sets": [{}] * count,
                },
            )

        large = submitted(member, 3)
        assert (large.status_code, "allows 2" in large.json()["message"]) == (403, True)
        assert submitted(member, 2).status_code == 201
        full = submitted(member, 2)
        assert (full.status_code, "2 unfinished runs" in full.json()["message"]) == (403, True)
        assert submitted(member, 1).status_code == 201
        pipeline = {"project_id": member.project_id, "options": {}, "elements": {"entry": ENTRY}}
        assert member.api.post("/pipelines", json=pipeline).status_code == 403
        assert submitted(other, 2).status_code == 201
    finally:
        app.close()


@pytest.mark.parametrize("name", ["requests_per_minute", "pending_runs", "largest_submission"])
def test_a_limit_is_at_least_one(name):
    with pytest.raises(ValueError, match=f"{name}=0 must be at least 1"):
        Limits(**{name: 0})
