"""One worker process in a Dask worker, as an executor; loaded only with a cluster.

What a call reports is fetched to this machine while it goes on: files to the folder of results,
and then the outcomes that name them to the file of the task, as if a process of this machine had
written both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from attrs import define, field
from distributed import CancelledError, KilledWorker
from distributed.client import ClosedClientError
from distributed.comm import CommClosedError
from loky.process_executor import ShutdownExecutorError

from ionworks.server.jobs import agent
from ionworks.server.jobs.agent import Call, News, Reply, Report
from ionworks.server.jobs.outcomes import OutcomeWriter, mark_blocked, stop_file
from ionworks.server.jobs.worker import KillableExecutor, WorkerGone
from ionworks.server.store.private_files import make_file

if TYPE_CHECKING:
    from ionworks.server.jobs.cluster import Cluster

#: Seconds between two looks whether a call is asked to stop.
_TICK: Final = 0.1
#: Seconds between two looks whether a reply that is there can still be had.
_RESULT_LIMIT: Final = 1.0
#: What a request to a Dask worker raises that has left, or does not answer.
UNREACHABLE: Final = (OSError, TimeoutError, CommClosedError, ClosedClientError)
#: Bytes of a file that are sent at once.
_PIECE: Final = 8 << 20


class Slot(KillableExecutor):
    """A worker process in a Dask worker.

    Parameters
    ----------
    cluster
        The cluster.
    address
        The Dask worker.
    is_spare
        Whether its calls run beside the tasks of Dask, because threads may be busy.
    """

    def __init__(self, cluster: Cluster, address: str, *, is_spare: bool) -> None:
        self.address = address
        self.id = uuid4().hex
        self._cluster = cluster
        self.is_spare = is_spare
        self._lock = threading.Lock()
        self._end: Exception | None = None
        self._calling: _Calling | None = None
        self._thread: threading.Thread | None = None

    def submit(
        self, function: Callable[..., Any], /, *arguments: Any, **options: Any
    ) -> Future[Any]:
        """Call a function in the process; one call at a time."""
        if options:
            raise TypeError("a call in a cluster takes no keywords")
        future: Future[Any] = Future()
        payload = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
        call = Call(self.id, self._cluster.server, function, arguments, "outcomes" in payload)
        with self._lock:
            if self._end is not None:
                raise self._end
            calling = self._calling = _Calling(self, self._cluster, call, payload, future)
            self._thread = threading.Thread(target=calling.carry_out, daemon=True)
            self._thread.start()
        return future

    def lose(self, error: WorkerGone) -> None:
        """End the call with an error, because the Dask worker has left."""
        self._stop(error)

    def kill(self) -> None:
        """End the process and its call."""
        self._stop(ShutdownExecutorError("the worker process was ended"))
        thread = self._thread
        if not isinstance(self._end, WorkerGone):
            with suppress(*UNREACHABLE):
                self._cluster.ask(self.address, agent.end, self.id)
        if thread is not None and thread is not threading.current_thread():
            thread.join()  # it writes to files that are removed afterwards
        self._cluster.free(self)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """End the process and its call."""
        self.kill()

    def begin(self, call: Call) -> _Started:
        """Start a call in the Dask worker."""
        if self.is_spare:
            running = self._cluster.begin([self.address], agent.run_beside, call)
            return _Started(running, lambda limit: running.result(limit)[self.address])
        task = self._cluster.connected_client.submit(
            agent.run,
            call,
            key=f"ionworks-{uuid4().hex}",
            workers=[self.address],
            pure=False,
            retries=0,
        )
        answer = self._cluster.send(task._result())  # noqa: SLF001 see `Cluster.send`
        return _Started(answer, answer.result, task)

    def _stop(self, error: Exception) -> None:
        with self._lock:
            if self._end is None:
                self._end = error
            calling = self._calling
        if calling is not None:
            calling.interrupt(self._end)


@define
class _Started:
    """A call that was sent, how to get its reply, and its task, if it is one of Dask."""

    future: Future[Any]
    result: Callable[[float], Reply]
    task: Any = None

    def release(self) -> None:
        """Have the reply, or the task, forgotten."""
        self.future.cancel()
        if self.task is not None:
            self.task.release()


class _Interrupted(Exception):
    """The call was ended by this server, or its worker has left."""


@define(eq=False)
class _Calling:
    """A call, from the files it needs to its reply."""

    slot: Slot
    cluster: Cluster
    call: Call
    payload: dict[str, Any]
    future: Future[Any]
    #: Set when there is something to do before the next look: the call has ended.
    _wake: threading.Event = field(factory=threading.Event, init=False)
    _interrupted: threading.Event = field(factory=threading.Event, init=False)
    _interruption: Exception | None = field(default=None, init=False)
    #: Number of the last report that was stored here.
    _stored: int = field(default=0, init=False)
    _has_asked_to_stop: bool = field(default=False, init=False)
    #: Tells that the worker cannot write, and why.
    _marker: Path | None = field(default=None, init=False)
    _open: ExitStack = field(factory=ExitStack, init=False)
    _outcomes: OutcomeWriter | None = field(default=None, init=False)

    def interrupt(self, error: Exception) -> None:
        """End the call with an error."""
        self._interruption = error
        self._interrupted.set()
        self._wake.set()

    def carry_out(self) -> None:
        """Make the call, and set the future's result."""
        try:
            with self._open:
                value = self._value()
        except _Interrupted:
            self.future.set_exception(self._interruption)
        except Exception as error:  # noqa: BLE001 raised where the future is read
            self.future.set_exception(error)
        else:
            self.future.set_result(value)

    def _value(self) -> Any:
        if self.call.has_outcomes:
            self._send_inputs()
        try:
            started = self.slot.begin(self.call)
        except UNREACHABLE as error:
            raise WorkerGone(str(error), is_suspicious=False) from error
        started.future.add_done_callback(lambda _future: self._wake.set())
        try:
            reply = self._followed(started)
        finally:
            started.release()
        for report in reply.reports:
            self._store(report)
        self._mark(None)
        if reply.is_lost:
            raise BrokenProcessPool("a worker process of the cluster died")
        if reply.error is not None:
            raise reply.error
        return reply.value

    def _followed(self, started: _Started) -> Reply:
        """Fetch what the call reports until it has ended, and return its reply."""
        # A chunk that ends before sends all with its reply.
        fetch_at = time.monotonic() + self.cluster.fetch_period
        while not started.future.done():
            self._wake.wait(_TICK)
            self._check()
            stop = self._is_to_stop()
            if stop or time.monotonic() >= fetch_at:
                self._fetch(stop=stop)
                fetch_at = time.monotonic() + self.cluster.fetch_period
        while True:
            self._check()
            try:
                return started.result(_RESULT_LIMIT)
            except TimeoutError:
                continue  # the worker may have left with it, which the cluster finds out
            except (CancelledError, KilledWorker, *UNREACHABLE) as error:
                self._check()
                reason = f"the Dask worker {self.slot.address} was lost: {error}"
                is_suspicious = isinstance(error, KilledWorker)
                raise WorkerGone(reason, is_suspicious=is_suspicious) from error

    def _check(self) -> None:
        if self._interruption is not None:
            raise _Interrupted

    def _is_to_stop(self) -> bool:
        """Return whether the call has to be asked to stop."""
        if not self.call.has_outcomes or self._has_asked_to_stop:
            return False
        return stop_file(Path(self.payload["outcomes"])).exists()

    def _fetch(self, *, stop: bool) -> None:
        try:
            news: News | None = self.cluster.ask(
                self.slot.address, agent.take, self.slot.id, self._stored, stop=stop
            )
        except UNREACHABLE:
            return  # the cluster finds out whether the worker has left
        if news is None:
            return
        if not self.future.running():
            self.future.set_running_or_notify_cancel()
        self._has_asked_to_stop = self._has_asked_to_stop or stop
        self._mark(news.blocked)
        if news.report is not None:
            self._store(news.report)

    def _store(self, report: Report) -> None:
        """Store the files of a report, and then its outcomes; once."""
        if report.number <= self._stored:
            return
        if self._outcomes is None:  # not before, because the file tells that the worker has begun
            writer = OutcomeWriter(Path(self.payload["outcomes"]), self._sleep)
            self._outcomes = self._open.enter_context(writer)
        for key, content in report.files.items():
            self._outcomes.insist(partial(_write, Path(self.payload["blobs"]), key, content))
        if report.text:
            self._outcomes.write(report.text)
        self._stored = report.number

    def _sleep(self, seconds: float) -> None:
        """Wait for the disk of this machine, unless the call is ended."""
        self._interrupted.wait(seconds)
        self._check()

    def _mark(self, error_number: int | None) -> None:
        """Tell as a worker of this machine does whether it waits for its disk."""
        if self._marker is not None:
            self._marker.unlink(missing_ok=True)
            self._marker = None
        if error_number is not None:
            self._marker = mark_blocked(Path(self.payload["outcomes"]), error_number)

    def _send_inputs(self) -> None:
        """Send the measurements that the call reads, if they are files of this machine."""
        if "://" in self.payload["blobs"]:
            return
        for files in self.payload.get("data", {}).values():
            for path in files.values():
                self._send(path)

    def _send(self, path: str) -> None:
        with (Path(self.payload["blobs"]) / path).open("rb") as stream:
            while piece := stream.read(_PIECE):
                self._check()
                offset = stream.tell() - len(piece)
                where = (self.slot.id, self.cluster.server, path, offset)
                try:
                    self.cluster.ask(self.slot.address, agent.put, *where, piece)
                except UNREACHABLE as error:
                    self._check()
                    reason = f"the Dask worker {self.slot.address} does not answer"
                    raise WorkerGone(reason, is_suspicious=False) from error


def _write(folder: Path, key: str, content: bytes) -> None:
    """Write a file of results, atomically."""
    if PurePosixPath(key).is_absolute() or ".." in PurePosixPath(key).parts:
        raise ValueError(f"{key!r} is not the name of a file of results")
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        make_file(scratch)
        scratch.write_bytes(content)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
