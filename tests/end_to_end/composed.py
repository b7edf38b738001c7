"""The services of deploy/compose.yaml as plain processes on loopback.

The images of others are replaced: PostgreSQL by that of this machine, the S3 server by moto, and
the proxy by clients that choose a web process themselves.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.paths import ROOT

DEPLOY = ROOT / "deploy"
KEY = "key-of-the-composed-server"
FILLED_IN = {
    "DOMAIN": "cells.test",
    "DATABASE_PASSWORD": "unused-on-a-socket",
    "OBJECTS_USER": "ionworks",
    "OBJECTS_PASSWORD": "objects-password",
    "IONWORKS_API_KEY": KEY,
    "IONWORKS_SECRET": "0123456789abcdef" * 4,
}
#: Where the proxy and the S3 server are for clients outside of compose.
_PUBLIC = ("IONWORKS_PUBLIC_URL", "IONWORKS_BLOBS_PUBLIC_URL")
_VARIABLE = re.compile(r"\$\{(\w+):\?\}")
_START_LIMIT = 120.0


class Composed:
    """Processes of compose.yaml.

    Parameters
    ----------
    folder
        For certificates, the folders of processes, and their logs.
    replaced
        What stands in for addresses in compose.yaml, such as ``scheduler:8786``.
    environment
        Variables with other values than in compose.yaml.
    """

    def __init__(self, folder: Path, replaced: dict[str, str], environment: dict[str, str]) -> None:
        text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
        text = _VARIABLE.sub(lambda found: FILLED_IN[found[1]], text)
        for old, new in replaced.items():
            assert old in text, f"compose.yaml does not have {old}"
            text = text.replace(old, new)
        self.services: dict[str, Any] = yaml.safe_load(text)["services"]
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self._environment = environment
        self._closing = ExitStack()
        certificates = folder / "certificates"
        subprocess.run(
            ["/bin/sh", DEPLOY / "certificates.sh", certificates], check=True, capture_output=True
        )

    def start(self, service: str, name: str, *options: str) -> subprocess.Popen[str]:
        """Start a process of a service with further options; its log gets this name."""
        settings = self.services[service]
        command = [*settings.get("entrypoint", ["ionworks"]), *settings["command"], *options]
        log = self._closing.enter_context((self.folder / f"{name}.log").open("a"))
        process = subprocess.Popen(
            [*_program(command[0]), *map(self._here, command[1:])],
            env=self._variables(name, settings["environment"]),
            stdout=subprocess.PIPE if command[1] == "serve" else log,
            stderr=log,
            text=True,
            cwd=self.folder,
        )
        self.processes[name] = process
        return process

    def url(self, name: str) -> str:
        """Return the URL of a process that answers requests, when it is ready."""
        stdout = self.processes[name].stdout
        assert stdout is not None
        line = stdout.readline().strip()
        assert line.startswith("http://"), self.log(name)
        return line

    def log(self, name: str) -> str:
        """Return what a process has logged."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def close(self) -> None:
        """End all processes."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        self._closing.close()

    def _variables(self, name: str, environment: dict[str, str]) -> dict[str, str]:
        values = {key: str(value) for key, value in environment.items() if key not in _PUBLIC}
        values |= {key: value for key, value in self._environment.items() if key in values}
        if "IONWORKS_PATH" in values:
            values["IONWORKS_PATH"] = str(self.folder / name)
            values["IONWORKS_METRICS_HOST"] = "127.0.0.1"
            values["IONWORKS_METRICS_PORT"] = "0"
        return os.environ | {key: self._here(value) for key, value in values.items()}

    def _here(self, text: str) -> str:
        text = text.replace("/certificates/", f"{self.folder}/certificates/")
        return {"0.0.0.0": "127.0.0.1", "8000": "0", "/tmp": str(self.folder)}.get(text, text)  # noqa: S104, S108


def _program(name: str) -> list[str]:
    if name == "ionworks":
        return [sys.executable, "-m", "ionworks"]
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found is not None, f"{name} is not installed beside {sys.executable}"
    return [found]


def wait_for(condition: Any, seconds: float = _START_LIMIT) -> None:
    """Return once a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {seconds:g} s"
        time.sleep(0.05)  # processes are at work
