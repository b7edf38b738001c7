"""Filters of list calls and their translation to query parameters."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, TypedDict, get_type_hints

from dateutil import parser

ORDERS = ("asc", "desc")

_RANGES = {
    "created_after": "created_at_gt",
    "created_before": "created_at_lt",
    "updated_after": "updated_at_gt",
    "updated_before": "updated_at_lt",
    "started_after": "start_time_gt",
    "started_before": "start_time_lt",
}
_OPERATOR = re.compile(r"(eq|neq|in|like|ilike|gte?|lte?)\.(.*)", re.DOTALL)
_EXACT = {"name_exact": "name", "form_factor": "form_factor"}


class CommonFilters(TypedDict, total=False):
    """Filters that most lists support.

    Attributes
    ----------
    name : str
        Part of the name, ignoring case.
    name_exact : str
        The full name; takes precedence over `name`.
    created_after, created_before, updated_after, updated_before : str or date or datetime
        Limits of the times. Without a time zone they are in UTC, and a date is the midnight at
        which it begins: ``date.today()``, the date where you are, is 0:00 UTC on that date. For a
        limit in local time give ``datetime.now().astimezone()``, or the like.
    order_by : str
        Field to sort by.
    order : {"asc", "desc"}
        Direction of sorting.
    """

    name: str | None
    name_exact: str | None
    created_after: str | date | None
    created_before: str | date | None
    updated_after: str | date | None
    updated_before: str | date | None
    order_by: str | None
    order: Literal["asc", "desc"] | None


class AuthoredFilters(CommonFilters, total=False):
    """`CommonFilters` for records with an author.

    Attributes
    ----------
    created_by_email : str
        Part of the author's address, ignoring case.
    """

    created_by_email: str | None


class CellSpecFilters(AuthoredFilters, total=False):
    """`AuthoredFilters` for cell specifications.

    Attributes
    ----------
    form_factor : str
        The full form factor.
    anode_material_id, cathode_material_id, electrolyte_material_id : str
        Id of the material of a component.
    separator_material_id, case_material_id : str
        Likewise.
    exclude_cell_spec_id : str
        Id of a specification to exclude.
    """

    form_factor: str | None
    anode_material_id: str | None
    cathode_material_id: str | None
    electrolyte_material_id: str | None
    separator_material_id: str | None
    case_material_id: str | None
    exclude_cell_spec_id: str | None


class MeasurementFilters(AuthoredFilters, total=False):
    """`AuthoredFilters` for measurements, which can also be ordered by ``start_time``.

    Attributes
    ----------
    started_after, started_before : str or date or datetime
        Limits of the start time of the test, with time zones as above.
    """

    started_after: str | date | None
    started_before: str | date | None


class Ordering(TypedDict, total=False):
    """Order of a list, as in `CommonFilters`."""

    order_by: str | None
    order: Literal["asc", "desc"] | None


class StudyFilters(Ordering, total=False):
    """Filters for studies, as in `CommonFilters`."""

    name: str | None
    name_exact: str | None


class SimulationFilters(CommonFilters, total=False):
    """`CommonFilters` for simulations.

    Those of one submission have its name and their number, such as ``Sweep 3/10``. They can be
    ordered by ``created_at``, ``updated_at``, ``status`` and ``name``, which sorts by the name of
    the submission and then by number.

    Attributes
    ----------
    status : str or iterable of str
        A status, or several of which one is wanted: ``pending``, ``waiting``, ``processing``,
        ``completed``, ``failed``, ``canceled``.
    """

    status: str | Iterable[str] | None


class PipelineFilters(Ordering, total=False):
    """Filters for pipelines, which are sent unchanged.

    Attributes
    ----------
    name, description, status, created_by_email : str
        An exact value, or an operator and its operand: ``ilike.%fit%``, ``in.(failed,canceled)``,
        ``eq.pending``.
    created_at, updated_at : str
        An operator and a time, such as ``gte.2026-05-08``.
    created_at_gt, created_at_lt, updated_at_gt, updated_at_lt : str or date or datetime
        Limits of the times, as in `CommonFilters`.
    """

    name: str | None
    description: str | None
    status: str | None
    created_by_email: str | None
    created_at: str | None
    updated_at: str | None
    created_at_gt: str | date | None
    created_at_lt: str | date | None
    updated_at_gt: str | date | None
    updated_at_lt: str | date | None


Filters: TypeAlias = CommonFilters | Ordering

_PIPELINE_ORDERS = (
    *("created_at", "updated_at", "name", "description", "status", "id", "created_by_email"),
)


def pipeline_query(given: Mapping[str, Any]) -> dict[str, Any]:
    """Translate filters for pipelines to query parameters.

    Parameters
    ----------
    given : mapping
        The filters, see `PipelineFilters`; ``None`` counts as not given.

    Raises
    ------
    TypeError
        If a filter is unknown or has the wrong type; the message lists the valid filters.
    ValueError
        If a value is invalid.
    """
    names = get_type_hints(PipelineFilters)
    parameters = {}
    for name, value in given.items():
        _check_known(name, names)
        if value is None:
            continue
        if name == "order_by" and value not in _PIPELINE_ORDERS:
            raise ValueError(f"order_by must be one of {_PIPELINE_ORDERS}, not {value!r}")
        if name.endswith(("_gt", "_lt")):
            parameters[name] = moment(name, value)
        elif name == "order":
            parameters[name] = _order(value)
        else:
            parameters[name] = _text(name, value)
    return parameters


def query(given: Mapping[str, Any], known: type[Filters] = CommonFilters) -> dict[str, Any]:
    """Translate filters to query parameters.

    Parameters
    ----------
    given : mapping
        The filters; ``None`` counts as not given.
    known : type
        The filters that the list supports.

    Returns
    -------
    dict of str to str
        Query parameters of the given filters.

    Raises
    ------
    TypeError
        If a filter is unknown or has the wrong type; the message lists the valid filters.
    ValueError
        If a value is invalid.
    """
    names = get_type_hints(known)
    parameters: dict[str, Any] = {}
    for name, value in given.items():
        _check_known(name, names)
        if value is not None:
            parameter, text = _parameter(name, value)
            if name != "name" or given.get("name_exact") is None:
                parameters[parameter] = text
    return parameters


def _parameter(name: str, value: Any) -> tuple[str, str]:
    """Translate one filter."""
    if name in _RANGES:
        return _RANGES[name], moment(name, value)
    if name == "order":
        return name, _order(value)
    if name == "status":
        return name, f"in.({','.join(map(_quoted, statuses(value)))})"
    text = _text(name, value)
    if name in _EXACT:
        return _EXACT[name], f"eq.{text}"
    if name == "order_by" or name.endswith("_id"):
        return name, text
    return name, f"ilike.%{_literal(text)}%"


def statuses(value: Any) -> list[str]:
    """Return statuses that are given as one or several; ``in.(failed,canceled)`` are two.

    Raises
    ------
    TypeError
        If they are not text.
    ValueError
        If there are none, or they are given with another operator.
    """
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, Mapping) or not isinstance(listed, Iterable):
        raise TypeError(f"status must be text or a list of texts, not {value!r}")
    found = [_text("status", each).strip() for each in listed]
    if len(found) == 1 and (match := _OPERATOR.fullmatch(found[0])) is not None:
        operator, inner = match.groups()
        if operator not in ("eq", "in"):
            raise ValueError(f"status must be a status or several, not {value!r}")
        found = [part.strip(' "') for part in inner.removeprefix("(").removesuffix(")").split(",")]
    if not found or not all(found):
        raise ValueError(f"status must name at least one status, not {value!r}")
    return [*dict.fromkeys(found)]


def _quoted(text: str) -> str:
    """Return a member of a list; quotes keep commas and brackets in it."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def _check_known(name: str, names: Mapping[str, Any]) -> None:
    if name not in names:
        raise TypeError(f"unknown filter {name!r}; valid filters: {', '.join(sorted(names))}")


def _order(value: Any) -> str:
    if value not in ORDERS:
        raise ValueError(f"order must be 'asc' or 'desc', not {value!r}")
    return str(value)


def _literal(text: str) -> str:
    """Escape the wildcards of ``ilike``, which names can contain: underscore and percent sign."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def moment(argument: str, value: Any) -> str:
    """Convert a date or time to ISO 8601.

    Parameters
    ----------
    argument : str
        Name of the argument in messages.
    value : str or datetime.date or datetime.datetime
        ISO text is returned unchanged; other common date formats are parsed.

    Raises
    ------
    ValueError
        If the text is not a date.
    TypeError
        If it is neither text nor a date.
    """
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise TypeError(
            f"{argument} must be a date, a datetime or ISO text such as '2026-05-08', not {value!r}"
        )
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return _parsed(argument, value)
    return value


def _parsed(argument: str, value: str) -> str:
    """Parse a date that is not ISO text; ambiguous dates are rejected."""
    remedy = f"{argument} must be a date such as '2026-05-08', not {value!r}"
    try:
        moments = {parser.parse(value, dayfirst=dayfirst) for dayfirst in (False, True)}
    except (ValueError, OverflowError) as problem:
        raise ValueError(f"{remedy}: {problem}") from None
    if len(moments) > 1:
        raise ValueError(f"{remedy}, which could be {' or '.join(map(str, sorted(moments)))}")
    if not re.search(r"\d{4}", value):
        # The parser would complete a missing year with the current one.
        raise ValueError(f"{remedy}: write the year with four digits")
    return moments.pop().isoformat()


def _text(argument: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be text, not {value!r}")
    if not value.strip():
        raise ValueError(f"{argument} must not be empty; omit it to list everything")
    return value
