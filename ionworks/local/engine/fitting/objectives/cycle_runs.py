"""Runs that are cycled: from an experiment to what a cell was like after each cycle of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.local.engine.cell import Floats
from ionworks.local.engine.models import SIGNALS
from ionworks.local.engine.results import CAPACITY_COLUMNS
from ionworks.local.engine.run import Readouts, Run
from ionworks.ucp import parse, to_document

CANCELED: Final = "canceled"

_FIRST_EXTRA: Final = len(SIGNALS) + 1
"""Where the extra variables of a step's signals begin: behind `SIGNALS` and the temperature."""


@define
class CycledRun(Run):
    """A run that ends with the last cycle anybody measured, or when the user wants it to.

    Attributes
    ----------
    most_cycles : int
    should_stop : callable
    problem : str
        Why it did not get to its end; empty if it did.
    """

    most_cycles: int = field(kw_only=True)
    should_stop: Callable[[], bool] = field(kw_only=True)
    problem: str = ""
    _over: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self._over or super().finished

    def seek(self, observe: Callable[[], Readouts]) -> None:
        """Go on to the next step, unless it is of a cycle that nobody measured."""
        if self.should_stop():
            self.problem, self._over = CANCELED, True
            return
        super().seek(observe)
        if self.progress is not None and self.progress.cycle >= self.most_cycles:
            self.progress, self._over = None, True

    def fail(self, code: str, message: str) -> None:
        """End the run with an error, and keep what the current step did."""
        super().fail(code, message)
        self.problem = message


@frozen(eq=False)
class CycleTable:
    """What a run was like after 0, 1, 2 ... cycles.

    Attributes
    ----------
    complete : int
        How many cycles it completed.
    extras : array, shape (variables, complete + 1)
        The extra variables; the first is the fresh cell.
    amounts : dict of str to array, shape (complete + 1,)
        Capacities [A.h] and energies [W.h] of each cycle; of the fresh cell there are none.
    """

    complete: int
    extras: Floats
    amounts: dict[str, Floats]

    @classmethod
    def of(cls, run: CycledRun) -> "CycleTable":
        """Return the table of a run that ended."""
        records = run.records
        if not records:
            return cls(0, np.empty((0, 1)), {})
        cycles = np.array([record.cycle for record in records])
        complete = int(cycles[-1]) + (not run.problem)
        # The last step of a cycle, or of those before one without steps.
        last = np.searchsorted(cycles, np.arange(complete), side="right") - 1
        ends = np.array([record.signals[:, -1] for record in records])
        fresh = records[0].signals[_FIRST_EXTRA:, :1]
        extras = np.concatenate([fresh, ends[last, _FIRST_EXTRA:].T], axis=1)
        passed = ends[:, 2:6] - np.array([record.throughput for record in records])
        net, total = passed[:, 0::2], passed[:, 1::2]
        out, into = (total + net) / 2, (total - net) / 2
        columns = (out[:, 0], into[:, 0], out[:, 1], into[:, 1])
        amounts = {
            name: np.append(np.nan, np.bincount(cycles, column, complete)[:complete].astype(float))
            for name, column in zip(CAPACITY_COLUMNS, columns, strict=True)
        }
        return cls(complete, extras, amounts)


def protocol_of(given: Any) -> str | Mapping[str, Any]:
    """Return the protocol an ``experiment`` stands for.

    Parameters
    ----------
    given : str, mapping or list
        UCP or PyBaMM's steps one a line, UCP that was parsed, or cycles as PyBaMM takes them: each
        a step, or a list of steps.

    Raises
    ------
    ValueError
        If it is none of these, or a step cannot be read.
    """
    if isinstance(given, str | Mapping):
        return given
    if not isinstance(given, list | tuple) or not given:
        raise ValueError(
            f"{given!r} is none: give a protocol, or a list of cycles with PyBaMM's steps"
        )
    items: list[Any] = []
    for cycle in given:
        lines = [cycle] if isinstance(cycle, str) else list(cycle or ())
        if not lines or not all(isinstance(line, str) for line in lines):
            raise ValueError(f"the cycle {cycle!r} is no list of PyBaMM's steps")
        read = parse("\n".join(lines))
        if read.protocol is None or read.errors:
            raise ValueError(f"the cycle {cycle!r}: {'; '.join(map(str, read.errors))}")
        items += [*(["Advance cycle"] if items else []), *to_document(read.protocol)["steps"]]
    return {"steps": items}
