"""Jobs: the computations behind simulations and pipelines."""

from collections.abc import Sequence
from typing import Any, Literal

from ionworks.data.paging import Page
from ionworks.doe.scalars import integer
from ionworks.errors import NotFoundError
from ionworks.records.job import Job
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
from ionworks.transport.call import call, given
from ionworks.workflows.pipelines.fitted_curves import read_series, series_query
from ionworks_api_client.api.job import (
    cancel_job,
    create_job,
    get_datafit_plot_data,
    get_job,
    get_job_metadata,
    list_job_series_channels,
    list_jobs,
)
from ionworks_api_client.models import EmptyRequest, JobRequest

_LARGEST_PAGE = 1000
_FEWEST_POINTS, _MOST_POINTS = 100, 80_000
_SAMPLE_KEYS = ("samples", "sample_costs", "sample_param_names", "sample_burnin")

# Inside the class `list` is the method; this name means the type.
Trace = list[dict[str, Any]]


class JobResource(Resource):
    """Inspect and cancel jobs."""

    def get(self, job_id: str | Job) -> Job:
        """Get a job.

        Raises
        ------
        NotFoundError
            If the job does not exist.
        """
        identifier = self._identifier(job_id, "job_id")
        return Job.from_model(call(get_job.sync_detailed, identifier, client=self._api))

    def list(
        self,
        *,
        job_type: str | None = None,
        status: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[Job]:
        """List jobs, newest first.

        Parameters
        ----------
        job_type : str, optional
            Such as ``"simulate"``.
        status : str, optional
            Such as ``"processing"``.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 1000.
        """
        return self._page(
            list_jobs.sync_detailed,
            Job,
            limit,
            offset,
            maximum=_LARGEST_PAGE,
            job_type=job_type,
            status=status,
        )

    def cancel(self, job_id: str | Job) -> Job:
        """Cancel a job; a job that has ended is not changed."""
        identifier = self._identifier(job_id, "job_id")
        return Job.from_model(
            call(cancel_job.sync_detailed, identifier, client=self._api, body=EmptyRequest())
        )

    def create(self, payload: dict[str, Any]) -> Job:
        """Create a job directly; retired by the service, which answers 410.

        Parameters
        ----------
        payload : dict
            ``{"job_type", "params", "priority"?, "callback_url"?}``.

        Raises
        ------
        GoneError
            If the service does not support it any more; use simulations or pipelines instead.
        """
        body = JobRequest.from_dict({"params": {}, **self._body(payload, "payload", "job_type")})
        return Job.from_model(call(create_job.sync_detailed, client=self._api, body=body))

    def get_metadata(self, job_id: str | Job) -> dict[str, Any]:
        """Get progress and side results of a job.

        Raises
        ------
        NotFoundError
            If the job has not stored any yet.
        """
        identifier = self._identifier(job_id, "job_id")
        return call(get_job_metadata.sync_detailed, identifier, client=self._api).to_dict()

    def get_series_channels(self, job_id: str | Job) -> dict[str, Any]:
        """Get the channels of a fit: ``{objective: {"optimal" or "baseline": [channel, ...]}}``."""
        identifier = self._identifier(job_id, "job_id")
        return call(list_job_series_channels.sync_detailed, identifier, client=self._api).to_dict()

    def get_series(
        self,
        job_id: str | Job,
        objective: str,
        source: Literal["optimal", "baseline"] = "optimal",
        *,
        columns: str | Sequence[str] | None = None,
        x_column: str | None = None,
        max_points: int | None = None,
        x_min: float | None = None,
        x_max: float | None = None,
    ) -> dict[str, Any]:
        """Get channels of one objective of a fit.

        Parameters
        ----------
        job_id : str or Job
            The fit's job.
        objective : str
            Name of the objective.
        source : {"optimal", "baseline"}
            After (``"optimal"``) or before (``"baseline"``) the fit.
        columns : sequence of str, optional
            Only these channels.
        x_column : str, optional
            The channel that `max_points`, `x_min` and `x_max` refer to.
        max_points : int, optional
            Downsample to at most this many points.
        x_min, x_max : float, optional
            Range of the x axis to return.

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
        return read_series(self._connection, self._identifier(job_id, "job_id"), query)

    def get_plot_data(
        self,
        job_id: str | Job,
        objective_name: str,
        plot_index: int = 0,
        max_points: int = 2000,
        *,
        x_min: float | None = None,
        x_max: float | None = None,
    ) -> dict[str, Any]:
        """Get the data of one plot of a fit.

        Parameters
        ----------
        job_id : str or Job
            The fit's job.
        objective_name : str
            Name of the objective.
        plot_index : int
            Index of the plot among those of the objective, from 0.
        max_points : int
            Largest number of points of a trace, 100 to 80000.
        x_min, x_max : float, optional
            Range of the x axis to return.

        Returns
        -------
        dict
            ``{"type", "traces": [{"name", "x", "y", "color"?}], "layout": {...}}``.
        """
        return call(
            get_datafit_plot_data.sync_detailed,
            self._identifier(job_id, "job_id"),
            client=self._api,
            objective_name=text(objective_name, "objective_name"),
            plot_index=integer(plot_index, "plot_index", least=0),
            max_points=integer(max_points, "max_points", least=_FEWEST_POINTS, most=_MOST_POINTS),
            x_min=given(x_min),
            x_max=given(x_max),
        ).to_dict()

    def get_parameter_trace(self, job_id: str | Job) -> Trace:
        """Get the history of a fit: cost and inputs of each saved step, empty if none was saved."""
        return self.get_metadata(job_id).get("intermediate_results") or []

    def get_posterior_samples(self, job_id: str | Job) -> dict[str, Any]:
        """Get the posterior samples of a sampler.

        Returns
        -------
        dict
            Those of ``samples``, ``sample_costs``, ``sample_param_names`` and ``sample_burnin``
            that the job has stored; empty if it has not stored any yet.
        """
        try:
            metadata = self.get_metadata(job_id)
        except NotFoundError:
            return {}
        return {key: metadata[key] for key in _SAMPLE_KEYS if metadata.get(key) is not None}
