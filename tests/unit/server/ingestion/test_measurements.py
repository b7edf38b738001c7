"""Measurements: uploaded, processed, read in parts, written about, tagged, watched, deleted."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import polars as pl
import pytest

from ionworks.server.app import create_app
from ionworks.server.measurements import STEP_COLUMNS
from tests.unit.server import uploading
from tests.unit.server.engines import QUICK, client_of
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


# ---------------------------------------------------------------- time series
def test_a_time_series_comes_back_as_it_went_with_steps_and_cycles(api, cell):
    frame = series()

    measurement = measure(api, cell, frame, tags=["formation"], start_time="2026-05-14T12:00+02:00")

    assert measurement["processing_status"] == "ready"
    assert (measurement["steps_created"], measurement["processing_error"]) == (10, None)
    assert measurement["measurement_type"] == "time_series"
    assert measurement["start_time"] == "2026-05-14T10:00:00.000000Z"
    assert measurement["tags"] == ["formation"]
    assert measurement["instance"]["name"] == "1"
    assert measurement["file_metadata"] == {"row_count": 200, "columns": frame.columns}
    assert download(api, measurement).content == parquet(frame)
    steps = frame_of(download(api, measurement, "steps"))
    assert tuple(steps.columns) == STEP_COLUMNS
    assert steps["Step type"].to_list() == ["Rest", "Constant current discharge"] * 5
    assert steps["Discharge capacity [A.h]"][1] == pytest.approx(19 / 3600)
    both = api.get(f"/cell_measurements/{measurement['id']}/steps_and_cycles").json()
    assert both["steps"] == steps.to_dict(as_series=False)
    cycles = api.get(f"/cell_measurements/{measurement['id']}/cycles").json()
    assert cycles == {"cycles": both["cycles"]}
    assert cycles["cycles"]["Cycle count"] == [0, 1, 2]
    assert cycles["cycles"]["Discharge capacity [A.h]"] == pytest.approx(
        [2 * 19 / 3600, 2 * 19 / 3600, 19 / 3600]
    )


def test_data_come_as_columns_where_asked_for(api, cell):
    measurement = measure(api, cell)
    path = f"/cell_measurements/{measurement['id']}"

    plain = api.get(path).json()
    full = api.get(path, params={"include_steps": True, "include_time_series": True}).json()

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
def test_parts_of_a_time_series_are_read(api, cell, query, condition):
    measurement = measure(api, cell)

    part = frame_of(download(api, measurement, **query))

    assert part.equals(series().filter(condition))


def test_columns_and_few_points_are_read_also_through_a_link(api, cell):
    frame = series(steps=2, rows=500)
    measurement = measure(api, cell, frame)
    query = {"columns": ["Current [A]", "Time [s]"], "max_points": 20}

    direct = frame_of(download(api, measurement, **query))
    path = f"/cell_measurements/{measurement['id']}/time_series/download"
    link = api.get(path, params=query)
    followed = frame_of(api.get(link.headers["Location"]))

    assert link.status_code == 307
    assert followed.equals(direct)
    assert direct.columns == ["Current [A]", "Time [s]"]
    assert 2 <= direct.height <= 20
    assert direct["Current [A]"].unique().sort().to_list() == [0.0, 1.0]
    whole = api.get(api.get(path).headers["Location"])
    assert whole.content == parquet(frame)
    assert whole.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"columns": ["Volts"]}, "no column 'Volts'; known: Time [s]"),
        ({"max_points": 9}, "max_points"),
        ({"row_start": -1}, "row_start"),
        ({"step": 1}, "known: columns, cycle_from"),
    ],
)
def test_a_part_that_is_not_there_is_named(api, cell, query, words):
    measurement = measure(api, cell)

    reply = download(api, measurement, **query)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_steps_that_came_along_are_kept_and_completed(api, cell):
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


# ---------------------------------------------------------------- what cannot be processed
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
def test_what_is_no_time_series_is_refused_at_once(api, app, cell, content, words):
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


def test_wrong_steps_fail_and_unfit_columns_are_refused(api, cell):
    upload = initiate(api, cell)
    put(api, upload, parquet(series()))
    assert confirm(api, cell, upload, steps={"Step count": [1], "x": [1, 2]}).status_code == 422

    confirm(api, cell, upload, steps={"Step count": [1]})

    measurement = processed(api, upload["measurement_id"])
    assert measurement["processing_status"] == "failed"
    assert "1 of them, the series has 10" in measurement["processing_error"]


# ---------------------------------------------------------------- extension
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
    assert len(data_files(app)) == files


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (series(steps=1), "'Time [s]' goes back: the time series ends at 199.0"),
        (series(start=10).drop("Cycle count"), "the rows to add lack 'Cycle count'"),
        (series(start=10).with_columns(pl.lit(1).alias("x")), "the time series has no 'x'"),
    ],
)
def test_rows_that_cannot_follow_leave_all_as_it_was(api, cell, frame, words):
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
    assert data_files(app) == files
    extend(api, measurement, series(steps=1, start=10))
    assert processed(api, measurement["id"])["processing_status"] == "ready"


def test_an_extension_that_was_not_begun_or_has_no_rows_is_refused(api, cell):
    measurement = measure(api, cell)
    path = f"/cell_measurements/{measurement['id']}"

    assert api.post(f"{path}/confirm-extend", json={}).status_code == 404
    api.post(f"{path}/initiate-extend", json={})
    reply = api.post(f"{path}/confirm-extend", json={})

    assert reply.status_code == 400
    assert "time_series_extend.parquet has not been uploaded" in reply.json()["message"]


# ---------------------------------------------------------------- files and properties
def test_files_of_any_name_come_back(api, app, cell):
    contents = {"photo 1.jpg": b"\xff\xd8", "scan #2? (50%).tif": b"II", "note.txt": b"x"}
    upload = initiate(api, cell, measurement_type="file", filenames=list(contents))
    for name, content in contents.items():
        assert put(api, upload, content, name).status_code == 200

    measurement = confirm(api, cell, upload, measurement_type="file").json()

    assert measurement["processing_status"] == "ready"
    path = f"/cell_measurements/{measurement['id']}/files"
    assert api.get(path).json() == {"filenames": list(contents)}
    for name, content in contents.items():
        file = f"{path}/{quote(name, safe='')}"
        assert api.get(file, headers={"Accept": "application/octet-stream"}).content == content
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
        ({"measurement_type": "file", "filenames": ["a", "a"]}, "no two are the same"),
        ({"measurement_type": "file", "filenames": ["a\nb"]}, "control characters"),
        ({"measurement_type": "properties"}, "properties need no upload"),
        ({"filenames": ["data.csv"]}, "a time series is time_series.parquet"),
        ({"measurement": {}}, "a measurement has a name"),
        ({"measurement": {"name": "x" * 256}}, "1 to 255 characters"),
        ({"measurement": {"name": "x", "protocl": {}}}, "measurement.protocl: is not a field"),
        ({"measurement": {"name": "x", "start_time": "noon"}}, "start_time: is not an ISO 8601"),
        ({"measurement": {"name": "x", "tags": "a"}}, "tags: is not a list of texts"),
        ({"measurement": {"name": "x", "protocol": "a"}}, "protocol: is not an object"),
    ],
)
def test_an_upload_that_makes_no_sense_is_not_begun(api, cell, fields, words):
    body = {"measurement": {"name": "x"}, **fields}

    reply = api.post(f"/cell_instances/{cell}/cell_measurements/initiate-upload", json=body)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_a_file_that_is_missing_keeps_the_measurement_from_being(api, cell):
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


# ---------------------------------------------------------------- records
def test_what_is_written_beside_a_measurement_changes(api, cell):
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


def test_a_deleted_measurement_leaves_nothing(api, app, cell):
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


def test_watching_twice_is_watching_once(api, app, cell):
    path = f"/cell_measurements/{measure(api, cell)['id']}/watch"

    replies = [api.post(path, json={}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    with app.services.store.reading() as connection:
        count = "SELECT count(*) FROM measurement_watches"
        assert connection.exec_driver_sql(count).scalar_one() == 1
    assert [api.delete(path).status_code for _ in range(2)] == [204, 204]
    assert api.post("/cell_measurements/none/watch", json={}).status_code == 404


# ---------------------------------------------------------------- lists and tags
@pytest.fixture
def four(api, cell):
    """Four properties on two cells in two projects."""
    project = api.post("/projects", json={"name": "other"}).json()["id"]
    elsewhere = uploading.make_cell(api, "other", project)
    for where, name, day, tags in (
        (cell, "Alpha", "2026-05-01", ["formation", "25C"]),
        (cell, "alpha 2", "2026-05-03", ["25C"]),
        (cell, "beta", None, []),
        (elsewhere, "gamma", "2026-05-02", ["formation"]),
    ):
        body = {"name": name, "properties": {}, "start_time": day, "tags": tags}
        made = api.post(f"/cell_instances/{where}/cell_measurements/create", json=body)
        assert made.status_code == 201, made.text
    return {"cell": cell, "project": project}


def names(reply):
    assert reply.status_code == 200, reply.text
    return [item["name"] for item in reply.json()["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["beta", "alpha 2", "Alpha"]),
        ({"name": "ilike.%ALPHA%"}, ["alpha 2", "Alpha"]),
        ({"name": "like.%alpha%"}, ["alpha 2"]),
        ({"tags_all": ["formation", "25C"]}, ["Alpha"]),
        ({"tags_any": ["formation", "25C"]}, ["alpha 2", "Alpha"]),
        ({"tags_any": ["25C"], "tags_all": ["formation"]}, ["Alpha"]),
        ({"start_time_gt": "2026-05-01", "start_time_lt": "2026-05-02"}, ["Alpha"]),
        ({"order_by": "start_time", "order": "asc"}, ["Alpha", "alpha 2", "beta"]),
        ({"order_by": "start_time", "order": "desc"}, ["alpha 2", "Alpha", "beta"]),
        ({"measurement_type": "file"}, []),
        ({"limit": 1, "offset": 1}, ["alpha 2"]),
        ({"created_by_email": "ilike.%x%"}, []),
    ],
)
def test_measurements_of_a_cell_are_filtered_and_ordered(api, four, query, expected):
    reply = api.get(f"/cell_instances/{four['cell']}/cell_measurements", params=query)

    assert names(reply) == expected
    assert reply.json()["count"] == len(expected)


def test_measurements_of_a_project_are_found(api, four):
    def listed(**query):
        return names(api.get("/cell_measurements", params=query))

    assert listed() == ["gamma", "beta", "alpha 2", "Alpha"]
    assert listed(project_id=four["project"]) == ["gamma"]
    assert listed(project_id="default", q="ALPHA") == ["alpha 2", "Alpha"]
    assert listed(q="%") == []
    assert listed(tags_all=["formation"], order_by="name", order="asc") == ["Alpha", "gamma"]
    spec = api.get(f"/cell_instances/{four['cell']}").json()["cell_specification_id"]
    assert len(listed(cell_specification_id=spec)) == 3
    assert api.get("/cell_measurements", params={"limit": 2}).json()["total"] == 4


def test_tags_are_counted(api, four):
    def counted(**query):
        items = api.get("/cell_measurements/tags", params=query).json()["items"]
        return [(item["tag"], item["usage_count"]) for item in items]

    assert counted() == [("25C", 2), ("formation", 2)]
    assert counted(project_id=four["project"]) == [("formation", 1)]
    assert counted(q="FORM") == [("formation", 2)]
    assert counted(limit=1) == [("25C", 2)]


def test_tags_of_many_change_together(api, four):
    items = api.get("/cell_measurements", params={"order_by": "name", "order": "asc"}).json()[
        "items"
    ]
    by_name = {item["name"]: item["id"] for item in items}
    ids = [by_name[name] for name in ("Alpha", "alpha 2", "beta")]

    def change(ids, **tags):
        return api.post("/cell_measurements/tags/bulk", json={"measurement_ids": ids, **tags})

    assert change(ids, add=["25C"], remove=["formation"]).json() == {"updated_count": 2}
    assert change(ids, add=["25C"]).json() == {"updated_count": 0}
    tags = {
        name: api.get(f"/cell_measurements/{id_}").json()["tags"] for name, id_ in by_name.items()
    }
    assert tags == {"Alpha": ["25C"], "alpha 2": ["25C"], "beta": ["25C"], "gamma": ["formation"]}
    unknown = change([*ids, "none"], add=["x"])
    assert (unknown.status_code, change(ids, add=["x"], remove=["x"]).status_code) == (404, 400)
    assert "'none'" in unknown.json()["message"]
    assert change(ids, add=[""]).status_code == 422
    assert api.get("/cell_measurements/tags", params={"q": "x"}).json()["total"] == 0


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


def test_a_measurement_without_data_says_so_where_they_are_asked_for(api, cell):
    body = {"name": "mass", "properties": {}}
    made = api.post(f"/cell_instances/{cell}/cell_measurements/create", json=body).json()
    query = {"include_steps": True, "include_time_series": True}

    full = api.get(f"/cell_measurements/{made['id']}", params=query).json()

    assert (full["steps"], full["time_series"]) == (None, None)
    assert download(api, made).status_code == 404


def test_numbers_beyond_any_list_are_no_failure(api, cell):
    for query in ({"offset": 10**30}, {"offset": 2**63}):
        assert names(api.get("/cell_measurements", params=query)) == []
        assert api.get("/projects", params=query).json()["items"] == []
        assert api.get("/simulations", params=query).json()["simulations"] == []
        assert api.get("/jobs/", params=query).json() == []
