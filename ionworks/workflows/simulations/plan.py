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
from ionworks_api_client.api.simulation import plan_simulations
from ionworks_api_client.models import SimulationPlanRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ionworks.data.frames import Frame
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection

__all__ = ["make_plan"]

_PLANS = "simulation_plans"
"""Field of the capabilities of a service that has plans."""
_RUN = "run"
_NOT_OF_A_PLAN = ("experiment_template_id", "study_id", "project_id")


def make_plan(connection: Connection, config: SimulationConfig) -> Plan:
    """Return what the submission of a config would do.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : SimulationConfig
        The checked config.

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
    design = _design(connection, config)
    if not offers(connection, _PLANS):
        return Plan(
            count=config.run_count, design=design, warnings=_warnings(config), seed=_seed(config)
        )
    body = SimulationPlanRequest.from_dict(_body(config))
    with at_least(BUILDING + config.run_count / SLOWEST_SUBMISSION):
        reply = call(plan_simulations.sync_detailed, client=connection.api, body=body).to_dict()
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


def _body(config: SimulationConfig) -> dict[str, Any]:
    """Return the body of the request: that of the submission, with the text of the protocol."""
    submission = config.batch_body(config.protocol_id or "", None)
    body = {name: value for name, value in submission.items() if name not in _NOT_OF_A_PLAN}
    if config.protocol_experiment is None:
        return {**body, "experiment_template_id": config.protocol_id}
    given = {name: each for name, each in config.protocol_experiment.items() if name != "name"}
    return {**body, **given}


def _design(connection: Connection, config: SimulationConfig) -> Frame:
    """Return the parameters of the runs as a frame, one row for each."""
    import polars as pl

    count = config.run_count
    if config.conditions is not None:
        inputs = _columns([each["experiment_parameters"] for each in config.conditions])
        parameters = _columns([each["design_parameters"] for each in config.conditions])
    else:
        inputs = {name: [value] * count for name, value in config.experiment_parameters.items()}
        parameters = {} if config.design is None else _columns_of(config.design)
    columns: dict[str, list[Any]] = {_RUN: [*range(count)]}
    for values, ending in ((inputs, " (experiment)"), (parameters, " (design)")):
        for name, column in values.items():
            columns[f"{name}{ending}" if name in columns else name] = column
    frame = pl.DataFrame({name: _alike(values) for name, values in columns.items()})
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


def _basis(estimate: Mapping[str, Any]) -> str:
    """Return in words what an estimate is based on."""
    runs = estimate["past_runs"]
    past = "the past run of this model" if runs == 1 else f"{runs:,} past runs of this model"
    which = "and protocol" if estimate["same_protocol"] else "with other protocols"
    workers = estimate.get("workers")
    at_once = "" if workers is None else f", {workers} at a time"
    return f"{duration(estimate['seconds_per_run'])} a run, as in {past} {which}{at_once}"
