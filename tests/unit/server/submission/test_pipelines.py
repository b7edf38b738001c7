"""Pipelines as they are submitted: what is rejected, and what is written out from the store."""

import io

import httpx
import polars as pl
import pytest

from ionworks.server.store.element_walk import ElementWalk
from tests.unit.server.engines import wait_until
from tests.unit.server.pipelines import (
    CHECK,
    ENTRY,
    FIT,
    elements_of,
    end,
    opened,
    result_of,
    submit,
)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """One engine for the module: each test reads only the pipelines it submits."""
    with opened(tmp_path_factory.mktemp("engine")) as client:
        yield client


def test_a_refused_configuration_stores_nothing(api):
    before = api.get("/pipelines").json()
    refused = {"fit": {**FIT, "refuse": "element 'fit', field 'cost': unknown cost 'RMS'"}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": refused})

    assert reply.status_code == 422
    assert "element 'fit', field 'cost': unknown cost 'RMS'" in reply.json()["message"]
    assert api.get("/pipelines").json() == before


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"elements": {}}, 422, "at least one element"),
        ({"elements": {"fit": {"objectives": {}}}}, 422, "body.elements.fit.element_type"),
        ({"elements": {"fit": FIT}, "project_id": "nowhere"}, 404, "nowhere"),
        ({"elements": {"fit": FIT}, "output_file": "x.json"}, 422, "output_file"),
        (
            {"elements": {"fit": {**FIT, "objectives": {"v": {"data": "db:nothing"}}}}},
            422,
            "body.elements.fit.objectives.v.data: there is no measurement with the id 'nothing'",
        ),
        (
            {"elements": {"fit": {**FIT, "options": {"parameterized_model_id": "nothing"}}}},
            404,
            "parameterized model",
        ),
        ({"elements": {"e": {"element_type": "entry", "pipeline_id": "nothing"}}}, 404, "nothing"),
        ({"elements": {"e": {"element_type": "entry", "cell_spec_id": "c"}}}, 404, "'c'"),
        (
            {"elements": {"e": {**ENTRY, "cell_spec_id": "c"}}},
            422,
            "body.elements.e.cell_spec_id: conflicts with 'values'",
        ),
    ],
)
def test_bad_submissions(api, body, status, words):
    reply = api.post("/pipelines", json={"project_id": "default", **body})
    assert reply.status_code == status, reply.text
    assert words in reply.json()["message"]


def test_a_simple_pipeline_takes_one_fit(api):
    body = {"project_id": "default", "config": {"elements": {"a": FIT, "b": CHECK}}}
    reply = api.post("/simple_pipelines", json=body)
    assert reply.status_code == 422
    assert "2 fits or validations (a, b)" in reply.json()["message"]


def test_models_and_earlier_values_are_written_out(api):
    earlier = submit(api, {"entry": ENTRY, "fit": FIT})
    end(api, earlier)
    elements = {
        "entry": {"element_type": "entry", "pipeline_id": earlier["id"], "keep": ["D"]},
        "fit": {
            **FIT,
            "objectives": {"v": {"options": {"parameterized_model_id": "spme-chen2020"}}},
        },
    }

    made = submit(api, elements)

    entry, fit = (each["job_config"] for each in elements_of(api, made))
    assert entry == {"element_type": "entry", "values": {"D": 0.125}}
    model = fit["objectives"]["v"]["options"]["model"]
    assert (model["type"], model["parameter_set"]) == ("SPMe", "Chen2020")
    unknown = {"entry": {**elements["entry"], "keep": ["F"]}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": unknown})
    assert reply.status_code == 422
    assert "['F']" in reply.json()["message"]


@pytest.fixture(scope="module")
def cell(api):
    """Id of a cell specification."""
    body = {
        "name": "M50",
        "project_id": "default",
        "ratings": {
            "capacity": {"value": 4850, "unit": "mAh"},
            "voltage_max": {"value": 4.2, "unit": "V"},
        },
        "anode": {
            "properties": {
                "thickness": {"value": 85.2, "unit": "um"},
                "loading [A.h]": {"value": 5.1, "unit": "Ah"},
            },
            "material": {"name": "Graphite", "definition": {"c_max": 33133}},
        },
    }
    return api.post("/cell_specifications", json=body).json()["id"]


def entry_of(api, **fields):
    """Return what an entry of a cell specification becomes."""
    made = submit(api, {"entry": {"element_type": "entry", **fields}})
    return elements_of(api, made)[0]["job_config"]


def test_ratings_of_a_cell_are_values(api, cell):
    found = entry_of(api, cell_spec_id=cell, source="the label")
    assert found["values"] == {
        "Nominal cell capacity [A.h]": pytest.approx(4.85),
        "Upper voltage cut-off [V]": 4.2,
    }
    assert found["provenance"]["Nominal cell capacity [A.h]"] == {
        "path": "ratings.capacity",
        "value": 4850,
        "unit": "mAh",
    }
    assert found["source"] == "the label"
    assert "cell_spec_id" not in found


def test_properties_of_a_cell_are_mapped(api, cell):
    mapping = {
        "Negative electrode thickness [m]": "anode.properties.thickness",
        "Negative electrode capacity [A.h]": "anode.properties.loading [A.h]",
        "Maximum concentration in negative electrode [mol.m-3]": "anode.properties.c_max",
        "Upper voltage cut-off [V]": "ratings.voltage_max.value",
    }
    found = entry_of(api, cell_spec_id=cell, mapping=mapping)
    assert list(found["values"].values()) == pytest.approx([85.2e-6, 5.1, 33133, 4.2])


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (
            {"a [m]": "cathode.thickness"},
            "no value at 'cathode.thickness'; paths with values: ratings",
        ),
        ({"a [m]": "ratings.capacity"}, "cannot convert 'mAh' to 'm': the dimensions differ"),
        ({"a [m]": "anode.material"}, "must be a number with a unit"),
        ({"a [m]": 3}, "has no path 3 for 'a [m]': give a text such as ratings.capacity"),
        ([], "is not a mapping of parameter names"),
    ],
)
def test_invalid_mappings_are_refused(api, cell, mapping, words):
    elements = {"e": {"element_type": "entry", "cell_spec_id": cell, "mapping": mapping}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": elements})
    assert reply.status_code == 422
    assert words in reply.json()["message"]


@pytest.fixture(scope="module")
def measurement(api):
    """Id of a measurement of two rows."""
    spec = api.post("/cell_specifications", json={"name": "S", "project_id": "default"}).json()
    cell = api.post(f"/cell_specifications/{spec['id']}/cell_instances", json={"name": "C"}).json()
    begun = api.post(
        f"/cell_instances/{cell['id']}/cell_measurements/initiate-upload",
        json={"measurement": {"name": "M"}},
    ).json()
    frame = pl.DataFrame(
        {
            "Time [s]": [0.0, 1.0],
            "Current [A]": [1.0, 1.0],
            "Voltage [V]": [4.0, 3.9],
            "Step count": [0, 0],
        }
    )
    target = begun["uploads"][0]["signed_url"]
    assert api.put(httpx.URL(target).raw_path.decode(), content=parquet(frame)).is_success
    reply = api.post(
        f"/cell_measurements/{begun['measurement_id']}/confirm-upload",
        json={"cell_instance_id": cell["id"], "measurement": {"name": "M"}},
    )
    assert reply.is_success, reply.text
    identifier = begun["measurement_id"]
    url = f"/cell_measurements/{identifier}"
    wait_until(lambda: api.get(url).json()["processing_status"] == "ready")
    return identifier


def parquet(frame):
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def test_a_stored_measurement_is_checked_and_passed_to_the_fit(api, measurement):
    reference = f"db:{measurement}"
    fit = {**FIT, "objectives": {"v": {"data": reference}}, "source": "db:no reference"}
    refused = {"fit": {**fit, "refuse": "{data}"}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": refused})
    columns = ["Time [s]", "Current [A]", "Voltage [V]", "Step count"]
    assert reply.json()["message"] == str({reference: (columns, 2)})

    made = submit(api, {"fit": fit})
    end(api, made)

    assert result_of(api, made)["element_results"]["fit"]["data"] == [reference]


# ---------------------------------------------------------------- the walk


def test_references_are_found_at_any_depth():
    walk = ElementWalk()
    elements = {
        "a": {"values": {"data": "db:1"}, "source": "db:no reference"},
        "b": {"objectives": {"v": {"data": {"data": "db:2"}}, "w": {"data": "entry.data"}}},
        "c": {"objectives": [{"data": "db:1", "options": {"parameterized_model_id": "m"}}]},
    }

    assert walk.visit(elements) == elements

    assert walk.references == ["db:1", "db:2"]
    assert walk.data[-1] == (("c", "objectives", 0, "data"), "db:1")
    [(place, model)] = walk.models
    assert (place, model) == (("c", "objectives", 0, "options"), {"parameterized_model_id": "m"})


def test_elements_are_walked_once_on_submission_and_once_when_they_start(
    api, measurement, monkeypatch
):
    visited = []
    visit = ElementWalk.visit

    def counted(walk, value, place=()):
        visited.append(place)
        return visit(walk, value, place)

    monkeypatch.setattr(ElementWalk, "visit", counted)
    model = {"options": {"parameterized_model_id": "spme-chen2020"}}
    objectives = {"v": {"data": f"db:{measurement}", **model}}
    elements = {"entry": ENTRY, "fit": {**FIT, "objectives": objectives}}
    # A pipeline that is rejected last of all never starts.
    refused = {"fit": {**elements["fit"], "refuse": "no"}}
    api.post("/pipelines", json={"project_id": "default", "elements": refused})
    assert visited.count(()) == 1
    assert len(visited) == len(set(visited))

    visited.clear()
    end(api, submit(api, elements))

    assert visited.count(()) == 2
