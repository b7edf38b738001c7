"""Submitting, following, listing, reading and deleting simulations."""

import io

import polars as pl
import pytest

from ionworks.server.http.signed_links import Links
from tests.object_store import files_at
from tests.unit.server.engines import finish, grid, statuses, submit, wait_until

BATCH = "/simulations/with-template/batch"
PARQUET = {"Accept": "application/vnd.apache.parquet"}


def test_a_batch_runs_every_point_and_keeps_the_order(shared_api, shared_template):
    submissions = submit(
        shared_api, shared_template, design_parameters_doe=grid(thickness=range(60))
    )

    simulations = finish(shared_api, submissions)

    assert len({item["simulation_id"] for item in submissions}) == 60
    assert not any(item["already_existed"] for item in submissions)
    assert [s["design_parameters"]["thickness"] for s in simulations] == list(range(60))
    for simulation in simulations:
        assert simulation["status"] == "completed"
        frame = pl.read_parquet(io.BytesIO(download(shared_api, simulation, "time_series")))
        assert frame["Voltage [V]"][1] == simulation["design_parameters"]["thickness"]


def download(api, simulation, name):
    reply = api.get(f"/simulations/{simulation['id']}/{name}/download", headers=PARQUET)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == PARQUET["Accept"]
    return reply.content


def test_experiment_parameters_are_combined_with_the_design(shared_api, shared_template):
    submissions = submit(
        shared_api,
        shared_template,
        experiment_parameter_sets=[{"rate": 1}, {"rate": 2}],
        design_parameters_doe=grid(thickness=[5, 6]),
    )

    simulations = finish(shared_api, submissions)

    assert [
        (s["experiment_parameters"]["rate"], s["design_parameters"]["thickness"])
        for s in simulations
    ] == [(1, 5), (1, 6), (2, 5), (2, 6)]


def test_each_condition_is_a_run_with_the_shared_parameters(shared_api, shared_template):
    submissions = submit(
        shared_api,
        shared_template,
        experiment_parameter_sets=[{"rate": 1, "soc": 0.5}],
        conditions=[
            {"experiment_parameters": {"rate": 2}, "design_parameters": {}},
            {"experiment_parameters": {}, "design_parameters": {"thickness": 3}},
        ],
    )

    simulations = finish(shared_api, submissions)

    assert [s["experiment_parameters"] for s in simulations] == [
        {"rate": 2, "soc": 0.5},
        {"rate": 1, "soc": 0.5},
    ]
    assert [s["design_parameters"] for s in simulations] == [{}, {"thickness": 3}]


def test_the_drawn_seed_is_stored_and_gives_the_same_runs_again(shared_api, shared_template):
    row = {"type": "range", "name": "thickness", "min": 1, "max": 2}
    design = {"sampling": "latin_hypercube", "rows": [row], "count": 3}

    first = submit(shared_api, shared_template, design_parameters_doe=design)
    (seed,) = {each["seed"] for each in first}
    again = submit(shared_api, shared_template, design_parameters_doe={**design, "seed": seed})

    def runs(submissions):
        found = [shared_api.get(f"/simulations/{each['simulation_id']}") for each in submissions]
        return [each.json()["design"] for each in found]

    assert isinstance(seed, int)
    assert runs(first) == runs(again)
    assert {each["seed"] for each in runs(first)} == {seed}
    other = submit(shared_api, shared_template, design_parameters_doe=design)
    assert runs(other) != runs(first)
    certain = submit(shared_api, shared_template, design_parameters_doe=grid(thickness=[5]))
    assert certain[0]["seed"] is None


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"design_parameters_doe": grid(thicknes=[1])}, 422, "unknown parameter 'thicknes'"),
        ({"parameterized_model": "none"}, 404, "'none'"),
        ({"experiment_template_id": "none"}, 404, "'none'"),
        ({"project_id": "none"}, 404, "'none'"),
        ({"study_id": "none"}, 404, "no study"),
        ({"parameterized_model": {"quick_model": {"chemistry": "Zn/Air"}}}, 422, "LFP/Graphite"),
        ({"parameterized_model": {"quick_model": {"cell_spec_id": "c"}}}, 404, "'c'"),
        ({"parameterized_model": {"model_id": "spm", "parameters": {}}}, 422, "Chen2020"),
        (
            {"parameterized_model": {"model_id": "none", "parameters": {}}},
            404,
            "'none'",
        ),
        (
            {"parameterized_model": {"model_id": "spm", "parameters": {"parameter_set": "X"}}},
            422,
            "Chen2020",
        ),
        (
            {"parameterized_model": {"model_id": "spm", "parameters": {"OCV": "4 V"}}},
            422,
            "parameters.OCV",
        ),
        (
            {"parameterized_model": {"model_id": "spm", "parameters": {"thickness": 13}}},
            422,
            "unlucky",
        ),
        (
            {
                "design_parameters_doe": {
                    "sampling": "grid",
                    "rows": [{"type": "range", "name": "thickness", "min": 2, "max": 1}],
                }
            },
            422,
            "min",
        ),
        (
            {
                "conditions": [{"experiment_parameters": {}, "design_parameters": {}}],
                "design_parameters_doe": grid(thickness=[1]),
            },
            400,
            "exclude each other",
        ),
        (
            {
                "conditions": [{"experiment_parameters": {}, "design_parameters": {}}],
                "experiment_parameter_sets": [{}, {}],
            },
            400,
            "not 2",
        ),
    ],
)
def test_an_invalid_submission_is_rejected_and_stores_nothing(
    shared_api, shared_template, fields, status, words
):
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": shared_template,
        "experiment_parameter_sets": [{}],
        **fields,
    }

    before = stored(shared_api)

    reply = shared_api.post(BATCH, json=body)

    assert reply.status_code == status, reply.text
    assert words in reply.json()["message"]
    assert stored(shared_api) == before


def stored(api):
    """Return the number of simulations and the ids of the jobs."""
    jobs = api.get("/jobs/").json()
    return api.get("/simulations").json()["total"], [job["job_id"] for job in jobs]


@pytest.mark.parametrize(
    "model",
    [
        {"quick_model": {"capacity": 2.0, "chemistry": "LFP/Graphite"}},
        {"model_id": "dfn", "parameters": {"parameter_set": "Chen2020", "thickness": 2}},
        {"model_id": "spm-chen2020", "parameters": {"thickness": 2}},
    ],
)
def test_a_model_may_be_given_inline(shared_api, shared_template, model):
    [simulation] = finish(
        shared_api, submit(shared_api, shared_template, parameterized_model=model)
    )

    assert simulation["status"] == "completed"
    assert simulation["parameterized_model_id"] is None


def test_a_run_that_fails_has_its_error_and_does_not_affect_others(shared_api, shared_template):
    submissions = submit(shared_api, shared_template, design_parameters_doe=grid(fail=[0, 1, 0]))

    simulations = finish(shared_api, submissions)

    assert [s["status"] for s in simulations] == ["completed", "failed", "completed"]
    assert simulations[1]["error"] == "the solver gave up"
    assert simulations[1]["error_code"] == "SOLVER_ERROR"
    assert [bool(s["storage_folder"]) for s in simulations] == [True, False, True]
    job = shared_api.get(f"/jobs/{simulations[1]['job_id']}").json()
    assert (job["is_terminal"], job["is_failed"], job["error"]) == (
        True,
        True,
        "the solver gave up",
    )
    reply = shared_api.get(f"/simulations/{simulations[1]['id']}/time_series/download")
    assert reply.status_code == 404


def test_statuses_are_in_the_order_of_the_request_without_unknown_ids(shared_api, shared_template):
    submissions = submit(
        shared_api, shared_template, design_parameters_doe=grid(thickness=range(4))
    )
    ids = [item["simulation_id"] for item in submissions]
    asked = [ids[2], "none", ids[0], ids[3]]

    reply = shared_api.post("/simulations/statuses", json={"simulation_ids": asked}).json()
    part = {"simulation_ids": asked, "limit": 2.0, "offset": 1}

    assert [status["simulation_id"] for status in reply] == [ids[2], ids[0], ids[3]]
    shown = shared_api.post("/simulations/statuses", json=part).json()
    assert [status["simulation_id"] for status in shown] == [ids[0]]


def test_a_list_is_filtered_and_paged_newest_first(api, template):
    first = submit(api, template, design_parameters_doe=grid(fail=[0, 1]))
    second = submit(api, template, parameterized_model="dfn-chen2020")
    finish(api, first + second)

    def ids(**query):
        page = api.get("/simulations", params=query).json()
        return [simulation["id"] for simulation in page["simulations"]], page["total"]

    a, b, c = (item["simulation_id"] for item in first + second)
    assert ids() == ([c, b, a], 3)
    assert ids(limit=1, offset=1) == ([b], 3)
    assert ids(state="failed") == ([b], 1)
    assert ids(state="completed") == ([c, a], 2)
    assert ids(state="running") == ([], 0)
    assert ids(parameterized_model_id="dfn-chen2020") == ([c], 1)
    assert ids(experiment_template_id=template) == ([c, b, a], 3)
    summary = api.get("/simulations", params={"summary": True}).json()
    assert summary["model_scalar_parameters"] == {"dfn-chen2020": {}, "spm-chen2020": {}}
    assert "simulation_data" not in summary["simulations"][0]
    assert summary["simulations"][2]["design"] == {
        "design_parameters": {"fail": 0.0},
        "seed": None,
    }


def test_results_are_available_as_json(shared_api, shared_template):
    [simulation] = finish(
        shared_api, submit(shared_api, shared_template, design_parameters_doe=grid(thickness=[3]))
    )

    result = shared_api.get(f"/simulations/{simulation['id']}/result").json()

    assert result["time_series"] == {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, 3.0]}
    assert result["steps"] == {"a": [1]}
    assert result["metrics"] == simulation["metrics"]


@pytest.mark.parametrize("name", ["time_series", "steps"])
def test_a_missing_result_file_is_an_error(shared_app, shared_api, shared_template, name):
    [simulation] = finish(shared_api, submit(shared_api, shared_template))
    shared_app.services.store.blobs.remove(f"{simulation['storage_folder']}/{name}.parquet")

    reply = shared_api.get(f"/simulations/{simulation['id']}/result")

    assert reply.status_code == 410
    assert f"{name}.parquet" in reply.json()["message"]


def test_a_download_that_does_not_accept_parquet_redirects_to_a_link(shared_api, shared_template):
    [simulation] = finish(shared_api, submit(shared_api, shared_template))

    reply = shared_api.get(f"/simulations/{simulation['id']}/steps/download")

    assert reply.status_code == 307
    assert reply.headers["location"].startswith("http://ionworks.local/storage/")
    assert shared_api.get(reply.headers["location"]).content == download(
        shared_api, simulation, "steps"
    )


def test_a_link_needs_no_key(open_app, template_of):
    app = open_app(api_key="secret")
    from tests.unit.server.engines import client_of

    key = {"X-API-Key": "secret"}
    with client_of(app) as api:
        api.headers.update(key)
        [simulation] = finish(api, submit(api, template_of(app)))
        location = api.get(f"/simulations/{simulation['id']}/steps/download").headers["location"]
    with client_of(app) as stranger:
        assert stranger.get(location).status_code == 200
        assert stranger.get(f"/simulations/{simulation['id']}").status_code == 401


def test_an_expired_or_forged_link_is_403(app, api, template, monkeypatch):
    [simulation] = finish(api, submit(api, template))
    location = api.get(f"/simulations/{simulation['id']}/steps/download").headers["location"]
    key = app.services.links.key(location.rpartition("/")[2])

    forged = api.get(f"/storage/{Links().token(key)}")
    assert (forged.status_code, forged.json()["error_code"]) == (403, "FORBIDDEN")
    # With a negative lifetime a link has expired when it is made.
    monkeypatch.setattr(app.services.links, "_lifetime", -1)
    expired = api.get(location)
    assert expired.status_code == 403
    assert "expired" in expired.json()["message"]


def test_a_link_cannot_leave_the_folder_of_results(shared_app, shared_api):
    token = shared_app.services.links.token("../ionworks.sqlite")

    assert shared_api.get(f"/storage/{token}").status_code == 404


def test_deleting_removes_records_and_results(app, api, template):
    submissions = submit(api, template, design_parameters_doe=grid(thickness=[1, 2]))
    first, second = finish(api, submissions)
    blobs, folder = app.services.store.blobs, first["storage_folder"]
    assert len(files_at(blobs, folder)) == 2

    reply = api.delete(f"/simulations/{first['id']}")

    assert (reply.status_code, reply.content) == (204, b"")
    assert files_at(blobs, folder) == []
    assert api.get(f"/simulations/{first['id']}").status_code == 404
    assert api.get(f"/jobs/{first['job_id']}").status_code == 404
    assert api.delete(f"/simulations/{first['id']}").status_code == 404
    assert download(api, second, "steps")


def test_a_simulation_is_kept_when_its_protocol_is_deleted(api, template):
    [simulation] = finish(api, submit(api, template))

    assert api.delete(f"/experiment_templates/{template}").status_code == 204
    after = api.get(f"/simulations/{simulation['id']}").json()

    assert after["experiment_template_id"] is None
    assert after["status"] == "completed"


def test_a_large_batch_does_not_delay_a_small_one(api, template):
    big = submit(api, template, design_parameters_doe=grid(wait=[0.02], thickness=range(100)))
    small = submit(api, template)

    wait_until(lambda: statuses(api, small) == ["completed"])

    assert "pending" in statuses(api, big)


def test_notes_are_in_the_reply_and_stay_on_the_record(shared_api, shared_template):
    thin = {"category": "parameters", "message": "thin"}

    submissions = submit(
        shared_api, shared_template, design_parameters_doe=grid(thickness=[0.25, 0.5])
    )
    finish(shared_api, submissions)

    assert [submission["notes"] for submission in submissions] == [[thin], []]
    listed = shared_api.get("/simulations", params={"limit": 2}).json()["simulations"]
    assert [simulation["notes"] for simulation in listed] == [[], [thin]]
    document = shared_api.get(f"/simulations/{submissions[0]['simulation_id']}/result").json()
    assert document["notes"] == [thin]


def test_warnings_about_a_protocol_are_notes_of_its_simulations(shared_api):
    text = "global: {temperature: 298.15}\nsteps: [{Rest: {duration: 1}}]"
    body = {"protocol_experiment": {"protocol": text, "name": "Hot"}}
    template = shared_api.post("/protocols/parse-to-template", json=body).json()["template_id"]

    [submission] = submit(shared_api, template)

    [note] = submission["notes"]
    assert note["category"] == "protocol"
    assert note["message"] == (
        "global.temperature: 298.15 degC is very hot; if this is in kelvin, write 25"
        " (W-temp, line 1, column 23)"
    )


def test_the_defaults_of_a_schema_are_the_values_that_are_not_given(shared_api):
    inputs = {"properties": {"rate": {"default": 0.5}, "end": {"default": "V_MIN"}}}
    steps = [
        {
            "Discharge": {
                "mode": "C-rate",
                "value": "input['rate']",
                "ends": ["Voltage < input['end']"],
            }
        }
    ]
    body = {"name": "defaults", "protocol_config": {"steps": steps}, "parameters_schema": inputs}
    template = shared_api.post("/experiment_templates", json=body).json()["id"]

    [simulation] = finish(
        shared_api, submit(shared_api, template, experiment_parameter_sets=[{"rate": 2}])
    )

    assert simulation["experiment_parameters"] == {"rate": 2, "end": "V_MIN"}
    other = {**body, "parameters_schema": {"properties": {"rate": {"default": 1}}}}
    assert shared_api.post("/experiment_templates", json=other).json()["id"] != template


def test_a_field_of_a_design_without_an_effect_is_a_note(shared_api, shared_template):
    [submission] = submit(
        shared_api, shared_template, design_parameters_doe={**grid(thickness=[1]), "seed": 3}
    )

    [note] = submission["notes"]
    assert note["category"] == "parameters"
    assert "seed has no effect" in note["message"]
