"""Elements of pipelines: how each stands, and what it left on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from ionworks.doe.scalars import integer, nearest
from ionworks.records.pipeline import Pipeline, PipelineElement
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks_api_client.api.job import (
    get_job_metadata,
    get_job_series,
    list_job_series_channels,
)
from ionworks_api_client.api.pipeline import list_pipeline_elements

__all__ = ["PipelineElements"]

# In the class that descends from this one the word `list` means the method.
Elements: TypeAlias = list[PipelineElement]


class PipelineElements(Resource):
    """What there is to read of the elements of a pipeline."""

    def list_elements(self, pipeline_id: str | Pipeline) -> Elements:
        """List the elements of a pipeline in their order, with the status of each."""
        identifier = self._id(pipeline_id)
        elements = call(list_pipeline_elements.sync_detailed, identifier, client=self._api)
        return [PipelineElement.from_model(each) for each in elements]

    def get_element_metadata(
        self,
        pipeline_id: str | Pipeline,
        element: str,
        elements: Sequence[PipelineElement] | None = None,
    ) -> dict[str, Any]:
        """Get progress and side results of an element.

        Parameters
        ----------
        pipeline_id : str or Pipeline
            The pipeline.
        element : str
            Name of the element.
        elements : sequence of PipelineElement, optional
            What `list_elements` returned, to spare asking again.

        Raises
        ------
        ValueError
            If there is no such element, or it has no job yet.
        """
        job_id = self._job_id(pipeline_id, element, elements)
        return call(get_job_metadata.sync_detailed, job_id, client=self._api).to_dict()

    def get_element_series_channels(
        self,
        pipeline_id: str | Pipeline,
        element: str,
        elements: Sequence[PipelineElement] | None = None,
    ) -> dict[str, Any]:
        """Get the channels of an element: ``{objective: {source: [channel, ...]}}``.

        Parameters and errors are those of `get_element_metadata`.
        """
        job_id = self._job_id(pipeline_id, element, elements)
        return call(list_job_series_channels.sync_detailed, job_id, client=self._api).to_dict()

    def get_element_series(
        self,
        pipeline_id: str | Pipeline,
        element: str,
        objective: str,
        source: Literal["optimal", "baseline"] = "optimal",
        *,
        columns: str | Sequence[str] | None = None,
        x_column: str | None = None,
        max_points: int | None = None,
        x_min: float | None = None,
        x_max: float | None = None,
    ) -> dict[str, Any]:
        """Get channels of one objective of an element.

        Parameters
        ----------
        pipeline_id, element
            As in `get_element_metadata`.
        objective, source, columns, x_column, max_points, x_min, x_max
            As in ``client.job.get_series``.

        Returns
        -------
        dict of str to list
            Values by channel, all of one length.
        """
        if source not in {"optimal", "baseline"}:
            raise ValueError(f"source must be 'optimal' or 'baseline', not {source!r}")
        if max_points is not None:
            integer(max_points, "max_points", least=1)
        if columns is not None and not isinstance(columns, str):
            columns = ",".join(columns)
        return call(
            get_job_series.sync_detailed,
            self._job_id(pipeline_id, element),
            client=self._api,
            objective=text(objective, "objective"),
            source=source,
            columns=self._given(columns),
            x_column=self._given(x_column),
            max_points=self._given(max_points),
            x_min=self._given(x_min),
            x_max=self._given(x_max),
        ).to_dict()

    def _id(self, pipeline: str | Pipeline) -> str:
        if isinstance(pipeline, Pipeline):
            return pipeline.id
        return self._identifier(pipeline, "pipeline_id")

    def _job_id(
        self,
        pipeline_id: str | Pipeline,
        element: str,
        elements: Sequence[PipelineElement] | None = None,
    ) -> str:
        """Find the job of an element."""
        known = {
            each.name: each
            for each in (self.list_elements(pipeline_id) if elements is None else elements)
        }
        if element not in known:
            raise ValueError(
                f"the pipeline has no element {element!r}{nearest(element, known)}; it has"
                f" {', '.join(map(repr, known)) or 'none'}"
            )
        job_id = known[element].job_id
        if job_id is None:
            raise ValueError(
                f"the element {element!r} has no job (status {known[element].status}): only"
                " elements that were started have one"
            )
        return job_id
