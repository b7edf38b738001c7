"""Runs PyBaMM scripts in a process that cannot import this project.

``python -I plain.py`` reads from standard input a JSON list of ``{"script": text, "steps": [times
from the start of each step]}`` and writes the voltages there, step by step.
"""

import contextlib
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

FORBIDDEN = ("ionworks", "ionworks_api_client", "tests")


class Refuser:
    """Refuses imports of this project."""

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ImportError(f"{name} is imported by a plain script")


def voltages(solution, steps):
    """Return the voltages of each step, None where PyBaMM has another step."""
    import numpy as np

    parts = [each for each in solution.cycles if len(each.t) > 1]
    starts = [each.t[0] for each in parts]
    if len(parts) == len(steps):
        return [
            part["Voltage [V]"](np.minimum(start + np.array(times), part.t[-1])).tolist()
            for part, start, times in zip(parts, starts, steps, strict=True)
        ]
    found, begun = [], 0.0
    for times in steps:
        found.append([inside(parts, begun + time) for time in times])
        begun += times[-1]
    return found


def inside(parts, time):
    """Return the voltage at a time, None near the ends of the parts, where it may jump."""
    for part in parts:
        if part.t[0] + 0.01 < time < part.t[-1] - 0.01:
            return float(part["Voltage [V]"](time))
    return None


def outcome(job):
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
    jobs = json.load(sys.stdin)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(sys.stderr),
    ):
        outcomes = [outcome(job) for job in jobs]
    json.dump(outcomes, sys.stdout)
