"""Long protocols on the embedded engine, compared with the same as a `pybamm.Experiment`.

*second solve* is PyBaMM at its best: a `pybamm.Simulation` that has solved the experiment before
solves it again, and its outputs are read. *warm run* is one run of the engine in this process,
including its frames and metrics. *naive loop* makes a new simulation for every point, as scripts
do. The sweep goes through the client: it is submitted, solved, stored, waited for and read back.
The share of the integrator is that of PyBaMM's C++ solver in half of the sweep, on the engine in
this process: nothing is stored there, so it says what a swept run may gain in the engine.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import pybamm
from pybammsolvers import idaklu

from baselines import OUTPUTS, PARAMETER_SET, new_model, parameters
from ionworks import Ionworks
from ionworks.engine import simulate, simulate_groups
from measure import machine, table

SWEPT = "Negative particle diffusivity [m2.s-1]"
step = pybamm.step


class Case(NamedTuple):
    """One test of a cell, as a protocol and as steps of PyBaMM."""

    protocol: str
    steps: list[Any]
    initial_soc: float


HPPC = Case(
    """
global: {initial_soc: 1}
steps:
  - Pulses:
      repeat: 9
      steps:
        - Discharge: {mode: C-rate, value: 1, duration: 10, resolution: 1}
        - Rest: {duration: 40, resolution: 5}
        - Charge: {mode: C-rate, value: 0.75, duration: 10, resolution: 1}
        - Discharge: {mode: C-rate, value: 0.333, duration: 1081}
        - Rest: {duration: 3600}
""",
    [
        step.c_rate(1, duration=10, period=1),
        step.rest(40, period=5),
        step.c_rate(-0.75, duration=10, period=1),
        step.c_rate(0.333, duration=1081, period=60),
        step.rest(3600, period=60),
    ]
    * 9,
    1.0,
)
AGEING = Case(
    """
global: {initial_soc: 1}
steps:
  - Ageing:
      repeat: 100
      steps:
        - Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.7]}
        - Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}
        - Charge: {mode: Voltage, value: 4.2, ends: [C-rate < 0.05]}
        - Rest: {duration: 600}
""",
    [
        step.c_rate(1, termination="< 2.7 V", period=60),
        step.c_rate(-0.5, termination="> 4.2 V", period=60),
        step.voltage(4.2, termination="C/20", period=60),
        step.rest(600, period=60),
    ]
    * 100,
    1.0,
)
CASES = {"HPPC": HPPC, "ageing": AGEING}


class Integrator(NamedTuple):
    """CPU time of a swept run of the engine in one process [ms], and the integrator's part."""

    run: float
    share: float


class Figures(NamedTuple):
    """Times of a run [ms], and the difference of the voltages at the ends of steps [mV]."""

    second: float
    run: float
    naive: float
    sweep: float
    integrator: Integrator
    difference: float


def solve(simulation: Any, initial_soc: float) -> tuple[float, Any]:
    """Solve and read the outputs; return the time [s] and the solution."""
    began = perf_counter()
    solution = simulation.solve(initial_soc=initial_soc)
    for output in OUTPUTS:
        solution[output].entries  # noqa: B018 - reading computes the output
    return perf_counter() - began, solution


def simulation_of(model_name: str, case: Case, overrides: dict[str, float]) -> Any:
    """Return PyBaMM's simulation of a case."""
    return pybamm.Simulation(
        new_model(model_name),
        parameter_values=parameters(overrides),
        experiment=pybamm.Experiment(case.steps),
    )


def engine_run(model_name: str, case: Case) -> tuple[float, Any]:
    """Run a case on the engine in this process; return the time [s] and the outcome."""
    began = perf_counter()
    [outcome] = simulate(
        {"type": model_name, "parameter_set": PARAMETER_SET}, case.protocol, [{"id": "one"}]
    )
    if outcome.error is not None:
        raise RuntimeError(outcome.error)
    return perf_counter() - began, outcome


def singles(model_name: str, case: Case, repeats: int) -> tuple[float, float, float]:
    """Return the times [s] of a second solve and of a warm run, and their RMS difference [mV]."""
    simulation = simulation_of(model_name, case, {})
    solve(simulation, case.initial_soc)
    engine_run(model_name, case)
    theirs, ours = [], []
    for _ in range(repeats):
        seconds, solution = solve(simulation, case.initial_soc)
        theirs.append(seconds)
        seconds, outcome = engine_run(model_name, case)
        ours.append(seconds)
    ends = [float(cycle["Voltage [V]"].entries[-1]) for cycle in solution.cycles]
    difference = float(np.sqrt(np.mean((outcome.steps["End voltage [V]"].to_numpy() - ends) ** 2)))
    return median(theirs), median(ours), difference * 1e3


def in_one_process(model_name: str, case: Case, values: list[float]) -> Integrator:
    """Run a sweep on the engine in this process, and time PyBaMM's integrator in it."""
    model = {"type": model_name, "parameter_set": PARAMETER_SET}
    runs = [{"id": str(each), "design_parameters": {SWEPT: each}} for each in values]
    integrate = idaklu.IDAKLUSolverGroup.solve
    alone = 0.0

    def timed(*arguments: Any, **options: Any) -> Any:
        nonlocal alone
        began = process_time()
        try:
            return integrate(*arguments, **options)
        finally:
            alone += process_time() - began

    idaklu.IDAKLUSolverGroup.solve = timed
    try:
        list(simulate_groups(model, case.protocol, runs[:2]))  # builds the model
        alone = 0.0
        began = process_time()
        groups = list(simulate_groups(model, case.protocol, runs))
        whole = process_time() - began
    finally:
        idaklu.IDAKLUSolverGroup.solve = integrate
    errors = [error for group in groups for error in group.errors if error]
    if errors:
        raise RuntimeError(f"a run failed: {errors}")
    return Integrator(whole / len(runs) * 1e3, alone / whole)


def sweep(client: Ionworks, model_id: str, case: Case, values: list[float]) -> float:
    """Submit a sweep, wait for it and read it back; return the time [s]."""
    began = perf_counter()
    submitted = client.simulation.protocol_batch(
        {
            "parameterized_model": model_id,
            "protocol_experiment": {"protocol": case.protocol, "name": "sweep"},
            "design_parameters_doe": {
                "sampling": "grid",
                "rows": [{"type": "discrete", "name": SWEPT, "values": values}],
            },
        }
    )
    ids = [each.simulation_id for each in submitted]
    client.simulation.wait_for_completion(ids, timeout=36_000, verbose=False)
    results = list(client.simulation.get_results(ids))
    seconds = perf_counter() - began
    if len(results) != len(values):
        message = f"{len(values)} points were submitted, but {len(results)} results were read"
        raise RuntimeError(message)
    return seconds


def measure(model_name: str, case: Case, arguments: argparse.Namespace) -> Figures:
    """Measure one model and one case."""
    second, run, difference = singles(model_name, case, arguments.repeats)
    values = [float(each) for each in np.geomspace(2e-14, 6e-14, arguments.points)]
    naive, sweeps = [], []
    with (
        TemporaryDirectory(prefix="ionworks-benchmark-") as folder,
        Ionworks.local(Path(folder)) as client,
    ):
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        model_id = models[f"{model_name} {PARAMETER_SET}"]
        sweep(client, model_id, case, values[: arguments.baseline_points])
        for repeat in range(arguments.sweeps):
            shifted = [each * (1 + 1e-4 * repeat) for each in values]
            sweeps.append(sweep(client, model_id, case, shifted) / len(values))
            for value in values[:: max(1, len(values) // arguments.baseline_points)]:
                began = perf_counter()
                solve(simulation_of(model_name, case, {SWEPT: value}), case.initial_soc)
                naive.append(perf_counter() - began)
    integrator = in_one_process(model_name, case, values[::2])
    return Figures(
        second * 1e3,
        run * 1e3,
        median(naive) * 1e3,
        median(sweeps) * 1e3,
        integrator,
        difference,
    )


def rows(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Yield a table row for each model and case as soon as it is measured."""
    for model_name in arguments.models:
        for name in arguments.cases:
            taken = measure(model_name, CASES[name], arguments)
            row = [
                f"{model_name} {name}",
                f"{taken.second:.1f}",
                f"{taken.run:.1f}",
                f"x{taken.second / taken.run:.2f}",
                f"{taken.naive:.0f}",
                f"{taken.sweep:.1f}",
                f"x{taken.naive / taken.sweep:.0f}",
                f"{taken.integrator.run:.1f}",
                f"{taken.integrator.share:.0%}",
                f"{taken.difference:.3f}",
            ]
            print("measured:", *row, flush=True)
            yield row


def main() -> None:
    """Measure the chosen cases and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", default=["SPM", "DFN"])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=[*CASES])
    parser.add_argument("--points", type=int, default=100, help="points of a sweep")
    parser.add_argument("--baseline-points", type=int, default=3, help="points of the naive loop")
    parser.add_argument("--repeats", type=int, default=5, help="single runs of each kind")
    parser.add_argument("--sweeps", type=int, default=1, help="sweeps of the engine")
    arguments = parser.parse_args()
    header = [
        "protocol",
        "second solve [ms]",
        "warm run [ms]",
        "second / run",
        "naive loop [ms]",
        "sweep [ms/run]",
        "naive / sweep",
        "swept run, CPU of one process [ms]",
        "of it integrator",
        "RMS difference [mV]",
    ]
    found = list(rows(arguments))
    print(
        f"\nmedians of {arguments.repeats} single runs; {arguments.points} points per sweep, "
        f"stored and read back; {machine()}\n"
    )
    print(table(header, found))


if __name__ == "__main__":
    main()
