"""What workers are asked about submissions before their runs: in parts, if there are many runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from attrs import frozen

from ionworks.doe.run_columns import in_pieces
from ionworks.server.store.run_parameters import RunParameters

#: Most runs in one question to a worker, which needs about 3 kB for each.
MOST_CHECKED = 100_000


@frozen
class Question:
    """A question to a worker about a submission, or about some of its runs.

    The answer has ``problems`` (sentences) and ``notes`` (those of each run).

    Attributes
    ----------
    target
        Name of the function that answers.
    payload
        Its argument.
    indexes
        Which runs these are, in the order of the notes. More runs can follow, for comparison.
    rest
        A sentence that says which runs these are; None if they are all.
    """

    target: str
    payload: dict[str, Any]
    indexes: Sequence[int] = ()
    rest: str | None = None


class Runs(Protocol):
    """Runs that can be read repeatedly."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


@frozen
class Part:
    """Some runs of a submission.

    Attributes
    ----------
    runs
        Those to check.
    others
        Runs to compare them with: a sweep in which nothing has an effect is refused, and a part of
        the runs may vary only some of the parameters of the sweep.
    rest
        As in `Question`.
    """

    runs: Runs
    others: list[Any]
    rest: str | None


def with_rest(problems: Sequence[str], rest: str | None) -> list[str]:
    """Return the problems of a part of the runs, and what was not checked because of them."""
    return [*problems, *([] if rest is None else [rest])]


def parts(runs: Runs, count: int) -> Iterator[Part]:
    """Yield all runs in parts of at most `MOST_CHECKED`; they are read twice if there are more."""
    if count <= MOST_CHECKED:
        yield Part(runs, [], None)
        return
    witnesses = _witnesses(runs)
    done = 0
    for part in in_pieces(runs, MOST_CHECKED):
        start, done = done, done + len(part)
        others = [run for index, run in witnesses.items() if not start <= index < done]
        rest = (
            f"of {count} runs, those with index {start} to {done - 1} were checked together; "
            f"indexes above count from {start}"
        )
        yield Part(part, others, rest)


def _witnesses(runs: Iterable[RunParameters]) -> dict[int, RunParameters]:
    """Return the first run and, for each parameter, the first run with another value, by index."""
    found: dict[int, RunParameters] = {}
    same: dict[str, float | str] = {}
    for index, run in enumerate(runs):
        # The two kinds of parameters share names only by mistake, which the check finds.
        values = {**run["experiment_parameters"], **run["design_parameters"]}
        if index == 0:
            same, found[0] = values, run
        others = [name for name, value in same.items() if values.get(name) != value]
        if others:
            found[index] = run
            same = {name: value for name, value in same.items() if name not in others}
        if not same:
            break
    return found
