"""Runs that are cycled, and what a cell was like at each cycle."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.simulation.results import CAPACITY_COLUMNS
from ionworks.engine.simulation.run import Readouts, Run

CANCELED: Final = "canceled"


@define
class CycledRun(Run):
    """A run that ends with the last cycle anybody measured, or when the user wants it to.

    Attributes
    ----------
    most_cycles : int
    should_stop : callable
    failure : str
        Why it did not get to its end; empty if it did.
    """

    most_cycles: int = field(kw_only=True)
    should_stop: Callable[[], bool] = field(kw_only=True)
    failure: str = ""
    _over: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self._over or super().finished

    def seek(self, observe: Callable[[], Readouts]) -> None:
        """Go on to the next step, unless it is of a cycle that nobody measured."""
        if self.should_stop():
            self.failure, self._over = CANCELED, True
            return
        super().seek(observe)
        if self.progress is not None and self.progress.cycle >= self.most_cycles:
            self.progress, self._over = None, True

    def fail(self, code: str, message: str) -> None:
        """End the run with an error, and keep what the current step did."""
        super().fail(code, message)
        self.failure = message


@frozen(eq=False)
class CycleTable:
    """What a run was like at the start of its cycles, and did in each.

    Attributes
    ----------
    complete : int
        How many cycles it completed.
    states : array, shape (signals, complete + 1)
        All signals after 0, 1, 2 ... cycles.
    amounts : dict of str to array, shape (complete,)
        Capacities [A.h] and energies [W.h] of each cycle.
    cycles : array, shape (steps,)
        The cycle of each step.
    firsts, lasts : array, shape (steps, signals)
        The signals at the ends of each step.
    """

    complete: int
    states: Floats
    amounts: dict[str, Floats]
    cycles: Any
    firsts: Floats
    lasts: Floats

    @classmethod
    def of(cls, run: CycledRun) -> "CycleTable | None":
        """Return the table of a run that ended; None if it did nothing."""
        records = run.records
        if not records:
            return None
        cycles = np.array([record.cycle for record in records])
        complete = int(cycles[-1]) + (not run.failure)
        # The last step of a cycle, or of those before one without steps.
        last = np.searchsorted(cycles, np.arange(complete), side="right") - 1
        firsts = np.array([record.signals[:, 0] for record in records])
        lasts = np.array([record.signals[:, -1] for record in records])
        passed = lasts[:, 2:6] - np.array([record.throughput for record in records])
        net, total = passed[:, 0::2], passed[:, 1::2]
        out, into = (total + net) / 2, (total - net) / 2
        columns = (out[:, 0], into[:, 0], out[:, 1], into[:, 1])
        amounts = {
            name: np.bincount(cycles, column, complete)[:complete].astype(float)
            for name, column in zip(CAPACITY_COLUMNS, columns, strict=True)
        }
        states = np.concatenate([firsts[:1], lasts[last]]).T
        return cls(complete, states, amounts, cycles, firsts, lasts)
