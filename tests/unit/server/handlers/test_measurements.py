"""Measurements as records: files, properties, fields that change, deletion."""

from urllib.parse import quote

import httpx
import pytest

from ionworks.transport.embedded import EngineTransport
from tests.unit.server import uploading
from tests.unit.server.uploading import (
    confirm,
    content_of,
    data_files,
    initiate,
    measure,
    put,
)


@pytest.fixture
def cell(api):
    return uploading.make_cell(api)


@pytest.fixture(scope="module")
def shared_cell(shared_api):
    return uploading.make_cell(shared_api)


def test_files_of_any_name_are_read_back(api, app, cell):
    contents = {"photo 1.jpg": b"\xff\xd8", "scan #2? (50%).tif": b"II", "note.txt": b"x"}
    upload = initiate(api, cell, measurement_type="file", filenames=list(contents))
    for name, content in contents.items():
        assert put(api, upload, content, name).status_code == 200

    measurement = confirm(api, cell, upload, measurement_type="file").json()

    assert (measurement["processing_status"], measurement["steps_created"]) == ("ready", 0)
    path = f"/cell_measurements/{measurement['id']}/files"
    assert api.get(path).json() == {"filenames": list(contents)}
    for name, content in contents.items():
        file = f"{path}/{quote(name, safe='')}"
        direct = api.get(file, headers={"Accept": "application/octet-stream"})
        assert content_of(direct) == content
        link = api.get(file)
        assert link.status_code == 307
        assert api.get(link.headers["Location"]).content == content
    assert api.get(f"{path}/other.txt").status_code == 404
    assert api.get(f"/cell_measurements/{measurement['id']}/cycles").status_code == 404
    extension = api.post(f"/cell_measurements/{measurement['id']}/initiate-extend", json={})
    assert extension.status_code == 400


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"measurement_type": "file"}, "name at least one file"),
        ({"measurement_type": "file", "filenames": []}, "name at least one file"),
        ({"measurement_type": "file", "filenames": ["a/b"]}, "'a/b'"),
        ({"measurement_type": "file", "filenames": [".."]}, "'..'"),
        ({"measurement_type": "file", "filenames": ["a", "a"]}, "two files have the same name"),
        ({"measurement_type": "file", "filenames": ["a\nb"]}, "control character"),
        ({"measurement_type": "properties"}, "properties need no upload"),
        ({"filenames": ["data.csv"]}, "a time series is time_series.parquet"),
        ({"measurement": {}}, "a measurement has a name"),
        ({"measurement": {"name": "x" * 256}}, "1 to 255 characters"),
        ({"measurement": {"name": "x", "protocl": {}}}, "measurement.protocl: unknown field"),
        ({"measurement": {"name": "x", "start_time": "noon"}}, "start_time: is not an ISO 8601"),
        ({"measurement": {"name": "x", "tags": "a"}}, "tags: is not a list of texts"),
        ({"measurement": {"name": "x", "protocol": "a"}}, "protocol: is not an object"),
    ],
)
def test_an_invalid_upload_is_not_begun(shared_api, shared_cell, fields, words):
    body = {"measurement": {"name": "x"}, **fields}

    reply = shared_api.post(
        f"/cell_instances/{shared_cell}/cell_measurements/initiate-upload", json=body
    )

    assert reply.status_code == 422
    assert words in reply.json()["message"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("测" * 86, "at most 255 bytes in UTF-8; this one has 258"),
        ("a/b", "'a/b' is not the name of a file"),
        ("..", "'..' is not the name of a file"),
        ("a\nb", r"the file name 'a\nb' contains a line break"),
    ],
)
def test_a_file_name_that_no_system_takes_is_refused(shared_api, shared_cell, name, fault):
    body = {"measurement": {"name": "x"}, "measurement_type": "file", "filenames": ["good", name]}

    reply = shared_api.post(
        f"/cell_instances/{shared_cell}/cell_measurements/initiate-upload", json=body
    )

    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"] == ["body", "filenames", 1]
    assert fault in reply.json()["message"]


@pytest.mark.folder_blobs("a presigned link has no name")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.csv", 'attachment; filename="a b.csv"'),
        ("a\"b'c;d.csv", 'attachment; filename="a\\"b\'c;d.csv"'),
        ("50%20.csv", "attachment; filename=50%20.csv; filename*=UTF-8''50%2520.csv"),
        ("zurück.csv", "attachment; filename=zuruck.csv; filename*=UTF-8''zur%C3%BCck.csv"),
        ("🔋", "attachment; filename=\"\"; filename*=UTF-8''%F0%9F%94%8B"),
    ],
)
def test_a_file_is_sent_with_its_name(app, cell, name, header):
    api = httpx.Client(transport=EngineTransport(app), base_url="http://engine")
    upload = initiate(api, cell, measurement_type="file", filenames=[name])
    put(api, upload, b"content", name)
    assert confirm(api, cell, upload, measurement_type="file").status_code == 200
    path = f"/cell_measurements/{upload['measurement_id']}/files/{quote(name, safe='')}"

    direct = api.get(path, headers={"Accept": "application/octet-stream"})
    linked = api.get(api.get(path).headers["Location"])

    assert direct.content == linked.content == b"content"
    assert direct.headers["Content-Disposition"] == linked.headers["Content-Disposition"] == header


def test_a_missing_file_prevents_the_confirmation(api, cell):
    upload = initiate(api, cell, measurement_type="file", filenames=["a", "b"])
    put(api, upload, b"1", "a")

    reply = confirm(api, cell, upload, measurement_type="file")
    others = confirm(api, cell, upload, measurement_type="file", filenames=["a"])

    assert reply.status_code == others.status_code == 400
    assert "b has not been uploaded" in reply.json()["message"]
    assert "begun with the files a, b" in others.json()["message"]


def test_properties_are_stored_without_an_upload(api, cell):
    body = {
        "name": "Mass on arrival",
        "properties": {"mass": {"value": 68.4, "unit": "g"}},
        "tags": ["incoming"],
    }
    path = f"/cell_instances/{cell}/cell_measurements/create"

    made = api.post(path, json=body)

    assert made.status_code == 201, made.text
    measurement = made.json()
    assert measurement["measurement_type"] == "properties"
    assert (measurement["processing_status"], measurement["tags"]) == ("ready", ["incoming"])
    change = {"properties": {"mass": {"value": 68.5, "unit": "g"}}}
    changed = api.patch(f"/cell_measurements/{measurement['id']}", json=change).json()
    assert changed["properties"] == change["properties"]
    wrong = api.post(path, json={**body, "name": "x", "measurement_type": "file"})
    assert wrong.status_code == 422
    again = api.post(path, json=body)
    assert (again.status_code, again.json()["detail"]) == (
        409,
        {"existing_id": measurement["id"]},
    )


def test_fields_of_a_measurement_can_be_changed(api, cell):
    measurement = measure(api, cell, tags=["a", "b"], notes="first")
    measure(api, cell, name="other")
    path = f"/cell_measurements/{measurement['id']}"

    change = {"name": "C/20 at 25 degC", "test_setup": {"channel_number": 3}, "tags": ["c", "c"]}
    changed = api.patch(path, json=change).json()

    assert (changed["name"], changed["notes"]) == ("C/20 at 25 degC", "first")
    assert changed["test_setup"] == {"channel_number": 3}
    assert changed["tags"] == ["c"]
    assert api.get(path).json() == changed
    assert api.patch(path, json={"name": "other"}).status_code == 409
    assert api.patch(path, json={"properties": {}}).status_code == 422
    assert (
        api.patch(path, json={"processing_status": "failed"}).json()["processing_status"] == "ready"
    )


def test_a_deleted_measurement_leaves_no_data(api, app, cell):
    measurement = measure(api, cell, tags=["a"])
    path = f"/cell_measurements/{measurement['id']}"
    api.post(f"{path}/watch", json={})

    assert api.delete(path).status_code == 204

    assert api.get(path).status_code == 404
    assert data_files(app) == []
    assert api.get("/cell_measurements/tags").json()["items"] == []
    assert api.get(f"/cell_instances/{cell}").json()["measurement_ids"] == []
    assert api.delete(path).status_code == 404


def test_original_files_are_attached_once_and_detached(api, cell):
    path = f"/cell_measurements/{measure(api, cell)['id']}/raw_data"

    first = api.post(path, json={"raw_data_ids": ["raw-1", "raw-2", "raw-1"]})
    second = api.post(path, json={"raw_data_ids": ["raw-3", "raw-2"]})

    assert first.status_code == 201
    assert second.json()["raw_data_ids"] == ["raw-1", "raw-2", "raw-3"]
    assert api.delete(f"{path}/raw-2").status_code == 204
    assert api.delete(f"{path}/raw-2").status_code == 404
    listed = api.get(path).json()
    assert [item["id"] for item in listed["items"]] == ["raw-1", "raw-3"]
    assert listed["total"] == 2


def test_watching_twice_has_no_further_effect(api, app, cell):
    path = f"/cell_measurements/{measure(api, cell)['id']}/watch"

    replies = [api.post(path, json={}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    with app.services.store.reading() as connection:
        count = "SELECT count(*) FROM measurement_watches"
        assert connection.exec_driver_sql(count).scalar_one() == 1
    assert [api.delete(path).status_code for _ in range(2)] == [204, 204]
    assert api.post("/cell_measurements/none/watch", json={}).status_code == 404
