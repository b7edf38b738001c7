"""Checks by a worker that wait for the test, as while a new worker loads PyBaMM.

Workers of these tests are threads, so that they share the gate with the test.
"""

import os
import threading
from pathlib import Path

from attrs import define, evolve, field

from tests.unit.server import quick_worker
from tests.unit.server.engines import QUICK

HELD = evolve(
    QUICK,
    check="tests.unit.server.held_checks:check",
    check_pipeline="tests.unit.server.held_checks:check_pipeline",
)
BROKEN = evolve(QUICK, check="tests.unit.server.held_checks:fail")
DYING_ONCE = evolve(QUICK, check="tests.unit.server.held_checks:die_once")


@define
class Gate:
    """Holds checks back until it is opened, and counts them."""

    opened: threading.Event = field(factory=threading.Event)
    questions: int = 0

    def pass_through(self):
        self.questions += 1
        self.opened.wait()


GATE = Gate()


def check(payload):
    GATE.pass_through()
    return quick_worker.check(payload)


def check_pipeline(payload):
    GATE.pass_through()
    return quick_worker.check_pipeline(payload)


def fail(payload):
    GATE.pass_through()
    raise KeyError("a mistake of ours")


def die_once(payload):
    """End the worker process at the first check, as the kernel does when memory is short."""
    marker = Path(os.environ["IONWORKS_TEST_MARKER"])
    if not marker.exists():
        marker.touch()
        os._exit(3)
    return quick_worker.check(payload)
