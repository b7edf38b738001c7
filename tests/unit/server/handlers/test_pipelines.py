"""Pipelines that run in the embedded engine: their states, results and curves."""

import pytest

from ionworks.server.jobs import queue as jobs_module
from tests.unit.server.engines import wait_until
from tests.unit.server.pipelines import (
    CHECK,
    ENTRY,
    FIT,
    elements_of,
    end,
    opened,
    orders,
    read,
    result_of,
    statuses,
    submit,
    submit_simple,
)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """One engine for the module: each test reads only the pipelines it submits."""
    with opened(tmp_path_factory.mktemp("engine")) as client:
        yield client


@pytest.fixture(autouse=True)
def fast_ticks(monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)


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


def test_a_pipeline_without_a_name_is_named_after_its_elements(api):
    made = submit(api, {"entry": ENTRY, "fit": FIT})
    assert made["name"] == "entry, fit"
    assert api.get(f"/pipelines/{made['id']}").json()["name"] == "entry, fit"
    assert submit_simple(api, {"fit": FIT}, name=None)["name"] == "fit"
    assert len(submit(api, {"a" * 200: ENTRY, "b" * 200: FIT})["name"]) == 255


def test_fields_left_in_a_simple_configuration_give_way_to_those_beside_it(api):
    left = {"name": "inside", "description": "inside", "project_id": "inside"}
    made = submit_simple(api, {"fit": FIT}, config=left, name="beside")
    assert (made["name"], made["description"]) == ("beside", "inside")
    assert made["project_id"] != "inside"
    with pytest.raises(AssertionError, match="valid fields: description, elements"):
        submit_simple(api, {"fit": FIT}, config={"nmae": "x"})


def test_a_simple_validation_has_summary_stats(api):
    ended = end(api, submit_simple(api, {"check": CHECK}), "simple_pipelines")
    assert ended["result"]["summary_stats"] == {"voltage": {"RMSE": 0.5}}
    assert api.get(f"/jobs/{ended['job_id']}").json()["job_type"] == "validation"


def test_legacy_labels_run_and_unknown_types_fail_with_the_accepted_types(api):
    old = {"entry": {**ENTRY, "element_type": "Direct Entry"}}
    old["fit"] = {**FIT, "element_type": "datafit"}
    assert end(api, submit_simple(api, old), "simple_pipelines")["status"] == "completed"

    odd = submit_simple(api, {"magic": {"element_type": "magic"}, "fit": FIT})
    ended = end(api, odd, "simple_pipelines")

    assert (ended["status"], ended["error_code"]) == ("failed", "CONFIGURATION_ERROR")
    assert ended["error"].startswith("ValueError: ")
    for kind in ("'magic'", "entry", "data_fit", "'datafit'", "calculation", "validation"):
        assert kind in ended["error"]


def test_a_failed_element_is_named_and_earlier_results_are_kept(api):
    elements = {"entry": ENTRY, "fit": orders(fail="no bounds"), "check": CHECK}
    made = submit(api, elements)

    ended = end(api, made)

    assert (ended["status"], ended["is_failed"]) == ("failed", True)
    assert ended["error"] == "ValueError: element 'fit': no bounds"
    assert statuses(api, made) == ["completed", "failed", "skipped"]
    assert [each["error"] for each in elements_of(api, made)] == [None, ended["error"], None]
    assert list(result_of(api, made)["element_results"]) == ["entry"]


def test_a_solver_failure_has_its_error_code(api):
    ended = end(api, submit(api, {"fit": orders(**{"break": True})}))
    assert (ended["error"], ended["error_code"]) == (
        "RuntimeError: the solver gave up",
        "SOLVER_ERROR",
    )


def test_without_live_updates_no_step_is_stored(api):
    options = {"live_progress_updates": False}
    made = submit_simple(api, {"fit": FIT}, options=options)
    ended = end(api, made, "simple_pipelines")

    assert ended["options"] == options
    assert ended["result"]["cost"] == 0.5
    metadata = api.get(f"/jobs/{made['job_id']}/metadata").json()
    assert metadata["intermediate_results"] == []


def test_progress_is_visible_during_the_fit(api):
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


def test_an_element_is_a_job_inside_the_job_of_its_pipeline(api):
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


@pytest.fixture(scope="module")
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
def test_unknown_series_are_refused(api, curved, query, status, words):
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
