"""A Dask cluster of two workers, and engines that use it."""

import pytest

from tests.end_to_end.cluster.certificates import make_certificates
from tests.end_to_end.cluster.dask_cluster import DaskCluster, configured
from tests.unit.server.engines import QUICK, client_of, store_template
from tests.unit.server.fixtures import quickly_opened


@pytest.fixture(scope="package")
def certificates(tmp_path_factory):
    made = make_certificates(tmp_path_factory.mktemp("tls") / "files")
    with configured(made):
        yield made


@pytest.fixture(scope="package")
def cluster(certificates, tmp_path_factory):
    """A scheduler and two workers."""
    made = DaskCluster(tmp_path_factory.mktemp("cluster"), certificates)
    try:
        made.start_scheduler()
        made.add_worker()
        made.add_worker()
        made.wait_for_workers(2)
        yield made
    finally:
        made.close()


@pytest.fixture
def open_app(cluster, tmp_path):
    """Open engines on the cluster; all are closed at the end of the test."""
    apps = []

    def open_folder(**options):
        given = {"targets": QUICK, "cluster": cluster.address, **options}
        app = quickly_opened(tmp_path / "engine", **given)
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
    return store_template(app)
