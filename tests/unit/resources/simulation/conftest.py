"""Clients of a server of simulations."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from ionworks import Ionworks
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.simulation_service import (
    Service,
)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[Ionworks]:
    with Ionworks(
        "key", "https://api.test", "PROJ", transport=httpx.MockTransport(service)
    ) as client:
        yield client


@pytest.fixture
def simulation(client: Ionworks, service: Service) -> SimulationResource:
    return SimulationResource(
        client.simulation._connection, clock=service.clock, sleep=service.clock.sleep
    )
