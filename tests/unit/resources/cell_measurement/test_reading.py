"""`client.cell_measurement`: finding, describing and reading measurements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import matplotlib as mpl
import pandas as pd
import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    NotFoundError,
    ResponseDecodeError,
    ServiceConnectionError,
)
from ionworks.records.cell_measurement import CellMeasurement
from ionworks.workflows.measurements.measurement_files import safe_name
from tests.measured import cycling, parquet
from tests.measurement_service import MeasurementService

RECORD = {"id": "m", "name": "C/20", "measurement_type": "time_series"}
PAGE = {"items": [RECORD], "count": 1, "total": 1}
ON_CELL = "GET /cell_instances/c/cell_measurements"


# ---------------------------------------------------------------- finding


def test_list_translates_its_filters(stub_service: Any) -> None:
    service = stub_service({ON_CELL: PAGE})
    found = service.client().cell_measurement.list(
        "c",
        1000,
        0,
        "file",
        name="C/20",
        started_after=date(2026, 5, 8),
        started_before="2026-06-01",
        tags_all="a",
        tags_any=["b", "c"],
        order_by="start_time",
    )
    assert isinstance(found[0], CellMeasurement)
    assert service.requests[0].url.params.multi_items() == [
        ("limit", "1000"),
        ("offset", "0"),
        ("measurement_type", "file"),
        ("name", "ilike.%C/20%"),
        ("start_time_gt", "2026-05-08"),
        ("start_time_lt", "2026-06-01"),
        ("order_by", "start_time"),
        ("tags_all", "a"),
        ("tags_any", "b"),
        ("tags_any", "c"),
    ]


def test_list_by_project(stub_service: Any) -> None:
    service = stub_service({"GET /cell_measurements": PAGE})
    measurements = service.client(project_id="p").cell_measurement
    measurements.list_by_project(q="C/20", cell_specification_id="s", order="asc")
    measurements.list_by_project("other", 5, measurement_type="properties", tags_any="a")
    assert [query for _, query, _ in service.sent] == [
        {"project_id": "p", "q": "C/20", "cell_specification_id": "s", "order": "asc"},
        {"project_id": "other", "limit": "5", "measurement_type": "properties", "tags_any": "a"},
    ]
    with pytest.raises(ValueError, match="no project"):
        service.client().cell_measurement.list_by_project()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"measurement_type": "files"}, ValueError, "measurement_type must be one of time_series"),
        ({"limit": 1001}, ValueError, "limit must be at least 1 and at most 1000"),
        ({"tags_all": 3}, TypeError, "tags_all must be a list of text"),
        ({"tags_any": ["a", ""]}, ValueError, r"tags_any\[1\] is empty"),
        ({"started_after": "soon"}, ValueError, "started_after must be a date"),
        ({"form_factor": "x"}, TypeError, "unknown filter 'form_factor'"),
    ],
)
def test_bad_searches_send_nothing(
    arguments: dict[str, Any], error: type[Exception], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client().cell_measurement.list("c", **arguments)
    assert service.requests == []


def test_the_alias_is_the_same_resource() -> None:
    client = MeasurementService().client()
    assert client.measurement is client.cell_measurement


# ---------------------------------------------------------------- records


def test_update_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "PATCH /cell_measurements/m": RECORD,
            "DELETE /cell_measurements/m": httpx.Response(204),
        }
    )
    measurements = service.client().cell_measurement
    change = {"notes": None, "tags": ["a", "a"], "start_time": date(2026, 5, 8)}
    assert measurements.update("m", change).id == "m"
    assert measurements.delete("m") is None
    assert service.sent[0][2] == {"notes": None, "tags": ["a"], "start_time": "2026-05-08"}
    for data, message in (({}, "at least one field"), ({"name": ""}, "name.* is empty")):
        with pytest.raises(ValueError, match=message):
            measurements.update("m", data)


def test_tags(stub_service: Any) -> None:
    bulk = "POST /cell_measurements/tags/bulk"
    tags = {"items": [{"tag": "a", "usage_count": 2}], "count": 1, "total": 1}
    service = stub_service({bulk: {"updated_count": 2}, "GET /cell_measurements/tags": tags})
    measurements = service.client(project_id="p").cell_measurement
    assert measurements.add_tags("m", "a") == 2
    assert measurements.remove_tags(["m", "n", "m"], ["a", "b"]) == 2
    assert measurements.list_tags(q="a", limit=5)[0].usage_count == 2
    assert service.sent == [
        (bulk, {}, {"measurement_ids": ["m"], "add": ["a"]}),
        (bulk, {}, {"measurement_ids": ["m", "n"], "remove": ["a", "b"]}),
        ("GET /cell_measurements/tags", {"project_id": "p", "q": "a", "limit": "5"}, None),
    ]
    for ids, names in (([], "a"), ("m", [])):
        with pytest.raises(ValueError, match="is empty: give at least one"):
            measurements.add_tags(ids, names)


def test_more_than_a_thousand_are_tagged_in_several_requests(stub_service: Any) -> None:
    route = "POST /cell_measurements/tags/bulk"
    service = stub_service({route: ({"updated_count": 1000}, {"updated_count": 500})})
    ids = [f"m{index}" for index in range(1500)]
    assert service.client().cell_measurement.add_tags(ids, "a") == 1500
    assert [len(body["measurement_ids"]) for _, _, body in service.sent] == [1000, 500]


def test_raw_data_and_watching(stub_service: Any) -> None:
    service = stub_service(
        {
            "POST /cell_measurements/m/raw_data": httpx.Response(201, json={"raw_data_ids": ["r"]}),
            "GET /cell_measurements/m/raw_data": {"items": [{"id": "r", "name": "a.mpr"}]},
            "DELETE /cell_measurements/m/raw_data/r": httpx.Response(204),
            "POST /cell_measurements/m/watch": httpx.Response(201, json={"measurement_id": "m"}),
            "DELETE /cell_measurements/m/watch": httpx.Response(204),
        }
    )
    measurements = service.client().cell_measurement
    assert measurements.attach_raw_data("m", "r") == {"raw_data_ids": ["r"]}
    assert [each.name for each in measurements.list_raw_data("m").walk()] == ["a.mpr"]
    measurements.detach_raw_data("m", "r")
    assert measurements.watch("m").measurement_id == "m"
    measurements.unwatch("m")
    assert service.sent[0][2] == {"raw_data_ids": ["r"]}
    assert len(service.requests) == 5


# ---------------------------------------------------------------- rows


def test_rows_are_read_as_uploaded_and_without_credentials() -> None:
    service = MeasurementService()
    client = service.client()
    client.cell_measurement.create("c", {"measurement": {"name": "n"}, "time_series": cycling()})
    assert client.cell_measurement.time_series("m1").equals(cycling())
    storage = service.requests[-1]
    assert storage.url.host == "storage.example"
    assert not {"x-api-key", "authorization", "cookie"} & {*storage.headers}


def test_frames_are_pandas_on_request() -> None:
    service = MeasurementService()
    client = service.client(dataframe_backend="pandas")
    client.cell_measurement.create("c", {"measurement": {"name": "n"}, "time_series": cycling()})
    frame = client.cell_measurement.time_series("m1")
    pd.testing.assert_frame_equal(frame, cycling().to_pandas())


ROWS = "GET /cell_measurements/m/time_series/download"


def test_a_part_is_requested_in_the_query(stub_service: Any) -> None:
    service = stub_service({ROWS: parquet(cycling()[5:8].select("Voltage [V]", "Time [s]"))})
    frame = service.client().cell_measurement.time_series(
        "m",
        (5, 8),
        step_range=0,
        cycle_range=(0, 1),
        columns=["Voltage [V]", "Time [s]"],
        max_points=10,
    )
    assert frame.equals(cycling()[5:8].select("Voltage [V]", "Time [s]"))
    assert service.requests[0].url.params.multi_items() == [
        ("row_start", "5"),
        ("row_stop", "8"),
        ("step_from", "0"),
        ("step_to", "0"),
        ("cycle_from", "0"),
        ("cycle_to", "1"),
        ("columns", "Voltage [V]"),
        ("columns", "Time [s]"),
        ("max_points", "10"),
    ]


def test_the_part_is_selected_here_if_the_service_sends_all_rows(stub_service: Any) -> None:
    service = stub_service({ROWS: parquet(cycling())})
    frame = service.client().cell_measurement.time_series(
        "m", (5, 30), step_range=(1, 2), columns="Voltage [V]"
    )
    assert frame.equals(cycling()[11:30].select("Voltage [V]"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"row_range": 5}, TypeError, "row_range must be a pair of whole numbers"),
        ({"row_range": (1, 2, 3)}, ValueError, "row_range must be a pair"),
        ({"row_range": (5, 1)}, ValueError, "row_range ends before it begins"),
        ({"step_range": -1}, ValueError, "step_range must be at least 0"),
        ({"cycle_range": (0, 1.5)}, TypeError, "cycle_range must be a whole number"),
        ({"columns": []}, ValueError, "columns is empty"),
        ({"columns": [1]}, TypeError, r"columns\[0\] must be text"),
        ({"max_points": 5}, ValueError, "max_points must be at least 10"),
    ],
)
def test_bad_parts_send_nothing(
    arguments: dict[str, Any], error: type[Exception], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client().cell_measurement.time_series("m", **arguments)
    assert service.requests == []


@pytest.mark.parametrize("content", [b"<html>", b"PAR1 cut short"])
def test_values_that_are_not_tables_are_rejected(content: bytes, stub_service: Any) -> None:
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    service = stub_service({ROWS: httpx.Response(200, content=content, headers=kind)})
    with pytest.raises(ResponseDecodeError, match="parquet"):
        service.client().cell_measurement.time_series("m")


def broken_body(content: bytes) -> Iterator[bytes]:
    yield content[:100]
    raise httpx.ReadError("connection reset by peer")


def test_a_truncated_download_is_fetched_again(stub_service: Any) -> None:
    whole = parquet(cycling())
    bodies = [broken_body(whole.content), broken_body(whole.content), iter([whole.content])]

    def server(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=bodies.pop(0), headers={"Content-Type": "x/y"})

    for retries, remaining in ((1, 1), (1, 0)):
        # The check of the contract would read the body before the client does.
        client = Ionworks(api_key="K", max_retries=retries, transport=_Unwatched(server), timeout=5)
        if remaining:
            with pytest.raises(ServiceConnectionError):
                client.cell_measurement.time_series("m")
        else:
            assert client.cell_measurement.time_series("m").equals(cycling())
        assert len(bodies) == remaining


class _Unwatched(httpx.BaseTransport):
    def __init__(self, server: Any) -> None:
        self.handle_request = server


# ---------------------------------------------------------------- steps, cycles, all of it

STEPS = pl.DataFrame(
    {"Step count": [0], "Discharge capacity [A.h]": [2.0], "Charge capacity [A.h]": [0.5]}
)
CYCLES = {"Cycle count": [0, 1], "Discharge capacity [A.h]": [4, 3.9]}


def test_steps_and_cycles_are_frames(stub_service: Any) -> None:
    both = {"steps": STEPS.to_dict(as_series=False), "cycles": CYCLES}
    service = stub_service(
        {
            "GET /cell_measurements/m/steps/download": parquet(STEPS),
            "GET /cell_measurements/m/cycles": {"cycles": CYCLES},
            "GET /cell_measurements/m/steps_and_cycles": both,
        }
    )
    measurements = service.client().cell_measurement
    expected = STEPS.with_columns(pl.lit(1.5).alias("Delta capacity [A.h]"))
    assert measurements.steps("m").equals(expected)
    assert measurements.cycles("m").to_dict(as_series=False) == CYCLES
    steps, cycles = measurements.steps_and_cycles("m")
    assert steps.equals(expected)
    assert cycles.equals(measurements.cycles("m"))


def test_replies_that_are_not_columns_are_reported(stub_service: Any) -> None:
    service = stub_service({"GET /cell_measurements/m/cycles": {"cycles": {"a": [1], "b": []}}})
    with pytest.raises(ResponseDecodeError, match="cycles of measurement m are not columns"):
        service.client().cell_measurement.cycles("m")


def test_a_detail_has_the_requested_parts(stub_service: Any) -> None:
    service = stub_service(
        {
            "GET /cell_measurements/m": RECORD,
            "GET /cell_measurements/m/steps/download": parquet(STEPS),
            ROWS: parquet(cycling()),
        }
    )
    detail = service.client().cell_measurement.detail("m", include_cycles=False)
    assert detail.measurement.name == "C/20"
    assert detail.time_series.equals(cycling())
    assert detail.steps.height == 1
    assert detail.cycles is None


# ---------------------------------------------------------------- files

FILES = "GET /cell_measurements/m/files"


def test_files_are_written_completely_and_not_over_others(
    stub_service: Any, tmp_path: Path
) -> None:
    kind = {"Content-Type": "application/octet-stream"}
    service = stub_service(
        {
            FILES: {"filenames": ["a b#1.txt", "c.bin"]},
            f"{FILES}/a%20b%231.txt": httpx.Response(200, content=b"text", headers=kind),
            f"{FILES}/c.bin": httpx.Response(200, content=b"\0" * 70_000, headers=kind),
        }
    )
    measurements = service.client().cell_measurement
    assert measurements.list_files("m") == ["a b#1.txt", "c.bin"]
    assert measurements.get_file("m", "a b#1.txt") == b"text"
    folder = tmp_path / "new" / "folder"
    written = measurements.download_files("m", folder)
    assert written == [folder / "a b#1.txt", folder / "c.bin"]
    assert [path.read_bytes() for path in written] == [b"text", b"\0" * 70_000]
    assert sorted(folder.iterdir()) == written
    with pytest.raises(FileExistsError, match="overwrite=True"):
        measurements.download_files("m", folder, "c.bin")
    assert measurements.download_files("m", folder, "c.bin", overwrite=True) == written[1:]
    with pytest.raises(ValueError, match="no file 'd'; it has"):
        measurements.download_files("m", folder, ["d"])


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a\\b", "..", "", "a\nb", "a\0b"])
def test_no_file_is_written_outside_of_the_folder(
    name: str, stub_service: Any, tmp_path: Path
) -> None:
    service = stub_service({FILES: {"filenames": [name]}})
    with pytest.raises(ResponseDecodeError, match="which is not a plain name"):
        service.client().cell_measurement.download_files("m", tmp_path / "folder")
    assert [*tmp_path.iterdir()] == []
    assert len(service.requests) == 1


@pytest.mark.parametrize("name", ["C:x", "CON", "nul.txt", "a?b", "a ", "a."])
def test_windows_gets_an_error_for_names_it_does_not_allow(name: str) -> None:
    with pytest.raises(ResponseDecodeError, match=r"Windows allows no file called .*get_file"):
        safe_name(name, "nt")
    assert safe_name(name, "posix") == name


def test_a_file_that_fails_leaves_nothing(stub_service: Any, tmp_path: Path) -> None:
    service = stub_service({FILES: {"filenames": ["a"]}})
    with pytest.raises(NotFoundError):
        service.client().cell_measurement.download_files("m", tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_measurement_is_plotted_with_its_steps(stub_service: Any) -> None:
    mpl.use("Agg")
    service = stub_service(
        {
            ROWS: parquet(cycling(cycles=2)),
            "GET /cell_measurements/m/steps/download": parquet(
                pl.DataFrame({"Step count": [0, 1], "Step type": ["Rest", "Discharge"]})
            ),
        }
    )
    voltage, current = service.client().cell_measurement.plot("m", cycle_range=0)

    assert dict(service.requests[0].url.params)["max_points"] == "5000"
    assert len(voltage.lines[0].get_xdata()) == 33
    assert current.get_ylabel() == "Current [A]"
    assert [each.get_text() for each in voltage.get_legend().get_texts()] == ["discharge"]
    plots = service.client().cell_measurement.plot("m", "Capacity [A.h]", by="cycle")
    assert len(plots[0].lines) == 2
