"""Plans: what a submission would do, checked like it, and nothing is stored."""

import pytest
import sqlalchemy as sa

from ionworks.server.store.table_parts import metadata
from tests.unit.server.engines import finish, grid, submit

REST = "steps: [{Rest: {duration: 60}}]"
TRIP = "steps: [{Drive: {drive_cycle: US06, mode: Current}}]"
CYCLES = {"US06": [[0, 0.1], [10, 0.2]]}


def plan(api, **fields):
    body = {"parameterized_model": "spm-chen2020", "experiment_parameter_sets": [{}], **fields}
    return api.post("/simulations/plan", json=body)


def planned(api, **fields):
    reply = plan(api, **fields)
    assert reply.status_code == 200, reply.text
    return reply.json()


def thin(*values):
    return {"design_parameters_doe": grid(thickness=values)}


def condition(**design):
    return {"experiment_parameters": {}, "design_parameters": design}


def row_counts(app):
    with app.services.store.reading() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
        }


def test_a_plan_counts_and_checks_the_runs_and_stores_nothing(app, api, template):
    before = row_counts(app)

    found = planned(api, experiment_template_id=template, **thin(1, 2, 0.25))

    assert {name: found[name] for name in found if name != "digest"} == {
        "count": 3,
        "seed": None,
        "notes": [{"category": "parameters", "message": "thin"}],
        "is_checked": True,
        "reused": 0,
        "estimate": None,
    }
    assert row_counts(app) == before


def test_a_plan_of_a_text_stores_no_protocol(app, api):
    before = row_counts(app)

    found = planned(api, protocol=REST, conditions=[condition(thickness=1), condition()])
    trip = planned(api, protocol=TRIP, drive_cycles=CYCLES)

    assert (found["count"], trip["count"]) == (2, 1)
    assert row_counts(app) == before


def test_past_runs_are_reused_and_the_others_estimated(api, template):
    finish(api, submit(api, template, **thin(1, 2, 3)))

    found = planned(api, experiment_template_id=template, **thin(3, 4, 5, 2, 6))

    assert found["reused"] == 2
    assert found["estimate"] == {
        "seconds": pytest.approx(3 * 0.001),
        "seconds_per_run": pytest.approx(0.001),
        "past_runs": 3,
        "same_protocol": True,
        "workers": 1,
    }
    again = planned(api, experiment_template_id=template, reuse=False, **thin(3, 4, 5, 2, 6))
    assert (again["reused"], again["digest"]) == (0, found["digest"])
    assert again["estimate"]["seconds"] == pytest.approx(5 * 0.001)
    whole = planned(api, experiment_template_id=template, **thin(1, 2))
    assert (whole["reused"], whole["estimate"]["seconds"]) == (2, 0)
    other = planned(api, protocol=REST, **thin(1, 2))
    assert (other["reused"], other["estimate"]["same_protocol"]) == (0, False)
    unknown = planned(api, protocol=REST, parameterized_model="dfn-chen2020")
    assert unknown["estimate"] is None


def test_copies_and_failed_runs_are_no_basis_of_an_estimate(api, template):
    made = finish(api, submit(api, template, **thin(1)))
    finish(api, submit(api, template, reuse=True, **thin(1)))
    finish(api, submit(api, template, design_parameters_doe=grid(fail=[1])))

    found = planned(api, experiment_template_id=template)

    assert [each["status"] for each in made] == ["completed"]
    assert found["estimate"]["past_runs"] == 1


def test_equal_runs_of_a_plan_are_computed_once(shared_api, shared_template):
    runs = [condition(thickness=7), condition(thickness=8), condition(thickness=7)]
    many = [condition(thickness=7)] * 5000

    found = planned(shared_api, experiment_template_id=shared_template, conditions=runs)
    assert found["reused"] == 1
    found = planned(shared_api, experiment_template_id=shared_template, conditions=many)
    assert (found["count"], found["reused"]) == (5000, 4999)
    found = planned(
        shared_api, experiment_template_id=shared_template, conditions=runs, reuse=False
    )
    assert found["reused"] == 0


def test_the_digest_is_equal_for_runs_with_equal_results(shared_api):
    base = {"protocol": REST, **thin(1, 2)}
    same = planned(shared_api, **base)["digest"]

    assert (
        planned(shared_api, **{**base, "protocol": "steps:\n- Rest: {duration: 60}\n"})["digest"]
        == same
    )
    for change in (
        {"protocol": REST.replace("60", "61")},
        thin(1, 3),
        {"parameterized_model": "dfn-chen2020"},
        {"extra_variables": ["Power [W]"]},
        {"max_backward_jumps": 3},
    ):
        assert planned(shared_api, **{**base, **change})["digest"] != same


def test_random_values_without_a_seed_get_one(shared_api, shared_template):
    row = {"type": "normal", "name": "thickness", "mean": 1.0, "std": 0.1, "count": 2}
    design = {"sampling": "random", "rows": [row]}

    found = planned(
        shared_api, experiment_template_id=shared_template, design_parameters_doe=design
    )

    assert isinstance(found["seed"], int)
    seeded = {**design, "seed": found["seed"]}
    again = planned(
        shared_api, experiment_template_id=shared_template, design_parameters_doe=seeded
    )
    assert again["digest"] == found["digest"]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({}, 400, "either experiment_template_id or protocol"),
        ({"protocol": REST, "experiment_template_id": "x"}, 400, "either experiment_template_id"),
        ({"experiment_template_id": "x", "drive_cycles": CYCLES}, 400, "omit drive_cycles"),
        ({"experiment_template_id": "x"}, 404, "There is no protocol"),
        ({"protocol": "steps: [{Rst: {}}]"}, 422, "body.protocol: "),
        ({"protocol": TRIP, "drive_cycles": {}}, 422, "US06"),
        ({"protocol": REST, "parameterized_model": "none"}, 404, "no parameterized model"),
        ({"protocol": REST, "design_parameters_doe": grid(colour=[1])}, 422, "unknown parameter"),
    ],
)
def test_what_a_submission_would_refuse_is_refused(shared_api, fields, status, message):
    reply = plan(shared_api, **fields)

    assert reply.status_code == status, reply.text
    assert message in reply.json()["message"]


def test_the_capabilities_have_plans_and_filters(shared_api):
    found = shared_api.get("/discovery/capabilities").json()

    assert found["simulation_plans"] is True
    assert found["simulation_filters"] is True
