"""Stand-ins for the processing of measurements: one that never ends, one that breaks."""

import threading
from pathlib import Path


def prepare(payload):
    """Write half a file where the data are, say so, and stay."""
    blobs = Path(payload["blobs"])
    folder = blobs / (payload["extension_folder"] or payload["data_folder"])
    (folder / ".half").write_bytes(b"x")
    (blobs / "stalled").touch()
    threading.Event().wait()


def broken(payload):
    """Fail as a machine does that has no room left."""
    raise OSError(28, "No space left on device")
