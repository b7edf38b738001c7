"""Problems of a protocol as values, the report that collects them, and the exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

from attrs import Factory, define, frozen


@frozen
class Problem:
    """One error (``E-...``) or warning (``W-...``) of a protocol.

    Attributes
    ----------
    code : str
        ``E-term``, ``W-tie``, ...; ``docs/ucp.md`` lists them.
    path : str
        Path in the document, ``steps[2].Charge.ends[0]``; empty for the whole document.
    message : str
        What is wrong and what to write instead.
    line, column : int or None
        1-based position in the text; None if the protocol was not given as text.
    """

    code: str
    path: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = "" if self.line is None else f", line {self.line}, column {self.column}"
        return f"{self.path or 'protocol'}: {self.message} ({self.code}{where})"


class UCPError(ValueError):
    """A protocol that is invalid or cannot be used as requested.

    Parameters
    ----------
    message : str
        The text shown to the user.
    problems : iterable of Problem, optional
        The individual problems.
    names : iterable of str, optional
        Names of the inputs without a value, if that is the reason.
    """

    def __init__(
        self, message: str, problems: Iterable[Problem] = (), names: Iterable[str] = ()
    ) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        self.names = tuple(names)


class ExpressionError(UCPError):
    """An expression that cannot be read or has no finite value."""


def shown(text: str) -> str:
    """Return a text of the document for a message: one line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'X'?`` for the nearest known spelling, or an empty string."""
    # Both lengths are limited because matching is slow and the document may be hostile.
    spellings = {name.lower(): name for name in islice(known, 300)}
    near = get_close_matches(word[:80].strip().lower(), spellings, n=1, cutoff=0.6)
    return f"; did you mean {spellings[near[0]]!r}?" if near else ""


Place = tuple[int | None, int | None]
"""Line and column, from 1; None where the source is not text."""


MAX_PROBLEMS: Final = 100
"""Reading stops at this number of errors."""


class TooManyProblems(Exception):
    """Raised to stop reading a document at :data:`MAX_PROBLEMS` errors."""


@define
class Report:
    """Collects the problems of one document and knows the line and column of each path."""

    errors: list[Problem] = Factory(list)
    warnings: list[Problem] = Factory(list)
    places: dict[str, Place] = Factory(dict)
    written_paths: dict[str, str] = Factory(dict)

    def remember(self, path: str, place: Place) -> None:
        """Record the line and column of a path, for problems found later in the tree."""
        self.places.setdefault(path, place)

    def translate(self, path: str, written: str) -> None:
        """Record that ``path`` of the tree is ``written`` in the document."""
        self.written_paths[path] = written

    def error(self, code: str, path: str, message: str, place: Place | None = None) -> None:
        """Add an error; ``place`` defaults to that of the path or its nearest parent.

        Raises
        ------
        TooManyProblems
            If :data:`MAX_PROBLEMS` is reached.
        """
        self.errors.append(self._problem(code, path, message, place))
        if len(self.errors) >= MAX_PROBLEMS:
            raise TooManyProblems

    def warn(self, code: str, path: str, message: str, place: Place | None = None) -> None:
        """Add a warning, up to :data:`MAX_PROBLEMS`."""
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append(self._problem(code, path, message, place))

    def raise_errors(self) -> None:
        """Raise a :class:`UCPError` with all errors, if there are any."""
        if self.errors:
            raise UCPError("\n".join(map(str, self.errors)), self.errors)

    def _problem(self, code: str, path: str, message: str, place: Place | None) -> Problem:
        path = self.written_paths.get(path, path)
        line, column = place if place is not None else self._nearest_place(path)
        return Problem(code, path, message, line, column)

    def _nearest_place(self, path: str) -> Place:
        while path:
            if path in self.places:
                return self.places[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get("", (None, None))
