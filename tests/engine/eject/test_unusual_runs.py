"""Scripts of custom models, and of runs that once had a script that failed or differed."""

import numpy as np
import pybamm
import pytest

from ionworks.data.pybamm_objects import model_document
from ionworks.engine import NoCounterpart, script
from tests.engine.eject.scripts import job_of, largest_error
from tests.engine.experiments import keyed
from tests.engine.reference import as_json
from tests.engine.runs import SPM
from tests.engine.test_models_against_pybamm import OWN_PARAMETERS, OwnSPM, chen

CIRCUIT = pybamm.equivalent_circuit.Thevenin(options={"number of rc elements": 2})
CIRCUIT_VALUES = CIRCUIT.default_parameter_values
CIRCUIT_VALUES.update({"R2 [Ohm]": 1e-3, "C2 [F]": 2e4, "Element-2 initial overpotential [V]": 0.0})
POWER = "Discharge: {mode: Power, value: 10, ends: [Capacity > 0.2]}"
REST = "Rest: {duration: 60}"


def capacitor(name="capacitor"):
    """Return a model without parameters that set its state, and with the least variables."""
    model = pybamm.BaseModel(name)
    current = pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t})
    voltage = pybamm.Variable("Voltage variable [V]")
    model.rhs[voltage] = -current / pybamm.Parameter("Capacitance [F]")
    model.initial_conditions[voltage] = pybamm.Parameter("Starting voltage [V]")
    model.variables = {"Voltage [V]": voltage - 0.01 * current, "Current [A]": current}
    values = {
        "Capacitance [F]": 100.0,
        "Starting voltage [V]": 2.5,
        "Nominal cell capacity [A.h]": 0.1,
        "Lower voltage cut-off [V]": 1.0,
        "Upper voltage cut-off [V]": 3.0,
    }
    return custom(model, chemistry="generic", parameters=values)


def custom(model, **more):
    return {"type": "custom", "document": model_document(model), **more}


CUSTOM = {
    "own SPM": (
        custom(OwnSPM(), parameters=as_json(chen(**OWN_PARAMETERS))),
        keyed(
            0.8,
            "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.7]}",
            "Charge: {mode: Power, value: 10, ends: [Voltage > 4]}",
            "Charge: {mode: Voltage, value: 4, ends: [Current < 2]}",
            "Discharge: {mode: Power, value: 10, ends: [Energy > 0.5]}",
        ),
    ),
    "SPM, lumped, with settings": (
        custom(
            pybamm.lithium_ion.SPM({"thermal": "lumped"}),
            parameter_set="Chen2020",
            settings={"var_pts": {"r_n": 12}},
        ),
        keyed(
            0.8,
            "Discharge: {mode: C-rate, value: 2, ends: [Temperature > 27]}",
            "Charge: {mode: Voltage, value: 4, duration: 100, temperature: 10}",
        ),
    ),
    "circuit": (
        custom(CIRCUIT, parameters=as_json(CIRCUIT_VALUES)),
        keyed(
            1,
            "Discharge: {mode: C-rate, value: 1, duration: 600}",
            "Charge: {mode: Power, value: 200, ends: [Voltage > 4]}",
        ),
    ),
    "capacitor": (
        capacitor(),
        {
            "steps": [
                {"Discharge": {"mode": "Current", "value": 2, "duration": 20}},
                {"Charge": {"mode": "Voltage", "value": 2.5, "duration": 1}},
                {"Discharge": {"mode": "Power", "value": 2, "ends": ["Voltage < 1.5"]}},
            ]
        },
    ),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_the_equations_of_a_custom_model_are_in_its_script(plain, name):
    job, voltages = job_of(*CUSTOM[name])

    assert "ionworks" not in job["script"].lower()
    assert "pybamm.BaseModel.from_json(document)" in job["script"]
    assert largest_error(plain.run(job), job["steps"], voltages) < 0.1


def load(peak):
    """Return a drive cycle that is printed like that with another peak."""
    return [[i, 2 + np.sin(i / 50) + (3 if peak < i < peak + 40 else 0)] for i in range(1200)]


RUNS = {
    "a safety limit between parts": (
        SPM,
        "safety_limits: {voltage_min: 3.7}\n" + keyed(0.6, *[POWER, REST] * 9),
    ),
    "a safety limit when a part begins": (
        SPM,
        "safety_limits: {discharge_current_max: 6}\n"
        + keyed(0.7, POWER, REST, POWER.replace("10", "40"), REST, POWER),
    ),
    "amounts of a circuit": (
        {"type": "quick", "capacity": 2.5, "chemistry": "LFP/Graphite"},
        keyed(
            1,
            "Discharge: {mode: C-rate, value: 1, ends: [Energy > 2]}",
            "Charge: {mode: Power, value: 5, ends: [SOC > 90]}",
        ),
    ),
    "cells in series": (
        {
            **SPM,
            "parameters": {"Number of cells connected in series to make a battery": 2},
        },
        keyed(0.9, "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.9]}"),
    ),
    "two long profiles": (
        SPM,
        {
            "global": {"initial_soc": 0.9},
            "steps": [
                {"Drive": {"mode": "Current", "data": load(500)}},
                {"Drive": {"mode": "Current", "data": load(700)}},
            ],
        },
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_script_gives_the_voltage_of_an_unusual_run(plain, name):
    assert plain.error(*RUNS[name]) < 0.1


def test_extra_variables_are_saved(plain):
    circuit = {"type": "Thevenin", "parameter_set": "ECM_Example"}
    added = {**circuit, "variables": {"Twice [V]": "Voltage [V] * 2 + abs(Current [A])"}}
    names = ["Twice [V]", "Throughput capacity [A.h]", "Throughput energy [W.h]"]

    job, voltages = job_of(added, keyed(0.5, REST), extra_variables=names)

    outcome = plain.run(job)
    assert largest_error(outcome, job["steps"], voltages) < 0.1
    assert set(names) < set(outcome["columns"])


@pytest.mark.parametrize("step", [REST, "Discharge: {mode: Power, value: 10, duration: 60}"])
def test_a_safety_limit_that_holds_at_the_start_is_named(step):
    protocol = "safety_limits: {voltage_max: 4}\n" + keyed(1, step)

    with pytest.raises(NoCounterpart, match=r"steps\[0\].* the safety limit voltage_max holds"):
        script(SPM, protocol, {"id": "a"})


def test_a_name_cannot_leave_its_line():
    text = script(capacitor('x"""\nprint(1)\n"""\\'), {"steps": [{"Rest": {"duration": 1}}]}, {})

    assert text.splitlines()[0].startswith("\"\"\"x''' print(1) '''/ with its own")
