"""A cell as source text: its model, its parameter values and its discretisation."""

import keyword
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from ionworks.engine.catalogue import CIRCUIT
from ionworks.engine.cells import circuit, quick
from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE, Cell
from ionworks.engine.cells.discretisation import read_settings
from ionworks.engine.cells.specification import (
    QuickSpecification,
    Specification,
)
from ionworks.engine.cells.symbols import JsonFunction
from ionworks.engine.cells.throughput import THROUGHPUT
from ionworks.engine.eject.equations import (
    equations_text,
    is_document,
    own_points,
    spatial_variable,
)
from ionworks.engine.eject.python_text import call, literal, mapping, number, one_line, symbol_text
from ionworks.engine.pybamm_setup import pybamm

_COUNT_ENERGY: Final = "calculate discharge energy"
_SIZES: Final = "particle size"


def model_text(cell: Cell, specification: Specification, script: str) -> list[str]:
    """Return the lines that make the model.

    Parameters
    ----------
    cell : Cell
    specification : Specification
        Of the cell.
    script : str
        The rest of the script: amounts it reads are counted, also where PyBaMM does not by default.
    """
    if is_document(specification):
        return equations_text(cell, script)
    if isinstance(specification, QuickSpecification):
        return [*_circuit({}, quick.SOC_MARGIN), *_counters(script)]
    if specification.model == CIRCUIT:
        return [*_circuit(specification.options, circuit.SOC_MARGIN), *_counters(script)]
    is_counted = any(name in script for name in THROUGHPUT[1:])
    energy = {_COUNT_ENERGY: "true"} if is_counted else {}
    options = {**specification.options, **energy}
    arguments = [literal(options)] if options else []
    return [call(f"model = pybamm.lithium_ion.{specification.model}", arguments)]


def _circuit(options: Mapping[str, Any], margin: float) -> list[str]:
    """Return the lines that make a circuit whose state of charge may leave 0 to 1 by a margin."""
    arguments = [f"options={literal(options)}"] if options else []
    return [
        call("model = pybamm.equivalent_circuit.Thevenin", arguments),
        "# A full cell is at a state of charge of exactly 1, where the model would stop at once.",
        "model.events = [",
        f"    pybamm.Event(event.name, event.expression + {number(margin)}, event.event_type)",
        '    if event.name.endswith("SoC")',
        "    else event",
        "    for event in model.events",
        "]",
    ]


def _counters(script: str) -> list[str]:
    """Return the lines that count the amounts a script reads, which PyBaMM's circuit does not."""
    rates = {
        "Discharge capacity [A.h]": 'model.variables["Current [A]"]',
        "Throughput capacity [A.h]": 'abs(model.variables["Current [A]"])',
        "Discharge energy [W.h]": 'model.variables["Power [W]"]',
        "Throughput energy [W.h]": 'abs(model.variables["Power [W]"])',
    }
    return [
        line
        for name, rate in rates.items()
        if literal(name) in script
        for line in (
            f"counter = pybamm.Variable({literal(name)})",
            f"model.rhs[counter] = {rate} / 3600",
            "model.initial_conditions[counter] = pybamm.Scalar(0)",
            "model.variables[counter.name] = counter",
        )
    ]


@define
class ParameterWriter:
    """Writes the parameter values of a run.

    Attributes
    ----------
    cell : Cell
    specification : Specification
        Of the cell.
    functions : list of str
        Definitions of the functions among the values, made while they are written.
    """

    cell: Cell
    specification: Specification
    functions: list[str] = field(factory=list)

    def text(self, changes: Mapping[str, float]) -> list[str]:
        """Return the lines that make the parameter values.

        Parameters
        ----------
        changes : mapping of str to float
            Values of this run: design parameters, temperatures and the initial state.

        Raises
        ------
        NoCounterpart
            If a function cannot be written.
        """
        name = self.specification.parameter_set
        if name is None or isinstance(self.specification, QuickSpecification):
            values = {
                each: self._value(each, value)
                for each, value in self.cell.values.items()
                if not isinstance(value, str | list)
            }
            values |= {each: number(value) for each, value in self.cell.fixed_inputs.items()}
            values |= {each: number(value) for each, value in changes.items()}
            return [call("parameter_values = pybamm.ParameterValues", [mapping(values)])]
        lines = [f"parameter_values = pybamm.ParameterValues({literal(name)})"]
        options = self.cell.reference.options
        if not is_document(self.specification) and options.get(_SIZES) == "distribution":
            lines.append(
                "parameter_values = pybamm.get_size_distribution_parameters(parameter_values)"
            )
        changed = {each: self._own(each) for each in self.cell.changed}
        changed |= {each: number(value) for each, value in changes.items()}
        published = pybamm.ParameterValues(name)
        new = {
            each: text
            for each, text in changed.items()
            if text != _published_text(published, each) or each == circuit.STATE_OF_CHARGE
        }
        if new:
            lines.append(call("parameter_values.update", [mapping(new)]))
        return lines

    def _own(self, name: str) -> str:
        if name in self.cell.fixed_inputs:
            return number(self.cell.fixed_inputs[name])
        return self._value(name, self.cell.values[name])

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, int | float):
            return number(float(value))
        if isinstance(value, JsonFunction):
            return self._function(name, value, [*value.__signature__.parameters])
        if isinstance(value, pybamm.Symbol):
            return symbol_text(value, {}, f"the parameter {name!r}")
        return self._function(name, value, ["soc"])

    def _function(self, name: str, value: Any, arguments: Sequence[str]) -> str:
        """Define a function and return its name."""
        own = {each: _identifier(each, place) for place, each in enumerate(arguments)}
        body = value(*(pybamm.Parameter(each) for each in arguments))
        text = symbol_text(pybamm.convert_to_symbol(body), own, f"the parameter {name!r}")
        function = f"function_{len(self.functions) + 1}"
        head = f"def {function}({', '.join(own.values())}):"
        # A name is on one line, whatever is in it: the rest would be code of its author.
        self.functions.append(f"# {one_line(name)}\n{head}\n    return {text}")
        return function


def mesh_arguments(cell: Cell, specification: Specification) -> list[str]:
    """Return the arguments of `pybamm.Simulation` for the settings of a cell."""
    if is_document(specification):
        return own_points(cell)
    parts = read_settings(cell.settings)
    found = []
    for name, key, write in (
        ("var_pts", spatial_variable, str),
        ("submesh_types", literal, _submesh),
        ("spatial_methods", literal, _method),
    ):
        if parts.get(name):
            own = ", ".join(f"{key(each)}: {write(part)}" for each, part in parts[name].items())
            found.append(f"{name}={{**model.default_{name}, {own}}}")
    return found


def _submesh(submesh: Any) -> str:
    if isinstance(submesh, pybamm.MeshGenerator):
        name = submesh.submesh_type.__name__
        return f"pybamm.MeshGenerator(pybamm.{name}, {literal(submesh.submesh_params)})"
    return f"pybamm.{submesh.__name__}"


def _method(method: Any) -> str:
    return f"pybamm.{type(method).__name__}(options={literal(method.options)})"


def temperatures(initial: float, ambient: float) -> dict[str, float]:
    """Return the temperatures [K] by the names of their parameters."""
    return {INITIAL_TEMPERATURE: initial, AMBIENT_TEMPERATURE: ambient}


def _published_text(published: Any, name: str) -> str | None:
    value = published.get(name)
    return number(float(value)) if isinstance(value, int | float) else None


def _identifier(name: str, place: int) -> str:
    """Return the name of an argument, or another one if it hides what the function uses."""
    hides = name in {"np", "pybamm", "abs"}
    usable = name.isidentifier() and not keyword.iskeyword(name) and not hides
    return name if usable else f"x{place + 1}"
