"""What was submitted from this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from ionworks.records.record import Record
from ionworks.records.simulation import SimulationResponse
from ionworks.records.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SIMULATION", "HistoryEntry"]

SIMULATION = "simulation"
B_co = TypeVar("B_co", covariant=True)


@attrs.frozen(kw_only=True, repr=False)
class HistoryEntry(Record, Generic[B_co]):
    """One submission of the history; a batch of several models has one for each of them.

    Its type parameter is that of the batches of the client that has read it.

    Attributes
    ----------
    submitted_at : str
        When, in ISO 8601 and UTC.
    address : str
        To which service: its URL, or ``local`` and the folder of the embedded engine.
    project_id : str or None
        Project of the submission, if it was given or set.
    kind : str
        ``simulation``, ``pipeline`` or ``simple_pipeline``.
    name : str or None
        Name of the protocol or pipeline.
    model : str or None
        Id or description of the model of simulations.
    count : int
        Number of simulations or pipelines.
    submission_id, protocol_id : str or None
        Those of a batch.
    seed : int or None
        Seed of the random values of the design.
    stored_ids : list of str or None
        The ids, if they cannot be made from `submission_id`; see `ids`.
    """

    submitted_at: str
    address: str
    kind: str
    count: int
    project_id: str | None = None
    name: str | None = None
    model: str | None = None
    submission_id: str | None = None
    protocol_id: str | None = None
    seed: int | None = None
    stored_ids: list[str] | None = None

    _open: Callable[[HistoryEntry[Any]], B_co] | None = attrs.field(
        default=None, eq=False, alias="open"
    )

    def opened_by(self, make: Callable[[HistoryEntry[Any]], Any]) -> HistoryEntry[Any]:
        """Return this entry with what makes its batches."""
        return attrs.evolve(self, open=make)

    def batch(self) -> B_co:
        """Return the batch of a submission of simulations; nothing is sent.

        Returns
        -------
        SimulationBatch
            The simulations in the order they were submitted, with the methods of the batch that
            ``client.simulation.protocol_batch`` returned. An entry that an `AsyncIonworks` has read
            gives an `AsyncSimulationBatch`.

        Raises
        ------
        ValueError
            If the submission went to another address than that of the client that has read the
            entry, or no client has.
        TypeError
            If this is the submission of a pipeline.
        """
        if self._open is None:
            raise ValueError(
                "this entry does not know its client, for example because it is a copy: read it"
                " with client.history(), or use client.simulation.batch(entry.ids)"
            )
        return self._open(self)

    @property
    def ids(self) -> list[str]:
        """Ids of the simulations or pipelines, in the order they were submitted."""
        if self.submission_id is None:
            return list(self.stored_ids or [])
        submission = self._submission(self.submission_id)
        return [submission.simulation_id(index) for index in range(self.count)]

    def responses(self) -> list[SimulationResponse]:
        """Return the responses to the submission of simulations, without their notes.

        They can be waited for and read like those that `protocol_batch` returned.

        Raises
        ------
        TypeError
            If this is the submission of a pipeline.
        """
        if self.kind != SIMULATION:
            raise TypeError(
                f"this is the submission of a {self.kind.replace('_', ' ')}, not of simulations:"
                " its id is in .ids"
            )
        if self.submission_id is not None:
            return self._submission(self.submission_id).runs()
        shared: dict[str, Any] = {"protocol_id": self.protocol_id, "seed": self.seed}
        return [SimulationResponse(simulation_id=each, **shared) for each in self.ids]

    def __reduce__(self) -> tuple[Any, ...]:
        # The client has an open connection, so copies and pickles have the fields only.
        return HistoryEntry.from_dict, (self.to_dict(),)

    def _submission(self, submission_id: str) -> Submission:
        return Submission(submission_id, self.count, self.protocol_id, self.seed)
