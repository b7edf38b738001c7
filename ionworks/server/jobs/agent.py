"""What runs in a Dask worker for the queue: worker processes, and what their calls report.

A solve holds Python's lock, and a task of Dask cannot be ended. So each call runs in a process that
the Dask worker starts and keeps, as the server does on one machine: the Dask worker stays
responsive, and its process can be killed without it.

The server fetches what a call reports while it goes on. Files and outcomes are kept here until the
server has confirmed them, so a fetch can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import multiprocessing
import platform
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen
from distributed import Status, Worker, get_worker

from ionworks.server.jobs.outcomes import blocking_error, stop_file
from ionworks.server.jobs.shutdown import remember
from ionworks.server.jobs.worker import LOST, end_process, worker_process
from ionworks.server.store.private_files import make_file, make_folder

log = logging.getLogger(__name__)

#: Seconds between two looks of a call whether it is still wanted.
_PERIOD: Final = 0.1
#: Seconds after which the processes of a server that was not heard of are ended.
LEASE: Final = 60.0
#: Processes that were ended last: a call that arrives late must not start them again.
_REMEMBERED: Final = 1000
_LEAVING: Final = (Status.stopping, Status.closing, Status.closed, Status.failed)
_OUTCOMES: Final = "outcomes.jsonl"
#: Folders of a call: what it writes, and what it reads.
_CALL: Final = "call"
_BLOBS: Final = "blobs"
_INPUTS: Final = "inputs"


@frozen
class Traits:
    """What a Dask worker must have in common with the server, and how it was started."""

    version: str
    pybamm: str
    python: str
    is_daemon: bool


@frozen
class Call:
    """A function that a worker process calls.

    Attributes
    ----------
    process, server
        Ids of the worker process, and of the server that asks.
    function, arguments
        What is called.
    has_outcomes
        Whether the last argument is a payload with a file of outcomes, and with folders of the
        server, which are replaced by those of this machine.
    """

    process: str
    server: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    has_outcomes: bool


@frozen
class Report:
    """Outcomes, and the files they name, by key."""

    number: int
    text: bytes
    files: dict[str, bytes]


@frozen
class News:
    """What a call has done so far: the oldest report that the server has not confirmed.

    ``blocked`` is the number of the error that keeps the worker from writing its results.
    """

    report: Report | None
    blocked: int | None


@frozen
class Reply:
    """The end of a call: its value, what it raised, or that its process died."""

    value: Any = None
    error: Exception | None = None
    is_lost: bool = False
    reports: tuple[Report, ...] = ()


def traits() -> Traits:
    """Return what the server compares with its own."""
    return Traits(
        _version("ionworks-api"),
        _version("pybamm"),
        ".".join(platform.python_version_tuple()[:2]),
        bool(multiprocessing.current_process().daemon),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


class _Outbox:
    """The outcomes and files of one call, on their way to the server.

    Parameters
    ----------
    folder
        Scratch folder of the call, which is made.
    keeps_files
        Whether files that appear below its folder ``blobs`` are sent.
    """

    def __init__(self, folder: Path, *, keeps_files: bool) -> None:
        self.outcomes = folder / _OUTCOMES
        self.blobs = folder / _BLOBS
        self._keeps_files = keeps_files
        self._lock = threading.Lock()
        self._offset = 0
        self._number = 0
        self._unconfirmed: Report | None = None
        make_folder(self.blobs)
        #: What was sent here for the call to read.
        self._inputs = {path for path in self.blobs.rglob("*") if path.is_file()}

    def news(self, confirmed: int) -> News:
        """Return what is new, after a server has confirmed so many reports."""
        with self._lock:
            if self._unconfirmed is not None and self._unconfirmed.number <= confirmed:
                self._unconfirmed = None
            if self._unconfirmed is None:
                self._unconfirmed = self._collected()
            return News(self._unconfirmed, blocking_error(self.outcomes))

    def rest(self) -> tuple[Report, ...]:
        """Return all reports that were not confirmed, after the call has ended."""
        with self._lock:
            found = (self._unconfirmed, self._collected())
            return tuple(report for report in found if report is not None)

    def _collected(self) -> Report | None:
        """Return the outcomes since the last time; None if there are none.

        The first report may be empty: it tells that the worker has begun.
        """
        try:
            with self.outcomes.open("rb") as stream:
                stream.seek(self._offset)
                text = stream.read()
        except FileNotFoundError:
            return None
        text = text[: text.rfind(b"\n") + 1]
        if not text and self._number:
            return None
        self._offset += len(text)
        self._number += 1
        # After the outcomes were read: files are written before the outcomes that name them.
        return Report(self._number, text, self._files() if self._keeps_files else {})

    def _files(self) -> dict[str, bytes]:
        files = {}
        for path in self.blobs.rglob("*"):
            is_whole = not path.name.startswith(".")  # else it is being written
            if is_whole and path not in self._inputs and path.is_file():
                files[path.relative_to(self.blobs).as_posix()] = path.read_bytes()
                path.unlink()
        return files


class _Process:
    """A worker process, which is kept between the calls of one server."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.executor: Executor = worker_process()
        #: Whether a call is running, and what it reports.
        self.is_calling = False
        self.outbox: _Outbox | None = None
        self.heard_at = time.monotonic()
        make_folder(folder)

    def clear(self) -> None:
        """Remove the files of a call that has ended."""
        for name in (_CALL, _INPUTS):
            shutil.rmtree(self.folder / name, ignore_errors=True)


class _Agent:
    """The worker processes of this Dask worker, by their ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, _Process] = {}
        self._ended: deque[str] = deque(maxlen=_REMEMBERED)
        self._watching: threading.Thread | None = None
        remember(self)

    def obtain(self, process_id: str, server: str, scratch: Path) -> _Process | None:
        """Return a process, which is started if there is none; None if it was ended before."""
        with self._lock:
            process = self._processes.get(process_id)
            if process is None and process_id not in self._ended:
                process = _Process(server, scratch / f"ionworks-{process_id}")
                self._processes[process_id] = process
                if self._watching is None:
                    self._watching = threading.Thread(target=self._watch, daemon=True)
                    self._watching.start()
            return process

    def find(self, process_id: str) -> _Process | None:
        """Return a process, which its server has asked for now."""
        process = self._processes.get(process_id)
        if process is not None:
            process.heard_at = time.monotonic()
        return process

    def hear(self, server: str) -> None:
        """Note that a server lives."""
        for process in list(self._processes.values()):
            if process.server == server:
                process.heard_at = time.monotonic()

    def end(self, process_id: str) -> None:
        """Kill a process, and remove its files."""
        with self._lock:
            self._ended.append(process_id)
            process = self._processes.pop(process_id, None)
        if process is not None:
            end_process(process.executor)
            shutil.rmtree(process.folder, ignore_errors=True)

    def close(self) -> None:
        """Kill all processes: this Dask worker ends."""
        for process_id in list(self._processes):
            self.end(process_id)

    def _watch(self) -> None:
        """End the processes of servers that have gone."""
        never = threading.Event()
        while not never.wait(LEASE / 10):
            oldest = time.monotonic() - LEASE
            for process_id, process in list(self._processes.items()):
                if process.heard_at < oldest:
                    log.warning("a server was not heard of for %g s: its process ends", LEASE)
                    self.end(process_id)


_agent = _Agent()
# Dask logs each request for news, which are several a second.
logging.getLogger("distributed.worker").addFilter(
    lambda record: not str(record.msg).startswith("Run out-of-band function")
)


def run(call: Call) -> Reply:
    """Run a call, as a task of Dask; it is ended when the task is not wanted any more."""
    worker = get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        # Dask forgets a task that is canceled, or whose client has gone, but goes on with it.
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    return _run(call, worker, is_wanted)


async def run_beside(call: Call, dask_worker: Worker) -> Reply:
    """Run a call beside the tasks of Dask, while all threads of the worker may be busy."""
    return await asyncio.to_thread(_run, call, dask_worker, lambda: True)


def _run(call: Call, worker: Worker, is_wanted: Callable[[], bool]) -> Reply:
    process = _agent.obtain(call.process, call.server, Path(worker.local_directory))
    if process is None:
        return Reply(is_lost=True)
    outbox = None
    if call.has_outcomes:
        call, outbox = _moved(call, process.folder, worker.state.nthreads)
    process.outbox, process.is_calling = outbox, True
    try:
        future = process.executor.submit(call.function, *call.arguments)
        _wait(future, lambda: is_wanted() and worker.status not in _LEAVING, call.process)
        reply = Reply(future.result())
    except LOST:
        reply = Reply(is_lost=True)
    except Exception as error:  # noqa: BLE001 raised where the call was made
        reply = Reply(error=error)
    process.outbox, process.is_calling = None, False
    reports = () if outbox is None else outbox.rest()
    if reply.is_lost:
        _agent.end(call.process)
    else:
        process.clear()
    return evolve(reply, reports=reports)


def _wait(future: Future[Any], is_wanted: Callable[[], bool], process_id: str) -> None:
    while not future.cancelled() and not wait([future], timeout=_PERIOD).done:
        if not is_wanted():
            _agent.end(process_id)


def _moved(call: Call, folder: Path, threads: int) -> tuple[Call, _Outbox]:
    """Return a call whose payload names files of this machine, and where it reports to."""
    *others, payload = call.arguments
    is_remote = "://" in payload["blobs"]  # an object store, which the worker writes to itself
    outbox = _Outbox(folder / _CALL, keeps_files=not is_remote)
    moved = {
        **payload,
        "outcomes": str(outbox.outcomes),
        "blobs": payload["blobs"] if is_remote else str(outbox.blobs),
        "threads": threads,
    }
    if "data" in payload:
        moved["data"] = {
            reference: {name: _moved_input(path, folder) for name, path in files.items()}
            for reference, files in payload["data"].items()
        }
    return evolve(call, arguments=(*others, moved)), outbox


def _moved_input(path: str, folder: Path) -> str:
    return str(_input(folder, path)) if Path(path).is_absolute() else path


def _input(folder: Path, path: str) -> Path:
    """Return where a file of the server, or of its results, is on this machine during a call."""
    if Path(path).is_absolute():
        return folder / _INPUTS / hashlib.sha256(path.encode()).hexdigest()
    return folder / _CALL / _BLOBS / path


async def put(
    process_id: str, server: str, path: str, offset: int, content: bytes, dask_worker: Worker
) -> None:
    """Store a piece of a file that the next call of a process reads.

    Parameters
    ----------
    process_id, server
        As of `Call`.
    path
        The file on the server, or its key in the folder of results.
    offset, content
        The piece.
    """

    def store() -> None:
        process = _agent.obtain(process_id, server, Path(dask_worker.local_directory))
        if process is None:
            return
        target = _input(process.folder, path)
        make_folder(target.parent)
        make_file(target)
        with target.open("r+b") as stream:
            stream.seek(offset)
            stream.write(content)

    await asyncio.to_thread(store)


async def take(process_id: str, confirmed: int, *, stop: bool) -> News | None:
    """Return what the call of a process reports; None if it has not begun, or has ended.

    Parameters
    ----------
    process_id
        The process.
    confirmed
        Number of the last report that the server has stored.
    stop
        Whether to ask the call to stop, and to hand in what it has.
    """

    def look() -> News | None:
        process = _agent.find(process_id)
        if process is None or not process.is_calling:
            return None
        outbox = process.outbox
        if outbox is None:
            return News(None, None)
        if stop:
            make_file(stop_file(outbox.outcomes))
        return outbox.news(confirmed)

    return await asyncio.to_thread(look)


async def end(process_id: str) -> None:
    """Begin to kill a process, which takes a moment that the server does not wait for."""
    asyncio.get_running_loop().run_in_executor(None, _agent.end, process_id)


async def greet(server: str) -> None:
    """Keep the processes of a server."""
    _agent.hear(server)
