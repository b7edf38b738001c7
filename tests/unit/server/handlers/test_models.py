"""Models as records: built in, uploaded, with formulas."""

import pytest

from tests.unit.server.engines import finish, submit


def test_records_match_no_author(shared_api):
    query = {"project_id": "default", "created_by_email": "ilike.%x%"}

    assert shared_api.get("/models", params=query).json()["items"] == []


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
def test_a_model_the_engine_cannot_build_is_rejected(shared_api, config, status, words):
    reply = shared_api.post("/models", json={"name": "mine", "config": config})

    assert reply.status_code == status
    assert words in reply.json()["message"]


def test_a_model_in_use_cannot_be_deleted(shared_api):
    assert shared_api.delete("/models/spm").status_code == 409


def test_pybamm_models_are_listed_and_validated(shared_api):
    def verdict(**body):
        return shared_api.post("/discovery/pybamm_models/validate", json=body).json()

    assert shared_api.get("/discovery/pybamm_models").json() == {
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
    assert len(verdict(pybamm_model="S" * 9999, module="m" * 9999)["error"]) < 700


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
def test_an_invalid_upload_is_rejected(shared_api, content, fields, status, words):
    reply = upload(shared_api, content, **fields)

    assert reply.status_code == status, reply.text
    assert words in reply.json()["message"]
    assert shared_api.get("/models", params={"name": "eq.mine"}).json()["total"] == 0


def test_an_upload_that_is_not_a_form_is_rejected(shared_api):
    assert shared_api.post("/models/upload-custom", json={"name": "x"}).status_code == 415
    missing = shared_api.post("/models/upload-custom", data={"name": "x"}, files={"other": b"{}"})
    assert (missing.status_code, "file" in missing.json()["message"]) == (422, True)


def test_a_model_is_serialised_by_name(shared_api):
    address = "/discovery/ionworks_models/serialize"

    reply = shared_api.post(address, json={"name": "SPM", "options": {"thermal": "lumped"}})

    assert reply.json() == {"model": {"name": "SPM", "options": {"thermal": "lumped"}}}
    unknown = shared_api.post(address, json={"name": "LumpedSPMR"})
    assert (unknown.status_code, "Thevenin" in unknown.json()["message"]) == (422, True)


def test_keys_beside_a_config_are_not_ignored(api):
    config = {"pybamm_model": {"type": "SPM"}, "options": {"thermal": "lumped"}}

    reply = api.post("/models", json={"name": "beside", "config": config})

    assert reply.status_code == 422
    assert "config.options: unknown key" in reply.json()["message"]
