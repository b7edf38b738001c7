"""Time fits of the engine: cost reached, evaluations, and time for each.

    python benchmarks/fitting.py [--rounds 3] [--threads 1 2]

A fit written by hand with another library can stand beside: give it to `compare` as a function of
the same case (see `Case`) that returns seconds, evaluations and the cost it reached.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from time import perf_counter

import attrs
import numpy as np
import polars as pl
import pybamm

import measure
from ionworks.local.engine import fitting

NOISE = 1e-3
TRUTH = {
    "Negative particle diffusivity [m2.s-1]": 3.3e-14,
    "Positive particle diffusivity [m2.s-1]": 4e-15,
    "Negative electrode active material volume fraction": 0.75,
}
BOUNDS = {
    "Negative particle diffusivity [m2.s-1]": [1e-15, 1e-12],
    "Positive particle diffusivity [m2.s-1]": [1e-16, 1e-13],
    "Negative electrode active material volume fraction": [0.6, 0.85],
}
STARTS = dict(zip(TRUTH, (5e-15, 1e-14, 0.7), strict=True))


@attrs.frozen
class Case:
    """One fit: a model, how many of the parameters of `TRUTH`, and an optimizer."""

    model: str
    parameters: int
    optimizer: dict[str, object]

    @property
    def names(self) -> list[str]:
        """The fitted parameters."""
        return list(TRUTH)[: self.parameters]


@attrs.frozen
class Outcome:
    """What a fit took, and how far it got."""

    seconds: float
    evaluations: int
    cost: float


Fit = Callable[[Case, pl.DataFrame, int], Outcome]

CASES = (
    Case("SPM", 1, {"type": "ScipyLeastSquares"}),
    Case("SPM", 3, {"type": "ScipyLeastSquares"}),
    Case("SPM", 1, {"type": "DifferentialEvolution"}),
    Case("SPM", 3, {"type": "CMAES"}),
    Case("DFN", 1, {"type": "ScipyLeastSquares"}),
)


def measurement(model: str) -> pl.DataFrame:
    """Return a 1C discharge of 331 points with 1 mV of noise."""
    values = pybamm.ParameterValues("Chen2020")
    values.update(TRUTH)
    times = np.arange(0, 3301, 10.0)
    simulation = pybamm.Simulation(getattr(pybamm.lithium_ion, model)(), parameter_values=values)
    voltage = simulation.solve([0, times[-1]], t_interp=times)["Voltage [V]"].entries
    noise = np.random.default_rng(0).normal(0, NOISE, len(times))
    return pl.DataFrame(
        {
            "Time [s]": times,
            "Current [A]": np.full(len(times), values["Current function [A]"]),
            "Voltage [V]": voltage + noise,
        }
    )


def through_the_engine(case: Case, data: pl.DataFrame, threads: int) -> Outcome:
    """Fit with the engine; the seconds are those of the search, models built before."""
    element = {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": "db:data", "options": {"model": {"type": case.model}}}},
        "parameters": {
            name: {"bounds": BOUNDS[name], "initial_value": STARTS[name]} for name in case.names
        },
        "optimizer": case.optimizer,
    }
    known = {name: value for name, value in TRUTH.items() if name not in case.names}
    entry = {"element_type": "entry", "values": {"parameter_set": "Chen2020", **known}}
    last: dict[str, float] = {}
    began = perf_counter()
    found = fitting.run_pipeline(
        {"known": entry, "fit": element}, {"db:data": data}, progress=last.update, threads=threads
    )
    result = found["element_results"]["fit"]
    seconds = last.get("elapsed", perf_counter() - began)
    return Outcome(seconds, result["evaluations"], result["cost"])


def compare(fits: dict[str, Fit], rounds: int, threads: Sequence[int]) -> str:
    """Run every case with every fit in turn, and return a table of medians."""
    rows = []
    for case in CASES:
        data = measurement(case.model)
        for count in threads:
            for name, fit in fits.items():
                outcomes = [fit(case, data, count) for _ in range(rounds)]
                each = [1e3 * one.seconds / one.evaluations for one in outcomes]
                rows.append(
                    [
                        f"{case.model} {case.parameters}",
                        str(case.optimizer["type"]),
                        name,
                        str(count),
                        measure.spread([1e3 * one.seconds for one in outcomes]),
                        str(outcomes[0].evaluations),
                        measure.spread(each),
                        f"{1e3 * outcomes[0].cost:.3f}",
                    ]
                )
    header = ["case", "optimizer", "by", "threads", "ms", "evaluations", "ms each", "RMSE mV"]
    return measure.table(header, rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    print(measure.machine())
    print(compare({"engine": through_the_engine}, options.rounds, options.threads))


if __name__ == "__main__":
    main()
