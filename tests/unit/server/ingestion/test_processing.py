"""Time series processed: what fails and says why, given steps, rows added."""

import polars as pl
import pytest
from attrs import evolve

from tests.unit.server import stalled, uploading
from tests.unit.server.engines import QUICK, client_of, wait_until
from tests.unit.server.uploading import (
    PARQUET,
    confirm,
    data_files,
    frame_of,
    initiate,
    measure,
    parquet,
    processed,
    put,
    series,
)


@pytest.fixture
def cell(api):
    return uploading.make_cell(api)


def download(api, measurement, what="time_series", **query):
    path = f"/cell_measurements/{measurement['id']}/{what}/download"
    return api.get(path, params=query, headers=PARQUET)


def test_uploaded_steps_are_kept_and_completed(api, cell):
    given = {"Step count": list(range(10)), "Step type": ["mine"] * 10, "Note": ["x"] * 10}
    upload = initiate(api, cell, "inline")
    put(api, upload, parquet(series()))
    confirm(api, cell, upload, "inline", steps=given)
    other = initiate(api, cell, "file")
    put(api, other, parquet(series()))
    put(api, other, parquet(pl.DataFrame(given)), "steps.parquet")
    confirm(api, cell, other, "file")

    for each in (upload, other):
        steps = frame_of(download(api, processed(api, each["measurement_id"]), "steps"))
        assert steps["Step type"].to_list() == ["mine"] * 10
        assert steps["Note"].to_list() == ["x"] * 10
        assert steps["End index"].to_list() == list(range(19, 200, 20))


def test_data_that_go_back_in_time_fail_and_say_where(api, cell):
    wrong = series().with_columns(pl.col("Time [s]").reverse())

    measurement = measure(api, cell, wrong)

    assert measurement["processing_status"] == "failed"
    assert measurement["processing_error"] == "'Time [s]' goes back in row 1"
    assert frame_of(download(api, measurement)).equals(wrong)
    for path in ("steps/download", "cycles", "time_series/download?step_from=1"):
        reply = api.get(f"/cell_measurements/{measurement['id']}/{path}", headers=PARQUET)
        assert reply.status_code == 404
        assert "processing is failed" in reply.json()["message"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no parquet", "not parquet that can be read"),
        (parquet(series().drop("Voltage [V]")), "lacks 'Voltage [V]'; it has Time [s]"),
        (parquet(series().with_columns(pl.lit("x").alias("Current [A]"))), "holds String"),
        (None, "time_series.parquet has not been uploaded"),
    ],
)
def test_a_file_that_is_not_a_time_series_is_rejected_at_confirmation(
    api, app, cell, content, words
):
    upload = initiate(api, cell)
    if content is not None:
        put(api, upload, content)

    reply = confirm(api, cell, upload)

    assert reply.status_code == (422 if content else 400)
    assert words in reply.json()["message"]
    assert api.get(f"/cell_measurements/{upload['measurement_id']}").status_code == 404
    # The same upload can be put right.
    assert put(api, upload, parquet(series())).status_code == 200
    assert confirm(api, cell, upload).status_code == 200


def test_wrong_steps_fail_and_invalid_columns_are_rejected(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    assert confirm(api, cell, upload, steps={"Step count": [1], "x": [1, 2]}).status_code == 422

    confirm(api, cell, upload, steps={"Step count": [1]})

    measurement = processed(api, upload["measurement_id"])
    assert measurement["processing_status"] == "failed"
    assert "1 of them, the series has 10" in measurement["processing_error"]


def extend(api, measurement, frame):
    path = f"/cell_measurements/{measurement['id']}"
    begun = api.post(f"{path}/initiate-extend", json={})
    assert begun.status_code == 201, begun.text
    put(api, begun.json(), parquet(frame), "time_series_extend.parquet")
    return api.post(f"{path}/confirm-extend", json={})


def test_rows_are_added_and_everything_is_derived_again(api, app, cell):
    measurement = measure(api, cell, series(steps=6))
    files = len(data_files(app))

    reply = extend(api, measurement, series(steps=4, start=6))

    assert reply.status_code == 200, reply.text
    extended = processed(api, measurement["id"])
    assert (extended["processing_status"], extended["steps_created"]) == ("ready", 10)
    assert frame_of(download(api, extended)).equals(series(steps=10))
    assert frame_of(download(api, extended, "steps")).height == 10
    assert extended["file_metadata"]["row_count"] == 200
    # The old files are removed after the new ones are visible.
    wait_until(lambda: len(data_files(app)) == files)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (series(steps=1), "'Time [s]' goes back: the time series ends at 199.0"),
        (series(start=10).drop("Cycle count"), "the rows to add lack 'Cycle count'"),
        (series(start=10).with_columns(pl.lit(1).alias("x")), "the time series has no 'x'"),
    ],
)
def test_rows_that_cannot_follow_change_nothing(api, cell, frame, words):
    measurement = measure(api, cell)

    reply = extend(api, measurement, frame)

    assert reply.status_code == 422
    assert words in reply.json()["message"]
    assert api.get(f"/cell_measurements/{measurement['id']}").json() == measurement
    assert frame_of(download(api, measurement)).equals(series())


def test_added_rows_that_fail_later_leave_the_data_readable(api, app, cell):
    measurement = measure(api, cell)
    files = data_files(app)
    rows = series(steps=2, start=10).with_columns(pl.Series("Step count", [10, 11, 10, 11] * 10))

    assert extend(api, measurement, rows).status_code == 200

    failed = processed(api, measurement["id"])
    assert failed["processing_status"] == "failed"
    assert "'Step count' goes back in row 202" in failed["processing_error"]
    assert frame_of(download(api, failed)).equals(series())
    wait_until(lambda: data_files(app) == files)
    extend(api, measurement, series(steps=1, start=10))
    assert processed(api, measurement["id"])["processing_status"] == "ready"


def test_an_extension_that_was_not_begun_or_has_no_rows_is_rejected(api, cell):
    measurement = measure(api, cell)
    path = f"/cell_measurements/{measurement['id']}"

    assert api.post(f"{path}/confirm-extend", json={}).status_code == 404
    api.post(f"{path}/initiate-extend", json={})
    reply = api.post(f"{path}/confirm-extend", json={})

    assert reply.status_code == 400
    assert "time_series_extend.parquet has not been uploaded" in reply.json()["message"]


def test_a_measurement_that_is_deleted_while_it_is_processed_leaves_nothing(open_app, caplog):
    targets = evolve(QUICK, process_measurement="tests.unit.server.stalled:read_deleted")
    app = open_app(targets=targets)
    with client_of(app) as api:
        cell = uploading.make_cell(api)
        upload = initiate(api, cell)
        put(api, upload, parquet(series()))
        confirm(api, cell, upload)
        stalled.started.wait()
        assert api.delete(f"/cell_measurements/{upload['measurement_id']}").status_code == 204
        stalled.deleted.set()

    app.close()  # ends when the measurement was processed

    assert data_files(app) == []
    # The user deleted it, so there is nothing that an operator should look at.
    assert [record.message for record in caplog.records if record.exc_info] == []
