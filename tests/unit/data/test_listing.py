"""Lists of records as text; as HTML they are tested in `tests/unit/html`."""

from __future__ import annotations

import pytest

from ionworks.data.listing import Listing
from ionworks.data.paging import Page
from ionworks.data.record_list import RecordList
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.simulation import Simulation
from ionworks.records.submission import Submission

IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(40)]


@pytest.fixture(autouse=True)
def a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_a_model_is_one_line() -> None:
    models = [
        ParameterizedModel.from_dict(
            {
                "id": each,
                "name": f"SPM number {number}",
                "description": "x" * 100,
                "created_at": "2026-11-30T13:04:45.123456+00:00",
            }
        )
        for number, each in enumerate(IDS)
    ]
    lines = repr(Page(models, total=1000)).splitlines()
    assert lines[0] == "Page(40 of 1,000 records from 0)"
    assert lines[1].split() == ["id", "name", "created_at"]
    assert lines[2].split() == [IDS[0], "SPM", "number", "0", "2026-11-30", "13:04"]
    assert lines[-1] == "30 of 40 shown"
    assert len(lines) == 33
    assert max(map(len, lines)) < 80


def test_columns_that_tell_nothing_are_left_out() -> None:
    runs = Submission(IDS[0], 3).runs()
    lines = repr(RecordList(runs)).splitlines()
    assert lines[:2] == ["3 records", "  simulation_id"]
    assert lines[2].strip() == runs[0].simulation_id


def test_columns_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "45")
    records = [Simulation(id=each, name="a name", status="completed") for each in IDS]
    assert repr(Page(records)).splitlines()[2] == f"  {IDS[0]}"
    monkeypatch.setenv("COLUMNS", "20")
    assert repr(Page(records)).splitlines()[2] == f"  {IDS[0]}", "an id is not cut"


def test_a_reason_gets_the_rest_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = [
        Simulation(id=each, status="failed", error="x" * 100, error_code="SOLVER_ERROR")
        for each in IDS[:2]
    ]
    lines = repr(RecordList(failed)).splitlines()
    assert lines[1].split() == ["id", "status", "error"]
    assert lines[2].endswith("x...")
    assert len(lines[2]) == 79
    monkeypatch.setenv("COLUMNS", "60")
    assert repr(RecordList(failed)).splitlines()[1].split() == ["id", "status"]


def test_text_of_the_service_cannot_break_the_table() -> None:
    records = [Simulation(id="a", name="two\nlines\x1b[2J", error="x" * 100)]
    lines = repr(RecordList(records)).splitlines()
    assert lines[0] == "1 record"
    assert "two lines [2J" in lines[2]
    assert len(lines) == 3
    assert lines[2].endswith("xxx...")


def test_only_the_first_records_are_looked_at() -> None:
    class Counting(list[Simulation]):
        asked = 0

        def __iter__(self):  # type: ignore[no-untyped-def]  # a test double
            for each in super().__iter__():
                self.asked += 1
                yield each

    records = Counting(Simulation(id=each) for each in IDS)
    assert "30 of 40 shown" in Listing("x", records).text()
    assert records.asked == 30


def test_other_items_are_listed_plainly() -> None:
    assert repr(Page([1, 2], total=7)) == "Page(2 of 7 records from 0): [1, 2]"
    assert repr(Page(range(100))).endswith("28, 29, ...]")
    assert Page([1])._repr_html_().endswith("<p>[1]</p></div>")
    assert repr(Page([])) == "Page(0 records from 0)"
    assert repr(RecordList()) == "[]"
    assert RecordList()._repr_html_().endswith("0 records</p></div>")


def test_a_list_of_records_is_a_list() -> None:
    records = RecordList([1, 2, 3])
    assert records == [1, 2, 3]
    assert isinstance(records, list)
    assert records[0] == 1
    assert isinstance(records[:2], RecordList)
    assert records[:2] == [1, 2]
