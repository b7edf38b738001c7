"""Pipelines: chains of fits, calculations and validations."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import attrs

from ionworks.records.job import EndingRecord
from ionworks.records.record import Record

__all__ = ["Pipeline", "PipelineElement"]


@attrs.frozen(kw_only=True, repr=False)
class Pipeline(EndingRecord):
    """A pipeline.

    Attributes
    ----------
    id : str
        Its id.
    status : str or None
        ``pending``, ``running``, ``completed``, ``failed`` or ``canceled``.
    is_terminal, is_failed : bool
        Whether it has ended, and whether it ended in ``failed`` or ``canceled``.
    error, error_code : str or None
        Why it failed.
    delay_reason : str or None
        Why it makes no progress although it has not ended, such as a full disk of the service.
    options : dict or None
        Options of the submission.
    elements : list of dict or None
        Its elements; only in the reply to a submission, see ``client.pipeline.list_elements``.
    provenance : dict or None
        How its results were made: ``versions`` of packages, ``solver``, ``tolerances``,
        ``configuration_digest`` and ``seeds`` by element. None before it has completed, in lists,
        and from services that do not return it.
    """

    identifies = MappingProxyType({"pipeline_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    user_id: str | None = None
    status: str | None = None
    is_terminal: bool = False
    is_failed: bool = False
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    options: dict[str, Any] | None = None
    elements: list[dict[str, Any]] | None = None
    provenance: dict[str, Any] | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class PipelineElement(Record):
    """A step of a pipeline.

    Attributes
    ----------
    name : str
        Its name in the configuration.
    element_order : int or None
        Its position, from 1.
    element_type : str or None
        Label of its type: ``Direct Entry``, ``Data Fit``, ``Calculation``, ``Validation``, ...
    status : str or None
        ``pending``, ``running``, ``completed``, ``failed``, ``skipped`` or ``canceled``.
    job_id, job_status : str or None
        The job that runs it, and the status of the job.
    progress : dict or None
        Its progress; for a fit ``best_cost`` and ``evaluations``.
    result : dict or None
        Its result.
    error, error_code, error_detail : str, str, dict or None
        Why it failed.
    """

    name: str
    id: str | None = None
    pipeline_id: str | None = None
    element_order: int | None = None
    element_type: str | None = None
    status: str | None = None
    job_id: str | None = None
    job_status: str | None = None
    job_config: dict[str, Any] | None = None
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    error_code: str | None = None
    error_detail: dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None
