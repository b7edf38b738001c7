"""Statuses and results of simulations, of one or of very many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from ionworks.data import frames
from ionworks.data.record_list import RecordList
from ionworks.errors import IonworksError
from ionworks.records.simulation import (
    Simulation,
    SimulationReference,
    SimulationResult,
    SimulationStatus,
)
from ionworks.records.submission import SubmittedRun, are_runs
from ionworks.requests.fields import names, worker_count
from ionworks.resources.resource import WaitingResource
from ionworks.waiting.polling import Watch, runs
from ionworks.workflows.simulations.completion import results_as_completed
from ionworks.workflows.simulations.failed_runs import failed_simulations
from ionworks.workflows.simulations.result_download import OnError, read_result, read_results
from ionworks.workflows.simulations.run_table import read_run_table, time_series
from ionworks.workflows.simulations.simulation_wait import Target, read_statuses_of

if TYPE_CHECKING:
    from ionworks.data.frames import Frame

__all__ = ["SimulationResults"]

R = TypeVar("R", bound=SimulationReference)


class SimulationResults(WaitingResource):
    """Reads statuses and results."""

    def get_statuses(self, simulation_ids: Iterable[SimulationReference]) -> list[SimulationStatus]:
        """Get the statuses of simulations, in few requests.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.

        Returns
        -------
        list of SimulationStatus
            In the given order; simulations unknown to the service are left out.

        Raises
        ------
        ValueError, TypeError
            If one of them is not an id; nothing was sent.
        """
        targets = self._targets(self._several(simulation_ids))
        return RecordList(read_statuses_of(self._connection, targets))

    def get_failed(self, simulation_ids: Iterable[SimulationReference]) -> list[Simulation]:
        """Get those of some simulations that failed or were canceled, in few requests.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.

        Returns
        -------
        list of Simulation
            In the given order, each with its ``status`` and ``error``; they fetch their other
            fields on first access.

        Raises
        ------
        ValueError, TypeError
            If one of them is not an id; nothing was sent.
        """
        return failed_simulations(self._connection, self.get_statuses(simulation_ids))

    def get_result(self, simulation_id: SimulationReference) -> SimulationResult:
        """Read the result of a simulation.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Returns
        -------
        SimulationResult
            With ``time_series`` and ``steps`` as polars data frames (pandas if the client or
            `set_dataframe_backend` is set to it), and ``metrics``.

        Raises
        ------
        NotFoundError
            If the simulation does not exist or has not finished; the message says which.
        ValueError, TypeError
            If it is not an id; nothing was sent.
        """
        return read_result(self._connection, self._id(simulation_id))

    @overload
    def get_results(
        self,
        simulation_ids: Iterable[SimulationReference],
        *,
        max_workers: int = 4,
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Iterator[SimulationResult]: ...
    @overload
    def get_results(
        self,
        simulation_ids: Iterable[SimulationReference],
        *,
        max_workers: int = 4,
        on_error: Literal["return"],
    ) -> Iterator[SimulationResult | IonworksError]: ...
    def get_results(
        self,
        simulation_ids: Iterable[SimulationReference],
        *,
        max_workers: int = 4,
        on_error: OnError = "raise",
    ) -> Iterator[Any]:
        """Read the results of many simulations in bounded memory.

        The embedded engine sends many results in one reply. Other services send each alone, and
        several are read concurrently.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.
        max_workers : int, optional
            How many results are read concurrently from a service that sends each alone. At most
            this many are then held in memory, besides those the caller keeps; else about 32 MB.
        on_error : {"raise", "skip", "return"}, optional
            What to do about a simulation that failed, was canceled, has not ended or does not
            exist: raise an exception, leave it out, or return the exception in place of its
            result. Failures that concern all, such as a lost connection, are always raised.

        Returns
        -------
        iterator of SimulationResult
            In the order of the ids. Reading starts when the iterator is first advanced;
            ``list(...)`` reads all. Frames that came in one reply share its memory, which is freed
            when none of them is in use.

        Raises
        ------
        NotFoundError
            When the iterator reaches a simulation that has no results, if `on_error` is "raise".
        ValueError, TypeError
            If an id is invalid, `max_workers` is not from 1 to 64, or `on_error` is unknown;
            nothing was sent.
        """
        return read_results(self._connection, self._ids(simulation_ids), max_workers, on_error)

    @overload
    def as_completed(
        self,
        simulation_ids: Iterable[R],
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        max_workers: int = 4,
        on_error: Literal["raise", "skip"] = "raise",
    ) -> Iterator[tuple[R, SimulationResult]]: ...
    @overload
    def as_completed(
        self,
        simulation_ids: Iterable[R],
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        max_workers: int = 4,
        on_error: Literal["return"],
    ) -> Iterator[tuple[R, SimulationResult | IonworksError]]: ...
    @runs
    def as_completed(
        self,
        simulation_ids: Iterable[R],
        timeout: float | None = None,
        poll_interval: float = 2,
        *,
        max_workers: int = 4,
        on_error: OnError = "raise",
    ) -> Iterator[Any]:
        """Read the results of many simulations as these end.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations; repeated ones count once.
        timeout : float, optional
            Seconds from the first result that is asked for until all must have ended, including
            those that the caller takes between two results; None waits without limit.
        poll_interval : float, optional
            Longest pause between two polls, in seconds.
        max_workers : int, optional
            As of `get_results`.
        on_error : {"raise", "skip", "return"}, optional
            What to do about a simulation that failed or was canceled: raise an exception after the
            results that were there with it, leave it out, or return the exception in place of its
            result.

        Returns
        -------
        iterator of tuple
            Each simulation as it was given, and its `SimulationResult`.

        Raises
        ------
        JobFailedError, JobCanceledError
            While iterating, if one failed or was canceled and `on_error` is "raise".
        WaitTimeoutError
            While iterating, if some have not ended within `timeout`. They keep running.
        NotFoundError
            While iterating, if a simulation does not exist.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        references = [*self._several(simulation_ids)]
        targets = self._targets(references)
        given: dict[Any, Any] = {
            target: reference
            for target, reference in zip(targets, references, strict=True)
            if isinstance(target, str)
        }
        found = results_as_completed(
            self._connection,
            targets,
            pace=self._pace(timeout, poll_interval),
            max_workers=worker_count(max_workers),
            on_error=on_error,
        )

        def as_given(step: Any) -> Any:
            if isinstance(step, Watch):
                return step
            target, outcome = step
            # A run of a submission is its own response, made again.
            return given[target] if isinstance(target, str) else target, outcome

        return map(as_given, found)

    def get_table(
        self, simulation_ids: Iterable[SimulationReference], *, max_workers: int = 4
    ) -> Frame:
        """Read inputs, status and metrics of simulations as one table.

        The embedded engine sends those of 10,000 simulations in one reply. Other services send
        each record alone, and several are read concurrently.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations; repeated ones count once, and those that were deleted are left out.
        max_workers : int, optional
            How many records are read concurrently from a service that sends each alone.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            One row for each simulation, in the given order: ``simulation_id``, ``status``, and
            ``parameterized_model`` if there are several; then a column for each experiment
            parameter, design parameter and scalar metric, named like it; ``error`` at the end.
            Missing values are null. If a metric or parameter has the name of another column, its
            kind is appended, as in ``status (metric)``.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        workers = worker_count(max_workers)
        table = read_run_table(self._connection, self._ids(simulation_ids), workers)
        return frames.for_client(table.frame(), self._connection.settings)

    def get_time_series(
        self,
        simulation_ids: Iterable[SimulationReference],
        columns: str | Iterable[str] | None = None,
        *,
        max_workers: int = 4,
    ) -> Frame:
        """Read the time series of simulations as one long table.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations; those that have not completed are left out.
        columns : str or iterable of str, optional
            Columns to read; ``Time [s]``, ``Voltage [V]`` and ``Current [A]`` if not given. All
            rows of all simulations are in memory at once: read few columns of very many.
        max_workers : int, optional
            As of `get_table`.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            ``simulation_id``; a column for each experiment parameter and design parameter whose
            values differ among the simulations, and ``parameterized_model`` if these differ; then
            `columns`, null where a simulation does not have them.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid, or no simulation has one of the columns.
        """
        workers = worker_count(max_workers)
        wanted = None if columns is None else names(columns, "columns")
        table = read_run_table(self._connection, self._ids(simulation_ids), workers)
        frame = time_series(self._connection, table, wanted, workers)
        return frames.for_client(frame, self._connection.settings)

    def _id(self, reference: object) -> str:
        return self._identifier(reference, "simulation_id")

    def _ids(self, references: Iterable[SimulationReference]) -> list[str]:
        return [self._id(each) for each in self._several(references)]

    def _targets(self, references: Iterable[SimulationReference]) -> Sequence[Target]:
        # The id of a run is made when it is needed.
        several = [*references]
        if are_runs(several):
            return several
        return [each if isinstance(each, SubmittedRun) else self._id(each) for each in several]

    @staticmethod
    def _is_one(reference: object) -> bool:
        return isinstance(reference, (str, Mapping)) or not isinstance(reference, Iterable)

    def _one_or_several(self, given: Any) -> Iterable[SimulationReference]:
        return [given] if self._is_one(given) else given

    def _several(self, references: Iterable[SimulationReference]) -> Iterable[SimulationReference]:
        if self._is_one(references):
            raise TypeError(
                "simulation_ids must be a list of simulations, not"
                f" {type(references).__name__} {references!r}; for one, pass [simulation]"
            )
        return references
