"""Unusual, impossible and ineffective parameters, from the request to the result."""

from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.errors import ParameterWarning, UnprocessableError

REST = "steps: [{Rest: {duration: 1}}]"
THICKNESS = "Positive electrode thickness [m]"
POROSITY = "Positive electrode porosity"


def config(model: Any, **fields: Any) -> dict[str, Any]:
    return {
        "parameterized_model": model,
        "protocol_experiment": {"protocol": REST, "name": "noted"},
        **fields,
    }


def spm(client: Ionworks) -> str:
    [model] = [each for each in client.model.list() if each.name == "SPM"]
    return model.id


def test_parameters_of_a_parameterized_model(client: Ionworks) -> None:
    def create(name: str, **parameters: float) -> Any:
        values = {"parameter_set": "Chen2020", **parameters}
        data = {"name": name, "model_id": spm(client), "parameters": values}
        return client.parameterized_model.create(None, data)

    with pytest.raises(UnprocessableError, match=r"is 75 m, which is impossible"):
        create("impossible", **{THICKNESS: 75.0})
    with pytest.warns(ParameterWarning) as issued:
        made = create("unusual", **{THICKNESS: 7.5e-4, POROSITY: 0.3})

    assert made.notes == [str(each.message) for each in issued]
    unusual, unused = made.notes
    assert "is 0.00075 m, which is unusual" in unusual
    assert f"{POROSITY!r} has no effect" in unused
    assert client.parameterized_model.get(made.id).notes == made.notes


def test_parameters_of_a_simulation(client: Ionworks) -> None:
    inline = {"model_id": spm(client), "parameters": {"parameter_set": "Chen2020", POROSITY: 0.3}}
    with pytest.warns(ParameterWarning, match="has no effect") as issued:
        response = client.simulation.protocol(config(inline))

    ended = client.simulation.wait_for_completion(response, verbose=False)
    assert response.notes == ended.notes == [str(each.message) for each in issued]
    assert client.simulation.get_result(response).notes == response.notes


def test_a_sweep_without_effect_is_refused(client: Ionworks) -> None:
    inline = {"model_id": spm(client), "parameters": {"parameter_set": "Chen2020"}}
    design = {
        "sampling": "grid",
        "rows": [{"name": POROSITY, "type": "discrete", "values": [0.3, 0.32]}],
    }
    with pytest.raises(UnprocessableError, match="the sweep changes nothing"):
        client.simulation.protocol_batch(config(inline, design_parameters_doe=design))
