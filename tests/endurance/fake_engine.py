"""A stand-in for the physics that takes no time: each run has two points with its thickness."""

from __future__ import annotations

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
_POINTS: Final = 2
_GROUP: Final = 100
_PROVENANCE: Final = {"versions": {"pybamm": "1.0"}, "solver": "none"}


def simulate(payload: dict[str, Any]) -> None:
    """Write the results of a chunk as the engine does, in groups of runs that end together."""
    runs = payload["runs"]
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        ids = [run["id"] for run in runs]
        blobs = Blobs.at(payload["blobs"])
        packer = Packer(blobs, outcomes, payload["owner"], ids, provenance=_PROVENANCE)
        for first in range(0, len(runs), _GROUP):
            packer.add(_group(runs[first : first + _GROUP]))
        packer.write()


def check(payload: dict[str, Any]) -> dict[str, Any]:
    """Accept all runs."""
    return {"problems": [], "notes": [[]] * len(payload["runs"])}


def _group(runs: list[dict[str, Any]]) -> Any:
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


TARGETS: Final = Targets(
    simulate=f"{__name__}:simulate",
    check=f"{__name__}:check",
    warm=(__name__,),
    has_known_names=False,
)
