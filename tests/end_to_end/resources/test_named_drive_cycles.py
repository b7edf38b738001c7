"""Drive cycles given with a protocol, run on the embedded engine."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.errors import UnprocessableError

TRIP = """
global: {initial_soc: 0.5}
steps:
  - Drive: {drive_cycle: US06, mode: Current}
"""
ROWS = [[0.0, 1.0], [10.0, 2.5], [30.0, -1.0]]
TABLE = {"Time [s]": [0, 10, 30], "Current [A]": [1, 2.5, -1]}


def config(drive_cycles: Any, protocol: str = TRIP) -> dict[str, Any]:
    experiment = {"protocol": protocol, "name": "trip", "drive_cycles": drive_cycles}
    return {
        "parameterized_model": {"quick_model": {"capacity": 2.0}},
        "protocol_experiment": experiment,
    }


def test_the_engine_runs_them_and_stores_them_with_the_protocol(local_client: Ionworks) -> None:
    simulations = local_client.simulation
    first = simulations.protocol(config({"US06": TABLE}))
    again = simulations.protocol(
        {
            "parameterized_model": {"quick_model": {"capacity": 2.0}},
            "protocol_id": first.protocol_id,
        }
    )
    simulations.wait_for_completion([first, again], timeout=120, verbose=False)

    for response in (first, again):
        frame = simulations.get_result(response.simulation_id).time_series
        assert frame["Time [s]"].to_list() == [row[0] for row in ROWS]
        assert frame["Current [A]"].to_list() == pytest.approx([row[1] for row in ROWS])
    saved = local_client.protocol.get(first.protocol_id)
    assert saved.protocol_config["steps"] == [
        {"Drive": {"mode": "Current", "drive_cycle": "US06", "data": ROWS}}
    ]
    assert saved.source_protocol == TRIP


def test_other_samples_make_another_protocol(local_client: Ionworks) -> None:
    one, same, other = (
        local_client.simulation.protocol(config({"US06": rows})) for rows in (ROWS, TABLE, ROWS[:2])
    )

    assert one.protocol_id == same.protocol_id != other.protocol_id


def test_the_engine_rejects_a_name_without_samples(local_client: Ionworks) -> None:
    with pytest.raises(UnprocessableError) as refusal:
        local_client.simulation.protocol(config(None))

    assert "steps[0].Drive: the drive cycle 'US06' has no samples" in str(refusal.value)
    assert "drive_cycles" in str(refusal.value)
