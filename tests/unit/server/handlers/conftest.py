"""An embedded engine for all tests of a module."""

import pytest

from tests.unit.server.engines import QUICK, client_of, store_template
from tests.unit.server.fixtures import quickly_opened


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory):
    """An engine for tests that only read, or look only at records they made themselves."""
    app = quickly_opened(tmp_path_factory.mktemp("shared") / "engine", targets=QUICK, workers=1)
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
