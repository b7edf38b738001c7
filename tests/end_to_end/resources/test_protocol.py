"""`client.protocol` on the embedded engine."""

from __future__ import annotations

import uuid

import pytest

from ionworks import Ionworks

PULSE = """
global: {initial_soc: 50, resolution: 5}
steps:
  - Pulse:
      - Discharge: {mode: C-rate, value: "input['rate']", duration: "input['time']"}
"""


def test_a_saved_protocol_runs_by_its_id(local_client: Ionworks) -> None:
    saved = local_client.protocol.create(f"pulse {uuid.uuid4()}", PULSE)
    config = {
        "parameterized_model": {"quick_model": {"capacity": 2.0}},
        "protocol_id": saved.id,
        "experiment_parameters": {"rate": 0.5, "time": 20},
    }
    one = local_client.simulation.protocol(config)
    two = local_client.simulation.protocol_batch(
        config | {"conditions": [{"experiment_parameters": {"rate": rate}} for rate in (1.0, 2.0)]}
    )
    ids = [response.simulation_id for response in (one, *two)]
    local_client.simulation.wait_for_completion(ids, timeout=120)

    for identifier, current in zip(ids, (1.0, 2.0, 4.0), strict=True):
        frame = local_client.simulation.get_result(identifier).time_series
        assert frame["Current [A]"].to_list() == pytest.approx([current] * len(frame))
        assert frame["Time [s]"][-1] == pytest.approx(20)
        assert local_client.simulation.get(identifier).experiment_template_id == saved.id
