"""The problems of many runs, in few sentences."""

from collections.abc import Sequence
from typing import Final

from attrs import define, field

MOST_PROBLEMS: Final = 20
"""Problems that are described; each may need a search for a name that was meant."""


def first(problems: list[str]) -> list[str]:
    """Return the first problems, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    shown = problems[: MOST_PROBLEMS - 1]
    return [*shown, f"and {len(problems) - len(shown)} more problems"]


@define
class Faults:
    """The distinct problems of runs, up to `MOST_PROBLEMS`, and how many runs have each.

    Attributes
    ----------
    runs : int
        How many are reviewed.
    """

    runs: int
    _counts: dict[str, int] = field(factory=dict)
    _first: dict[str, int] = field(factory=dict)
    _last: int = 0

    def __bool__(self) -> bool:
        return bool(self._counts)

    @property
    def are_enough(self) -> bool:
        """Whether the review can end."""
        return len(self._counts) >= MOST_PROBLEMS

    def add(self, index: int, problems: Sequence[str], count: int = 1) -> None:
        """Add the problems of a run, or of several in sequence, the first of which has an index."""
        self._last = index
        for problem in dict.fromkeys(problems):
            self._counts[problem] = self._counts.get(problem, 0) + count
            self._first.setdefault(problem, index)

    def sentences(self) -> list[str]:
        """Return the problems, each with the runs that have it if there are several runs."""
        if self.runs == 1:
            return list(self._counts)
        found = [f"{problem} ({self._where(problem)})" for problem in self._counts]
        if not self.are_enough:
            return found
        last = f"there are more problems: the check ended at the run with index {self._last}"
        return [*found[: MOST_PROBLEMS - 1], last]

    def _where(self, problem: str) -> str:
        """Return which runs have a problem; an index counts from 0, as in the request."""
        count, first = self._counts[problem], self._first[problem]
        if count == self.runs:
            return f"in all {count} runs"
        if self.are_enough or count == 1:
            return f"in the run with index {first}"
        return f"in {count} of {self.runs} runs, the first with index {first}"
