"""Searches without an algorithm: a grid, or one point."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.optimizers.search import Ended
from ionworks.engine.fitting.problem import Problem

POINTS: Final = 10
MOST_POINTS: Final = 1_000_000


def grid(problem: Problem, _: Floats, options: Mapping[str, Any], __: np.random.Generator) -> Ended:
    """Evaluate a grid with ``npts`` points along each coordinate, bounds included."""
    count = int(options.get("npts") or POINTS)
    lines = [
        np.linspace(low, high, count)
        for low, high in zip(problem.coordinates.low, problem.coordinates.high, strict=True)
    ]
    points = np.stack([part.ravel() for part in np.meshgrid(*lines, indexing="ij")], axis=1)
    problem.costs(points)
    problem.monitor.iterated()
    return Ended(success=True, message=f"evaluated {len(points)} points")


def point(problem: Problem, start: Floats, _: Mapping[str, Any], __: np.random.Generator) -> Ended:
    """Evaluate the initial point."""
    problem.costs(start[None])
    problem.monitor.iterated()
    return Ended(success=True, message="evaluated the initial point")
