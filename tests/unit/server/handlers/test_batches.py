"""Batches of a client on the embedded engine: tables, and changes of all runs at once."""

import pytest

from ionworks import Ionworks
from ionworks.transport.embedded import EngineTransport
from tests.unit.server.engines import grid


@pytest.fixture
def client(app):
    with Ionworks("key", "http://127.0.0.1", transport=EngineTransport(app)) as client:
        yield client


@pytest.fixture
def sweep(client, template):
    """Submits a sweep and returns its batch."""

    def submit(**values):
        return client.simulation.protocol_batch(
            {
                "parameterized_model": "spm-chen2020",
                "protocol_id": template,
                "design_parameters_doe": grid(**values),
            }
        )

    return submit


def test_a_sweep_of_which_some_failed_is_one_table_and_is_retried(client, sweep):
    batch = sweep(thickness=[1.0, 2.0], fail=[0, 1]).wait(verbose=False, raise_on_failure=False)

    frame = batch.to_frame()
    same = client.simulation.batch([each.simulation_id for each in batch]).to_frame()
    again = batch.retry().wait(verbose=False, raise_on_failure=False)

    assert frame["thickness"].to_list() == [1.0, 1.0, 2.0, 2.0]
    assert frame["status"].to_list() == ["completed", "failed"] * 2
    assert frame["error"].to_list() == [None, "the solver gave up"] * 2
    assert frame["pid"].null_count() == 2
    assert same.equals(frame)
    assert again.to_frame()["thickness"].to_list() == [1.0, 2.0]
    assert again[0].protocol_id == batch[0].protocol_id
    assert len(batch.failed) == 2


def test_results_come_as_runs_end_and_stand_under_each_other(client, sweep):
    batch = sweep(thickness=[1.0, 2.0, 3.0])

    found = {
        batch.index(response): result.time_series["Voltage [V]"][-1]
        for response, result in batch.as_completed()
    }
    frame = batch.time_series(["Time [s]", "Voltage [V]"])

    assert dict(sorted(found.items())) == {0: 1.0, 1: 2.0, 2: 3.0}
    assert frame["thickness"].to_list() == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    assert frame["Voltage [V]"].to_list() == [4.0, 1.0, 4.0, 2.0, 4.0, 3.0]


def test_a_batch_is_deleted(client, sweep):
    batch = sweep(thickness=[1.0, 2.0, 3.0]).wait(verbose=False)

    batch[1:].delete()

    assert [each.simulation_id for each in batch.statuses()] == [batch[0].simulation_id]
    assert batch.to_frame().height == 1
