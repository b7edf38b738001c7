"""Results of many simulations in one request, from services that have this operation."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.data import frames
from ionworks.errors import ResponseDecodeError
from ionworks.records.simulation import SimulationResult, messages
from ionworks.transport import files
from ionworks.ucp.metric_columns import metrics_of
from ionworks.workflows.capabilities import offers
from ionworks.workflows.simulations.simulation_wait import read_statuses
from ionworks_api_client.api import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from ionworks.settings import Settings
    from ionworks.transport.connection import Connection

__all__ = ["BulkRun", "ResultProblem", "has_bulk_results", "read_in_pieces"]

FIRST_PIECE: Final = 8
"""Simulations of the first request, which shows how large their results are."""
LARGEST_PIECE: Final = 2000
LARGEST_GROWTH: Final = 16
"""Factor between the sizes of two pieces, because later results can be larger."""
PIECE_SIZE: Final = 32_000_000
"""Bytes of the tables of one request, about."""

_PATH: Final = OPERATIONS["download_simulation_results"].path
_TAR: Final = "application/x-tar"
_POSITION: Final = "Position"


def has_bulk_results(connection: Connection) -> bool:
    """Return whether a service can send the results of many simulations at once."""
    return offers(connection, "bulk_results")


@attrs.frozen(eq=False)
class _Group:
    """Results that were sent together."""

    simulation_ids: list[str]
    columns: list[str]
    notes: list[list[dict[str, Any]]]
    metrics: Mapping[str, Any]
    #: First row of each simulation, and the number of rows.
    points: Sequence[tuple[int, int]]
    steps: Sequence[tuple[int, int]]
    time_series_table: pl.DataFrame | None
    steps_table: pl.DataFrame | None
    #: Whether columns have to be derived, for each simulation alone.
    is_series_complete: bool
    is_steps_complete: bool

    @classmethod
    def of(
        cls, document: Mapping[str, Any], series: pl.DataFrame | None, steps: pl.DataFrame | None
    ) -> _Group:
        ids = document["simulation_ids"]
        series, points = _only(document["points"], len(ids), series)
        steps, of_steps = _only(document["steps"], len(ids), steps)
        if steps is not None and _POSITION in steps.columns:
            steps.drop_in_place(_POSITION)
        return cls(
            ids,
            document["columns"],
            document["notes"],
            document.get("metrics") or {},
            points,
            of_steps,
            series,
            steps,
            series is None or _derives_nothing(frames.time_series_frame, series),
            steps is None or _derives_nothing(frames.steps_frame, steps),
        )

    @property
    def size(self) -> int:
        """Bytes of the tables."""
        tables = (self.time_series_table, self.steps_table)
        return sum(int(table.estimated_size()) for table in tables if table is not None)


def _only(
    ranges: Sequence[tuple[int, int]], runs: int, table: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, Sequence[tuple[int, int]]]:
    """Return the rows of the simulations, and the first row and the number of rows of each.

    A table that also has rows of many other simulations is not kept in memory for the few.
    """
    import polars as pl

    if table is None:
        return None, []
    wanted = sum(rows for _, rows in ranges)
    if len(ranges) != runs or max((sum(each) for each in ranges), default=0) > table.height:
        raise ValueError("runs.json does not agree with the tables")
    if 2 * wanted >= table.height:
        return table, ranges
    indexes = pl.Series([row for first, rows in ranges for row in range(first, first + rows)])
    ends = accumulate(rows for _, rows in ranges)
    places = [(end - rows, rows) for (_, rows), end in zip(ranges, ends, strict=True)]
    return table[indexes], places


def _derives_nothing(derive: Callable[[pl.DataFrame], pl.DataFrame], table: pl.DataFrame) -> bool:
    return derive(table.clear()).width == table.width


@attrs.frozen(eq=False)
class BulkRun:
    """The result of one simulation in a group."""

    _group: _Group
    _place: int

    @property
    def columns(self) -> list[str]:
        """All columns of the stored time series."""
        return self._group.columns

    def time_series(self) -> pl.DataFrame:
        """Return the time series with its derived columns; it shares memory with the group's."""
        group = self._group
        if group.time_series_table is None:
            raise ResponseDecodeError("the results were sent without the time series")
        table = group.time_series_table.slice(*group.points[self._place])
        return table if group.is_series_complete else frames.time_series_frame(table)

    def steps(self) -> pl.DataFrame:
        """Return the steps with their derived columns; they share memory with the group's."""
        group = self._group
        if group.steps_table is None:
            raise ResponseDecodeError("the results were sent without the steps")
        table = group.steps_table.slice(*group.steps[self._place])
        return table if group.is_steps_complete else frames.steps_frame(table)

    def metrics(self) -> dict[str, Any]:
        """Return the metrics."""
        found = metrics_of(self._group.metrics, self._place)
        remarks = [
            note["message"] for note in self._group.notes[self._place] if note["category"] == "run"
        ]
        return found | {"notes": remarks} if remarks else found

    def result(self, settings: Settings) -> SimulationResult:
        """Return the result."""
        return SimulationResult(
            time_series=frames.for_client(self.time_series(), settings),
            steps=frames.for_client(self.steps(), settings),
            notes=messages(self._group.notes[self._place]) or [],
            metrics=self.metrics(),
        )


@attrs.frozen
class ResultProblem:
    """Why a simulation has no results, according to the reply.

    Attributes
    ----------
    status : str or None
        The status of the simulation; None if it does not exist.
    error : str or None
        Why it failed, or what is wrong with its stored results.
    """

    status: str | None
    error: str | None


def read_in_pieces(
    connection: Connection,
    simulation_ids: Sequence[str],
    *,
    parts: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[tuple[str, BulkRun | ResultProblem | None]]:
    """Read the results of simulations, several at a time.

    Parameters
    ----------
    connection : Connection
        The connection to a service for which `has_bulk_results` is true.
    simulation_ids : sequence of str
        Ids of the simulations.
    parts, columns : sequence of str, optional
        As in the contract: everything if not given.

    Yields
    ------
    tuple of str and BulkRun
        The simulations in the given order. In place of a result that there is not, the problem, or
        None if the reply does not say anything about the simulation. About `PIECE_SIZE` bytes of
        tables are held, besides those the consumer keeps.

    Raises
    ------
    ResponseDecodeError
        If the reply does not conform to the contract.
    IonworksError
        If the service rejects the request or fails.
    """
    options = {"parts": parts, "columns": columns}
    body = {name: list(value) for name, value in options.items() if value is not None}
    size, start = FIRST_PIECE, 0
    while start < len(simulation_ids):
        piece = simulation_ids[start : start + size]
        runs, problems, total = _read(
            connection, {"simulation_ids": [*dict.fromkeys(piece)], **body}
        )
        start += len(piece)
        if runs:  # else it has not shown how large they are
            fitting = PIECE_SIZE * len(runs) // max(total, 1)
            size = min(max(fitting, 1), LARGEST_GROWTH * size, LARGEST_PIECE)
        has_none = not runs
        for identifier in piece:
            yield identifier, runs.get(identifier) or problems.get(identifier)
        del runs
        if has_none and start < len(simulation_ids):
            # Very many can follow that have none either. Statuses take little memory; their results
            # could take too much.
            following = simulation_ids[start : start + LARGEST_PIECE]
            for identifier, problem in _until_completed(connection, following):
                start += 1
                yield identifier, problem


def _until_completed(
    connection: Connection, simulation_ids: Sequence[str]
) -> Iterator[tuple[str, ResultProblem]]:
    """Yield the simulations before the first one that has completed, and why they have no results.

    Their results are not asked for.
    """
    statuses = read_statuses(connection, [*dict.fromkeys(simulation_ids)])
    for identifier in simulation_ids:
        found = statuses.get(identifier)
        if found is None:
            yield identifier, ResultProblem(None, None)
        elif found.status != "completed":
            yield identifier, ResultProblem(found.status, found.error)
        else:
            return


def _read(
    connection: Connection, body: dict[str, Any]
) -> tuple[dict[str, BulkRun], dict[str, ResultProblem], int]:
    """Return the results and problems by id, and the bytes of the tables or of the reply.

    The reply counts if it has more bytes than the tables.
    """
    content = files.ask(_PATH, body, http=connection.http, accept=_TAR)
    runs: dict[str, BulkRun] = {}
    problems: dict[str, ResultProblem] = {}
    total = 0
    try:
        for part in _parts(content):
            if isinstance(part, _Group):
                total += part.size
                runs |= {
                    identifier: BulkRun(part, place)
                    for place, identifier in enumerate(part.simulation_ids)
                }
            else:
                problems = part
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResponseDecodeError(f"POST {_PATH}: {error!r}") from error
    # Tables can have many rows of other simulations, which are not kept.
    return runs, problems, max(total, len(content))


def _parts(reply: bytes) -> Iterator[_Group | dict[str, ResultProblem]]:
    """Yield the groups of an archive, and at last the problems."""
    import tarfile

    content = memoryview(reply)

    is_whole = False
    try:
        with tarfile.open(fileobj=io.BytesIO(reply), mode="r:") as archive:
            for folder, members in groupby(archive, lambda member: member.name.rpartition("/")[0]):
                contents = {
                    each.name.rpartition("/")[2]: content[each.offset_data :][: each.size]
                    for each in members
                }
                if folder:
                    group = _group(contents)
                    if group is not None:
                        yield group
                elif "problems.json" in contents:
                    is_whole = True
                    yield {
                        each["simulation_id"]: ResultProblem(each["status"], each["error"])
                        for each in json.loads(bytes(contents["problems.json"]))
                    }
    except tarfile.TarError as error:
        raise ValueError(f"expected a tar archive, got {reply[:16]!r}: {error}") from error
    if not is_whole:
        raise ValueError("the archive was cut off: problems.json is missing")


def _group(parts: Mapping[str, memoryview]) -> _Group | None:
    """Return the group that the files of a folder describe; None if its tables are damaged.

    Then its simulations are asked for alone, so that they do not cost the results of others.
    """
    document = json.loads(bytes(parts["runs.json"]))
    try:
        series, steps = (
            frames.from_parquet(bytes(parts[name])) if name in parts else None
            for name in ("time_series.parquet", "steps.parquet")
        )
    except ValueError:
        return None
    return _Group.of(document, series, steps)
