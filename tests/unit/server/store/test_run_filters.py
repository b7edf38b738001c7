"""Lists of simulations by name, status and times, in any order, compared with looking at each."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from ionworks.server.http.problems import Problem
from ionworks.server.store import records, run_filters, seeds, simulations, submissions
from ionworks.server.store.database import Store, timestamp
from ionworks.server.store.dialects import item, items
from ionworks.server.store.ranges import Range
from ionworks.server.store.run_parameters import Piece
from ionworks.server.store.run_states import RUNS
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.store.tables import experiment_templates, old_ids, runs, studies

OWNER = "owner"
#: Submissions: title, number of runs.
MADE = (("1C Discharge", 12), ("Rest", 1), ("1C discharge", 1), ("50%_done", 3), ("Rest 1/2", 2))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    seeds.plant(store)
    for title, count in MADE:
        submit(store, title, count)
    yield store
    store.close()


def submit(store, title, count, names=None, study_id=None):
    values = {"project_id": "default", "protocol": "", "protocol_config": {}}
    values |= {"name": str(uuid4()), "parameters_schema": {}}
    template = records.create(store, experiment_templates, values, noun="protocol")
    batch = SimulationBatch(
        project_id="default",
        model={"a": 1},
        parameterized_model_id=None,
        template={**template, "name": title},
        extra_variables=[],
        max_backward_jumps=None,
        count=count,
        study_ids=[] if study_id is None else [study_id],
        reuse=False,
    )
    parameters = [{"experiment_parameters": {}, "design_parameters": {}}] * count
    return submissions.insert(store, OWNER, batch, [Piece(parameters, [[]] * count, names)])


def names(store, **query):
    page, total = simulations.page(store, {"limit": 1000, **query})
    assert len(page) == total
    return [each["name"] for each in page]


@pytest.mark.parametrize(
    "text",
    [
        "ilike.%discharge%", "ilike.%DISCHARGE 1%", "ilike.%e 3/12%", "ilike.%/12%", "ilike.%1%",
        "ilike.% 2%", "ilike.%rest%", r"ilike.%50\%\_d%", "ilike.%50%", "ilike.%done%", "ilike.%%",
        "ilike.%rest 1/2 2%", "ilike.1C%2", "like.%Discharge%", "like.%/3", "neq.Rest",
        "in.(Rest,1C Discharge 7/12)", "gt.R", "lte.1C Discharge 12/12",
        "Rest", "eq.Rest", "1C Discharge 7/12", "eq.Rest 1/2", "eq.Rest 1/2 1/2", "eq.none",
    ],
)  # fmt: skip
def test_a_filter_on_names_finds_what_a_look_at_each_name_finds(store, text):
    every = names(store)
    name = item(items(sa.literal(json.dumps(every))), sa.Text)
    condition = run_filters.filters.condition("name", name, text)
    with store.reading() as connection:
        expected = list(connection.scalars(sa.select(name).where(condition)))

    assert len(every) == sum(count for _, count in MADE)
    assert names(store, name=text) == expected


def test_names_are_not_looked_at_where_the_title_tells(store, monkeypatch):
    monkeypatch.setattr(run_filters, "_ranges", None)

    assert len(names(store, name="ilike.%discharge%")) == 13
    assert names(store, name="ilike.%sweep%") == []
    assert names(store, name="NMC622") == []


def test_runs_of_a_list_by_name_are_paged(store):
    every = names(store, name="ilike.%1/%")

    for order in ("desc", "asc"):
        wanted = every if order == "desc" else every[::-1]
        for offset in range(len(every) + 1):
            query = {"name": "ilike.%1/%", "order": order, "limit": 2, "offset": offset}
            page, total = simulations.page(store, query)
            assert [each["name"] for each in page] == wanted[offset : offset + 2]
            assert total == len(every)


def test_the_order_of_a_list(store):
    newest = names(store)

    assert newest[:3] == ["Rest 1/2 2/2", "Rest 1/2 1/2", "50%_done 3/3"]
    assert names(store, order="asc") == newest[::-1]
    assert names(store, order_by="created_at", order="desc") == newest
    by_name = names(store, order_by="name", order="asc")
    assert by_name[:4] == [f"1C Discharge {number}/12" for number in (1, 2, 3, 4)]
    assert by_name[12:14] == ["1C discharge", "50%_done 1/3"]
    assert names(store, order_by="name") == by_name[::-1]
    with pytest.raises(Problem, match="cannot order by 'owner'; known: created_at, updated_at"):
        names(store, order_by="owner")


def test_a_list_by_status_and_times(folder):
    with_clock = Store(folder)
    seeds.plant(with_clock)
    made = submit(with_clock, "A", 5)
    other = submit(with_clock, "B", 1)
    RUNS.claim(with_clock, OWNER, made, 2, alone=False)
    with with_clock.writing() as connection:
        for submission_id, day in ((made, 1), (other, 2)):
            moment = timestamp(datetime(2026, 5, day, tzinfo=UTC))
            key = runs.c.submission_id == submission_id
            connection.execute(sa.update(runs).where(key).values(created_at=moment))

    assert names(with_clock, status="processing") == ["A 2/5", "A 1/5"]
    assert names(with_clock, status="in.(processing,failed)") == ["A 2/5", "A 1/5"]
    assert names(with_clock, status="neq.processing", name="ilike.%a%") == [
        "A 5/5",
        "A 4/5",
        "A 3/5",
    ]
    assert names(with_clock, created_at_gt="2026-05-02") == ["B"]
    assert len(names(with_clock, created_at_lt="2026-05-01T12:00:00Z")) == 5
    assert names(with_clock, order_by="status", order="asc")[-2:] == ["A 1/5", "A 2/5"]
    assert names(with_clock, order_by="updated_at")[:2] == ["A 2/5", "A 1/5"]
    with pytest.raises(Problem, match="is not an ISO 8601 date"):
        names(with_clock, created_at_gt="yesterday")
    with pytest.raises(Problem, match="unknown operator 'is'"):
        names(with_clock, status="is.null")
    with_clock.close()


def test_names_within_a_study(folder):
    store = Store(folder)
    seeds.plant(store)
    study = records.create(store, studies, {"project_id": "default", "name": "s"}, noun="study")
    made = submit(store, "A", 10, study_id=study["id"])
    submit(store, "A", 10)
    with store.writing() as connection:
        simulations.withdraw(connection, study["id"], made, [Range(1, 2), Range(4, 5)])

    found = names(store, study_id=study["id"], name="in.(A 2/10,A 3/10,A 5/10,A 6/10)")

    assert found == ["A 6/10", "A 3/10"]
    assert names(store, study_id=study["id"], name="ilike.%a 1%") == ["A 10/10", "A 1/10"]
    store.close()


def test_runs_of_an_earlier_layout_are_found_by_their_own_names(folder):
    store = Store(folder)
    seeds.plant(store)
    made = submit(store, "title", 2, names=["Formation", "Ageing"])
    old = {"submission_id": made, "run_index": 0, "simulation_id": "s", "job_id": "j"}
    with store.writing() as connection:
        connection.execute(sa.insert(old_ids), old)

    assert names(store, name="ilike.%form%") == ["Formation"]
    assert names(store, name="ilike.%title%") == []
    store.close()
