"""Waiting until the server has processed the rows of measurements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from ionworks.errors import MeasurementProcessingError
from ionworks.records.cell_measurement import CellMeasurement
from ionworks.transport.call import call
from ionworks.transport.timeouts import poll_within
from ionworks.waiting import polling
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.views import WaitView
from ionworks_api_client.api.cell_measurement import get_measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ionworks.transport.connection import Connection

__all__ = ["read_measurement", "wait_until_processed"]

_FAILED: Final = "failed"
_UNFINISHED: Final = frozenset({"pending", "running"})
_VIEW_DELAY: Final = 2.0
"""Seconds before the progress is shown."""
_JOBS = Jobs(noun="processing of measurement", resume="client.cell_measurement.wait_for_processing")


@attrs.frozen
class _ProcessingState:
    """A measurement in the form the waiting loop needs."""

    measurement: CellMeasurement

    @property
    def status(self) -> str | None:
        return self.measurement.processing_status

    @property
    def delay_reason(self) -> str | None:
        return self.measurement.delay_reason

    def is_settled(self) -> bool:
        # Measurements without a status need no processing: files, properties, older services.
        return self.status not in _UNFINISHED

    def is_failed(self) -> bool:
        return self.status == _FAILED


def read_measurement(
    connection: Connection, measurement_id: str, *, is_poll: bool = False
) -> CellMeasurement:
    """Read the record of a measurement; a poll requests it without data."""
    wanted = {"include_steps": False, "include_time_series": False} if is_poll else {}
    model = call(get_measurement.sync_detailed, measurement_id, client=connection.api, **wanted)
    return CellMeasurement.from_model(model)


def wait_until_processed(
    connection: Connection,
    ids: Sequence[str],
    *,
    pace: polling.Pace,
    verbose: bool,
    raise_on_failure: bool = True,
) -> polling.Waiting[dict[str, CellMeasurement]]:
    """Wait until the server has processed measurements.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    ids : sequence of str
        The measurements; repeated ones count once.
    pace : Pace
        Timeout and polling interval.
    verbose : bool
        Whether to show the progress of long waits on standard error.
    raise_on_failure : bool
        Whether failed processing raises an exception as soon as it is known.

    Returns
    -------
    dict
        Records by id, in the order of the ids.

    Raises
    ------
    MeasurementProcessingError
        If `raise_on_failure` and one could not be processed.
    WaitTimeoutError
        If processing takes longer than the timeout.
    NotFoundError
        If one of them does not exist.
    """
    unique = [*dict.fromkeys(ids)]
    view = WaitView.of("measurement", unique, delay=_VIEW_DELAY) if verbose and unique else None
    states = yield from polling.wait(
        unique,
        partial(_read_states, connection),
        jobs=_JOBS.on(connection.settings),
        pace=pace,
        # There is no request for the statuses of several measurements.
        batch=1,
        view=view,
        settled=_ProcessingState.is_settled,
        failed=_ProcessingState.is_failed if raise_on_failure else None,
    )
    ended = {identifier: state.measurement for identifier, state in states.items()}
    failures = {
        identifier: measurement.processing_error or "the server gave no reason"
        for identifier, measurement in ended.items()
        if measurement.processing_status == _FAILED
    }
    if raise_on_failure and failures:
        pending = [each for each in unique if each not in ended]
        raise MeasurementProcessingError(failures, finished=ended, pending=pending)
    return ended


def _read_states(
    connection: Connection, ids: Sequence[str], seconds: float
) -> dict[str, _ProcessingState]:
    with poll_within(seconds):
        return {
            identifier: _ProcessingState(read_measurement(connection, identifier, is_poll=True))
            for identifier in ids
        }
