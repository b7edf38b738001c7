"""Pipelines in the embedded engine: stored, run as jobs, followed, canceled, taken up again.

The elements here do what they are told instead of physics; see `tests.unit.server.quick_worker`.
"""

import json

import httpx
import polars as pl
import pytest

from ionworks.server.jobs import queue as jobs_module
from ionworks.server.store.pipeline_tables import pipeline_elements, pipelines
from ionworks.server.store.tables import jobs, submissions
from tests.unit.server.engines import client_of, wait_until

ENTRY = {"element_type": "entry", "values": {"D": 3.0, "E": 1.0}}
FIT = {"element_type": "data_fit", "objectives": {}, "orders": {"steps": 3}}
CHECK = {"element_type": "validation", "objectives": {}}


@pytest.fixture(autouse=True)
def fast_ticks(monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)


def orders(**given):
    return {**FIT, "orders": given}


def submit(api, elements, **fields):
    body = {"project_id": "default", "options": {}, "elements": elements, **fields}
    reply = api.post("/pipelines", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def submit_simple(api, elements, **fields):
    body = {"project_id": "default", "config": {"elements": elements}, **fields}
    reply = api.post("/simple_pipelines", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def read(api, pipeline, kind="pipelines"):
    return api.get(f"/{kind}/{pipeline['id']}").json()


def end(api, pipeline, kind="pipelines"):
    wait_until(lambda: read(api, pipeline, kind)["is_terminal"])
    return read(api, pipeline, kind)


def elements_of(api, pipeline):
    return api.get(f"/pipelines/{pipeline['id']}/elements").json()


def statuses(api, pipeline):
    return [each["status"] for each in elements_of(api, pipeline)]


def result_of(api, pipeline):
    return api.get(f"/pipelines/{pipeline['id']}/result").json()


# ---------------------------------------------------------------- running


def test_a_pipeline_starts_pending_and_ends_with_all_elements(api):
    made = submit(api, {"entry": ENTRY, "fit": FIT, "check": CHECK}, name="three")

    assert (made["status"], made["is_terminal"], made["name"]) == ("pending", False, "three")
    assert [each["status"] for each in made["elements"]] == ["pending"] * 3
    ended = end(api, made)

    assert (ended["status"], ended["is_failed"], ended["error"]) == ("completed", False, None)
    listed = elements_of(api, made)
    assert [(e["name"], e["element_order"], e["element_type"], e["status"]) for e in listed] == [
        ("entry", 1, "Direct Entry", "completed"),
        ("fit", 2, "Data Fit", "completed"),
        ("check", 3, "Validation", "completed"),
    ]
    assert listed[1]["job_config"] == FIT
    result = result_of(api, made)
    assert result["result"] == {"parameter_values": {"D": 0.125, "E": 1.0}, "notes": ["a note"]}
    assert list(result["element_results"]) == ["entry", "fit", "check"]
    fit = result["element_results"]["fit"]
    assert (fit["type"], fit["cost"], fit["threads"]) == ("OptimizationResult", 0.5, 1)
    assert fit["job_id"] == listed[1]["job_id"]
    assert result["element_results"]["check"]["summary_stats"] == {"voltage": {"RMSE": 0.5}}


def test_a_simple_pipeline_has_a_flat_result(api):
    elements = {"initial_params": ENTRY, "fit": FIT}
    made = submit_simple(api, elements, name="one", description="D")
    assert (made["status"], made["description"], made["result"]) == ("pending", "D", None)

    ended = end(api, made, "simple_pipelines")

    assert ended["result"]["parameter_values"] == {"D": 0.125}
    assert (ended["result"]["cost"], ended["result"]["notes"]) == (0.5, ["a note"])
    assert ended["progress"]["best_cost"] == pytest.approx(1 / 3)
    job = api.get(f"/jobs/{made['job_id']}").json()
    assert (job["status"], job["job_type"]) == ("completed", "datafit")
    metadata = api.get(f"/jobs/{made['job_id']}/metadata").json()
    assert [each["best_cost"] for each in metadata["intermediate_results"]] == [1.0, 0.5, 1 / 3]


def test_a_simple_validation_has_summary_stats(api):
    ended = end(api, submit_simple(api, {"check": CHECK}), "simple_pipelines")
    assert ended["result"]["summary_stats"] == {"voltage": {"RMSE": 0.5}}
    assert api.get(f"/jobs/{ended['job_id']}").json()["job_type"] == "validation"


def test_legacy_labels_run_and_unknown_types_fail_the_job_with_what_is_accepted(api):
    old = {"entry": {**ENTRY, "element_type": "Direct Entry"}}
    old["fit"] = {**FIT, "element_type": "datafit"}
    assert end(api, submit_simple(api, old), "simple_pipelines")["status"] == "completed"

    odd = submit_simple(api, {"magic": {"element_type": "magic"}, "fit": FIT})
    ended = end(api, odd, "simple_pipelines")

    assert (ended["status"], ended["error_code"]) == ("failed", "CONFIGURATION_ERROR")
    assert ended["error"].startswith("ValueError: ")
    for kind in ("'magic'", "entry", "data_fit", "'datafit'", "calculation", "validation"):
        assert kind in ended["error"]


def test_a_failed_element_is_named_and_what_was_before_it_is_kept(api):
    elements = {"entry": ENTRY, "fit": orders(fail="no bounds"), "check": CHECK}
    made = submit(api, elements)

    ended = end(api, made)

    assert (ended["status"], ended["is_failed"]) == ("failed", True)
    assert ended["error"] == "ValueError: element 'fit': no bounds"
    assert statuses(api, made) == ["completed", "failed", "skipped"]
    assert [each["error"] for each in elements_of(api, made)] == [None, ended["error"], None]
    assert list(result_of(api, made)["element_results"]) == ["entry"]


def test_a_solver_that_gives_up_is_told_apart(api):
    ended = end(api, submit(api, {"fit": orders(**{"break": True})}))
    assert (ended["error"], ended["error_code"]) == (
        "RuntimeError: the solver gave up",
        "SOLVER_ERROR",
    )


def test_without_live_updates_no_step_is_kept(api):
    options = {"live_progress_updates": False}
    made = submit_simple(api, {"fit": FIT}, options=options)
    ended = end(api, made, "simple_pipelines")

    assert ended["options"] == options
    assert ended["result"]["cost"] == 0.5
    metadata = api.get(f"/jobs/{made['job_id']}/metadata").json()
    assert metadata["intermediate_results"] == []


def test_progress_is_seen_while_the_fit_goes_on(api):
    made = submit(api, {"entry": ENTRY, "fit": orders(steps=4, stall=True)})

    wait_until(lambda: (elements_of(api, made)[1]["progress"] or {}).get("best_cost") == 0.25)

    assert statuses(api, made) == ["completed", "running"]
    assert read(api, made)["status"] == "running"
    assert api.get(f"/pipelines/{made['id']}/result").status_code == 404
    element = elements_of(api, made)[1]
    assert element["progress"]["evaluations"] == 30
    metadata = api.get(f"/jobs/{element['job_id']}/metadata").json()
    assert len(metadata["intermediate_results"]) == 4
    api.post(f"/pipelines/{made['id']}/cancel", json={})


def test_an_element_is_a_job_within_the_pipelines(api):
    made = submit(api, {"entry": ENTRY, "fit": FIT})
    end(api, made)
    entry, fit = elements_of(api, made)

    job = api.get(f"/jobs/{fit['job_id']}").json()

    assert (job["job_id"], job["job_type"], job["status"]) == (
        fit["job_id"],
        "datafit",
        "completed",
    )
    parent = api.get(f"/jobs/{job['parent_job_id']}").json()
    assert parent["job_type"] == "pipeline"
    assert entry["job_id"] != fit["job_id"]
    assert api.get(f"/jobs/{entry['job_id']}/series/channels").json() == {}
    assert api.get(f"/jobs/{entry['job_id']}/metadata").status_code == 404
    assert api.get("/jobs/nothing/series/channels").status_code == 404


# ---------------------------------------------------------------- curves


@pytest.fixture
def curved(api):
    made = submit_simple(api, {"fit": FIT})
    return end(api, made, "simple_pipelines")["job_id"]


def test_channels_and_series_of_a_fit(api, curved):
    names = ["Time [s]", "Voltage [V]", "Voltage [V] (data)"]
    assert api.get(f"/jobs/{curved}/series/channels").json() == {
        "voltage": {"optimal": names, "baseline": names}
    }
    url = f"/jobs/{curved}/series?objective=voltage"
    series = api.get(url).json()
    assert list(series) == names
    assert (len(series["Time [s]"]), series["Voltage [V]"][5]) == (1001, 4.0)
    assert api.get(f"{url}&source=baseline").json()["Voltage [V]"][5] == 3.0
    few = api.get(f"{url}&max_points=11&columns=Time [s]").json()
    assert few == {"Time [s]": [float(100 * n) for n in range(11)]}
    part = api.get(f"{url}&x_min=10&x_max=12").json()
    assert part["Voltage [V] (data)"] == [3.99, 3.989, 3.988]
    by_voltage = api.get(f"{url}&x_column=Voltage [V] (data)&x_min=3.9995").json()
    assert by_voltage["Time [s]"] == [0.0]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("objective=current", 404, "'voltage'"),
        ("objective=voltage&columns=Power [W]", 422, "Voltage [V]"),
        ("objective=voltage&x_column=Power [W]", 422, "Voltage [V]"),
        ("source=optimal", 422, "objective"),
    ],
)
def test_series_that_are_not_there(api, curved, query, status, words):
    reply = api.get(f"/jobs/{curved}/series?{query}")
    assert reply.status_code == status
    assert words in reply.text


def test_a_plot_has_data_model_and_initial_guess(api, curved):
    url = f"/pipelines/datafits/{curved}/plot_data?objective_name=voltage"
    plot = api.get(f"{url}&max_points=101").json()

    assert [trace["name"] for trace in plot["traces"]] == ["data", "model", "initial guess"]
    assert [len(trace["x"]) for trace in plot["traces"]] == [101] * 3
    assert plot["traces"][0]["y"][-1] == 3.0
    assert plot["layout"]["xaxis"] == {"title": "Time [s]", "range": [0.0, 1000.0]}
    assert plot["layout"]["yaxis"] == {"title": "Voltage [V]"}
    assert api.get(f"{url}&plot_index=1").status_code == 404
    metadata = api.get(f"/jobs/{curved}/metadata").json()
    assert metadata["validation_plot_config"] == {
        "objectives": {"voltage": {"plot_count": 1, "type": "CurrentDriven"}}
    }


# ---------------------------------------------------------------- canceling


def test_a_canceled_fit_hands_in_its_best_point_before_the_reply(api):
    made = submit(api, {"entry": ENTRY, "fit": orders(steps=2, stall=True), "check": CHECK})
    wait_until(lambda: (elements_of(api, made)[1]["progress"] or {}).get("best_cost") == 0.5)

    canceled = api.post(f"/pipelines/{made['id']}/cancel", json={}).json()

    assert (canceled["status"], canceled["is_terminal"]) == ("canceled", True)
    assert statuses(api, made) == ["completed", "canceled", "canceled"]
    result = result_of(api, made)["element_results"]
    assert result["fit"]["parameter_values"] == {"D": 0.125}
    assert "message" not in result["fit"]
    again = api.post(f"/pipelines/{made['id']}/cancel", json={}).json()
    assert again["status"] == "canceled"


def test_of_a_fit_that_does_not_listen_the_last_step_is_kept(app, api, monkeypatch):
    monkeypatch.setattr("ionworks.server.jobs.pipelines.PipelineJobs.patience", 0.1)
    made = submit_simple(api, {"fit": orders(steps=2, deaf=True)})
    wait_until(lambda: (read(api, made, "simple_pipelines")["progress"] or {}).get("cost") == 0.5)

    canceled = api.post(f"/simple_pipelines/{made['id']}/cancel", json={}).json()

    assert canceled["status"] == "canceled"
    assert canceled["result"]["parameter_values"] == {"D": 0.5}
    assert (canceled["result"]["cost"], canceled["result"]["success"]) == (0.5, False)
    assert "best point" in canceled["result"]["message"]
    # The worker was killed for it; the next pipeline gets another.
    assert end(api, submit(api, {"entry": ENTRY}))["status"] == "completed"


def test_a_waiting_pipeline_is_canceled_at_once(api):
    busy = submit(api, {"fit": orders(stall=True)})
    wait_until(lambda: read(api, busy)["status"] == "running")
    waiting = submit(api, {"fit": FIT})
    assert api.post(f"/jobs/{elements_of(api, waiting)[0]['job_id']}/cancel", json={}).json()[
        "is_failed"
    ]
    assert read(api, waiting)["status"] == "canceled"
    assert statuses(api, waiting) == ["canceled"]
    api.post(f"/pipelines/{busy['id']}/cancel", json={})


def test_deleting_a_running_pipeline_leaves_nothing_behind(app, api):
    made = submit(api, {"entry": ENTRY, "fit": orders(steps=1, stall=True)})
    wait_until(lambda: statuses(api, made) == ["completed", "running"])

    assert api.delete(f"/pipelines/{made['id']}").status_code == 204

    assert api.get(f"/pipelines/{made['id']}").status_code == 404
    for table in (pipelines, pipeline_elements, jobs, submissions):
        with app.services.store.reading() as connection:
            assert connection.execute(table.select()).all() == []
    assert end(api, submit(api, {"entry": ENTRY}))["status"] == "completed"
    wait_until(lambda: not list((app.folder / "blobs").glob(f"pipelines/*/{made['id']}")))


# ---------------------------------------------------------------- taken up again


def counts(app, name):
    path = app.folder / "blobs" / "elements.txt"
    return path.read_text().split().count(name)


def test_finished_elements_are_not_run_again_after_the_worker_died(app, api):
    made = submit(api, {"entry": ENTRY, "first": FIT, "second": orders(**{"crash once": True})})

    assert end(api, made)["status"] == "completed"

    assert [counts(app, name) for name in ("entry", "first", "second")] == [1, 1, 2]
    assert list(result_of(api, made)["element_results"]) == ["entry", "first", "second"]
    steps = api.get(f"/jobs/{elements_of(api, made)[1]['job_id']}/metadata").json()
    assert len(steps["intermediate_results"]) == 3


def test_a_pipeline_under_way_goes_on_when_the_folder_is_opened_again(open_app):
    first = open_app()
    with client_of(first) as api:
        made = submit(api, {"entry": ENTRY, "fit": FIT, "slow": orders(steps=2, stall=True)})
        wait_until(lambda: statuses(api, made) == ["completed", "completed", "running"])
    first.close()

    second = open_app()
    with client_of(second) as api:
        wait_until(lambda: counts(second, "slow") == 2)
        wait_until(lambda: statuses(api, made) == ["completed", "completed", "running"])
        assert counts(second, "fit") == 1
        api.post(f"/pipelines/{made['id']}/cancel", json={})
        assert list(result_of(api, made)["element_results"]) == ["entry", "fit", "slow"]


# ---------------------------------------------------------------- submission


def test_a_refused_configuration_stores_nothing(app, api):
    refused = {"fit": {**FIT, "refuse": "element 'fit', field 'cost': unknown cost 'RMS'"}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": refused})

    assert reply.status_code == 422
    assert "element 'fit', field 'cost': unknown cost 'RMS'" in reply.json()["message"]
    assert api.get("/pipelines").json() == {"pipelines": [], "total": 0}


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
            "body.elements.e.cell_spec_id: stands beside 'values'",
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


@pytest.fixture
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
        ({"a [m]": "cathode.thickness"}, "has nothing at 'cathode.thickness'; it has ratings.cap"),
        ({"a [m]": "ratings.capacity"}, "'mAh' is no unit of what is measured in 'm'"),
        ({"a [m]": "anode.material"}, "no number with a unit"),
        ({"a [m]": 3}, "has no place 3 for 'a [m]': give one such as ratings.capacity"),
        ([], "is no mapping of parameter names"),
    ],
)
def test_mappings_that_lead_nowhere(api, cell, mapping, words):
    elements = {"e": {"element_type": "entry", "cell_spec_id": cell, "mapping": mapping}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": elements})
    assert reply.status_code == 422
    assert words in reply.json()["message"]


@pytest.fixture
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
    import io

    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def test_a_stored_measurement_is_checked_and_handed_to_the_fit(api, measurement):
    reference = f"db:{measurement}"
    fit = {**FIT, "objectives": {"v": {"data": reference}}, "source": "db:no reference"}
    refused = {"fit": {**fit, "refuse": "{data}"}}
    reply = api.post("/pipelines", json={"project_id": "default", "elements": refused})
    columns = ["Time [s]", "Current [A]", "Voltage [V]", "Step count"]
    assert reply.json()["message"] == str({reference: (columns, 2)})

    made = submit(api, {"fit": fit})
    end(api, made)

    assert result_of(api, made)["element_results"]["fit"]["data"] == [reference]


# ---------------------------------------------------------------- lists and changes


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


def test_ten_simple_pipelines_are_listed_without_a_limit(api):
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


def test_elements_keep_their_order_on_the_way(api):
    names = ["z", "a", "m", "b"]
    made = submit(api, dict.fromkeys(names, ENTRY))
    assert [each["name"] for each in elements_of(api, made)] == names
    assert list(json.loads(api.get(f"/pipelines/{made['id']}").text)) != []
