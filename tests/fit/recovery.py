"""Check that every optimizer recovers the parameters of noisy synthetic data.

    python -m tests.fit.recovery [words]

Synthetic 1C and pulse data with 1 mV of noise, by plain PyBaMM: 1, 3 and 6 parameters of SPM and
SPMe by every optimizer that claims to be global, and by the local ones from three starts;
stoichiometry limits by open-circuit and balancing fits; two parameters of DFN. It takes half an
hour; `test_recovery.py` has a cheap part of it. With words, only the fits are run whose row has
all of them. The exit code is 1 if a fit misses.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from time import process_time

import attrs
import polars as pl

from tests.fit import test_objectives as open_circuit
from tests.fit.test_recovery import (
    BOUND,
    GLOBAL,
    LOCAL,
    SIX,
    STARTS,
    THREE,
    distance,
    optimizer_of,
    run,
)

SETS = {1: THREE[:1], 3: THREE, 6: SIX}
LIMIT_BOUND = 0.005
"""Largest error of a stoichiometry limit."""


@attrs.frozen
class Fit:
    """A fit to run, and the largest error it may have.

    Attributes
    ----------
    row : tuple of str
        Model, data, parameters, optimizer and start.
    bound : float
        Largest error.
    run : callable
        Returns the error, in the unit of the bound, and the number of evaluations.
    """

    row: tuple[str, ...]
    bound: float
    run: Callable[[], tuple[float, int]]


def fits() -> Iterator[Fit]:
    """Yield all fits, the cheap ones first."""
    yield from limits()
    for count, model, kind in itertools.product(SETS, ("SPM", "SPMe"), ("discharge", "pulse")):
        for label in GLOBAL:
            yield voltage(model, kind, count, label, None)
        for label in LOCAL:
            yield voltage(model, kind, count, label, *STARTS)
    yield voltage("DFN", "pulse", 2, "ScipyLeastSquares", None)
    yield voltage("DFN", "discharge", 2, "ScipyLeastSquares", None)


def voltage(model: str, kind: str, count: int, label: str, *starts: str | None) -> Fit:
    """Return fits of voltage over time from some starts; of several, the cheapest one counts.

    `multistarts` does the same: a local search may end in a local minimum.
    """
    names = SETS[count] if count in SETS else SIX[:count]

    def fit() -> tuple[float, int]:
        results = []
        for start in starts:
            where = {name: STARTS[start][name] for name in names} if start else None
            results.append(run(names, optimizer_of(label), kind, model, start=where))
        best = min(results, key=lambda result: result["cost"])
        return distance(best, names), sum(result["evaluations"] for result in results)

    where = f"best of {len(starts)}" if starts[0] else "middle"
    return Fit((model, kind, str(count), label, where), BOUND, fit)


def limits() -> Iterator[Fit]:
    """Yield the fits of open-circuit voltages."""
    cases = {
        "ElectrodeBalancing": ({"type": "ElectrodeBalancing"}, open_circuit.full_cell(), ""),
        "OCPHalfCell": (
            {"type": "OCPHalfCell", "electrode": "positive"},
            half_cell("positive"),
            "positive",
        ),
    }
    for (name, (objective, data, side)), label in itertools.product(
        cases.items(), ("ScipyLeastSquares", "DifferentialEvolution", "CMAES")
    ):
        parameters = {key: each for key, each in open_circuit.AROUND.items() if side in key}

        def fit(
            objective=objective, data=data, parameters=parameters, label=label
        ) -> tuple[float, int]:
            found = open_circuit.run(objective, parameters, data, optimizer={"type": label})
            values = found["parameter_values"]
            worst = max(abs(values[key] - open_circuit.LIMITS[key]) for key in parameters)
            return worst, found["element_results"]["fit"]["evaluations"]

        row = (name, "open circuit", str(len(parameters)), label, "middle")
        yield Fit(row, LIMIT_BOUND, fit)


def half_cell(side: str) -> pl.DataFrame:
    """Return a noisy open-circuit potential of one electrode, by plain PyBaMM."""
    fullness = open_circuit.FULLNESS
    return pl.DataFrame(
        {
            "Capacity [A.h]": open_circuit.CAPACITY * (1 - fullness),
            "Voltage [V]": open_circuit.noisy(open_circuit.electrode(side, fullness)),
        }
    )


def main() -> int:
    """Run the fits and print a row for each; return how many missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*")
    words = set(parser.parse_args().words)
    misses = 0
    print("| model | data | parameters | optimizer | start | off by | of | evaluations | CPU s | |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for fit in fits():
        if not words <= set(fit.row):
            continue
        began = process_time()
        off, evaluations = fit.run()
        seconds = process_time() - began
        is_miss = not off <= fit.bound
        misses += is_miss
        figures = (f"{off:.2g}", f"{fit.bound:g}", str(evaluations), f"{seconds:.1f}")
        print(f"| {' | '.join((*fit.row, *figures))} | {'MISS' if is_miss else ''} |", flush=True)
    print(f"{misses} missed")
    return misses


if __name__ == "__main__":
    sys.exit(min(main(), 1))
