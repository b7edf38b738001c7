"""Opening the engine for a client: the first worker starts before all else, and is not left."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ionworks.server import app, opening
from ionworks.server.jobs.targets import Targets


@pytest.fixture
def made(monkeypatch):
    """Return the workers that are started, which are threads here."""
    executors = []

    def factory():
        executors.append(ThreadPoolExecutor(1))
        return executors[-1]

    monkeypatch.setattr(opening, "worker_process", factory)
    monkeypatch.setattr(opening, "Targets", lambda: Targets(warm=("json",)))
    return executors


def test_the_first_worker_starts_before_the_server_is_imported(made, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ionworks.server.app", None)  # its import fails
    with pytest.raises(ImportError):
        opening.open_app(tmp_path)
    assert len(made) == 1


def test_the_engine_uses_the_worker_that_was_started_for_it(made, tmp_path):
    engine = opening.open_app(tmp_path)
    try:
        assert engine.services.jobs.ask("os:strerror", 0).result(60)
        assert len(made) == 1
    finally:
        engine.close()
    assert made[0]._shutdown


def test_a_worker_is_not_left_behind_by_a_folder_that_cannot_be_opened(made, tmp_path):
    folder = tmp_path / "a file"
    folder.touch()
    with pytest.raises(NotADirectoryError):
        opening.open_app(folder)
    assert [each._shutdown for each in made] == [True]


def test_an_error_after_the_folder_was_opened_closes_it(made, tmp_path, monkeypatch):
    def fail(self, worker):
        raise KeyboardInterrupt

    closed = []
    monkeypatch.setattr(app.Jobs, "prepare", fail)
    close = app.LocalApp.close
    monkeypatch.setattr(app.LocalApp, "close", lambda self: (close(self), closed.append(True)))
    with pytest.raises(KeyboardInterrupt):
        opening.open_app(tmp_path)
    assert [each._shutdown for each in made] == [True]
    assert closed == [True]
