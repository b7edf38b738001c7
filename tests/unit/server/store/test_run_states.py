"""Runs of a submission change their states like a plain list of them, and packs end them."""

import itertools
from functools import partial

import pytest
import sqlalchemy as sa

from ionworks.server.store import packs, records, run_ids, seeds, simulations, submissions
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import Waiting
from ionworks.server.store.packs import Pack
from ionworks.server.store.run_parameters import Piece
from ionworks.server.store.run_states import RUNS, SIMULATE
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.store.tables import experiment_templates, runs, studies, study_runs
from ionworks.server.store.tables import packs as pack_table
from tests.databases import needs_sqlite

OWNER = "owner"


@pytest.fixture
def store(folder):
    store = Store(folder)
    seeds.plant(store)
    yield store
    store.close()


@pytest.fixture
def submitted(store):
    """Store a number of runs, and return their submission."""
    return partial(submission_of, store, template_of(store))


def template_of(store):
    values = {"project_id": "default", "name": "Discharge", "protocol": "", "protocol_config": {}}
    return records.create(
        store, experiment_templates, {**values, "parameters_schema": {}}, noun="protocol"
    )


def submission_of(store, template, count):
    batch = SimulationBatch(
        project_id="default",
        model={"a": 1},
        parameterized_model_id=None,
        template=template,
        extra_variables=[],
        max_backward_jumps=None,
        count=count,
        reuse=False,
    )
    parameters = [
        {"experiment_parameters": {}, "design_parameters": {"x": x}} for x in range(count)
    ]
    return submissions.insert(store, OWNER, batch, [Piece(parameters, [[]] * count)])


def ids_of(submission, indexes):
    return [run_ids.job_id(submission, index) for index in indexes]


def states(store, submission):
    """Return status and attempts of each run that is left, by its index."""
    statement = sa.select(runs).where(runs.c.submission_id == submission)
    with store.reading() as connection:
        return {
            index: (row.status, row.attempts)
            for row in connection.execute(statement).mappings()
            for index in range(row["first"], row["first"] + row["count"])
        }


def recorded(store, submission, indexes, *, owner=OWNER, folder="ab/folder", **fields):
    energy = {"energy": [float(index) for index in indexes]}
    pack = Pack(submission, indexes, folder, energy, compute_time=len(indexes) * 0.5, **fields)
    with store.writing() as connection:
        return packs.record(connection, owner, pack)


def found(store, submission, index):
    return simulations.find(store, run_ids.simulation_id(submission, index))


def row_count(store, table):
    with store.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_runs_are_claimed_in_their_order_and_never_twice(store, submitted):
    submission = submitted(10)

    claimed = [RUNS.claim(store, OWNER, submission, 4, alone=False) for _ in range(4)]

    assert claimed == [ids_of(submission, each) for each in (range(4), range(4, 8), (8, 9), ())]
    assert RUNS.all_processing(store, OWNER) == set(ids_of(submission, range(10)))
    assert RUNS.claim(store, "another", submission, 4, alone=False) == []


def test_runs_with_failed_attempts_are_claimed_alone(store, submitted):
    submission = submitted(6)
    RUNS.claim(store, OWNER, submission, 4, alone=False)

    assert RUNS.put_back(store, OWNER, ids_of(submission, [1, 3]), counts=True) == 2
    assert RUNS.put_back(store, OWNER, ids_of(submission, [0]), counts=False) == 1

    assert RUNS.waiting(store, OWNER) == [
        Waiting(submission, SIMULATE, False, 3),
        Waiting(submission, SIMULATE, True, 2),
    ]
    assert RUNS.claim(store, OWNER, submission, 5, alone=False) == ids_of(submission, [0, 4, 5])
    assert RUNS.claim(store, OWNER, submission, 5, alone=True) == ids_of(submission, [1, 3])


def test_runs_that_used_up_their_attempts_are_left_to_be_failed(store, submitted):
    submission = submitted(3)
    ids = RUNS.claim(store, OWNER, submission, 3, alone=False)
    RUNS.put_back(store, OWNER, ids[:1], counts=True)

    assert RUNS.put_back(store, OWNER, ids, counts=True, tries=2) == 2
    RUNS.fail(store, OWNER, ids[:1], "INTERNAL_ERROR", "gone")

    assert states(store, submission) == {
        0: ("failed", 2),
        1: ("pending", 1),
        2: ("pending", 1),
    }
    assert found(store, submission, 0)["error"] == "gone"


def test_waiting_submissions_come_in_the_order_of_their_creation(store, submitted):
    first, second = submitted(4), submitted(4)
    RUNS.claim(store, OWNER, first, 1, alone=False)

    assert [each.submission_id for each in RUNS.waiting(store, OWNER)] == [first, second]


def test_canceled_and_deleted_runs_are_not_wanted_and_stay_as_they_are(store, submitted):
    submission = submitted(5)
    ids = RUNS.claim(store, OWNER, submission, 5, alone=False)

    RUNS.cancel(store, ids[1])
    simulations.remove(store, run_ids.simulation_id(submission, 3))

    wanted = set(ids_of(submission, [0, 2, 4]))
    assert RUNS.still_wanted(store, OWNER, ids) == wanted
    assert RUNS.still_wanted(store, "another", ids) == set()
    assert RUNS.put_back(store, OWNER, ids, counts=False) == 3
    assert states(store, submission)[1] == ("canceled", 0)
    assert 3 not in states(store, submission)


def test_a_run_that_has_ended_cannot_be_canceled(store, submitted):
    submission = submitted(2)
    RUNS.claim(store, OWNER, submission, 2, alone=False)
    recorded(store, submission, [0, 1])

    RUNS.cancel(store, run_ids.job_id(submission, 0))

    assert found(store, submission, 0)["status"] == "completed"


def test_runs_of_a_dead_owner_are_adopted_unless_they_have_ended(store, submitted):
    submission = submitted(6)
    RUNS.claim(store, OWNER, submission, 4, alone=False)
    recorded(store, submission, [0, 1])
    RUNS.cancel(store, run_ids.job_id(submission, 5))

    assert RUNS.other_owners(store, "heir") == {OWNER}
    assert RUNS.adopt(store, OWNER, "heir") == 3

    assert RUNS.other_owners(store, "heir") == set()
    assert RUNS.claim(store, "heir", submission, 9, alone=False) == ids_of(submission, [2, 3, 4])


def test_each_run_of_a_pack_ends_with_its_own_outcome(store, submitted):
    submission = submitted(6)
    RUNS.claim(store, OWNER, submission, 6, alone=False)
    errors = {2: ("SOLVER_ERROR", "gave up"), 3: ("SOLVER_ERROR", "gave up")}

    assert recorded(store, submission, range(6), errors=errors, notes={5: ["stopped early"]})

    runs_found = [found(store, submission, index) for index in range(6)]
    assert [run["status"] for run in runs_found] == [
        *("completed", "completed", "failed", "failed", "completed", "completed"),
    ]
    assert [run["metrics"]["energy"] for run in runs_found] == [0, 1, 2, 3, 4, 5]
    assert {run["error"] for run in runs_found[2:4]} == {"gave up"}
    assert {run["storage_folder"] for run in runs_found} == {"ab/folder"}
    assert runs_found[5]["notes"] == [{"category": "run", "message": "stopped early"}]
    assert runs_found[5]["metrics"]["notes"] == ["stopped early"]
    # 0 and 1, 2 and 3, 4, 5.
    assert row_count(store, runs) == 4


def test_a_pack_ends_only_runs_that_its_owner_still_processes(store, submitted):
    submission = submitted(8)
    ids = RUNS.claim(store, OWNER, submission, 7, alone=False)
    RUNS.cancel(store, ids[1])
    simulations.remove(store, run_ids.simulation_id(submission, 3))
    indexes = [0, 1, 2, 3, 5, 6]  # 4 goes on; 7 was not begun

    assert recorded(store, submission, indexes)

    assert {index: status for index, (status, _) in states(store, submission).items()} == {
        0: "completed",
        1: "canceled",
        2: "completed",
        4: "processing",
        5: "completed",
        6: "completed",
        7: "pending",
    }
    for index in (0, 2, 5, 6):
        assert found(store, submission, index)["metrics"] == {"energy": index}
    with store.reading() as connection:
        places = connection.execute(
            sa.select(runs.c.first, runs.c.position).where(runs.c.pack.is_not(None))
        )
        assert {(index, indexes.index(index)) for index in (0, 2, 5)} <= set(map(tuple, places))


def test_outcomes_are_recorded_once_and_only_for_the_owner(store, submitted):
    submission = submitted(3)
    RUNS.claim(store, OWNER, submission, 3, alone=False)

    assert not recorded(store, submission, [0, 1], owner="another")
    assert recorded(store, submission, [0, 1])
    assert not recorded(store, submission, [0, 1])
    assert not recorded(store, submission, [0, 1], folder="cd/again")

    assert row_count(store, pack_table) == 1
    assert {found(store, submission, each)["storage_folder"] for each in (0, 1)} == {"ab/folder"}


def test_a_run_without_results_ends_without_a_pack(store, submitted):
    submission = submitted(2)
    RUNS.claim(store, OWNER, submission, 2, alone=False)
    errors = {0: ("CONFIGURATION_ERROR", "unknown"), 1: ("CONFIGURATION_ERROR", "unknown")}

    assert recorded(store, submission, [0, 1], folder=None, errors=errors)

    run = found(store, submission, 1)
    assert (run["status"], run["storage_folder"], run["metrics"]) == ("failed", None, {})
    assert row_count(store, pack_table) == 0


def test_the_results_of_a_pack_stay_until_its_last_run_is_deleted(store, submitted, folder):
    submission = submitted(3)
    RUNS.claim(store, OWNER, submission, 3, alone=False)
    recorded(store, submission, range(3))
    results = folder / "blobs" / "ab" / "folder"
    results.mkdir(parents=True)

    for index in (1, 0):
        simulations.remove(store, run_ids.simulation_id(submission, index))
        assert results.exists()
    assert found(store, submission, 2)["metrics"] == {"energy": 2}
    simulations.remove(store, run_ids.simulation_id(submission, 2))

    assert not results.exists()
    assert row_count(store, pack_table) == 0


def test_the_rows_of_a_large_submission_are_as_many_as_its_packs(store, submitted):
    submission = submitted(1000)
    folders = (f"ab/{number}" for number in itertools.count())
    while ids := RUNS.claim(store, OWNER, submission, 100, alone=False):
        indexes = [run_ids.parsed(each).index for each in ids]
        recorded(store, submission, indexes, folder=next(folders))

    assert row_count(store, runs) == 10
    assert {status for status, _ in states(store, submission).values()} == {"completed"}


@needs_sqlite
def test_a_page_of_a_study_takes_time_in_proportion_to_its_runs(store, submitted):
    def steps(count):
        """Return how many steps SQLite takes if every run has a row, and is in the study."""
        submission = submitted(count)
        study = records.create(
            store, studies, {"project_id": "default", "name": str(count)}, noun="study"
        )["id"]
        assigned = {"study_id": study, "submission_id": submission, "created_at": ""}
        with store.writing() as connection:
            whole = sa.delete(runs).where(runs.c.submission_id == submission).returning(runs)
            shared = dict(connection.execute(whole).mappings().one())
            del shared["number"]
            each = [{"first": index, "count": 1} for index in range(count)]
            connection.execute(sa.insert(runs), [{**shared, **one} for one in each])
            connection.execute(sa.insert(study_runs), [{**assigned, **one} for one in each])
        done = itertools.count()
        with store.reading() as connection:  # the only one of the pool, which is used again
            connection.connection.driver_connection.set_progress_handler(
                lambda: next(done) and None, 100
            )
        _, total = simulations.page(store, {"study_id": study, "limit": 1})
        assert total == count
        return next(done)

    assert steps(1000) < 3 * steps(500)
