"""Rows of ranges behave like a plain list of runs."""

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.store.ranges import Range, common, isolate, overlapping, parts, ranges_of

SIZE = 40
TABLE = sa.Table(
    "runs",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("submission_id", sa.Text),
    sa.Column("first", sa.Integer),
    sa.Column("count", sa.Integer),
    sa.Column("status", sa.Text),
    sa.Column("position", sa.Integer),
)
OF_SUBMISSION = TABLE.c.submission_id == "s"
INDEXES = st.sets(st.integers(0, SIZE - 1), min_size=1)


@pytest.fixture(scope="module")
def engine():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    TABLE.metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(
    st.integers(1, SIZE),
    st.lists(st.tuples(INDEXES, st.sampled_from(["delete", "a", "b", "c"])), max_size=8),
    INDEXES,
)
def test_rows_follow_a_plain_list(engine, size, changes, wanted):
    with engine.connect() as connection:
        row = {"first": 0, "count": size, "status": "new", "position": 0}
        rows = [{"submission_id": "s", **row}, {"submission_id": "other", **row}]
        connection.execute(sa.insert(TABLE), rows)
        plain = {index: ("new", index) for index in range(size)}
        for indexes, change in changes:
            changed(connection, indexes, change)
            for index in indexes & plain.keys():
                if change == "delete":
                    del plain[index]
                else:
                    plain[index] = (change, plain[index][1])

            assert runs_in(connection, "s") == plain
            assert len(runs_in(connection, "other")) == size

        both = [(each, part) for each in ("s", "other") for part in ranges_of(wanted)]
        said = {
            (row.submission_id, index): row.status
            for row in parts(connection, TABLE, both, columns=[TABLE.c.status])
            for index in Range(row.first, row.end)
        }
        assert said == {("s", each): plain[each][0] for each in wanted & plain.keys()} | {
            ("other", each): "new" for each in wanted if each < size
        }
        found = overlapping(connection, TABLE, OF_SUBMISSION, ranges_of(wanted))
        both = [part for each in found for part in common(range_of(each), ranges_of(wanted))]
        assert [index for part in both for index in part] == sorted(wanted & plain.keys())
        assert all(any(common(range_of(each), ranges_of(wanted))) for each in found)


@given(INDEXES, st.sampled_from(["a", "b"]))
def test_rows_that_do_not_meet_a_condition_stay_as_they_are(engine, indexes, status):
    with engine.connect() as connection:
        half = {"submission_id": "s", "count": SIZE // 2}
        rows = [
            {**half, "first": 0, "status": "a", "position": 0},
            {**half, "first": SIZE // 2, "status": "b", "position": 0},
        ]
        connection.execute(sa.insert(TABLE), rows)

        found = isolate(
            connection, TABLE, OF_SUBMISSION, ranges_of(indexes), TABLE.c.status == status
        )

        of_status = {each for each in indexes if (each < SIZE // 2) == (status == "a")}
        assert {index for row in found for index in range_of(row)} == of_status
        other = sa.select(TABLE.c.count).where(TABLE.c.status != status)
        assert connection.scalars(other).all() == [SIZE // 2]


@given(st.sets(st.integers(0, SIZE)))
def test_ranges_are_in_order_and_do_not_touch(indexes):
    found = ranges_of(indexes)

    assert [index for each in found for index in each] == sorted(indexes)
    assert all(left.end < right.first for left, right in itertools.pairwise(found))
    assert all(len(each) for each in found)


def test_runs_of_no_row_are_left_out(engine):
    with engine.connect() as connection:
        assert isolate(connection, TABLE, OF_SUBMISSION, [Range(0, 5)]) == []
        assert isolate(connection, TABLE, OF_SUBMISSION, []) == []


def changed(connection, indexes, change):
    rows = isolate(
        connection, TABLE, OF_SUBMISSION, ranges_of(indexes), counting=[TABLE.c.position]
    )
    which = TABLE.c.number.in_([row.number for row in rows])
    if change == "delete":
        connection.execute(sa.delete(TABLE).where(which))
    else:
        connection.execute(sa.update(TABLE).where(which).values(status=change))


def runs_in(connection, submission):
    statement = sa.select(TABLE).where(TABLE.c.submission_id == submission)
    found = [
        (row.first + offset, (row.status, row.position + offset))
        for row in connection.execute(statement)
        for offset in range(row.count)
    ]
    assert len(dict(found)) == len(found)  # no run is in two rows
    return dict(found)


def range_of(row):
    return Range(row.first, row.end)
