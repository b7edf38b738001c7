"""Writing submissions to the history of this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ionworks.data.filters import moment
from ionworks.data.record_list import RecordList
from ionworks.doe.scalars import integer
from ionworks.records.history import SIMULATION, HistoryEntry
from ionworks.requests.fields import text
from ionworks.requests.model_reference import model_description
from ionworks.transport.notes import issue
from ionworks_api_client.models import SimulationBatchReceipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ionworks.records.simulation import SimulationResponse
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.settings import Settings
    from ionworks.transport.connection import Connection
    from ionworks_api_client.models import SimulationSubmission

__all__ = ["read_history", "remember", "remember_simulations"]

B = TypeVar("B")


def remember(connection: Connection, kind: str, count: int, **fields: Any) -> None:
    """Write a submission to the history; it is not an error if that fails.

    Parameters
    ----------
    connection : Connection
        The connection to the service, with the history unless this is turned off.
    kind : str
        What was submitted: ``simulation``, ``pipeline`` or ``simple_pipeline``.
    count : int
        How many were submitted.
    **fields
        Other fields of `HistoryEntry`.

    Warns
    -----
    UserWarning
        The first time that a submission of this client cannot be written.
    """
    journal = connection.journal
    if journal is None or journal.has_failed:
        return
    entry: HistoryEntry[Any] = HistoryEntry(
        submitted_at=moment_of(datetime.now(UTC)),
        address=address_of(connection.settings),
        kind=kind,
        count=count,
        **fields,
    )
    try:
        journal.add(entry)
    except OSError as error:
        # Not again for each submission of a loop: a locked file takes seconds each time.
        journal.has_failed = True
        issue(
            f"submissions of this client will not be in client.history(): {error}; the submission"
            " itself succeeded; Ionworks(history=False) or IONWORKS_HISTORY=0 turns the history"
            " off"
        )


def remember_simulations(
    connection: Connection,
    config: SimulationConfig,
    project_id: str | None,
    protocol_id: str,
    submitted: SimulationBatchReceipt | Sequence[SimulationSubmission],
) -> None:
    """Write a submission of simulations to the history.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    config : SimulationConfig
        What was submitted.
    project_id : str or None
        Its project, if it was sent.
    protocol_id : str
        Its saved protocol.
    submitted : SimulationBatchReceipt or sequence of SimulationSubmission
        The reply of the service.
    """
    if connection.journal is None:
        return
    if isinstance(submitted, SimulationBatchReceipt):
        count, first = submitted.count, submitted.to_dict()
        ids: dict[str, Any] = {"submission_id": submitted.submission_id}
    else:
        replies = [each.to_dict() for each in submitted]
        count, first = len(replies), replies[0] if replies else {}
        ids = {"stored_ids": [each["simulation_id"] for each in replies]}
    experiment = config.protocol_experiment
    remember(
        connection,
        SIMULATION,
        count,
        name=None if experiment is None else experiment["name"],
        model=model_description(config.parameterized_model),
        project_id=project_id,
        protocol_id=protocol_id,
        seed=first.get("seed"),
        **ids,
    )


def read_history(
    connection: Connection,
    limit: int,
    batch: Callable[[Sequence[SimulationResponse]], B],
    *,
    name: str | None,
    since: Any,
    everywhere: bool,
) -> RecordList[HistoryEntry[B]]:
    """Read the history, the newest submissions first.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    limit, name, since, everywhere
        As those of `ionworks.Ionworks.history`.
    batch : callable
        Makes the batch of an entry from the responses to its submission.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or the history is turned off.
    OSError
        If its file cannot be read.
    """
    most = integer(limit, "limit", least=1)
    part = None if name is None else text(name, "name")
    start = None if since is None else moment_of(datetime.fromisoformat(moment("since", since)))
    if connection.journal is None:
        raise ValueError(
            "the history of this client is turned off: make it with Ionworks(history=True), or"
            " unset IONWORKS_HISTORY"
        )
    here = address_of(connection.settings)

    def opened(entry: HistoryEntry[Any]) -> B:
        if entry.address != here:
            raise ValueError(
                f"this was submitted to {entry.address}, and this client is one of {here}: read the"
                f" history with a client of that address, {_client_of(entry.address)}"
            )
        return batch(entry.responses())

    address = None if everywhere else here
    entries = connection.journal.entries(most, address=address, name=part, since=start)
    return RecordList(each.opened_by(opened) for each in entries)


def _client_of(address: str) -> str:
    """Return the call that makes a client of an address."""
    kind, _, folder = address.partition(":")
    if kind != "local":
        return f"Ionworks(api_url={address!r})"
    return f"Ionworks.local({folder!r})" if folder else "Ionworks.local()"


def address_of(settings: Settings) -> str:
    """Return the URL of a service, or the folder of the embedded engine."""
    if settings.local_folder is None:
        return settings.api_url
    return f"{settings.api_url}:{settings.local_folder.resolve()}"


def moment_of(time: datetime) -> str:
    """Return a time as the history has it: ISO 8601 in UTC, which sorts as text."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
