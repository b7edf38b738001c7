"""The quick worker; runs with the design parameter ``wait`` wait until a gate is opened."""

import threading

from tests.unit.server import quick_worker

OPEN = threading.Event()


def simulate(payload):
    if any("wait" in run["design_parameters"] for run in payload["runs"]):
        assert OPEN.wait(60), "the test has not opened the gate"
    quick_worker.simulate(payload)
