"""`client.model`."""

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pybamm
import pytest

from ionworks.errors import ConflictError
from ionworks.records.model import Model

MODEL = {"id": "m", "name": "SPMe", "config": {"type": "SPMe"}, "project_id": "p"}
PAGE = {"items": [MODEL], "count": 1, "total": 1}


def test_list_is_about_a_project(stub_service: Any) -> None:
    service = stub_service({"GET /models": PAGE})
    models = service.client(project_id="p").model
    assert [model.id for model in models.list()] == ["m"]
    models.list(10, 20, project_id="other", name_exact="SPMe", created_by_email="ada", order="desc")
    assert [query for _, query, _ in service.sent] == [
        {"project_id": "p"},
        {
            "project_id": "other",
            "limit": "10",
            "offset": "20",
            "name": "eq.SPMe",
            "created_by_email": "ilike.%ada%",
            "order": "desc",
        },
    ]


@pytest.mark.parametrize("call", ["list", "create", "upload_custom"])
def test_without_project_it_says_how_to_set_one(call: str, stub_service: Any) -> None:
    service = stub_service({})
    arguments: dict[str, tuple[Any, ...]] = {
        "create": ({"name": "n", "config": {"type": "SPM"}},),
        "upload_custom": ({"model": {}},),
    }
    options = {"name": "n"} if call == "upload_custom" else {}
    with pytest.raises(ValueError, match=r"project_id=\.\.\..*IONWORKS_PROJECT_ID"):
        getattr(service.client().model, call)(*arguments.get(call, ()), **options)
    assert service.requests == []


def test_create_or_get_returns_the_model_with_the_name(stub_service: Any) -> None:
    data = {"name": "SPMe", "config": {"type": "SPMe"}}
    taken = {"error_code": "CONFLICT", "message": "taken", "detail": {}}
    named = httpx.Response(409, json={**taken, "detail": {"existing_id": "m"}})
    service = stub_service(
        {
            "POST /models": (
                httpx.Response(201, json=MODEL),
                named,
                *[httpx.Response(409, json=taken)] * 2,
            ),
            "GET /models/m": MODEL,
            "GET /models": (PAGE, {"items": [], "count": 0, "total": 0}),
        }
    )
    models = service.client(project_id="p").model

    assert [models.create_or_get(data).id for _ in range(3)] == ["m", "m", "m"]

    assert [route for route, _, _ in service.sent[1:]] == [
        "POST /models", "GET /models/m", "POST /models", "GET /models"
    ]  # fmt: skip
    assert service.sent[-1][1] == {"project_id": "p", "name": "eq.SPMe"}
    with pytest.raises(ConflictError, match="taken"):
        models.create_or_get(data)


def test_get_update_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "POST /models": httpx.Response(201, json=MODEL),
            "GET /models/m": MODEL,
            "PATCH /models/m": MODEL,
            "DELETE /models/m": httpx.Response(204),
            "POST /models/m/custom-variables": httpx.Response(201, json=MODEL),
        }
    )
    models = service.client(project_id="p").model
    made = models.create({"name": "SPMe", "config": {"type": "SPMe", "order": np.int64(2)}})
    assert isinstance(made, Model)
    assert made.config == {"type": "SPMe"}
    assert models.get("m").name == "SPMe"
    assert models.get_simulation_settings("m") == {}
    models.update("m", {"simulation_settings": None})
    models.add_custom_variable("m", {"name": "Power [W]", "expression": "V * I"})
    models.delete("m")
    assert [entry for entry in service.sent if not entry[0].startswith("GET")] == [
        (
            "POST /models",
            {},
            {"name": "SPMe", "config": {"type": "SPMe", "order": 2}, "project_id": "p"},
        ),
        ("PATCH /models/m", {}, {"simulation_settings": None}),
        ("POST /models/m/custom-variables", {}, {"name": "Power [W]", "expression": "V * I"}),
        ("DELETE /models/m", {}, None),
    ]


def test_the_project_of_the_data_beats_the_default(stub_service: Any) -> None:
    service = stub_service({"POST /models": httpx.Response(201, json=MODEL)})
    service.client(project_id="p").model.create(
        {"name": "n", "config": {"type": "SPM"}, "project_id": "other"}
    )
    assert service.sent[0][2]["project_id"] == "other"


def test_settings_of_a_model(stub_service: Any) -> None:
    reply = {**MODEL, "simulation_settings": {"var_pts": {"x_n": 20}}}
    models = stub_service({"GET /models/m": reply}).client().model
    assert models.get_simulation_settings("m") == {"var_pts": {"x_n": 20}}


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("create", ({"name": "n"},), ValueError, "data needs 'config'"),
        ("create", ({},), ValueError, "data needs 'name' and 'config'"),
        ("create", ({"name": "n", "config": "SPMe"},), TypeError, "must be a mapping such as"),
        ("create", ("SPMe",), TypeError, "data must be a mapping"),
        ("update", ("m", {}), ValueError, "at least one field"),
        ("add_custom_variable", ("m", {"name": "x"}), ValueError, "needs 'expression'"),
        ("serialize", ("",), ValueError, "name is empty"),
        ("validate_pybamm_model", (3,), TypeError, "pybamm_model must be text"),
    ],
)
def test_bad_arguments_send_nothing(
    method: str,
    arguments: tuple[Any, ...],
    error: type[Exception],
    message: str,
    stub_service: Any,
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        getattr(service.client(project_id="p").model, method)(*arguments)
    assert service.requests == []


DOCUMENT = {"schema_version": "1.1", "model": {"name": "mine"}}


@pytest.mark.parametrize("form", ["mapping", "path", "text path"])
def test_a_custom_model_is_uploaded_as_a_file(form: str, stub_service: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    model = {"mapping": DOCUMENT, "path": file, "text path": str(file)}[form]
    service = stub_service({"POST /models/upload-custom": httpx.Response(201, json=MODEL)})
    made = service.client(project_id="p").model.upload_custom(
        model, name="mine", chemistry="ecm", description="a test"
    )
    assert made.id == "m"
    (request,) = service.requests
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    body = request.content.decode()
    assert 'name="file"; filename="model.json"' in body
    assert "Content-Type: application/json" in body
    assert json.dumps(DOCUMENT) in body
    for field, value in {
        "name": "mine", "chemistry": "ecm", "project_id": "p", "description": "a test",
    }.items():  # fmt: skip
        assert f'name="{field}"\r\nContent-Type: text/plain\r\n\r\n{value}\r\n' in body


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (DOCUMENT, {"chemistry": "lead"}, ValueError, "chemistry must be one of lithium_ion"),
        (DOCUMENT, {"name": ""}, ValueError, "name is empty"),
        (object(), {}, TypeError, "model must be a PyBaMM model, its serialised form"),
        ("missing.json", {}, FileNotFoundError, "missing.json"),
        ("list.json", {}, ValueError, "does not contain a JSON object"),
        ("broken.json", {}, ValueError, "is not JSON"),
    ],
)
def test_a_bad_upload_sends_nothing(
    model: Any,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
    stub_service: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("broken.json").write_text("{", encoding="utf-8")
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client(project_id="p").model.upload_custom(model, **{"name": "n", **options})
    assert service.requests == []


def test_a_pybamm_model_is_uploaded_with_its_equations(stub_service: Any) -> None:
    service = stub_service({"POST /models/upload-custom": httpx.Response(201, json=MODEL)})
    model = pybamm.lithium_ion.BasicSPM()
    service.client(project_id="p").model.upload_custom(model, name="mine")
    (request,) = service.requests
    # Building and solving a model can take longer than other requests.
    assert request.extensions["timeout"]["read"] == 300
    content = request.content
    document = json.loads(content[content.index(b"{") : content.rindex(b"}") + 1])
    again = pybamm.BaseModel.from_json(document)
    assert set(again.variables) == set(model.variables)


def test_a_built_model_has_no_equations_left_to_upload(stub_service: Any) -> None:
    model = pybamm.lithium_ion.BasicSPM()
    pybamm.Simulation(model).build()
    processed = pybamm.Simulation(model)
    processed.build()
    service = stub_service({})
    with pytest.raises(TypeError, match=r"PyBaMM cannot write model as JSON: .*built"):
        service.client(project_id="p").model.upload_custom(processed.built_model, name="n")
    assert service.requests == []


@pytest.mark.parametrize("deletion", [httpx.Response(204), httpx.Response(503, json={})])
def test_an_unfinished_zoo_model_is_deleted_or_named(
    deletion: httpx.Response, stub_service: Any
) -> None:
    service = stub_service(
        {
            "POST /models/upload-custom": httpx.Response(201, json=MODEL),
            "POST /parameterized_models": httpx.Response(409, json={"detail": "taken"}),
            "DELETE /models/m": deletion,
        }
    )
    with pytest.raises(ConflictError) as caught:
        service.client(project_id="p").model.create_from_zoo("BasicSPM", parameters={"a": 1.0})
    assert [request.method for request in service.requests] == ["POST", "POST", "DELETE"]
    notes = getattr(caught.value, "__notes__", [])
    assert ("could not be deleted" in "".join(notes)) == (deletion.status_code == 503)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("BasicSPMe",), {}, "no model 'BasicSPMe': use one of .*BasicSPM"),
        (("SPM",), {"options": {"thermal": "warm"}}, "options of SPM: .*'warm'"),
        (("BasicSPM",), {"options": {"thermal": "lumped"}}, "options of BasicSPM"),
        (("BasicSPM",), {"parameters": "Chen2021"}, "no parameter set 'Chen2021'.*Chen2020"),
    ],
)
def test_an_unknown_zoo_model(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match=message):
        service.client(project_id="p").model.create_from_zoo(*arguments, **options)
    assert service.requests == []


def test_built_in_models_of_the_service(stub_service: Any, tmp_path: Path) -> None:
    service = stub_service({"POST /discovery/ionworks_models/serialize": DOCUMENT})
    models = service.client().model
    assert models.serialize("ECM", {"rc pairs": "1"}) == DOCUMENT
    path = models.download("ECM", tmp_path / "ecm.json")
    assert json.loads(path.read_text(encoding="utf-8")) == DOCUMENT
    assert [body for _, _, body in service.sent] == [
        {"name": "ECM", "options": {"rc pairs": "1"}},
        {"name": "ECM", "options": {}},
    ]


def test_pybamm_models(stub_service: Any) -> None:
    service = stub_service(
        {
            "GET /discovery/pybamm_models": {"lithium_ion": ["SPM"]},
            "POST /discovery/pybamm_models/validate": {"valid": True},
        }
    )
    models = service.client().model
    assert models.list_pybamm_models() == {"lithium_ion": ["SPM"]}
    verdict = models.validate_pybamm_model("SPM", options={"thermal": "lumped"})
    assert verdict == {"valid": True, "error": None, "error_type": None}
    assert service.sent[1][2] == {
        "pybamm_model": "SPM",
        "module": "lithium_ion",
        "options": {"thermal": "lumped"},
    }
