"""Simulations whose results are written in packs, as those of real workers; see `quick_worker`.

A run has one point more than its index in the chunk, all with its thickness; it fails if it is told
to, and keeps its points if it has any.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

from ionworks.server.jobs.outcomes import OutcomeWriter
from ionworks.server.store.blobs import Blobs
from ionworks.worker.packing import Packer
from tests.unit.server.quick_worker import NAMES, PROVENANCE, check, describe

__all__ = ["NAMES", "check", "describe", "simulate"]


def simulate(payload):
    runs = payload["runs"]
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        packer = Packer(
            Blobs.at(payload["blobs"]),
            outcomes,
            payload["owner"],
            [run["id"] for run in runs],
            provenance=PROVENANCE,
        )
        # Backwards, because runs end in any order.
        packer.add(group([run for run in runs if not run["design_parameters"].get("raise")][::-1]))
        if refused := [run["id"] for run in runs if run["design_parameters"].get("raise")]:
            packer.add(without_points(refused))
        packer.write()


def group(runs):
    thicknesses = [run["design_parameters"]["thickness"] for run in runs]
    points = [len(runs) - place for place in range(len(runs))]
    table = {
        "Time [s]": [float(n) for count in points for n in range(count)],
        "Voltage [V]": np.repeat(thicknesses, points).tolist(),
    }
    return SimpleNamespace(
        ids=[run["id"] for run in runs],
        errors=[
            ("SOLVER_ERROR", "no convergence") if run["design_parameters"].get("fail") else None
            for run in runs
        ],
        notes=[["thick"] if thickness > 7 else [] for thickness in thicknesses],
        points=np.array(points),
        step_counts=np.ones(len(runs), dtype=int),
        time_series=pl.DataFrame(table),
        steps=pl.DataFrame({"Label": thicknesses, "End index": [count - 1 for count in points]}),
        metrics={"thickness": thicknesses},
    )


def without_points(ids):
    zeros = np.zeros(len(ids), dtype=int)
    errors = [("CONFIGURATION_ERROR", "refused")] * len(ids)
    return SimpleNamespace(
        ids=ids, errors=errors, notes=[[] for _ in ids], points=zeros, step_counts=zeros,
        time_series=None, steps=None, metrics={},
    )  # fmt: skip
