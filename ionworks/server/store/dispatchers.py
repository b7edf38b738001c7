"""The dispatcher: the process that runs the jobs which processes without workers store for it.

Such jobs and uploads have the owner `INBOX` until the dispatcher takes them in. It stores what it
knows of them beyond their states, for those who ask other processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from attrs import asdict, field, frozen

from ionworks.server.store.database import Store, now, timestamp
from ionworks.server.store.tables import dispatchers

#: Owner of what is stored for the dispatcher, and the name of the lock that the dispatcher holds.
INBOX: Final = "dispatcher"
#: Seconds without a sign of life after which users are told that no dispatcher is running. The
#: clocks of two machines may differ by some of them. No job depends on it.
ABSENT_AFTER: Final = 30.0


@frozen
class Dispatcher:
    """What a dispatcher tells of itself and of its jobs.

    Attributes
    ----------
    owner
        Owner of the jobs that it has taken in.
    workers
        Largest number of its workers.
    fault, trouble
        What is wrong with the store, and why no worker can start; None for nothing.
    doing
        ``phase`` and ``progress`` of submissions, as far as they are known.
    """

    owner: str
    workers: int
    fault: str | None = None
    trouble: str | None = None
    doing: Mapping[str, Mapping[str, Any]] = field(factory=dict)


def tell(store: Store, dispatcher: Dispatcher) -> None:
    """Store what the dispatcher tells; this is also its sign of life."""
    row = {"name": INBOX, "seen_at": now(), **asdict(dispatcher)}
    with store.writing() as connection:
        connection.execute(sa.delete(dispatchers))
        connection.execute(sa.insert(dispatchers), row)


def leave(store: Store, owner: str) -> None:
    """Store that a dispatcher has ended."""
    with store.writing() as connection:
        connection.execute(sa.delete(dispatchers).where(dispatchers.c.owner == owner))


def running(store: Store) -> Dispatcher | None:
    """Return what the dispatcher told last; None if there is none, or no sign of life."""
    limit = timestamp(datetime.now(UTC) - timedelta(seconds=ABSENT_AFTER))
    statement = sa.select(dispatchers).where(dispatchers.c.seen_at >= limit)
    with store.reading() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    return Dispatcher(**{name: row[name] for name in ("owner", "workers", *_TOLD)})


_TOLD: Final = ("fault", "trouble", "doing")


def runners(connection: sa.Connection, owner: str) -> set[str]:
    """Return the owners whose jobs are run together with those of an owner."""
    if owner != INBOX:
        return {owner}
    return {owner, *connection.scalars(sa.select(dispatchers.c.owner))}
