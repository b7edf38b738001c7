"""Scripts compared with the runs of the engine they are written from."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Self

import numpy as np

from ionworks.engine import script, simulate

PLAIN = Path(__file__).with_name("plain.py")


class PlainPython:
    """A process without this project that runs scripts."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(PLAIN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()

    def run(self, job):
        """Run a job of `plain`; returns what it replies."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        reply = self._process.stdout.readline()
        assert reply, self._log.read_text()
        return json.loads(reply)

    def error(self, model, protocol, run=None, **more):
        """Return how far a script is from its run, see `largest_error`."""
        job, voltages = job_of(model, protocol, run, **more)
        return largest_error(self.run(job), job["steps"], voltages)


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


def largest_error(outcome, steps, voltages):
    """Return the largest RMS difference of the voltage in a step [mV]; both end at one time."""
    assert "error" not in outcome, outcome.get("error")
    duration = sum(times[-1] for times in steps)
    assert abs(outcome["ends"][-1] - duration) < 0.1 + 1e-5 * duration
    found = []
    for theirs, ours in zip(outcome["voltages"], voltages, strict=True):
        pairs = [(a, b) for a, b in zip(theirs, ours, strict=True) if a is not None]
        assert pairs
        errors = np.array([a - b for a, b in pairs])
        found.append(1e3 * np.sqrt(np.mean(errors**2)))
    return max(found)
