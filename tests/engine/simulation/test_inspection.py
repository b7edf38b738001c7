"""Inspection of models before any run, and the reasons why models are rejected."""

import pybamm
import pytest

from ionworks.engine import describe, inspect_model, serialise, smoke_test
from ionworks.engine.cells.documents import Document, load_model
from tests.engine.reference import as_json, document

CHEN = {"parameter_set": "Chen2020"}


def test_a_model_without_values_is_described():
    found = inspect_model({"type": "SPM", "options": {"thermal": "lumped"}})

    assert found["name"] == "Single Particle Model"
    assert {"Voltage [V]", "Volume-averaged cell temperature [C]"} <= set(found["variables"])
    assert {"Negative electrode OCP [V]", "Cell volume [m3]"} <= set(found["parameters"])
    assert "Cell volume [m3]" not in inspect_model({"type": "SPM"})["parameters"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"options": {"thermal": "hot"}}, ["'hot'", "'thermal'", "lumped"]),
        ({"options": {"sei": "none"}}, ["unknown model option 'sei'", "'SEI'"]),
        ({"options": {"thermal": 3}}, ["'3'", "'thermal'"]),
        ({"options": {"thermal": True}}, ["'thermal' is True", "'lumped'"]),
        ({"options": {"operating mode": "voltage"}}, ["'voltage'", "'current' only", "protocol"]),
        (
            {"options": {"working electrode": "positive"}},
            ["'both' only", "half cells", "upload_custom"],
        ),
        ({"options": {"particle phases": ["2", "1"]}}, ["('2', '1')", "'1' only", "composite"]),
        ({"options": {"dimensionality": 2}}, ["0 only"]),
        ({"options": {"electrolyte conductivity": "full"}}, ["SPM", "electrolyte conductivity"]),
        ({"settings": {"var_pts": {"q_n": 5}}}, ["no 'q_n'", "x_n"]),
        ({"settings": {"var_pts": {"x_n": 0}}}, ["'x_n' has 0 points", "1 to 1000"]),
        ({"settings": {"var_pts": {"x_n": "5"}}}, ["'x_n' has '5' points"]),
        ({"settings": {"solver": {"type": "IDAKLUSolver"}}}, ["solver", "leave it out"]),
        ({"settings": {"geometry": {}}}, ["geometry", "leave it out"]),
        ({"settings": {"colour": 1}}, ["'colour'", "var_pts"]),
        ({"settings": {"submesh_types": {"separator": "Mesh"}}}, ["'Mesh'", "Uniform1DSubMesh"]),
        ({"settings": {"spatial_methods": {"moon": "FiniteVolume"}}}, ["'moon'", "macroscale"]),
    ],
)
def test_unsupported_options_and_settings_are_rejected_with_the_valid_ones(model, words):
    with pytest.raises(ValueError, match=r"\w") as caught:
        inspect_model({"type": "SPM", **model})
    for word in words:
        assert word in str(caught.value)


def test_the_options_pybamm_writes_are_accepted():
    config = pybamm.lithium_ion.SPMe({"thermal": "lumped"}).to_config()

    inspect_model({"type": config["type"], "options": dict(config["options"])})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"number of rc elements": "two"}, "'number of rc elements' is 'two': use a whole number"),
        ({"number of rc elements": -1}, "-1"),
        ({"operating mode": "power"}, "use 'current': the protocol"),
        ({"diffusion element": "yes"}, "use 'false' or 'true'"),
        ({"thermal": "lumped"}, "unknown model option 'thermal': use one of number of rc elements"),
    ],
)
def test_options_of_a_circuit_are_checked(options, words):
    with pytest.raises(ValueError, match=words):
        inspect_model({"type": "Thevenin", "options": options})


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"type": "SPM", "options": {"interface utilisation": "constant"}, **CHEN},
            ["no value", "'Initial negative electrode interface utilisation'"],
        ),
        (
            {"type": "SPM", "options": {"surface form": "differential"}, **CHEN},
            ["does not run", "constant voltage"],
        ),
        (
            {"type": "SPM", "parameters": {"Nominal cell capacity [A.h]": 5.0}},
            ["'Lower voltage cut-off [V]'", "given as numbers"],
        ),
        (
            {"type": "SPM", **CHEN, "parameters": {"Negative electrode OCP [V]": {"$type": "os"}}},
            ["'Negative electrode OCP [V]'", "'os'"],
        ),
        (
            {"type": "SPM", **CHEN, "parameters": {"Negative electrode OCV [V]": 1.0}},
            ["'Negative electrode OCV [V]'", "'Negative electrode OCP [V]'"],
        ),
        (
            {"type": "SPM", "parameter_set": "ECM_Example"},
            ["'ECM_Example'", "SPM", "Chen2020"],
        ),
        ({"type": "Thevenin", **CHEN}, ["'Chen2020'", "ECM_Example"]),
    ],
)
def test_a_model_that_does_not_run_is_rejected_with_the_reason(spec, words):
    with pytest.raises(ValueError, match=r"\w") as caught:
        smoke_test(spec)
    for word in words:
        assert word in str(caught.value)


def own_model():
    model = pybamm.BaseModel("own")
    current = pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t})
    charge = pybamm.Variable("Charge [A.h]")
    model.rhs[charge] = -current / 3600
    model.initial_conditions[charge] = pybamm.Scalar(1)
    model.variables = {"Voltage [V]": 3 + charge, "Current [A]": current}
    return model, charge


def without_voltage(model, _charge):
    del model.variables["Voltage [V]"]


def without_current_input(model, charge):
    model.rhs[charge] = pybamm.Scalar(0)
    model.variables["Current [A]"] = pybamm.Scalar(0)


def controlled_by_itself(model, _charge):
    current = pybamm.Variable("Current variable [A]")
    model.algebraic[current] = model.variables["Voltage [V]"] - 3
    model.initial_conditions[current] = pybamm.Scalar(0)


def with_twins(model, _charge):
    twin = pybamm.Variable("Charge [A.h]", bounds=(0, 2))
    model.rhs[twin] = pybamm.Scalar(0)
    model.initial_conditions[twin] = pybamm.Scalar(1)


def with_a_voltage_in_space(model, _charge):
    lithium = pybamm.Variable("Lithium", domain="negative particle")
    model.variables["Voltage [V]"] = lithium


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_voltage, "no variable 'Voltage \\[V\\]': add it"),
        (without_current_input, "'Current function \\[A\\]'.*FunctionParameter"),
        (controlled_by_itself, "controls its own current"),
        (with_twins, "2 variables named 'Charge \\[A.h\\]'"),
        (with_a_voltage_in_space, "varies in space"),
    ],
)
def test_a_model_whose_current_cannot_be_set_is_rejected_at_once(spoil, words, tmp_path):
    model, charge = own_model()
    spoil(model, charge)

    with pytest.raises(ValueError, match=words):
        inspect_model({"type": "custom", "document": document(model, tmp_path)})


def test_a_model_that_cannot_hold_a_voltage_fails_the_smoke_test(tmp_path):
    model, charge = own_model()
    # The voltage does not depend on the current, so no current can hold it.
    values = {
        "Nominal cell capacity [A.h]": 1.0,
        "Lower voltage cut-off [V]": 3.0,
        "Upper voltage cut-off [V]": 4.0,
    }
    spec = {"type": "custom", "document": document(model, tmp_path), "parameters": values}
    assert set(inspect_model(spec)["variables"]) >= {"Voltage [V]", "Discharge capacity [A.h]"}

    with pytest.raises(ValueError, match=r"does not run.*constant voltage"):
        smoke_test(spec)
    model.variables["Voltage [V]"] = 3 + charge - 0.01 * model.variables["Current [A]"]
    smoke_test({**spec, "document": document(model, tmp_path)})


@pytest.mark.parametrize("kind", ["SPM", "Thevenin"])
def test_models_are_written_as_documents(kind):
    model, recipe = load_model(Document.of(serialise(kind, {})))

    assert {"Voltage [V]", "Current [A]"} <= set(model.variables)
    assert set(recipe) == {"geometry", "var_pts", "submesh_types", "spatial_methods"}
    with pytest.raises(ValueError, match="'MSMR'"):
        serialise("MSMR", {})


def test_a_complete_parameter_map_is_described_like_a_published_set():
    values = pybamm.ParameterValues("Chen2020")

    by_name = describe({"type": "SPM", **CHEN})
    whole = describe({"type": "SPM", "parameters": as_json(values)})

    assert whole == by_name
    assert whole["parameters"]["Negative electrode OCP [V]"] is None
