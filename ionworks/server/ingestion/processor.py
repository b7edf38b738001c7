"""Deriving steps and cycles of measurements in the background, one measurement after another.

polars does the work outside Python's lock and on all cores, so one thread is enough and no
request waits for it. What a process that died left unfinished is taken up by whoever opens the
folder next, as with jobs.
"""

from __future__ import annotations

import logging
import threading
from collections import deque

from ionworks.server.ingestion import cleanup
from ionworks.server.jobs import shutdown
from ionworks.server.jobs.leases import Owner
from ionworks.server.jobs.targets import Targets, invoke
from ionworks.server.store import cell_measurements, records
from ionworks.server.store import measurement_states as states
from ionworks.server.store.database import Store
from ionworks.server.store.records import Record

log = logging.getLogger(__name__)

#: Seconds between two looks for what owners that died left behind.
RECOVERY_PERIOD = 5.0
#: Times a measurement is tried when the failure may not be its own.
TRIES = 2


class Processing:
    """Processes the store's pending measurements.

    Parameters
    ----------
    store
        Records and data.
    targets
        Names what derives steps and cycles.
    """

    def __init__(self, store: Store, targets: Targets | None = None) -> None:
        self._store = store
        self._target = (targets or Targets()).prepare
        self._owner = Owner(store.folder / "owners")
        self._condition = threading.Condition()
        self._waiting: deque[str] = deque()
        self._postponed: set[str] = set()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        shutdown.remember(self)
        self.recover()
        cleanup.unclaimed_folders(store)
        self._thread.start()

    @property
    def owner(self) -> str:
        """Id new uploads must carry to be processed here."""
        return self._owner.id

    def enqueue(self, measurement_id: str) -> None:
        """Process a stored measurement whose owner is this process."""
        with self._condition:
            self._waiting.append(measurement_id)
            self._condition.notify_all()

    def recover(self) -> None:
        """Take over what owners that died have not finished, and clear away their uploads."""
        for other in states.orphans(self._store, self.owner):
            with self._owner.inherit(other) as orphaned:
                if orphaned:
                    cleanup.abandoned_by(self._store, other)
                    for measurement_id in states.adopt(self._store, other, self.owner, TRIES):
                        self.enqueue(measurement_id)
        cleanup.expired(self._store)

    def close(self) -> None:
        """Finish the measurement under way; whoever opens the folder next takes up the others."""
        with self._condition:
            if self._closing:
                return
            self._closing = True
            self._condition.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join()
        self._owner.release()
        shutdown.forget(self)

    def _serve(self) -> None:
        """Process what comes, and look for orphans now and then, until the end."""
        while True:
            with self._condition:
                if not self._waiting and not self._closing:
                    self._condition.wait(RECOVERY_PERIOD)
                if self._closing:
                    return
                measurement_id = self._waiting.popleft() if self._waiting else None
            try:
                if measurement_id is None:
                    self._resume_postponed()
                    self.recover()
                else:
                    self._process(measurement_id)
            except Exception:  # a busy or full disk now may be fine the next time
                log.exception("could not keep the books of measurements")
                if measurement_id is not None:
                    self._postponed.add(measurement_id)

    def _resume_postponed(self) -> None:
        """Queue measurements again whose bookkeeping failed."""
        for measurement_id in list(self._postponed):
            states.put_back(self._store, self.owner, measurement_id)
            self._postponed.discard(measurement_id)
            self.enqueue(measurement_id)

    def _process(self, measurement_id: str) -> None:
        """Derive what there is to derive and note what came of it."""
        measurement = states.claim(self._store, self.owner, measurement_id)
        if measurement is None:
            return
        blobs = self._store.blobs
        places = records.chosen(measurement, "data_folder", "extension_folder")
        try:
            found = invoke(self._target, {"blobs": str(blobs.folder), **places})
        except Exception as error:  # noqa: BLE001 the measurement's fault or ours: it is noted
            self._note_failure(measurement, error)
            return
        if not states.finish(self._store, self.owner, measurement_id, found):
            self._discard(measurement)
        elif places["extension_folder"] is not None:
            blobs.delete(places["data_folder"])

    def _note_failure(self, measurement: Record, error: Exception) -> None:
        """Fail a measurement, or try again when the failure may not be its own."""
        # By now it is loaded, or the error is another.
        from ionworks.server.measurements import MeasurementError

        measurement_id = measurement["id"]
        message = str(error)
        if not isinstance(error, MeasurementError):
            log.error("could not process the measurement %s", measurement_id, exc_info=error)
            message = f"{type(error).__name__}: {error}"
            if measurement["attempts"] < TRIES:
                states.put_back(self._store, self.owner, measurement_id)
                self.enqueue(measurement_id)
                return
        if not states.fail(self._store, self.owner, measurement_id, message):
            self._discard(measurement)
        elif measurement["extension_folder"] is not None:
            self._store.blobs.delete(measurement["extension_folder"])

    def _discard(self, measurement: Record) -> None:
        """Remove what was written for a measurement that was deleted meanwhile."""
        self._store.blobs.delete(cell_measurements.folder_of(measurement["id"]))
