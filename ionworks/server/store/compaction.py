"""Compaction: packs most of whose runs were deleted are replaced by smaller ones.

A new pack is written first, then one transaction lets the runs refer to it, and then the old one is
removed. A process that dies in between leaves a folder that no record names, which is removed when
the store is opened, see `cleanup.unclaimed_folders`.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

import sqlalchemy as sa

from ionworks.server.store import columns, pack_files
from ionworks.server.store.blobs import new_pack_folder
from ionworks.server.store.database import Store
from ionworks.server.store.dialects import int_sum
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.tables import packs, runs
from ionworks.ucp.metric_columns import picked

log = logging.getLogger(__name__)

#: Share of its runs that a pack must still have not to be replaced.
_LEAST_USED: Final = 0.5
#: Packs replaced at once; the others are replaced the next time.
_MOST: Final = 20

#: Number of a row of runs, position of its first run, and number of its runs.
_User: TypeAlias = tuple[int, int, int]

_USED = sa.func.coalesce(int_sum(runs.c.count), 0)
_WASTEFUL = (
    sa.select(packs.c.folder)
    .outerjoin(runs, runs.c.pack == packs.c.number)
    .where(packs.c.run_count > 1)
    .group_by(packs.c.number)
    .having(packs.c.run_count * _LEAST_USED > _USED)
    .order_by(packs.c.number)
)
# By its folder: the number of a pack that was deleted is given to another one.
_USERS = (
    sa.select(runs.c.number, runs.c.position, runs.c.count)
    .join(packs, packs.c.number == runs.c.pack)
    .where(packs.c.folder == sa.bindparam("folder"))
    .order_by(runs.c.number)
)
_MOVE = (
    sa.update(runs)
    .where(runs.c.number == sa.bindparam("row"))
    .values(pack=sa.bindparam("new_pack"), position=sa.bindparam("new_position"))
)


def compact(store: Store, owner: str) -> int:
    """Replace packs most of whose runs were deleted; returns how many were replaced.

    Parameters
    ----------
    store
        Records and results.
    owner
        Who does it: a folder of another living owner is never taken for abandoned.

    Raises
    ------
    OSError
        The disk is full, or fails in another way; nothing has changed then.
    """
    with store.reading() as connection:
        wasteful = connection.scalars(_WASTEFUL).all()
    are_replaced = (_replace(store, owner, folder) for folder in wasteful)
    return sum(islice(filter(None, are_replaced), _MOST))


def _replace(store: Store, owner: str, folder: str) -> bool:
    """Replace a pack; returns False if its runs were changed meanwhile, or it cannot be read."""
    with store.reading() as connection:
        users = _users(connection, folder)
    positions = sorted({each for _, first, count in users for each in range(first, first + count)})
    if not positions:  # its runs were just deleted
        return False
    new_folder = new_pack_folder(owner)
    try:
        with pack_files.Pack.opened(store.blobs, folder) as pack:
            places = [pack.places[position] for position in positions]
            tables = pack.steps(positions), pack.time_series(positions)
        rows = {
            "steps": [steps for _, steps, _, _ in places],
            "points": [points for _, _, _, points in places],
        }
        pack_files.write(store.blobs, new_folder, *tables, rows["steps"])
    except FileNotFoundError:  # the user removed the files, or another process replaced the pack
        return False
    except pack_files.DamagedFile as error:  # readers are told, too; the other packs are replaced
        log.info("the results in %s cannot be read, and stay as they are: %s", folder, error)
        return False
    except BaseException:
        store.blobs.delete(new_folder)
        raise
    # If this fails, the transaction may have been made nevertheless: both folders stay, and the one
    # without a record is removed when the store is opened.
    is_replaced = _refer(store, folder, new_folder, users, positions, rows)
    store.blobs.discard(folder if is_replaced else new_folder)
    return is_replaced


def _users(connection: sa.Connection, folder: str) -> list[_User]:
    """Return the rows of runs whose results are in a pack."""
    return [tuple(row) for row in connection.execute(_USERS, {"folder": folder})]


@repeatable
def _refer(
    store: Store,
    old_folder: str,
    folder: str,
    users: Sequence[_User],
    positions: Sequence[int],
    rows: Mapping[str, Sequence[int]],
) -> bool:
    """Let runs refer to a new pack and delete the record of the old; not if they were changed."""
    with store.writing() as connection:
        if _users(connection, old_folder) != users:
            return False
        is_old = packs.c.folder == old_folder
        old = connection.execute(sa.select(packs.c.metrics, packs.c.provenance).where(is_old)).one()
        row = {
            "folder": folder,
            "run_count": len(positions),
            "metrics": columns.compressed(picked(columns.decoded(old.metrics), positions)),
            "rows": columns.compressed(rows),
            "provenance": old.provenance,
        }
        new = connection.execute(sa.insert(packs).returning(packs.c.number), row).scalar_one()
        moves = [
            {"row": row_number, "new_pack": new, "new_position": bisect_left(positions, position)}
            for row_number, position, _ in users
        ]
        connection.execute(_MOVE, moves)
        connection.execute(sa.delete(packs).where(is_old))
    return True
