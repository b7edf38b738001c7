"""Submissions with an Idempotency-Key, and when they are sent again."""

from collections.abc import Callable

import httpx
import pytest

from ionworks import Ionworks, errors
from ionworks.transport.connection import Connection
from ionworks.transport.idempotency import new_key
from tests.unit.transport.recording_service import CONNECT, DROPPED, READ_TIMEOUT, Outcome

pytestmark = pytest.mark.off_contract("plays services that fail in ways no contract describes")

READ_ERROR = httpx.ReadError("reset")
WRITE_ERROR = httpx.WriteError("reset")
WRITE_TIMEOUT = httpx.WriteTimeout("slow")
IN_USE = httpx.Response(409, json={"error_code": "IDEMPOTENCY_KEY_IN_USE", "message": "wait"})
MADE = httpx.Response(201, json={"id": "made"})
HONOURED = httpx.Response(200, json={"idempotency_keys": True})
REPEATED = [READ_TIMEOUT, WRITE_TIMEOUT, READ_ERROR, WRITE_ERROR, DROPPED, 502, 503, 504]


class Service:
    """Answers submissions with the outcomes in turn, and says whether it honours keys."""

    def __init__(self, *outcomes: Outcome | int, capabilities: Outcome = HONOURED) -> None:
        self.outcomes = [
            httpx.Response(each, text="down") if isinstance(each, int) else each
            for each in outcomes
        ]
        self.capabilities = capabilities
        self.submissions: list[httpx.Request] = []
        self.questions: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.questions.append(request)
            outcome = self.capabilities
        else:
            self.submissions.append(request)
            outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return httpx.Response(outcome.status_code, content=outcome.content)


def send(connection: Connection, **headers: str) -> httpx.Response:
    given = {"Idempotency-Key": '"k"', **headers}
    return connection.http.request("POST", "/pipelines", json={"a": 1}, headers=given)


@pytest.mark.parametrize("failure", REPEATED, ids=str)
def test_a_submission_is_repeated_with_its_key_and_body(
    failure: Exception | int, opened: Callable[..., Connection], naps: list[float]
) -> None:
    service = Service(failure, MADE)

    assert send(opened(service)).json() == {"id": "made"}

    first, second = service.submissions
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == '"k"'
    assert first.content == second.content == b'{"a":1}'
    assert len(naps) == 1


@pytest.mark.parametrize(("timeout", "limit"), [(300.0, 10.0), (2.0, 2.0)])
def test_the_question_for_the_capabilities_is_short(
    timeout: float, limit: float, opened: Callable[..., Connection]
) -> None:
    service = Service(READ_TIMEOUT, MADE)
    connection = opened(service)
    connection.http.timeout = httpx.Timeout(timeout)

    send(connection)

    (question,) = service.questions
    assert question.extensions["total"] == limit
    assert set(question.extensions["timeout"].values()) == {limit}


@pytest.mark.parametrize("failure", REPEATED, ids=str)
@pytest.mark.parametrize(
    "capabilities",
    [
        httpx.Response(200, json={"schemas": {}}),
        httpx.Response(200, json={"idempotency_keys": False}),
        httpx.Response(200, json=["idempotency_keys"]),
        httpx.Response(200, text="<html>"),
        httpx.Response(404),
        httpx.Response(500),
        READ_TIMEOUT,
        CONNECT,
    ],
    ids=str,
)
def test_a_service_that_may_not_honour_keys_gets_no_repetition(
    failure: Exception | int, capabilities: Outcome, opened: Callable[..., Connection]
) -> None:
    service = Service(failure, MADE, capabilities=capabilities)

    with pytest.raises(errors.IonworksError):
        send(opened(service))

    assert len(service.submissions) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422, 500, 501, 507])
def test_other_errors_are_not_repeated(status: int, opened: Callable[..., Connection]) -> None:
    service = Service(status, MADE)

    with pytest.raises(errors.IonworksError):
        send(opened(service))

    assert len(service.submissions) == 1
    assert service.questions == []


def test_requests_without_a_key_are_not_repeated(opened: Callable[..., Connection]) -> None:
    service = Service(READ_TIMEOUT, MADE)

    with pytest.raises(errors.RequestTimeoutError):
        opened(service).http.post("/pipelines", json={})

    assert len(service.submissions) == 1
    assert service.questions == []


def test_the_service_is_asked_once_with_the_credentials_and_without_the_key(
    opened: Callable[..., Connection],
) -> None:
    service = Service(READ_TIMEOUT, MADE)
    connection = opened(service, api_url="https://api.example/base")

    send(connection)
    service.outcomes = [httpx.ReadTimeout("slow"), MADE]
    send(connection)

    [question] = service.questions
    assert str(question.url) == "https://api.example/base/discovery/capabilities"
    assert question.headers["X-API-Key"] == "KEY"
    assert "Idempotency-Key" not in question.headers
    assert "Content-Length" not in question.headers
    assert question.content == b""


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_repetitions_are_limited(retries: int, opened: Callable[..., Connection]) -> None:
    service = Service(READ_TIMEOUT)

    with pytest.raises(errors.RequestTimeoutError):
        send(opened(service, max_retries=retries))

    assert len(service.submissions) == 1 + retries


def test_the_client_waits_for_a_submission_that_is_being_carried_out(
    opened: Callable[..., Connection], naps: list[float]
) -> None:
    service = Service(READ_TIMEOUT, *[IN_USE] * 20, MADE)

    assert send(opened(service, max_retries=1)).json() == {"id": "made"}

    assert naps[1:] == [1.0] * 20


def test_the_client_does_not_wait_for_ever(
    opened: Callable[..., Connection], naps: list[float]
) -> None:
    with pytest.raises(errors.ConflictError, match="wait"):
        send(opened(Service(IN_USE)))

    assert sum(naps) == 600


def test_a_reply_that_is_cut_off_is_fetched_again(opened: Callable[..., Connection]) -> None:
    class Cut(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield b'{"id":'
            raise httpx.ReadError("reset")

    replies = [httpx.Response(201, stream=Cut()), MADE]

    def serve(request: httpx.Request) -> httpx.Response:
        return HONOURED if request.method == "GET" else replies.pop(0)

    assert send(opened(serve)).json() == {"id": "made"}


def test_each_submission_of_the_user_has_a_key_of_its_own() -> None:
    keys = []

    def serve(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        replies = {
            "/protocols/parse-to-template": {"template_id": "t"},
            "/simulations/with-template/batch": [{"simulation_id": "s", "job_id": "j"}],
        }
        pipeline = {"id": "p", "status": "pending", "elements": []}
        return httpx.Response(201, json=replies.get(request.url.path, pipeline))

    config = {
        "parameterized_model": "m",
        "protocol_experiment": {"protocol": "steps: []", "name": "n"},
    }
    with Ionworks("k", "http://127.0.0.1", "p", transport=httpx.MockTransport(serve)) as client:
        client.simulation.protocol(config)
        client.simulation.protocol_batch(config)
        client.pipeline.create({"elements": {"fit": {"element_type": "data_fit"}}})
    assert len(set(keys)) == len(keys) == 5


def test_the_time_for_an_answer_grows_with_the_number_of_runs() -> None:
    limits = []

    def serve(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"]["read"])
        return httpx.Response(201, json=[])

    rows = [{"type": "range", "name": "x", "min": 0, "max": 1, "count": 100_000}]
    config = {
        "parameterized_model": "m",
        "protocol_id": "t",
        "design_parameters_doe": {"sampling": "grid", "rows": rows},
    }
    with Ionworks("k", "http://127.0.0.1", "p", transport=httpx.MockTransport(serve)) as client:
        client.simulation.protocol_batch(config)
        client.simulation.protocol_batch({**config, "design_parameters_doe": None})
    assert limits == [100, 10]


def test_keys_are_quoted_texts_that_differ() -> None:
    first, second = new_key(), new_key()

    assert first != second
    assert first[0] == first[-1] == '"'
    assert len(first) == 38
