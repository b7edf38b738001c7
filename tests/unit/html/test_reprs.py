"""What a notebook shows of clients, records, pages, results, protocols and fits."""

from __future__ import annotations

from typing import Any

import httpx
import pandas as pd
import polars as pl
import pytest

from ionworks import Ionworks, ucp
from ionworks.data.paging import Page as RecordPage
from ionworks.data.record_list import RecordList
from ionworks.records.cell_measurement import CellMeasurement, MeasurementDetail
from ionworks.records.plan import Plan
from ionworks.records.project import Project
from ionworks.records.protocol import Protocol
from ionworks.records.simulation import (
    SettledSimulation,
    Simulation,
    SimulationResult,
    SimulationStatus,
)
from ionworks.records.submission import EndedRun, Ending, RunStatus, SharedStatus, Submission
from ionworks.workflows.pipelines.element_results import (
    ElementResult,
    FitResult,
    PipelineResult,
    ValidationResult,
)
from tests.measured import cycling
from tests.unit.html.page import Page

EVIL = "<img src=x onerror=alert(1)>"
SUBMISSION = Submission("0" * 36, 100_000)


def no_request(*_: Any) -> Any:
    raise AssertionError("a repr sends no request")


def html(thing: Any) -> Page:
    return Page(thing._repr_html_())


def test_a_client_shows_where_it_is_connected_and_no_key() -> None:
    client = Ionworks("SECRET", project_id=EVIL, transport=httpx.MockTransport(no_request))
    page = html(client)
    assert page.rows == [["api_url", "https://api.ionworks.com"], ["project_id", EVIL]]
    assert "SECRET" not in client._repr_html_()


def test_a_record_shows_its_fields() -> None:
    page = html(Project.from_dict({"id": "p", "name": EVIL, "colour": {"a": 1}}))
    assert page.texts[0] == "Project"
    assert page.rows[:2] == [["id", "p"], ["name", EVIL]]
    assert "1 entry" in page.text


@pytest.mark.parametrize(
    ("record", "title", "row"),
    [
        (SUBMISSION.runs()[7], "SimulationResponse", ["already_existed", "False"]),
        (
            RunStatus.of_many(SharedStatus(SUBMISSION, status="failed"), [3])[0],
            "SimulationStatus",
            ["status", "failed"],
        ),
        (
            EndedRun(Ending(SUBMISSION, "completed", None, None, no_request), 3),
            "Simulation",
            ["status", "completed"],
        ),
        (
            SettledSimulation.of_status(SimulationStatus(simulation_id="s"), "j", no_request),
            "Simulation",
            ["job_id", "j"],
        ),
    ],
)
def test_records_that_are_not_complete_send_no_request(
    record: Any, title: str, row: list[str]
) -> None:
    page = html(record)
    assert page.texts[0] == title
    assert row in page.rows
    assert repr(record).startswith(f"{title}(")
    listed = RecordList([record])
    assert title not in listed._repr_html_()
    assert len(repr(listed).splitlines()) == 3


def test_records_have_no_other_display_of_notebooks() -> None:
    """Names that IPython looks for must not fetch a record."""
    record = SettledSimulation({"id": "s", "status": "completed"}, no_request)
    for name in ("_ipython_display_", "_repr_mimebundle_", "_repr_png_", "_ipython_canary_method"):
        assert not hasattr(record, name)


def test_a_page_is_a_table_of_few_rows() -> None:
    records = [
        Simulation(id=f"s{number}", name=EVIL, status="completed", metrics={"a": 1})
        for number in range(50)
    ]
    page = RecordPage(records, total=1000)
    shown = html(page)
    assert shown.texts[0] == "Page(50 of 1,000 records from 0)"
    assert shown.rows[:2] == [["id", "name", "status"], ["s0", EVIL, "completed"]]
    assert len(shown.rows) == 31
    assert shown.texts[-1] == "30 of 50 shown"


@pytest.mark.parametrize("pandas", [False, True])
def test_a_result_shows_its_metrics_steps_and_voltage(pandas: bool) -> None:
    series, steps = cycling(cycles=5), cycling(cycles=5)[::11]
    if pandas:
        series, steps = (pd.DataFrame(each.to_dict(as_series=False)) for each in (series, steps))
    result = SimulationResult(series, steps, {"Duration [s]": 3.5, "Cycles": []}, [EVIL])
    page = html(result)
    assert ["time_series", "<165 rows x 8 columns>"] in page.rows
    assert ["Step count", "Cycle count"] in page.rows
    assert "10 of 15 steps" in page.text
    assert ["Duration [s]", "3.5"] in page.rows
    assert "Voltage [V]: 3.8 to 4.1" in page.text
    assert page.texts[-1] == f"Note: {EVIL}"
    assert repr(result) == (
        "SimulationResult(time_series=<165 rows x 8 columns>, steps=<15 rows x 8 columns>,"
        f" 2 metrics, notes={[EVIL]!r})"
    )


def test_a_measurement_shows_what_was_read() -> None:
    record = CellMeasurement.from_dict({"id": "m", "name": "C/20"})
    assert "Voltage" not in html(MeasurementDetail(record)).text
    detail = MeasurementDetail(record, cycling(), None, pl.DataFrame())
    page = html(detail)
    assert page.texts[0] == "MeasurementDetail C/20"
    assert ["id", "m"] in page.rows
    empty = pl.DataFrame({"Step count": [0], "Termination": pl.Series([None], dtype=pl.String)})
    for steps in (empty, empty.to_pandas()):
        shown = html(MeasurementDetail(record, cycling(), steps))
        assert ["Step count"] in shown.rows, "a column without values is left out"
    assert repr(detail).endswith(
        "time_series=<66 rows x 8 columns>, steps=None, cycles=<0 rows x 0 columns>)"
    )


@pytest.mark.parametrize("pandas", [False, True])
def test_a_plan_shows_its_first_runs(pandas: bool) -> None:
    design: Any = pl.DataFrame({"run": [*range(12)], EVIL: [0.5] * 12})
    if pandas:
        design = design.to_pandas()
    page = html(Plan(count=12, design=design, warnings=["doubtful"], is_checked=True))
    assert page.texts[:3] == ["Plan", "12 runs", "warning: doubtful"]
    assert page.rows[:2] == [["run", EVIL], ["0", "0.5"]]
    assert (len(page.rows), page.texts[-1]) == (11, "10 of 12 runs")


def test_a_protocol_is_shown_in_sentences() -> None:
    text = "steps: [{Rest: {duration: 60}}]"
    record = Protocol(id="p", protocol_config=ucp.load(text), source_protocol=text)
    page = html(record)
    assert ["id", "p"] in page.rows
    assert "1. Rest for" in page.text
    assert text in page.text
    assert "protocol_config" not in page.text
    unreadable = html(Protocol(id="p", protocol_config={"steps": [{"Fly": EVIL}]}))
    assert "Fly" in unreadable.text


def test_a_parsed_protocol_is_shown_with_its_problems() -> None:
    assert "1. Rest for" in html(ucp.parse("steps: [{Rest: {duration: 60}}]")).text
    page = html(ucp.parse("steps: [{Fly: {duration: 60}}]"))
    assert page.texts[0] == "Protocol with errors"
    assert "Error: " in page.text


def test_fits_and_validations_are_tables() -> None:
    fit = FitResult.from_dict(
        {
            "parameter_values": {"D": 5.3e-14, "k": 2.0},
            "standard_errors": {"D": 1e-15},
            "initial_guess": {"D": 1e-14, "k": 1.0},
            "cost": 0.0012,
            "evaluations": 90,
            "notes": ["a note"],
            "samples": [[0.0] * 1000],
        }
    )
    page = html(fit)
    assert page.rows[:3] == [
        ["parameter", "value", "standard error", "initial guess"],
        ["D", "5.3e-14", "1e-15", "1e-14"],
        ["k", "2", "", "1"],
    ]
    assert ["cost", "0.0012"] in page.rows
    assert "Note: a note" in page.text
    assert "samples" not in page.text

    check = ValidationResult.from_dict(
        {
            "summary_stats": {"v": {"RMSE": 0.002}, "t": {"MAE": 1.0}},
            "failed_objectives": {"x": EVIL},
        }
    )
    assert html(check).rows[:3] == [
        ["objective", "RMSE", "MAE"],
        ["v", "0.002", ""],
        ["t", "", "1"],
    ]
    assert ["x failed", EVIL] in html(check).rows

    entry = ElementResult.from_dict({"parameter_values": {"D": 1.0}, "type": "PassthroughResult"})
    assert html(entry).rows == [["parameter", "value"], ["D", "1"]]
    whole = PipelineResult.from_dict(
        {
            "result": {"parameter_values": {"D": 5.3e-14}},
            "element_results": {"fit": fit, "check": check},
        }
    )
    assert html(whole).rows[:3] == [
        ["element", "result", "cost"],
        ["fit", "FitResult", "0.0012"],
        ["check", "ValidationResult", ""],
    ]
