"""Simulations: submit, wait, list, read."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, overload

from ionworks.data.paging import Page
from ionworks.errors import ResponseDecodeError
from ionworks.records.simulation import (
    Simulation,
    SimulationReference,
    SimulationResponse,
    SimulationResult,
    SimulationStatus,
    id_of,
)
from ionworks.records.submission import SubmittedRun, are_runs
from ionworks.requests.simulation import SimulationConfig
from ionworks.resources.resource import WaitingResource
from ionworks.transport.call import call
from ionworks.waiting.polling import Waiting, waits
from ionworks.workflows.simulations.result_download import read_result, read_results
from ionworks.workflows.simulations.simulation_list import SimulationScope, list_simulations
from ionworks.workflows.simulations.simulation_wait import (
    Target,
    read_simulation,
    read_statuses_of,
    wait_until_ended,
)
from ionworks.workflows.simulations.submission import submit, with_wire_parameters
from ionworks_api_client.api.simulation import delete_simulation

__all__ = ["SimulationResource"]

R = TypeVar("R", bound=SimulationReference)

# Inside the class `list` is the method; these names mean the type.
Responses: TypeAlias = list[SimulationResponse]
Statuses: TypeAlias = list[SimulationStatus]
Simulations: TypeAlias = list[Simulation]


class SimulationResource(WaitingResource):
    """Run protocols on models and read the results.

    A simulation can be given as its id, as the response to its submission or as its record.
    Anything else is a ``TypeError`` or ``ValueError`` before any request.
    """

    def protocol(self, config: Mapping[str, Any]) -> SimulationResponse:
        """Submit one simulation.

        Parameters
        ----------
        config : Mapping
            ``parameterized_model`` and either ``protocol_experiment`` (``{"protocol": UCP text,
            "name": text}``, with ``"drive_cycles"``, samples by name, if the protocol uses any)
            or ``protocol_id`` are required. Optional: ``experiment_parameters``
            ``{name: number or text}``, ``design_parameters`` ``{name: number}`` or a
            ``design_parameters_doe`` of one run, ``max_backward_jumps``, ``study_id``,
            ``extra_variables``, ``project_id``, ``reuse`` (on the embedded engine, a run that is
            equal to a stored one gets its results; False computes it again).

        Returns
        -------
        SimulationResponse
            With ``simulation_id`` and ``job_id``.

        Warns
        -----
        ProtocolWarning, ParameterWarning
            If an input is valid but doubtful, or has no effect. The messages are also the
            ``notes`` of the simulation and of its result.

        Raises
        ------
        ValueError, TypeError
            If the config is invalid; nothing was sent.
        IonworksError
            If the service rejects the request or fails.
        """
        plain = with_wire_parameters(self._connection, config)
        responses = self._submit(SimulationConfig.for_one_run(plain))
        if len(responses) != 1:
            raise ResponseDecodeError(
                f"the service answered one simulation with {len(responses)} submissions",
                data=[response.to_dict() for response in responses],
            )
        return responses[0]

    def protocol_batch(self, config: Mapping[str, Any]) -> Responses:
        """Submit many simulations at once.

        Parameters
        ----------
        config : Mapping
            As for `protocol`, but instead of ``design_parameters`` with ``design_parameters_doe``
            of any size, or with ``conditions``, a list of ``{"experiment_parameters": {...},
            "design_parameters": {...}}``.

        Returns
        -------
        list of SimulationResponse
            One for each run, in the order of the design.

        Warns
        -----
        ProtocolWarning, ParameterWarning
            If an input is valid but doubtful, or has no effect; each message once, however many
            runs it concerns. The messages are also the ``notes`` of simulations and results.

        Raises
        ------
        ValueError, TypeError
            If the config is invalid; nothing was sent.
        IonworksError
            If the service rejects the request or fails.
        """
        plain = with_wire_parameters(self._connection, config)
        return self._submit(SimulationConfig.for_batch(plain))

    @overload
    def wait_for_completion(
        self,
        simulation_id: SimulationReference,
        timeout: float | None = 60,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Simulation: ...
    @overload
    def wait_for_completion(
        self,
        simulation_id: builtins.list[R] | tuple[R, ...] | set[R] | Page[R] | Iterator[R],
        timeout: float | None = 60,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Simulations: ...
    @waits
    def wait_for_completion(
        self,
        simulation_id: Any,
        timeout: float | None = 60,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Waiting[Simulation | Simulations]:
        """Wait until simulations have ended.

        Each poll is one request for all runs of a batch that was submitted to a service with
        receipts, such as the embedded engine, and one for up to 1000 other simulations.

        Parameters
        ----------
        simulation_id : str, record or iterable of them
            The simulations to wait for.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two polls, in seconds. Pauses start at a few milliseconds and
            grow to this value.
        verbose : bool, optional
            Whether to show the progress on standard error.
        raise_on_failure : bool, optional
            Whether a failed or canceled simulation raises an exception as soon as it is known. If
            False all are waited for, and it is returned like the others, with its ``status`` and
            ``error``.

        Returns
        -------
        Simulation or list of Simulation
            For one simulation its full record. For several a list in the given order, including
            failed ones. These records contain id, status and error, and fetch their other fields
            on first access, so that waiting for a thousand does not fetch a thousand records.

        Raises
        ------
        JobFailedError, JobCanceledError
            If a simulation has failed or was canceled; raised at once. ``finished`` contains the
            records of those that have ended, by id, ``pending`` the ids of the others, which keep
            running.
        WaitTimeoutError
            If some have not ended within `timeout`. ``pending`` contains their ids, ``finished``
            the records of those that have ended, by id. The simulations keep running.
        NotFoundError
            If a simulation does not exist.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        pace = self._pace(timeout, poll_interval)
        is_single = isinstance(simulation_id, (str, Mapping)) or not isinstance(
            simulation_id, Iterable
        )
        references = [simulation_id] if is_single else [*simulation_id]
        targets = self._targets(references)
        jobs = {
            reference.simulation_id: reference.job_id
            for reference in references
            if isinstance(reference, SimulationResponse) and not isinstance(reference, SubmittedRun)
        }
        ended = yield from wait_until_ended(
            self._connection,
            targets,
            jobs=jobs,
            pace=pace,
            verbose=verbose,
            stop_at_failure=raise_on_failure,
            is_whole=is_single,
        )
        return Simulation.from_dict(ended[0].to_dict()) if is_single else ended

    def list(
        self,
        parameterized_model_id: str | None = None,
        study_id: str | None = None,
        *,
        protocol_id: str | None = None,
        project_id: str | None = None,
        state: str | None = None,
        summary: bool = False,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Simulations | Page[Simulation]:
        """List simulations, newest first.

        Parameters
        ----------
        parameterized_model_id : str, optional
            Only simulations of this model.
        study_id : str, optional
            Only simulations of this study; cannot be combined with a model.
        protocol_id : str, optional
            Only simulations of this saved protocol.
        project_id : str, optional
            Only simulations of this project; the client's project if neither model nor study is
            given.
        state : {"queued", "running", "completed", "failed"}, optional
            Only simulations in this state; ``failed`` includes canceled ones.
        summary : bool, optional
            Whether to leave out large fields.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 1000.

        Returns
        -------
        list of Simulation or Page of Simulation
            All simulations as a list; a page if limit or offset is given.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        IonworksError
            If the service rejects the request or fails.

        Notes
        -----
        If the service requires a model or study, a list without either is assembled from the
        summaries of all models of the project, with one request for each model and page.
        """
        has_scope = parameterized_model_id is not None or study_id is not None
        scope = SimulationScope(
            parameterized_model_id=parameterized_model_id,
            study_id=study_id,
            # A model or study belongs to a project, so the client's default is not needed.
            project_id=project_id if has_scope else self._project(project_id),
            experiment_template_id=protocol_id,
            state=state,
            summary=summary,
        )
        return list_simulations(self._connection, scope, limit=limit, offset=offset)

    def get(self, simulation_id: SimulationReference) -> Simulation:
        """Fetch one simulation.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Returns
        -------
        Simulation
            Fields as attributes and keys.

        Raises
        ------
        NotFoundError
            If the simulation does not exist.
        """
        return read_simulation(self._connection, self._id(simulation_id))

    def delete(self, simulation_id: SimulationReference) -> None:
        """Delete a simulation and its results.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Raises
        ------
        NotFoundError
            If the simulation does not exist.
        """
        call(delete_simulation.sync_detailed, self._id(simulation_id), client=self._api)

    def get_statuses(self, simulation_ids: Iterable[SimulationReference]) -> Statuses:
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
        return read_statuses_of(self._connection, self._targets(self._several(simulation_ids)))

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

    def get_results(
        self, simulation_ids: Iterable[SimulationReference], *, max_workers: int = 4
    ) -> Iterator[SimulationResult]:
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

        Returns
        -------
        iterator of SimulationResult
            In the order of the ids. Reading starts when the iterator is first advanced;
            ``list(...)`` reads all. Frames that came in one reply share its memory, which is freed
            when none of them is in use.

        Raises
        ------
        NotFoundError
            When the iterator reaches a simulation that has no results.
        ValueError, TypeError
            If an id is invalid or `max_workers` is not from 1 to 64; nothing was sent.
        """
        return read_results(self._connection, self._ids(simulation_ids), max_workers)

    def _id(self, reference: object) -> str:
        return self._identifier(id_of(reference), "simulation_id")

    def _ids(self, references: Iterable[SimulationReference]) -> builtins.list[str]:
        return [self._id(each) for each in self._several(references)]

    def _targets(self, references: Iterable[SimulationReference]) -> Sequence[Target]:
        # The id of a run is made when it is needed.
        several = [*references]
        if are_runs(several):
            return several
        return [each if isinstance(each, SubmittedRun) else self._id(each) for each in several]

    def _several(self, references: Iterable[SimulationReference]) -> Iterable[SimulationReference]:
        if isinstance(references, (str, Mapping)) or not isinstance(references, Iterable):
            raise TypeError(
                "simulation_ids must be a list of simulations, not"
                f" {type(references).__name__} {references!r}; for one, pass [simulation]"
            )
        return references

    def _submit(self, config: SimulationConfig) -> Responses:
        # A saved protocol has a project; with a protocol's text the default project is sent.
        project_id = config.project_id
        if config.protocol_id is None:
            project_id = self._project(project_id)
        return submit(self._connection, config, project_id)
