"""Submissions that are answered with a receipt, and the statuses of their runs in ranges."""

import pytest
import sqlalchemy as sa

from ionworks.server.store.tables import runs
from tests.unit.server.engines import finish, grid, submit

BATCH = "/simulations/with-template/batch"
MINIMAL = {"Prefer": "return=minimal"}


def request(template, **fields):
    return {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
        **fields,
    }


def receive(api, template, headers=MINIMAL, **fields):
    """Submit a batch and return its receipt."""
    reply = api.post(BATCH, json=request(template, **fields), headers=headers)
    assert reply.status_code == 201, reply.text
    assert reply.headers["Preference-Applied"] == "return=minimal"
    return reply.json()


def statuses(api, receipt, **query):
    path = f"/simulations/submissions/{receipt['submission_id']}/statuses"
    return api.get(path, params=query)


def ids_of(receipt):
    prefix = receipt["submission_id"][:24]
    return [
        {"simulation_id": f"{prefix}0{index:011x}", "job_id": f"{prefix}1{index:011x}"}
        for index in range(receipt["count"])
    ]


def test_the_ids_of_the_runs_follow_from_the_receipt(api, template):
    receipt = receive(api, template, design_parameters_doe=grid(thickness=[1, 2, 3]))

    assert receipt["count"] == 3
    found = finish(api, ids_of(receipt))
    assert [each["design_parameters"] for each in found] == [{"thickness": n} for n in (1, 2, 3)]
    assert [each["job_id"] for each in found] == [each["job_id"] for each in ids_of(receipt)]


@pytest.mark.parametrize("preference", ["return=representation", "respond-async", ""])
def test_other_preferences_are_answered_with_a_list(api, template, preference):
    reply = api.post(BATCH, json=request(template), headers={"Prefer": preference})

    assert reply.status_code == 201
    assert "Preference-Applied" not in reply.headers
    assert [*reply.json()[0]] == ["simulation_id", "job_id", "already_existed", "seed", "notes"]


def test_a_preference_may_be_one_of_several(api, template):
    receipt = receive(api, template, {"Prefer": 'wait=5, return="minimal", x'})

    assert receipt["count"] == 1


def test_a_repeated_request_has_the_same_receipt(api, template):
    headers = {**MINIMAL, "Idempotency-Key": "k"}

    first = receive(api, template, headers)

    assert receive(api, template, headers) == first
    assert api.get("/simulations").json()["total"] == 1


def test_notes_are_those_of_the_list(api, template):
    design = grid(thickness=[1, 2, 3])
    body = {"design_parameters_doe": {**design, "seed": 4}}

    listed = submit(api, template, **body)
    receipt = receive(api, template, **body)

    notes = [[] for _ in range(3)]
    for part in receipt["notes"]:
        for index in range(part["first"], part["first"] + part["count"]):
            notes[index] = part["notes"]
    assert notes == [each["notes"] for each in listed]
    assert len(notes[0]) == 1
    assert receipt["seed"] == listed[0]["seed"]


def test_statuses_are_those_of_the_single_runs(api, template):
    receipt = receive(api, template, design_parameters_doe=grid(fail=[0, 1, 2]))
    finish(api, ids_of(receipt))
    ids = [each["simulation_id"] for each in ids_of(receipt)]

    found = statuses(api, receipt).json()

    assert (found["submission_id"], found["count"]) == (receipt["submission_id"], 3)
    expanded = []
    for part in found["statuses"]:
        first, count = part.pop("first"), part.pop("count")
        expanded += [{"simulation_id": each, **part} for each in ids[first : first + count]]
    assert expanded == api.post("/simulations/statuses", json={"simulation_ids": ids}).json()


def test_equal_neighbours_are_one_entry(app, api, template):
    thicknesses = [*range(5)]
    receipt = receive(api, template, design_parameters_doe=grid(thickness=thicknesses))
    finish(api, ids_of(receipt))
    with app.services.store.writing() as connection:
        connection.execute(sa.update(runs).values(updated_at="2026-01-01T00:00:00.000000Z"))
        connection.execute(sa.update(runs).where(runs.c.first == 3).values(status="failed"))

    found = statuses(api, receipt).json()["statuses"]

    assert [(each["first"], each["count"], each["status"]) for each in found] == [
        (0, 3, "completed"),
        (3, 1, "failed"),
        (4, 1, "completed"),
    ]


def test_only_changes_are_returned_if_asked_for(api, template):
    receipt = receive(api, template, design_parameters_doe=grid(thickness=[1, 2]))
    finish(api, ids_of(receipt))

    since = statuses(api, receipt).json()["as_of"]

    # The latest changes are returned again: they may have been dated before they were stored.
    assert statuses(api, receipt, changed_since=since).json()["statuses"] != []
    later = statuses(api, receipt, changed_since="2999-01-01T00:00:00.000000Z").json()
    assert later["statuses"] == []
    assert later["count"] == 2


def test_deleted_runs_are_left_out_and_not_counted(api, template):
    receipt = receive(api, template, design_parameters_doe=grid(thickness=[1, 2, 3]))
    made = finish(api, ids_of(receipt))

    api.delete(f"/simulations/{made[1]['id']}")

    found = statuses(api, receipt).json()
    assert found["count"] == 2
    assert [each["first"] for each in found["statuses"]] == [0, 2]
    for run in (made[0], made[2]):
        api.delete(f"/simulations/{run['id']}")
    assert statuses(api, receipt).status_code == 404


def test_an_unknown_submission_is_not_found(api):
    reply = statuses(api, {"submission_id": "nothing"})

    assert (reply.status_code, reply.json()["error_code"]) == (404, "NOT_FOUND")


def test_receipts_are_among_the_capabilities(api):
    assert api.get("/discovery/capabilities").json()["submission_receipts"] is True
