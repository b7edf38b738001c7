"""The tables of `tests.fit.sweep`: objectives, data, models, experiments, entries."""

from functools import partial
from typing import Any

from ionworks.engine.fitting import measurement
from ionworks.engine.fitting.elements import entry
from ionworks.engine.fitting.forward_model import cell
from ionworks.engine.fitting.objectives import reader
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from ionworks.ucp import experiments
from tests.fit.measurements import DIFFUSIVITY, POSITIVE_DIFFUSIVITY
from tests.fit.sweep import Case, Table
from tests.fit.sweep_tables import DATA, FIT, KNOWN, OBJECTIVE, X, with_fit

PROFILE = {
    "Time [s]": [0.0, 20.0, 40.0, 60.0, 80.0, 100.0],
    "Current [A]": [5.0, 5.3, 5.0, 2.5, 2.501, 2.5],
    "Voltage [V]": [3.9, 3.88, 3.87, 3.9, 3.89, 3.88],
    "Step count": [0, 0, 0, 1, 1, 1],
    "Test voltage [V]": [3.9, 3.87, 3.86, 3.9, 3.88, 3.87],
}
IMPEDANCE = {
    "Frequency [Hz]": [1.0, 10.0, 100.0],
    "Z_Re [Ohm]": [0.03, 0.02, 0.01],
    "Z_Im [Ohm]": [-0.01, -0.01, -0.01],
}
RESTED = {"Time [d]": [0.0, 5.0, 10.0], "LLI [%]": [0.0, 0.1, 0.2], "LAM_ne [%]": [0.0, 0.0, 0.1]}
CYCLED = {
    "Cycle number": [0, 1],
    "LLI [%]": [0.0, 0.1],
    "Discharge capacity [A.h]": [0.08, 0.08],
    "End [V]": [4.0, 4.0],
}
HALF = {
    "Stoichiometry": [0.3, 0.5, 0.7],
    "Capacity [A.h]": [0.0, 2.0, 4.0],
    "Voltage [V]": [4.1, 3.9, 3.7],
}
AGEING = {"type": "SPM", "options": {"SEI": "solvent-diffusion limited"}}
CYCLES = [["Discharge at 1C for 1 minute", "Charge at 1C for 1 minute"]] * 2
LONGER = [["Discharge at 1C for 2 minutes", "Charge at 1C for 1 minute"]] * 2
END = {"type": "Last", "variable": "Voltage [V]"}
METRIC = {"type": "CyclewiseMetric", "metric": END}

BASES: dict[str, Any] = {
    "CurrentDriven": {"data": PROFILE},
    "Pulse": {"data": PROFILE},
    "Resistance": {"data": PROFILE},
    "EIS": {"data": IMPEDANCE},
    "CalendarAgeing": {"data": RESTED, "options": {"model": AGEING}},
    "CycleAgeing": {"data": CYCLED, "options": {"model": AGEING, "experiment": CYCLES}},
    "OCPHalfCell": {"data": HALF, "electrode": "positive"},
    "ElectrodeBalancingHalfCell": {"data": DATA, "electrode": "negative"},
    "ElectrodeBalancing": {"data": DATA},
}
LIMITS = {
    X: 0.03,
    "Maximum negative stoichiometry": 0.91,
    "Minimum positive stoichiometry": 0.26,
    "Maximum positive stoichiometry": 0.91,
}
START = {"Initial SOC": 0.8, "parameter_set": "OKane2022"}
BY_STOICHIOMETRY = ("OCPHalfCell", "ElectrodeBalancing", "ElectrodeBalancingHalfCell")


def of_objective(kind):
    """Return the place of the fields of an objective, in a fit evaluated at one point."""
    is_static = kind in BY_STOICHIOMETRY
    values = LIMITS if is_static else START
    name = DIFFUSIVITY
    if is_static:
        # An interpolated potential has no parameter but the limits.
        name = "Minimum positive stoichiometry" if kind == "OCPHalfCell" else X
    values = {key: value for key, value in values.items() if key != name}
    start = 0.2 if is_static else 2e-14
    bounds = {"bounds": [0.5 * start, 2 * start]}

    def place(fields):
        objective = {"type": kind, **BASES[kind], **fields}
        if "options" in fields:
            objective["options"] = {**BASES[kind].get("options", {}), **fields["options"]}
        own = {key: value for key, value in objective.items() if key != "_fits"}
        element = {"element_type": "validation", "objectives": {"v": own}}
        given = {name: start, **values}
        if "_fits" in fields or kind == "OCPHalfCell":
            element = {**FIT, "objectives": {"v": own}, "parameters": {name: bounds}}
            given = values
        return {"known": {"element_type": "entry", "values": given}, "it": element}

    return place


def of_options(kind):
    return lambda fields: of_objective(kind)({"options": fields})


# A validation is faster, but has neither cost nor penalties.
FITS = {"_fits": True}


def objective_cases(kind):
    own = BASES[kind]
    column = next(name for name in own["data"] if name.endswith(("[V]", "[Ohm]", "[%]")))
    data = {**own["data"], column: [1.01 * value + 0.01 for value in own["data"][column]]}
    given = {"Maximum positive stoichiometry": 0.93, "Maximum negative stoichiometry": 0.93}
    if kind not in BY_STOICHIOMETRY:
        given = {POSITIVE_DIFFUSIVITY: 8e-15, "Initial SOC": 0.7}
    return {
        "type": "Voltage",
        "objective": Case("EIS", {"type": None}),
        "model": model_of(kind, "DFN"),
        "data": data,
        "options": {"unheard of": 1},
        "cost": Case("MAE", FITS),
        "parameters": given,
        "penalties": Case([{"fun": 0.1}], FITS),
        "electrode": "negative" if own.get("electrode") == "positive" else "positive",
        "constraints": [{"type": "Constraint", "fun": 1}],
        "callbacks": "mine",
    }


def model_of(kind, name):
    if kind in BY_STOICHIOMETRY:
        return {"type": "SPM", "parameter_set": "Marquis2019"}
    return {"type": name, "options": AGEING["options"] if "Ageing" in kind else {}}


OBJECTIVE_OPTIONS = {
    "independent variable": "voltage",
    "objective variables": ["Voltage [V]", "Current [A]"],
    "interpolant_atol": 1.0,
    "interpolant_rtol": 0.2,
    "interpolant_lossless": Case(True, {"interpolant_atol": 1.0}),
    "modes": ["LLI [%]"],
    "experiment": LONGER,
    "metrics": {"End [V]": METRIC},
    "stoichiometry limits": [0.2, 0.6],
    "voltage limits": [3.8, 4.0],
    "theta_ref": 0.5,
}
DIRECTIONS = {
    "OCPHalfCell": "delithiation",
    "ElectrodeBalancingHalfCell": "delithiation",
    "ElectrodeBalancing": "charge",
}


def option_cases(kind):
    variables = ["LLI [%]"] if kind == "CycleAgeing" else ["Voltage [V]", "Current [A]"]
    return {
        **OBJECTIVE_OPTIONS,
        "model": model_of(kind, "DFN"),
        "objective variables": variables,
        "direction": DIRECTIONS.get(kind),
    }


def of_data(fields):
    own = {name: value for name, value in fields.items() if name != "rows"}
    return of_objective("CurrentDriven")({"data": {"data": fields.get("rows", PROFILE), **own}})


def of_data_options(fields):
    rows = {"Capacity [A.h]": DATA["Capacity [A.h]"], **DATA}
    rows["Step count"] = [0, 0, 0, 1, 1, 1]
    rows["Passed [A.h]"] = [0.0, 1.1, 2.1, 3.1, 4.1, 4.6]
    # Out of order, and one row twice.
    rows["Time [s]"] = [0.0, 1.0, 3.0, 2.0, 4.0, 4.0]
    data = {"data": rows, "options": fields}
    return with_fit(objectives={"v": {**OBJECTIVE, "data": data}})


DATA_FIELDS = {
    "data": {**PROFILE, "Voltage [V]": [3.8] * 6},
    "time_series": {**PROFILE, "Voltage [V]": [3.8] * 6},
    "steps": {"Step count": [0]},
    "options": {"first_step": 1},
    "time_range": {"start": 20.0, "end": 80.0},
    "analysis": {"analysis_id": "x"},
    "metadata": {"by": "me"},
}
DATA_OPTIONS = {
    "transforms": {"sort": True},
    "first_step": 1,
    "last_step": 0,
    "sort": True,
    "remove_duplicates": True,
    "capacity_column": "Passed [A.h]",
}
SPANS = {"start": 20.0, "end": 60.0, "duration": 40.0}


def of_span(fields):
    span = {"start": 0.0, **({} if "duration" in fields else {"end": 80.0}), **fields}
    return of_data({"time_range": span})


MODEL_FIELDS = {
    "type": "SPMe",
    "module": "equivalent_circuit",
    "options": {"thermal": "lumped"},
    "parameter_set": "Mohtat2020",
    "parameters": {POSITIVE_DIFFUSIVITY: 9e-15},
    "simulation_settings": {"var_pts": {"r_n": 5}},
}


def of_model(fields):
    return of_objective("CurrentDriven")({"options": {"model": {"type": "SPM", **fields}}})


def of_step(fields):
    step = {"type": "current", "value": 5.0, "duration": 60.0, **fields}
    cycle = [step, {"type": "current", "value": -5.0, "duration": 60.0}]
    experiment = {"cycles": [cycle] * 2}
    return of_objective("CycleAgeing")({"options": {"experiment": experiment}})


STEP_FIELDS = {
    "type": "c-rate",
    "value": 4.0,
    "duration": 90.0,
    "terminations": [{"type": "voltage", "value": 3.95}],
    "period": 5.0,
    "temperature": 318.15,
}


def of_metric(fields):
    metrics = {"End [V]": {**METRIC, **fields}}
    return of_objective("CycleAgeing")({"options": {"metrics": metrics}})


COMPOSED = {"type": "ComposedMetric", "operation": "add", "left": METRIC, "right": METRIC}
FIRST = {"type": "CyclewiseMetric", "metric": {**END, "type": "First"}}


def of_composed(fields):
    metrics = {"End [V]": {**COMPOSED, **fields}}
    return of_objective("CycleAgeing")({"options": {"metrics": metrics}})


def of_entry(fields):
    """Return the place of the fields of an entry before a fit that uses its values."""
    element = {"element_type": "entry", **KNOWN, **fields}
    if "parameters" in fields or "name" in fields:
        del element["values"]
    return {"it": element, "fit": FIT}


ENTRY_FIELDS = {
    "values": {**KNOWN["values"], "Minimum positive stoichiometry": 0.3},
    "parameters": {**KNOWN["values"], "Minimum positive stoichiometry": 0.3},
    "source": "a paper",
    "provenance": {"a": {"path": "x", "value": 1.0}},
    "name": "temperatures",
    "type": "Entry",
}
RECIPES = {
    "value": 50,
    "T": 310.0,
    "electrode": 1.0,
    "electrolyte": 2.0,
}
RECIPE_BASES: dict[str, Any] = {
    "InitialStateOfCharge": {"value": 90},
    "InitialTemperature": {"value": 298.0},
    "InitialVoltage": {"value": 4.0},
}


def of_recipe(name):
    def place(fields):
        element = {"element_type": "entry", "name": name, **RECIPE_BASES.get(name, {}), **fields}
        if name == "InitialTemperature" and "value" in fields:
            element["value"] = 310.0
        if name == "InitialVoltage" and "value" in fields:
            element["value"] = 3.9
        objective = {"data": PROFILE, "options": {"model": {"type": "SPMe"}}}
        check = {"element_type": "validation", "objectives": {"v": objective}}
        return {"it": element, "check": check}

    return place


def objective_fields(kind):
    return (*reader._FIELDS, *reader._NOT_SUPPORTED_FIELDS, *OBJECTIVES[kind].fields)


def option_fields(kind):
    return OBJECTIVES[kind].options


def step_fields():
    # The description is the text of the step, which PyBaMM writes beside its values.
    return {*experiments._FIELDS} - {*experiments._IGNORED, "description"}


def recipe_fields(name):
    return entry.RECIPES[name]


OBJECTIVE_TABLES = {
    **{
        f"objective {kind}": Table(
            partial(objective_fields, kind),
            of_objective(kind),
            objective_cases(kind),
        )
        for kind in OBJECTIVES
    },
    **{
        f"options of {kind}": Table(
            partial(option_fields, kind), of_options(kind), option_cases(kind)
        )
        for kind in OBJECTIVES
    },
    "data": Table(lambda: measurement.FIELDS, of_data, DATA_FIELDS),
    "options of data": Table(lambda: measurement._OPTIONS, of_data_options, DATA_OPTIONS),
    "transforms of data": Table(
        lambda: measurement._TRANSFORMS,
        lambda fields: of_data_options({"transforms": fields}),
        {"sort": True, "remove_duplicates": True},
    ),
    "time range": Table(lambda: SPANS, of_span, SPANS),
    "model": Table(lambda: cell._FIELDS, of_model, MODEL_FIELDS),
    "step of an experiment": Table(step_fields, of_step, STEP_FIELDS),
    "metric": Table(
        lambda: ("type", "step", "metric"),
        of_metric,
        {"type": "Metric", "step": 0, "metric": {**END, "type": "First"}},
    ),
    "composed metric": Table(
        lambda: ("type", "operation", "left", "right"),
        of_composed,
        {"type": "Metric", "operation": "sub", "left": FIRST, "right": FIRST},
    ),
    "entry": Table(lambda: entry.FIELDS, of_entry, ENTRY_FIELDS),
    **{
        f"entry {name}": Table(partial(recipe_fields, name), of_recipe(name), RECIPES)
        for name in entry.RECIPES
    },
}
