"""A run as a plain PyBaMM script."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ionworks.engine.cells.cell import NOMINAL_CAPACITY, Cell, StartingPoint, StartingState
from ionworks.engine.cells.circuit import STATE_OF_CHARGE
from ionworks.engine.cells.specification import (
    QuickSpecification,
    Specification,
    read_specification,
)
from ionworks.engine.eject.experiment import ExperimentWriter, Section, start_of
from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.parameters import (
    ParameterWriter,
    mesh_arguments,
    model_text,
    refuse_custom,
    temperatures,
)
from ionworks.engine.eject.python_text import call, display, literal, number, repeated, runs_of
from ionworks.engine.eject.sequence import sequence
from ionworks.engine.protocols.control_flow import MAX_BACKWARD_JUMPS
from ionworks.engine.pybamm_setup import pybamm
from ionworks.engine.simulation.preparation import PreparedRun, prepare

_TOLERANCES: Final = (1e-6, 1e-8)
"""Relative and absolute: PyBaMM's own defaults are up to 0.2 mV off."""

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
    refuse_custom(specification)
    preparation = prepare(model, protocol, extra_variables)
    if preparation.problems:
        raise ValueError("; ".join(preparation.problems))
    cell, prepared = preparation.cell, preparation.run(run)
    state = _starting_state(cell, prepared)
    jumps = MAX_BACKWARD_JUMPS if max_backward_jumps is None else max_backward_jumps
    executed = sequence(prepared.program, prepared.ambient, jumps)
    if not executed:
        raise NoCounterpart(
            "the run has no step that takes time, and PyBaMM's experiments need one"
        )
    # PyBaMM takes the temperature of a first step as that of the cell too, so the first step has
    # the temperature of the parameter values.
    ambient = executed[0].ambient
    writer = ExperimentWriter(
        cell.scalar(NOMINAL_CAPACITY, prepared.design),
        cell.temperature_variable,
        state,
        ambient,
        getattr(specification, "variables", {}),
        cell.variables,
    )
    sections = writer.sections(executed)
    safety = writer.safety(executed)
    start = prepared.program.start
    changes = {**prepared.design, **temperatures(start.temperature, ambient)}
    if STATE_OF_CHARGE in state.inputs:
        changes[STATE_OF_CHARGE] = state.inputs[STATE_OF_CHARGE]
    parameters = ParameterWriter(cell, specification)
    parameter_lines = parameters.text(changes)
    saved = (*_SAVED, *_plain_variables(extra_variables, cell, specification))
    needs_energy = writer.needs_energy or any(name.endswith("energy [W.h]") for name in saved)
    simulation = _Simulation(sections, mesh_arguments(cell), _initial(start, state))
    body = [
        *model_text(specification, needs_energy=needs_energy),
        *_events(safety),
        *_functions(parameters.functions),
        *parameter_lines,
        *_profiles(writer.profiles),
        "",
        *simulation.lines(),
        "",
        call("solution.save_data", ['"simulation.csv"', _listed(saved), 'to_format="csv"']),
    ]
    needs_numpy = any("np." in line for line in body)
    head = [
        f'"""{_title(specification)}, written for PyBaMM {pybamm.__version__}."""',
        "",
        *(["import numpy as np"] if needs_numpy else []),
        "import pybamm",
        "",
    ]
    return "\n".join([*head, *body]) + "\n"


class _Simulation:
    """The lines that make the experiments and solve them."""

    def __init__(self, sections: Sequence[Section], mesh: Sequence[str], initial: str) -> None:
        self._sections = sections
        self._initial = initial
        self._arguments = [
            "parameter_values=parameter_values",
            *mesh,
            f"solver=pybamm.IDAKLUSolver(rtol={_TOLERANCES[0]:g}, atol={_TOLERANCES[1]:g})".replace(
                "e-0", "e-"
            ),
        ]

    def lines(self) -> list[str]:
        first, *others = self._sections
        lines = [f"steps = {display(repeated(first.steps))}"]
        solve = [*([self._initial] if self._initial else []), "calc_esoh=False"]
        if not others:
            arguments = ["model", "experiment=pybamm.Experiment(steps)", *self._arguments]
            return [
                *lines,
                call("simulation = pybamm.Simulation", arguments),
                call("solution = simulation.solve", solve),
            ]
        arguments = ["model", "experiment=pybamm.Experiment(steps)", *self._arguments]
        made = call("simulation = pybamm.Simulation", arguments, 1).replace("\n", "\n    ")
        return [
            "",
            "def simulate(steps, **start):",
            f"    {made}",
            "    return simulation.solve(calc_esoh=False, **start)",
            "",
            "",
            *lines,
            call("solution = simulate", ["steps", *([self._initial] if self._initial else [])]),
            *self._rest(others),
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


def _starting_state(cell: Cell, prepared: PreparedRun) -> StartingState:
    design = {**cell.fixed_inputs, **prepared.design}
    names = tuple(sorted(design))
    [state] = cell.initial_states(names).solve([prepared.program.start], [design])
    if isinstance(state, str):
        raise ValueError(state)
    return state


def _initial(start: StartingPoint, state: StartingState) -> str:
    """Return the argument of `solve` that sets the initial state, empty if a parameter does."""
    if STATE_OF_CHARGE in state.inputs:
        return ""
    if start.kind == "voltage":
        return f"initial_soc={literal(f'{number(start.value)} V')}"
    return f"initial_soc={number(start.value)}"


def _plain_variables(names: Sequence[str], cell: Cell, specification: Specification) -> list[str]:
    """Return the extra variables that PyBaMM's own model has."""
    added = getattr(specification, "variables", {})
    return [
        name
        for name in dict.fromkeys(names)
        if name in cell.variables and name not in added and name not in _SAVED
    ]


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


def _listed(names: tuple[str, ...]) -> str:
    return literal([*names]) if names == _SAVED else display([literal(name) for name in names])


def _title(specification: Specification) -> str:
    if isinstance(specification, QuickSpecification):
        return (
            f"Equivalent circuit of {number(specification.capacity)} A.h with the open-circuit "
            f"voltage of {specification.parameter_set}"
        )
    if specification.parameter_set is None:
        return f"{specification.model} with its own parameter values"
    return f"{specification.model} with the parameter set {specification.parameter_set}"
