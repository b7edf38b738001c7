"""Whether a process of the server can do its work: its database, its objects and its workers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from ionworks.server.jobs.delays import Delays
from ionworks.server.store.database import Store
from ionworks.server.store.faults import fault_of

log = logging.getLogger(__name__)

OK: Final = "ok"
FAILED: Final = "failed"
#: Seconds for which a result is given again: anybody may ask, and each look writes a file.
_REMEMBERED: Final = 1.0


class Readiness:
    """Checks what a process needs.

    Parameters
    ----------
    store
        Its database and objects.
    delays
        Returns what holds up its jobs.
    needs_workers
        Whether it is not ready while jobs are held up. A web process can do its work without.
    """

    def __init__(
        self, store: Store, delays: Callable[[], Delays], *, needs_workers: bool = True
    ) -> None:
        self._needs_workers = needs_workers
        self._store = store
        self._delays = delays
        self._lock = threading.Lock()
        self._memory: tuple[float, dict[str, Any]] | None = None

    def report(self) -> dict[str, Any]:
        """Return ``status``, ``ready`` or ``not ready``, and the ``checks`` it follows from.

        Each check has a ``status``, and a ``reason`` if it failed. There are no secrets in it.
        """
        with self._lock:
            moment = time.monotonic()
            if self._memory is None or moment - self._memory[0] > _REMEMBERED:
                self._memory = moment, self._look()
            return self._memory[1]

    def _look(self) -> dict[str, Any]:
        checks = {
            "database": _checked(self._read),
            "objects": _checked(self._store.blobs.probe),
            "workers": _checked(self._workers),
        }
        is_ready = all(
            each["status"] == OK
            for name, each in checks.items()
            if name != "workers" or self._needs_workers
        )
        return {"status": "ready" if is_ready else "not ready", "checks": checks}

    def _read(self) -> None:
        with self._store.reading() as connection:
            connection.execute(sa.select(1)).one()

    def _workers(self) -> str | None:
        delays = self._delays()
        return delays.absence or delays.fault or delays.trouble


def _checked(check: Callable[[], str | None]) -> dict[str, str]:
    """Return the result of a check, which raises or returns what is wrong."""
    try:
        reason = check()
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            log.exception("a check of readiness failed")
        reason = "it does not work; the log says why" if fault is None else fault.reason
    return {"status": OK} if reason is None else {"status": FAILED, "reason": reason}
