"""Results of many simulations in one reply, and of each alone."""

import errno
import io
import json
import tarfile

import polars as pl
import pytest
from attrs import evolve

from ionworks.server.http.replies import PARQUET
from ionworks.server.store import results
from tests.object_store import overwrite
from tests.unit.server.engines import QUICK, finish, grid, submit

PACKING = evolve(QUICK, simulate="tests.unit.server.packing_worker:simulate")
THICKNESSES = [1.0, 2.0, 8.0]


@pytest.fixture
def app(open_app):
    return open_app(targets=PACKING)


@pytest.fixture
def runs(api, template):
    """Three simulations in one pack."""
    found = finish(api, submit(api, template, design_parameters_doe=grid(thickness=THICKNESSES)))
    assert len({run["storage_folder"] for run in found}) == 1
    return found


def ask(api, runs, **options):
    ids = [run if isinstance(run, str) else run["id"] for run in runs]
    reply = api.post("/simulations/results", json={"simulation_ids": ids, **options})
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/x-tar"
    return read(reply.content)


def read(content):
    groups, problems = {}, None
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            assert problems is None, "the problems come last"
            data = archive.extractfile(member).read()
            folder, _, name = member.name.rpartition("/")
            value = pl.read_parquet(data) if name.endswith(".parquet") else json.loads(data)
            if folder:
                groups.setdefault(folder, {})[name] = value
            else:
                problems = value
    return list(groups.values()), problems


def test_a_pack_is_sent_as_its_files(app, api, runs):
    [group], problems = ask(api, runs[::-1])

    assert problems == []
    assert group["runs.json"] == {
        "simulation_ids": [run["id"] for run in runs],
        "points": [[0, 1], [1, 2], [3, 3]],
        "steps": [[0, 1], [1, 1], [2, 1]],
        "columns": ["Time [s]", "Voltage [V]"],
        "metrics": {"thickness": THICKNESSES},
        "notes": [[], [], [{"category": "run", "message": "thick"}]],
    }
    for name in ("time_series.parquet", "steps.parquet"):
        with app.services.store.blobs.open(f"{runs[0]['storage_folder']}/{name}") as file:
            assert group[name].equals(pl.read_parquet(file))
    assert group["steps.parquet"].columns[0] == "Position"


def test_some_runs_of_a_large_pack_are_cut_out(api, runs, monkeypatch):
    monkeypatch.setattr(results, "_SMALL", 0)
    monkeypatch.setattr(results, "_LEAST_SHARE", 0.9)
    [group], _ = ask(api, [runs[2], runs[0]])

    assert group["runs.json"]["simulation_ids"] == [runs[0]["id"], runs[2]["id"]]
    assert group["runs.json"]["points"] == [[0, 1], [1, 3]]
    assert group["runs.json"]["steps"] == [[0, 1], [1, 1]]
    assert group["runs.json"]["metrics"] == {"thickness": [1.0, 8.0]}
    assert group["time_series.parquet"]["Voltage [V]"].to_list() == [1.0, 8.0, 8.0, 8.0]
    assert group["steps.parquet"].to_dict(as_series=False) == {
        "Label": [1.0, 8.0],
        "End index": [0, 2],
    }


def test_a_small_pack_is_sent_whole_for_one_of_its_runs(api, runs):
    [group], _ = ask(api, [runs[2]])

    assert group["runs.json"]["simulation_ids"] == [runs[2]["id"]]
    assert (group["runs.json"]["points"], group["runs.json"]["steps"]) == ([[3, 3]], [[2, 1]])
    assert len(group["time_series.parquet"]) == 6
    assert group["steps.parquet"]["Position"].to_list() == [0, 1, 2]


def test_packs_are_groups(api, template, runs):
    others = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[3.0])))
    groups, _ = ask(api, [*others, *runs])
    found = [group["runs.json"]["simulation_ids"] for group in groups]
    assert sorted(found, key=len) == [[others[0]["id"]], [run["id"] for run in runs]]


def test_parts_and_columns_are_chosen(api, runs):
    [group], _ = ask(api, runs, parts=["time_series"], columns=["Voltage [V]", "unknown"])
    assert list(group) == ["runs.json", "time_series.parquet"]
    assert group["time_series.parquet"].columns == ["Voltage [V]"]
    assert "metrics" not in group["runs.json"]

    [group], _ = ask(api, runs, parts=["metrics", "steps"])
    assert list(group) == ["runs.json", "steps.parquet"]
    assert group["runs.json"]["metrics"] == {"thickness": THICKNESSES}


def test_a_simulation_without_results_is_a_problem(api, template, runs):
    design = grid(thickness=[1.0], **{"raise": [1.0]})
    [refused] = finish(api, submit(api, template, design_parameters_doe=design))
    design = grid(thickness=[1.0], fail=[1.0])
    [failed] = finish(api, submit(api, template, design_parameters_doe=design))

    groups, problems = ask(api, ["no such id", refused, failed, runs[1]])

    assert refused["storage_folder"] is None
    assert problems == [
        {
            "simulation_id": "no such id",
            "status": None,
            "error": "There is no simulation 'no such id'.",
        },
        {"simulation_id": refused["id"], "status": "failed", "error": "refused"},
    ]
    found = [each for group in groups for each in group["runs.json"]["simulation_ids"]]
    assert sorted(found) == sorted([failed["id"], runs[1]["id"]]), "what was computed is sent"


def test_missing_files_do_not_keep_other_results_back(app, api, template, runs):
    [lost] = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[3.0])))
    app.services.store.blobs.delete(lost["storage_folder"])

    [group], [problem] = ask(api, [lost, *runs])

    assert group["runs.json"]["simulation_ids"] == [run["id"] for run in runs]
    assert (problem["simulation_id"], problem["status"]) == (lost["id"], "completed")
    assert "restore the folder's files" in problem["error"]


def test_damaged_files_do_not_keep_other_results_back(app, api, template, runs):
    [lost] = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[3.0])))
    overwrite(app.services.store.blobs, f"{lost['storage_folder']}/steps.parquet", b"PAR1")

    [group], [problem] = ask(api, [lost, *runs])

    assert group["runs.json"]["simulation_ids"] == [run["id"] for run in runs]
    assert problem["simulation_id"] == lost["id"]
    assert "cannot be read" in problem["error"]


def damage(app, folder, name):
    """Overwrite what is between the marks at the ends of a file."""
    blobs, key = app.services.store.blobs, f"{folder}/{name}"
    overwrite(blobs, key, b"PAR1" + bytes(blobs.size(key) - 8) + b"PAR1")


@pytest.mark.parametrize("name", ["steps.parquet", "time_series.parquet"])
def test_single_downloads_say_that_a_file_is_damaged(app, api, runs, name):
    damage(app, runs[0]["storage_folder"], name)
    path = f"/simulations/{runs[1]['id']}"
    single = name.removesuffix(".parquet")
    for reply in (
        api.get(f"{path}/result"),
        api.get(f"{path}/{single}/download", headers={"Accept": PARQUET}),
    ):
        assert (reply.status_code, reply.json()["error_code"]) == (410, "GONE")
        assert f"{runs[1]['id']}' cannot be read" in reply.json()["message"]


def test_a_pack_that_was_replaced_meanwhile_is_found(app, api, runs, monkeypatch):
    store = app.services.store
    located = results._located
    moved = []

    def locate_before_the_move(*arguments, **options):
        found = located(*arguments, **options)
        if not moved:
            moved.append(runs[0]["storage_folder"])
            for name in ("steps.parquet", "time_series.parquet"):
                with store.blobs.open(f"{moved[0]}/{name}") as file:
                    store.blobs.write_frame(f"ab-moved/{name}", pl.read_parquet(file))
            store.blobs.delete(moved[0])
            with store.writing() as connection:
                connection.exec_driver_sql("UPDATE packs SET folder = 'ab-moved'")
        return found

    monkeypatch.setattr(results, "_located", locate_before_the_move)
    [group], problems = ask(api, runs)
    assert (len(group["runs.json"]["simulation_ids"]), problems) == (3, [])


def test_a_store_that_fails_at_once_is_an_error_reply(api, runs, monkeypatch):
    def fail(*_arguments):
        raise OSError(errno.EIO, "the disk fails")

    monkeypatch.setattr(results, "_located", fail)
    reply = api.post("/simulations/results", json={"simulation_ids": [runs[0]["id"]]})
    assert reply.status_code >= 500
    assert reply.json()["error_code"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_run_of_a_pack_is_read_alone(api, runs, place):
    accepted = {"Accept": "application/vnd.apache.parquet"}
    path = f"/simulations/{runs[place]['id']}"
    voltages = [THICKNESSES[place]] * (place + 1)

    series = pl.read_parquet(api.get(f"{path}/time_series/download", headers=accepted).content)
    steps = pl.read_parquet(api.get(f"{path}/steps/download", headers=accepted).content)
    result = api.get(f"{path}/result").json()

    assert series["Voltage [V]"].to_list() == voltages
    assert steps.to_dict(as_series=False) == {"Label": voltages[:1], "End index": [place]}
    assert result["time_series"]["Voltage [V]"] == voltages
    assert result["steps"] == {"Label": voltages[:1], "End index": [place]}
    assert result["metrics"]["thickness"] == voltages[0]
    link = api.get(f"{path}/steps/download").headers["location"]
    assert pl.read_parquet(api.get(link).content).equals(steps)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"simulation_ids": []},
        {"simulation_ids": ["a"] * 10_001},
        {"simulation_ids": ["a"], "parts": ["colour"]},
        {"simulation_ids": ["a"], "parts": []},
        {"simulation_ids": ["a"], "format": "zip"},
    ],
)
@pytest.mark.off_contract("requests that the contract rejects")
def test_an_invalid_request_is_rejected(shared_api, body):
    assert shared_api.post("/simulations/results", json=body).status_code == 422


def test_the_capabilities_list_the_operation(shared_api):
    assert shared_api.get("/discovery/capabilities").json()["bulk_results"] is True


def test_results_are_sent_while_they_are_read(app, api, template, runs, monkeypatch):
    others = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[3.0])))
    opened = []
    original = results.Pack.opened
    monkeypatch.setattr(
        results.Pack, "opened", lambda *where: opened.append(where) or original(*where)
    )
    ids = [run["id"] for run in (*runs, *others)]
    sent = results.members(app.services.store, ids)
    next(sent)
    assert len(opened) == 1
    sent.close()
