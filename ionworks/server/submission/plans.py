"""What a submission would do, without storing anything."""

from __future__ import annotations

import hashlib
from typing import Any

from ionworks.server.call import Services
from ionworks.server.store import copies, run_digests, run_times, submissions
from ionworks.server.store.run_parameters import Note
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.submission.checked_runs import CheckedRuns

#: Of a plan, whose runs are not stored.
_NO_SUBMISSION = ""
#: Most notes of a reply; a sweep over temperatures in kelvin has one for each run.
_MOST_NOTES = 100


def plan(services: Services, batch: SimulationBatch, checked: CheckedRuns) -> dict[str, Any]:
    """Check the runs of a request as its submission would, and return what it would do.

    Parameters
    ----------
    services
        With the store and the workers.
    batch
        What the runs share.
    checked
        The runs.

    Raises
    ------
    Problem
        422 if a run cannot be computed, as for the submission.
    """
    spec_id, content = submissions.content_of(batch)
    search = copies.Search(
        services.store, _NO_SUBMISSION, services.jobs.owner, content, reuse=batch.reuse
    )
    whole = hashlib.blake2b(content, digest_size=16)
    notes: dict[tuple[str, str], Note] = {}
    seen: set[int] = set()
    repeated = first = 0
    for piece in checked:
        texts = run_digests.texts_of(piece.runs)
        fresh = []
        for run, digest in zip(piece.runs, run_digests.of_texts(content, texts), strict=True):
            if batch.reuse and digest in seen:
                repeated += 1
            else:
                seen.add(digest)
                fresh.append(run)
        search.look_up(first, fresh)
        first += len(fresh)
        for text in texts:
            whole.update(text)
        # Most runs share one list of notes.
        for of_run in {id(each): each for each in piece.notes}.values():
            notes |= {(note["category"], note["message"]): note for note in of_run}
    reused = repeated + sum(copy.count for copy in search.copies)
    return {
        "count": batch.count,
        "seed": batch.seed,
        "notes": list(notes.values())[:_MOST_NOTES],
        "is_checked": checked.is_complete,
        "reused": reused,
        "estimate": _estimate(services, spec_id, batch, batch.count - reused),
        "digest": whole.hexdigest(),
    }


def _estimate(
    services: Services, spec_id: str, batch: SimulationBatch, count: int
) -> dict[str, Any] | None:
    """Return how long so many runs take, estimated from past ones; None if there are none."""
    past = run_times.of_past_runs(services.store, spec_id, batch.template["protocol"])
    if past is None:
        return None
    workers = services.jobs.workers
    return {
        "seconds": past.seconds * count / max(min(workers, count), 1),
        "seconds_per_run": past.seconds,
        "past_runs": past.runs,
        "same_protocol": past.is_same_protocol,
        "workers": workers,
    }
