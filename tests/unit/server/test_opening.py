"""Opening the engine for a client: the first worker starts before all else, and is not left."""

import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from ionworks.server import app, opening
from ionworks.server.jobs import shutdown
from ionworks.server.jobs.targets import Targets
from ionworks.server.jobs.worker import Worker
from tests.unit.server.engines import wait_until


@pytest.fixture
def made(monkeypatch):
    """Return the workers that are started, which are threads here."""
    executors = []

    def factory():
        executors.append(ThreadPoolExecutor(1))
        return executors[-1]

    monkeypatch.setattr(opening, "worker_process", factory)
    monkeypatch.setattr(opening, "Targets", lambda: Targets(warm=("json",)))
    # Not those of other tests: what is open here is closed as at exit.
    monkeypatch.setattr(shutdown, "_open", weakref.WeakSet())
    spare = opening._Spare()
    monkeypatch.setattr(opening, "_spare", spare)
    yield executors
    spare.close()


def answer(engine):
    return engine.services.jobs.ask("os:strerror", 0).result(60)


def test_the_first_worker_starts_before_the_server_is_imported(made, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ionworks.server.app", None)  # its import fails
    with pytest.raises(ImportError):
        opening.open_app(tmp_path)
    assert len(made) == 1


def test_the_engine_uses_the_worker_that_was_started_for_it(made, tmp_path):
    engine = opening.open_app(tmp_path)
    try:
        assert answer(engine)
        assert len(made) == 1
    finally:
        engine.close()


def test_an_engine_that_is_only_read_starts_no_worker(made, tmp_path):
    engine = opening.open_app(tmp_path, starts_worker=False)
    try:
        assert (made, engine.services.jobs._processes._workers) == ([], {})
    finally:
        engine.close()


def test_the_next_engine_gets_the_idle_worker_of_one_that_was_closed(made, tmp_path):
    for name in ("first", "second"):
        engine = opening.open_app(tmp_path / name)
        assert answer(engine)
        # A request that needs a worker soon asks for one.
        engine.services.jobs.prepare()
        engine.close()
    assert [each._shutdown for each in made] == [False]

    opening._spare.close()
    assert [each._shutdown for each in made] == [True]


def test_no_worker_is_kept_when_the_program_ends(made, tmp_path):
    engine = opening.open_app(tmp_path)
    assert answer(engine)
    opening._spare.close()
    engine.close()
    assert [each._shutdown for each in made] == [True]


def test_one_idle_worker_is_kept_the_others_end(made, tmp_path):
    engines = [opening.open_app(tmp_path / name) for name in ("first", "second")]
    for engine in engines:
        assert answer(engine)
    for engine in engines:
        engine.close()
    assert [each._shutdown for each in made] == [True, False]


def test_an_idle_worker_is_not_kept_for_long(made, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "KEPT_FOR", 0.0)
    engine = opening.open_app(tmp_path)
    assert answer(engine)
    engine.close()
    wait_until(lambda: made[0]._shutdown)
    assert opening._spare.take() is None


def test_the_time_of_a_worker_that_was_taken_does_not_end_the_next_one(made):
    first, second = (Worker(opening.worker_process) for _ in range(2))
    spare = opening._spare
    for worker in (first, second):
        worker.start()
    spare.keep(first)
    assert spare.take() is first
    spare.keep(second)
    spare._drop(first)
    assert spare.take() is second
    assert [each._shutdown for each in made] == [False, False]
    first.close()
    second.close()


def test_a_worker_is_not_left_behind_by_a_folder_that_cannot_be_opened(made, tmp_path):
    folder = tmp_path / "a file"
    folder.touch()
    with pytest.raises(NotADirectoryError):
        opening.open_app(folder)
    assert [each._shutdown for each in made] == [True]


def test_an_error_while_the_folder_is_opened_ends_the_worker(made, tmp_path, monkeypatch):
    recover = app.Jobs.recover

    def fail(jobs):
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        recover(jobs)  # of an engine that other tests share, in its own thread

    monkeypatch.setattr(app.Jobs, "recover", fail)
    with pytest.raises(KeyboardInterrupt):
        opening.open_app(tmp_path)
    assert [each._shutdown for each in made] == [True]
    assert opening._spare.take() is None


def test_unfinished_jobs_of_the_folder_use_the_worker_that_was_started(made, tmp_path, monkeypatch):
    recover = app.Jobs.recover

    def recover_with_work(jobs):
        recover(jobs)
        jobs._processes.ask("os:strerror", 0)

    monkeypatch.setattr(app.Jobs, "recover", recover_with_work)
    engine = opening.open_app(tmp_path)
    assert answer(engine)
    engine.close()
    assert [each._shutdown for each in made] == [False]
    opening._spare.close()
    assert [each._shutdown for each in made] == [True]


def test_a_client_with_other_environment_variables_gets_a_new_worker(made, tmp_path, monkeypatch):
    for name, compiler, number in (("first", "cc", 1), ("second", "cc", 1), ("third", "gcc", 2)):
        monkeypatch.setenv("CC", compiler)
        monkeypatch.setenv("PYTEST_CURRENT_TEST", name)
        monkeypatch.setenv("_RJEM_MALLOC_CONF", name)  # polars sets this one
        engine = opening.open_app(tmp_path / name)
        assert answer(engine)
        engine.close()
        assert len(made) == number
    assert [each._shutdown for each in made] == [True, False]


def test_the_timer_of_a_worker_that_was_taken_ends(made):
    worker = Worker(opening.worker_process)
    worker.start()
    opening._spare.keep(worker)
    timer = opening._spare._timer
    assert opening._spare.take() is worker
    timer.join(10)
    assert not timer.is_alive()
    worker.close()


def test_a_child_process_of_multiprocessing_keeps_no_worker(made, monkeypatch):
    monkeypatch.setattr(opening.multiprocessing, "parent_process", object)
    worker = Worker(opening.worker_process)
    worker.start()
    opening._spare.keep(worker)
    assert [each._shutdown for each in made] == [True]
    assert opening._spare.take() is None


def test_a_forked_child_ends_its_own_idle_worker_at_exit(made):
    shutdown.forget(opening._spare)  # as in a child process
    opening._spare._forget()
    worker = Worker(opening.worker_process)
    worker.start()
    opening._spare.keep(worker)
    shutdown._close_all()
    assert [each._shutdown for each in made] == [True]


ORDER = """
import threading
from loky import process_executor
from ionworks.server.jobs import shutdown
from ionworks.server.jobs.worker import Worker, worker_process

for worker in [Worker(worker_process) for _ in range(2)]:
    worker.start()
hooks = [hook.func for hook in threading._threading_atexits]
loky = [index for index, hook in enumerate(hooks) if hook is process_executor._python_exit]
assert loky and hooks.index(shutdown._close_all) > max(loky), hooks
"""


def test_engines_close_before_the_interpreter_waits_for_any_of_several_workers():
    # Else a worker that is asked while the script ends refuses, and its jobs fail.
    path = os.pathsep.join(each for each in sys.path if each)
    subprocess.run([sys.executable, "-c", ORDER], env=os.environ | {"PYTHONPATH": path}, check=True)
