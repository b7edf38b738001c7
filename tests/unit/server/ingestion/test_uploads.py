"""Uploads cut short at each of their stages: nothing is half-made, lost or left behind.

Before the confirmation there is no measurement, and the next start removes the rest. After it,
the measurement exists and is processed.
"""

import io
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from ionworks.server.store import measurement_states, uploads
from ionworks.server.store.database import timestamp
from tests.unit.server import uploading
from tests.unit.server.engines import QUICK, client_of, wait_until
from tests.unit.server.uploading import (
    PARQUET,
    confirm,
    data_files,
    frame_of,
    initiate,
    measure,
    measurements_of,
    open_uploads,
    parquet,
    processed,
    put,
    send,
    series,
)

BROKEN = evolve(QUICK, process_measurement="tests.unit.server.stalled:broken")


@pytest.fixture
def cell(api):
    return uploading.make_cell(api)


# ---------------------------------------------------------------- links
def test_nothing_is_visible_before_the_confirmation(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))

    assert api.get(f"/cell_measurements/{upload['measurement_id']}").status_code == 404
    assert measurements_of(api, cell) == []
    assert api.get("/cell_measurements").json()["total"] == 0


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_link_is_valid_for_one_file_and_one_method(api, cell):
    first = initiate(api, cell, "first", measurement_type="file", filenames=["a", "b"])
    [link_a, _] = [each["signed_url"] for each in first["uploads"]]
    assert api.get(link_a).status_code == 403
    # Not the last letter: two of its bits are padding, so that four letters are the same there.
    forged = link_a[:-9] + ("x" if link_a[-9] != "x" else "y") + link_a[-8:]
    assert api.put(forged, content=b"1").status_code == 403
    measurement = measure(api, cell)
    path = f"/cell_measurements/{measurement['id']}/time_series/download"
    download = api.get(path).headers["Location"]

    assert api.put(download, content=b"1").status_code == 403
    assert api.post(link_a).status_code == 405

    api.put(link_a, content=b"1")
    reply = confirm(api, cell, first, "first", measurement_type="file")
    assert "b has not been uploaded" in reply.json()["message"]
    assert frame_of(api.get(path, headers=PARQUET)).equals(series())


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_link_expires(api, app, cell):
    upload = initiate(api, cell)
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE uploads SET expires_at = '2026-01-01T00:00:00.000000Z'")

    reply = put(api, upload, parquet(series()))

    assert reply.status_code == 403
    assert "expired" in reply.json()["message"]
    assert data_files(app) == []


@pytest.mark.folder_blobs("the links are those of the object store")
@pytest.mark.parametrize(("jump", "status"), [(-86400, 200), (3500, 200), (3700, 403)])
def test_a_jump_of_the_clock_moves_the_expiry_of_an_upload_by_the_jump(
    api, cell, monkeypatch, jump, status
):
    upload = initiate(api, cell)
    later = timestamp(datetime.now(UTC) + timedelta(seconds=jump))
    monkeypatch.setattr(uploads, "now", lambda: later)

    assert put(api, upload, parquet(series())).status_code == status


def test_uploads_that_expired_long_ago_are_removed_when_the_next_one_begins(api, app, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    assert len(data_files(app)) == 1
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE uploads SET expires_at = '2026-01-01T00:00:00.000000Z'")

    initiate(api, cell)

    assert data_files(app) == []
    assert open_uploads(app) == 1
    assert confirm(api, cell, upload).status_code == 404


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_confirmed_file_is_not_overwritten(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    confirm(api, cell, upload)

    reply = put(api, upload, parquet(series(steps=1)))

    assert reply.status_code == 403
    measurement = processed(api, upload["measurement_id"])
    assert measurement["steps_created"] == 10


def test_a_second_confirmation_returns_the_measurement(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    first = confirm(api, cell, upload).json()
    processed(api, first["id"])

    second = confirm(api, cell, upload)

    assert second.status_code == 200
    assert second.json()["id"] == first["id"]
    assert len(measurements_of(api, cell)) == 1


def test_a_used_name_is_rejected_before_and_after_the_transfer(api, app, cell):
    late = initiate(api, cell)
    put(api, late, parquet(series()))
    measurement = measure(api, cell)

    body = {"measurement": {"name": "C/20"}}
    early = api.post(f"/cell_instances/{cell}/cell_measurements/initiate-upload", json=body)
    reply = confirm(api, cell, late)

    for refused in (early, reply):
        assert (refused.status_code, refused.json()["error_code"]) == (409, "CONFLICT")
        assert refused.json()["detail"] == {"existing_id": measurement["id"]}
    # Its data are still there: under another name it is fine.
    assert confirm(api, cell, late, "C/20 again").status_code == 200
    assert open_uploads(app) == 0


@pytest.mark.folder_blobs("the links are those of the object store")
def test_deleting_the_future_measurement_ends_its_upload(api, app, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    path = f"/cell_measurements/{upload['measurement_id']}"

    assert api.delete(path).status_code == 204

    assert data_files(app) == []
    assert api.delete(path).status_code == 404
    assert put(api, upload, parquet(series())).status_code == 403
    assert confirm(api, cell, upload).status_code == 404


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_second_extension_replaces_the_first(api, app, cell):
    measurement = measure(api, cell)
    files = len(data_files(app))
    path = f"/cell_measurements/{measurement['id']}"
    name = "time_series_extend.parquet"
    first = api.post(f"{path}/initiate-extend", json={}).json()
    put(api, first, parquet(series(steps=1, start=10)), name)

    second = api.post(f"{path}/initiate-extend", json={}).json()

    assert len(data_files(app)) == files
    assert put(api, first, parquet(series(steps=1, start=10)), name).status_code == 403
    put(api, second, parquet(series(steps=2, start=10)), name)
    api.post(f"{path}/confirm-extend", json={})
    assert processed(api, measurement["id"])["steps_created"] == 12
    api.post(f"{path}/initiate-extend", json={})
    assert api.delete(path).status_code == 204
    assert open_uploads(app) == 0


def test_an_upload_is_for_the_cell_it_was_begun_for(api, cell):
    other = uploading.make_cell(api, "other")
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))

    assert confirm(api, other, upload).status_code == 400
    assert confirm(api, cell, upload, measurement_type="file").status_code == 400
    assert (
        api.post(
            "/cell_instances/none/cell_measurements/initiate-upload",
            json={"measurement": {"name": "x"}},
        ).status_code
        == 404
    )
    body = {"cell_instance_id": cell, "measurement": {"name": "x"}}
    assert api.post("/cell_measurements/none/confirm-upload", json=body).status_code == 404


# ---------------------------------------------------------------- cut connections, 5xx
class Failing(io.RawIOBase):
    """A body whose connection breaks."""

    def readinto(self, _buffer):
        raise ConnectionResetError("the connection was cut")


@pytest.mark.folder_blobs("the links are those of the object store")
@pytest.mark.parametrize("how", ["too short", "broken"])
def test_a_cut_transfer_leaves_no_file_and_can_be_repeated(api, app, cell, how):
    upload = initiate(api, cell)
    content = parquet(series())
    url = upload["uploads"][0]["signed_url"]
    body = Failing() if how == "broken" else io.BytesIO(content[:-100])

    assert send(app, url, body, len(content)) == 400

    assert data_files(app) == []
    assert confirm(api, cell, upload).status_code == 400
    assert put(api, upload, content).status_code == 200
    assert confirm(api, cell, upload).status_code == 200


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_cut_repetition_keeps_the_earlier_file(api, app, cell):
    upload = initiate(api, cell)
    content = parquet(series())
    put(api, upload, content)

    send(app, upload["uploads"][0]["signed_url"], io.BytesIO(content[:-100]), len(content))

    assert len(data_files(app)) == 1
    confirm(api, cell, upload)
    assert processed(api, upload["measurement_id"])["steps_created"] == 10


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_transfer_without_a_length_is_refused(api, app, cell):
    upload = initiate(api, cell)

    assert send(app, upload["uploads"][0]["signed_url"], io.BytesIO(b"x"), None) == 411
    assert data_files(app) == []


@pytest.mark.folder_blobs("the links are those of the object store")
def test_a_transfer_on_which_the_engine_fails_leaves_no_file(api, app, cell):
    upload = initiate(api, cell)
    with app.services.store.reading() as connection:
        folder = connection.exec_driver_sql("SELECT folder FROM uploads").scalar_one()
    in_the_way = app.folder / "blobs" / folder / "time_series.parquet" / "in the way"
    in_the_way.mkdir(parents=True)

    reply = put(api, upload, parquet(series()))

    assert reply.status_code == 500
    assert data_files(app) == []
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    assert put(api, upload, parquet(series())).status_code == 200


# ---------------------------------------------------------------- engines side by side
def test_an_upload_of_a_running_engine_is_kept(open_app):
    first = open_app()
    with client_of(first) as api:
        cell = uploading.make_cell(api)
        upload = initiate(api, cell)
        put(api, upload, parquet(series()))

        second = open_app()

        assert confirm(api, cell, upload).status_code == 200
    with client_of(second) as other:
        assert processed(other, upload["measurement_id"])["processing_status"] == "ready"


def test_a_failure_not_caused_by_the_data_is_retried_and_reported(open_app):
    app = open_app(targets=BROKEN)
    with client_of(app) as api:
        measurement = measure(api, uploading.make_cell(api))

        assert measurement["processing_status"] == "failed"
        assert measurement["processing_error"] == "MemoryError: out of memory"
        with app.services.store.reading() as connection:
            attempts = "SELECT attempts FROM measurements"
            assert connection.exec_driver_sql(attempts).scalar_one() == measurement_states.TRIES


@pytest.mark.folder_blobs("its processing is replaced")
def test_a_measurement_deleted_while_it_is_processed_leaves_no_file(open_app):
    app = open_app(targets=evolve(QUICK, process_measurement="tests.unit.server.slow:process"))
    with client_of(app) as api:
        cell = uploading.make_cell(api)
        upload = initiate(api, cell)
        put(api, upload, parquet(series()))
        confirm(api, cell, upload)
        gate = app.folder / "blobs" / "gate"
        wait_until((app.folder / "blobs" / "waiting").exists)

        assert api.delete(f"/cell_measurements/{upload['measurement_id']}").status_code == 204
        gate.touch()
        wait_until((app.folder / "blobs" / "written").exists)

        wait_until(lambda: data_files(app) == [])
