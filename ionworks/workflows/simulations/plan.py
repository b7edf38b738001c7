"""What a submission would do, asked from a service or, as far as possible, found here."""

from __future__ import annotations

import operator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs

from ionworks import doe, ucp
from ionworks.data import frames
from ionworks.data.record_tables import apart
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.plan import Plan, duration
from ionworks.requests.model_reference import model_description
from ionworks.transport.call import call
from ionworks.transport.timeouts import BUILDING, SLOWEST_SUBMISSION, at_least
from ionworks.workflows.capabilities import offers
from ionworks.workflows.simulations.model_names import (
    for_each_model,
    send_with_model,
    with_model_id,
)
from ionworks_api_client.api.simulation import plan_simulations
from ionworks_api_client.models import SimulationPlanRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ionworks.data.frames import Frame
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection
    from ionworks.workflows.simulations.model_names import ModelNames

__all__ = ["make_plan", "model_labels"]

_PLANS = "simulation_plans"
"""Field of the capabilities of a service that has plans."""
_RUN, _MODEL = "run", "parameterized_model"
_MOST_NAMED = 3
_NOT_OF_A_PLAN = ("experiment_template_id", "study_id", "project_id")


def make_plan(
    connection: Connection,
    config: SimulationConfig,
    names: ModelNames,
    models: Mapping[str, str | dict[str, Any]] | None = None,
) -> Plan:
    """Return what the submission of a config would do.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : SimulationConfig
        The checked config.
    names : ModelNames
        Finds models that are given by their names.
    models : mapping of str to str or dict, optional
        Several models, which all get the runs of the config, by what they are called.

    Returns
    -------
    Plan
        Without estimate and check if the service has no plans.

    Raises
    ------
    IonworksError
        If the service would reject the submission, or fails.
    """
    if config.design is not None:
        # The service must plan the runs that are shown.
        config = attrs.evolve(config, design=doe.with_seed(config.design))
    design = _design(connection, config, None if models is None else [*models])
    if models is None:
        configs = [with_model_id(config, names)]
    else:
        configs = for_each_model(config, [*models.values()], names)
    if not offers(connection, _PLANS):
        count = sum(each.run_count for each in configs)
        return Plan(count=count, design=design, warnings=_warnings(config), seed=_seed(config))

    def ask(each: SimulationConfig) -> dict[str, Any]:
        body = SimulationPlanRequest.from_dict(_body(each))
        with at_least(BUILDING + each.run_count / SLOWEST_SUBMISSION):
            reply = call(plan_simulations.sync_detailed, client=connection.api, body=body)
        return reply.to_dict()

    replies = [send_with_model(each, names, ask) for each in configs]
    seconds, basis = _estimate(replies, models)
    digests = [each.get("digest") or "" for each in replies]
    return Plan(
        count=sum(each["count"] for each in replies),
        design=design,
        warnings=[*dict.fromkeys(note["message"] for each in replies for note in each["notes"])],
        reused=sum(each["reused"] for each in replies),
        seconds=seconds,
        basis=basis,
        seed=replies[0].get("seed"),
        is_checked=all(each.get("is_checked", True) for each in replies),
        digest=digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest(),
    )


def model_labels(
    models: Sequence[Any], references: Sequence[str | dict[str, Any]]
) -> dict[str, str | dict[str, Any]]:
    """Return several models by what a plan calls them: their names, if these are unique.

    Parameters
    ----------
    models : sequence of str, ParameterizedModel or Mapping
        The models of a config.
    references : sequence of str or dict
        The same models as `model_reference` returns them.

    """
    ids = [*map(model_description, references)]
    shown = [
        each.name or each.id if isinstance(each, ParameterizedModel) else text
        for each, text in zip(models, ids, strict=True)
    ]
    if len({*shown}) < len(shown):
        shown = ids
    if len({*shown}) < len(shown):
        shown = [f"{text} ({number})" for number, text in enumerate(ids)]
    return dict(zip(shown, references, strict=True))


def _body(config: SimulationConfig) -> dict[str, Any]:
    """Return the body of the request: that of the submission, with the text of the protocol."""
    submission = config.batch_body(config.protocol_id or "", None)
    body = {name: value for name, value in submission.items() if name not in _NOT_OF_A_PLAN}
    if config.protocol_experiment is None:
        return {**body, "experiment_template_id": config.protocol_id}
    given = {name: each for name, each in config.protocol_experiment.items() if name != "name"}
    return {**body, **given}


def _design(
    connection: Connection, config: SimulationConfig, models: Sequence[str] | None
) -> Frame:
    """Return the parameters of the runs as a frame, one row for each, model after model."""
    import polars as pl

    count = config.run_count
    if config.conditions is not None:
        inputs = _columns([each["experiment_parameters"] for each in config.conditions])
        parameters = _columns([each["design_parameters"] for each in config.conditions])
    else:
        inputs = {name: [value] * count for name, value in config.experiment_parameters.items()}
        parameters = {} if config.design is None else _columns_of(config.design)
    times = 1 if models is None else len(models)
    columns: dict[str, list[Any]] = {_RUN: [*range(count * times)]}
    if models is not None:
        columns[_MODEL] = [each for each in models for _ in range(count)]
    for values, kind in ((inputs, "parameter"), (parameters, "design parameter")):
        for name, column in values.items():
            columns[apart(name, columns, kind)] = _alike(column) * times
    frame = pl.DataFrame(columns)
    return frames.for_client(frame, connection.settings)


def _alike(values: list[Any]) -> list[Any]:
    """Return values of one type: some of an input can be numbers, and others text."""
    kinds = {*map(type, values)} - {type(None)}
    if len(kinds) < 2:
        return values
    kind = str if str in kinds else float
    return [None if value is None else kind(value) for value in values]


def _columns_of(design: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of a design; a million runs as dictionaries take half a gigabyte."""
    columns: dict[str, list[Any]] = {row["name"]: [] for row in design["rows"]}
    for point in doe.points(design):
        for name, value in point.items():
            columns[name].append(value)
    return columns


def _columns(rows: list[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the columns of rows; null where a row lacks a name."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _warnings(config: SimulationConfig) -> list[str]:
    """Return what can be known of a config without the service."""
    found = []
    if config.protocol_experiment is not None:
        result = ucp.parse(config.protocol_experiment["protocol"])
        found += [str(problem) for problem in (*result.errors, *result.warnings)]
    if config.design is not None:
        found += doe.without_effect(config.design)
    return found


def _seed(config: SimulationConfig) -> int | None:
    return None if config.design is None else config.design.get("seed")


def _estimate(
    replies: Sequence[Mapping[str, Any]], models: Iterable[str] | None
) -> tuple[float | None, str | None]:
    """Return the seconds that all runs take, and in words what that is based on."""
    found = [each["estimate"] for each in replies if each.get("estimate") is not None]
    if len(found) < len(replies):
        return None, None
    workers = found[0].get("workers")
    at_once = "" if workers is None else f", {workers} at a time"
    bases = [*map(_basis, found)]
    if len(found) == 1 or models is None:
        return found[0]["seconds"], bases[0] + at_once
    seconds = sum(each["seconds"] for each in found)
    if workers is not None:
        # The runs of all models share the workers, and the longest of them takes its time.
        counts = [each["count"] - each["reused"] for each in replies]
        times = [each["seconds_per_run"] for each in found]
        work = sum(map(operator.mul, counts, times))
        longest = max((time for time, count in zip(times, counts, strict=True) if count), default=0)
        seconds = max(work / max(min(workers, sum(counts)), 1), longest)
    if len({*bases}) > 1:
        named = [f"{name}: {basis}" for name, basis in zip(models, bases, strict=True)]
        bases = ["; ".join(named[:_MOST_NAMED]) + ("; ..." if named[_MOST_NAMED:] else "")]
    return seconds, bases[0] + at_once


def _basis(estimate: Mapping[str, Any]) -> str:
    """Return in words what the estimate for a model is based on."""
    runs = estimate["past_runs"]
    past = "the past run of this model" if runs == 1 else f"{runs:,} past runs of this model"
    which = "and protocol" if estimate["same_protocol"] else "with other protocols"
    return f"{duration(estimate['seconds_per_run'])} a run, as in {past} {which}"
