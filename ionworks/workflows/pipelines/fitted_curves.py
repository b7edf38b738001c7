"""The curves behind a fit or validation: read from its job when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ionworks.data import frames
from ionworks.doe.scalars import nearest
from ionworks.errors import NotFoundError
from ionworks.transport.call import call
from ionworks_api_client.api.job import (
    get_datafit_plot_data,
    get_job_metadata,
    get_job_series,
    list_job_series_channels,
)

if TYPE_CHECKING:
    from ionworks.data.frames import Frame
    from ionworks.transport.connection import Connection

__all__ = ["Curves", "Plot"]

_MOST_POINTS = 2000


@attrs.frozen
class Plot:
    """One plot of an objective, as the service drew it up.

    Attributes
    ----------
    objective : str
        The objective's name.
    content : dict
        ``traces`` of ``{"name", "x", "y"}`` and a ``layout`` with the titles of the axes.
    """

    objective: str
    content: dict[str, Any]


class Curves:
    """The way to the curves of one job.

    Parameters
    ----------
    connection : Connection
        The way to the service.
    job_id : str
        The job.
    objectives : sequence of str, optional
        Only these objectives, where several elements share a job.
    """

    def __init__(
        self, connection: Connection, job_id: str, objectives: Sequence[str] | None = None
    ) -> None:
        self._connection = connection
        self._job_id = job_id
        self._objectives = objectives

    def objectives(self) -> list[str]:
        """Return the names of the objectives that have curves."""
        reply = call(
            list_job_series_channels.sync_detailed, self._job_id, client=self._connection.api
        )
        names = [*reply.to_dict()]
        return [name for name in names if self._objectives is None or name in self._objectives]

    def series(self, objective: str | None, source: Literal["optimal", "baseline"]) -> Frame:
        """Return the channels of one objective as a frame."""
        if source not in {"optimal", "baseline"}:
            raise ValueError(f"source must be 'optimal' or 'baseline', not {source!r}")
        names = self.objectives() if objective is None else [objective]
        if len(names) != 1:
            raise ValueError(f"say which objective: there are {', '.join(map(repr, names))}")
        reply = call(
            get_job_series.sync_detailed,
            self._job_id,
            client=self._connection.api,
            objective=names[0],
            source=source,
        )
        settings = self._connection.settings
        return frames.to_backend(
            frames.from_columns(reply.to_dict()),
            settings.dataframe_backend,
            settings.default_dataframe_backend,
        )

    def plots(self, objectives: str | Sequence[str] | None) -> list[Plot]:
        """Return the first plot of each objective, or of those asked for.

        Raises
        ------
        ValueError
            If there is no such objective, or none at all.
        """
        known = self.objectives()
        wanted = [objectives] if isinstance(objectives, str) else [*(objectives or known)]
        for name in wanted:
            if name not in known:
                raise ValueError(
                    f"there is no objective {name!r}{nearest(name, known)}; there are {known}"
                )
        if not wanted:
            raise ValueError("there are no curves: none of the objectives has any")
        return [Plot(name, self._plot(name)) for name in wanted]

    def steps(self) -> list[dict[str, Any]]:
        """Return the saved steps of the fit, none if the job kept none."""
        try:
            metadata = call(
                get_job_metadata.sync_detailed, self._job_id, client=self._connection.api
            ).to_dict()
        except NotFoundError:
            return []
        return [step for step in metadata.get("intermediate_results") or [] if step]

    def _plot(self, objective: str) -> dict[str, Any]:
        return call(
            get_datafit_plot_data.sync_detailed,
            self._job_id,
            client=self._connection.api,
            objective_name=objective,
            plot_index=0,
            max_points=_MOST_POINTS,
        ).to_dict()
