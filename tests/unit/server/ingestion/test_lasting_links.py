"""Signed links of servers that share a secret: valid on each of them, and after a restart."""

import pytest

from tests.unit.server import uploading
from tests.unit.server.engines import client_of
from tests.unit.server.uploading import (
    confirm,
    frame_of,
    initiate,
    measure,
    parquet,
    processed,
    put,
    series,
)

SECRET = "the same secret of all servers"


@pytest.fixture
def app(open_app):
    return open_app(secret=SECRET)


def test_an_upload_and_a_download_go_on_after_a_restart(open_app, app):
    with client_of(app) as api:
        cell = uploading.make_cell(api)
        ready = measure(api, cell, name="C/10")
        path = f"/cell_measurements/{ready['id']}/time_series/download"
        download = api.get(path).headers["Location"]
        upload = initiate(api, cell)
    app.close()

    with client_of(open_app(secret=SECRET)) as api:
        assert frame_of(api.get(download)).equals(series())
        assert put(api, upload, parquet(series())).status_code == 200
        assert confirm(api, cell, upload).status_code == 200
        assert processed(api, upload["measurement_id"])["processing_status"] == "ready"


def test_another_server_accepts_a_link(open_app, app):
    with client_of(app) as api, client_of(open_app(secret=SECRET)) as other:
        cell = uploading.make_cell(api)
        upload = initiate(api, cell)
        assert put(other, upload, parquet(series())).status_code == 200
        assert confirm(api, cell, upload).status_code == 200


def test_a_short_secret_is_refused_at_opening(open_app):
    with pytest.raises(ValueError, match="IONWORKS_SECRET"):
        open_app(secret="short")
