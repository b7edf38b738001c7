"""The model of a document as source text."""

from typing import Any, Final

from ionworks.engine.cells.cell import Cell
from ionworks.engine.cells.documents import model_document
from ionworks.engine.cells.specification import ModelSpecification, Specification
from ionworks.engine.cells.throughput import drop_unread_totals
from ionworks.engine.eject.python_text import literal
from ionworks.engine.pybamm_setup import pybamm

_LINE: Final = 88


def is_document(specification: Specification) -> bool:
    """Return whether the equations of a model are in a document."""
    return isinstance(specification, ModelSpecification) and specification.document is not None


def equations_text(cell: Cell, script: str) -> list[str]:
    """Return the lines that make the model of a custom cell from its equations.

    Parameters
    ----------
    cell : Cell
        With a model from a document.
    script : str
        The rest of the script: of the variables of the model, which are most of a document, only
        those it names are written.
    """
    model = cell.new_model()
    voltage, current = model.variables["Voltage [V]"], model.variables["Current [A]"]
    # What PyBaMM's experiments and solutions read of a model.
    needed = {
        "Time [s]": pybamm.t,
        "Voltage [V]": voltage,
        "Current [A]": current,
        "Battery voltage [V]": voltage,
        "Power [W]": voltage * current,
        "Current variable [A]": current,
    }
    named = {name: symbol for name, symbol in model.variables.items() if literal(name) in script}
    kept = {**named, **needed}
    drop_unread_totals(model, kept.values())
    _replace_variables(model, kept)
    data = model_document(model, cell.discretisation(model))["data"]
    lines = [data[place : place + _LINE] for place in range(0, len(data), _LINE)]
    return [
        "# The equations, as `model.to_json(compress=True)` writes them.",
        "document = {",
        '    "compressed": True,',
        '    "data": (',
        *(f'        "{line}"' for line in lines),
        "    ),",
        "}",
        "model = pybamm.BaseModel.from_json(document)",
        # These two PyBaMM's experiments need, and a document has not.
        f"model.param = pybamm.{type(model.param).__name__}()",
        "model.summary_variables = []",
    ]


def _replace_variables(model: Any, variables: dict[str, Any]) -> None:
    # One by one: PyBaMM refuses a whole mapping with a counter under another name than its own.
    for name in [*model.variables]:
        del model.variables[name]
    for name, symbol in variables.items():
        model.variables[name] = symbol


def own_points(cell: Cell) -> list[str]:
    """Return the argument of `pybamm.Simulation` for spatial variables that PyBaMM does not have.

    A document has only their names, and PyBaMM looks names up among its own.
    """
    points = {
        spatial_variable(name): count
        for name, count in cell.discretisation(cell.reference).var_pts.items()
    }
    if all(name.startswith('"') for name in points):
        return []
    return [f"var_pts={{{', '.join(f'{name}: {count}' for name, count in points.items())}}}"]


def spatial_variable(name: str) -> str:
    """Return the text of a spatial variable as a key of points: PyBaMM knows its own by name."""
    text = literal(name)
    return text if hasattr(pybamm.standard_spatial_vars, name) else f"pybamm.Variable({text})"
