"""Runs of many cycles, and the tables of their cycles."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.cells.throughput import THROUGHPUT
from ionworks.engine.simulation.run import Readouts, Run
from ionworks.engine.solver.amounts import AMOUNTS, throughput
from ionworks.engine.solver.models import RECORDED

CANCELED: Final = "canceled"

SIGNALS: Final = (*RECORDED, *THROUGHPUT)
"""Signals of a `CycleTable` before the temperature and the extra variables; amounts count from the
start of the run."""


@define
class CycledRun(Run):
    """A run that ends with the last measured cycle, or when the user cancels.

    Attributes
    ----------
    most_cycles : int
    should_stop : callable
    failure : str
        Why it ended early; empty otherwise.
    """

    most_cycles: int = field(kw_only=True)
    should_stop: Callable[[], bool] = field(kw_only=True)
    failure: str = ""
    _over: bool = False

    @property
    def finished(self) -> bool:
        """Whether the run has ended."""
        return self._over or super().finished

    def seek(self, observe: Callable[[], Readouts]) -> None:
        """Go to the next step, unless it is in a cycle after the last measured one."""
        if self.should_stop():
            self.failure, self._over = CANCELED, True
            return
        super().seek(observe)
        if self.progress is not None and self.progress.cycle >= self.most_cycles:
            self.progress, self._over = None, True

    def fail(self, code: str, message: str) -> None:
        """End the run with an error, and keep the current step up to it."""
        super().fail(code, message)
        self.failure = message


@frozen(eq=False)
class CycleTable:
    """States of a run at the start of its cycles, and amounts of each cycle.

    Attributes
    ----------
    complete : int
        Number of complete cycles.
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
        """Return the table of a run that ended; None if it has no step."""
        records = run.records
        if not records:
            return None
        cycles = np.array([record.cycle for record in records])
        complete = int(cycles[-1]) + (not run.failure)
        # The last step of a cycle, or of those before one without steps.
        last = np.searchsorted(cycles, np.arange(complete), side="right") - 1
        firsts = np.array([record.signals[:, 0] for record in records])
        lasts = np.array([record.signals[:, -1] for record in records])
        before = np.array([record.before for record in records])
        amounts = {
            name: np.bincount(cycles, column, complete)[:complete].astype(float)
            for name, column in zip(AMOUNTS, lasts[:, 2:6].T, strict=True)
        }
        for ends in (firsts, lasts):
            ends[:, 2:6] = throughput(ends[:, 2:6] + before)
        states = np.concatenate([firsts[:1], lasts[last]]).T
        return cls(complete, states, amounts, cycles, firsts, lasts)
