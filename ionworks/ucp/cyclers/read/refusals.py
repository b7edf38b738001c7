"""What a reader cannot express in UCP, collected and raised as one error."""

from __future__ import annotations

from attrs import Factory, define

from ionworks.ucp.problems import MAX_PROBLEMS, Problem, UCPError, shown


class Unreadable(ValueError):
    """A part of a step that cannot be read; the message says which and why."""


@define
class Refusals:
    """Collects the reasons why a file is rejected.

    Attributes
    ----------
    title : str
        The kind of file in messages, ``Maccor procedure``.
    """

    title: str
    problems: list[Problem] = Factory(list)

    def add(self, place: str, reason: str) -> None:
        """Add a reason at a place of the file, ``step 012 (Chg Func)``."""
        if len(self.problems) < MAX_PROBLEMS:
            message = f"{place}: {_shortened(reason)}"
            self.problems.append(Problem("E-file", place, message))

    def raise_any(self) -> None:
        """Raise all collected reasons as one error, if there are any.

        Raises
        ------
        UCPError
            With one line for each reason.
        """
        if self.problems:
            unique = list(dict.fromkeys(self.problems))
            listed = "".join(f"\n- {found.message}" for found in unique)
            raise UCPError(f"this {self.title} cannot be expressed in UCP:{listed}", unique)


def _shortened(reason: str) -> str:
    """Return a reason on one line, with long quotations from the file cut."""
    return " ".join(part if len(part) <= 80 else shown(part) for part in reason.split())
