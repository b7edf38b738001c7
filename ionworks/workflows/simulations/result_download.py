"""Reading results of simulations: parquet files if they exist, else JSON."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeGuard, TypeVar

from ionworks.data import frames
from ionworks.errors import (
    GoneError,
    IonworksError,
    NotFoundError,
    ResponseDecodeError,
    reworded,
)
from ionworks.records.simulation import Simulation, SimulationResult
from ionworks.requests.fields import one_of, worker_count
from ionworks.transport import files
from ionworks.transport.call import call
from ionworks.workflows.simulations.bulk_results import (
    BulkRun,
    ResultProblem,
    has_bulk_results,
    read_in_pieces,
)
from ionworks.workflows.simulations.simulation_wait import read_simulation, read_statuses
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.simulation import get_simulation_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from ionworks.transport.connection import Connection

__all__ = ["ON_ERROR", "OnError", "read_result", "read_results", "read_time_series"]

T = TypeVar("T")

OnError: TypeAlias = Literal["raise", "skip", "return"]
"""What to do about a simulation without results."""
ON_ERROR: Final = ("raise", "skip", "return")

_OF_ONE: Final = (NotFoundError, GoneError, ResponseDecodeError)
"""Errors that concern one simulation. Others, such as a lost connection, concern all."""


def read_result(connection: Connection, simulation_id: str) -> SimulationResult:
    """Read the result of one simulation.

    It is one request if the service can send results together, else there are concurrent requests
    for its three parts.

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
        If the simulation does not exist or has no results; the message contains its status.
    ResponseDecodeError
        If the reply is not a table.
    IonworksError
        If the service rejects the request or fails.
    """
    if has_bulk_results(connection):
        for _, run in read_in_pieces(connection, [simulation_id]):
            if isinstance(run, BulkRun):
                return run.result(connection.settings)
    # Without a result, these requests say why.
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="ionworks-result") as pool:
        steps = pool.submit(_download_steps, connection, simulation_id)
        simulation = pool.submit(read_simulation, connection, simulation_id)
        time_series = _found(_download_time_series, connection, simulation_id)
        # Check the record first: if the simulation does not exist, its 404 is the error to raise.
        record = simulation.result()
        return _result(connection, record, time_series, _found(lambda *_: steps.result()))


def read_results(
    connection: Connection,
    simulation_ids: Sequence[str],
    max_workers: int,
    on_error: OnError = "raise",
) -> Iterator[SimulationResult | IonworksError]:
    """Read the results of many simulations in order, some ahead of the consumer.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    simulation_ids : sequence of str
        Ids of the simulations.
    max_workers : int
        How many are read concurrently, and held in memory besides those the consumer keeps, if the
        service sends one result in a reply. The next read starts when the consumer asks for
        another result.
    on_error : {"raise", "skip", "return"}, optional
        Whether a simulation without results raises an exception, is left out, or has its exception
        in place of its result.

    Returns
    -------
    iterator of SimulationResult or IonworksError
        In the order of the ids; reading starts when the iterator is first advanced.

    Raises
    ------
    ValueError, TypeError
        Immediately, if max_workers is not a whole number from 1 to 64, or `on_error` is unknown.
    NotFoundError, ResponseDecodeError, IonworksError
        As `read_result`, when the iterator reaches the simulation; errors that concern all
        simulations, such as a lost connection, in any case.
    """
    workers = worker_count(max_workers)
    one_of(on_error, "on_error", ON_ERROR)
    if on_error == "raise":
        return _read_many(connection, simulation_ids, workers, _read_in_sequence)
    outcomes = _read_many(connection, simulation_ids, workers, _read_or_error, _error_of)
    # Unlike a generator, filter does not keep the last result alive.
    return filter(_is_result, outcomes) if on_error == "skip" else outcomes


def read_time_series(
    connection: Connection, simulation_ids: Sequence[str], columns: Sequence[str], max_workers: int
) -> Iterator[tuple[pl.DataFrame, Sequence[str]]]:
    """Read some columns of the time series of many simulations, in order.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    simulation_ids : sequence of str
        Ids of the simulations.
    columns : sequence of str
        Columns to read; derived ones are derived if they are not stored.
    max_workers : int
        As of `read_results`.

    Yields
    ------
    tuple of polars.DataFrame and sequence of str
        Those of the columns that exist, and the names of all that do.

    Raises
    ------
    NotFoundError, ResponseDecodeError, IonworksError
        As `read_result`.
    """
    if has_bulk_results(connection):
        wanted = [*columns]
        if any(name in frames.DERIVED for name in columns):
            wanted = [*dict.fromkeys((*columns, *frames.DERIVED_FROM, *frames.DERIVED))]
        found = read_in_pieces(connection, simulation_ids, parts=["time_series"], columns=wanted)
        for identifier, run in found:
            if isinstance(run, BulkRun):
                table = run.time_series()
                stored: Sequence[str] = (*run.columns, *table.columns)
            else:
                table = _one_time_series(connection, identifier)
                stored = table.columns
            yield table.select(name for name in columns if name in table.columns), stored
        return
    read = partial(_one_time_series, connection)
    with ThreadPoolExecutor(max_workers, thread_name_prefix="ionworks-result") as pool:
        for table in _ahead(pool, read, simulation_ids, max_workers):
            yield table.select(name for name in columns if name in table.columns), table.columns


def _one_time_series(connection: Connection, simulation_id: str) -> pl.DataFrame:
    time_series = _found(_download_time_series, connection, simulation_id)
    if time_series is None:
        time_series, _, _ = _read_json(connection, read_simulation(connection, simulation_id))
    return frames.time_series_frame(time_series)


def _read_many(
    connection: Connection,
    simulation_ids: Sequence[str],
    max_workers: int,
    read_alone: Callable[[Connection, str], T],
    of_problem: Callable[[str, ResultProblem], T | None] = lambda *_: None,
) -> Iterator[SimulationResult | T]:
    """Yield the results, or what else stands for those that are read alone or have a problem."""
    if has_bulk_results(connection):
        for identifier, run in read_in_pieces(connection, simulation_ids):
            if isinstance(run, BulkRun):
                yield run.result(connection.settings)
                continue
            found = None if run is None else of_problem(identifier, run)
            # A simulation without results is asked for alone, which says why it has none.
            yield read_alone(connection, identifier) if found is None else found
            del found
        return
    read = partial(read_alone, connection)
    with ThreadPoolExecutor(max_workers, thread_name_prefix="ionworks-result") as pool:
        yield from _ahead(pool, read, simulation_ids, max_workers)


def _is_result(outcome: SimulationResult | IonworksError) -> TypeGuard[SimulationResult]:
    return isinstance(outcome, SimulationResult)


def _read_or_error(connection: Connection, simulation_id: str) -> SimulationResult | IonworksError:
    """Read one result; return the error if it concerns this simulation only."""
    try:
        return _read_in_sequence(connection, simulation_id)
    except _OF_ONE as error:
        return error


def _error_of(simulation_id: str, problem: ResultProblem) -> NotFoundError | None:
    """Return the error of a simulation for which a reply has no results.

    So very many that failed take no requests. None if results are stored and cannot be read, of
    which the reply does not tell all.
    """
    if problem.status == "completed":
        return None
    message = f"simulation {simulation_id!r} does not exist"
    if problem.status is not None:
        reason = _reason(simulation_id, problem.status, problem.error)
        message = f"simulation {simulation_id} has no results: {reason}"
    return NotFoundError(message, status_code=404, error_code="NOT_FOUND")


def _ahead(
    pool: ThreadPoolExecutor, read: Callable[[str], T], ids: Sequence[str], window: int
) -> Iterator[T]:
    """Yield ``read(id)`` for each id in order, with at most `window` results pending or unread."""
    started: deque[Future[T]] = deque()
    try:
        for following in ids:
            if len(started) == window:
                # Not assigned to a variable: the suspended generator would keep the result alive
                # after the consumer has dropped it.
                yield started.popleft().result()
            started.append(pool.submit(read, following))
        while started:
            yield started.popleft().result()
    finally:
        # If the consumer stopped early or a read failed, the other results are not needed.
        for future in started:
            future.cancel()


def _read_in_sequence(connection: Connection, simulation_id: str) -> SimulationResult:
    """Read one result sequentially; several threads call this concurrently."""
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
        notes=list(record.notes or ()),
    )


def _found(read: Callable[..., pl.DataFrame], *arguments: Any) -> pl.DataFrame | None:
    """Return the table, or None if the service does not have the file."""
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
    """Read a result as one JSON document, the form in which older results are stored."""
    try:
        model = call(get_simulation_result.sync_detailed, record.id, client=connection.api)
    except NotFoundError as error:
        raise _no_results(connection, record, error) from None
    document = model.to_dict()
    for part in ("time_series", "steps"):
        if document.get(part) is None:
            raise ResponseDecodeError(f"the result of simulation {record.id} has no {part!r}")
    try:
        return (
            frames.from_columns(document["time_series"]),
            frames.from_columns(document["steps"]),
            document.get("metrics"),
        )
    except (ValueError, AttributeError) as error:
        raise ResponseDecodeError(
            f"the result of simulation {record.id} does not consist of columns: {error}"
        ) from error


def _no_results(connection: Connection, record: Simulation, error: NotFoundError) -> NotFoundError:
    """Return an error that says why there are no results and what to do."""
    status = record.status
    if status is None:
        # The records of some services have no status.
        listed = read_statuses(connection, [record.id]).get(record.id)
        status = None if listed is None else listed.status
    reason = _reason(record.id, status, record.error)
    explained = reworded(error, f"simulation {record.id} has no results: {reason}")
    explained.error_code = error.error_code or record.error_code
    return explained


def _reason(simulation_id: str, status: str | None, error: str | None) -> str:
    """Return why a simulation with this status has no results, and what to do."""
    endings = {
        "completed": "it completed, but its results are not stored; submit it again",
        "failed": f"it failed: {error or 'the service gave no reason'}",
        "canceled": "it was canceled",
    }
    return endings.get(status or "") or (
        f"it has not finished (status {status or 'unknown'}); wait first:"
        f" client.simulation.wait_for_completion({simulation_id!r})"
    )
