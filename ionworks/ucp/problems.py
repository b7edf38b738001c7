"""What can be wrong with a protocol: problems as values, and the one exception of the language."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

from attrs import Factory, define, frozen


@frozen
class Problem:
    """One thing wrong (``E-...``) or doubtful (``W-...``) in a protocol.

    Attributes
    ----------
    code : str
        ``E-term``, ``W-tie``, ...; the table is in the user reference of the language.
    path : str
        Where in the document, ``steps[2].Charge.ends[0]``; empty for the document as a whole.
    message : str
        A sentence that says what is wrong and what to write instead.
    line, column : int or None
        1-based place in the text; None when the protocol was not given as text.
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
    """A protocol that cannot be used as it was asked to.

    Parameters
    ----------
    message : str
        The sentence shown to the user.
    problems : iterable of Problem, optional
        The single problems behind it.
    names : iterable of str, optional
        The input names that have no value, when that is the reason.
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
    """Return a text of the document as a message may show it: one line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'X'?`` for the nearest known spelling, or an empty string."""
    spellings = {name.lower(): name for name in islice(known, 300)}
    near = get_close_matches(word[:80].strip().lower(), spellings, n=1, cutoff=0.6)
    return f"; did you mean {spellings[near[0]]!r}?" if near else ""


Place = tuple[int | None, int | None]


MAX_PROBLEMS: Final = 100
"""Reading stops at so many errors; a document with more is not read any better by listing them."""


class TooManyProblems(Exception):
    """Ends the reading of a document at :data:`MAX_PROBLEMS` errors."""


@define
class Report:
    """Collects the problems of one document and knows where each path stands in its text."""

    errors: list[Problem] = Factory(list)
    warnings: list[Problem] = Factory(list)
    places: dict[str, Place] = Factory(dict)
    written: dict[str, str] = Factory(dict)

    def remember(self, path: str, place: Place) -> None:
        """Note the line and column of a path, for problems found later in the tree."""
        self.places.setdefault(path, place)

    def translate(self, path: str, written: str) -> None:
        """Note that what the tree calls ``path`` stands at ``written`` in the document."""
        self.written[path] = written

    def error(self, code: str, path: str, message: str, place: Place | None = None) -> None:
        """Add an error; without a place, the one of the path or its nearest parent is used.

        Raises
        ------
        TooManyProblems
            If this was the last one that is listed.
        """
        self.errors.append(self._problem(code, path, message, place))
        if len(self.errors) >= MAX_PROBLEMS:
            raise TooManyProblems

    def warn(self, code: str, path: str, message: str, place: Place | None = None) -> None:
        """Add a warning, as long as there are not too many."""
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append(self._problem(code, path, message, place))

    def _problem(self, code: str, path: str, message: str, place: Place | None) -> Problem:
        path = self.written.get(path, path)
        line, column = place if place is not None else self._nearest_place(path)
        return Problem(code, path, message, line, column)

    def _nearest_place(self, path: str) -> Place:
        while path:
            if path in self.places:
                return self.places[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get("", (None, None))
