"""Pipelines: fits, calculations and validations one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import PipelineFilters
from ionworks.data.paging import Page, Slice
from ionworks.records.pipeline import Pipeline
from ionworks.requests.fields import text
from ionworks.requests.pipeline import PipelineConfig
from ionworks.resources.pipeline_elements import PipelineElements
from ionworks.resources.resource import WaitingResource
from ionworks.transport.call import call
from ionworks.waiting.polling import Jobs
from ionworks.workflows.pipelines import pipeline_wait, wire_config
from ionworks.workflows.pipelines.element_results import PipelineResult, typed_result
from ionworks.workflows.pipelines.fitted_curves import Curves
from ionworks_api_client.api.pipeline import (
    cancel_pipeline,
    create_pipeline,
    delete_pipeline,
    get_pipeline,
    get_pipeline_result,
    list_pipelines,
    update_pipeline,
)
from ionworks_api_client.models import EmptyRequest, PipelineRequest, PipelineUpdate

__all__ = ["PipelineResource"]

_LARGEST_PAGE = 100
_JOBS = Jobs(noun="pipeline", resume="client.pipeline.wait_for_completion")


class PipelineResource(WaitingResource, PipelineElements):
    """Submit pipelines, follow them, and read what they gave.

    A pipeline can be given as its id or as its record.
    """

    def create(
        self,
        config: Mapping[str, Any],
        *,
        project_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Pipeline:
        """Submit a pipeline.

        Parameters
        ----------
        config : mapping
            ``{"elements": {name: {"element_type": ..., ...}}}``; the elements run in their order,
            and parameters flow from one to the next. Data are ``db:<measurement id>``,
            ``file:<path>``, ``folder:<path>``, ``<element>.<name>``, or a data frame or mapping of
            columns of up to 1000 rows. PyBaMM's models, parameter values and expressions are
            written in the form they travel. ``project_id``, ``name``, ``description``,
            ``options`` and ``output_file`` may stand in it too.
        project_id : str, optional
            The project; else the one in `config`, else the client's default.
        name, description : str, optional
            What to call it, and what it is for.
        options : mapping, optional
            ``{"live_progress_updates": bool or None}``: whether progress is stored while it runs.

        Returns
        -------
        Pipeline
            With ``id`` and ``status``.

        Raises
        ------
        ValueError, TypeError, FileNotFoundError
            If something cannot be meant; nothing was sent.
        IonworksError
            If the service refuses or fails.
        """
        checked = PipelineConfig.of(
            config, project_id=project_id, name=name, description=description, options=options
        )
        beside = {
            "name": checked.name,
            "description": checked.description,
            "output_file": checked.output_file,
        }
        body = {
            "elements": wire_config.wire_elements(checked, wrap_frames=True),
            "project_id": self._required_project(checked.project_id),
            "options": wire_config.wire_options(checked) or {},
            **{key: value for key, value in beside.items() if value is not None},
        }
        return Pipeline.from_model(
            call(
                create_pipeline.sync_detailed,
                client=self._api,
                body=PipelineRequest.from_dict(body),
            )
        )

    def wait_for_completion(
        self,
        pipeline_id: str | Pipeline,
        timeout: float | None = 600,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Pipeline:
        """Wait until a pipeline has ended.

        Parameters
        ----------
        pipeline_id : str or Pipeline
            The pipeline.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two questions, in seconds.
        verbose : bool, optional
            Whether to show status, best cost and evaluations on standard error.
        raise_on_failure : bool, optional
            Whether a failed pipeline is an exception; else its record is returned, as that of a
            canceled one always is.

        Raises
        ------
        JobFailedError
            If it has failed; the message has the server's reason.
        WaitTimeoutError
            If the time is over; a ``TimeoutError``. The pipeline goes on.
        NotFoundError
            If there is no such pipeline.
        """
        pace = self._pace(timeout, poll_interval)
        record = pipeline_wait.wait_until_ended(
            self._id(pipeline_id),
            self.get,
            lambda running: pipeline_wait.progress_of(self.list_elements(running.id)),
            jobs=_JOBS,
            pace=pace,
            verbose=verbose,
        )
        if raise_on_failure and record.status == "failed":
            pipeline_wait.check_success(record, _JOBS.noun, self._reason(record))
        return record

    def get(self, pipeline_id: str | Pipeline) -> Pipeline:
        """Get a pipeline."""
        identifier = self._id(pipeline_id)
        return Pipeline.from_model(call(get_pipeline.sync_detailed, identifier, client=self._api))

    def list(
        self,
        project_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        id: str | None = None,  # noqa: A002 the service's name of it
        **wanted: Unpack[PipelineFilters],
    ) -> Page[Pipeline]:
        """List pipelines, newest first.

        Parameters
        ----------
        project_id : str, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        id : str, optional
            A filter on the id, as those of `wanted`.
        **wanted
            Filters and order, see `ionworks.data.filters.PipelineFilters`.
        """
        query = filters.pipeline_query(wanted)
        if id is not None:
            query["id"] = text(id, "id")
        project = self._required_project(project_id)

        def fetch(start: int | None, size: int | None) -> Slice[Pipeline]:
            page = call(
                list_pipelines.sync_detailed,
                client=self._api,
                project_id=project,
                limit=self._given(size),
                skip=self._given(start),
                **query,
            )
            total = page.total if isinstance(page.total, int) else None
            return Slice([Pipeline.from_model(each) for each in page.pipelines], total)

        return Page.first(fetch, limit=limit, offset=offset, maximum=_LARGEST_PAGE)

    def update(
        self,
        pipeline_id: str | Pipeline,
        name: str | None = None,
        description: str | None = None,
    ) -> Pipeline:
        """Rename or describe a pipeline; at least one of the two."""
        identifier = self._id(pipeline_id)
        body = PipelineUpdate.from_dict(wire_config.wire_changes(name, description))
        return Pipeline.from_model(
            call(update_pipeline.sync_detailed, identifier, client=self._api, body=body)
        )

    def cancel(self, pipeline_id: str | Pipeline) -> Pipeline:
        """Cancel a pipeline; what its fit has found so far is kept.

        One that has ended stays as it is.
        """
        identifier = self._id(pipeline_id)
        return Pipeline.from_model(
            call(cancel_pipeline.sync_detailed, identifier, client=self._api, body=EmptyRequest())
        )

    def delete(self, pipeline_id: str | Pipeline) -> None:
        """Delete a pipeline with its elements, jobs and results."""
        call(delete_pipeline.sync_detailed, self._id(pipeline_id), client=self._api)

    def result(self, pipeline_id: str | Pipeline) -> PipelineResult:
        """Get what a pipeline gave.

        Returns
        -------
        PipelineResult
            ``element_results`` by element name; ``result.element("fit")`` is a `FitResult`, which
            also reads and draws its curves.

        Raises
        ------
        NotFoundError
            If there is no such pipeline, or it has no result yet.
        """
        identifier = self._id(pipeline_id)
        reply = call(get_pipeline_result.sync_detailed, identifier, client=self._api).to_dict()
        results = {
            name: typed_result(values or {}, partial(self._curves, identifier, name))
            for name, values in (reply.get("element_results") or {}).items()
        }
        return PipelineResult.from_dict({**reply, "element_results": results})

    def _curves(self, pipeline_id: str, element: str, job_id: str | None) -> Curves | None:
        """Return the way to an element's curves; older results do not name their job."""
        if job_id is None:
            known = {each.name: each.job_id for each in self.list_elements(pipeline_id)}
            job_id = known.get(element)
        return None if job_id is None else Curves(self._connection, job_id)

    def _reason(self, record: Pipeline) -> str | None:
        """Find out why a pipeline has failed where only the element says so."""
        if record.error is not None:
            return None
        failed = [each for each in self.list_elements(record.id) if each.status == "failed"]
        return f"element {failed[0].name!r}: {failed[0].error}" if failed else None
