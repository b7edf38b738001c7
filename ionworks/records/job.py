"""Jobs: the computations behind simulations and pipelines."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import attrs

from ionworks.records.record import Record

TERMINAL_STATUSES = frozenset({"completed", "failed", "canceled"})
"""Statuses that do not change any more. A job with any other status, known or not, is running."""

FAILED_STATUSES = frozenset({"failed", "canceled"})


@attrs.frozen(kw_only=True, repr=False)
class EndingRecord(Record):
    """A record of something that ends, with ``status``, ``is_terminal`` and ``is_failed``."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a record; older services omit the two flags, which then follow from the status."""
        completed = dict(values)
        status = values.get("status")
        if completed.get("is_terminal") is None:
            completed["is_terminal"] = status in TERMINAL_STATUSES
        if completed.get("is_failed") is None:
            completed["is_failed"] = status in FAILED_STATUSES
        return super().from_dict(completed)


@attrs.frozen(kw_only=True, repr=False)
class Job(EndingRecord):
    """One job.

    Attributes
    ----------
    job_id : str
        Its id.
    status : str or None
        ``pending``, ``waiting``, ``processing``, ``completed``, ``failed`` or ``canceled``.
    job_type : str or None
        Such as ``simulate``.
    compute_time : float or None
        Computation time in seconds.
    delay_reason : str or None
        Why it makes no progress although it has not ended, such as a full disk of the service.
    result : dict or None
        Output of the job.
    is_terminal, is_failed : bool
        Whether it has ended, and whether it ended in ``failed`` or ``canceled``.
    """

    identifies = MappingProxyType({"job_id": "job_id"})

    job_id: str
    status: str | None = None
    job_type: str | None = None
    priority: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    compute_time: float | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    result: dict[str, Any] | None = None
    is_terminal: bool = False
    is_failed: bool = False
    user_id: str | None = None
    organization_id: str | None = None
    project_id: str | None = None
