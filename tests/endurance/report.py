"""Figures of a run: memory and descriptors while it goes on, a table and a file at its end."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psutil
from attrs import asdict, frozen

from tests.endurance.served_engine import ServedEngine, workers_of

#: Growth of the server that is allowed between the first and the last third of a run.
_ALLOWED: Final = {"server_mb": 30.0, "descriptors": 10.0, "threads": 6.0}
#: Part of a run at its start in which models and caches are built.
_WARM_UP: Final = 0.2
#: Samples below which medians say nothing.
_FEWEST: Final = 15


@frozen
class Sample:
    """What the processes of a server take at one moment; memory in MB."""

    seconds: float
    server_mb: float
    workers_mb: float
    largest_worker_mb: float
    descriptors: float
    threads: float


class Sampler:
    """Takes a sample of a server's processes at fixed intervals, in a thread.

    Parameters
    ----------
    server
        The server; while it is not running, no sample is taken.
    period
        Seconds between two samples.
    """

    def __init__(self, server: ServedEngine, period: float) -> None:
        self._server = server
        self._period = period
        self._began = time.monotonic()
        self._ended = threading.Event()
        self.samples: list[Sample] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._period):
            sample = self._take()
            if sample is not None:
                self.samples.append(sample)

    def _take(self) -> Sample | None:
        server = self._server.process()
        if server is None:
            return None
        try:
            with server.oneshot():
                memory, descriptors = server.memory_info().rss, server.num_fds()
                threads = server.num_threads()
        except psutil.NoSuchProcess:
            return None
        workers = [_memory(each) for each in workers_of(server)]
        return Sample(
            round(time.monotonic() - self._began, 1),
            memory / 1e6,
            sum(workers) / 1e6,
            max(workers, default=0) / 1e6,
            descriptors,
            threads,
        )


def growth(samples: Sequence[Sample]) -> list[str]:
    """Return what grew too much between the first and the last third of a run.

    Parameters
    ----------
    samples
        Of one server process; those of the start are left out.
    """
    warm = samples[int(_WARM_UP * len(samples)) :]
    if len(warm) < _FEWEST:
        return []
    third = len(warm) // 3
    found = []
    for name, allowed in _ALLOWED.items():
        values = [float(getattr(each, name)) for each in warm]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        if last - first > allowed:
            found.append(f"{name} grew from {first:.0f} to {last:.0f}")
    return found


def peaks(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the largest values of all samples."""
    names = ("server_mb", "workers_mb", "largest_worker_mb", "descriptors", "threads")
    return {
        f"peak {name.replace('_', ' ')}": round(
            max((float(getattr(each, name)) for each in samples), default=0.0), 1
        )
        for name in names
    }


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(figures: Mapping[str, Any]) -> str:
    """Return figures as lines of text."""
    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())


def write(
    path: Path, figures: Mapping[str, Any], findings: Sequence[str], samples: Sequence[Sample]
) -> None:
    """Write figures, findings and samples as JSON."""
    content = {
        "figures": dict(figures),
        "findings": list(findings),
        "samples": [asdict(each) for each in samples],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
