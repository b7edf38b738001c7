"""Runs in sequence as columns, which are handled many times faster than one dictionary per run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, islice, repeat
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Joined", "RunColumns", "Stretch", "in_pieces"]


class _Runs(Protocol):
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


Stretch: TypeAlias = tuple["Mapping[str, Any]", int, int]
"""Experiment parameters, and the positions of the first run that has them and after the last."""


class RunColumns(Sequence[dict[str, Any]]):
    """Runs whose design parameters have the same names.

    As a sequence, it has a dictionary for each run, with ``experiment_parameters`` and
    ``design_parameters``.

    Parameters
    ----------
    shared : iterable of (Mapping, int)
        Experiment parameters, and how many runs in sequence have them.
    design : Mapping
        Design parameters: by name, a value for each run.

    Attributes
    ----------
    design : Mapping
        As given.
    """

    def __init__(
        self, shared: Iterable[tuple[Mapping[str, Any], int]], design: Mapping[str, Sequence[float]]
    ) -> None:
        self._shared = [(experiment, count) for experiment, count in shared if count]
        self._ends = [*accumulate(count for _, count in self._shared)]
        self.design = design

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = list(self.design)
        values = zip(*self.design.values(), strict=True) if names else repeat(())
        for experiment, first, end in self.stretches():
            for each in islice(values, end - first):
                design = dict(zip(names, each, strict=True))
                yield {"experiment_parameters": experiment, "design_parameters": design}

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """Return one run, or some as a list."""
        places = range(len(self))[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        experiment, _ = self._shared[bisect_right(self._ends, places)]
        design = {name: values[places] for name, values in self.design.items()}
        return {"experiment_parameters": experiment, "design_parameters": design}

    def pieces(self, size: int) -> Iterator[RunColumns]:
        """Yield the runs in pieces of at most this size."""
        for first in range(0, len(self), size):
            end = min(first + size, len(self))
            shared = [
                (experiment, min(stop, end) - max(start, first))
                for experiment, start, stop in self.stretches()
                if start < end and stop > first
            ]
            design = {name: values[first:end] for name, values in self.design.items()}
            yield RunColumns(shared, design)

    def stretches(self) -> Iterator[Stretch]:
        """Yield runs in sequence that have the same experiment parameters."""
        for (experiment, count), end in zip(self._shared, self._ends, strict=True):
            yield experiment, end - count, end


class Joined:
    """Runs, and some more of them.

    Parameters
    ----------
    runs : iterable of Mapping
        Runs that can be read repeatedly, with a length.
    others : sequence of Mapping
        More runs.
    """

    def __init__(self, runs: _Runs, others: Sequence[Mapping[str, Any]]) -> None:
        self._runs = runs
        self._others = others

    def __len__(self) -> int:
        return len(self._runs) + len(self._others)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return chain(self._runs, self._others)

    def pieces(self, size: int) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the runs in pieces of at most this size."""
        yield from in_pieces(self._runs, size)
        yield from in_pieces(self._others, size)


def in_pieces(runs: Iterable[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield runs in pieces of at most this size: `RunColumns` where they can be made as such."""
    make = getattr(runs, "pieces", None)
    if make is not None:
        yield from make(size)
        return
    rest = iter(runs)
    while piece := list(islice(rest, size)):
        yield piece
