"""The fits of `fitting_cases.py` through PyBOP 26.3, as its examples write them.

PyBOP needs an older numpy than the engine's own environment has; `fitting.py` starts this with the
interpreter of another one. What its documentation recommends for speed is used: a solver with the
threads asked for, sensitivities where an optimizer takes them, logarithmic diffusivities, and
populations solved as lists. Geometry is not fitted, so that nothing is built twice.
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
    """A problem whose evaluations are timed."""

    watch: Stopwatch

    def evaluate_batch(self, inputs: Any, calculate_sensitivities: bool = False) -> Any:
        found = super().evaluate_batch(inputs, calculate_sensitivities)
        self.watch.take(found.values)
        return found


def run(request: Request) -> Outcome:
    """Run one fit."""
    began = perf_counter()
    np.random.seed(request.seed)  # noqa: NPY002 - PINTS and cma draw from this one
    problem = _problem(request)
    problem.watch = Stopwatch()
    optimizer = _optimizer(request.case, problem, request.seed)
    # PyBaMM sets a solver up when it is first used, and anew when sensitivities come in.
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
    # SciPy's population counts multiples of the number of parameters.
    options = pybop.SciPyDifferentialEvolutionOptions(
        popsize=case.population // case.parameters, seed=seed
    )
    return pybop.SciPyDifferentialEvolution(problem, options)


if __name__ == "__main__":
    serve(run)
