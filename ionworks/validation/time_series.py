"""Runs all checks of a time series; each can rely on those before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ionworks.data.tables import lazy_table
from ionworks.errors import IssueCode, ValidationIssue
from ionworks.validation.check_options import CheckOptions
from ionworks.validation.columns import KNOWN
from ionworks.validation.rows import column_issues, row_facts, row_issues
from ionworks.validation.steps import step_issues

if TYPE_CHECKING:
    import polars as pl

__all__ = ["check_table", "validate_time_series"]

_STEPS_ARE_UNKNOWN = {
    IssueCode.EMPTY,
    IssueCode.MISSING_VALUE,
    IssueCode.TIME_DECREASES,
    IssueCode.STEP_COUNT_NOT_WHOLE,
    IssueCode.STEP_COUNT_NOT_SEQUENTIAL,
}


def validate_time_series(
    data: Any,
    *,
    strict: bool = False,
    rated_capacity: float | None = None,
    voltage_window: tuple[float, float] | None = None,
    skip_checks: Iterable[IssueCode | str] | bool = (),
) -> list[ValidationIssue]:
    """Check a time series as before an upload; see `ionworks.validation` for the checks.

    Parameters
    ----------
    data : polars.DataFrame, polars.LazyFrame, pandas.DataFrame, mapping, str or path-like
        The table: a frame, columns by name, or the path of a CSV or parquet file. Files and lazy
        frames are streamed, so they can be larger than memory.
    strict : bool, optional
        Whether to run all checks.
    rated_capacity : float, optional
        Rated capacity of the cell in A.h.
    voltage_window : tuple of float, optional
        Lowest and highest voltage of the cell in V.
    skip_checks : iterable of IssueCode or str, or True, optional
        Codes that are not reported; True skips all checks.

    Returns
    -------
    list of ValidationIssue
        The problems, errors first; empty if there are none. If columns, times or step counts are
        invalid, the checks that depend on them are not run.

    Raises
    ------
    TypeError, ValueError
        If the data are not a table, or an argument is invalid.
    """
    options = CheckOptions.of(strict, rated_capacity, voltage_window, skip_checks)
    return check_table(lazy_table(data, "data"), options)


def check_table(table: pl.LazyFrame, options: CheckOptions) -> list[ValidationIssue]:
    """Check a table with options that were checked already."""
    if options.skipped == frozenset(IssueCode):
        return []
    found = [issue for issue in _issues(table, options) if issue.code not in options.skipped]
    return sorted(found, key=lambda issue: issue.severity != "error")


def _issues(table: pl.LazyFrame, options: CheckOptions) -> list[ValidationIssue]:
    schema = table.collect_schema()
    issues = column_issues(schema)
    if issues:
        return issues
    present = {*schema} & {*KNOWN}
    rows = table.select(sorted(present)).with_row_index("row")
    facts = row_facts(rows, present, options)
    issues = list(row_issues(facts, options))
    if _STEPS_ARE_UNKNOWN.isdisjoint(issue.code for issue in issues):
        issues += step_issues(rows, present, facts, options)
    return issues
