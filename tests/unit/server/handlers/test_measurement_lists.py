"""Measurements listed, filtered and tagged."""

import pytest

from tests.unit.server import uploading


def make_four(api):
    """Four properties on two cells in two projects."""
    cell = uploading.make_cell(api)
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


@pytest.fixture(scope="module")
def four(shared_api):
    return make_four(shared_api)


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
def test_measurements_of_a_cell_are_filtered_and_ordered(shared_api, four, query, expected):
    reply = shared_api.get(f"/cell_instances/{four['cell']}/cell_measurements", params=query)

    assert names(reply) == expected
    assert reply.json()["count"] == len(expected)


def test_measurements_of_a_project_are_listed(shared_api, four):
    def listed(**query):
        return names(shared_api.get("/cell_measurements", params=query))

    assert listed() == ["gamma", "beta", "alpha 2", "Alpha"]
    assert listed(project_id=four["project"]) == ["gamma"]
    assert listed(project_id="default", q="ALPHA") == ["alpha 2", "Alpha"]
    assert listed(q="%") == []
    assert listed(tags_all=["formation"], order_by="name", order="asc") == ["Alpha", "gamma"]
    spec = shared_api.get(f"/cell_instances/{four['cell']}").json()["cell_specification_id"]
    assert len(listed(cell_specification_id=spec)) == 3
    assert shared_api.get("/cell_measurements", params={"limit": 2}).json()["total"] == 4


def test_tags_are_counted(shared_api, four):
    def counted(**query):
        items = shared_api.get("/cell_measurements/tags", params=query).json()["items"]
        return [(item["tag"], item["usage_count"]) for item in items]

    assert counted() == [("25C", 2), ("formation", 2)]
    assert counted(project_id=four["project"]) == [("formation", 1)]
    assert counted(q="FORM") == [("formation", 2)]
    assert counted(limit=1) == [("25C", 2)]


def test_tags_of_many_change_together(api):
    make_four(api)
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


def test_an_offset_beyond_any_list_is_accepted(shared_api):
    for query in ({"offset": 10**30}, {"offset": 2**63}):
        assert names(shared_api.get("/cell_measurements", params=query)) == []
        assert shared_api.get("/projects", params=query).json()["items"] == []
        assert shared_api.get("/simulations", params=query).json()["simulations"] == []
        assert shared_api.get("/jobs/", params=query).json() == []
