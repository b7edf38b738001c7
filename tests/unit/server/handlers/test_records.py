"""Projects, models and parameterized models as records: made, listed, changed, deleted."""

import json
import sqlite3

import pytest

from ionworks.server.store.database import DATABASE
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


def test_a_name_is_given_once(api):
    first = api.post("/projects", json={"name": "Cells"}).json()

    reply = api.post("/projects", json={"name": "Cells"})

    assert (reply.status_code, reply.json()["error_code"]) == (409, "CONFLICT")
    assert reply.json()["detail"] == {"existing_id": first["id"]}
    other = api.post("/projects", json={"name": "Others"}).json()["id"]
    assert api.patch(f"/projects/{other}", json={"name": "Cells"}).status_code == 409
    assert api.patch(f"/projects/{other}", json={"colour": "red"}).status_code == 422


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
    settings = {"var_pts": {"x_n": 10}}
    changed = api.patch(f"/models/{identifier}", json={"simulation_settings": settings}).json()
    assert changed["simulation_settings"] == settings
    refused = api.patch(f"/models/{identifier}", json={"simulation_settings": {"colour": 1}})
    assert (refused.status_code, "'colour'" in refused.json()["message"]) == (422, True)
    fixed = api.patch(f"/models/{identifier}", json={"config": {"type": "DFN"}})
    assert (fixed.status_code, "config" in fixed.json()["message"]) == (422, True)
    cleared = api.patch(f"/models/{identifier}", json={"simulation_settings": None}).json()
    assert cleared["simulation_settings"] is None
    assert api.delete(f"/models/{identifier}").status_code == 204


@pytest.mark.parametrize(
    ("config", "status", "words"),
    [
        ({"type": "MSMR"}, 422, "SPM, SPMe, DFN, MPM, NewmanTobias, Thevenin"),
        ({"pybamm_model": {}}, 422, "SPM, SPMe, DFN"),
        ({"type": "SPM", "colour": "red"}, 422, "colour"),
        ({"type": "SPM", "options": [1]}, 422, "options"),
        ({"type": "SPM", "options": {"bad": True}}, 422, "'bad' is not known"),
        ({"pybamm_model": {"type": "SPM", "options": {"bad": True}}}, 422, "'bad' is not known"),
        ({"type": "SPM", "module": "lead_acid"}, 422, "lithium_ion"),
        ({"type": "SPM", "events": []}, 422, "upload_custom"),
        ({"type": "SPM", "removed_variables": ["a"]}, 422, "upload_custom"),
        ({"type": "SPM", "custom_variables": {"a": "1"}}, 422, "custom_variables"),
        ({"type": "SPM", "formulas": {"a": 1}}, 422, "formulas"),
        ({"type": "custom"}, 422, "config.model"),
        ({"type": "custom", "model": {}, "chemistry": "lead"}, 422, "chemistry"),
        ({"type": "custom", "model": {}, "colour": 1}, 422, "colour"),
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

    assert api.get("/discovery/pybamm_models").json() == {
        "lithium_ion": ["SPM", "SPMe", "DFN", "MPM", "NewmanTobias"],
        "equivalent_circuit": ["Thevenin"],
    }
    assert verdict(pybamm_model="DFN")["valid"]
    assert verdict(pybamm_model="DFN", options={"thermal": "lumped"})["valid"]
    wrong = verdict(pybamm_model="DFN", options={"bad": True})
    assert (wrong["valid"], wrong["error_type"]) == (False, "ValueError")
    assert "'bad'" in wrong["error"]
    assert verdict(pybamm_model="Thevenin", module="equivalent_circuit")["valid"]
    assert not verdict(pybamm_model="MSMR")["valid"]
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
        ({"parameters": {"parameter_set": "Chen2020", "ocv": "x"}}, 422, "parameters.ocv"),
        ({"parameters": {"parameter_set": "Chen2020", "thickness": True}}, 422, "True"),
        ({"parameters": {"thickness": 13}}, 422, "unlucky"),
        ({"parameters": {"parameter_set": 7}}, 422, "7"),
    ],
)
def test_a_parameterized_model_that_makes_no_sense_is_refused(api, fields, status, words):
    body = {"name": "x", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}, **fields}

    reply = api.post("/parameterized_models", json=body)

    assert reply.status_code == status
    assert words in reply.json()["message"]


def test_parameters_and_variables_come_from_the_engine(api):
    values = api.get("/parameterized_models/spm-chen2020/parameter-values").json()

    assert values == {"thickness": 1.0, "ocv": {"$type": "a function"}}
    assert api.get("/parameterized_models/spm-chen2020/variable-names").json() == ["Voltage [V]"]


def test_a_parameterized_model_stays_as_it_was_simulated(api, template):
    body = {
        "name": "thick",
        "model_id": "spm",
        "parameters": {"parameter_set": "Chen2020", "thickness": 2},
    }
    address = f"/parameterized_models/{api.post('/parameterized_models', json=body).json()['id']}"

    own = api.patch(address, json={"parameters": {"thickness": 3}}).json()["parameters"]
    assert own == {"thickness": 3.0}
    assert api.patch(address, json={"parameters": {"thickness": 13}}).status_code == 422
    assert api.patch(address, json={"parameters": {}}).status_code == 422
    finish(api, submit(api, template, parameterized_model=address.rpartition("/")[2]))

    fixed = api.patch(address, json={"model_id": "dfn"})
    assert (fixed.status_code, "model_id" in fixed.json()["message"]) == (422, True)
    for change in ({"parameters": {"thickness": 4}}, {"simulation_settings": {"var_pts": {}}}):
        refused = api.patch(address, json=change)
        assert refused.status_code == 409
        assert "make a new one" in refused.json()["message"]
    same = api.patch(address, json={"parameters": {"thickness": 3}, "name": "thicker"})
    assert (same.status_code, same.json()["name"]) == (200, "thicker")
    assert api.get(address).json()["parameters"] == {"thickness": 3.0}


def test_a_simulated_model_keeps_its_settings(api, template):
    model = api.post("/models", json={"name": "mine", "config": {"type": "SPM"}}).json()
    body = {"name": "x", "model_id": model["id"], "parameters": {"parameter_set": "Chen2020"}}
    identifier = api.post("/parameterized_models", json=body).json()["id"]
    finish(api, submit(api, template, parameterized_model=identifier))

    settings = {"simulation_settings": {"var_pts": {"x_n": 5}}}
    reply = api.patch(f"/models/{model['id']}", json=settings)

    assert reply.status_code == 409
    assert "new model" in reply.json()["message"]
    assert api.patch(f"/models/{model['id']}", json={"description": "d"}).status_code == 200


def test_formulas_become_part_of_a_model(api):
    address = (
        f"/models/{api.post('/models', json={'name': 'm', 'config': {'type': 'SPM'}}).json()['id']}"
    )

    made = api.post(f"{address}/custom-variables", json={"name": "P [W]", "expression": "V * I"})
    again = api.post(f"{address}/custom-variables", json={"name": "P [W]", "expression": "V"})
    bad = api.post(f"{address}/custom-variables", json={"name": "Q", "expression": "bad"})

    assert made.status_code == 201
    assert made.json()["config"]["formulas"] == {"P [W]": "V * I"}
    assert (again.status_code, "'P [W]'" in again.json()["message"]) == (409, True)
    assert (bad.status_code, "'Q'" in bad.json()["message"]) == (422, True)
    assert api.get(address).json()["config"]["formulas"] == {"P [W]": "V * I"}


def upload(api, content, **fields):
    files = {"file": ("model.json", content, "application/json")}
    return api.post("/models/upload-custom", data={"name": "mine", **fields}, files=files)


def test_a_model_is_uploaded_as_a_form(api):
    made = upload(api, b'{"model": {"name": "own"}}', chemistry="generic", description="d")

    assert made.status_code == 201, made.text
    assert made.json()["config"] == {
        "type": "custom",
        "model": {"compressed": True, "data": "own"},
        "chemistry": "generic",
    }
    assert made.json()["is_custom_model"]
    listed = api.get("/models", params={"name": "eq.mine"}).json()["items"]
    assert [(item["id"], item["config"]) for item in listed] == [(made.json()["id"], None)]


@pytest.mark.parametrize(
    ("content", "fields", "status", "words"),
    [
        (b"{", {}, 422, "not valid JSON"),
        (b"[]", {}, 422, "no JSON object"),
        (b"{}", {"chemistry": "lead"}, 422, "chemistry"),
        (b"{}", {"chemistry": "lithium_sulfur"}, 501, "lithium_sulfur"),
        (b"{}", {"colour": "red"}, 422, "colour"),
        (b"{}", {"name": ""}, 422, "name"),
        (b"{}", {"project_id": "none"}, 404, "none"),
    ],
)
def test_an_upload_that_makes_no_sense_is_refused(api, content, fields, status, words):
    reply = upload(api, content, **fields)

    assert reply.status_code == status, reply.text
    assert words in reply.json()["message"]
    assert api.get("/models", params={"name": "eq.mine"}).json()["total"] == 0


def test_an_upload_that_is_no_form_is_refused(api):
    assert api.post("/models/upload-custom", json={"name": "x"}).status_code == 415
    missing = api.post("/models/upload-custom", data={"name": "x"}, files={"other": b"{}"})
    assert (missing.status_code, "file" in missing.json()["message"]) == (422, True)


def test_a_model_is_serialised_by_name(api):
    address = "/discovery/ionworks_models/serialize"

    reply = api.post(address, json={"name": "SPM", "options": {"thermal": "lumped"}})

    assert reply.json() == {"model": {"name": "SPM", "options": {"thermal": "lumped"}}}
    unknown = api.post(address, json={"name": "LumpedSPMR"})
    assert (unknown.status_code, "Thevenin" in unknown.json()["message"]) == (422, True)


@pytest.fixture
def cell(api):
    body = {"name": "LG M50", "ratings": {"capacity": {"value": 4850, "unit": "mA.h"}}}
    reply = api.post("/cell_specifications", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def test_parameterized_models_of_a_cell(api, cell):
    body = {"name": "of the cell", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}}
    other = api.post("/parameterized_models", json={**body, "name": "of nothing"}).json()
    made = api.post(f"/cells/{cell}/parameterized_models", json=body)
    assert made.status_code == 201, made.text
    identifier = made.json()["id"]
    assert made.json()["cell_spec_id"] == cell
    again = api.post(f"/cells/{cell}/parameterized_models", json=body)
    assert (again.status_code, again.json()["detail"]["existing_id"]) == (409, identifier)

    page = api.get(f"/cells/{cell}/parameterized_models").json()
    query = {"project_id": "default", "cell_spec_id": cell}
    filtered = api.get("/parameterized_models", params=query).json()
    assert [item["id"] for item in page["items"]] == [identifier]
    assert [item["id"] for item in filtered["items"]] == [identifier]

    address = f"/cells/{cell}/parameterized_models"
    assert api.patch(f"{address}/{identifier}", json={"name": "new"}).json()["name"] == "new"
    assert api.patch(f"{address}/{other['id']}", json={"name": "x"}).status_code == 404
    assert api.delete(f"{address}/{other['id']}").status_code == 404
    assert api.delete(f"/cell_specifications/{cell}").status_code == 409
    assert api.delete(f"{address}/{identifier}").status_code == 204
    assert api.delete(f"/cell_specifications/{cell}").status_code == 204


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cell_that_is_not_there_has_no_models(api, method):
    body = {"name": "x", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}}
    content = {"json": body} if method == "POST" else {}

    reply = api.request(method, "/cells/none/parameterized_models", **content)

    assert (reply.status_code, "'none'" in reply.json()["message"]) == (404, True)


def test_a_quick_model_has_the_capacity_of_its_cell(api, folder, cell, template):
    def spec(**quick):
        model = {"quick_model": {"cell_spec_id": cell, **quick}}
        submit(api, template, parameterized_model=model)
        with sqlite3.connect(folder / DATABASE) as connection:
            rows = connection.execute("SELECT spec FROM model_specs ORDER BY rowid").fetchall()
        return json.loads(rows[-1][0])

    assert spec()["capacity"] == pytest.approx(4.85)
    assert spec(capacity=2.0)["capacity"] == 2.0


def test_equal_models_are_stored_once(api, folder, template):
    simulations = [*submit(api, template), *submit(api, template)]
    finish(api, simulations)

    def stored():
        with sqlite3.connect(folder / DATABASE) as connection:
            return connection.execute("SELECT count(*) FROM model_specs").fetchone()[0]

    assert stored() == 1
    for simulation in simulations:
        assert stored() == 1
        api.delete(f"/simulations/{simulation['simulation_id']}")
    assert stored() == 0


def test_a_project_has_a_roster(api):
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


def test_the_only_user_stays_and_roles_are_known(api):
    address = "/projects/default/members"

    assert api.delete(f"{address}/local").status_code == 409
    body = {"project_role_id": "project-viewer"}
    assert api.patch(f"{address}/local", json=body).status_code == 409
    taken = api.post(address, json={"user_id": "local", **body})
    assert taken.status_code == 409
    unknown = api.post(address, json={"user_id": "ada", "project_role_id": "owner"})
    assert (unknown.status_code, "project-viewer" in unknown.json()["message"]) == (422, True)
    assert api.post("/projects/none/members", json={"user_id": "a", **body}).status_code == 404


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
