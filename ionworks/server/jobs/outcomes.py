"""What workers report to the server: files with one line of JSON per outcome.

A worker writes the outcomes of jobs soon after they end, and the progress of fits. The server
reads the file while the worker goes on, and after it died, so that nothing finished is lost or
computed twice.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

import orjson

from ionworks.server.jobs.outages import growing_pauses
from ionworks.server.jobs.targets import leave_if_orphaned
from ionworks.server.store.faults import Fault, fault_of
from ionworks.server.store.private_files import make_file

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_DOING = {"phase", "progress"}


class OutcomeFile:
    """Reader of the outcomes of one task.

    Parameters
    ----------
    path
        File a worker appends to; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        #: What the worker is doing: ``phase``, in words, and ``progress``; empty before it tells.
        self.doing: dict[str, Any] = {}
        #: Bytes that were read, and lines other than those that tell of a phase.
        self.offset = 0
        self.reports = 0

    def read_new(self) -> list[dict[str, Any]]:
        """Return the outcomes written since the last call, except an incomplete last line.

        Lines that only tell of progress are left out; they count as `reports`.
        """
        try:
            with self.path.open("rb") as stream:
                stream.seek(self.offset)
                text = stream.read()
        except FileNotFoundError:
            return []
        complete = text[: text.rfind(b"\n") + 1]
        self.offset += len(complete)
        found = []
        for line in complete.splitlines():
            outcome = self._parsed(line)
            if outcome is not None and outcome.keys() == _DOING:
                self.doing = {name: each for name, each in outcome.items() if each is not None}
                continue
            self.reports += 1
            if outcome:
                found.append(outcome)
        return found

    def blocked_by(self) -> Fault | None:
        """Return what keeps the worker from writing its results, or None."""
        number = blocking_error(self.path)
        return None if number is None else fault_of(OSError(number, ""))

    def ask_to_stop(self) -> None:
        """Ask the worker to stop and hand in what it has."""
        make_file(stop_file(self.path))

    def delete(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
        for companion in _files(self.path.parent, f"{self.path.name}."):
            companion.unlink(missing_ok=True)

    def _parsed(self, line: bytes) -> dict[str, Any] | None:
        """Return an outcome, or None for a damaged line: that job has no outcome and runs again."""
        try:
            outcome: dict[str, Any] = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            log.warning("a line of %s is damaged and left out: %s", self.path.name, error)
            return None
        return outcome


class OutcomeWriter:
    """Writer of the outcomes of one task, for a worker process.

    Results take time to compute, so while the disk is full, or fails in another way that may pass,
    the worker keeps what it computed and repeats the write. A marker file tells the server of this
    wait, which does not count towards the time limit of a run.

    Parameters
    ----------
    path
        File that gets a line for each outcome.
    sleep
        Waits a number of seconds.
    """

    def __init__(self, path: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = path
        self._sleep = sleep
        make_file(path)
        # Unbuffered: the server reads each line while the task runs, and after this process died.
        self._stream = path.open("ab", buffering=0)

    def __enter__(self) -> OutcomeWriter:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

    def write(self, line: bytes) -> None:
        """Append one line."""
        self.insist(lambda: append(self._stream, line))

    def tell(self, phase: str, progress: float | None = None) -> None:
        """Append what this worker is doing, and the share that is done."""
        # It is shown to people, for whom no simulation should wait for a full disk.
        with suppress(OSError):
            append(self._stream, outcome_line({"phase": phase, "progress": progress}))

    def insist(self, action: Callable[[], _Result]) -> _Result:
        """Write a result; while the disk does not take it, wait and repeat."""
        marker: Path | None = None
        pauses = growing_pauses()
        try:
            while True:
                try:
                    return action()
                except OSError as error:
                    if error.errno is None or fault_of(error) is None:
                        raise
                    if marker is None:
                        marker = mark_blocked(self._path, error.errno)
                leave_if_orphaned()
                self._sleep(next(pauses))
        finally:
            if marker is not None:
                marker.unlink(missing_ok=True)


def append(stream: IO[bytes], line: bytes) -> None:
    """Append a line to an unbuffered file, or nothing when the disk does not take all of it."""
    size = os.fstat(stream.fileno()).st_size
    try:
        rest = memoryview(line)
        while rest:
            # The part that fits on a disk is written, and reported as its length.
            rest = rest[stream.write(rest) :]
    except OSError:
        stream.truncate(size)
        raise


def owners_in(folder: Path) -> set[str]:
    """Return the owners of the files in a folder, whose names begin with their owner."""
    return {path.name.partition("-")[0] for path in folder.glob("*-*")}


def _files(folder: Path, prefix: str) -> list[Path]:
    """Return the files whose names begin so; `Path.glob` takes long to compile each new pattern."""
    return [path for path in folder.iterdir() if path.name.startswith(prefix)]


def stop_file(path: Path) -> Path:
    """Return the file whose existence asks a worker to stop."""
    return path.with_name(f"{path.name}.stop")


def mark_blocked(path: Path, error_number: int) -> Path:
    """Make and return the file whose existence tells that a worker cannot write, and why.

    The reason is in its name because a full disk takes names but no content.
    """
    marker = path.with_name(f"{_blocked_prefix(path)}{error_number}")
    make_file(marker)
    return marker


def blocking_error(path: Path) -> int | None:
    """Return the number of the error that keeps a worker from writing its results, or None."""
    prefix = _blocked_prefix(path)
    markers = _files(path.parent, prefix)
    return int(markers[0].name.removeprefix(prefix)) if markers else None


def _blocked_prefix(path: Path) -> str:
    return f"{path.name}.blocked-"


def outcome_line(content: Mapping[str, Any]) -> bytes:
    """Return a line of the file; numbers that are not finite become null."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(content, option=options) + b"\n"


def pack_line(
    ids: Sequence[str],
    *,
    pack: str | None,
    metrics: Mapping[str, Any],
    rows: Mapping[str, Any] | None,
    errors: Mapping[int, tuple[str | None, str]],
    notes: Mapping[int, Sequence[str]],
    compute_time: float,
    provenance: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the line with the outcome of simulations that ended together.

    Parameters
    ----------
    ids
        Of their jobs, in the order of their indexes; the place of a run here is its position.
    pack
        Folder of their results; None if they have none.
    metrics
        Columns with a value for each position, see `ionworks.ucp.metric_columns`.
    rows
        Number of ``steps`` and ``points`` of each position; None without results.
    errors, notes
        Code and message of runs that failed, and sentences about runs, by position.
    compute_time
        Seconds that all took together.
    provenance
        How they were computed; None if it is not known.
    """
    return outcome_line(
        {
            "ids": ids,
            "pack": pack,
            "metrics": metrics,
            "rows": rows,
            "errors": errors,
            "notes": notes,
            "compute_time": compute_time,
            "provenance": provenance,
        }
    )


def progress_line() -> bytes:
    """Return the line of a worker that has finished something and does not report it yet."""
    return outcome_line({})
