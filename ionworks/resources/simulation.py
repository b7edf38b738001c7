"""Simulations: submit, wait, list, read."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Unpack, overload

from ionworks.data.filters import SimulationFilters
from ionworks.data.paging import Page
from ionworks.errors import ResponseDecodeError
from ionworks.records.plan import Plan
from ionworks.records.record import identified
from ionworks.records.simulation import Simulation, SimulationReference, SimulationResponse
from ionworks.records.submission import SubmittedRun, run_of
from ionworks.requests.model_reference import model_reference, several_models
from ionworks.requests.simulation import SimulationConfig
from ionworks.resources.simulation_batch import SimulationBatch
from ionworks.resources.simulation_reproduction import ReproducibleResource
from ionworks.transport.call import call
from ionworks.waiting.polling import Waiting, waits
from ionworks.workflows.simulations import bulk_changes
from ionworks.workflows.simulations.model_names import ModelNames
from ionworks.workflows.simulations.plan import make_plan, model_labels
from ionworks.workflows.simulations.simulation_list import SimulationScope, list_simulations
from ionworks.workflows.simulations.simulation_wait import read_simulation, wait_until_ended
from ionworks.workflows.simulations.submission import (
    submit,
    submit_for_each,
    with_wire_parameters,
)
from ionworks_api_client.api.simulation import delete_simulation

if TYPE_CHECKING:
    from ionworks.records.parameterized_model import ParameterizedModel
    from ionworks.records.project import Project
    from ionworks.records.protocol import Protocol
    from ionworks.records.study import Study

__all__ = ["SimulationResource"]

R = TypeVar("R", bound=SimulationReference)

# Inside the class `list` is the method; this name means the type.
Simulations: TypeAlias = list[Simulation]


class SimulationResource(ReproducibleResource):
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
            "name": text}``, with ``"drive_cycles"``, samples or files by name, if the protocol
            uses any) or ``protocol_id`` are required. The protocol, or ``protocol_experiment``
            itself, can also be a `pybamm.Experiment`, or a list of its steps or cycles: sentences
            such as ``"Charge at 1C until 4.2 V"`` and items of UCP, in tuples if they are cycles.
            These start full, unlike in PyBaMM. Terminations of the whole experiment, such as
            ``"80% capacity"``, and custom terminations of its steps run on the embedded engine.
            The model is an id, a name that is unique in the project, a record, a quick model, or
            ``{"model_id": ..., "parameters": ...}``. Optional: ``experiment_parameters``
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

    def protocol_batch(self, config: Mapping[str, Any]) -> SimulationBatch:
        """Submit many simulations at once.

        Parameters
        ----------
        config : Mapping
            As for `protocol`, but instead of ``design_parameters`` with ``design_parameters_doe``
            of any size, or with ``conditions``, a list of ``{"experiment_parameters": {...},
            "design_parameters": {...}}``. ``parameterized_model`` can be a list: then all models
            get the same runs.

        Returns
        -------
        SimulationBatch
            A list with a `SimulationResponse` for each run, in the order of the design, and with
            methods for all of them, such as ``wait()`` and ``to_frame()``. With a list of models
            those of the first one come first.

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
        models = several_models(config)
        if models is None:
            plain = with_wire_parameters(self._connection, config)
            checked = SimulationConfig.for_batch(plain)
            return SimulationBatch(self, self._submit(checked), checked)
        checked, references = self._for_models(config, models)
        submitted = submit_for_each(
            self._connection,
            checked,
            references,
            self._project_of(checked),
            self._model_names(checked),
        )
        # The record of a run does not say which of several models without a record it has.
        are_stored = all(isinstance(each, str) for each in references)
        return SimulationBatch(self, submitted, checked if are_stored else None)

    def batch(self, simulation_ids: Iterable[SimulationReference]) -> SimulationBatch:
        """Make a batch of simulations that were submitted before; nothing is sent.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.

        Returns
        -------
        SimulationBatch
            In the given order, with the methods of the batch that `protocol_batch` returns.

        Raises
        ------
        ValueError, TypeError
            If one of them is not an id.
        """
        return SimulationBatch(self, map(self._response, self._several(simulation_ids)))

    def plan(self, config: Mapping[str, Any]) -> Plan:
        """Return what the submission of a config would do; nothing is stored.

        Parameters
        ----------
        config : Mapping
            That of `protocol` or of `protocol_batch`, also with a list of models.

        Returns
        -------
        Plan
            The number of runs, their parameters as a data frame, warnings, how many runs would get
            stored results, and an estimate of the time from past runs; one plan for all models of a
            list, which are asked about one after another. The remote service has no plans: then
            only what the client can know is returned, ``reused`` and ``seconds`` are None, and the
            model is not checked.

        Raises
        ------
        ValueError, TypeError
            If the config is invalid; nothing was sent.
        IonworksError
            If the service would reject the submission, or fails.

        Examples
        --------
        >>> print(client.simulation.plan(config))  # doctest: +SKIP
        """
        models = several_models(config)
        if models is not None:
            checked, references = self._for_models(config, models)
            named = model_labels(models, references)
            return make_plan(self._connection, checked, self._model_names(checked), named)
        plain = with_wire_parameters(self._connection, config)
        is_single = isinstance(config, Mapping) and "design_parameters" in config
        make = SimulationConfig.for_one_run if is_single else SimulationConfig.for_batch
        checked = make(plain)
        return make_plan(self._connection, checked, self._model_names(checked))

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
        is_single = self._is_one(simulation_id)
        references = [*self._one_or_several(simulation_id)]
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
        parameterized_model_id: str | ParameterizedModel | None = None,
        study_id: str | Study | None = None,
        *,
        protocol_id: str | Protocol | None = None,
        project_id: str | Project | None = None,
        state: str | None = None,
        summary: bool = False,
        limit: int | None = None,
        offset: int | None = None,
        **wanted: Unpack[SimulationFilters],
    ) -> Simulations | Page[Simulation]:
        """List simulations, newest first.

        Parameters
        ----------
        parameterized_model_id : str or ParameterizedModel, optional
            Only simulations of this model.
        study_id : str or Study, optional
            Only simulations of this study; cannot be combined with a model.
        protocol_id : str or Protocol, optional
            Only simulations of this saved protocol.
        project_id : str or Project, optional
            Only simulations of this project; the client's project if neither model nor study is
            given.
        state : {"queued", "running", "completed", "failed"}, optional
            Only simulations in this state; ``failed`` includes canceled ones.
        summary : bool, optional
            Whether to leave out large fields.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 1000.
        **wanted
            ``name``, ``status``, times and order, see `ionworks.data.filters.SimulationFilters`.

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
        summaries of all models of the project, with one request for each model and page. The
        filters in `wanted` are those of the embedded engine; the simulations of a service that
        does not have them are all fetched and filtered by the client.
        """
        has_scope = parameterized_model_id is not None or study_id is not None
        scope = SimulationScope(
            parameterized_model_id=identified(parameterized_model_id, "parameterized_model_id"),
            study_id=identified(study_id, "study_id"),
            # A model or study belongs to a project, so the client's default is not needed.
            project_id=identified(project_id, "project_id")
            if has_scope
            else self._project(project_id),
            experiment_template_id=identified(protocol_id, "protocol_id"),
            state=state,
            summary=summary,
        )
        return list_simulations(self._connection, scope, wanted, limit=limit, offset=offset)

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

    def cancel(self, simulation_id: SimulationReference | Iterable[SimulationReference]) -> None:
        """Cancel simulations; those that have ended are not changed.

        Parameters
        ----------
        simulation_id : str, record or iterable of them
            The simulations. The embedded engine cancels 10,000 in one request.

        Raises
        ------
        NotFoundError
            If one of them does not exist; the others are canceled.
        NotAvailableError
            If the service does not tell the job of one that runs; the others are canceled.
        ValueError, TypeError
            If one of them is not an id; nothing was sent.
        """
        references = [*self._one_or_several(simulation_id)]
        jobs = {
            each.simulation_id: each.job_id
            for each in references
            if isinstance(each, SimulationResponse) and not isinstance(each, SubmittedRun)
        }
        bulk_changes.cancel(self._connection, self._ids(references), jobs.get)

    def delete(self, simulation_id: SimulationReference | Iterable[SimulationReference]) -> None:
        """Delete simulations and their results; those that have not ended are canceled.

        Parameters
        ----------
        simulation_id : str, record or iterable of them
            The simulations. The embedded engine deletes 10,000 in one request.

        Raises
        ------
        NotFoundError
            If one of them does not exist; the others are deleted.
        ValueError, TypeError
            If one of them is not an id; nothing was sent.
        """
        if self._is_one(simulation_id):
            call(delete_simulation.sync_detailed, self._id(simulation_id), client=self._api)
        else:
            ids = self._ids(self._one_or_several(simulation_id))
            bulk_changes.delete(self._connection, ids)

    def retry(
        self, simulation_ids: Iterable[SimulationReference], config: SimulationConfig | None = None
    ) -> SimulationBatch:
        """Submit again those of some simulations that failed or were canceled.

        The new simulations have the model, protocol, parameters and options of the old ones, which
        stay as they are.

        Parameters
        ----------
        simulation_ids : iterable of str or record
            The simulations.
        config : SimulationConfig, optional
            What they were submitted with, which a batch knows. The embedded engine does not need
            it.

        Returns
        -------
        SimulationBatch
            The new simulations; those whose old ones were submitted together follow each other.
            Empty if none failed or was canceled.

        Raises
        ------
        NotAvailableError
            If the service does not submit simulations again by their ids, and no config is given.
        IonworksError
            If the service rejects a request or fails; a note says what was submitted before.
        ValueError, TypeError
            If one of them is not an id; nothing was sent.
        """
        ids = [each.id for each in self.get_failed(simulation_ids)]
        project_id = None if config is None else self._project_of(config)
        again = bulk_changes.repeat(self._connection, ids, config, project_id)
        return SimulationBatch(self, again, config)

    def _response(self, reference: SimulationReference) -> SimulationResponse:
        if isinstance(reference, SimulationResponse):
            return reference
        # Very many runs of a submission can be asked about together.
        return run_of(reference) or SimulationResponse(simulation_id=self._id(reference))

    def _submit(self, config: SimulationConfig) -> builtins.list[SimulationResponse]:
        return submit(self._connection, config, self._project_of(config), self._model_names(config))

    def _for_models(
        self, config: Mapping[str, Any], models: builtins.list[Any]
    ) -> tuple[SimulationConfig, builtins.list[str | dict[str, Any]]]:
        """Check the config of several models; returns that of the first, and all models."""
        each_plain = [
            with_wire_parameters(self._connection, {**config, "parameterized_model": model})
            for model in models
        ]
        return SimulationConfig.for_batch(each_plain[0]), [
            model_reference(each["parameterized_model"], f"config['parameterized_model'][{number}]")
            for number, each in enumerate(each_plain)
        ]

    def _model_names(self, config: SimulationConfig) -> ModelNames:
        def project() -> str | None:
            return self._project(config.project_id) or self._engine_project()

        return ModelNames(self._connection, project)

    def _project_of(self, config: SimulationConfig) -> str | None:
        # A saved protocol has a project; with a protocol's text the default project is sent.
        if config.protocol_id is None:
            return self._project(config.project_id)
        return config.project_id
