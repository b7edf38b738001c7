"""Data that begin under load: the start found, and the parameters recovered from plain PyBaMM."""

import numpy as np
import polars as pl
import pybamm
import pytest

from ionworks.engine import fitting
from tests.fit.measurements import DIFFUSIVITY, EXCHANGE, FRACTION

CONTACT = "Contact resistance [Ohm]"
SPM = {"type": "SPM"}
WITH_CONTACT = {"type": "SPM", "options": {"contact resistance": "true"}}


def cell(model, values, parameter_set="Chen2020"):
    """Return the parts of a simulation by plain PyBaMM, with some other values."""
    parameters = pybamm.ParameterValues(parameter_set)
    parameters.update(values, check_already_exists=False)
    built = getattr(pybamm.lithium_ion, model["type"])(dict(model.get("options", {})))
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    return {"model": built, "parameter_values": parameters, "solver": solver}


def constant(model, values, soc, current, minutes=40, parameter_set="Chen2020"):
    """Return the voltage under a constant current from a state of charge."""
    times = np.arange(0, 60 * minutes + 1, 60.0)
    parts = cell(model, {**values, "Current function [A]": current}, parameter_set)
    solution = pybamm.Simulation(**parts).solve(times[[0, -1]], t_interp=times, initial_soc=soc)
    return pl.DataFrame(
        {
            "Time [s]": times,
            "Current [A]": np.full(len(times), float(current)),
            "Voltage [V]": solution["Voltage [V]"](times),
        }
    )


def steps(values, soc, experiment, model=SPM):
    """Return the columns of an experiment, with a step count."""
    simulation = pybamm.Simulation(**cell(model, values), experiment=pybamm.Experiment(experiment))
    solution = simulation.solve(initial_soc=soc)
    names = ("Time [s]", "Current [A]", "Voltage [V]")
    columns = {name: np.asarray(solution[name].entries) for name in names}
    parts = [part for each in solution.cycles for part in each.steps]
    counts = [np.full(len(part.t), place) for place, part in enumerate(parts)]
    return pl.DataFrame({**columns, "Step count": np.concatenate(counts)})


def run(data, truth, *, model=SPM, known=None, start=None, factor=4.0, **objective):
    """Fit some parameters, within a factor of their true values, without an initial state."""
    elements = {
        "known": {
            "element_type": "entry",
            "values": {"model": model, "parameter_set": "Chen2020", **(known or {})},
        },
        "fit": {
            "element_type": "data_fit",
            "objectives": {"voltage": {"data": "db:it", **objective}},
            "parameters": {
                name: {"bounds": [value / factor, value * factor]}
                | ({"initial_value": start[name]} if start else {})
                for name, value in truth.items()
            },
        },
    }
    return fitting.run_pipeline(elements, {"db:it": data})


def started(found):
    """Return the state of charge the notes tell, and what they add to it."""
    [note] = [each for each in found["notes"] if "the model starts at" in each]
    soc, _, rest = note.partition("state of charge of ")[2].partition(", ")
    return float(soc), rest


def test_the_guide_s_pipeline_recovers_the_diffusivity_of_a_discharge_from_full():
    elements = {
        "entry": {
            "element_type": "entry",
            "values": {"model": {"type": "SPM"}, "data": "db:your-measurement-id"},
        },
        "data_fit": {
            "element_type": "data_fit",
            "objectives": {"voltage": {"data": "entry.data"}},
            "parameters": {DIFFUSIVITY: {"bounds": [1e-16, 1e-12], "initial_value": 2e-14}},
        },
    }
    data = constant(SPM, {}, 1.0, 5.0, minutes=50)

    found = fitting.run_pipeline(elements, {"db:your-measurement-id": data})

    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(3.3e-14, rel=1e-3)
    assert started(found) == (1.0, "")
    [note] = [each for each in found["notes"] if "begin under load" in each]
    assert "5 A" in note
    assert "'Initial SOC'" in note


@pytest.mark.parametrize(
    ("model", "soc", "current"),
    [("SPM", 0.3, -5.0), ("SPMe", 0.6, 5.0), ("DFN", 0.9, 5.0)],
    ids=["charge", "discharge", "DFN"],
)
def test_a_start_within_a_charge_or_a_discharge(model, soc, current):
    truth = {DIFFUSIVITY: 2e-14}
    data = constant({"type": model}, truth, soc, current, minutes=20)

    found = run(data, truth, model={"type": model})

    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=1e-3)
    assert started(found) == (pytest.approx(soc, abs=1e-4), "")


def test_the_start_follows_the_kinetics_of_each_candidate():
    # Both parameters change the first voltage, so each candidate has its own state of charge.
    truth = {EXCHANGE: 1.5, CONTACT: 5e-3}
    load = "Discharge at {} for 4 minutes (10 second period)"
    data = steps(truth, 0.9, [load.format("1C"), load.format("2C")], WITH_CONTACT)

    found = run(data, truth, model=WITH_CONTACT, known={CONTACT: 1e-3})

    for name, value in truth.items():
        assert found["parameter_values"][name] == pytest.approx(value, rel=2e-3)
    assert started(found)[0] == pytest.approx(0.9, abs=1e-3)


def test_the_start_follows_the_balance_of_each_candidate():
    truth = {FRACTION: 0.72}
    data = constant(SPM, truth, 0.9, 5.0)

    found = run(data, {FRACTION: 0.72}, start={FRACTION: 0.78}, factor=1.3)

    assert found["parameter_values"][FRACTION] == pytest.approx(0.72, rel=1e-4)
    assert started(found)[0] == pytest.approx(0.9, abs=1e-4)


@pytest.mark.parametrize("kind", ["Pulse", "Resistance"])
def test_pulses_that_begin_under_load(kind):
    truth = {EXCHANGE: 1.5}
    pulse = ("Discharge at 1C for 5 minutes (15 second period)", "Rest for 5 minutes")
    data = steps(truth, 0.8, [pulse] * 2)

    found = run(data, truth, type=kind)

    assert found["parameter_values"][EXCHANGE] == pytest.approx(1.5, rel=5e-3)
    assert started(found)[0] == pytest.approx(0.8, abs=2e-3)


def test_a_rest_at_the_start_still_gives_the_open_circuit_voltage():
    truth = {DIFFUSIVITY: 2e-14}
    rest = "Rest for 2 minutes (60 second period)"
    data = steps(truth, 0.7, [rest, "Discharge at 1C for 20 minutes (60 second period)"])

    found = run(data, truth)

    assert found["parameter_values"][DIFFUSIVITY] == pytest.approx(2e-14, rel=5e-3)
    assert not [note for note in found["notes"] if "load" in note]


# Chen2020 is empty at a negative stoichiometry of 0.026, and half of that is left below.
@pytest.mark.parametrize(("voltage", "soc"), [(4.6, 1.02), (1.0, -0.0149)])
def test_a_first_voltage_no_state_of_charge_has(voltage, soc):
    data = constant(SPM, {}, 0.5, 5.0, minutes=10)
    first = data["Voltage [V]"].to_numpy().copy()
    first[0] = voltage
    data = data.with_columns(pl.Series("Voltage [V]", first))

    found = run(data, {DIFFUSIVITY: 3.3e-14})

    nearest, rest = started(found)
    assert nearest == pytest.approx(soc, abs=2e-4)
    assert rest.startswith("the nearest that is possible")
    assert f"not {voltage:g} V as measured" in rest


def test_a_validation_starts_as_a_fit_does():
    elements = {
        "check": {"element_type": "validation", "objectives": {"voltage": {"data": "db:it"}}},
    }
    data = constant(SPM, {}, 0.55, 5.0, minutes=10)

    found = fitting.run_pipeline(elements, {"db:it": data})

    assert found["element_results"]["check"]["summary_stats"]["voltage"]["Max"] < 1e-5
    assert started(found) == (0.55, "")


# Of potentials that are flat, steep and, beyond 0 and 1, singular.
@pytest.mark.parametrize("parameter_set", ["Prada2013", "Ecker2015", "Ramadass2004", "NCA_Kim2011"])
@pytest.mark.parametrize("soc", [0.98, 0.15])
def test_the_start_of_other_cells(parameter_set, soc):
    capacity = pybamm.ParameterValues(parameter_set)["Nominal cell capacity [A.h]"]
    data = constant(SPM, {}, soc, capacity / 2, minutes=2, parameter_set=parameter_set)
    elements = {
        "known": {"element_type": "entry", "values": {"parameter_set": parameter_set}},
        "check": {"element_type": "validation", "objectives": {"voltage": {"data": "db:it"}}},
    }

    found = fitting.run_pipeline(elements, {"db:it": data})

    assert started(found) == (pytest.approx(soc, abs=1e-4), "")
    assert found["element_results"]["check"]["summary_stats"]["voltage"]["Max"] < 1e-5


def test_given_concentrations_away_from_a_measured_rest_are_noted():
    # The concentrations of Chen2020 are those of a full cell at rest, 4.09 V.
    rest = "Rest for 2 minutes (60 second period)"
    data = steps({}, 0.5, [rest, "Discharge at 1C for 20 minutes (60 second period)"])
    every = pybamm.ParameterValues("Chen2020")
    given = {name: every[name] for name in every if name.startswith("Initial concentration in ")}
    given.pop("Initial concentration in electrolyte [mol.m-3]", None)

    found = run(data, {DIFFUSIVITY: 3.3e-14}, known=given)

    [note] = [each for each in found["notes"] if "the data rest at" in each]
    assert "'Initial concentration in negative electrode [mol.m-3]'" in note
    without = run(data, {DIFFUSIVITY: 3.3e-14}, known={"Initial SOC": 0.5})
    assert not [each for each in without["notes"] if "rest at" in each]
    assert without["parameter_values"][DIFFUSIVITY] == pytest.approx(3.3e-14, rel=5e-3)


def test_a_given_state_away_from_the_first_voltage_under_load_is_noted():
    data = constant(SPM, {}, 0.9, 5.0, minutes=10)

    found = run(data, {DIFFUSIVITY: 3.3e-14}, known={"Initial SOC": 0.5})

    [note] = [each for each in found["notes"] if "the data begin with" in each]
    assert "'Initial SOC'" in note
