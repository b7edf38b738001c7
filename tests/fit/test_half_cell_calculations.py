"""Calculations of one electrode, its species and its pulses, against PyBaMM and by hand."""

import numpy as np
import pybamm
import pytest

from ionworks.engine import fitting
from tests.fit.measurements import potential
from tests.fit.test_calculations import VALUES, run

C_MAX = "Maximum concentration in positive electrode [mol.m-3]"
C_0 = "Initial concentration in positive electrode [mol.m-3]"
X_0 = "Initial stoichiometry in positive electrode"
V_0 = "Initial voltage in positive electrode [V]"
POSITIVE = {"electrode": "positive"}
OCV = {"Open-circuit voltage at 0% SOC [V]": 3.5, "Open-circuit voltage at 100% SOC [V]": 4.3}


def test_stoichiometry_limits_have_the_potentials_of_the_voltage_limits():
    found = run("ElectrodeSOHHalfCell", OCV, electrode="positive")
    assert list(found) == ["Minimum positive stoichiometry", "Maximum positive stoichiometry"]
    assert potential("positive", found.values()) == pytest.approx([4.3, 3.5])
    found = run(
        "ElectrodeSOHHalfCell",
        {"Open-circuit voltage at 0% SOC [V]": 0.1, "Open-circuit voltage at 100% SOC [V]": 0.9},
        electrode="negative",
    )
    assert potential("negative", found.values()) == pytest.approx([0.9, 0.1])


def test_a_voltage_outside_the_potential_is_refused():
    with pytest.raises(ValueError, match="is never 9 V"):
        run("InitialStoichiometryFromVoltageHalfCell", {"Initial voltage [V]": 9}, **POSITIVE)


def test_the_cell_has_the_capacity_of_its_electrode():
    found = run("HalfCellNominalCapacity", {"Positive electrode capacity [A.h]": 3.0}, **POSITIVE)
    assert found == {"Nominal cell capacity [A.h]": 3.0, "Current function [A]": 3.0}


@pytest.mark.parametrize("soc", [0.3, "3.9 V"])
def test_the_state_of_charge_agrees_with_pybamm(soc):
    found = run("InitialSOCHalfCell", OCV, soc=soc, **POSITIVE)
    values = pybamm.ParameterValues("Chen2020")
    values.update(OCV)
    expected = pybamm.lithium_ion.get_initial_stoichiometry_half_cell(
        soc, values, options={"working electrode": "positive"}
    )
    assert found[X_0] == pytest.approx(float(expected["x"]), abs=1e-6)
    assert found[C_0] == pytest.approx(found[X_0] * VALUES[C_MAX])


@pytest.mark.parametrize(
    ("soc", "number"), [("0%", 0), ("minimum", 0), ("100%", 1), ("maximum", 1)]
)
def test_ends_of_the_state_of_charge(soc, number):
    found = run("InitialSOCHalfCell", OCV, soc=soc, **POSITIVE)
    assert found == run("InitialSOCHalfCell", OCV, soc=number, **POSITIVE)


def test_an_invalid_state_of_charge_is_refused():
    for soc in (1.2, "half"):
        with pytest.raises(ValueError, match="soc is"):
            run("InitialSOCHalfCell", OCV, soc=soc, **POSITIVE)


def test_voltage_stoichiometry_and_concentration_are_consistent():
    [voltage] = potential("positive", [0.6])
    concentration = {C_0: 0.6 * VALUES[C_MAX]}
    found = run("InitialVoltageFromConcentration", concentration, **POSITIVE)
    assert found == {V_0: pytest.approx(voltage)}
    found = run("InitialStoichiometryFromVoltageHalfCell", found, **POSITIVE)
    assert found == {X_0: pytest.approx(0.6)}
    found = run("InitialConcentrationFromInitialStoichiometryHalfCell", found, **POSITIVE)
    assert found == pytest.approx(concentration)


def test_cut_offs_are_the_limits_of_the_open_circuit_voltage():
    known = {"Lower voltage cut-off [V]": 2.6, "Upper voltage cut-off [V]": 4.1}
    found = run("OpenCircuitLimits", known)
    assert found == {
        "Open-circuit voltage at 0% SOC [V]": 2.6,
        "Open-circuit voltage at 100% SOC [V]": 4.1,
    }


def test_every_layer_has_the_heat_capacity_of_the_cell():
    known = {"Cell density [kg.m-3]": 2500.0, "Cell specific heat capacity [J.kg-1.K-1]": 900.0}
    found = run("LumpedHeatCapacityAndDensity", known)
    values = pybamm.ParameterValues("Chen2020")
    values.update(found)
    product = values.evaluate(pybamm.ThermalParameters().rho_c_p_eff(pybamm.Scalar(298.15)))
    assert len(found) == 10
    assert float(product) == pytest.approx(2500 * 900)


def test_thermal_dimensions():
    roll = {"Jelly roll height [m]": 0.065, "Jelly roll radius [m]": 0.009}
    assert run("JellyRollThermalDimensions", roll) == {
        "Cell volume [m3]": pytest.approx(1.654e-5, rel=1e-3),
        "Cell cooling surface area [m2]": pytest.approx(np.pi * (0.018 * 0.065 + 2 * 0.009**2)),
    }
    pouch = {"Pouch height [m]": 0.1, "Pouch width [m]": 0.08, "Pouch thickness [m]": 0.006}
    assert run("PouchCellThermalDimensions", pouch) == {
        "Cell volume [m3]": pytest.approx(4.8e-5),
        "Cell cooling surface area [m2]": pytest.approx(2 * (0.008 + 0.00048 + 0.0006)),
    }


def test_slopes_become_knots():
    known = {
        "Particle diffusion time at SOC 0 [s]": 500.0,
        "Particle diffusion time slope from SOC 0 to 0.5 [s]": 1000.0,
        "Particle diffusion time slope from SOC 0.5 to 1 [s]": 2000.0,
    }
    found = run(
        "SlopesToKnots",
        known,
        base_parameter_name="Particle diffusion time [s]",
        breakpoint_values=[0.0, 0.5, 1.0],
        breakpoint_parameter_name="SOC",
    )
    assert found == {
        "Particle diffusion time at SOC 0 [s]": 500.0,
        "Particle diffusion time at SOC 0.5 [s]": 1000.0,
        "Particle diffusion time at SOC 1 [s]": 2000.0,
    }


def test_slopes_become_knots_in_two_dimensions():
    kelvin = "Temperature [K]"
    known = {
        f"D at SOC 0, {kelvin} 273.15 [m2.s-1]": 10.0,
        f"D SOC-slope from SOC 0 to 1 at {kelvin} 273.15 [m2.s-1]": 2.0,
        f"D {kelvin}-slope from {kelvin} 273.15 to 323.15 at SOC 0 [m2.s-1]": 0.1,
        f"D {kelvin}-slope from {kelvin} 273.15 to 323.15 at SOC 1 [m2.s-1]": 0.2,
    }
    found = run(
        "SlopesToKnots2D",
        known,
        base_parameter_name="D [m2.s-1]",
        breakpoint1_values=[0.0, 1.0],
        breakpoint1_parameter_name="SOC",
        breakpoint2_values=[273.15, 323.15],
        breakpoint2_parameter_name=kelvin,
    )
    assert found == {
        f"D at SOC 0, {kelvin} 273.15 [m2.s-1]": 10.0,
        f"D at SOC 1, {kelvin} 273.15 [m2.s-1]": 12.0,
        f"D at SOC 0, {kelvin} 323.15 [m2.s-1]": pytest.approx(15.0),
        f"D at SOC 1, {kelvin} 323.15 [m2.s-1]": pytest.approx(22.0),
    }


def test_the_diffusivity_of_an_ideal_solution_is_its_reference():
    # U = U0 - (R T / F) ln(x / (1 - x)) makes D = D_ref at that temperature.
    x = np.linspace(0.2, 0.8, 601)
    voltage = 4 - 8.314462618 * 298.15 / 96485.33212 * np.log(x / (1 - x))
    data = {"Stoichiometry": x.tolist(), "Voltage [V]": voltage.tolist()}
    found = run("DiffusivityFromMSMRData", data=data, **POSITIVE)
    values = pybamm.ParameterValues("Chen2020")
    values.update(pybamm.ParameterValues.from_json(found), check_already_exists=False)
    values["Positive particle reference diffusivity [m2.s-1]"] = 3e-14
    concentration = pybamm.Scalar(0.5 * VALUES[C_MAX])
    symbol = pybamm.LithiumIonParameters().p.prim.D(concentration, pybamm.Scalar(298.15))
    assert np.ravel(values.evaluate(symbol)) == pytest.approx([3e-14], rel=1e-4)


def test_a_diffusivity_of_data_is_interpolated_by_its_logarithm_and_scaled():
    data = {"Stoichiometry": [0.0, 1.0], "Diffusivity [m2.s-1]": [1e-16, 1e-12]}
    options = {"transformation": "log", "scale factor": True}
    found = run("DiffusivityDataInterpolant", data=data, options=options, **POSITIVE)
    values = pybamm.ParameterValues("Chen2020")
    values.update(pybamm.ParameterValues.from_json(found), check_already_exists=False)
    values["Positive particle diffusivity scale factor"] = 3.0
    concentration = pybamm.Scalar(0.5 * VALUES[C_MAX])
    symbol = pybamm.LithiumIonParameters().p.prim.D(concentration, pybamm.Scalar(298.15))
    assert np.ravel(values.evaluate(symbol)) == pytest.approx([3e-14])
    data["Diffusivity [m2.s-1]"][0] = 0.0
    with pytest.raises(ValueError, match="not above 0"):
        run("DiffusivityDataInterpolant", data=data, options=options, **POSITIVE)


def test_an_entropic_change_is_scaled():
    data = {"Stoichiometry": [0.0, 1.0], "Entropic change [V.K-1]": [0.0, 2e-4]}
    options = {"scale factor": 0.5}
    found = run("EntropicChangeDataInterpolant", data=data, options=options, **POSITIVE)
    values = pybamm.ParameterValues("Chen2020")
    values.update(pybamm.ParameterValues.from_json(found))
    symbol = pybamm.LithiumIonParameters().p.prim.dUdT(pybamm.Scalar(0.5))
    assert np.ravel(values.evaluate(symbol)) == pytest.approx([5e-5])


# Rest at 4.0 V, a pulse that falls from 3.95 V to 3.93 V within 100 s, and a rest to 3.99 V.
PULSE = {
    "Time [s]": [0.0, 10, 10, 60, 110, 110, 2000],
    "Current [A]": [0.0, 0, 1, 1, 1, 0, 0],
    "Voltage [V]": [4.0, 4.0, 3.95, 3.94, 3.93, 3.97, 3.99],
    "Step count": [0, 0, 1, 1, 1, 2, 2],
}
RADIUS = {"Positive particle radius [m]": 6e-6}
D = "Positive particle diffusivity [m2.s-1]"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 4 / (np.pi * 100) * 2e-6**2 * (0.01 / 0.02) ** 2),
        ({"step number": 1, "dt_IR": 20}, 4 / (np.pi * 100) * 2e-6**2 * (0.01 / 0.01) ** 2),
        ({"dt_pulse": 60}, 4 / (np.pi * 50) * 2e-6**2 * (0.01 / 0.01) ** 2),
    ],
)
def test_the_diffusivity_of_a_pulse(options, expected):
    found = run("DiffusivityFromPulse", RADIUS, data=PULSE, options=options, **POSITIVE)
    assert found == {D: pytest.approx(expected)}


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (slice(2, None), {}, "needs a rest before and after"),
        (slice(0, 5), {}, "needs a rest before and after"),
        (slice(None), {"step number": 2}, "no current flows in step 2"),
        (slice(None), {"dt_IR": 99}, "fewer than two rows"),
    ],
)
def test_unusable_pulses_are_refused(rows, options, words):
    data = {name: values[rows] for name, values in PULSE.items()}
    with pytest.raises(ValueError, match=words):
        run("DiffusivityFromPulse", RADIUS, data=data, options=options, **POSITIVE)


def test_one_of_two_pulses_is_named():
    data = {name: [*values, *values] for name, values in PULSE.items() if name != "Step count"}
    data["Voltage [V]"][7:] = [3.99, 3.99, 3.94, 3.93, 3.91, 3.96, 3.98]
    data["Step number"] = [0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5]
    first = run("DiffusivityFromPulse", RADIUS, data=data, **POSITIVE)
    assert first == run("DiffusivityFromPulse", RADIUS, data=PULSE, **POSITIVE)
    named = run("DiffusivityFromPulse", RADIUS, data=data, options={"step number": 4}, **POSITIVE)
    assert named[D] == pytest.approx(first[D] * (0.02 / 0.03) ** 2)


@pytest.fixture(scope="module")
def species():
    """PyBaMM's example of the model, and its stoichiometry over potential."""
    values = pybamm.ParameterValues("MSMR_Example")
    options = {
        "open-circuit potential": "MSMR",
        "particle": "MSMR",
        "number of MSMR reactions": ("6", "4"),
        "intercalation kinetics": "MSMR",
    }
    param = pybamm.LithiumIonParameters(options)

    def at(voltage):
        symbol = param.p.prim.x(pybamm.Scalar(voltage), param.T_ref)
        return float(values.evaluate(symbol))

    names = ("host site occupancy", "host site standard", "host site ideality", "Number of")
    known = {name: values[name] for name in values if any(part in name for part in names)}
    return {**known, "Reference temperature [K]": values["Reference temperature [K]"]}, at


def test_stoichiometries_of_species(species):
    known, at = species
    found = run("MSMRElectrodeSOHHalfCell", {**known, **OCV}, **POSITIVE)
    assert list(found.values()) == pytest.approx([at(4.3), at(3.5)])
    start = {**known, "Initial voltage [V]": 3.8}
    found = run("InitialStoichiometryFromVoltageMSMRHalfCell", start, **POSITIVE)
    assert found == {X_0: pytest.approx(at(3.8))}


def test_the_potential_of_species_is_the_inverse(species):
    known, at = species
    elements = {
        "known": {"element_type": "entry", "values": {"parameter_set": "Chen2020", **known}},
        "ocp": {
            "element_type": "calculation",
            "type": "OCPMSMRInterpolant",
            "voltage_limits": [3.4, 4.4],
            **POSITIVE,
        },
        "check": {
            "element_type": "validation",
            "objectives": {
                "u": {
                    "type": "OCPHalfCell",
                    "data": {"Stoichiometry": [at(4.1), at(3.7)], "Voltage [V]": [4.1, 3.7]},
                    **POSITIVE,
                }
            },
        },
    }
    assert fitting.check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check"]["summary_stats"]["u"]["Max"] < 1e-5
    made = found["element_results"]["ocp"]["parameter_values"]
    symbol = pybamm.FunctionParameter("Positive electrode lithiation", {"U": pybamm.Scalar(4.0)})
    lithiation = pybamm.ParameterValues.from_json(made).evaluate(symbol)
    assert np.ravel(lithiation) == pytest.approx([at(4.0)], abs=1e-5)
