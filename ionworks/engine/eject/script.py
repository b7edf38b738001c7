"""A run as a plain PyBaMM script."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ionworks.engine.cells.cell import NOMINAL_CAPACITY, Cell
from ionworks.engine.cells.specification import (
    QuickSpecification,
    Specification,
    read_specification,
)
from ionworks.engine.cells.symbols import JsonSymbol
from ionworks.engine.eject.equations import is_document
from ionworks.engine.eject.experiment import ExperimentWriter, Section, start_of
from ionworks.engine.eject.formula_text import formula_text
from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.parameters import (
    ParameterWriter,
    mesh_arguments,
    model_text,
    temperatures,
)
from ionworks.engine.eject.python_text import (
    call,
    display,
    literal,
    number,
    one_line,
    repeated,
    runs_of,
)
from ionworks.engine.eject.sequence import sequence
from ionworks.engine.eject.start import initial_state, refuse_held_limits, starting_state
from ionworks.engine.protocols.control_flow import MAX_BACKWARD_JUMPS
from ionworks.engine.pybamm_setup import pybamm
from ionworks.engine.simulation.preparation import prepare
from ionworks.ucp.formulas import is_formula

_SOLVER: Final = "pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)"
"""With PyBaMM's own tolerances the voltage is up to 0.2 mV off."""

_IN_SERIES: Final = "Number of cells connected in series to make a battery"
_SAVED: Final = ("Time [s]", "Current [A]", "Voltage [V]")


def script(
    model: Mapping[str, Any],
    protocol: str | Mapping[str, Any],
    run: Mapping[str, Any],
    *,
    extra_variables: Sequence[str] = (),
    max_backward_jumps: int | None = None,
) -> str:
    """Return a plain PyBaMM script that gives the voltage of a run.

    Parameters
    ----------
    model, protocol, run, extra_variables, max_backward_jumps
        As in `ionworks.engine.simulation.api.simulate`.

    Returns
    -------
    str
        Python source text that needs PyBaMM and NumPy only. It leaves a ``solution`` and saves it
        to ``simulation.csv``.

    Raises
    ------
    NoCounterpart
        If PyBaMM has no counterpart for a part of the model or of the protocol; the message names
        it.
    ValueError
        If the model, the protocol or the run is not usable.
    """
    specification = read_specification(model)
    preparation = prepare(model, protocol, extra_variables)
    if preparation.problems:
        raise ValueError("; ".join(preparation.problems))
    cell, prepared = preparation.cell, preparation.run(run)
    state = starting_state(cell, prepared)
    jumps = MAX_BACKWARD_JUMPS if max_backward_jumps is None else max_backward_jumps
    executed = sequence(prepared.program, prepared.ambient, jumps)
    if not executed:
        raise NoCounterpart(
            "the run has no step that takes time, and PyBaMM's experiments need one"
        )
    refuse_held_limits(model, prepared, executed[0])
    # PyBaMM takes the temperature of a first step as that of the cell too, so the first step has
    # the temperature of the parameter values.
    ambient = executed[0].ambient
    writer = ExperimentWriter(
        cell.scalar(NOMINAL_CAPACITY, prepared.design),
        # In the equations of a document the voltage of the battery is that of the cell.
        1 if is_document(specification) else {**cell.scalars, **prepared.design}.get(_IN_SERIES, 1),
        cell.temperature_variable,
        state,
        ambient,
        _own_formulas(specification),
        cell.variables,
    )
    sections = writer.sections(executed)
    if is_document(specification) and any("capacity" in each for each in sections[0].terminations):
        raise NoCounterpart(
            "the run ends on the capacity of the cell, which PyBaMM computes for its own models "
            "only, not for equations in a document"
        )
    safety = writer.safety(executed)
    start = prepared.program.start
    initial, initial_values = initial_state(start, state, specification)
    changes = {**prepared.design, **temperatures(start.temperature, ambient), **initial_values}
    parameters = ParameterWriter(cell, specification)
    parameter_lines = parameters.text(changes)
    saved, added = _saved(extra_variables, cell, specification)
    mesh = mesh_arguments(cell, specification)
    has_formulas = any(is_formula(limit.quantity) for each in executed for limit in each.ends)
    simulation = _Simulation(
        sections, mesh, initial, is_safe=bool(safety), has_formulas=has_formulas
    )
    body = [
        *_events(safety),
        *added,
        *_functions(parameters.functions),
        *parameter_lines,
        *_profiles(writer.profiles),
        "",
        *simulation.lines(),
        "",
        call("solution.save_data", ['"simulation.csv"', _listed(saved), 'to_format="csv"']),
    ]
    text = "\n".join(body) + "\n"
    head = [
        f'"""{_title(cell, specification)}, written for PyBaMM {pybamm.__version__}."""',
        "",
        *(["import numpy as np"] if "np." in text else []),
        "import pybamm",
        "",
        *model_text(cell, specification, text),
    ]
    return "\n".join([*head, text])


class _Simulation:
    """The lines that make the experiments and solve them."""

    def __init__(
        self,
        sections: Sequence[Section],
        mesh: Sequence[str],
        initial: str,
        *,
        is_safe: bool,
        has_formulas: bool,
    ) -> None:
        self._sections = sections
        self._initial = [initial] if initial else []
        self._is_safe = is_safe
        # PyBaMM's default is a model for each different step, which takes most of the time.
        is_varied = any(len(set(section.steps)) > 1 or section.terminations for section in sections)
        # With one model for all, PyBaMM refuses an end on a variable that it has for each point of
        # the current collectors, as averages over an electrode are.
        mode = ['experiment_model_mode="unified"'] if is_varied and not has_formulas else []
        ends = sections[0].terminations
        termination = [f"termination={literal([*ends])}"] if ends else []
        self._arguments = [
            "model",
            call("experiment=pybamm.Experiment", ["steps", *termination]),
            *mode,
            "parameter_values=parameter_values",
            *mesh,
            f"solver={_SOLVER}",
        ]

    def lines(self) -> list[str]:
        first, *others = self._sections
        lines = [f"steps = {display(repeated(first.steps))}"]
        if not others:
            # PyBaMM computes the capacity only with this.
            is_capacity = any("capacity" in each for each in first.terminations)
            esoh = [] if is_capacity else ["calc_esoh=False"]
            return [
                *lines,
                call("simulation = pybamm.Simulation", self._arguments),
                call("solution = simulation.solve", [*self._initial, *esoh]),
            ]
        made = call("simulation = pybamm.Simulation", self._arguments, 1)
        return [
            "",
            *self._function(made.split("\n")),
            "",
            "",
            *lines,
            call("solution = simulate", ["steps", *self._initial]),
            *self._rest(others),
        ]

    def _function(self, made: Sequence[str]) -> list[str]:
        """Return the definition of the function that solves for some steps."""
        if not self._is_safe:
            return [
                "def simulate(steps, **start):",
                *(f"    {line}" for line in made),
                "    return simulation.solve(calc_esoh=False, **start)",
            ]
        return [
            "def simulate(steps, starting_solution=None, **start):",
            "    # A safety limit ends the test.",
            '    if starting_solution and "Safety limit" in starting_solution.termination:',
            "        return starting_solution",
            *(f"    {line}" for line in made),
            '    start |= {"starting_solution": starting_solution}',
            "    try:",
            "        return simulation.solve(calc_esoh=False, **start)",
            "    except pybamm.SolverError as error:",
            '        if not starting_solution or "Safety limit" not in str(error):',
            "            raise",
            "        starting_solution.termination = str(error)",
            "        return starting_solution",
        ]

    @staticmethod
    def _rest(sections: Sequence[Section]) -> list[str]:
        texts = []
        for section in sections:
            counted = [start_of(section.start)] if section.start is not None else []
            steps = f"steps = {display(repeated(section.steps))}"
            solve = "solution = simulate(steps, starting_solution=solution)"
            texts.append("\n".join([*counted, steps, solve]))
        lines = []
        for part, count in runs_of(texts):
            text = "\n".join(part)
            if count > 1:
                inner = text.replace("\n", "\n    ")
                text = f"for _ in range({count}):\n    {inner}"
            lines.append(text)
        return lines


def _saved(
    names: Sequence[str], cell: Cell, specification: Specification
) -> tuple[list[str], list[str]]:
    """Return the variables to save, and the lines that add those which a model of PyBaMM lacks."""
    extras = [name for name in dict.fromkeys(names) if name in cell.variables]
    formulas = _own_formulas(specification)
    added = {name: _formula(formulas[name], cell, formulas) for name in extras if name in formulas}
    lines = [
        f"# {one_line(name)} is not saved: its formula cannot be written here."
        if text is None
        else f"model.variables[{literal(name)}] = {text}"
        for name, text in added.items()
    ]
    written = [name for name in extras if added.get(name, "") is not None]
    return [*_SAVED, *(name for name in written if name not in _SAVED)], lines


def _own_formulas(specification: Specification) -> Mapping[str, str | JsonSymbol]:
    """Return the variables that PyBaMM's model lacks; the equations of a document have them."""
    return {} if is_document(specification) else getattr(specification, "variables", {})


def _formula(
    formula: str | JsonSymbol, cell: Cell, own: Mapping[str, str | JsonSymbol]
) -> str | None:
    """Return the text of a formula; None if it cannot be written."""
    if isinstance(formula, JsonSymbol):
        return None
    try:
        return formula_text(formula, "model.variables", own, cell.variables)
    except NoCounterpart:
        return None


def _events(safety: Sequence[str]) -> list[str]:
    return [call("model.events.append", [each]) for each in safety]


def _profiles(profiles: Mapping[str, str]) -> list[str]:
    lines = [""] if profiles else []
    if len(profiles) > 1:
        lines += [
            "# PyBaMM takes steps for equal whose arrays print alike, so all values are printed.",
            "np.set_printoptions(threshold=np.inf, precision=17)",
        ]
    return [*lines, *(f"{name} = {text}" for text, name in profiles.items())]


def _functions(functions: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for each in functions:
        lines += ["", "", *each.split("\n")]
    return [*lines, "", ""] if lines else [""]


def _listed(names: Sequence[str]) -> str:
    return (
        literal([*names])
        if len(names) == len(_SAVED)
        else display([literal(name) for name in names])
    )


def _title(cell: Cell, specification: Specification) -> str:
    if isinstance(specification, QuickSpecification):
        return (
            f"Equivalent circuit of {number(specification.capacity)} A.h with the open-circuit "
            f"voltage of {specification.parameter_set}"
        )
    name = one_line(cell.model_name) if is_document(specification) else specification.model
    if specification.parameter_set is None:
        return f"{name} with its own parameter values"
    return f"{name} with the parameter set {specification.parameter_set}"
