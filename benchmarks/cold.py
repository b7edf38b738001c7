"""The first result of a new program, on the embedded engine and in a plain PyBaMM script.

Each program is a new process that discharges a cell at 1C and reads time, voltage, current and
capacity; it is timed from its start to the line that it prints then. The programs take turns.
*first* has a new data folder and a new cache folder; *second* starts as soon as it has ended, on
the same folders. The imports of both are part of the times, but the pages of their files are in
memory, and their bytecode is written.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from measure import machine, spread, table

OURS = """
import sys
from ionworks import Ionworks

PROTOCOL = '''
global: {initial_soc: 1}
steps:
  - Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}
'''
with Ionworks.local(sys.argv[2]) as client:
    run = client.simulation.protocol(
        {
            "parameterized_model": f"{sys.argv[1].lower()}-chen2020",
            "protocol_experiment": {"protocol": PROTOCOL, "name": "discharge"},
        }
    )
    client.simulation.wait_for_completion(run, verbose=False)
    series = client.simulation.get_result(run).time_series
    capacity = series["Discharge capacity [A.h]"][-1]
    print(len(series["Voltage [V]"]), len(series["Current [A]"]), capacity, flush=True)
"""
PLAIN = """
import sys
import pybamm

simulation = pybamm.Simulation(
    getattr(pybamm.lithium_ion, sys.argv[1])(),
    parameter_values=pybamm.ParameterValues("Chen2020"),
    experiment=pybamm.Experiment(["Discharge at 1C until 2.5 V"], period="60 s"),
)
solution = simulation.solve(initial_soc=1)
names = ["Time [s]", "Voltage [V]", "Current [A]", "Discharge capacity [A.h]"]
time, voltage, current, capacity = [solution[name].entries for name in names]
print(len(voltage), len(current), capacity[-1], flush=True)
"""
#: Largest relative difference of the capacities that both find.
LARGEST = 1e-3


class Taken(NamedTuple):
    """Seconds until the result, those of CPU time until the end, and what was printed."""

    seconds: float
    cpu: float
    rows: int
    capacity: float


def run(program: str, model_name: str, folder: Path) -> Taken:
    """Run a program in a new process and wait for its end."""
    environment = os.environ | {
        "PYBAMM_DISABLE_TELEMETRY": "true",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    command = [sys.executable, "-c", program, model_name, str(folder / "data")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        line = process.stdout.readline()
        seconds = perf_counter() - began
    if process.returncode != 0 or not line:
        raise RuntimeError(f"the program ended with code {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rows, _, capacity = line.split()
    return Taken(seconds, cpu, int(rows), float(capacity))


def turn(model_name: str) -> dict[str, Taken]:
    """Run each program once."""
    with TemporaryDirectory(prefix="ionworks-benchmark-") as folder:
        first = run(OURS, model_name, Path(folder))
        second = run(OURS, model_name, Path(folder))
    with TemporaryDirectory(prefix="ionworks-benchmark-") as folder:
        plain = run(PLAIN, model_name, Path(folder))
    for ours in (first, second):
        far = abs(ours.capacity / plain.capacity - 1)
        if far > LARGEST or ours.rows != plain.rows:
            raise RuntimeError(f"the results differ: {ours} and {plain}")
    return {"first": first, "second": second, "plain": plain}


def rows(models: list[str], turns: int) -> Iterator[list[str]]:
    """Yield a table row for each model as soon as it is measured."""
    for model_name in models:
        turn(model_name)  # fills the page cache and writes the bytecode
        taken = [turn(model_name) for _ in range(turns)]
        seconds = {name: [each[name].seconds for each in taken] for name in taken[0]}
        ratios = {
            name: [each[name].seconds / each["plain"].seconds for each in taken]
            for name in ("first", "second")
        }
        cpu = [each["first"].cpu / each["plain"].cpu for each in taken]
        middle = median(seconds["first"]) / median(seconds["plain"])
        yield [
            model_name,
            *(spread(seconds[name], 2) for name in ("plain", "first", "second")),
            f"{middle:.2f}",
            *(spread(ratios[name], 2) for name in ("first", "second")),
            spread(cpu, 2),
        ]


def main() -> None:
    """Measure the chosen models and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", default=["SPM", "DFN"])
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    found = []
    for row in rows(arguments.models, arguments.turns):
        print("measured:", *row, flush=True)
        found.append(row)
    header = [
        "model",
        "plain script [s]",
        "first client [s]",
        "second client [s]",
        "median first / median plain",
        "first / plain",
        "second / plain",
        "first / plain, CPU",
    ]
    print(
        f"\nseconds to the first result; medians (ranges) of {arguments.turns} turns, "
        f"ratios of each turn; {machine()}\n"
    )
    print(table(header, found))


if __name__ == "__main__":
    main()
