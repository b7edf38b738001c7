"""Uploading measurements: time series and files, and waiting until they are processed."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar, Unpack, overload

import attrs

from ionworks.data import frames
from ionworks.data.column_mapping import column_mapping
from ionworks.data.measured_files import Layout, read_rows
from ionworks.data.paging import Page
from ionworks.doe.scalars import integer
from ionworks.errors import ConflictError
from ionworks.records.cell_instance import CellInstance
from ionworks.records.cell_measurement import CellMeasurement, MeasurementBundle
from ionworks.requests.cell_measurement import measurement_fields, time_series_request
from ionworks.requests.fields import boolean
from ionworks.resources.resource import WaitingResource
from ionworks.validation.check_options import CheckOptions
from ionworks.waiting.polling import Pace, Waiting, waits
from ionworks.workflows.measurements import parquet_files
from ionworks.workflows.measurements.cell_ratings import cell_ratings
from ionworks.workflows.measurements.measurement_files import files_to_send
from ionworks.workflows.measurements.processing_wait import (
    read_measurement,
    wait_until_processed,
)
from ionworks.workflows.measurements.upload import (
    EXTENSION,
    STEPS,
    TIME_SERIES,
    Upload,
    extend,
    upload,
)
from ionworks_api_client.api.cell_measurement import list_measurements

if TYPE_CHECKING:
    from ionworks.data.frames import Frame
    from ionworks.validation import IssueCode

__all__ = ["MeasurementUpload"]

_PROCESSING_TIMEOUT = 600.0
M = TypeVar("M", bound=CellMeasurement)
Measurements: TypeAlias = list[CellMeasurement]
Codes: TypeAlias = "Iterable[IssueCode | str] | bool"


class UploadOptions(TypedDict, total=False):
    """The options of `MeasurementUpload.create`."""

    validate_strict: bool
    rated_capacity: float | None
    voltage_window: tuple[float, float] | None
    skip_checks: Codes
    columns: Mapping[str, Any] | None
    wait_for_processing: bool
    timeout: float | None
    verbose: bool


class MeasurementUpload(WaitingResource):
    """Uploads measurements."""

    def read_time_series(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Mapping[str, Any] | None = None,
        separator: str | None = None,
        decimal_comma: bool = False,
        skip_rows: int = 0,
        from_zero: bool = True,
        one_step: bool = False,
    ) -> Frame:
        """Read the file of a cycler as a time series that `create` accepts; nothing is sent.

        Columns with usual names and units, such as ``Test Time(h)`` or ``I/mA``, are recognised,
        renamed and converted; others keep their names. If there is no ``Step count``, the changes
        of the cycler's own step and cycle numbers are counted.

        Parameters
        ----------
        path : path-like
            A parquet file, or a CSV file with a heading.
        columns : mapping, optional
            Columns that are not recognised, as in `create`: ``{"Schritt": "Step from cycler",
            "-I/mA": "Current [A]"}``.
        separator : str, optional
            Between the columns of a CSV file; a comma, or a semicolon with a decimal comma.
        decimal_comma : bool, optional
            Whether its numbers have a decimal comma.
        skip_rows : int, optional
            How many lines stand above the heading.
        from_zero : bool, optional
            Whether to subtract the first time from all times.
        one_step : bool, optional
            Whether all rows are one step, if the file has no step numbers.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            The rows, which `create` checks. Columns that are not found are missing.

        Raises
        ------
        FileNotFoundError
            If the file does not exist.
        ValueError, TypeError
            If it cannot be read as such a table, no column is found, or an argument is invalid.
        """
        layout = Layout(
            columns=columns,
            separator=separator,
            has_decimal_comma=boolean(decimal_comma, "decimal_comma"),
            skipped_lines=integer(skip_rows, "skip_rows", least=0),
            starts_at_zero=boolean(from_zero, "from_zero"),
            is_one_step=boolean(one_step, "one_step"),
        )
        rows = read_rows(os.fspath(path), layout)
        return frames.for_client(rows, self._connection.settings)

    @waits
    def create(  # noqa: PLR0913 one keyword for each independent option of an upload
        self,
        cell_instance_id: str | CellInstance,
        data: Mapping[str, Any],
        *,
        validate_strict: bool = False,
        rated_capacity: float | None = None,
        voltage_window: tuple[float, float] | None = None,
        skip_checks: Codes = (),
        columns: Mapping[str, Any] | None = None,
        wait_for_processing: bool = True,
        timeout: float | None = _PROCESSING_TIMEOUT,
        verbose: bool = True,
    ) -> Waiting[MeasurementBundle]:
        """Check a time series, upload it, and wait until the server has processed it.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The measured cell.
        data : mapping
            ``{"measurement": {...}, "time_series": table, "steps": table or None}``.

            `measurement` requires a ``name``. Optional: ``notes``, ``protocol`` (``{"name",
            "ambient_temperature_degc", "definition"}``), ``test_setup`` (``{"cycler", "operator",
            "lab", "channel_number"}``), ``start_time``, ``end_time`` and ``tags``.

            `time_series` is a polars or pandas data frame, a polars lazy frame, a mapping of
            columns, or the path of a CSV or parquet file. Required columns are ``Time [s]``,
            ``Voltage [V]``, ``Current [A]`` (positive on discharge) and ``Step count``; optional
            are ``Cycle count``, ``Temperature [degC]``, capacities, energies and any other
            columns. Files and lazy frames are streamed, so they can be larger than memory.

            The server computes the steps unless `steps` is a table of them.
        validate_strict : bool, optional
            Whether to run all checks of `ionworks.validation`; recommended.
        rated_capacity : float, optional
            Rated capacity of the cell in A.h, to check the rows against.
        voltage_window : tuple of float, optional
            Lowest and highest voltage of the cell in V, to check the rows against. Strict checks
            of units use the ratings of the cell's specification if these two are not given.
        skip_checks : iterable of IssueCode or str, or True, optional
            Checks to skip; True skips all.
        columns : mapping, optional
            Columns of the table to rename and convert: ``{"Test Time(s)": "Time [s]",
            "Current(mA)": "Current [A]"}``. The unit is read from the name; if it has none, give
            it, ``{"Amperes": ("Current [A]", "A")}``, or a factor. A minus reverses the sign,
            ``{"-Current(A)": "Current [A]"}``: positive current discharges.
        wait_for_processing : bool, optional
            Whether to wait until the server has processed the rows.
        timeout : float, optional
            Seconds to wait for processing; None waits without limit.
        verbose : bool, optional
            Whether to show the progress of long transfers and waits on standard error.

        Returns
        -------
        MeasurementBundle
            The record, with ``steps_created``; ``.measurement`` is the same record.

        Raises
        ------
        MeasurementValidationError
            If a check of the rows fails; nothing was sent. ``errors`` lists problems and places.
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        ConflictError
            If the cell has a measurement of that name; `existing_id` of the exception is its id.
        MeasurementProcessingError
            If the server could not process the rows; the uploaded data are kept.
        WaitTimeoutError
            If processing takes longer than `timeout`. The upload is complete, and the server
            continues.
        IonworksError
            If the service or the network fails. The incomplete upload was deleted, so the call
            can be repeated.
        """
        cell = self._identifier(cell_instance_id, "cell_instance_id")
        measurement, time_series, steps = time_series_request(data)
        options = CheckOptions.of(validate_strict, rated_capacity, voltage_window, skip_checks)
        mapping = column_mapping(columns)
        pace = self._pace(timeout)
        options = attrs.evolve(options, read_ratings=partial(cell_ratings, self._connection, cell))
        with parquet_files.scratch_folder() as folder:
            where = "data['time_series']"
            file = parquet_files.checked_parquet(
                time_series, where, folder / TIME_SERIES, options, mapping
            )
            plan = Upload(
                cell_instance_id=cell,
                measurement=measurement,
                files={TIME_SERIES: file},
                steps=None if steps is None else parquet_files.steps_parquet(steps, folder / STEPS),
                verbose=verbose,
            )
            stored = upload(self._connection, plan)
        if wait_for_processing:
            return (yield from self._processed(stored, pace, verbose))
        return stored

    @waits
    def create_or_get(
        self,
        cell_instance_id: str | CellInstance,
        data: Mapping[str, Any],
        **options: Unpack[UploadOptions],
    ) -> Waiting[MeasurementBundle]:
        """Upload a measurement, or get the existing one with that name on the cell.

        Parameters are those of `create`. If the measurement exists, the rows are not checked.

        Raises
        ------
        MeasurementProcessingError
            Also if the existing measurement could not be processed.
        """
        unknown = options.keys() - UploadOptions.__annotations__
        if unknown:
            known = ", ".join(UploadOptions.__annotations__)
            raise TypeError(f"unknown option {min(unknown)!r}; valid options: {known}")
        cell = self._identifier(cell_instance_id, "cell_instance_id")
        measurement, _, _ = time_series_request(data)
        found = self._named(cell, measurement["name"])
        if not found:
            uploading = options.copy()
            uploading["wait_for_processing"] = False
            try:
                found = [self.create(cell, data, **uploading)]
            except ConflictError as conflict:
                found = [
                    self._existing(
                        conflict,
                        self._bundle,
                        lambda: self._named(cell, measurement["name"]),
                    )
                ]
        if not options.get("wait_for_processing", True):
            return found[0]
        pace = self._pace(options.get("timeout", _PROCESSING_TIMEOUT))
        return (yield from self._processed(found[0], pace, options.get("verbose", True)))

    @waits
    def extend(
        self,
        measurement_id: str | CellMeasurement,
        time_series: Any,
        *,
        skip_checks: Codes = (),
        columns: Mapping[str, Any] | None = None,
        wait_for_processing: bool = True,
        timeout: float | None = _PROCESSING_TIMEOUT,
        verbose: bool = True,
    ) -> Waiting[CellMeasurement]:
        """Append rows to a measurement, for a test that is still running.

        Parameters
        ----------
        measurement_id : str or CellMeasurement
            The measurement.
        time_series : table
            The new rows only, in any of the forms `create` accepts. ``Time [s]`` and ``Step
            count`` continue from the last rows and do not restart at 0.
        skip_checks : iterable of IssueCode or str, or True, optional
            Checks to skip; True skips all.
        columns : mapping, optional
            Columns to rename and convert, as for `create`.
        wait_for_processing, timeout, verbose
            As for `create`.

        Returns
        -------
        CellMeasurement
            The record of the measurement.

        Raises
        ------
        MeasurementValidationError
            If a check of the rows fails; nothing was sent.
        ConflictError
            If the server is still processing the existing rows.
        IonworksError
            If the service or the network fails. The measurement is unchanged, unless the message
            says that this is unknown because the last reply was lost.
        """
        identifier = self._identifier(measurement_id, "measurement_id")
        options = CheckOptions.of_extension(skip_checks)
        mapping = column_mapping(columns)
        pace = self._pace(timeout)
        with parquet_files.scratch_folder() as folder:
            target = folder / EXTENSION
            rows = parquet_files.checked_parquet(
                time_series, "time_series", target, options, mapping
            )
            stored = extend(self._connection, identifier, rows, verbose=verbose)
        if wait_for_processing:
            return (yield from self._processed(stored, pace, verbose))
        return stored

    def create_file(
        self,
        cell_instance_id: str | CellInstance,
        name: str,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        verbose: bool = True,
        **fields: Any,
    ) -> MeasurementBundle:
        """Upload files as a measurement, such as images or files in a cycler's format.

        Parameters
        ----------
        cell_instance_id : str or CellInstance
            The cell.
        name : str
            Name of the measurement.
        paths : path-like or iterable of path-like
            The files, with distinct names and at most 1 GiB each if the service uses a storage
            host. They are sent concurrently; if one fails, none is stored.
        verbose : bool, optional
            Whether to show the progress of long transfers on standard error.
        **fields
            ``notes``, ``protocol``, ``test_setup``, ``start_time``, ``end_time``, ``tags``.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        IonworksError
            As for `create`.
        """
        plan = Upload(
            cell_instance_id=self._identifier(cell_instance_id, "cell_instance_id"),
            measurement=measurement_fields({"name": name, **fields}, "the measurement"),
            files=files_to_send(paths),
            measurement_type="file",
            verbose=verbose,
        )
        return upload(self._connection, plan)

    @overload
    def wait_for_processing(
        self,
        measurement_ids: str | CellMeasurement,
        timeout: float | None = _PROCESSING_TIMEOUT,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> CellMeasurement: ...
    @overload
    def wait_for_processing(
        self,
        measurement_ids: builtins.list[str] | builtins.list[CellMeasurement] | Page[Any],
        timeout: float | None = _PROCESSING_TIMEOUT,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Measurements: ...
    @waits
    def wait_for_processing(
        self,
        measurement_ids: Any,
        timeout: float | None = _PROCESSING_TIMEOUT,
        poll_interval: float = 2,
        verbose: bool = True,
        raise_on_failure: bool = True,
    ) -> Waiting[CellMeasurement | Measurements]:
        """Wait until the server has processed the rows of measurements.

        Parameters
        ----------
        measurement_ids : str, record or iterable of them
            The measurements to wait for.
        timeout : float, optional
            Seconds to wait; None waits without limit.
        poll_interval : float, optional
            Longest pause between two polls, in seconds.
        verbose : bool, optional
            Whether to show the progress of long waits on standard error.
        raise_on_failure : bool, optional
            Whether failed processing raises an exception as soon as it is known.

        Returns
        -------
        CellMeasurement or list of CellMeasurement
            A record for one measurement; for several a list in the given order.

        Raises
        ------
        MeasurementProcessingError
            If one could not be processed; raised at once. ``failures`` has the reasons,
            ``finished`` the records of those that have ended, by id, and ``pending`` the ids of
            the others.
        WaitTimeoutError
            If processing takes longer than `timeout`; the server continues.
        """
        is_single = isinstance(measurement_ids, (str, Mapping)) or not isinstance(
            measurement_ids, Iterable
        )
        references = [measurement_ids] if is_single else [*measurement_ids]
        ids = [self._identifier(each, "measurement_ids") for each in references]
        pace = self._pace(timeout, poll_interval)
        ended = yield from wait_until_processed(
            self._connection, ids, pace=pace, verbose=verbose, raise_on_failure=raise_on_failure
        )
        return ended[ids[0]] if is_single else [ended[identifier] for identifier in ids]

    def _processed(self, stored: M, pace: Pace, verbose: bool) -> Waiting[M]:
        """Wait until a measurement is processed, and return its new record in the given class."""
        ended = yield from wait_until_processed(
            self._connection, [stored.id], pace=pace, verbose=verbose
        )
        record = ended[stored.id]
        fields = {**record.to_dict()}
        if fields["steps_created"] is None:
            fields["steps_created"] = stored.steps_created
        return type(stored).from_dict(fields)

    def _named(self, cell: str, name: str) -> builtins.list[MeasurementBundle]:
        """Find the measurement with a name on a cell."""
        fetch = self._fetcher(
            list_measurements.sync_detailed, MeasurementBundle, cell, name=f"eq.{name}"
        )
        return [*fetch(None, 1).items]

    def _bundle(self, measurement_id: str) -> MeasurementBundle:
        record = read_measurement(self._connection, measurement_id)
        return MeasurementBundle.from_dict(record.to_dict())
