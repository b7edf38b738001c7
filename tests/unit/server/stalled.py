"""Replacements for the processing of measurements: one never ends, the others fail."""

import threading
from pathlib import Path

started, deleted = threading.Event(), threading.Event()


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


def read_deleted(payload):
    """Read a file after a test has deleted it."""
    started.set()
    deleted.wait()
    Path(payload["blobs"], payload["data_folder"], "time_series.parquet").read_bytes()
