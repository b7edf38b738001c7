"""Runs that are not computed, because an equal run is: they get the results of that one.

A copy waits until the other run has ended, and then refers to the same results. If the other run
fails, is canceled or deleted before, the copy is computed like any other run. Results stay as long
as a run refers to them, so that either run can be deleted.

No run waits longer than it would take to compute it: neither for the end of a long sweep, nor for
another process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from attrs import define, field

from ionworks.server.store import dispatchers, run_digests, run_parameters
from ionworks.server.store.blobs import STEPS, TIME_SERIES
from ionworks.server.store.database import Store, now
from ionworks.server.store.job_states import FAILED, PENDING, PROCESSING, UNFINISHED, WAITING
from ionworks.server.store.ranges import Range, begin_of, isolate, parts, ranges_of
from ionworks.server.store.records import pieces
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_digests import Digest
from ionworks.server.store.run_parameters import RunParameters
from ionworks.server.store.tables import COUNTING, packs, runs

#: Rows of copies that are changed in one transaction.
_SETTLED_AT_ONCE: Final = 10_000
_END = (runs.c.first + runs.c.count).label("end")
_SOURCE_END = runs.c.copied_from_first + runs.c.count
_SETTLE = (
    sa.update(runs)
    .where(runs.c.number == sa.bindparam("row"))
    .values(
        status=sa.bindparam("new_status"),
        pack=sa.bindparam("new_pack"),
        position=sa.bindparam("new_position"),
        notes=sa.bindparam("new_notes"),
        compute_time=sa.bindparam("seconds"),
        copied_from_submission=sa.bindparam("source"),
        copied_from_first=sa.bindparam("source_first"),
        completed_at=sa.bindparam("completed"),
        updated_at=sa.bindparam("moment"),
    )
)
_SOURCE = runs.alias("source")
# Where the run begins that the first run of a row is a copy of.
_BEGIN = begin_of(runs, runs.c.copied_from_submission, runs.c.copied_from_first)
# Rows of copies, each once for every row of the runs that it refers to.
_PAIRS = (
    sa.select(
        runs.c.number,
        runs.c.submission_id,
        runs.c.first,
        _END,
        runs.c.copied_from_submission,
        runs.c.copied_from_first,
        _SOURCE.c.first.label("source_first"),
        (_SOURCE.c.first + _SOURCE.c.count).label("source_end"),
        _SOURCE.c.status,
        _SOURCE.c.pack,
        _SOURCE.c.position,
        _SOURCE.c.notes,
    )
    .select_from(runs)
    .outerjoin(
        _SOURCE,
        sa.and_(
            _SOURCE.c.submission_id == runs.c.copied_from_submission,
            _SOURCE.c.first >= sa.func.coalesce(_BEGIN, runs.c.copied_from_first),
            _SOURCE.c.first < _SOURCE_END,
        ),
    )
    .where(
        runs.c.number.in_(sa.bindparam("numbers", expanding=True)),
        runs.c.status == WAITING,
    )
    .order_by(runs.c.number, _SOURCE.c.first)
)
# Whether the first run that a row refers to has ended or was deleted.
_STATE = (
    sa.select(
        sa.case((_SOURCE.c.first + _SOURCE.c.count > runs.c.copied_from_first, _SOURCE.c.status))
    )
    .where(
        _SOURCE.c.submission_id == runs.c.copied_from_submission,
        _SOURCE.c.first == _BEGIN,
    )
    .correlate(runs)
    .scalar_subquery()
)
_HAVE_ENDED = (
    sa.select(runs.c.number)
    .where(
        runs.c.status == WAITING,
        sa.func.coalesce(_STATE, FAILED[0]).not_in(UNFINISHED),
    )
    .limit(_SETTLED_AT_ONCE)
)
#: A condition for `parts`, of which it makes a statement once.
_CAN_BE_COPIED: Final = sa.or_(
    runs.c.owner.in_(sa.bindparam("owners", expanding=True)), runs.c.status.not_in(UNFINISHED)
)
#: What becomes of a copy that must be computed.
_COMPUTED: Final = {
    "new_status": PENDING,
    "new_pack": None,
    "new_position": None,
    "new_notes": None,
    "seconds": None,
    "source": None,
    "source_first": None,
    "completed": None,
}


@define
class Copy:
    """Runs in sequence, from ``first`` on, that are equal to others in sequence.

    Attributes
    ----------
    first, count
        The runs.
    submission_id, source
        The submission of the others, and the index of the first one.
    """

    first: int
    count: int
    submission_id: str
    source: int


@define
class Search:
    """Finds the equal runs of a submission that is being stored, piece by piece.

    Parameters
    ----------
    store
        Where stored runs are.
    submission_id, owner
        The new submission, and who runs it.
    content
        Its digest, see `run_digests.of_content`.
    reuse
        Whether to look for equal runs. Digests are stored in any case, for later submissions.

    Attributes
    ----------
    copies
        The runs that need not be computed, in their order.
    """

    _store: Store
    _submission_id: str
    _owner: str
    _content: bytes
    _reuse: bool
    copies: list[Copy] = field(factory=list, init=False)
    #: Digests of this submission that are not stored yet: all at once are stored faster.
    _new: dict[int, int] = field(factory=dict, init=False)
    _are_stored: bool = field(default=False, init=False)
    _useless: Mapping[str, list[Digest]] = field(factory=dict, init=False)
    #: Whether stored digests may be those of the next piece.
    _are_others: bool | None = field(default=None, init=False)

    def look_up(self, first: int, piece: Sequence[RunParameters]) -> None:
        """Look for runs equal to those of a piece, the first of which has the index ``first``."""
        self._useless = {}
        if self._are_stored:
            self._new, self._are_others, self._are_stored = {}, True, False
        texts = run_digests.texts_of(piece)
        digests = run_digests.of_texts(self._content, texts)
        found = self._stored(first, texts, digests) if self._reuse else {}
        if not found and len({*digests}) == len(digests) and self._new.keys().isdisjoint(digests):
            self._new |= zip(digests, count(first), strict=False)
            return
        in_piece: dict[bytes, _Source] = {}
        for index, (text, digest) in enumerate(zip(texts, digests, strict=True), start=first):
            source = found.get(text) or in_piece.get(text)
            if source is not None:
                self._add(index, source)
                continue
            self._new.setdefault(digest, index)
            if self._reuse:
                in_piece[text] = (self._submission_id, index)

    def store_digests(self, connection: sa.Connection, *, is_last: bool) -> None:
        """Store the digests of runs to compute, for later pieces and submissions.

        Those of few runs are kept for the next piece, or stored if it is the last one. The
        transaction may be repeated.
        """
        if is_last or len(self._new) >= _MOST_KEPT:
            run_digests.insert(connection, self._submission_id, self._new.items())
            self._are_stored = True
        for submission_id, digests in self._useless.items():
            run_digests.forget(connection, submission_id, digests)

    def _add(self, index: int, source: _Source) -> None:
        submission_id, of_source = source
        last = self.copies[-1] if self.copies else None
        if (
            last is not None
            and last.submission_id == submission_id
            and last.first + last.count == index
            and last.source + last.count == of_source
        ):
            last.count += 1
        else:
            self.copies.append(Copy(index, 1, submission_id, of_source))

    def _stored(
        self, first: int, texts: Sequence[bytes], digests: Sequence[int]
    ) -> dict[bytes, _Source]:
        """Return equal runs that can be copied, by the texts of the new ones."""
        wanted: dict[int, tuple[bytes, int]] = {}
        for index, (text, digest) in enumerate(zip(texts, digests, strict=True), start=first):
            wanted.setdefault(digest, (text, index))
        with self._store.reading() as connection:
            if self._are_others is None:
                self._are_others = run_digests.have_content(connection, self._content)
            candidates: list[tuple[int, str, int]] = [
                (digest, self._submission_id, self._new[digest])
                for digest in self._new.keys() & wanted.keys()
            ]
            if self._are_others:
                rows = run_digests.find(connection, self._content, wanted)
                candidates += [(row.digest, row.id, row.run_index) for row in rows]
            return self._usable(connection, candidates, wanted)

    def _usable(
        self,
        connection: sa.Connection,
        candidates: Sequence[tuple[int, str, int]],
        wanted: Mapping[int, tuple[bytes, int]],
    ) -> dict[bytes, _Source]:
        """Return those candidates that are equal and end in time, by the text of the new run.

        ``wanted`` has this text, and the index of the run, by digest.
        """
        by_submission: Mapping[str, list[tuple[int, int]]] = defaultdict(list)
        for digest, submission_id, index in candidates:
            by_submission[submission_id].append((index, digest))
        found: dict[bytes, _Source] = {}
        awaited: dict[bytes, _Source] = {}
        useless: Mapping[str, list[Digest]] = defaultdict(list)
        for submission_id, of_submission in by_submission.items():
            # The same runs may have been computed any number of times.
            of_it = [each for each in of_submission if wanted[each[1]][0] not in found]
            ranges = ranges_of(index for index, _ in of_it)
            is_own = submission_id == self._submission_id
            states = {} if is_own else self._states(connection, submission_id, ranges)
            stored = dict(run_parameters.read(connection, submission_id, ranges))
            texts = dict(zip(stored, run_digests.texts_of(stored.values()), strict=True))
            for index, digest in of_it:
                state = PENDING if is_own else states.get(index)
                text, place = wanted[digest]
                if state in FAILED:
                    useless[submission_id].append((digest, index))
                elif state is None or texts.get(index) != text:
                    continue
                elif state == _COMPLETED:
                    found.setdefault(text, (submission_id, index))
                # Submissions are served in turn, and this one began last.
                elif state == PROCESSING or is_own or index <= place:
                    awaited.setdefault(text, (submission_id, index))
        self._useless = useless
        return awaited | found

    def _states(
        self, connection: sa.Connection, submission_id: str, wanted: Sequence[Range]
    ) -> dict[int, str]:
        """Return the states of stored runs; of one that has ended without results, ``failed``.

        Somebody may have deleted the files of results, and submit the runs again for that reason.
        Unfinished runs of other owners are left out: their process may be stopped.
        """
        owners = dispatchers.runners(connection, self._owner)
        rows = parts(
            connection,
            runs,
            [(submission_id, each) for each in wanted],
            _CAN_BE_COPIED,
            columns=[runs.c.status, runs.c.pack],
            values={"owners": [*owners]},
        )
        numbers = {row.pack for row in rows if row.pack is not None}
        folders = sa.select(packs.c.number, packs.c.folder).where(packs.c.number.in_(numbers))
        complete = {
            number
            for number, folder in connection.execute(folders)
            if all(self._store.blobs.exists(f"{folder}/{name}") for name in (STEPS, TIME_SERIES))
        }
        return {
            index: FAILED[0]
            if row.status == _COMPLETED and row.pack not in complete
            else row.status
            for row in rows
            for index in range(row.first, row.end)
        }


_Source: TypeAlias = tuple[str, int]
"""A stored run: its submission and its index there."""

_COMPLETED: Final = "completed"
#: Most digests that are kept in memory until they are stored.
_MOST_KEPT: Final = 50_000


def rows_of(copies: Iterable[Copy], count: int) -> Iterator[dict[str, Any]]:
    """Yield what tells apart the rows of a new submission of so many runs: copies, and others."""
    done = 0
    for copy in copies:
        if copy.first > done:
            yield _row(done, copy.first - done)
        yield _row(copy.first, copy.count, copy)
        done = copy.first + copy.count
    if done < count:
        yield _row(done, count - done)


def _row(first: int, count: int, copy: Copy | None = None) -> dict[str, Any]:
    return {
        "first": first,
        "count": count,
        "status": PENDING if copy is None else WAITING,
        "copied_from_submission": None if copy is None else copy.submission_id,
        "copied_from_first": None if copy is None else copy.source,
    }


def settle_new(connection: sa.Connection, submission_id: str, number: int) -> None:
    """End those copies of a submission whose results are there.

    The ``number`` of copies can be too large for this transaction, which keeps all other writers
    waiting; then these copies are left to `settle_all`.
    """
    if number > _SETTLED_AT_ONCE:
        return
    _settle(connection, runs.c.submission_id == submission_id)


def settle_after(connection: sa.Connection, submission_id: str, ended: Sequence[Range]) -> None:
    """End the copies of runs that have ended or were deleted, given as ranges in order."""
    if ended:
        _settle(
            connection,
            runs.c.copied_from_submission == submission_id,
            runs.c.copied_from_first < ended[-1].end,
            ended[0].first < _SOURCE_END,
        )


@repeatable
def settle_all(store: Store) -> None:
    """End all copies whose results are there, and have those computed that will get none.

    What ends runs also ends their copies; this is for what ends many at once.
    """
    while True:  # in pieces, between which others can write
        with store.reading() as connection:
            numbers = connection.scalars(_HAVE_ENDED).all()
        if not numbers:
            return
        with store.writing() as connection:
            _settle_rows(connection, numbers)


def _settle(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
    statement = sa.select(runs.c.number).where(runs.c.status == WAITING, *which)
    _settle_rows(connection, connection.scalars(statement).all())


def _settle_rows(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """End those of some rows of copies, or parts of them, whose runs have ended."""
    moment = now()
    for some in pieces(numbers):
        updates: list[dict[str, Any]] = []
        pairs = connection.execute(_PAIRS, {"numbers": some}).all()
        for number, of_row in groupby(pairs, key=lambda pair: pair.number):
            found = list(of_row)
            row = found[0]
            changes = [
                (part, {**values, "moment": moment}) for part, values in _changes(found, moment)
            ]
            if [part for part, _ in changes] == [Range(row.first, row.end)]:
                updates.append({"row": number, **changes[0][1]})
            elif changes:
                updates += _isolated(connection, row.submission_id, changes)
        if updates:
            connection.execute(_SETTLE, updates)


def _isolated(
    connection: sa.Connection, submission_id: str, changes: Sequence[tuple[Range, dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Split a row of copies and return the changes of its parts."""
    key = runs.c.submission_id == submission_id
    rows = isolate(
        connection,
        runs,
        key,
        [part for part, _ in changes],
        runs.c.status == WAITING,
        counting=COUNTING,
    )
    return [{"row": row.number, **values} for row, (_, values) in zip(rows, changes, strict=True)]


def _changes(pairs: Sequence[Any], moment: str) -> Iterator[tuple[Range, dict[str, Any]]]:
    """Yield ranges of the copies of a row, with their new values, from the rows of `_PAIRS`."""
    copy = pairs[0]
    offset = copy.first - copy.copied_from_first
    done = copy.first
    for found in pairs:
        if found.source_first is None:
            continue  # all were deleted
        part = Range(
            max(found.source_first + offset, copy.first), min(found.source_end + offset, copy.end)
        )
        if part.first >= part.end:
            continue
        if part.first > done:  # deleted
            yield Range(done, part.first), _COMPUTED
        done = part.end
        if found.status == _COMPLETED and found.pack is not None:
            yield (
                part,
                {
                    "new_status": found.status,
                    "new_pack": found.pack,
                    "new_position": found.position + part.first - offset - found.source_first,
                    "new_notes": found.notes,
                    "seconds": 0.0,
                    "source": copy.copied_from_submission,
                    "source_first": part.first - offset,
                    "completed": moment,
                },
            )
        elif found.status not in UNFINISHED:
            yield part, _COMPUTED
    if done < copy.end:
        yield Range(done, copy.end), _COMPUTED
