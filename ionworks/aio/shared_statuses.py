"""The statuses of the simulations of all waits of a client, in one request a round."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks.errors import IonworksError, RequestTimeoutError, reworded
from ionworks.transport.timeouts import poll_within
from ionworks.waiting.job_states import LEAST_TIME_OF_POLL
from ionworks.waiting.polling import REST_FACTOR
from ionworks.workflows.simulations.simulation_wait import read_statuses

if TYPE_CHECKING:
    from ionworks.records.simulation import SimulationStatus
    from ionworks.transport.connection import Connection

__all__ = ["Answer", "SharedStatuses"]

_LONGEST_REST: Final = 2.0


@attrs.frozen
class Answer:
    """The statuses that a wait has asked for with others, or why there are none.

    Attributes
    ----------
    statuses : mapping of str to SimulationStatus
        By id; simulations unknown to the service are missing.
    problem : Exception or None
        Why there are none.
    """

    statuses: Mapping[str, SimulationStatus] = attrs.field(factory=dict)
    problem: BaseException | None = None

    def read(self, ids: Iterable[str]) -> Mapping[str, SimulationStatus]:
        """Return the statuses of simulations, or raise the problem."""
        if isinstance(self.problem, IonworksError):
            # A copy, because each wait adds its own frames to the traceback.
            raise reworded(self.problem, self.problem.message) from None
        if self.problem is not None:
            raise self.problem
        return {each: self.statuses[each] for each in ids if each in self.statuses}


@attrs.frozen
class _Question:
    ids: Sequence[str]
    remaining: Callable[[], float]


class SharedStatuses:
    """Requests the statuses of all waits together.

    When the pause of one wait is over, the statuses of all are requested, a thousand a request.
    The rest after a round is four times its duration or 2 s, whichever is shorter, so that many
    waits that begin one after another do not keep the service busy.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    in_thread : callable
        Awaits a function that it calls in a thread.
    sleep : callable
        Awaits the end of the pause of a wait.
    """

    def __init__(
        self,
        connection: Connection,
        in_thread: Callable[..., Awaitable[Any]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._in_thread = in_thread
        self._sleep = sleep
        self._asked: dict[asyncio.Future[Answer], _Question] = {}
        self._is_due = False
        self._rounds: asyncio.Task[None] | None = None

    async def of(self, ids: Sequence[str], pause: float, remaining: Callable[[], float]) -> Answer:
        """Return the statuses of simulations, requested after a pause or with those of others.

        Parameters
        ----------
        ids : sequence of str
            The simulations.
        pause : float
            Seconds after which they are requested if those of no other wait are earlier.
        remaining : callable
            Returns the seconds that the wait has left.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[answer] = _Question(ids, remaining)
        try:
            if pause > 0:
                await self._pause(pause, answer)
            if answer in self._asked:  # else it is part of a round that has begun
                self._is_due = True
                if self._rounds is None or self._rounds.done():
                    self._rounds = asyncio.create_task(self._run())
            await asyncio.wait({answer}, timeout=max(remaining(), LEAST_TIME_OF_POLL))
            if answer.done():
                return answer.result()
            return Answer(problem=RequestTimeoutError("the statuses took too long"))
        finally:
            self._asked.pop(answer, None)

    async def _pause(self, seconds: float, answer: asyncio.Future[Answer]) -> None:
        """Pause until the seconds are over, or the answer is there."""
        nap: asyncio.Future[Any] = asyncio.ensure_future(self._sleep(seconds))
        try:
            both: set[asyncio.Future[Any]] = {nap, answer}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()

    async def _run(self) -> None:
        """Request statuses as long as any are due."""
        clock = asyncio.get_running_loop().time
        while self._is_due:
            self._is_due = False
            asked, self._asked = self._asked, {}
            if not asked:  # all were cancelled
                return
            began = clock()
            answer = await self._ask([*asked.values()])
            for waiting in asked:
                if not waiting.done():
                    waiting.set_result(answer)
            await asyncio.sleep(min(REST_FACTOR * (clock() - began), _LONGEST_REST))

    async def _ask(self, questions: Sequence[_Question]) -> Answer:
        ids = [*dict.fromkeys(each for question in questions for each in question.ids)]
        seconds = max(*(each.remaining() for each in questions), LEAST_TIME_OF_POLL)
        # Whatever the problem is, it is that of the waits, and this task goes on.
        reading = self._in_thread(self._read, ids, seconds)
        found: Any = (await asyncio.gather(reading, return_exceptions=True))[0]
        return Answer(problem=found) if isinstance(found, BaseException) else Answer(found)

    def _read(self, ids: Sequence[str], seconds: float) -> Mapping[str, SimulationStatus]:
        with poll_within(seconds):
            return read_statuses(self._connection, ids)
