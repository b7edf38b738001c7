"""What pipelines and simple pipelines have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from ionworks.records.pipeline import Pipeline
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.requests.fields import new_name
from ionworks.resources.resource import WaitingResource
from ionworks.transport.call import call
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.polling import Waiting
from ionworks.workflows.pipelines import pipeline_wait
from ionworks.workflows.submission_history import remember
from ionworks_api_client.models import EmptyRequest, PipelineUpdate
from ionworks_api_client.types import Response

__all__ = ["PipelineBase"]

P = TypeVar("P", Pipeline, SimplePipeline)


class PipelineBase(WaitingResource, Generic[P]):
    """Requests about one pipeline; the subclasses have the public methods.

    Attributes
    ----------
    _record : type
        Class of the records.
    _jobs : Jobs
        How messages refer to the pipelines.
    """

    _record: type[P]
    _jobs: Jobs

    def get(self, reference: str | P, /) -> P:
        """Get the record of a pipeline."""
        raise NotImplementedError

    def _id(self, reference: str | P) -> str:
        return self._identifier(reference, f"{self._jobs.noun.replace(' ', '_')}_id")

    def _requested(
        self, operation: Callable[..., Response[Any]], reference: str | P, **options: Any
    ) -> P:
        """Send a request about one pipeline and return the record in the reply."""
        reply = call(operation, self._id(reference), client=self._api, **options)
        return self._record.from_model(reply)

    def _remember(self, kind: str, pipeline: P, project_id: Any) -> None:
        """Write the submission of a pipeline to the history of this machine."""
        remember(
            self._connection,
            kind,
            1,
            name=pipeline.name,
            project_id=project_id,
            stored_ids=[pipeline.id],
        )

    def _updated(
        self,
        operation: Callable[..., Response[Any]],
        reference: str | P,
        name: str | None,
        description: str | None,
    ) -> P:
        body = PipelineUpdate.from_dict(new_name(name, description))
        return self._requested(operation, reference, body=body)

    def _canceled(self, operation: Callable[..., Response[Any]], reference: str | P) -> P:
        return self._requested(operation, reference, body=EmptyRequest())

    def _waited(
        self,
        reference: str | P,
        timeout: float | None,
        poll_interval: float,
        verbose: bool,
        raise_on_failure: bool,
    ) -> Waiting[P]:
        """Wait until a pipeline has ended; with `raise_on_failure` a failed one is an exception."""
        pace = self._pace(timeout, poll_interval)
        return (
            yield from pipeline_wait.wait_until_ended(
                self._id(reference),
                self.get,
                self._progress,
                self._reason,
                jobs=self._jobs.on(self._connection.settings),
                pace=pace,
                verbose=verbose,
                raise_on_failure=raise_on_failure,
            )
        )

    def _progress(self, record: P) -> Mapping[str, Any] | None:
        """Return the progress of a running pipeline, None if it is unknown."""
        raise NotImplementedError

    def _reason(self, record: P) -> str | None:
        """Return why a pipeline has failed, None if the service does not say."""
        return record.error
