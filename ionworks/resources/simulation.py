"""Simulations: submit, wait, list, read."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
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
from ionworks.records.simulation_failure import failure_of
from ionworks.requests.simulation import SimulationConfig
from ionworks.resources.resource import WaitingResource
from ionworks.transport.call import call
from ionworks.workflows.simulations.result_download import read_result, read_results
from ionworks.workflows.simulations.simulation_list import SimulationScope, list_simulations
from ionworks.workflows.simulations.simulation_wait import (
    read_simulation,
    read_statuses,
    wait_until_ended,
)
from ionworks.workflows.simulations.submission import submit, with_wire_parameters
from ionworks_api_client.api.simulation import delete_simulation

__all__ = ["SimulationResource"]

R = TypeVar("R", bound=SimulationReference)

# The resource has a method called list; these names mean the type.
Responses: TypeAlias = list[SimulationResponse]
Statuses: TypeAlias = list[SimulationStatus]
Simulations: TypeAlias = list[Simulation]


class SimulationResource(WaitingResource):
    """Run protocols on models and read what comes out.

    A simulation can be given as its id, as the response of its submission or as its record. What
    is no such thing is a ``TypeError`` or ``ValueError`` before any request.
    """

    def protocol(self, config: Mapping[str, Any]) -> SimulationResponse:
        """Submit one simulation.

        Parameters
        ----------
        config : Mapping
            ``parameterized_model`` and either ``protocol_experiment`` (``{"protocol": UCP text,
            "name": text}``, and ``"drive_cycles"``, samples by name, if the protocol names any)
            or ``protocol_id`` are required. Optional: ``experiment_parameters``
            ``{name: number or text}``, ``design_parameters`` ``{name: number}`` or a
            ``design_parameters_doe`` of one run, ``max_backward_jumps``, ``study_id``,
            ``extra_variables``, ``project_id``.

        Returns
        -------
        SimulationResponse
            With ``simulation_id`` and ``job_id``.

        Raises
        ------
        ValueError, TypeError
            If the config is wrong; nothing was sent.
        IonworksError
            If the service refuses or fails.
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
            As for `protocol`, but with ``design_parameters_doe`` of any size, or ``conditions``,
            a list of ``{"experiment_parameters": {...}, "design_parameters": {...}}``, instead of
            ``design_parameters``.

        Returns
        -------
        list of SimulationResponse
            One for each run, in the order of the design.

        Raises
        ------
        ValueError, TypeError
            If the config is wrong; nothing was sent.
        IonworksError
            If the service refuses or fails.
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
    def wait_for_completion(
        self,
        simulation_id: Any,
        timeout: float | None = 60,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Simulation | Simulations:
        """Wait until simulations have ended.

        All of them cost one request a round, whatever their number up to 1000.

        Parameters
        ----------
        simulation_id : str, record or iterable of them
            What to wait for.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two rounds, in seconds. Pauses start at a few milliseconds and
            grow to it.
        verbose : bool, optional
            Whether to show the progress on standard error.
        raise_on_failure : bool, optional
            Whether a failed or canceled simulation is an exception; else it is returned like the
            others, with its ``status`` and ``error``.

        Returns
        -------
        Simulation or list of Simulation
            For one its full record. For several a list in the order asked, failed ones included;
            these know their id, status and error, and fetch their other fields when first looked
            at, so that waiting for a thousand does not fetch a thousand records.

        Raises
        ------
        JobFailedError, JobCanceledError
            If one has failed, or was canceled. Of several, when all have ended; ``data`` has all
            records by id.
        WaitTimeoutError
            If the time is over; ``pending`` has the ids still under way, ``finished`` the records
            of those that have ended, by id. The simulations go on.
        NotFoundError
            If there is no such simulation.
        ValueError, TypeError
            If an argument is wrong; nothing was sent.
        """
        pace = self._pace(timeout, poll_interval)
        is_single = isinstance(simulation_id, (str, Mapping)) or not isinstance(
            simulation_id, Iterable
        )
        references = [simulation_id] if is_single else [*simulation_id]
        ids = [self._id(reference) for reference in references]
        jobs = {
            reference.simulation_id: reference.job_id
            for reference in references
            if isinstance(reference, SimulationResponse)
        }
        ended = wait_until_ended(self._connection, ids, jobs=jobs, pace=pace, verbose=verbose)
        failure = failure_of(ended) if raise_on_failure else None
        if failure is not None:
            raise failure
        if is_single:
            return Simulation.from_dict(ended[ids[0]].to_dict())
        return [ended[identifier] for identifier in ids]

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
            Only those of one model.
        study_id : str, optional
            Only those of one study; not together with a model.
        protocol_id : str, optional
            Only those of one saved protocol.
        project_id : str, optional
            Only those of one project; the client's project if neither model nor study is given.
        state : {"queued", "running", "completed", "failed"}, optional
            Only those in one state; ``failed`` includes canceled ones.
        summary : bool, optional
            Whether to leave out large fields.
        limit, offset : int, optional
            Window of the list; limit at most 1000.

        Returns
        -------
        list of Simulation or Page of Simulation
            All of them as a list; a page if limit or offset is given.

        Raises
        ------
        ValueError, TypeError
            If an argument is wrong; nothing was sent.
        IonworksError
            If the service refuses or fails.

        Notes
        -----
        Where the service wants a model or study, a list without either is put together from the
        summaries of all models of the project: one request for each model and page.
        """
        has_scope = parameterized_model_id is not None or study_id is not None
        scope = SimulationScope(
            parameterized_model_id=parameterized_model_id,
            study_id=study_id,
            # Beside a model or study the client's own project says nothing new.
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
            If there is none.
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
            If there is none.
        """
        call(delete_simulation.sync_detailed, self._id(simulation_id), client=self._api)

    def get_statuses(self, simulation_ids: Iterable[SimulationReference]) -> Statuses:
        """Ask how simulations stand, a thousand with one request.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.

        Returns
        -------
        list of SimulationStatus
            In the order asked; those the service does not know are left out.

        Raises
        ------
        ValueError, TypeError
            If one is no id; nothing was sent.
        """
        ids = [*dict.fromkeys(self._ids(simulation_ids))]
        found = read_statuses(self._connection, ids)
        return [found[identifier] for identifier in ids if identifier in found]

    def get_result(self, simulation_id: SimulationReference) -> SimulationResult:
        """Read what a simulation computed.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Returns
        -------
        SimulationResult
            With ``time_series`` and ``steps`` as polars frames, or pandas ones if the client or
            `set_dataframe_backend` says so, and ``metrics``.

        Raises
        ------
        NotFoundError
            If there is no such simulation, or it has not finished; the message tells which.
        ValueError, TypeError
            If it is no id; nothing was sent.
        """
        return read_result(self._connection, self._id(simulation_id))

    def get_results(
        self, simulation_ids: Iterable[SimulationReference], *, max_workers: int = 4
    ) -> Iterator[SimulationResult]:
        """Read what many simulations computed, several at a time and in bounded memory.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.
        max_workers : int, optional
            How many results are read at the same time; also the most that are in memory beside
            those the caller keeps.

        Returns
        -------
        iterator of SimulationResult
            In the order of the ids, each when it is needed. Reading starts with the first look;
            ``list(...)`` reads all.

        Raises
        ------
        NotFoundError
            When a simulation's turn comes and it has no results.
        ValueError, TypeError
            If one is no id or max_workers no number from 1 to 64; nothing was sent.
        """
        return read_results(self._connection, self._ids(simulation_ids), max_workers)

    def _id(self, reference: object) -> str:
        return self._identifier(id_of(reference), "simulation_id")

    def _ids(self, references: Iterable[SimulationReference]) -> builtins.list[str]:
        if isinstance(references, (str, Mapping)) or not isinstance(references, Iterable):
            raise TypeError(
                "simulation_ids must be a list of simulations, not"
                f" {type(references).__name__} {references!r}; for one, write [it]"
            )
        return [self._id(reference) for reference in references]

    def _submit(self, config: SimulationConfig) -> Responses:
        # The client's own project goes with the text of a protocol; a saved one has its project.
        project_id = config.project_id
        if config.protocol_id is None:
            project_id = self._project(project_id)
        return submit(self._connection, config, project_id)
