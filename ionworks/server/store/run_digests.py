"""Digests of runs, by which a run that is equal to a new one is found.

A run is what is computed, and what computes it: model, protocol, parameters, recorded variables,
options, and the versions of this package and of PyBaMM, in which the tolerances are. Digests only
narrow the search; what they find is compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any, Final, TypeAlias

import orjson
import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store.tables import run_digests, submissions

_SIZE: Final = 8
_PACKAGES: Final = ("ionworks-api", "pybamm")

# As JSON: thousands of values, in one statement that is always the same.
_VALUES = sa.func.json_each(sa.bindparam("entries")).table_valued("value")
_DIGEST, _INDEX = (sa.func.json_extract(_VALUES.c.value, f"$[{place}]") for place in range(2))
_INSERT = sa.insert(run_digests).from_select(
    ["digest", "submission", "run_index"],
    sa.select(_DIGEST, sa.bindparam("submission", type_=sa.Integer), _INDEX).select_from(_VALUES),
)
_FOUND = (
    sa.select(
        _INDEX.label("wanted"),
        submissions.c.id,
        run_digests.c.run_index,
        run_digests.c.submission,
        run_digests.c.digest,
    )
    .select_from(_VALUES)
    .join(run_digests, run_digests.c.digest == _DIGEST)
    .join(submissions, submissions.c.number == run_digests.c.submission)
    .where(submissions.c.content_digest == sa.bindparam("content"))
)
_DELETE = sa.delete(run_digests).where(
    run_digests.c.submission == sa.bindparam("submission"),
    sa.tuple_(run_digests.c.digest, run_digests.c.run_index).in_(
        sa.select(_DIGEST, _INDEX).select_from(_VALUES)
    ),
)


Digest: TypeAlias = tuple[int, int]
"""The digest of a run, and its index in its submission."""


@frozen(order=True)
class Candidate:
    """A stored run that may be equal to a new one.

    Attributes
    ----------
    wanted
        Index of the new run.
    submission_id, index
        The stored one.
    submission, digest
        Number of its submission, and its digest, to forget it.
    """

    wanted: int
    submission_id: str
    index: int
    submission: int
    digest: int


def of_content(
    spec_id: str, protocol: str, extra_variables: Sequence[str], max_backward_jumps: int | None
) -> bytes:
    """Return the digest of all that determines the results of a submission, but for parameters."""
    content = [spec_id, protocol, [*extra_variables], max_backward_jumps, *_versions()]
    return hashlib.sha256(orjson.dumps(content)).digest()


def text_of(run: Mapping[str, Any]) -> bytes:
    """Return a text that is equal for runs with equal parameters; 1 and 1.0 are not equal."""
    # Four times as fast as JSON, and as exact: a float is written so that it is read as the same.
    parts = (sorted(run[kind].items()) for kind in ("experiment_parameters", "design_parameters"))
    return repr([*parts]).encode()


def of_texts(content: bytes, texts: Iterable[bytes], first: int) -> list[Digest]:
    """Return the digests of runs in sequence, as signed integers of 64 bits, with their indexes."""
    start = hashlib.blake2b(content, digest_size=_SIZE)
    found = []
    for index, text in enumerate(texts, start=first):
        digest = start.copy()
        digest.update(text)
        found.append((int.from_bytes(digest.digest(), "big", signed=True), index))
    return found


def insert(connection: sa.Connection, submission: int, digests: Iterable[Digest]) -> None:
    """Store the digests of runs of the submission with a number."""
    # In their order in the table, which is faster and leaves its pages full.
    entries = sorted(digests)
    if entries:
        connection.execute(_INSERT, {"submission": submission, "entries": _json(entries)})


def find(connection: sa.Connection, content: bytes, digests: Iterable[Digest]) -> list[Candidate]:
    """Return the stored runs that have the digests of new ones, by the index of these."""
    entries = [*digests]
    rows = connection.execute(_FOUND, {"content": content, "entries": _json(entries)})
    return sorted(Candidate(*row) for row in rows)


def forget(connection: sa.Connection, submission: int, digests: Iterable[Digest]) -> None:
    """Delete digests of runs of the submission with a number."""
    entries = [*digests]
    if entries:
        connection.execute(_DELETE, {"submission": submission, "entries": _json(entries)})


def forget_piece(
    connection: sa.Connection, submission_id: str, first: int, piece: Iterable[Mapping[str, Any]]
) -> None:
    """Delete the digests of runs in sequence, the first of which has the index ``first``."""
    statement = sa.select(submissions.c.number, submissions.c.content_digest)
    found = connection.execute(statement.where(submissions.c.id == submission_id)).first()
    if found is not None and found.content_digest is not None:
        texts = map(text_of, piece)
        forget(connection, found.number, of_texts(found.content_digest, texts, first))


def _json(entries: Sequence[tuple[int, int]]) -> str:
    return orjson.dumps(entries).decode()


@cache
def _versions() -> list[str | None]:
    return [_version(name) for name in _PACKAGES]


def _version(package: str) -> str | None:
    """Return the version of a package; None for a source tree or one that is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
