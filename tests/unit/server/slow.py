"""Processing of measurements that waits until a test creates the file `gate`."""

import threading
from pathlib import Path

from ionworks.worker import measurements


def process(payload):
    blobs = Path(payload["blobs"])
    content = (blobs / payload["data_folder"] / "time_series.parquet").read_bytes()
    (blobs / "waiting").touch()
    while not (blobs / "gate").exists():
        threading.Event().wait(0.01)
    # Write the data read before the wait, as processing with an open file does.
    folder = blobs / payload["data_folder"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "time_series.parquet").write_bytes(content)
    measurements.process(payload)
    (blobs / "written").touch()
