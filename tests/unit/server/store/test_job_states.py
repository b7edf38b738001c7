"""How the states of jobs are found and changed among a million others."""

import pytest
import sqlalchemy as sa

from ionworks.server.store import run_ids
from ionworks.server.store.database import Store
from ionworks.server.store.job_states import JOBS
from ionworks.server.store.measurement_states import MEASUREMENTS
from ionworks.server.store.run_states import RUNS
from tests.databases import needs_sqlite

OWNER = "this process"
SUBMISSION = run_ids.new_submission_id()


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


@needs_sqlite
@pytest.mark.parametrize(
    ("states", "index", "ids"),
    [
        (JOBS, "sqlite_autoindex_jobs_1 (id=?)", [f"job {number}" for number in range(50)]),
        (MEASUREMENTS, "sqlite_autoindex_measurements_1 (id=?)", ["a", "b"]),
        (
            RUNS,
            "sqlite_autoindex_runs_1 (submission_id=? AND first>? AND first<?)",
            [run_ids.job_id(SUBMISSION, index) for index in range(50)],
        ),
    ],
    ids=["jobs", "measurements", "runs"],
)
@pytest.mark.parametrize(
    "change",
    [
        lambda states, store, ids: states.put_back(store, OWNER, ids, counts=True),
        lambda states, store, ids: states.fail(store, OWNER, ids, "INTERNAL_ERROR", "reason"),
    ],
    ids=["put_back", "fail"],
)
def test_jobs_are_changed_without_a_look_at_the_others(store, states, index, ids, change):
    """Else each chunk of a large submission keeps other writers waiting."""
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith(("UPDATE", "SELECT")):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    sa.event.listen(sa.Engine, "before_cursor_execute", explain)
    try:
        change(states, store, ids)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", explain)

    table = states.table.name
    assert f"SEARCH {table} USING INDEX {index}" in plans
    assert not any("SCAN" in each for each in plans)
