"""Protocols on the client: what is asked, and what the answers become."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

from ionworks import Ionworks

UCP = 'global:\n  initial_soc: input["Initial SOC"]\nsteps: []\n'


class Service:
    """Plays the server; keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.reply: Any = {"valid": True}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(200, json=self.reply)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[Ionworks]:
    with Ionworks("key", "https://api.test", transport=httpx.MockTransport(service)) as client:
        yield client


def test_a_valid_protocol_has_an_error_of_none(client: Ionworks, service: Service) -> None:
    result = client.protocol.validate(UCP)

    assert service.sent == [("POST", "/protocols/validate", {"protocol": UCP})]
    assert result["valid"] is result.valid is True
    assert result["error"] is None


def test_an_invalid_protocol_is_an_answer(client: Ionworks, service: Service) -> None:
    service.reply = {"valid": False, "error": "steps is empty", "warnings": ["hm"]}

    result = client.protocol.validate("")

    assert dict(result) == {"valid": False, "error": "steps is empty", "warnings": ["hm"]}


def test_input_references_are_a_list(client: Ionworks, service: Service) -> None:
    service.reply = ["Initial SOC", "C-rate"]

    assert client.protocol.find_input_references(UCP) == ["Initial SOC", "C-rate"]
    assert service.sent == [("POST", "/protocols/input_references", {"protocol": UCP})]


def test_a_dict_travels_as_yaml_without_anchors(client: Ionworks, service: Service) -> None:
    shared = {"variable": "Current [A]", "value": 1e-05}
    protocol = {"steps": [{"ends": [shared]}, {"ends": [shared]}], "name": "naïve"}

    client.protocol.validate(protocol)

    text = service.sent[0][2]["protocol"]
    assert yaml.safe_load(text) == protocol
    assert "&" not in text
    assert list(yaml.safe_load(text)) == ["steps", "name"]


def cyclic() -> dict[str, Any]:
    protocol: dict[str, Any] = {}
    protocol["self"] = protocol
    return protocol


@pytest.mark.parametrize("method", ["validate", "find_input_references"])
@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: 5, TypeError, "protocol must be UCP as YAML text or a dict, not int 5"),
        (lambda: None, TypeError, "not NoneType None"),
        (lambda: b"steps: []", TypeError, "to use a file, read its text first"),
        (lambda: ["Rest for 1 hour"], TypeError, "not list"),
        (lambda: {"value": math.nan}, ValueError, "protocol cannot be written as YAML"),
        (lambda: {"value": object()}, TypeError, "a object is no text, number, list or mapping"),
        (cyclic, ValueError, "protocol cannot be written as YAML"),
    ],
)
def test_what_is_no_protocol_is_refused_unsent(
    client: Ionworks,
    service: Service,
    method: str,
    make: Callable[[], Any],
    kind: type[Exception],
    words: str,
) -> None:
    with pytest.raises(kind) as caught:
        getattr(client.protocol, method)(make())

    assert words in str(caught.value)
    assert service.sent == []
