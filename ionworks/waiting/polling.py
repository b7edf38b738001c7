"""One polling loop for every type of job.

The loop is independent of HTTP. Its arguments are a function that requests the states of many
jobs, a pace, and a view. Clock and sleep are part of the pace, so tests need no real time.

Functions that wait are generators: they yield each `Watch` instead of running it, so that they can
be waited for without a thread. The decorator `waits` makes ordinary functions of them.

Pauses between polls start at a few milliseconds, grow to ``poll_interval``, and restart when a
status changes. They are at least one hundredth of the time waited so far, so that the end of a
short run is noticed immediately and a long run costs few requests; and at least four times the
duration of the last poll, so that polling many jobs does not take CPU time from the jobs. They do
not grow beyond fifty times that duration if a poll costs little however many jobs there are.

A service that cannot be reached does not end a wait: it is asked again, at growing and random
pauses, until the wait's own timeout.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import numbers
import random
import time
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

import attrs

from ionworks.errors import (
    CertificateError,
    IonworksError,
    NotAvailableError,
    ServerError,
    ServiceConnectionError,
    WaitTimeoutError,
)
from ionworks.waiting.job_states import State, StatesById, is_terminal
from ionworks.waiting.jobs import RESUMING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from ionworks.waiting.job_states import JobStates
    from ionworks.waiting.jobs import Jobs
    from ionworks.waiting.views import WaitView

__all__ = ["Pace", "Waiting", "Watch", "runs", "wait", "waiting", "waits"]

S = TypeVar("S", bound=State)
P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE = 0.015
_GROWTH = 1.25
_LEAST_SHARE = 0.01
REST_FACTOR = 4.0
"""Shortest pause, as a multiple of the duration of the poll before it."""
_CHEAP_FACTOR = 50.0
_CHEAP_PAUSE = 0.02
"""Longest pause between cheap polls: a factor of the duration of a poll, or these seconds. So polls
take at most a fiftieth of a core, and a long batch is seen to end as soon as a single run."""
_FIRST_PAUSE_OF_OUTAGE = 0.1
_LONGEST_RETRY_AFTER = 60.0
_LARGEST_REQUEST = 1000
_TOLERATED_FAILURES = 3
_UNAVAILABLE = frozenset({429, 502, 503, 504, 507})
"""Statuses of a service that is overloaded, restarting or out of space, or of a gateway before it:
they pass without a change of the request, which a plain 500 often does not."""


def _seconds(value: Any, name: str, *, remedy: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}: {remedy}")
    seconds = float(value)
    if math.isnan(seconds) or seconds < 0:
        raise ValueError(f"{name} must not be negative or NaN, not {value!r}: {remedy}")
    return seconds


def _timeout(value: Any) -> float:
    if value is None:
        return math.inf
    return _seconds(value, "timeout", remedy="give seconds, or None to wait without limit")


def _poll_interval(value: Any) -> float:
    seconds = _seconds(value, "poll_interval", remedy="give the longest pause in seconds, say 2")
    if seconds == 0 or math.isinf(seconds):
        raise ValueError(f"poll_interval must be above 0 and finite, not {value!r}: try 2")
    return seconds


@attrs.frozen(kw_only=True)
class Pace:
    """How long to wait and how often to poll.

    Attributes
    ----------
    timeout : float
        Seconds until `WaitTimeoutError`; 0 polls once; None or infinity waits without limit.
    poll_interval : float
        Longest pause between two polls, in seconds.
    clock : callable
        Returns monotonic seconds.
    sleep : callable
        Pauses for the given seconds.

    Raises
    ------
    TypeError, ValueError
        If a time is not a number, negative or NaN, or the interval is 0 or infinite.
    """

    timeout: float = attrs.field(default=60.0, converter=_timeout)
    poll_interval: float = attrs.field(default=2.0, converter=_poll_interval)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def pauses(self, started: float) -> Iterator[float]:
        """Yield growing pauses, each between a share of the time waited and `poll_interval`."""
        for round_number in itertools.count():
            # The exponent is capped because a float power overflows.
            growing = _FIRST_PAUSE * _GROWTH ** min(round_number, 100)
            share = _LEAST_SHARE * (self.clock() - started)
            yield min(max(growing, share), self.poll_interval)

    def pauses_of_outage(self) -> Iterator[float]:
        """Yield growing pauses up to `poll_interval`, random so that clients do not synchronise."""
        for round_number in itertools.count():
            longest = _FIRST_PAUSE_OF_OUTAGE * 2.0 ** min(round_number, 100)
            share = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, not a secret
            yield share * min(longest, self.poll_interval)


Waiting: TypeAlias = "Generator[Watch, None, T]"
"""What a function that waits returns: it yields what to watch, and goes on when that has ended.

The error of a watch ends the wait, without going on."""


def wait(
    ids: Iterable[str],
    fetch: Callable[[Sequence[str], float], Mapping[str, S]],
    *,
    jobs: Jobs,
    pace: Pace,
    batch: int = _LARGEST_REQUEST,
    view: WaitView | None = None,
    settled: Callable[[S], bool] = is_terminal,
    failed: Callable[[S], bool] | None = None,
    detail: Callable[[S], str | None] | None = None,
) -> Waiting[dict[str, S]]:
    """Wait until every job has ended, successfully or not, or until one has failed.

    Parameters
    ----------
    ids : iterable of str
        The jobs; repeated ids are requested once.
    fetch : callable
        Takes up to `batch` ids and the seconds in which to request the state of each, infinity
        without a limit. It returns the states; an id that is missing in the result counts as not
        ended. It repeats no request, which is left to the loop.
    jobs : Jobs
        How messages refer to them.
    pace : Pace
        Timeout and polling interval.
    batch : int, optional
        Largest number of ids of one call of `fetch`.
    view : WaitView, optional
        Shows the progress; without one nothing is shown.
    settled : callable, optional
        Whether a state is final; by default according to its status.
    failed : callable, optional
        Whether a final state is a failure, which ends the wait. Without it failures are waited
        for like successes.
    detail : callable, optional
        Returns additional text to show when waiting for a single job, such as its progress.

    Returns
    -------
    dict
        State by id of the jobs that have ended, in the order of `ids`: all, unless one failed.

    Raises
    ------
    WaitTimeoutError
        If the deadline has passed; contains the pending ids and the final states. The deadline is
        also checked between the requests of one poll. If the service could not be reached at the
        end, its error is the cause.
    IonworksError
        Raised by `fetch`, except errors that pass: a service that cannot be reached or answers
        429, 502, 503, 504 or 507 is asked until the deadline, and other server errors are raised
        only after four failed polls.
    KeyboardInterrupt
        On Ctrl-C. The jobs are not canceled, and the view shows what becomes of them and how to
        resume waiting.
    """
    states = StatesById(ids, fetch, batch=batch, settled=settled, failed=failed, text=detail)
    yield Watch(states, jobs=jobs, pace=pace, view=view)
    return states.finished()


def waits(function: Callable[P, Waiting[T]]) -> Callable[P, T]:
    """Make a function that waits in this thread of one that yields what to watch.

    The function that yields is its ``__wrapped__``.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True  # respected by pytest and IPython
        try:
            return _ended(function(*args, **kwargs))
        except IonworksError as error:
            # Without the frames of the loop, which tell nothing about the job.
            raise error.with_traceback(None) from error.__cause__

    # Else `help` would show what the function that yields returns.
    signature = inspect.signature(function)
    returned = str(signature.return_annotation).partition("Waiting[")[2].removesuffix("]")
    run.__dict__["__signature__"] = signature.replace(return_annotation=returned)
    return run


def _ended(waiting: Waiting[T]) -> T:
    """Run what is to be watched, and return the result."""
    while True:
        try:
            watch = next(waiting)
        except StopIteration as end:
            result: T = end.value
            return result
        watch.run()


def runs(function: Callable[P, Iterator[Watch | T]]) -> Callable[P, Iterator[T]]:
    """Make an iterator that waits in this thread of one that also yields what to watch.

    The function that yields is its ``__wrapped__``.
    """

    def is_item(step: Watch | T) -> bool:
        if isinstance(step, Watch):
            step.run()
        return not isinstance(step, Watch)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        # Unlike a generator, filter does not keep the last item alive.
        steps: Iterator[Any] = filter(is_item, function(*args, **kwargs))
        return steps

    return run


def waiting(method: Any) -> Any:
    """Return the method that yields what to watch, of one made by `waits` or `runs`."""
    return functools.partial(method.__wrapped__, method.__self__)


class Watch:
    """One wait: when to poll, and which failures of a poll to tolerate.

    Parameters
    ----------
    states : JobStates
        Requests and keeps the states.
    jobs : Jobs
        How messages refer to the jobs.
    pace : Pace
        Timeout and polling interval.
    view : WaitView, optional
        Shows the progress; without one nothing is shown.
    started : float, optional
        When the wait began of which this is a part, by the clock of `pace`; now by default.
    """

    def __init__(
        self,
        states: JobStates[Any],
        *,
        jobs: Jobs,
        pace: Pace,
        view: WaitView | None = None,
        started: float | None = None,
    ) -> None:
        self.states = states
        self.jobs = jobs
        self.pace = pace
        self.view = view
        self.started = pace.clock() if started is None else started
        self.deadline = self.started + pace.timeout
        self.pauses = pace.pauses(self.started)
        self.problem: IonworksError | None = None
        self.failing_since = self.started
        self.failures = 0

    def run(self) -> None:
        """Ask for the states of the jobs until every job has ended, or one has failed.

        Raises
        ------
        WaitTimeoutError, IonworksError, KeyboardInterrupt
            As for `wait`.
        """
        try:
            for pause in self.polls():
                self._pause(pause)
        except KeyboardInterrupt:
            self.interrupted()
            raise
        finally:
            self.close()

    def polls(self) -> Iterator[float]:
        """Poll each time the iterator is advanced; yields the seconds to pause before the next."""
        while self.states.pending_count:
            asked = self.pace.clock()
            self._poll(asked)
            self._draw()
            if self.states.has_failure:
                break
            answered = self.pace.clock()
            remaining = self.deadline - answered
            is_pending = self.states.pending_count > 0
            if is_pending and remaining <= 0:
                problem = None if self.problem is None else self.problem.with_traceback(None)
                raise self._timed_out() from problem
            if is_pending:
                rest = min(REST_FACTOR * (answered - asked), self.pace.poll_interval)
                pause = max(next(self.pauses), rest, self._retry_after())
                if self.states.is_cheap and self.problem is None:
                    pause = min(pause, max(_CHEAP_FACTOR * (answered - asked), _CHEAP_PAUSE))
                yield min(pause, remaining)

    def remaining(self) -> float:
        """Return the seconds until the timeout."""
        return self.deadline - self.pace.clock()

    def interrupted(self) -> None:
        """Show what becomes of the jobs, and how to resume waiting."""
        pending = self.states.pending_ids() if self.view is not None else []
        if self.view is not None and pending:
            self.view.interrupted(self.jobs.left_running(pending))

    def going_on(self) -> str:
        """Say what becomes of the jobs, and how to wait for them again."""
        return self.jobs.left_running(self.states.pending_ids())

    def close(self) -> None:
        """End the line of the view."""
        if self.view is not None:
            self.view.close()

    def _pause(self, seconds: float) -> None:
        """Pause, and keep the display up to date if the service asks for a long pause."""
        while seconds > self.pace.poll_interval:
            self.pace.sleep(self.pace.poll_interval)
            seconds -= self.pace.poll_interval
            self._draw()
        self.pace.sleep(seconds)

    def _poll(self, asked: float) -> None:
        """Request the states of all pending jobs."""
        try:
            changed = self.states.poll(self.remaining)
        except IonworksError as error:
            self._tolerate(error, asked)
        else:
            if changed or self.problem is not None:
                self.pauses = self.pace.pauses(self.started)
            self.failures, self.problem = 0, None

    def _tolerate(self, error: IonworksError, asked: float) -> None:
        """Note an error that can pass, so that a wait survives a restart of the gateway."""
        if isinstance(error, CertificateError | NotAvailableError):
            raise error
        if not (isinstance(error, ServiceConnectionError) or error.status_code in _UNAVAILABLE):
            self.failures += 1
            if not isinstance(error, ServerError) or self.failures > _TOLERATED_FAILURES:
                raise error
        if self.problem is None:
            self.failing_since = asked
            self.pauses = self.pace.pauses_of_outage()
        self.problem = error

    def _retry_after(self) -> float:
        """Return the seconds for which the service asks not to be asked again."""
        asked = None if self.problem is None else self.problem.retry_after
        return min(asked or 0.0, _LONGEST_RETRY_AFTER)

    def _draw(self) -> None:
        if self.view is None:
            return
        self.view.show(
            self.states.statuses(),
            done=self.states.total - self.states.pending_count,
            elapsed=self.pace.clock() - self.started,
            problem=None if self.problem is None else str(self.problem),
            failing=self._failing(),
            delay_reason=self.states.delay_reason(),
            detail=self.states.detail(),
            share=self.states.share(),
        )

    def _failing(self) -> float:
        """Return the seconds since the first of the polls that have failed."""
        return self.pace.clock() - self.failing_since

    def _timed_out(self) -> WaitTimeoutError:
        jobs = self.jobs
        pending, total = self.states.pending_ids(), self.states.total
        resuming = RESUMING.get()
        resume = jobs.resume if resuming is None else resuming(pending)
        again = f"wait again with {resume}, or give a larger timeout"
        if total == 1:
            status = next(iter(self.states.statuses()))
            message = (
                f"{jobs.noun} {pending[0]} has not ended after {self.pace.timeout:g} s (status"
                f" {status}); it {jobs.outlook(1)}: {again}"
            )
        else:
            message = (
                f"{len(pending)} of {total} {jobs.noun}s have not ended after"
                f" {self.pace.timeout:g} s; they {jobs.outlook(total)}: {again}"
            )
            if resuming is None:
                message += (
                    ". The exception's .pending contains their ids, .finished those that have ended"
                )
        if self.problem is not None:
            message += (
                f". All polls of the last {self._failing():.1f} s have failed: {self.problem}"
            )
        reason = self.states.delay_reason()
        if reason is not None:
            message += f". {'It is' if total == 1 else 'Jobs are'} held up: {reason}"
        return WaitTimeoutError(message, pending=pending, finished=self.states.finished())
