"""A sweep on a Dask cluster of this machine, beside the same sweep in worker processes.

Both engines have as many worker processes as there are cores. The times run from the submission to
the end of the last run, with the model built before, so that they show what the way of the chunks
through the scheduler, and of the results back, costs. In each round the two take turns, and ratios
are those of one round.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from distributed import Client

from ionworks import Ionworks
from measure import machine, spread, table

THICKNESS = "Positive electrode thickness [m]"
PROTOCOL = ["Discharge at 1C until 3.0 V", "Rest for 10 minutes", "Charge at 0.5C until 4.0 V"]


@contextmanager
def dask_cluster(folder: Path, threads: int) -> Iterator[str]:
    """Start a scheduler and a worker; yields the address."""
    file = folder / "scheduler.json"
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    scheduler += ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(scheduler, **quiet) as first:
        client = Client(scheduler_file=str(file), timeout=120)
        address = client.scheduler.address
        worker = [sys.executable, "-m", "ionworks", "worker", address, "--threads", str(threads)]
        worker += ["--local-directory", str(folder)]
        with subprocess.Popen(worker, **quiet) as second:
            client.wait_for_workers(1, timeout=120)
            client.close()
            try:
                yield address
            finally:
                second.terminate()
                second.wait()
                first.terminate()


def sweep(client: Ionworks, model: str, runs: int, offset: float) -> float:
    """Run a sweep with values that no other has, and return its seconds."""
    row = {"type": "range", "name": THICKNESS, "min": 6e-5 + offset, "max": 8e-5 + offset}
    doe = {"sampling": "grid", "rows": [{**row, "count": runs}]}
    config = {"parameterized_model": model, "protocol_experiment": PROTOCOL}
    started = perf_counter()
    client.simulation.protocol_batch({**config, "design_parameters_doe": doe}).wait(
        timeout=3600, poll_interval=0.2, verbose=False
    )
    return perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="runs of a sweep of SPM")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["IONWORKS_COMPILE"] = "never"
    threads = os.cpu_count() or 1
    rows = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (
            dask_cluster(folder, threads) as address,
            Ionworks.local(folder / "here") as here,
            Ionworks.local(folder / "there", cluster=address) as there,
        ):
            for model, runs in (
                ("SPM Chen2020", options.runs),
                ("DFN Chen2020", options.runs // 10),
            ):
                for client in (here, there):
                    sweep(client, model, 10 * threads, 0.0)
                times = []
                for number in range(1, options.rounds + 1):
                    shift = number * 1e-8
                    pair = [sweep(here, model, runs, shift), sweep(there, model, runs, shift)]
                    times.append(pair)
                ratios = [there_time / here_time for here_time, there_time in times]
                columns = list(zip(*times, strict=True))
                rows.append(
                    [f"{runs} runs, {model}", spread(columns[0], 2), spread(columns[1], 2),
                     f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"]
                )  # fmt: skip
    print(f"{machine()}, {threads} worker processes\n")
    print(table(["sweep", "worker processes [s]", "Dask cluster [s]", "ratio"], rows))


if __name__ == "__main__":
    main()
