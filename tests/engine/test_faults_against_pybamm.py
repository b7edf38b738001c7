"""Models and runs that once differed from plain PyBaMM at tight tolerances, or that did not run."""

import pybamm
import pytest

from ionworks.engine import smoke_test
from tests.engine.reference import as_json, solved, steps, voltage_errors
from tests.engine.runs import run


def test_a_circuit_with_a_diffusion_element_starts_full():
    options = {"diffusion element": "true"}
    model = pybamm.equivalent_circuit.Thevenin(options=dict(options))
    values = model.default_parameter_values
    # At exactly 1, PyBaMM's own event would not let it start.
    values.update({"Diffusion time constant [s]": 580.0, "Initial SoC": 1 - 1e-9})
    spec = {"type": "Thevenin", "options": options, "parameters": as_json(values)}

    reference = solved(model, values, pybamm.Experiment([(pybamm.step.c_rate(1, duration=600),)]))

    smoke_test(spec)
    outcome = run('Discharge: {mode: C-rate, value: 1, ends: ["Time > 600"]}', soc=1.0, model=spec)
    assert max(voltage_errors(outcome.time_series, reference)) < 0.05


@pytest.mark.parametrize("thermal", ["isothermal", "lumped"])
def test_newman_tobias_takes_the_same_mean_conductivity_as_pybamm(thermal):
    values = pybamm.ParameterValues("Marquis2019")
    values["Separator porosity"] = 0.8
    model = pybamm.lithium_ion.NewmanTobias({"thermal": thermal})
    spec = {
        "type": "NewmanTobias",
        "options": {"thermal": thermal},
        "parameter_set": "Marquis2019",
        "parameters": {"Separator porosity": 0.8},
    }

    reference = solved(
        model, values, pybamm.Experiment([(pybamm.step.c_rate(1, duration=60),)]), initial_soc=1
    )

    outcome = run('Discharge: {mode: C-rate, value: 1, ends: ["Time > 60"]}', soc=1.0, model=spec)
    assert max(voltage_errors(outcome.time_series, reference)) < 0.05
