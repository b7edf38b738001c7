"""Uploads cut short at each of their stages: nothing half-made, nothing lost, nothing left behind.

Whatever happens before the confirmation, there is no measurement and the next start clears the
rest away; whatever happens after it, the measurement is there and gets processed.
"""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from ionworks.server.ingestion import processor
from tests.unit.server import uploading
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
    send,
    series,
)

SCRIPT = Path(__file__).with_name("upload_script.py")
BROKEN = evolve(QUICK, prepare="tests.unit.server.stalled:broken")
STALLED = evolve(QUICK, prepare="tests.unit.server.stalled:prepare")


@pytest.fixture
def cell(api):
    return uploading.make_cell(api)


def open_uploads(app):
    with app.services.store.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM uploads").scalar_one()


def measurements_of(api, cell):
    return api.get(f"/cell_instances/{cell}/cell_measurements").json()["items"]


# ---------------------------------------------------------------- links
def test_nothing_is_visible_before_the_confirmation(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))

    assert api.get(f"/cell_measurements/{upload['measurement_id']}").status_code == 404
    assert measurements_of(api, cell) == []
    assert api.get("/cell_measurements").json()["total"] == 0


def test_a_link_is_good_for_one_object_and_one_method(api, cell):
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


def test_a_link_expires(api, app, cell):
    upload = initiate(api, cell)
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE uploads SET expires_at = '2026-01-01T00:00:00.000000Z'")

    reply = put(api, upload, parquet(series()))

    assert reply.status_code == 403
    assert "expired" in reply.json()["message"]
    assert data_files(app) == []


def test_uploads_that_expired_long_ago_are_cleared_when_the_next_one_begins(api, app, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    assert len(data_files(app)) == 1
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE uploads SET expires_at = '2026-01-01T00:00:00.000000Z'")

    initiate(api, cell)

    assert data_files(app) == []
    assert open_uploads(app) == 1
    assert confirm(api, cell, upload).status_code == 404


def test_what_is_confirmed_is_not_written_again(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    confirm(api, cell, upload)

    reply = put(api, upload, parquet(series(steps=1)))

    assert reply.status_code == 403
    measurement = processed(api, upload["measurement_id"])
    assert measurement["steps_created"] == 10


def test_a_second_confirmation_is_answered_with_the_measurement(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    first = confirm(api, cell, upload).json()
    processed(api, first["id"])

    second = confirm(api, cell, upload)

    assert second.status_code == 200
    assert second.json()["id"] == first["id"]
    assert len(measurements_of(api, cell)) == 1


def test_a_name_is_refused_before_and_after_the_transfer(api, app, cell):
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


def test_an_upload_is_given_up_by_deleting_what_it_would_have_become(api, app, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    path = f"/cell_measurements/{upload['measurement_id']}"

    assert api.delete(path).status_code == 204

    assert data_files(app) == []
    assert api.delete(path).status_code == 404
    assert put(api, upload, parquet(series())).status_code == 403
    assert confirm(api, cell, upload).status_code == 404


def test_an_extension_begun_again_takes_the_place_of_the_first(api, app, cell):
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


@pytest.mark.parametrize("how", ["too short", "broken"])
def test_a_cut_transfer_leaves_nothing_and_can_be_sent_again(api, app, cell, how):
    upload = initiate(api, cell)
    content = parquet(series())
    url = upload["uploads"][0]["signed_url"]
    body = Failing() if how == "broken" else io.BytesIO(content[:-100])

    assert send(app, url, body, len(content)) == 400

    assert data_files(app) == []
    assert confirm(api, cell, upload).status_code == 400
    assert put(api, upload, content).status_code == 200
    assert confirm(api, cell, upload).status_code == 200


def test_a_cut_repetition_leaves_what_came_before(api, app, cell):
    upload = initiate(api, cell)
    content = parquet(series())
    put(api, upload, content)

    send(app, upload["uploads"][0]["signed_url"], io.BytesIO(content[:-100]), len(content))

    assert len(data_files(app)) == 1
    confirm(api, cell, upload)
    assert processed(api, upload["measurement_id"])["steps_created"] == 10


def test_a_transfer_without_a_length_is_refused(api, app, cell):
    upload = initiate(api, cell)

    assert send(app, upload["uploads"][0]["signed_url"], io.BytesIO(b"x"), None) == 411
    assert data_files(app) == []


def test_a_transfer_the_engine_fails_on_leaves_nothing(api, app, cell):
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


@pytest.mark.off_contract("signed links are no operations of the contract")
def test_a_connection_cut_on_the_network_leaves_nothing(served_url):
    headers = {"X-API-Key": "a-key-for-the-tests"}
    with httpx.Client(base_url=served_url, headers=headers, timeout=60) as api:
        cell = uploading.make_cell(api, "cut")
        upload = initiate(api, cell)
        content = parquet(series())

        def half():
            yield content[: len(content) // 2]
            raise ConnectionError("cut")

        url = upload["uploads"][0]["signed_url"]
        with pytest.raises(ConnectionError, match="cut"):
            api.put(url, content=half(), headers={"Content-Length": str(len(content))})

        assert confirm(api, cell, upload).status_code == 400
        assert httpx.put(url, content=content).status_code == 200  # without a key
        assert confirm(api, cell, upload).status_code == 200
        measurement = processed(api, upload["measurement_id"])
        assert measurement["steps_created"] == 10
        path = f"/cell_measurements/{measurement['id']}/time_series/download"
        assert frame_of(api.get(path, headers=PARQUET)).equals(series())
        assert httpx.get(api.get(path).headers["Location"]).content == content


# ---------------------------------------------------------------- killed processes
@pytest.fixture
def killed_while(folder):
    """Bring an upload to a stage in a process of its own and kill that; returns its ids."""
    started = []

    def run(stage):
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), stage],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        word, measurement_id, cell = process.stdout.readline().split()
        assert word == stage
        process.send_signal(signal.SIGKILL)
        process.wait()
        return measurement_id, cell

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stage", ["begun", "sending", "sent"])
def test_a_process_killed_before_the_confirmation_leaves_nothing(killed_while, open_app, stage):
    measurement_id, cell = killed_while(stage)

    app = open_app()

    assert data_files(app) == []
    assert open_uploads(app) == 0
    with client_of(app) as api:
        assert api.get(f"/cell_measurements/{measurement_id}").status_code == 404
        assert measurements_of(api, cell) == []
        # It can be run again, under the same name.
        assert measure(api, cell)["processing_status"] == "ready"


def test_a_process_killed_after_the_confirmation_loses_nothing(killed_while, open_app):
    measurement_id, _ = killed_while("processing")

    app = open_app()

    with client_of(app) as api:
        measurement = processed(api, measurement_id)
        assert (measurement["processing_status"], measurement["steps_created"]) == ("ready", 10)
        path = f"/cell_measurements/{measurement_id}/time_series/download"
        assert frame_of(api.get(path, headers=PARQUET)).equals(series())
    names = [Path(name).name for name in data_files(app)]
    assert names == ["cycles.parquet", "steps.parquet", "time_series.parquet"]


def test_a_process_killed_while_rows_are_added_loses_neither_old_nor_new(killed_while, open_app):
    measurement_id, _ = killed_while("extending")

    app = open_app()

    with client_of(app) as api:
        measurement = processed(api, measurement_id)
        assert (measurement["processing_status"], measurement["steps_created"]) == ("ready", 12)
        path = f"/cell_measurements/{measurement_id}/time_series/download"
        assert frame_of(api.get(path, headers=PARQUET)).equals(series(steps=12))
    names = [Path(name).name for name in data_files(app)]
    assert names == ["cycles.parquet", "steps.parquet", "time_series.parquet"]


def test_data_that_kill_every_process_fail_in_the_end(killed_while, open_app, folder):
    measurement_id, _ = killed_while("processing")
    again = [sys.executable, "-c", _OPEN_AND_STALL, str(folder)]
    (folder / "blobs" / "stalled").unlink()
    process = subprocess.Popen(again, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    wait_until((folder / "blobs" / "stalled").exists)
    process.kill()
    process.wait()

    with client_of(open_app()) as api:
        measurement = processed(api, measurement_id)
        assert measurement["processing_status"] == "failed"
        assert "died each time" in measurement["processing_error"]
        path = f"/cell_measurements/{measurement_id}/time_series/download"
        assert frame_of(api.get(path, headers=PARQUET)).equals(series())


_OPEN_AND_STALL = """
import sys, threading
from pathlib import Path
from ionworks.server.app import create_app
from tests.unit.server.ingestion.test_uploads import STALLED
app = create_app(Path(sys.argv[1]), targets=STALLED, workers=1)
threading.Event().wait()
"""


# ---------------------------------------------------------------- engines side by side
def test_an_upload_of_a_living_engine_is_left_alone(open_app):
    first = open_app()
    with client_of(first) as api:
        cell = uploading.make_cell(api)
        upload = initiate(api, cell)
        put(api, upload, parquet(series()))

        second = open_app()

        assert confirm(api, cell, upload).status_code == 200
    with client_of(second) as other:
        assert processed(other, upload["measurement_id"])["processing_status"] == "ready"


def test_an_open_engine_takes_over_when_another_closes(open_app, monkeypatch):
    monkeypatch.setattr(processor, "RECOVERY_PERIOD", 0.05)
    first, second = open_app(targets=BROKEN), open_app()
    with client_of(first) as api:
        cell = uploading.make_cell(api)
        abandoned = initiate(api, cell, "abandoned")
        put(api, abandoned, parquet(series()))
    assert len(data_files(first)) == 1
    first.close()

    wait_until(lambda: open_uploads(second) == 0)

    wait_until(lambda: data_files(second) == [])


def test_a_failure_that_is_not_the_data_s_is_tried_again_and_told(open_app):
    app = open_app(targets=BROKEN)
    with client_of(app) as api:
        measurement = measure(api, uploading.make_cell(api))

        assert measurement["processing_status"] == "failed"
        assert measurement["processing_error"] == "OSError: [Errno 28] No space left on device"
        with app.services.store.reading() as connection:
            attempts = "SELECT attempts FROM measurements"
            assert connection.exec_driver_sql(attempts).scalar_one() == processor.TRIES


def test_requests_are_answered_while_data_are_processed(open_app, folder):
    # The processing here never ends, so it stays in a process of its own.
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), "processing"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _, measurement_id, _ = process.stdout.readline().split()
        with client_of(open_app()) as api:
            path = f"/cell_measurements/{measurement_id}"
            assert api.get(path).json()["processing_status"] == "running"
            assert api.post(f"{path}/initiate-extend", json={}).status_code == 409
            assert api.get(f"{path}/cycles").status_code == 404
            series_path = f"{path}/time_series/download"
            assert frame_of(api.get(series_path, headers=PARQUET)).equals(series())
    finally:
        process.kill()
        process.communicate()


def test_a_measurement_deleted_while_it_is_processed_leaves_nothing(open_app):
    app = open_app(targets=evolve(QUICK, prepare="tests.unit.server.slow:prepare"))
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
