"""Uploads of measurements: initiate, send, confirm; a failed upload is deleted again."""

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
_INITIAL_FIELDS = ("name", "notes")
_NOT_STORED = "nothing was stored"
_UNCHANGED = "the measurement is unchanged"
_UNKNOWN = "it is unknown whether the rows were added: check its last rows before adding them again"
_REFUSALS = (BadRequestError, ConflictError, UnprocessableError)
_REPEATABLE = "the call can be repeated"


@attrs.frozen(kw_only=True)
class Upload:
    """A measurement to upload.

    Attributes
    ----------
    cell_instance_id : str
        The cell.
    measurement : dict
        Its metadata, checked.
    files : Mapping of str to Path
        Files to send, by their names on the service.
    steps : Path or None
        A table of steps as parquet, if the user gave one.
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
    """Upload a measurement; after a failure nothing is stored.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    plan : Upload
        The measurement and its files.

    Returns
    -------
    MeasurementBundle
        The record; the server may not have processed the rows yet.

    Raises
    ------
    ConflictError
        If the cell has a measurement of that name.
    IonworksError
        If the service, its storage or the network fails. The incomplete upload has been deleted;
        if that failed too, the message says so. The call can be repeated.
    """
    names = {"filenames": [*plan.files]} if plan.measurement_type == "file" else {}
    kind = {} if plan.measurement_type == "time_series" else {"measurement_type": "file"}
    first = {key: plan.measurement[key] for key in _INITIAL_FIELDS if key in plan.measurement}
    begun = call(
        initiate_measurement_upload.sync_detailed,
        plan.cell_instance_id,
        client=connection.api,
        body=MeasurementUploadRequest.from_dict({"measurement": first, **kind, **names}),
    )
    if not isinstance(begun.measurement_id, str):
        raise ResponseDecodeError("the reply to the initiated upload contains no measurement id")
    measurement_id = begun.measurement_id
    with _deleted_on_failure(connection, measurement_id):
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
    """Append rows to a measurement; after a failure none of them are added.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    measurement_id : str
        The measurement.
    rows : Path
        The rows as parquet.
    verbose : bool
        Whether to show the progress of a long transfer.

    Raises
    ------
    ConflictError
        If the server is still processing the existing rows.
    IonworksError
        If the service, its storage or the network fails. The measurement is unchanged, unless the
        message says that this is unknown.
    """
    begun = call(
        initiate_measurement_extension.sync_detailed,
        measurement_id,
        client=connection.api,
        body=EmptyRequest(),
    )
    with _explained(_UNCHANGED):
        put_files(
            connection,
            begun.uploads,
            {EXTENSION: rows},
            label=f"extending measurement {measurement_id}",
            verbose=verbose,
        )
    # If the reply is lost, the rows may have been added, and added rows cannot be removed.
    with _explained(_UNCHANGED, unless_lost=_UNKNOWN):
        stored = call(
            confirm_measurement_extension.sync_detailed,
            measurement_id,
            client=connection.api,
            body=EmptyRequest(),
        )
    return CellMeasurement.from_model(stored)


def _with_steps(plan: Upload, targets: Any) -> tuple[dict[str, Path], dict[str, Any]]:
    """Return the files to send, and the steps as columns if the service takes no file of steps."""
    if plan.steps is None:
        return {**plan.files}, {}
    if target_of(targets, STEPS) is not None:
        return {**plan.files, STEPS: plan.steps}, {}
    import polars as pl

    return {**plan.files}, {"steps": pl.read_parquet(plan.steps).to_dict(as_series=False)}


@contextmanager
def _deleted_on_failure(connection: Connection, measurement_id: str) -> Iterator[None]:
    """Delete an initiated upload if sending it fails or is interrupted by Ctrl-C."""
    try:
        yield
    except BaseException as error:
        state = _delete_incomplete(connection, measurement_id)
        _explain(error, state if isinstance(error, _REFUSALS) else f"{state}; {_REPEATABLE}")
        raise


def _delete_incomplete(connection: Connection, measurement_id: str) -> str:
    """Delete an incomplete upload, and return a description of the state for the message."""
    try:
        call(delete_measurement.sync_detailed, measurement_id, client=connection.api)
    except NotFoundError:
        # The service has deleted the upload itself.
        return _NOT_STORED
    except IonworksError as problem:
        return (
            f"the incomplete upload could not be deleted ({problem}); if its name is taken now,"
            f" delete it with client.cell_measurement.delete({measurement_id!r})"
        )
    return _NOT_STORED


@contextmanager
def _explained(state: str, *, unless_lost: str | None = None) -> Iterator[None]:
    """Add to an error what the state of the measurement is and what to do.

    `unless_lost` is used instead of `state` if the service may have completed the request and
    only its reply was lost.
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
            _explain(error, f"{state}; {_REPEATABLE}")
        else:
            _explain(error, unless_lost)
        raise


def _explain(error: BaseException, words: str) -> None:
    if isinstance(error, IonworksError):
        error.message = f"{error.message}; {words}"
    else:
        error.add_note(words)
