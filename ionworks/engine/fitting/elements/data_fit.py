"""The ``data_fit`` element."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import numpy as np
from attrs import evolve, frozen

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.costs import Cost, read_cost
from ionworks.engine.fitting.elements.fit_reader import Fit, read_fit
from ionworks.engine.fitting.elements.uncertainty import UndeterminedError, covariance
from ionworks.engine.fitting.fields import strictly
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.objectives.objective import Objective
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS
from ionworks.engine.fitting.optimizers.search import Ended
from ionworks.engine.fitting.parameters.multistarts import initial_points
from ionworks.engine.fitting.parameters.transforms import Coordinates
from ionworks.engine.fitting.problem import Monitor, Problem, StopFit, StoppingCriteria
from ionworks.engine.fitting.state import ElementResult, State


@frozen(eq=False)
class Prepared:
    """A fit whose models are built; see `Fit` for cost and optimizer."""

    fit: Fit
    problem: Problem


def prepare(
    fit: Fit,
    state: State,
    should_stop: Callable[[], bool],
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Prepared:
    """Build the models of a fit.

    Raises
    ------
    ValueError
        If one of them cannot be built, or a parameter has no influence on any.
    """
    names = tuple(parameter.name for parameter in fit.parameters)
    objectives = [build(request, state) for request in fit.objectives.values()]
    _check_influence(names, objectives)
    _check_variables([fit.cost, *(each.cost for each in objectives)], objectives)
    coordinates = Coordinates(tuple(parameter.axis for parameter in fit.parameters))
    criteria = StoppingCriteria(fit.max_evaluations, fit.max_seconds, should_stop)
    monitor = Monitor(criteria, report, coordinates)
    monitor.begin(0)
    problem = Problem(objectives, fit.cost, fit.parameters, monitor, state.threads)
    return _with_defaults(fit, problem)


def _with_defaults(fit: Fit, problem: Problem) -> Prepared:
    """Choose the cost and the optimizer that the user left open.

    Root mean squares of several objectives do not add up to a sum of squares; their means do. A
    default optimizer is one that can minimise the given cost.
    """
    if not OPTIMIZERS[fit.optimizer].needs_squares or problem.is_least_squares:
        return Prepared(fit, problem)
    if fit.has_default_cost:
        fit = evolve(fit, cost=read_cost("MSE"))
        problem = problem.with_cost(fit.cost)
    if fit.has_default_optimizer and not problem.is_least_squares:
        own = {**fit.optimizer_options, "method": "Nelder-Mead"}
        fit = evolve(fit, optimizer="ScipyMinimize", optimizer_options=own)
    return Prepared(fit, problem)


def run_fit(
    element: Mapping[str, Any],
    state: State,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> ElementResult:
    """Read and run a fit.

    Parameters
    ----------
    element : mapping
        Its wire form.
    state : State
        Values, models and data of earlier elements.
    report : callable
        Called with the state of the fit, see `Monitor.state`.
    should_stop : callable
        Polled between solves.

    Raises
    ------
    ValueError
        If the element has errors, or the model could not be run at any point.
    """
    return run_read_fit(strictly(read_fit, element, state), state, report, should_stop)


def run_read_fit(
    fit: Fit,
    state: State,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> ElementResult:
    """Run a fit that was read; see `run_fit`."""
    prepared = prepare(fit, state, should_stop, report)
    fit, problem = prepared.fit, prepared.problem
    monitor = problem.monitor
    random = np.random.default_rng(fit.seed)
    points = initial_points(
        fit.multistarts, fit.sampler, fit.guesses, fit.parameters, problem.coordinates, random
    )
    monitor.starts = len(points)
    optimizer = OPTIMIZERS[fit.optimizer]
    if optimizer.needs_squares and not problem.is_least_squares:
        raise ValueError(
            "ScipyLeastSquares minimises sums of squares: use the cost SSE, MSE, ChiSquare or "
            "GaussianLogLikelihood (RMSE only for one objective without priors), or another "
            "optimizer"
        )
    children = []
    for place, point in enumerate(points):
        monitor.begin(place)
        try:
            ended = optimizer.search(problem, point, fit.optimizer_options, random)
        except StopFit as stop:
            ended = Ended(success=False, message=str(stop))
        monitor.ended()
        children.append(_child(problem, point, ended))
        if monitor.canceled or ended.message.endswith("(maxtime)"):
            break
    report(monitor.state())
    if monitor.best_point is None:
        if monitor.canceled:
            nothing = {"type": "OptimizationResult", "parameter_values": {}}
            return ElementResult(nothing, canceled=True)
        raise ValueError("the search ended before anything was evaluated")
    return _result(fit, problem, children, state)


def _check_influence(names: Sequence[str], objectives: Sequence[Objective]) -> None:
    for name in names:
        if not any(name in objective.influential for objective in objectives):
            raise ValueError(
                f"parameter {name!r} has no influence on any objective: leave it out, or choose a "
                "model that uses it"
            )


def _check_variables(costs: Sequence[Cost | None], objectives: Sequence[Objective]) -> None:
    """Raise ValueError for a weight or a deviation of a variable that no objective compares."""
    known = list(dict.fromkeys(name for each in objectives for name in each.measured))
    for cost in costs:
        for name in cost.variables if cost is not None else ():
            if name not in known:
                raise ValueError(
                    f"cost: no objective compares {name!r}{nearest(name, known)}; variables: "
                    f"{', '.join(known)}"
                )


def _child(problem: Problem, start: Floats, ended: Ended) -> dict[str, Any]:
    search = problem.monitor.search
    found = {} if search["point"] is None else problem.coordinates.named(search["point"])
    return {
        "type": "OptimizationResult",
        "parameter_values": found,
        "cost": search["cost"] if found else None,
        "initial_guess": problem.coordinates.named(start),
        "evaluations": search["evaluations"],
        "iterations": search["iterations"],
        "success": ended.success,
        "message": ended.message,
    }


def _result(
    fit: Fit, problem: Problem, children: list[dict[str, Any]], state: State
) -> ElementResult:
    """Return the best of the searches of a fit, with standard errors and curves."""
    monitor = problem.monitor
    point = monitor.best_point
    if point is None:
        raise RuntimeError("a fit without a best point")
    done = [child for child in children if child["parameter_values"]]
    best = min(done, key=lambda child: child["cost"])
    predictions = problem.predictions(point)
    if all(prediction.values is None for prediction in predictions):
        raise ValueError(
            "the model could not be run at any point that was tried: " + monitor.failure
        )
    values = problem.coordinates.named(point)
    for sentence in problem.bounds_met(point):
        state.note(sentence)
    for objective, prediction in zip(problem.objectives, predictions, strict=True):
        for sentence in objective.remarks(values, prediction):
            state.note(sentence)
    errors = _standard_errors(problem, point, state)
    result = {
        "type": "EnsembleResult" if OPTIMIZERS[fit.optimizer].method else "OptimizationResult",
        "parameter_values": values,
        "cost": monitor.best_cost,
        "samples": {name: [child["parameter_values"][name] for child in done] for name in values},
        "costs": [child["cost"] for child in done],
        "initial_guess": children[0]["initial_guess"],
        "job_id": None,
        "children": children,
        "x": list(values.values()),
        "fun": monitor.best_cost,
        "success": best["success"],
        "message": best["message"],
        "evaluations": monitor.evaluations,
        "iterations": monitor.iterations,
        "optimizer": fit.optimizer,
        "cost_type": fit.cost.kind,
        "trace": monitor.trace,
        "standard_errors": errors,
    }
    if OPTIMIZERS[fit.optimizer].method:
        result["method"] = OPTIMIZERS[fit.optimizer].method
    before = _baseline(problem, children[0])
    series = {
        objective.name: objective.series(prediction, first)
        for objective, prediction, first in zip(
            problem.objectives, predictions, before, strict=True
        )
    }
    return ElementResult(result, series, {**values, **fit.links}, monitor.canceled)


def _baseline(problem: Problem, child: dict[str, Any]) -> list[Prediction | None]:
    """Return the predictions at the initial guess; None if the fit was canceled."""
    if problem.monitor.canceled:
        return [None] * len(problem.objectives)
    start = problem.coordinates.point(child["initial_guess"])
    return list(problem.predictions(start))


def _standard_errors(problem: Problem, point: Floats, state: State) -> dict[str, float] | None:
    """Return standard errors; None, and a note with the reason, if they cannot be computed."""
    if problem.monitor.canceled:
        # They would take a few more solves, and a canceled fit has to end soon.
        return None
    try:
        return covariance(uncounted(problem), point).standard_errors
    except UndeterminedError as error:
        state.note(f"no standard errors: {error}")
    except StopFit as stop:
        state.note(f"no standard errors: {stop}")
    return None


def uncounted(problem: Problem) -> Problem:
    """Return the problem with another monitor, for evaluations that are not part of the fit."""
    monitor = problem.monitor
    criteria = evolve(monitor.criteria, evaluations=inf, seconds=inf)
    other = Monitor(criteria, lambda _: None, monitor.coordinates)
    other.begin(0)
    return problem.with_monitor(other)
