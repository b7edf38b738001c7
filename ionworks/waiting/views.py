"""Progress of waits and transfers, shown as one line of bounded length at a time."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["TransferView", "WaitView", "going_on"]

_BAR_WIDTH = 20
_MOST_LINES = 100
_MOST_STATUSES = 8
_LONGEST_LINE = 200
_MOST_IDS = 3
_MEBIBYTE = 1 << 20
_LONG_TRANSFER = 8 * _MEBIBYTE
_FRAME = 0.1
_TENTHS = 10
_DETAIL_GROWTH = 1.25
"""Factor by which the elapsed time must grow before a line is written only for new details."""


class _Line:
    """A line that is redrawn in a terminal, or successive lines elsewhere."""

    def __init__(self, stream: TextIO | None) -> None:
        # sys.stderr is None in programs without a console; then nothing is shown.
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self._is_terminal = self._stream is not None and self._stream.isatty()
        self._is_line_open = False

    def close(self) -> None:
        """End the line, so that later output starts on a new one."""
        if self._is_line_open:
            self._write("\n")
            self._is_line_open = False

    def _redraw(self, text: str) -> None:
        width = _width()
        self._write("\r" + _shortened(text, width).ljust(width))
        self._is_line_open = True

    def _write_above(self, text: str) -> None:
        """Replace the line by a text that stays, which may be longer than a line."""
        self._write("\r" + _shortened(text, _LONGEST_LINE).ljust(_width()) + "\n")
        self._is_line_open = False

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The console is gone or the stream is closed: the wait must continue without output.
            self._stream = None


class WaitView(_Line):
    """Shows the progress of a wait, on one line of a terminal or line by line elsewhere.

    In a terminal the bar is redrawn. Elsewhere one line is written per change, and with many
    jobs one line per percent, so that logs stay short.

    Parameters
    ----------
    label : str
        What is waited for, such as ``"simulation s-1"`` or ``"1000 simulations"``.
    total : int
        Number of jobs.
    delay : float, optional
        Seconds before anything is shown.
    stream : text stream, optional
        Output stream; standard error by default.
    """

    def __init__(
        self, label: str, total: int, *, delay: float = 0.0, stream: TextIO | None = None
    ) -> None:
        super().__init__(stream)
        self._label = _printable(label)
        self._total = total
        self._delay = delay
        self._last_key: object = None
        self._last_detail: object = None
        self._last_time = 0.0

    @classmethod
    def of(cls, noun: str, ids: Sequence[str], *, delay: float = 0.0) -> Self:
        """Make the view of a wait for jobs: ``simulation s-1`` or ``1000 simulations``."""
        label = f"{noun} {ids[0]}" if len(ids) == 1 else f"{len(ids)} {noun}s"
        return cls(label, len(ids), delay=delay)

    def show(
        self,
        statuses: Mapping[str, int],
        *,
        done: int,
        elapsed: float,
        problem: str | None = None,
        failing: float = 0.0,
        delay_reason: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Show the state of the wait.

        Parameters
        ----------
        statuses : Mapping
            Number of jobs by status; unknown statuses are shown unchanged.
        done : int
            Number of jobs that have ended.
        elapsed : float
            Seconds waited.
        problem : str, optional
            Why the last poll failed.
        failing : float, optional
            Seconds since the first of the polls that have failed, if the last one has.
        delay_reason : str, optional
            Why jobs make no progress.
        detail : str, optional
            Progress of a single job.

        Notes
        -----
        In a terminal a `problem` or `delay_reason`, which is often longer than the line, is written
        above it. Outside a terminal a change of only `problem`, `failing`, `delay_reason` or
        `detail` is written at growing intervals, as new reasons are in a terminal, so that a long
        wait writes a limited number of lines.
        """
        if elapsed < self._delay:
            return
        told = "" if detail is None else f", {_printable(detail)}"
        text = f"{self._summary(statuses, done)}{told}, {elapsed:.1f} s"
        state = "waiting" if problem is None else "reconnecting"
        reason = _printable(problem or delay_reason or "")
        lasting = "" if problem is None else f" for {failing:.1f} s"
        if self._is_terminal:
            if reason and self._is_due(reason, elapsed):
                self._last_detail, self._last_time = reason, elapsed
                self._write_above(f"{state}: {reason}")
            # A line of a terminal is short: what needs attention comes first.
            start = f"{state}{lasting};" if reason else _bar(done, self._total)
            self._redraw(f"{start} {text}")
            return
        kind = (problem is not None, delay_reason is not None)
        detailed = (reason, lasting, detail)
        if self._has_changed(statuses, done, kind) or self._is_due(detailed, elapsed):
            self._last_detail, self._last_time = detailed, elapsed
            line = f"{text}; {state}{lasting}: {reason}" if reason else text
            self._write(_shortened(line, _LONGEST_LINE) + "\n")

    def interrupted(self, pending: Sequence[str], *, noun: str, resume: str) -> None:
        """Write that the jobs keep running and how to resume waiting."""
        self.close()
        if pending:
            self._write(f"interrupted: {going_on(pending, noun=noun, resume=resume)}\n")

    def _summary(self, statuses: Mapping[str, int], done: int) -> str:
        if self._total == 1:
            return f"{self._label}: {', '.join(map(_printable, statuses))}"
        ranked = sorted(statuses.items(), key=lambda item: (-item[1], item[0]))
        parts = [f"{number} {_printable(status)}" for status, number in ranked[:_MOST_STATUSES]]
        others = sum(number for _, number in ranked[_MOST_STATUSES:])
        if others:
            parts.append(f"{others} in other states")
        return f"{self._label}: {done}/{self._total} done, {', '.join(parts)}"

    def _has_changed(self, statuses: Mapping[str, int], done: int, kind: object) -> bool:
        key: object = (dict(statuses), kind)
        if self._total > _MOST_LINES:
            key = (done * _MOST_LINES // self._total, sorted(statuses), kind)
        changed = key != self._last_key
        self._last_key = key
        return changed

    def _is_due(self, detail: object, elapsed: float) -> bool:
        return detail != self._last_detail and elapsed >= _DETAIL_GROWTH * self._last_time


class TransferView(_Line):
    """Shows the progress of a transfer; nothing is shown for small files.

    Parameters
    ----------
    label : str
        What is transferred, such as ``"uploading cell 3"``.
    total : int or None
        Its size in bytes, if known.
    clock : callable, optional
        Returns monotonic seconds.
    stream : text stream, optional
        Output stream; standard error by default.
    """

    def __init__(
        self,
        label: str,
        total: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        stream: TextIO | None = None,
    ) -> None:
        super().__init__(stream)
        self._label = _printable(label)
        self._total = total
        self._clock = clock
        self._started = self._drawn = clock()
        self._last_key: object = None
        self._lock = threading.Lock()

    def advance(self, done: int) -> None:
        """Show that this many bytes are transferred; can be called from several threads."""
        if max(done, self._total or 0) < _LONG_TRANSFER:
            return
        with self._lock:
            self._draw(done)

    def _draw(self, done: int) -> None:
        now = self._clock()
        is_over = done == self._total
        rate = done / _MEBIBYTE / max(now - self._started, 1e-9)
        size = f"{done / _MEBIBYTE:.0f}"
        if self._total is not None:
            size += f" of {self._total / _MEBIBYTE:.0f}"
        text = f"{self._label}: {size} MiB, {rate:.1f} MiB/s"
        if self._is_terminal:
            if is_over or now - self._drawn >= _FRAME:
                self._drawn = now
                self._redraw(text if self._total is None else f"{_bar(done, self._total)} {text}")
            return
        key = done * _TENTHS // self._total if self._total else done // (16 * _LONG_TRANSFER)
        if key != self._last_key:
            self._last_key = key
            self._write(_shortened(text, _LONGEST_LINE) + "\n")


def going_on(pending: Sequence[str], *, noun: str, resume: str) -> str:
    """Say that jobs keep running, and how to wait for them again."""
    if len(pending) == 1:
        only = _printable(pending[0])
        return f"{noun} {only} keeps running; wait again with {resume}({only!r})"
    shown = ", ".join(repr(_printable(identifier)) for identifier in pending[:_MOST_IDS])
    more = ", ..." if len(pending) > _MOST_IDS else ""
    return f"{len(pending)} {noun}s keep running; wait again with {resume}([{shown}{more}])"


def _bar(done: int, total: int) -> str:
    filled = _BAR_WIDTH * done // total if total else _BAR_WIDTH
    return f"[{'#' * filled}{'-' * (_BAR_WIDTH - filled)}]"


def _width() -> int:
    # One column is left free: a full line would wrap, and each redraw would add a line.
    return max(shutil.get_terminal_size().columns - 1, 1)


def _printable(text: str) -> str:
    """Replace control characters, which could manipulate the user's terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."[:width]
