"""Time fits whose measured current has noise, and ageing fits with constant-voltage steps.

    python benchmarks/fitting_noise.py [--rounds 3]

Each pair runs in turns in one process: a fit to a current with 1 mA of noise beside the same fit
without, and an ageing fit with a hold at constant voltage in each cycle beside one without. The
data are by plain PyBaMM. Times are those of the CPU, so that other processes matter little.
"""

from __future__ import annotations

import argparse
import os
from statistics import median
from time import process_time
from typing import Any, Final

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import numpy as np
import polars as pl
import pybamm

import measure
from fitting_cases import BOUNDS, TRUTH
from ionworks.engine import fitting
from ionworks.engine.solver.integrator import Integrator

NOISE: Final = 1e-3
CYCLES: Final = 10
DIFFUSIVITY: Final = "SEI solvent diffusivity [m2.s-1]"
AGED: Final = 8e-21
CYCLE: Final = ("Discharge at 1C until 3 V", "Charge at 1C until 4.15 V")
HOLD: Final = "Hold at 4.15 V until C/20"
AGEING: Final = {"SEI": "solvent-diffusion limited"}

Fit = tuple[dict[str, Any], pl.DataFrame]
"""The elements of a pipeline, and its data."""


class Counter:
    """Counts the runs the integrator starts, and the stops at which it starts anew."""

    def __init__(self) -> None:
        self.starts = 0
        solve = Integrator.solve

        def counted(integrator: Integrator, rows: Any, states: Any, stops: Any, points: Any) -> Any:
            self.starts += len(rows) * (len(stops) - 1)
            return solve(integrator, rows, states, stops, points)

        Integrator.solve = counted  # type: ignore[method-assign]


def discharge(model: str, spacing: float, noise: float) -> Fit:
    """Return a fit of three parameters to a 1C discharge with 1 mV of noise."""
    values = pybamm.ParameterValues("Chen2020")
    values.update(TRUTH)
    times = np.arange(0, 3301, spacing)
    simulation = pybamm.Simulation(getattr(pybamm.lithium_ion, model)(), parameter_values=values)
    voltage = simulation.solve([0, times[-1]], t_interp=times)["Voltage [V]"].entries
    random = np.random.default_rng(0)
    current = np.full(len(times), values["Current function [A]"])
    columns = {
        "Time [s]": times,
        "Voltage [V]": voltage + random.normal(0, 1e-3, len(times)),
        "Current [A]": current + random.normal(0, noise, len(times)),
    }
    return _elements(model, "Chen2020", {}, {}, BOUNDS), pl.DataFrame(columns)


def ageing(steps: tuple[str, ...]) -> Fit:
    """Return a fit of the growth of SEI to the lithium lost in some cycles."""
    values = pybamm.ParameterValues("OKane2022")
    values.update({DIFFUSIVITY: AGED})
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(AGEING),
        parameter_values=values,
        experiment=pybamm.Experiment([steps] * CYCLES),
    )
    cycles = simulation.solve().cycles
    lost = [float(each["Loss of lithium inventory [%]"].entries[-1]) for each in cycles]
    objective = {"type": "CycleAgeing", "options": {"experiment": [list(steps)] * CYCLES}}
    elements = _elements("SPM", "OKane2022", AGEING, objective, {DIFFUSIVITY: (1e-21, 1e-19)})
    return elements, pl.DataFrame({"Cycle number": range(CYCLES), "LLI [%]": [0.0, *lost[:-1]]})


def _elements(
    model: str, parameters: str, options: Any, objective: Any, bounds: Any
) -> dict[str, Any]:
    given = {"parameter_set": parameters, "model": {"type": model, "options": options}}
    return {
        "known": {"element_type": "entry", "values": given},
        "fit": {
            "element_type": "data_fit",
            "objectives": {"it": {"data": "db:data", **objective}},
            "parameters": {name: {"bounds": list(each)} for name, each in bounds.items()},
        },
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    pairs = {
        "SPM, 331 rows: noise": (discharge("SPM", 10, 0.0), discharge("SPM", 10, NOISE)),
        "SPM, 3301 rows: noise": (discharge("SPM", 1, 0.0), discharge("SPM", 1, NOISE)),
        "DFN, 331 rows: noise": (discharge("DFN", 10, 0.0), discharge("DFN", 10, NOISE)),
        f"SPM, {CYCLES} cycles: hold": (ageing(CYCLE), ageing((*CYCLE, HOLD))),
    }
    counter = Counter()
    rows = []
    for name, pair in pairs.items():
        seconds: tuple[list[float], list[float]] = ([], [])
        starts: list[int] = []
        for _ in range(rounds):
            starts.clear()
            for (elements, data), each in zip(pair, seconds, strict=True):
                counter.starts, began = 0, process_time()
                fitting.run_pipeline(elements, {"db:data": data})
                each.append(process_time() - began)
                starts.append(counter.starts)
        without, with_it = map(median, seconds)
        figures = (f"{without:.2f}", f"{with_it:.2f}", f"x{with_it / without:.2f}")
        rows.append([name, *figures, *map(str, starts)])
    print(measure.machine())
    header = ["fit", "without [s]", "with [s]", "with / without"]
    print(measure.table([*header, "starts without", "starts with"], rows))


if __name__ == "__main__":
    main()
