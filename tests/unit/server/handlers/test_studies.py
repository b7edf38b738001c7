"""Studies of a project, and the simulations and measurements assigned to them."""

import pytest

from tests.unit.server import uploading
from tests.unit.server.engines import finish, submit

STUDIES = "/projects/default/studies"


@pytest.fixture
def study(api):
    body = {"name": "1C Discharge Sweep", "description": "Across temperatures"}
    reply = api.post(STUDIES, json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


@pytest.fixture
def measurement(api):
    """Id of a measurement."""
    cell = uploading.make_cell(api)
    path = f"/cell_instances/{cell}/cell_measurements/create"
    return api.post(path, json={"name": "mass", "properties": {}}).json()["id"]


@pytest.fixture
def other(api):
    """Id of another project."""
    return api.post("/projects", json={"name": "other"}).json()["id"]


def test_a_study_lives_from_creation_to_deletion(api, study):
    path = f"{STUDIES}/{study['id']}"
    counts = ("simulation_count", "measurement_count", "validation_count")

    assert (study["name"], study["project_id"]) == ("1C Discharge Sweep", "default")
    assert [study[name] for name in counts] == [0, 0, 0]
    changed = api.patch(path, json={"name": "1C Discharge Sweep v2"}).json()
    assert changed["name"] == "1C Discharge Sweep v2"
    assert changed["description"] == "Across temperatures"
    assert api.get(path).json() == changed
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404


def test_studies_are_listed_and_found_only_in_their_project(api, study, other):
    elsewhere = f"/projects/{other}/studies"

    assert api.get(STUDIES).json()["total"] == 1
    assert api.get(elsewhere).json()["total"] == 0
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        reply = api.request(method, f"{elsewhere}/{study['id']}", json=body)
        assert reply.status_code == 404
    assert api.get("/projects/none/studies").status_code == 404
    assert api.post("/projects/none/studies", json={"name": "x"}).status_code == 404
    assert api.post(elsewhere, json={"name": study["name"]}).status_code == 201
    assert api.delete(f"/projects/{other}").status_code == 409


def test_a_name_is_unique_in_a_project(api, study):
    second = api.post(STUDIES, json={"name": "second"}).json()

    again = api.post(STUDIES, json={"name": study["name"]})
    renamed = api.patch(f"{STUDIES}/{second['id']}", json={"name": study["name"]})

    for reply in (again, renamed):
        assert (reply.status_code, reply.json()["detail"]) == (409, {"existing_id": study["id"]})


@pytest.fixture(scope="module")
def three(shared_api):
    for name in ("discharge a", "Discharge B", "rate sweep"):
        shared_api.post(STUDIES, json={"name": name})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["rate sweep", "Discharge B", "discharge a"]),
        ({"name": "ilike.%DISCHARGE%"}, ["Discharge B", "discharge a"]),
        ({"name": "eq.discharge a"}, ["discharge a"]),
        ({"order_by": "name", "order": "asc"}, ["Discharge B", "discharge a", "rate sweep"]),
        ({"limit": 1, "offset": 1}, ["Discharge B"]),
    ],
)
def test_studies_are_filtered_ordered_and_paged(shared_api, three, query, names):
    page = shared_api.get(STUDIES, params=query).json()

    assert [item["name"] for item in page["items"]] == names
    assert page["count"] == len(names)


def test_measurements_are_assigned_to_and_removed_from_a_study(api, study, measurement):
    path = f"{STUDIES}/{study['id']}/measurements"

    first = api.post(f"{path}/{measurement}", json={})
    second = api.post(f"{path}/{measurement}", json={})

    assert [first.status_code, second.status_code] == [201, 200]
    assert first.json() == second.json()
    assert first.json()["measurement_id"] == measurement
    listed = api.get(path).json()
    assert [item["id"] for item in listed["items"]] == [measurement]
    assert (listed["count"], listed["total"]) == (1, 1)
    assert api.get(f"{STUDIES}/{study['id']}").json()["measurement_count"] == 1
    assert [api.delete(f"{path}/{measurement}").status_code for _ in range(2)] == [204, 204]
    assert api.get(path).json()["items"] == []
    assert api.get(f"/cell_measurements/{measurement}").status_code == 200
    assert api.delete(f"{path}/none").status_code == 404
    assert api.post(f"{path}/none", json={}).status_code == 404


def test_measurements_are_listed_in_the_order_of_assignment(api, study):
    cell = uploading.make_cell(api)
    made = [
        api.post(
            f"/cell_instances/{cell}/cell_measurements/create",
            json={"name": name, "properties": {}},
        ).json()["id"]
        for name in "abc"
    ]
    path = f"{STUDIES}/{study['id']}/measurements"
    for index in (1, 2, 0):
        api.post(f"{path}/{made[index]}", json={})

    listed = api.get(path, params={"limit": 2}).json()

    assert [item["name"] for item in listed["items"]] == ["b", "c"]
    assert listed["total"] == 3
    assert [item["name"] for item in api.get(path, params={"offset": 2}).json()["items"]] == ["a"]


def test_simulations_are_assigned_to_and_removed_from_a_study(api, template, study):
    [simulation] = finish(api, submit(api, template))
    path = f"{STUDIES}/{study['id']}/simulations/{simulation['id']}"

    replies = [api.post(path, json={}).status_code for _ in range(2)]

    assert replies == [201, 200]
    seen = api.get(f"/simulations/{simulation['id']}").json()
    assert seen["study_ids"] == [study["id"]]
    assert api.get(f"{STUDIES}/{study['id']}").json()["simulation_count"] == 1
    [listed] = api.get("/simulations", params={"study_id": study["id"]}).json()["simulations"]
    assert {**listed, "provenance": seen["provenance"]} == seen
    assert [api.delete(path).status_code for _ in range(2)] == [204, 204]
    assert api.get("/simulations", params={"study_id": study["id"]}).json()["total"] == 0
    assert api.get(f"/simulations/{simulation['id']}").json()["study_ids"] == []


def test_a_submission_is_stored_in_its_study_and_the_project_of_the_study(api, template, other):
    study = api.post(f"/projects/{other}/studies", json={"name": "x"}).json()["id"]

    first = submit(
        api,
        template,
        study_id=study,
        conditions=[{"experiment_parameters": {}, "design_parameters": {}}] * 3,
    )
    submit(api, template)

    page = api.get("/simulations", params={"study_id": study}).json()
    assert page["total"] == 3
    assert {item["id"] for item in page["simulations"]} == {s["simulation_id"] for s in first}
    assert {item["project_id"] for item in page["simulations"]} == {other}
    assert {tuple(item["study_ids"]) for item in page["simulations"]} == {(study,)}


def test_a_submission_to_a_study_of_another_project_stores_nothing(api, template, study, other):
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
        "study_id": study["id"],
        "project_id": other,
    }

    reply = api.post("/simulations/with-template/batch", json=body)

    assert reply.status_code == 404
    assert "study of the project" in reply.json()["message"]
    assert api.get("/simulations").json()["total"] == 0


def test_records_of_another_project_are_not_assigned(api, template, study, measurement, other):
    [elsewhere] = submit(api, template, project_id=other)
    foreign = api.post(f"/projects/{other}/studies", json={"name": "x"}).json()["id"]

    simulation = api.post(
        f"{STUDIES}/{study['id']}/simulations/{elsewhere['simulation_id']}", json={}
    )
    measured = api.post(f"/projects/{other}/studies/{foreign}/measurements/{measurement}", json={})

    for reply in (simulation, measured):
        assert reply.status_code == 404
        assert "in the project" in reply.json()["message"]


def test_deleting_a_study_or_its_member_keeps_the_other(api, template, study, measurement):
    [simulation] = finish(api, submit(api, template, study_id=study["id"]))
    api.post(f"{STUDIES}/{study['id']}/measurements/{measurement}", json={})

    api.delete(f"/cell_measurements/{measurement}")
    assert api.get(f"{STUDIES}/{study['id']}").json()["measurement_count"] == 0
    assert api.delete(f"{STUDIES}/{study['id']}").status_code == 204

    after = api.get(f"/simulations/{simulation['id']}").json()
    assert (after["status"], after["study_ids"]) == ("completed", [])
    assert api.delete(f"/simulations/{simulation['id']}").status_code == 204
