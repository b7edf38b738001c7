"""Simulations that can be made again: as a script, with their references, and by repetition."""

from __future__ import annotations

from typing import Final

from ionworks.records.replay import Replay
from ionworks.records.simulation import Simulation, SimulationReference
from ionworks.resources.simulation_results import SimulationResults
from ionworks.waiting.polling import Waiting, waits
from ionworks.workflows.simulations.bulk_changes import compute_again
from ionworks.workflows.simulations.reproduction import compare, read_citations, read_script
from ionworks.workflows.simulations.result_download import read_result
from ionworks.workflows.simulations.simulation_wait import read_simulation, wait_until_ended

__all__ = ["ReproducibleResource"]

_POLL_INTERVAL: Final = 2.0


class ReproducibleResource(SimulationResults):
    """The methods of simulations that tell how a result was made, and make it again."""

    def script(self, simulation_id: SimulationReference) -> str:
        """Return a simulation as a plain PyBaMM script that gives the same curve.

        The script needs PyBaMM and NumPy only, and has the same voltage within 0.1 mV; within 1 mV
        if a design parameter changes the lengths of the mesh. The embedded engine has this; other
        services can lack it.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Returns
        -------
        str
            Python source text. It leaves a ``solution``, and saves time, current, voltage and the
            extra variables to ``simulation.csv``.

        Raises
        ------
        IonworksError
            With status 501 if PyBaMM has no counterpart for a part of the model or of the protocol;
            the message names it.
        NotFoundError
            If the simulation does not exist.
        """
        return read_script(self._connection, self._id(simulation_id))

    def citations(self, simulation_id: SimulationReference) -> str:
        """Return the references of a simulation's model, parameter set and solver.

        They are those PyBaMM names. The embedded engine has this; other services can lack it.

        Parameters
        ----------
        simulation_id : str or record
            The simulation.

        Returns
        -------
        str
            Entries in BibTeX.

        Raises
        ------
        NotFoundError
            If the simulation does not exist.
        """
        return read_citations(self._connection, self._id(simulation_id))

    @waits
    def replay(
        self,
        simulation_id: SimulationReference,
        timeout: float | None = None,
        *,
        verbose: bool = True,
    ) -> Waiting[Replay]:
        """Compute a simulation again and compare the results.

        The model and the protocol are those of the time of the submission, also if they have been
        changed or deleted since. The new simulation is in no study. The embedded engine has this;
        other services can lack it.

        Parameters
        ----------
        simulation_id : str or record
            A simulation with results.
        timeout : float, optional
            Seconds to wait for the new simulation; None waits without limit.
        verbose : bool, optional
            Whether to show the progress on standard error.

        Returns
        -------
        Replay
            The new ``simulation``, the largest ``differences`` by signal, and the provenance of
            both results, ``then`` and ``now``; ``changed`` is what differs between these.

        Raises
        ------
        NotFoundError
            If the simulation does not exist or has no results.
        NotAvailableError
            If the service does not submit simulations again by their ids.
        JobFailedError, JobCanceledError, WaitTimeoutError
            As from `wait_for_completion`, about the new simulation.
        """
        identifier = self._id(simulation_id)
        pace = self._pace(timeout, _POLL_INTERVAL)
        # Read first: what has no results cannot be compared, and is not computed again.
        first = read_simulation(self._connection, identifier)
        time_series = read_result(self._connection, identifier).time_series
        submitted = compute_again(self._connection, first)
        [ended] = yield from wait_until_ended(
            self._connection,
            [submitted.simulation_id],
            jobs={submitted.simulation_id: submitted.job_id},
            pace=pace,
            verbose=verbose,
            stop_at_failure=True,
            is_whole=True,
        )
        again = Simulation.from_dict(ended.to_dict())
        return compare(self._connection, first, time_series, again)
