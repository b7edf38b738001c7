"""The served engine as a process that is killed, stopped and started again on one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from tests.paths import ROOT

KEY = "the-key-of-an-endurance-run"
#: Seconds in which a server that starts prints its URL, and one that is asked to ends.
_PATIENCE = 60.0
#: Tells of a process, and of those it starts, which folder it was started for.
_FOLDER_VARIABLE = "IONWORKS_ENDURANCE_FOLDER"


class ServedEngine:
    """`python -m ionworks.local` on a folder and a port that stay the same.

    Parameters
    ----------
    folder
        The data folder.
    log
        File of the server's standard error, over all starts.
    workers
        Number of worker processes.
    """

    def __init__(self, folder: Path, log: Path, *, workers: int = 2) -> None:
        self.folder = folder
        self.log = log
        self._workers = workers
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.RLock()
        #: What it did that it should not: it ended by itself, or with another code than 0.
        self.findings: list[str] = []
        self.starts = 0

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """The address it listens on."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start the server, again and again while it refuses to; returns when it is ready.

        A full disk or a locked database may keep it from starting for a while.
        """
        deadline = time.monotonic() + 2 * _PATIENCE
        with self._lock:
            while not self._try_to_start():
                if time.monotonic() > deadline:
                    raise RuntimeError(f"the server does not start; its output is in {self.log}")
                time.sleep(0.5)

    def kill(self) -> None:
        """Kill the server with SIGKILL."""
        with self._lock:
            process = self._living()
            process.kill()
            process.wait()
            self._forget(process)

    def stop(self) -> None:
        """Ask the server to end, with SIGTERM; that it ends badly becomes a finding."""
        with self._lock:
            process = self._living()
            process.terminate()
            try:
                code = process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.findings.append(f"the server did not end within {_PATIENCE:g} s of SIGTERM")
                process.kill()
                code = process.wait()
            else:
                if code != 0:
                    self.findings.append(f"the server ended with code {code} on SIGTERM")
            self._forget(process)

    def ensure(self) -> None:
        """Start the server if it is not running; that it ended by itself becomes a finding."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self.findings.append(f"the server ended by itself, code {self._process.returncode}")
                self._forget(self._process)
            if self._process is None:
                self.start()

    def process(self) -> psutil.Process | None:
        """Return the server's process, or None while it is not running."""
        process = self._process
        try:
            return None if process is None else psutil.Process(process.pid)
        except psutil.NoSuchProcess:
            return None

    def processes(self) -> list[psutil.Process]:
        """Return the server's process and those it started; none while it is not running."""
        server = self.process()
        return [] if server is None else [server, *_children(server)]

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that are alive."""
        server = self.process()
        return [] if server is None else workers_of(server)

    def _living(self) -> subprocess.Popen[str]:
        self.ensure()
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process

    def _try_to_start(self) -> bool:
        arguments = ["--port", str(self._port), "--path", str(self.folder)]
        arguments += ["--workers", str(self._workers)]
        self.starts += 1
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ionworks.local", *arguments],
                cwd=ROOT,
                env=environment(self.folder) | {"IONWORKS_API_KEY": KEY},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        # A server that hangs while it starts prints nothing: end it, so that reading ends too.
        watchdog = threading.Timer(_PATIENCE, process.send_signal, [signal.SIGKILL])
        watchdog.start()
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().strip()
        finally:
            watchdog.cancel()
        if ready:
            self._process = process
            return True
        process.wait()
        self._forget(process)
        return False

    def _forget(self, process: subprocess.Popen[str]) -> None:
        """Close the pipe of a process that has ended."""
        if process.stdout is not None:
            process.stdout.close()
        self._process = None


def workers_of(engine: psutil.Process) -> list[psutil.Process]:
    """Return the living worker processes of an engine; loky's resource tracker is not one."""
    found = []
    for child in _children(engine):
        try:
            is_worker = any("popen_loky" in word for word in child.cmdline())
            if is_worker and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def _children(engine: psutil.Process) -> list[psutil.Process]:
    try:
        return [*engine.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of programs of this project that work on a folder."""
    search_path = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    return os.environ | {"PYTHONPATH": search_path, _FOLDER_VARIABLE: str(folder)}


def processes_on(folder: Path) -> list[psutil.Process]:
    """Return the living processes that were started to work on a folder, and their children."""
    found = []
    for process in psutil.process_iter():
        try:
            works_on = process.environ().get(_FOLDER_VARIABLE)
            if works_on == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
