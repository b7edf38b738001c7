"""A sweep on the embedded engine, compared with PyBaMM alone.

PyBaMM users write a loop over `pybamm.Simulation`, or a `pybamm.BatchStudy`. *integrator* is the
best that they can write for one kind of sweep, see `bare`: PyBaMM's integrator alone, on a model
that is built already, in as many processes as the engine has workers.

The engine's times run from `protocol_batch` to the last result read, so they include queueing,
solving, writing parquet, waiting and reading. *cold* is the first batch of a new client: it also
starts the worker processes, imports PyBaMM in them and builds the model. *second* is the next one,
with other values, and *warm* are batches after the engine has compiled the model in the background
(if there is a compiler). *again* is a warm batch submitted a second time, whose results are there.
The baselines read their outputs too, but store nothing, and their times do not include the import
of PyBaMM. In each round all take turns, and ratios are those of one round.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from bare import Processes
from baselines import LOWER_VOLTAGE, PARAMETER_SET, Point, batch_study, naive_loop, voltages
from ionworks import Ionworks
from measure import command, cpu_seconds, family, machine, spread, table

THICKNESS = "Positive electrode thickness [m]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
#: Largest RMS difference [mV] of curves of the engine and of the integrator alone.
LARGEST = 0.5
#: Longest time of the batches before the rounds, in which the engine compiles the model [s].
WARM_UP = 90.0
PROTOCOL = f"""
global:
  initial_soc: 1
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: {LOWER_VOLTAGE}
"""


class Round(NamedTuple):
    """Times per simulation of one round [ms]: wall time, unless it is called CPU time."""

    naive: float
    batch_study: float
    #: From the submission to the last result read, and the part of it that reads.
    ours: float
    reading: float
    #: CPU time of this process, which runs the server too, and of its workers.
    ours_cpu: float
    #: The same batch again, from the submission to the last result read.
    again: float
    bare: float
    bare_cpu: float
    #: The integrator alone with functions that PyBaMM compiles; None without a compiler.
    compiled: float | None


class Figures(NamedTuple):
    """What was measured of one sweep."""

    #: Times per simulation of the first batch of a new client and of the next one [ms].
    cold: float
    second: float
    rounds: list[Round]
    #: Largest RMS difference of some voltage curves to those of plain PyBaMM [mV].
    difference: float

    def of(self, name: str) -> list[float]:
        """Return a time of all rounds."""
        return [getattr(each, name) for each in self.rounds]

    def ratios(self, name: str, other: str) -> list[float]:
        """Return the ratios of two times, each within its round."""
        return [getattr(each, name) / getattr(each, other) for each in self.rounds]


def points(sweep: str, count: int, shift: float) -> list[Point]:
    """Return `count` points of a sweep; another `shift` gives other values in the same range."""
    if sweep == "thickness":
        values = np.linspace(50e-6, 100e-6, count) * (1 + shift)
        return [Point(1.0, {THICKNESS: float(each)}) for each in values]
    if sweep == "C-rate":
        values = np.linspace(0.5, 2.0, count) * (1 + shift)
        return [Point(float(each), {}) for each in values]
    values = np.geomspace(1e-14, 1e-13, count) * (1 + shift)
    return [Point(1.0, {DIFFUSIVITY: float(each)}) for each in values]


def through_the_client(
    client: Ionworks, model_id: str, sweep: str, batch: Sequence[Point]
) -> tuple[float, float, list[Any]]:
    """Submit a batch, wait for it and read its results.

    Returns
    -------
    tuple
        The whole time [s], that of reading [s], and the results in the order of `batch`.
    """
    config: dict[str, Any] = {
        "parameterized_model": model_id,
        "protocol_experiment": {"protocol": PROTOCOL, "name": f"{sweep} sweep"},
    }
    if sweep == "C-rate":
        config["conditions"] = [
            {"experiment_parameters": {"C-rate": each.c_rate}, "design_parameters": {}}
            for each in batch
        ]
    else:
        name = next(iter(batch[0].overrides))
        values = [each.overrides[name] for each in batch]
        config["experiment_parameters"] = {"C-rate": 1.0}
        config["design_parameters_doe"] = {
            "sampling": "grid",
            "rows": [{"type": "discrete", "name": name, "values": values}],
        }
    began = perf_counter()
    submitted = client.simulation.protocol_batch(config)
    client.simulation.wait_for_completion(submitted, timeout=3600, verbose=False)
    solved = perf_counter()
    results = []
    for result in client.simulation.get_results(submitted):
        touch(result)
        results.append(result)
    ended = perf_counter()
    if len(results) != len(batch):
        message = f"{len(batch)} points were submitted, but {len(results)} results were read"
        raise RuntimeError(message)
    return ended - began, ended - solved, results


def touch(result: Any) -> None:
    """Use each part of a result, which may be read only when it is asked for."""
    if not result.time_series["Voltage [V]"].sum() > 0 or not len(result.steps):
        raise RuntimeError("a result is empty")
    if not len(result.metrics):
        raise RuntimeError("a result has no metrics")


def rms_difference(model_name: str, point: Point, result: Any) -> float:
    """Return the RMS difference [mV] between a voltage curve and that of PyBaMM alone."""
    series = result.time_series
    seconds = series["Time [s]"].to_numpy()[:-1]
    return rms(series["Voltage [V]"].to_numpy(), [*voltages(model_name, point, seconds), 0.0])


def rms(ours: Any, theirs: Any) -> float:
    """Return the RMS difference of two curves [mV] without their last points.

    The last point is the end of the step, which each finds within its own tolerance.
    """
    if len(ours) != len(theirs):
        message = f"a curve has {len(ours)} points, and the one to compare it with {len(theirs)}"
        raise RuntimeError(message)
    difference = np.asarray(ours)[:-1] - np.asarray(theirs)[:-1]
    return float(np.sqrt(np.mean(difference**2)) * 1e3)


def warm_up(client: Ionworks, model_id: str, sweep: str, count: int) -> float:
    """Run batches until the engine has compiled the model, if it does within `WARM_UP` seconds.

    Returns
    -------
    float
        The time of the first of these batches [s].
    """
    times: list[float] = []
    has_begun = False
    began = perf_counter()
    while perf_counter() - began < WARM_UP:
        batch = points(sweep, count, -1e-4 * (len(times) + 1))
        times.append(through_the_client(client, model_id, sweep, batch)[0])
        is_compiling = any("machine_code" in " ".join(command(each)) for each in family())
        if has_begun and not is_compiling:
            break
        has_begun |= is_compiling
    return times[0]


def measure(model_name: str, sweep: str, arguments: argparse.Namespace) -> Figures:
    """Measure one model and one sweep: engine, baselines and integrator in turns."""
    count = arguments.points
    first = points(sweep, count, 0.0)
    baseline = points(sweep, count if arguments.all else arguments.baseline_points, 0.0)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="ionworks-benchmark-"))
        # Models that were compiled earlier, by this user's programs, are not used.
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        client = stack.enter_context(Ionworks.local(Path(folder, "engine")))
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        model_id = models[f"{model_name} {PARAMETER_SET}"]
        cold, _, results = through_the_client(client, model_id, sweep, first)
        bare = stack.enter_context(Processes(model_name, first, arguments.processes))
        for result, theirs in zip(results, bare.voltages, strict=True):
            if (far := rms(result.time_series["Voltage [V]"].to_numpy(), theirs)) > LARGEST:
                raise RuntimeError(f"the integrator alone solves something else: {far:.2f} mV")
        compiled = None
        if arguments.compiled:
            processes = Processes(model_name, first, arguments.processes, compiled=True)
            compiled = stack.enter_context(processes)
        chosen = [0, count // 2, count - 1]
        difference = max(rms_difference(model_name, first[each], results[each]) for each in chosen)
        del results
        second = warm_up(client, model_id, sweep, count)
        rounds = []
        for number in range(arguments.repeats):
            # Other values each time: a run that is stored already may not be computed again.
            batch = points(sweep, count, 1e-4 * (number + 1))
            cpu = cpu_seconds(family())
            whole, reading, _ = through_the_client(client, model_id, sweep, batch)
            cpu = cpu_seconds(family()) - cpu
            again, _, _ = through_the_client(client, model_id, sweep, batch)
            alone = bare.solve()
            rounds.append(
                Round(
                    naive=naive_loop(model_name, baseline) / len(baseline) * 1e3,
                    batch_study=batch_study(model_name, baseline) / len(baseline) * 1e3,
                    ours=whole / count * 1e3,
                    reading=reading / count * 1e3,
                    ours_cpu=cpu / count * 1e3,
                    again=again / count * 1e3,
                    bare=alone.wall / count * 1e3,
                    bare_cpu=alone.cpu / count * 1e3,
                    compiled=None if compiled is None else compiled.solve().wall / count * 1e3,
                )
            )
    return Figures(cold / count * 1e3, second / count * 1e3, rounds, difference)


def rows(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Yield a table row for each model and sweep as soon as it is measured."""
    for model_name in arguments.models:
        for sweep in arguments.sweeps:
            taken = measure(model_name, sweep, arguments)
            row = [
                f"{model_name} {sweep}",
                f"{median(taken.of('naive')):.0f}",
                f"{median(taken.of('batch_study')):.0f}",
                f"{taken.cold:.1f}",
                f"{taken.second:.1f}",
                spread(taken.of("ours"), 2),
                f"{median(taken.of('again')):.2f}",
                spread(taken.of("bare"), 2),
                *([spread(taken.of("compiled"), 2)] if arguments.compiled else []),
                f"x{spread(taken.ratios('naive', 'ours'), 0)}",
                f"x{spread(taken.ratios('batch_study', 'ours'), 0)}",
                spread(taken.ratios("ours", "bare"), 2),
                *([spread(taken.ratios("ours", "compiled"), 2)] if arguments.compiled else []),
                spread(taken.ratios("ours_cpu", "bare_cpu"), 2),
                f"{median(taken.ratios('bare', 'ours')):.0%}",
                f"{median(taken.ratios('reading', 'ours')):.0%}",
                f"{taken.difference:.3f}",
            ]
            print("measured:", *row, flush=True)
            yield row


def main() -> None:
    """Measure the chosen sweeps and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", default=["SPM", "SPMe", "DFN"])
    parser.add_argument("--sweeps", nargs="+", default=["thickness", "diffusivity", "C-rate"])
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--baseline-points", type=int, default=10, help="points of the baselines")
    parser.add_argument("--all", action="store_true", help="run the baselines on every point")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument(
        "--compiled",
        action=argparse.BooleanOptionalAction,
        default=shutil.which("cc") is not None,
        help="whether to time the integrator also with functions that PyBaMM compiles with cc "
        "(%(default)s)",
    )
    parser.add_argument(
        "--processes", type=int, default=2, help="workers, and processes of the integrator alone"
    )
    arguments = parser.parse_args()
    # The engine starts as many workers as loky counts cores.
    os.environ["LOKY_MAX_CPU_COUNT"] = str(arguments.processes)

    header = [
        "sweep",
        "naive loop [ms]",
        "BatchStudy [ms]",
        "cold [ms]",
        "second [ms]",
        "warm [ms]",
        "again [ms]",
        "integrator [ms]",
        *(["compiled integrator [ms]"] if arguments.compiled else []),
        "naive / warm",
        "BatchStudy / warm",
        "warm / integrator",
        *(["warm / compiled integrator"] if arguments.compiled else []),
        "warm / integrator, CPU",
        "share of the integrator",
        "share of reading",
        "RMS difference [mV]",
    ]
    found = list(rows(arguments))
    loops = "all of them" if arguments.all else f"{arguments.baseline_points} of them"
    print(
        f"\n{arguments.points} points (naive loop and BatchStudy: {loops}), milliseconds per "
        f"simulation, results stored and read back; medians (ranges) of {arguments.repeats} "
        f"rounds; {machine()}\n"
    )
    print(table(header, found))


if __name__ == "__main__":
    main()
