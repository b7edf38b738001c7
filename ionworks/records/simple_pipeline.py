"""Simple pipelines: one fit or validation, run as one job."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.job import EndingRecord

__all__ = ["SimplePipeline"]


@attrs.frozen(kw_only=True, repr=False)
class SimplePipeline(EndingRecord):
    """A pipeline with at most one fit or validation, run as one job.

    Attributes
    ----------
    id : str
        Its id.
    status : str or None
        ``pending``, ``running``, ``completed``, ``failed`` or ``canceled``.
    is_terminal, is_failed : bool
        Whether it has ended, and whether it ended in ``failed`` or ``canceled``.
    job_id : str or None
        The job that runs it.
    error, error_code : str or None
        Why it failed.
    delay_reason : str or None
        Why it makes no progress although it has not ended, such as a full disk of the service.
    result : dict or None
        Set when completed: ``parameter_values`` as a flat dict, ``cost`` for a fit,
        ``summary_stats`` for a validation.
    provenance : dict or None
        How its results were made: ``versions`` of packages, ``solver``, ``tolerances``,
        ``configuration_digest`` and ``seeds`` by element. None before it has completed, in lists,
        and from services that do not return it.
    """

    identifies = MappingProxyType({"simple_pipeline_id": "id", "job_id": "job_id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    user_id: str | None = None
    status: str | None = None
    is_terminal: bool = False
    is_failed: bool = False
    job_id: str | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    config_path: str | None = None
    result: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
