"""Runs that are not computed, because an equal run is: they get the results of that one.

A copy waits until the other run has ended, and then refers to the same results. If the other run
fails, is canceled or deleted before, the copy is computed like any other run. Results stay as long
as a run refers to them, so that either run can be deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import define, field, frozen

from ionworks.server.store import run_digests, run_parameters
from ionworks.server.store.database import Store, now
from ionworks.server.store.job_states import FAILED, PENDING, UNFINISHED, WAITING
from ionworks.server.store.ranges import Range, isolate, overlapping, parts, ranges_of
from ionworks.server.store.run_digests import Candidate, Digest
from ionworks.server.store.run_parameters import RunParameters
from ionworks.server.store.tables import COUNTING, runs

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


@frozen
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
    """Finds the equal runs of a submission that is being stored.

    Parameters
    ----------
    store
        Where stored runs are.
    submission_id
        The new submission.
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
    _content: bytes
    _reuse: bool
    copies: list[Copy] = field(factory=list, init=False)
    #: Digests of the piece that was looked up last: of runs to compute, and of useless others.
    _new: list[Digest] = field(factory=list, init=False)
    _useless: list[Candidate] = field(factory=list, init=False)

    def look_up(self, first: int, piece: Sequence[RunParameters]) -> None:
        """Look for runs equal to those of a piece, the first of which has the index ``first``."""
        texts = [run_digests.text_of(run) for run in piece]
        digests = run_digests.of_texts(self._content, texts, first)
        self._new, self._useless = digests, []
        if not self._reuse:
            return
        stored = self._stored(texts, first, digests)
        if not stored and len(set(texts)) == len(texts):
            return
        self._new = []
        in_piece: dict[bytes, int] = {}
        for digest, text in zip(digests, texts, strict=True):
            _, index = digest
            source = stored.get(index)
            if source is not None:
                self._add(index, source.submission_id, source.index)
            elif text in in_piece:
                self._add(index, self._submission_id, in_piece[text])
            else:
                in_piece[text] = index
                self._new.append(digest)

    def store_digests(self, connection: sa.Connection, submission: int) -> None:
        """Store the digests of the piece that was looked up, for later submissions."""
        run_digests.insert(connection, submission, self._new)
        useless: Mapping[int, list[Digest]] = defaultdict(list)
        for each in self._useless:
            useless[each.submission].append((each.digest, each.index))
        for number, digests in useless.items():
            run_digests.forget(connection, number, digests)

    def _add(self, index: int, submission_id: str, source: int) -> None:
        last = self.copies[-1] if self.copies else None
        if (
            last is not None
            and last.submission_id == submission_id
            and last.first + last.count == index
            and last.source + last.count == source
        ):
            self.copies[-1] = Copy(last.first, last.count + 1, submission_id, last.source)
        else:
            self.copies.append(Copy(index, 1, submission_id, source))

    def _stored(
        self, texts: Sequence[bytes], first: int, digests: Iterable[Digest]
    ) -> dict[int, Candidate]:
        """Return a stored run that is equal and usable for each new one that has any."""
        with self._store.reading() as connection:
            candidates = run_digests.find(connection, self._content, digests)
            if not candidates:
                return {}
            states = _states(connection, candidates)
            equal = [
                each
                for each, text in _with_texts(connection, candidates)
                if texts[each.wanted - first] == text
            ]
        self._useless = [each for each in candidates if states.get(_key(each)) in FAILED]
        found: dict[int, Candidate] = {}
        for each in equal:
            is_own = each.submission_id == self._submission_id
            if is_own or states.get(_key(each)) in (*UNFINISHED, _USABLE):
                before = found.get(each.wanted)
                if before is None or states.get(_key(each)) == _USABLE:
                    found[each.wanted] = each
        return found


_USABLE: Final = "completed"


def _key(candidate: Candidate) -> tuple[str, int]:
    return candidate.submission_id, candidate.index


def _by_submission(candidates: Iterable[Candidate]) -> Iterator[tuple[str, list[Range]]]:
    indexes: Mapping[str, list[int]] = defaultdict(list)
    for each in candidates:
        indexes[each.submission_id].append(each.index)
    for submission_id, of_submission in indexes.items():
        yield submission_id, ranges_of(of_submission)


def _states(
    connection: sa.Connection, candidates: Iterable[Candidate]
) -> dict[tuple[str, int], str]:
    """Return the states of stored runs; of a run without results that has ended, ``failed``."""
    wanted = [(each, part) for each, ranges in _by_submission(candidates) for part in ranges]
    rows = parts(connection, runs, wanted, columns=[runs.c.status, runs.c.pack])
    return {
        (row.submission_id, index): FAILED[0]
        if row.pack is None and row.status == _USABLE
        else row.status
        for row in rows
        for index in range(row.first, row.end)
    }


def _with_texts(
    connection: sa.Connection, candidates: Collection[Candidate]
) -> Iterator[tuple[Candidate, bytes]]:
    """Yield stored runs with the texts of their parameters."""
    texts = {
        (submission_id, index): run_digests.text_of(run)
        for submission_id, ranges in _by_submission(candidates)
        for index, run in run_parameters.read(connection, submission_id, ranges)
    }
    for each in candidates:
        text = texts.get(_key(each))
        if text is not None:
            yield each, text


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


def settle_new(connection: sa.Connection, submission_id: str) -> None:
    """End those copies of a submission whose results are there."""
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


def settle_all(store: Store) -> None:
    """End all copies whose results are there, and have those computed that will get none.

    What ends runs also ends their copies; this is for what ends many at once.
    """
    with store.reading() as connection:
        waiting = connection.scalar(sa.select(sa.exists().where(runs.c.status == WAITING)))
    if waiting:
        with store.writing() as connection:
            _settle(connection)


def _settle(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
    columns = (runs.c.submission_id, runs.c.copied_from_submission, runs.c.copied_from_first)
    statement = sa.select(runs.c.first, _END, *columns).where(runs.c.status == WAITING, *which)
    moment = now()
    for row in connection.execute(statement).all():
        offset = row.first - row.copied_from_first
        changes = [
            (Range(part.first + offset, part.end + offset), {**values, "moment": moment})
            for part, values in _changes(connection, row, moment)
        ]
        key = runs.c.submission_id == row.submission_id
        ranges = [part for part, _ in changes]
        # The runs of one row: those of each range are one row afterwards.
        isolated = isolate(
            connection, runs, key, ranges, runs.c.status == WAITING, counting=COUNTING
        )
        updates = [
            {"row": found.number, **values}
            for found, (_, values) in zip(isolated, changes, strict=True)
        ]
        if updates:
            connection.execute(_SETTLE, updates)


def _changes(
    connection: sa.Connection, row: Any, moment: str
) -> Iterator[tuple[Range, dict[str, Any]]]:
    """Yield ranges of the runs that a row of copies refers to, with new values of the copies."""
    wanted = Range(row.copied_from_first, row.copied_from_first + row.end - row.first)
    source = row.copied_from_submission
    columns = (runs.c.status, runs.c.pack, runs.c.position, runs.c.notes)
    key = runs.c.submission_id == source
    done = wanted.first
    for found in overlapping(connection, runs, key, [wanted], columns=columns):
        part = Range(max(found.first, wanted.first), min(found.end, wanted.end))
        if part.first > done:  # deleted
            yield Range(done, part.first), _COMPUTED
        done = part.end
        if found.status == _USABLE and found.pack is not None:
            yield (
                part,
                {
                    "new_status": found.status,
                    "new_pack": found.pack,
                    "new_position": found.position + part.first - found.first,
                    "new_notes": found.notes,
                    "seconds": 0.0,
                    "source": source,
                    "source_first": part.first,
                    "completed": moment,
                },
            )
        elif found.status not in UNFINISHED:
            yield part, _COMPUTED
    if done < wanted.end:
        yield Range(done, wanted.end), _COMPUTED
