"""Progress of waits and transfers: an output of a notebook, a line of a terminal, or a log.

Outside a notebook, one line of bounded length is written at a time.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Self, TextIO

import attrs

from ionworks.records.job import FAILED_STATUSES
from ionworks.waiting.outputs import LONGEST_LINE, Line, Notebook, printable, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ionworks.html.fragments import Markup

__all__ = ["TransferView", "WaitView"]

_BAR_WIDTH: Final = 20
_SHORT_BAR: Final = 8
"""So narrow that the line of a batch fits into 80 columns with its statuses."""
_WIDE: Final = 110
"""Columns of a terminal in which there is room for a longer bar."""
_MOST_LINES: Final = 100
_MOST_STATUSES: Final = 8
_SHORT_ID: Final = 8
_MEBIBYTE: Final = 1 << 20
_LONG_TRANSFER: Final = 8 * _MEBIBYTE
_FRAME: Final = 0.1
_TENTHS: Final = 10
_DETAIL_GROWTH: Final = 1.25
"""Factor by which the elapsed time must grow before a line is written only for new details."""
_LEAST_MEASURED: Final = 2.0
"""Seconds after which the time that is left is estimated."""
_NOT_PENDING: Final = ("failed", "canceled", "completed", "processing", "running")
"""Statuses that are told before the others: at the end of a long line some are cut off."""


@attrs.frozen
class _Progress:
    """The state of a wait; the attributes are those of `WaitView.show`."""

    statuses: Mapping[str, int]
    done: int
    elapsed: float
    problem: str | None
    failing: float
    delay_reason: str | None
    detail: str | None
    share: float | None

    @property
    def reason(self) -> str:
        """Why there is no progress; empty if nothing is wrong."""
        return printable(self.problem or self.delay_reason or "")

    @property
    def difficulty(self) -> str:
        """What the wait does about it."""
        if self.problem is None:
            return "waiting"
        return f"reconnecting for {self.failing:.1f} s"

    @property
    def trouble(self) -> str:
        """Both; empty if nothing is wrong."""
        return f"{self.difficulty}: {self.reason}" if self.reason else ""


class WaitView:
    """Shows the progress of a wait.

    In a notebook one output is updated, and at its end it is plain HTML. In a terminal a line is
    redrawn. Elsewhere one line is written per change, and with many jobs one line per percent, so
    that logs stay short.

    Parameters
    ----------
    label : str
        What is waited for: ``"simulation s-1"``, or ``"1000 simulations"``.
    total : int
        Number of jobs.
    delay : float, optional
        Seconds before anything is shown.
    stream : text stream, optional
        Output stream; the notebook, else standard error, if not given.
    """

    def __init__(
        self, label: str, total: int, *, delay: float = 0.0, stream: TextIO | None = None
    ) -> None:
        self._line = Line(stream)
        self._notebook = Notebook.current() if stream is None else None
        self._label = printable(label)
        self._total = total
        self._delay = delay
        self._first: _Progress | None = None
        self._last: _Progress | None = None
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
        share: float | None = None,
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
            What is being done.
        share : float, optional
            Share of a single job that is done.

        Notes
        -----
        In a terminal a `problem` or `delay_reason`, which is often longer than the line, is written
        above it. Outside a terminal a change of only `problem`, `failing`, `delay_reason` or
        `detail` is written at growing intervals, as new reasons are in a terminal, so that a long
        wait writes a limited number of lines.
        """
        now = _Progress(statuses, done, elapsed, problem, failing, delay_reason, detail, share)
        if self._first is None or self._share(self._first) is None:
            self._first = now
        if elapsed < self._delay:
            return
        self._last = now
        if self._notebook is not None:
            self._notebook.show(self._html(now), self._log_line(now), elapsed)
        elif self._line.is_terminal:
            self._draw(now)
        else:
            self._log(now)

    def close(self) -> None:
        """Show the last state, without what looks like progress."""
        self._line.close()
        if self._notebook is not None and self._last is not None:
            self._end_notebook(self._notebook, self._last)

    def interrupted(self, outlook: str) -> None:
        """Write what becomes of the jobs, whole: it contains ids to be pasted."""
        self._line.close()
        text = f"interrupted: {printable(outlook)}"
        if self._notebook is None or self._last is None:
            self._line.write(text)
        else:
            self._end_notebook(self._notebook, self._last, text)
            self._last = None

    def _draw(self, now: _Progress) -> None:
        if now.reason and self._is_due(now.reason, now.elapsed):
            self._last_detail, self._last_time = now.reason, now.elapsed
            self._line.write_above(f"{now.difficulty.partition(' ')[0]}: {now.reason}")
        # A line of a terminal is short: what needs attention comes first.
        start = f"{now.difficulty}; " if now.reason else ""
        if self._total == 1:
            # What has a bar is being done: its status need not be told.
            bar = "" if start or now.share is None else self._bar(now.share)
            state = "" if bar else f"{self._statuses(now)}, "
            rest = f": {state}{_duration(now.elapsed)}{self._left(now)}{_behind(now.detail)}"
            text = f"{start}{bar}{self._label}{rest}"
            # The beginning of an id is enough to tell what is waited for.
            noun, _, identifier = self._label.rpartition(" ")
            if len(text) > self._line.width and len(identifier) > _SHORT_ID:
                text = f"{start}{bar}{noun} {identifier[:_SHORT_ID]}...{rest}"
        else:
            bar = "" if start else self._bar(now.done / self._total)
            # Those that are done are counted already; what did not complete is told besides.
            is_over = now.done == self._total
            told = {each: n for each, n in now.statuses.items() if is_over or each != "completed"}
            bad = {each: told.pop(each) for each in FAILED_STATUSES if each in told}
            parts = (self._counts(bad), now.detail, self._counts(told))
            text = f"{start}{bar}{self._times(now)}{''.join(map(_behind, parts))}"
        self._line.redraw(text)

    def _bar(self, share: float) -> str:
        return f"{_bar(share, _SHORT_BAR if self._line.width < _WIDE else _BAR_WIDTH)} "

    def _log(self, now: _Progress) -> None:
        kind = (now.problem is not None, now.delay_reason is not None)
        lasting = "" if now.problem is None else f"{now.failing:.1f}"
        detailed = (now.reason, lasting, now.detail)
        if self._has_changed(now.statuses, now.done, kind) or self._is_due(detailed, now.elapsed):
            self._last_detail, self._last_time = detailed, now.elapsed
            self._line.write(self._log_line(now))

    def _log_line(self, now: _Progress) -> str:
        text = f"{self._label}: "
        text += "" if self._total == 1 else f"{now.done}/{self._total} done, "
        text += f"{self._statuses(now)}{_behind(now.detail)}, {_duration(now.elapsed)}"
        text += self._left(now)
        if now.reason:
            text += f"; {now.trouble}"
        return shortened(text, LONGEST_LINE)

    def _html(self, now: _Progress) -> str:
        from ionworks.html.fragments import bar, view

        lines = self._html_lines(now, now.detail, now.trouble)
        share = self._share(now)
        return view("", *lines) if share is None else view("", bar(share, self._times(now)), *lines)

    def _end_notebook(self, notebook: Notebook, now: _Progress, text: str = "") -> None:
        from ionworks.html.fragments import view

        html = view("", *self._html_lines(now, now.trouble, text))
        notebook.show(html, f"{self._log_line(now)} {text}".rstrip(), now.elapsed)
        notebook.flush()

    def _html_lines(self, now: _Progress, *others: str | None) -> list[Markup]:
        """Return the statuses in their colours, and other texts below them."""
        from ionworks.html.fragments import Markup, paragraph, status

        statuses = ", ".join(
            status(each) if self._total == 1 else f"{count:,} {status(each)}"
            for each, count in _ranked(now.statuses)
        )
        first = paragraph(f"{self._label}: ", Markup(statuses), f", {_duration(now.elapsed)}")
        return [first, *(paragraph(each) for each in others if each)]

    def _times(self, now: _Progress) -> str:
        """Return how many jobs are done, since when, and how long the others may take."""
        since = f"{_duration(now.elapsed)}{self._left(now)}"
        if self._total == 1:
            return since
        return f"{now.done}/{self._total} {self._label.partition(' ')[2] or self._label}, {since}"

    def _share(self, now: _Progress) -> float | None:
        """Return the share that is done: of the jobs or, if it is known, of the only one."""
        if self._total == 1:
            return now.share
        return now.done / self._total if self._total else 1.0

    def _left(self, now: _Progress) -> str:
        """Return the time that is left at the rate since the first poll; empty if unknown."""
        share, first = self._share(now), None if self._first is None else self._share(self._first)
        if self._first is None or share is None or first is None or not first < share < 1:
            return ""
        measured = now.elapsed - self._first.elapsed
        if measured < _LEAST_MEASURED:
            return ""
        return _estimate(measured * (1 - share) / (share - first))

    def _statuses(self, now: _Progress) -> str:
        if self._total == 1:
            return ", ".join(map(printable, now.statuses))
        return self._counts(now.statuses)

    def _counts(self, statuses: Mapping[str, int]) -> str:
        ranked = _ranked(statuses)
        parts = [f"{number} {printable(status)}" for status, number in ranked[:_MOST_STATUSES]]
        others = sum(number for _, number in ranked[_MOST_STATUSES:])
        if others:
            parts.append(f"{others} in other states")
        return ", ".join(parts)

    def _has_changed(self, statuses: Mapping[str, int], done: int, kind: object) -> bool:
        key: object = (dict(statuses), kind)
        if self._total > _MOST_LINES:
            key = (done * _MOST_LINES // self._total, sorted(statuses), kind)
        changed = key != self._last_key
        self._last_key = key
        return changed

    def _is_due(self, detail: object, elapsed: float) -> bool:
        return detail != self._last_detail and elapsed >= _DETAIL_GROWTH * self._last_time


class TransferView:
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
        Output stream; the notebook, else standard error, if not given.
    """

    def __init__(
        self,
        label: str,
        total: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        stream: TextIO | None = None,
    ) -> None:
        self._line = Line(stream)
        self._notebook = Notebook.current() if stream is None else None
        self._label = printable(label)
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

    def close(self) -> None:
        """End the display."""
        with self._lock:
            self._line.close()
            if self._notebook is not None:
                self._notebook.flush()

    def _draw(self, done: int) -> None:
        now = self._clock()
        is_over = done == self._total
        rate = done / max(now - self._started, 1e-9)
        size = f"{done / _MEBIBYTE:.0f}"
        if self._total is not None:
            size += f" of {self._total / _MEBIBYTE:.0f}"
        text = f"{self._label}: {size} MiB, {rate / _MEBIBYTE:.1f} MiB/s"
        if self._total is not None and not is_over and now - self._started >= _LEAST_MEASURED:
            text += _estimate((self._total - done) / max(rate, 1e-9))
        if self._notebook is not None:
            self._notebook.show(self._html(done, text), text, now)
        elif self._line.is_terminal:
            if is_over or now - self._drawn >= _FRAME:
                self._drawn = now
                bar = f"{_bar(done / self._total, _BAR_WIDTH)} " if self._total else ""
                self._line.redraw(f"{bar}{text}")
        else:
            key = done * _TENTHS // self._total if self._total else done // (16 * _LONG_TRANSFER)
            if key != self._last_key:
                self._last_key = key
                self._line.write(shortened(text, LONGEST_LINE))

    def _html(self, done: int, text: str) -> str:
        from ionworks.html.fragments import bar, paragraph, view

        is_partial = self._total is not None and done < self._total
        return view("", bar(done / (self._total or 1), text) if is_partial else paragraph(text))


def _bar(share: float, width: int) -> str:
    filled = int(width * share)
    return f"[{'#' * filled}{'-' * (width - filled)}]"


def _ranked(statuses: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the statuses in the order in which they are told."""

    def rank(item: tuple[str, int]) -> tuple[int, int, str]:
        status, number = item
        place = _NOT_PENDING.index(status) if status in _NOT_PENDING else len(_NOT_PENDING)
        return place, -number, status

    return sorted(statuses.items(), key=rank)


def _behind(text: str | None) -> str:
    return f", {printable(text)}" if text else ""


def _estimate(seconds: float) -> str:
    return f", ~{f'{seconds:.0f} s' if seconds < 59.5 else _duration(seconds)} left"


def _duration(seconds: float) -> str:
    """Return a duration in at most two units, such as ``2 min 05 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left:02} min" if hours else f"{minutes} min {rest:02} s"
