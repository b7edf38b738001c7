"""Every key of a config changes what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.requests.simulation import _KEYS
from tests.unit.resources.simulation.simulation_service import CONFIG, EXPERIMENT, Service

GRID = {"sampling": "grid", "rows": [{"type": "discrete", "name": "x", "values": [1]}]}
ONLY_BATCHES = ("conditions",)
VALUES: dict[str, Any] = {
    "parameterized_model": "another",
    "protocol_experiment": {**EXPERIMENT, "name": "another"},
    "protocol_id": "saved",
    "experiment_parameters": {"a": 1},
    "design_parameters": {"x": 1},
    "design_parameters_doe": GRID,
    "conditions": [{"design_parameters": {"x": 1}}],
    "max_backward_jumps": 3,
    "study_id": "study",
    "project_id": "another",
    "extra_variables": ["Power [W]"],
    "reuse": False,
}


def sent(client: Ionworks, service: Service, config: dict[str, Any], *, batch: bool) -> Any:
    service.sent.clear()
    submit = client.simulation.protocol_batch if batch else client.simulation.protocol
    submit(config)
    return list(service.sent)


@pytest.mark.parametrize("key", _KEYS)
def test_a_key_changes_the_requests(client: Ionworks, service: Service, key: str) -> None:
    changed: dict[str, Any] = {**CONFIG, key: VALUES[key]}
    if key == "protocol_id":
        del changed["protocol_experiment"]
    batch = key in ONLY_BATCHES

    before = sent(client, service, CONFIG, batch=batch)

    assert sent(client, service, changed, batch=batch) != before
