"""Submissions of a client whose replies are lost: each is carried out once."""

import httpx
import pytest
import sqlalchemy as sa

from ionworks.resources.pipeline import PipelineResource
from ionworks.resources.simulation import SimulationResource
from ionworks.server.store.tables import jobs
from ionworks.server.store.tables import runs as run_table
from ionworks.settings import Settings
from ionworks.transport.connection import connect
from tests.unit.server.engines import grid


class Lossy(httpx.BaseTransport):
    """Loses the first reply to each submission, after the engine has carried it out."""

    def __init__(self, app, failure):
        self._engine = httpx.WSGITransport(app=app)
        self._failure = failure
        self._lost = set()

    def handle_request(self, request):
        response = self._engine.handle_request(request)
        if request.method == "POST" and request.url.path not in self._lost:
            self._lost.add(request.url.path)
            if isinstance(self._failure, Exception):
                raise self._failure
            return httpx.Response(self._failure, text="<html>")
        return response


@pytest.mark.off_contract("plays a gateway that fails")
@pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), httpx.ReadError("reset"), 504])
def test_a_lost_reply_is_fetched_again_and_nothing_runs_twice(app, template, failure):
    config = {
        "parameterized_model": "spm-chen2020",
        "protocol_id": template,
        "design_parameters_doe": grid(thickness=[1, 2]),
    }
    elements = {"fit": {"element_type": "data_fit"}}
    settings = Settings(api_url="http://127.0.0.1", api_key="k", project_id="default")
    naps = []
    connection = connect(settings, transport=Lossy(app, failure), sleep=naps.append)
    simulation = SimulationResource(connection)
    runs = simulation.protocol_batch(config)
    pipeline = PipelineResource(connection).create({"elements": elements})
    stored = simulation.list()
    connection.close()

    assert len(naps) == 2
    assert [run.simulation_id for run in runs] == [each.id for each in reversed(stored)]
    with app.services.store.reading() as reader:
        assert reader.scalar(sa.select(sa.func.count()).select_from(jobs)) == 1
        assert reader.scalar(sa.select(sa.func.sum(run_table.c.count))) == 2
    assert pipeline.id
