"""`client.model` on the embedded engine."""

import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import NotFoundError, UnprocessableError


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    name = f"life {uuid.uuid4()}"
    made = client.model.create({"name": name, "config": {"type": "SPMe"}})
    assert made.config is not None
    assert made.config["type"] == "SPMe"
    assert [model.id for model in client.model.list(name_exact=name)] == [made.id]
    assert client.model.update(made.id, {"description": "new"}).description == "new"
    client.model.delete(made.id)
    with pytest.raises(NotFoundError):
        client.model.get(made.id)


def test_the_engine_has_built_in_models(client: Ionworks) -> None:
    listed = client.model.list(name_exact="SPMe")
    assert [model.config for model in listed] == [None]
    assert client.model.get(listed[0].id).config == {"type": "SPMe", "options": {}}


def test_a_model_unknown_to_the_engine(client: Ionworks) -> None:
    with pytest.raises(UnprocessableError, match=r"'SPMee'.*SPM, SPMe, DFN, MPM"):
        client.model.create({"name": "typo", "config": {"type": "SPMee"}})


def name_of(word: str) -> str:
    return f"{word} {uuid.uuid4()}"


def test_a_pybamm_model_becomes_its_configuration(client: Ionworks) -> None:
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


def test_a_custom_model_runs_and_records_a_custom_variable(client: Ionworks) -> None:
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


def test_a_model_that_cannot_be_run_is_not_stored(client: Ionworks) -> None:
    model = pybamm.BaseModel("empty")
    name = name_of("empty")
    with pytest.raises(UnprocessableError, match=r"no variable 'Voltage \[V\]'"):
        client.model.upload_custom(model, name=name)
    assert list(client.model.list(name_exact=name)) == []


def test_a_zoo_model_has_its_parameter_values(client: Ionworks) -> None:
    title = name_of("zoo")
    model, parameterized = client.model.create_from_zoo("BasicDFN", model_name=title)
    assert (model.name, parameterized.name, parameterized.model_id) == (title, title, model.id)
    found = client.parameterized_model.get_parameter_values(parameterized.id)
    default = pybamm.lithium_ion.BasicDFN().default_parameter_values
    for name in ("Negative electrode thickness [m]", "Nominal cell capacity [A.h]"):
        assert found[name] == default[name]
    assert list(result_of(client, parameterized_model=parameterized.id)["Step count"].unique())


def test_a_zoo_model_without_values_is_deleted_again(client: Ionworks) -> None:
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


def test_the_engine_serialises_pybamm_models(client: Ionworks, tmp_path: Path) -> None:
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
