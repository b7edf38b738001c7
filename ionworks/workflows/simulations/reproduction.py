"""Simulations as scripts, their references, and how far those of two are apart."""

from __future__ import annotations

from bisect import bisect_right
from math import inf, isnan
from typing import TYPE_CHECKING, Any, Final

from ionworks.records.replay import Replay
from ionworks.transport.call import call
from ionworks.workflows.simulations.result_download import read_result
from ionworks_api_client.api.simulation import get_simulation_citations, get_simulation_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ionworks.data.frames import Frame
    from ionworks.records.simulation import Simulation
    from ionworks.transport.connection import Connection

__all__ = ["compare", "largest_differences", "read_citations", "read_script"]

_TIME: Final = "Time [s]"
_STEP: Final = "Step count"
_SAME: Final = 1e-6
"""Times [s] closer than this are equal."""


def read_script(connection: Connection, simulation_id: str) -> str:
    """Return a simulation as a plain PyBaMM script."""
    return call(get_simulation_script.sync_detailed, simulation_id, client=connection.api).script


def read_citations(connection: Connection, simulation_id: str) -> str:
    """Return the references of a simulation in BibTeX."""
    reply = call(get_simulation_citations.sync_detailed, simulation_id, client=connection.api)
    return reply.bibtex


def compare(
    connection: Connection, first: Simulation, time_series: Frame, again: Simulation
) -> Replay:
    """Return how far the results of a simulation are from those of its repetition.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    first : Simulation
        The first simulation.
    time_series : Frame
        Its time series.
    again : Simulation
        The repetition, which has ended.
    """
    repeated = read_result(connection, again.id).time_series
    return Replay(
        simulation=again,
        differences=largest_differences(time_series, repeated),
        then=first.provenance,
        now=again.provenance,
    )


def largest_differences(first: Frame, again: Frame) -> dict[str, float]:
    """Return the largest difference of each signal of two time series.

    The steps are compared one by one, from the start of each: one that ends a little later shifts
    all that follow it. Where the points differ, those of the second are joined by straight lines.

    Returns
    -------
    dict of str to float
        For all columns but the time and the counts.
    """
    ours, theirs = _Series(first), _Series(again)
    names = [name for name in dict.fromkeys([*ours.columns, *theirs.columns]) if _is_signal(name)]
    if ours.steps.keys() != theirs.steps.keys():
        return dict.fromkeys(names, inf)
    return {name: _difference(ours, theirs, name) for name in names}


class _Series:
    """The columns of a time series as lists, and the rows of its steps."""

    def __init__(self, frame: Frame) -> None:
        self.columns: dict[str, list[Any]] = {
            str(name): frame[name].to_list() for name in frame.columns
        }
        counts = self.columns.get(_STEP) or [0] * len(frame)
        self.steps: dict[int, tuple[int, int]] = {}
        for row, count in enumerate(counts):
            begin, _ = self.steps.get(count, (row, row))
            self.steps[count] = (begin, row + 1)

    def step(self, count: int, name: str) -> tuple[list[float], list[Any]]:
        """Return the times of a step from its start [s], and the values of a signal there."""
        begin, end = self.steps[count]
        times = self.columns[_TIME][begin:end]
        return [time - times[0] for time in times], self.columns[name][begin:end]


def _is_signal(name: str) -> bool:
    return name != _TIME and not name.endswith(" count")


def _difference(ours: _Series, theirs: _Series, name: str) -> float:
    if name not in ours.columns or name not in theirs.columns:
        return inf
    found = 0.0
    for count in ours.steps:
        times, values = ours.step(count, name)
        others = _at(times, *theirs.step(count, name))
        found = max(found, *map(_distance, values, others))
    return found


def _at(times: Sequence[float], given: Sequence[float], values: Sequence[Any]) -> Sequence[Any]:
    """Return values at other times, on straight lines between those that are given."""
    if len(times) == len(given) and all(
        abs(time - other) <= _SAME for time, other in zip(times, given, strict=True)
    ):
        return values
    return [_between(time, given, values) for time in times]


def _between(time: float, given: Sequence[float], values: Sequence[Any]) -> Any:
    after = bisect_right(given, time)
    if after == 0 or after == len(given):
        return values[min(after, len(given) - 1)]
    before = after - 1
    low, high = values[before], values[after]
    if low is None or high is None:
        return None
    return low + (high - low) * (time - given[before]) / (given[after] - given[before])


def _distance(value: Any, other: Any) -> float:
    """Return the distance of two values; none if both are missing, infinity if one is."""
    missing = [each is None or isnan(each) for each in (value, other)]
    if any(missing):
        return 0.0 if all(missing) else inf
    return abs(float(value) - float(other))
