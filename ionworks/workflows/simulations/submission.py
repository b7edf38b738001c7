"""Submitting a checked config: first the protocol, then the runs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.data.pybamm_objects import wire_parameters
from ionworks.errors import BadRequestError, IonworksError, UnprocessableError, reworded
from ionworks.records.record import Record
from ionworks.records.simulation import SimulationResponse
from ionworks.records.submission import Submission, are_runs
from ionworks.transport.call import call, given
from ionworks.transport.idempotency import new_key
from ionworks.transport.notes import warn
from ionworks.transport.timeouts import BUILDING, SLOWEST_SUBMISSION, at_least
from ionworks.workflows.simulations.model_names import (
    for_each_model,
    send_with_model,
    with_model_id,
)
from ionworks.workflows.submission_history import remember_simulations
from ionworks_api_client.api.protocol import parse_protocol_to_template
from ionworks_api_client.api.simulation import create_simulations
from ionworks_api_client.models import (
    ProtocolTemplateRequest,
    SimulationBatchReceipt,
    SimulationBatchRequest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection
    from ionworks.workflows.simulations.model_names import ModelNames

__all__ = ["note_submitted", "submit", "submit_for_each", "with_wire_parameters"]

_MOST_NAMED: Final = 3
_MINIMAL: Final = "return=minimal"
"""The preference, after RFC 7240, for a receipt in place of a list of the runs."""


def with_wire_parameters(connection: Connection, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a config whose inline parameters are converted to JSON types.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : Mapping
        The user's config; the parameters of an inline model can be the name of a published set,
        a `pybamm.ParameterValues`, or a mapping that contains functions.
    """
    model = config.get("parameterized_model") if isinstance(config, Mapping) else None
    if isinstance(model, Record) or not isinstance(model, Mapping) or "parameters" not in model:
        return config
    parameters = wire_parameters(
        model["parameters"],
        "config['parameterized_model']['parameters']",
        sets_by_name=connection.settings.is_local,
    )
    return {**config, "parameterized_model": {**model, "parameters": parameters}}


def submit(
    connection: Connection,
    config: SimulationConfig,
    project_id: str | None,
    names: ModelNames | None = None,
) -> list[SimulationResponse]:
    """Submit the runs of a config.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : SimulationConfig
        The checked config.
    project_id : str, optional
        The project; if None the service decides.
    names : ModelNames, optional
        Finds a model that is given by its name.

    Returns
    -------
    list of SimulationResponse
        One response per run.

    Warns
    -----
    ProtocolWarning, ParameterWarning
        For inputs that are doubtful or without effect, each message once.

    Raises
    ------
    IonworksError
        If the service rejects the request or fails. If it requires a project, the message says
        how to give one.
    ValueError
        If several models have the given name.
    """
    config = with_model_id(config, names)
    try:
        template_id = config.protocol_id or _template(connection, config, project_id)
        submitted = send_with_model(
            config, names, lambda each: _create(connection, each, template_id, project_id)
        )
    except (BadRequestError, UnprocessableError) as error:
        if project_id is None and "project" in error.message.lower():
            raise _asking_for_a_project(error) from None
        raise
    # First, because a warning can be an exception of the user's program.
    remember_simulations(connection, config, project_id, template_id, submitted)
    if isinstance(submitted, SimulationBatchReceipt):
        submission = Submission.of_receipt(submitted.to_dict(), template_id)
        warn(submission.notes)
        return submission.runs()
    replies = [each.to_dict() for each in submitted]
    warn(replies)
    return [SimulationResponse.from_dict({"protocol_id": template_id, **each}) for each in replies]


def submit_for_each(
    connection: Connection,
    config: SimulationConfig,
    models: Sequence[str | dict[str, Any]],
    project_id: str | None,
    names: ModelNames,
) -> list[SimulationResponse]:
    """Submit the runs of a config for several models.

    Parameters
    ----------
    connection, config, project_id, names
        As of `submit`.
    models : sequence of str or dict
        The models as `model_reference` returns them. All get the same runs, also if these are
        random.

    Returns
    -------
    list of SimulationResponse
        The runs of the first model, then those of the second, and so on.

    Raises
    ------
    IonworksError, ValueError
        As `submit`. If runs of earlier models were submitted before, a note of the exception says
        which; they keep running.
    """
    found: list[list[SimulationResponse]] = []
    for each in for_each_model(config, models, names):
        stored = attrs.evolve(each, protocol_id=found[0][0].protocol_id) if found else each
        with note_submitted(found):
            found.append(submit(connection, stored, project_id, names))
    return [run for runs in found for run in runs]


@contextmanager
def note_submitted(before: Sequence[Sequence[SimulationResponse]]) -> Iterator[None]:
    """Add a note to an exception that says which simulations were submitted before it.

    Parameters
    ----------
    before : sequence of sequence of SimulationResponse
        Those of each submission; the block can append to it.
    """
    try:
        yield
    except BaseException as error:
        some = [runs for runs in before if runs]
        if some:
            count = sum(map(len, some))
            were = "1 simulation was" if count == 1 else f"{count} simulations were"
            which = "; ".join(map(_span, some))
            error.add_note(
                f"{were} submitted before this error, and can be waited for, read or canceled by"
                f" id: {which}"
            )
        raise


def _span(runs: Sequence[SimulationResponse]) -> str:
    """Return the ids of runs; of the many of a submission the first and the last."""
    if len(runs) <= _MOST_NAMED or not are_runs(runs):
        return ", ".join(repr(each.simulation_id) for each in runs)
    return f"{runs[0].simulation_id!r} to {runs[-1].simulation_id!r} ({len(runs)})"


def _create(
    connection: Connection, config: SimulationConfig, template_id: str, project_id: str | None
) -> Any:
    body = SimulationBatchRequest.from_dict(config.batch_body(template_id, project_id))
    with at_least(_longest(config)):
        return call(
            create_simulations.sync_detailed,
            client=connection.api,
            body=body,
            idempotency_key=new_key(),
            prefer=given(_MINIMAL if config.run_count > 1 else None),
        )


def _longest(config: SimulationConfig) -> float:
    """Return the seconds that a service may take to answer a submission."""
    # It builds and solves an inline model before it stores the runs.
    building = BUILDING if "parameters" in config.parameterized_model else 0.0
    return building + config.run_count / SLOWEST_SUBMISSION


def _template(connection: Connection, config: SimulationConfig, project_id: str | None) -> str:
    """Send the text of the protocol and return the id of its template."""
    body = ProtocolTemplateRequest.from_dict(config.template_body(project_id))
    reference = call(
        parse_protocol_to_template.sync_detailed,
        client=connection.api,
        body=body,
        idempotency_key=new_key(),
    )
    return str(reference.template_id)


def _asking_for_a_project(error: IonworksError) -> IonworksError:
    """Return the service's error with the remedy added to its message."""
    return reworded(
        error,
        f"{error.message}; no project_id was sent: add it to the config, or set one for the"
        " whole client with Ionworks(project_id=...) or IONWORKS_PROJECT_ID",
    )
