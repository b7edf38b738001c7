"""What a user of a team may try besides an id of another user in a request.

`test_team_isolation` sends ids of finished records of another user, once to each operation.
"""

import pytest

from ionworks.server.store.access import Role
from ionworks.server.team import directory
from ionworks_api_client.api import OPERATIONS
from tests.unit.server.pipelines import ENTRY, FIT
from tests.unit.server.team_ways import MARK, WAYS, asked, neutral, unknown_like
from tests.unit.server.teams import filled, joined, opened_team, shown_to
from tests.unit.server.uploading import confirm, initiate, parquet, put, series

OFF_CONTRACT = pytest.mark.off_contract("some requests have ids where the contract has names")
WRITES = [name for name in WAYS if OPERATIONS[name].method != "GET"]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = opened_team(tmp_path_factory.mktemp("team") / "engine")
    yield app
    app.close()


@pytest.fixture(scope="module")
def owner(app):
    return joined(app, "owner")


@pytest.fixture(scope="module")
def theirs(owner):
    return filled(owner, MARK)


@pytest.fixture(scope="module")
def asker(app):
    return joined(app, "asker")


@pytest.fixture(scope="module")
def own(asker):
    return filled(asker, "Own")


# ---------------------------------------------------------------- references in documents
@pytest.mark.parametrize("place", ["values", "provenance"])
def test_text_of_a_cell_refers_to_no_data_of_others(asker, theirs, place):
    reference = f"db:{theirs['measurement_id']}"
    text = {"data": reference}
    if place == "provenance":
        text = {"data": {"value": 1.0, "unit": reference}}
    body = {"name": f"with {place}", "properties": text}
    spec = asker.api.post("/cell_specifications", json=body).json()["id"]
    name = {"values": "data", "provenance": f"data [{reference}]"}[place]
    entry = {**ENTRY, "cell_spec_id": spec, "mapping": {name: "properties.data"}}
    del entry["values"]

    reply = _fitted(asker, entry)

    assert reply.status_code == 422, reply.text
    assert f"there is no measurement with the id '{theirs['measurement_id']}'" in reply.text


def test_text_of_a_model_refers_to_no_data_of_others(asker, theirs):
    config = {"type": "SPM", "options": {"a": f"db:{theirs['measurement_id']}"}}
    model = asker.api.post("/models", json={"name": "with text", "config": config}).json()["id"]
    body = {"name": "p", "model_id": model, "parameters": {"parameter_set": "Chen2020"}}
    made = asker.api.post("/parameterized_models", json=body).json()["id"]

    reply = _fitted(asker, ENTRY, options={"parameterized_model_id": made})

    assert reply.status_code == 422, reply.text
    assert "there is no measurement" in reply.text


def _fitted(member, entry, **objective):
    fit = {**FIT, "objectives": {"a": {"data": "entry.data", **objective}}}
    elements = {"entry": entry, "fit": fit}
    body = {"project_id": member.project_id, "options": {}, "elements": elements}
    return member.api.post("/pipelines", json=body)


# ---------------------------------------------------------------- work that has not ended
@OFF_CONTRACT
def test_unfinished_work_of_others_goes_on(tmp_path):
    """No process runs jobs here, so what is pending stays so unless somebody ends it."""
    app = opened_team(tmp_path / "engine", role="web")
    try:
        owner, asker = joined(app, "owner"), joined(app, "asker")
        theirs = filled(owner, MARK, is_run=False)
        own = filled(asker, "Own", is_run=False)
        before = shown_to(app, owner)
        for operation_id in WRITES:
            for path, given in WAYS[operation_id]:
                if "{material_id}" not in repr(given):
                    asked(asker.api, operation_id, path, given, own, theirs)

        assert shown_to(app, owner) == before
        for path in (f"/simulations/{theirs['simulation_id']}", f"/jobs/{theirs['job_id']}"):
            assert owner.api.get(path).json()["status"] == "pending"
        assert owner.api.get(f"/pipelines/{theirs['pipeline_id']}").json()["status"] == "pending"
    finally:
        app.close()


# ---------------------------------------------------------------- members with a role elsewhere
@OFF_CONTRACT
def test_who_only_reads_a_project_changes_nothing_of_it_by_a_project_of_their_own(
    app, owner, theirs
):
    reader = joined(app, "reader")
    own = filled(reader, "Own")
    directory.set_member(app.services.store, owner.project_id, reader.email, Role.VIEWER)
    before, files = shown_to(app, owner)
    for operation_id in WRITES:
        for path, given in WAYS[operation_id]:
            asked(reader.api, operation_id, path, given, own, theirs)

    after, kept = shown_to(app, owner)
    assert before ^ after == set()
    assert files.items() <= kept.items()


def test_a_material_of_cells_of_others_keeps_its_definition(app, owner):
    other = joined(app, "other")
    named, first = {"name": "graphite"}, {"maker": "first"}
    changed = {"anode": {"material": {**named, "definition": {"maker": "second"}}}}

    def made(member, name, **material):
        body = {"name": name, "anode": {"material": {**named, **material}}}
        reply = member.api.post("/cell_specifications", json=body)
        assert reply.status_code == 201, reply.text
        return f"/cell_specifications/{reply.json()['id']}"

    mine = made(owner, "mine", definition=first)
    refused = other.api.post("/cell_specifications", json={"name": "x", **changed})
    assert refused.status_code == 409, refused.text
    theirs = made(other, "theirs")
    # Nor does the one who named it first change what the other one has by now.
    for each, path in ((owner, mine), (other, theirs)):
        assert each.api.patch(path, json=changed).status_code == 409
        assert each.api.get(path).json()["anode"]["material"]["definition"] == first

    assert other.api.delete(theirs).status_code == 204
    assert owner.api.patch(mine, json=changed).status_code == 200


def test_who_has_left_a_project_finds_nothing_of_it(app, owner, theirs):
    leaver = joined(app, "leaver")
    store = app.services.store
    directory.set_member(store, owner.project_id, leaver.email, Role.EDITOR)
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": theirs["template_id"],
        "experiment_parameter_sets": [{}],
        "project_id": owner.project_id,
    }
    path, headers = "/simulations/with-template/batch", {"Idempotency-Key": "mine"}
    [run] = leaver.api.post(path, json=body, headers=headers).json()
    assert leaver.api.get(f"/simulations/{run['simulation_id']}").status_code == 200
    cell = theirs["cell_instance_id"]
    upload = initiate(leaver.api, cell, "of the leaver")

    directory.remove_member(store, owner.project_id, leaver.email)

    again = leaver.api.post(path, json=body, headers=headers)
    assert again.status_code == 410, again.text
    assert leaver.api.get(f"/simulations/{run['simulation_id']}").status_code == 404
    assert leaver.api.get(f"/jobs/{run['job_id']}").status_code == 404
    assert put(leaver.api, upload, parquet(series())).status_code == 200
    assert confirm(leaver.api, cell, upload).status_code == 404
    assert leaver.api.get("/simulations").json()["total"] == 0


@pytest.mark.off_contract("these methods are not in the contract")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_methods_tell_nothing_of_others(asker, theirs, own, method):
    unknown = unknown_like(theirs)
    for operation_id, ways in WAYS.items():
        if OPERATIONS[operation_id].method == "GET":
            for path, given in ways:
                reply, same = (
                    asked(asker.api, operation_id, path, given, own, ids, method=method)
                    for ids in (theirs, unknown)
                )
                assert (reply.status_code, neutral(reply, theirs)) == (
                    same.status_code,
                    neutral(same, unknown),
                )
