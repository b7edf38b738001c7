"""What the generated class of batches needs besides its methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

from ionworks.data.record_list import RecordList
from ionworks.records.simulation import SimulationResponse

if TYPE_CHECKING:
    from ionworks.aio.calls import Calls
    from ionworks.resources.simulation_batch import SimulationBatch

__all__ = ["AsyncBatch"]


class AsyncBatch(RecordList[SimulationResponse]):
    """A batch made of a synchronous one.

    Parameters
    ----------
    batch : SimulationBatch
        The batch, whose methods are called.
    calls : Calls
        Calls them in threads.
    """

    _noun = "simulation"

    def __init__(self, batch: SimulationBatch, calls: Calls) -> None:
        super().__init__(batch)
        self._made_of = batch
        self._calls = calls

    @property
    def _batch(self) -> SimulationBatch:
        """The batch of what is in this list now, which may have been appended to."""
        return self._made_of._with(self)  # noqa: SLF001 - the two batches are one

    @overload
    def __getitem__(self, index: SupportsIndex) -> SimulationResponse: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice) -> SimulationResponse | Self:
        if isinstance(index, slice):
            return type(self)(self._batch[index], self._calls)
        return super().__getitem__(index)

    # A list returns a list of the types of both.
    def __add__(self, other: list[Any]) -> Self:  # type: ignore[override]
        other = other._batch if isinstance(other, AsyncBatch) else other
        return type(self)(self._batch + other, self._calls)

    # Not as a list does it: ids and records become responses.
    def __iadd__(self, other: list[Any]) -> Self:  # type: ignore[override]  # as for a sum
        together = self + other
        self[:] = together
        self._made_of = together._made_of
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return self._batch.__reduce__()
