"""Plain PyBaMM as the reference of the engine's tests: the same steps, with tight tolerances."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pybamm

STEPS = """
global: {initial_soc: 0.8}
steps:
  - Discharge: {mode: C-rate, value: 1, ends: ["Time > 600"]}
  - Charge: {mode: Voltage, value: HOLD, ends: ["Time > 300"]}
  - Rest: {duration: 300}
  - Discharge: {mode: Power, value: POWER, ends: ["Time > 120"]}
"""


def steps(hold=4.0, power=15.0):
    """Return a protocol that controls current, voltage and power, and the same for PyBaMM."""
    protocol = STEPS.replace("HOLD", str(hold)).replace("POWER", str(power))
    same = (
        pybamm.step.c_rate(1, duration=600),
        pybamm.step.voltage(hold, duration=300),
        pybamm.step.rest(300),
        pybamm.step.power(power, duration=120),
    )
    return protocol, pybamm.Experiment([same])


def solved(model, values, experiment, **options):
    """Solve an experiment with PyBaMM, with tighter tolerances than those of the engine."""
    simulation = pybamm.Simulation(
        model,
        experiment=experiment,
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-7, atol=1e-8),
    )
    return simulation.solve(**options).cycles[0].steps


def voltage_errors(series, reference):
    """Return the RMS difference of the voltages of each step [mV]."""
    found = []
    for count, step in enumerate(reference):
        ours = series.filter(pl.col("Step count") == count)
        times = ours["Time [s]"].to_numpy() - ours["Time [s]"][0] + step.t[0]
        theirs = step["Voltage [V]"](np.minimum(times, step.t[-1]))
        found.append(1e3 * np.sqrt(np.mean((ours["Voltage [V]"].to_numpy() - theirs) ** 2)))
    return found


def document(model, folder: Path):
    """Return the content of the file in which PyBaMM saves a model."""
    file = folder / "model.json"
    pybamm.expression_tree.operations.serialise.Serialise.save_custom_model(model, file)
    return json.loads(file.read_text(encoding="utf-8"))


def as_json(values):
    """Return parameter values as PyBaMM writes them into a file, citations left out."""
    file = values.to_json()
    encode = pybamm.expression_tree.operations.serialise.Serialise._json_encoder
    plain = json.loads(json.dumps(file, default=encode))
    return {name: value for name, value in plain.items() if name != "citations"}
