"""The exceptions for simulations that failed, were canceled or do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionworks.errors import (
    JobCanceledError,
    JobError,
    JobFailedError,
    NotFoundError,
    reworded,
)
from ionworks.records.job import FAILED_STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ionworks.records.simulation import Simulation

__all__ = ["MOST_NAMED", "failure_of", "is_failed", "naming"]

MOST_NAMED = 20
"""How many failed simulations a message names."""


def is_failed(record: Simulation) -> bool:
    """Whether a simulation has failed or was canceled."""
    return record.status in FAILED_STATUSES


def failure_of(ids: Iterable[str], ended: Mapping[str, Simulation]) -> JobError | None:
    """Return the exception for simulations that failed or were canceled, or None.

    Parameters
    ----------
    ids : iterable of str
        The simulations that were waited for.
    ended : Mapping
        Records by id of those that have ended.

    Returns
    -------
    JobFailedError or JobCanceledError or None
        ``job`` is the first failed (or else canceled) record, ``finished`` contains the records of
        `ended`, and ``pending`` the other ids. A `JobCanceledError` means that simulations were
        canceled but none failed.
    """
    bad = [record for record in ended.values() if is_failed(record)]
    if not bad:
        return None
    failed = [record for record in bad if record.status == "failed"]
    first = (failed or bad)[0]
    kind = JobFailedError if failed else JobCanceledError
    wanted = [*dict.fromkeys(ids)]
    pending = [each for each in wanted if each not in ended]
    return kind(
        _message(len(wanted), len(pending), bad),
        job=first,
        error_code=first.error_code,
        data=dict(ended),
        finished=ended,
        pending=pending,
    )


def naming(simulation_id: str, error: NotFoundError) -> NotFoundError:
    """Return the error of a simulation that does not exist, with the id in its message."""
    if simulation_id in error.message:
        return error
    return reworded(error, f"simulation {simulation_id!r} does not exist: {error.message}")


def _message(wanted: int, pending: int, bad: list[Simulation]) -> str:
    lines = [_line(record) for record in bad[:MOST_NAMED]]
    if wanted == 1:
        return lines[0]
    if len(bad) > MOST_NAMED:
        lines.append(f"and {len(bad) - MOST_NAMED} more")
    kept = ".finished contains the records of those that have ended"
    if pending:
        kept += f", .pending the ids of {pending} that keep running"
    heading = (
        f"{len(bad)} of {wanted} simulations did not complete; the exception's {kept};"
        " raise_on_failure=False waits for all and returns them:"
    )
    return "\n".join([heading, *lines])


def _line(record: Simulation) -> str:
    return f"Simulation {record.id} {record.status}: {record.error or 'no reason given'}"
