"""Replacements for the processing of measurements: one never ends, one fails."""

import threading
from pathlib import Path


def process(payload):
    """Write a partial file to the folder of the data, report it, and never return."""
    blobs = Path(payload["blobs"])
    folder = blobs / (payload["extension_folder"] or payload["data_folder"])
    (folder / ".half").write_bytes(b"x")
    (blobs / "stalled").touch()
    threading.Event().wait()


def broken(payload):
    """Fail for a reason that is neither the data nor the disk."""
    raise MemoryError("out of memory")
