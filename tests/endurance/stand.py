"""A server, a proxy, clients and a ledger, set up together on one folder."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil

from ionworks import Ionworks
from tests.endurance import audit
from tests.endurance.faults import InProcessEngine, SmallDisk, World, inject
from tests.endurance.ledger import Ledger, Outcome
from tests.endurance.proxy import FlakyProxy
from tests.endurance.report import Sampler
from tests.endurance.served_engine import KEY, ServedEngine, processes_on
from tests.endurance.workload import PATIENCE, RECIPES, Workload, observe

#: Seconds after the last client in which all work must have ended.
RECOVERY: Final = 240.0


class Stand:
    """Everything a run needs.

    Parameters
    ----------
    seed
        Of all random choices.
    clients
        Number of clients; all but the first go through the proxy.
    megabytes
        Size of the disk, if this process may mount one; None for none.
    period
        Seconds between two samples of memory.
    say
        Prints a line.
    recipes
        What clients choose from.
    """

    def __init__(
        self,
        *,
        seed: int,
        clients: int,
        megabytes: int | None,
        period: float,
        say: Callable[[str], None],
        recipes: Sequence[str] = tuple(RECIPES),
    ) -> None:
        self.seed = seed
        self.say = say
        self.dice = random.Random(seed)
        self.root = Path(tempfile.mkdtemp(prefix="ionworks-endurance-"))
        mount = self.root / "disk"
        mount.mkdir()
        self.disk = None if megabytes is None else SmallDisk.made(mount, megabytes)
        self.folder = mount / "engine"
        self.ledger = Ledger()
        self.references: dict[str, Outcome] = {}
        self.findings: list[str] = []
        self.longest_recovery = 0.0
        self.recipes = list(recipes)
        self._clients = clients
        self.server = ServedEngine(self.folder, self.root / "server.log")
        self.proxy = FlakyProxy(self.server.port, seed=seed)
        self.program = InProcessEngine(self.folder, self.ledger, self.root / "program.log")
        self.world = World(self.server, self.proxy, self.program, self.disk)
        self.sampler = Sampler(self.server, period)
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        self._cleanup.callback(shutil.rmtree, self.root)
        if self.disk is not None:
            self._cleanup.callback(self.disk.remove)
        self._cleanup.callback(self.proxy.close)
        self._cleanup.callback(self.sampler.stop)
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._cleanup:
            self.program.kill()
            self.world.heal()
            self.server.kill()
            if self.findings or error is not None:
                self._keep()

    def _keep(self) -> None:
        """Copy the data folder and the logs to where they can be looked at."""
        kept = Path(tempfile.mkdtemp(prefix="ionworks-endurance-findings-"))
        for path in self.root.glob("*.log"):
            shutil.copy(path, kept)
        if self.folder.exists():
            shutil.copytree(self.folder, kept / "engine")
        self.say(f"the folder and the logs are kept in {kept}")

    def connect(self, url: str | None = None, **options: Any) -> Ionworks:
        """Return a client, of the server itself unless an address is given."""
        address = url or self.server.url
        return Ionworks(api_url=address, api_key=KEY, project_id="default", **options)

    def found(self, findings: list[str]) -> None:
        """Record findings and print them."""
        for each in findings:
            self.say(f"  FINDING: {each}")
        self.findings += findings

    def run_reference(self) -> None:
        """Do each thing once without faults, and keep the outcomes."""
        with self.connect(timeout=PATIENCE) as client:
            workload = Workload(client, self.ledger, "reference", self.seed)
            needed = (each for recipe in ["single", *self.recipes] for each in RECIPES[recipe])
            for recipe in dict.fromkeys(needed):
                began = time.monotonic()
                workload.step(recipe)
                self.say(f"reference: {recipe} takes {time.monotonic() - began:.1f} s")
            for entry in self.ledger.entries():
                if not entry.is_certain:
                    why = [*self.ledger.take_findings(), *self.ledger.errors]
                    raise RuntimeError(f"{entry.name} failed although there was no fault: {why}")
                for identifier, [key] in zip(entry.ids, entry.expected, strict=True):
                    outcome = observe(client, entry.kind, identifier)
                    before = self.references.setdefault(key, outcome)
                    if not outcome.agrees_with(before):
                        self.found([f"two runs of {key} without faults differ"])

    def start_clients(self, prefix: str, steps: int, seconds: float) -> list[threading.Thread]:
        """Start clients, in threads and in another program.

        Parameters
        ----------
        prefix
            Start of the names of what they submit.
        steps
            Number of things that each does.
        seconds
            Time after which they begin nothing new.
        """
        until = time.monotonic() + seconds
        seeds = [self.dice.getrandbits(32) for _ in range(self._clients + 1)]
        self.program.start(f"{prefix}-p", seeds.pop(), steps, self.recipes)
        threads = []
        for number, seed in enumerate(seeds):
            url = self.proxy.url if number else self.server.url
            arguments = (f"{prefix}-{number}", url, seed, steps, until)
            threads.append(threading.Thread(target=self._work, args=arguments, daemon=True))
            threads[-1].start()
        return threads

    def inject(self, name: str, delay: float, seed: int) -> None:
        """Let a fault happen after a delay; an error of the fault itself is a finding."""
        time.sleep(delay)
        try:
            inject(self.world, name, random.Random(seed))
        except Exception as error:  # noqa: BLE001 the run goes on, and fails at its end
            self.found([f"the fault {name!r} ended with {type(error).__name__}: {error}"])

    def probe(self, name: str) -> float:
        """Run one new simulation and return how long it took, with repetitions, in seconds."""
        began = time.monotonic()
        with self.connect() as client:
            workload = Workload(client, self.ledger, name, self.seed)
            while not workload.step("single") and time.monotonic() < began + RECOVERY:
                time.sleep(0.2)
        spent = time.monotonic() - began
        self.longest_recovery = max(self.longest_recovery, spent)
        return spent

    def join(self, clients: list[threading.Thread]) -> None:
        """Wait for clients and the program; each of their steps ends within its own timeouts."""
        until = time.monotonic() + 10 * PATIENCE
        for each in clients:
            each.join(max(0.0, until - time.monotonic()))
        hanging = sum(each.is_alive() for each in clients)
        self.found([f"{hanging} clients did not end"] if hanging else [])
        self.program.join(600)

    def await_end(self, began: float) -> None:
        """Wait until all jobs have ended; ``began`` is when the last client had finished."""
        left: list[str] = []
        while time.monotonic() < began + RECOVERY:
            left = audit.unfinished(self.folder)
            if not left:
                return
            time.sleep(0.2)
        text = f"{len(left)} jobs have not ended {RECOVERY:g} s after the last client"
        self.found([f"{text}: {', '.join(left[:3])}"])

    def audit_work(self, since: int, *, results: int | None = None) -> None:
        """Check the submissions that were made since a number of entries."""
        self.found(self.ledger.take_findings())
        with self.connect(timeout=PATIENCE) as client:
            entries = self.ledger.entries()[since:]
            self.found(
                audit.work(
                    client,
                    self.folder,
                    entries,
                    self.references,
                    results=results,
                    seed=self.seed,
                )
            )

    def audit_folder(self) -> None:
        """Check what the folder holds, and that no process outlived its engine."""
        started = processes_on(self.folder)
        living = self.server.processes()
        _, left = psutil.wait_procs([each for each in started if each not in living], timeout=10)
        self.found([f"process {each.pid} outlived its engine" for each in left])
        self.found(audit.database(self.folder))
        # A worker whose last job was canceled ends some seconds later.
        until = time.monotonic() + 15
        while (found := self._leftovers(1 if living else 0)) and time.monotonic() < until:
            time.sleep(0.5)
        self.found(found)
        self.found(self.server.findings)
        self.server.findings = []

    def _leftovers(self, engines: int) -> list[str]:
        """Open the folder, which removes what killed processes left in it, and audit its files."""
        with Ionworks.local(self.folder) as client:
            client.healthz()
        return audit.files(self.folder, engines=engines)

    def _work(self, prefix: str, url: str, seed: int, steps: int, until: float) -> None:
        try:
            with self.connect(url) as client:
                workload = Workload(client, self.ledger, prefix, seed, self.recipes)
                workload.work(steps, until)
        except Exception as error:  # noqa: BLE001 a client must not end without a word
            self.ledger.finding(f"client {prefix} ended: {type(error).__name__}: {error}")
