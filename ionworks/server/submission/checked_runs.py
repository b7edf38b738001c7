"""The runs of a request, checked by a worker while they are stored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from ionworks.doe.run_columns import Joined, in_pieces
from ionworks.server.call import Services
from ionworks.server.jobs import questions
from ionworks.server.jobs.questions import Part
from ionworks.server.store.records import PIECE
from ionworks.server.store.run_parameters import Note, Piece
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.submission import models
from ionworks.server.submission.runs import Runs


class CheckedRuns:
    """All runs of a request in pieces for the store, with the notes of each.

    After the server's time limit, runs are not checked and have the shared notes only.

    Parameters
    ----------
    services
        With the workers, and the limit.
    batch
        What the runs share.
    runs
        The runs.
    shared
        Notes that all runs share.

    Attributes
    ----------
    is_complete
        Whether all were checked; known when all have been read.
    answer
        The late answer of a worker about all of the runs; None if there is none.
    """

    def __init__(
        self,
        services: Services,
        batch: SimulationBatch,
        runs: Runs,
        shared: Sequence[Note] = (),
    ) -> None:
        self.is_complete = True
        self.answer: Future[Any] | None = None
        self._services = services
        self._batch = batch
        self._runs = runs
        self._shared = [*shared]

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces.

        Raises
        ------
        Problem
            422 if a run cannot be computed.
        """
        limit = self._services.check_limit
        deadline = None if limit is None else time.monotonic() + limit
        for part in questions.parts(self._runs, len(self._runs)):
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            notes = self._check(part, left) if self.is_complete else []
            first = 0
            for piece in in_pieces(part.runs, PIECE):
                first, of_piece = first + len(piece), notes[first : first + len(piece)]
                yield Piece(piece, self._with_shared(of_piece, len(piece)))

    def _with_shared(self, notes: Sequence[Sequence[Note]], count: int) -> list[list[Note]]:
        """Return the notes of so many runs; those of which there are none have one list."""
        if not any(notes):
            return [self._shared] * count
        return [[*self._shared, *each] if each else self._shared for each in notes]

    def _check(self, part: Part, limit: float | None) -> list[list[Note]]:
        """Have a worker check a part; returns notes, or nothing if it does not answer in time."""
        payload = {
            "model": self._batch.model,
            "protocol": self._batch.template["protocol"],
            "runs": Joined(part.runs, part.others) if part.others else part.runs,
            "extra_variables": self._batch.extra_variables,
            **self._batch.for_check,
        }
        target = self._services.jobs.targets.check
        check = models.check(self._services, target, payload, limit=limit, rest=part.rest)
        if check.notes is not None:
            return check.notes
        self.is_complete = False
        if len(part.runs) == len(self._runs):
            self.answer = check.answer
        return []
