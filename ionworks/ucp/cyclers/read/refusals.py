"""What a reader cannot say in UCP, collected and raised as one error."""

from __future__ import annotations

from attrs import Factory, define

from ionworks.ucp.problems import MAX_PROBLEMS, Problem, UCPError, shown


class Unreadable(ValueError):
    """One thing of a step that has no counterpart; its message says which."""


@define
class Refusals:
    """Collects the reasons why a file is refused.

    Attributes
    ----------
    title : str
        What messages call the file, ``Maccor procedure``.
    """

    title: str
    problems: list[Problem] = Factory(list)

    def add(self, place: str, reason: str) -> None:
        """Add a reason at a place of the file, ``step 012 (Chg Func)``."""
        if len(self.problems) < MAX_PROBLEMS:
            message = f"{place}: {shown_reason(reason)}"
            self.problems.append(Problem("E-file", place, message))

    def raise_any(self) -> None:
        """Raise all reasons, if there are any.

        Raises
        ------
        UCPError
            One line a reason.
        """
        if self.problems:
            unique = list(dict.fromkeys(self.problems))
            listed = "".join(f"\n- {found.message}" for found in unique)
            raise UCPError(f"this {self.title} cannot be said in UCP:{listed}", unique)


def shown_reason(reason: str) -> str:
    """Return a reason on one line, with what it quotes cut to a readable length."""
    return " ".join(part if len(part) <= 80 else shown(part) for part in reason.split())
