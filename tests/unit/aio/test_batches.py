"""Batches of the asynchronous client."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from pathlib import Path

import httpx
import pytest

from ionworks import AsyncIonworks
from ionworks.aio.resources.simulation_batch import AsyncSimulationBatch
from ionworks.records.simulation import SimulationResponse
from ionworks.resources.simulation_batch import SimulationBatch

pytestmark = pytest.mark.off_contract("replies with few fields")


def serve(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/protocols/parse-to-template":
        return httpx.Response(200, json={"template_id": "tpl"})
    if request.url.path == "/simulations/with-template/batch":
        return httpx.Response(
            200, json=[{"simulation_id": f"s{n}", "job_id": "j"} for n in range(3)]
        )
    if request.url.path == "/simulations/statuses":
        statuses = {"s0": "completed", "s1": "failed", "s2": "completed"}
        rows = [{"simulation_id": n, "status": s, "error": "why"} for n, s in statuses.items()]
        return httpx.Response(200, json=rows)
    return httpx.Response(404)


CONFIG = {
    "parameterized_model": "pm-id",
    "protocol_experiment": {"protocol": "steps: []", "name": "n"},
    "project_id": "p",
    "conditions": [{"design_parameters": {"a": n}} for n in range(3)],
}


def test_a_batch_is_a_list_whose_methods_are_awaited() -> None:
    async def use() -> None:
        async with AsyncIonworks("KEY", transport=httpx.MockTransport(serve)) as client:
            batch = await client.simulation.protocol_batch(CONFIG)
            assert isinstance(batch, AsyncSimulationBatch)
            assert [each.simulation_id for each in batch] == ["s0", "s1", "s2"]
            assert repr(batch).startswith("3 simulations")
            assert ">s2</td>" in batch._repr_html_()
            assert "AsyncIonworks</p>" in client._repr_html_()
            ended = await batch.wait(verbose=False, raise_on_failure=False)
            assert [*ended] == [*batch]
            assert [each.id for each in await batch.failed] == ["s1"]
            completed = await batch.completed
            assert isinstance(completed, AsyncSimulationBatch)
            assert [each.simulation_id for each in completed] == ["s0", "s2"]
            assert isinstance(batch[0], SimulationResponse)
            assert [each.simulation_id for each in await batch[:2].statuses()] == ["s0", "s1"]
            assert len(batch[:1] + batch[1:]) == 3
            part = batch[:1]
            part.append(batch[2])
            assert [each.simulation_id for each in await part.statuses()] == ["s0", "s2"]
            same = part
            part += ["x", batch[1]]
            assert part is same
            assert [each.simulation_id for each in part] == ["s0", "s2", "x", "s1"]
            assert all(isinstance(each, SimulationResponse) for each in part)
            part += batch[:1]
            assert part[-1] == batch[0]
            assert type(pickle.loads(pickle.dumps(batch))) is list  # noqa: S301 - own data

    asyncio.run(use())


def test_entries_of_the_history_give_batches_whose_methods_are_awaited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def use() -> None:
        transport = httpx.MockTransport(serve)
        async with AsyncIonworks("KEY", transport=transport, history=True) as client:
            await client.simulation.protocol_batch(CONFIG)
            [entry] = await client.history()

            batch = entry.batch()

            assert isinstance(batch, AsyncSimulationBatch)
            assert [each.id for each in await batch.failed] == ["s1"]

    asyncio.run(use())


def test_a_history_that_cannot_be_written_is_told_where_the_call_is_awaited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "ionworks").write_text("not a folder")

    async def use() -> None:
        transport = httpx.MockTransport(serve)
        async with AsyncIonworks("KEY", transport=transport, history=True) as client:
            with pytest.warns(UserWarning, match="the submission itself succeeded") as caught:
                await client.simulation.protocol_batch(CONFIG)
            assert [each.filename for each in caught] == [__file__]

    asyncio.run(use())


def test_batches_have_the_methods_of_synchronous_ones() -> None:
    def public(kind: type) -> dict[str, object]:
        return {name: value for name, value in vars(kind).items() if not name.startswith("_")}

    assert public(AsyncSimulationBatch).keys() == public(SimulationBatch).keys()
    assert inspect.iscoroutinefunction(AsyncSimulationBatch.to_frame)
