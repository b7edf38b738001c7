"""An engine served by `python -m ionworks.local`, in another process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil

KEY = "a-key-for-the-benchmark"


@contextlib.contextmanager
def serve(folder: str) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a folder; yields the address and the process of the server."""
    command = [sys.executable, "-m", "ionworks.local", "--port", "0", "--path", folder]
    environment = os.environ | {"IONWORKS_API_KEY": KEY}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process.stdout.readline().strip(), psutil.Process(process.pid)
        finally:
            process.terminate()
