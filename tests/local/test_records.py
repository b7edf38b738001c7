"""Projects, models and parameterized models as records: made, listed, changed, deleted."""

import pytest

from tests.local.engines import finish, submit


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


def test_a_name_is_given_once(api):
    first = api.post("/projects", json={"name": "Cells"}).json()

    reply = api.post("/projects", json={"name": "Cells"})

    assert (reply.status_code, reply.json()["error_code"]) == (409, "CONFLICT")
    assert reply.json()["detail"] == {"existing_id": first["id"]}


def test_the_default_project_stays(api):
    assert api.delete("/projects/default").status_code == 409


def test_a_project_in_use_stays(api, template):
    project = api.post("/projects", json={"name": "Cells"}).json()["id"]
    finish(api, submit(api, template, project_id=project))

    reply = api.delete(f"/projects/{project}")

    assert reply.status_code == 409
    assert "in use" in reply.json()["message"]


@pytest.fixture
def three(api):
    for name in ("Alpha cell", "beta cell", "gamma"):
        api.post("/projects", json={"name": name})


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
def test_lists_are_filtered_ordered_and_paged(api, three, query, names):
    page = api.get("/projects", params=query).json()

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
def test_a_wrong_filter_is_refused_with_the_right_ones(api, query, words):
    reply = api.get("/projects", params=query)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_records_nobody_else_wrote_match_no_author(api):
    query = {"project_id": "default", "created_by_email": "ilike.%x%"}

    assert api.get("/models", params=query).json()["items"] == []


def test_a_model_is_built_in_with_options(api):
    body = {"name": "mine", "config": {"type": "SPMe", "options": {"thermal": "lumped"}}}
    made = api.post("/models", json=body)

    assert made.status_code == 201, made.text
    assert made.json()["config"] == body["config"]
    assert not made.json()["is_custom_model"]
    identifier = made.json()["id"]
    changed = api.patch(f"/models/{identifier}", json={"simulation_settings": {"a": 1}}).json()
    assert changed["simulation_settings"] == {"a": 1}
    cleared = api.patch(f"/models/{identifier}", json={"simulation_settings": None}).json()
    assert cleared["simulation_settings"] is None
    assert api.delete(f"/models/{identifier}").status_code == 204


@pytest.mark.parametrize(
    ("config", "status", "words"),
    [
        ({"type": "MPM"}, 501, "SPM, SPMe, DFN"),
        ({"pybamm_model": {}}, 501, "SPM, SPMe, DFN"),
        ({"type": "SPM", "colour": "red"}, 422, "colour"),
        ({"type": "SPM", "options": [1]}, 422, "options"),
        ({"type": "SPM", "options": {"bad": True}}, 422, "'bad' is not known"),
    ],
)
def test_a_model_the_engine_cannot_build_is_refused(api, config, status, words):
    reply = api.post("/models", json={"name": "mine", "config": config})

    assert reply.status_code == status
    assert words in reply.json()["message"]


def test_a_model_in_use_stays(api):
    assert api.delete("/models/spm").status_code == 409


def test_pybamm_models_are_listed_and_validated(api):
    def verdict(**body):
        return api.post("/discovery/pybamm_models/validate", json=body).json()

    assert api.get("/discovery/pybamm_models").json() == {"lithium_ion": ["SPM", "SPMe", "DFN"]}
    assert verdict(pybamm_model="DFN")["valid"]
    assert verdict(pybamm_model="DFN", options={"thermal": "lumped"})["valid"]
    wrong = verdict(pybamm_model="DFN", options={"bad": True})
    assert (wrong["valid"], wrong["error_type"]) == (False, "ValueError")
    assert "'bad'" in wrong["error"]
    assert not verdict(pybamm_model="NewmanTobias")["valid"]
    assert not verdict(pybamm_model="SPM", module="lead_acid")["valid"]


def test_a_parameterized_model_is_a_set_with_numbers_on_top(api, template):
    body = {
        "name": "thick",
        "model_id": "spm",
        "parameters": {"parameter_set": "Chen2020", "thickness": 2},
    }
    made = api.post("/parameterized_models", json=body)

    assert made.status_code == 201, made.text
    identifier = made.json()["id"]
    assert made.json()["parameters"] == {"parameter_set": "Chen2020", "thickness": 2.0}
    assert made.json()["model_name"] == "SPM"
    [simulation] = finish(api, submit(api, template, parameterized_model=identifier))
    assert simulation["parameterized_model"] == {"id": identifier, "name": "thick"}
    again = api.post("/parameterized_models", json=body)
    assert (again.status_code, again.json()["detail"]) == (409, {"existing_id": identifier})
    renamed = api.patch(f"/parameterized_models/{identifier}", json={"name": "thicker"}).json()
    assert renamed["name"] == "thicker"
    assert api.delete(f"/parameterized_models/{identifier}").status_code == 204
    after = api.get(f"/simulations/{simulation['id']}").json()
    assert after["parameterized_model_id"] is None


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"model_id": "none"}, 404, "'none'"),
        ({"parameters": {}}, 422, "parameter_set"),
        ({"parameters": {"parameter_set": "Chen2021"}}, 422, "Chen2020"),
        ({"parameters": {"parameter_set": "Chen2020", "thicknes": 1}}, 422, "'thickness'"),
        ({"parameters": {"parameter_set": "Chen2020", "ocv": "x"}}, 501, "'ocv'"),
        ({"parameters": {"parameter_set": "Chen2020", "thickness": True}}, 501, "'thickness'"),
    ],
)
def test_a_parameterized_model_that_makes_no_sense_is_refused(api, fields, status, words):
    body = {"name": "x", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}, **fields}

    reply = api.post("/parameterized_models", json=body)

    assert reply.status_code == status
    assert words in reply.json()["message"]


def test_parameters_and_variables_come_from_the_engine(api):
    values = api.get("/parameterized_models/spm-chen2020/parameter-values").json()

    assert values == {"thickness": 1.0, "ocv": None}
    assert api.get("/parameterized_models/spm-chen2020/variable-names").json() == ["Voltage [V]"]


def test_a_summary_of_parameterized_models_is_short(api):
    query = {"project_id": "default", "summary": True, "limit": 1}

    [item] = api.get("/parameterized_models", params=query).json()["items"]

    assert set(item) == {
        "id",
        "name",
        "description",
        "cell_spec_id",
        "model_id",
        "model_name",
        "created_at",
        "updated_at",
    }
