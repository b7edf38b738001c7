"""A batch: the responses to submitted simulations, with methods for all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex, overload

from ionworks.data.record_list import RecordList
from ionworks.records.simulation import SimulationResponse
from ionworks.resources.resource import short_tracebacks
from ionworks.waiting.polling import Waiting, runs, waiting, waits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes

    from ionworks.data.frames import Frame
    from ionworks.errors import IonworksError
    from ionworks.records.simulation import Simulation, SimulationResult, SimulationStatus
    from ionworks.requests.simulation import SimulationConfig
    from ionworks.resources.simulation import SimulationResource

__all__ = ["SimulationBatch"]


@short_tracebacks
class SimulationBatch(RecordList[SimulationResponse]):
    """Submitted simulations, in their order.

    It is a list of `SimulationResponse`, and goes wherever such a list goes. Slices and sums are
    batches too; copies and pickles are plain lists, which hold no connection.

    Parameters
    ----------
    resource : SimulationResource
        ``client.simulation`` of the client that reads and changes the simulations.
    responses : iterable of SimulationResponse, optional
        The simulations.
    config : SimulationConfig, optional
        What all of them were submitted with, for services that do not tell it.
    """

    __slots__ = ("_config", "_resource")

    _noun = "simulation"

    def __init__(
        self,
        resource: SimulationResource,
        responses: Iterable[SimulationResponse] = (),
        config: SimulationConfig | None = None,
    ) -> None:
        super().__init__(responses)
        self._resource = resource
        self._config = config

    @waits
    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Waiting[Self]:
        """Wait until all simulations have ended.

        Parameters
        ----------
        timeout, poll_interval, verbose, raise_on_failure
            As of ``client.simulation.wait_for_completion``; without a timeout it waits without
            limit.

        Returns
        -------
        SimulationBatch
            This batch, so that ``batch.wait().to_frame()`` is one line.

        Raises
        ------
        JobFailedError, JobCanceledError, WaitTimeoutError, NotFoundError
            As ``client.simulation.wait_for_completion``.
        """
        wait = waiting(self._resource.wait_for_completion)
        yield from wait([*self], timeout, poll_interval, verbose, raise_on_failure)
        return self

    @overload
    def as_completed(
        self,
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Iterator[tuple[SimulationResponse, SimulationResult]]: ...
    @overload
    def as_completed(
        self,
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        on_error: Literal["return"],
    ) -> Iterator[tuple[SimulationResponse, SimulationResult | IonworksError]]: ...
    @runs
    def as_completed(
        self,
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        on_error: Any = "raise",
    ) -> Iterator[Any]:
        """Read the results as the simulations end.

        Parameters
        ----------
        timeout, poll_interval, on_error
            As of ``client.simulation.as_completed``.

        Returns
        -------
        iterator of tuple
            The response of each simulation, and its `SimulationResult`.

        Raises
        ------
        JobFailedError, JobCanceledError, WaitTimeoutError, NotFoundError
            While iterating, as from ``client.simulation.as_completed``.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        steps = waiting(self._resource.as_completed)
        found: Iterator[Any] = steps(self, timeout, poll_interval, on_error=on_error)
        return found

    def statuses(self) -> list[SimulationStatus]:
        """Get the statuses, in few requests.

        Returns
        -------
        list of SimulationStatus
            In the order of the batch; simulations that were deleted are left out.
        """
        return self._resource.get_statuses(self)

    @property
    def failed(self) -> list[Simulation]:
        """The records of those that failed or were canceled, with their ``error``.

        The statuses are requested each time. The records fetch other fields on first access.
        """
        return self._resource.get_failed(self)

    @property
    def completed(self) -> Self:
        """Those that have completed, as a batch; the statuses are requested each time."""
        ended = {each.simulation_id for each in self.statuses() if each.status == "completed"}
        return self._with(each for each in self if each.simulation_id in ended)

    def to_frame(self) -> Frame:
        """Read one row for each simulation: inputs, status, metrics and error.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            As ``client.simulation.get_table`` describes it.
        """
        return self._resource.get_table(self)

    def time_series(self, columns: str | Iterable[str] | None = None) -> Frame:
        """Read the time series of those that have completed, as one long table.

        Parameters
        ----------
        columns : str or iterable of str, optional
            Columns to read; ``Time [s]``, ``Voltage [V]`` and ``Current [A]`` if not given.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            ``simulation_id``, the values that differ among the simulations, and the columns, as
            ``client.simulation.get_time_series`` describes them.

        Raises
        ------
        ValueError, TypeError
            If a column does not exist, or is no text.
        """
        return self._resource.get_time_series(self, columns)

    def plot(
        self,
        y: str = "Voltage [V]",
        x: str = "Time [s]",
        *,
        color: str | None = None,
        axes: Axes | None = None,
    ) -> Axes:
        """Plot a signal of each simulation that has completed; needs matplotlib (extra ``plot``).

        For a metric over a swept value, pass `to_frame()` to `ionworks.plots.plot_table`.

        Parameters
        ----------
        y, x : str, optional
            Columns of the time series.
        color : str, optional
            The swept value that gives the colours; the first that differs if not given.
        axes : matplotlib.axes.Axes, optional
            Where to plot; a new figure if not given.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If no simulation has completed, or a column does not exist.
        """
        from ionworks.plots.runs import plot_batch

        return plot_batch(self.time_series([x, y]), y, x, color=color, axes=axes)

    def cancel(self) -> None:
        """Cancel those that have not ended.

        Raises
        ------
        NotFoundError
            If some were deleted; the others are canceled.
        """
        self._resource.cancel([*self])

    def delete(self) -> None:
        """Delete all simulations and their results; those that have not ended are canceled.

        Raises
        ------
        NotFoundError
            If some were deleted before; the others are deleted.
        """
        self._resource.delete([*self])

    def retry(self) -> Self:
        """Submit again those that failed or were canceled, see ``client.simulation.retry``.

        Returns
        -------
        SimulationBatch
            The new simulations only; empty if none failed or was canceled.

        Raises
        ------
        NotAvailableError
            If the service does not submit simulations again by their ids, and it is unknown what
            they were submitted with, as for a batch that was made of ids.
        """
        return self._with(self._resource.retry(self, self._config))

    @overload
    def __getitem__(self, index: SupportsIndex) -> SimulationResponse: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice) -> SimulationResponse | Self:
        if isinstance(index, slice):
            return self._with(super().__getitem__(index))
        return super().__getitem__(index)

    # A list returns a list of the types of both; here ids and records become responses.
    def __add__(self, other: list[Any]) -> Self:  # type: ignore[override]
        together = self._with([*self, *self._resource.batch(other)])
        if not (isinstance(other, SimulationBatch) and other._config is self._config):
            together._config = None
        return together

    def __iadd__(self, other: list[Any]) -> Self:  # type: ignore[override]  # as for a sum
        together = self + other
        self[:] = together
        self._config = together._config
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return list, ([*self],)

    def _with(self, responses: Iterable[SimulationResponse]) -> Self:
        return type(self)(self._resource, responses, self._config)
