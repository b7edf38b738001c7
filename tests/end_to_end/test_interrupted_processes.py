"""Uploads to processes that are killed or cut off: nothing is half-made, lost or left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from ionworks.server.jobs import queue
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
    series,
)

SCRIPT = Path(__file__).with_name("upload_script.py")
BROKEN = evolve(QUICK, process_measurement="tests.unit.server.stalled:broken")
STALLED = evolve(QUICK, process_measurement="tests.unit.server.stalled:process")


@pytest.mark.off_contract("signed links are no operations of the contract")
def test_a_connection_cut_on_the_network_leaves_no_file(served_url):
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
def test_a_process_killed_before_the_confirmation_leaves_no_upload(killed_while, open_app, stage):
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
from tests.end_to_end.test_interrupted_processes import STALLED
app = create_app(Path(sys.argv[1]), targets=STALLED, workers=1)
threading.Event().wait()
"""


def test_an_open_engine_takes_over_when_another_closes(open_app, monkeypatch):
    monkeypatch.setattr(queue, "RECOVERY_PERIOD", 0.05)
    first, second = open_app(targets=BROKEN), open_app()
    with client_of(first) as api:
        cell = uploading.make_cell(api)
        abandoned = initiate(api, cell, "abandoned")
        put(api, abandoned, parquet(series()))
    assert len(data_files(first)) == 1
    first.close()

    wait_until(lambda: open_uploads(second) == 0)

    wait_until(lambda: data_files(second) == [])


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
