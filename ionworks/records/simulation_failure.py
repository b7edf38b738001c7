"""The exception for simulations that failed or were canceled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionworks.errors import JobCanceledError, JobError, JobFailedError
from ionworks.records.job import FAILED_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ionworks.records.simulation import Simulation

__all__ = ["failure_of"]

_MOST_NAMED = 20


def failure_of(ended: Mapping[str, Simulation]) -> JobError | None:
    """Return the exception for simulations that failed or were canceled, or None.

    Parameters
    ----------
    ended : Mapping
        Records by id; all have ended.

    Returns
    -------
    JobFailedError or JobCanceledError or None
        ``job`` is the first failed (or else canceled) record, ``data`` contains all records by
        id. A `JobCanceledError` means that simulations were canceled but none failed.
    """
    bad = [record for record in ended.values() if record.status in FAILED_STATUSES]
    if not bad:
        return None
    failed = [record for record in bad if record.status == "failed"]
    first = (failed or bad)[0]
    kind = JobFailedError if failed else JobCanceledError
    return kind(_message(ended, bad), job=first, error_code=first.error_code, data=dict(ended))


def _message(ended: Mapping[str, Simulation], bad: list[Simulation]) -> str:
    lines = [_line(record) for record in bad[:_MOST_NAMED]]
    if len(ended) == 1:
        return lines[0]
    if len(bad) > _MOST_NAMED:
        lines.append(f"and {len(bad) - _MOST_NAMED} more")
    heading = (
        f"{len(bad)} of {len(ended)} simulations did not complete; the exception's .data contains"
        " all records by id, and raise_on_failure=False returns them:"
    )
    return "\n".join([heading, *lines])


def _line(record: Simulation) -> str:
    return f"Simulation {record.id} {record.status}: {record.error or 'no reason given'}"
