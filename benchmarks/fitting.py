"""Time fits by the engine and the same fits by PyBOP 26.3.

    python benchmarks/fitting.py [--pybop PYTHON] [--rounds 2] [--cases WORD ...]

Both use the same data, model, solver tolerances, bounds, initial values, cost and family of
optimizer, see `fitting_cases.py`. Each runs in a separate process, and they take turns: one fits
while the other waits. ``--pybop`` is the interpreter of an environment with PyBOP, which needs an
older numpy than ionworks (`make bench-fitting` makes one); without it only the engine is timed.

*To the cost* is the time from the start of the search until the root mean square is within 1 % of
the least that any fit of the case found. A search that does not reach that cost has no such time
and no ratio; the tables show it nevertheless.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import measure
from fitting_cases import CASES, Case, Outcome, Request, write_measurement

NEAR: Final = 1.01
"""Multiple of the least cost up to which a cost counts as reached."""

_HERE: Final = Path(__file__).parent
_NONE: Final = "-"

Column = tuple[str, int]
"""The side that fits, and its number of threads."""


class Side:
    """A process that runs fits on request.

    Parameters
    ----------
    script : str
        Its name in this folder.
    python : str
        The interpreter.
    """

    def __init__(self, script: str, python: str) -> None:
        # As in the engine's workers: no threads but those the solver is told to use.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [python, "-W", "ignore", str(_HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def fit(self, request: Request) -> Outcome:
        """Run a fit and wait for its outcome."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        self._process.stdin.write(request.line())
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._process.args!r} exited: run it by hand to see why")
        return Outcome(**json.loads(answer))

    def close(self) -> None:
        """Close the process's input and wait for it to exit."""
        self._process.communicate()


def run(
    sides: Mapping[str, Side], case: Case, data: Path, rounds: int, threads: Sequence[int]
) -> dict[Column, list[Outcome]]:
    """Run a case on every side and with every number of threads, in turns."""
    found: dict[Column, list[Outcome]] = {(name, count): [] for count in threads for name in sides}
    for seed in range(rounds):
        for (name, count), outcomes in found.items():
            outcomes.append(sides[name].fit(Request(case, str(data), count, seed)))
    return found


def time_to(outcomes: Sequence[Outcome], cost: float) -> float | None:
    """Return the median time [s] to a cost; None if fewer than half of the fits reach it."""
    times = sorted(
        next((seconds for seconds, reached in each.path if reached <= cost), float("inf"))
        for each in outcomes
    )
    middle = median(times)
    return middle if middle < float("inf") else None


def rows(case: Case, found: Mapping[Column, Sequence[Outcome]]) -> list[list[str]]:
    """Return a row for each column of a case."""
    least = min(each.path[-1][1] for outcomes in found.values() for each in outcomes)
    table = []
    for (name, threads), outcomes in found.items():
        reached = time_to(outcomes, NEAR * least)
        each = [1e3 * one.seconds / one.evaluations for one in outcomes]
        table.append(
            [
                f"{case.model} {case.parameters}",
                case.method,
                name,
                str(threads),
                _NONE if reached is None else f"{1e3 * reached:.0f}",
                f"{median(one.evaluations for one in outcomes):.0f}",
                f"{median(each):.2f}",
                f"{1e3 * median(one.path[-1][1] for one in outcomes):.3f}",
                f"{median(one.build for one in outcomes):.2f}",
                f"{median(one.whole for one in outcomes):.2f}",
            ]
        )
    return table


def ratios(case: Case, found: Mapping[Column, Sequence[Outcome]]) -> list[str]:
    """Return how many times faster the engine reaches the cost and evaluates the model."""
    least = min(each.path[-1][1] for outcomes in found.values() for each in outcomes)

    def reached(column: Column) -> float | None:
        return time_to(found[column], NEAR * least) if column in found else None

    def each(column: Column) -> float | None:
        outcomes = found.get(column)
        return median(one.seconds / one.evaluations for one in outcomes) if outcomes else None

    one, two, other, both = ("engine", 1), ("engine", 2), ("PyBOP", 1), ("PyBOP", 2)
    pairs = ((one, other), (two, both), (two, other), (two, one))
    return [
        f"{case.model} {case.parameters}",
        case.method,
        *(_ratio(reached(slow), reached(fast)) for fast, slow in pairs),
        *(_ratio(each(slow), each(fast)) for fast, slow in pairs),
    ]


def _ratio(slow: float | None, fast: float | None) -> str:
    if fast is None:
        return _NONE
    return "only the engine" if slow is None else f"x{slow / fast:.2f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pybop", help="interpreter of an environment with PyBOP")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cases", nargs="*", default=[], help="only cases with all of these words")
    options = parser.parse_args()
    sides = {"engine": Side("fitting_engine.py", sys.executable)}
    if options.pybop:
        sides["PyBOP"] = Side("fitting_pybop.py", options.pybop)
    figures, comparison = [], []
    print(measure.machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if not set(options.cases) <= {case.model, str(case.parameters), case.method}:
                continue
            data = Path(folder, f"{case.model}.npz")
            if not data.exists():
                write_measurement(case.model, data)
            print(f"{case.model} {case.parameters} {case.method} ...", file=sys.stderr, flush=True)
            found = run(sides, case, data, options.rounds, options.threads)
            figures += rows(case, found)
            comparison.append(ratios(case, found))
    for side in sides.values():
        side.close()
    header = ["case", "method", "by", "threads", "to the cost ms", "evaluations", "ms each"]
    print(measure.table([*header, "RMSE mV", "build s", "whole s"], figures))
    print("\nSpeed-up by the engine, to the cost and per evaluation; threads in brackets.\n")
    kinds = ["engine(1) / PyBOP(1)", "engine(2) / PyBOP(2)", "engine(2) / PyBOP(1)"]
    pairs = [*kinds, "engine(2) / engine(1)"]
    print(
        measure.table(["case", "method", *pairs, *(f"each: {pair}" for pair in pairs)], comparison)
    )


if __name__ == "__main__":
    main()
