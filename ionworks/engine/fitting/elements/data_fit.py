"""The ``data_fit`` element."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.parameterization import numbers
from ionworks.engine.fitting.costs import Cost, read_cost
from ionworks.engine.fitting.elements.uncertainty import UndeterminedError, covariance
from ionworks.engine.fitting.forward_model.cell import parameter_value
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.objectives.objective import Objective
from ionworks.engine.fitting.objectives.registry import build
from ionworks.engine.fitting.optimizers.registry import OPTIMIZERS, read_optimizer
from ionworks.engine.fitting.optimizers.search import Ended
from ionworks.engine.fitting.parameters.fitted import (
    FittedParameter,
    is_link,
    priors_of,
    read_parameter,
)
from ionworks.engine.fitting.parameters.multistarts import starting_points
from ionworks.engine.fitting.parameters.names import renamed
from ionworks.engine.fitting.parameters.transforms import Coordinates
from ionworks.engine.fitting.problem import Limits, Monitor, Problem, StopFit
from ionworks.engine.fitting.state import State

DEFAULT_COST: Final = "RMSE"

DEFAULT_SEED: Final = 0
"""Fits are repeatable; another seed is another draw."""


@frozen(eq=False)
class Plan:
    """A fit that was read and can be run.

    Attributes
    ----------
    parameters : tuple of FittedParameter
    links : dict
        Parameters that are expressions of others.
    optimizer : str
    optimizer_options : dict
    cost : Cost
    limits : Limits
    random : numpy.random.Generator
    """

    parameters: tuple[FittedParameter, ...]
    links: dict[str, Any]
    optimizer: str
    optimizer_options: dict[str, Any]
    cost: Cost
    limits: Limits
    random: np.random.Generator


@frozen(eq=False)
class Prepared:
    """A fit whose models are built."""

    plan: Plan
    problem: Problem


@frozen(eq=False)
class Fitted:
    """A fit that was run.

    Attributes
    ----------
    result : dict
        In the form of the wire.
    series : dict
        Model beside data of each objective, at the best point.
    values : dict
        The fitted parameters, and those that follow from them.
    canceled : bool
    """

    result: dict[str, Any]
    series: dict[str, Any]
    values: dict[str, Any]
    canceled: bool


def objectives_of(element: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the objectives of an element by name; a bare one is called ``objective``."""
    given = element.get("objectives")
    if not isinstance(given, Mapping) or not given:
        raise ValueError("objectives are missing: give a mapping of names to objectives")
    return {"objective": given} if _is_bare(given) else dict(given)


def _is_bare(given: Mapping[str, Any]) -> bool:
    """Return whether a mapping is one objective, rather than objectives by name."""
    data = given.get("data")
    if data is None:
        return False
    beside = {"type", "objective", "options", "model", "cost"}.intersection(given)
    return bool(beside) or not (isinstance(data, Mapping) and "data" in data)


def read_plan(element: Mapping[str, Any], state: State, should_stop: Callable[[], bool]) -> Plan:
    """Read a fit.

    Raises
    ------
    ValueError
        If a part of it makes no sense.
    """
    parameters, links = read_parameters(element, state)
    optimizer, own = read_optimizer(element.get("optimizer"))
    options = element.get("options") or {}
    most = [value for value in (own.get("max_iterations"), options.get("max_iterations")) if value]
    if most:
        own["max_iterations"] = min(most)
    if optimizer == "GridSearch":
        own.pop("max_iterations", None)
    limits = Limits(own.get("max_evaluations") or inf, options.get("maxtime") or inf, should_stop)
    seed = options.get("seed")
    return Plan(
        parameters,
        links,
        optimizer,
        own,
        read_cost(element.get("cost") or DEFAULT_COST),
        limits,
        np.random.default_rng(DEFAULT_SEED if seed is None else seed),
    )


def read_parameters(
    element: Mapping[str, Any], state: State
) -> tuple[tuple[FittedParameter, ...], dict[str, Any]]:
    """Return the fitted parameters of an element, and those that are expressions of others."""
    priors = priors_of(element.get("priors"))
    given = element.get("parameters") or {name: {} for name in priors}
    named, notes = renamed(given)
    for sentence in notes:
        state.note(sentence)
    guesses = element.get("initial_guesses")
    first = guesses[0] if isinstance(guesses, Sequence) and guesses else guesses or {}
    first, _ = renamed(first)
    priors, _ = renamed(priors)
    unknown = [name for name in (*priors, *first) if name not in named]
    if unknown:
        raise ValueError(f"priors or initial_guesses name {unknown[0]!r}, which is not fitted")
    base = numbers(state.parameter_values())
    parameters, links = [], {}
    for name, value in named.items():
        if is_link(value):
            links[name] = parameter_value(value, f"parameter {name!r}")
            continue
        fields = dict(value)
        if name in first:
            fields["initial_value"] = first[name]
        parameters.append(read_parameter(name, fields, base.get(name), priors.get(name)))
    if not parameters:
        raise ValueError("parameters are missing: name at least one to fit, with its bounds")
    return tuple(parameters), links


def prepare(
    element: Mapping[str, Any],
    state: State,
    should_stop: Callable[[], bool],
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Prepared:
    """Read a fit and build its models.

    Raises
    ------
    ValueError
        If it makes no sense.
    """
    plan = read_plan(element, state, should_stop)
    names = tuple(parameter.name for parameter in plan.parameters)
    objectives = [
        build(name, given, state, names, plan.links)
        for name, given in objectives_of(element).items()
    ]
    _check_influence(names, objectives)
    coordinates = Coordinates(tuple(parameter.axis for parameter in plan.parameters))
    monitor = Monitor(plan.limits, report, coordinates)
    monitor.begin(0)
    problem = Problem(objectives, plan.cost, plan.parameters, monitor, state.threads)
    return Prepared(*_with_defaults(element, plan, problem))


def _with_defaults(
    element: Mapping[str, Any], plan: Plan, problem: Problem
) -> tuple[Plan, Problem]:
    """Return a plan and its problem with the cost and optimizer the user left open.

    Root mean squares of several objectives do not add up to a sum of squares; their means do. An
    optimizer that was left open is one that can minimise the cost that was given.
    """
    if not OPTIMIZERS[plan.optimizer].needs_squares or problem.is_least_squares:
        return plan, problem
    if element.get("cost") is None:
        plan = evolve(plan, cost=read_cost("MSE"))
        problem = problem.with_cost(plan.cost)
    if element.get("optimizer") is None and not problem.is_least_squares:
        own = {**plan.optimizer_options, "method": "Nelder-Mead"}
        plan = evolve(plan, optimizer="ScipyMinimize", optimizer_options=own)
    return plan, problem


def run_fit(
    element: Mapping[str, Any],
    state: State,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> Fitted:
    """Run a fit.

    Parameters
    ----------
    element : mapping
        Its wire form.
    state : State
        What earlier elements said.
    report : callable
        Called with the state of the fit, see `Monitor.state`.
    should_stop : callable
        Polled between solves.

    Raises
    ------
    ValueError
        If the fit makes no sense, or the model could not be run at any point.
    """
    prepared = prepare(element, state, should_stop, report)
    plan, problem = prepared.plan, prepared.problem
    monitor = problem.monitor
    starts = starting_points(element, plan.parameters, problem.coordinates, plan.random)
    monitor.starts = len(starts)
    kind = OPTIMIZERS[plan.optimizer]
    _check_optimizer(plan, problem)
    children = []
    for place, start in enumerate(starts):
        monitor.begin(place)
        ended = _search(kind.search, problem, start, plan)
        monitor.ended()
        children.append(_child(problem, start, ended))
        if monitor.canceled or ended.message.endswith("(maxtime)"):
            break
    report(monitor.state())
    if monitor.best_point is None:
        if monitor.canceled:
            return Fitted({"type": "OptimizationResult", "parameter_values": {}}, {}, {}, True)
        raise ValueError("the search ended before anything was evaluated")
    return _fitted(plan, problem, children, state)


def _search(search: Any, problem: Problem, start: Floats, plan: Plan) -> Ended:
    try:
        return search(problem, start, plan.optimizer_options, plan.random)  # type: ignore[no-any-return]
    except StopFit as stop:
        return Ended(success=False, message=str(stop))


def _check_influence(names: Sequence[str], objectives: Sequence[Objective]) -> None:
    for name in names:
        if not any(name in objective.influential for objective in objectives):
            raise ValueError(
                f"parameter {name!r} has no influence on any objective: leave it out, or choose a "
                "model it is a part of"
            )


def _check_optimizer(plan: Plan, problem: Problem) -> None:
    kind = OPTIMIZERS[plan.optimizer]
    if kind.needs_bounds and not problem.coordinates.is_bounded:
        open_ended = [p.name for p in plan.parameters if not np.isfinite(p.bounds).all()]
        raise ValueError(
            f"{plan.optimizer} needs two finite bounds of every parameter; {open_ended[0]!r} has "
            "none"
        )
    if kind.needs_squares and not problem.is_least_squares:
        raise ValueError(
            "ScipyLeastSquares minimises sums of squares: use the cost SSE, MSE, ChiSquare or "
            "GaussianLogLikelihood (RMSE only for one objective without priors), or another "
            "optimizer"
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


def _fitted(plan: Plan, problem: Problem, children: list[dict[str, Any]], state: State) -> Fitted:
    monitor = problem.monitor
    point = monitor.best_point
    if point is None:
        raise RuntimeError("a fit without a best point")
    done = [child for child in children if child["parameter_values"]]
    best = min(done, key=lambda child: child["cost"])
    predictions = problem.predictions(point)
    if all(prediction.values is None for prediction in predictions):
        raise ValueError(
            "the model could not be run at any point that was tried: " + monitor.problem
        )
    values = problem.coordinates.named(point)
    for sentence in problem.bounds_met(point):
        state.note(sentence)
    errors = _standard_errors(problem, point, state)
    result = {
        "type": "EnsembleResult" if OPTIMIZERS[plan.optimizer].method else "OptimizationResult",
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
        "optimizer": plan.optimizer,
        "cost_type": plan.cost.kind,
        "trace": monitor.trace,
        "standard_errors": errors,
    }
    if OPTIMIZERS[plan.optimizer].method:
        result["method"] = OPTIMIZERS[plan.optimizer].method
    before = _baseline(problem, children[0])
    series = {
        objective.name: objective.series(prediction, first)
        for objective, prediction, first in zip(
            problem.objectives, predictions, before, strict=True
        )
    }
    return Fitted(result, series, {**values, **plan.links}, monitor.canceled)


def _baseline(problem: Problem, child: dict[str, Any]) -> list[Prediction | None]:
    """Return what the model says at the initial guess; nothing of a fit that was told to end."""
    if problem.monitor.canceled:
        return [None] * len(problem.objectives)
    start = problem.coordinates.point(child["initial_guess"])
    return list(problem.predictions(start))


def _standard_errors(problem: Problem, point: Floats, state: State) -> dict[str, float] | None:
    """Return standard errors; None, and a note that says why, where there are none."""
    if problem.monitor.canceled:
        # They take a few more solves, which a fit that was told to end does not wait for.
        return None
    try:
        return covariance(quiet(problem), point).standard_errors
    except UndeterminedError as error:
        state.note(f"no standard errors: {error}")
    except StopFit as stop:
        state.note(f"no standard errors: {stop}")
    return None


def quiet(problem: Problem) -> Problem:
    """Return the problem with a monitor of its own, for evaluations that do not count."""
    monitor = problem.monitor
    own = Monitor(
        evolve(monitor.limits, evaluations=inf, seconds=inf), _silent, monitor.coordinates
    )
    own.begin(0)
    return problem.with_monitor(own)


def _silent(_: dict[str, Any]) -> None:
    """Report to nobody."""
