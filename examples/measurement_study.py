"""Upload a cycler's files as measurements, compare them with simulations in a study, and plot them.

The data are from the cell of a 2013 Nissan Leaf, cycled at three rates at Oak Ridge National
Laboratory (`examples/data/nissan_leaf`). The simulations are of a generic NMC circuit of the same
capacity. No account is needed. Run it with `python examples/measurement_study.py [FOLDER]` once
`ionworks-api[local,plot]` is installed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import polars as pl

from ionworks import Ionworks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA = Path(__file__).resolve().parent / "data" / "nissan_leaf"
CURRENTS = {"1C": 30.6, "2C": 61.2, "3C": 91.8}
SPECIFICATION = {
    "name": "Nissan Leaf 2013",
    "form_factor": "pouch",
    "manufacturer": "AESC",
    "ratings": {
        "capacity": {"value": 33.1, "unit": "A.h"},
        "voltage_min": {"value": 3.0, "unit": "V"},
        "voltage_max": {"value": 4.2, "unit": "V"},
    },
    "source": {"doi": "10.5281/zenodo.2580327"},
}
DISCHARGE = """
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Discharge
    mode: Current
    value: input["Current [A]"]
    resolution: 5
    ends:
      - variable: Voltage [V]
        value: 3.0
"""


def rows(path: Path) -> pl.LazyFrame:
    """Read a Bitrode file as a time series; the file is not loaded until it is uploaded.

    The cycler's current is negative for a discharge, its step numbers repeat in every cycle, and
    its capacity and energy keep their values during rests.
    """
    mode, time, step = pl.col("Mode"), pl.col("Time(s)"), pl.col("Step")
    count = (step != step.shift()).fill_null(value=False).cum_sum()
    began_discharge = (mode == "DCHG") & (mode.shift() != "DCHG").fill_null(value=False)

    def during(name: str, word: str) -> pl.Expr:
        return pl.when(mode == word).then(pl.col(name).abs()).otherwise(0.0)

    return pl.scan_csv(path, truncate_ragged_lines=True).select(
        (time - time.first()).alias("Time [s]"),
        pl.col("Voltage(V)").alias("Voltage [V]"),
        (-pl.col("Current(A)")).alias("Current [A]"),
        count.alias("Step count"),
        began_discharge.cum_sum().alias("Cycle count"),
        step.alias("Step from cycler"),
        during("Capacity(Ah)", "DCHG").alias("Discharge capacity [A.h]"),
        during("Capacity(Ah)", "CHRG").alias("Charge capacity [A.h]"),
        during("Energy(Wh)", "DCHG").alias("Discharge energy [W.h]"),
        during("Energy(Wh)", "CHRG").alias("Charge energy [W.h]"),
    )


def upload(client: Ionworks) -> dict[str, str]:
    """Upload the files, each checked first; measurements that exist already are kept.

    Returns
    -------
    dict
        The id of each measurement by its rate.
    """
    spec = client.cell_spec.create_or_get(SPECIFICATION)
    cell = client.cell_instance.create_or_get(spec.id, {"name": "ORNL cell"})
    ids = {}
    for rate in CURRENTS:
        measurement = client.cell_measurement.create_or_get(
            cell.id,
            {
                "measurement": {
                    "name": f"{rate} cycling",
                    "test_setup": {"cycler": "Bitrode", "lab": "ORNL"},
                    "tags": ["rate capability"],
                },
                "time_series": rows(DATA / f"cell-discharge-bitrode-{rate.lower()}.csv"),
            },
            validate_strict=True,
            rated_capacity=33.1,
            voltage_window=(3.0, 4.2),
        )
        ids[rate] = measurement.id
    return ids


def simulate(client: Ionworks, study_id: str) -> list[str]:
    """Simulate a circuit of the cell's capacity at the same currents; return the ids."""
    submitted = client.simulation.protocol_batch(
        {
            "parameterized_model": {
                "capacity": 30.3,
                "chemistry": "NMC/Graphite",
                # The voltage of the cell drops by about 4 % at 1C.
                "resistance_pct": 4,
            },
            "protocol_experiment": {"protocol": DISCHARGE, "name": "Circuit"},
            "conditions": [
                {"experiment_parameters": {"Current [A]": current}} for current in CURRENTS.values()
            ],
            "study_id": study_id,
        }
    )
    ids = [each.simulation_id for each in submitted]
    client.simulation.wait_for_completion(ids, timeout=300)
    return ids


def capacities(client: Ionworks, measurements: dict[str, str]) -> pl.DataFrame:
    """Return rate, number, capacity [A.h] and mean voltage [V] of each discharge to 3 V."""
    frames = []
    for rate, identifier in measurements.items():
        steps = client.cell_measurement.steps(identifier).filter(
            pl.col("Discharge capacity [A.h]") > 1
        )
        frames.append(
            steps.select(
                pl.lit(rate).alias("Rate"),
                pl.int_range(1, pl.len() + 1).alias("Discharge"),
                "Discharge capacity [A.h]",
                "Mean voltage [V]",
            )
        )
    return pl.concat(frames)


def plot(series: pl.DataFrame, discharges: pl.DataFrame, runs: list[str]) -> Figure:
    """Plot the first discharge at each rate and the circuit's, and the capacity of all."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    colours = dict(zip(CURRENTS, mpl.colormaps["viridis"]([0.15, 0.5, 0.8]), strict=True))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11.5, 4.8), layout="constrained", gridspec_kw={"width_ratios": [1.4, 1]}
    )
    discharging = series.filter(pl.col("Discharge capacity [A.h]") > 0)
    for rate, run in zip(CURRENTS, runs, strict=True):
        measured = discharging.filter(pl.col("name") == f"{rate} cycling")
        first = measured.filter(pl.col("Step count") == measured["Step count"].min())
        modelled = discharging.filter(pl.col("id") == run)
        for curve, style in ((first, "-"), (modelled, "--")):
            left.plot(
                curve["Discharge capacity [A.h]"],
                curve["Voltage [V]"],
                style,
                color=colours[rate],
                linewidth=1.9 if style == "-" else 1.4,
                label=f"{rate} ({CURRENTS[rate]:g} A)" if style == "-" else None,
            )
        mine = discharges.filter(pl.col("Rate") == rate)
        right.plot(
            mine["Discharge"],
            mine["Discharge capacity [A.h]"],
            "o-",
            color=colours[rate],
            label=rate,
        )
    left.plot([], [], "k-", label="measured")
    left.plot([], [], "k--", label="NMC circuit, 30.3 A.h")
    left.set(xlabel="Discharge capacity [A.h]", ylabel="Voltage [V]", title="First discharge")
    left.legend(frameon=False, loc="lower left")
    right.set(
        xlabel="Discharge",
        ylabel="Discharge capacity [A.h]",
        title="Capacity down to 3.0 V",
        xticks=range(1, 6),
    )
    right.legend(frameon=False)
    for axes in (left, right):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("2013 Nissan Leaf cell, 33.1 A.h rated (ORNL, doi:10.5281/zenodo.2580327)")
    return figure


def main() -> None:
    """Upload, simulate, compare and plot."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("study-output"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)

    with Ionworks.local(folder / "engine") as client:
        measurements = upload(client)
        study = client.study.create({"name": "Leaf rate capability"})
        for identifier in measurements.values():
            client.study.assign_measurement(study.id, identifier)
        runs = simulate(client, study.id)

        print("Measurements and simulations of the study:")
        table = client.study.compare(study.id).select(
            "source",
            "name",
            "Current [A]",
            "Discharge capacity [A.h]",
            "Number of steps",
            "Coulombic efficiency",
        )
        with pl.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
            print(table)
        columns = ["Step count", "Voltage [V]", "Discharge capacity [A.h]"]
        series = client.study.time_series(study.id, columns)
        discharges = capacities(client, measurements)

    print("\nCapacity of the first and the last discharge [A.h]")
    for rate in CURRENTS:
        mine = discharges.filter(pl.col("Rate") == rate)["Discharge capacity [A.h]"]
        print(f"{rate}: {mine[0]:.2f} {mine[-1]:.2f}")
    target = folder / "measurement_study.png"
    plot(series, discharges, runs).savefig(target, dpi=150)
    print(f"\nThe plot is {target.resolve()}")


if __name__ == "__main__":
    main()
