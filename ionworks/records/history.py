"""What was submitted from this machine."""

from __future__ import annotations

from typing import Any

import attrs

from ionworks.records.record import Record
from ionworks.records.simulation import SimulationResponse
from ionworks.records.submission import Submission

__all__ = ["SIMULATION", "HistoryEntry"]

SIMULATION = "simulation"


@attrs.frozen(kw_only=True, repr=False)
class HistoryEntry(Record):
    """One submission of the history.

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

    def _submission(self, submission_id: str) -> Submission:
        return Submission(submission_id, self.count, self.protocol_id, self.seed)
