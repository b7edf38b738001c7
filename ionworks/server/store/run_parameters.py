"""Parameters and notes of runs, stored as columns of some thousand runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store import columns, run_digests
from ionworks.server.store.database import Store
from ionworks.server.store.ranges import Range, common, overlapping, ranges_of
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import run_pieces, runs

_OF_SUBMISSION = run_pieces.c.submission_id == sa.bindparam("submission")
# As `ranges.overlapping`, which takes longer to make such a statement than to run it.
_PIECES: sa.Select[Any] = (
    sa.select(
        run_pieces.c.number,
        run_pieces.c.first,
        (run_pieces.c.first + run_pieces.c.count).label("end"),
        run_pieces.c.content,
    )
    .where(
        _OF_SUBMISSION,
        run_pieces.c.first < sa.bindparam("end"),
        run_pieces.c.first
        >= sa.select(sa.func.coalesce(sa.func.max(run_pieces.c.first), 0))
        .where(_OF_SUBMISSION, run_pieces.c.first <= sa.bindparam("first"))
        .correlate(None)
        .scalar_subquery(),
    )
    .order_by(run_pieces.c.first)
)


class Note(TypedDict):
    """A message about a request or a run: ``category`` is protocol, parameters or run."""

    category: str
    message: str


class RunParameters(TypedDict):
    """The parameters of one run, in the form the contract, the store and the engine share."""

    experiment_parameters: dict[str, float | str]
    design_parameters: dict[str, float]


@frozen
class Piece:
    """Some runs of a submission, with the notes of each.

    ``names`` are those of runs that are not called by the submission's name and their number;
    some runs of earlier layouts have other names.
    """

    runs: Sequence[RunParameters]
    notes: Sequence[list[Note]]
    names: Sequence[str] | None = None


def name_of(title: str, index: int, count: int) -> str:
    """Return the name of a run of a submission: its title, with a number if there are more."""
    return title if count == 1 else f"{title} {index + 1}/{count}"


def row_of(submission_id: str, first: int, piece: Piece) -> dict[str, Any]:
    """Return the row of runs, the first of which has the index ``first``."""
    others: dict[str, Sequence[Any]] = {"notes": piece.notes}
    if piece.names is not None:
        others["name"] = piece.names
    return {
        "submission_id": submission_id,
        "first": first,
        "count": len(piece.runs),
        "content": columns.encoded_runs(piece.runs, others),
    }


def read(
    connection: sa.Connection, submission_id: str, wanted: Sequence[Range]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield indexes of wanted runs with their parameters, ``notes`` and perhaps a ``name``."""
    for row in _pieces(connection, submission_id, wanted):
        content = columns.decoded(row.content)
        for part in common(Range(row.first, row.end), wanted):
            some = columns.cut(content, part.first - row.first, part.end - row.first)
            yield from zip(part, columns.rows(some, len(part)), strict=True)


def notes(
    connection: sa.Connection, submission_id: str, wanted: Sequence[Range]
) -> Iterator[tuple[int, list[Note]]]:
    """Yield indexes of wanted runs with their notes, without decoding their parameters."""
    for row in _pieces(connection, submission_id, wanted):
        of_piece = {"notes": columns.decoded(row.content)["notes"]}
        parts = [*common(Range(row.first, row.end), wanted)]
        start, end = parts[0].first, parts[-1].end
        some = columns.cut(of_piece, start - row.first, end - row.first)
        found = list(columns.rows(some, end - start))
        for part in parts:
            for index in part:
                yield index, found[index - start]["notes"]


def stored(store: Store, submission_id: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield indexes and parameters of the runs of a submission that were not deleted.

    No transaction stays open while they are used.
    """
    of_submission = runs.c.submission_id == submission_id
    end = run_pieces.c.first + run_pieces.c.count
    statement = sa.select(run_pieces.c.first, end).where(
        run_pieces.c.submission_id == submission_id
    )
    with store.reading() as connection:
        pieces = [Range(*row) for row in connection.execute(statement.order_by(run_pieces.c.first))]
    for whole in pieces:
        with store.reading() as connection:
            rows = overlapping(connection, runs, of_submission, [whole])
            present = [part for row in rows for part in common(Range(row.first, row.end), [whole])]
            found = list(read(connection, submission_id, present))
        yield from found


@repeatable
def add_notes(store: Store, submission_id: str, notes: Mapping[int, Sequence[Any]]) -> None:
    """Add notes to those of runs, by their index.

    A note that is stored already is not added again: a check that was interrupted is made again.
    """
    wanted = ranges_of(index for index, found in notes.items() if found)
    if not wanted:
        return
    with store.reading() as connection:
        places = _pieces(connection, submission_id, wanted)
    for place in places:
        where = run_pieces.c.number == place.number
        with store.writing() as connection:
            content = connection.scalar(sa.select(run_pieces.c.content).where(where))
            if content is None:  # its runs were deleted meanwhile
                continue
            rows = list(columns.rows(columns.decoded(content), place.end - place.first))
            for index, each in enumerate(rows, start=place.first):
                new = [note for note in notes.get(index, ()) if note not in each["notes"]]
                each["notes"] = [*each["notes"], *new]
            content = columns.encoded(columns.of_rows(rows))
            connection.execute(sa.update(run_pieces).where(where).values(content=content))


def remove_unused(connection: sa.Connection, submission_id: str, deleted: Sequence[Range]) -> None:
    """Delete the parameters of pieces whose runs were all deleted."""
    of_run = runs.c.submission_id == submission_id
    for row in _pieces(connection, submission_id, deleted):
        if not overlapping(connection, runs, of_run, [Range(row.first, row.end)]):
            _remove(connection, submission_id, row)


def remove(connection: sa.Connection, submission_id: str) -> None:
    """Delete the parameters of all runs of a submission."""
    statement = sa.select(run_pieces.c.number).where(run_pieces.c.submission_id == submission_id)
    for number in connection.scalars(statement).all():
        piece = sa.select(
            run_pieces.c.number,
            run_pieces.c.first,
            (run_pieces.c.first + run_pieces.c.count).label("end"),
            run_pieces.c.content,
        ).where(run_pieces.c.number == number)
        _remove(connection, submission_id, connection.execute(piece).one())


def _remove(connection: sa.Connection, submission_id: str, row: Any) -> None:
    stored = columns.rows(columns.decoded(row.content), row.end - row.first)
    run_digests.forget_piece(connection, submission_id, row.first, stored)
    connection.execute(sa.delete(run_pieces).where(run_pieces.c.number == row.number))


def _pieces(
    connection: sa.Connection, submission_id: str, wanted: Sequence[Range]
) -> Sequence[sa.Row[Any]]:
    if not wanted:
        return []
    within = {"submission": submission_id, "first": wanted[0].first, "end": wanted[-1].end}
    return [
        row
        for row in connection.execute(_PIECES, within)
        if next(common(Range(row.first, row.end), wanted), None) is not None
    ]
