"""Scripts compared with the runs of the engine they are written from."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from ionworks.engine import script, simulate

PLAIN = Path(__file__).with_name("plain.py")
MODELS = ("SPM", "SPMe", "DFN")


def plain_runs(jobs):
    """Run jobs of `plain` in a process without this project."""
    done = subprocess.run(
        [sys.executable, "-I", str(PLAIN)],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def job_of(model, protocol, run=None, **more):
    """Return a job with the script of a run, and the run's own voltages by step."""
    run = {"id": "a", **(run or {})}
    [outcome] = simulate(model, protocol, [run], **more)
    assert outcome.error is None
    series = outcome.time_series
    assert series is not None
    steps, voltages = [], []
    for (_,), step in series.group_by("Step count", maintain_order=True):
        times = step["Time [s]"].to_numpy()
        if times[-1] > times[0]:
            steps.append((times - times[0]).tolist())
            voltages.append(step["Voltage [V]"].to_list())
    return {"script": script(model, protocol, run, **more), "steps": steps}, voltages


def largest_error(outcome, voltages):
    """Return the largest RMS difference of the voltage in a step [mV]."""
    assert "error" not in outcome, outcome.get("error")
    found = []
    for theirs, ours in zip(outcome["voltages"], voltages, strict=True):
        pairs = [(a, b) for a, b in zip(theirs, ours, strict=True) if a is not None]
        assert pairs
        errors = np.array([a - b for a, b in pairs])
        found.append(1e3 * np.sqrt(np.mean(errors**2)))
    return max(found)
