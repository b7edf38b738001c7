"""Reading the data of measurements: rows, steps, cycles and files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ionworks.data import frames
from ionworks.records.cell_measurement import CellMeasurement, MeasurementDetail, StepsAndCycles
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
from ionworks.workflows.measurements import measurement_data, measurement_files
from ionworks.workflows.measurements.measurement_data import Parts, Window

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from ionworks.data.frames import Frame

__all__ = ["MeasurementData"]


class MeasurementData(Resource):
    """Reads the data of measurements, as polars frames, or pandas frames on request."""

    def time_series(
        self,
        measurement_id: str | CellMeasurement,
        row_range: tuple[int, int] | None = None,
        *,
        step_range: int | tuple[int, int] | None = None,
        cycle_range: int | tuple[int, int] | None = None,
        columns: str | Iterable[str] | None = None,
        max_points: int | None = None,
        verbose: bool = False,
    ) -> Frame:
        """Read the time series of a measurement, or a part of it.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        row_range : tuple of int, optional
            First row, counted from 0, and end row, which is excluded, as in a slice.
        step_range, cycle_range : int or tuple of int, optional
            First and last ``Step count`` or ``Cycle count``, both included; an int selects a
            single step or cycle.
        columns : str or iterable of str, optional
            Only these columns, in this order.
        max_points : int, optional
            Downsample the selected rows to at most this many, at least 10, keeping the extremes.
            Intended for plots; services that only store files do not downsample.
        verbose : bool, optional
            Whether to show the progress of a long transfer on standard error.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            The rows as they were uploaded, without derived columns.

        Raises
        ------
        NotFoundError
            If the measurement does not exist or has no rows.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        window = Window.of(row_range, step_range, cycle_range, columns, max_points)
        frame = measurement_data.read_time_series(
            self._connection, identifier, window, verbose=verbose
        )
        return self._frame(frame)

    def steps(self, measurement_id: str | CellMeasurement) -> Frame:
        """Read the steps of a measurement, one row per step.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            ``Step count`` joins the steps to the time series. ``Delta capacity [A.h]`` and
            ``Delta energy [W.h]``, discharge minus charge, are added if they are missing.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        return self._frame(measurement_data.read_steps(self._connection, identifier))

    def cycles(self, measurement_id: str | CellMeasurement) -> Frame:
        """Read the cycles of a measurement, one row per cycle.

        ``Cycle count`` joins the cycles to the time series.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        return self._frame(measurement_data.read_cycles(self._connection, identifier))

    def steps_and_cycles(self, measurement_id: str | CellMeasurement) -> StepsAndCycles:
        """Read steps and cycles with one request.

        Returns
        -------
        StepsAndCycles
            A named tuple of two frames, ``.steps`` and ``.cycles``.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        return measurement_data.read_steps_and_cycles(self._connection, identifier)

    def detail(
        self,
        measurement_id: str | CellMeasurement,
        include_steps: bool = True,
        include_cycles: bool = True,
        include_time_series: bool = True,
    ) -> MeasurementDetail:
        """Read the record of a measurement and its data with concurrent requests.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        include_steps, include_cycles, include_time_series : bool, optional
            Which data to read.

        Returns
        -------
        MeasurementDetail
            With ``measurement``, ``time_series``, ``steps`` and ``cycles``; parts that were not
            requested, or do not exist because the measurement has no rows, are None.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        parts = Parts(steps=include_steps, cycles=include_cycles, time_series=include_time_series)
        return measurement_data.read_detail(self._connection, identifier, parts)

    def plot(
        self,
        measurement_id: str | CellMeasurement,
        y: str | Sequence[str] | None = None,
        *,
        x: str = "Time [s]",
        by: Literal["step", "cycle"] | None = None,
        step_range: int | tuple[int, int] | None = None,
        cycle_range: int | tuple[int, int] | None = None,
        max_points: int = 5000,
        axes: Axes | Sequence[Axes] | None = None,
    ) -> list[Axes]:
        """Plot a measurement; the background shows charges and discharges.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        y, x, by, step_range, cycle_range, axes : optional
            As of ``SimulationResult.plot``; the object that `detail` returns has all of its plots.
        max_points : int, optional
            Downsample the rows to at most this many, keeping the extremes.

        Returns
        -------
        list of matplotlib.axes.Axes
            One for each column of `y`.

        Raises
        ------
        ImportError
            If matplotlib is not installed; nothing was sent.
        NotFoundError
            If the measurement does not exist or has no rows.
        ValueError, TypeError
            If a column does not exist, or a range selects no rows.
        """
        from ionworks.plots.time_series import plot_time_series

        identifier = self._identifier(measurement_id, "measurement_id")
        window = Window.of(None, step_range, cycle_range, None, max_points)
        rows = measurement_data.read_time_series(self._connection, identifier, window)
        steps = measurement_data.read_steps(self._connection, identifier)
        return plot_time_series(frames.time_series_frame(rows), steps, y, x=x, by=by, axes=axes)

    def list_files(self, measurement_id: str | CellMeasurement) -> list[str]:
        """List the names of a measurement's files."""
        return measurement_files.list_files(
            self._connection, self._identifier(measurement_id, "measurement_id")
        )

    def get_file(self, measurement_id: str | CellMeasurement, name: str) -> bytes:
        """Read one file of a measurement into memory.

        Raises
        ------
        NotFoundError
            If the file does not exist.
        TypeError, ValueError
            If `name` is not the name of a file.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        return measurement_files.read_file(self._connection, identifier, name)

    def download_files(
        self,
        measurement_id: str | CellMeasurement,
        folder: str | os.PathLike[str],
        names: str | Iterable[str] | None = None,
        *,
        overwrite: bool = False,
        verbose: bool = True,
    ) -> list[Path]:
        """Download files of a measurement to a folder; incomplete files are removed.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        folder : path-like
            The target folder; created if it does not exist.
        names : str or iterable of str, optional
            Only these files.
        overwrite : bool, optional
            Whether to replace existing files.
        verbose : bool, optional
            Whether to show the progress of long transfers on standard error.

        Returns
        -------
        list of Path
            Paths of the downloaded files.

        Raises
        ------
        FileExistsError
            If a file exists and `overwrite` is False; nothing was downloaded.
        ValueError
            If the measurement has no file of a given name.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        if not isinstance(folder, (str, os.PathLike)):
            raise TypeError(f"folder must be a path, not {folder!r}")
        target = Path(text(os.fspath(folder), "folder"))
        return measurement_files.download_files(
            self._connection, identifier, target, names, overwrite=overwrite, verbose=verbose
        )

    def _frame(self, frame: pl.DataFrame) -> Frame:
        return frames.for_client(frame, self._connection.settings)
