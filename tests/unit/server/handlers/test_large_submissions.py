"""Submissions of so many runs that they are checked and stored in pieces."""

import pickle
import sqlite3
import tracemalloc

import orjson
import pytest

from ionworks.server.app import LocalApp
from ionworks.server.call import Services
from ionworks.server.http.contract import Contract
from ionworks.server.http.problems import Problem
from ionworks.server.http.replies import created_list
from ionworks.server.http.signed_links import Links
from ionworks.server.jobs import questions
from ionworks.server.jobs.queue import Jobs
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import worker_thread
from ionworks.server.store import seeds
from ionworks.server.store.database import DATABASE, Store
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.submission.checked_runs import CheckedRuns
from ionworks.server.submission.runs import expand
from tests.databases import needs_sqlite
from tests.unit.server.engines import QUICK, client_of

BATCH = "/simulations/with-template/batch"
SIZE = 100_000
checked = []


def check(payload):
    """Accept runs, except the last one of the sweep, and remember which parameters they vary."""
    runs = [run["design_parameters"] for run in payload["runs"]]
    varied = {name for name in runs[0] if len({run[name] for run in runs}) > 1}
    checked.append((len(runs), varied))
    problems = ["a run is wrong"] if {"slow": 1.0, "fast": 1.0} in runs else []
    return {"problems": problems, "notes": [[run] for run in runs]}


@pytest.fixture
def services(open_app):
    fields = {name: getattr(QUICK, name) for name in QUICK.__annotations__}
    checked.clear()
    return open_app(targets=Targets(**{**fields, "check": f"{__name__}:check"})).services


BATCH_OF_RUNS = SimulationBatch(
    project_id="default",
    model={},
    parameterized_model_id=None,
    template={"protocol": ""},
    extra_variables=[],
    max_backward_jumps=None,
    count=1,
)


def sweep(slow, fast):
    rows = [
        {"type": "range", "name": "slow", "min": 0.0, "max": 1.0, "count": slow},
        {"type": "range", "name": "fast", "min": 0.0, "max": 1.0, "count": fast},
    ]
    return {"sampling": "grid", "rows": rows}


def request(template, **fields):
    return {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
        **fields,
    }


def test_runs_are_checked_in_parts_that_vary_every_parameter_of_the_sweep(services, monkeypatch):
    monkeypatch.setattr(questions, "MOST_CHECKED", 4)
    runs = expand({"experiment_parameter_sets": [{}]}, sweep(3, 5), {})
    found = []

    def read():
        for piece in CheckedRuns(services, BATCH_OF_RUNS, runs):
            found.extend(zip(piece.runs, piece.notes, strict=True))

    with pytest.raises(Problem) as raised:
        read()

    # No part may be taken for a sweep in which only `fast` varies.
    assert [varied for _, varied in checked] == [{"slow", "fast"}] * 4
    assert max(size for size, _ in checked) <= 4 + 3
    assert [run for run, _ in found] == list(runs)[:12]
    assert all(notes == [run["design_parameters"]] for run, notes in found)
    assert raised.value.message == (
        "a run is wrong; of 15 runs, those with index 12 to 14 were checked together; "
        "indexes above count from 12"
    )


def test_a_problem_of_runs_that_are_checked_at_once_stands_alone(services):
    runs = expand({"experiment_parameter_sets": [{}]}, sweep(2, 2), {})

    with pytest.raises(Problem) as raised:
        list(CheckedRuns(services, BATCH_OF_RUNS, runs))

    assert raised.value.message == "a run is wrong"


def test_a_problem_in_more_runs_than_are_checked_at_once_says_where_it_is(api, template):
    conditions = [
        {"experiment_parameters": {}, "design_parameters": {"typo": 1.0} if n == 0 else {}}
        for n in range(SIZE + 1)
    ]

    reply = api.post(BATCH, json=request(template, conditions=conditions))

    assert reply.status_code == 422
    assert reply.json()["message"] == (
        f"unknown parameter 'typo'; of {SIZE + 1} runs, those with index 0 to {SIZE - 1} were "
        "checked together; indexes above count from 0"
    )
    assert api.get("/simulations").json()["total"] == 0


def test_runs_are_made_while_they_are_read():
    body = {"experiment_parameter_sets": [{"rate": 1.0}]}
    tracemalloc.start()
    try:
        runs = expand(body, sweep(1000, 1000), {"properties": {"T": {"default": 2.0}}})
        first = next(iter(runs))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(runs) == 1_000_000
    assert first == {
        "experiment_parameters": {"T": 2.0, "rate": 1.0},
        "design_parameters": {"slow": 0.0, "fast": 0.0},
    }
    assert peak < 1_000_000  # bytes: less than one for each run


def test_runs_of_a_design_are_sent_to_a_worker_as_the_design():
    runs = expand({"experiment_parameter_sets": [{"rate": 1.0}]}, sweep(100, 100), {})

    sent = pickle.dumps(runs)

    assert len(sent) < 1000
    assert list(pickle.loads(sent)) == list(runs)  # noqa: S301 - its own data


def test_random_runs_are_the_same_each_time_they_are_read():
    design = {
        "sampling": "random",
        "rows": [{"type": "range", "name": "x", "min": 0.0, "max": 1.0}],
        "count": 20,
        "seed": 3,
    }
    runs = expand({"experiment_parameter_sets": [{}, {}]}, design, {})

    assert list(runs) == list(runs)
    assert len(list(runs)) == len(runs) == 40


@pytest.mark.parametrize("size", [0, 1, 4999, 5000, 5001, 10_000])
def test_a_long_list_is_written_in_pieces(size):
    reply = created_list({"n": number} for number in range(size))

    pieces = [reply.content] if isinstance(reply.content, bytes) else list(reply.content)

    assert orjson.loads(b"".join(pieces)) == [{"n": number} for number in range(size)]
    assert max(map(len, pieces)) < 100_000


@needs_sqlite
def test_a_locked_database_is_503_and_reading_goes_on(folder):
    store = Store(folder, busy_timeout=0.01)
    seeds.plant(store)
    jobs = Jobs(store, workers=1, targets=QUICK, factory=worker_thread)
    app = LocalApp(Services(store, jobs, Contract(), Links()), None)
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with client_of(app) as client:
        writing = client.post("/projects", json={"name": "p"})
        reading = client.get("/simulations")
        other.execute("ROLLBACK")
        afterwards = client.post("/projects", json={"name": "p"})
    other.close()
    app.close()

    assert (writing.status_code, writing.json()["error_code"]) == (503, "STORE_UNAVAILABLE")
    assert writing.headers["Retry-After"] == "2"
    assert reading.status_code == 200
    assert afterwards.status_code == 201
