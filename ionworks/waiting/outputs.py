"""Where progress is shown: an output of a notebook, a line of a terminal, or a log."""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Line", "Notebook", "printable", "shortened"]

LONGEST_LINE: Final = 200
_NOTEBOOK_PAUSE: Final = 0.2
"""Seconds between two updates of an output of a notebook, each of which is a message."""


class Line:
    """A line that is redrawn in a terminal, or successive lines elsewhere.

    Parameters
    ----------
    stream : text stream or None
        The stream; standard error if None.
    """

    def __init__(self, stream: TextIO | None) -> None:
        # sys.stderr is None in programs without a console; then nothing is shown.
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self.is_terminal = self._stream is not None and self._stream.isatty()
        self._is_open = False

    @property
    def width(self) -> int:
        """Number of characters of the terminal's line that can be used."""
        # One column is left free: a full line would wrap, and each redraw would add a line.
        return max(shutil.get_terminal_size().columns - 1, 1)

    def close(self) -> None:
        """End the line, so that later output starts on a new one."""
        if self._is_open:
            self._put("\n")
            self._is_open = False

    def redraw(self, text: str) -> None:
        """Replace the line."""
        self._put("\r" + shortened(text, self.width).ljust(self.width))
        self._is_open = True

    def write_above(self, text: str) -> None:
        """Replace the line by a text that stays, which may be longer than a line."""
        self._put("\r" + shortened(text, LONGEST_LINE).ljust(self.width) + "\n")
        self._is_open = False

    def write(self, text: str) -> None:
        """Write a line that stays."""
        self._put(f"{text}\n")

    def _put(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The console is gone or the stream is closed: the wait must continue without output.
            self._stream = None


class Notebook:
    """One output of a notebook, which is updated in place.

    Parameters
    ----------
    display : callable
        ``IPython.display.display``.
    """

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None
        self._shown_at = 0.0
        self._pending: dict[str, str] | None = None

    @classmethod
    def current(cls) -> Notebook | None:
        """Return an output of the notebook that runs this program, None if none does."""
        ipython: Any = sys.modules.get("IPython")
        shell = None if ipython is None else ipython.get_ipython()
        # The IPython of a terminal has no kernel.
        if getattr(shell, "kernel", None) is None:
            return None
        return cls(import_module("IPython.display").display)

    def show(self, html: str, text: str, now: float) -> None:
        """Show a state, at once or, if another one was shown just before, when this is closed.

        Parameters
        ----------
        html, text : str
            The state, as HTML and for programs that show only text.
        now : float
            Seconds of any clock.
        """
        self._pending = {"text/html": html, "text/plain": text}
        if self._handle is None or now - self._shown_at >= _NOTEBOOK_PAUSE:
            self._shown_at = now
            self.flush()

    def flush(self) -> None:
        """Show the last state if it is not shown yet."""
        if self._pending is None:
            return
        if self._handle is None:
            self._handle = self._display(self._pending, raw=True, display_id=True)
        else:
            self._handle.update(self._pending, raw=True)
        self._pending = None


def printable(text: str) -> str:
    """Replace control characters, which could manipulate the user's terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def shortened(text: str, width: int) -> str:
    """Cut a text at a width, and mark the cut."""
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."[:width]
