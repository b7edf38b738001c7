"""How far a run of the engine is from PyBaMM's own simulation of the same experiment."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import polars as pl
import pybamm
from attrs import field, frozen

from ionworks import ucp
from ionworks.engine import simulate
from ionworks.engine.simulation.results import RunOutcome
from tests.engine.reference import as_json

Sentence = str
Value = float | Callable[..., Any]

END = 1e-3
"""Largest relative difference of the duration of a step."""
AT_ONCE = 2e-3
"""Duration of a step that counts as none [s]."""
AMOUNT = 1e-4
"""Largest relative difference of the charge and the energy of a step and of a run."""
ROUNDING = 1e-8
"""Charges [A.h] per nominal capacity, and energies per that and volt, that count as zero."""
MILLIVOLTS = {"DFN": 1.0}
"""Largest RMS difference of the voltage in a step [mV]; `MOST_MILLIVOLTS` for other models."""
MOST_MILLIVOLTS = 0.2

CIRCUIT = "Thevenin"
CELSIUS = 273.15
_GRID = 200
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_MODES = {"Current": pybamm.step.current, "Power": pybamm.step.power}
_AMOUNTS = ("Discharge capacity [A.h]", "Charge capacity [A.h]")
_ENERGIES = ("Discharge energy [W.h]", "Charge energy [W.h]")


@frozen
class Drive:
    """A step that follows samples, each a time [s] and a value, joined by straight lines."""

    mode: str
    samples: Any


@frozen
class At:
    """A sentence at a temperature of the surroundings [degC]."""

    sentence: Sentence
    temperature: float


Step = Sentence | Drive | At


@frozen
class PublicExperiment:
    """An experiment with its model and parameter values, as a public example has it.

    Attributes
    ----------
    source : str
        Repository and file of the example.
    model, parameter_set : str
        Names of PyBaMM.
    steps : list of Step
        Sentences of PyBaMM and drive cycles. PyBaMM is not given the periods in the sentences:
        its solution then has all the points of its integrator.
    options : dict
        Options of the model.
    soc : float
        Initial state of charge, a fraction.
    temperature : float
        Initial temperature, and that of the surroundings [degC].
    parameters : dict
        Values that differ from the parameter set, or that are added to it; a function is one
        of PyBaMM's symbols.
    settings : dict
        Points and submeshes that differ from the model's.
    built_by_step : bool
        Whether PyBaMM builds a model for each step, as it does by default. One model for all steps
        takes half the time, and gave the same voltages to 1e-3 mV, but see docs/correctness.md.
    """

    source: str
    model: str
    parameter_set: str
    steps: list[Step]
    options: dict[str, Any] = field(factory=dict)
    soc: float = 1.0
    temperature: float = 25.0
    parameters: dict[str, Value] = field(factory=dict)
    settings: dict[str, Any] = field(factory=dict)
    built_by_step: bool = False

    @property
    def values(self) -> Any:
        """The parameter values for PyBaMM."""
        values = pybamm.ParameterValues(self.parameter_set)
        kelvin = self.temperature + CELSIUS
        values.update({"Ambient temperature [K]": kelvin, "Initial temperature [K]": kelvin})
        values.update(self.parameters, check_already_exists=False)
        if self.model == CIRCUIT:
            values["Initial SoC"] = self.soc
        if self.model == "MPM":
            values = pybamm.get_size_distribution_parameters(values)
        return values


def case(
    source: str, model: str, parameter_set: str, steps: Iterable[Step], **more: Any
) -> PublicExperiment:
    """Return an experiment."""
    return PublicExperiment(source, model, parameter_set, list(steps), **more)


def engine_run(case: PublicExperiment) -> RunOutcome:
    """Run a case on the engine."""
    spec = {"type": case.model, "options": case.options, "settings": case.settings}
    changes = case.parameters
    known = pybamm.ParameterValues(case.parameter_set)
    if all(name in known and not callable(value) for name, value in changes.items()):
        spec |= {"parameter_set": case.parameter_set, "parameters": changes}
    else:
        spec["parameters"] = as_json(case.values)
    start = {"Initial SOC [%]": 100 * case.soc, "initial_temperature": case.temperature}
    run = {"id": "a", "experiment_parameters": start}
    [outcome] = simulate(spec, _protocol(case.steps), [run])
    return outcome


def _protocol(steps: list[Step]) -> str | dict[str, Any]:
    """Return the sentences, or a document if there is more than sentences."""
    if all(isinstance(step, str) for step in steps):
        return "\n".join(map(str, steps))
    lines = [_sentence(step) for step in steps if not isinstance(step, Drive)]
    read = ucp.parse("\n".join(lines)).protocol if lines else None
    leaves = iter(ucp.to_document(read)["steps"] if read else [])
    items = []
    for step in steps:
        if isinstance(step, Drive):
            items.append({"Drive": {"mode": step.mode, "data": np.array(step.samples).tolist()}})
            continue
        leaf = next(leaves)
        if isinstance(step, At):
            [(kind, fields)] = leaf.items()
            leaf = {kind: {**fields, "temperature": step.temperature}}
        items.append(leaf)
    return {"steps": items}


def _sentence(step: Sentence | At) -> str:
    return step.sentence if isinstance(step, At) else step


def pybamm_steps(case: PublicExperiment) -> list[Any]:
    """Return PyBaMM's solution of each step, with relative and absolute tolerance 1e-8."""
    submeshes = {
        domain: pybamm.MeshGenerator(getattr(pybamm, mesh["class"]), mesh["submesh_params"])
        for domain, mesh in case.settings.get("submesh_types", {}).items()
    }
    family = pybamm.equivalent_circuit if case.model == CIRCUIT else pybamm.lithium_ion
    model = getattr(family, case.model)(options=dict(case.options))
    mesh: dict[str, Any] = {}
    if case.settings:
        points = {getattr(key, "name", key): n for key, n in model.default_var_pts.items()}
        mesh["var_pts"] = points | case.settings.get("var_pts", {})
        mesh["submesh_types"] = {**model.default_submesh_types, **submeshes}
    simulation = pybamm.Simulation(
        model,
        experiment=pybamm.Experiment([tuple(map(_step, case.steps))]),
        parameter_values=case.values,
        **mesh,
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
        experiment_model_mode="legacy" if case.built_by_step or len(case.steps) == 1 else "unified",
    )
    start = {} if case.model == CIRCUIT else {"initial_soc": case.soc}
    return list(simulation.solve(calc_esoh=False, **start).cycles[0].steps)


def _step(step: Step) -> Any:
    if isinstance(step, Drive):
        return _MODES[step.mode](np.array(step.samples, float))
    words = _sentence(step).partition(" (")[0]
    kelvin = step.temperature + CELSIUS if isinstance(step, At) else None
    return pybamm.step.string(words, temperature=kelvin)


def disagreements(case: PublicExperiment, outcome: RunOutcome, steps: list[Any]) -> list[str]:
    """Return what differs by more than the tolerances, a sentence each."""
    if outcome.error is not None or outcome.steps is None or outcome.time_series is None:
        return [str(outcome.error)]
    rows = outcome.steps.to_dicts()
    if len(rows) != len(steps):
        return [f"{len(rows)} steps, PyBaMM has {len(steps)}"]
    capacity = float(case.values["Nominal cell capacity [A.h]"])
    most = MILLIVOLTS.get(case.model, MOST_MILLIVOLTS)
    found, sums = [], np.zeros((2, 4))
    for number, (row, step) in enumerate(zip(rows, steps, strict=True)):
        duration = step.t[-1] - step.t[0]
        if abs(row["Duration [s]"] - duration) > END * duration + AT_ONCE:
            found.append(f"step {number}: ends at {row['Duration [s]']} s, not {duration} s")
        theirs = amounts(step)
        ours = np.array([row[name] for name in (*_AMOUNTS, *_ENERGIES)])
        sums += [ours, theirs]
        found += [f"step {number}: {each}" for each in unequal(ours, theirs, capacity)]
        series = outcome.time_series.filter(pl.col("Step count") == number)
        error = voltage_error(series, step)
        if not error <= most:
            found.append(f"step {number}: voltage {error:.3g} mV")
    return found + [f"run: {each}" for each in unequal(sums[0], sums[1], capacity)]


def unequal(ours: Any, theirs: Any, capacity: float) -> list[str]:
    """Return which of the charges and energies differ."""
    return [
        f"{name} {own:.7g}, not {other:.7g} ({own / other - 1 if other else np.inf:.1e})"
        for name, own, other in zip((*_AMOUNTS, *_ENERGIES), ours, theirs, strict=True)
        if abs(own - other) > AMOUNT * other + ROUNDING * capacity
    ]


def voltage_error(series: pl.DataFrame, step: Any) -> float:
    """Return the RMS difference of the voltage [mV] at the times of the engine's points."""
    if isinstance(step, pybamm.EmptySolution):
        return 0.0
    times = series["Time [s]"].to_numpy() - series["Time [s]"][0] + step.t[0]
    theirs = step["Voltage [V]"](np.minimum(times, step.t[-1]))
    return float(1e3 * np.sqrt(np.mean((series["Voltage [V]"].to_numpy() - theirs) ** 2)))


def amounts(step: Any) -> Any:
    """Return the integrals of a step of PyBaMM: discharged and charged capacity and energy.

    Gauss's rule with four points is applied between the points of PyBaMM's integrator. Where
    these are far apart, because the concentrations change evenly, they are joined by `_GRID`
    points, since the voltage need not change evenly; where the current changes its sign, the
    interval is split.
    """
    if isinstance(step, pybamm.EmptySolution):
        return np.zeros(4)
    times = np.union1d(step.t, np.linspace(step.t[0], step.t[-1], _GRID))
    current = step["Current [A]"](times)
    crossed = np.flatnonzero(current[:-1] * current[1:] < 0)
    share = current[crossed] / (current[crossed] - current[crossed + 1])
    times = np.union1d(times, times[crossed] + share * np.diff(times)[crossed])
    half = np.diff(times) / 2
    inner = (times[:-1] + half)[:, None] + half[:, None] * _NODES
    weights = (half[:, None] * _WEIGHTS).ravel() / 3600
    current, voltage = (step[name](inner.ravel()) for name in ("Current [A]", "Voltage [V]"))
    return np.array(
        [
            np.sum(weights * np.maximum(sign * rate, 0))
            for rate in (current, current * voltage)
            for sign in (1, -1)
        ]
    )
