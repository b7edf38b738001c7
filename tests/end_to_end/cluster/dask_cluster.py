"""A scheduler and workers of Dask as processes of their own, over mutual TLS."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

import dask
from distributed import Client

from ionworks.server.jobs import agent
from tests.unit.server.engines import wait_until
from tests.unit.server.quick_worker import TRACES


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class DaskCluster:
    """A cluster whose processes can be killed.

    ``traces`` is the folder in which quick workers note what they have computed.
    """

    def __init__(self, folder, certificates):
        self.folder = folder
        self.certificates = certificates
        self.port = free_port()
        self.address = f"tls://127.0.0.1:{self.port}"
        self.traces = folder / "traces"
        self.traces.mkdir(parents=True)
        self.scheduler: Any = None
        self.workers = []

    def start_scheduler(self):
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--protocol", "tls"]
        self.scheduler = self._start(
            "scheduler",
            ["-m", "distributed.cli.dask_scheduler", *address, "--no-dashboard"],
        )

    def add_worker(self, threads=1):
        self.workers.append(
            self._start(
                f"worker-{len(self.workers)}",
                ["-m", "ionworks", "worker", self.address, "--threads", str(threads)],
                ["--local-directory", str(self.folder / "scratch")],
            )
        )

    def _start(self, name, arguments, options=()):
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments, *options, *self.certificates.options],
                env={**os.environ, TRACES: str(self.traces)},
                stdout=log,
                stderr=log,
            )

    def client(self):
        return Client(self.address, timeout=60, set_as_default=False)

    def wait_for_scheduler(self):
        with self.client():
            pass

    def wait_for_workers(self, number):
        with self.client() as client:
            client.wait_for_workers(number, timeout=120)

    def worker_pids(self):
        """Return the processes of the Dask workers, by address."""
        with self.client() as client:
            return client.run(os.getpid)

    def computed(self):
        """Return the ids of runs that were computed, each as often as it was."""
        with suppress(FileNotFoundError):
            return (self.traces / "computed.txt").read_text().split()
        return []

    def processes(self):
        """Return the number of worker processes that the agents keep."""
        with self.client() as client:
            return sum(client.run(_count_processes).values())

    def close(self):
        # A worker that is asked to end while its scheduler does takes 8 s.
        for processes in (self.workers, [self.scheduler] if self.scheduler else []):
            for process in processes:
                process.terminate()
            for process in processes:
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _count_processes():
    return len(agent._agent._processes)


def configured(certificates):
    """Have clients of this process use certificates, in a with block."""
    return dask.config.set(certificates.configuration)


def wait_until_gone(pid):
    def is_gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(is_gone)
