"""Curves and history of a fit or validation, read from its job on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ionworks.data import frames
from ionworks.doe.scalars import integer, nearest
from ionworks.errors import NotFoundError
from ionworks.requests.fields import text
from ionworks.transport.call import call
from ionworks_api_client.api.job import (
    get_datafit_plot_data,
    get_job_metadata,
    get_job_series,
    list_job_series_channels,
)

if TYPE_CHECKING:
    import polars as pl

    from ionworks.data.frames import Frame
    from ionworks.transport.connection import Connection

__all__ = [
    "STEP_COLUMNS",
    "FittedCurves",
    "Plot",
    "Source",
    "read_series",
    "series_query",
    "trace_frame",
]

Source = Literal["optimal", "baseline"]

STEP_COLUMNS = ("start", "iteration", "evaluations", "cost", "best_cost")
"""Columns of `trace_frame` that are not parameters."""

_SOURCES = ("optimal", "baseline")
_MOST_POINTS = 2000


@attrs.frozen
class Plot:
    """One plot of an objective, as the service prepared it.

    Attributes
    ----------
    objective : str
        The objective's name.
    content : dict
        ``traces`` of ``{"name", "x", "y"}`` and a ``layout`` with the titles of the axes.
    """

    objective: str
    content: dict[str, Any]


class FittedCurves:
    """Reads the curves of one job.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    job_id : str
        The job.
    """

    def __init__(self, connection: Connection, job_id: str) -> None:
        self._connection = connection
        self._job_id = job_id

    def objectives(self) -> list[str]:
        """Return the names of the objectives that have curves."""
        reply = call(
            list_job_series_channels.sync_detailed, self._job_id, client=self._connection.api
        )
        return [*reply.to_dict()]

    def series(self, objective: str | None, source: Source) -> Frame:
        """Return the channels of one objective as a frame."""
        _check_source(source)
        names = self.objectives() if objective is None else [objective]
        if len(names) != 1:
            raise ValueError(
                f"objective is needed; valid objectives: {', '.join(map(repr, names)) or 'none'}"
            )
        columns = read_series(self._connection, self._job_id, series_query(names[0], source))
        return frames.for_client(frames.from_columns(columns), self._connection.settings)

    def plots(self, objectives: str | Sequence[str] | None) -> list[Plot]:
        """Return the first plot of each objective, or of the given ones.

        Raises
        ------
        ValueError
            If an objective does not exist, or no objective has curves.
        """
        known = self.objectives()
        wanted = [objectives] if isinstance(objectives, str) else [*(objectives or known)]
        for name in wanted:
            if name not in known:
                raise ValueError(
                    f"unknown objective {name!r}{nearest(name, known)}; valid objectives: {known}"
                )
        if not wanted:
            raise ValueError("no objective has curves to plot")
        return [Plot(name, self._plot(name)) for name in wanted]

    def steps(self) -> list[dict[str, Any]]:
        """Return the saved steps of the fit, empty if the job saved none."""
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


def series_query(
    objective: str,
    source: Source = "optimal",
    *,
    columns: str | Sequence[str] | None = None,
    x_column: str | None = None,
    max_points: int | None = None,
    x_min: float | None = None,
    x_max: float | None = None,
) -> dict[str, Any]:
    """Check the arguments of ``client.job.get_series`` and return them as query parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.
    """
    _check_source(source)
    if columns is not None and not isinstance(columns, str):
        columns = ",".join(columns)
    query = {
        "columns": columns,
        "x_column": x_column,
        "max_points": None if max_points is None else integer(max_points, "max_points", least=1),
        "x_min": x_min,
        "x_max": x_max,
    }
    return {
        "objective": text(objective, "objective"),
        "source": source,
        **{name: value for name, value in query.items() if value is not None},
    }


def _check_source(source: Any) -> None:
    if source not in _SOURCES:
        raise ValueError(f"source must be 'optimal' or 'baseline', not {source!r}")


def read_series(connection: Connection, job_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Read channels of one objective of a fit; `query` is from `series_query`."""
    return call(get_job_series.sync_detailed, job_id, client=connection.api, **query).to_dict()


def trace_frame(steps: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the saved steps of a fit as a table.

    Parameters
    ----------
    steps : sequence of mapping
        Each with ``cost``, ``best_cost``, ``inputs`` and optionally ``evaluations``,
        ``iteration``, ``start``.

    Returns
    -------
    polars.DataFrame
        A row per step: the columns of `STEP_COLUMNS` that the steps have, then a column for each
        parameter.
    """
    import polars as pl

    present = [name for name in STEP_COLUMNS if any(name in step for step in steps)]
    inputs = [step.get("inputs") or {} for step in steps]
    names = dict.fromkeys(name for each in inputs for name in each)
    columns = {name: [step.get(name) for step in steps] for name in present}
    columns |= {name: [each.get(name) for each in inputs] for name in names}
    return pl.DataFrame(columns, strict=False)
