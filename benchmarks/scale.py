"""Where a large sweep on many workers is bound: a simulation of the queue with measured times.

Nobody has a thousand workers at hand to find out. Submission, dispatcher, database, scheduler,
workers and object store are resources of a discrete-event simulation (SimPy), whose times were
measured one by one on two cores; `docs/cluster.md` says where they come from. A sweep is bound by
what is busy nearly all of the time.

`--plot FILE` draws time and use of 10^6 and 10^7 runs of an SPM (3 ms) and of a DFN (30 ms).
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import simpy

from ionworks.doe import LARGEST_DESIGN
from ionworks.server.jobs.batching import LARGEST_UNKNOWN, chunk_sizes
from measure import table

#: Seconds of one run, by model.
MODELS = {"SPM": 3e-3, "DFN": 30e-3}
RUNS = (10**6, 10**7)
WORKERS = (10, 30, 100, 300, 1000)
#: A resource that is busy for at least this share of the time is what binds.
IS_BOUND = 0.9


class Costs(NamedTuple):
    """Measured times [s] and sizes [bytes]."""

    #: Web process: a run of a submission; a look at the statuses of a submission.
    submission: float = 15e-6
    look: float = 10e-3
    #: Dispatcher: its processor time for a chunk (claim, payload, outcome) and for each of its
    #: runs, and for looking whether the runs of a worker are still wanted.
    chunk: float = 18e-3
    run: float = 23e-6
    watch: float = 1.6e-3
    #: Database (PostgreSQL): claim and end of a chunk.
    claim: float = 0.6e-3
    end: float = 1.5e-3
    #: Scheduler of Dask: a chunk, there and back.
    schedule: float = 5e-3
    #: Object store: latency of the two objects of a pack, size of a run, bytes per second.
    put: float = 20e-3
    size: float = 1.4e3
    bandwidth: float = 125e6


#: Seconds between two looks of a client at a submission, and number of clients.
POLL, CLIENTS = 2.0, 5
#: How often a second it is asked whether the runs of a worker are still wanted.
LOOKS = 4
#: What handles one thing after the other; the object store handles any number at once.
IN_TURN = ("web", "dispatcher", "database", "scheduler", "network")


class Outcome(NamedTuple):
    """Time of a sweep [s], and the share of it in which each resource was busy."""

    time: float
    busy: dict[str, float]

    @property
    def bound(self) -> str:
        """What binds: the busiest resource, or the end of the sweep, when some workers wait."""
        name = max(self.busy, key=lambda each: self.busy[each])
        return name if self.busy[name] >= IS_BOUND else f"{name} {self.busy[name]:.0%}"


class Sweep:
    """One sweep on a cluster.

    Parameters
    ----------
    runs
        How many.
    seconds
        Of one run.
    workers
        How many.
    costs
        Of all else.
    sizes
        Returns the smallest and the largest chunk, see `chunk_sizes`.
    """

    def __init__(
        self,
        runs: int,
        seconds: float,
        workers: int,
        costs: Costs = Costs(),  # noqa: B008 it is immutable
        sizes: Callable[[float, int], tuple[int, int]] = chunk_sizes,
    ) -> None:
        self._world = simpy.Environment()
        self._runs, self._seconds, self._workers, self._costs = runs, seconds, workers, costs
        self._least, self._most = sizes(seconds, workers)
        #: When each has done all that it was given.
        self._free = dict.fromkeys(IN_TURN, 0.0)
        self._busy: defaultdict[str, float] = defaultdict(float)
        #: Runs that were submitted and not taken, those that ended, and chunks left of a round.
        self._waiting = self._ended = self._left = self._size = 0
        self._working = 0
        self._news = self._world.event()
        self._done = self._world.event()
        self._pace_is_known = False

    def outcome(self) -> Outcome:
        """Run the sweep."""
        world = self._world
        world.process(self._submit())
        world.process(self._watch())
        for _ in range(self._workers):
            world.process(self._work())
        world.run(self._done)
        time = world.now
        # What was given and not done, such as a last look of a client, does not count.
        busy = {name: min(self._busy[name] / time, 1.0) for name in IN_TURN}
        return Outcome(time, {"workers": self._busy["workers"] / time / self._workers, **busy})

    def _use(self, name: str, seconds: float) -> simpy.Timeout:
        """Wait for a turn and for its end: one event, where `simpy.Resource` takes three."""
        now = self._world.now
        self._free[name] = max(self._free[name], now) + seconds
        self._busy[name] += seconds
        return self._world.timeout(self._free[name] - now)

    def _submit(self) -> Generator[Any, Any, None]:
        left = self._runs
        while left:
            part = min(left, LARGEST_DESIGN)
            yield self._use("web", part * self._costs.submission)
            left -= part
            self._waiting += part
            self._tell()

    def _watch(self) -> Generator[Any, Any, None]:
        while True:
            yield self._world.timeout(POLL)
            self._use("web", CLIENTS * self._costs.look)
            yield self._use("dispatcher", self._working * LOOKS * POLL * self._costs.watch)

    def _work(self) -> Generator[Any, Any, None]:
        costs = self._costs
        while self._ended < self._runs:
            if not self._waiting:
                yield self._news
                continue
            size = self._take()
            # A claim is followed by the payload, the outcome by the end: half of the time each.
            in_dispatcher = (costs.chunk + size * costs.run) / 2
            yield self._use("dispatcher", in_dispatcher)
            yield self._use("database", costs.claim)
            yield self._use("scheduler", costs.schedule / 2)
            with self._at_work():
                yield self._world.timeout(size * self._seconds)
                yield self._use("network", size * costs.size / costs.bandwidth)
                yield self._world.timeout(costs.put)
            self._busy["workers"] += size * self._seconds
            self._pace_is_known = True
            yield self._use("scheduler", costs.schedule / 2)
            yield self._use("dispatcher", in_dispatcher)
            yield self._use("database", costs.end)
            self._ended += size
            if self._ended == self._runs:
                self._done.succeed()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._working += 1
        yield
        self._working -= 1

    def _take(self) -> int:
        """Return the size of the next chunk, in rounds as `batching` makes them."""
        if not self._pace_is_known:
            self._left, self._size = 1, LARGEST_UNKNOWN
        elif not self._left:
            self._left = self._workers
            self._size = math.ceil(self._waiting / (2 * self._workers))
            if self._size < self._least:  # the last round
                self._left = min(self._workers, math.ceil(self._waiting / self._least))
                self._size = math.ceil(self._waiting / self._left)
            self._size = min(self._size, self._most)
        self._left -= 1
        size = min(self._size, self._waiting)
        self._waiting -= size
        return size

    def _tell(self) -> None:
        news, self._news = self._news, self._world.event()
        news.succeed()


def measure(
    sizes: Callable[[float, int], tuple[int, int]] = chunk_sizes,
) -> dict[tuple[str, int, int], Outcome]:
    """Run all sweeps; returns them by model, number of runs and of workers."""
    return {
        (model, runs, workers): Sweep(runs, seconds, workers, sizes=sizes).outcome()
        for model, seconds in MODELS.items()
        for runs in RUNS
        for workers in WORKERS
    }


def sizes_of_few(pace: float, _workers: int) -> tuple[int, int]:
    """Return the sizes of chunks that few workers get."""
    return chunk_sizes(pace, 1)


def report(found: dict[tuple[str, int, int], Outcome]) -> str:
    """Return sweeps as a table."""
    names = ("dispatcher", "database", "scheduler", "network", "web")
    rows = []
    for (model, runs, workers), outcome in found.items():
        ideal = runs * MODELS[model] / workers
        rows.append(
            [
                model,
                f"10^{round(math.log10(runs))}",
                f"{workers:,}",
                duration(outcome.time),
                f"{ideal / outcome.time:.0%}",
                outcome.bound,
                *(f"{outcome.busy[name]:.0%}" for name in names),
            ]
        )
    return table(["model", "runs", "workers", "time", "solving", "bound by", *names], rows)


def duration(seconds: float) -> str:
    """Return a time in a unit that suits it."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def plot(found: dict[tuple[str, int, int], Outcome], path: Path) -> None:
    """Draw the times above, and below how busy what binds is, over the number of workers."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, len(MODELS), figsize=(9, 6.5), sharex=True, sharey="row")
    shown = {"workers": "o-", "dispatcher": "s--", "scheduler": "^:", "database": "v-."}
    for column, model in enumerate(MODELS):
        above, below = axes[0][column], axes[1][column]
        for runs, mark in zip(RUNS, ("o-", "s-"), strict=True):
            label = f"$10^{{{round(math.log10(runs))}}}$ runs"
            times = [found[model, runs, workers].time / 60 for workers in WORKERS]
            [line] = above.loglog(WORKERS, times, mark, label=label)
            ideal = [runs * MODELS[model] / workers / 60 for workers in WORKERS]
            above.loglog(WORKERS, ideal, ":", color=line.get_color(), label="solving alone")
        for name, mark in shown.items():
            busy = [100 * found[model, RUNS[-1], workers].busy[name] for workers in WORKERS]
            below.semilogx(WORKERS, busy, mark, label=name)
        above.set_title(f"{model}, {MODELS[model] * 1e3:.0f} ms a run")
        below.set_xlabel("workers")
        below.set_xticks(WORKERS, [f"{each:,}" for each in WORKERS])
        below.set_xticks([], minor=True)
        for axis in (above, below):
            axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("time [min]")
    axes[1][0].set_ylabel(f"busy, $10^{{{round(math.log10(RUNS[-1]))}}}$ runs [%]")
    axes[0][0].legend(fontsize=8)
    axes[1][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run the sweeps, print a table and draw a plot."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plot", type=Path, help="file for a plot, such as scale.png")
    parser.add_argument("--small", action="store_true", help="with the chunks of few workers")
    options = parser.parse_args()
    found = measure(sizes_of_few if options.small else chunk_sizes)
    print(report(found))
    if options.plot is not None:
        plot(found, options.plot)


if __name__ == "__main__":
    main()
