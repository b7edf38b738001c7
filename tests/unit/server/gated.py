"""Simulations that wait until a test creates the file `gate` in the folder of results."""

import threading
from pathlib import Path

from tests.unit.server import quick_worker


def simulate(payload):
    blobs = Path(payload["blobs"])
    blobs.mkdir(exist_ok=True)
    (blobs / "waiting").touch()
    while not (blobs / "gate").exists():
        threading.Event().wait(0.01)
    quick_worker.simulate(payload)
