"""`client.protocol` on the embedded engine."""

from __future__ import annotations

import uuid

import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError

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


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    name = f"life {uuid.uuid4()}"
    protocols = client.protocol

    made = protocols.create(name, PULSE, source_protocol=PULSE)

    assert protocols.create(name, PULSE + "# again").id == made.id
    assert protocols.create_or_get(name, PULSE).id == made.id
    with pytest.raises(ConflictError) as caught:
        protocols.create(name, PULSE, force_create=True)
    assert caught.value.existing_id == made.id
    assert protocols.get(made.id).parameters_schema == {
        "type": "object",
        "properties": {
            "rate": {"type": ["number", "string"]},
            "time": {"type": ["number", "string"]},
        },
        "required": ["rate", "time"],
    }
    found = protocols.find_by_name(name)
    assert found is not None
    assert (found.id, found.protocol_config) == (made.id, None)
    (listed,) = protocols.list(name_exact=name, include="source_protocol")
    assert listed.source_protocol == PULSE == protocols.source_protocol(made.id)
    assert '1.1. Discharge at the input "rate" (C) for the input "time" (s).' in (
        protocols.human_readable(made.id)
    )
    assert protocols.update(made.id, description="short").description == "short"
    protocols.delete(made.id)
    with pytest.raises(NotFoundError):
        protocols.get(made.id)
    assert protocols.find_by_name(name) is None


def test_a_given_schema_is_kept(client: Ionworks) -> None:
    schema = {"type": "object", "properties": {"rate": {"minimum": 0.1}}}

    made = client.protocol.create(f"own {uuid.uuid4()}", PULSE, parameters_schema=schema)

    assert client.protocol.get(made.id).parameters_schema == schema
