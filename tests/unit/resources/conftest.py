"""A service that replies from a table and stores the requests, and clients of both kinds."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from tests.asynchronous import Viewing

Reply = Any


class StubService:
    """Answers each ``"METHOD /path"`` with its reply; the replies of a tuple are used in turn.

    A reply is an `httpx.Response` or the JSON body of a 200.
    """

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = dict(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        route = f"{request.method} {request.url.raw_path.decode().partition('?')[0]}"
        if route not in self.replies:
            return httpx.Response(404, json={"detail": f"the stub has no {route}"})
        reply = self.replies[route]
        if isinstance(reply, tuple):
            reply, *rest = reply
            self.replies[route] = tuple(rest)
        if not isinstance(reply, httpx.Response):
            return httpx.Response(200, json=reply)
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    def client(self, **options: Any) -> Ionworks:
        """A client of this service."""
        return Ionworks(**{"api_key": "KEY", "transport": httpx.MockTransport(self), **options})

    @property
    def sent(self) -> list[tuple[str, dict[str, str], Any]]:
        """Each request as ("METHOD /path", query, JSON body or None)."""
        return [
            (
                f"{request.method} {request.url.raw_path.decode().partition('?')[0]}",
                dict(request.url.params),
                json.loads(request.content) if request.content else None,
            )
            for request in self.requests
        ]


@pytest.fixture
def stub_service() -> type[StubService]:
    """The class itself; each test gives the replies of its service."""
    return StubService


@pytest.fixture(
    params=["synchronous", pytest.param("asynchronous", marks=pytest.mark.unmeasured)], autouse=True
)
def kind_of_client(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Run each test of this folder with the synchronous client and with the asynchronous one."""
    if request.param == "synchronous":
        yield
        return
    viewing = Viewing()
    viewing.replace(Path(__file__).parent, monkeypatch)
    yield
    viewing.close()
