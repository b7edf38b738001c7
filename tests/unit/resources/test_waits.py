"""What all waits have in common: outages, deadlines, and jobs that are held up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest

from ionworks.errors import JobFailedError, ServerError, WaitTimeoutError
from ionworks.resources.cell_measurement import CellMeasurementResource
from ionworks.resources.pipeline import PipelineResource
from ionworks.resources.simple_pipeline import SimplePipelineResource
from ionworks.resources.simulation import SimulationResource
from ionworks.settings import Settings
from ionworks.transport.connection import connect
from ionworks.transport.timeouts import Deadline
from tests.clock import Clock

pytestmark = pytest.mark.off_contract("replies with only the fields that a wait reads")


@attrs.frozen
class Wait:
    """A wait of a resource, and where it asks."""

    resource: Callable[[], Any]
    method: str
    poll: str
    running: Any
    ended: Any
    whole: str | None = None


def simulation(status: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"simulation_id": "x", "status": status, **fields}]


WAITS = {
    "simulation": Wait(
        lambda: SimulationResource,
        "wait_for_completion",
        "/simulations/statuses",
        simulation("processing"),
        simulation("completed"),
        "/simulations/x",
    ),
    "pipeline": Wait(
        lambda: PipelineResource,
        "wait_for_completion",
        "/pipelines/x",
        {"id": "x", "status": "running"},
        {"id": "x", "status": "completed"},
    ),
    "simple pipeline": Wait(
        lambda: SimplePipelineResource,
        "wait_for_completion",
        "/simple_pipelines/x",
        {"id": "x", "status": "running"},
        {"id": "x", "status": "completed"},
    ),
    "measurement": Wait(
        lambda: CellMeasurementResource,
        "wait_for_processing",
        "/cell_measurements/x",
        {"id": "x", "cell_instance_id": "c", "name": "m", "processing_status": "running"},
        {"id": "x", "cell_instance_id": "c", "name": "m", "processing_status": "completed"},
    ),
}


@pytest.fixture(params=list(WAITS))
def wait(request: pytest.FixtureRequest) -> Wait:
    return WAITS[request.param]


@attrs.define
class Service:
    """Answers the polls of a wait in turn, repeating the last answer, and notes their limits."""

    wait: Wait
    polls: list[Any]
    others: dict[str, list[Any]] = attrs.field(factory=dict)
    naps: list[float] = attrs.field(factory=list)
    limits: list[float | None] = attrs.field(factory=list)
    clock: Clock = attrs.field(factory=Clock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.limits.append(Deadline(None).limit(None, TimeoutError))
        answers = (
            self.polls if request.url.path == self.wait.poll else self.others[request.url.path]
        )
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(200, json=answer)

    def waited(self, **options: Any) -> Any:
        connection = connect(
            Settings(api_url="https://api.example", api_key="KEY"),
            transport=httpx.MockTransport(self),
            sleep=self.naps.append,
        )
        # Looked up here, because the asynchronous one is another for each test.
        kind = self.wait.resource()
        resource = kind(connection, clock=self.clock, sleep=self.clock.sleep)
        call: Callable[..., Any] = getattr(resource, self.wait.method)
        try:
            return call("x", verbose=False, **options)
        finally:
            connection.close()


def service_of(wait: Wait, *polls: Any) -> Service:
    others = {} if wait.whole is None else {wait.whole: [{"id": "x", "status": "completed"}]}
    return Service(wait, [*polls], others)


def test_a_gateway_that_is_down_does_not_end_a_wait(wait: Wait) -> None:
    service = service_of(wait, wait.running, *[502, 503, 504] * 5, wait.ended)

    record = service.waited(timeout=60)

    assert record.id == "x"
    assert service.naps == [], "the transport does not repeat polls"


def test_a_poll_has_the_time_that_the_wait_has_left(wait: Wait) -> None:
    service = service_of(wait, wait.running, 502, wait.ended)

    service.waited(timeout=5)

    assert all(limit is not None and limit <= 5.0 for limit in service.limits)


def test_a_wait_without_limit_leaves_requests_theirs(wait: Wait) -> None:
    service = service_of(wait, 502, wait.ended)

    service.waited(timeout=None)

    assert set(service.limits) == {None}


def test_a_deadline_during_an_outage_is_kept(wait: Wait) -> None:
    service = service_of(wait, wait.running, 503)

    with pytest.raises(WaitTimeoutError, match=r"have failed: .*status 503") as caught:
        service.waited(timeout=5)

    assert isinstance(caught.value.__cause__, ServerError)
    assert service.clock() == 5.0


def test_a_wait_that_timed_out_says_what_holds_the_job_up(wait: Wait) -> None:
    running = wait.running[0] if isinstance(wait.running, list) else wait.running
    held_up = {**running, "delay_reason": "the disk is full"}
    service = service_of(wait, [held_up] if isinstance(wait.running, list) else held_up)

    with pytest.raises(WaitTimeoutError, match="It is held up: the disk is full"):
        service.waited(timeout=5)


# ---------------------------------------------------------------- the end of a wait


def test_the_record_of_a_simulation_is_read_within_the_wait() -> None:
    wait = WAITS["simulation"]
    service = service_of(wait, wait.ended)
    service.others["/simulations/x"] = [503, 503, {"id": "x", "metrics": {"m": 1}}]

    record = service.waited(timeout=5)

    assert record.metrics == {"m": 1}
    assert service.naps == []
    assert None not in service.limits


def test_the_reason_of_a_failed_simulation_is_read_within_the_wait() -> None:
    service = service_of(WAITS["simulation"], simulation("failed"))
    service.others["/simulations/x"] = [502, {"id": "x", "error": "the mesh is too coarse"}]

    with pytest.raises(JobFailedError, match="the mesh is too coarse"):
        service.waited(timeout=5)

    assert None not in service.limits


def test_the_reason_of_a_failed_pipeline_is_read_within_the_wait() -> None:
    service = service_of(WAITS["pipeline"], {"id": "x", "status": "failed"})
    elements = [{"name": "fit", "status": "failed", "error": "no bounds"}]
    service.others["/pipelines/x/elements"] = [502, elements]

    with pytest.raises(JobFailedError, match="no bounds"):
        service.waited(timeout=5)

    assert None not in service.limits
