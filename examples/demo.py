"""The main workflow in one file, without an account: a discharge, a sweep and a plot.

Run it with `make demo`, or `python examples/demo.py [FOLDER]` once
`ionworks-api[local,plot]` is installed.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import matplotlib as mpl
import polars as pl

from ionworks import Ionworks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THICKNESS = "Positive electrode thickness [m]"
THICKNESSES = [50e-6, 60e-6, 70e-6, 80e-6, 90e-6, 100e-6, 110e-6]
C_RATES = [0.5, 1.0, 2.0, 3.0]

DISCHARGE = """
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Discharge
    mode: C-rate
    value: {rate}
    resolution: 10
    ends:
      - variable: Voltage [V]
        value: 2.5
"""


def discharge_once(client: Ionworks, model_id: str) -> pl.DataFrame:
    """Discharge the cell once at 1C and return its time series."""
    submitted = client.simulation.protocol(
        {
            "parameterized_model": model_id,
            "protocol_experiment": {
                "protocol": DISCHARGE.format(rate=1),
                "name": "1C discharge",
            },
        }
    )
    client.simulation.wait_for_completion(submitted.simulation_id, timeout=300)
    return client.simulation.get_result(submitted.simulation_id).time_series


def sweep(client: Ionworks, model_id: str) -> pl.DataFrame:
    """Discharge every thickness at every C-rate.

    Returns
    -------
    polars.DataFrame
        The time series of all runs, with the columns `Thickness [um]` and `C-rate`.
    """
    points = list(product(THICKNESSES, C_RATES))
    submitted = client.simulation.protocol_batch(
        {
            "parameterized_model": model_id,
            "protocol_experiment": {
                "protocol": DISCHARGE.format(rate='input["C-rate"]'),
                "name": "Thickness and C-rate",
            },
            "conditions": [
                {
                    "experiment_parameters": {"C-rate": rate},
                    "design_parameters": {THICKNESS: thickness},
                }
                for thickness, rate in points
            ],
        }
    )
    ids = [each.simulation_id for each in submitted]
    client.simulation.wait_for_completion(ids, timeout=600)
    frames = []
    for (thickness, rate), result in zip(points, client.simulation.get_results(ids), strict=True):
        frames.append(
            result.time_series.select(
                "Time [s]", "Voltage [V]", "Discharge capacity [A.h]", "Discharge energy [W.h]"
            ).with_columns(
                pl.lit(thickness * 1e6).alias("Thickness [um]"), pl.lit(rate).alias("C-rate")
            )
        )
    return pl.concat(frames)


def table(runs: pl.DataFrame) -> str:
    """Return the delivered capacity [A.h] as text, a row per thickness and a column per C-rate."""
    capacity = runs.group_by("Thickness [um]", "C-rate").agg(
        pl.col("Discharge capacity [A.h]").max()
    )
    lines = ["thickness    " + "".join(f"{f'{rate:g}C':>9}" for rate in C_RATES)]
    for (thickness,), group in capacity.sort("Thickness [um]", "C-rate").group_by(
        "Thickness [um]", maintain_order=True
    ):
        cells = "".join(f"{value:9.3f}" for value in group["Discharge capacity [A.h]"])
        lines.append(f"{thickness:6.0f} um    {cells}")
    return "\n".join(lines)


def plot(single: pl.DataFrame, runs: pl.DataFrame) -> Figure:
    """Plot 1C discharge curves, and the capacity over the C-rate, coloured by thickness."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    colours = mpl.colormaps["viridis"]
    scale = Normalize(min(THICKNESSES) * 1e6, max(THICKNESSES) * 1e6 * 1.08)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11.5, 4.8), layout="constrained", gridspec_kw={"width_ratios": [1.25, 1]}
    )
    for thickness in THICKNESSES:
        colour = colours(scale(thickness * 1e6))
        mine = runs.filter((pl.col("Thickness [um]") - thickness * 1e6).abs() < 1e-3)
        at_1c = mine.filter(pl.col("C-rate") == 1.0)
        left.plot(
            at_1c["Discharge capacity [A.h]"], at_1c["Voltage [V]"], color=colour, linewidth=1.8
        )
        delivered = (
            mine.group_by("C-rate").agg(pl.col("Discharge capacity [A.h]").max()).sort("C-rate")
        )
        right.plot(
            delivered["C-rate"],
            delivered["Discharge capacity [A.h]"],
            color=colour,
            marker="o",
            markersize=5,
            linewidth=1.8,
        )
    left.plot(
        single["Discharge capacity [A.h]"],
        single["Voltage [V]"],
        color="black",
        linestyle="--",
        linewidth=1.4,
        label=r"as published (75.6 $\mu$m)",
    )
    left.set(xlabel="Discharge capacity [A.h]", ylabel="Voltage [V]", title="1C discharge")
    left.legend(loc="lower left", frameon=False)
    right.set(
        xlabel="C-rate",
        ylabel="Delivered capacity [A.h]",
        title="Rate capability, down to 2.5 V",
        xticks=C_RATES,
    )
    for axes in (left, right):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.colorbar(
        ScalarMappable(scale, colours), ax=right, label=r"Positive electrode thickness [$\mu$m]"
    )
    figure.suptitle(r"Chen2020 cell (LG M50), single-particle model, 25 $^\circ$C", fontsize=13)
    return figure


def main() -> None:
    """Run the demonstration and print where the results are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("demo-output"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)

    with Ionworks.local(folder / "engine") as client:
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        model_id = models["SPM Chen2020"]
        began = perf_counter()
        single = discharge_once(client, model_id)
        print(
            f"1C discharge: {single['Discharge capacity [A.h]'].max():.3f} A.h in "
            f"{single['Time [s]'].max() / 60:.1f} min of cell time, "
            f"computed in {perf_counter() - began:.1f} s (the first run starts the workers)"
        )
        began = perf_counter()
        runs = sweep(client, model_id)
        count = len(THICKNESSES) * len(C_RATES)
        print(f"Sweep: {count} simulations in {perf_counter() - began:.1f} s, results read back")

    print("\nDelivered capacity [A.h] by positive electrode thickness and C-rate")
    print(table(runs))
    target = folder / "demo.png"
    plot(single, runs).savefig(target, dpi=150)
    print(f"\nThe plot is {target.resolve()}")


if __name__ == "__main__":
    main()
