"""Runs all checks of a time series; each can rely on those before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ionworks.data.column_mapping import column_mapping
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
    columns: Mapping[str, Any] | None = None,
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
    columns : mapping, optional
        Columns to rename and convert before, as in ``client.cell_measurement.create``.

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
    mapping = column_mapping(columns)
    table = lazy_table(data, "data")
    return check_table(table if mapping is None else mapping.applied(table, "data"), options)


def check_table(table: pl.LazyFrame, options: CheckOptions) -> list[ValidationIssue]:
    """Check a table with options that were checked already."""
    if options.skipped == frozenset(IssueCode):
        return []
    found = _reported(table, options)
    # The ratings are read only if they can change the result: the first rejection sends nothing.
    if all(_depends_on_ratings(issue) for issue in found) and (rated := options.with_ratings()):
        found = _reported(table, rated)
    return sorted(found, key=lambda issue: issue.severity != "error")


def _reported(table: pl.LazyFrame, options: CheckOptions) -> list[ValidationIssue]:
    return [issue for issue in _issues(table, options) if issue.code not in options.skipped]


def _depends_on_ratings(issue: ValidationIssue) -> bool:
    """Return whether an issue can go, or is no reason not to look for others."""
    return issue.severity == "warning" or issue.code is IssueCode.IMPLAUSIBLE_UNIT


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
