"""How results were made, and simulations as scripts and computed again."""

import hashlib

import pytest
import sqlalchemy as sa

from ionworks.server.http.problems import Problem
from ionworks.server.jobs import queue as jobs_module
from ionworks.server.store import cleanup, run_ids, tables
from ionworks.server.submission import run_payloads
from tests.unit.server.engines import finish, grid, submit
from tests.unit.server.pipelines import ENTRY, FIT, end, orders
from tests.unit.server.pipelines import submit as submit_pipeline
from tests.unit.server.quick_worker import PROVENANCE


def thin(*values, **fields):
    return {"design_parameters_doe": grid(thickness=values), **fields}


def one(api, template, **fields):
    [made] = finish(api, submit(api, template, **fields))
    return made


def again(api, simulation, **options):
    """Repeat a simulation as a replay does, and return the record of the new one."""
    body = {"simulation_ids": [simulation["id"]], "reuse": False, **options}
    reply = api.post("/simulations/repeat", json=body)
    assert reply.status_code == 201, reply.text
    first = run_ids.simulation_id(reply.json()["submission_id"], 0)
    [made] = finish(api, [{"simulation_id": first}])
    return made


def test_a_result_tells_how_it_was_made(api, template):
    row = {"type": "normal", "name": "thickness", "count": 1, "mean": 5.0, "std": 0.1}
    design = {"sampling": "grid", "rows": [row], "seed": 5}

    made = one(api, template, design_parameters_doe=design)

    found = made["provenance"]
    assert {name: found[name] for name in PROVENANCE} == PROVENANCE
    assert found["protocol_digest"] == hashlib.sha256(b"steps: []").hexdigest()
    assert len(found["model_digest"]) == 64
    assert found["seed"] == 5
    [listed] = api.get("/simulations").json()["simulations"]
    assert "provenance" not in listed


def test_a_failed_run_without_results_tells_nothing(api, template):
    [made] = finish(api, submit(api, template, design_parameters_doe=grid(fail=[1])))

    assert made["provenance"] is None


def test_equal_ways_of_making_are_stored_once(app, api, template):
    finish(api, submit(api, template, **thin(1, 2, 3)))

    with app.services.store.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.provenances)) == 1


def test_ways_of_making_that_nothing_refers_to_are_removed(app, api, template, monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)
    made = [one(api, template, **thin(thickness)) for thickness in (1, 2)]
    fit = end(api, submit_pipeline(api, {"fit": FIT}))

    def solvers():
        cleanup.expired(app.services.store)
        with app.services.store.reading() as connection:
            contents = connection.scalars(sa.select(tables.provenances.c.content))
            return sorted(each.get("solver", "fit") for each in contents)

    assert solvers() == ["fit", "quick"]
    assert api.delete(f"/simulations/{made[0]['id']}").status_code == 204
    assert solvers() == ["fit", "quick"]
    assert api.delete(f"/simulations/{made[1]['id']}").status_code == 204
    assert solvers() == ["fit"]
    assert api.delete(f"/pipelines/{fit['id']}").status_code == 204
    assert solvers() == []


def test_a_copied_result_was_made_as_the_first_one(app, api, template):
    one(api, template, **thin(1))
    with app.services.store.writing() as connection:
        earlier = {**PROVENANCE, "solver": "earlier"}
        connection.execute(sa.update(tables.provenances).values(content=earlier))

    copied = one(api, template, **thin(1, reuse=True))

    assert copied["copied_from"] is not None
    assert copied["provenance"]["solver"] == "earlier"


def test_a_pipeline_tells_how_it_was_made(api, monkeypatch):
    monkeypatch.setattr(jobs_module, "PROGRESS_PERIOD", 0.02)
    made = submit_pipeline(api, {"entry": ENTRY, "fit": FIT})
    assert made["provenance"] is None

    ended = end(api, made)

    assert ended["provenance"] == {"seeds": {"fit": 7}, "versions": {"pybamm": "1.0"}}
    failed = end(api, submit_pipeline(api, {"fit": orders(fail="no")}))
    assert failed["provenance"] is None


def test_a_simulation_as_a_script(api, template):
    made = one(api, template, **thin(2))

    reply = api.get(f"/simulations/{made['id']}/script")

    assert reply.status_code == 200
    assert reply.json() == {"script": "# steps: [] {'thickness': 2.0}"}


def test_what_has_no_counterpart_is_named(api, template):
    made = one(api, template, **thin(13))

    reply = api.get(f"/simulations/{made['id']}/script")

    assert (reply.status_code, reply.json()["error_code"]) == (501, "NOT_IMPLEMENTED")
    assert "steps[0]: the end d/dt(Voltage) has no counterpart" in reply.json()["message"]


def test_the_references_of_a_simulation(api, template):
    made = one(api, template, **thin(2))

    reply = api.get(f"/simulations/{made['id']}/citations")

    assert reply.json() == {"bibtex": "@article{Chen2020}"}


@pytest.mark.parametrize("path", ["script", "citations"])
def test_an_unknown_simulation_is_not_found(api, path):
    reply = api.get(f"/simulations/none/{path}")

    assert (reply.status_code, reply.json()["error_code"]) == (404, "NOT_FOUND")


def test_a_simulation_that_was_deleted_has_no_payload(app, api, template):
    deleted, kept = finish(api, submit(api, template, **thin(1, 2)))
    assert api.delete(f"/simulations/{deleted['id']}").status_code == 204

    [run] = run_payloads.payload_of(app.services.store, kept["id"])["runs"]
    assert run["design_parameters"] == {"thickness": 2}
    with pytest.raises(Problem, match="There is no simulation") as caught:
        run_payloads.payload_of(app.services.store, deleted["id"])
    assert caught.value.status == 404


def test_a_replay_is_computed_although_it_is_equal(app, api, template):
    first = one(api, template, **thin(1.5))

    second = again(api, first)

    assert second["copied_from"] is None
    assert second["id"] != first["id"]
    for name in ("design_parameters", "experiment_parameters", "name", "parameterized_model_id"):
        assert second[name] == first[name]
    computed = (app.folder / "blobs" / "computed.txt").read_text().splitlines()
    assert computed == [first["job_id"], second["job_id"]]
    digests = ("model_digest", "protocol_digest", "seed")
    assert [second["provenance"][name] for name in digests] == [
        first["provenance"][name] for name in digests
    ]


def test_a_replay_has_the_model_and_protocol_of_the_first_run(api, template):
    model = {"name": "mine", "model_id": "spm"}
    model["parameters"] = {"parameter_set": "Chen2020", "thickness": 2.0}
    mine = api.post("/parameterized_models", json=model)
    assert mine.status_code in {200, 201}, mine.text
    first = one(api, template, parameterized_model=mine.json()["id"])
    assert api.delete(f"/experiment_templates/{template}").status_code in {200, 204}
    assert api.delete(f"/parameterized_models/{mine.json()['id']}").status_code in {200, 204}

    second = again(api, first)

    assert second["status"] == "completed"
    assert second["provenance"]["model_digest"] == first["provenance"]["model_digest"]
    assert second["provenance"]["protocol_digest"] == first["provenance"]["protocol_digest"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_replay_can_be_left_out_of_the_studies(api, template, keep):
    study = api.post("/projects/default/studies", json={"name": "S"}).json()["id"]
    first = one(api, template, study_id=study)

    second = again(api, first, keep_studies=keep)

    assert second["study_ids"] == ([study] if keep else [])
