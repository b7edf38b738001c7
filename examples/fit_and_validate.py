"""Fit a battery model to two discharges of a real cell, and validate it on a third.

The data are from the cell of a 2013 Nissan Leaf, cycled at Oak Ridge National Laboratory
(`examples/data/nissan_leaf`). A single-particle model is fitted to the discharges at 1C and 2C; the
discharge at 3C, which the fit does not use, shows how well it predicts. PyBaMM has no parameter set
for the spinel and nickel oxide of this cell, so the potentials are those of an LG M50 (Chen et al.,
2020), which explains most of the difference between model and data. No account is needed. Run it
with `python examples/fit_and_validate.py [FOLDER]` once `ionworks-api[local,plot]` is installed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import measurement_study
import polars as pl

from ionworks import Ionworks

#: Steps of the cycler's files: a rest after charging, and the discharge after it.
STEPS = {"1C": (2, 3), "2C": (3, 4), "3C": (3, 4)}
START = {
    "model": {
        "type": "SPM",
        "parameter_set": "Chen2020",
        "options": {"contact resistance": "true"},
    },
    # Sets the electrode area. It is not fitted: the model depends only on its products with the
    # volume fractions, which are.
    "Number of electrodes connected in parallel to make a cell": 30,
    "Contact resistance [Ohm]": 1e-3,
    # So fast that these discharges do not determine it, as fitting it shows.
    "Negative particle diffusivity [m2.s-1]": 1e-12,
    "Lower voltage cut-off [V]": 2.8,
}
PARAMETERS = {
    "Positive electrode active material volume fraction": {"bounds": [0.1, 0.8]},
    "Negative electrode active material volume fraction": {"bounds": [0.1, 0.8]},
    "Initial concentration in negative electrode [mol.m-3]": {"bounds": [15000, 32000]},
    "Positive particle diffusivity [m2.s-1]": {"bounds": [1e-16, 1e-12], "transform": "Log10"},
    "Contact resistance [Ohm]": {"bounds": [0, 3e-3]},
}


def upload(client: Ionworks) -> dict[str, str]:
    """Upload each rest and discharge; return the ids of the measurements by their rate."""
    spec = client.cell_spec.create_or_get(measurement_study.SPECIFICATION)
    cell = client.cell_instance.create_or_get(spec.id, {"name": "ORNL cell, first discharges"})
    ids = {}
    for rate, (rest, discharge) in STEPS.items():
        path = measurement_study.DATA / f"cell-discharge-bitrode-{rate.lower()}.csv"
        rows = measurement_study.rows(path).filter(pl.col("Step count").is_between(rest, discharge))
        series = rows.select(
            pl.col("Time [s]") - pl.col("Time [s]").first(),
            "Voltage [V]",
            "Current [A]",
            pl.col("Step count") - rest,
        ).collect()
        data = {"measurement": {"name": f"{rate} discharge"}, "time_series": series}
        ids[rate] = client.cell_measurement.create_or_get(cell.id, data).id
    return ids


def elements(measurements: dict[str, str]) -> dict[str, Any]:
    """Return the elements of the pipeline: initial values, the fit and its validation."""

    def objective(rate: str) -> dict[str, str]:
        return {"type": "CurrentDriven", "data": f"db:{measurements[rate]}"}

    return {
        "start": {"element_type": "entry", "values": START},
        "fit": {
            "element_type": "data_fit",
            "objectives": {rate: objective(rate) for rate in ("1C", "2C")},
            "parameters": PARAMETERS,
            "cost": {"type": "RMSE"},
            "optimizer": {
                "type": "DifferentialEvolution",
                "population_size": 24,
                "max_iterations": 40,
            },
            "options": {"seed": 1},
        },
        "validation": {
            "element_type": "validation",
            "objectives": {"3C": objective("3C")},
            "summary_stats": ["RMSE", "Max"],
        },
    }


def main() -> None:
    """Upload the data, fit, validate and plot."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("fit-output"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)

    with Ionworks.local(folder / "engine") as client:
        pipeline = client.pipeline.create(
            {"name": "Nissan Leaf cell", "elements": elements(upload(client))}
        )
        client.pipeline.wait_for_completion(pipeline.id)
        result = client.pipeline.result(pipeline.id)
        fit, validation = result.fit(), result.validation()

        for name, value in fit.parameter_values.items():
            print(f"{name}: {value:.3g} ± {fit.standard_errors[name]:.1g}")
        print(f"Fitted to 1C and 2C: {1e3 * fit.cost:.0f} mV")
        print(f"Validated on 3C: {1e3 * validation.summary_stats['3C']['RMSE']:.0f} mV")
        plots = {
            "fit.png": fit.plot_fit(),
            "trace.png": fit.plot_trace(),
            "validation.png": validation.plot_fit(),
            "residuals.png": validation.plot_residuals(),
        }
        for file, figure in plots.items():
            figure.savefig(folder / file, dpi=150)
            print(folder / file)


if __name__ == "__main__":
    main()
