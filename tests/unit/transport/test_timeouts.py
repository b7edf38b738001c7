"""Longer timeouts for requests that build a model."""

import httpx
import pytest

from ionworks import Ionworks
from ionworks.transport.timeouts import at_least, extended


def test_limits_are_extended_inside_and_never_shortened() -> None:
    with at_least(300):
        assert extended({"connect": 5.0, "read": 10.0}) == {"connect": 5.0, "read": 300}
        assert extended({"read": 1000.0}) == {"read": 1000.0}
        assert extended({"read": None}) == {"read": None}
        with at_least(500):
            assert extended({"read": 10.0}) == {"read": 500}
    assert extended({"read": 10.0}) == {"read": 10.0}


def test_limits_are_restored_after_a_failure() -> None:
    with pytest.raises(RuntimeError), at_least(300):
        raise RuntimeError
    assert extended({"read": 10.0}) == {"read": 10.0}


def test_only_requests_that_build_a_model_may_take_longer() -> None:
    limits = []

    def serve(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"]["read"])
        return httpx.Response(201 if request.method == "POST" else 200, json={"id": "m"})

    with Ionworks("k", "http://x", "p", transport=httpx.MockTransport(serve)) as client:
        client.model.create({"name": "n", "config": {"type": "SPM"}})
        client.model.get("m")
    assert limits == [300, 10]
