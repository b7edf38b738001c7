"""What a user sees of an error: each sentence once, without the frames of libraries."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError

UNKNOWN = "There is no simulation with the id 'typo'."
REST = {"protocol": "steps:\n  - Rest: {duration: 1}\n", "name": "Rest"}
MODELS = [{"id": "spm-chen2020", "name": "SPM Chen2020"}, {"id": "spm-b", "name": "SPM B"}]
REPLIES = {
    "GET /parameterized_models": {"items": MODELS, "total": 2, "count": 2},
    "POST /simulations/with-template/batch": httpx.Response(404, json={"detail": "no such model"}),
    "POST /simulations/statuses": [],
    "GET /simulations/typo": httpx.Response(404, json={"detail": UNKNOWN}),
    "POST /protocols/parse-to-template": httpx.Response(422, json={"detail": "a project please"}),
}


def submitted(client: Ionworks) -> None:
    client.simulation.protocol({"parameterized_model": "pm", "protocol_experiment": REST})


def misspelt(client: Ionworks) -> None:
    client.simulation.protocol(
        {"parameterized_model": "spm-chen2021", "protocol_id": "p", "project_id": "q"}
    )


@pytest.mark.parametrize(
    ("fail", "sentence"),
    [
        (lambda c: c.simulation.wait_for_completion("typo", verbose=False), UNKNOWN),
        (submitted, "a project please"),
        (lambda c: c.simulation.list("m", created_after="2026-13-45"), "must be a date such as"),
        (lambda c: c.protocol.create("n", "steps: [", project_id="p"), "must be a YAML mapping"),
        (lambda c: c.protocol.create("n", ["Rest for a bit"], project_id="p"), "'Rest for a bit'"),
        (misspelt, "no parameterized model has the id or name 'spm-chen2021'"),
        (lambda c: c.protocol.create("n", {"steps": float("nan")}, project_id="p"), "as YAML"),
    ],
)
def test_a_sentence_is_shown_once(
    stub_service: Callable[..., Any], fail: Callable[[Ionworks], Any], sentence: str
) -> None:
    with stub_service(REPLIES).client(max_retries=0) as client:
        assert_short(lambda: fail(client), sentence)


def test_the_refusal_of_a_poll_is_shown_once(stub_service: Callable[..., Any]) -> None:
    refused = httpx.Response(401, json={"detail": "the key has expired"})
    with stub_service({"POST /simulations/statuses": refused}).client() as client:
        wait = client.simulation.wait_for_completion
        assert_short(lambda: wait("s", verbose=False), "the key has expired")


def assert_short(fail: Callable[[], Any], sentence: str) -> None:
    with pytest.raises((IonworksError, ValueError), match=sentence) as caught:
        fail()

    error = caught.value
    # The sentences of a cause are in the message already.
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    frames = traceback.extract_tb(error.__traceback__)
    assert not [frame for frame in frames if "httpx" in frame.filename]
    assert not [frame for frame in frames if frame.name in {"poll", "polls"}], "frames of the loop"
    assert str(error).count(sentence) == 1
