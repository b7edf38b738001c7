"""Simple pipelines: one fit or validation, submitted and forgotten until its result is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import PipelineFilters
from ionworks.data.paging import Page, Slice
from ionworks.errors import NotFoundError
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.requests.pipeline import PipelineConfig
from ionworks.resources.resource import WaitingResource
from ionworks.transport.call import call
from ionworks.waiting.polling import Jobs
from ionworks.workflows.pipelines import pipeline_wait, wire_config
from ionworks.workflows.pipelines.element_results import FitResult, typed_result
from ionworks.workflows.pipelines.fitted_curves import Curves
from ionworks_api_client.api.job import get_job_metadata
from ionworks_api_client.api.simple_pipeline import (
    cancel_simple_pipeline,
    create_simple_pipeline,
    delete_simple_pipeline,
    get_simple_pipeline,
    list_simple_pipelines,
    update_simple_pipeline,
)
from ionworks_api_client.models import EmptyRequest, PipelineUpdate, SimplePipelineRequest

__all__ = ["SimplePipelineResource"]

_LARGEST_PAGE = 100
_JOBS = Jobs(noun="simple pipeline", resume="client.simple_pipeline.wait_for_completion")


class SimplePipelineResource(WaitingResource):
    """Run pipelines with at most one fit or validation.

    A simple pipeline can be given as its id or as its record.
    """

    def create(
        self,
        config: Mapping[str, Any],
        project_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> SimplePipeline:
        """Submit a simple pipeline.

        Parameters
        ----------
        config : mapping
            ``{"elements": {...}}`` as for ``client.pipeline.create``, with at most one
            ``data_fit``, ``array_data_fit`` or ``validation``. ``project_id``, ``name``,
            ``description`` and ``options`` may stand in it too.
        project_id : str, optional
            The project; else the one in `config`, else the client's default.
        name, description : str, optional
            What to call it, and what it is for.
        options : mapping, optional
            ``{"live_progress_updates": bool or None}``: whether progress is stored while it runs.

        Returns
        -------
        SimplePipeline
            With ``id`` and ``status``, which is ``pending`` at first.

        Raises
        ------
        ValueError, TypeError, FileNotFoundError
            If something cannot be meant; nothing was sent.
        IonworksError
            If the service refuses or fails.
        """
        checked = PipelineConfig.of_simple(
            config, project_id=project_id, name=name, description=description, options=options
        )
        beside = {
            "name": checked.name,
            "description": checked.description,
            "options": wire_config.wire_options(checked),
        }
        body = {
            "project_id": self._required_project(checked.project_id),
            "config": {"elements": wire_config.wire_elements(checked, wrap_frames=False)},
            **{key: value for key, value in beside.items() if value is not None},
        }
        return SimplePipeline.from_model(
            call(
                create_simple_pipeline.sync_detailed,
                client=self._api,
                body=SimplePipelineRequest.from_dict(body),
            )
        )

    def wait_for_completion(
        self,
        simple_pipeline_id: str | SimplePipeline,
        timeout: float | None = 600,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> SimplePipeline:
        """Wait until a simple pipeline has ended, and return its record with the ``result``.

        Parameters
        ----------
        simple_pipeline_id : str or SimplePipeline
            The simple pipeline.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two questions, in seconds.
        verbose : bool, optional
            Whether to show status, best cost and evaluations on standard error.
        raise_on_failure : bool, optional
            Whether a failed one is an exception; else its record is returned, as that of a
            canceled one always is.

        Raises
        ------
        JobFailedError
            If it has failed; the message has the server's reason.
        WaitTimeoutError
            If the time is over; a ``TimeoutError``. The simple pipeline goes on.
        NotFoundError
            If there is no such simple pipeline.
        """
        pace = self._pace(timeout, poll_interval)
        record = pipeline_wait.wait_until_ended(
            self._id(simple_pipeline_id),
            self.get,
            self._progress,
            jobs=_JOBS,
            pace=pace,
            verbose=verbose,
        )
        if raise_on_failure:
            pipeline_wait.check_success(record, _JOBS.noun)
        return record

    def get(self, simple_pipeline_id: str | SimplePipeline) -> SimplePipeline:
        """Get a simple pipeline, with its result when it has completed."""
        identifier = self._id(simple_pipeline_id)
        return SimplePipeline.from_model(
            call(get_simple_pipeline.sync_detailed, identifier, client=self._api)
        )

    def list(
        self,
        project_id: str | None = None,
        limit: int = 10,
        offset: int = 0,
        **wanted: Unpack[PipelineFilters],
    ) -> Page[SimplePipeline]:
        """List simple pipelines, newest first.

        Parameters
        ----------
        project_id : str, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        **wanted
            Filters and order, see `ionworks.data.filters.PipelineFilters`; by ``created_at``,
            descending, if no other order is given.
        """
        query = {
            "order_by": "created_at",
            "order": "desc",
            **filters.pipeline_query(wanted),
        }
        project = self._required_project(project_id)

        def fetch(start: int | None, size: int | None) -> Slice[SimplePipeline]:
            page = call(
                list_simple_pipelines.sync_detailed,
                client=self._api,
                project_id=project,
                limit=self._given(size),
                offset=self._given(start),
                **query,
            )
            return self._slice(page, SimplePipeline, limit=size)

        return Page.first(fetch, limit=limit, offset=offset, maximum=_LARGEST_PAGE)

    def update(
        self,
        simple_pipeline_id: str | SimplePipeline,
        name: str | None = None,
        description: str | None = None,
    ) -> SimplePipeline:
        """Rename or describe a simple pipeline; at least one of the two."""
        identifier = self._id(simple_pipeline_id)
        body = PipelineUpdate.from_dict(wire_config.wire_changes(name, description))
        return SimplePipeline.from_model(
            call(update_simple_pipeline.sync_detailed, identifier, client=self._api, body=body)
        )

    def cancel(self, simple_pipeline_id: str | SimplePipeline) -> SimplePipeline:
        """Cancel a simple pipeline; what its fit has found so far is kept.

        One that has ended stays as it is.
        """
        identifier = self._id(simple_pipeline_id)
        return SimplePipeline.from_model(
            call(
                cancel_simple_pipeline.sync_detailed,
                identifier,
                client=self._api,
                body=EmptyRequest(),
            )
        )

    def delete(self, simple_pipeline_id: str | SimplePipeline) -> None:
        """Delete a simple pipeline, its job and its stored configuration."""
        identifier = self._id(simple_pipeline_id)
        call(delete_simple_pipeline.sync_detailed, identifier, client=self._api)

    def result(self, simple_pipeline_id: str | SimplePipeline) -> FitResult | Any:
        """Get what a simple pipeline gave, with its curves and pictures.

        Returns
        -------
        FitResult, ValidationResult or ElementResult
            As of an element of a pipeline, so that ``plot_fit()`` and the like work.

        Raises
        ------
        ValueError
            If it has no result, saying how it stands.
        """
        record = self.get(simple_pipeline_id)
        if record.result is None:
            reason = f": {record.error}" if record.error else ""
            raise ValueError(
                f"the simple pipeline {record.id} has no result (status {record.status}){reason}"
            )
        job_id = record.job_id
        return typed_result(
            record.result, lambda _: None if job_id is None else Curves(self._connection, job_id)
        )

    def _id(self, simple_pipeline: str | SimplePipeline) -> str:
        if isinstance(simple_pipeline, SimplePipeline):
            return simple_pipeline.id
        return self._identifier(simple_pipeline, "simple_pipeline_id")

    def _progress(self, record: SimplePipeline) -> dict[str, Any] | None:
        """Return how far a fit is, from its record or from the last step its job has saved."""
        progress: dict[str, Any] | None = record.get("progress")
        if progress is not None or record.job_id is None:
            return progress
        try:
            metadata = call(
                get_job_metadata.sync_detailed, record.job_id, client=self._api
            ).to_dict()
        except NotFoundError:
            # There is none before the first step was saved.
            return None
        steps: list[dict[str, Any]] = metadata.get("intermediate_results") or []
        return steps[-1] if steps else None
