"""How long past runs took, for estimates."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from attrs import frozen

from ionworks.server.store.database import Store
from ionworks.server.store.dialects import int_sum
from ionworks.server.store.tables import runs, submissions

#: Rows of runs that are looked at, the newest ones: machines and versions change.
_MOST_ROWS: Final = 200
# Copies took no time.
_COMPUTED = (
    sa.select(runs.c.count, runs.c.compute_time)
    .join(submissions, submissions.c.id == runs.c.submission_id)
    .where(
        submissions.c.model_spec_id == sa.bindparam("model"),
        runs.c.status == "completed",
        runs.c.copied_from_submission.is_(None),
        runs.c.compute_time.is_not(None),
    )
    .order_by(runs.c.number.desc())
    .limit(_MOST_ROWS)
)


@frozen
class PastRuns:
    """Runs of a model that have completed.

    Attributes
    ----------
    runs
        How many they are.
    seconds
        What one of them took in a worker, on average.
    is_same_protocol
        Whether they are of the same protocol too.
    """

    runs: int
    seconds: float
    is_same_protocol: bool


def of_past_runs(store: Store, spec_id: str, protocol: str) -> PastRuns | None:
    """Return how long runs of a model took: those of a protocol, else those of any.

    Parameters
    ----------
    store
        Where they are stored.
    spec_id
        Digest of the model.
    protocol
        Text of the protocol.

    Returns
    -------
    PastRuns or None
        None if the model was never run.
    """
    with store.reading() as connection:
        for condition in ([submissions.c.protocol == protocol], []):
            newest = _COMPUTED.where(*condition).subquery()
            number = int_sum(newest.c.count)
            total = sa.func.sum(newest.c.count * newest.c.compute_time)
            row = connection.execute(sa.select(number, total), {"model": spec_id}).one()
            if row[0]:
                return PastRuns(row[0], row[1] / row[0], is_same_protocol=bool(condition))
    return None
