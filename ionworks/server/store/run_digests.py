"""Digests of runs, by which a run that is equal to a new one is found.

A run is what is computed, and what computes it: model, protocol, parameters, recorded variables,
options, and the versions of this package and of PyBaMM, in which the tolerances are. Digests only
narrow the search; what they find is compared.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from itertools import count
from typing import Any, Final, TypeAlias

import orjson
import sqlalchemy as sa

from ionworks.doe.run_columns import RunColumns
from ionworks.server.store.dialects import driver_sql, item, items
from ionworks.server.store.tables import run_digests, submissions

_SIZE: Final = 8
_KINDS: Final = ("experiment_parameters", "design_parameters")
_FLOAT: Final = {float}
_PLAIN: Final = b"d"
_PACKAGES: Final = ("ionworks-api", "pybamm")

# As JSON: thousands of values, in one statement that is always the same.
_VALUES = items(sa.bindparam("digests", type_=sa.Text))
_FOUND = (
    sa.select(run_digests.c.digest, submissions.c.id, run_digests.c.run_index)
    .select_from(_VALUES)
    .join(run_digests, run_digests.c.digest == item(_VALUES, sa.BigInteger))
    .join(submissions, submissions.c.number == run_digests.c.submission)
    .where(submissions.c.content_digest == sa.bindparam("content"))
    .order_by(submissions.c.number, run_digests.c.run_index)
)
_NUMBER = sa.select(submissions.c.number).where(submissions.c.id == sa.bindparam("submission"))
_INSERT = (
    "INSERT INTO run_digests (submission, digest, run_index) VALUES (?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_DELETE = "DELETE FROM run_digests WHERE submission = ? AND digest = ? AND run_index = ?"

Digest: TypeAlias = tuple[int, int]
"""The digest of a run, and its index in its submission."""


def of_content(
    spec_id: str, protocol: str, extra_variables: Sequence[str], max_backward_jumps: int | None
) -> bytes:
    """Return the digest of all that determines the results of a submission, but for parameters."""
    content = [spec_id, protocol, [*extra_variables], max_backward_jumps, *_versions()]
    return hashlib.sha256(orjson.dumps(content)).digest()


def texts_of(piece: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Return texts that are equal for runs with equal parameters; 1 and 1.0 are not equal."""
    if isinstance(piece, RunColumns):
        return _texts_of_columns(piece)
    # By the names in their order: the names in the order of the text, and their part of the text.
    known: dict[tuple[tuple[str, ...], ...], tuple[list[list[str]], bytes]] = {}
    texts = []
    for run in piece:
        given = [run[kind] for kind in _KINDS]
        key = tuple(map(tuple, given))
        if key not in known:
            known[key] = _head(given)
        names, head = known[key]
        values = [each[name] for each, its in zip(given, names, strict=True) for name in its]
        is_plain = set(map(type, values)) == _FLOAT
        # Binary numbers are written faster. Neither form can be taken for the other.
        tail = array("d", values).tobytes() if is_plain else repr(values).encode()
        texts.append(head + (_PLAIN if is_plain else b"r") + tail)
    return texts


def _texts_of_columns(piece: RunColumns) -> list[bytes]:
    """Return the texts of `texts_of`, made of whole columns where they are made of numbers."""
    are_plain = all(set(map(type, values)) == _FLOAT for values in piece.design.values())
    texts: list[bytes] = []
    for experiment, first, end in piece.stretches():
        (given, names), head = _head([experiment, piece.design])
        values = [experiment[name] for name in given]
        if not are_plain or not {*map(type, values)} <= _FLOAT or not (given or names):
            texts += texts_of(piece[first:end])
            continue
        start = head + _PLAIN + array("d", values).tobytes()
        numbers = array("d", bytes(array("d").itemsize * len(names) * (end - first)))
        for place, name in enumerate(names):
            numbers[place :: len(names)] = array("d", piece.design[name][first:end])
        tails, size = numbers.tobytes(), numbers.itemsize * len(names)
        texts += [start + tails[size * n : size * (n + 1)] for n in range(end - first)]
    return texts


def _head(given: Sequence[Mapping[str, Any]]) -> tuple[list[list[str]], bytes]:
    """Return names in the order of the text, and their part of the text."""
    names = [sorted(each) for each in given]
    return names, repr(names).encode()


def of_texts(content: bytes, texts: Iterable[bytes]) -> list[int]:
    """Return the digests of runs, as signed integers of 64 bits."""
    start = hashlib.blake2b(content, digest_size=_SIZE)
    found = []
    for text in texts:
        digest = start.copy()
        digest.update(text)
        found.append(int.from_bytes(digest.digest(), "big", signed=True))
    return found


def have_content(connection: sa.Connection, content: bytes) -> bool:
    """Return whether there are submissions whose runs may have equal ones."""
    statement = sa.exists().where(submissions.c.content_digest == content)
    return bool(connection.scalar(sa.select(statement)))


def find(connection: sa.Connection, content: bytes, digests: Iterable[int]) -> Sequence[Any]:
    """Return rows of ``digest``, ``id`` of the submission and ``run_index``, the oldest first."""
    wanted = orjson.dumps(sorted(digests)).decode()
    return connection.execute(_FOUND, {"content": content, "digests": wanted}).all()


def insert(connection: sa.Connection, submission_id: str, digests: Iterable[Digest]) -> None:
    """Store the digests of runs of a submission."""
    # In the order of the table: a page of it is changed once, not by many of the runs.
    _each(connection, _INSERT, submission_id, sorted(digests))


def forget(connection: sa.Connection, submission_id: str, digests: Iterable[Digest]) -> None:
    """Delete digests of runs of a submission."""
    _each(connection, _DELETE, submission_id, sorted(digests))


def forget_piece(
    connection: sa.Connection, submission_id: str, first: int, piece: Iterable[Mapping[str, Any]]
) -> None:
    """Delete the digests of runs in sequence, the first of which has the index ``first``."""
    statement = sa.select(submissions.c.content_digest).where(submissions.c.id == submission_id)
    content = connection.scalar(statement)
    if content is not None:
        digests = of_texts(content, texts_of(piece))
        forget(connection, submission_id, zip(digests, count(first), strict=False))


def _each(
    connection: sa.Connection, statement: str, submission_id: str, digests: Sequence[Digest]
) -> None:
    number = connection.scalar(_NUMBER, {"submission": submission_id})
    if digests and number is not None:
        # The driver's own form: SQLAlchemy would make a dictionary of each of the thousands.
        rows = [(number, *each) for each in digests]
        connection.exec_driver_sql(driver_sql(connection, statement), rows)


@cache
def _versions() -> list[str | None]:
    return [_version(name) for name in _PACKAGES]


def _version(package: str) -> str | None:
    """Return the version of a package; None for a source tree or one that is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
