"""The log of writes: who asked for what, when, and with which outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import asdict, frozen

from ionworks.server.store.access import Access, acting
from ionworks.server.store.database import Store, now, timestamp
from ionworks.server.store.records import plain
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.team_tables import audit_log, users


@frozen
class Entry:
    """A request that may have changed something, and its outcome.

    Attributes
    ----------
    operation
        The operation of the contract.
    project_id, object_id
        Where, and what was made or changed, if that is known.
    request_id
        Id of the request, which an error reply has too.
    status
        Status of the reply.
    """

    operation: str
    project_id: str | None
    object_id: str | None
    request_id: str
    status: int


@repeatable
def append(store: Store, user: Access, entry: Entry) -> None:
    """Append a request of a user to the log."""
    row = {"at": now(), "user_id": user.user_id, "key_id": user.key_id, **asdict(entry)}
    # The log is of no project, so a user's request cannot use it.
    with acting(None), store.writing() as connection:
        connection.execute(sa.insert(audit_log), row)


def listed(
    store: Store,
    *,
    user_id: str | None = None,
    project_id: str | None = None,
    since: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return the last entries of the log, the newest first.

    Parameters
    ----------
    store
        Where the log is.
    user_id, project_id, since
        Only entries of this user and project, and from this time on, if given.
    limit
        Most entries.
    """
    shown = [column for column in audit_log.c if column.name != "number"]
    statement = sa.select(*shown, users.c.email.label("user")).outerjoin(
        users, users.c.id == audit_log.c.user_id
    )
    if user_id is not None:
        statement = statement.where(audit_log.c.user_id == user_id)
    if project_id is not None:
        statement = statement.where(audit_log.c.project_id == project_id)
    if since is not None:
        statement = statement.where(audit_log.c.at >= timestamp(datetime.fromisoformat(since)))
    newest = statement.order_by(audit_log.c.number.desc()).limit(limit)
    with store.reading() as connection:
        return [plain(row) for row in connection.execute(newest).mappings()]
