"""A batch of a hundred thousand runs on the embedded engine, beside batches of a thousand.

SPM runs of a 1C discharge with swept thickness, with the engine in this process and served by
another one. The memory is the largest resident memory of a phase beyond that at the start, which
is after a first small batch. The disk is what files and folders take in whole blocks. At the end
the large batch is submitted once more, which need not compute anything.

Peaks of the memory are read from `/proc`, so this benchmark runs on Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import psutil

from ionworks import Ionworks
from ionworks.errors import WaitTimeoutError
from measure import cpu_seconds, family, machine, table
from served import KEY, serve

THICKNESS = "Positive electrode thickness [m]"
PROTOCOL = """
global: {initial_soc: 1}
steps:
  - Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}
"""
DATABASE = "ionworks.sqlite"
MODES = ("in process", "served")
#: Runs of the batch at the start, of those to compare with, and how many of these there are.
FIRST, SMALL, REPEATS = 200, 1000, 3
#: How much the thicknesses of the large batch differ from those of the first one.
SHIFT = 1e-4
#: How often a look, a poll and a list are repeated.
LOOKS = 5


# ---------------------------------------------------------------- memory and disk
class Peak:
    """The largest resident memory of a process since a moment.

    Parameters
    ----------
    process
        A process of this user.
    """

    def __init__(self, process: psutil.Process) -> None:
        self._folder = Path("/proc", str(process.pid))
        self._start = process.memory_info().rss / 1e6
        self.reset()

    def reset(self) -> None:
        """Begin anew; the start stays that of the construction."""
        # 5 sets the peak to the present resident memory, see proc(5).
        (self._folder / "clear_refs").write_text("5")

    def megabytes(self) -> float:
        """Return the peak [MB] beyond the memory at the start."""
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6 - self._start
        raise RuntimeError(f"{self._folder} has no VmHWM")


class Space(NamedTuple):
    """Bytes of an engine: blocks of files and folders, content of files, and the database."""

    disk: int
    files: int
    database: int


def space(folder: Path) -> Space:
    """Return what the files of an engine take."""
    # The write-ahead log is a buffer whose size says nothing about what is stored.
    paths = [path for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))]
    disk = sum(path.stat().st_blocks * 512 for path in paths)
    content = sum(path.stat().st_size for path in paths if path.is_file())
    uri = f"{(folder / DATABASE).as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as store:
        pages, free, size = (
            store.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return Space(disk, content, (pages - free) * size)


# ---------------------------------------------------------------- one engine
class Engine:
    """A client, and the process of the server it talks to."""

    def __init__(self, client: Ionworks, folder: Path, server: psutil.Process) -> None:
        self.client = client
        self.folder = folder
        self.server = server
        #: The processes of client and server, by name.
        self.processes = {"client": psutil.Process(), "server": server}
        if server.pid == self.processes["client"].pid:
            self.processes = {"client and server": server}
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        self._model_id = models["SPM Chen2020"]

    def submit(self, runs: int, shift: float) -> Any:
        """Submit a batch; another shift gives other thicknesses."""
        thinnest = 50e-6 * (1 + shift)
        row = {"type": "range", "name": THICKNESS, "min": thinnest, "max": 2 * thinnest}
        return self.client.simulation.protocol_batch(
            {
                "parameterized_model": self._model_id,
                "protocol_experiment": {"protocol": PROTOCOL, "name": "scale"},
                "design_parameters_doe": {"sampling": "grid", "rows": [row | {"count": runs}]},
            }
        )

    def wait(self, submitted: Any) -> None:
        """Wait for a batch."""
        self.client.simulation.wait_for_completion(submitted, timeout=None, verbose=False)

    def read(self, submitted: Any) -> None:
        """Read all results one after the other, and keep none."""
        count = 0
        for result in self.client.simulation.get_results(submitted):
            if not result.time_series["Voltage [V]"].sum() > 0 or not len(result.steps):
                raise RuntimeError("a result is empty")
            count += 1
        if count != len(submitted):
            raise RuntimeError(f"{len(submitted)} runs were submitted, but {count} results read")

    def look(self, submitted: Any) -> None:
        """Ask for the statuses of a batch."""
        found = self.client.simulation.get_statuses(submitted)
        if len(found) != len(submitted):
            raise RuntimeError(f"{len(submitted)} runs were submitted, {len(found)} statuses read")

    def poll(self, submitted: Any) -> None:
        """Look at a batch as a wait does, once."""
        with contextlib.suppress(WaitTimeoutError):
            self.client.simulation.wait_for_completion(submitted, timeout=0, verbose=False)

    def list_page(self, offset: int) -> None:
        """List a hundred simulations."""
        if len(self.client.simulation.list(limit=100, offset=offset)) != 100:
            raise RuntimeError("the list has no hundred simulations")

    def cpu(self) -> dict[str, float]:
        """Return the CPU time [s] of the client, the server and the workers."""
        own = {name: cpu_seconds([each]) for name, each in self.processes.items()}
        return own | {"workers": cpu_seconds(family(self.server)[1:])}


@contextlib.contextmanager
def engine(mode: str) -> Iterator[Engine]:
    """Start an engine on a temporary folder."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="ionworks-benchmark-"))
        if mode == "in process":
            client = stack.enter_context(Ionworks.local(folder))
            server = psutil.Process()
        else:
            url, server = stack.enter_context(serve(folder))
            options = {"api_url": url, "api_key": KEY, "project_id": "default"}
            client = stack.enter_context(Ionworks(**options))
        yield Engine(client, Path(folder), server)


def seconds(action: Callable[..., Any], *arguments: Any) -> float:
    """Return the time of one call [s]."""
    began = perf_counter()
    action(*arguments)
    return perf_counter() - began


def milliseconds(action: Callable[..., Any], *arguments: Any) -> float:
    """Return the median of some calls [ms]."""
    return median(seconds(action, *arguments) for _ in range(LOOKS)) * 1e3


def whole(tested: Engine, runs: int, shift: float) -> float:
    """Submit a batch, wait for it and read it; return the time [ms a run]."""
    began = perf_counter()
    submitted = tested.submit(runs, shift)
    tested.wait(submitted)
    tested.read(submitted)
    return (perf_counter() - began) / runs * 1e3


# ---------------------------------------------------------------- the figures
class Figures:
    """Figures of one engine as text, by name, and the memory that each phase takes."""

    def __init__(self, mode: str, tested: Engine) -> None:
        self.found: dict[str, str] = {}
        self._mode = mode
        self._tested = tested
        self._peaks = {name: Peak(process) for name, process in tested.processes.items()}
        self._largest = dict.fromkeys(tested.processes, 0.0)
        self._cpu = tested.cpu()

    def add(self, name: str, value: str) -> None:
        """Keep a figure, and print it because the next ones may take long."""
        self.found[name] = value
        print(f"{self._mode}: {name}: {value}", flush=True)

    def add_peaks(self, phase: str) -> None:
        """Keep the peaks of the memory since the last phase."""
        taken = {name: peak.megabytes() for name, peak in self._peaks.items()}
        for name, peak in self._peaks.items():
            self._largest[name] = max(self._largest[name], taken[name])
            peak.reset()
        self.add(f"memory: {phase} [MB]", _by_name(taken))

    def add_cpu(self, phase: str, runs: int) -> None:
        """Keep the CPU time a run since the last of these figures."""
        before, self._cpu = self._cpu, self._tested.cpu()
        taken = {name: (self._cpu[name] - before[name]) / runs * 1e3 for name in before}
        self.add(f"CPU: {phase} [ms a run]", _by_name(taken, 2))

    def add_largest(self) -> None:
        """Keep the largest peaks of all phases."""
        self.add("memory: largest of all phases [MB]", _by_name(self._largest))


def _by_name(values: dict[str, float], digits: int = 0) -> str:
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in values.items())


def measure(mode: str, runs: int) -> dict[str, str]:
    """Measure one engine; returns the figures as text, by name."""
    with engine(mode) as tested:
        whole(tested, FIRST, 0.0)
        gc.collect()
        figures = Figures(mode, tested)
        small = median(whole(tested, SMALL, 1e-3 * (1 + repeat)) for repeat in range(REPEATS))
        figures.add(f"{SMALL:,} runs: whole [ms a run]", f"{small:.2f}")
        figures.add_cpu(f"batches of {SMALL:,}", REPEATS * SMALL)
        figures.add_peaks(f"batches of {SMALL:,}")
        _measure_large(tested, figures, runs, small)
        again = whole(tested, runs, SHIFT)
        figures.add("the same again: whole [ms a run]", f"{again:.2f}")
        figures.add_cpu("the same again", runs)
        figures.add_peaks("the same again")
        figures.add_largest()
        return figures.found


def _measure_large(tested: Engine, figures: Figures, runs: int, small: float) -> None:
    """Measure the large batch; `small` is the time of the smaller ones [ms a run]."""
    small_page = milliseconds(tested.list_page, 0)
    before = space(tested.folder)
    began = perf_counter()
    submitted = tested.submit(runs, SHIFT)
    figures.add("submission [s]", f"{perf_counter() - began:.2f}")
    figures.add_peaks("submission")
    figures.add("status look, queued [ms]", f"{milliseconds(tested.look, submitted):.1f}")
    figures.add("poll of a wait, queued [ms]", f"{milliseconds(tested.poll, submitted):.1f}")
    figures.add_peaks("looks")
    tested.wait(submitted)
    ended = perf_counter()
    figures.add_peaks("wait")
    tested.read(submitted)
    done = perf_counter()
    figures.add_peaks("reading")
    figures.add_cpu(f"batch of {runs:,}", runs)
    large = (done - began) / runs * 1e3
    figures.add(f"{runs:,} runs: whole [ms a run]", f"{large:.2f}")
    figures.add("of it reading [ms a run]", f"{(done - ended) / runs * 1e3:.2f}")
    figures.add(f"a run of {runs:,} / of {SMALL:,}", f"{large / small:.2f}")
    figures.add("status look, ended [ms]", f"{milliseconds(tested.look, submitted):.1f}")
    after = space(tested.folder)
    disk, files, database = (
        (new - old) / runs / 1e3 for new, old in zip(after, before, strict=True)
    )
    figures.add("disk, in blocks [kB a run]", f"{disk:.2f}")
    figures.add("files [kB a run]", f"{files:.2f}")
    figures.add("of it database [kB a run]", f"{database:.3f}")
    figures.add(f"list, before the {runs:,} [ms]", f"{small_page:.1f}")
    figures.add("list, first page [ms]", f"{milliseconds(tested.list_page, 0):.1f}")
    middle = milliseconds(tested.list_page, runs // 2)
    figures.add("list, page in the middle [ms]", f"{middle:.1f}")
    figures.add_cpu("looks and lists", runs)


def main() -> None:
    """Measure the chosen engines and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        parser.error("peaks of the memory are read from /proc, which only Linux has")
    figures = {}
    for mode in arguments.modes:
        # A new process each, so that memory of one engine is not used again by the next.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            figures[mode] = pool.submit(measure, mode, arguments.runs).result()
    names = dict.fromkeys(name for each in figures.values() for name in each)
    rows = [[name, *(each.get(name, "") for each in figures.values())] for name in names]
    print(f"\nSPM, a discharge at 1C with swept thickness; {machine()}\n")
    print(table(["", *figures], rows))


if __name__ == "__main__":
    main()
