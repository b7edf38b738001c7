"""Workers that die or cannot start: others are started, and nobody waits for ever."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from ionworks.server.jobs import pool, queue
from ionworks.server.jobs.worker import (
    WorkerLost,
    WorkerNotStarted,
    worker_process,
    worker_thread,
)
from tests.unit.server.engines import client_of, finish, grid, submit, wait_until

NAMES = "/parameterized_models/spm-chen2020/variable-names"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(pool, "FIRST_START_PAUSE", 0.001)
    monkeypatch.setattr(pool, "LONGEST_START_PAUSE", 0.01)
    monkeypatch.setattr(queue, "RECOVERY_PERIOD", 0.05)


class Starts:
    """Starts workers, of which the first few die before they have imported their modules."""

    def __init__(self, deaths):
        self.deaths = deaths
        self.number = 0
        self.repaired = threading.Event()

    def __call__(self):
        self.number += 1
        if self.number <= self.deaths and not self.repaired.is_set():
            raise BrokenProcessPool("killed\nwith a report of many lines")
        return worker_thread()


def left_pending(open_app, template_of, runs=3):
    """Submit runs to an engine that closes; they wait for the next one."""
    app = open_app()
    with client_of(app) as api:
        submitted = submit(api, template_of(app), design_parameters_doe=grid(thickness=range(runs)))
    app.close()
    with app.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET status = 'pending', attempts = 0")
    return submitted


def test_workers_are_started_again_while_jobs_wait(open_app, template_of):
    stored = left_pending(open_app, template_of)
    starts = Starts(deaths=12)

    with client_of(open_app(factory=starts, workers=2)) as api:
        # Only statuses are asked for, which need no worker.
        assert {each["status"] for each in finish(api, stored)} == {"completed"}
        assert all(each["delay_reason"] is None for each in api.get("/jobs").json())
    assert starts.number > 12


def test_jobs_wait_and_questions_fail_while_no_worker_can_start(open_app, template_of, caplog):
    stored = left_pending(open_app, template_of, runs=1)
    starts = Starts(deaths=10**6)

    with client_of(open_app(factory=starts)) as api:
        wait_until(lambda: starts.number > 10)
        [job] = api.get("/jobs").json()
        assert (job["status"], job["attempts"]) == ("pending", 0)
        assert job["delay_reason"] == (
            "a worker process could not start: killed; the engine keeps trying"
        )
        reply = api.get(NAMES)
        assert (reply.status_code, reply.json()["error_code"]) == (503, "ENGINE_UNAVAILABLE")
        assert "could not start: killed" in reply.json()["message"]

        starts.repaired.set()
        assert {each["status"] for each in finish(api, stored)} == {"completed"}
        assert api.get(NAMES).status_code == 200
    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.message for record in told] == [
        "a worker process could not start: killed; trying again",
        "worker processes start again",
    ]
    assert [record for record in told if record.exc_info] == []


def test_an_engine_closes_while_it_waits_to_start_a_worker(open_app, monkeypatch):
    monkeypatch.setattr(pool, "FIRST_START_PAUSE", 10**6)
    starts = Starts(deaths=10**6)
    app = open_app(factory=starts)
    with client_of(app) as api:
        assert api.get(NAMES).status_code == 503

    app.close()

    with pytest.raises(WorkerLost, match="closed"):
        app.services.jobs.ask("module:function", {})


class DiesWhenCalled(ThreadPoolExecutor):
    """A worker that starts, and is dead when it is given its first work."""

    def __init__(self):
        super().__init__(max_workers=1)
        self._is_started = False

    def submit(self, function, /, *arguments):
        if self._is_started:
            dead = Future()
            dead.set_exception(BrokenProcessPool("killed"))
            return dead
        self._is_started = True
        return super().submit(function, *arguments)


class Deaths:
    """Makes workers that are dead when they are given work, as many as `left` says."""

    def __init__(self):
        self.left = 0

    def __call__(self):
        if self.left:
            self.left -= 1
            return DiesWhenCalled()
        return worker_thread()


def test_a_worker_that_died_idle_fails_neither_a_question_nor_a_job(open_app, template_of):
    deaths = Deaths()
    deaths.left = 2
    app = open_app(factory=deaths)
    with client_of(app) as api:
        template = template_of(app)
        assert api.get(NAMES).json() == ["Voltage [V]"]
        assert deaths.left == 0

        # Jobs of the next engine are its first work: no question comes before them.
        deaths.left = 2
        [simulation] = finish(api, submit(api, template))
        assert simulation["status"] == "completed"


def test_a_job_given_to_a_dead_worker_has_not_been_attempted(open_app, template_of):
    stored = left_pending(open_app, template_of)
    deaths = Deaths()
    deaths.left = 2

    with client_of(open_app(factory=deaths)) as api:
        assert {each["status"] for each in finish(api, stored)} == {"completed"}
        assert {job["attempts"] for job in api.get("/jobs").json()} == {0}


def test_a_job_that_kills_workers_before_it_begins_fails_in_the_end(open_app, template_of):
    first = open_app()
    with client_of(first) as api:
        stored = submit(api, template_of(first))
    first.close()
    with first.services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET status = 'pending', attempts = 0")
    deaths = Deaths()
    deaths.left = 10**6

    with client_of(open_app(factory=deaths)) as api:
        [simulation] = finish(api, stored)

    assert simulation["status"] == "failed"
    assert "worker process died" in simulation["error"]


def test_a_question_that_kills_every_worker_fails(open_app):
    deaths = Deaths()
    deaths.left = 10**6
    with client_of(open_app(factory=deaths)) as api:
        reply = api.get(NAMES)

    assert (reply.status_code, reply.json()["error_code"]) == (503, "ENGINE_UNAVAILABLE")
    # One more is started for the next question.
    assert 10**6 - deaths.left in (pool.QUERY_TRIES, pool.QUERY_TRIES + 1)


def test_jobs_left_to_a_worker_that_hangs_are_taken_by_another(monkeypatch):
    taken = []
    hangs, released = threading.Event(), threading.Event()

    def run(worker, chunk):
        taken.append(chunk.submission_id)
        if chunk.submission_id == "first":
            worker.pace["model"] = 0.001
        if chunk.submission_id == "second":
            hangs.set()
            released.wait()

    monkeypatch.setattr(pool, "SOON", 0.01)
    workers = pool.WorkerPool(2, lambda: pool.Worker(worker_thread), run)
    try:
        workers.add("first", "model", 1, job_type="simulate")
        wait_until(lambda: taken == ["first"])
        workers.add("second", "model", 1, job_type="simulate")
        assert hangs.wait(60)
        workers.add("third", "model", 1, job_type="simulate")
        wait_until(lambda: taken == ["first", "second", "third"])
    finally:
        released.set()
        workers.close()


def test_a_start_that_fails_says_why():
    worker = pool.Worker(worker_thread, ["no_such_module"])

    with pytest.raises(WorkerNotStarted, match="No module named 'no_such_module'"):
        worker.start()

    assert not worker.is_started


class Held:
    """Makes a pool of workers in threads whose runs last until they are released."""

    def __init__(self, size, keep=None):
        self.released = threading.Event()
        self.running = []
        self.made = 0
        self.pool = pool.WorkerPool(size, self.new_worker, self.run, keep)

    def new_worker(self):
        self.made += 1
        return pool.Worker(worker_thread)

    def run(self, _worker, chunk):
        self.running.append(chunk)
        self.released.wait()

    def ask(self):
        return self.pool.ask("os:strerror", 0).result(60)


@pytest.fixture
def held():
    """Return a function that makes a `Held` pool and closes it after the test."""
    made = []

    def make(size, keep=None):
        made.append(Held(size, keep))
        return made[-1]

    yield make
    for each in made:
        each.released.set()
        each.pool.close()


def test_one_worker_answers_a_question_and_runs_the_few_jobs_after_it(held):
    workers = held(4)
    assert workers.ask()
    workers.pool.add("few", "model", 3, job_type="simulate")
    wait_until(lambda: workers.running)
    assert workers.made == 1


def test_many_jobs_start_a_worker_for_each_chunk_up_to_the_largest_number(held):
    workers = held(4)
    workers.pool.add("some", "model", 25, job_type="simulate")
    assert workers.made == 3
    workers.pool.add("many", "model", 10**6, job_type="simulate")
    assert workers.made == 4
    wait_until(lambda: len(workers.running) == 4)


def test_jobs_that_are_known_to_be_quick_start_no_further_worker(held):
    workers = held(2)
    workers.ask()
    [first] = workers.pool._workers
    first.pace["model"] = 0.001
    workers.pool.add("quick", "model", 100, job_type="simulate")
    assert workers.made == 1
    first.pace["model"] = 1.0
    workers.pool.add("slow", "model", 100, job_type="simulate")
    assert workers.made == 2


def test_a_question_asked_while_jobs_run_gets_a_worker_of_its_own(held):
    workers = held(2)
    workers.pool.add("first", "model", 1, job_type="simulate")
    wait_until(lambda: workers.running)
    assert workers.ask()
    assert workers.made == 2
    # That one is as good as any other for jobs; with all of them busy, one more is started.
    workers.pool.add("second", "other", 1, job_type="simulate")
    wait_until(lambda: len(workers.running) == 2)
    assert workers.ask()
    assert workers.made == 3


def test_a_pool_that_grows_starts_workers_for_what_waits(held):
    workers = held(0)
    workers.pool.add("many", "model", 10**6, job_type="simulate")
    assert workers.made == 0
    workers.pool.resize(3)
    wait_until(lambda: len(workers.running) == 3)
    assert workers.made == 3


def test_a_pool_that_shrinks_starts_no_worker_again_that_is_lost(held):
    workers = held(2)
    workers.pool.add("many", "model", 10**6, job_type="simulate")
    wait_until(lambda: len(workers.running) == 2)
    workers.pool.resize(1)
    for worker in workers.pool._workers:
        worker.kill()
    workers.released.set()
    wait_until(lambda: len(workers.pool._workers) == 1)


def test_a_worker_that_was_started_before_the_pool_is_its_first(held):
    workers = held(2)
    early = pool.Worker(worker_thread, ["json"])
    early.begin()
    workers.pool.start(early)
    workers.pool.start()
    assert workers.ask()
    assert list(workers.pool._workers) == [early]
    assert workers.made == 0


def test_a_worker_that_dies_while_it_starts_early_is_started_again(held):
    starts = Starts(deaths=1)
    early = pool.Worker(starts)
    early.begin()
    assert not early.is_started
    workers = held(1)
    workers.pool.start(early)
    assert workers.ask()
    assert starts.number == 2


def test_a_pool_that_closes_keeps_an_idle_worker_but_none_that_works_or_starts(held):
    kept = []
    idle = held(1, kept.append)
    idle.pool.start()
    assert idle.ask()
    idle.pool.close()
    assert [worker.is_started for worker in kept] == [True]
    kept.pop().close()

    busy = held(1, kept.append)
    busy.pool.start()
    busy.pool.add("first", "model", 1, job_type="simulate")
    wait_until(lambda: busy.running)
    closing = threading.Thread(target=busy.pool.close)
    closing.start()
    wait_until(lambda: busy.pool._closing)
    busy.released.set()
    closing.join()
    assert kept == []


def test_a_pool_closes_while_its_first_worker_imports_its_modules(held, tmp_path, monkeypatch):
    begun = tmp_path / "begun"
    (tmp_path / "ionworks_slow_import.py").write_text(
        "import pathlib, threading\n"
        f"pathlib.Path({str(begun)!r}).touch()\n"
        "threading.Event().wait()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    early = pool.Worker(worker_process, ["ionworks_slow_import"])
    early.begin()
    workers = held(1)
    workers.pool.start(early)
    wait_until(begun.exists)

    workers.pool.close()

    assert not early.is_started
    with pytest.raises(WorkerLost, match="closed"):
        workers.pool.ask("os:strerror", 0)
