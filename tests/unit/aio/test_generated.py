"""The asynchronous client is generated, and has what the synchronous one has."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from generator import asynchronous
from ionworks import AsyncIonworks, Ionworks
from ionworks.aio.resource import AsyncResource
from ionworks.resources.resource import Resource


@pytest.fixture
def client() -> Iterator[AsyncIonworks]:
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    client = AsyncIonworks("KEY", transport=transport)
    yield client
    client._client.close()


def public(kind: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(kind) if not name.startswith("_")}


def test_the_generated_modules_are_those_that_the_synchronous_client_gives() -> None:
    assert asynchronous.differences() == [], "run `make generate-async`"


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asynchronous, "_ITERATED", "Use it otherwise.")

    found = asynchronous.differences()
    assert found
    assert all(each.endswith(": changed") for each in found)


def test_the_client_has_everything_that_the_synchronous_one_has() -> None:
    synchronous = public(Ionworks)

    assert {"aclose"} == public(AsyncIonworks).keys() - synchronous.keys()
    assert {"close"} == synchronous.keys() - public(AsyncIonworks).keys()
    parameters = inspect.signature(Ionworks).parameters
    assert list(inspect.signature(AsyncIonworks).parameters) == list(parameters)


def test_resources_have_the_methods_and_parameters_of_the_synchronous_ones(
    client: AsyncIonworks,
) -> None:
    resources = [
        name for name in public(Ionworks) if isinstance(getattr_of(client, name), Resource)
    ]
    assert {"simulation", "study", "measurement"} <= {*resources}

    for name in resources:
        original, made = getattr_of(client, name), getattr(client, name)
        assert isinstance(made, AsyncResource)
        assert made._resource is original
        assert public(type(made)).keys() == public(type(original)).keys()
        for method, function in public(type(original)).items():
            wanted = inspect.signature(function).parameters.values()
            found = inspect.signature(getattr(type(made), method)).parameters.values()
            assert [(each.name, each.kind, each.default) for each in found] == [
                (each.name, each.kind, each.default) for each in wanted
            ]


def getattr_of(client: AsyncIonworks, name: str) -> Any:
    return getattr(client._client, name)


def test_what_sends_requests_is_awaited_or_iterated_over(client: AsyncIonworks) -> None:
    for method in public(type(client.simulation)).values():
        returned = str(inspect.signature(method).return_annotation)
        assert inspect.iscoroutinefunction(method) is not returned.startswith("AsyncIterator")
    assert inspect.iscoroutinefunction(AsyncIonworks.healthz)


def test_docstrings_are_those_of_the_synchronous_methods(client: AsyncIonworks) -> None:
    made, original = client.simulation, client._client.simulation
    assert made.protocol.__doc__ == original.protocol.__doc__
    assert ">>> await client.get(" in (AsyncIonworks.request.__doc__ or "")


def test_reprs_name_the_asynchronous_classes(client: AsyncIonworks) -> None:
    assert repr(client.job) == "<AsyncJobResource of https://api.ionworks.com>"
    assert repr(client).startswith("AsyncIonworks(api_url=")
