"""Parameterized models as records, and as simulations use them."""

import difflib

import pytest
import sqlalchemy as sa

from ionworks.server.store.tables import model_specs
from tests.counting import count_calls
from tests.unit.server.engines import finish, submit


@pytest.fixture
def cell(api):
    body = {"name": "LG M50", "ratings": {"capacity": {"value": 4850, "unit": "mA.h"}}}
    reply = api.post("/cell_specifications", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


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
        ({"parameters": {"parameter_set": "Chen2020", "thickness": -1}}, 422, "impossible"),
        ({"parameters": {"parameter_set": 7}}, 422, "7"),
    ],
)
def test_an_invalid_parameterized_model_is_rejected(shared_api, fields, status, words):
    body = {"name": "x", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}, **fields}

    reply = shared_api.post("/parameterized_models", json=body)

    assert reply.status_code == status
    assert words in reply.json()["message"]


@pytest.mark.parametrize("value", [1.0, "x"])
def test_many_wrong_parameters_are_described_up_to_twenty(shared_api, monkeypatch, value):
    searches = count_calls(monkeypatch, difflib, "get_close_matches")
    values = {"parameter_set": "Chen2020", **{f"thicknes {n}": value for n in range(500)}}

    body = {"name": "x", "model_id": "spm", "parameters": values}
    reply = shared_api.post("/parameterized_models", json=body)

    assert reply.status_code == 422
    assert len(reply.json()["detail"]) == 20
    assert reply.json()["message"].endswith("; and more: these are the first 20")
    assert len(searches) <= 21


def test_parameters_and_variables_come_from_the_engine(shared_api):
    values = shared_api.get("/parameterized_models/spm-chen2020/parameter-values").json()

    assert values == {"thickness": 1.0, "ocv": {"$type": "a function"}}
    assert shared_api.get("/parameterized_models/spm-chen2020/variable-names").json() == [
        "Voltage [V]"
    ]


def test_a_simulated_parameterized_model_keeps_its_parameters(api, template):
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
def test_models_of_an_unknown_cell_are_404(shared_api, method):
    body = {"name": "x", "model_id": "spm", "parameters": {"parameter_set": "Chen2020"}}
    content = {"json": body} if method == "POST" else {}

    reply = shared_api.request(method, "/cells/none/parameterized_models", **content)

    assert (reply.status_code, "'none'" in reply.json()["message"]) == (404, True)


def specs(app):
    with app.services.store.reading() as connection:
        return {row.id: row.spec for row in connection.execute(sa.select(model_specs))}


def test_a_quick_model_has_the_capacity_of_its_cell(api, app, cell, template):
    def spec(**quick):
        before = specs(app)
        model = {"quick_model": {"cell_spec_id": cell, **quick}}
        submit(api, template, parameterized_model=model)
        [new] = specs(app).keys() - before.keys()
        return specs(app)[new]

    assert spec()["capacity"] == pytest.approx(4.85)
    assert spec(capacity=2.0)["capacity"] == 2.0


def test_equal_models_are_stored_once(api, app, template):
    simulations = [*submit(api, template), *submit(api, template)]
    finish(api, simulations)

    assert len(specs(app)) == 1
    for simulation in simulations:
        assert len(specs(app)) == 1
        api.delete(f"/simulations/{simulation['simulation_id']}")
    assert specs(app) == {}


def test_a_summary_omits_parameters(shared_api):
    query = {"project_id": "default", "summary": True, "limit": 1}

    [item] = shared_api.get("/parameterized_models", params=query).json()["items"]

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


def test_notes_on_parameters_are_in_the_reply_and_stay_on_the_record(api):
    body = {
        "name": "very thick",
        "model_id": "spm",
        "parameters": {"parameter_set": "Chen2020", "thickness": 200},
    }
    made = api.post("/parameterized_models", json=body).json()

    assert made["notes"] == [{"category": "parameters", "message": "'thickness' is unusual"}]
    path = f"/parameterized_models/{made['id']}"
    assert api.get(path).json()["notes"] == made["notes"]
    renamed = api.patch(path, json={"name": "thickest"}).json()
    assert renamed["notes"] == made["notes"]
    usual = {"parameters": {"parameter_set": "Chen2020", "thickness": 1}}
    assert api.patch(path, json=usual).json()["notes"] == []


def test_the_project_of_a_cells_model_is_that_of_the_cell(api):
    cell = api.post("/cell_specifications", json={"name": "of the default project"}).json()["id"]
    other = api.post("/projects", json={"name": "another"}).json()["id"]
    body = {
        "name": "elsewhere",
        "model_id": "spm",
        "parameters": {"parameter_set": "Chen2020"},
        "project_id": other,
    }

    reply = api.post(f"/cells/{cell}/parameterized_models", json=body)

    assert reply.status_code == 422
    assert "belongs to the project 'default'" in reply.json()["message"]
