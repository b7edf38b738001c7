"""Results of simulations: where they are, and reading them from their packs.

A pack can be replaced by a smaller one while it is looked for. So a reader that does not find a
pack looks again where the results are, before it takes them for missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import IO, Any, Final

import orjson
import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.problems import Problem
from ionworks.server.store import columns, run_lookup, run_parameters
from ionworks.server.store.blobs import STEPS, TIME_SERIES, size_of
from ionworks.server.store.database import Store
from ionworks.server.store.pack_files import DamagedFile, Pack, as_parquet, refuse_incomplete
from ionworks.server.store.ranges import ranges_of
from ionworks.server.store.tables import packs, runs
from ionworks.ucp.metric_columns import picked

METRICS: Final = "metrics"
#: Parts of a result.
PARTS: Final = ("time_series", "steps", METRICS)
#: Share of its runs from which on a pack is sent whole, and size [B] up to which it always is.
_LEAST_SHARE: Final = 0.5
_SMALL: Final = 100_000
#: Times results are looked for that are not where they were a moment ago.
_TRIES: Final = 3
_MISSING: Final = "its result files are missing: restore the folder's files, or submit it again"

_ROW: Final = (
    runs.c.status,
    runs.c.error,
    runs.c.notes,
    runs.c.pack,
    runs.c.position,
    runs.c.first.label("row_first"),
)
_PACKS: Final = sa.select(packs.c.number, packs.c.folder, packs.c.run_count, packs.c.rows).where(
    packs.c.number.in_(sa.bindparam("numbers", expanding=True))
)
# The number of a pack that was deleted is given to another one.
_METRICS: Final = sa.select(packs.c.metrics).where(packs.c.folder == sa.bindparam("folder"))
Member = tuple[str, bytes | IO[bytes]]


@frozen
class _Place:
    """Where the results of a simulation are in a pack, and its notes."""

    simulation_id: str
    position: int
    notes: Sequence[Any]


@frozen
class _Group:
    """Simulations whose results are in one pack, in the order of their positions."""

    folder: str
    run_count: int
    rows: bytes | None
    places: list[_Place]

    @property
    def positions(self) -> list[int]:
        return [place.position for place in self.places]

    def opened(self, store: Store) -> Pack:
        """Open the pack; raises a FileNotFoundError if a file of it is missing."""
        rows = None if self.rows is None else columns.decoded(self.rows)
        return Pack.opened(store.blobs, self.folder, rows)


def file_of(store: Store, simulation_id: str, name: str) -> bytes | IO[bytes] | None:
    """Return the steps or the time series of a simulation as parquet.

    Parameters
    ----------
    store
        Records and results.
    simulation_id
        The simulation.
    name
        `STEPS` or `TIME_SERIES`.

    Returns
    -------
    bytes or open file
        None if there are no results.

    Raises
    ------
    FileNotFoundError, DamagedFile
        There are results, but no such file, or it cannot be read.
    """
    found = open_pack(store, simulation_id)
    if found is None:
        return None
    pack, position, is_alone = found
    if name == TIME_SERIES and is_alone:
        pack.steps_file.close()
        return pack.series_file
    with pack:
        read = pack.steps if name == STEPS else pack.time_series
        return as_parquet(read([position]))


def open_pack(store: Store, simulation_id: str) -> tuple[Pack, int, bool] | None:
    """Return the open pack of a simulation, its position there, and whether it is alone in it.

    None if it has no results. Raises a FileNotFoundError if a file of the pack is missing.
    """
    for tries_left in reversed(range(_TRIES)):
        groups, _ = _located(store, [simulation_id], with_notes=False)
        if not groups:
            return None
        [group] = groups
        try:
            opened = group.opened(store)
        except FileNotFoundError:
            if not tries_left:
                raise
        else:
            return opened, group.places[0].position, group.run_count == 1
    return None


def damaged(simulation_id: str, error: DamagedFile) -> Problem:
    """Return the problem of a simulation whose files cannot be read."""
    message = (
        f"The result of the simulation {simulation_id!r} cannot be read ({error}): restore the"
        " folder's files, or submit the simulation again."
    )
    return Problem(410, "GONE", message)


def members(
    store: Store,
    simulation_ids: Sequence[str],
    wanted: Sequence[str] = PARTS,
    names: Sequence[str] | None = None,
) -> Iterator[Member]:
    """Return the files of an archive with the results of simulations, one pack after the other.

    The results are looked for at once, so that what keeps the store from being read is raised
    before anything is sent.

    Parameters
    ----------
    store
        Records and results.
    simulation_ids
        The simulations.
    wanted
        Some of `PARTS`.
    names
        Columns of the time series; None for all.

    Returns
    -------
    iterator of tuple of str and bytes or open file
        Names and contents, see the operation ``download_simulation_results`` of the contract. A
        simulation without results does not keep those of others from being sent.
    """
    located = _located(store, list(dict.fromkeys(simulation_ids)))
    return _members(store, located, wanted, names)


def _members(
    store: Store,
    located: tuple[list[_Group], list[dict[str, Any]]],
    wanted: Sequence[str],
    names: Sequence[str] | None,
) -> Iterator[Member]:
    problems: list[dict[str, Any]] = []
    number = 0
    for tries_left in reversed(range(_TRIES)):
        groups, without = located
        problems += without
        missing: list[str] = []
        for group in groups:
            ids = [place.simulation_id for place in group.places]
            try:
                with group.opened(store) as pack:
                    files = _files(store, group, pack, wanted, names)
                    if files is not None:
                        yield from ((f"{number}/{name}", content) for name, content in files)
                        number += 1
                    else:
                        missing += ids
            except FileNotFoundError:
                missing += ids
            except DamagedFile as error:
                message = f"its result files cannot be read: {error}"
                problems += [_problem(each, "completed", message) for each in ids]
        if not missing:
            break
        if tries_left:
            located = _located(store, missing)
        else:
            problems += [_problem(each, "completed", _MISSING) for each in missing]
    yield "problems.json", orjson.dumps(problems)


def _files(
    store: Store, group: _Group, pack: Pack, wanted: Sequence[str], names: Sequence[str] | None
) -> list[Member] | None:
    """Return the files of a group; None if its pack is not recorded any more."""
    positions = group.positions
    places = [pack.places[position] for position in positions]
    document: dict[str, Any] = {
        "simulation_ids": [place.simulation_id for place in group.places],
        "points": [],
        "steps": [],
        "notes": [place.notes for place in group.places],
    }
    if METRICS in wanted:
        with store.reading() as connection:
            content = connection.scalar(_METRICS, {"folder": group.folder})
        if content is None:
            return None
        document[METRICS] = picked(columns.decoded(content), positions)
    files: list[Member] = []
    names_of_columns = None
    share = len(positions) / group.run_count
    if "steps" in wanted:
        if _is_sent_whole(pack.steps_file, share):
            document["steps"] = [(first, rows) for first, rows, _, _ in places]
            files.append((STEPS, pack.steps_file))
        else:
            document["steps"] = _in_sequence([rows for _, rows, _, _ in places])
            files.append((STEPS, as_parquet(pack.steps(positions))))
    if "time_series" in wanted:
        if names is None and _is_sent_whole(pack.series_file, share):
            document["points"] = [(first, rows) for _, _, first, rows in places]
            files.append((TIME_SERIES, pack.series_file))
        else:
            document["points"] = _in_sequence([rows for _, _, _, rows in places])
            series = pack.time_series(positions, names)
            names_of_columns = series.columns if names is None else None
            files.append((TIME_SERIES, as_parquet(series)))
    document["columns"] = names_of_columns or pack.columns
    return [("runs.json", orjson.dumps(document)), *files]


def _is_sent_whole(file: IO[bytes], share: float) -> bool:
    """Return whether a file is sent as it is, although only a share of its runs is asked for.

    Cutting rows out takes milliseconds, so a small file is sent faster than it is cut.
    """
    if share < _LEAST_SHARE and size_of(file) > _SMALL:
        return False
    refuse_incomplete(file)
    return True


def _in_sequence(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the ranges of rows that follow each other."""
    return [(end - rows, rows) for rows, end in zip(counts, accumulate(counts), strict=True)]


def _located(
    store: Store, simulation_ids: Sequence[str], *, with_notes: bool = True
) -> tuple[list[_Group], list[dict[str, Any]]]:
    """Return where the results of simulations are, and the problems of those without results."""
    problems = []
    by_pack: Mapping[int, list[_Place]] = defaultdict(list)
    with store.reading() as connection:
        found = run_lookup.stored(connection, simulation_ids, _ROW)
        indexes: Mapping[str, list[int]] = defaultdict(list)
        for run, _ in found.values():
            indexes[run.submission_id].append(run.index)
        notes = {
            (submission_id, index): of_run
            for submission_id, of_it in (indexes.items() if with_notes else ())
            for index, of_run in run_parameters.notes(connection, submission_id, ranges_of(of_it))
        }
        for identifier in simulation_ids:
            if identifier not in found:
                message = f"There is no simulation {identifier!r}."
                problems.append(_problem(identifier, None, message))
                continue
            run, row = found[identifier]
            if row.pack is None:
                problems.append(_problem(identifier, row.status, row.error))
                continue
            remarks = [{"category": "run", "message": each} for each in row.notes or ()]
            position = row.position + run.index - row.row_first
            of_run = notes.get((run.submission_id, run.index), ())
            by_pack[row.pack].append(_Place(identifier, position, [*of_run, *remarks]))
        groups = [
            _Group(
                pack.folder,
                pack.run_count,
                pack.rows,
                sorted(by_pack[pack.number], key=lambda place: place.position),
            )
            for pack in connection.execute(_PACKS, {"numbers": list(by_pack)})
        ]
    return groups, problems


def _problem(simulation_id: str, status: str | None, error: str | None) -> dict[str, Any]:
    return {"simulation_id": simulation_id, "status": status, "error": error}
