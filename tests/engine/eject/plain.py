"""Runs PyBaMM scripts in a process that cannot import this project.

``python -I plain.py`` reads a job from each line of standard input, ``{"script": text, "steps":
[times from the start of each step]}``, and writes a line with the voltages there, step by step.
"""

import contextlib
import gc
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

FORBIDDEN = ("ionworks", "ionworks_api_client", "tests")
INSIDE = 1e-6
"""Seconds from the ends of a step, where the voltage jumps, at which the step's own is read."""


class Refuser:
    """Refuses imports of this project."""

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ImportError(f"{name} is imported by a plain script")


def remember_balances():
    """Have PyBaMM balance the electrodes once for equal parameters: a third of a script's time."""
    import pybamm

    solver = pybamm.lithium_ion.ElectrodeSOHSolver
    solve, known = solver.solve, {}

    def remembered(self, inputs, direction=None):
        # A function is known by its identity, so it is kept.
        values = [*self.parameter_values.items()]
        names = [(name, each if isinstance(each, float) else id(each)) for name, each in values]
        key = repr((names, inputs, direction, self.known_value, self.options))
        if key not in known:
            known[key] = values, solve(self, inputs, direction)
        return known[key][1]

    solver.solve = remembered


def voltages(solution, steps):
    """Return the voltages of each step, None at jumps within it, and the time of its end."""
    import numpy as np

    parts = [each for each in solution.cycles if len(each.t) > 1]
    edges = np.array([(each.t[0], each.t[-1]) for each in parts])
    found, begun = [], 0.0
    for count, times in enumerate(steps):
        is_one = len(parts) == len(steps)
        start, end = edges[count] if is_one else (begun, begun + times[-1])
        at = np.clip(start + np.array(times), start + INSIDE, end - INSIDE)
        # A step that several of PyBaMM's make up has jumps inside, at times known to rounding.
        jumps = np.abs(at[:, None] - edges.ravel()).min(axis=1) < 0.01
        values = solution["Voltage [V]"](np.minimum(at, solution.t[-1] - INSIDE)).tolist()
        keep = [is_one or not jump for jump in jumps]
        found.append([value if kept else None for value, kept in zip(values, keep, strict=True)])
        begun = end if is_one else begun + times[-1]
    return found


def outcome(job):
    """Return what a script leaves: voltages, the end of its solution, and the saved columns."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(job["script"], "<script>", "exec"), names)  # noqa: S102 - what is tested
        solution = names["solution"]
        saved = Path("simulation.csv")
        columns = saved.read_text().splitlines()[0].split(",")
        saved.unlink()
        ends = [float(each.t[-1]) for each in solution.cycles]
        return {"voltages": voltages(solution, job["steps"]), "ends": ends, "columns": columns}
    except Exception:  # noqa: BLE001 the test shows it
        return {"error": traceback.format_exc()}


if __name__ == "__main__":
    sys.meta_path.insert(0, Refuser())
    os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
    # The collector takes an eighth of the time otherwise, and finds little.
    gc.set_threshold(100_000, 50, 50)
    replies = sys.stdout
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(sys.stderr),
    ):
        remember_balances()
        for line in sys.stdin:
            print(json.dumps(outcome(json.loads(line))), file=replies, flush=True)
