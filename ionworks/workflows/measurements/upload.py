"""Uploads: begun, sent, confirmed; what fails on the way is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ionworks.errors import (
    BadRequestError,
    ConflictError,
    IonworksError,
    NotFoundError,
    ResponseDecodeError,
    ServerError,
    ServiceConnectionError,
    UnprocessableError,
)
from ionworks.records.cell_measurement import CellMeasurement, MeasurementBundle
from ionworks.transport.call import call
from ionworks.workflows.measurements.signed_upload import put_files, target_of
from ionworks_api_client.api.cell_measurement import (
    confirm_measurement_extension,
    confirm_measurement_upload,
    delete_measurement,
    initiate_measurement_extension,
    initiate_measurement_upload,
)
from ionworks_api_client.models import (
    EmptyRequest,
    MeasurementConfirmationRequest,
    MeasurementUploadRequest,
)

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection

__all__ = ["EXTENSION", "STEPS", "TIME_SERIES", "Upload", "extend", "upload"]

TIME_SERIES = "time_series.parquet"
STEPS = "steps.parquet"
EXTENSION = "time_series_extend.parquet"
_ONLY_AT_FIRST = ("name", "notes")
_NOTHING = "nothing was stored"
_AS_IT_WAS = "the measurement is as it was"
_UNSURE = "whether the rows were added is not known: look at its last rows before adding them again"
_REFUSALS = (BadRequestError, ConflictError, UnprocessableError)
_AGAIN = "the same call may be made again"


@attrs.frozen(kw_only=True)
class Upload:
    """A measurement to be uploaded.

    Attributes
    ----------
    cell_instance_id : str
        The cell.
    measurement : dict
        What is said of it, checked.
    files : Mapping of str to Path
        What is sent, by the name the service knows it under.
    steps : Path or None
        The user's own steps as parquet.
    measurement_type : str
        ``time_series`` or ``file``.
    verbose : bool
        Whether to show the progress of long transfers.
    """

    cell_instance_id: str
    measurement: dict[str, Any]
    files: Mapping[str, Path]
    steps: Path | None = None
    measurement_type: str = "time_series"
    verbose: bool = True


def upload(connection: Connection, plan: Upload) -> MeasurementBundle:
    """Upload a measurement: the service stores all of it, or nothing.

    Parameters
    ----------
    connection : Connection
        The way to the service.
    plan : Upload
        What to send.

    Returns
    -------
    MeasurementBundle
        The record, whose rows the server may not have gone through yet.

    Raises
    ------
    ConflictError
        If the cell has a measurement of that name.
    IonworksError
        If the service, its storage or the network fails. What was begun has been taken back; if
        that failed too, the message says so. The same call may be made again.
    """
    names = {"filenames": [*plan.files]} if plan.measurement_type == "file" else {}
    kind = {} if plan.measurement_type == "time_series" else {"measurement_type": "file"}
    first = {key: plan.measurement[key] for key in _ONLY_AT_FIRST if key in plan.measurement}
    begun = call(
        initiate_measurement_upload.sync_detailed,
        plan.cell_instance_id,
        client=connection.api,
        body=MeasurementUploadRequest.from_dict({"measurement": first, **kind, **names}),
    )
    if not isinstance(begun.measurement_id, str):
        raise ResponseDecodeError("the service began an upload without naming its measurement")
    measurement_id = begun.measurement_id
    with _taken_back(connection, measurement_id):
        files, steps = _with_steps(plan, begun.uploads)
        label = f"uploading {plan.measurement['name']!r}"
        put_files(connection, begun.uploads, files, label=label, verbose=plan.verbose)
        body = MeasurementConfirmationRequest.from_dict(
            {
                "cell_instance_id": plan.cell_instance_id,
                "measurement": plan.measurement,
                "measurement_type": plan.measurement_type,
                **names,
                **steps,
            }
        )
        stored = call(
            confirm_measurement_upload.sync_detailed,
            measurement_id,
            client=connection.api,
            body=body,
        )
    return MeasurementBundle.from_model(stored)


def extend(
    connection: Connection, measurement_id: str, rows: Path, *, verbose: bool
) -> CellMeasurement:
    """Add rows to the end of a measurement: all of them, or none.

    Parameters
    ----------
    connection : Connection
        The way to the service.
    measurement_id : str
        The measurement.
    rows : Path
        The rows as parquet.
    verbose : bool
        Whether to show the progress of a long transfer.

    Raises
    ------
    ConflictError
        While the server goes through the rows it has.
    IonworksError
        If the service, its storage or the network fails; the measurement is as it was, unless
        the message says that this is not known.
    """
    begun = call(
        initiate_measurement_extension.sync_detailed,
        measurement_id,
        client=connection.api,
        body=EmptyRequest(),
    )
    with _explained(_AS_IT_WAS):
        put_files(
            connection,
            begun.uploads,
            {EXTENSION: rows},
            label=f"extending measurement {measurement_id}",
            verbose=verbose,
        )
    # An answer that is lost may have been a yes, and rows once added cannot be taken back.
    with _explained(_AS_IT_WAS, unless_lost=_UNSURE):
        stored = call(
            confirm_measurement_extension.sync_detailed,
            measurement_id,
            client=connection.api,
            body=EmptyRequest(),
        )
    return CellMeasurement.from_model(stored)


def _with_steps(plan: Upload, targets: Any) -> tuple[dict[str, Path], dict[str, Any]]:
    """Return what is sent, and the steps as columns where there is no place for their file."""
    if plan.steps is None:
        return {**plan.files}, {}
    if target_of(targets, STEPS) is not None:
        return {**plan.files, STEPS: plan.steps}, {}
    import polars as pl

    return {**plan.files}, {"steps": pl.read_parquet(plan.steps).to_dict(as_series=False)}


@contextmanager
def _taken_back(connection: Connection, measurement_id: str) -> Iterator[None]:
    """Take a begun upload back if it comes to nothing, even by Ctrl-C."""
    try:
        yield
    except BaseException as error:
        state = _take_back(connection, measurement_id)
        _explain(error, state if isinstance(error, _REFUSALS) else f"{state}; {_AGAIN}")
        raise


def _take_back(connection: Connection, measurement_id: str) -> str:
    """Delete what was begun, and return what there is now, in words."""
    try:
        call(delete_measurement.sync_detailed, measurement_id, client=connection.api)
    except NotFoundError:
        # There was nothing left to delete.
        return _NOTHING
    except IonworksError as problem:
        return (
            f"the begun upload could not be taken back ({problem}); should its name be taken,"
            f" delete it with client.cell_measurement.delete({measurement_id!r})"
        )
    return _NOTHING


@contextmanager
def _explained(state: str, *, unless_lost: str | None = None) -> Iterator[None]:
    """Say in an error what became of the measurement and what to do.

    `unless_lost` is what to say where the service may have done it, and only its answer is lost.
    """
    try:
        yield
    except BaseException as error:
        is_answer = isinstance(error, IonworksError) and not isinstance(
            error, (ServerError, ServiceConnectionError)
        )
        if isinstance(error, _REFUSALS):
            _explain(error, state)
        elif is_answer or unless_lost is None:
            _explain(error, f"{state}; {_AGAIN}")
        else:
            _explain(error, unless_lost)
        raise


def _explain(error: BaseException, words: str) -> None:
    if isinstance(error, IonworksError):
        error.message = f"{error.message}; {words}"
    else:
        error.add_note(words)
