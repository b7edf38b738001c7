"""Calculations against PyBaMM and arithmetic by hand."""

import json

import numpy as np
import pybamm
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.calculations.registry import CALCULATIONS, NOT_SUPPORTED
from tests.fit.measurements import potential

VALUES = pybamm.ParameterValues("Chen2020")
FARADAY = 96485.33212
HALF = {"electrode": "positive"}
KNOTS = {
    "type": "SlopesToKnots",
    "base_parameter_name": "D [m2.s-1]",
    "breakpoint_values": [0.0, 1.0],
    "breakpoint_parameter_name": "SOC",
}
OCP_OF_DATA = {"type": "OCPDataInterpolant", **HALF, "data": "db:x"}


def run(name, known=None, **fields):
    elements = {
        "known": {
            "element_type": "entry",
            "values": {"parameter_set": "Chen2020", **(known or {})},
        },
        "it": {"element_type": "calculation", "type": name, **fields},
    }
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})
    json.dumps(found, allow_nan=False)
    return found["element_results"]["it"]["parameter_values"]


def test_capacity_is_that_of_pybamm():
    found = run("ElectrodeCapacity", electrode="positive")
    expected = VALUES.evaluate(pybamm.LithiumIonParameters().p.Q_init)
    assert found == {"Positive electrode capacity [A.h]": pytest.approx(float(expected), rel=1e-9)}


def test_the_capacity_equation_is_solved_for_the_missing_parameter():
    known = {
        "Negative electrode capacity [A.h]": 5.0,
        "Negative electrode thickness [m]": 80e-6,
        "Electrode area [m2]": 0.1,
        "Maximum concentration in negative electrode [mol.m-3]": 30000.0,
    }
    found = run("ElectrodeCapacity", known, electrode="negative")
    expected = 5.0 * 3600 / (30000 * 80e-6 * 0.1 * FARADAY)
    name = "Negative electrode active material volume fraction"
    assert found == {name: pytest.approx(expected)}
    del known["Electrode area [m2]"]
    with pytest.raises(ValueError, match="exactly one of"):
        run("ElectrodeCapacity", known, electrode="negative")


def test_lithium_and_limits_are_those_of_pybamm():
    lithium = run("CyclableLithium")["Cyclable lithium capacity [A.h]"]
    expected = VALUES.evaluate(pybamm.LithiumIonParameters().Q_Li_particles_init)
    assert lithium == pytest.approx(float(expected), rel=1e-6)
    limits = run("ElectrodeSOH")
    x_0, x_100, y_100, y_0 = pybamm.lithium_ion.get_min_max_stoichiometries(VALUES)
    assert list(limits.values()) == pytest.approx([x_0, x_100, y_100, y_0])


def test_lithium_after_formation():
    known = {"Formation lithium loss": 0.9, "Positive electrode capacity [A.h]": 6.0}
    found = run("CyclableLithium", known, method="formation loss")
    assert found == {"Cyclable lithium capacity [A.h]": pytest.approx(5.4)}


@pytest.mark.parametrize("soc", [0.4, "3.8 V"])
def test_initial_state(soc):
    found = run("InitialSOC", soc=soc)
    x, y = pybamm.lithium_ion.get_initial_stoichiometries(soc, VALUES)[:2]
    side = "Initial concentration in {} electrode [mol.m-3]"
    maximum = "Maximum concentration in {} electrode [mol.m-3]"
    assert found == {
        side.format("negative"): pytest.approx(x * VALUES[maximum.format("negative")]),
        side.format("positive"): pytest.approx(y * VALUES[maximum.format("positive")]),
    }


def test_limits_from_capacities():
    known = {
        "Negative electrode capacity [A.h]": 5.0,
        "Negative electrode lower excess capacity [A.h]": 0.5,
        "Positive electrode capacity [A.h]": 8.0,
        "Positive electrode lower excess capacity [A.h]": 2.0,
    }
    options = {"usable capacity": 4.0}
    found = run("StoichiometryLimitsFromCapacity", known, options=options)
    assert list(found.values()) == pytest.approx([0.1, 0.9, 0.25, 0.75])


@pytest.mark.parametrize(
    ("name", "known", "fields", "expected"),
    [
        ("AreaToSquareWidthHeight", {"Electrode area [m2]": 0.09}, {}, [0.3, 0.3]),
        ("DiameterToSquareWidthHeight", {"Electrode diameter [m]": 2.0}, {}, [np.sqrt(np.pi)] * 2),
        (
            "SurfaceAreaToVolumeRatio",
            {
                "Positive electrode active material volume fraction": 0.65,
                "Positive particle radius [m]": 5e-6,
            },
            {"electrode": "positive"},
            [390000.0],
        ),
        (
            "PorosityFromElectrodeVolumeFraction",
            {"Negative electrode active material volume fraction": 0.7},
            {"electrode": "negative"},
            [0.3],
        ),
        (
            "ElectrodeVolumeFractionFromPorosity",
            {"Negative electrode porosity": 0.25},
            {"electrode": "negative"},
            [0.75],
        ),
        (
            "ElectrodeVolumeFractionFromLoading",
            {
                "Positive electrode loading [A.h.cm-2]": 0.004,
                "Positive electrode thickness [m]": 80e-6,
                "Maximum concentration in positive electrode [mol.m-3]": 50000.0,
            },
            {"electrode": "positive", "method": "loading"},
            [40 * 3600 / (80e-6 * 50000 * FARADAY)],
        ),
        (
            "ElectrodeVolumeFractionFromLoading",
            {
                "Positive electrode coating mass [g.cm-2]": 0.02,
                "Positive electrode crystal density [g.cm-3]": 4.8,
                "Positive electrode thickness [m]": 80e-6,
            },
            {"electrode": "positive", "method": "coating mass"},
            [0.2 / (80e-6 * 4800)],
        ),
        (
            "DensityFromVolumeAndMass",
            {"Cell mass [kg]": 0.07, "Cell volume [m3]": 2e-5},
            {},
            [3500],
        ),
        (
            "SpecificHeatCapacity",
            {"Cell heat capacity [J.K-1]": 70.0, "Cell mass [kg]": 0.07},
            {},
            [1000.0],
        ),
    ],
)
def test_algebra(name, known, fields, expected):
    assert list(run(name, known, **fields).values()) == pytest.approx(expected)


def test_mass_is_the_sum_of_the_layers():
    layers = (
        "Negative current collector",
        "Negative electrode",
        "Separator",
        "Positive electrode",
        "Positive current collector",
    )
    areal = sum(VALUES[f"{x} thickness [m]"] * VALUES[f"{x} density [kg.m-3]"] for x in layers)
    area = VALUES["Electrode height [m]"] * VALUES["Electrode width [m]"]
    assert run("CellMass") == {"Cell mass [kg]": pytest.approx(areal * area)}


def test_activation_energy():
    temperatures = np.array([278.15, 298.15, 318.15])
    values = 3e-14 * np.exp(35000 / 8.314462618 * (1 / 298.15 - 1 / temperatures))
    name = "Negative particle diffusivity [m2.s-1]"
    data = {"Temperature [K]": temperatures.tolist(), name: values.tolist()}
    found = run("ArrheniusLogLinear", data=data, reference_temperature=298.15)
    energy = "Negative particle diffusivity activation energy [J.mol-1]"
    assert found == {name: pytest.approx(3e-14), energy: pytest.approx(35000)}


def test_an_interpolated_potential_is_the_model_s():
    x = np.linspace(0.005, 0.995, 400)
    data = {"Stoichiometry": x.tolist(), "Voltage [V]": potential("positive", x).tolist()}
    times = np.arange(0, 1801, 120.0)
    # The engine's own set is another one, so that only the interpolant can make the voltage right.
    known = {"Positive electrode OCP [V]": 4.0}
    solution = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=VALUES.copy()).solve(
        [0, 1800], t_interp=times
    )
    measured = {
        "Time [s]": times.tolist(),
        "Current [A]": [5.0] * len(times),
        "Voltage [V]": solution["Voltage [V]"].entries.tolist(),
    }
    elements = {
        "known": {"element_type": "entry", "values": {"parameter_set": "Chen2020", **known}},
        "ocp": {
            "element_type": "calculation",
            "type": "OCPDataInterpolant",
            "electrode": "positive",
            "data": data,
        },
        "check": {"element_type": "validation", "objectives": {"v": {"data": measured}}},
    }
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check"]["summary_stats"]["v"]["Max"] < 5e-4
    # What comes back can be given to an entry again.
    wire = json.loads(json.dumps(found["parameter_values"]["Positive electrode OCP [V]"]))
    again = {
        "known": {
            "element_type": "entry",
            "values": {"parameter_set": "Chen2020", "Positive electrode OCP [V]": wire},
        },
        "check": elements["check"],
    }
    found = fitting.run_pipeline(again, {})
    assert found["element_results"]["check"]["summary_stats"]["v"]["Max"] < 5e-4


@pytest.mark.parametrize("name", NOT_SUPPORTED)
def test_calculations_that_are_not_built_are_refused_by_name(name):
    element = {"element_type": "calculation", "type": name}
    [problem] = fitting.check_elements({"it": element})
    assert problem.startswith(
        f"element 'it': type: the calculation {name} is not supported, because"
    )
    with pytest.raises(ValueError, match=name):
        fitting.run_pipeline({"it": element}, {})


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (
            {"type": "ElectrodeCapacty"},
            "unknown calculation 'ElectrodeCapacty' (did you mean 'ElectrodeCap",
        ),
        ({"type": "ElectrodeCapacity"}, "'electrode' is missing"),
        ({"type": "ElectrodeCapacity", "electrode": "lumped"}, "electrode is 'lumped'"),
        (
            {"type": "ElectrodeCapacity", "electrode": "positive", "phase": "primary"},
            "'phase' is not",
        ),
        ({"type": "CyclableLithium", "method": "guess"}, "method is 'guess'; use 'electrode cap"),
        ({"type": "CellMass", "foo": 1}, "'foo' is not supported"),
        ({"type": "InitialSOC", "soc": [1]}, "soc is [1]"),
        (
            {"type": "DiffusivityFromPulse", **HALF, "data": "db:x", "options": {"dt_IR": "1"}},
            "dt_IR is '1'; give a number",
        ),
        (
            {"type": "OCPMSMRInterpolant", **HALF, "voltage_limits": [4, 3]},
            "voltage_limits is [4, 3]",
        ),
        ({**KNOTS, "breakpoint_values": [1.0, 0.5]}, "at least two rising numbers"),
        ({**KNOTS, "base_parameter_name": 3}, "give the name of a parameter"),
        (
            {**OCP_OF_DATA, "options": {"tolerance": 1e-3}},
            "'tolerance' is not supported",
        ),
        ({**OCP_OF_DATA, "options": {"interpolator": "spline"}}, "interpolator is 'spline'"),
    ],
)
def test_refused_calculations(element, words):
    [problem] = fitting.check_elements({"it": {"element_type": "calculation", **element}})
    assert words in problem


def test_a_missing_parameter_is_named():
    with pytest.raises(
        ValueError, match="it needs 'Cell mass \\[kg\\]': give one in an earlier entry"
    ):
        run("DensityFromVolumeAndMass")


def test_every_calculation_of_the_schema_is_known():
    # The list of the service, section "calculations".
    assert len(CALCULATIONS) + len(NOT_SUPPORTED) == 47
