"""The objectives besides current-driven voltage, on data from plain PyBaMM."""

import numpy as np
import polars as pl
import pybamm
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.penalties import Penalty
from tests.fit.measurements import (
    DIFFUSIVITY,
    NOISE,
    TRUTH,
    entry,
    fit,
    measured,
    potential,
)

LIMITS = {
    "Minimum negative stoichiometry": 0.03,
    "Maximum negative stoichiometry": 0.88,
    "Minimum positive stoichiometry": 0.28,
    "Maximum positive stoichiometry": 0.84,
}
CAPACITY = 4.8
AROUND = {
    name: {"bounds": [max(1e-3, limit - 0.1), min(0.999, limit + 0.1)]}
    for name, limit in LIMITS.items()
}
FULLNESS = np.linspace(1, 0, 120)


def electrode(name, fullness):
    low, high = (LIMITS[f"{end} {name} stoichiometry"] for end in ("Minimum", "Maximum"))
    return potential(name, low + (high - low) * fullness)


def noisy(voltages, noise=NOISE):
    return voltages + np.random.default_rng(2).normal(0, noise, len(voltages))


def run(objective, parameters, data, *, known=None, **more):
    elements = {
        "known": {
            "element_type": "entry",
            "values": {"parameter_set": "Chen2020", **(known or {})},
        },
        "fit": {
            "element_type": "data_fit",
            "objectives": {"it": {**objective, "data": "db:it"}},
            "parameters": parameters,
            **more,
        },
    }
    info = fitting.DataInfo(tuple(data.columns), len(data))
    assert fitting.check_elements(elements, {"db:it": info}) == []
    return fitting.run_pipeline(elements, {"db:it": data})


def full_cell(order=slice(None)):
    voltages = electrode("positive", 1 - FULLNESS) - electrode("negative", FULLNESS)
    capacity = np.linspace(0, CAPACITY, len(FULLNESS))
    return pl.DataFrame({"Capacity [A.h]": capacity, "Voltage [V]": noisy(voltages)[order]})


@pytest.mark.parametrize("optimizer", ["ScipyLeastSquares", "DifferentialEvolution"])
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["down", "up"])
def test_electrode_balancing_recovers_the_limits(order, optimizer):
    objective = {"type": "ElectrodeBalancing"}
    options = {"optimizer": {"type": optimizer}}
    found = run(objective, AROUND, full_cell(order), **options)["parameter_values"]
    for name, limit in LIMITS.items():
        assert found[name] == pytest.approx(limit, abs=0.005)


def test_balancing_by_capacities():
    spans = {
        side: LIMITS[f"Maximum {side} stoichiometry"] - LIMITS[f"Minimum {side} stoichiometry"]
        for side in ("negative", "positive")
    }
    expected = {}
    for side, span in spans.items():
        total = CAPACITY / span
        name = side.capitalize()
        expected[f"{name} electrode capacity [A.h]"] = total
        expected[f"{name} electrode lower excess capacity [A.h]"] = (
            total * LIMITS[f"Minimum {side} stoichiometry"]
        )
    bounds = {name: {"bounds": [0.7 * value, 1.2 * value]} for name, value in expected.items()}
    found = run({"type": "ElectrodeBalancing"}, bounds, full_cell())["parameter_values"]
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=0.02)


@pytest.mark.parametrize("kind", ["OCPHalfCell", "ElectrodeBalancingHalfCell"])
@pytest.mark.parametrize("side", ["negative", "positive"])
def test_a_half_cell_recovers_its_limits(side, kind):
    voltages = electrode(side, FULLNESS)
    data = pl.DataFrame(
        {"Capacity [A.h]": CAPACITY * (1 - FULLNESS), "Voltage [V]": noisy(voltages)}
    )
    bounds = {name: given for name, given in AROUND.items() if side in name}
    result = run({"type": kind, "electrode": side}, bounds, data)
    for name in bounds:
        assert result["parameter_values"][name] == pytest.approx(LIMITS[name], abs=0.005)


def test_the_parameters_of_a_potential_are_fitted_over_stoichiometry():
    # A parametric potential: u0 - u1 * sto, with both as parameters of the set.
    def line(x):
        return pybamm.Parameter("OCP at 0 [V]") - pybamm.Parameter("OCP slope [V]") * x

    wire = pybamm.ParameterValues({"f": line}).to_json()["f"]
    x = np.linspace(0.1, 0.9, 30)
    data = pl.DataFrame({"Stoichiometry": x, "Voltage [V]": noisy(4.4 - 0.9 * x)})
    known = {"Positive electrode OCP [V]": wire, "OCP at 0 [V]": 4.0, "OCP slope [V]": 1.0}
    bounds = {"OCP at 0 [V]": {"bounds": [3.0, 5.0]}, "OCP slope [V]": {"bounds": [0.1, 2.0]}}
    objective = {"type": "OCPHalfCell", "electrode": "positive"}
    found = run(objective, bounds, data, known=known)["parameter_values"]
    expected = np.polyfit(x, data["Voltage [V]"].to_numpy(), 1)
    assert found["OCP at 0 [V]"] == pytest.approx(expected[1], abs=1e-5)
    assert found["OCP slope [V]"] == pytest.approx(-expected[0], abs=1e-5)


LINE = {"OCP at 0 [V]": 4.4, "OCP slope [V]": 0.9}


def fitted_line(data, options, *, known=None, electrode="positive", parameters=()):
    """Fit a straight potential, 4.4 V - 0.9 V x, to data over capacity."""

    def line(x):
        return pybamm.Parameter("OCP at 0 [V]") - pybamm.Parameter("OCP slope [V]") * x

    wire = pybamm.ParameterValues({"f": line}).to_json()["f"]
    given = {f"{electrode.capitalize()} electrode OCP [V]": wire, **LINE, **(known or {})}
    bounds = {name: {"bounds": [value / 2, value * 2]} for name, value in LINE.items()}
    bounds |= {name: {"bounds": [0.01, 0.99]} for name in parameters}
    objective = {"type": "OCPHalfCell", "electrode": electrode, "options": options}
    return run(objective, bounds, data, known=given)


@pytest.mark.parametrize(
    ("electrode", "options", "known", "limits"),
    [
        ("positive", {}, {}, (0, 1)),
        ("positive", {"theta_ref": 0.8}, {}, (0, 0.8)),
        ("negative", {"theta_ref": 0.1}, {}, (0.1, 1)),
        (
            "positive",
            {},
            {"Minimum positive stoichiometry": 0.2, "Maximum positive stoichiometry": 0.9},
            (0.2, 0.9),
        ),
    ],
)
def test_stoichiometry_limits_select_rows_of_data_over_capacity(electrode, options, known, limits):
    low, high = limits
    x = np.linspace(low, high, 41)
    voltages = LINE["OCP at 0 [V]"] - LINE["OCP slope [V]"] * x
    inside = (x >= 0.299) & (x <= 0.701)
    # Rows outside the limits are wrong, so a fit that takes them does not find the line.
    data = pl.DataFrame(
        {
            "Capacity [A.h]": x - low,
            "Voltage [V]": np.where(inside, voltages, voltages + 0.01 / x[-1]),
        }
    )

    cut = {"stoichiometry limits": [0.299, 0.701], **options}
    found = fitted_line(data, cut, known=known, electrode=electrode)

    for name, value in LINE.items():
        assert found["parameter_values"][name] == pytest.approx(value, rel=1e-4)
    assert len(found["series"]["fit"]["it"]["x_values"]) == inside.sum()
    noted = [note for note in found["notes"] if "the data span the stoichiometries" in note]
    assert len(noted) == (not known)


@pytest.mark.parametrize(
    ("options", "known", "parameters", "words"),
    [
        (
            {"stoichiometry limits": [0.1, 0.9]},
            {"Maximum positive stoichiometry": 0.9},
            ["Minimum positive stoichiometry"],
            "by a stoichiometry that is fitted: give 'voltage limits'",
        ),
        (
            {"theta_ref": 0.9},
            {"Minimum positive stoichiometry": 0.1, "Maximum positive stoichiometry": 0.9},
            [],
            "give either 'theta_ref' or the stoichiometry limits",
        ),
    ],
)
def test_stoichiometries_that_contradict_each_other(options, known, parameters, words):
    x = np.linspace(0, 1, 11)
    data = pl.DataFrame({"Capacity [A.h]": x, "Voltage [V]": 4.4 - 0.9 * x})
    with pytest.raises(ValueError, match=words):
        fitted_line(data, options, known=known, parameters=parameters)


def test_theta_ref_is_refused_beside_measured_stoichiometries():
    data = pl.DataFrame({"Stoichiometry": [0.0, 1.0], "Voltage [V]": [4.4, 3.5]})
    with pytest.raises(ValueError, match="'theta_ref' is for data over capacity"):
        fitted_line(data, {"theta_ref": 0.9})


def test_a_half_cell_needs_a_stoichiometry_or_a_capacity():
    objective = {"type": "OCPHalfCell", "electrode": "positive", "data": {"Voltage [V]": [4.0]}}
    element = {"element_type": "data_fit", "objectives": {"it": objective}, "parameters": AROUND}
    [problem] = fitting.check_elements({"fit": element})
    assert "there is no column 'Stoichiometry' or 'Capacity [A.h]'" in problem


def test_an_impedance_without_an_initial_state_is_noted():
    data = {"Frequency [Hz]": [1.0, 10.0], "Z_Re [Ohm]": [0.1, 0.1], "Z_Im [Ohm]": [0.0, 0.0]}
    elements = {
        "check": {
            "element_type": "validation",
            "objectives": {"it": {"type": "EIS", "data": data}},
        }
    }
    found = fitting.run_pipeline(elements, {})
    assert [note for note in found["notes"] if "no 'Initial SOC' was given" in note]
    elements = {"known": {"element_type": "entry", "values": {"Initial SOC": 0.5}}, **elements}
    found = fitting.run_pipeline(elements, {})
    assert not [note for note in found["notes"] if "no 'Initial SOC' was given" in note]


def test_a_penalty_is_added_to_the_cost():
    # A line through the data would be 4.4 - 0.9 x; its slope costs w * (2 * slope)**2 besides.
    def line(x):
        return pybamm.Parameter("OCP at 0 [V]") - pybamm.Parameter("OCP slope [V]") * x

    x = np.linspace(0.1, 0.9, 30)
    data = pl.DataFrame({"Stoichiometry": x, "Voltage [V]": 4.4 - 0.9 * x})
    wire = pybamm.ParameterValues({"f": line}).to_json()["f"]
    known = {"Positive electrode OCP [V]": wire, "OCP at 0 [V]": 4.0, "OCP slope [V]": 1.0}
    bounds = {"OCP at 0 [V]": {"bounds": [3.0, 5.0]}, "OCP slope [V]": {"bounds": [0.1, 2.0]}}
    doubled = pybamm.InputParameter("OCP slope [V]") * pybamm.Parameter("OCP unit")
    penalty = {"fun": pybamm.ParameterValues({"f": doubled}).to_json()["f"]}
    objective = {
        "type": "OCPHalfCell",
        "electrode": "positive",
        "penalties": [{**penalty, "type": "Penalty", "regularizer_weight": 0.01}],
    }
    unit = {"OCP unit": 2.0}
    result = run(objective, bounds, data, known={**known, **unit}, cost={"type": "MSE"})
    # Ridge regression: the slope shrinks by var(x) / (var(x) + w).
    expected = 0.9 * np.var(x) / (np.var(x) + 0.01 * 2.0**2)
    assert result["parameter_values"]["OCP slope [V]"] == pytest.approx(expected, rel=1e-3)
    assert result["element_results"]["fit"]["optimizer"] == "ScipyMinimize"
    other = pybamm.ParameterValues({"f": pybamm.InputParameter("OCP top") * 2}).to_json()["f"]
    with pytest.raises(ValueError, match="names 'OCP top', which is not fitted"):
        run({**objective, "penalties": [{"fun": other}]}, bounds, data, known=known)


def test_a_penalty_is_the_weighted_square_of_its_function():
    penalty = Penalty(pybamm.Scalar(3), 2.0, "penalties[0]")

    assert penalty.cost({}) == 18.0


def test_impedance():
    truth = {
        "Negative electrode double-layer capacity [F.m-2]": 0.4,
        "Positive electrode thickness [m]": 7e-5,
    }
    values = pybamm.ParameterValues("Chen2020")
    values.update(truth)
    frequencies = np.logspace(-1, 4, 16)
    model = pybamm.lithium_ion.SPM({"surface form": "differential"})
    impedance = pybamm.EISSimulation(model, values).solve(frequencies).impedance
    data = pl.DataFrame(
        {"Frequency [Hz]": frequencies, "Z_Re [Ohm]": impedance.real, "Z_Im [Ohm]": impedance.imag}
    )
    bounds = {name: {"bounds": [0.5 * value, 1.6 * value]} for name, value in truth.items()}
    result = run({"type": "EIS"}, bounds, data, cost={"type": "SSE"})
    for name, value in truth.items():
        assert result["parameter_values"][name] == pytest.approx(value, rel=1e-3)
    assert set(result["series"]["fit"]["it"]["variables"]) == {"Z_Re [Ohm]", "Z_Im [Ohm]"}


def test_resistance_is_read_from_jumps():
    data = measured(kind="pulse", noise=0.0)
    name = "Positive electrode exchange-current density [A.m-2]"
    elements = {
        "known": entry(name),
        "fit": {
            "element_type": "data_fit",
            "objectives": {"it": {"type": "Resistance", "data": "db:it"}},
            "parameters": {name: {"bounds": [0.3, 10.0]}},
        },
    }
    result = fitting.run_pipeline(elements, {"db:it": data})
    assert result["parameter_values"][name] == pytest.approx(TRUTH[name], rel=0.01)
    [series] = result["series"]["fit"]["it"]["variables"].values()
    rows = np.flatnonzero(np.abs(np.diff(data["Current [A]"])) > 1)
    expected = -np.diff(data["Voltage [V]"])[rows] / np.diff(data["Current [A]"])[rows]
    assert series["data"] == pytest.approx(expected)


def test_calendar_ageing():
    name = "SEI solvent diffusivity [m2.s-1]"
    truth, bounds = 4e-22, {name: {"bounds": [1e-23, 1e-20]}}
    options = {"SEI": "solvent-diffusion limited"}
    values = pybamm.ParameterValues("OKane2022")
    values.update({name: truth, "Current function [A]": 0.0})
    days = np.linspace(0, 100, 11)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM({**options}), parameter_values=values)
    solution = simulation.solve([0, days[-1] * 86400], t_interp=days * 86400)
    loss = solution["Loss of lithium inventory [%]"].entries
    data = pl.DataFrame({"Time [d]": days, "LLI [%]": loss})
    known = {"parameter_set": "OKane2022", "model": {"type": "SPM", "options": options}}
    result = run({"type": "CalendarAgeing"}, bounds, data, known=known)
    assert result["parameter_values"][name] == pytest.approx(truth, rel=0.01)


def test_objectives_have_weights_and_may_have_own_costs():
    data = {"db:a": measured(), "db:b": measured(kind="pulse")}
    element = fit(DIFFUSIVITY, optimizer={"type": "PointEstimate"}, start={DIFFUSIVITY: 1e-14})
    element["objectives"] = {"a": {"data": "db:a"}, "b": {"type": "Pulse", "data": "db:b"}}
    element["cost"] = {"type": "MSE", "objective_weights": {"b": 2.0}}

    def cost(change):
        elements = {"known": entry(DIFFUSIVITY), "fit": {**element, **change}}
        return fitting.run_pipeline(elements, data)["element_results"]["fit"]

    both = cost({})
    assert both["type"] == "EnsembleResult"
    alone = {
        name: cost({"objectives": {name: element["objectives"][name]}, "cost": {"type": "MSE"}})
        for name in "ab"
    }
    assert both["cost"] == pytest.approx(alone["a"]["cost"] + 2 * alone["b"]["cost"], rel=1e-6)
    own = {**element["objectives"]["b"], "cost": {"type": "Max"}}
    series = both["trace"]
    assert len(series) == 1
    mixed = cost({"objectives": {"a": element["objectives"]["a"], "b": own}})
    assert mixed["cost"] > alone["a"]["cost"] + alone["b"]["cost"]
