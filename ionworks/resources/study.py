"""Studies: groups of simulations and measurements, and their comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from ionworks.data import filters, frames
from ionworks.data.filters import StudyFilters
from ionworks.data.paging import Page
from ionworks.records.cell_measurement import CellMeasurement
from ionworks.records.project import Project
from ionworks.records.simulation import SimulationReference
from ionworks.records.study import Study, StudyAssignment
from ionworks.requests.fields import worker_count
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks.workflows import study_comparison
from ionworks.workflows.measurements.measurement_data import Window
from ionworks.workflows.study_comparison import Contents
from ionworks_api_client.api.study import (
    assign_study_measurement,
    assign_study_simulation,
    create_study,
    delete_study,
    get_study,
    list_studies,
    list_study_measurements,
    remove_study_measurement,
    remove_study_simulation,
    update_study,
)
from ionworks_api_client.models import EmptyRequest, StudyRequest, StudyUpdate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ionworks.data.frames import Frame

__all__ = ["StudyResource"]


class StudyResource(Resource):
    """Create, find and change studies, assign members to them, and compare the members.

    A study belongs to a project: `project_id`, or the client's default if it is not given.
    """

    def list(
        self,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
        **wanted: Unpack[StudyFilters],
    ) -> Page[Study]:
        """List the studies of a project.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        **wanted
            Filters and order, see `ionworks.data.filters.StudyFilters`.

        Raises
        ------
        ValueError
            If no project is given or set.
        """
        query = filters.query(wanted, StudyFilters)
        project = self._required_project(project_id)
        return self._page(list_studies.sync_detailed, Study, limit, offset, project, **query)

    def get(self, study_id: str | Study, project_id: str | Project | None = None) -> Study:
        """Get a study."""
        study, project = self._identifier(study_id, "study_id"), self._required_project(project_id)
        return Study.from_model(call(get_study.sync_detailed, project, study, client=self._api))

    def create(self, data: Mapping[str, Any], project_id: str | Project | None = None) -> Study:
        """Create a study.

        Parameters
        ----------
        data : mapping
            ``{"name", "description"?}``.
        project_id : str or Project, optional
            The project; the client's default if not given.
        """
        body = StudyRequest.from_dict(self._body(data, "data", "name"))
        project = self._required_project(project_id)
        return Study.from_model(
            call(create_study.sync_detailed, project, client=self._api, body=body)
        )

    def update(
        self,
        study_id: str | Study,
        data: Mapping[str, Any],
        project_id: str | Project | None = None,
    ) -> Study:
        """Change the name or description of a study.

        Parameters
        ----------
        study_id : str or Study
            The study.
        data : mapping
            At least one of ``name`` and ``description``.
        project_id : str or Project, optional
            The project; the client's default if not given.
        """
        study = self._identifier(study_id, "study_id")
        body = StudyUpdate.from_dict(self._body(data, "data"))
        project = self._required_project(project_id)
        return Study.from_model(
            call(update_study.sync_detailed, project, study, client=self._api, body=body)
        )

    def delete(self, study_id: str | Study, project_id: str | Project | None = None) -> None:
        """Delete a study; its simulations and measurements are kept."""
        study, project = self._identifier(study_id, "study_id"), self._required_project(project_id)
        call(delete_study.sync_detailed, project, study, client=self._api)

    def assign_simulation(
        self,
        study_id: str | Study,
        simulation_id: SimulationReference,
        project_id: str | Project | None = None,
    ) -> StudyAssignment:
        """Add a simulation to a study; repeating the call has no effect.

        Parameters
        ----------
        study_id : str or Study
            The study.
        simulation_id : str or record
            The simulation.
        project_id : str or Project, optional
            The project; the client's default if not given.
        """
        ids = self._members(study_id, simulation_id, project_id, "simulation_id")
        return StudyAssignment.from_model(
            call(assign_study_simulation.sync_detailed, *ids, client=self._api, body=EmptyRequest())
        )

    def remove_simulation(
        self,
        study_id: str | Study,
        simulation_id: SimulationReference,
        project_id: str | Project | None = None,
    ) -> None:
        """Remove a simulation from a study; the simulation itself is kept."""
        ids = self._members(study_id, simulation_id, project_id, "simulation_id")
        call(remove_study_simulation.sync_detailed, *ids, client=self._api)

    def assign_measurement(
        self,
        study_id: str | Study,
        measurement_id: str | CellMeasurement,
        project_id: str | Project | None = None,
    ) -> StudyAssignment:
        """Add a measurement to a study; repeating the call has no effect.

        Parameters
        ----------
        study_id : str or Study
            The study.
        measurement_id : str or record
            The measurement.
        project_id : str or Project, optional
            The project; the client's default if not given.
        """
        ids = self._members(study_id, measurement_id, project_id, "measurement_id")
        return StudyAssignment.from_model(
            call(
                assign_study_measurement.sync_detailed, *ids, client=self._api, body=EmptyRequest()
            )
        )

    def list_measurements(
        self,
        study_id: str | Study,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[CellMeasurement]:
        """List the measurements of a study; ``client.simulation.list`` lists its simulations.

        Parameters
        ----------
        study_id : str or Study
            The study.
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        """
        study, project = self._identifier(study_id, "study_id"), self._required_project(project_id)
        return self._page(
            list_study_measurements.sync_detailed, CellMeasurement, limit, offset, project, study
        )

    def remove_measurement(
        self,
        study_id: str | Study,
        measurement_id: str | CellMeasurement,
        project_id: str | Project | None = None,
    ) -> None:
        """Remove a measurement from a study; the measurement itself is kept."""
        ids = self._members(study_id, measurement_id, project_id, "measurement_id")
        call(remove_study_measurement.sync_detailed, *ids, client=self._api)

    def compare(
        self,
        study_id: str | Study,
        project_id: str | Project | None = None,
        *,
        simulations: bool = True,
        measurements: bool = True,
        max_workers: int = 4,
    ) -> Frame:
        """Compare the members of a study, one row for each simulation and measurement.

        Parameters
        ----------
        study_id : str or Study
            The study.
        project_id : str or Project, optional
            The project; the client's default if not given.
        simulations, measurements : bool, optional
            Whether to include simulations, and measurements.
        max_workers : int, optional
            How many measurements are read concurrently.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            ``source`` (``simulation`` or ``measurement``), ``id``, ``name``, ``status``,
            ``error`` and ``parameterized_model_id``; then a column for each experiment and design
            parameter of the simulations; then a column for each scalar metric. The metrics of a
            measurement are the totals of its steps, like those of a simulation: durations,
            capacities, energies, extremes of voltage, efficiencies. Missing values are null. If a
            metric or parameter has the name of another column, `` (metric)`` or `` (parameter)``
            is appended to it. Simulations come first, in the order they were submitted; failed
            ones are included with their ``error``.
        """
        workers = worker_count(max_workers)
        contents = self._contents(study_id, project_id, simulations, measurements)
        frame = study_comparison.compare(self._connection, contents, workers)
        return frames.for_client(frame, self._connection.settings)

    def time_series(
        self,
        study_id: str | Study,
        columns: str | Iterable[str] | None = None,
        project_id: str | Project | None = None,
        *,
        max_points: int | None = None,
        simulations: bool = True,
        measurements: bool = True,
        max_workers: int = 4,
    ) -> Frame:
        """Read the time series of all members of a study as one long table.

        Parameters
        ----------
        study_id : str or Study
            The study.
        columns : str or iterable of str, optional
            Columns to read; ``Time [s]``, ``Voltage [V]`` and ``Current [A]`` if not given. The
            columns derived for results of simulations, such as ``Capacity [A.h]``, are derived
            for measurements too.
        project_id : str or Project, optional
            The project; the client's default if not given.
        max_points : int, optional
            Downsample each measurement to at most this many rows, at least 10; the server keeps
            the extremes. Simulations are not downsampled.
        simulations, measurements : bool, optional
            Whether to include simulations, and measurements.
        max_workers : int, optional
            How many are read concurrently.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            ``source``, ``id`` and ``name`` as in `compare`; ``id`` joins the two tables. Then
            `columns`, null where a member does not have them. Simulations that have not completed
            and measurements without processed rows are not included.

        Raises
        ------
        ValueError, TypeError
            If an argument is wrong, or no member of the study has one of the columns.
        """
        workers = worker_count(max_workers)
        window = Window.of(None, None, None, columns, max_points)
        contents = self._contents(study_id, project_id, simulations, measurements)
        frame = study_comparison.time_series(self._connection, contents, window, workers)
        return frames.for_client(frame, self._connection.settings)

    def plot(
        self,
        study_id: str | Study,
        y: str = "Voltage [V]",
        x: str = "Time [s]",
        project_id: str | Project | None = None,
        *,
        color: str | None = None,
        max_points: int = 2000,
        simulations: bool = True,
        measurements: bool = True,
        axes: Axes | None = None,
    ) -> Axes:
        """Plot a signal of all members of a study: simulations as lines, measurements as dots.

        Parameters
        ----------
        study_id : str or Study
            The study.
        y, x : str, optional
            Columns to plot, as in `time_series`.
        project_id : str or Project, optional
            The project; the client's default if not given.
        color : str, optional
            The parameter of the simulations that gives the colours, ``"parameterized_model"`` or
            ``"name"``; the first of these that differs between them if not given. A second and a
            third one with few values are shown by the line style and width.
        max_points : int, optional
            Downsample each measurement to at most this many rows.
        simulations, measurements : bool, optional
            Whether to include simulations, and measurements.
        axes : matplotlib.axes.Axes, optional
            Where to plot; a new figure if not given.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed; nothing was sent.
        ValueError, TypeError
            If an argument is wrong, no member of the study has one of the columns, or none has
            completed.
        """
        from ionworks.plots.runs import plot_runs

        window = Window.of(None, None, None, dict.fromkeys((x, y)), max_points)
        contents = self._contents(study_id, project_id, simulations, measurements)
        runs, data = study_comparison.curves(self._connection, contents, window)
        return plot_runs(runs, y, x, color=color, data=data, axes=axes)

    def _contents(
        self,
        study_id: str | Study,
        project_id: str | Project | None,
        simulations: bool,
        measurements: bool,
    ) -> Contents:
        study = self._identifier(study_id, "study_id")
        return Contents.of(
            self._connection,
            self._required_project(project_id),
            study,
            simulations=simulations,
            measurements=measurements,
        )

    def _members(
        self, study_id: str | Study, member: object, project_id: str | Project | None, name: str
    ) -> tuple[str, str, str]:
        """Check the ids of a request about a member of a study: project, study, member."""
        study = self._identifier(study_id, "study_id")
        identifier = self._identifier(member, name)
        return self._required_project(project_id), study, identifier
