"""The views of waits and transfers: they only draw, one bounded line at a time."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["TransferView", "WaitView"]

_BAR_WIDTH = 20
_MOST_LINES = 100
_MOST_STATUSES = 8
_LONGEST_LINE = 200
_MOST_IDS = 3
_MEBIBYTE = 1 << 20
_LONG_TRANSFER = 8 * _MEBIBYTE
_FRAME = 0.1
_TENTHS = 10
_SLOWER = 1.25
"""How much longer than at the last line a wait must have taken for a line about details alone."""


class _Line:
    """One line of a terminal that is drawn again and again, or lines one after the other."""

    def __init__(self, stream: TextIO | None) -> None:
        # sys.stderr is None in programs without a console; such a view draws nothing.
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self._is_terminal = self._stream is not None and self._stream.isatty()
        self._is_line_open = False

    def close(self) -> None:
        """End the line, so that what follows starts on its own."""
        if self._is_line_open:
            self._write("\n")
            self._is_line_open = False

    def _redraw(self, text: str) -> None:
        # One column is left free: a full last column would wrap and the bar would walk down.
        width = max(shutil.get_terminal_size().columns - 1, 1)
        self._write("\r" + _shortened(text, width).ljust(width))
        self._is_line_open = True

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The console has gone or the stream is closed: the work matters more than its picture.
            self._stream = None


class WaitView(_Line):
    """Shows how a wait goes, on one line of a terminal or line by line elsewhere.

    In a terminal a bar rewrites itself. Elsewhere there is one line per change; with many jobs
    one line per percent, so that a log stays readable.

    Parameters
    ----------
    label : str
        What is waited for, such as ``"simulation s-1"`` or ``"1000 simulations"``.
    total : int
        How many jobs there are.
    delay : float, optional
        Seconds that nothing is drawn: waits that are over by then need no picture.
    stream : text stream, optional
        Where to draw; standard error by default.
    """

    def __init__(
        self, label: str, total: int, *, delay: float = 0.0, stream: TextIO | None = None
    ) -> None:
        super().__init__(stream)
        self._label = _printable(label)
        self._total = total
        self._delay = delay
        self._last_key: object = None
        self._last_detail: str | None = None
        self._last_time = 0.0

    def show(
        self,
        statuses: Mapping[str, int],
        *,
        done: int,
        elapsed: float,
        problem: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Draw the state of the wait.

        Parameters
        ----------
        statuses : Mapping
            Number of jobs in each status; any word is shown as it is.
        done : int
            How many jobs have ended.
        elapsed : float
            Seconds waited.
        problem : str, optional
            Why the last question was not answered.
        detail : str, optional
            How far a job is. Outside a terminal it is news ever more seldom, so that a wait of
            an hour is a page of lines.
        """
        if elapsed < self._delay:
            return
        told = "" if detail is None else f", {_printable(detail)}"
        text = f"{self._summary(statuses, done)}{told}, {elapsed:.1f} s"
        if problem is not None:
            text += f", asking again after: {_printable(problem)}"
        if self._is_terminal:
            self._redraw(f"{_bar(done, self._total)} {text}")
        elif self._is_news(statuses, done, problem) or self._is_due(detail, elapsed):
            self._last_detail, self._last_time = detail, elapsed
            self._write(_shortened(text, _LONGEST_LINE) + "\n")

    def interrupted(self, pending: Sequence[str], *, noun: str, resume: str) -> None:
        """Say that the jobs go on and how to wait for them again."""
        self.close()
        if not pending:
            return
        if len(pending) == 1:
            self._write(
                f"interrupted: {noun} {_printable(pending[0])} goes on running; wait again with"
                f" {resume}({_printable(pending[0])!r})\n"
            )
            return
        shown = ", ".join(repr(_printable(identifier)) for identifier in pending[:_MOST_IDS])
        more = ", ..." if len(pending) > _MOST_IDS else ""
        self._write(
            f"interrupted: {len(pending)} {noun}s go on running; wait again with"
            f" {resume}([{shown}{more}])\n"
        )

    def _summary(self, statuses: Mapping[str, int], done: int) -> str:
        if self._total == 1:
            return f"{self._label}: {', '.join(map(_printable, statuses))}"
        ranked = sorted(statuses.items(), key=lambda item: (-item[1], item[0]))
        parts = [f"{number} {_printable(status)}" for status, number in ranked[:_MOST_STATUSES]]
        others = sum(number for _, number in ranked[_MOST_STATUSES:])
        if others:
            parts.append(f"{others} in other states")
        return f"{self._label}: {done}/{self._total} done, {', '.join(parts)}"

    def _is_news(self, statuses: Mapping[str, int], done: int, problem: str | None) -> bool:
        key: object = (dict(statuses), problem)
        if self._total > _MOST_LINES:
            key = (done * _MOST_LINES // self._total, sorted(statuses), problem)
        is_news = key != self._last_key
        self._last_key = key
        return is_news

    def _is_due(self, detail: str | None, elapsed: float) -> bool:
        return detail != self._last_detail and elapsed >= _SLOWER * self._last_time


class TransferView(_Line):
    """Shows how far a transfer is; nothing for small files, which are through at once.

    Parameters
    ----------
    label : str
        What is sent or fetched, such as ``"uploading cell 3"``.
    total : int or None
        Its size in bytes, if known.
    clock : callable, optional
        Returns seconds that only ever grow.
    stream : text stream, optional
        Where to draw; standard error by default.
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
        """Draw that so many bytes are through; several threads may call it."""
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


def _bar(done: int, total: int) -> str:
    filled = _BAR_WIDTH * done // total if total else _BAR_WIDTH
    return f"[{'#' * filled}{'-' * (_BAR_WIDTH - filled)}]"


def _printable(text: str) -> str:
    """Return text without control characters, which could rewrite the user's terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."[:width]
