"""Elements run in order: what each passes on to the next, and the results."""

import json

import numpy as np
import pybamm
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.elements.fit_reader import objectives_of
from ionworks.engine.fitting.forward_model.cell import read_model
from tests.fit.measurements import DIFFUSIVITY, SOC, TRUTH, entry, fit, measured

OLD_NAME = "Negative electrode diffusivity [m2.s-1]"
GUIDE = {
    "entry": {
        "element_type": "entry",
        "values": {"model": {"type": "SPM"}, "data": "db:your-measurement-id"},
    },
    "data_fit": {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": "entry.data"}},
        "parameters": {OLD_NAME: {"bounds": [1e-16, 1e-12], "initial_value": 3.3e-14}},
    },
}


def plain(current=5.0, **changes):
    values = pybamm.ParameterValues("Chen2020")
    values.update(changes)
    times = np.arange(0, 1801, 60.0)
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=values, solver=solver)
    solution = simulation.solve([0, 1800], t_interp=times)
    return {
        "Time [s]": times.tolist(),
        "Current [A]": [current] * len(times),
        "Voltage [V]": solution["Voltage [V]"].entries.tolist(),
    }


def test_the_guide_runs_with_its_older_name_and_defaults():
    data = {"db:your-measurement-id": plain(**{DIFFUSIVITY: 2e-14})}
    found = fitting.run_pipeline(GUIDE, data)
    assert found["status"] == "completed"
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=1e-3)
    result = found["element_results"]["data_fit"]
    assert result["type"] == "OptimizationResult"
    assert result["initial_guess"][DIFFUSIVITY] == pytest.approx(3.3e-14)
    notes = " ".join(found["notes"])
    assert "is called 'Negative particle diffusivity [m2.s-1]' now" in notes
    assert "Chen2020" in notes
    assert found["element_results"]["entry"]["type"] == "PassthroughResult"
    json.dumps(found, allow_nan=False)


def test_a_fit_alone_takes_spm():
    element = {**GUIDE["data_fit"], "objectives": {"v": {"data": plain(**{DIFFUSIVITY: 2e-14})}}}
    found = fitting.run_pipeline({"fit": element}, {})
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=1e-3)
    assert any("no model was given: SPM" in note for note in found["notes"])


def test_a_parameter_that_ended_at_a_bound_is_named():
    parameters = {DIFFUSIVITY: {"bounds": [3e-14, 1e-12]}}
    element = {
        **GUIDE["data_fit"],
        "objectives": {"v": {"data": plain(**{DIFFUSIVITY: 2e-14})}},
        "parameters": parameters,
    }
    found = fitting.run_pipeline({"fit": element}, {})
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(3e-14, rel=1e-2)
    assert any("ended at its lower bound 3e-14: widen it" in note for note in found["notes"])

    parameters[DIFFUSIVITY]["bounds"] = [1e-15, 1e-12]
    found = fitting.run_pipeline({"fit": element}, {})
    assert not any("bound" in note for note in found["notes"])


@pytest.fixture(scope="module")
def fitted():
    """A pipeline with a fit, a validation and a confidence interval."""
    elements = {
        "known": entry(DIFFUSIVITY),
        "fit": fit(DIFFUSIVITY),
        "unseen": {
            "element_type": "validation",
            "objectives": {"pulses": {"type": "Pulse", "data": "db:pulse"}},
            "summary_stats": ["RMSE", {"type": "Max"}],
        },
        "interval": {**fit(DIFFUSIVITY), "element_type": "linear_confidence_interval"},
    }
    data = {"db:discharge": measured(), "db:pulse": measured(kind="pulse")}
    return fitting.run_pipeline(elements, data)


def test_a_validation_uses_the_fitted_parameters(fitted):
    result = fitted["element_results"]["unseen"]
    assert result["type"] == "ValidationResult"
    statistics = result["summary_stats"]["pulses"]
    assert set(statistics) == {"RMSE", "Max"}
    variables = fitted["series"]["unseen"]["pulses"]["variables"]["Voltage [V]"]
    error = np.array(variables["model"]) - np.array(variables["data"])
    assert statistics["RMSE"] == pytest.approx(np.sqrt(np.mean(error**2)))
    assert statistics["RMSE"] == pytest.approx(1e-3, rel=0.2)
    assert variables["data"] == measured(kind="pulse")["Voltage [V]"].to_list()


def test_a_validation_names_what_failed_and_keeps_the_rest():
    elements = {
        "known": entry(),
        "check": {
            "element_type": "validation",
            "objectives": {
                "good": {"data": "db:discharge"},
                "bad": {"data": {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, 4.0]}},
            },
        },
    }
    result = fitting.run_pipeline(elements, {"db:discharge": measured()})
    check = result["element_results"]["check"]
    assert set(check["summary_stats"]) == {"good"}
    assert "no column 'Current [A]'" in check["failed_objectives"]["bad"]


@pytest.mark.parametrize("label", ["Data Fit", "datafit", "data_fit"])
def test_older_labels(label):
    assert fitting.canonical_type(label) == "data_fit"


def test_an_unknown_type_fails_and_lists_the_accepted_types():
    elements = {"it": {"element_type": "datafitt"}}
    assert fitting.check_elements(elements) == []
    with pytest.raises(
        ValueError, match="unknown element_type 'datafitt'; accepted values are"
    ) as e:
        fitting.run_pipeline(elements, {})
    for name in ("entry", "data_fit", "'Data Fit'", "calculation", "validation"):
        assert name in str(e.value)


def test_initial_state_from_a_rest():
    data = measured(kind="pulse", noise=0.0)
    # Without the pulse before it, the second rest is the start of the data.
    rows = data["Time [s]"].to_numpy()
    data = data.filter((rows >= 840) & (rows <= 1190))
    values = {name: value for name, value in TRUTH.items() if name not in {SOC, DIFFUSIVITY}}
    elements = {
        "known": {"element_type": "entry", "values": values},
        "fit": fit(DIFFUSIVITY, data="db:rest"),
    }
    found = fitting.run_pipeline(elements, {"db:rest": data})
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(TRUTH[DIFFUSIVITY], rel=0.2)
    assert not any("do not start with a rest" in note for note in found["notes"])


def test_a_parameter_may_be_an_expression_of_another():
    positive = "Positive particle diffusivity [m2.s-1]"
    link = pybamm.ParameterValues({"x": 0.2 * pybamm.Parameter(DIFFUSIVITY)}).to_json()["x"]
    data = plain(**{DIFFUSIVITY: 2e-14, positive: 4e-15})
    element = {
        **GUIDE["data_fit"],
        "objectives": {"v": {"data": data}},
        "parameters": {DIFFUSIVITY: {"bounds": [1e-15, 1e-12]}, positive: link},
    }
    assert fitting.check_elements({"fit": element}) == []
    found = fitting.run_pipeline({"fit": element}, {})
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=1e-2)


def test_a_strong_prior_dominates_the_data():
    data = {"db:discharge": measured()}
    sigma = {"type": "GaussianLogLikelihood", "sigma": {"Voltage [V]": 1e-3}}
    tight = {"distribution": "LogNormal", "mean": np.log(3e-14), "std": 1e-4}
    priors = {DIFFUSIVITY: {"type": "Prior", "distribution": tight}}
    element = fit(DIFFUSIVITY, cost=sigma, priors=priors)
    found = fitting.run_pipeline({"known": entry(DIFFUSIVITY), "fit": element}, data)
    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(3e-14, rel=1e-3)


def test_array_fits_return_two_rows():
    element = fit(DIFFUSIVITY)
    element["element_type"] = "array_data_fit"
    element["objectives"] = {
        "0.5": {"data": plain(**{DIFFUSIVITY: 2e-14})},
        "0.1": {"data": plain(**{DIFFUSIVITY: 1e-14})},
    }
    found = fitting.run_pipeline({"fit": element}, {})["parameter_values"][DIFFUSIVITY]
    assert found[0] == [0.1, 0.5]
    assert found[1] == pytest.approx([1e-14, 2e-14], rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "words"),
    [(("0.5", "0.50"), "'0.5' and '0.50' are the same"), (("nan",), "'nan' is not a number")],
)
def test_array_fits_need_different_finite_values(keys, words):
    element = {**fit(DIFFUSIVITY), "element_type": "array_data_fit"}
    element["objectives"] = {key: {"data": plain()} for key in keys}
    [problem] = fitting.check_elements({"fit": element})
    assert words in problem


def test_linear_confidence_is_the_standard_error_times_students_t(fitted):
    found = fitted["element_results"]
    interval = found["interval"]["intervals"][DIFFUSIVITY]
    error = found["fit"]["standard_errors"][DIFFUSIVITY]
    # Student's t for 50 degrees of freedom, from a table.
    assert (interval["upper"] - interval["lower"]) / 2 == pytest.approx(2.009 * error, rel=1e-3)
    assert interval["value"] == pytest.approx(found["fit"]["parameter_values"][DIFFUSIVITY])


def test_sensitivities_add_up():
    names = (DIFFUSIVITY, "Negative electrode active material volume fraction")
    elements = {
        "known": entry(*names),
        "sobol": {**fit(*names), "element_type": "sobol_sensitivity", "n_samples": 64},
    }
    found = fitting.run_pipeline(elements, {"db:discharge": measured()})["element_results"]
    total = sum(found["sobol"]["total_order"].values())
    first = sum(found["sobol"]["first_order"].values())
    assert first < 1.2
    assert total > 0.8
    assert found["sobol"]["evaluation_stats"]["evaluations"] == 64 * (len(names) + 2)


@pytest.mark.parametrize(
    ("given", "optimizer", "cost"),
    [
        ({}, "ScipyLeastSquares", "MSE"),
        ({"cost": {"type": "SSE"}}, "ScipyLeastSquares", "SSE"),
        ({"cost": {"type": "MAE"}}, "ScipyMinimize", "MAE"),
    ],
)
def test_default_cost_and_optimizer_are_compatible(given, optimizer, cost):
    slow, fast = plain(**{DIFFUSIVITY: 2e-14}), plain(**{DIFFUSIVITY: 2e-14})
    element = {
        **GUIDE["data_fit"],
        "objectives": {"a": {"data": slow}, "b": {"data": fast}},
        **given,
    }
    result = fitting.run_pipeline({"fit": element}, {})["element_results"]["fit"]
    assert (result["optimizer"], result["cost_type"]) == (optimizer, cost)
    assert result["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=2e-3)


def test_a_cost_the_optimizer_cannot_minimise_is_refused():
    objectives = {"a": {"data": plain()}, "b": {"data": plain()}}
    element = {
        **GUIDE["data_fit"],
        "objectives": objectives,
        "cost": "RMSE",
        "optimizer": {"type": "ScipyLeastSquares"},
    }
    with pytest.raises(fitting.PipelineError, match="minimises sums of squares"):
        fitting.run_pipeline({"fit": element}, {})


@pytest.mark.parametrize(
    "objectives",
    [
        {"data": "db:x"},
        {"type": "CurrentDriven", "data": {"data": "db:x"}},
        {"data": {"Time [s]": [0.0]}},
    ],
)
def test_a_single_objective_needs_no_name(objectives):
    assert objectives_of({"objectives": objectives}) == {"objective": objectives}


def test_an_objective_may_be_called_data():
    objectives = {"data": {"data": "db:x"}}
    assert objectives_of({"objectives": objectives}) == objectives


def test_the_number_of_threads_does_not_change_the_result():
    data = {"db:discharge": measured()}
    elements = {
        "known": entry(DIFFUSIVITY),
        "fit": fit(DIFFUSIVITY, optimizer={"type": "GridSearch", "npts": 6}),
    }
    one, two = (
        fitting.run_pipeline(elements, data, threads=threads)["element_results"]["fit"]
        for threads in (1, 2)
    )
    assert one["cost"] == two["cost"]
    assert one["parameter_values"] == two["parameter_values"]


def test_a_model_and_parameters_serialised_by_pybamm():
    values = pybamm.ParameterValues("Marquis2019")
    times = np.arange(0, 1801, 120.0)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=values.copy())
    voltages = simulation.solve([0, 1800], t_interp=times)["Voltage [V]"].entries
    data = {
        "Time [s]": times.tolist(),
        "Current [A]": [values["Current function [A]"]] * len(times),
        "Voltage [V]": voltages.tolist(),
    }
    model = pybamm.lithium_ion.SPM().to_config()
    given = {name: value for name, value in values.to_json().items() if name != "citations"}
    elements = {
        "entry": {"element_type": "entry", "values": {"model": model, "data": data, **given}},
        "check": {"element_type": "validation", "objectives": {"v": {"data": "entry.data"}}},
    }
    elements = json.loads(json.dumps(elements))
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check"]["summary_stats"]["v"]["Max"] < 1e-4
    json.dumps(found, allow_nan=False)


def test_options_pybamm_writes_out_are_read():
    given = {"SEI": "ec reaction limited", "surface form": "differential"}
    config = json.loads(json.dumps(pybamm.lithium_ion.DFN({**given}).to_config()))
    name, options, parameter_set, parameters = read_model(config)
    assert (name, parameter_set, parameters) == ("DFN", None, {})
    own = pybamm.lithium_ion.DFN({**given}).options
    assert pybamm.lithium_ion.DFN(options).options == own


def test_a_geometric_parameter_is_fitted():
    name = "Negative electrode thickness [m]"
    element = {
        **GUIDE["data_fit"],
        "objectives": {"v": {"data": plain(**{name: 8e-5})}},
        "parameters": {name: {"bounds": [7e-5, 9.5e-5]}},
    }
    found = fitting.run_pipeline({"fit": element}, {})
    assert found["parameter_values"][name] == pytest.approx(8e-5, rel=1e-4)
