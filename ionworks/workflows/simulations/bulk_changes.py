"""Canceling and deleting many simulations, and submitting them again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.errors import NotAvailableError, NotFoundError
from ionworks.records.history import SIMULATION
from ionworks.records.job import TERMINAL_STATUSES
from ionworks.records.submission import Submission
from ionworks.transport.call import call
from ionworks.transport.idempotency import new_key
from ionworks.transport.notes import warn
from ionworks.workflows.capabilities import offers
from ionworks.workflows.simulations.run_table import (
    BULK,
    LARGEST_SELECTION,
    read_run_table,
    selections,
)
from ionworks.workflows.simulations.simulation_wait import read_simulation
from ionworks.workflows.simulations.submission import note_submitted, submit
from ionworks.workflows.submission_history import remember
from ionworks_api_client.api.job import cancel_job
from ionworks_api_client.api.simulation import (
    cancel_simulations,
    delete_simulation,
    delete_simulations,
    repeat_simulations,
)
from ionworks_api_client.models import EmptyRequest, RepetitionRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ionworks.records.simulation import Simulation, SimulationResponse
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection
    from ionworks.workflows.simulations.run_table import RunTable
    from ionworks_api_client.types import Response

__all__ = ["cancel", "compute_again", "delete", "repeat"]

_CONCURRENT: Final = 4
_MOST_NAMED: Final = 3


def cancel(connection: Connection, ids: Sequence[str], job_of: Callable[[str], str | None]) -> None:
    """Cancel simulations that have not ended.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The simulations; repeated ones count once.
    job_of : callable
        Returns the id of the job of a simulation, if it is known without a request.

    Raises
    ------
    NotFoundError
        If simulations do not exist; all others are canceled.
    NotAvailableError
        If the service does not tell the jobs of simulations that have not ended; all others are
        canceled.
    """
    without_job: list[str] = []

    def cancel_one(simulation_id: str) -> None:
        job_id = job_of(simulation_id)
        if job_id is None:
            record = read_simulation(connection, simulation_id)
            job_id = record.job_id
            if job_id is None and not (record.status in TERMINAL_STATUSES or record.has_results):
                without_job.append(simulation_id)
        if job_id is not None:
            call(cancel_job.sync_detailed, job_id, client=connection.api, body=EmptyRequest())

    done = "canceled unless they had ended"
    try:
        _change(connection, ids, cancel_simulations.sync_detailed, cancel_one, done)
    except NotFoundError as error:
        if without_job:
            error.add_note(_not_canceled(without_job))
        raise
    if without_job:
        raise NotAvailableError(_not_canceled(without_job), data={"not_canceled": without_job})


def _not_canceled(ids: Sequence[str]) -> str:
    return (
        f"not canceled: {_named(ids)}, because the service does not tell their jobs; cancel these"
        " with client.job.cancel(job_id), the job_id is in the response to the submission"
    )


def delete(connection: Connection, ids: Sequence[str]) -> None:
    """Delete simulations and their results.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The simulations; repeated ones count once.

    Raises
    ------
    NotFoundError
        If simulations do not exist; all others are deleted.
    """

    def delete_one(simulation_id: str) -> None:
        call(delete_simulation.sync_detailed, simulation_id, client=connection.api)

    _change(connection, ids, delete_simulations.sync_detailed, delete_one, "deleted")


def _change(
    connection: Connection,
    ids: Sequence[str],
    of_many: Callable[..., Response[Any]],
    of_one: Callable[[str], None],
    done: str,
) -> None:
    wanted = [*dict.fromkeys(ids)]
    unknown: list[str] = []
    if offers(connection, BULK):
        for body in selections(wanted):
            unknown += call(of_many, client=connection.api, body=body).unknown
    else:
        with ThreadPoolExecutor(_CONCURRENT, thread_name_prefix="ionworks-change") as pool:
            found = pool.map(partial(_exists, of_one), wanted)
            unknown = [each for each, exists in zip(wanted, found, strict=True) if not exists]
    if unknown:
        others = len(wanted) - len(unknown)
        kept = f"; the other {others} were {done}" if others else ""
        noun = "simulation does" if len(unknown) == 1 else "simulations do"
        raise NotFoundError(
            f"{len(unknown)} {noun} not exist: {_named(unknown)}{kept}",
            status_code=404,
            error_code="NOT_FOUND",
            data={"unknown": unknown},
        )


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if ids[_MOST_NAMED:] else ""
    return ", ".join(map(repr, ids[:_MOST_NAMED])) + more


def _exists(change: Callable[[str], None], simulation_id: str) -> bool:
    """Change a simulation; return whether it exists."""
    try:
        change(simulation_id)
    except NotFoundError:
        return False
    return True


def repeat(
    connection: Connection,
    ids: Sequence[str],
    config: SimulationConfig | None,
    project_id: str | None,
) -> list[SimulationResponse]:
    """Submit simulations again.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The simulations.
    config : SimulationConfig, optional
        What they were submitted with. A service without the operation for this does not tell it.
    project_id : str, optional
        The project of `config`.

    Returns
    -------
    list of SimulationResponse
        Those of the new simulations; simulations that were submitted together follow each other.

    Raises
    ------
    NotAvailableError
        If neither the service nor the caller knows what they were submitted with.
    IonworksError
        If the service rejects a request or fails. If others were submitted before, a note of the
        exception says which; they keep running.
    """
    if not ids:
        return []
    if offers(connection, BULK):
        experiment = None if config is None else config.protocol_experiment
        name = None if experiment is None else experiment["name"]
        table = read_run_table(connection, ids, _CONCURRENT)
        return _repeated(connection, table, name, project_id)
    if config is None:
        raise NotAvailableError(
            "this service does not submit simulations again by their ids: keep the batch that"
            " protocol_batch() returned, whose retry() knows its config, or submit the config again"
        )
    table = read_run_table(connection, ids, _CONCURRENT)
    return _submitted(connection, table, config, project_id)


def compute_again(connection: Connection, simulation: Simulation) -> SimulationResponse:
    """Submit a stored simulation once more, to be computed and without its studies.

    Raises
    ------
    NotAvailableError
        If the service does not submit simulations again by their ids.
    """
    if not offers(connection, BULK):
        raise NotAvailableError(
            "this service does not compute simulations again by their ids: submit the config again,"
            " and compare the results"
        )
    submission = _repeat_together(
        connection,
        [simulation.id],
        simulation.experiment_template_id,
        reuse=False,
        keep_studies=False,
    )
    _remember(
        connection,
        submission,
        simulation.parameterized_model_id,
        simulation.name,
        simulation.project_id,
    )
    return submission.runs()[0]


def _repeated(
    connection: Connection, table: RunTable, name: str | None, project_id: str | None
) -> list[SimulationResponse]:
    together: dict[str, list[int]] = {}
    for row, submission_id in enumerate(table.texts["submission_id"]):
        together.setdefault(submission_id, []).append(row)
    found: list[list[SimulationResponse]] = []
    for rows in together.values():
        for start in range(0, len(rows), LARGEST_SELECTION):
            some = rows[start : start + LARGEST_SELECTION]
            ids = [table.simulation_ids[row] for row in some]
            protocol_id = table.texts["experiment_template_id"][rows[-1]]
            models = {table.texts["parameterized_model_id"][row] for row in some}
            with note_submitted(found):
                submission = _repeat_together(connection, ids, protocol_id)
                # First, because a warning can be an exception of the user's program.
                found.append(submission.runs())
                model = models.pop() if len(models) == 1 else None
                _remember(connection, submission, model, name, project_id)
                warn(submission.notes)
    return [run for runs in found for run in runs]


def _remember(
    connection: Connection,
    submission: Submission,
    model: str | None,
    name: str | None,
    project_id: str | None,
) -> None:
    """Write a repetition to the history."""
    remember(
        connection,
        SIMULATION,
        submission.count,
        name=name,
        model=model,
        project_id=project_id,
        submission_id=submission.id,
        protocol_id=submission.protocol_id,
        seed=submission.seed,
    )


def _repeat_together(
    connection: Connection, ids: list[str], protocol_id: str | None, **options: bool
) -> Submission:
    receipt = call(
        repeat_simulations.sync_detailed,
        client=connection.api,
        body=RepetitionRequest(simulation_ids=ids, **options),
        idempotency_key=new_key(),
    )
    return Submission.of_receipt(receipt.to_dict(), protocol_id)


def _submitted(
    connection: Connection, table: RunTable, config: SimulationConfig, project_id: str | None
) -> list[SimulationResponse]:
    together: dict[tuple[str | None, str | None], list[dict[str, Any]]] = {}
    for row, _ in enumerate(table.simulation_ids):
        key = (
            table.texts["parameterized_model_id"][row],
            table.texts["experiment_template_id"][row],
        )
        together.setdefault(key, []).append(
            {
                "experiment_parameters": _given(table.experiment_parameters, row),
                "design_parameters": _given(table.design_parameters, row),
            }
        )
    found: list[list[SimulationResponse]] = []
    for (model_id, template_id), conditions in together.items():
        again = attrs.evolve(
            config,
            parameterized_model=model_id or config.parameterized_model,
            protocol_id=template_id or config.protocol_id,
            design=None,
            conditions=conditions,
        )
        with note_submitted(found):
            found.append(submit(connection, again, project_id))
    return [run for runs in found for run in runs]


def _given(columns: Mapping[str, list[Any]], row: int) -> dict[str, Any]:
    """Return the values of a row that are not missing."""
    return {name: values[row] for name, values in columns.items() if values[row] is not None}
