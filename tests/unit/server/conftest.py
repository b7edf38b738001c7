"""An embedded engine whose runs take no time, and a client for it."""

import pytest

from ionworks.server.app import create_app
from tests.unit.server.engines import QUICK, client_of, store_template


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "engine"


@pytest.fixture
def open_app(folder):
    """Open the folder as often as a test likes; all is closed at its end."""
    apps = []

    def open_folder(**options):
        app = create_app(folder, **{"targets": QUICK, "workers": 1, **options})
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
