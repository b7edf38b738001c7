"""`client.parameterized_model`."""

from typing import Any

import httpx
import numpy as np
import pybamm
import pytest

from ionworks.errors import ConflictError, ParameterWarning
from ionworks.records.parameterized_model import ParameterizedModel

MODEL = {"id": "pm", "name": "Chen", "model_id": "m", "project_id": "p"}
PAGE = {"items": [MODEL], "count": 1, "total": 1}
DATA = {"name": "Chen", "model_id": "m"}


def test_lists(stub_service: Any) -> None:
    service = stub_service(
        {"GET /parameterized_models": PAGE, "GET /cells/c%2F1/parameterized_models": PAGE}
    )
    models = service.client(project_id="p").parameterized_model
    assert [model.id for model in models.list_by_project()] == ["pm"]
    models.list_by_project("q", 5, 10, cell_spec_id="c", summary=True)
    page = models.list_by_cell_specification("c/1", limit=2)
    assert isinstance(page[0], ParameterizedModel)
    assert [(route, query) for route, query, _ in service.sent] == [
        ("GET /parameterized_models", {"project_id": "p"}),
        (
            "GET /parameterized_models",
            {
                "project_id": "q", "cell_spec_id": "c", "summary": "true",
                "limit": "5", "offset": "10",
            },
        ),
        ("GET /cells/c%2F1/parameterized_models", {"limit": "2"}),
    ]  # fmt: skip


def test_a_list_walks_its_pages(stub_service: Any) -> None:
    pages = tuple({"items": [{"id": str(number)}], "count": 1, "total": 3} for number in range(3))
    service = stub_service({"GET /parameterized_models": pages})
    page = service.client(project_id="p").parameterized_model.list_by_project(limit=1)
    assert [model.id for model in page.walk()] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("cell", "prefix"),
    [(None, "/parameterized_models"), ("c", "/cells/c/parameterized_models")],
)
def test_create_update_and_delete_with_and_without_a_cell(
    cell: str | None, prefix: str, stub_service: Any
) -> None:
    service = stub_service(
        {
            f"POST {prefix}": httpx.Response(201, json=MODEL),
            f"PATCH {prefix}/pm": MODEL,
            f"DELETE {prefix}/pm": httpx.Response(204),
            "GET /parameterized_models/pm": MODEL,
        }
    )
    models = service.client(project_id="p").parameterized_model
    values = {"Nominal cell capacity [A.h]": np.float64(5.0), "Bad": float("nan")}
    assert models.create(cell, {**DATA, "parameters": values}).id == "pm"
    assert models.get("pm").model_id == "m"
    models.update(cell, "pm", {"description": "new"})
    models.delete(cell, "pm")
    assert [entry for entry in service.sent if not entry[0].startswith("GET")] == [
        (
            f"POST {prefix}",
            {},
            {
                **DATA,
                "parameters": {"Nominal cell capacity [A.h]": 5.0, "Bad": None},
                "project_id": "p",
            },
        ),
        (f"PATCH {prefix}/pm", {}, {"description": "new"}),
        (f"DELETE {prefix}/pm", {}, None),
    ]


def test_a_cell_needs_no_project(stub_service: Any) -> None:
    service = stub_service({"POST /cells/c/parameterized_models": httpx.Response(201, json=MODEL)})
    service.client().parameterized_model.create("c", DATA)
    assert service.sent[0][2] == DATA


def test_the_name_of_a_set_is_sent_as_its_values(stub_service: Any) -> None:
    service = stub_service({"POST /parameterized_models": httpx.Response(201, json=MODEL)})
    models = service.client(project_id="p").parameterized_model
    models.create(None, {**DATA, "parameters": "Chen2020"})
    sent = service.sent[0][2]["parameters"]
    again = pybamm.ParameterValues.from_json(sent)
    assert again["Nominal cell capacity [A.h]"] == 5.0
    assert "citations" not in sent
    assert service.requests[0].extensions["timeout"]["read"] == 300


def test_pybamm_values_are_sent_as_its_json(stub_service: Any) -> None:
    service = stub_service({"POST /parameterized_models": httpx.Response(201, json=MODEL)})
    values = pybamm.ParameterValues(
        {"Half": np.float64(0.5), "OCP [V]": lambda sto: 4 - 2 * sto, "citations": ["A"]}
    )
    service.client(project_id="p").parameterized_model.create(None, {**DATA, "parameters": values})
    sent = service.sent[0][2]["parameters"]
    assert set(sent) == {"Half", "OCP [V]"}
    again = pybamm.ParameterValues.from_json(sent)
    expression = pybamm.FunctionParameter("OCP [V]", {"sto": pybamm.Scalar(0.5)})
    assert again.evaluate(expression) == pytest.approx(3.0)


def test_functions_and_symbols_in_a_mapping_are_sent_as_pybamm_json(stub_service: Any) -> None:
    service = stub_service({"POST /parameterized_models": httpx.Response(201, json=MODEL)})
    parameters = {
        "A": lambda sto: sto**2,
        "B": pybamm.Parameter("C") * 2,
        "C": 3,
    }
    service.client(project_id="p").parameterized_model.create(
        None, {**DATA, "parameters": parameters}
    )
    again = pybamm.ParameterValues.from_json(service.sent[0][2]["parameters"])
    square = pybamm.FunctionParameter("A", {"sto": pybamm.Scalar(3)})
    assert again.evaluate(square) == pytest.approx(9)
    assert again.evaluate(pybamm.Parameter("B")) == pytest.approx(6)


def failing(_sto: Any) -> Any:
    raise RuntimeError("no symbols, please")


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("create", (None, {"name": "x"}), ValueError, "data needs 'model_id'"),
        ("create", (None, "Chen"), TypeError, "data must be a mapping"),
        ("create", ("", DATA), ValueError, "cell_spec_id must be"),
        ("create", (None, {**DATA, "parameters": 3}), TypeError, "or a mapping of names"),
        ("create", (None, {**DATA, "parameters": "Chen2021"}), ValueError, "'Chen2021'.*Chen2020"),
        (
            "create",
            (None, {**DATA, "parameters": {"A": failing}}),
            TypeError,
            r"cannot write data\['parameters'\]\['A'\] as JSON: no symbols",
        ),
        (
            "update",
            (None, "pm", {"parameters": {"A": object()}}),
            TypeError,
            r"data\['parameters'\]\['A'\] is a object",
        ),
        ("create", (None, {**DATA, "project_id": 3}), TypeError, "project_id must be"),
        ("update", (None, "pm", {}), ValueError, "at least one field"),
        ("list_by_project", ("p", 101), ValueError, "limit must be"),
        ("list_by_cell_specification", ("..",), ValueError, "cell_spec_id must be"),
        ("get_parameter_values", ("",), ValueError, "parameterized_model_id must be"),
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
        getattr(service.client(project_id="p").parameterized_model, method)(*arguments)
    assert service.requests == []


def test_summary_must_be_a_bool(stub_service: Any) -> None:
    with pytest.raises(TypeError, match="summary must be True or False"):
        stub_service({}).client().parameterized_model.list_by_project("p", summary="yes")


def conflict(**detail: str) -> httpx.Response:
    body = {"error_code": "CONFLICT", "message": "taken", "detail": detail}
    return httpx.Response(409, json=body)


def test_create_or_get_creates(stub_service: Any) -> None:
    service = stub_service({"POST /parameterized_models": httpx.Response(201, json=MODEL)})
    made = service.client(project_id="p").parameterized_model.create_or_get(None, DATA)
    assert made.id == "pm"
    assert len(service.requests) == 1


def test_create_or_get_follows_the_id_of_the_conflict(stub_service: Any) -> None:
    service = stub_service(
        {
            "POST /cells/c/parameterized_models": conflict(existing_id="pm"),
            "GET /parameterized_models/pm": MODEL,
        }
    )
    found = service.client(project_id="p").parameterized_model.create_or_get("c", DATA)
    assert found.name == "Chen"


@pytest.mark.parametrize(
    ("cell", "route"),
    [(None, "/parameterized_models"), ("c", "/cells/c/parameterized_models")],
)
def test_create_or_get_searches_all_pages_for_the_name(
    cell: str | None, route: str, stub_service: Any
) -> None:
    pages = (
        {"items": [{"id": "x", "name": "other"}], "count": 1, "total": 2},
        {"items": [MODEL], "count": 1, "total": 2},
    )
    service = stub_service({f"POST {route}": conflict(), f"GET {route}": pages})
    found = service.client(project_id="p").parameterized_model.create_or_get(cell, DATA)
    assert found.id == "pm"


def test_create_or_get_raises_the_conflict_if_no_name_matches(stub_service: Any) -> None:
    service = stub_service(
        {
            "POST /parameterized_models": conflict(),
            "GET /parameterized_models": {"items": [], "count": 0, "total": 0},
        }
    )
    with pytest.raises(ConflictError, match="taken"):
        service.client(project_id="p").parameterized_model.create_or_get(None, DATA)


def test_values_and_variables(stub_service: Any) -> None:
    values = {"Nominal cell capacity [A.h]": 5.0, "OCP": {"type": "function"}}
    service = stub_service(
        {
            "GET /parameterized_models/pm/parameter-values": values,
            "GET /parameterized_models/pm/variable-names": ["Voltage [V]"],
        }
    )
    models = service.client().parameterized_model
    assert models.get_parameter_values("pm") == values
    assert models.get_variable_names("pm") == ["Voltage [V]"]


def test_notes_on_parameters_are_warnings(stub_service: Any) -> None:
    note = {"category": "parameters", "message": "the thickness is unusual"}
    noted = {**MODEL, "notes": [note]}
    service = stub_service(
        {"POST /parameterized_models": noted, "PATCH /parameterized_models/pm": noted}
    )
    models = service.client(project_id="p").parameterized_model

    with pytest.warns(ParameterWarning, match="the thickness is unusual") as issued:
        made = models.create(None, DATA)
    assert [warning.filename for warning in issued] == [__file__]
    assert made.notes == ["the thickness is unusual"]
    with pytest.warns(ParameterWarning, match="the thickness is unusual"):
        models.update(None, "pm", {"parameters": {"x": 1}})
    # The notes are about the parameters, which another name does not change.
    models.update(None, "pm", {"name": "renamed"})
