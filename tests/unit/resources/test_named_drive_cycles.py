"""Drive cycles given by name with a simulation, checked before they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

TRIP = """
global: {initial_soc: 0.5}
steps:
  - Drive: {drive_cycle: US06, mode: Current}
"""
ROWS = [[0.0, 1.0], [10.0, 2.5], [30.0, -1.0]]
TABLE = {"Time [s]": [0, 10, 30], "Current [A]": [1, 2.5, -1]}
REPLIES = {
    "POST /protocols/parse-to-template": {"template_id": "tpl-1"},
    "POST /simulations/with-template/batch": [{"simulation_id": "s1", "job_id": "j1"}],
}


def config(drive_cycles: Any, protocol: str = TRIP) -> dict[str, Any]:
    experiment = {"protocol": protocol, "name": "trip", "drive_cycles": drive_cycles}
    return {
        "parameterized_model": {"quick_model": {"capacity": 2.0}},
        "protocol_experiment": experiment,
    }


def sent(stub_service: Callable[..., Any], given: dict[str, Any]) -> Any:
    service = stub_service(REPLIES)
    with service.client() as client:
        client.simulation.protocol(given)
    _, _, body = service.sent[0]
    return body["protocol_experiment"]


@pytest.mark.parametrize(
    "given",
    [ROWS, np.array(ROWS), TABLE, pl.DataFrame(TABLE, strict=False), pd.DataFrame(TABLE)],
)
def test_samples_are_sent_as_rows_and_of_unused_ones_the_name_only(
    stub_service: Callable[..., Any], given: object
) -> None:
    experiment = sent(stub_service, config({"US06": given, "FTP": "never read"}))

    cycles = {"US06": ROWS, "FTP": []}
    assert experiment == {"protocol": TRIP, "name": "trip", "drive_cycles": cycles}


@pytest.mark.parametrize("given", [None, {}])
def test_without_a_named_cycle_no_samples_are_sent(
    stub_service: Callable[..., Any], given: object
) -> None:
    rest = "steps:\n  - Rest: {duration: 1}\n"

    assert sent(stub_service, config(given, rest)) == {"protocol": rest, "name": "trip"}


@pytest.mark.parametrize(
    ("drive_cycles", "protocol", "kind", "words"),
    [
        ([], TRIP, TypeError, "must map names to samples"),
        ({"US6": ROWS}, TRIP, ValueError, "supplied: 'US6'; did you mean 'US6'?"),
        ({"US06": [[1, 1], [2, 2]]}, TRIP, ValueError, "the first at time 0"),
        ({"US06": {"time": [0, 1], "Power [W]": [1, 2]}}, TRIP, ValueError, "mode: Power"),
        ({"US06": ROWS}, "steps: [{Rest: {}}]", ValueError, "steps[0].Rest"),
    ],
)
def test_invalid_samples_are_rejected_before_any_request(
    stub_service: Callable[..., Any],
    drive_cycles: Any,
    protocol: str,
    kind: type[Exception],
    words: str,
) -> None:
    service = stub_service({})
    with service.client() as client, pytest.raises(kind) as refusal:
        client.simulation.protocol(config(drive_cycles, protocol))

    assert words in str(refusal.value)
    assert service.requests == []
