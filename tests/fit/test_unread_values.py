"""Values of entries: read by an element, named in an error, or noted."""

import re

import numpy as np
import pybamm
import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.calculations.registry import CALCULATIONS
from ionworks.engine.fitting.elements.pipeline import check_elements
from tests.fit.measurements import DIFFUSIVITY
from tests.fit.sweep_calculations import VALUES

CURRENT = 5.0
FIELDS = {
    "electrode": "positive",
    "method": "loading",
    "soc": 0.5,
    "voltage_limits": [3.0, 4.2],
    "data": {
        "Stoichiometry": [0.1, 0.5, 0.9],
        "Voltage [V]": [4.2, 3.9, 3.6],
        "Diffusivity [m2.s-1]": [1e-14, 2e-14, 1e-14],
        "Entropic change [V.K-1]": [1e-5, 2e-5, 1e-5],
        "Temperature [K]": [280.0, 300.0, 320.0],
        "Time [s]": [0.0, 1.0, 2.0],
        "Current [A]": [0.0, 1.0, 0.0],
    },
    **dict.fromkeys(("base_parameter_name", "breakpoint_parameter_name"), "D [m]"),
    **dict.fromkeys(("breakpoint1_parameter_name", "breakpoint2_parameter_name"), "T"),
    **{f"breakpoint{n}_values": [0.0, 1.0] for n in ("", 1, 2)},
}


def discharge(soc):
    """Return a discharge from a state of charge, by plain PyBaMM."""
    values = pybamm.ParameterValues("Chen2020")
    values["Current function [A]"] = CURRENT
    times = np.arange(0, 601, 60.0)
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=values, solver=solver)
    solution = simulation.solve([0, 600], t_interp=times, initial_soc=soc)
    return {
        "Time [s]": times.tolist(),
        "Current [A]": [CURRENT] * len(times),
        "Voltage [V]": solution["Voltage [V]"].entries.tolist(),
    }


FULL = discharge(1.0)
HALF = discharge(0.5)


def entry(values):
    return {"element_type": "entry", "values": {"parameter_set": "Chen2020", **values}}


def validation(data=FULL, **more):
    return {"element_type": "validation", "objectives": {"v": {"data": data, **more}}}


def pipeline(values, *checks):
    elements = {"known": entry(values)}
    return elements | {f"check {n}": each for n, each in enumerate(checks or (validation(),))}


def notes(elements, data=None):
    assert check_elements(elements) == []
    return fitting.run_pipeline(elements, data or {})["notes"]


def idle(elements):
    return [note for note in notes(elements) if "no effect" in note]


# ---------------------------------------------------------------- the initial state of charge


@pytest.mark.parametrize(
    ("values", "data"),
    [
        ({"Initial SOC [%]": 100}, FULL),
        ({"Initial SOC [%]": 50.0}, HALF),
        ({"Initial SOC": 0.5}, HALF),
    ],
)
def test_the_state_of_charge_is_heeded_in_percent_and_as_a_fraction(values, data):
    elements = pipeline(values, validation(data))
    assert check_elements(elements) == []
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check 0"]["summary_stats"]["v"]["Max"] < 2e-4
    assert found["parameter_values"]["Initial SOC"] == (1.0 if data is FULL else 0.5)


def test_the_named_entry_is_in_percent_too():
    elements = {
        "soc": {"element_type": "entry", "name": "InitialStateOfCharge", "value": 50},
        "check": validation(HALF),
    }
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check"]["summary_stats"]["v"]["Max"] < 2e-4


def test_an_objective_has_its_own_state_of_charge():
    elements = pipeline(
        {"Initial SOC [%]": 100}, validation(HALF, parameters={"Initial SOC [%]": 50})
    )
    found = fitting.run_pipeline(elements, {})
    assert found["element_results"]["check 0"]["summary_stats"]["v"]["Max"] < 2e-4


def test_a_fraction_in_percent_is_noted():
    found = notes(pipeline({"Initial SOC [%]": 1}))
    assert "'Initial SOC [%]' is 1 percent; a full cell has 100" in found


def test_a_percentage_is_not_fitted():
    element = {
        "element_type": "data_fit",
        "objectives": {"v": {"data": FULL}},
        "parameters": {"Initial SOC [%]": {"bounds": [50, 100]}},
    }
    [problem] = check_elements({"fit": element})
    assert "fit 'Initial SOC', a fraction" in problem


# ---------------------------------------------------------------- names that are unknown


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Negative particle difusivity [m2.s-1]", "Negative particle diffusivity [m2.s-1]"),
        ("Initial SOC [-]", "Initial SOC"),
        ("initial_soc", "Initial SOC"),
        ("Initial temperature [degC]", "Initial temperature [K]"),
        ("Colour", ""),
    ],
)
def test_a_value_that_nothing_reads_is_refused_with_the_nearest_names(name, nearest):
    [problem] = check_elements(pipeline({name: 1.0}))
    assert problem.startswith(f"element 'known': values: no element reads {name!r}")
    assert nearest in problem
    [problem] = check_elements(pipeline({}, validation(parameters={name: 1.0})))
    place = "element 'check 0': objective 'v': parameters"
    assert problem.startswith(f"{place}: no element reads {name!r}")
    assert nearest in problem


def test_text_that_nothing_reads_is_refused():
    [problem] = check_elements(pipeline({"chemistry": "NMC"}))
    assert "no element reads 'chemistry'" in problem


def test_data_are_read_by_their_reference():
    assert check_elements(pipeline({"mine": "db:x"}, validation("known.mine"))) == []
    [note] = idle(pipeline({"data": FULL}))
    assert "'data'" in note
    assert not idle(pipeline({"data": FULL}, validation("known.data")))


def test_names_in_functions_expressions_and_penalties_are_read():
    def diffusivity(sto, temperature):
        return pybamm.Parameter("my factor") * 1e-14

    function = pybamm.ParameterValues({DIFFUSIVITY: diffusivity}).to_json()[DIFFUSIVITY]
    assert check_elements(pipeline({DIFFUSIVITY: function, "my factor": 2.0})) == []
    # SPMe uses the electrolyte, SPM does not: there the factor has no reader.
    [problem] = check_elements(
        pipeline({"Electrolyte conductivity [S.m-1]": function_of_two(), "my factor": 2.0})
    ) or [""]
    assert problem == ""
    linked = pybamm.ParameterValues({"x": 2 * pybamm.Parameter("my base")}).to_json()["x"]
    assert check_elements(pipeline({"Contact resistance [Ohm]": linked, "my base": 1.0})) == []


def function_of_two():
    def conductivity(concentration, temperature):
        return pybamm.Parameter("my factor") + 0 * concentration

    return pybamm.ParameterValues({"x": conductivity}).to_json()["x"]


def test_parameters_of_the_model_are_read_whatever_the_set():
    model = {"type": "SPM", "options": {"SEI": "constant", "contact resistance": "true"}}
    values = {"model": model, "Contact resistance [Ohm]": 0.01}
    assert check_elements(pipeline(values)) == []
    assert not idle(pipeline(values, validation()))


def test_a_pipeline_without_readers_keeps_all_values():
    assert check_elements({"known": entry({"Colour": 1.0})}) == []
    assert not idle({"known": entry({"Colour": 1.0})})


# ---------------------------------------------------------------- values without effect


def test_values_without_effect_are_noted():
    porosity, resistivity = "Negative electrode porosity", "SEI resistivity [Ohm.m]"
    [note] = idle(pipeline({porosity: 0.31, resistivity: 1.0, DIFFUSIVITY: 3e-14}))
    assert note.startswith("element 'known': values: no effect")
    assert porosity in note
    assert resistivity in note
    assert DIFFUSIVITY not in note
    # SPMe contains the porosity.
    [note] = idle(pipeline({"model": {"type": "SPMe"}, porosity: 0.31, resistivity: 1.0}))
    assert porosity not in note
    [note] = idle(pipeline({}, validation(parameters={porosity: 0.31})))
    assert note.startswith("element 'check 0': objective 'v': parameters: no effect")


def test_a_value_of_the_set_itself_is_not_noted():
    chen = pybamm.ParameterValues("Chen2020")
    values = {name: float(x) for name, x in chen.items() if isinstance(x, int | float)}
    del values["Initial temperature [K]"], values["Ambient temperature [K]"]
    assert not idle(pipeline(values))


def test_a_model_and_a_set_that_are_not_used_are_noted():
    own = {"type": "SPM", "parameter_set": "Chen2020"}
    given = {"model": {"type": "SPMe"}}
    [note] = idle(pipeline(given, validation(options={"model": own})))
    assert "'model'" in note
    assert "'parameter_set'" in note


def test_a_value_that_is_replaced_before_it_is_read_is_noted():
    elements = {"a": entry({DIFFUSIVITY: 1e-14}), "b": entry({DIFFUSIVITY: 3e-14})}
    found = notes({**elements, "check": validation()})
    assert f"element 'b': values: {DIFFUSIVITY!r} replaces that of the entry 'a'" in found
    between = {"a": elements["a"], "one": validation(), "b": elements["b"], "two": validation()}
    assert not any("replaces" in note for note in notes(between))


def test_calculations_read_what_they_ask_for():
    calculation = {"element_type": "calculation", "type": "ElectrodeCapacity"}
    elements = {
        "known": entry({"Electrode area [m2]": 0.1, "Cell mass [kg]": 1.0}),
        "capacity": {**calculation, "electrode": "positive"},
        "check": validation(),
    }
    [note] = idle(elements)
    assert "'Cell mass [kg]'" in note
    assert "'Electrode area [m2]'" not in note


def test_an_element_of_an_earlier_attempt_still_reads_its_values():
    elements = pipeline({DIFFUSIVITY: 3e-14})
    done = {"check 0": {"type": "ValidationResult", "parameter_values": {}}}
    found = fitting.run_pipeline(elements, {}, completed=done)
    assert not any("no effect" in note for note in found["notes"])


ASKED = re.compile(r"it needs '([^']+)'")


@pytest.mark.parametrize("name", CALCULATIONS)
def test_what_a_calculation_asks_for_can_be_given(name):
    element = {"element_type": "calculation", "type": name, "electrode": "positive"}
    needs = CALCULATIONS[name].needs
    element |= {field: FIELDS[field] for field in needs}
    if "electrode" not in needs:
        del element["electrode"]
    values = {}
    for _ in range(20):
        elements = {"known": entry(values), "it": element}
        assert check_elements({**elements, "check": validation()}) == []
        try:
            fitting.run_pipeline(elements, {})
        except fitting.PipelineError as error:
            asked = ASKED.search(str(error))
            if asked is None:
                break
            assert asked[1] not in values
            values[asked[1]] = VALUES.get(asked[1], 0.5)
        else:
            break
