"""Faults: each breaks something for a few seconds and heals it again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil

from ionworks.server.store.database import DATABASE
from tests.endurance.ledger import Ledger
from tests.endurance.proxy import MODES, FlakyProxy
from tests.endurance.served_engine import ServedEngine, environment, workers_of
from tests.paths import ROOT

#: Longer than a writer of the store waits for another, with the repetitions of a client.
LONG_LOCK: Final = 35.0
#: Seconds after which a program in another process begins nothing new.
_LONGEST_PROGRAM: Final = 100


class SmallDisk:
    """A file system of limited size for the data folder; needs root.

    Parameters
    ----------
    mount_point
        An empty folder.
    megabytes
        Its size; what is stored takes memory of the machine.
    """

    def __init__(self, mount_point: Path, megabytes: int) -> None:
        self.mount_point = mount_point
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "ionworks-endurance"]
        _command("mount", *options, str(mount_point))

    @classmethod
    def made(cls, mount_point: Path, megabytes: int) -> SmallDisk | None:
        """Return a new disk; None if this process may not mount one, as in most containers."""
        if sys.platform != "linux" or os.geteuid() != 0:
            return None
        try:
            return cls(mount_point, megabytes)
        except subprocess.CalledProcessError:
            return None

    def fill(self) -> None:
        """Take all free space, also what others free meanwhile."""
        with (self.mount_point / "ballast").open("ab", buffering=0) as stream:
            zeros = bytes(1 << 20)
            size = len(zeros)
            while size >= 4096:
                try:
                    stream.write(zeros[:size])
                except OSError:  # no space left for so many: try fewer
                    size //= 4

    def free(self) -> None:
        """Give the space back."""
        (self.mount_point / "ballast").unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount the file system; what is on it is lost."""
        _command("umount", "--lazy", str(self.mount_point))


class InProcessEngine:
    """A program with an embedded engine on the folder that a server serves at the same time.

    Parameters
    ----------
    folder
        The data folder.
    ledger
        Gets a copy of what the program submits.
    log
        File of its standard error.
    """

    def __init__(self, folder: Path, ledger: Ledger, log: Path) -> None:
        self._folder = folder
        self._ledger = ledger
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(self, prefix: str, seed: int, steps: int, recipes: Iterable[str]) -> None:
        """Start the program, which does a number of things, for a minute or two, and ends."""
        module = [sys.executable, "-m", "tests.endurance.in_process"]
        words = [prefix, str(seed), str(steps), str(_LONGEST_PROGRAM), *recipes]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*module, str(self._folder), *words],
                cwd=ROOT,
                # One worker: it takes longer to start than most of the work takes.
                env=environment(self._folder) | {"LOKY_MAX_CPU_COUNT": "1"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._reader = threading.Thread(target=self._copy, args=(self._process,), daemon=True)
        self._reader.start()

    def process(self) -> psutil.Process | None:
        """Return its process, or None when it is not running."""
        if self._process is None or self._process.poll() is not None:
            return None
        return psutil.Process(self._process.pid)

    def kill(self) -> bool:
        """Kill the program; returns False if it had ended."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._process.kill()
        return True

    def join(self, timeout: float) -> None:
        """Wait until the program has ended."""
        if self._process is None or self._reader is None:
            return
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._ledger.finding(f"a program with an engine did not end within {timeout:g} s")
            self._process.kill()
            code = self._process.wait()
        if code not in {0, -signal.SIGKILL}:
            self._ledger.finding(f"a program with an engine ended with code {code}")
        self._reader.join()
        self._process = None

    def _copy(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._ledger.copy_line(line)


class World:
    """What faults act on.

    Parameters
    ----------
    server, proxy, program
        The served engine, the proxy before it, and an engine in another program.
    disk
        The disk of the data folder if it can be filled.
    """

    def __init__(
        self,
        server: ServedEngine,
        proxy: FlakyProxy,
        program: InProcessEngine,
        disk: SmallDisk | None,
    ) -> None:
        self.server = server
        self.proxy = proxy
        self.program = program
        self.disk = disk
        self.counts: Counter[str] = Counter()
        #: Longest time from a restart of the server to its first reply.
        self.longest_restart = 0.0

    def workers(self) -> list[psutil.Process]:
        """Return the living workers of all engines."""
        program = self.program.process()
        return self.server.workers() + ([] if program is None else workers_of(program))

    def restart(self) -> None:
        """Start the server and note how long that took."""
        began = time.monotonic()
        self.server.ensure()
        self.longest_restart = max(self.longest_restart, time.monotonic() - began)

    def heal(self) -> None:
        """End whatever faults may have left."""
        self.proxy.mode = "pass"
        if self.disk is not None:
            self.disk.free()
        self.restart()


Fault = Callable[[World, random.Random], None]


def kill_server(world: World, dice: random.Random) -> None:
    """Kill the server, and start it again."""
    world.server.kill()
    time.sleep(dice.uniform(0, 3))
    world.restart()


def terminate_server(world: World, dice: random.Random) -> None:
    """Ask the server to end, and start it again."""
    world.server.stop()
    time.sleep(dice.uniform(0, 3))
    world.restart()


def kill_one_worker(world: World, dice: random.Random) -> None:
    """Kill a worker, busy or idle."""
    if workers := world.workers():
        _signal(dice.choice(workers), signal.SIGKILL)


def kill_idle_worker(world: World, dice: random.Random) -> None:
    """Kill the worker that computes least."""
    if busy := _by_load(world.workers()):
        _signal(busy[0], signal.SIGKILL)


def kill_all_workers(world: World, dice: random.Random) -> None:
    """Kill all workers at once."""
    for each in world.workers():
        _signal(each, signal.SIGKILL)


def kill_starting_workers(world: World, dice: random.Random) -> None:
    """Kill all workers, and for a few seconds each new one as soon as it appears."""
    until = time.monotonic() + dice.uniform(1, 4)
    while time.monotonic() < until:
        kill_all_workers(world, dice)
        time.sleep(0.1)


def suspend_worker(world: World, dice: random.Random) -> None:
    """Stop the worker that computes most with SIGSTOP, and let it go on later."""
    if busy := _by_load(world.workers()):
        _signal(busy[-1], signal.SIGSTOP)
        time.sleep(dice.uniform(2, 8))
        _signal(busy[-1], signal.SIGCONT)


def kill_program(world: World, dice: random.Random) -> None:
    """Kill the program that has the folder open too."""
    world.program.kill()


def fill_disk(world: World, dice: random.Random) -> None:
    """Fill the disk of the data folder for some seconds."""
    if world.disk is None:
        raise RuntimeError("there is no disk to fill")
    until = time.monotonic() + dice.uniform(2, 10)
    while time.monotonic() < until:
        world.disk.fill()
        time.sleep(0.2)
    world.disk.free()


def lock_store(world: World, dice: random.Random) -> None:
    """Hold the store's write lock for some seconds."""
    _hold_lock(world.server.folder, dice.uniform(2, 8))


def lock_store_long(world: World, dice: random.Random) -> None:
    """Hold the store's write lock for longer than writers wait."""
    _hold_lock(world.server.folder, LONG_LOCK)


def break_network(world: World, dice: random.Random) -> None:
    """Have the proxy break, delay or answer in the server's place, each for a second."""
    for _ in range(dice.randint(3, 8)):
        world.proxy.mode = dice.choice(MODES[1:])
        time.sleep(1)
    world.proxy.mode = "pass"


#: Faults of chaos by name, and how often each is chosen in proportion to the others.
WEIGHTS: Final[dict[str, tuple[Fault, int]]] = {
    "server killed": (kill_server, 4),
    "server terminated": (terminate_server, 2),
    "worker killed": (kill_one_worker, 2),
    "idle worker killed": (kill_idle_worker, 2),
    "all workers killed": (kill_all_workers, 2),
    "workers killed while starting": (kill_starting_workers, 2),
    "worker suspended": (suspend_worker, 2),
    "program killed": (kill_program, 2),
    "disk full": (fill_disk, 4),
    "store locked": (lock_store, 3),
    "store locked for 35 s": (lock_store_long, 1),
    "network broken": (break_network, 4),
}
#: Faults after which the server goes on, so that its memory can be followed.
MODERATE: Final = (
    "worker killed",
    "idle worker killed",
    "worker suspended",
    "program killed",
    "disk full",
    "store locked",
    "network broken",
)
#: A run whose worker dies twice fails, so that a run that kills its worker does not go on for
#: ever: no more than one of these is chosen for one round, and none during a second attempt.
KILLS_WORKERS: Final = frozenset(
    name for name in WEIGHTS if "worker" in name and "suspended" not in name
)


def choose(dice: random.Random, names: Sequence[str], count: int) -> list[str]:
    """Return different faults, of which at most one kills workers."""
    chosen: list[str] = []
    left = list(names)
    while left and len(chosen) < count:
        name = dice.choices(left, [WEIGHTS[each][1] for each in left])[0]
        chosen.append(name)
        kills = KILLS_WORKERS if name in KILLS_WORKERS else frozenset([name])
        left = [each for each in left if each not in kills]
    return chosen


def inject(world: World, name: str, dice: random.Random) -> None:
    """Let a fault happen; returns when it is healed."""
    world.counts[name] += 1
    WEIGHTS[name][0](world, dice)


def _hold_lock(folder: Path, seconds: float) -> None:
    """Hold the write lock as another process does; SQLite locks files, not connections."""
    with closing(sqlite3.connect(folder / DATABASE, timeout=60, isolation_level=None)) as store:
        try:
            store.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # the disk is full at the same time
            return
        time.sleep(seconds)
        store.execute("ROLLBACK")


def _by_load(workers: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Return workers in the order of the time they compute within 0.2 s."""
    before = [_seconds(each) for each in workers]
    time.sleep(0.2)
    spent = {each.pid: _seconds(each) - start for each, start in zip(workers, before, strict=True)}
    return sorted(workers, key=lambda each: spent[each.pid])


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:  # it ended first
        return


def _command(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)
