"""The fits of `fitting_cases.py` by the engine; started by `fitting.py`."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import polars as pl

from fitting_cases import BOUNDS, STARTS, TRUTH, Case, Outcome, Request, Stopwatch, serve
from ionworks.engine import fitting
from ionworks.engine.fitting.problem import Monitor


class _Watched:
    """Adds a stopwatch to the engine's counters while a fit runs.

    The engine reports twice a second, too rarely for a fit that takes a tenth of a second.
    """

    def __enter__(self) -> _Watched:
        self.watch = Stopwatch()
        self._monitor: Monitor | None = None
        self._begin, self._take = Monitor.begin, Monitor.take

        def begin(monitor: Monitor, start: int) -> None:
            # The standard errors, computed after the search, have another monitor.
            self._monitor = self._monitor or monitor
            if monitor is self._monitor:
                self.watch = Stopwatch()
            self._begin(monitor, start)

        def take(monitor: Monitor, points: Any, costs: Any) -> None:
            self._take(monitor, points, costs)
            if monitor is self._monitor:
                self.watch.take(costs)

        Monitor.begin, Monitor.take = begin, take  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        Monitor.begin, Monitor.take = self._begin, self._take  # type: ignore[method-assign]


def run(request: Request) -> Outcome:
    """Run one fit as a pipeline of an entry and a data fit."""
    case = request.case
    columns = request.measurement()
    data = pl.DataFrame(
        {
            "Time [s]": columns["time"],
            "Current [A]": columns["current"],
            "Voltage [V]": columns["voltage"],
        }
    )
    known = {name: value for name, value in TRUTH.items() if name not in case.names}
    elements = {
        "known": {
            "element_type": "entry",
            "values": {"parameter_set": "Chen2020", "model": {"type": case.model}, **known},
        },
        "fit": {
            "element_type": "data_fit",
            "objectives": {"voltage": {"data": "db:data"}},
            "parameters": {
                name: {"bounds": list(BOUNDS[name]), "initial_value": STARTS[name]}
                for name in case.names
            },
            "optimizer": _optimizer(case),
            "options": {"seed": request.seed},
        },
    }
    began = perf_counter()
    with _Watched() as watched:
        fitting.run_pipeline(elements, {"db:data": data}, threads=request.threads)
    whole = perf_counter() - began
    watch = watched.watch
    return Outcome(
        build=watch.began - began,
        seconds=watch.seconds,
        whole=whole,
        evaluations=watch.evaluations,
        path=watch.path,
    )


def _optimizer(case: Case) -> dict[str, Any]:
    if case.method == "gradient":
        return {"type": "ScipyLeastSquares"}
    if case.method in {"L-BFGS-B", "Nelder-Mead"}:
        return {"type": "ScipyMinimize", "method": case.method}
    kind = "CMAES" if case.method == "CMA-ES" else "DifferentialEvolution"
    return {"type": kind, "population_size": case.population}


if __name__ == "__main__":
    serve(run)
