"""Removal of what interrupted uploads and submissions, and dead processes, leave behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ionworks.server.http.signed_links import UPLOAD_LIFETIME
from ionworks.server.store import idempotency, provenances, seeds, submissions
from ionworks.server.store.blobs import folder_of, owner_of
from ionworks.server.store.cell_measurements import ROOT as MEASUREMENTS
from ionworks.server.store.database import Store, timestamp
from ionworks.server.store.job_states import PROCESSING, UNFINISHED
from ionworks.server.store.pipelines import ROOT as PIPELINES
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import (
    measurements,
    old_ids,
    open_submissions,
    packs,
    pipelines,
    runs,
    uploads,
)
from ionworks.server.store.uploads import NO_PROCESS, give_up

#: Letters of an id that name the parent of its folder.
_PREFIX: Final = 2
#: Folders removed at one opening, which must not take long; the others go at the next ones.
_MOST_REMOVED: Final = 200
#: Jobs of layouts before 7, which named the folders of their results before they were recorded.
_UNFINISHED_OLD: Final = sa.select(old_ids.c.job_id).join(
    runs,
    sa.and_(
        runs.c.submission_id == old_ids.c.submission_id,
        runs.c.first <= old_ids.c.run_index,
        runs.c.first + runs.c.count > old_ids.c.run_index,
        runs.c.status.in_(UNFINISHED),
    ),
)

_OF_UNFINISHED: Final = sa.select(runs.c.owner).where(runs.c.status == PROCESSING).distinct()


def prepared(folder: Path, database: str | None = None, blobs: str | None = None) -> Store:
    """Open the store of an engine, with ready-made records and without unused files."""
    store = Store(folder, database, blobs=blobs)
    try:
        seeds.plant(store)
        unclaimed_folders(store)
    except BaseException:
        store.close()
        raise
    return store


def other_owners(store: Store, owner: str) -> set[str]:
    """Return the owners of open uploads and submissions, except this one."""
    owners = sa.union(sa.select(uploads.c.owner), sa.select(open_submissions.c.owner))
    with store.reading() as connection:
        return set(connection.scalars(owners)) - {owner, NO_PROCESS}


def abandoned_by(store: Store, owner: str) -> None:
    """End the uploads and submissions of an owner that died.

    The key of its signed links is lost, and so are the runs that were not stored yet.
    """
    _give_up(store, uploads.c.owner == owner)
    submissions.discard_open(store, owner)


def expired(store: Store) -> None:
    """Delete old keys of requests and unused provenances, and end old uploads.

    The links of these uploads expired so long ago that no transfer can still be running.
    """
    idempotency.delete_expired(store)
    provenances.remove_unused(store)
    limit = timestamp(datetime.now(UTC) - timedelta(seconds=UPLOAD_LIFETIME))
    are_expired = uploads.c.expires_at < limit
    with store.reading() as connection:
        if connection.scalar(sa.select(uploads.c.id).where(are_expired).limit(1)) is None:
            return
    _give_up(store, are_expired)


def unclaimed_folders(store: Store) -> None:
    """Remove folders of results and data that no record names.

    A process that dies between a transaction and the removal of files leaves such folders, and so
    does a worker process that dies while it writes results.

    Other processes may be at work: a folder made after the list is not listed, and each listed
    folder has its record, or will get it. The results of runs are needed while their owner lives,
    then as long as its outcomes are there to be recorded, then because of their record. This is
    also the order in which these are looked at, so that none is missed that changes meanwhile.
    """
    folders = store.blobs.listing()
    of_runs = _spread_folders(folders, "")
    of_pipelines = _spread_folders(folders, f"{PIPELINES}/")
    of_data = [
        f"{parent}/{name}"
        for parent in _spread_folders(folders, f"{MEASUREMENTS}/")
        for name in folders(f"{MEASUREMENTS}/{parent}")
    ]
    owners = {path.stem for path in (store.folder / "owners").glob("*.lock")}
    owners |= store.held(set(map(owner_of, of_runs)))
    owners |= {path.name.partition("-")[0] for path in (store.folder / "outcomes").glob("*-*")}
    with store.reading() as connection:

        def values(*columns: sa.ColumnElement[str]) -> set[str]:
            selects = (sa.select(column).where(column.is_not(None)) for column in columns)
            return {value for select in selects for value in connection.scalars(select)}

        if store.is_shared:
            # Outcomes of their runs may be on a machine that does not run now.
            owners.update(connection.scalars(_OF_UNFINISHED))
        results = values(packs.c.folder)
        results.update(map(folder_of, connection.scalars(_UNFINISHED_OLD)))
        known_pipelines = values(pipelines.c.id)
        data = values(uploads.c.folder, measurements.c.data_folder, measurements.c.extension_folder)
    unclaimed = [key for key in of_runs if key not in results and owner_of(key) not in owners]
    unclaimed += [
        f"{PIPELINES}/{key}" for key in of_pipelines if key[_PREFIX + 1 :] not in known_pipelines
    ]
    unclaimed += [key for each in of_data if (key := f"{MEASUREMENTS}/{each}") not in data]
    for key in unclaimed[:_MOST_REMOVED]:
        with suppress(OSError):  # it is tried again at the next opening
            store.blobs.delete(key)
        if key.startswith(MEASUREMENTS):
            store.blobs.remove_if_empty(_parent(key))


def _spread_folders(folders: Callable[[str], list[str]], root: str) -> list[str]:
    """Return the folders of records below a root, such as ``ab/abc...``."""
    return [
        f"{prefix}/{name}"
        for prefix in folders(root.rstrip("/"))
        if len(prefix) == _PREFIX
        for name in folders(root + prefix)
        if name.startswith(prefix)
    ]


def _parent(folder: str) -> str:
    return folder.rpartition("/")[0]


@repeatable
def _give_up(store: Store, condition: sa.ColumnElement[bool]) -> None:
    with store.writing() as connection:
        folders = give_up(connection, condition)
    for folder in folders:
        store.blobs.discard(folder)
        store.blobs.remove_if_empty(_parent(folder))
