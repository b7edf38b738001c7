"""Measured data read back: whole, in parts, as columns, through links."""

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from ionworks.server.app import create_app
from ionworks.ucp.step_table import STEP_COLUMNS
from tests.unit.server import uploading
from tests.unit.server.engines import QUICK, client_of
from tests.unit.server.uploading import (
    PARQUET,
    content_of,
    frame_of,
    measure,
    parquet,
    series,
)


@pytest.fixture(scope="module")
def cell(shared_api):
    return uploading.make_cell(shared_api)


@pytest.fixture(scope="module")
def measurement(shared_api, cell):
    return measure(shared_api, cell)


def download(api, measurement, what="time_series", **query):
    path = f"/cell_measurements/{measurement['id']}/{what}/download"
    return api.get(path, params=query, headers=PARQUET)


def test_a_time_series_is_read_back_with_steps_and_cycles(shared_api, cell):
    frame = series()

    measurement = measure(
        shared_api,
        cell,
        frame,
        "formation",
        tags=["formation"],
        start_time="2026-05-14T12:00+02:00",
    )

    assert measurement["processing_status"] == "ready"
    assert (measurement["steps_created"], measurement["processing_error"]) == (10, None)
    assert measurement["measurement_type"] == "time_series"
    assert measurement["start_time"] == "2026-05-14T10:00:00.000000Z"
    assert measurement["tags"] == ["formation"]
    assert measurement["instance"]["name"] == "1"
    assert measurement["file_metadata"] == {"row_count": 200, "columns": frame.columns}
    assert content_of(download(shared_api, measurement)) == parquet(frame)
    steps = frame_of(download(shared_api, measurement, "steps"))
    assert steps.columns == [*STEP_COLUMNS]
    assert steps["Step type"].to_list() == ["Rest", "Constant current discharge"] * 5
    assert steps["Discharge capacity [A.h]"][1] == pytest.approx(19 / 3600)
    both = shared_api.get(f"/cell_measurements/{measurement['id']}/steps_and_cycles").json()
    assert both["steps"] == steps.to_dict(as_series=False)
    cycles = shared_api.get(f"/cell_measurements/{measurement['id']}/cycles").json()
    assert cycles == {"cycles": both["cycles"]}
    assert cycles["cycles"]["Cycle count"] == [0, 1, 2]
    assert cycles["cycles"]["Discharge capacity [A.h]"] == pytest.approx(
        [2 * 19 / 3600, 2 * 19 / 3600, 19 / 3600]
    )


def test_data_are_returned_as_columns_if_requested(shared_api, measurement):
    path = f"/cell_measurements/{measurement['id']}"

    plain = shared_api.get(path).json()
    full = shared_api.get(path, params={"include_steps": True, "include_time_series": True}).json()

    assert not {"steps", "time_series"} & set(plain)
    assert full["time_series"] == series().to_dict(as_series=False)
    assert full["steps"]["Step count"] == list(range(10))


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ({"row_start": 5, "row_stop": 9}, pl.col("Time [s]").is_between(5, 8)),
        ({"step_from": 2, "step_to": 3}, pl.col("Step count").is_between(2, 3)),
        ({"step_from": 8}, pl.col("Step count") >= 8),
        ({"cycle_to": 0}, pl.col("Cycle count") == 0),
        ({"cycle_from": 1, "step_to": 5, "row_start": 90}, pl.col("Time [s]").is_between(90, 119)),
        ({"step_from": 50}, pl.lit(value=False)),
    ],
)
def test_parts_of_a_time_series_are_read(shared_api, measurement, query, condition):
    part = frame_of(download(shared_api, measurement, **query))

    assert part.equals(series().filter(condition))


def test_columns_and_thinned_points_are_read_directly_and_through_a_link(shared_api, cell):
    frame = series(steps=2, rows=500)
    measurement = measure(shared_api, cell, frame, "long")
    query = {"columns": ["Current [A]", "Time [s]"], "max_points": 20}

    direct = frame_of(download(shared_api, measurement, **query))
    path = f"/cell_measurements/{measurement['id']}/time_series/download"
    link = shared_api.get(path, params=query)
    followed = frame_of(shared_api.get(link.headers["Location"]))

    assert link.status_code == 307
    assert followed.equals(direct)
    assert direct.columns == ["Current [A]", "Time [s]"]
    assert 2 <= direct.height <= 20
    assert direct["Current [A]"].unique().sort().to_list() == [0.0, 1.0]
    whole = shared_api.get(shared_api.get(path).headers["Location"])
    assert whole.content == parquet(frame)
    assert whole.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"columns": ["Volts"]}, "no column 'Volts'; known: Time [s]"),
        ({"max_points": 9}, "max_points"),
        ({"row_start": -1}, "row_start"),
        ({"step": 1}, "valid parameters: columns, cycle_from"),
    ],
)
def test_an_invalid_part_is_rejected_by_name(shared_api, measurement, query, words):
    reply = download(shared_api, measurement, **query)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_a_folder_of_any_name_and_values_of_any_kind_are_read(tmp_path):
    odd = tmp_path / "day=1 [a-z]*"
    app = create_app(odd, targets=QUICK, workers=1)
    with client_of(app) as api:
        frame = series(steps=2, rows=2).with_columns(
            pl.lit(timedelta(seconds=90)).alias("Lapse"),
            pl.lit(Decimal("1.50")).alias("Price"),
            pl.lit(b"\xff").alias("Raw"),
            pl.lit(float("inf")).alias("Endless"),
        )
        measurement = measure(api, uploading.make_cell(api), frame)
        path = f"/cell_measurements/{measurement['id']}"

        columns = api.get(path, params={"include_time_series": True}).json()["time_series"]

        assert columns["Lapse"] == ["PT1M30S"] * 4
        assert columns["Price"] == [1.5] * 4
        assert columns["Raw"] == ["/w=="] * 4
        assert columns["Endless"] == [None] * 4
        assert frame_of(download(api, measurement)).equals(frame)
        query = {"step_from": 1, "columns": ["Raw", "Lapse", "Raw"], "step_to": 10**40}
        part = frame_of(download(api, measurement, **query))
        assert part.equals(frame.select("Raw", "Lapse").tail(2))
    app.close()


def test_a_measurement_without_data_returns_null_columns(shared_api, cell):
    body = {"name": "mass", "properties": {}}
    made = shared_api.post(f"/cell_instances/{cell}/cell_measurements/create", json=body).json()
    query = {"include_steps": True, "include_time_series": True}

    full = shared_api.get(f"/cell_measurements/{made['id']}", params=query).json()

    assert (full["steps"], full["time_series"]) == (None, None)
    assert download(shared_api, made).status_code == 404
