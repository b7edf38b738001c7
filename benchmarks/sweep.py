"""A sweep on the embedded engine, compared with PyBaMM alone.

PyBaMM users write a loop over `pybamm.Simulation`, or a `pybamm.BatchStudy`.

The engine's times run from `protocol_batch` to the last result read back, so they include
queueing, solving, writing parquet, waiting and reading. *cold* is the first batch of a new client:
it also starts the worker processes, imports PyBaMM in them and builds the model. *warm* is the
median of later batches with other values. The baselines read their outputs too, but store nothing,
and their times do not include the import of PyBaMM.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from baselines import LOWER_VOLTAGE, PARAMETER_SET, Point, batch_study, naive_loop, voltages
from ionworks import Ionworks
from measure import machine, table

THICKNESS = "Positive electrode thickness [m]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
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


class Figures(NamedTuple):
    """Times per simulation of one sweep [ms], and the RMS difference of a voltage curve [mV]."""

    cold: float
    warm: float
    naive: float
    batch_study: float
    difference: float


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
) -> tuple[float, list[Any]]:
    """Submit a batch, wait for it and read its results.

    Returns
    -------
    tuple
        The time [s], and the results in the order of `batch`.
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
    ids = [each.simulation_id for each in submitted]
    client.simulation.wait_for_completion(ids, timeout=3600, verbose=False)
    results = list(client.simulation.get_results(ids))
    seconds = perf_counter() - began
    if len(results) != len(batch):
        message = f"{len(batch)} points were submitted, but {len(results)} results were read"
        raise RuntimeError(message)
    return seconds, results


def rms_difference(model_name: str, point: Point, result: Any) -> float:
    """Return the RMS difference [mV] between a voltage curve and that of PyBaMM alone."""
    series = result.time_series
    # The last point is the end of the step, which each finds within its own tolerance.
    seconds = series["Time [s]"].to_numpy()[:-1]
    difference = series["Voltage [V]"].to_numpy()[:-1] - voltages(model_name, point, seconds)
    return float(np.sqrt(np.mean(difference**2)) * 1e3)


def measure(
    model_name: str, sweep: str, *, count: int, baseline_count: int, repeats: int
) -> Figures:
    """Measure one model and one sweep, engine and baselines in turns."""
    baseline = points(sweep, baseline_count, 0.0)
    warm, naive, studies = [], [], []
    with (
        TemporaryDirectory(prefix="ionworks-benchmark-") as folder,
        Ionworks.local(Path(folder)) as client,
    ):
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        model_id = models[f"{model_name} {PARAMETER_SET}"]
        first = points(sweep, count, 0.0)
        cold, results = through_the_client(client, model_id, sweep, first)
        for repeat in range(repeats):
            batch = points(sweep, count, 1e-4 * (repeat + 1))
            warm.append(through_the_client(client, model_id, sweep, batch)[0] / count)
            naive.append(naive_loop(model_name, baseline) / baseline_count)
            studies.append(batch_study(model_name, baseline) / baseline_count)
        difference = rms_difference(model_name, first[count // 2], results[count // 2])
    return Figures(
        cold / count * 1e3,
        median(warm) * 1e3,
        median(naive) * 1e3,
        median(studies) * 1e3,
        difference,
    )


def rows(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Yield a table row for each model and sweep as soon as it is measured."""
    for model_name in arguments.models:
        for sweep in arguments.sweeps:
            taken = measure(
                model_name,
                sweep,
                count=arguments.points,
                baseline_count=arguments.points if arguments.all else arguments.baseline_points,
                repeats=arguments.repeats,
            )
            row = [
                f"{model_name} {sweep}",
                f"{taken.naive:.0f}",
                f"{taken.batch_study:.0f}",
                f"{taken.cold:.1f}",
                f"{taken.warm:.2f}",
                f"x{taken.naive / taken.cold:.0f}",
                f"x{taken.naive / taken.warm:.0f}",
                f"x{taken.batch_study / taken.warm:.0f}",
                f"{taken.difference:.3f}",
            ]
            print("measured:", row[0], flush=True)
            yield row


def main() -> None:
    """Measure the chosen sweeps and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", default=["SPM", "DFN"])
    parser.add_argument("--sweeps", nargs="+", default=["thickness", "C-rate", "diffusivity"])
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--baseline-points", type=int, default=10, help="points of the baselines")
    parser.add_argument("--all", action="store_true", help="run the baselines on every point")
    parser.add_argument(
        "--repeats",
        type=int,
        default=3,
        help="warm batches and baseline runs",
    )
    arguments = parser.parse_args()

    header = [
        "sweep",
        "naive loop [ms]",
        "BatchStudy [ms]",
        "cold [ms]",
        "warm [ms]",
        "naive / cold",
        "naive / warm",
        "BatchStudy / warm",
        "RMS difference [mV]",
    ]
    found = list(rows(arguments))
    print(
        f"\n{arguments.points} points, milliseconds per simulation, results stored and read back; "
        f"medians of {arguments.repeats}; {machine()}"
    )
    print("The ratios say how many times faster the embedded engine is.\n")
    print(table(header, found))


if __name__ == "__main__":
    main()
