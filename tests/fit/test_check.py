"""Errors are found at submission, and name element and field."""

import difflib

import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.elements.entry import read_entry
from ionworks.engine.fitting.fields import strictly
from ionworks.engine.fitting.state import State
from tests.counting import count_calls
from tests.fit.measurements import DIFFUSIVITY, FRACTION, entry, fit, measured

INFO = {
    "db:discharge": fitting.DataInfo(("Time [s]", "Current [A]", "Voltage [V]"), 51),
    "db:bare": fitting.DataInfo(("Time [s]", "Voltage [V]"), 5),
}


def problems(element, data=INFO):
    return fitting.check_elements({"known": entry(DIFFUSIVITY), "fit": element}, data)


def changed(**more):
    return fit(DIFFUSIVITY, **more)


def with_parameter(name=DIFFUSIVITY, **fields):
    return {**changed(), "parameters": {name: fields}}


def with_objective(**fields):
    return {**changed(), "objectives": {"v": {"data": "db:discharge", **fields}}}


def test_a_valid_pipeline_has_no_errors():
    assert problems(changed()) == []
    assert problems(changed(), None) == []


def test_defaults_that_clients_write_out_are_accepted():
    shared = {
        "log_to_screen": False,
        "min_iterations": 1,
        "max_evaluations": 1000000,
        "absolute_tolerance": 1e-5,
        "relative_tolerance": 1e-2,
        "xtol": 1e-6,
        "population_convergence_tol": 5e-3,
        "convergence_patience": 3,
        "surrogate_convergence_tol": 1e-3,
    }
    objective = {"options": {"independent variable": "time", "interpolant_lossless": False}}
    element = {**with_objective(type="CurrentDriven", **objective), "objective_parallelism": "auto"}
    for name in ("CMAES", "DifferentialEvolution", "PSO", "XNES"):
        element["optimizer"] = {"type": name, **shared}
        assert problems(element) == []


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (changed(foo=1), "unknown field 'foo'"),
        (changed(cost_logger={"a": 1}), "'cost_logger' is not supported"),
        (changed(options={"seed": -1}), "options: seed is -1"),
        (changed(options={"low_memory": True}), "'low_memory' is not supported"),
        (changed(options={"maxtime": 0}), "maxtime is 0"),
        (changed(multistarts=0), "multistarts is 0"),
        (changed(objective_parallelism="maybe"), "objective_parallelism is 'maybe'"),
        (changed(initial_guess_sampler={"type": "Sobol"}), "unknown 'Sobol'"),
        (changed(initial_guesses={"x": 1}), "initial_guesses: 'x' is not among"),
        (changed(initial_guesses={DIFFUSIVITY: 1.0}), "initial_value 1 is outside"),
        (changed(priors={"x": {"distribution": "Normal", "mean": 1, "std": 1}}), "priors: 'x'"),
        (changed(cost={"type": "RMS"}), "unknown cost 'RMS'"),
        (changed(optimizer={"type": "Adam"}), "unknown type 'Adam'"),
        (changed(optimizer={"type": "SOBER"}), "SOBER is not supported"),
        (changed(optimizer={"type": "Nested"}), "Nested is not supported"),
        (changed(optimizer={"type": "Pints", "method": "SNES"}), "the method 'SNES'"),
        (changed(optimizer={"type": "GridSearch", "npts": 0}), "npts is 0"),
        (changed(optimizer={"type": "CMAES", "foo": 1}), "CMAES has no field 'foo'"),
        (changed(optimizer={"type": "ScipyMinimize", "bounds": []}), "'bounds' of ScipyMinimize"),
        (changed(optimizer={"type": "ScipyMinimize", "method": "dogleg"}), "'dogleg'"),
        (changed(optimizer={"type": "ScipyShgo", "popsize": 3}), "has no keyword 'popsize'"),
        (
            changed(optimizer={"type": "CMAES", "algorithm_options": {"CMA_elitst": True}}),
            "did you mean 'CMA_elitist'",
        ),
        (
            changed(optimizer={"type": "CMAES", "algorithm_options": {"timeout": "exit()"}}),
            "numbers and switches only",
        ),
        (
            changed(optimizer={"type": "ScipyLeastSquares", "method": "lm"}),
            "'lm' does not support bounds",
        ),
        (with_parameter(bounds=[5, 1]), "lower bound 5 is not below"),
        (with_parameter(bounds=[1e-14, 2e-14], initial_value=3e-14), "outside its bounds"),
        (with_parameter(foo=2), "has no field 'foo'"),
        (
            with_parameter("Negative particle difusivity [m2.s-1]", bounds=[1, 2]),
            "did you mean 'Negative particle diffusivity [m2.s-1]'",
        ),
        ({**changed(), "parameters": {}}, "parameters are missing"),
        ({**changed(), "objectives": {}}, "objectives are missing"),
        ({**with_parameter(), "optimizer": {"type": "PSO"}}, "PSO needs two finite bounds"),
        (with_objective(type="Voltage"), "type: unknown objective 'Voltage'"),
        (with_objective(type="CycleAgeing"), "options: 'experiment' is missing"),
        (with_objective(type="MSMRHalfCell"), "type: MSMRHalfCell is not supported"),
        (with_objective(type="OCPHalfCell"), "'electrode' is missing"),
        (with_objective(constraints=[{"type": "Constraint"}]), "'constraints' are not supported"),
        (with_objective(foo=1), "unknown field 'foo'"),
        (with_objective(options={"simulation_kwargs": {"a": 1}}), "'simulation_kwargs' is not"),
        (with_objective(options={"independent variable": "voltage"}), "'voltage' is not supported"),
        (with_objective(options={"model": {"type": "ECM"}}), "unknown model type 'ECM'"),
        (
            with_objective(options={"model": {"type": "SPM", "options": {"thermal": "hot"}}}),
            "model options",
        ),
        (with_objective(data="db:bare"), "data has no column 'Current [A]'"),
        (with_objective(data={"Time [s]": [0.0]}), "data has no column 'Current [A]'"),
        (with_objective(data={"data": "db:bare", "foo": 1}), "data has no field 'foo'"),
    ],
)
def test_refusals_name_element_and_field(element, words):
    found = problems(element)
    assert any(words in problem for problem in found), found
    assert all(problem.startswith("element 'fit': ") for problem in found)


@pytest.mark.parametrize(
    ("entry_values", "words"),
    [
        ({"values": {"a": None}}, "values: 'a' is null"),
        ({"values": {"model": {"type": "custom", "model": {}}}}, "custom models are not fitted"),
        ({"values": {"parameter_set": "Chen2021"}}, "unknown parameter set 'Chen2021'"),
        ({"values": {"a": {"$type": "os.path"}}}, "not part of PyBaMM"),
        ({"values": {"a": {"$type": "pybamm.nothing"}}}, "is not a PyBaMM expression"),
        ({"values": [1]}, "give a mapping"),
        ({"pipeline_id": "x"}, "'pipeline_id' cannot be resolved"),
        ({"values": {"Initial SOC": 1.5}}, "'Initial SOC' is 1.5"),
        ({"values": {"Initial SOC": "full"}}, "values: 'Initial SOC' is 'full': give a number"),
        ({"values": {"Initial SOC": True}}, "values: 'Initial SOC' is True: give a number"),
        ({"values": {"Initial SOC [%]": 150}}, "is 150; it lies between 0 and 100"),
        ({"values": {"Initial SOC [%]": 90, "Initial SOC": 0.9}}, "give only one"),
        ({"values": {"Initial SOC [%]": 90, "Initial voltage [V]": 4}}, "give only one"),
        ({"name": "sei_defaults"}, "the entry 'sei_defaults' is not supported"),
        ({"values": {}, "foo": 1}, "unknown field 'foo'"),
        ({}, "values are missing"),
    ],
)
def test_refused_entries(entry_values, words):
    found = fitting.check_elements({"e": {"element_type": "entry", **entry_values}})
    assert any(words in problem for problem in found), found


def test_all_errors_are_reported_at_once():
    element = {**with_parameter(bounds=[5, 1]), "cost": {"type": "RMS"}, "foo": 1}
    assert len(problems(element)) == 3


NAMES = [f"Electrode {n}" for n in range(500)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"e": {"element_type": "entry", "values": dict.fromkeys(NAMES, 1.0)}},
        {
            "f": {
                **with_parameter(),
                "parameters": {key: {"bounds": [0, 1]} for key in NAMES},
            }
        },
        {"f": {**with_parameter(), **{f"field {n}": 1 for n in range(500)}}},
        {f"e{n}": n for n in range(500)},
    ],
)
def test_many_errors_are_described_up_to_twenty(monkeypatch, wrong):
    searches = count_calls(monkeypatch, difflib, "get_close_matches")

    found = fitting.check_elements({"entry": entry(), "fit": with_parameter(), **wrong}, INFO)

    assert len(found) == 20
    assert found[-1] == "there may be more errors: these are the first"
    assert len(searches) <= 20


def test_elements_must_be_mappings():
    assert fitting.check_elements({"a": 3}) == ["element 'a' is 3: give a mapping"]


def test_a_parameter_the_model_does_not_have_is_refused():
    elements = {
        "known": {"element_type": "entry", "values": {"Colour": 3.0}},
        "fit": with_parameter("Colour", bounds=[1, 8]),
    }
    with pytest.raises(fitting.PipelineError, match="'Colour' has no influence on any objective"):
        fitting.run_pipeline(elements, {"db:discharge": measured()})


def test_a_parameter_without_influence_is_noted():
    # In a cell at rest diffusion has no effect.
    columns = {"Time [s]": [0.0, 600.0, 1200.0], "Current [A]": [0.0] * 3}
    resting = {**columns, "Voltage [V]": [4.0, 4.001, 4.0]}
    found = fitting.run_pipeline(
        {"known": entry(DIFFUSIVITY), "fit": with_objective(data=resting)}, {}
    )
    assert found["element_results"]["fit"]["standard_errors"] is None
    assert any("has no influence on the data" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("values", "objective", "words"),
    [
        ({"Negative electrode thickness [m]": "thick"}, {}, "is 'thick': give a number"),
        (
            {},
            {"options": {"objective variables": ["Voltage [V]", "Volage [V]"]}},
            "unknown variable 'Volage [V]' (did you mean 'Voltage [V]'",
        ),
        (
            {},
            {"options": {"objective variables": ["Electrolyte concentration [mol.m-3]"]}},
            "varies in space",
        ),
        (
            {"model": {"type": "SPM", "options": {"lithium plating": "reversible"}}},
            {},
            "PyBaMM cannot build its model",
        ),
    ],
)
def test_failures_at_run_time_name_what_was_wrong(values, objective, words):
    data = {
        "Time [s]": [0.0, 100, 200],
        "Current [A]": [5.0, 5, 5],
        "Voltage [V]": [4.0, 3.9, 3.8],
        "Volage [V]": [1.0, 1, 1],
        "Electrolyte concentration [mol.m-3]": [1.0, 1, 1],
    }
    elements = {
        "known": {"element_type": "entry", "values": values},
        "fit": with_objective(data=data, **objective),
    }
    with pytest.raises(fitting.PipelineError) as caught:
        fitting.run_pipeline(elements, {})
    assert words in str(caught.value)
    assert caught.value.element == "fit"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Negative electrode thickness [m]", 75, "is 75 m, which is impossible"),
        ("Initial SOC", 1.5, "is 1.5, which is impossible: a state of charge is from 0 to 1"),
    ],
)
def test_impossible_values_are_errors(name, value, words):
    [found] = fitting.check_elements({"known": {**entry(), "values": {name: value}}})
    assert "known" in found
    assert words in found


def test_unusual_values_are_noted():
    state = State({})
    values = {"Negative electrode thickness [m]": 7.5e-4}
    strictly(read_entry, "known", {"element_type": "entry", "values": values}, state)
    [note] = state.notes
    assert "is 0.00075 m, which is unusual" in note


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bounds": [-1e-14, 1e-14]}, "admit impossible values"),
        ({"initial_value": -1e-14}, "is -1e-14 m2.s-1, which is impossible"),
    ],
)
def test_parameters_that_could_become_impossible_are_errors(fields, words):
    [problem] = problems(with_parameter(**fields))
    assert words in problem


def test_values_that_contradict_each_other_are_errors_unless_one_of_them_is_fitted():
    porosity = "Negative electrode porosity"
    values = {**entry(DIFFUSIVITY)["values"], porosity: 0.9, FRACTION: 0.75}
    known = {**entry(DIFFUSIVITY), "values": values}
    [problem] = fitting.check_elements({"known": known, "fit": changed()}, INFO)
    assert "add up to" in problem
    other = {**changed(), "parameters": {FRACTION: {"bounds": [0.01, 0.1]}}}
    assert fitting.check_elements({"known": known, "fit": other}, INFO) == []
