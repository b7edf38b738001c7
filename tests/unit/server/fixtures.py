"""Fixtures with an embedded engine whose runs take no time, and a client for it.

Engines run their jobs in a thread. A test of what happens to processes asks for real ones with
``@pytest.mark.usefixtures("worker_processes")``.
"""

import pytest

from ionworks.server.app import create_app
from ionworks.server.jobs.worker import worker_process, worker_thread
from tests.unit.server.engines import QUICK, client_of, store_template


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "engine"


@pytest.fixture
def worker_processes():
    """Jobs of this test's engines run in worker processes."""


@pytest.fixture
def open_app(folder, request):
    """Open the folder as often as a test likes; all engines are closed at its end."""
    apps = []
    factory = worker_process if "worker_processes" in request.fixturenames else worker_thread

    def open_folder(**options):
        app = create_app(folder, **{"targets": QUICK, "workers": 1, "factory": factory, **options})
        apps.append(app)
        return app

    yield open_folder
    for app in apps:
        app.close()


@pytest.fixture
def app(open_app):
    return open_app()


@pytest.fixture
def api(app):
    with client_of(app) as client:
        yield client


@pytest.fixture
def template(app):
    """Id of a stored protocol."""
    return store_template(app)


@pytest.fixture
def template_of():
    return store_template


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory):
    """An engine for all tests of a module that read, or write under names of their own."""
    app = create_app(
        tmp_path_factory.mktemp("engine"), targets=QUICK, workers=1, factory=worker_thread
    )
    yield app
    app.close()


@pytest.fixture(scope="module")
def shared_api(shared_app):
    with client_of(shared_app) as client:
        yield client


@pytest.fixture(scope="module")
def shared_template(shared_app):
    """Id of a protocol stored in the shared engine."""
    return store_template(shared_app)
