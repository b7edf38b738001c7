"""Pipelines: fits, calculations and validations run in sequence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import PipelineFilters
from ionworks.data.paging import Page
from ionworks.records.pipeline import Pipeline
from ionworks.records.project import Project
from ionworks.requests.fields import text
from ionworks.requests.pipeline import PipelineConfig
from ionworks.resources.pipeline_elements import PipelineElements
from ionworks.transport.call import call
from ionworks.transport.idempotency import new_key
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.polling import Waiting, waits
from ionworks.workflows.pipelines import pipeline_wait, wire_config
from ionworks.workflows.pipelines.element_results import PipelineResult, typed_result
from ionworks.workflows.pipelines.fitted_curves import FittedCurves
from ionworks_api_client.api.pipeline import (
    cancel_pipeline,
    create_pipeline,
    delete_pipeline,
    get_pipeline,
    get_pipeline_result,
    list_pipelines,
    update_pipeline,
)
from ionworks_api_client.models import PipelineRequest

__all__ = ["PipelineResource"]


class PipelineResource(PipelineElements):
    """Submit pipelines, wait for them, and read their results.

    A pipeline can be given as its id or as its record.
    """

    _jobs = Jobs(noun="pipeline", resume="client.pipeline.wait_for_completion")

    def create(
        self,
        config: Mapping[str, Any],
        *,
        project_id: str | Project | None = None,
        name: str | None = None,
        description: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Pipeline:
        """Submit a pipeline.

        Parameters
        ----------
        config : mapping
            ``{"elements": {name: {"element_type": ..., ...}}}``. The elements run in the given
            order; each receives the parameters of the earlier ones. Data are ``db:<measurement
            id>``, ``file:<path>``, ``folder:<path>``, ``<element>.<name>``, or a data frame or
            mapping of columns with up to 1000 rows. PyBaMM models, parameter values and
            expressions are sent as PyBaMM's JSON. `config` can also contain ``project_id``,
            ``name``, ``description``, ``options`` and ``output_file``.
        project_id : str or Project, optional
            The project; else the one in `config`, else the client's default.
        name, description : str, optional
            Name and description of the pipeline.
        options : mapping, optional
            ``{"live_progress_updates": bool or None}``: whether progress is stored while the
            pipeline runs.

        Returns
        -------
        Pipeline
            With ``id`` and ``status``.

        Raises
        ------
        ValueError, TypeError, FileNotFoundError
            If an argument is invalid; nothing was sent.
        IonworksError
            If the service rejects the request or fails.
        """
        checked = PipelineConfig.of(
            config, project_id=project_id, name=name, description=description, options=options
        )
        optional = {
            "name": checked.name,
            "description": checked.description,
            "output_file": checked.output_file,
        }
        body = {
            "elements": wire_config.wire_elements(checked, wrap_frames=True),
            "project_id": self._required_project(checked.project_id),
            "options": wire_config.wire_options(checked) or {},
            **{key: value for key, value in optional.items() if value is not None},
        }
        request = PipelineRequest.from_dict(body)
        pipeline = Pipeline.from_model(
            call(
                create_pipeline.sync_detailed,
                client=self._api,
                body=request,
                idempotency_key=new_key(),
            )
        )
        self._remember("pipeline", pipeline, body["project_id"])
        return pipeline

    @waits
    def wait_for_completion(
        self,
        pipeline_id: str | Pipeline,
        timeout: float | None = 600,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Waiting[Pipeline]:
        """Wait until a pipeline has ended.

        Parameters
        ----------
        pipeline_id : str or Pipeline
            The pipeline.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two status requests, in seconds.
        verbose : bool, optional
            Whether to show status, best cost and evaluations on standard error.
        raise_on_failure : bool, optional
            Whether a failed pipeline raises an exception. If False its record is returned; the
            record of a canceled pipeline is always returned.

        Raises
        ------
        JobFailedError
            If the pipeline has failed; the message contains the server's reason.
        WaitTimeoutError
            If the pipeline has not ended within `timeout`; also a ``TimeoutError``. The pipeline
            keeps running.
        NotFoundError
            If the pipeline does not exist.
        """
        return (
            yield from self._waited(pipeline_id, timeout, poll_interval, verbose, raise_on_failure)
        )

    def get(self, pipeline_id: str | Pipeline) -> Pipeline:
        """Get a pipeline."""
        return self._requested(get_pipeline.sync_detailed, pipeline_id)

    def list(
        self,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the name of the query parameter
        **wanted: Unpack[PipelineFilters],
    ) -> Page[Pipeline]:
        """List pipelines, newest first.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        id : str, optional
            A filter on the id, written like those of `wanted`.
        **wanted
            Filters and order, see `ionworks.data.filters.PipelineFilters`.
        """
        query = filters.pipeline_query(wanted)
        if id is not None:
            query["id"] = text(id, "id")
        return self._page(
            list_pipelines.sync_detailed,
            Pipeline,
            limit,
            offset,
            items="pipelines",
            offset_parameter="skip",
            project_id=self._required_project(project_id),
            **query,
        )

    def update(
        self,
        pipeline_id: str | Pipeline,
        name: str | None = None,
        description: str | None = None,
    ) -> Pipeline:
        """Change the name or description of a pipeline; at least one is required."""
        return self._updated(update_pipeline.sync_detailed, pipeline_id, name, description)

    def cancel(self, pipeline_id: str | Pipeline) -> Pipeline:
        """Cancel a pipeline; the best result of its fit so far is kept.

        A pipeline that has ended is not changed.
        """
        return self._canceled(cancel_pipeline.sync_detailed, pipeline_id)

    def delete(self, pipeline_id: str | Pipeline) -> None:
        """Delete a pipeline with its elements, jobs and results."""
        call(delete_pipeline.sync_detailed, self._id(pipeline_id), client=self._api)

    def result(self, pipeline_id: str | Pipeline) -> PipelineResult:
        """Get the result of a pipeline.

        Returns
        -------
        PipelineResult
            ``element_results`` by element name. For a fit ``result.element("fit")`` is a
            `FitResult`, which can also read and plot its curves.

        Raises
        ------
        NotFoundError
            If the pipeline does not exist or has no result yet.
        """
        identifier = self._id(pipeline_id)
        reply = call(get_pipeline_result.sync_detailed, identifier, client=self._api).to_dict()
        results = {
            name: typed_result(values or {}, partial(self._curves, identifier, name))
            for name, values in (reply.get("element_results") or {}).items()
        }
        return PipelineResult.from_dict({**reply, "element_results": results})

    def _curves(self, pipeline_id: str, element: str, job_id: str | None) -> FittedCurves | None:
        """Return the reader of an element's curves, None if the element has no job."""
        if job_id is None:
            # Older results do not contain the id of their job.
            known = {each.name: each.job_id for each in self.list_elements(pipeline_id)}
            job_id = known.get(element)
        return None if job_id is None else FittedCurves(self._connection, job_id)

    def _progress(self, record: Pipeline) -> dict[str, Any] | None:
        return pipeline_wait.progress_of(self.list_elements(record.id))

    def _reason(self, record: Pipeline) -> str | None:
        if record.error is not None:
            return record.error
        # Some services give the reason only on the element that failed.
        failed = [each for each in self.list_elements(record.id) if each.status == "failed"]
        return f"element {failed[0].name!r}: {failed[0].error}" if failed else None
