"""The tables of `tests.fit.sweep` for calculations."""

import re
from functools import cache, partial
from typing import Any

from ionworks.engine import fitting
from ionworks.engine.fitting.calculations import registry
from tests.fit.sweep import Case, Table

CURVE = {
    "Stoichiometry": [0.1, 0.3, 0.5, 0.7, 0.9],
    "Voltage [V]": [4.2, 4.0, 3.9, 3.7, 3.4],
    "Diffusivity [m2.s-1]": [1e-14, 3e-14, 2e-14, 1e-14, 2e-14],
    "Entropic change [V.K-1]": [1e-5, 2e-5, 1e-5, 3e-5, 1e-5],
}
PULSE = {
    "Time [s]": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
    "Current [A]": [0.0, 1.0, 1.0, 1.0, 0.0, 0.0],
    "Voltage [V]": [4.0, 3.9, 3.88, 3.85, 3.9, 3.94],
    "Step number": [0, 1, 1, 2, 3, 3],
}
RATES = {"Temperature [K]": [280.0, 300.0, 320.0], "D [m2.s-1]": [1e-14, 2e-14, 3e-14]}
DATA: dict[str, Any] = {"DiffusivityFromPulse": PULSE, "ArrheniusLogLinear": RATES}
CHANGED: dict[str, Any] = {
    "Voltage [V]": [4.1, 3.95, 3.8, 3.6, 3.3],
    "Diffusivity [m2.s-1]": [2e-14, 3e-14, 2e-14, 1e-14, 2e-14],
    "Entropic change [V.K-1]": [2e-5, 2e-5, 1e-5, 3e-5, 1e-5],
}
CHANGED_DATA: dict[str, Any] = {
    "DiffusivityFromPulse": {**PULSE, "Voltage [V]": [4.0, 3.9, 3.86, 3.84, 3.9, 3.95]},
    "ArrheniusLogLinear": {**RATES, "D [m2.s-1]": [1e-14, 2e-14, 4e-14]},
}
BASE: dict[str, Any] = {
    "electrode": "positive",
    "method": "loading",
    "soc": 0.5,
    "voltage_limits": [3.0, 4.2],
    **dict.fromkeys(("base_parameter_name", "breakpoint_parameter_name"), "D [m]"),
    **dict.fromkeys(("breakpoint1_parameter_name", "breakpoint2_parameter_name"), "T"),
    **{f"breakpoint{n}_values": [0.0, 1.0] for n in ("", 1, 2)},
}
VALUES: dict[str, Any] = {
    "Number of reactions in positive electrode": 1.0,
    "Positive electrode host site standard potential (0) [V]": 3.8,
    "Initial voltage in positive electrode [V]": 3.9,
    "Cell density [kg.m-3]": 2500.0,
    "Cell specific heat capacity [J.kg-1.K-1]": 1000.0,
    "Pouch height [m]": 0.1,
    "Pouch width [m]": 0.08,
    "Pouch thickness [m]": 0.01,
}
FIELDS: dict[str, Any] = {
    "electrode": "negative",
    "use_stoich_window": True,
    "soc": 0.6,
    "voltage_limits": [3.2, 4.0],
    "reference_temperature": 310.0,
    "breakpoint_values": [0.0, 2.0],
    "breakpoint1_values": [0.0, 2.0],
    "breakpoint2_values": [0.0, 2.0],
    "base_parameter_name": "E [m]",
    "breakpoint_parameter_name": "T",
    "breakpoint1_parameter_name": "S",
    "breakpoint2_parameter_name": "S",
    "source": "a paper",
    "type": "AreaToSquare",
    "element_type": "validation",
    "calculation": Case("AreaToSquare", {"type": None}),
}
METHODS = {"CyclableLithium": "formation loss", "ElectrodeCapacity": "loading"}
OPTIONS = {
    "known value": "cell capacity",
    "usable capacity": 0.4,
    "interpolator": "cubic",
    "direction": "lithiation",
    "transformation": "log",
    "scale factor": True,
    "x tolerance": 0.2,
    "minimum dUdx": 5.0,
    "step number": 1,
    "dt_IR": 1.0,
    "dt_pulse": 1.0,
    "create_lithiation_function": False,
}
_ASKED = re.compile(r"it needs '([^']+)'")


def element_of(name):
    needs = registry.CALCULATIONS[name].needs
    known = {**BASE, "data": DATA.get(name, CURVE)}
    return {"element_type": "calculation", "type": name, **{each: known[each] for each in needs}}


@cache
def values_of(name):
    """Return the values a calculation asks for: they are given until it asks for no more."""
    values: dict[str, float] = {}
    for _ in range(20):
        elements = {"known": {"element_type": "entry", "values": values}, "it": element_of(name)}
        try:
            fitting.run_pipeline(elements, {})
        except fitting.PipelineError as error:
            asked = _ASKED.search(str(error))
            if asked is None:
                raise
            values[asked[1]] = VALUES.get(asked[1], 0.5)
        else:
            break
    return values


def of_calculation(name, part=""):
    def place(fields):
        element = {**element_of(name), **({part: fields} if part else fields)}
        return {"known": {"element_type": "entry", "values": values_of(name)}, "it": element}

    return place


def cases_of(name):
    method = METHODS.get(name, "coating mass")
    changed = CHANGED_DATA.get(name, {**CURVE, **CHANGED})
    return {**FIELDS, "method": method, "data": changed, "options": {"unheard of": 1}}


def fields_of(name):
    calculation = registry.CALCULATIONS[name]
    return (*registry._COMMON, *calculation.needs, *calculation.fields)


def options_of(name):
    return registry.CALCULATIONS[name].options


CALCULATION_TABLES = {
    **{
        f"calculation {name}": Table(partial(fields_of, name), of_calculation(name), cases_of(name))
        for name in registry.CALCULATIONS
    },
    **{
        f"options of {name}": Table(
            partial(options_of, name),
            of_calculation(name, "options"),
            {**OPTIONS, "scale factor": 2.0} if name.startswith("Entropic") else OPTIONS,
        )
        for name, each in registry.CALCULATIONS.items()
        if each.options
    },
}
