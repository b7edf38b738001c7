"""What a submission would do, asked from a service or, as far as possible, found here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ionworks import doe, ucp
from ionworks.data import frames
from ionworks.records.plan import Plan, duration
from ionworks.transport.call import call
from ionworks.transport.timeouts import BUILDING, SLOWEST_SUBMISSION, at_least
from ionworks.workflows.capabilities import offers
from ionworks.workflows.simulations.submission import send_for_model, without_certain_name
from ionworks.workflows.submission_history import description_of
from ionworks_api_client.api.simulation import plan_simulations
from ionworks_api_client.models import SimulationPlanRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ionworks.data.frames import Frame
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection
    from ionworks.workflows.simulations.model_names import ModelNames

__all__ = ["make_plan", "make_plan_for_each"]

_PLANS = "simulation_plans"
"""Field of the capabilities of a service that has plans."""
_RUN = "run"
_MODEL = "parameterized_model"
_NOT_OF_A_PLAN = ("experiment_template_id", "study_id", "project_id")


def make_plan(connection: Connection, config: SimulationConfig, names: ModelNames) -> Plan:
    """Return what the submission of a config would do.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : SimulationConfig
        The checked config.
    names : ModelNames
        Finds a model that is given by its name.

    Returns
    -------
    Plan
        Without estimate and check if the service has no plans.

    Raises
    ------
    IonworksError
        If the service would reject the submission, or fails.
    ValueError
        If several models have the given name.
    """
    config = _seeded(config)
    return _plan(connection, config, names, _design(connection, config))


def make_plan_for_each(
    connection: Connection,
    config: SimulationConfig,
    models: Sequence[str | dict[str, Any]],
    names: ModelNames,
) -> Plan:
    """Return what the submission of a config for several models would do.

    Parameters
    ----------
    connection, config, names
        As of `make_plan`.
    models : sequence of str or dict
        The models as `model_reference` returns them, all of which get the same runs.

    Returns
    -------
    Plan
        Of all of them together; its design has a column ``parameterized_model``.

    Raises
    ------
    IonworksError, ValueError
        As `make_plan`.
    """
    config = _seeded(config)
    design = _design(connection, config, [*map(description_of, models)])
    return Plan.together(
        [
            _plan(connection, attrs.evolve(config, parameterized_model=each), names, design)
            for each in models
        ]
    )


def _seeded(config: SimulationConfig) -> SimulationConfig:
    """Return a config whose random values are known: the service must plan the runs shown."""
    if config.design is None:
        return config
    return attrs.evolve(config, design=doe.with_seed(config.design))


def _plan(
    connection: Connection, config: SimulationConfig, names: ModelNames, design: Frame
) -> Plan:
    if not offers(connection, _PLANS):
        return Plan(
            count=config.run_count, design=design, warnings=_warnings(config), seed=_seed(config)
        )
    config = without_certain_name(config, names)
    with at_least(BUILDING + config.run_count / SLOWEST_SUBMISSION):
        reply = send_for_model(lambda each: _ask(connection, each), config, names)
    estimate = reply.get("estimate")
    return Plan(
        count=reply["count"],
        design=design,
        warnings=[note["message"] for note in reply["notes"]],
        reused=reply["reused"],
        seconds=None if estimate is None else estimate["seconds"],
        basis=None if estimate is None else _basis(estimate),
        seed=reply.get("seed"),
        is_checked=reply.get("is_checked", True),
        digest=reply.get("digest"),
    )


def _ask(connection: Connection, config: SimulationConfig) -> dict[str, Any]:
    body = SimulationPlanRequest.from_dict(_body(config))
    reply: dict[str, Any] = call(
        plan_simulations.sync_detailed, client=connection.api, body=body
    ).to_dict()
    return reply


def _body(config: SimulationConfig) -> dict[str, Any]:
    """Return the body of the request: that of the submission, with the text of the protocol."""
    submission = config.batch_body(config.protocol_id or "", None)
    body = {name: value for name, value in submission.items() if name not in _NOT_OF_A_PLAN}
    if config.protocol_experiment is None:
        return {**body, "experiment_template_id": config.protocol_id}
    given = {name: each for name, each in config.protocol_experiment.items() if name != "name"}
    return {**body, **given}


def _design(
    connection: Connection, config: SimulationConfig, models: Sequence[str] | None = None
) -> Frame:
    """Return the parameters of the runs as a frame, one row for each, of all models in turn."""
    import polars as pl

    count = config.run_count
    if config.conditions is not None:
        inputs = _columns([each["experiment_parameters"] for each in config.conditions])
        parameters = _columns([each["design_parameters"] for each in config.conditions])
    else:
        inputs = {name: [value] * count for name, value in config.experiment_parameters.items()}
        parameters = {} if config.design is None else _columns_of(config.design)
    repeats = 1 if models is None else len(models)
    columns: dict[str, list[Any]] = {_RUN: [*range(count * repeats)]}
    if models is not None:
        columns[_MODEL] = [model for model in models for _ in range(count)]
    for values, ending in ((inputs, " (experiment)"), (parameters, " (design)")):
        for name, column in values.items():
            columns[f"{name}{ending}" if name in columns else name] = _alike(column) * repeats
    return frames.for_client(pl.DataFrame(columns), connection.settings)


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


def _basis(estimate: Mapping[str, Any]) -> str:
    """Return in words what an estimate is based on."""
    runs = estimate["past_runs"]
    past = "the past run of this model" if runs == 1 else f"{runs:,} past runs of this model"
    which = "and protocol" if estimate["same_protocol"] else "with other protocols"
    workers = estimate.get("workers")
    at_once = "" if workers is None else f", {workers} at a time"
    return f"{duration(estimate['seconds_per_run'])} a run, as in {past} {which}{at_once}"
