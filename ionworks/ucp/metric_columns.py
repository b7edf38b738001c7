"""Metrics of many runs as columns, and those of one run as a dict.

Columns are what the engine computes, what is stored and what is sent: a name with a list of one
value for each run. The metrics of one run are made of them when somebody asks for them.

``Cycles``, the table of the cycles of a run, is a mapping of columns in place of a list. A run
with one cycle has null there, except for ``Cycle count``: its other values are those of the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

CYCLES: Final = "Cycles"
CYCLE_COUNT: Final = "Cycle count"

Columns: TypeAlias = Mapping[str, Any]


def metrics_of(columns: Columns, position: int) -> dict[str, Any]:
    """Return the metrics of the run at a position.

    Parameters
    ----------
    columns : mapping
        The metrics of some runs.
    position : int
        0-based.

    Returns
    -------
    dict
        Names and values; ``Cycles`` is a list of one dict for each cycle.
    """
    return {
        name: _table(columns, position) if isinstance(values, Mapping) else values[position]
        for name, values in columns.items()
    }


def picked(columns: Columns, positions: Sequence[int]) -> dict[str, Any]:
    """Return the metrics of the runs at some positions, in the order of these."""
    return {
        name: picked(values, positions)
        if isinstance(values, Mapping)
        else [values[position] for position in positions]
        for name, values in columns.items()
    }


def joined(parts: Sequence[Columns]) -> dict[str, Any]:
    """Return the metrics of the runs of several groups, which all have the same names."""
    return {
        name: joined([part[name] for part in parts])
        if isinstance(values, Mapping)
        else [value for part in parts for value in part[name]]
        for name, values in (parts[0] if parts else {}).items()
    }


def _table(columns: Columns, position: int) -> list[dict[str, Any]]:
    """Return the cycles of a run as rows."""
    of_run = {name: values[position] for name, values in columns[CYCLES].items()}
    counts = of_run[CYCLE_COUNT]
    return [
        {
            name: columns[name][position] if values is None else values[cycle]
            for name, values in of_run.items()
        }
        for cycle in range(len(counts))
    ]
