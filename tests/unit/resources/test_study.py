"""`client.study`."""

from __future__ import annotations

from typing import Any

import httpx
import matplotlib as mpl
import pandas as pd
import polars as pl
import pytest

from ionworks.records.cell_measurement import CellMeasurement
from ionworks.records.simulation import SimulationResponse
from ionworks.records.study import Study
from tests.measured import parquet

STUDIES = "/projects/p/studies"
STUDY = {"id": "s", "name": "1C Discharge Sweep", "simulation_count": 3}
PAGE = {"items": [STUDY], "count": 1, "total": 1}
MAPPING = {"study_id": "s", "simulation_id": "x"}


def test_list_translates_its_filters(stub_service: Any) -> None:
    service = stub_service({f"GET {STUDIES}": PAGE})
    studies = service.client(project_id="p").study
    found = studies.list(name="Discharge", order_by="name", order="asc", limit=10, offset=0)
    assert isinstance(found[0], Study)
    assert found[0].simulation_count == 3
    studies.list(name_exact="1C")
    assert [query for _, query, _ in service.sent] == [
        {
            "limit": "10",
            "offset": "0",
            "name": "ilike.%Discharge%",
            "order_by": "name",
            "order": "asc",
        },
        {"name": "eq.1C"},
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"limit": 101}, ValueError, "limit must be at least 1 and at most 100"),
        (
            {"created_after": "2026-05-08"},
            TypeError,
            "unknown filter 'created_after'; valid filters: name",
        ),
        ({"order": "up"}, ValueError, "order must be 'asc' or 'desc'"),
    ],
)
def test_bad_searches_send_nothing(
    arguments: dict[str, Any], error: type[Exception], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client(project_id="p").study.list(**arguments)
    assert service.requests == []


def every_call(studies: Any, project: dict[str, str]) -> None:
    studies.list(**project)
    studies.get("s", **project)
    studies.create({"name": "n"}, **project)
    studies.update("s", {"description": "d"}, **project)
    studies.assign_simulation("s", "x", **project)
    studies.remove_simulation("s", "x", **project)
    studies.assign_measurement("s", "x", **project)
    studies.list_measurements("s", limit=5, offset=1, **project)
    studies.remove_measurement("s", "x", **project)
    studies.delete("s", **project)


@pytest.mark.parametrize(("default", "argument"), [("p", {}), ("other", {"project_id": "p"})])
def test_the_project_is_the_clients_or_the_calls(
    default: str, argument: dict[str, str], stub_service: Any
) -> None:
    service = stub_service(
        {
            f"GET {STUDIES}": PAGE,
            f"GET {STUDIES}/s": STUDY,
            f"POST {STUDIES}": httpx.Response(201, json=STUDY),
            f"PATCH {STUDIES}/s": STUDY,
            f"DELETE {STUDIES}/s": httpx.Response(204),
            f"POST {STUDIES}/s/simulations/x": httpx.Response(201, json=MAPPING),
            f"DELETE {STUDIES}/s/simulations/x": httpx.Response(204),
            f"POST {STUDIES}/s/measurements/x": httpx.Response(200, json=MAPPING),
            f"GET {STUDIES}/s/measurements": {"items": [{"id": "x"}], "count": 1, "total": 2},
            f"DELETE {STUDIES}/s/measurements/x": httpx.Response(204),
        }
    )
    every_call(service.client(project_id=default).study, argument)
    assert service.sent == [
        (f"GET {STUDIES}", {}, None),
        (f"GET {STUDIES}/s", {}, None),
        (f"POST {STUDIES}", {}, {"name": "n"}),
        (f"PATCH {STUDIES}/s", {}, {"description": "d"}),
        (f"POST {STUDIES}/s/simulations/x", {}, {}),
        (f"DELETE {STUDIES}/s/simulations/x", {}, None),
        (f"POST {STUDIES}/s/measurements/x", {}, {}),
        (f"GET {STUDIES}/s/measurements", {"limit": "5", "offset": "1"}, None),
        (f"DELETE {STUDIES}/s/measurements/x", {}, None),
        (f"DELETE {STUDIES}/s", {}, None),
    ]


def test_no_project_sends_nothing(stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match="no project: pass project_id="):
        service.client().study.list()
    with pytest.raises(ValueError, match="no project: pass project_id="):
        service.client().study.compare("s")
    assert service.requests == []


@pytest.mark.parametrize(
    ("data", "error"), [("1C", TypeError), ({}, ValueError), ({"name": ""}, ValueError)]
)
def test_bad_data_send_nothing(data: Any, error: type[Exception], stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises(error, match="data "):
        service.client(project_id="p").study.create(data)
    assert service.requests == []


def test_records_can_be_given_as_ids(stub_service: Any) -> None:
    service = stub_service(
        {
            f"POST {STUDIES}/s/simulations/x": httpx.Response(201, json=MAPPING),
            f"POST {STUDIES}/s/measurements/m": httpx.Response(201, json=MAPPING),
        }
    )
    studies = service.client(project_id="p").study
    studies.assign_simulation("s", SimulationResponse(simulation_id="x"))
    studies.assign_measurement("s", CellMeasurement(id="m"))
    assert len(service.requests) == 2
    with pytest.raises(TypeError, match="measurement_id must be the id as text or its record"):
        studies.assign_measurement("s", 3)


# ---------------------------------------------------------------- side by side

SERIES = pl.DataFrame(
    {
        "Time [s]": [0.0, 10.0],
        "Voltage [V]": [4.0, 3.9],
        "Current [A]": [1.0, 1.0],
        "Step count": [0, 0],
    }
)
STEPS = pl.DataFrame(
    {
        "Step count": [0, 1],
        "Cycle count": [0, 0],
        "Duration [s]": [100.0, 200.0],
        "Discharge capacity [A.h]": [3.0, 0.0],
        "Charge capacity [A.h]": [0.0, 4.0],
        "Min voltage [V]": [2.5, 3.0],
        "Max voltage [V]": [4.0, 4.2],
    }
)


@pytest.fixture
def filled(stub_service: Any) -> Any:
    """A study of three simulations, newest first, and two measurements."""
    good = {
        "id": "good",
        "name": "C/2",
        "status": "completed",
        "parameterized_model_id": "pm",
        "experiment_parameters": {"C-rate": 0.5, "Label": "slow"},
        "design": {"design_parameters": {"Thickness [m]": 1e-4}},
        "metrics": {"Duration [s]": 7000.0, "C-rate": 0.49, "Cycles": [{}], "status": "fine"},
    }
    failed = {
        "id": "failed",
        "status": "failed",
        "error": "it diverged",
        "experiment": {"name": "2C"},
        "experiment_parameters": {"C-rate": 2},
    }
    rows = {"id": "rows", "name": "lab", "processing_status": "ready"}
    file = {"id": "file", "name": "photo", "measurement_type": "file"}
    return stub_service(
        {
            "GET /simulations": {"simulations": [failed, good], "total": 2},
            f"GET {STUDIES}/s/measurements": {"items": [rows, file], "count": 2, "total": 2},
            "GET /cell_measurements/rows/steps/download": parquet(STEPS),
            "GET /cell_measurements/rows/time_series/download": parquet(
                SERIES.drop("Current [A]").cast({"Time [s]": pl.Int64})
            ),
            "GET /simulations/good/time_series/download": parquet(SERIES),
        }
    )


def test_compare_has_a_row_for_each(filled: Any) -> None:
    frame = filled.client(project_id="p").study.compare("s")
    assert filled.sent[0][1]["study_id"] == "s"
    assert frame.select("source", "id", "name", "status", "error").rows() == [
        ("simulation", "good", "C/2", "completed", None),
        ("simulation", "failed", "2C", "failed", "it diverged"),
        ("measurement", "rows", "lab", "ready", None),
        ("measurement", "file", "photo", None, None),
    ]
    assert frame["parameterized_model_id"].to_list() == ["pm", None, None, None]
    # The parameters of the runs, with integers and floats in one column.
    assert frame["C-rate"].to_list() == [0.5, 2.0, None, None]
    assert frame["Label"].to_list() == ["slow", None, None, None]
    assert frame["Thickness [m]"].to_list() == [1e-4, None, None, None]
    # The metrics; names of other columns get a suffix.
    assert frame["C-rate (metric)"].to_list() == [0.49, None, None, None]
    assert frame["status (metric)"].to_list() == ["fine", None, None, None]
    assert "Cycles" not in frame.columns
    # The same metrics of the measurement, computed from its steps.
    assert frame["Duration [s]"].to_list() == [7000.0, None, 300.0, None]
    assert frame["Discharge capacity [A.h]"].to_list() == [None, None, 3.0, None]
    assert frame["Coulombic efficiency"].to_list() == [None, None, 0.75, None]
    assert frame["Energy efficiency"].to_list() == [None, None, None, None]
    assert frame["Min voltage [V]"].to_list() == [None, None, 2.5, None]
    assert frame["Max voltage [V]"].to_list() == [None, None, 4.2, None]
    assert frame["Number of steps"].to_list() == [None, None, 2, None]


def test_compare_can_leave_out_simulations_or_measurements(filled: Any) -> None:
    studies = filled.client(project_id="p").study
    assert {*studies.compare("s", measurements=False)["source"]} == {"simulation"}
    assert {*studies.compare("s", simulations=False)["source"]} == {"measurement"}
    with pytest.raises(TypeError, match="simulations must be True or False"):
        studies.compare("s", simulations=1)


def test_time_series_are_one_long_frame(filled: Any) -> None:
    frame = filled.client(project_id="p").study.time_series("s")
    assert frame.columns == ["source", "id", "name", "Time [s]", "Voltage [V]", "Current [A]"]
    assert frame.rows() == [
        ("simulation", "good", "C/2", 0.0, 4.0, 1.0),
        ("simulation", "good", "C/2", 10.0, 3.9, 1.0),
        ("measurement", "rows", "lab", 0.0, 4.0, None),
        ("measurement", "rows", "lab", 10.0, 3.9, None),
    ]


def test_time_series_take_columns_and_a_number_of_points(filled: Any) -> None:
    studies = filled.client(project_id="p").study
    frame = studies.time_series("s", ["Step count"], max_points=10)
    assert frame.columns == ["source", "id", "name", "Step count"]
    query = next(query for route, query, _ in filled.sent if "cell_measurements/rows" in route)
    assert query == {"max_points": "10"}
    with pytest.raises(ValueError, match=r"column 'Voltage' \(did you mean 'Voltage \[V\]'"):
        studies.time_series("s", "Voltage")
    for arguments, message in (({"max_points": 3}, "max_points"), ({"max_workers": 0}, "max_work")):
        with pytest.raises(ValueError, match=message):
            studies.time_series("s", **arguments)


def test_an_empty_study_has_empty_frames(stub_service: Any) -> None:
    service = stub_service(
        {
            "GET /simulations": {"simulations": [], "total": 0},
            f"GET {STUDIES}/s/measurements": {"items": [], "count": 0, "total": 0},
        }
    )
    studies = service.client(project_id="p").study
    assert studies.compare("s").height == 0
    assert studies.compare("s").columns[:3] == ["source", "id", "name"]
    assert studies.time_series("s").schema["Voltage [V]"] == pl.Float64


def test_frames_are_pandas_on_request(filled: Any) -> None:
    studies = filled.client(project_id="p", dataframe_backend="pandas").study
    assert isinstance(studies.compare("s"), pd.DataFrame)
    assert isinstance(studies.time_series("s"), pd.DataFrame)


def test_a_study_is_plotted_with_lines_and_dots(filled: Any) -> None:
    mpl.use("Agg")
    studies = filled.client(project_id="p").study
    plot = studies.plot("s", color="C-rate")
    line, dots = plot.lines
    assert (line.get_linestyle(), dots.get_linestyle()) == ("-", "None")
    assert [each.get_text() for each in plot.get_legend().get_texts()] == ["0.5", "lab"]
    assert (plot.get_xlabel(), plot.get_ylabel()) == ("Time [s]", "Voltage [V]")
    assert studies.plot("s", measurements=False, axes=plot) is plot
    with pytest.raises(ValueError, match="color 'Rate' is not a value of the runs"):
        studies.plot("s", color="Rate")


def test_runs_that_differ_in_the_model_only_are_told_apart(stub_service: Any) -> None:
    mpl.use("Agg")
    runs = [
        {"id": "b", "status": "completed", "name": "1C", "parameterized_model": {"name": "LFP"}},
        {"id": "a", "status": "completed", "name": "1C", "parameterized_model_id": "nmc"},
    ]
    service = stub_service(
        {
            "GET /simulations": {"simulations": runs, "total": 2},
            "GET /simulations/a/time_series/download": parquet(SERIES),
            "GET /simulations/b/time_series/download": parquet(SERIES),
        }
    )
    plot = service.client(project_id="p").study.plot("s", measurements=False)
    legend = plot.get_legend()
    assert legend.get_title().get_text() == "parameterized_model"
    assert [each.get_text() for each in legend.get_texts()] == ["nmc", "LFP"]
