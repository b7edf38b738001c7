"""All checks of a time series, in the order that each can rely on those before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from ionworks.doe.scalars import finite, nearest
from ionworks.tables import lazy_table
from ionworks.validation.columns import KNOWN
from ionworks.validation.issues import IssueCode, ValidationIssue
from ionworks.validation.rows import column_issues, row_facts, row_issues
from ionworks.validation.steps import step_issues

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Limits", "validate_time_series"]

_STEPS_ARE_UNKNOWN = {
    IssueCode.EMPTY,
    IssueCode.MISSING_VALUE,
    IssueCode.TIME_DECREASES,
    IssueCode.STEP_COUNT_NOT_WHOLE,
    IssueCode.STEP_COUNT_NOT_SEQUENTIAL,
}


@attrs.frozen(kw_only=True)
class Limits:
    """Which checks to do, and against what.

    Attributes
    ----------
    strict : bool
        Whether to do those that a good recording passes and a usable one need not.
    rated_capacity : float or None
        In A.h.
    voltage_window : tuple of float or None
        Least and greatest voltage [V].
    skipped : frozenset of IssueCode
        What not to report.
    is_extension : bool
        Whether the rows go on from others: they may begin at any time and within a step.

    Raises
    ------
    TypeError, ValueError
        If a limit cannot be meant, or a code is unknown.
    """

    strict: bool = False
    rated_capacity: float | None = None
    voltage_window: tuple[float, float] | None = None
    skipped: frozenset[IssueCode] = frozenset()
    is_extension: bool = False

    @classmethod
    def of(cls, strict: Any, rated_capacity: Any, voltage_window: Any, skip_checks: Any) -> Limits:
        """Check the arguments of an upload."""
        if not isinstance(strict, bool):
            raise TypeError(f"strict must be True or False, not {strict!r}")
        capacity = None
        if rated_capacity is not None:
            capacity = finite(rated_capacity, "rated_capacity")
            if capacity <= 0:
                raise ValueError(f"rated_capacity must be above 0 A.h, not {capacity}")
        return cls(
            strict=strict,
            rated_capacity=capacity,
            voltage_window=_window(voltage_window),
            skipped=_codes(skip_checks),
        )

    @classmethod
    def of_extension(cls, skip_checks: Any) -> Limits:
        """Check the arguments of an extension."""
        return cls(skipped=_codes(skip_checks), is_extension=True)


def validate_time_series(
    data: Any,
    *,
    strict: bool = False,
    rated_capacity: float | None = None,
    voltage_window: tuple[float, float] | None = None,
    skip_checks: Iterable[IssueCode | str] | bool = (),
) -> list[ValidationIssue]:
    """Check a time series, as it is before an upload; see `ionworks.validation` for the checks.

    Parameters
    ----------
    data : polars.DataFrame, polars.LazyFrame, pandas.DataFrame, mapping, str or path-like
        The table: a frame, columns by name, or the path of a CSV or parquet file. Files and lazy
        frames are streamed, so they may be larger than memory.
    strict : bool, optional
        Whether to do all checks.
    rated_capacity : float, optional
        The cell's, in A.h.
    voltage_window : tuple of float, optional
        The least and greatest voltage of the cell, in V.
    skip_checks : iterable of IssueCode or str, or True, optional
        Codes not to report; True skips all checks.

    Returns
    -------
    list of ValidationIssue
        What was found, errors first; empty if all is well. Where columns, times or step counts
        are wrong, the checks that build on them are not done.

    Raises
    ------
    TypeError, ValueError
        If the data are no table, or an argument is wrong.
    """
    limits = Limits.of(strict, rated_capacity, voltage_window, skip_checks)
    return check_table(lazy_table(data, "data"), limits)


def check_table(table: pl.LazyFrame, limits: Limits) -> list[ValidationIssue]:
    """Check a table within limits that were checked already."""
    if limits.skipped == frozenset(IssueCode):
        return []
    found = [issue for issue in _issues(table, limits) if issue.code not in limits.skipped]
    return sorted(found, key=lambda issue: issue.severity != "error")


def _issues(table: pl.LazyFrame, limits: Limits) -> list[ValidationIssue]:
    schema = table.collect_schema()
    issues = column_issues(schema)
    if issues:
        return issues
    present = {*schema} & {*KNOWN}
    rows = table.select(sorted(present)).with_row_index("row")
    facts = row_facts(rows, present, limits)
    issues = list(row_issues(facts, limits))
    if _STEPS_ARE_UNKNOWN.isdisjoint(issue.code for issue in issues):
        issues += step_issues(rows, present, facts, limits)
    return issues


def _window(window: Any) -> tuple[float, float] | None:
    if window is None:
        return None
    if isinstance(window, str) or not isinstance(window, Iterable):
        raise TypeError(
            f"voltage_window must be a pair of volts such as (2.5, 4.2), not {window!r}"
        )
    limits = tuple(finite(value, "voltage_window") for value in window)
    if len(limits) != 2 or limits[0] >= limits[1]:
        raise ValueError(
            "voltage_window must be the least and the greatest voltage, such as (2.5, 4.2),"
            f" not {window!r}"
        )
    return limits[0], limits[1]


def _codes(skipped: Any) -> frozenset[IssueCode]:
    if isinstance(skipped, bool):
        return frozenset(IssueCode) if skipped else frozenset()
    if skipped is None:
        return frozenset()
    if isinstance(skipped, str) or not isinstance(skipped, Iterable):
        raise TypeError(
            f"skip_checks must be a list of codes such as ['TIME_GAP'], or True, not {skipped!r}"
        )
    known = [code.value for code in IssueCode]
    for code in skipped:
        if code not in known:
            raise ValueError(
                f"skip_checks names {code!r}, which is no check{nearest(str(code), known)}"
            )
    return frozenset(IssueCode(code) for code in skipped)
