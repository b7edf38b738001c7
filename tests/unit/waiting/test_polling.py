"""The polling loop and its view, with a simulated clock."""

from __future__ import annotations

import inspect
import io
import math
import pydoc
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from ionworks.errors import (
    NotAvailableError,
    NotFoundError,
    ServerError,
    WaitTimeoutError,
)
from ionworks.waiting import polling
from ionworks.waiting.jobs import RESUMING, Jobs
from ionworks.waiting.polling import Pace
from ionworks.waiting.views import WaitView
from tests.clock import Clock

wait = polling.waits(polling.wait)
JOBS = Jobs(noun="simulation", resume="client.simulation.wait_for_completion")


@attrs.frozen
class State:
    status: str | None
    delay_reason: str | None = None


@attrs.define
class Server:
    """Jobs that end at given times; stores the requested ids."""

    clock: Clock
    ends: dict[str, float]
    latency: float = 0.0
    problems: list[Exception | None] = attrs.field(factory=list)
    asked: list[list[str]] = attrs.field(factory=list)
    limits: list[float] = attrs.field(factory=list)

    def __call__(self, ids: Sequence[str], seconds: float) -> dict[str, State]:
        self.asked.append([*ids])
        self.limits.append(seconds)
        self.clock.now += self.latency
        problem = self.problems.pop(0) if self.problems else None
        if problem is not None:
            raise problem
        now = self.clock() - 1000.0
        return {each: State("completed" if now >= self.ends[each] else "pending") for each in ids}


def test_help_shows_what_a_function_that_waits_returns() -> None:
    @polling.waits
    def states(count: int = 1) -> polling.Waiting[list[int]]:
        """Return the states."""
        yield from ()
        return [count]

    assert inspect.signature(states).return_annotation == "list[int]"
    assert "states(count: 'int' = 1) -> 'list[int]'" in pydoc.plain(pydoc.render_doc(states))
    assert states(2) == [2]


def test_everything_ended_at_once_costs_one_request_and_no_pause() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"b": 0, "a": 0})

    ended = wait(["b", "a", "b"], server, jobs=JOBS, pace=clock.pace())

    assert list(ended) == ["b", "a"]
    assert server.asked == [["b", "a"]]
    assert clock.pauses == []


def test_waiting_for_no_jobs_sends_nothing() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {})

    assert wait([], server, jobs=JOBS, pace=clock.pace()) == {}
    assert server.asked == []


def test_pauses_start_fast_and_grow_to_the_interval() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 30.0})

    wait(["a"], server, jobs=JOBS, pace=clock.pace(timeout=60, poll_interval=2))

    assert clock.pauses[0] <= 0.02
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] == 2.0


def test_a_change_makes_the_pauses_short_again() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 20.0, "b": 30.0})

    wait(["a", "b"], server, jobs=JOBS, pace=clock.pace(timeout=60, poll_interval=2))

    seen = len(server.asked) - 1 - server.asked[::-1].index(["a", "b"])
    assert clock.pauses[seen - 1] == 2.0
    assert clock.pauses[seen] <= 0.25


def test_frequent_changes_cost_few_requests() -> None:
    clock = Clock(1000.0)
    ends = {f"s{index}": index * 0.1 for index in range(1000)}
    server = Server(clock, ends)

    wait(list(ends), server, jobs=JOBS, pace=clock.pace(timeout=None, poll_interval=2))

    assert len(server.asked) < 700
    assert clock() - 1000.0 < 102


def test_many_jobs_are_requested_in_thousands() -> None:
    clock = Clock(1000.0)
    ends = dict.fromkeys(map(str, range(2500)), 0.0)
    server = Server(clock, ends)

    wait(list(ends), server, jobs=JOBS, pace=clock.pace())

    assert [len(asked) for asked in server.asked] == [1000, 1000, 500]


def test_only_pending_jobs_are_requested_again() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 0.0, "b": 0.01})

    wait(["a", "b"], server, jobs=JOBS, pace=clock.pace())

    assert server.asked == [["a", "b"], ["b"]]


def test_the_deadline_is_kept_and_nothing_finished_is_lost() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 1.0, "b": 1e9, "c": 1e9})

    with pytest.raises(WaitTimeoutError) as caught:
        wait(["a", "b", "c"], server, jobs=JOBS, pace=clock.pace(timeout=5, poll_interval=2))

    assert clock() == pytest.approx(1005.0)
    assert caught.value.pending == ("b", "c")
    assert caught.value.finished == {"a": State("completed")}
    assert isinstance(caught.value, TimeoutError)
    for words in (
        "2 of 3 simulations",
        "5 s",
        "client.simulation.wait_for_completion",
        ".finished",
    ):
        assert words in str(caught.value)


def test_the_deadline_is_kept_within_a_poll() -> None:
    clock = Clock(1000.0)
    ends = dict.fromkeys(map(str, range(5000)), 1e9)
    server = Server(clock, ends, latency=1.0)

    with pytest.raises(WaitTimeoutError):
        wait(list(ends), server, jobs=JOBS, pace=clock.pace(timeout=2))

    assert len(server.asked) == 2


def test_a_timeout_of_zero_polls_once() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 1e9})

    with pytest.raises(WaitTimeoutError, match=r"simulation a .*0 s \(status pending\)"):
        wait(["a"], server, jobs=JOBS, pace=clock.pace(timeout=0))

    assert server.asked == [["a"]]
    assert clock.pauses == []


@pytest.mark.parametrize("timeout", [None, math.inf])
def test_a_wait_without_limit(timeout: float | None) -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 1e5})

    ended = wait(["a"], server, jobs=JOBS, pace=clock.pace(timeout=timeout, poll_interval=100))

    assert ended == {"a": State("completed")}


@pytest.mark.parametrize(
    ("problem", "requests"),
    [
        (ServerError("internal error", 500), 4),
        (NotAvailableError("not here", 501), 1),
        (NotFoundError("no such simulation", 404), 1),
    ],
)
def test_a_lasting_failure_is_raised(problem: Exception, requests: int) -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 0.0}, problems=[problem] * 10)

    with pytest.raises(type(problem)) as caught:
        wait(["a"], server, jobs=JOBS, pace=clock.pace())

    assert caught.value is problem
    assert len(server.asked) == requests


def test_unknown_statuses_are_shown_and_waited_out() -> None:
    clock = Clock(1000.0)
    statuses = iter(["pending", "warming\x1b[2Jup", None, "completed"])
    stream = io.StringIO()

    ended = wait(
        ["a"],
        lambda ids, _: {each: State(next(statuses)) for each in ids},
        jobs=JOBS,
        pace=clock.pace(),
        view=WaitView("simulation a", 1, stream=stream),
    )

    assert ended == {"a": State("completed")}
    lines = [line.split(",")[0] for line in stream.getvalue().splitlines()]
    assert lines == [
        "simulation a: pending",
        "simulation a: warming?[2Jup",
        "simulation a: unknown",
        "simulation a: completed",
    ]


def test_an_id_the_server_leaves_out_is_still_pending() -> None:
    clock = Clock(1000.0)

    with pytest.raises(WaitTimeoutError) as caught:
        wait(["a"], lambda *_: {}, jobs=JOBS, pace=clock.pace(timeout=1))

    assert caught.value.pending == ("a",)


def interrupt(clock: Clock, ids: list[str], view: WaitView | None) -> None:
    def fetch(asked: Sequence[str], _: float) -> dict[str, State]:
        if len(clock.pauses) > 2:
            raise KeyboardInterrupt
        return {each: State("completed" if each == "a" else "pending") for each in asked}

    with pytest.raises(KeyboardInterrupt):
        wait(ids, fetch, jobs=JOBS, pace=clock.pace(), view=view)


def test_an_interrupt_says_that_the_jobs_keep_running_and_can_be_pasted() -> None:
    stream = io.StringIO()

    interrupt(Clock(1000.0), ["a", *"bcdefg"], WaitView("7 simulations", 7, stream=stream))

    assert stream.getvalue().splitlines()[-1] == (
        "interrupted: 6 simulations keep running, also after this program has ended; wait again"
        " with client.simulation.wait_for_completion(['b', 'c', 'd', 'e', 'f', 'g'])"
    )


@attrs.frozen
class Place:
    is_local: bool


def test_what_becomes_of_the_jobs_of_the_embedded_engine() -> None:
    jobs = JOBS.on(Place(is_local=True))

    assert jobs.left_running(["s-1"]) == (
        "simulation s-1 keeps running while this client is open, and goes on when the folder is"
        " opened again; wait again with client.simulation.wait_for_completion('s-1')"
    )
    with pytest.raises(WaitTimeoutError, match="while this client is open, and go on when"):
        wait(["a", "b"], lambda *_: {}, jobs=jobs, pace=Clock(1000.0).pace(timeout=0))


def test_a_long_list_of_ids_is_found_again_by_a_call() -> None:
    jobs = attrs.evolve(JOBS, find="client.history()")

    assert jobs.left_running([f"s-{number}" for number in range(1000)]) == (
        "1000 simulations keep running, also after this program has ended; find their ids again"
        " with client.history(), and wait with client.simulation.wait_for_completion(ids)"
    )


def test_an_interrupt_of_one_job_and_without_a_view(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()

    interrupt(Clock(1000.0), ["b"], WaitView("simulation b", 1, stream=stream))
    interrupt(Clock(1000.0), ["b"], None)

    assert stream.getvalue().endswith("client.simulation.wait_for_completion('b')\n")
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_rewrites_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    clock = Clock(1000.0)
    server = Server(clock, {"a": 0.0, "b": 1.0})
    stream = Terminal()

    wait(
        ["a", "b"],
        server,
        jobs=JOBS,
        pace=clock.pace(),
        view=WaitView("2 simulations", 2, stream=stream),
    )

    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    pictures = text.rstrip("\n").split("\r")[1:]
    assert len(pictures) == len(server.asked)
    assert {len(picture) for picture in pictures} == {59}
    assert pictures[0].startswith("[####----] 1/2 simulations, 0.0 s, 1 pending")
    assert pictures[-1].startswith("[########] 2/2 simulations, 1.0 s, 2 completed")


def test_many_jobs_write_a_bounded_log() -> None:
    stream = io.StringIO()
    view = WaitView("5000 simulations", 5000, stream=stream)

    for done in range(5001):
        view.show({"completed": done, "processing": 5000 - done}, done=done, elapsed=1.0)

    assert len(stream.getvalue().splitlines()) <= 102


def test_details_of_a_single_job_are_written_at_growing_intervals() -> None:
    stream = io.StringIO()
    view = WaitView("pipeline p", 1, stream=stream)

    for second in range(1, 3601):
        detail = f"best cost {1 / second:.3g}"
        view.show({"running": 1}, done=0, elapsed=float(second), detail=detail)

    lines = stream.getvalue().splitlines()
    assert lines[0] == "pipeline p: running, best cost 1, 1.0 s"
    assert "best cost 0.5" in lines[1]
    assert 20 < len(lines) < 60


def test_a_line_is_bounded_whatever_the_server_says() -> None:
    stream = io.StringIO()

    WaitView("9 simulations", 9, stream=stream).show(
        {f"status {index} {'x' * 50}": 1 for index in range(9)}, done=0, elapsed=1.0
    )

    assert len(stream.getvalue()) <= 201


def test_a_closed_stream_does_not_end_the_wait() -> None:
    clock = Clock(1000.0)
    stream = io.StringIO()
    view = WaitView("simulation a", 1, stream=stream)
    stream.close()

    assert wait(["a"], Server(clock, {"a": 1.0}), jobs=JOBS, pace=clock.pace(), view=view)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"timeout": "60"}, TypeError, "timeout must be a number of seconds, not '60'"),
        ({"timeout": True}, TypeError, "timeout must be a number of seconds"),
        ({"timeout": -1}, ValueError, "timeout must not be negative"),
        ({"timeout": math.nan}, ValueError, "None to wait without limit"),
        ({"poll_interval": None}, TypeError, "poll_interval must be a number"),
        ({"poll_interval": 0}, ValueError, "poll_interval must be above 0"),
        ({"poll_interval": math.inf}, ValueError, "poll_interval must be above 0 and finite"),
        ({"poll_interval": -2}, ValueError, "poll_interval must not be negative"),
    ],
)
def test_invalid_paces_are_rejected(options: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        Pace(**options)

    assert words in str(caught.value)


# ---------------------------------------------------------------- generators that wait


def test_a_function_that_waits_yields_each_watch_and_goes_on_after_it() -> None:
    clock = Clock(1000.0)
    server = Server(clock, {"a": 1.0, "b": 2.0})
    watched: list[float] = []

    def waiting(*ids: str) -> polling.Waiting[list[str]]:
        ended = []
        for each in ids:
            ended += yield from polling.wait([each], server, jobs=JOBS, pace=clock.pace())
            watched.append(clock() - 1000.0)
        return ended

    assert next(waiting("a")).states.pending_ids() == ["a"]
    assert server.asked == [], "nothing is asked before the watch runs"
    assert polling.waits(waiting)("a", "b") == ["a", "b"]
    assert watched[0] >= 1.0
    assert watched[1] >= 2.0


@pytest.mark.parametrize(
    ("is_local", "outlook"),
    [(False, "keep running"), (True, "stop now, and go on when the engine is used again")],
)
def test_a_program_of_the_shell_says_how_to_wait_again_there(is_local, outlook):
    jobs = Jobs(noun="simulation", resume="client.simulation.wait", end_with_client=is_local)
    token = RESUMING.set(lambda ids: f"ionworks wait {' '.join(ids)}")
    try:
        told = jobs.left_running(["a", "b"])
    finally:
        RESUMING.reset(token)

    assert told == f"2 simulations {outlook}; wait again with ionworks wait a b"
