"""Translation of filters to query parameters."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ionworks.data.filters import (
    AuthoredFilters,
    CellSpecFilters,
    CommonFilters,
    MeasurementFilters,
    StudyFilters,
    moment,
    query,
)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {}),
        ({"name": None, "order": None}, {}),
        ({"name": "NMC"}, {"name": "ilike.%NMC%"}),
        ({"name_exact": "NMC 622"}, {"name": "eq.NMC 622"}),
        ({"name": "a", "name_exact": "b"}, {"name": "eq.b"}),
        ({"name_exact": "b", "name": "a"}, {"name": "eq.b"}),
        ({"order_by": "name", "order": "desc"}, {"order_by": "name", "order": "desc"}),
        ({"created_after": "2026-05-08"}, {"created_at_gt": "2026-05-08"}),
        ({"created_before": date(2026, 5, 8)}, {"created_at_lt": "2026-05-08"}),
        (
            {"updated_after": datetime(2026, 5, 8, 12, tzinfo=UTC)},
            {"updated_at_gt": "2026-05-08T12:00:00+00:00"},
        ),
        ({"updated_before": "2026-05-08T12:00:00Z"}, {"updated_at_lt": "2026-05-08T12:00:00Z"}),
    ],
)
def test_filters_are_translated(given: dict[str, Any], sent: dict[str, str]) -> None:
    assert query(given, CommonFilters) == sent


def test_only_records_with_an_author_are_filtered_by_author() -> None:
    given = {"created_by_email": "ada"}
    assert query(given, AuthoredFilters) == {"created_by_email": "ilike.%ada%"}
    with pytest.raises(
        TypeError, match="unknown filter 'created_by_email'; valid filters: created_after"
    ):
        query(given, CommonFilters)


def test_wildcards_in_a_name_are_escaped() -> None:
    assert query({"name": r"50%_\x"}) == {"name": r"ilike.%50\%\_\\x%"}
    assert query({"name_exact": "a_b%"}) == {"name": "eq.a_b%"}


def test_some_lists_have_additional_filters() -> None:
    assert query({"form_factor": "21700", "anode_material_id": "gr"}, CellSpecFilters) == {
        "form_factor": "eq.21700",
        "anode_material_id": "gr",
    }
    started = {"started_after": "2026-05-08", "started_before": date(2026, 6, 1)}
    assert query(started, MeasurementFilters) == {
        "start_time_gt": "2026-05-08",
        "start_time_lt": "2026-06-01",
    }
    with pytest.raises(TypeError, match="valid filters: name, name_exact, order, order_by"):
        query({"created_after": "2026-05-08"}, StudyFilters)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"nam": "x"}, TypeError, "unknown filter 'nam'"),
        ({"name": 3}, TypeError, "name must be text, not 3"),
        ({"name": " "}, ValueError, "name must not be empty"),
        ({"name_exact": ""}, ValueError, "name_exact must not be empty"),
        ({"order": "up"}, ValueError, "order must be 'asc' or 'desc', not 'up'"),
        ({"order_by": ""}, ValueError, "order_by must not be empty"),
        ({"created_after": 5}, TypeError, "created_after must be a date"),
        ({"created_after": "yesterday"}, ValueError, "created_after must be a date"),
        ({"created_before": "03/04/2026"}, ValueError, "2026-03-04 00:00:00 or 2026-04-03"),
        ({"updated_before": "8 May"}, ValueError, "write the year"),
        ({"updated_before": ""}, ValueError, "updated_before must be a date"),
    ],
)
def test_a_bad_filter_is_named(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        query(given)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("8 May 2026", "2026-05-08T00:00:00"),
        ("May 8, 2026 14:30", "2026-05-08T14:30:00"),
        ("2026/05/13", "2026-05-13T00:00:00"),
    ],
)
def test_common_date_formats_are_parsed(written: str, meant: str) -> None:
    assert moment("created_after", written) == meant
