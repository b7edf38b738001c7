"""The fits that `fitting.py` times: what both sides of the comparison read.

Each side is a process of its own, which waits for a line of JSON on its standard input, runs the
fit the line names, and answers with a line of JSON on its standard output.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Final

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import numpy as np
import pybamm

NOISE: Final = 1e-3
TOLERANCES: Final = (1e-6, 1e-6)
"""Relative and absolute tolerance of both solvers."""

_DIFFUSIVITY: Final = "Negative particle diffusivity [m2.s-1]"
_POSITIVE_DIFFUSIVITY: Final = "Positive particle diffusivity [m2.s-1]"
_FRACTION: Final = "Negative electrode active material volume fraction"

TRUTH: Final = {_DIFFUSIVITY: 3.3e-14, _POSITIVE_DIFFUSIVITY: 4e-15, _FRACTION: 0.75}
BOUNDS: Final = {
    _DIFFUSIVITY: (1e-15, 1e-12),
    _POSITIVE_DIFFUSIVITY: (1e-16, 1e-13),
    _FRACTION: (0.6, 0.85),
}
STARTS: Final = {_DIFFUSIVITY: 1e-13, _POSITIVE_DIFFUSIVITY: 1e-14, _FRACTION: 0.7}
LOGARITHMIC: Final = (_DIFFUSIVITY, _POSITIVE_DIFFUSIVITY)


@dataclass(frozen=True)
class Case:
    """One fit.

    Attributes
    ----------
    model : str
        A lithium-ion model of PyBaMM.
    parameters : int
        How many of the parameters of `TRUTH` are fitted; the others are given.
    method : str
        ``gradient`` (each side's own way downhill), ``L-BFGS-B``, ``Nelder-Mead``,
        ``differential evolution`` or ``CMA-ES``.
    population : int
        Of the methods that have one.
    """

    model: str
    parameters: int
    method: str
    population: int = 0

    @property
    def names(self) -> list[str]:
        """The fitted parameters."""
        return list(TRUTH)[: self.parameters]


CASES: Final = (
    Case("SPM", 1, "gradient"),
    Case("SPM", 3, "gradient"),
    Case("SPM", 3, "L-BFGS-B"),
    Case("SPM", 3, "Nelder-Mead"),
    Case("SPMe", 3, "gradient"),
    Case("DFN", 1, "gradient"),
    Case("SPM", 1, "differential evolution", 16),
    Case("SPM", 3, "differential evolution", 24),
    Case("SPM", 3, "CMA-ES", 16),
    Case("SPMe", 3, "CMA-ES", 16),
    Case("DFN", 1, "differential evolution", 16),
)


@dataclass
class Outcome:
    """What a fit took, and how far it got.

    Attributes
    ----------
    build : float
        Time until the search begins [s]: models built and set up, first evaluation made.
    seconds : float
        Time of the search [s].
    whole : float
        Time from the call to the result [s].
    evaluations : int
        Points the model was run at, those for gradients included.
    path : list of (float, float)
        Seconds since the search began, and the best cost (root mean square [V]) by then.
    """

    build: float
    seconds: float
    whole: float
    evaluations: int
    path: list[tuple[float, float]]


@dataclass
class Stopwatch:
    """Notes when which cost was reached.

    Attributes
    ----------
    began : float
        When it was started.
    seconds : float
        From then to the last evaluation.
    evaluations : int
    path : list of (float, float)
        As in `Outcome`.
    """

    began: float = field(default_factory=perf_counter)
    seconds: float = 0.0
    evaluations: int = 0
    path: list[tuple[float, float]] = field(default_factory=list)

    def take(self, costs: Any) -> None:
        """Take up what a batch of points costs."""
        self.seconds = perf_counter() - self.began
        self.evaluations += len(costs)
        cost = float(np.min(costs))
        if not self.path or cost < self.path[-1][1]:
            self.path.append((self.seconds, cost))


def write_measurement(model: str, path: Path) -> None:
    """Write a 1C discharge of 331 points with 1 mV of noise, made by plain PyBaMM."""
    values = pybamm.ParameterValues("Chen2020")
    values.update(TRUTH)
    times = np.arange(0, 3301, 10.0)
    simulation = pybamm.Simulation(getattr(pybamm.lithium_ion, model)(), parameter_values=values)
    voltage = simulation.solve([0, times[-1]], t_interp=times)["Voltage [V]"].entries
    noise = np.random.default_rng(0).normal(0, NOISE, len(times))
    current = np.full(len(times), values["Current function [A]"])
    np.savez(path, time=times, current=current, voltage=voltage + noise)


@dataclass(frozen=True)
class Request:
    """A line to one of the sides.

    Attributes
    ----------
    case : Case
    data : str
        Path of the file with the measurement.
    threads : int
        Threads of the solver.
    seed : int
    """

    case: Case
    data: str
    threads: int
    seed: int

    def measurement(self) -> dict[str, Any]:
        """Return ``time`` [s], ``current`` [A] and ``voltage`` [V]."""
        with np.load(self.data) as columns:
            return dict(columns)

    def line(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def read(cls, line: str) -> Request:
        """Read it from a line of JSON."""
        fields = json.loads(line)
        return cls(**{**fields, "case": Case(**fields["case"])})


def serve(fit: Callable[[Request], Outcome]) -> None:
    """Run a fit for each line that comes in, and answer with a line."""
    for line in sys.stdin:
        # Libraries print as they like; the answers have the real standard output for themselves.
        with _silence():
            outcome = fit(Request.read(line))
        print(json.dumps(asdict(outcome)), flush=True)


@contextmanager
def _silence() -> Iterator[None]:
    """Send what is printed meanwhile to standard error."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout = stdout
