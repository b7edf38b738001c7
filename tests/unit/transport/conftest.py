"""Connections to a server that is a function."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ionworks.settings import Settings
from ionworks.transport.connection import Connection, connect
from tests.unit.transport.recording_service import URL


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def opened(naps: list[float]) -> Iterator[Callable[..., Connection]]:
    connections: list[Connection] = []

    def open_connection(service: Any, **options: Any) -> Connection:
        settings = Settings(**{"api_url": URL, "api_key": "KEY", **options})
        connections.append(
            connect(settings, transport=httpx.MockTransport(service), sleep=naps.append)
        )
        return connections[-1]

    yield open_connection
    for connection in connections:
        connection.close()
