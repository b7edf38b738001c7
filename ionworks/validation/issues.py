"""The problems that checks can find."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import attrs

__all__ = ["IssueCode", "Severity", "ValidationIssue"]

Severity = Literal["error", "warning"]


class IssueCode(StrEnum):
    """Codes of the problems; their meaning does not change between releases."""

    EMPTY = "EMPTY"
    MISSING_COLUMN = "MISSING_COLUMN"
    NOT_NUMERIC = "NOT_NUMERIC"
    MISSING_VALUE = "MISSING_VALUE"
    TIME_NOT_FROM_ZERO = "TIME_NOT_FROM_ZERO"
    TIME_DECREASES = "TIME_DECREASES"
    STEP_COUNT_NOT_WHOLE = "STEP_COUNT_NOT_WHOLE"
    STEP_COUNT_NOT_FROM_ZERO = "STEP_COUNT_NOT_FROM_ZERO"
    STEP_COUNT_NOT_SEQUENTIAL = "STEP_COUNT_NOT_SEQUENTIAL"
    CURRENT_REVERSED = "CURRENT_REVERSED"
    NOT_RESET = "NOT_RESET"
    OUTSIDE_VOLTAGE_WINDOW = "OUTSIDE_VOLTAGE_WINDOW"
    ABOVE_RATED_CAPACITY = "ABOVE_RATED_CAPACITY"
    NOT_FINITE = "NOT_FINITE"
    FEW_POINTS = "FEW_POINTS"
    DUPLICATE_ROW = "DUPLICATE_ROW"
    CUMULATIVE_DECREASES = "CUMULATIVE_DECREASES"
    CYCLE_COUNT = "CYCLE_COUNT"
    CAPACITY_MISMATCH = "CAPACITY_MISMATCH"
    IMPLAUSIBLE_UNIT = "IMPLAUSIBLE_UNIT"
    TIME_GAP = "TIME_GAP"
    STEP_VOLTAGE_DIRECTION = "STEP_VOLTAGE_DIRECTION"
    MIXED_DIRECTIONS = "MIXED_DIRECTIONS"


@attrs.frozen(kw_only=True)
class ValidationIssue:
    """One problem of a time series.

    Attributes
    ----------
    code : IssueCode
        Which check found it.
    severity : {"error", "warning"}
        An error prevents an upload, a warning does not.
    message : str
        Description of the problem and its remedy; the wording can change.
    row : int or None
        The first affected row, counted from 0.
    step : int or None
        ``Step count`` of the first affected step.
    column : str or None
        The affected column.
    payload : dict
        Machine-readable details, where applicable: ``count`` (number of rows or steps), ``steps``
        (the first of them), ``observed`` and ``threshold`` values.
    """

    code: IssueCode
    severity: Severity
    message: str
    row: int | None = None
    step: int | None = None
    column: str | None = None
    payload: dict[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        return f"{self.code.value}: {self.message}"
