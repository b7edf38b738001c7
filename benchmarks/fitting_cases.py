"""The fits that `fitting.py` times, and the protocol between it and the two sides it compares.

Each side is a process that reads a line of JSON from its standard input, runs the fit the line
describes, and writes a line of JSON to its standard output.
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
        How many of the parameters of `TRUTH` are fitted; the others are fixed.
    method : str
        ``gradient`` (each side's default gradient method), ``L-BFGS-B``, ``Nelder-Mead``,
        ``differential evolution`` or ``CMA-ES``.
    population : int
        Population size, for the methods that have one.
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
    """Times and costs of a fit.

    Attributes
    ----------
    build : float
        Time until the search begins [s]: building the model, setting up, the first evaluation.
    seconds : float
        Time of the search [s].
    whole : float
        Time from the call to the result [s].
    evaluations : int
        Number of times the model was run, including for gradients.
    path : list of (float, float)
        Time since the search began [s], and the best cost (root mean square [V]) until then.
    """

    build: float
    seconds: float
    whole: float
    evaluations: int
    path: list[tuple[float, float]]


@dataclass
class Stopwatch:
    """Records when each cost was reached.

    Attributes
    ----------
    began : float
        When it was started.
    seconds : float
        From then to the last evaluation.
    evaluations : int
        As in `Outcome`.
    path : list of (float, float)
        As in `Outcome`.
    """

    began: float = field(default_factory=perf_counter)
    seconds: float = 0.0
    evaluations: int = 0
    path: list[tuple[float, float]] = field(default_factory=list)

    def take(self, costs: Any) -> None:
        """Record the costs of a batch of points."""
        self.seconds = perf_counter() - self.began
        self.evaluations += len(costs)
        cost = float(np.min(costs))
        if not self.path or cost < self.path[-1][1]:
            self.path.append((self.seconds, cost))


def write_measurement(model: str, path: Path) -> None:
    """Write a 1C discharge of 331 points with 1 mV of noise, simulated by PyBaMM alone."""
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
    """A request for one fit.

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
    """Run a fit for each line of standard input, and write a line with its outcome."""
    for line in sys.stdin:
        # Libraries may print to standard output; only outcomes may reach the real one.
        with _silence():
            outcome = fit(Request.read(line))
        print(json.dumps(asdict(outcome)), flush=True)


@contextmanager
def _silence() -> Iterator[None]:
    """Redirect standard output to standard error."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout = stdout
