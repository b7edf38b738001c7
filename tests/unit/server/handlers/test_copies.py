"""Runs that are equal to others: they are computed once."""

import random

import polars as pl
import pytest
import sqlalchemy as sa

from ionworks.server.jobs.targets import Targets
from ionworks.server.store import copies
from ionworks.server.store.tables import experiment_templates, run_digests, runs
from tests.object_store import files_at
from tests.unit.server.engines import (
    QUICK,
    client_of,
    finish,
    grid,
    statuses,
    store_template,
    wait_until,
)
from tests.unit.server.engines import submit as submit_anew

GATED = Targets(
    **{
        **{name: getattr(QUICK, name) for name in QUICK.__annotations__},
        "simulate": "tests.unit.server.gated:simulate",
    }
)


def submit(api, template, **fields):
    return submit_anew(api, template, **{"reuse": True, **fields})


def computed(app):
    """Ids of the jobs that were computed, in their order."""
    path = app.folder / "blobs" / "computed.txt"
    return path.read_text().splitlines() if path.exists() else []


def series(api, simulation):
    reply = api.get(
        f"/simulations/{simulation['id']}/time_series/download",
        headers={"Accept": "application/vnd.apache.parquet"},
    )
    assert reply.status_code == 200, reply.text
    return pl.read_parquet(reply.content)["Voltage [V]"].to_list()


def voltages(api, simulations):
    return [series(api, each)[-1] for each in simulations]


def thin(*values, **fields):
    return {"design_parameters_doe": grid(thickness=values), **fields}


def recover(app):
    """Have the queue find the jobs that wait, as it does every few seconds."""
    app.services.jobs.recover()


def test_the_same_batch_is_computed_once(app, api, template):
    first = finish(api, submit(api, template, **thin(1, 2, 3)))

    submitted = submit(api, template, **thin(1, 2, 3))

    assert statuses(api, submitted) == ["completed"] * 3
    again = finish(api, submitted)
    assert len(computed(app)) == 3
    assert voltages(api, again) == [1, 2, 3]
    assert [each["copied_from"] for each in again] == [each["id"] for each in first]
    assert [each["copied_from"] for each in first] == [None] * 3
    for name in ("metrics", "notes", "design_parameters"):
        assert [each[name] for each in again] == [each[name] for each in first]
    assert {each["id"] for each in again}.isdisjoint(each["id"] for each in first)


def test_only_new_runs_of_a_batch_are_computed(app, api, template):
    first = finish(api, submit(api, template, **thin(1, 2)))

    second = finish(api, submit(api, template, **thin(3, 2, 1, 4)))

    assert voltages(api, second) == [3, 2, 1, 4]
    assert [each["copied_from"] for each in second] == [None, first[1]["id"], first[0]["id"], None]
    assert computed(app) == [each["job_id"] for each in (*first, second[0], second[3])]


def test_equal_runs_of_a_batch_are_computed_once(app, api, template):
    made = finish(api, submit(api, template, **thin(1, 2, 1, 1, 2)))

    assert voltages(api, made) == [1, 2, 1, 1, 2]
    assert len(computed(app)) == 2
    ids = [each["id"] for each in made]
    assert [each["copied_from"] for each in made] == [None, None, ids[0], ids[0], ids[1]]


def test_equal_runs_are_computed_again_without_reuse(app, api, template):
    finish(api, submit(api, template, **thin(1)))

    again = finish(api, submit(api, template, **thin(1, 1, reuse=False)))

    assert [each["copied_from"] for each in again] == [None, None]
    assert len(computed(app)) == 3


def test_one_equal_run_that_has_ended_is_enough(app, api, template, monkeypatch):
    made = [finish(api, submit(api, template, **thin(1, 2, reuse=False))) for _ in range(3)]
    read = copies.run_parameters.read
    found = []

    def counted(connection, submission_id, wanted):
        found.extend(index for each in wanted for index in each)
        return read(connection, submission_id, wanted)

    monkeypatch.setattr(copies.run_parameters, "read", counted)
    submitted = submit(api, template, **thin(1, 2))
    monkeypatch.undo()

    assert found == [0, 1, 0, 1]  # those of the oldest, and the new ones for the reply
    copied = [each["copied_from"] for each in finish(api, submitted)]
    assert copied == [each["id"] for each in made[0]]


@pytest.mark.parametrize(
    "changed",
    [
        {"extra_variables": ["Power [W]"]},
        {"max_backward_jumps": 3},
        {"parameterized_model": "dfn-chen2020"},
        {"experiment_parameter_sets": [{"rate": 2.0}]},
        {"experiment_parameter_sets": [{"rate": "1"}]},
    ],
)
def test_runs_that_differ_in_anything_are_computed(app, api, template, changed):
    same = {"experiment_parameter_sets": [{"rate": 1.0}]}
    finish(api, submit(api, template, **thin(1), **same))

    [run] = finish(api, submit(api, template, **{**thin(1), **same, **changed}))

    assert run["copied_from"] is None
    assert len(computed(app)) == 2


def test_another_protocol_is_another_run_and_its_name_is_not(app, api, template):
    finish(api, submit(api, template, **thin(1)))
    change = sa.update(experiment_templates).values(protocol="steps: [] # longer", name="Other")
    with app.services.store.writing() as connection:
        connection.execute(change)
    other = store_template(app)

    [changed] = finish(api, submit(api, template, **thin(1)))
    [equal] = finish(api, submit(api, other, **thin(1)))

    assert changed["copied_from"] is None
    assert equal["copied_from"] is not None


def test_either_run_can_be_deleted(app, api, template):
    [first] = finish(api, submit(api, template, **thin(1)))
    [again] = finish(api, submit(api, template, **thin(1)))

    assert api.delete(f"/simulations/{first['id']}").status_code == 204

    assert series(api, again) == [4.0, 1.0]
    record = api.get(f"/simulations/{again['id']}").json()
    assert record["metrics"] == again["metrics"]
    assert record["copied_from"] == first["id"]
    api.delete(f"/simulations/{again['id']}")
    assert not any(key.endswith(".parquet") for key in files_at(app.services.store.blobs))


def test_a_deleted_run_is_not_copied(app, api, template):
    [first] = finish(api, submit(api, template, **thin(1)))
    api.delete(f"/simulations/{first['id']}")

    [again] = finish(api, submit(api, template, **thin(1)))

    assert again["copied_from"] is None
    assert len(computed(app)) == 2


@pytest.mark.parametrize("name", ["steps", "time_series"])
def test_a_run_whose_results_are_missing_is_computed_again(app, api, template, name):
    first, kept = finish(api, submit(api, template, **thin(1, 2)))
    app.services.store.blobs.remove(f"{first['storage_folder']}/{name}.parquet")

    again = finish(api, submit(api, template, **thin(1, 2)))

    assert voltages(api, again) == [1, 2]
    assert [each["copied_from"] for each in again] == [None, kept["id"]]
    [third, _] = finish(api, submit(api, template, **thin(1, 2)))
    assert third["copied_from"] == again[0]["id"]


def test_digests_are_deleted_with_their_runs(app, api, template):
    for run in finish(api, submit(api, template, **thin(1, 2, 3))):
        api.delete(f"/simulations/{run['id']}")

    with app.services.store.reading() as connection:
        assert connection.execute(sa.select(run_digests)).all() == []


def test_runs_with_the_same_digest_are_compared(app, api, template):
    finish(api, submit(api, template, **thin(1, 2)))
    with app.services.store.writing() as connection:
        connection.execute(sa.update(run_digests).values(run_index=1 - run_digests.c.run_index))

    again = finish(api, submit(api, template, **thin(1, 2)))

    assert voltages(api, again) == [1, 2]
    assert [each["copied_from"] for each in again] == [None, None]


def test_a_failed_run_is_computed_again(app, api, template):
    failing = {"design_parameters_doe": grid(fail=[1])}
    [first] = finish(api, submit(api, template, **failing))

    [again] = finish(api, submit(api, template, **failing))

    assert (first["status"], again["status"]) == ("failed", "failed")
    assert again["copied_from"] is None
    with app.services.store.reading() as connection:
        # The useless digest of the first is forgotten.
        assert len(connection.execute(sa.select(run_digests)).all()) == 1


@pytest.fixture
def gated(open_app):
    app = open_app(targets=GATED)
    with client_of(app) as api:
        yield app, api


def open_gate(app):
    (app.folder / "blobs" / "gate").touch()


def hold(app, api, template, **fields):
    """Submit a run that is being computed until the gate is opened."""
    submitted = submit(api, template, **fields)
    wait_until(lambda: "processing" in statuses(api, submitted))
    return submitted


def test_a_run_waits_for_an_equal_one_that_is_being_computed(gated):
    app, api = gated
    template = store_template(app)
    first = hold(app, api, template, **thin(1, 2))

    second = submit(api, template, **thin(2, 1, 3))

    assert statuses(api, second) == ["waiting", "waiting", "pending"]
    open_gate(app)
    made = [*finish(api, first), *finish(api, second)]
    assert voltages(api, made) == [1, 2, 2, 1, 3]
    assert len(computed(app)) == 3


def test_no_run_waits_for_the_end_of_a_long_sweep(gated):
    app, api = gated
    template = store_template(app)
    held = hold(app, api, template, **thin(9))
    sweep = submit(api, template, **thin(1, 2, 3))

    late = submit(api, template, **thin(3, 2, 1))

    assert statuses(api, late) == ["pending", "waiting", "waiting"]
    open_gate(app)
    assert voltages(api, finish(api, [*late, *sweep])) == [3, 2, 1, 1, 2, 3]
    finish(api, held)


def test_no_run_waits_for_another_process(gated, open_app):
    app, api = gated
    template = store_template(app)
    held = hold(app, api, template, **thin(1))
    other = open_app()

    with client_of(other) as client:
        [made] = finish(client, submit(client, template, **thin(1)))

    assert (made["status"], made["copied_from"]) == ("completed", None)
    assert statuses(api, held) == ["processing"]
    open_gate(app)
    finish(api, held)


@pytest.mark.parametrize("end", ["cancel", "delete"])
def test_a_run_is_computed_if_the_one_it_waits_for_will_have_no_result(gated, end):
    app, api = gated
    template = store_template(app)
    [held] = hold(app, api, template, **thin(1))
    [first] = submit(api, template, **thin(2))
    second = submit(api, template, **thin(2, 2))
    assert statuses(api, second) == ["waiting", "waiting"]

    if end == "cancel":
        api.post(f"/jobs/{first['job_id']}/cancel")
    else:
        api.delete(f"/simulations/{first['simulation_id']}")

    assert statuses(api, second) == ["pending", "pending"]
    open_gate(app)
    recover(app)
    made = finish(api, second)
    assert voltages(api, made) == [2, 2]
    assert [each["copied_from"] for each in made] == [None, None]
    finish(api, [held])


def test_runs_are_computed_if_the_one_they_wait_for_fails(app, api, template):
    submitted = submit(api, template, design_parameters_doe=grid(fail=[1, 1]))
    wait_until(lambda: statuses(api, submitted)[0] == "failed")
    recover(app)

    made = finish(api, submitted)

    assert [each["status"] for each in made] == ["failed", "failed"]
    assert [each["copied_from"] for each in made] == [None, None]


def test_what_ended_without_its_copies_is_found_later(gated):
    app, api = gated
    template = store_template(app)
    first = hold(app, api, template, **thin(1, 2))
    second = submit(api, template, **thin(2, 1))
    recover(app)
    assert statuses(api, second) == ["waiting", "waiting"]
    with app.services.store.writing() as connection:
        connection.execute(
            sa.update(runs).where(runs.c.status != "waiting").values(status="failed")
        )

    recover(app)

    # The worker may be free already, because the runs it was given have failed.
    assert set(statuses(api, second)) <= {"pending", "processing"}
    open_gate(app)
    assert voltages(api, finish(api, second)) == [2, 1]
    assert statuses(api, first) == ["failed", "failed"]


def test_many_copies_are_settled_in_pieces(app, api, template, monkeypatch):
    monkeypatch.setattr(copies, "_SETTLED_AT_ONCE", 2)
    monkeypatch.setattr(copies, "_HAVE_ENDED", copies._HAVE_ENDED.limit(2))
    finish(api, submit(api, template, **thin(1, 2, 3, 4, 5)))
    changes = []
    settle = copies._settle_rows
    monkeypatch.setattr(
        copies, "_settle_rows", lambda *given: (changes.append(len(given[1])), settle(*given))
    )

    second = submit(api, template, **thin(5, 3, 1, 4))
    third = submit(api, template, **thin(5, 2))
    assert statuses(api, second) == ["waiting"] * 4
    assert statuses(api, third) == ["completed"] * 2
    recover(app)

    assert statuses(api, second) == ["completed"] * 4
    assert voltages(api, finish(api, second)) == [5, 3, 1, 4]
    assert voltages(api, finish(api, third)) == [5, 2]
    assert set(changes) == {2}


def test_copies_of_runs_that_ended_differently_become_several_rows(gated):
    app, api = gated
    template = store_template(app)
    first = hold(app, api, template, **thin(1, 2, 3, 4, 5))
    second = submit(api, template, **thin(1, 2, 3, 4, 5))
    assert statuses(api, second) == ["waiting"] * 5
    api.delete(f"/simulations/{first[1]['simulation_id']}")
    api.post(f"/jobs/{first[3]['job_id']}/cancel")
    assert statuses(api, second) == ["waiting", "pending", "waiting", "pending", "waiting"]

    open_gate(app)
    recover(app)

    made = finish(api, second)
    assert voltages(api, made) == [1, 2, 3, 4, 5]
    ids = [each["simulation_id"] for each in first]
    assert [each["copied_from"] for each in made] == [ids[0], None, ids[2], None, ids[4]]


def test_a_waiting_run_can_be_canceled(gated):
    app, api = gated
    template = store_template(app)
    first = hold(app, api, template, **thin(1))
    [second] = submit(api, template, **thin(1))

    api.post(f"/jobs/{second['job_id']}/cancel")
    open_gate(app)
    finish(api, first)

    [record] = finish(api, [second])
    assert (record["status"], record["copied_from"]) == ("canceled", None)


def test_waiting_runs_wait_on_when_another_engine_takes_over(open_app):
    closed = open_app(targets=GATED)
    template = store_template(closed)
    with client_of(closed) as api:
        first = hold(closed, api, template, **thin(1, 2))
        second = submit(api, template, **thin(1, 2))
        open_gate(closed)
    closed.close()

    app = open_app()
    with client_of(app) as api:
        made = [*finish(api, first), *finish(api, second)]
        assert voltages(api, made) == [1, 2, 1, 2]
        assert {each["copied_from"] for each in made[2:]} == {each["id"] for each in made[:2]}


@pytest.mark.parametrize("seed", range(3))
def test_every_run_of_many_batches_has_its_own_result(app, api, template, seed):
    choices = random.Random(seed)  # noqa: S311 - not a secret
    made = []
    for _ in range(4):
        wanted = [choices.choice(range(1, 9)) for _ in range(choices.randint(1, 12))]
        made.append((wanted, submit(api, template, **thin(*wanted))))
        if choices.random() < 0.5:
            finish(api, made[-1][1])

    for wanted, submitted in made:
        assert voltages(api, finish(api, submitted)) == wanted
    # A run that comes later in an older batch is not waited for.
    assert len(computed(app)) <= sum(len(set(wanted)) for wanted, _ in made)
