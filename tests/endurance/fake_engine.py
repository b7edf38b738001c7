"""A stand-in for the physics: each run has two points with its thickness.

A run takes no time, unless its design parameters ask it to wait or to compute.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import polars as pl

from ionworks.server.jobs.outcomes import OutcomeWriter
from ionworks.server.jobs.targets import Targets
from ionworks.server.store.blobs import Blobs
from ionworks.worker.packing import Packer

THICKNESS: Final = "thickness"
#: Seconds in which a run waits, and in which it computes without letting go of Python's lock.
WAIT: Final = "wait"
BURN: Final = "burn"
_POINTS: Final = 2
_GROUP: Final = 100
_PROVENANCE: Final = {"versions": {"pybamm": "1.0"}, "solver": "none"}


def simulate(payload: dict[str, Any]) -> None:
    """Write the results of a chunk as the engine does, in groups of runs that end together."""
    runs = payload["runs"]
    size = 1 if any({WAIT, BURN} & run["design_parameters"].keys() for run in runs) else _GROUP
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        ids = [run["id"] for run in runs]
        blobs = Blobs.at(payload["blobs"])
        packer = Packer(blobs, outcomes, payload["owner"], ids, provenance=_PROVENANCE)
        for first in range(0, len(runs), size):
            packer.add(_group(runs[first : first + size]))
        packer.write()


def check(payload: dict[str, Any]) -> dict[str, Any]:
    """Accept all runs."""
    return {"problems": [], "notes": [[]] * len(payload["runs"])}


def _group(runs: list[dict[str, Any]]) -> Any:
    for run in runs:
        _spend(run["design_parameters"])
    thicknesses = [run["design_parameters"][THICKNESS] for run in runs]
    series = {
        "Time [s]": [float(point) for _ in runs for point in range(_POINTS)],
        "Voltage [V]": np.repeat(thicknesses, _POINTS),
    }
    return SimpleNamespace(
        ids=[run["id"] for run in runs],
        errors=[None] * len(runs),
        notes=[[]] * len(runs),
        points=np.full(len(runs), _POINTS),
        step_counts=np.ones(len(runs), dtype=int),
        time_series=pl.DataFrame(series),
        steps=pl.DataFrame({"Label": thicknesses, "End index": [_POINTS - 1] * len(runs)}),
        metrics={THICKNESS: thicknesses},
    )


def _spend(orders: dict[str, Any]) -> None:
    """Take the time that a run is told to take."""
    time.sleep(orders.get(WAIT, 0.0))
    until = time.monotonic() + orders.get(BURN, 0.0)
    while time.monotonic() < until:
        pass


TARGETS: Final = Targets(
    simulate=f"{__name__}:simulate",
    check=f"{__name__}:check",
    warm=(__name__,),
    has_known_names=False,
)
