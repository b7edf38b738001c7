"""Simulations that wait until a test creates the file `gate` in the engine's folder."""

import threading

from tests.unit.server import quick_worker


def simulate(payload):
    blobs = quick_worker.markers(payload)
    (blobs / "waiting").touch()
    while not (blobs / "gate").exists():
        threading.Event().wait(0.01)
    quick_worker.simulate(payload)
