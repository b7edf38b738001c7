"""`client.parameterized_model` on the embedded engine."""

import uuid
from typing import Any

import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError, UnprocessableError
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.transport.call import call
from ionworks_api_client.api.cell_spec import create_cell_spec
from ionworks_api_client.models import CellSpecificationRequest


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    models = client.parameterized_model
    name = f"life {uuid.uuid4()}"
    data = {
        "name": name,
        "model_id": client.model.list(limit=1)[0].id,
        "parameters": {"parameter_set": "Chen2020", "Nominal cell capacity [A.h]": 4.5},
    }
    made = models.create(None, data)
    assert models.get(made.id).name == name
    assert models.create_or_get(None, data).id == made.id
    assert made.id in [model.id for model in models.list_by_project(limit=5, summary=True).walk()]
    assert models.update(None, made.id, {"description": "new"}).description == "new"
    models.delete(None, made.id)
    with pytest.raises(NotFoundError):
        models.get(made.id)


def test_published_sets_are_available(client: Ionworks) -> None:
    names = {model.name for model in client.parameterized_model.list_by_project().walk()}
    assert {"SPM Chen2020", "SPMe Chen2020", "DFN Chen2020"} <= names


def made_on(client: Ionworks, cell: str | None = None, **fields: Any) -> ParameterizedModel:
    data = {"name": f"made {uuid.uuid4()}", "model_id": "spm", "parameters": "Chen2020"}
    return client.parameterized_model.create(cell, {**data, **fields})


def test_values_make_a_round_trip(client: Ionworks) -> None:
    values = pybamm.ParameterValues("Chen2020")
    values.update({"Negative electrode OCP [V]": lambda sto: 1.2 - sto, "Contact [Ohm]": 1e-3})
    made = made_on(client, parameters=values)
    found = client.parameterized_model.get_parameter_values(made.id)
    again = pybamm.ParameterValues.from_json(found)
    assert set(again) == {name for name in values if name != "citations"}
    for name, value in values.items():
        if isinstance(value, float | int):
            assert again[name] == value
    for name in ("Negative electrode OCP [V]", "Electrolyte conductivity [S.m-1]"):
        arguments = {"first": pybamm.Scalar(0.4), "second": pybamm.Scalar(298.15)}
        count = 1 if "OCP" in name else 2
        inputs = dict(list(arguments.items())[:count])
        function = pybamm.FunctionParameter(name, inputs)
        assert again.evaluate(function) == pytest.approx(values.evaluate(function))
    assert client.parameterized_model.get(made.id).parameters is not None


def test_a_simulated_model_cannot_be_changed(client: Ionworks) -> None:
    models = client.parameterized_model
    made = made_on(client)
    changes = {"parameter_set": "Chen2020", "Nominal cell capacity [A.h]": 4.0}
    assert models.update(None, made.id, {"parameters": changes}).parameters == changes
    protocol = "steps: [{Rest: {duration: 1}}]"
    run = client.simulation.protocol(
        {
            "parameterized_model": made.id,
            "protocol_experiment": {"protocol": protocol, "name": "rest"},
        }
    )
    client.simulation.wait_for_completion(run, timeout=300, verbose=False)
    with pytest.raises(ConflictError, match="make a new one"):
        models.update(None, made.id, {"parameters": "Chen2020"})
    assert models.get(made.id).parameters == changes
    assert models.update(None, made.id, {"description": "still"}).description == "still"


def test_models_of_a_cell(client: Ionworks) -> None:
    body = CellSpecificationRequest.from_dict({"name": f"cell {uuid.uuid4()}"})
    cell = call(create_cell_spec.sync_detailed, client=client.api, body=body).id
    other = made_on(client)
    made = made_on(client, cell)
    models = client.parameterized_model
    assert made.cell_spec_id == cell
    assert [model.id for model in models.list_by_cell_specification(cell).walk()] == [made.id]
    assert [model.id for model in models.list_by_project(cell_spec_id=cell)] == [made.id]
    data = {"name": made.name, "model_id": "spm", "parameters": "Chen2020"}
    assert models.create_or_get(cell, data).id == made.id
    assert models.update(cell, made.id, {"description": "d"}).description == "d"
    with pytest.raises(NotFoundError, match="cell specification"):
        models.update(cell, other.id, {"description": "d"})
    models.delete(cell, made.id)
    with pytest.raises(NotFoundError):
        models.list_by_cell_specification("none")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"parameter_set": "Chen2020", "Nominal cell capacity [Ah]": 5},
            r"'Nominal cell capacity \[A.h\]'",
        ),
        ({"Nominal cell capacity [A.h]": 5}, "'Lower voltage cut-off"),
        (
            {"parameter_set": "Chen2020", "Negative electrode OCP [V]": {"$type": "os.system"}},
            "os.system",
        ),
        ({"parameter_set": "Chen2020", "Negative electrode OCP [V]": [1, 2]}, "neither a number"),
    ],
)
def test_values_a_model_cannot_run_with_are_rejected(
    parameters: dict[str, Any], message: str, client: Ionworks
) -> None:
    with pytest.raises(UnprocessableError, match=message):
        made_on(client, parameters=parameters)
