"""Many tasks of one event loop use an engine at the same time."""

import asyncio

import httpx

from ionworks import AsyncIonworks
from ionworks.errors import JobFailedError
from ionworks_api_client.api.simulation import get_simulation


def client_of(app):
    return AsyncIonworks("KEY", "http://engine", transport=httpx.WSGITransport(app=app))


def config(template, **design):
    return {"parameterized_model": "spm-chen2020", "protocol_id": template, **design}


def test_tasks_submit_wait_and_read(app, template):
    async def run(client, thickness):
        design = {"thickness": thickness}
        submitted = await client.simulation.protocol(config(template, design_parameters=design))
        record = await client.simulation.wait_for_completion(submitted, verbose=False)
        result = await client.simulation.get_result(record)
        return result.time_series["Voltage [V]"][1]

    async def use():
        async with client_of(app) as client:
            return await asyncio.gather(*(run(client, float(n)) for n in range(20)))

    assert asyncio.run(use()) == [float(n) for n in range(20)]


def test_batches_are_waited_for_together(app, template):
    def conditions(*names):
        return [{"design_parameters": {name: float(n)}} for n, name in enumerate(names, start=1)]

    async def submitted_and_ended(client, *names):
        runs = config(template, conditions=conditions(*names))
        submitted = await client.simulation.protocol_batch(runs)
        return await client.simulation.wait_for_completion(submitted, verbose=False)

    async def use():
        async with client_of(app) as client:
            good, bad = await asyncio.gather(
                submitted_and_ended(client, *["thickness"] * 3),
                submitted_and_ended(client, *["fail"] * 2),
                return_exceptions=True,
            )
            results = [each async for each in client.simulation.get_results(good)]
            single = await get_simulation.asyncio(good[0].id, client=client.api)
            return good, bad, results, single

    good, bad, results, single = asyncio.run(use())

    assert [each.status for each in good] == ["completed"] * 3
    assert [each.time_series["Voltage [V]"][1] for each in results] == [1.0, 2.0, 3.0]
    assert isinstance(bad, JobFailedError)
    assert single.id == good[0].id
