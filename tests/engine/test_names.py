"""The names that are known without PyBaMM, compared with models and parameter sets."""

import json
from importlib import metadata

import pytest

from ionworks.engine import check, names
from ionworks.engine.catalogue import CIRCUIT, MODELS, PARAMETER_SETS
from ionworks.engine.cells.registry import open_cell, parameters
from ionworks.engine.names import COLUMNS, name_problems, names_of
from tests.engine import names_file
from tests.engine.protocol_texts import short

REST = short("  - Rest: {duration: 10}")
SPM = {"type": "SPM", "parameter_set": "Chen2020"}
MPM = {"type": "MPM", "parameter_set": "Marquis2019"}
ECM = {"type": CIRCUIT, "parameter_set": "ECM_Example"}
QUICK = {"type": "quick", "capacity": 3.0}
OCP = "Negative electrode OCP [V]"
THICKNESS = "Positive electrode thickness [m]"


def test_the_file_agrees_with_pybamm():
    # Otherwise write it again, with `make names`.
    stored = json.loads(names_file.PATH.read_text(encoding="utf-8"))

    assert stored == json.loads(json.dumps(names_file.content()))


@pytest.mark.parametrize("parameter_set", PARAMETER_SETS)
@pytest.mark.parametrize("model", [*MODELS, "NewmanTobias", "MPM"])
def test_every_model_has_the_names_of_the_file(model, parameter_set):
    specification = {"type": model, "parameter_set": parameter_set}

    assert_names_are_those_of_the_cell(specification)


@pytest.mark.parametrize(
    "model",
    [
        ECM,
        QUICK,
        {"type": "quick", "chemistry": "LFP/Graphite", "resistance_pct": 1},
        {**SPM, "parameters": {OCP: 0.1, THICKNESS: 7e-5, "Ambient temperature [K]": 300}},
        {**SPM, "parameters": {"Current function [A]": 1, "Initial SoC": 0.5}},
        {**SPM, "settings": {"var_pts": {"r_n": 10}}},
    ],
)
def test_values_of_the_model_and_other_kinds_of_models(model):
    assert_names_are_those_of_the_cell(model)


def one_by_one(runs):
    return [(run, 1) for run in runs]


def problems(model, design, extra):
    return name_problems(model, [({"design_parameters": dict.fromkeys(design, 1.0)}, 1)], 1, extra)


def assert_names_are_those_of_the_cell(model):
    cell, names = open_cell(model), names_of(model)

    assert names.parameters == parameters(cell).keys()
    assert names.numbers == cell.scalars.keys()
    assert names.variables == cell.variables


@pytest.mark.parametrize(
    "model",
    [
        {"type": "custom", "parameter_set": "Chen2020", "document": {}},
        {"type": "SPM", "parameters": {THICKNESS: 7e-5}},
        {**SPM, "parameter_set": "ECM_Example", "type": "unknown"},
        {**SPM, "parameter_set": "unknown"},
        {**SPM, "options": {"particle size": "distribution"}},
    ],
)
def test_models_of_which_nothing_is_known(model):
    assert names_of(model) is None
    assert problems(model, ["colour"], ["taste"]) == []


@pytest.mark.parametrize(
    "more", [{"options": {"thermal": "lumped"}}, {"variables": {"mine": "2 * Time [s]"}}]
)
def test_variables_of_other_models_than_the_default_ones_are_left_to_the_worker(more):
    names = names_of({**SPM, **more})

    assert names.variables is None
    assert names.parameters == names_of(SPM).parameters
    assert problems({**SPM, **more}, [], ["mine"]) == []


@pytest.fixture
def forgotten():
    """Have the installed version looked up again, in the test and after it."""
    names._installed.cache_clear()
    yield
    names._installed.cache_clear()


@pytest.mark.usefixtures("forgotten")
def test_nothing_is_known_of_another_version_of_pybamm(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda _: "26.99.0")

    assert names_of(SPM) is None


@pytest.mark.usefixtures("forgotten")
def test_nothing_is_known_without_pybamm(monkeypatch):
    def version(package):
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", version)

    assert names_of(SPM) is None


@pytest.mark.parametrize(
    ("model", "design", "extra"),
    [
        (SPM, "Positive electrode thicknes [m]", []),
        (SPM, "colour", []),
        (SPM, OCP, []),
        (SPM, "Initial temperature [K]", []),
        (SPM, "Negative maximum particle radius [m]", []),
        (SPM, "citations", []),
        (MPM, "Negative area-weighted particle-size distribution [m-1]", []),
        (ECM, "R0 [ohm]", []),
        (QUICK, "R0 [Ohms]", []),
        (SPM, None, ["Cell temperatur [K]"]),
        (SPM, None, ["colour"]),
        (SPM, None, ["Time [h]"]),
        (SPM, "colour", ["taste"]),
        (SPM, None, ["Electrolyte concentration [mol.m-3]"]),
        (ECM, None, ["SOC"]),
        (SPM, None, ["Voltag [V]", "Curent [A]"]),
        ({**SPM, "parameters": {"Positive electrode thicknes [m]": 1e-4}}, None, []),
        ({**SPM, "parameters": {"colour": 1}}, None, []),
    ],
)
def test_the_messages_are_those_of_a_worker(model, design, extra):
    run = {"id": "a", "design_parameters": {} if design is None else {design: 0.3}}

    found = problems(model, run["design_parameters"], extra)

    assert found
    assert found == check(model, REST, [run], extra_variables=extra)


@pytest.mark.parametrize(
    ("model", "design", "extra"),
    [
        (SPM, [THICKNESS], ["X-averaged cell temperature [K]", *COLUMNS]),
        ({**SPM, "parameters": {OCP: 0.1}}, [OCP], []),
        # Only PyBaMM can tell whether a value in its JSON is a number.
        ({**SPM, "parameters": {OCP: {"type": "Scalar"}}}, [OCP], []),
        (MPM, ["Negative maximum particle radius [m]"], []),
        (ECM, ["Cell capacity [A.h]"], ["SoC"]),
        (QUICK, ["R0 [Ohm]"], ["SoC"]),
    ],
)
def test_known_names_have_no_problems(model, design, extra):
    assert problems(model, design, extra) == []


@pytest.mark.parametrize(
    "runs",
    [
        [{"design_parameters": {"colour": 1}}, {"design_parameters": {"colour": 2}}],
        [{"design_parameters": {THICKNESS: 7e-5}}, {"design_parameters": {OCP: 2, "colour": 1}}],
        [{"design_parameters": {f"colour {number}": 1}} for number in range(30)],
    ],
)
def test_the_messages_about_sweeps_are_those_of_a_worker(runs):
    extra = [f"taste {number}" for number in range(3)]

    assert name_problems(SPM, one_by_one(runs), len(runs), extra) == check(
        SPM, REST, runs, extra_variables=extra
    )


@pytest.mark.parametrize(
    "runs",
    [
        [{"experiment_parameters": {"Crate": 1, "Time": 60}}] * 2,
        [{"experiment_parameters": {"C-rate": rate}} for rate in (1, 2)],
        [{"experiment_parameters": {"C-rate": 1, "Time": 60}}, {}],
        [{"design_parameters": {"colour": 1}}],
    ],
)
def test_the_messages_about_missing_inputs_are_those_of_a_worker(runs):
    protocol = """steps:
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: "input['Time']"}
"""

    found = name_problems(SPM, one_by_one(runs), len(runs), [], ["C-rate", "Time"])

    assert found == check(SPM, protocol, runs)
    assert found


def test_an_unknown_variable_is_a_problem_of_a_run_with_a_design_too():
    run = {"id": "a", "design_parameters": {THICKNESS: 7e-5}}

    assert check(SPM, REST, [run], extra_variables=["taste"]) == [
        "extra variable 'taste' is not in the model: use a name of the model's variables"
    ]
