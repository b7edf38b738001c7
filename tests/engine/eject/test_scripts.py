"""Plain scripts give the voltage of the run, in a process without this project."""

import pybamm
import pytest

from ionworks.engine import NoCounterpart, script
from tests.engine.eject.protocols import CASES, SYNTACTIC
from tests.engine.eject.scripts import MODELS, job_of, largest_error, plain_runs
from tests.engine.experiments import keyed
from tests.engine.reference import as_json
from tests.engine.runs import SPM

pytestmark = pytest.mark.unmeasured


FEWER = {name: case for name, case in CASES.items() if name not in SYNTACTIC}
CASES_OF = {model: CASES if model == "SPM" else FEWER for model in MODELS}


@pytest.fixture(scope="module")
def outcomes():
    """Return, by model, what the scripts and the engine computed; each model in one process."""
    found = {}

    def of(model):
        if model not in found:
            jobs = {}
            for name, case in CASES_OF[model].items():
                spec = {"type": model, "parameter_set": "Chen2020", "options": case.options}
                run = {
                    "experiment_parameters": case.experiment,
                    "design_parameters": case.design,
                }
                jobs[name] = job_of(spec, case.protocol, run)
            done = plain_runs([job for job, _ in jobs.values()])
            found[model] = {
                name: (outcome, voltages)
                for (name, (_, voltages)), outcome in zip(jobs.items(), done, strict=True)
            }
        return found[model]

    return of


def test_the_protocols_are_at_least_25():
    assert {model: len(cases) >= 25 for model, cases in CASES_OF.items()} == dict.fromkeys(
        MODELS, True
    )


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param(model, name, marks=[pytest.mark.slow] if model == "DFN" else [])
        for model, cases in CASES_OF.items()
        for name in cases
    ],
)
def test_a_script_gives_the_voltage_of_the_run(outcomes, model, name):
    outcome, voltages = outcomes(model)[name]
    assert largest_error(outcome, voltages) < 0.1


def test_other_models_and_meshes_and_parameters():
    thickness = {"Positive electrode thickness [m]": 80e-6}
    mesh = {
        "var_pts": {"x_n": 15, "r_p": 30},
        "submesh_types": {
            "negative particle": {
                "class": "Exponential1DSubMesh",
                "submesh_params": {"side": "right"},
            }
        },
        "spatial_methods": {"positive particle": {"class": "FiniteVolume"}},
    }
    protocol = keyed(0.8, "Discharge: {mode: C-rate, value: 1, duration: 600}")
    jobs = [
        job_of(SPM, protocol, {"design_parameters": thickness}),
        job_of({"type": "MPM", "parameter_set": "Marquis2019"}, protocol),
        job_of({"type": "NewmanTobias", "parameter_set": "Marquis2019"}, protocol),
        job_of({**SPM, "settings": mesh}, protocol),
        job_of({"type": "Thevenin", "parameter_set": "ECM_Example"}, protocol),
        job_of({"type": "quick", "capacity": 2.5}, keyed(1, DISCHARGE)),
        job_of(AGEING, protocol),
        job_of({"type": "SPM", "parameters": as_json(pybamm.ParameterValues("Ai2020"))}, protocol),
        job_of({**SPM, "parameters": {EXCHANGE: as_json(MARQUIS)[EXCHANGE]}}, protocol),
    ]
    errors = [
        largest_error(outcome, voltages)
        for outcome, (_, voltages) in zip(plain_runs([job for job, _ in jobs]), jobs, strict=True)
    ]
    # With a symbolic mesh the lengths are rounded otherwise.
    assert errors[0] < 1
    assert max(errors[1:]) < 0.1


EXCHANGE = "Negative electrode exchange-current density [A.m-2]"
MARQUIS = pybamm.ParameterValues("Marquis2019")
DISCHARGE = "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.2]}"
AGEING = {
    "type": "SPM",
    "parameter_set": "OKane2022",
    "options": {"SEI": "solvent-diffusion limited"},
}
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


def test_a_script_names_nothing_of_this_project():
    for case in CASES.values():
        run = {"experiment_parameters": case.experiment, "design_parameters": case.design}
        text = script({**SPM, "options": case.options}, case.protocol, run)
        assert "ionworks" not in text.lower()
        assert max(map(len, text.splitlines())) <= 120


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
