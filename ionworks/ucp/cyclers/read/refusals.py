"""What a reader cannot express in UCP, collected and raised as one error."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import Factory, define

from ionworks.ucp.problems import MAX_PROBLEMS, Problem, UCPError, shown


class Unreadable(ValueError):
    """A part of a step that cannot be read; the message says which and why."""


@define
class Refusals:
    """Collects what cannot be read, and why.

    Attributes
    ----------
    title : str
        The kind of file in messages, ``Maccor procedure``.
    problems : list of Problem
        About the file as a whole: it is rejected.
    unread : list of Problem
        About single steps, each of which a ``Pause`` stands for: the rest can be offered.
    """

    title: str
    problems: list[Problem] = Factory(list)
    unread: list[Problem] = Factory(list)

    def add(self, place: str, reason: str) -> None:
        """Add a reason at a place of the file, ``the table``, for which it is rejected."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(_problem(place, reason))

    def add_unread(self, place: str, reason: str) -> None:
        """Add a step that cannot be read, ``step 012 (Chg Func)``, and the reason."""
        self.unread.append(_problem(place, reason))

    def raise_any(self) -> None:
        """Raise all collected reasons as one error, if the file is rejected.

        Raises
        ------
        UCPError
            With one line for each reason, those about single steps included.
        """
        if self.problems:
            raise rejection(self.title, (*self.problems, *self.unread))


def rejection(title: str, problems: Iterable[Problem], advice: str = "") -> UCPError:
    """Return one error that lists why a file is rejected."""
    unique = list(dict.fromkeys(problems))[:MAX_PROBLEMS]
    listed = "".join(f"\n- {found.message}" for found in unique)
    return UCPError(f"this {title} cannot be expressed in UCP:{listed}{advice}", unique)


def _problem(place: str, reason: str) -> Problem:
    return Problem("E-file", place, f"{place}: {_shortened(reason)}")


def _shortened(reason: str) -> str:
    """Return a reason on one line, with long quotations from the file cut."""
    return " ".join(part if len(part) <= 80 else shown(part) for part in reason.split())
