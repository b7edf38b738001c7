"""The exceptions for simulations that failed, were canceled or do not exist."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ionworks.errors import (
    BatchCanceledError,
    BatchFailedError,
    JobCanceledError,
    JobError,
    JobFailedError,
    NotFoundError,
    reworded,
)
from ionworks.records.job import FAILED_STATUSES
from ionworks.records.simulation import SettledSimulation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ionworks.records.simulation import Simulation

__all__ = ["MOST_NAMED", "failure_of", "is_failed", "naming"]

MOST_NAMED = 20
"""How many reasons an exception contains."""
_MOST_LINES = 3
"""How many of them its message names."""


def is_failed(record: Simulation) -> bool:
    """Whether a simulation has failed or was canceled."""
    return record.status in FAILED_STATUSES


def failure_of(
    ids: Iterable[str],
    ended: Mapping[str, Simulation],
    *,
    remedy: str = "raise_on_failure=False waits for all",
) -> JobError | None:
    """Return the exception for simulations that failed or were canceled, or None.

    Parameters
    ----------
    ids : iterable of str
        The simulations that were waited for.
    ended : Mapping
        Records by id of those that have ended.
    remedy : str, optional
        How the message says that the others can be had.

    Returns
    -------
    JobFailedError or JobCanceledError or None
        ``job`` is the first failed (or else canceled) record, ``finished`` contains the records of
        `ended`, and ``pending`` the other ids. A `JobCanceledError` means that simulations were
        canceled but none failed. For several simulations it is also an ExceptionGroup, with an
        exception for each of the first reasons.
    """
    bad = [record for record in ended.values() if is_failed(record)]
    if not bad:
        return None
    wanted = [*dict.fromkeys(ids)]
    if len(wanted) == 1:
        return _failure(bad[0], _line(bad[0], 1), finished=ended)
    pending = [each for each in wanted if each not in ended]
    counts = Counter((record.status, _reason(record)) for record in bad)
    firsts: dict[tuple[str | None, str | None], Simulation] = {}
    for record in bad:
        firsts.setdefault((record.status, _reason(record)), record)
    causes = [
        _failure(record, _line(record, counts[cause]))
        for cause, record in [*firsts.items()][:MOST_NAMED]
    ]
    first = next((record for record in bad if record.status == "failed"), bad[0])
    kind = BatchFailedError if first.status == "failed" else BatchCanceledError
    return kind(
        _message(len(wanted), len(pending), Counter(each.status for each in bad), causes, remedy)
        + _more(len(firsts) - _MOST_LINES),
        causes,
        job=first,
        error_code=first.error_code,
        data=dict(ended),
        finished=ended,
        pending=pending,
    )


def _failure(
    record: Simulation, message: str, finished: Mapping[str, Simulation] | None = None
) -> JobError:
    """Return the exception for one simulation."""
    kind = JobFailedError if record.status == "failed" else JobCanceledError
    return kind(
        message,
        job=record,
        error_code=record.error_code,
        data=None if finished is None else dict(finished),
        finished=finished,
    )


def naming(simulation_id: str, error: NotFoundError) -> NotFoundError:
    """Return the error of a simulation that does not exist, with the id in its message."""
    if simulation_id in error.message:
        return error
    return reworded(error, f"simulation {simulation_id!r} does not exist: {error.message}")


def _message(
    wanted: int,
    pending: int,
    statuses: Counter[str | None],
    causes: Sequence[JobError],
    remedy: str,
) -> str:
    kept = ".finished contains the records of those that have ended"
    if pending:
        keep = "keeps" if pending == 1 else "keep"
        kept += f", .pending the ids of {pending} that {keep} running"
    told = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    heading = (
        f"{statuses.total()} of {wanted} simulations did not complete ({told}); the exception's"
        f" {kept}; {remedy}:"
    )
    return "\n".join([heading, *(each.message for each in causes[:_MOST_LINES])])


def _more(number: int) -> str:
    if number <= 0:
        return ""
    noun = "reason" if number == 1 else "reasons"
    return f"\nand {number} other {noun}, see .exceptions and .finished"


def _line(record: Simulation, count: int) -> str:
    others = "" if count == 1 else f" (and {count - 1} more for this reason)"
    return f"Simulation {record.id} {record.status}: {_reason(record) or 'no reason given'}{others}"


def _reason(record: Simulation) -> str | None:
    """Return the error of a simulation, as far as it is known without a request.

    Of very many whose statuses have no reason, the first were looked up.
    """
    if isinstance(record, SettledSimulation) and not record.has_known("error"):
        return None
    return record.error
