"""Calculations of one electrode, its species and its pulses, against PyBaMM and by hand."""

import numpy as np
import pybamm
import pytest

from ionworks.local.engine import fitting
from tests.local.engine.fitting.measurements import potential
from tests.local.engine.fitting.test_calculations import VALUES, run

C_MAX = "Maximum concentration in positive electrode [mol.m-3]"
C_0 = "Initial concentration in positive electrode [mol.m-3]"
X_0 = "Positive electrode initial stoichiometry"
POSITIVE = {"electrode": "positive"}
OCV = {"Open-circuit voltage at 0% SOC [V]": 3.5, "Open-circuit voltage at 100% SOC [V]": 4.3}


def test_limits_are_where_the_potential_is_at_its_limits():
    found = run("ElectrodeSOHHalfCell", OCV, electrode="positive")
    assert list(found) == ["Minimum positive stoichiometry", "Maximum positive stoichiometry"]
    assert potential("positive", found.values()) == pytest.approx([4.3, 3.5])
    found = run(
        "ElectrodeSOHHalfCell",
        {"Open-circuit voltage at 0% SOC [V]": 0.1, "Open-circuit voltage at 100% SOC [V]": 0.9},
        electrode="negative",
    )
    assert potential("negative", found.values()) == pytest.approx([0.9, 0.1])


def test_a_voltage_the_potential_never_has_is_told():
    with pytest.raises(ValueError, match="is never 9 V"):
        run("InitialStoichiometryFromVoltageHalfCell", {"Initial voltage [V]": 9}, **POSITIVE)


def test_the_capacity_between_the_limits():
    known = {
        "Minimum positive stoichiometry": 0.2,
        "Maximum positive stoichiometry": 0.9,
        "Positive electrode capacity [A.h]": 10.0,
    }
    found = run("HalfCellNominalCapacity", known, **POSITIVE)
    assert found == {"Nominal cell capacity [A.h]": pytest.approx(7.0)}


@pytest.mark.parametrize("soc", [0.3, "3.9 V"])
def test_the_state_of_charge_is_pybamms(soc):
    found = run("InitialSOCHalfCell", OCV, soc=soc, **POSITIVE)
    values = pybamm.ParameterValues("Chen2020")
    values.update(OCV)
    expected = pybamm.lithium_ion.get_initial_stoichiometry_half_cell(
        soc, values, options={"working electrode": "positive"}
    )
    assert found[X_0] == pytest.approx(float(expected["x"]), abs=1e-6)
    assert found[C_0] == pytest.approx(found[X_0] * VALUES[C_MAX])


def test_a_state_of_charge_that_is_none():
    for soc in (1.2, "half"):
        with pytest.raises(ValueError, match="soc is"):
            run("InitialSOCHalfCell", OCV, soc=soc, **POSITIVE)


def test_voltage_stoichiometry_and_concentration_lead_to_each_other():
    [voltage] = potential("positive", [0.6])
    concentration = {C_0: 0.6 * VALUES[C_MAX]}
    found = run("InitialVoltageFromConcentration", concentration, **POSITIVE)
    assert found == {"Initial voltage [V]": pytest.approx(voltage)}
    found = run("InitialStoichiometryFromVoltageHalfCell", found, **POSITIVE)
    assert found == {X_0: pytest.approx(0.6)}
    found = run("InitialConcentrationFromInitialStoichiometryHalfCell", found, **POSITIVE)
    assert found == pytest.approx(concentration)


def test_open_circuit_voltages_at_the_limits_of_a_full_cell():
    known = {
        "Minimum negative stoichiometry": 0.03,
        "Maximum negative stoichiometry": 0.88,
        "Minimum positive stoichiometry": 0.28,
        "Maximum positive stoichiometry": 0.84,
    }
    found = run("OpenCircuitLimits", known)
    at_0, at_100 = potential("positive", [0.84, 0.28]) - potential("negative", [0.03, 0.88])
    assert list(found.values()) == pytest.approx([at_0, at_100])


def test_the_lumped_heat_capacity_is_pybamms():
    found = run("LumpedHeatCapacityAndDensity")
    thermal = pybamm.ThermalParameters()
    product = float(VALUES.evaluate(thermal.rho_c_p_eff(pybamm.Scalar(298.15))))
    density, heat = found.values()
    assert density * heat == pytest.approx(product)
    layers = ["Negative current collector", "Negative electrode", "Separator"]
    layers += ["Positive electrode", "Positive current collector"]
    thickness = sum(VALUES[f"{x} thickness [m]"] for x in layers)
    mass = sum(VALUES[f"{x} thickness [m]"] * VALUES[f"{x} density [kg.m-3]"] for x in layers)
    assert density == pytest.approx(mass / thickness)


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
        (slice(None), {"step number": 2}, "no current flows in them in step 2"),
        (slice(None), {"dt_IR": 99}, "fewer than two rows"),
    ],
)
def test_pulses_that_tell_nothing(rows, options, words):
    data = {name: values[rows] for name, values in PULSE.items()}
    with pytest.raises(ValueError, match=words):
        run("DiffusivityFromPulse", RADIUS, data=data, options=options, **POSITIVE)


def test_two_pulses_need_a_name():
    data = {name: [*values, *values] for name, values in PULSE.items()}
    data["Step count"][7:] = [3, 3, 4, 4, 4, 5, 5]
    with pytest.raises(ValueError, match="more than one pulse"):
        run("DiffusivityFromPulse", RADIUS, data=data, **POSITIVE)
    named = run("DiffusivityFromPulse", RADIUS, data=data, options={"step number": 4}, **POSITIVE)
    assert named == run("DiffusivityFromPulse", RADIUS, data=PULSE, **POSITIVE)


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
            "options": {"create_lithiation_function": False},
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
