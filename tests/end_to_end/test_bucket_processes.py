"""Worker processes whose results are in a bucket: they find it as the server does."""

import pytest

from ionworks.server.store.blobs import Blobs
from tests import object_store
from tests.unit.server.engines import client_of, finish, grid, submit
from tests.unit.server.uploading import PARQUET, frame_of


@pytest.fixture
def place():
    return object_store.new_place()


def test_worker_processes_write_to_the_bucket(open_app, template_of, place):
    app = open_app(blobs=place)
    with client_of(app) as api:
        made = submit(api, template_of(app), design_parameters_doe=grid(thickness=[1, 2, 3]))
        runs = finish(api, made)
        for run, thickness in zip(runs, [1.0, 2.0, 3.0], strict=True):
            path = f"/simulations/{run['id']}/time_series/download"
            found = frame_of(api.get(path, headers=PARQUET))
            assert found["Voltage [V]"].to_list() == [4.0, thickness]
    folders = {key.rpartition("/")[0] for key in object_store.files_at(Blobs.at(place))}
    assert folders == {run["storage_folder"] for run in runs}


def test_a_run_whose_worker_process_died_is_computed_again(open_app, template_of, place):
    app = open_app(blobs=place)
    with client_of(app) as api:
        design = grid(**{"crash once": [1]})
        made = submit(api, template_of(app), design_parameters_doe=design)
        assert [run["status"] for run in finish(api, made)] == ["completed"]
    assert len(object_store.files_at(Blobs.at(place))) == 2
