"""An engine whose results and data are in a bucket: what clients get, links, faults, cleanup."""

from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import polars as pl
import pytest
from attrs import evolve

from ionworks.server.jobs import outages, queue
from ionworks.server.store import bucket
from ionworks.server.store.blobs import Blobs
from ionworks.server.store.database import Store
from tests import object_store
from tests.databases import needs_sqlite
from tests.unit.server import pipelines, uploading
from tests.unit.server.bucket_proxy import DENIED, SLOW_DOWN, Proxy
from tests.unit.server.engines import QUICK, client_of, finish, grid, statuses, submit, wait_until
from tests.unit.server.uploading import (
    PARQUET,
    confirm,
    frame_of,
    initiate,
    measure,
    parquet,
    processed,
    put,
    series,
)

PACKED = evolve(QUICK, simulate="tests.unit.server.packing_worker:simulate")


@pytest.fixture
def place():
    return object_store.new_place()


@pytest.fixture
def blobs(place):
    return Blobs.at(place)


@pytest.fixture
def app(open_app, place):
    return open_app(blobs=place)


@pytest.fixture
def cell(api):
    return uploading.make_cell(api)


def is_of_the_store(link):
    return urlsplit(link).netloc == urlsplit(object_store.endpoint()).netloc


def test_results_are_packed_in_the_bucket_and_read_from_it(open_app, place, template_of, blobs):
    app = open_app(blobs=place, targets=PACKED)
    with client_of(app) as api:
        runs = finish(
            api, submit(api, template_of(app), design_parameters_doe=grid(thickness=range(5)))
        )
        files = object_store.files_at(blobs)
        assert {key.rpartition("/")[0] for key in files} == {runs[0]["storage_folder"]}
        assert len(files) == 2
        for index, run in enumerate(runs):
            path = f"/simulations/{run['id']}"
            found = frame_of(api.get(f"{path}/time_series/download", headers=PARQUET))
            assert found["Voltage [V]"].to_list() == [float(index)] * (index + 1)
            link = api.get(f"{path}/steps/download").headers["Location"]
            assert frame_of(api.get(link)).height == 1
            api.delete(path)
    assert object_store.files_at(blobs) == []
    assert not any((app.folder / "blobs").glob("*/*"))


def test_files_go_to_the_store_and_come_from_it_by_its_links(api, cell, blobs):
    contents = {"photo 1.jpg": b"\xff\xd8", "note.txt": b""}
    upload = initiate(api, cell, measurement_type="file", filenames=list(contents))
    assert all(is_of_the_store(each["signed_url"]) for each in upload["uploads"])
    missing = confirm(api, cell, upload, measurement_type="file")
    assert (missing.status_code, "has not been uploaded" in missing.text) == (400, True)
    for name, content in contents.items():
        assert put(api, upload, content, name).status_code == 200

    measurement = confirm(api, cell, upload, measurement_type="file").json()

    assert measurement["file_metadata"]["sizes"] == [2, 0]
    for name, content in contents.items():
        for accept in ("*/*", "application/octet-stream"):
            path = f"/cell_measurements/{measurement['id']}/files/{name}"
            reply = api.get(path, headers={"Accept": accept})
            assert reply.status_code == 307
            assert is_of_the_store(reply.headers["Location"])
            assert api.get(reply.headers["Location"]).content == content
    # A link is valid for an hour; what is sent after the confirmation changes nothing.
    assert put(api, upload, b"other", "photo 1.jpg").status_code == 200
    assert api.get(api.get(path).headers["Location"]).content == b""
    assert api.delete(f"/cell_measurements/{measurement['id']}").status_code == 204
    assert object_store.files_at(blobs) == []


def test_a_time_series_is_processed_selected_and_extended(api, cell, blobs):
    measurement = measure(api, cell)
    assert measurement["processing_status"] == "ready"
    path = f"/cell_measurements/{measurement['id']}"

    whole = api.get(f"{path}/time_series/download", headers=PARQUET)
    assert is_of_the_store(whole.headers["Location"])
    assert frame_of(api.get(whole.headers["Location"])).equals(series())
    steps = api.get(f"{path}/steps/download").headers["Location"]
    assert frame_of(api.get(steps)).height == 10
    part = api.get(f"{path}/time_series/download", params={"row_start": 3, "row_stop": 5})
    assert frame_of(api.get(part.headers["Location"])).equals(series()[3:5])
    assert len(api.get(f"{path}/cycles").json()["cycles"]["Cycle count"]) == 3

    upload = api.post(f"{path}/initiate-extend", json={}).json()
    more = series(steps=2, start=10)
    [target] = upload["uploads"]
    assert api.put(target["signed_url"], content=parquet(more)).status_code == 200
    assert api.post(f"{path}/confirm-extend", json={}).status_code == 200
    assert processed(api, measurement["id"])["file_metadata"]["row_count"] == 240
    # What no record names any more is removed last.
    wait_until(lambda: len({key.rpartition("/")[0] for key in object_store.files_at(blobs)}) == 1)


def test_steps_that_were_sent_with_a_time_series_are_kept(api, cell):
    upload = initiate(api, cell)
    steps = pl.DataFrame({"Step count": range(10), "Step type": ["mine"] * 10})
    assert put(api, upload, parquet(series())).status_code == 200
    assert put(api, upload, parquet(steps), "steps.parquet").status_code == 200
    assert confirm(api, cell, upload).status_code == 200

    measurement = processed(api, upload["measurement_id"])

    found = api.get(f"/cell_measurements/{measurement['id']}/steps/download").headers["Location"]
    assert frame_of(api.get(found))["Step type"].to_list() == ["mine"] * 10


def test_an_upload_that_is_not_parquet_is_refused_and_can_be_sent_again(api, cell):
    upload = initiate(api, cell)
    put(api, upload, b"no parquet")
    assert confirm(api, cell, upload).status_code == 422
    put(api, upload, parquet(series()))
    assert confirm(api, cell, upload).status_code == 200
    assert processed(api, upload["measurement_id"])["processing_status"] == "ready"


def test_an_upload_goes_on_after_a_restart_because_its_links_do(open_app, app, place, cell):
    with client_of(app) as api:
        upload = initiate(api, cell)
    app.close()
    with client_of(open_app(blobs=place)) as api:
        assert put(api, upload, parquet(series())).status_code == 200
        assert confirm(api, cell, upload).status_code == 200
        assert processed(api, upload["measurement_id"])["processing_status"] == "ready"


def test_curves_of_fits_are_in_the_bucket(api, blobs):
    made = pipelines.submit(api, {"fit": pipelines.FIT})
    assert pipelines.end(api, made)["status"] == "completed"
    [element] = pipelines.elements_of(api, made)
    files = [key for key in object_store.files_at(blobs) if key.startswith("pipelines/")]
    assert len(files) == 1
    query = {"objective": "voltage", "max_points": 3}
    curve = api.get(f"/jobs/{element['job_id']}/series", params=query)
    assert curve.status_code == 200, curve.text
    api.delete(f"/pipelines/{made['id']}")
    assert object_store.files_at(blobs) == []


def test_objects_without_a_record_are_removed_at_opening(
    open_app, app, place, template, blobs, monkeypatch
):
    monkeypatch.setattr(bucket, "_NEW_FOR", -timedelta(seconds=5))  # Swift rounds times up
    with client_of(app) as api:
        [run] = finish(api, submit(api, template))
    app.close()
    frame = pl.DataFrame({"a": [1]})
    for key in (f"ab/ab{'0' * 30}-dead/steps.parquet", "measurements/cd/cde/up/0", "mine/a"):
        blobs.write_frame(key, frame)

    open_app(blobs=place)

    left = {key.rpartition("/")[0] for key in object_store.files_at(blobs)}
    assert left == {run["storage_folder"], "mine"}


# ---------------------------------------------------------------- faults
@pytest.fixture
def proxy(place, monkeypatch):
    monkeypatch.setitem(bucket._RETRIES, "max_retries", 0)
    with closing(Proxy()) as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL", started.url)
        yield started


def test_runs_wait_for_a_store_that_fails_and_requests_are_told(
    proxy, open_app, place, template_of, monkeypatch
):
    monkeypatch.setattr(queue, "PROGRESS_PERIOD", 0.01)
    monkeypatch.setattr(outages, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(outages, "LONGEST_PAUSE", 0.01)
    app = open_app(blobs=place)
    with client_of(app) as api:
        template = template_of(app)
        [done] = finish(api, submit(api, template))
        proxy.answer = SLOW_DOWN
        made = submit(api, template, design_parameters_doe=grid(thickness=range(3)))
        wait_until(lambda: "object store" in (_delay_reason(api, made[0]) or ""))
        reply = api.get(f"/simulations/{done['id']}/time_series/download", headers=PARQUET)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
        assert "object store cannot be reached" in reply.json()["message"]
        assert "completed" not in statuses(api, made)
        # Deleting succeeds; the objects are removed at the next opening.
        assert api.delete(f"/simulations/{done['id']}").status_code == 204

        proxy.answer = None
        assert {run["status"] for run in finish(api, made)} == {"completed"}


def _delay_reason(api, submission):
    [found] = api.post(
        "/simulations/statuses", json={"simulation_ids": [submission["simulation_id"]]}
    ).json()
    return found["delay_reason"]


def test_a_bucket_without_access_is_refused_at_opening(proxy, open_app, place):
    proxy.answer = DENIED
    with pytest.raises(RuntimeError, match=f"cannot use {place}: the object store refuses access"):
        open_app(blobs=place)


@pytest.mark.parametrize("place", ["gs://bucket/x", "https://bucket.example.com"])
def test_another_scheme_is_refused_at_opening(open_app, place, folder):
    with pytest.raises(ValueError, match="give s3://BUCKET/PREFIX"):
        open_app(blobs=place)


@needs_sqlite  # test_postgresql.py opens an empty database that has results
def test_results_of_another_database_are_refused_at_opening(folder, place, blobs):
    blobs.write_frame("ab/abc/steps.parquet", pl.DataFrame({"a": [1]}))
    with pytest.raises(RuntimeError, match="use a prefix that no other database uses"):
        Store(folder, blobs=place)
    assert len(object_store.files_at(blobs)) == 1
