"""Pipelines that are renamed and listed."""

import json

from tests.unit.server.pipelines import (
    ENTRY,
    elements_of,
    end,
    orders,
    read,
    submit,
    submit_simple,
)


def test_lists_filter_by_the_state_of_the_job(api):
    good = submit(api, {"entry": ENTRY}, name="good fit")
    bad = submit(api, {"fit": orders(fail="x")}, name="bad fit", description="no")
    simple = submit_simple(api, {"entry": ENTRY}, name="simple")
    for made in (good, bad):
        end(api, made)
    end(api, simple, "simple_pipelines")

    def names(query=""):
        return [each["name"] for each in api.get(f"/pipelines{query}").json()["pipelines"]]

    assert names() == ["bad fit", "good fit"]
    assert names("?status=failed") == ["bad fit"]
    assert names("?status=in.(completed,canceled)") == ["good fit"]
    assert names("?name=ilike.%25FIT%25&order_by=name&order=desc") == ["good fit", "bad fit"]
    assert names("?name=good fit") == ["good fit"]
    assert names("?order_by=status&order=asc") == ["good fit", "bad fit"]
    assert names(f"?id={good['id']}") == ["good fit"]
    assert names("?skip=1&limit=1") == ["good fit"]
    assert names("?created_at_gt=2100-01-01") == []
    assert names("?project_id=other") == []
    assert api.get("/pipelines?order_by=cost").status_code == 422
    page = api.get("/simple_pipelines").json()
    assert (page["count"], page["total"], page["items"][0]["name"]) == (1, 1, "simple")
    assert api.get(f"/simple_pipelines/{good['id']}").status_code == 404
    assert api.get(f"/pipelines/{simple['id']}").status_code == 404


def test_ten_simple_pipelines_are_listed_by_default(api):
    for _ in range(12):
        submit_simple(api, {"entry": ENTRY})
    page = api.get("/simple_pipelines").json()
    assert (page["count"], page["total"]) == (10, 12)


def test_renaming_needs_a_field(api):
    made = submit(api, {"entry": ENTRY})
    url = f"/pipelines/{made['id']}"
    assert api.patch(url, json={"name": "N", "description": "D"}).json()["name"] == "N"
    assert read(api, made)["description"] == "D"
    assert api.patch(url, json={}).status_code == 422
    simple = submit_simple(api, {"entry": ENTRY})
    url = f"/simple_pipelines/{simple['id']}"
    assert api.patch(url, json={"name": "S"}).json()["name"] == "S"
    assert api.patch("/simple_pipelines/nothing", json={"name": "S"}).status_code == 404


def test_elements_keep_their_order(api):
    names = ["z", "a", "m", "b"]
    made = submit(api, dict.fromkeys(names, ENTRY))
    assert [each["name"] for each in elements_of(api, made)] == names
    assert list(json.loads(api.get(f"/pipelines/{made['id']}").text)) != []
