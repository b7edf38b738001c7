"""Many simulations in one request: their table, and canceling, deleting and repeating them."""

import pytest

from tests.object_store import files_at
from tests.unit.server.engines import finish, grid, statuses, submit, wait_until

THICKNESSES = [1.0, 2.0, 3.0, 4.0]


def ask(api, path, ids, status=200, **options):
    reply = api.post(f"/simulations/{path}", json={"simulation_ids": ids, **options})
    assert reply.status_code == status, reply.text
    return reply.json()


def ids_of(submissions):
    return [each["simulation_id"] for each in submissions]


def test_the_table_has_inputs_states_and_metrics_as_columns(api, template):
    sweep = submit(api, template, design_parameters_doe=grid(thickness=[1.0, 2.0], fail=[0, 1]))
    other = submit(
        api,
        template,
        parameterized_model={"quick_model": {}},
        experiment_parameter_sets=[{"rate": 1, "label": "slow"}],
    )
    finish(api, [*sweep, *other])
    ids = [*ids_of(other), *reversed(ids_of(sweep))]

    table = ask(api, "table", [*ids, "missing", ids[0]])

    assert table["simulation_ids"] == ids
    of_other, *of_sweep = table["submission_id"]
    assert (len({*of_sweep}), of_other in of_sweep) == (1, False)
    assert table["parameterized_model_id"] == [None, *["spm-chen2020"] * 4]
    assert table["parameterized_model"][0] is None
    assert set(table["experiment_template_id"]) == {template}
    assert isinstance(table["parameterized_model"][1], str)
    records_of_them = [api.get(f"/simulations/{each}").json() for each in ids]
    for name in ("status", "error", "error_code"):
        assert table[name] == [record[name] for record in records_of_them]
    assert set(table["status"]) == {"completed", "failed"}
    assert table["design_parameters"] == {
        "thickness": [None, 2.0, 2.0, 1.0, 1.0],
        "fail": [None, 1.0, 0.0, 1.0, 0.0],
    }
    assert table["experiment_parameters"] == {
        "rate": [1, None, None, None, None],
        "label": ["slow", None, None, None, None],
    }
    assert [value is None for value in table["metrics"]["pid"]] == [
        record["status"] == "failed" for record in records_of_them
    ]
    assert set(table["metrics"]["bad"]) == {None}


def test_deleted_simulations_are_not_in_the_table(api, template):
    sweep = submit(api, template, design_parameters_doe=grid(thickness=THICKNESSES))
    finish(api, sweep)
    ids = ids_of(sweep)

    assert ask(api, "delete", [ids[2], ids[0], "missing"]) == {"unknown": ["missing"]}

    assert ask(api, "table", ids)["simulation_ids"] == [ids[1], ids[3]]
    assert ask(api, "table", ids)["design_parameters"] == {"thickness": [2.0, 4.0]}
    assert ask(api, "delete", ids) == {"unknown": [ids[0], ids[2]]}
    assert api.get("/simulations").json()["total"] == 0


def test_deleting_many_removes_their_files_and_leaves_their_study(app, api, template):
    study = api.post("/projects/default/studies", json={"name": "s"}).json()
    sweep = submit(
        api,
        template,
        design_parameters_doe=grid(thickness=THICKNESSES),
        study_id=study["id"],
    )
    folders = {run["storage_folder"] for run in finish(api, sweep)}

    ask(api, "delete", ids_of(sweep)[:3])

    assert api.get("/simulations", params={"study_id": study["id"]}).json()["total"] == 1
    left = api.get(f"/simulations/{ids_of(sweep)[3]}").json()["storage_folder"]
    present = {each for each in folders if files_at(app.services.store.blobs, each)}
    assert present == {left}


@pytest.mark.usefixtures("worker_processes")
def test_many_are_canceled_except_those_that_have_ended(api, template):
    [ended] = submit(api, template, design_parameters_doe=grid(thickness=[9.0]))
    finish(api, [ended])
    sweep = submit(api, template, design_parameters_doe=grid(stall=[1] * 5))
    wait_until(lambda: "processing" in statuses(api, sweep))

    canceled = [*ids_of(sweep)[:4], ended["simulation_id"], "missing"]
    assert ask(api, "cancel", canceled) == {"unknown": ["missing"]}

    assert statuses(api, [*sweep[:4], ended]) == [*["canceled"] * 4, "completed"]
    assert statuses(api, sweep[4:]) != ["canceled"]
    ask(api, "delete", ids_of(sweep))
    assert statuses(api, sweep) == []


def test_simulations_are_submitted_again_with_what_they_had(api, template):
    study = api.post("/projects/default/studies", json={"name": "s"}).json()
    sweep = submit(
        api,
        template,
        design_parameters_doe=grid(thickness=[1.0, 2.0], fail=[0, 1]),
        experiment_parameter_sets=[{"rate": 3}],
        extra_variables=["Voltage [V]"],
        study_id=study["id"],
    )
    before = finish(api, sweep)
    wanted = [before[3], before[1]]

    receipt = ask(api, "repeat", [each["id"] for each in wanted], 201)

    assert receipt["count"] == 2
    prefix = receipt["submission_id"][:24]
    again = finish(api, [{"simulation_id": f"{prefix}{index:012x}"} for index in range(2)])
    same = (
        *("parameterized_model_id", "experiment_template_id", "project_id", "study_ids", "status"),
        *("design_parameters", "experiment_parameters", "error", "error_code"),
    )
    for new, old in zip(again, wanted, strict=True):
        assert {name: new[name] for name in same} == {name: old[name] for name in same}


def test_a_repeated_request_repeats_simulations_once(api, template):
    [run] = submit(api, template)
    finish(api, [run])
    headers = {"Idempotency-Key": '"k"'}
    body = {"simulation_ids": [run["simulation_id"]]}

    replies = [api.post("/simulations/repeat", json=body, headers=headers) for _ in range(2)]

    assert replies[0].json() == replies[1].json()
    assert api.get("/simulations").json()["total"] == 2


def test_a_repeated_simulation_can_get_the_results_of_the_other(api, template):
    [run] = finish(api, submit(api, template))

    for reuse, source in ((True, run["id"]), (False, None)):
        receipt = ask(api, "repeat", [run["id"]], 201, reuse=reuse)
        identifier = f"{receipt['submission_id'][:24]}{0:012x}"
        [again] = finish(api, [{"simulation_id": identifier}])
        assert again["copied_from"] == source


def test_simulations_of_several_submissions_are_not_repeated_together(api, template):
    ids = ids_of([*submit(api, template), *submit(api, template)])

    assert "2 submissions" in ask(api, "repeat", ids, 400)["message"]
    assert "'missing'" in ask(api, "repeat", [ids[0], "missing"], 404)["message"]


def test_the_capabilities_tell_of_these_operations(api):
    assert api.get("/discovery/capabilities").json()["bulk_simulations"] is True
