"""Canceling and deleting many simulations, and submitting them again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.errors import NotAvailableError, NotFoundError
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
from ionworks.workflows.simulations.submission import submit
from ionworks_api_client.api.job import cancel_job
from ionworks_api_client.api.simulation import (
    cancel_simulations,
    delete_simulation,
    delete_simulations,
    repeat_simulations,
)
from ionworks_api_client.models import EmptyRequest, RepetitionRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
    """

    def cancel_one(simulation_id: str) -> None:
        job_id = job_of(simulation_id) or read_simulation(connection, simulation_id).job_id
        if job_id is not None:
            call(cancel_job.sync_detailed, job_id, client=connection.api, body=EmptyRequest())

    done = "canceled unless they had ended"
    _change(connection, ids, cancel_simulations.sync_detailed, cancel_one, done)


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
        shown = ", ".join(map(repr, unknown[:_MOST_NAMED]))
        more = f" and {len(unknown) - _MOST_NAMED} more" if unknown[_MOST_NAMED:] else ""
        others = len(wanted) - len(unknown)
        kept = f"; the other {others} were {done}" if others else ""
        noun = "simulation does" if len(unknown) == 1 else "simulations do"
        raise NotFoundError(
            f"{len(unknown)} {noun} not exist: {shown}{more}{kept}",
            status_code=404,
            error_code="NOT_FOUND",
            data={"unknown": unknown},
        )


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
    """
    if not ids:
        return []
    if offers(connection, BULK):
        return [*_repeated(connection, read_run_table(connection, ids, _CONCURRENT))]
    if config is None:
        raise NotAvailableError(
            "this service does not submit simulations again by their ids: keep the batch that"
            " protocol_batch() returned, whose retry() knows its config, or submit the config again"
        )
    table = read_run_table(connection, ids, _CONCURRENT)
    return [*_submitted(connection, table, config, project_id)]


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
    protocol_id = simulation.experiment_template_id
    submission = _repeat_together(
        connection, [simulation.id], protocol_id, reuse=False, keep_studies=False
    )
    return submission.runs()[0]


def _repeated(connection: Connection, table: RunTable) -> Iterable[SimulationResponse]:
    together: dict[str, list[str]] = {}
    protocols: dict[str, str | None] = {}
    rows = zip(
        table.simulation_ids,
        table.texts["submission_id"],
        table.texts["experiment_template_id"],
        strict=True,
    )
    for identifier, submission_id, template_id in rows:
        together.setdefault(submission_id, []).append(identifier)
        protocols[submission_id] = template_id
    for submission_id, ids in together.items():
        for start in range(0, len(ids), LARGEST_SELECTION):
            some = ids[start : start + LARGEST_SELECTION]
            submission = _repeat_together(connection, some, protocols[submission_id])
            warn(submission.notes)
            yield from submission.runs()


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
) -> Iterable[SimulationResponse]:
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
    for (model_id, template_id), conditions in together.items():
        again = attrs.evolve(
            config,
            parameterized_model=model_id or config.parameterized_model,
            protocol_id=template_id or config.protocol_id,
            design=None,
            conditions=conditions,
        )
        yield from submit(connection, again, project_id)


def _given(columns: Mapping[str, list[Any]], row: int) -> dict[str, Any]:
    """Return the values of a row that are not missing."""
    return {name: values[row] for name, values in columns.items() if values[row] is not None}
