"""Problems the engine reports for runs before it computes any."""

import subprocess
import sys

import pytest

from ionworks.engine import catalogue, check, describe
from tests.engine.protocol_texts import FULL_DISCHARGE, short

SPM = {"type": "SPM", "parameter_set": "Chen2020"}
REST = short("  - Rest: {duration: 10}")


def problems(protocol=REST, model=None, extra_variables=(), **run):
    return check(model or SPM, protocol, [{"id": "a", **run}], extra_variables=extra_variables)


def test_a_valid_run_has_no_problems():
    assert problems(FULL_DISCHARGE) == []


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"type": "P2D"}, ["'P2D'", "SPM, SPMe, DFN, MPM, NewmanTobias, Thevenin, quick"]),
        ({"type": "SPM", "parameter_set": "Chen2021"}, ["'Chen2021'", "'Chen2020'"]),
        ({"type": "quick", "chemistry": "lead"}, ["'lead'", "LFP/Graphite"]),
        ({"type": "quick", "capacity": -1}, ["capacity is -1", "above 0"]),
        ({**SPM, "options": {"thermal": "hot"}}, ["thermal", "lumped"]),
        ({**SPM, "options": {"operating mode": "voltage"}}, ["operating mode", "leave it out"]),
        ({**SPM, "colour": 1}, ["'colour'", "parameter_set"]),
        (
            {**SPM, "parameters": {"Positive electrode thicknes [m]": 1e-4}},
            ["'Positive electrode thickness [m]'"],
        ),
    ],
)
def test_models(model, words):
    [problem] = problems(model=model)
    for word in words:
        assert word in problem


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"Positive electrode thicknes [m]": 1e-4}, ["'Positive electrode thickness [m]'"]),
        ({"Positive electrode OCP [V]": 4.0}, ["function", "scalar"]),
        ({"Ambient temperature [K]": 300}, ["set by the protocol", "initial_temperature"]),
        ({"Positive electrode thickness [m]": float("nan")}, ["finite"]),
        ({"Positive electrode thickness [m]": "thick"}, ["'thick'", "give a number"]),
    ],
)
def test_design_parameters(design, words):
    [problem] = problems(design_parameters=design)
    for word in words:
        assert word in problem


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Terminal voltag [V]", ["is not in the model", "'Terminal voltage [V]'"]),
        ("Negative particle concentration [mol.m-3]", ["varies in space", "X-averaged"]),
        ("Time [h]", ["'Time [s]'"]),
    ],
)
def test_extra_variables(name, words):
    [problem] = problems(extra_variables=[name])
    for word in words:
        assert word in problem


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            "  - Again: [Charge: {mode: C-rate, value: 1, ends: [{'Voltage > 4': {goto: Agin}}]}]",
            ["steps[0].Again[0].Charge", "'Agin'", "'Again'"],
        ),
        ("  - EIS: {frequencies: [1], amplitude: 0.1, mode: Current}", ["steps[0]", "EIS"]),
        ("  - Drive: {drive_cycle: US06, mode: Current}", ["steps[0].Drive", "'US06'", "data:"]),
        (
            "  - Rest: {duration: 1 / (Q_NOM - Q_NOM)}",
            ["steps[0].Rest.duration", "divides by zero"],
        ),
        ("  - Rest: {duration: \"input['pause']\"}", ["pause"]),
        ("  - Rest: {duration: 10, resolution: 1e-7}", ["steps[0].Rest", "resolution"]),
    ],
)
def test_steps(step, words):
    found = problems(short(step))
    assert found
    for word in words:
        assert word in "\n".join(found)


def test_every_missing_input_is_named():
    text = short(
        "  - Discharge: {mode: C-rate, value: \"input['rate']\", duration: \"input['time']\"}"
    )
    found = "\n".join(problems(text))
    assert "rate" in found
    assert "time" in found


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("initial_voltage: 4.5", ["4.5 V", "2.5 to 4.2 V"]),
        ("initial_voltage: 5", ["5 V", "2.5 to 4.2 V"]),
        ("initial_soc: 1.4", ["got 1.4", "from 0 to 1"]),
        ("initial_soc: \"input['soc']\"", ["from 0 to 100 %", "150 %"]),
        ("initial_soc: \"input['fraction']\"", ["got 1.4", "from 0 to 1"]),
    ],
)
def test_initial_state(settings, words):
    text = short("  - Rest: {duration: 10}", settings)
    values = {"soc": 150, "fraction": 1.4}
    used = {name: value for name, value in values.items() if name in settings}
    found = "\n".join(problems(text, experiment_parameters=used))
    for word in words:
        assert word in found


def test_describe():
    found = describe(SPM)
    assert found["nominal_capacity"] == 5
    assert found["voltage_limits"] == [2.5, 4.2]
    assert found["parameters"]["Positive electrode thickness [m]"] == pytest.approx(75.6e-6)
    assert found["parameters"]["Positive electrode OCP [V]"] is None
    assert "Voltage [V]" in found["variables"]


def test_overrides_are_described():
    name = "Nominal cell capacity [A.h]"
    assert describe({**SPM, "parameters": {name: 4.8}})["parameters"][name] == 4.8


def test_catalogue_lists_every_model_of_every_set():
    entries = catalogue()
    assert {entry["model"] for entry in entries} == {"SPM", "SPMe", "DFN"}
    assert "DFN Chen2020" in {entry["name"] for entry in entries}
    assert len({entry["name"] for entry in entries}) == len(entries) == 30


def test_the_catalogue_does_not_import_pybamm():
    program = (
        "import sys; from ionworks.engine import catalogue; catalogue(); "
        "sys.exit('pybamm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
