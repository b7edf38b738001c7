"""Keys of submissions, so that a repeated request is answered with what it created at first.

The terms are those of the IETF draft "The Idempotency-Key HTTP Header Field"
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa
from attrs import frozen

from ionworks.server.http.problems import Problem
from ionworks.server.store.database import Store, now, timestamp
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import idempotency_keys

#: How long a key is kept.
LIFETIME: Final = timedelta(days=1)


class KeyInUse(Exception):
    """Another process stored a request with the same key meanwhile."""


@frozen
class Key:
    """An idempotency key, with the request it belongs to.

    Attributes
    ----------
    text
        As the client sent it.
    operation
        The operation of the contract.
    fingerprint
        Digest of the body.
    """

    text: str
    operation: str
    fingerprint: str

    @classmethod
    def of(cls, text: str, operation: str, body: Mapping[str, Any]) -> Key:
        """Return the key of a request with a body; the order of its fields does not matter."""
        content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return cls(text, operation, hashlib.sha256(content).hexdigest())


def find(store: Store, key: Key) -> str | None:
    """Return the id of what was created under a key, None if it was not used yet.

    Raises
    ------
    Problem
        422 if the key was used for another request.
    """
    statement = sa.select(idempotency_keys).where(idempotency_keys.c.key == key.text)
    with store.reading() as connection:
        row = connection.execute(statement).first()
    if row is None:
        return None
    if (row.operation, row.fingerprint) != (key.operation, key.fingerprint):
        message = (
            "The Idempotency-Key of this request was used for another one; "
            "use a new key for a new request."
        )
        raise Problem(422, "IDEMPOTENCY_KEY_REUSED", message)
    return str(row.created_id)


def record(connection: sa.Connection, key: Key, created_id: str) -> None:
    """Store a key with the id of what was created, in the transaction that creates it.

    Raises
    ------
    KeyInUse
        The key is stored already.
    """
    row = {
        "key": key.text,
        "operation": key.operation,
        "fingerprint": key.fingerprint,
        "created_id": created_id,
        "created_at": now(),
    }
    try:
        connection.execute(sa.insert(idempotency_keys), row)
    except sa.exc.IntegrityError as error:
        raise KeyInUse(key.text) from error


def gone() -> Problem:
    """Return the problem of a repeated request whose results were deleted since."""
    message = "What this request created was deleted; use a new Idempotency-Key to create it again."
    return Problem(410, "GONE", message)


@repeatable
def delete_expired(store: Store) -> None:
    """Delete keys that are older than a day."""
    limit = timestamp(datetime.now(UTC) - LIFETIME)
    are_expired = idempotency_keys.c.created_at < limit
    with store.reading() as connection:
        if connection.scalar(sa.select(idempotency_keys.c.key).where(are_expired).limit(1)) is None:
            return
    with store.writing() as connection:
        connection.execute(sa.delete(idempotency_keys).where(are_expired))
