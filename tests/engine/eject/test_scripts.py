"""Plain scripts give the voltage of the run, in a process without this project."""

import pybamm
import pytest

from ionworks.engine import NoCounterpart, script
from tests.engine.eject.protocols import CASES, SYNTACTIC
from tests.engine.eject.scripts import job_of, largest_error
from tests.engine.experiments import keyed
from tests.engine.reference import as_json
from tests.engine.runs import SPM

pytestmark = pytest.mark.unmeasured


MODELS = ("SPM", "SPMe", "DFN")
COARSE = {"x_n": 6, "x_s": 5, "x_p": 6, "r_n": 10, "r_p": 10}
FEWER = [name for name in CASES if name not in SYNTACTIC]
PAIRS = [(model, name) for model in MODELS for name in (CASES if model == "SPM" else FEWER)]


def test_the_protocols_are_at_least_25():
    assert len(FEWER) >= 25


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param(model, name, marks=[pytest.mark.slow] if model == "DFN" else [])
        for model, name in PAIRS
    ],
)
def test_a_script_gives_the_voltage_of_the_run(plain, model, name):
    case = CASES[name]
    spec = {"type": model, "parameter_set": "Chen2020", "options": case.options}
    # A coarse mesh, the same in both: with its own the tests of DFN take a third longer.
    settings = {"var_pts": COARSE} if model == "DFN" else {}
    run = {"experiment_parameters": case.experiment, "design_parameters": case.design}

    job, voltages = job_of({**spec, "settings": settings}, case.protocol, run)

    assert "ionworks" not in job["script"].lower()
    assert max(map(len, job["script"].splitlines())) <= 140
    assert largest_error(plain.run(job), job["steps"], voltages) < 0.1


TEN_MINUTES = keyed(0.8, "Discharge: {mode: C-rate, value: 1, duration: 600}")
MESH = {
    "var_pts": {"x_n": 15, "r_p": 30},
    "submesh_types": {
        "negative particle": {
            "class": "Exponential1DSubMesh",
            "submesh_params": {"side": "right"},
        }
    },
    "spatial_methods": {"positive particle": {"class": "FiniteVolume"}},
}


def test_a_thickness_changes_the_mesh(plain):
    run = {"design_parameters": {"Positive electrode thickness [m]": 80e-6}}
    # With a symbolic mesh the lengths are rounded otherwise.
    assert plain.error(SPM, TEN_MINUTES, run) < 1


EXCHANGE = "Negative electrode exchange-current density [A.m-2]"
MARQUIS = pybamm.ParameterValues("Marquis2019")
AGEING = {
    "type": "SPM",
    "parameter_set": "OKane2022",
    "options": {"SEI": "solvent-diffusion limited"},
}
OTHERS = {
    "MPM": {"type": "MPM", "parameter_set": "Marquis2019"},
    "NewmanTobias": {"type": "NewmanTobias", "parameter_set": "Marquis2019"},
    "DFN": {"type": "DFN", "parameter_set": "Chen2020"},
    "mesh": {**SPM, "settings": MESH},
    "circuit": {"type": "Thevenin", "parameter_set": "ECM_Example"},
    "ageing": AGEING,
    "own values": {"type": "SPM", "parameters": as_json(pybamm.ParameterValues("Ai2020"))},
    "own function": {**SPM, "parameters": {EXCHANGE: as_json(MARQUIS)[EXCHANGE]}},
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_models_and_meshes_and_parameters(plain, name):
    assert plain.error(OTHERS[name], TEN_MINUTES) < 0.1


UNSUPPORTED = {
    "rate": (
        keyed(0.5, 'Rest: {ends: ["d/dt(Voltage) < 1e-5"]}'),
        r"steps\[0\]\.Rest: the end d/dt\(Voltage\) < 1e-05 is on a rate of change",
    ),
    "result": (
        keyed(
            0.5,
            "Discharge: {mode: C-rate, value: 1, duration: 60}",
            "Discharge: {mode: Current, value: Capacity * 10, duration: 60}",
        ),
        r"steps\[1\]\.Discharge: Capacity \* 10 depends on Capacity, a result of the run",
    ),
    "condition": (
        keyed(0.5, "Rest: {duration: 60}", "Control: {ends: [{'Voltage < 3': {goto: End}}]}"),
        "depends on Voltage, a result of the run",
    ),
    "either end": (
        keyed(
            0.5,
            "Discharge: {mode: C-rate, value: 1, duration: 60, "
            "ends: [{'Voltage < 3': {goto: End}}]}",
            "Rest: {duration: 60}",
        ),
        "which step follows depends on the end that is reached, 'Voltage < 3' and 'duration'",
    ),
    "safety": (
        "safety_limits: {voltage_min: {value: 3.6, goto: Last}}\n"
        + keyed(
            0.5,
            "Discharge: {mode: C-rate, value: 1, duration: 60}",
            "{name: Last, steps: [{Rest: {duration: 60}}]}",
        ),
        "safety_limits.voltage_min: it jumps to 'Last'",
    ),
    "wave": (
        keyed(
            0.5,
            "Waveform: {shape: square, mode: Current, amplitude: 2, frequency: 0.1, cycles: 9, "
            "ends: ['Voltage < 3']}",
        ),
        "it takes 18 steps of PyBaMM, and an end",
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_has_no_counterpart_is_named(name):
    protocol, message = UNSUPPORTED[name]
    with pytest.raises(NoCounterpart, match=message):
        script(SPM, protocol, {"id": "a"})


def test_repeats_stay_repeats():
    cycles = keyed(
        1,
        "C: {repeat: 500, steps: [Discharge: {mode: C-rate, value: 1, "
        "ends: [Voltage < 3]}, Rest: {duration: 60}, Charge: {mode: C-rate, value: 1, "
        "ends: [Voltage > 4]}]}",
    )
    text = script(SPM, cycles, {})
    assert text.count("pybamm.step.") == 3
    assert "* 500" in text
