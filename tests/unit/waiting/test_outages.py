"""Waits for a service that cannot be reached for a while, or whose jobs are held up."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from ionworks.errors import (
    CertificateError,
    IonworksError,
    NotAvailableError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    ServiceConnectionError,
    WaitTimeoutError,
)
from ionworks.waiting import polling
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.views import WaitView
from tests.clock import Clock

wait = polling.waits(polling.wait)
JOBS = Jobs(noun="simulation", resume="client.simulation.wait_for_completion")
OUTAGES = [
    ServerError("bad gateway", 502),
    ServerError("unavailable", 503),
    ServerError("gateway timeout", 504),
    ServerError("the disk is full", 507),
    RateLimitError("too many requests", 429),
    ServiceConnectionError("refused"),
    RequestTimeoutError("took too long"),
]
BAD_GATEWAY = OUTAGES[0]


@attrs.frozen
class State:
    status: str | None
    delay_reason: str | None = None


@attrs.define
class Service:
    """Fails between two times with a problem; a job ends at `end`."""

    clock: Clock
    problem: IonworksError = BAD_GATEWAY
    begin: float = 0.0
    back: float = 30.0
    end: float = 31.0
    times: list[float] = attrs.field(factory=list)

    def __call__(self, ids: Sequence[str], _: float) -> dict[str, State]:
        self.times.append(self.clock())
        if self.begin <= self.clock() < self.back:
            raise self.problem
        return {each: State("completed" if self.clock() >= self.end else "pending") for each in ids}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def view_of(stream: io.StringIO) -> WaitView:
    return WaitView("simulation a", 1, stream=stream)


@pytest.mark.parametrize("problem", OUTAGES, ids=str)
def test_a_wait_outlives_an_outage(problem: IonworksError) -> None:
    clock = Clock()
    service = Service(clock, problem)

    ended = wait(["a"], service, jobs=JOBS, pace=clock.pace(timeout=60))

    assert ended == {"a": State("completed")}
    assert clock() < 33.0


def test_pauses_of_an_outage_grow_to_the_interval_and_are_short_again_afterwards() -> None:
    clock = Clock()
    service = Service(clock, end=35.0)  # an outage is noticed to have ended before 32 s

    wait(["a"], service, jobs=JOBS, pace=clock.pace(timeout=60, poll_interval=2))

    failed = sum(time < service.back for time in service.times)
    during, after = clock.pauses[:failed], clock.pauses[failed:]
    for number, pause in enumerate(during):
        longest = min(0.1 * 2**number, 2.0)
        assert longest / 2 <= pause <= longest
    assert failed < 35
    assert after[0] < 0.5


@pytest.mark.parametrize(
    "problem", [CertificateError("not valid"), NotAvailableError("no such operation", 501)], ids=str
)
def test_a_failure_that_does_not_pass_ends_a_wait_at_once(problem: IonworksError) -> None:
    clock = Clock()

    with pytest.raises(type(problem)):
        wait(["a"], Service(clock, problem), jobs=JOBS, pace=clock.pace(timeout=60))

    assert clock.pauses == []


def test_a_restart_of_the_gateway_between_polls_is_survived() -> None:
    clock = Clock()
    service = Service(clock, begin=10.0, back=10.6, end=20.0)

    assert wait(["a"], service, jobs=JOBS, pace=clock.pace(timeout=60))


@pytest.mark.parametrize(("asked", "waited"), [(3.0, 3.0), (86_400.0, 60.0), (0.0, 0.1)])
def test_the_pause_that_the_service_asks_for_is_heeded(asked: float, waited: float) -> None:
    clock = Clock()
    problem = RateLimitError("too many requests", 429)
    problem.retry_after = asked

    service = Service(clock, problem, back=0.01, end=0.02)
    stream = Terminal()

    wait(["a"], service, jobs=JOBS, pace=clock.pace(poll_interval=2), view=view_of(stream))

    assert waited / 2 <= service.times[1] <= waited
    assert stream.getvalue().count("reconnecting") >= waited // 2, "it is shown meanwhile"


def test_no_pause_exceeds_the_deadline() -> None:
    clock = Clock()
    problem = RateLimitError("too many requests", 429)
    problem.retry_after = 8.0

    with pytest.raises(WaitTimeoutError):
        wait(["a"], Service(clock, problem), jobs=JOBS, pace=clock.pace(timeout=5))

    assert clock() == 5.0


def test_a_timeout_during_an_outage_says_so() -> None:
    clock = Clock()
    service = Service(clock, begin=1.0)

    with pytest.raises(WaitTimeoutError) as caught:
        wait(["a"], service, jobs=JOBS, pace=clock.pace(timeout=5))

    assert caught.value.__cause__ is BAD_GATEWAY
    assert "(status pending)" in str(caught.value)
    since = next(time for time in service.times if time >= 1.0)
    assert f"last {5.0 - since:.1f} s have failed: bad gateway (status 502)" in str(caught.value)
    assert caught.value.pending == ("a",)


def test_a_wait_without_limit_outlives_a_day_and_keeps_telling() -> None:
    clock = Clock()
    stream = io.StringIO()
    service = Service(clock, back=86_400.0, end=86_401.0)

    ended = wait(
        ["a"],
        service,
        jobs=JOBS,
        pace=clock.pace(timeout=None, poll_interval=10),
        view=view_of(stream),
    )

    assert ended == {"a": State("completed")}
    lines = [line for line in stream.getvalue().splitlines() if "reconnecting" in line]
    assert 20 < len(lines) < 80
    assert float(lines[-1].split("reconnecting for ")[1].split(" s")[0]) > 50_000


def test_a_log_says_reconnecting_and_goes_on_normally() -> None:
    clock = Clock()
    stream = io.StringIO()

    service = Service(clock, begin=1.0, back=1.6, end=3.0)
    wait(["a"], service, jobs=JOBS, pace=clock.pace(), view=view_of(stream))

    lines = stream.getvalue().splitlines()
    assert lines[0] == "simulation a: pending, 0.0 s"
    assert lines[1].endswith("; reconnecting for 0.0 s: bad gateway (status 502)")
    assert [line.split(",")[0] for line in lines[-2:]] == [
        "simulation a: pending",
        "simulation a: completed",
    ]
    assert not any("reconnecting" in line for line in lines[-2:])


def test_a_terminal_says_reconnecting_where_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    clock = Clock()
    stream = Terminal()

    reason = "POST http://127.0.0.1:8000/simulations/statuses failed: Connection refused"
    problem = ServiceConnectionError(reason)
    service = Service(clock, problem, begin=1.0, back=1.6, end=3.0)
    view = WaitView(f"simulation {'0' * 36}", 1, stream=stream)
    wait(["a"], service, jobs=JOBS, pace=clock.pace(), view=view)

    pictures = stream.getvalue().split("\r")[1:]
    told = [picture.strip() for picture in pictures if "reconnecting" in picture]
    assert told[0] == f"reconnecting: {reason}", "the whole reason, once"
    assert "".join(told).count(reason) == 1
    assert told[1].startswith("reconnecting for 0.0 s; simulation 000")
    assert pictures[-1].startswith(f"simulation {'0' * 36}: completed, 3.")


@pytest.mark.parametrize("failing", [None, BAD_GATEWAY])
def test_an_interrupt_is_possible_at_any_moment(failing: IonworksError | None) -> None:
    """In a request, a pause, or while the progress is written."""

    class Stopping(io.StringIO):
        def write(self, text: str) -> int:
            if "interrupted" in text:
                return super().write(text)
            raise KeyboardInterrupt

    def request(*_: Any) -> dict[str, State]:
        raise KeyboardInterrupt

    def pause(_: float) -> None:
        raise KeyboardInterrupt

    clock = Clock()
    service = Service(clock, back=30.0 if failing else 0.0)
    for fetch, pace, stream in (
        (request, clock.pace(), io.StringIO()),
        (service, attrs.evolve(clock.pace(), sleep=pause), io.StringIO()),
        (service, clock.pace(), Stopping()),
    ):
        with pytest.raises(KeyboardInterrupt):
            wait(["a"], fetch, jobs=JOBS, pace=pace, view=view_of(stream))
        assert stream.getvalue().endswith("client.simulation.wait_for_completion('a')\n")


@pytest.mark.parametrize(("timeout", "limits"), [(60, (60.0, 59.9)), (None, (None, None))])
def test_each_request_has_the_time_that_remains(timeout: float | None, limits: Any) -> None:
    clock = Clock()
    given: list[float] = []

    def fetch(ids: Sequence[str], seconds: float) -> dict[str, State]:
        given.append(seconds)
        clock.now += 0.1
        return {each: State("completed") for each in ids}

    wait(["a", "b"], fetch, jobs=JOBS, pace=clock.pace(timeout=timeout), batch=1)

    assert given == [pytest.approx(float("inf") if each is None else each) for each in limits]


def test_the_last_request_has_a_little_time() -> None:
    clock = Clock()
    given: list[float] = []

    def fetch(_: Sequence[str], seconds: float) -> dict[str, State]:
        given.append(seconds)
        return {}

    with pytest.raises(WaitTimeoutError):
        wait(["a"], fetch, jobs=JOBS, pace=clock.pace(timeout=2))

    assert given[0] == 2.0
    assert 0.5 < given[-1] < 1.0


# ---------------------------------------------------------------- jobs that are held up


def held_up(ids: Sequence[str], _: float) -> dict[str, State]:
    reasons = {"a": None, "b": "the disk is full: free some", "c": "the disk is full: free some"}
    return {
        each: State("completed" if each == "a" else "pending", reasons.get(each, "other"))
        for each in ids
    }


def test_what_holds_jobs_up_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    log, terminal = io.StringIO(), Terminal()

    for stream in (log, terminal):
        clock = Clock()
        with pytest.raises(WaitTimeoutError) as caught:
            wait(
                ["a", "b", "c", "d"],
                held_up,
                jobs=JOBS,
                pace=clock.pace(timeout=60),
                view=WaitView("4 simulations", 4, stream=stream),
            )
        assert str(caught.value).endswith(". Jobs are held up: the disk is full: free some")

    (line,) = log.getvalue().splitlines()
    assert line == (
        "4 simulations: 1/4 done, 1 completed, 3 pending, 0.0 s; waiting: the disk is full: free"
        " some"
    )
    pictures = terminal.getvalue().split("\r")[1:]
    assert pictures[0].rstrip(" \n") == "waiting: the disk is full: free some"
    assert pictures[0].endswith("\n")
    assert pictures[1].startswith("waiting; 1/4 simulations, 0.0 s, 3 pending")


def test_what_held_up_a_job_that_has_ended_is_not_shown() -> None:
    clock = Clock()
    stream = io.StringIO()

    wait(
        ["a"],
        lambda ids, _: {each: State("completed", "the disk is full") for each in ids},
        jobs=JOBS,
        pace=clock.pace(),
        view=view_of(stream),
    )

    assert stream.getvalue() == "simulation a: completed, 0.0 s\n"
