"""A sweep as PyBaMM's integrator alone solves it, as fast as its public interface allows.

Each process builds one model whose swept parameter and initial concentrations are inputs, and
solves its share of the points in one call of `pybamm.IDAKLUSolver` with `output_variables`. The
processes start together. Building the model, the initial concentrations and a first solve are not
timed, and nothing is stored.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from time import perf_counter, process_time
from types import TracebackType
from typing import Any, NamedTuple

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import numpy as np
import pybamm

from baselines import OUTPUTS, PARAMETER_SET, PERIOD, Point, new_model

CURRENT = "Current function [A]"
#: The initial concentration of an electrode and the largest one, in the order of PyBaMM's
#: stoichiometries.
CONCENTRATIONS = {
    f"Initial concentration in {electrode} electrode [mol.m-3]":
        f"Maximum concentration in {electrode} electrode [mol.m-3]"
    for electrode in ("negative", "positive")
}  # fmt: skip
#: Length of the longest discharge, in multiples of the nominal one.
LONGEST = 1.5
#: Seconds that a process has to build its model; compiling a DFN takes about twenty.
PATIENCE = 600.0


class Taken(NamedTuple):
    """The time from the first start to the last end [s], and the CPU time of all processes [s]."""

    wall: float
    cpu: float


class Processes(AbstractContextManager["Processes"]):
    """Processes that solve the points of a sweep as often as they are asked to.

    Parameters
    ----------
    model_name
        A lithium-ion model.
    points
        The sweep; each process solves every so many of them.
    count
        Number of processes.
    compiled
        Whether PyBaMM compiles the functions of the model, which needs a C compiler.
    """

    def __init__(
        self, model_name: str, points: Sequence[Point], count: int, *, compiled: bool = False
    ) -> None:
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(count)
        self._connections: list[Any] = []
        self._processes = []
        for number in range(count):
            ours, theirs = context.Pipe()
            arguments = (theirs, barrier, model_name, points[number::count], compiled)
            self._processes.append(context.Process(target=_serve, args=arguments, daemon=True))
            self._processes[-1].start()
            theirs.close()  # so that a process that dies ends the wait for its answer
            self._connections.append(ours)
        #: The voltages [V] of each point at its output times and its end.
        self.voltages: list[Any] = [None] * len(points)
        for number, connection in enumerate(self._connections):
            self.voltages[number::count] = _answer(connection)

    def solve(self) -> Taken:
        """Solve all points once."""
        for connection in self._connections:
            connection.send(True)
        began, ended, cpu = zip(*map(_answer, self._connections), strict=True)
        return Taken(max(ended) - min(began), sum(cpu))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for connection in self._connections:
            connection.close()
        for process in self._processes:
            process.terminate()
            process.join()


def _answer(connection: Any) -> Any:
    if not connection.poll(PATIENCE):
        raise RuntimeError(f"a process of the bare integrator did not answer in {PATIENCE:g} s")
    return connection.recv()


def _serve(
    connection: Connection,
    barrier: Barrier,
    model_name: str,
    points: Sequence[Point],
    compiled: bool,
) -> None:
    """Solve the points once for their voltages, and again for each message."""
    share = _Share(model_name, points, compiled)
    connection.send([each["Voltage [V]"].entries for each in share.solve()])
    while True:
        try:
            connection.recv()
        except EOFError:
            return
        barrier.wait(PATIENCE)
        began, cpu = perf_counter(), process_time()
        share.solve()
        connection.send((began, perf_counter(), process_time() - cpu))


class _Share:
    """A built model, its solver and the inputs of some points."""

    def __init__(self, model_name: str, points: Sequence[Point], compiled: bool) -> None:
        values = pybamm.ParameterValues(PARAMETER_SET)
        overridden = sorted({name for point in points for name in point.overrides})
        self._rows = _inputs(values, overridden, points)
        # An input costs the integrator a little, so the current is one only where it is swept.
        current = {point.c_rate for point in points}
        inputs = [*overridden, *CONCENTRATIONS]
        if len(current) > 1:
            inputs.append(CURRENT)
        else:
            values.update({CURRENT: self._rows[0][CURRENT]})
        values.update(dict.fromkeys(inputs, "[input]"))
        self._rows = [{name: row[name] for name in inputs} for row in self._rows]
        model = new_model(model_name)
        self._solver = pybamm.IDAKLUSolver(
            output_variables=[name for name in OUTPUTS if name != "Time [s]"],
            options={"compile": True} if compiled else {},
        )
        simulation = pybamm.Simulation(
            model,
            parameter_values=values,
            solver=self._solver,
            submesh_types=_submeshes(model, overridden),
        )
        simulation.build()
        self._model = simulation.built_model
        end = LONGEST * 3600 / min(point.c_rate for point in points)
        self._horizon = [0.0, end]
        self._times = np.arange(0.0, end, PERIOD)

    def solve(self) -> list[Any]:
        found = self._solver.solve(
            self._model, self._horizon, inputs=self._rows, t_interp=self._times
        )
        return found if isinstance(found, list) else [found]


def _inputs(
    values: Any, overridden: Sequence[str], points: Sequence[Point]
) -> list[dict[str, float]]:
    """Return the inputs of points that start at a state of charge of 1."""
    with_inputs = values.copy()
    with_inputs.update(dict.fromkeys(overridden, "[input]"))
    solver = pybamm.lithium_ion.ElectrodeSOHSolver(with_inputs)
    capacity = values["Nominal cell capacity [A.h]"]
    rows = []
    for point in points:
        found = solver.get_initial_stoichiometries(1.0, inputs=point.overrides)[:2]
        initial = {
            name: float(stoichiometry) * values[largest]
            for (name, largest), stoichiometry in zip(CONCENTRATIONS.items(), found, strict=True)
        }
        rows.append({**point.overrides, CURRENT: point.c_rate * capacity, **initial})
    return rows


def _submeshes(model: Any, overridden: Sequence[str]) -> dict[str, Any]:
    """Return the meshes of a model; a thickness can be an input only of a symbolic one."""
    meshes = model.default_submesh_types
    if not any("thickness" in name for name in overridden):
        return dict(meshes)
    return {
        domain: pybamm.SymbolicUniform1DSubMesh if mesh is pybamm.Uniform1DSubMesh else mesh
        for domain, mesh in meshes.items()
    }
