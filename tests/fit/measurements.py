"""Synthetic measurements by plain PyBaMM, independent of the code under test."""

from functools import cache

import numpy as np
import polars as pl
import pybamm

NOISE = 1e-3
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
POSITIVE_DIFFUSIVITY = "Positive particle diffusivity [m2.s-1]"
FRACTION = "Negative electrode active material volume fraction"
POSITIVE_FRACTION = "Positive electrode active material volume fraction"
EXCHANGE = "Positive electrode exchange-current density [A.m-2]"
SOC = "Initial SOC"

TRUTH = {
    DIFFUSIVITY: 2.5e-14,
    POSITIVE_DIFFUSIVITY: 5e-15,
    FRACTION: 0.72,
    POSITIVE_FRACTION: 0.68,
    EXCHANGE: 1.5,
    SOC: 0.95,
}

BOUNDS = {
    DIFFUSIVITY: [1e-15, 1e-12],
    POSITIVE_DIFFUSIVITY: [1e-16, 1e-13],
    FRACTION: [0.6, 0.85],
    POSITIVE_FRACTION: [0.55, 0.8],
    EXCHANGE: [0.3, 10.0],
    SOC: [0.85, 1.0],
}


@cache
def measured(model="SPM", kind="discharge", noise=NOISE, seed=1):
    """Return a measurement of a cell with the parameters of `TRUTH`."""
    values = pybamm.ParameterValues("Chen2020")
    values.update({name: value for name, value in TRUTH.items() if name != SOC})
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    cell = getattr(pybamm.lithium_ion, model)()
    # The current ends before the voltage is near a limit.
    steps = {
        "discharge": ["Discharge at 1C for 50 minutes (60 second period)"],
        "pulse": [
            (
                "Discharge at 1C for 5 minutes (15 second period)",
                "Rest for 10 minutes (30 second period)",
            )
        ]
        * 3,
    }
    experiment = pybamm.Experiment(steps[kind])
    simulation = pybamm.Simulation(
        cell, parameter_values=values, experiment=experiment, solver=solver
    )
    solution = simulation.solve(initial_soc=TRUTH[SOC])
    columns = {
        name: np.asarray(solution[name].entries)
        for name in ("Time [s]", "Current [A]", "Voltage [V]")
    }
    random = np.random.default_rng(seed)
    columns["Voltage [V]"] = columns["Voltage [V]"] + random.normal(
        0, noise, len(columns["Time [s]"])
    )
    return pl.DataFrame(columns)


def potential(electrode, stoichiometries):
    """Return an open-circuit potential of Chen2020 [V]."""
    function = pybamm.ParameterValues("Chen2020")[f"{electrode.capitalize()} electrode OCP [V]"]
    return np.array([float(function(pybamm.Scalar(x)).evaluate()) for x in stoichiometries])


def entry(*fitted, model="SPM", **more):
    """Return an entry with the true values of all but the fitted parameters."""
    values = {name: value for name, value in TRUTH.items() if name not in fitted}
    return {
        "element_type": "entry",
        "values": {"model": {"type": model}, "parameter_set": "Chen2020", **values, **more},
    }


def fit(*fitted, data="db:discharge", start=None, **more):
    """Return a fit of some parameters."""
    starts = start or {}
    return {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": data}},
        "parameters": {
            name: {"bounds": BOUNDS[name]}
            | ({"initial_value": starts[name]} if name in starts else {})
            for name in fitted
        },
        **more,
    }
