"""`client.model`."""

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError, UnprocessableError
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


def test_the_rest_of_its_life(stub_service: Any) -> None:
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
def test_a_model_of_ones_own_is_uploaded_as_a_file(
    form: str, stub_service: Any, tmp_path: Path
) -> None:
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
        ("list.json", {}, ValueError, "holds no JSON object"),
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


def test_a_model_of_pybamm_is_uploaded_with_its_equations(stub_service: Any) -> None:
    service = stub_service({"POST /models/upload-custom": httpx.Response(201, json=MODEL)})
    model = pybamm.lithium_ion.BasicSPM()
    service.client(project_id="p").model.upload_custom(model, name="mine")
    (request,) = service.requests
    # Building and trying a model takes longer than a look-up may.
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
def test_what_is_left_of_the_zoo_is_deleted_or_named(
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
def test_a_model_the_zoo_does_not_have(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match=message):
        service.client(project_id="p").model.create_from_zoo(*arguments, **options)
    assert service.requests == []


def test_the_services_own_models(stub_service: Any, tmp_path: Path) -> None:
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


# ---------------------------------------------------------------- on the embedded engine


def test_a_life_on_the_engine(client: Ionworks) -> None:
    name = f"life {uuid.uuid4()}"
    made = client.model.create({"name": name, "config": {"type": "SPMe"}})
    assert made.config is not None
    assert made.config["type"] == "SPMe"
    assert [model.id for model in client.model.list(name_exact=name)] == [made.id]
    assert client.model.update(made.id, {"description": "new"}).description == "new"
    client.model.delete(made.id)
    with pytest.raises(NotFoundError):
        client.model.get(made.id)


def test_the_models_of_the_engine_stand_ready(client: Ionworks) -> None:
    listed = client.model.list(name_exact="SPMe")
    assert [model.config for model in listed] == [None]
    assert client.model.get(listed[0].id).config == {"type": "SPMe", "options": {}}


def test_a_model_the_engine_does_not_have(client: Ionworks) -> None:
    with pytest.raises(UnprocessableError, match=r"'SPMee'.*SPM, SPMe, DFN, MPM"):
        client.model.create({"name": "typo", "config": {"type": "SPMee"}})


def name_of(word: str) -> str:
    return f"{word} {uuid.uuid4()}"


def test_a_model_of_pybamm_becomes_its_configuration(client: Ionworks) -> None:
    model = pybamm.lithium_ion.SPMe({"thermal": "lumped"})
    made = client.model.create({"name": name_of("lumped"), "config": model})
    assert made.config is not None
    assert (made.config["type"], made.config["options"]["thermal"]) == ("SPMe", "lumped")
    again = pybamm.BaseModel.from_config(made.config)
    assert again.options == model.options
    warm = {"type": "SPM", "options": {"thermal": "warm"}}
    with pytest.raises(UnprocessableError, match="'warm' is not recognized in option 'thermal'"):
        client.model.create({"name": name_of("warm"), "config": warm})


PROTOCOL = """
global: {initial_soc: 0.9}
steps:
  - Discharge: {mode: C-rate, value: 1, ends: ["Time > 120"]}
  - Charge: {mode: Voltage, value: 4.1, ends: ["Time > 60"]}
"""


def result_of(client: Ionworks, **config: Any) -> Any:
    experiment = {"protocol": PROTOCOL, "name": "a minute"}
    run = client.simulation.protocol({"protocol_experiment": experiment, **config})
    client.simulation.wait_for_completion(run, timeout=300, verbose=False)
    return client.simulation.get_result(run).time_series


def test_a_model_of_ones_own_runs_and_reports_ones_own_variable(client: Ionworks) -> None:
    model = pybamm.lithium_ion.BasicSPM()
    uploaded = client.model.upload_custom(model, name=name_of("mine"), description="a test")
    assert uploaded.is_custom_model
    assert uploaded.config is not None
    assert set(pybamm.BaseModel.from_config(uploaded.config).variables) == set(model.variables)
    formula = {"name": "Own power [W]", "expression": "Voltage [V] * Current [A]"}
    client.model.add_custom_variable(uploaded.id, formula)
    data = {"name": name_of("mine"), "model_id": uploaded.id, "parameters": "Chen2020"}
    parameterized = client.parameterized_model.create(None, data)
    assert "Own power [W]" in client.parameterized_model.get_variable_names(parameterized.id)

    series = result_of(
        client, parameterized_model=parameterized.id, extra_variables=["Own power [W]"]
    )

    power = (series["Voltage [V]"] * series["Current [A]"]).to_list()
    assert series["Own power [W]"].to_list() == pytest.approx(power, rel=1e-9)
    simulation = pybamm.Simulation(model, parameter_values=pybamm.ParameterValues("Chen2020"))
    solution = simulation.solve([0, 120], initial_soc=0.9)
    ours = series.filter(series["Step count"] == 0)
    theirs = solution["Voltage [V]"](ours["Time [s]"].to_numpy())
    assert np.sqrt(np.mean((ours["Voltage [V]"].to_numpy() - theirs) ** 2)) < 1e-4


def test_a_model_that_cannot_be_driven_is_not_stored(client: Ionworks) -> None:
    model = pybamm.BaseModel("empty")
    name = name_of("empty")
    with pytest.raises(UnprocessableError, match=r"no variable 'Voltage \[V\]'"):
        client.model.upload_custom(model, name=name)
    assert list(client.model.list(name_exact=name)) == []


def test_a_model_of_the_zoo_comes_with_its_values(client: Ionworks) -> None:
    title = name_of("zoo")
    model, parameterized = client.model.create_from_zoo("BasicDFN", model_name=title)
    assert (model.name, parameterized.name, parameterized.model_id) == (title, title, model.id)
    found = client.parameterized_model.get_parameter_values(parameterized.id)
    default = pybamm.lithium_ion.BasicDFN().default_parameter_values
    for name in ("Negative electrode thickness [m]", "Nominal cell capacity [A.h]"):
        assert found[name] == default[name]
    assert list(result_of(client, parameterized_model=parameterized.id)["Step count"].unique())


def test_a_model_of_the_zoo_without_values_is_taken_back(client: Ionworks) -> None:
    title = name_of("zoo")
    with pytest.raises(UnprocessableError, match="no value"):
        client.model.create_from_zoo(
            "BasicSPM",
            model_name=title,
            parameters={
                "Nominal cell capacity [A.h]": 5.0,
                "Lower voltage cut-off [V]": 2.5,
                "Upper voltage cut-off [V]": 4.2,
            },
        )
    assert list(client.model.list(name_exact=title)) == []


def test_the_engine_writes_models_of_pybamm(client: Ionworks, tmp_path: Path) -> None:
    path = client.model.download("SPM", tmp_path / "spm.json", {"thermal": "lumped"})
    again = pybamm.BaseModel.from_json(str(path))
    assert again.options["thermal"] == "lumped"
    assert "SPMe" in client.model.list_pybamm_models()["lithium_ion"]
    assert not client.model.validate_pybamm_model("SPM", options={"thermal": "warm"})["valid"]


def test_settings_of_a_model_are_used_and_read_back(client: Ionworks) -> None:
    settings = {"var_pts": {"r_n": 4, "r_p": 4}}
    model = client.model.create(
        {"name": name_of("coarse"), "config": {"type": "SPM"}, "simulation_settings": settings}
    )
    assert client.model.get_simulation_settings(model.id) == settings
    inline = {"model_id": model.id, "parameters": "Chen2020"}
    fine = {"model_id": "spm", "parameters": pybamm.ParameterValues("Chen2020")}
    coarse, usual = (
        result_of(client, parameterized_model=each)["Voltage [V]"] for each in (inline, fine)
    )
    # Four points a particle are far from converged, thirty are not.
    assert 1e-3 < (coarse - usual).abs().max() < 0.1
