"""Jobs while the store fails, and after: each ends once, and nothing computed is lost."""

import errno
import logging
import math
import sqlite3
import threading
from collections import Counter
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from attrs import evolve

from ionworks.server.jobs import outages, queue
from ionworks.server.jobs.outages import Interrupted, Outages
from ionworks.server.jobs.outcomes import OutcomeFile
from ionworks.server.jobs.pipelines import PipelineJobs
from ionworks.server.jobs.simulations import SimulationJobs
from ionworks.server.store import cleanup, measurement_states, packs
from ionworks.server.store.blobs import FolderBlobs
from ionworks.server.store.database import Store
from ionworks.server.store.faults import FULL, LOCKED
from ionworks.server.store.job_states import JobStates
from ionworks.server.store.run_states import RunStates
from ionworks.server.store.tables import runs
from tests.unit.server import pipelines
from tests.unit.server.engines import QUICK, client_of, finish, grid, statuses, submit, wait_until
from tests.unit.server.uploading import make_cell, measure

_WRITE = pytest.param(
    (FolderBlobs, "write_frame"), marks=pytest.mark.folder_blobs("the disk of the folder is full")
)

GATED = evolve(QUICK, simulate="tests.unit.server.gated:simulate")
BATCH = "/simulations/with-template/batch"


@pytest.fixture(autouse=True)
def short_periods(monkeypatch):
    monkeypatch.setattr(queue, "RECOVERY_PERIOD", 0.05)
    monkeypatch.setattr(queue, "PROGRESS_PERIOD", 0.01)
    monkeypatch.setattr(outages, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(outages, "LONGEST_PAUSE", 0.01)


def database_error(code):
    cause = sqlite3.OperationalError("as SQLite says")
    cause.sqlite_errorcode = code
    return sa.exc.OperationalError("COMMIT", {}, cause)


class Outage:
    """While it lasts, every transaction that writes fails and those that read do not."""

    def __init__(self, monkeypatch):
        self.code = None
        self.failures = 0
        working = Store.writing

        @contextmanager
        def writing(store):
            if self.code is not None:
                self.failures += 1
                raise database_error(self.code)
            with working(store) as connection:
                yield connection

        monkeypatch.setattr(Store, "writing", writing)


@pytest.fixture
def outage(monkeypatch):
    return Outage(monkeypatch)


def computed(app):
    return Counter((app.folder / "blobs" / "computed.txt").read_text().split())


def outcome_files(app):
    return list((app.folder / "outcomes").iterdir())


def attempts(app):
    with app.services.store.reading() as connection:
        return set(connection.exec_driver_sql("SELECT attempts FROM runs").scalars())


def delay_reasons(api, submissions):
    ids = [submission["simulation_id"] for submission in submissions]
    reply = api.post("/simulations/statuses", json={"simulation_ids": ids}).json()
    return {status["delay_reason"] for status in reply}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (sqlite3.SQLITE_FULL, "the disk with the engine's folder is full"),
        (sqlite3.SQLITE_BUSY, "the engine's database is busy with other writes"),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk with the engine's folder does not work"),
    ],
)
def test_runs_go_on_after_an_outage_and_users_see_why_they_wait(
    open_app, template_of, outage, caplog, code, reason
):
    app = open_app(targets=GATED)
    with client_of(app) as api:
        template = template_of(app)
        submissions = submit(api, template, design_parameters_doe=grid(thickness=range(60)))
        wait_until((app.folder / "blobs" / "waiting").exists)
        assert delay_reasons(api, submissions) == {None}
        outage.code = code
        (app.folder / "blobs" / "gate").touch()
        wait_until(lambda: outage.failures > 20)

        [why] = delay_reasons(api, submissions)
        assert reason in why
        one = submissions[0]
        assert api.get(f"/simulations/{one['simulation_id']}").json()["delay_reason"] == why
        assert api.get(f"/jobs/{one['job_id']}").json()["delay_reason"] == why
        assert api.get("/simulations").json()["simulations"][0]["delay_reason"] == why
        assert set(statuses(api, submissions)) == {"processing", "pending"}

        outage.code = None
        assert {each["status"] for each in finish(api, submissions)} == {"completed"}
        assert delay_reasons(api, submissions) == {None}
    assert set(computed(app).values()) == {1}
    assert len(computed(app)) == 60
    assert attempts(app) == {0}
    wait_until(lambda: outcome_files(app) == [])
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.message.partition(";")[0] for each in warnings] == [
        f"jobs wait: {reason}",
        "the store works again",
    ]
    assert not any(each.exc_info for each in warnings)


@pytest.fixture
def failing(monkeypatch):
    """Have a function fail a few times, as with a full disk."""

    def arrange(place, name, error=None, times=3):
        failures = []
        working = getattr(place, name)

        def fail(*arguments, **options):
            if len(failures) < times:
                failures.append(name)
                raise error or database_error(sqlite3.SQLITE_FULL)
            return working(*arguments, **options)

        monkeypatch.setattr(place, name, fail)
        return failures

    return arrange


@pytest.mark.parametrize(
    "step",
    [
        (RunStates, "claim"),
        (SimulationJobs, "payload"),
        (packs, "record"),
        (RunStates, "all_processing"),
        (OutcomeFile, "read_new"),
        (OutcomeFile, "delete"),
        _WRITE,
    ],
)
def test_every_step_of_a_run_is_repeated(open_app, template_of, failing, step):
    app = open_app()
    with client_of(app) as api:
        template = template_of(app)
        failures = failing(*step, OSError(errno.ENOSPC, "No space left on device"))
        simulations = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1])))
        wait_until(lambda: len(failures) == 3)
        # The last repetition has to come before the engine closes, which leaves it to the next.
        wait_until(lambda: outcome_files(app) == [])

    assert [simulation["status"] for simulation in simulations] == ["completed"]
    assert attempts(app) == {0}
    assert set(computed(app).values()) == {1}


@pytest.mark.parametrize("step", ["put_back", "fail"])
def test_a_run_that_fails_during_an_outage_fails_alone(open_app, template_of, failing, step):
    app = open_app()
    with client_of(app) as api:
        template = template_of(app)
        failures = failing(JobStates, step)
        values = {"raise": [0, 1, 0]}
        simulations = finish(api, submit(api, template, design_parameters_doe=grid(**values)))

    assert len(failures) == 3
    assert [simulation["status"] for simulation in simulations] == [
        "completed",
        "failed",
        "completed",
    ]
    assert simulations[1]["error"] == "RuntimeError: this run breaks its chunk"
    assert set(computed(app).values()) == {1}


@pytest.mark.parametrize("step", [(JobStates, "claim"), (measurement_states, "finish"), _WRITE])
def test_measurements_outlive_an_outage_without_using_up_their_attempts(open_app, failing, step):
    app = open_app()
    with client_of(app) as api:
        cell = make_cell(api)
        failures = failing(*step, OSError(errno.ENOSPC, "No space left on device"))

        measurement = measure(api, cell)

        assert len(failures) == 3
        assert (measurement["processing_status"], measurement["delay_reason"]) == ("ready", None)
    assert outcome_files(app) == []


def test_a_run_whose_outcome_cannot_be_recorded_for_an_unknown_reason_fails_in_the_end(
    open_app, template_of, failing, caplog
):
    app = open_app()
    with client_of(app) as api:
        template = template_of(app)
        failing(SimulationJobs, "record", KeyError("a mistake of ours"), times=1000)
        [simulation] = finish(api, submit(api, template))

    assert simulation["status"] == "failed"
    assert "could not record" in simulation["error"]
    assert any(record.exc_info for record in caplog.records)
    assert outcome_files(app) == []


@pytest.mark.parametrize("status", ["pending", "processing"])
def test_jobs_that_are_neither_waiting_nor_running_are_found(app, api, template, status):
    enqueue, app.services.jobs.enqueue = app.services.jobs.enqueue, lambda *_, **__: None
    submissions = submit(api, template, design_parameters_doe=grid(thickness=range(3)))
    with app.services.store.writing() as connection:
        connection.execute(sa.update(runs).where(runs.c.status == "pending").values(status=status))
    app.services.jobs.enqueue = enqueue

    assert {each["status"] for each in finish(api, submissions)} == {"completed"}
    assert set(computed(app).values()) == {1}


def test_jobs_of_a_dead_owner_run_in_a_process_that_goes_on(app, api, template):
    app.services.jobs.enqueue = lambda *_, **__: None
    submissions = submit(api, template, design_parameters_doe=grid(thickness=range(3)))

    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET owner = 'dead'")

    assert {each["status"] for each in finish(api, submissions)} == {"completed"}


def test_an_engine_that_could_not_open_leaves_no_lease(open_app, folder, failing):
    # Engines of other tests in this process may look for expired keys, too.
    failing(cleanup, "expired", times=math.inf)

    with pytest.raises(RuntimeError, match="disk with the engine's folder is full"):
        open_app()

    assert list((folder / "owners").iterdir()) == []


def test_an_engine_closes_during_an_outage_and_the_next_one_goes_on(open_app, template_of, outage):
    first = open_app(targets=GATED)
    with client_of(first) as api:
        template = template_of(first)
        submissions = submit(api, template, design_parameters_doe=grid(thickness=range(24)))
        wait_until((first.folder / "blobs" / "waiting").exists)
        outage.code = sqlite3.SQLITE_FULL
        (first.folder / "blobs" / "gate").touch()
        wait_until(lambda: outage.failures > 20)
        wait_until(lambda: len(computed(first)) == 12)  # half of them
    first.close()
    outage.code = None

    second = open_app()
    with client_of(second) as api:
        assert {each["status"] for each in finish(api, submissions)} == {"completed"}

    # What the first engine had computed was recorded from its outcomes.
    assert set(computed(second).values()) == {1}
    assert outcome_files(second) == []


def test_outcomes_of_a_killed_engine_that_were_recorded_before_are_kept(
    open_app, template_of, folder
):
    app = open_app()
    with client_of(app) as api:
        [simulation] = finish(api, submit(api, template_of(app)))
        job_id = simulation["job_id"]
        outcome = {
            "id": job_id,
            "metrics": {},
            "stored": True,
            "error": None,
            "error_code": None,
            "compute_time": 1.0,
        }
        SimulationJobs().record(app.services.store, app.services.jobs.owner, [outcome])

        reply = api.get(f"/simulations/{simulation['id']}/result")

    assert reply.status_code == 200
    assert reply.json()["time_series"]["Time [s]"] == [0.0, 1.0]


def test_outcomes_of_a_pipeline_that_are_recorded_again_change_nothing(app, api, failing):
    failing(OutcomeFile, "delete", KeyError("kept, as when an engine is killed"), times=10**6)
    made = pipelines.submit_simple(api, {"entry": pipelines.ENTRY, "fit": pipelines.FIT})
    ended = pipelines.end(api, made, "simple_pipelines")
    metadata = api.get(f"/jobs/{made['job_id']}/metadata").json()
    [file] = outcome_files(app)
    owner = app.services.jobs.owner

    PipelineJobs().record(app.services.store, owner, OutcomeFile(file).read_new())

    assert pipelines.read(api, made, "simple_pipelines")["result"] == ended["result"]
    assert len(metadata["intermediate_results"]) == 3
    assert api.get(f"/jobs/{made['job_id']}/metadata").json() == metadata


def test_the_end_of_a_pipeline_that_another_engine_has_adopted_changes_nothing(app, api):
    made = pipelines.submit(api, {"entry": pipelines.ENTRY, "fit": pipelines.FIT})
    ended = pipelines.end(api, made)
    end = {"kind": "end", "id": ended["job_id"], "error": None, "error_code": None}
    end |= {"notes": ["late"], "provenance": {"solver": "late"}, "compute_time": 1.0}

    PipelineJobs().record(app.services.store, "an owner that died", [end])

    assert ended["provenance"] is not None
    assert pipelines.read(api, made) == ended


# ---------------------------------------------------------------- the pauses
class Closing:
    """An event that records how long it was waited for, and is set after some waits."""

    def __init__(self, waits):
        self.pauses = []
        self._waits = waits

    def is_set(self):
        return len(self.pauses) >= self._waits

    def wait(self, seconds):
        self.pauses.append(seconds)
        return self.is_set()


def test_pauses_grow_up_to_a_limit_and_end_when_the_engine_closes(monkeypatch):
    monkeypatch.undo()
    closing = Closing(8)

    def fail():
        raise database_error(sqlite3.SQLITE_BUSY)

    with pytest.raises(Interrupted):
        Outages(closing).insist(fail)

    assert closing.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_a_fault_is_told_until_all_who_met_it_say_that_it_passed(caplog):
    known = Outages(threading.Event())

    known.met("a", FULL)
    known.met("b", FULL)
    known.met("a", FULL)
    known.passed("a")
    assert known.fault is FULL
    known.met("a", LOCKED)
    known.passed("b")
    assert known.fault is LOCKED
    known.passed("a")
    known.passed("a")

    assert known.fault is None
    words = [record.message.partition(":")[0] for record in caplog.records]
    assert words == ["jobs wait", "jobs wait", "the store works again; the jobs go on"]


def test_other_errors_are_raised_at_once():
    closing = Closing(1)

    def fail():
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        Outages(closing).insist(fail)

    assert closing.pauses == []
