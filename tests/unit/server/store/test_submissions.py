"""Submissions stored in pieces: all of their runs are there, or none."""

from contextlib import ExitStack, contextmanager

import pytest
import sqlalchemy as sa

from ionworks.server.http.problems import Problem
from ionworks.server.store import (
    idempotency,
    records,
    run_parameters,
    seeds,
    simulations,
    submissions,
)
from ionworks.server.store.database import Store
from ionworks.server.store.idempotency import Key, KeyInUse
from ionworks.server.store.ranges import Range
from ionworks.server.store.run_parameters import Piece
from ionworks.server.store.run_states import RUNS
from ionworks.server.store.submissions import SimulationBatch
from ionworks.server.store.table_parts import metadata
from ionworks.server.store.tables import (
    experiment_templates,
    model_specs,
    old_ids,
    open_submissions,
    run_pieces,
    runs,
    studies,
    study_runs,
)
from ionworks.server.store.tables import submissions as submission_table
from tests.databases import needs_sqlite

OWNER = "owner"
TOUCHED = (
    submission_table,
    open_submissions,
    model_specs,
    old_ids,
    run_pieces,
    runs,
    study_runs,
)
#: Tables that refer to a submission and have rows of pipelines only.
UNTOUCHED = ("jobs",)


@pytest.fixture
def store(folder):
    store = Store(folder)
    seeds.plant(store)
    yield store
    store.close()


@pytest.fixture
def batch_of(store):
    values = {"project_id": "default", "name": "Discharge", "protocol": "", "protocol_config": {}}
    template = records.create(
        store, experiment_templates, {**values, "parameters_schema": {}}, noun="protocol"
    )
    study = records.create(store, studies, {"project_id": "default", "name": "s"}, noun="study")

    def make(count):
        return SimulationBatch(
            project_id="default",
            model={"a": 1},
            parameterized_model_id=None,
            template=template,
            extra_variables=[],
            max_backward_jumps=None,
            count=count,
            study_ids=[study["id"]],
            seed=7,
        )

    return make


def piece(*values):
    runs = [{"experiment_parameters": {}, "design_parameters": {"x": value}} for value in values]
    return Piece(runs, [[{"category": "parameters", "message": f"{v}"}] for v in values])


def row_counts(store):
    with store.reading() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in TOUCHED
        }


def test_runs_of_all_pieces_are_found_in_order_under_one_submission(store, batch_of):
    made = submissions.insert(store, OWNER, batch_of(5), [piece(0, 1), piece(2, 3), piece(4)])

    replies = list(submissions.replies(store, made))

    found = [simulations.find(store, reply["simulation_id"]) for reply in replies]
    assert [each["design_parameters"]["x"] for each in found] == [0, 1, 2, 3, 4]
    assert [each["name"] for each in found] == [f"Discharge {n}/5" for n in range(1, 6)]
    assert [each["job_id"] for each in found] == [reply["job_id"] for reply in replies]
    assert [reply["notes"][0]["message"] for reply in replies] == list("01234")
    assert {reply["seed"] for reply in replies} == {7}
    assert row_counts(store)["open_submissions"] == 0


def test_readers_see_no_run_before_the_last_piece_is_stored(store, batch_of):
    seen = []

    def pieces():
        for number in range(3):
            listed, total = simulations.page(store, {})
            queued, queued_total = simulations.page(store, {"state": "queued"})
            seen.append((len(listed), total, len(queued), queued_total))
            yield piece(number)

    submissions.insert(store, OWNER, batch_of(3), pieces())

    assert seen == [(0, 0, 0, 0)] * 3
    assert simulations.page(store, {})[1] == 3


def test_an_open_submission_belongs_to_the_process_that_stores_it(store, batch_of):
    """Not to the process that is to run it, so that its rest is removed if the first one dies."""
    owners = []

    def pieces():
        for number in range(2):
            yield piece(number)
            with store.reading() as connection:
                owners.extend(connection.scalars(sa.select(open_submissions.c.owner)))

    made = submissions.insert(store, OWNER, batch_of(2), pieces(), writer="web")

    assert owners == ["web"]
    assert submissions.pending_count(store, made) == 2


def test_the_queue_does_not_run_what_is_still_being_stored(store, batch_of):
    waiting = []

    def pieces():
        for number in range(2):
            yield piece(number)
            waiting.append(RUNS.waiting(store, OWNER))

    made = submissions.insert(store, OWNER, batch_of(2), pieces())

    [group] = RUNS.waiting(store, OWNER)
    assert waiting[0] == []
    assert (group.submission_id, group.number) == (made, 2)


def test_other_writers_get_in_between_two_pieces(folder, store, batch_of):
    other = Store(folder, busy_timeout=0)

    def pieces():
        for number in range(3):
            values = {"project_id": "default", "name": f"{number}"}
            records.create(other, studies, values, noun="study")
            yield piece(number)

    submissions.insert(store, OWNER, batch_of(3), pieces())
    other.close()


class Interrupted(Exception):
    pass


def interrupted_after(*pieces):
    yield from pieces
    raise Interrupted


def test_a_piece_that_fails_leaves_nothing(store, batch_of):
    before = row_counts(store)

    with pytest.raises(Interrupted):
        submissions.insert(
            store, OWNER, batch_of(4), interrupted_after(piece(0, 1), piece(2)), key_of("k")
        )

    assert row_counts(store) == before
    assert idempotency.find(store, key_of("k")) is None


def test_a_study_that_is_deleted_meanwhile_leaves_no_run(store, batch_of):
    batch = batch_of(2)

    def pieces():
        yield piece(0)
        records.remove(store, studies, "study", batch.study_ids[0])
        yield piece(1)

    with pytest.raises(Problem, match="was deleted while they were stored") as raised:
        submissions.insert(store, OWNER, batch, pieces())

    assert raised.value.status == 409
    assert set(row_counts(store).values()) == {0}


def test_more_runs_than_a_piece_are_deleted_in_pieces(store, batch_of):
    before = row_counts(store)
    many = piece(*range(records.PIECE))

    with pytest.raises(Interrupted):
        submissions.insert(
            store, OWNER, batch_of(2 * records.PIECE), interrupted_after(many, piece(1))
        )

    assert row_counts(store) == before


def test_pieces_of_an_owner_that_died_are_deleted_by_another_engine(open_app, folder, batch_of):
    dead = Store(folder)
    before = row_counts(dead)
    abandoned = submissions.insert(dead, OWNER, batch_of(9), [piece(0, 1), piece(2)])
    submissions.insert(dead, OWNER, batch_of(1), [piece(0)])
    assert row_counts(dead)["run_pieces"] == 3
    dead.close()

    app = open_app()

    now = row_counts(app.services.store)
    assert (now["runs"], now["run_pieces"]) == (before["runs"] + 1, before["run_pieces"] + 1)
    assert now["open_submissions"] == 0
    with app.services.store.reading() as connection:
        assert records.find(connection, submission_table, abandoned) is None


def test_what_could_not_be_deleted_at_once_is_deleted_later(store, batch_of):
    before = row_counts(store)
    submissions.insert(store, OWNER, batch_of(9), [piece(0, 1)])

    submissions.discard_open(store, "another owner")
    assert row_counts(store)["run_pieces"] == 1
    submissions.discard_open(store, OWNER)

    assert row_counts(store) == before


def test_a_submission_that_is_completed_meanwhile_is_not_deleted(store, batch_of):
    made = submissions.insert(store, OWNER, batch_of(9), [piece(0, 1)])

    class CompletedAfterReading:
        writing = store.writing

        @contextmanager
        def reading(self):
            with store.reading() as connection:
                yield connection
            with store.writing() as connection:
                connection.execute(sa.delete(open_submissions))

    submissions.discard_open(CompletedAfterReading(), OWNER)

    with store.reading() as connection:
        assert records.find(connection, submission_table, made) is not None
    assert row_counts(store)["run_pieces"] == 1


def test_the_answer_does_not_wait_twice_for_a_locked_store(folder, batch_of):
    class CountingStore(Store):
        transactions = 0

        def writing(self):
            self.transactions += 1
            return super().writing()

    store, other = CountingStore(folder, busy_timeout=0), Store(folder)
    batch = batch_of(2)
    before = row_counts(store)
    store.transactions = 0
    lock = ExitStack()

    def pieces():
        yield piece(0)
        lock.enter_context(other.writing())
        yield piece(1)

    with lock, pytest.raises(sa.exc.OperationalError, match="lock"):
        submissions.insert(store, OWNER, batch, pieces())

    assert store.transactions == 2
    submissions.discard_open(store, OWNER)
    assert row_counts(store) == before
    store.close()
    other.close()


def test_a_submission_that_is_being_stored_is_not_deleted(store, batch_of):
    def pieces():
        yield piece(0)
        submissions.discard_open(store, OWNER)
        yield piece(1)

    made = submissions.insert(store, OWNER, batch_of(2), pieces())

    assert len(list(submissions.replies(store, made))) == 2


def test_a_submission_has_one_row_for_all_its_runs(store, batch_of):
    submissions.insert(
        store, OWNER, batch_of(2000), [piece(*range(1000)), piece(*range(1000, 2000))]
    )

    counts = row_counts(store)
    assert (counts["runs"], counts["study_runs"], counts["run_pieces"]) == (1, 1, 2)


def test_runs_that_were_deleted_are_left_out_and_the_last_one_takes_all_with_it(store, batch_of):
    before = row_counts(store)
    made = submissions.insert(store, OWNER, batch_of(5), [piece(0, 1), piece(2, 3), piece(4)])
    ids = [reply["simulation_id"] for reply in submissions.replies(store, made)]

    for index in (0, 3, 4):
        simulations.remove(store, ids[index])

    assert [index for index, _ in run_parameters.stored(store, made)] == [1, 2]
    assert row_counts(store)["run_pieces"] == 2
    assert simulations.find(store, ids[3]) is None
    assert simulations.find(store, ids[2])["design_parameters"] == {"x": 2}
    with pytest.raises(Problem, match="was deleted"):
        submissions.replies(store, made)
    for identifier in ids:
        simulations.remove(store, identifier)
    assert row_counts(store) == before


def test_runs_are_listed_from_the_newest_one_on(store, batch_of):
    first = submissions.insert(store, OWNER, batch_of(5), [piece(*range(5))])
    second = submissions.insert(store, OWNER, batch_of(3), [piece(*range(3))])
    ids = [
        reply["simulation_id"]
        for made in (first, second)
        for reply in submissions.replies(store, made)
    ]
    RUNS.claim(store, OWNER, first, 2, alone=False)
    simulations.remove(store, ids[3])
    expected = [identifier for identifier in reversed(ids) if identifier != ids[3]]

    for query in ({}, {"project_id": "default"}):
        for offset in range(9):
            page, total = simulations.page(store, {**query, "limit": 4, "offset": offset})
            assert [each["id"] for each in page] == expected[offset : offset + 4]
            assert total == 7
    running, total = simulations.page(store, {"state": "running"})
    assert ([each["id"] for each in running], total) == ([ids[1], ids[0]], 2)


def test_runs_of_a_study_are_listed_without_the_others(store, batch_of):
    batch = batch_of(6)
    made = submissions.insert(store, OWNER, batch, [piece(*range(6))])
    ids = [reply["simulation_id"] for reply in submissions.replies(store, made)]
    RUNS.claim(store, OWNER, made, 2, alone=False)
    with store.writing() as connection:
        simulations.withdraw(connection, batch.study_ids[0], made, [Range(1, 2)])
        simulations.withdraw(connection, batch.study_ids[0], made, [Range(4, 5)])

    page, total = simulations.page(store, {"study_id": batch.study_ids[0]})

    assert [each["id"] for each in page] == [ids[5], ids[3], ids[2], ids[0]]
    assert total == 4
    assert {tuple(each["study_ids"]) for each in page} == {(batch.study_ids[0],)}
    assert simulations.find(store, ids[1])["study_ids"] == []


def test_a_key_is_stored_with_the_last_piece(store, batch_of):
    key = key_of("k")

    def pieces():
        yield piece(0)
        assert idempotency.find(store, key) is None
        yield piece(1)

    made = submissions.insert(store, OWNER, batch_of(2), pieces(), key)

    assert idempotency.find(store, key) == made


def test_of_two_submissions_with_one_key_the_first_to_end_stays(store, batch_of):
    key = key_of("k")
    first = []

    def pieces():
        yield piece(0)
        first.append(submissions.insert(store, OWNER, batch_of(1), [piece(9)], key))
        yield piece(1)

    with pytest.raises(KeyInUse):
        submissions.insert(store, OWNER, batch_of(2), pieces(), key)

    assert idempotency.find(store, key) == first[0]
    assert (row_counts(store)["runs"], row_counts(store)["submissions"]) == (1, 1)


@needs_sqlite  # the plans of PostgreSQL depend on the number of rows
def test_no_list_of_a_million_runs_reads_more_rows_than_it_shows(store):
    """Each list finds its page through an index."""
    newest = "FROM runs JOIN submissions ON submissions.id = submission_id"
    order = "ORDER BY submissions.number DESC, first DESC LIMIT 10"
    plans = {
        f"SELECT runs.number {newest} {order}": "SCAN submissions",
        f"SELECT runs.number {newest} WHERE submissions.project_id = 'p' {order}": (
            "SEARCH submissions USING INDEX"
        ),
        "SELECT first FROM runs WHERE submission_id = 's' AND first >= 3 AND first < 9 "
        "ORDER BY first": "SEARCH runs USING COVERING INDEX sqlite_autoindex_runs_1",
        "SELECT max(first) FROM runs WHERE submission_id = 's' AND first <= 3": (
            "SEARCH runs USING COVERING INDEX sqlite_autoindex_runs_1"
        ),
    }
    with store.reading() as connection:
        for statement, expected in plans.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            details = [row[3] for row in plan]
            assert details[0].startswith(expected)
            assert not any("TEMP B-TREE" in detail for detail in details)


def test_all_tables_of_a_submission_are_compared():
    """A table that a submission writes and `row_counts` does not know would be left behind."""
    referring = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table in (submission_table, runs)
    }
    assert referring <= {*UNTOUCHED, *(table.name for table in TOUCHED)}


def key_of(text):
    return Key.of(text, "create_simulations", {"a": 1})
