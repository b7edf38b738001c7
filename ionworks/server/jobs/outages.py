"""Failures of the store that pass: what failed is repeated until the store works again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from ionworks.server.jobs.observers import observer
from ionworks.server.store.faults import Fault, fault_of

log = logging.getLogger(__name__)

#: Shortest and longest pause between two attempts, in seconds.
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

_Result = TypeVar("_Result")


class Interrupted(Exception):
    """The engine closes; what waited for the store is left to the next process."""


def growing_pauses(first: float | None = None, longest: float | None = None) -> Iterator[float]:
    """Yield pauses in seconds, each twice as long as the one before up to a limit."""
    pause = FIRST_PAUSE if first is None else first
    limit = LONGEST_PAUSE if longest is None else longest
    while True:
        yield pause
        pause = min(2 * pause, limit)


class Outages:
    """What the queue knows of failures of the store, which several threads meet.

    Parameters
    ----------
    closing
        Set when the engine closes, which ends all waiting.
    """

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._lock = threading.Lock()
        #: The faults that are met now, by who met them; the oldest first.
        self._faults: dict[object, Fault] = {}

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the store; None while it works."""
        with self._lock:
            return next(iter(self._faults.values()), None)

    def insist(self, action: Callable[[], _Result]) -> _Result:
        """Do something with the store; while the store fails, wait and repeat.

        Parameters
        ----------
        action
            What to do. It may be repeated after it succeeded: a commit that reports an error can
            have been written.

        Raises
        ------
        Interrupted
            The store failed, and the engine closes.
        Exception
            What the action raised, if it is not a fault of the store.
        """
        here = object()
        pauses = growing_pauses()
        try:
            while True:
                try:
                    return action()
                except Exception as error:  # noqa: BLE001 raised unless the store fails
                    self.failed(here, error)
                if self._closing.wait(next(pauses)):
                    raise Interrupted
        finally:
            self.passed(here)

    def failed(self, where: object, error: Exception) -> None:
        """Note the fault of the store that caused an error; raises an error of another cause."""
        fault = fault_of(error)
        if fault is None:
            raise error
        self.met(where, fault)

    def met(self, where: object, fault: Fault) -> None:
        """Note a fault, until `passed` is called for the same place."""
        with self._lock:
            is_news = fault not in self._faults.values()
            self._faults[where] = fault
        if is_news:  # once, not for every attempt of every worker
            log.warning("jobs wait: %s; %s", fault.reason, fault.remedy)
            observer().store_failed(fault.error_code)

    def passed(self, where: object) -> None:
        """Note that a fault has passed, or that there was none."""
        with self._lock:
            is_over = self._faults.pop(where, None) is not None and not self._faults
        if is_over and not self._closing.is_set():
            log.warning("the store works again; the jobs go on")
