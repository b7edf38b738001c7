"""Simple pipelines: at most one fit or validation, run as one job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import PipelineFilters
from ionworks.data.paging import Page
from ionworks.errors import NotFoundError
from ionworks.records.project import Project
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.requests.pipeline import PipelineConfig
from ionworks.resources.pipeline_base import PipelineBase
from ionworks.transport.call import call
from ionworks.transport.idempotency import new_key
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.polling import Waiting, waits
from ionworks.workflows.pipelines import wire_config
from ionworks.workflows.pipelines.element_results import FitResult, typed_result
from ionworks.workflows.pipelines.fitted_curves import FittedCurves
from ionworks_api_client.api.job import get_job_metadata
from ionworks_api_client.api.simple_pipeline import (
    cancel_simple_pipeline,
    create_simple_pipeline,
    delete_simple_pipeline,
    get_simple_pipeline,
    list_simple_pipelines,
    update_simple_pipeline,
)
from ionworks_api_client.models import SimplePipelineRequest

__all__ = ["SimplePipelineResource"]


class SimplePipelineResource(PipelineBase[SimplePipeline]):
    """Run pipelines with at most one fit or validation.

    A simple pipeline can be given as its id or as its record.
    """

    _record = SimplePipeline
    _jobs = Jobs(noun="simple pipeline", resume="client.simple_pipeline.wait_for_completion")

    def create(
        self,
        config: Mapping[str, Any],
        project_id: str | Project | None = None,
        name: str | None = None,
        description: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> SimplePipeline:
        """Submit a simple pipeline.

        Parameters
        ----------
        config : mapping
            ``{"elements": {...}}`` as for ``client.pipeline.create``, with at most one
            ``data_fit``, ``array_data_fit`` or ``validation``. `config` can also contain
            ``project_id``, ``name``, ``description`` and ``options``.
        project_id : str or Project, optional
            The project; else the one in `config`, else the client's default.
        name, description : str, optional
            Name and description of the simple pipeline.
        options : mapping, optional
            ``{"live_progress_updates": bool or None}``: whether progress is stored while it runs.

        Returns
        -------
        SimplePipeline
            With ``id`` and ``status``, which is ``pending`` at first.

        Raises
        ------
        ValueError, TypeError, FileNotFoundError
            If an argument is invalid; nothing was sent.
        IonworksError
            If the service rejects the request or fails.
        """
        checked = PipelineConfig.of_simple(
            config, project_id=project_id, name=name, description=description, options=options
        )
        optional = {
            "name": checked.name,
            "description": checked.description,
            "options": wire_config.wire_options(checked),
        }
        body = {
            "project_id": self._required_project(checked.project_id),
            "config": {"elements": wire_config.wire_elements(checked, wrap_frames=False)},
            **{key: value for key, value in optional.items() if value is not None},
        }
        request = SimplePipelineRequest.from_dict(body)
        pipeline = SimplePipeline.from_model(
            call(
                create_simple_pipeline.sync_detailed,
                client=self._api,
                body=request,
                idempotency_key=new_key(),
            )
        )
        self._remember("simple_pipeline", pipeline, body["project_id"])
        return pipeline

    @waits
    def wait_for_completion(
        self,
        simple_pipeline_id: str | SimplePipeline,
        timeout: float | None = 600,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Waiting[SimplePipeline]:
        """Wait until a simple pipeline has ended, and return its record with the ``result``.

        Parameters
        ----------
        simple_pipeline_id : str or SimplePipeline
            The simple pipeline.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two status requests, in seconds.
        verbose : bool, optional
            Whether to show status, best cost and evaluations on standard error.
        raise_on_failure : bool, optional
            Whether a failed simple pipeline raises an exception. If False its record is returned;
            the record of a canceled one is always returned.

        Raises
        ------
        JobFailedError
            If it has failed; the message contains the server's reason.
        WaitTimeoutError
            If it has not ended within `timeout`; also a ``TimeoutError``. The simple pipeline
            keeps running.
        NotFoundError
            If the simple pipeline does not exist.
        """
        return (
            yield from self._waited(
                simple_pipeline_id, timeout, poll_interval, verbose, raise_on_failure
            )
        )

    def get(self, simple_pipeline_id: str | SimplePipeline) -> SimplePipeline:
        """Get a simple pipeline, with its result when it has completed."""
        return self._requested(get_simple_pipeline.sync_detailed, simple_pipeline_id)

    def list(
        self,
        project_id: str | Project | None = None,
        limit: int = 10,
        offset: int = 0,
        **wanted: Unpack[PipelineFilters],
    ) -> Page[SimplePipeline]:
        """List simple pipelines, newest first.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        **wanted
            Filters and order, see `ionworks.data.filters.PipelineFilters`. The default order is
            ``created_at``, descending.
        """
        query = {"order_by": "created_at", "order": "desc", **filters.pipeline_query(wanted)}
        return self._page(
            list_simple_pipelines.sync_detailed,
            SimplePipeline,
            limit,
            offset,
            project_id=self._required_project(project_id),
            **query,
        )

    def update(
        self,
        simple_pipeline_id: str | SimplePipeline,
        name: str | None = None,
        description: str | None = None,
    ) -> SimplePipeline:
        """Change the name or description of a simple pipeline; at least one is required."""
        return self._updated(
            update_simple_pipeline.sync_detailed, simple_pipeline_id, name, description
        )

    def cancel(self, simple_pipeline_id: str | SimplePipeline) -> SimplePipeline:
        """Cancel a simple pipeline; the best result of its fit so far is kept.

        A simple pipeline that has ended is not changed.
        """
        return self._canceled(cancel_simple_pipeline.sync_detailed, simple_pipeline_id)

    def delete(self, simple_pipeline_id: str | SimplePipeline) -> None:
        """Delete a simple pipeline, its job and its stored configuration."""
        call(delete_simple_pipeline.sync_detailed, self._id(simple_pipeline_id), client=self._api)

    def result(self, simple_pipeline_id: str | SimplePipeline) -> FitResult | Any:
        """Get the result of a simple pipeline; its curves can be read and plotted.

        Returns
        -------
        FitResult, ValidationResult or ElementResult
            The same classes as for an element of a pipeline, with ``plot_fit()`` and the other
            plots.

        Raises
        ------
        ValueError
            If it has no result; the message contains its status.
        """
        record = self.get(simple_pipeline_id)
        if record.result is None:
            reason = f": {record.error}" if record.error else ""
            raise ValueError(
                f"the simple pipeline {record.id} has no result (status {record.status}){reason}"
            )
        curves = None if record.job_id is None else FittedCurves(self._connection, record.job_id)
        return typed_result(record.result, lambda _: curves)

    def _progress(self, record: SimplePipeline) -> dict[str, Any] | None:
        """Return the progress of a fit, from its record or the last step its job has saved."""
        progress: dict[str, Any] | None = record.get("progress")
        if progress is not None or record.job_id is None:
            return progress
        try:
            metadata = call(
                get_job_metadata.sync_detailed, record.job_id, client=self._api
            ).to_dict()
        except NotFoundError:
            # The job has metadata only after it has saved its first step.
            return None
        steps: list[dict[str, Any]] = metadata.get("intermediate_results") or []
        return steps[-1] if steps else None
