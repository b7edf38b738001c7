"""Records in PostgreSQL: addresses, migrations, writers at the same time, locks, a restart."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ionworks.server.http.problems import Problem
from ionworks.server.jobs.leases import Lease, SharedLease, lease_of
from ionworks.server.store import faults, migrations, postgresql, records, run_ids, seeds
from ionworks.server.store.database import DATABASE, Store
from ionworks.server.store.faults import fault_of
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_states import RUNS
from ionworks.server.store.table_parts import metadata
from ionworks.server.store.tables import models, projects, runs
from tests.postgres import programs, temporary_server
from tests.unit.server.engines import client_of, finish, grid, store_template, submit
from tests.unit.server.store.test_run_states import (
    OWNER,
    ids_of,
    recorded,
    states,
    submission_of,
    template_of,
)

WRITERS = 8

needs_postgresql = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def server():
    with temporary_server() as started:
        yield started


@pytest.fixture
def empty(server, request):
    """The address of an empty database."""
    name = f"d{abs(hash(request.node.nodeid))}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.url(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(empty, folder):
    opened = Store(folder, empty)
    seeds.plant(opened)
    yield opened
    opened.close()


@pytest.fixture
def engine_of():
    engines = []

    def make(database):
        engines.append(sa.create_engine(postgresql.url_of(database)))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


def together(*actions):
    """Run actions in threads that start at the same time, and return what they return."""
    barrier = threading.Barrier(len(actions))

    def run(action):
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("mysql://host/name", "unknown kind of database 'mysql'"),
        ("postgresql://user:hunter2@host", "lacks the name of the database"),
        ("ionworks.sqlite", "not given as a URL"),
    ],
)
def test_the_address_of_another_database_is_refused_without_its_password(folder, database, words):
    with pytest.raises(ValueError, match=words) as caught:
        Store(folder, database)

    assert "hunter2" not in str(caught.value)
    assert not folder.exists()


@pytest.mark.parametrize(
    "database",
    [
        "postgresql:///name?host=/var/run/postgresql",
        "postgresql://user@localhost/name",
        "postgresql://user@127.0.0.1:5433/name",
        "postgresql://user@[::1]/name",
        "postgresql://user:secret@db.example.org/name",
        "postgresql://user@db.example.org/name?passfile=/etc/ionworks/pgpass",
    ],
)
def test_a_database_with_a_password_or_on_this_machine_is_accepted(monkeypatch, database):
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSSLCERT"):
        monkeypatch.delenv(name, raising=False)

    postgresql.refuse_without_password(database)


@pytest.mark.parametrize(
    "database",
    [
        "postgresql://user@db.example.org/name",
        "postgresql://user@192.168.1.5/name",
        "postgresql:///name?host=/tmp,db.example.org",
    ],
)
def test_a_database_without_a_password_on_another_machine_is_refused(monkeypatch, database):
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSSLCERT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match=r"has no password.*PGPASSFILE"):
        postgresql.refuse_without_password(database)

    monkeypatch.setenv("PGPASSWORD", "secret")
    postgresql.refuse_without_password(database)


# ---------------------------------------------------------------- migrations


@needs_postgresql
def test_the_migrations_make_the_tables_of_the_code(store, engine_of, empty):
    with engine_of(empty).connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))

    assert found == []
    assert revision == postgresql.REVISION


@needs_postgresql
def test_a_database_of_an_earlier_revision_keeps_its_records(empty, engine_of, folder):
    with engine_of(empty).begin() as connection:
        migrations.upgrade(connection, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO projects (id, name, created_at, updated_at) VALUES ('a','A','','')"
            )
        )

    store = Store(folder, empty)

    assert records.require(store, projects, "project", "a")["name"] == "A"
    with pytest.raises(Problem, match="'A' exists already: a"):
        records.create(store, projects, {"name": "A"}, noun="project")
    store.close()


@needs_postgresql
def test_a_database_of_a_later_version_is_refused(store, empty, folder):
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(RuntimeError, match="changed by a later version of ionworks: upgrade"):
        Store(folder, empty)


@needs_postgresql
def test_a_database_of_another_program_is_refused(empty, engine_of, folder):
    with engine_of(empty).begin() as connection:
        connection.execute(sa.text("CREATE TABLE wiki (page TEXT)"))

    with pytest.raises(RuntimeError, match=r"belongs to another program: it has tables \(wiki\)"):
        Store(folder, empty)


@needs_postgresql
def test_results_without_their_records_are_kept(empty, folder):
    (folder / "blobs" / "ab" / "abc").mkdir(parents=True)

    with pytest.raises(RuntimeError, match=r"there are results, but .* is empty: restore it"):
        Store(folder, empty)

    assert (folder / "blobs" / "ab" / "abc").exists()


@needs_postgresql
def test_several_processes_open_a_new_database_at_once(empty, tmp_path):
    opened = together(*(partial(Store, tmp_path / str(each), empty) for each in range(4)))
    for store in opened:
        store.close()

    assert not (tmp_path / "0" / DATABASE).exists()


# ---------------------------------------------------------------- writers at the same time


@needs_postgresql
def test_writers_at_the_same_time_store_each_name_once(store):
    def create_all():
        refused = []
        for number in range(20):
            values = {"project_id": "default", "name": f"model {number}", "config": {}}
            try:
                records.create(store, models, values, noun="model")
            except Problem as problem:
                refused.append(problem.status)
        return refused

    refused = together(*[create_all] * WRITERS)

    with store.reading() as connection:
        names = connection.scalars(
            sa.select(models.c.name).where(models.c.name.like("model %"))
        ).all()
    assert sorted(names) == sorted(f"model {number}" for number in range(20))
    assert [status for each in refused for status in each] == [409] * 20 * (WRITERS - 1)


@needs_postgresql
def test_writers_at_the_same_time_split_rows_of_runs_without_losing_one(store):
    count = 400
    submission = submission_of(store, template_of(store), count)

    def claim_and_end(place):
        ended = []
        while claimed := RUNS.claim(store, OWNER, submission, 7, alone=False):
            indexes = [run_ids.parsed(each).index for each in claimed]
            recorded(store, submission, indexes, folder=f"ab/{place}-{indexes[0]}")
            ended += indexes
        return ended

    def cancel(place):
        for index in range(place, count, 40):
            RUNS.cancel(store, *ids_of(submission, [index]))
        return []

    claimers = [partial(claim_and_end, place) for place in range(WRITERS // 2)]
    cancelers = [partial(cancel, place) for place in range(WRITERS // 2)]
    ended = [index for found in together(*claimers, *cancelers) for index in found]

    left = states(store, submission)
    assert max(Counter(ended).values()) == 1
    assert sorted(left) == list(range(count))
    canceled = {index for index, (status, _) in left.items() if status == "canceled"}
    assert {status for status, _ in left.values()} <= {"completed", "canceled"}
    assert canceled <= {index for index in range(count) if index % 40 < WRITERS // 2}
    assert set(left) - canceled <= set(ended)
    with store.reading() as connection:
        rows = connection.execute(sa.select(runs.c.first, runs.c.count)).all()
    ranges = sorted((row.first, row.first + row[1]) for row in rows)
    assert all(end == begin for (_, end), (begin, _) in pairwise(ranges))


@needs_postgresql
def test_a_transaction_that_fails_because_of_others_is_repeated(store):
    attempts = []

    @repeatable
    def rename(name):
        with store.writing() as connection:
            attempts.append(name)
            found = connection.scalars(sa.select(projects.c.name)).all()
            if len(attempts) <= 2:
                barrier.wait()  # both have read before one of them writes
            connection.execute(sa.update(projects).values(name=f"{name} after {found[0]}"))

    barrier = threading.Barrier(2)
    together(partial(rename, "a"), partial(rename, "b"))

    with store.reading() as connection:
        [name] = connection.scalars(sa.select(projects.c.name))
    assert name in ("a after b after Default project", "b after a after Default project")
    assert len(attempts) == 3


@needs_postgresql
def test_a_transaction_that_cannot_be_repeated_excludes_other_writers(store):
    has_begun, may_end = threading.Event(), threading.Event()
    seen = []

    def read_twice():
        with store.writing() as connection:
            statement = sa.select(projects.c.name)
            seen.append(connection.scalars(statement).all())
            has_begun.set()
            may_end.wait(5)
            seen.append(connection.scalars(statement).all())

    def create():
        has_begun.wait()
        threading.Timer(0.1, may_end.set).start()
        records.create(store, projects, {"name": "new"}, noun="project")
        return len(seen)

    assert together(read_twice, create)[1] == 2
    assert seen[0] == seen[1] == ["Default project"]


# ---------------------------------------------------------------- locks


@needs_postgresql
def test_the_lock_of_an_owner_is_inherited_when_its_process_is_gone(store, empty, tmp_path):
    other = Store(tmp_path / "other machine", empty)
    lease, survivor = lease_of(other), lease_of(store)
    assert isinstance(lease, SharedLease)
    with survivor.inherit(lease.id) as is_dead:
        assert not is_dead
    assert store.held([lease.id, "gone"]) == {lease.id}

    with psycopg.connect(empty, autocommit=True) as connection:
        # As when the process is killed: the server ends its connections.
        pids = connection.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND"
            " ((classid::bigint << 32) | objid::bigint) = %s",
            [postgresql.key_of(lease.id)],
        ).fetchall()
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", pids[0])

    with survivor.inherit(lease.id) as is_dead:
        assert is_dead
        lease.renew()
        assert store.held([lease.id]) == {lease.id}
    lease.renew()
    with survivor.inherit(lease.id) as is_dead:
        assert not is_dead
    for each in (lease, survivor):
        each.release()
    other.close()


def test_a_folder_has_lock_files(folder, monkeypatch):
    class Records:
        is_shared = False

    Records.folder = folder
    (folder / "owners").mkdir(parents=True)
    lease = lease_of(Records)

    assert isinstance(lease, Lease)
    assert (folder / "owners" / f"{lease.id}.lock").exists()
    lease.release()


# ---------------------------------------------------------------- failures of the server


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (psycopg.OperationalError("connection refused"), faults.DISCONNECTED),
        (psycopg.OperationalError("password authentication failed"), faults.NO_ACCESS),
        (psycopg.OperationalError('database "a" does not exist'), faults.NO_DATABASE),
        (psycopg.InterfaceError("the connection is closed"), faults.DISCONNECTED),
        (psycopg.errors.AdminShutdown(), faults.DISCONNECTED),
        (psycopg.errors.CannotConnectNow(), faults.DISCONNECTED),
        (psycopg.errors.ConnectionFailure(), faults.DISCONNECTED),
        (psycopg.errors.DiskFull(), faults.SERVER_FULL),
        (psycopg.errors.TooManyConnections(), faults.CROWDED),
        (psycopg.errors.OutOfMemory(), faults.OVERLOADED),
        (psycopg.errors.SerializationFailure(), faults.CONTENDED),
        (psycopg.errors.DeadlockDetected(), faults.CONTENDED),
        (psycopg.errors.LockNotAvailable(), faults.CONTENDED),
        (psycopg.errors.ReadOnlySqlTransaction(), faults.READ_ONLY_SERVER),
        (psycopg.errors.InsufficientPrivilege(), faults.NO_ACCESS),
        (psycopg.errors.UndefinedTable(), None),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.DataError("cannot contain NUL"), None),
    ],
)
def test_errors_of_postgresql_are_faults_of_the_store(error, fault):
    assert fault_of(sa.exc.DBAPIError("SELECT 1", {}, error)) is fault


@needs_postgresql
def test_a_server_that_cannot_be_reached_is_explained(folder, open_app, server):
    with pytest.raises(RuntimeError, match=r"cannot open postgresql://.*has no such database"):
        open_app(database=server.url("missing"))


@needs_postgresql
def test_a_text_that_postgresql_cannot_store_is_refused(open_app, empty):
    with client_of(open_app(database=empty)) as api:
        reply = api.post("/projects", json={"name": "a\0b"})

    assert reply.status_code == 422
    assert "NUL" in reply.text


@needs_postgresql
def test_each_run_is_recorded_once_when_the_server_is_killed_amid_a_batch(open_app, monkeypatch):
    monkeypatch.setattr("ionworks.server.jobs.queue.RECOVERY_PERIOD", 0.2)
    monkeypatch.setattr("ionworks.server.jobs.outages.LONGEST_PAUSE", 0.1)
    with temporary_server() as server:
        app = open_app(database=server.url(), workers=2)
        with client_of(app) as api:
            values = {"thickness": [float(each) for each in range(300)]}
            submitted = submit(api, store_template(app), design_parameters_doe=grid(**values))

            server.kill()
            reply = api.get("/projects")
            server.start()
            records_of_runs = finish(api, submitted)

            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
            assert {each["status"] for each in records_of_runs} == {"completed"}
            with app.services.store.reading() as connection:
                stored = connection.scalar(sa.text("SELECT sum(count) FROM runs"))
                in_packs = connection.execute(
                    sa.text("SELECT pack, position, count FROM runs ORDER BY pack, position")
                ).all()
        app.close()

    places = [(row.pack, row.position + each) for row in in_packs for each in range(row[2])]
    assert stored == 300
    assert len(set(places)) == 300
