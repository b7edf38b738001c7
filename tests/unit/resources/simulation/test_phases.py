"""What a wait shows of what is being done for simulations."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.receipts import STATUSES, Runs
from tests.unit.resources.simulation.simulation_service import CONFIG, Service

PHASES = [(1.0, "building model"), (4.0, "cycle 1 of 2, step 3")]
"""Times until which something is being done."""


def phase_at(time: float) -> dict[str, Any]:
    return next(({"phase": phase} for end, phase in PHASES if time < end), {})


def test_of_simulations_that_are_asked_about_by_their_ids(
    simulation: SimulationResource, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("s1", "s2"):
        service.add(name, ends=5.0)

    def statuses(request: httpx.Request) -> httpx.Response:
        [first, *others] = service.statuses(json.loads(request.content))
        return httpx.Response(200, json=[{**first, **phase_at(service.clock())}, *others])

    service.replies["/simulations/statuses"] = statuses
    assert [each.phase for each in simulation.get_statuses(["s1", "s2"])] == [
        "building model",
        None,
    ]

    simulation.wait_for_completion(["s1", "s2"])

    shown = capsys.readouterr().err.splitlines()
    assert "2 simulations: 0/2 done, 2 processing, building model, 0.0 s" in shown
    assert any("2 processing, cycle 1 of 2, step 3, " in line for line in shown)
    assert "building" not in shown[-1]
    assert "cycle" not in shown[-1]


def test_of_the_runs_of_a_submission(
    simulation: SimulationResource, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runs(service, ["processing", "pending"])
    runs.later[5.0] = {0: "completed", 1: "completed"}
    runs.receipt()

    def reply(request: httpx.Request) -> httpx.Response:
        body = json.loads(runs.reply(request).content)
        return httpx.Response(200, json={**body, **phase_at(service.clock())})

    service.replies[STATUSES] = reply
    batch = simulation.protocol_batch({**CONFIG, "conditions": [{}, {}]})
    assert [each.phase for each in simulation.get_statuses(batch)] == [None, None]

    batch.wait()

    shown = capsys.readouterr().err.splitlines()
    assert "2 simulations: 0/2 done, 1 processing, 1 pending, building model, 0.0 s" in shown
    assert any("1 pending, cycle 1 of 2, step 3, " in line for line in shown)
    assert shown[-1] == f"2 simulations: 2/2 done, 2 completed, {shown[-1].rpartition(', ')[2]}"
