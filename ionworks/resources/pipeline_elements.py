"""Elements of pipelines: their status, side results and curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from ionworks.doe.scalars import nearest
from ionworks.records.pipeline import Pipeline, PipelineElement
from ionworks.resources.pipeline_base import PipelineBase
from ionworks.transport.call import call
from ionworks.workflows.pipelines.fitted_curves import read_series, series_query
from ionworks_api_client.api.job import get_job_metadata, list_job_series_channels
from ionworks_api_client.api.pipeline import list_pipeline_elements

__all__ = ["PipelineElements"]

# The subclass has a method called `list`; this name means the type.
Elements: TypeAlias = list[PipelineElement]


class PipelineElements(PipelineBase[Pipeline]):
    """Reads the elements of pipelines."""

    _record = Pipeline

    def list_elements(self, pipeline_id: str | Pipeline) -> Elements:
        """List the elements of a pipeline in the order they run, with the status of each."""
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
            The elements, if `list_elements` was called before; saves a request.

        Raises
        ------
        ValueError
            If the element does not exist or has no job yet.
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
            Values by channel, all of the same length.
        """
        query = series_query(
            objective,
            source,
            columns=columns,
            x_column=x_column,
            max_points=max_points,
            x_min=x_min,
            x_max=x_max,
        )
        return read_series(self._connection, self._job_id(pipeline_id, element), query)

    def _job_id(
        self,
        pipeline_id: str | Pipeline,
        element: str,
        elements: Sequence[PipelineElement] | None = None,
    ) -> str:
        """Return the id of an element's job."""
        known = {
            each.name: each
            for each in (self.list_elements(pipeline_id) if elements is None else elements)
        }
        if element not in known:
            raise ValueError(
                f"the pipeline has no element {element!r}{nearest(element, known)}; it has"
                f" {', '.join(map(repr, known)) or 'no elements'}"
            )
        job_id = known[element].job_id
        if job_id is None:
            raise ValueError(
                f"the element {element!r} has no job (status {known[element].status}): only"
                " elements that were started have one"
            )
        return job_id
