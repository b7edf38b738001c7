"""A Dask cluster that runs what the queue hands out; loaded only when one is configured.

Each thread of a Dask worker is a slot for one worker process, which `ionworks.server.jobs.agent`
starts there. So there is at most one task of Dask for each thread, and a task never waits behind
another of this server.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from distributed import Client
from distributed.comm import CommClosedError

from ionworks.server.http.cluster_addresses import checked_address, is_private
from ionworks.server.jobs import agent
from ionworks.server.jobs.outages import growing_pauses
from ionworks.server.jobs.slots import UNREACHABLE, Slot
from ionworks.server.jobs.worker import KillableExecutor, WorkerGone

log = logging.getLogger(__name__)

#: Seconds between two looks at the workers of the cluster.
PERIOD: Final = 1.0
#: Looks between two signs of life to the worker processes.
_GREETING: Final = 10
#: Longest time to connect, and for an answer that takes no work, in seconds.
CONNECT_LIMIT: Final = 10.0
ANSWER_LIMIT: Final = 10.0
#: Longest pause between two attempts to connect again.
_LONGEST_PAUSE: Final = 10.0
#: Reports that are fetched from all worker processes together, per second.
_FETCHES: Final = 100.0
_SHORTEST_FETCH: Final = 0.5

#: What a scheduler that is ending raises when it is to send something to a worker.
_SCHEDULER_ENDS: Final = "ConnectionPool is closed"

NO_WORKERS: Final = "no workers in the cluster"


async def _reached(run: Coroutine[Any, Any, Any]) -> Any:
    """Return the answers of workers; raises an OSError if the scheduler ends instead."""
    try:
        return await run
    except RuntimeError as error:
        if str(error) != _SCHEDULER_ENDS:
            raise
        raise CommClosedError("the scheduler is ending") from error


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    cluster
        Address of the scheduler, or a client of it, which stays open.

    Raises
    ------
    ValueError
        The address is not one, or the connection would be neither encrypted nor on this machine.
    TypeError
        ``cluster`` is neither.
    RuntimeError
        The scheduler does not answer, or its workers cannot be used.
    """

    def __init__(self, cluster: str | Client) -> None:
        self._is_own = isinstance(cluster, str)
        if isinstance(cluster, str):
            self._address = checked_address(cluster)
            self._client = _connected(self._address)
        elif isinstance(cluster, Client):
            if cluster.asynchronous:
                raise ValueError("cluster is an asynchronous distributed.Client: give another")
            if cluster.status != "running":
                raise ValueError(f"cluster is a distributed.Client that is {cluster.status}")
            self._client = cluster
            self._address = checked_address(cluster.scheduler.address)
        else:
            raise TypeError(
                "cluster must be the address of a Dask scheduler or a distributed.Client, "
                f"not {cluster!r}"
            )
        #: What worker processes know this server by.
        self.server = uuid4().hex
        self._lock = threading.Lock()
        #: Threads of the usable Dask workers by address, and why others are not used.
        self._threads: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        #: What was asked of workers that have just come.
        self._asked: dict[str, Future[dict[str, Any]]] = {}
        self._slots: set[Slot] = set()
        self._outage: str | None = None
        self._resize: Callable[[int], None] = lambda _size: None
        self._closing = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        reason = self._unfit_scheduler()
        if reason is None:
            self._look()
            reason = next(iter(self._refused.values()), None) if not self._threads else None
        if reason is not None:
            self._leave()
            raise RuntimeError(reason)
        self._follower.start()

    @property
    def size(self) -> int:
        """Threads of all Dask workers."""
        with self._lock:
            return sum(self._threads.values())

    @property
    def trouble(self) -> str | None:
        """Why no worker can be used; None if one can."""
        with self._lock:
            if self._threads:
                return None
            return self._outage or next(iter(self._refused.values()), NO_WORKERS)

    @property
    def fetch_period(self) -> float:
        """Seconds between two fetches of the reports of a worker process."""
        return max(_SHORTEST_FETCH, self.size / _FETCHES)

    @property
    def connected_client(self) -> Client:
        """The connection to the scheduler.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        if self._client.status != "running":
            raise CommClosedError(f"the Dask scheduler {self._address} does not answer")
        return self._client

    def start(self) -> KillableExecutor:
        """Return a worker process on a thread that has none.

        Raises
        ------
        WorkerGone
            There is no such thread.
        """
        return self._new_slot(is_spare=False)

    def start_spare(self) -> KillableExecutor:
        """Return a worker process beside those of the threads.

        Raises
        ------
        WorkerGone
            There are no workers.
        """
        return self._new_slot(is_spare=True)

    def _new_slot(self, *, is_spare: bool) -> KillableExecutor:
        with self._lock:
            # A spare one runs beside the threads: it must not keep jobs from the only one.
            used = Counter(slot.address for slot in self._slots if not slot.is_spare)
            free = {address: number - used[address] for address, number in self._threads.items()}
            address = max(free, key=lambda each: free[each], default=None)
            if address is None or (free[address] <= 0 and not is_spare):
                reason = self._outage or next(iter(self._refused.values()), NO_WORKERS)
                raise WorkerGone(reason, is_suspicious=False)
            slot = Slot(self, address, is_spare=is_spare)
            self._slots.add(slot)
            return slot

    def free(self, slot: Slot) -> None:
        """Note that a worker process has ended."""
        with self._lock:
            self._slots.discard(slot)

    def follow(self, resize: Callable[[int], None]) -> None:
        """Call a function with the number of threads whenever it has changed."""
        self._resize = resize

    def ask(
        self, address: str, function: Callable[..., Any], *arguments: Any, **options: Any
    ) -> Any:
        """Call a function of the agent in a Dask worker.

        Raises
        ------
        OSError, TimeoutError
            The worker has left, or does not answer.
        """
        answer = self.begin([address], function, *arguments, **options)
        try:
            return answer.result(ANSWER_LIMIT)[address]
        finally:
            answer.cancel()

    def begin(
        self,
        addresses: Sequence[str],
        function: Callable[..., Any],
        *arguments: Any,
        **options: Any,
    ) -> Future[dict[str, Any]]:
        """Begin to call a function of the agent in Dask workers, beside their tasks.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        client = self.connected_client
        # `Client.run` would keep this thread for any time.
        run = client._run(function, *arguments, workers=[*addresses], **options)  # noqa: SLF001
        return self.send(_reached(run))

    def send(self, request: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine in the event loop of the client.

        `Client.sync` does the same, but its limit of time sometimes ends in an UnboundLocalError.
        """
        return asyncio.run_coroutine_threadsafe(request, self._client.loop.asyncio_loop)

    def close(self) -> None:
        """Leave the cluster, when all worker processes have ended."""
        self._closing.set()
        if self._follower.is_alive() and self._follower is not threading.current_thread():
            self._follower.join()
        self._leave()

    def _leave(self) -> None:
        if self._is_own:
            self._client.close(timeout=ANSWER_LIMIT)

    def _follow(self) -> None:
        looks = 0
        while not self._closing.wait(PERIOD):
            looks += 1
            try:
                self._look()
                if looks % _GREETING == 0:
                    self._greet()
            except Exception:
                log.exception("could not look at the workers of the cluster")

    def _look(self) -> None:
        """Compare the workers of the cluster with those that are known."""
        present = self._present()
        if present is None:
            self._change({})
            if self._client.status == "closed" and self._is_own:
                self._reconnect()
            return
        if self._outage is not None:
            log.warning("the Dask scheduler %s answers again", self._address)
            self._outage = None
        usable = {each: threads for each, threads in present.items() if each in self._threads}
        self._refused = {each: why for each, why in self._refused.items() if each in present}
        self._asked = {each: answer for each, answer in self._asked.items() if each in present}
        for address in present.keys() - {*usable, *self._refused, *self._asked}:
            with suppress(*UNREACHABLE):
                self._asked[address] = self.begin([address], agent.traits)
        if self._asked and not usable:
            wait(self._asked.values(), CONNECT_LIMIT)
        for address in [each for each, answer in self._asked.items() if answer.done()]:
            answer = self._asked.pop(address)
            try:
                reason = _unfit(address, answer)
            except UNREACHABLE as error:  # it is asked again
                log.info("the Dask worker %s does not answer yet: %s", address, error)
                continue
            if reason is None:
                usable[address] = present[address]
            else:
                log.warning("%s", reason)
                self._refused[address] = reason
        self._change(usable)

    def _unfit_scheduler(self) -> str | None:
        """Return why the scheduler, which reads the tasks it passes on, cannot do so, or None."""
        name = f"the Dask scheduler {self._address}"
        try:
            theirs: agent.Traits = self._client.run_on_scheduler(agent.traits)
        except (ImportError, AttributeError) as error:
            return _incomplete(name, error)
        return _mismatch(name, "ionworks-api", agent.traits().version, theirs.version)

    def _present(self) -> dict[str, int] | None:
        """Return threads by worker; None while the scheduler does not answer."""
        reason = f"the Dask scheduler {self._address} does not answer"
        if self._client.status == "running":
            answer = self.send(self._client.scheduler.ncores())
            try:
                found: dict[str, int] = answer.result(ANSWER_LIMIT)
            except UNREACHABLE:
                answer.cancel()
                log.debug("no answer", exc_info=True)
            else:
                return found
        elif not self._is_own and self._client.status == "closed":
            reason = "the distributed.Client of the engine was closed"
        if self._outage is None:
            log.warning("jobs wait: %s", reason)
        self._outage = reason
        return None

    def _reconnect(self) -> None:
        pauses: Iterator[float] = growing_pauses(PERIOD, _LONGEST_PAUSE)
        while not self._closing.wait(next(pauses)):
            try:
                self._client = _connected(self._address)
            except RuntimeError as error:
                log.debug("%s", error)
            else:
                return

    def _change(self, threads: dict[str, int]) -> None:
        """Take up the workers that are there now, and give up the processes of others."""
        with self._lock:
            before = sum(self._threads.values())
            self._threads = threads
            lost = [slot for slot in self._slots if slot.address not in threads]
        for slot in lost:
            if self._outage is not None:
                slot.lose(WorkerGone(self._outage, is_suspicious=False))
            else:
                reason = f"the Dask worker {slot.address} has left"
                slot.lose(WorkerGone(reason, is_suspicious=not self._has_retired(slot.address)))
        if sum(threads.values()) != before:
            log.info("the cluster has %d threads", sum(threads.values()))
            self._resize(sum(threads.values()))

    def _has_retired(self, address: str) -> bool:
        """Return whether a worker left as planned, by what the scheduler has noted of it."""
        try:
            events = self._client.get_events(address)
        except UNREACHABLE:
            return False
        notes = [note for _, note in events if isinstance(note, dict)]
        return any(
            note.get("action") == "retired"
            or (note.get("action") == "remove-worker" and note.get("expected"))
            for note in notes
        )

    def _greet(self) -> None:
        with suppress(*UNREACHABLE):
            self.begin([*self._threads], agent.greet, self.server, on_error="ignore")


def _unfit(address: str, answer: Future[dict[str, Any]]) -> str | None:
    """Return why a Dask worker cannot be used, by its answer, or None."""
    name = f"the Dask worker {address}"
    try:
        theirs: agent.Traits = answer.result()[address]
    except (ImportError, AttributeError) as error:
        return _incomplete(name, error)
    if not is_private(address):
        return (
            f"{name} would be reached without encryption: start scheduler and workers with tls:// "
            "addresses"
        )
    if theirs.is_daemon:
        return (
            f"{name} cannot start processes: start it by `ionworks worker`, or with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False"
        )
    ours = agent.traits()
    return (
        _mismatch(name, "ionworks-api", ours.version, theirs.version)
        or _mismatch(name, "PyBaMM", ours.pybamm, theirs.pybamm)
        or _mismatch(name, "Python", ours.python, theirs.python)
    )


def _incomplete(name: str, error: ImportError | AttributeError) -> str:
    return (
        f"{name} lacks a package, or has another version of it ({error}): install "
        "'ionworks-api[local,cluster]' on the scheduler and on all workers"
    )


def _mismatch(name: str, package: str, here: str, there: str) -> str | None:
    if here == there:
        return None
    return f"{name} has {package} {there}, and this engine {here}: install the same version"


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT_LIMIT, set_as_default=False, name="ionworks")
    except (*UNREACHABLE, TypeError, RuntimeError) as error:
        # Without TLS files it is a TypeError or RuntimeError.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise RuntimeError(f"cannot connect to the Dask scheduler {address}: {reason}") from error
