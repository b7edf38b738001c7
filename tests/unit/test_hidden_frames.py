"""Which frames of an error notebooks and pytest show: those of the user, and the last."""

from __future__ import annotations

import inspect
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError
from ionworks.resources.simulation import SimulationResource

HIDDEN = "__tracebackhide__"


@pytest.fixture
def client() -> Iterator[Ionworks]:
    transport = httpx.MockTransport(lambda _: httpx.Response(404, json={"detail": "unknown"}))
    with Ionworks("KEY", "https://api.test", "PROJ", transport=transport) as client:
        yield client


@pytest.mark.parametrize(
    "fail",
    [
        lambda c: c.simulation.protocol({"parameterised_model": "m"}),
        lambda c: c.simulation.get("typo"),
        lambda c: c.simulation.wait_for_completion(5),
        lambda c: c.simulation.batch(["typo"]).wait(timeout=-1),
    ],
)
def test_our_frames_are_left_out(client: Ionworks, fail: Callable[[Ionworks], Any]) -> None:
    with pytest.raises((IonworksError, TypeError, ValueError)) as caught:
        fail(client)

    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert len(frames) > 4
    is_ours = [frame.f_code.co_filename != __file__ for frame in frames]
    assert [HIDDEN in frame.f_locals for frame in frames] == is_ours


def test_the_frames_of_a_function_of_the_user_stay(client: Ionworks) -> None:
    def ids() -> Iterator[str]:
        yield "s"
        raise ValueError("no more ids")

    with pytest.raises(ValueError, match="no more ids") as caught:
        client.simulation.get_statuses(ids())

    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert HIDDEN in frames[-2].f_locals
    assert HIDDEN not in frames[-1].f_locals


def test_methods_are_what_they_were() -> None:
    method = SimulationResource.get
    signature = inspect.signature(method)

    assert [*signature.parameters] == ["self", "simulation_id"]
    assert signature.return_annotation == "Simulation"
    assert inspect.getsource(method).lstrip().startswith("def get(")
    assert pickle.loads(pickle.dumps(method)) is method  # noqa: S301 - own data
