"""A batch on a Dask cluster, whose processes are killed one after the other, and its audit.

``python -m tests.endurance.cluster_batch --runs 5000`` starts PostgreSQL, a scheduler and two
workers over mutual TLS, and a dispatcher; this process answers the requests. While the batch runs,
SIGKILL ends a worker process, a Dask worker, the scheduler, the dispatcher and PostgreSQL; each
starts again as a supervisor would start it. Afterwards it measures how long a canceled batch keeps
its workers, and how often a Dask worker is heard of while its process computes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
import sqlalchemy as sa

from ionworks.server.app import LocalApp, create_app
from ionworks.server.dispatching import open_dispatcher
from ionworks.server.store import run_ids
from ionworks.server.store.cleanup import prepared
from ionworks.server.store.tables import packs, runs
from tests import postgres
from tests.end_to_end.cluster.certificates import make_certificates
from tests.end_to_end.cluster.dask_cluster import DaskCluster, configured
from tests.endurance import audit, fake_batch, report
from tests.endurance.fake_engine import BURN, TARGETS, THICKNESS, WAIT
from tests.endurance.served_engine import environment, workers_of

_WORKERS: Final = 2
#: Seconds that a run of the batch takes.
_RUN: Final = 0.04
_PAUSE: Final = 0.25
#: Seconds in which a batch, and anything smaller, must end.
_LIMIT: Final = 1800.0
_PATIENCE: Final = 120.0
#: Seconds for which PostgreSQL is away.
_OUTAGE: Final = 3.0
#: Seconds of the chunk during which heartbeats are counted, and between two looks at them.
_LONG_CHUNK: Final = 60.0
_LOOK: Final = 0.05
#: Aims, in seconds.
_FREE_WITHIN: Final = 3.0
_HEARD_WITHIN: Final = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the batch; returns 1 if there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.cluster_batch")
    parser.add_argument("--runs", type=int, default=5000, help="0 for no batch (%(default)s)")
    parser.add_argument("--dispatch", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.dispatch:
        return _dispatch(*options.dispatch)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryDirectory(prefix="ionworks-cluster-batch-") as place:
        scene = Scene(Path(place))
        with scene:
            parts: list[Callable[[], dict[str, Any]]] = []
            if options.runs:
                parts.append(partial(scene.run_batch, options.runs))
            for part in (*parts, scene.cancel, scene.heartbeats):
                print(f"{report.table(part())}\n", flush=True)
        findings = scene.findings
    print("\n".join(findings) or "the audit found nothing")
    return 1 if findings else 0


def _dispatch(folder: str, database: str, cluster: str) -> int:
    """Be the dispatcher until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    process = open_dispatcher(Path(folder), database=database, cluster=cluster, targets=TARGETS)
    stop.wait()
    process.close()
    return 0


class Scene:
    """All processes of a cluster, on one folder and one database; use it in a with block."""

    def __init__(self, root: Path) -> None:
        self.findings: list[str] = []
        self._root = root
        self._folder = root / "engine"
        self._open = ExitStack()
        self._closing = threading.Event()

    def __enter__(self) -> Scene:
        """Start everything."""
        with ExitStack() as opened:
            self._postgres = opened.enter_context(postgres.temporary_server())
            certificates = make_certificates(self._root / "tls")
            opened.enter_context(configured(certificates))
            self._cluster = DaskCluster(self._root / "cluster", certificates)
            opened.callback(self._cluster.close)
            self._cluster.start_scheduler()
            for _ in range(_WORKERS):
                self._cluster.add_worker()
            self._cluster.wait_for_workers(_WORKERS)
            url = self._postgres.url()
            self._app: LocalApp = create_app(
                self._folder, role="web", database=url, targets=TARGETS, secret="0" * 64
            )
            opened.callback(self._app.close)
            self._api = opened.enter_context(fake_batch.client_of(self._app))
            self._start_dispatcher()
            opened.callback(self._stop_dispatcher)
            supervisor = threading.Thread(target=self._supervise)
            supervisor.start()
            opened.callback(supervisor.join)
            opened.callback(self._closing.set)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        """End everything."""
        self._open.close()

    # ------------------------------------------------------------ the batch and its faults
    def run_batch(self, count: int) -> dict[str, Any]:
        """Run a batch through all faults, and audit it."""
        row = {"type": "discrete", "name": WAIT, "values": [_RUN]}
        design = fake_batch.design(count)
        design["rows"].append(row)
        began = time.monotonic()
        submission_id = fake_batch.submit(self._app, design)
        kills: list[tuple[str, Callable[[], None]]] = [
            ("worker process", self._kill_worker_process),
            ("Dask worker", self._kill_dask_worker),
            ("scheduler", self._kill_scheduler),
            ("dispatcher", self._kill_dispatcher),
            ("PostgreSQL", self._kill_postgres),
        ]
        figures: dict[str, Any] = {"runs": count}
        for number, (name, kill) in enumerate(kills, 1):
            ended = self._wait(submission_id, count * number // (len(kills) + 1))
            if ended == count:
                self.findings.append(f"all runs had ended before {name}: take more runs")
            moment = time.monotonic()
            kill()
            self._wait(submission_id, ended + 1)
            seconds = round(time.monotonic() - moment, 1)
            figures[f"{name} killed after {ended} runs; the next ended after [s]"] = seconds
            print(f"{name} killed after {ended} runs, the next ended after {seconds} s", flush=True)
        self._wait(submission_id, count)
        figures["seconds"] = round(time.monotonic() - began, 1)
        self._stop_dispatcher()  # which removes what it does not need any more
        figures |= self._audit(submission_id, design, count)
        self._start_dispatcher()
        return figures

    def _audit(self, submission_id: str, design: dict[str, Any], count: int) -> dict[str, Any]:
        # To open it removes the files that killed processes had not recorded.
        store = prepared(self._folder, self._postgres.url())
        try:
            found = fake_batch.places(store, submission_id, count)
            found += fake_batch.equal_digests(store, submission_id)
            found += fake_batch.values(store, submission_id, design, random.Random(1))
            with store.reading() as connection:

                def execute(statement: str) -> Any:
                    return connection.exec_driver_sql(statement)

                found += audit.strays(execute) + audit.result_folders(self._folder, execute)
                states = connection.execute(
                    sa.select(runs.c.status, sa.func.sum(runs.c.count)).group_by(runs.c.status)
                ).all()
                number, size = connection.execute(
                    sa.select(sa.func.count(), sa.func.sum(packs.c.run_count))
                ).one()
        finally:
            store.close()
        self.findings += found
        return {
            "states": ", ".join(f"{total} {status}" for status, total in states),
            "packs": number,
            "runs in packs": size,
        }

    def _kill_worker_process(self) -> None:
        self._worker_processes()[0].kill()

    def _kill_dask_worker(self) -> None:
        os.kill(next(iter(self._cluster.worker_pids().values())), signal.SIGKILL)

    def _kill_scheduler(self) -> None:
        self._cluster.scheduler.kill()
        self._cluster.scheduler.wait()
        self._cluster.start_scheduler()

    def _kill_dispatcher(self) -> None:
        self._dispatcher.kill()
        self._dispatcher.wait()
        self._start_dispatcher()

    def _kill_postgres(self) -> None:
        self._postgres.kill()
        time.sleep(_OUTAGE)
        self._postgres.start()

    # ------------------------------------------------------------ figures
    def cancel(self) -> dict[str, Any]:
        """Return how long workers are kept by a batch that was canceled."""
        made = self._submit_to_all(WAIT, 10 * _LIMIT)
        processes = self._worker_processes()
        ids = [run_ids.simulation_id(each, 0) for each in made]
        with self._cluster.client() as client:

            def tasks() -> set[str]:
                return {key for keys in client.processing().values() for key in keys}

            canceled = tasks()
            began = time.monotonic()
            reply = self._api.post("/simulations/cancel", json={"simulation_ids": ids})
            reply.raise_for_status()
            # The queue may have begun to start the next process already.
            self._until(lambda: canceled.isdisjoint(tasks()), "the workers are not free")
            free = time.monotonic() - began
        psutil.wait_procs(processes, timeout=_PATIENCE)
        ended = time.monotonic() - began
        self._wait(fake_batch.submit(self._app, fake_batch.design(1)), 1)
        return {
            "canceled: tasks ended after [s]": self._aim(free, _FREE_WITHIN),
            "canceled: worker processes ended after [s]": self._aim(ended, _FREE_WITHIN),
            "canceled: another run ended after [s]": round(time.monotonic() - began, 1),
        }

    def heartbeats(self) -> dict[str, Any]:
        """Return the longest time without a heartbeat while all worker processes compute."""
        made = self._submit_to_all(BURN, _LONG_CHUNK)
        with self._cluster.client() as client:
            heard = client.run_on_scheduler(_heartbeats, _LONG_CHUNK - 5.0)
        for each in made:
            self._wait(each, 1)
        moments = list(heard.values())
        gaps = [after - before for each in moments for before, after in pairwise(each)]
        return {
            "heartbeats in a chunk of 60 s": sum(map(len, moments)),
            "longest gap between two [s]": self._aim(max(gaps), _HEARD_WITHIN),
        }

    def _aim(self, seconds: float, most: float) -> float:
        if seconds >= most:
            self.findings.append(f"{seconds:.2f} s are not below {most:g} s")
        return round(seconds, 2)

    def _submit_to_all(self, order: str, seconds: float) -> list[str]:
        """Submit a run for each worker, and return once all are running."""
        made = []
        # Not as one submission, whose few runs one worker would take together.
        for number in range(_WORKERS):
            values = {THICKNESS: float(number), order: seconds}
            rows = [
                {"type": "discrete", "name": name, "values": [value]}
                for name, value in values.items()
            ]
            made.append(fake_batch.submit(self._app, {"sampling": "grid", "rows": rows}))
        with self._cluster.client() as client:
            self._until(
                lambda: (
                    sum(map(bool, client.processing().values())) == _WORKERS
                    and all("processing" in self._statuses(each) for each in made)
                ),
                "not all workers have begun",
            )
        return made

    # ------------------------------------------------------------ processes
    def _start_dispatcher(self) -> None:
        where = [str(self._folder), self._postgres.url(), self._cluster.address]
        with (self._root / "dispatcher.log").open("ab") as log:
            self._dispatcher = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, "--dispatch", *where],
                env=environment(self._folder) | _tls_variables(self._cluster.certificates),
                stdout=log,
                stderr=log,
            )

    def _stop_dispatcher(self) -> None:
        self._dispatcher.terminate()
        self._dispatcher.wait(_PATIENCE)

    def _worker_processes(self) -> list[psutil.Process]:
        return [
            each
            for worker in self._cluster.workers
            for each in workers_of(psutil.Process(worker.pid))
        ]

    def _supervise(self) -> None:
        """Start another worker when one has ended, as systemd does."""
        while not self._closing.wait(_PAUSE):
            for worker in [each for each in self._cluster.workers if each.poll() is not None]:
                self._cluster.workers.remove(worker)
                self._cluster.add_worker()

    def _statuses(self, submission_id: str) -> dict[str, int]:
        """Return how many runs have each status; none while the database is away."""
        reply = self._api.get(f"/simulations/submissions/{submission_id}/statuses")
        if reply.is_server_error:
            return {}
        found: dict[str, int] = {}
        for each in reply.json()["statuses"]:
            found[each["status"]] = found.get(each["status"], 0) + each["count"]
        return found

    def _wait(self, submission_id: str, wanted: int) -> int:
        """Wait until so many runs have ended, and return how many have."""
        ended = 0

        def have_ended() -> bool:
            nonlocal ended
            found = self._statuses(submission_id)
            ended = sum(found.get(each, 0) for each in ("completed", "failed", "canceled"))
            return ended >= wanted

        self._until(have_ended, f"{wanted} runs did not end", _LIMIT)
        return ended

    @staticmethod
    def _until(condition: Callable[[], bool], words: str, limit: float = _PATIENCE) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{words} within {limit:g} s")
            time.sleep(_LOOK)


async def _heartbeats(seconds: float, dask_scheduler: Any) -> dict[str, list[float]]:
    """Return when each Dask worker was heard of; runs in the scheduler, which misses none."""
    heard: dict[str, list[float]] = {}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for each in dask_scheduler.workers.values():
            moments = heard.setdefault(each.address, [])
            if not moments or each.last_seen > moments[-1]:
                moments.append(each.last_seen)
        await asyncio.sleep(_LOOK)
    return heard


def _tls_variables(certificates: Any) -> dict[str, str]:
    """Return the configuration of a client of Dask as variables of its environment."""
    return {
        "DASK_" + name.replace(".", "__").replace("-", "_").upper(): value
        for name, value in certificates.configuration.items()
    }


if __name__ == "__main__":
    sys.exit(main())
