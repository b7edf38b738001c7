"""Metrics of a cycle, composed by users from the signals at the ends of its steps."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from operator import add, mul, sub, truediv
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.fitting.fields import is_integer, known_fields
from ionworks.engine.fitting.objectives.cycle_runs import CycleTable

_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "add": add,
    "sub": sub,
    "mul": mul,
    "truediv": truediv,
}
_ENDS: Final = ("First", "Last")


class Metric(ABC):
    """A number for each cycle."""

    @property
    @abstractmethod
    def variables(self) -> tuple[str, ...]:
        """The model variables it uses."""

    @abstractmethod
    def of(self, table: CycleTable, cycle: int, signals: Sequence[str]) -> float:
        """Return its value in a cycle; NaN where a step is missing."""


@frozen
class Value(Metric):
    """A variable at the begin or the end of a cycle, or of one of its steps.

    Attributes
    ----------
    variable : str
    at_first : bool
    step : int or None
        Index of a step in the cycle; None for the whole cycle.
    """

    variable: str
    at_first: bool
    step: int | None

    @property
    def variables(self) -> tuple[str, ...]:
        """The model variables it uses."""
        return (self.variable,)

    def of(self, table: CycleTable, cycle: int, signals: Sequence[str]) -> float:
        """Return its value in a cycle; NaN where a step is missing."""
        steps = np.flatnonzero(table.cycles == cycle)
        place = self.step if self.step is not None else (0 if self.at_first else -1)
        if not -len(steps) <= place < len(steps):
            return float("nan")
        ends = table.firsts if self.at_first else table.lasts
        return float(ends[steps[place], signals.index(self.variable)])


@frozen
class Composed(Metric):
    """Two metrics, combined by an arithmetic operation."""

    operation: Callable[[float, float], float]
    left: Metric
    right: Metric

    @property
    def variables(self) -> tuple[str, ...]:
        """The model variables it uses."""
        return (*self.left.variables, *self.right.variables)

    def of(self, table: CycleTable, cycle: int, signals: Sequence[str]) -> float:
        """Return its value in a cycle; NaN where a step is missing."""
        left, right = (each.of(table, cycle, signals) for each in (self.left, self.right))
        try:
            return self.operation(left, right)
        except ZeroDivisionError:
            return float("nan")


def read_metrics(given: Any) -> dict[str, Metric]:
    """Read metrics, by the name of the column each is compared with.

    Raises
    ------
    ValueError
        If one is not supported or has a wrong field.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"metrics is {given!r}; give a mapping of columns to metrics")
    return {str(name): _read(each, f"metrics: {name!r}") for name, each in given.items()}


def _read(given: Any, where: str) -> Metric:
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is {given!r}; give a CyclewiseMetric or a ComposedMetric")
    kind = given.get("type")
    if kind == "ComposedMetric":
        known_fields(given, ("type", "operation", "left", "right"), where)
        operation = given.get("operation")
        if operation not in _OPERATIONS:
            known = ", ".join(_OPERATIONS)
            raise ValueError(f"{where}: operation {operation!r} is not supported; use {known}")
        return Composed(
            _OPERATIONS[operation],
            _read(given.get("left"), f"{where}: left"),
            _read(given.get("right"), f"{where}: right"),
        )
    if kind != "CyclewiseMetric":
        raise ValueError(
            f"{where}: {kind!r} is not supported; use CyclewiseMetric or ComposedMetric"
        )
    known_fields(given, ("type", "step", "metric"), where)
    step, metric = given.get("step"), given.get("metric")
    if step is not None and not is_integer(step):
        raise ValueError(f"{where}: step is {step!r}; give the 0-based number of a step")
    if not isinstance(metric, Mapping) or metric.get("type") not in _ENDS:
        raise ValueError(f"{where}: metric is {metric!r}; use {' or '.join(_ENDS)} of a variable")
    known_fields(metric, ("type", "variable"), where)
    if not isinstance(metric.get("variable"), str):
        raise ValueError(f"{where}: 'variable' is missing: name a variable of the model")
    return Value(metric["variable"], metric["type"] == "First", step)
