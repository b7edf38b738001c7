"""Fixtures with an embedded engine whose runs take no time, and a client for it.

Engines run their jobs in a thread. A test of what happens to processes asks for real ones with
``@pytest.mark.usefixtures("worker_processes")``.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ionworks.server.app import create_app
from ionworks.server.http.contract import Contract
from ionworks.server.jobs.worker import worker_process, worker_thread
from ionworks.server.store.database import DATABASE, Store
from ionworks.server.store.private_files import make_file, make_folder
from tests import databases, object_store
from tests.unit.server.engines import QUICK, client_of, store_template

# Making the tables and reading the contract take most of the time in which an engine opens. They
# are the same for all engines, so each process of the tests does it once.
one_contract = cache(Contract)


@cache
def empty_database() -> bytes:
    """Return the database of a new folder."""
    with TemporaryDirectory() as name:
        Store(Path(name)).close()
        return (Path(name) / DATABASE).read_bytes()


#: Places in a bucket of the folders of engines.
_places: defaultdict[Path, str] = defaultdict(object_store.new_place)


def placed(folder, options):
    """Return options with the place of an engine's results, if that is in a bucket."""
    return {"blobs": _places[folder], **options} if object_store.IS_DEFAULT else options


def quickly_opened(folder, **options):
    """Open a folder as `create_app` does; a new one gets a copy of the empty database."""
    options = placed(folder, options)
    if not folder.exists() and options.get("database", databases.SERVER) is None:
        make_folder(folder)
        make_file(folder / DATABASE)
        (folder / DATABASE).write_bytes(empty_database())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ionworks.server.app.Contract", one_contract)
        return create_app(folder, **options)


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
        options = {"targets": QUICK, "workers": 1, "factory": factory, **options}
        app = quickly_opened(folder, **options)
        apps.append(app)
        return app

    yield open_folder
    for app in apps:
        app.close()
        # A test that looks into the store of a closed engine has connected it again.
        app.services.store.close()


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
    app = quickly_opened(
        tmp_path_factory.mktemp("shared") / "engine",
        targets=QUICK,
        workers=1,
        factory=worker_thread,
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
