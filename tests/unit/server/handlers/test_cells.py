"""Cell specifications with their components, and their cells."""

import pytest

BODY = {
    "name": "LG M50",
    "form_factor": "21700",
    "manufacturer": "LG",
    "ratings": {"capacity": {"value": 5.0, "unit": "A.h"}},
    "anode": {
        "properties": {"thickness": {"value": 85.2, "unit": "um"}, "binder": "CMC"},
        "material": {"name": "Graphite-SiOx", "manufacturer": "X"},
    },
    "cathode": {
        "properties": {"thickness": {"value": 75.6, "unit": "um"}},
        "material": {
            "name": "NMC811",
            "manufacturer": "Y",
            "definition": {
                "density": {"value": 4.7, "unit": "g.cm-3"},
                "thickness": {"value": 1, "unit": "um"},
            },
        },
    },
    "source": {"doi": "10.1149/1945-7111/ab9050"},
    "properties": {"mass": {"value": 68.4, "unit": "g"}},
    "notes": "After Chen 2020.",
}


@pytest.fixture
def spec(api):
    reply = api.post("/cell_specifications", json=BODY)
    assert reply.status_code == 201, reply.text
    return reply.json()


def cells_of(spec):
    return f"/cell_specifications/{spec['id']}/cell_instances"


def test_a_specification_is_stored_with_its_components_and_materials(api, spec):
    stored = api.get(f"/cell_specifications/{spec['id']}").json()

    assert stored == spec
    plain = ("name", "form_factor", "manufacturer", "ratings", "source", "properties", "notes")
    assert {name: stored[name] for name in plain} == {name: BODY[name] for name in plain}
    assert stored["project_id"] == "default"
    assert stored["anode"]["properties"] == BODY["anode"]["properties"]
    assert stored["anode"]["component_type"] == "anode"
    assert stored["anode_id"] == stored["anode"]["id"]
    assert stored["cathode"]["material_id"] == stored["cathode"]["material"]["id"]
    assert stored["cathode"]["material"]["definition"] == BODY["cathode"]["material"]["definition"]
    assert stored["electrolyte"] is None
    assert stored["electrolyte_id"] is None


def test_a_name_is_unique_in_a_project(api, spec):
    reply = api.post("/cell_specifications", json={"name": "LG M50"})
    assert (reply.status_code, reply.json()["error_code"]) == (409, "CONFLICT")
    assert reply.json()["detail"] == {"existing_id": spec["id"]}

    project = api.post("/projects", json={"name": "other"}).json()["id"]
    elsewhere = api.post("/cell_specifications", json={"name": "LG M50", "project_id": project})
    assert elsewhere.status_code == 201
    missing = api.post("/cell_specifications", json={"name": "x", "project_id": "none"})
    assert missing.status_code == 404


def test_a_conflict_does_not_change_materials(api, spec):
    body = {"name": "LG M50", "anode": {"material": {"name": "New", "definition": {"a": 1}}}}

    assert api.post("/cell_specifications", json=body).status_code == 409
    assert api.get("/cell_specifications").json()["total"] == 1
    again = api.post("/cell_specifications", json={**body, "name": "other"}).json()
    assert again["anode"]["material"]["definition"] == {"a": 1}


def test_given_fields_change_and_the_others_stay(api, spec):
    change = {
        "notes": "Second revision.",
        "anode": {"properties": {"thickness": {"value": 80, "unit": "um"}}},
        "separator": {"properties": {"porosity": 0.47}},
    }

    changed = api.patch(f"/cell_specifications/{spec['id']}", json=change).json()

    assert (changed["notes"], changed["form_factor"]) == ("Second revision.", "21700")
    assert changed["anode"]["id"] == spec["anode"]["id"]
    assert changed["anode"]["properties"] == {
        "thickness": {"value": 80, "unit": "um"},
        "binder": "CMC",
    }
    assert changed["anode"]["material"] == spec["anode"]["material"]
    assert changed["separator"]["properties"] == {"porosity": 0.47}
    assert changed["cathode"] == spec["cathode"]
    assert api.get(f"/cell_specifications/{spec['id']}").json() == changed


def test_a_material_is_shared_by_all_cells(api, spec):
    body = {"name": "other", "cathode": {"material": {"name": "NMC811", "manufacturer": "Y"}}}
    other = api.post("/cell_specifications", json=body).json()
    assert other["cathode"]["material"] == spec["cathode"]["material"]

    change = {
        "cathode": {"material": {"definition": {"density": {"value": 4.6, "unit": "g.cm-3"}}}}
    }
    api.patch(f"/cell_specifications/{other['id']}", json=change)

    seen = api.get(f"/cell_specifications/{spec['id']}").json()["cathode"]["material"]
    assert seen["definition"] == change["cathode"]["material"]["definition"]
    swapped = {"cathode": {"material": {"name": "NMC811", "manufacturer": "Z"}}}
    after = api.patch(f"/cell_specifications/{other['id']}", json=swapped).json()
    assert after["cathode"]["material_id"] != spec["cathode"]["material_id"]
    linked = {"cathode": {"material_id": spec["cathode"]["material_id"]}}
    back = api.patch(f"/cell_specifications/{other['id']}", json=linked).json()
    assert back["cathode"]["material"]["manufacturer"] == "Y"


def test_a_resolved_specification_has_the_values_of_its_materials(api, spec):
    resolved = api.get(f"/cell_specifications/{spec['id']}/resolved").json()

    assert resolved["cathode"]["properties"] == {
        "density": {"value": 4.7, "unit": "g.cm-3"},
        "thickness": {"value": 75.6, "unit": "um"},
    }
    assert resolved["anode"] == spec["anode"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"form_facter": "21700"}, 422, "body.form_facter: unknown field; valid fields: anode"),
        ({"anode": {"thickness": 1}}, 422, "body.anode.thickness: unknown field"),
        ({"anode": {"material": {"manufacturer": "X"}}}, 422, "material without a name"),
        ({"anode": {"material_id": "none"}}, 400, "'none'"),
        ({"ratings": {"capacity": 5}}, 422, "ratings"),
        ({"name": ""}, 422, "name"),
    ],
)
def test_unknown_and_invalid_fields_are_rejected(shared_api, fields, status, words):
    before = shared_api.get("/cell_specifications").json()["total"]

    reply = shared_api.post("/cell_specifications", json={"name": "x", **fields})

    assert reply.status_code == status
    assert words in reply.json()["message"]
    assert shared_api.get("/cell_specifications").json()["total"] == before


def test_a_record_read_before_can_be_sent_back(api, spec):
    project = api.post("/projects", json={"name": "other"}).json()["id"]
    body = {name: value for name, value in spec.items() if value is not None}

    copied = api.post("/cell_specifications", json={**body, "project_id": project})

    assert copied.status_code == 201, copied.text
    assert copied.json()["id"] != spec["id"]
    assert copied.json()["anode"]["material"] == spec["anode"]["material"]


def test_lists_omit_components_unless_requested(api, spec):
    [short] = api.get("/cell_specifications").json()["items"]
    [long] = api.get("/cell_specifications", params={"full": True}).json()["items"]

    slots = {"anode", "cathode", "electrolyte", "separator", "case"}
    assert set(long) - set(short) == slots
    assert long == spec
    assert short["anode_id"] == spec["anode_id"]


@pytest.fixture(scope="module")
def three(shared_api):
    """Specifications A, B and C; materials by number."""
    made = {}
    for name, slots in {
        "A": {"anode": "1", "cathode": "2"},
        "B": {"anode": "2", "separator": "3"},
        "C": {"case": "1"},
    }.items():
        parts = {slot: {"material": {"name": material}} for slot, material in slots.items()}
        body = {"name": name, "form_factor": f"form {name}", **parts}
        spec = shared_api.post("/cell_specifications", json=body).json()
        for slot, material in slots.items():
            made[material] = spec[slot]["material_id"]
        made[name] = spec["id"]
    return made


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"material_id": "1"}, "CA"),
        ({"material_ids": ["1", "3"]}, "CBA"),
        ({"anode_material_id": "1"}, "A"),
        ({"cathode_material_id": "2"}, "A"),
        ({"separator_material_id": "3"}, "B"),
        ({"case_material_id": "1"}, "C"),
        ({"electrolyte_material_id": "1"}, ""),
        ({"material_id": "2", "anode_material_id": "1"}, "A"),
        ({"exclude_cell_spec_id": "A"}, "CB"),
        ({"form_factor": "eq.form B"}, "B"),
        ({"form_factor": "ilike.FORM%", "order_by": "name", "order": "asc"}, "ABC"),
        ({"name": "in.(A,C)", "limit": 1, "offset": 1}, "A"),
        ({"project_id": "none"}, ""),
    ],
)
def test_specifications_are_found_by_material_form_and_name(shared_api, three, query, names):
    resolved = {
        name: [three.get(each, each) for each in value]
        if isinstance(value, list)
        else three.get(value, value)
        for name, value in query.items()
    }

    page = shared_api.get("/cell_specifications", params=resolved).json()

    assert "".join(item["name"] for item in page["items"]) == names
    assert page["count"] == len(names)


# ---------------------------------------------------------------- cells
def test_a_cell_lives_from_creation_to_deletion(api, spec):
    body = {
        "name": "M50-0001",
        "batch_id": "lot.7",
        "date_manufactured": "2026-05-01",
        "measured_properties": {"cell": {"mass": {"value": 68.4, "unit": "g"}}},
    }
    made = api.post(cells_of(spec), json=body)
    assert made.status_code == 201, made.text
    cell = made.json()
    path = f"/cell_instances/{cell['id']}"

    assert {name: cell[name] for name in body} == body
    assert cell["cell_specification_id"] == spec["id"]
    assert cell["batch_name"] == "lot.7"
    assert cell["measurement_ids"] == []
    assert api.get(path).json() == cell
    assert api.get(f"/cell_specifications/{spec['id']}").json()["instance_ids"] == [cell["id"]]
    changed = api.patch(path, json={"notes": "Dented on arrival."}).json()
    assert (changed["notes"], changed["name"]) == ("Dented on arrival.", "M50-0001")
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.patch(path, json={"notes": "x"}).status_code == 404


def test_a_name_of_a_cell_is_unique_in_its_specification(api, spec):
    first = api.post(cells_of(spec), json={"name": "1"}).json()
    second = api.post(cells_of(spec), json={"name": "2"}).json()
    other = api.post("/cell_specifications", json={"name": "other"}).json()

    again = api.post(cells_of(spec), json={"name": "1"})
    renamed = api.patch(f"/cell_instances/{second['id']}", json={"name": "1"})
    same = api.patch(f"/cell_instances/{first['id']}", json={"name": "1"})

    for reply in (again, renamed):
        assert (reply.status_code, reply.json()["detail"]) == (409, {"existing_id": first["id"]})
    assert same.status_code == 200
    assert api.post(cells_of(other), json={"name": "1"}).status_code == 201
    assert api.post(cells_of({"id": "none"}), json={"name": "1"}).status_code == 404


def test_a_batch_belongs_to_one_specification(api, spec):
    other = api.post("/cell_specifications", json={"name": "other"}).json()
    cell = api.post(cells_of(other), json={"name": "1"}).json()
    api.post(cells_of(spec), json={"name": "1", "batch_id": "lot 7"})

    made = api.post(cells_of(other), json={"name": "2", "batch_id": "lot 7"})
    moved = api.patch(f"/cell_instances/{cell['id']}", json={"batch_id": "lot 7"})

    for reply in (made, moved):
        assert reply.status_code == 400
        assert spec["id"] in reply.json()["message"]
    assert api.get(f"/cell_instances/{cell['id']}").json()["batch_id"] is None


def test_cells_are_listed_by_batch_and_name(api, spec):
    for name, batch in (("a1", "lot.7"), ("a2", "lot.8"), ("b1", "lot.7")):
        api.post(cells_of(spec), json={"name": name, "batch_id": batch})

    def listed(**query):
        page = api.get(cells_of(spec), params=query).json()
        return [item["name"] for item in page["items"]]

    assert listed() == ["b1", "a2", "a1"]
    assert listed(batch_id="lot.7") == ["b1", "a1"]
    assert listed(name="ilike.A%", order_by="name", order="asc") == ["a1", "a2"]
    assert listed(limit=1, offset=1) == ["a2"]
    assert listed(created_by_email="ilike.%x%") == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"batch": "lot 7"}, "body.batch: unknown field; valid fields: batch_id"),
        ({"date_manufactured": "May"}, "'May' is not an ISO 8601 date"),
        ({"measured_properties": [1]}, "measured_properties"),
    ],
)
def test_an_invalid_cell_is_rejected(api, spec, fields, words):
    reply = api.post(cells_of(spec), json={"name": "x", **fields})

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_records_in_use_cannot_be_deleted(api, spec):
    cell = api.post(cells_of(spec), json={"name": "1"}).json()
    body = {"name": "mass", "properties": {"mass": {"value": 68.4, "unit": "g"}}}
    path = f"/cell_instances/{cell['id']}/cell_measurements"
    measurement = api.post(f"{path}/create", json=body).json()

    for used in (f"/cell_specifications/{spec['id']}", f"/cell_instances/{cell['id']}"):
        reply = api.delete(used)
        assert reply.status_code == 409
        assert "in use" in reply.json()["message"]
    assert api.delete(f"/cell_measurements/{measurement['id']}").status_code == 204
    assert api.delete(f"/cell_instances/{cell['id']}").status_code == 204
    assert api.delete(f"/cell_specifications/{spec['id']}").status_code == 204
    assert api.get(f"/cell_specifications/{spec['id']}").status_code == 404
