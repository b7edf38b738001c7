"""Batches on the embedded engine: one receipt, statuses in ranges, equal runs computed once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.errors import NotFoundError, UnprocessableError

THICKNESS = "Positive electrode thickness [m]"
UCP = """
global: {initial_soc: 1}
steps:
  - Discharge: {mode: C-rate, value: "input['rate']", duration: 60}
"""


def batch(*thicknesses: float, rate: float, **fields: Any) -> dict[str, Any]:
    row = {"type": "discrete", "name": THICKNESS, "values": [*thicknesses]}
    return {
        "parameterized_model": "spm-chen2020",
        "protocol_experiment": {"protocol": UCP, "name": "A minute"},
        "experiment_parameters": {"rate": rate},
        "design_parameters_doe": {"sampling": "grid", "rows": [row]},
        **fields,
    }


def test_a_batch_is_waited_for_and_read_by_its_responses(client: Ionworks) -> None:
    responses = client.simulation.protocol_batch(batch(7e-5, 8e-5, rate=1.0, reuse=False))

    records = client.simulation.wait_for_completion(responses, verbose=False)

    assert [each.id for each in records] == [each.simulation_id for each in responses]
    assert [each.design_parameters for each in records] == [{THICKNESS: 7e-5}, {THICKNESS: 8e-5}]
    assert [each.job_id for each in records] == [each.job_id for each in responses]
    statuses = client.simulation.get_statuses(responses)
    by_id = client.simulation.get_statuses([each.simulation_id for each in responses])
    assert statuses == by_id
    assert client.job.get(responses[1].job_id).status == "completed"


def test_the_same_batch_is_computed_once(client: Ionworks) -> None:
    config = batch(6e-5, 7e-5, rate=0.5)
    first = client.simulation.protocol_batch(config)
    client.simulation.wait_for_completion(first, verbose=False)

    again = client.simulation.protocol_batch(config)

    assert {each.status for each in client.simulation.get_statuses(again)} == {"completed"}
    records = client.simulation.wait_for_completion(again, verbose=False)
    original = [client.simulation.get(each) for each in first]
    known = {each.id for each in original} | {each.copied_from for each in original}
    assert {each.copied_from for each in records} <= known
    for one, other in zip(
        client.simulation.get_results(first), client.simulation.get_results(again), strict=True
    ):
        assert one.time_series.equals(other.time_series)
        assert one.steps.equals(other.steps)
        assert one.metrics == other.metrics
    client.simulation.delete(first[0])
    assert client.simulation.get_result(again[0]).time_series.height > 0


def test_a_deleted_run_is_missed_by_a_wait(client: Ionworks) -> None:
    responses = client.simulation.protocol_batch(batch(7e-5, 8e-5, rate=1.0))
    client.simulation.wait_for_completion(responses, verbose=False)
    client.simulation.delete(responses[0])

    with pytest.raises(NotFoundError, match=responses[0].simulation_id):
        client.simulation.wait_for_completion(responses, verbose=False)
    assert [each.simulation_id for each in client.simulation.get_statuses(responses)] == [
        responses[1].simulation_id
    ]


def test_a_plan_says_what_a_batch_would_do(client: Ionworks) -> None:
    config = batch(6.5e-5, 7.5e-5, rate=0.75)
    total = client.simulation.list(limit=1).total

    before = client.simulation.plan(config)

    assert (before.count, before.reused, before.is_checked) == (2, 0, True)
    assert before.design.to_dict(as_series=False) == {
        "run": [0, 1],
        "rate": [0.75, 0.75],
        THICKNESS: [6.5e-5, 7.5e-5],
    }
    assert client.simulation.list(limit=1).total == total
    responses = client.simulation.protocol_batch(config)
    client.simulation.wait_for_completion(responses, verbose=False)
    after = client.simulation.plan({**config, "reuse": True})
    assert (after.reused, after.seconds, after.digest) == (2, 0.0, before.digest)
    again = client.simulation.plan({**config, "reuse": False})
    assert again.seconds > 0
    assert "of this model and protocol" in again.basis
    with pytest.raises(UnprocessableError, match="is not in the model"):
        client.simulation.plan(batch(7e-5, rate=1.0, extra_variables=["Voltge [V]"]))


def test_a_batch_is_found_by_name_status_and_time(client: Ionworks) -> None:
    start = datetime.now(UTC)
    config = batch(5e-5, 5.5e-5, rate=0.6)
    config["protocol_experiment"]["name"] = "Found again"
    responses = client.simulation.protocol_batch(config)
    client.simulation.wait_for_completion(responses, verbose=False)
    ids = [each.simulation_id for each in responses]

    def found(**wanted: Any) -> list[str]:
        return [each.id for each in client.simulation.list(created_after=start, **wanted)]

    assert found(name="found again", order="asc") == ids
    assert found(name_exact="Found again 2/2") == ids[1:]
    assert found(name="AGAIN 1/", status="completed") == ids[:1]
    assert found(name="again", status=["failed", "canceled"]) == []
    assert found(name="again", order_by="name") == ids[::-1]
    assert client.simulation.list(name="again", created_before=start) == []
