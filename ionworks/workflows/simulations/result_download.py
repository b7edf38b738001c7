"""What a simulation computed, read back: parquet files where there are some, else JSON."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ionworks.data import frames
from ionworks.errors import NotFoundError, ResponseDecodeError, reworded
from ionworks.records.simulation import Simulation, SimulationResult
from ionworks.requests.fields import worker_count
from ionworks.transport import files
from ionworks.transport.call import call
from ionworks.workflows.simulations.simulation_wait import read_simulation, read_statuses
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.simulation import get_simulation_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from ionworks.transport.connection import Connection

__all__ = ["read_result", "read_results", "read_time_series"]

T = TypeVar("T")


def read_result(connection: Connection, simulation_id: str) -> SimulationResult:
    """Read one simulation's result, its three parts at the same time.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    simulation_id : str
        Id of the simulation.

    Returns
    -------
    SimulationResult

    Raises
    ------
    NotFoundError
        If there is no such simulation, or it has no results; the message gives its status.
    ResponseDecodeError
        If what came back is not a table.
    IonworksError
        If the service rejects the request or fails.
    """
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="ionworks-result") as pool:
        steps = pool.submit(_download_steps, connection, simulation_id)
        simulation = pool.submit(read_simulation, connection, simulation_id)
        time_series = _found(_download_time_series, connection, simulation_id)
        # The record first: when there is no such simulation at all, its 404 says so.
        record = simulation.result()
        return _result(connection, record, time_series, _found(lambda *_: steps.result()))


def read_results(
    connection: Connection, simulation_ids: Sequence[str], max_workers: int
) -> Iterator[SimulationResult]:
    """Read the results of many simulations, in order, a few ahead of the reader.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    simulation_ids : sequence of str
        Ids of the simulations.
    max_workers : int
        How many are read at the same time, and how many are in memory beside those the reader
        keeps: the next one is started when the reader comes back for more.

    Returns
    -------
    iterator of SimulationResult
        In the order of the ids; reading starts with the first look.

    Raises
    ------
    ValueError, TypeError
        At once, if max_workers is no whole number from 1 to 64.
    NotFoundError, ResponseDecodeError, IonworksError
        As `read_result`, when it is the turn of the simulation it concerns.
    """
    return _read_ahead(connection, simulation_ids, worker_count(max_workers))


def read_time_series(connection: Connection, simulation_id: str) -> pl.DataFrame:
    """Read one simulation's time series alone, as polars, with the columns derived from others.

    Raises
    ------
    NotFoundError, ResponseDecodeError, IonworksError
        As `read_result`.
    """
    time_series = _found(_download_time_series, connection, simulation_id)
    if time_series is None:
        time_series, _, _ = _read_json(connection, read_simulation(connection, simulation_id))
    return frames.time_series_frame(time_series)


def _read_ahead(
    connection: Connection, simulation_ids: Sequence[str], max_workers: int
) -> Iterator[SimulationResult]:
    read = partial(_read_in_sequence, connection)
    with ThreadPoolExecutor(max_workers, thread_name_prefix="ionworks-result") as pool:
        yield from _ahead(pool, read, simulation_ids, max_workers)


def _ahead(
    pool: ThreadPoolExecutor, read: Callable[[str], T], ids: Sequence[str], window: int
) -> Iterator[T]:
    """Yield ``read(id)`` for each id in order, with at most `window` under way or unread."""
    started: deque[Future[T]] = deque()
    try:
        for following in ids:
            if len(started) == window:
                # Not kept in a name: a suspended generator would hold on to a table nobody needs.
                yield started.popleft().result()
            started.append(pool.submit(read, following))
        while started:
            yield started.popleft().result()
    finally:
        # The reader has stopped early, or a read failed: nobody waits for the others.
        for future in started:
            future.cancel()


def _read_in_sequence(connection: Connection, simulation_id: str) -> SimulationResult:
    """Read one result in the calling thread, which is one of several doing the same."""
    time_series = _found(_download_time_series, connection, simulation_id)
    steps = None
    if time_series is not None:
        steps = _found(_download_steps, connection, simulation_id)
    return _result(connection, read_simulation(connection, simulation_id), time_series, steps)


def _result(
    connection: Connection,
    record: Simulation,
    time_series: pl.DataFrame | None,
    steps: pl.DataFrame | None,
) -> SimulationResult:
    metrics = record.metrics or {}
    if time_series is None or steps is None:
        time_series, steps, stored_metrics = _read_json(connection, record)
        metrics = stored_metrics or metrics
    return SimulationResult(
        time_series=frames.for_client(frames.time_series_frame(time_series), connection.settings),
        steps=frames.for_client(frames.steps_frame(steps), connection.settings),
        metrics=dict(metrics),
    )


def _found(read: Callable[..., pl.DataFrame], *arguments: Any) -> pl.DataFrame | None:
    """Return what is read, or None where the service has no such file."""
    try:
        return read(*arguments)
    except NotFoundError:
        return None


def _download_time_series(connection: Connection, simulation_id: str) -> pl.DataFrame:
    return _download(connection, "download_simulation_time_series", simulation_id)


def _download_steps(connection: Connection, simulation_id: str) -> pl.DataFrame:
    return _download(connection, "download_simulation_steps", simulation_id)


def _download(connection: Connection, operation_id: str, simulation_id: str) -> pl.DataFrame:
    path = files.path_of(OPERATIONS[operation_id].path, simulation_id=simulation_id)
    content = files.fetch(path, http=connection.http, outside=connection.outside)
    try:
        return frames.from_parquet(content)
    except ValueError as error:
        raise ResponseDecodeError(f"GET {path}: {error}") from error


def _read_json(
    connection: Connection, record: Simulation
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any] | None]:
    """Read a result as one JSON document, the form of older results."""
    try:
        model = call(get_simulation_result.sync_detailed, record.id, client=connection.api)
    except NotFoundError as error:
        raise _no_results(connection, record, error) from error
    document = model.to_dict()
    try:
        return (
            frames.from_columns(document.get("time_series") or {}),
            frames.from_columns(document.get("steps") or {}),
            document.get("metrics"),
        )
    except (ValueError, AttributeError) as error:
        raise ResponseDecodeError(
            f"the result of simulation {record.id} is not made of columns: {error}"
        ) from error


def _no_results(connection: Connection, record: Simulation, error: NotFoundError) -> NotFoundError:
    """Say why there is nothing to read, and what to do."""
    status = record.status
    if status is None:
        # The records of some services leave it out.
        listed = read_statuses(connection, [record.id]).get(record.id)
        status = None if listed is None else listed.status
    endings = {
        "completed": "it completed, but nothing is stored for it; submit it again",
        "failed": f"it failed: {record.error or 'the service gives no reason'}",
        "canceled": "it was canceled",
    }
    reason = endings.get(status or "") or (
        f"it has not finished (status {status or 'unknown'}); wait first:"
        f" client.simulation.wait_for_completion({record.id!r})"
    )
    explained = reworded(error, f"simulation {record.id} has no results: {reason}")
    explained.error_code = error.error_code or record.error_code
    return explained
