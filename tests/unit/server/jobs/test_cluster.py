"""Errors of a Dask scheduler that is ending; `tests/end_to_end/cluster` has real clusters."""

import asyncio

import pytest

pytest.importorskip("distributed", reason="distributed is not installed")

from distributed.core import ConnectionPool

from ionworks.server.jobs import cluster
from ionworks.server.jobs.slots import UNREACHABLE


def test_a_scheduler_that_is_ending_cannot_be_reached():
    async def ask():
        pool = ConnectionPool()
        await pool.close()
        await pool.connect("tcp://127.0.0.1:1")

    with pytest.raises(UNREACHABLE, match="the scheduler is ending"):
        asyncio.run(cluster._reached(ask()))


def test_the_error_of_a_worker_stays_what_it_is():
    async def ask():
        raise RuntimeError("a mistake of ours")

    with pytest.raises(RuntimeError, match="a mistake of ours"):
        asyncio.run(cluster._reached(ask()))
