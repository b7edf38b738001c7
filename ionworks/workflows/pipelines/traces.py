"""The course of a fit as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["STEP_NUMBERS", "trace_frame"]

STEP_NUMBERS = ("start", "iteration", "evaluations", "cost", "best_cost")


def trace_frame(steps: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return saved steps as a table.

    Parameters
    ----------
    steps : sequence of mapping
        Each with ``cost``, ``best_cost``, ``inputs`` and perhaps ``evaluations``, ``iteration``,
        ``start``.

    Returns
    -------
    polars.DataFrame
        A row per step: the numbers of the step, then a column for each parameter.
    """
    import polars as pl

    numbers = [name for name in STEP_NUMBERS if any(name in step for step in steps)]
    inputs = [step.get("inputs") or {} for step in steps]
    names = dict.fromkeys(name for each in inputs for name in each)
    columns = {name: [step.get(name) for step in steps] for name in numbers}
    columns |= {name: [each.get(name) for each in inputs] for name in names}
    return pl.DataFrame(columns, strict=False)
