"""A server that answers a batch with a receipt, and tells the statuses of its runs in ranges."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import attrs
import httpx

from tests.unit.resources.simulation.simulation_service import Service

SUBMISSION = "0f3a8c1e-7b2d-4f60-9a11-f00000000000"
STATUSES = f"/simulations/submissions/{SUBMISSION}/statuses"


def simulation_id(index: int) -> str:
    return f"0f3a8c1e-7b2d-4f60-9a11-{index:012x}"


@attrs.define
class Runs:
    """The runs of the submission: those without a status are deleted."""

    service: Service
    statuses: list[str | None]
    errors: dict[int, str] = attrs.field(factory=dict)
    asked: list[str | None] = attrs.field(factory=list)
    #: Statuses by the time from which they hold.
    later: dict[float, dict[int, str | None]] = attrs.field(factory=dict)
    changed: dict[int, float] = attrs.field(factory=dict)
    #: Seconds that a reply takes.
    latency: float = 0.0

    def receipt(self, **fields: Any) -> None:
        """Have the service answer submissions with a receipt, and requests for statuses."""
        values = {"submission_id": SUBMISSION, "count": len(self.statuses), **fields}
        headers = {"Preference-Applied": "return=minimal"}
        self.service.replies["/simulations/with-template/batch"] = lambda _: httpx.Response(
            201, json=values, headers=headers
        )
        self.service.replies[STATUSES] = self.reply

    def reply(self, request: httpx.Request) -> httpx.Response:
        since = request.url.params.get("changed_since")
        self.asked.append(since)
        self.service.clock.now += self.latency
        now = self.service.clock()
        for moment in sorted(self.later):
            if moment <= now:
                for index, status in self.later.pop(moment).items():
                    self.statuses[index] = status
                    self.changed[index] = moment
        wanted = [
            index
            for index in range(len(self.statuses))
            if since is None or self.changed.get(index, -1.0) >= float(since)
        ]
        body = {
            "submission_id": SUBMISSION,
            "count": sum(status is not None for status in self.statuses),
            "as_of": str(now),
            "statuses": [*self._ranges(wanted)],
        }
        return httpx.Response(200, json=body)

    def _ranges(self, indexes: Iterable[int]) -> Iterable[dict[str, Any]]:
        def like(index: int) -> Any:
            return self.statuses[index], self.errors.get(index)

        for (status, error), group in groupby(indexes, key=like):
            for index in group if status is not None else ():
                yield {"first": index, "count": 1, "status": status, "error": error}
