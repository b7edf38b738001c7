"""Results of simulations on the embedded engine: together and alone they are the same."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from ionworks import Ionworks
from ionworks.errors import NotFoundError

CYCLES = """
global: {initial_soc: 0.5, resolution: 60}
steps:
  - Cycles:
      repeat: 'input["cycles"]'
      steps:
        - Discharge: {mode: C-rate, value: 1, duration: 300}
        - Rest: {duration: 'input["rest"]'}
        - Charge: {mode: C-rate, value: 1, duration: 200}
"""
CONDITIONS = [{"cycles": 1, "rest": 60}, {"cycles": 3, "rest": 0}, {"cycles": 2, "rest": 120}]


def test_results_read_together_are_those_read_alone(client: Ionworks) -> None:
    submitted = client.simulation.protocol_batch(
        {
            "parameterized_model": {"quick_model": {"capacity": 2.0, "chemistry": "LFP/Graphite"}},
            "protocol_experiment": {"protocol": CYCLES, "name": "cycles"},
            "conditions": [{"experiment_parameters": each} for each in CONDITIONS],
            "extra_variables": ["Throughput capacity [A.h]"],
        }
    )
    client.simulation.wait_for_completion(submitted, verbose=False)

    together = list(client.simulation.get_results([submitted[place] for place in (2, 0, 1, 2)]))
    assert client.simulation._connection.capabilities["bulk_results"] is True
    client.simulation._connection.capabilities = {}
    alone = [client.simulation.get_result(submitted[place]) for place in (2, 0, 1, 2)]

    assert [each.metrics["Number of cycles"] for each in together] == [2, 1, 3, 2]
    assert any("duration" in note for note in together[2].notes), "skipped steps are noted"
    for one, other in zip(together, alone, strict=True):
        assert_frame_equal(one.time_series, other.time_series)
        assert_frame_equal(one.steps, other.steps)
        assert one.metrics == other.metrics
        assert one.notes == other.notes

    client.simulation._connection.capabilities = None
    client.simulation.delete(submitted[1])
    with pytest.raises(NotFoundError):
        list(client.simulation.get_results(submitted))
    [left] = client.simulation.get_results([submitted[2]])
    assert_frame_equal(left.time_series, together[0].time_series)
