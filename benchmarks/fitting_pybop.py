"""The fits of `fitting_cases.py` by PyBOP 26.3, written as in its examples.

PyBOP needs an older numpy than the engine, so `fitting.py` starts this module with the interpreter
of another environment. It uses what PyBOP's documentation recommends for speed: a solver with
threads, sensitivities where an optimizer uses them, logarithmic diffusivities, and populations
solved as lists. The fits have no geometric parameters, for which PyBOP would rebuild the model.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
import pybamm
import pybop

from fitting_cases import (
    BOUNDS,
    LOGARITHMIC,
    STARTS,
    TOLERANCES,
    TRUTH,
    Case,
    Outcome,
    Request,
    Stopwatch,
    serve,
)


class _Timed(pybop.Problem):
    """A problem with timed evaluations."""

    watch: Stopwatch

    def evaluate_batch(self, inputs: Any, calculate_sensitivities: bool = False) -> Any:
        found = super().evaluate_batch(inputs, calculate_sensitivities)
        self.watch.take(found.values)
        return found


def run(request: Request) -> Outcome:
    """Run one fit."""
    began = perf_counter()
    np.random.seed(request.seed)  # noqa: NPY002 - PINTS and cma use this generator
    problem = _problem(request)
    problem.watch = Stopwatch()
    optimizer = _optimizer(request.case, problem, request.seed)
    # PyBaMM sets a solver up at its first use, and again at the first use with sensitivities.
    problem.evaluate_batch(
        [problem.parameters.to_dict(problem.parameters.get_initial_values())],
        calculate_sensitivities=bool(optimizer._needs_sensitivities),  # noqa: SLF001
    )
    problem.watch = Stopwatch()
    optimizer.run()
    watch = problem.watch
    return Outcome(
        build=watch.began - began,
        seconds=watch.seconds,
        whole=perf_counter() - began,
        evaluations=watch.evaluations,
        path=watch.path,
    )


def _problem(request: Request) -> _Timed:
    case, columns = request.case, request.measurement()
    values = pybamm.ParameterValues("Chen2020")
    values.update({name: value for name, value in TRUTH.items() if name not in case.names})
    values.update({name: _parameter(name) for name in case.names})
    dataset = pybop.Dataset(
        {
            "Time [s]": columns["time"],
            "Current function [A]": columns["current"],
            "Current [A]": columns["current"],
            "Voltage [V]": columns["voltage"],
        }
    )
    relative, absolute = TOLERANCES
    solver = pybamm.IDAKLUSolver(
        rtol=relative,
        atol=absolute,
        on_failure="ignore",
        options={"num_threads": request.threads},
    )
    simulator = pybop.pybamm.Simulator(
        getattr(pybamm.lithium_ion, case.model)(),
        parameter_values=values,
        protocol=columns["time"],
        solver=solver,
    )
    return _Timed(simulator, pybop.RootMeanSquaredError(dataset))


def _parameter(name: str) -> Any:
    scale = pybop.LogTransformation() if name in LOGARITHMIC else None
    return pybop.Parameter(bounds=BOUNDS[name], initial_value=STARTS[name], transformation=scale)


def _optimizer(case: Case, problem: _Timed, seed: int) -> Any:
    if case.method in {"gradient", "L-BFGS-B"}:
        options = pybop.SciPyMinimizeOptions(method="L-BFGS-B", jac=True)
        return pybop.SciPyMinimize(problem, options)
    if case.method == "Nelder-Mead":
        options = pybop.SciPyMinimizeOptions(method="Nelder-Mead", jac=False)
        return pybop.SciPyMinimize(problem, options)
    if case.method == "CMA-ES":
        optimizer = pybop.CMAES(problem)
        optimizer.set_population_size(case.population)
        return optimizer
    # SciPy's `popsize` is a multiple of the number of parameters.
    options = pybop.SciPyDifferentialEvolutionOptions(
        popsize=case.population // case.parameters, seed=seed
    )
    return pybop.SciPyDifferentialEvolution(problem, options)


if __name__ == "__main__":
    serve(run)
