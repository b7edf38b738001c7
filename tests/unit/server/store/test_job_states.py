"""How the states of jobs are found and changed among a million others."""

import pytest
import sqlalchemy as sa

from ionworks.server.store.database import Store
from ionworks.server.store.job_states import JOBS
from ionworks.server.store.measurement_states import MEASUREMENTS

OWNER = "this process"
IDS = [f"job {number}" for number in range(50)]


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("states", [JOBS, MEASUREMENTS], ids=["jobs", "measurements"])
@pytest.mark.parametrize(
    "change",
    [
        lambda states, store: states.put_back(store, OWNER, IDS, counts=True),
        lambda states, store: states.fail(store, OWNER, IDS, "INTERNAL_ERROR", "reason"),
    ],
    ids=["put_back", "fail"],
)
def test_jobs_are_changed_without_a_look_at_the_others(store, states, change):
    """Else each chunk of a large submission keeps other writers waiting."""
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("UPDATE"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    sa.event.listen(sa.Engine, "before_cursor_execute", explain)
    try:
        change(states, store)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", explain)

    table = states.table.name
    assert plans == [f"SEARCH {table} USING INDEX sqlite_autoindex_{table}_1 (id=?)"]
