"""Adoption of what dead processes leave behind: what they finished, and unfinished jobs."""

from __future__ import annotations

import logging

from ionworks.server.jobs.outcomes import OutcomeFile, owners_in
from ionworks.server.jobs.registry import STATES, job_type_of_file
from ionworks.server.store import cleanup
from ionworks.server.store.database import Store
from ionworks.server.store.dispatchers import INBOX

log = logging.getLogger(__name__)


def others(store: Store, owner: str) -> set[str]:
    """Return the other processes that own something, dead or alive.

    What is stored for the dispatcher belongs to no process that could die.
    """
    found = cleanup.other_owners(store, owner) | owners_in(store.folder / "outcomes")
    for states in STATES:
        found |= states.other_owners(store, owner)
    return found - {owner, INBOX}


def adopt(store: Store, other: str, owner: str) -> None:
    """Adopt one dead owner's jobs, after recording what it finished."""
    cleanup.abandoned_by(store, other)
    for path in sorted((store.folder / "outcomes").glob(f"{other}-*.jsonl")):
        file = OutcomeFile(path)
        job_type_of_file(path).record(store, other, file.read_new())
        file.delete()
    for path in (store.folder / "outcomes").glob(f"{other}-*"):
        path.unlink(missing_ok=True)
    adopted = sum(states.adopt(store, other, owner) for states in STATES)
    if adopted:
        log.info("adopted %d unfinished jobs", adopted)
