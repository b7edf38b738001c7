"""A pipeline configuration and records for tests."""

from __future__ import annotations

from typing import Any

D = "Negative particle diffusivity [m2.s-1]"
RECORD = {"id": "p1", "name": "NMC622 Parameterization", "status": "pending"}
CREATED = {"POST /pipelines": RECORD}


def sent_elements(stub_service: Any, elements: Any, **options: Any) -> Any:
    service = stub_service(CREATED)
    service.client(project_id="P").pipeline.create({"elements": elements}, **options)
    return service.sent[0][2]["elements"]


# ---------------------------------------------------------------- data

COLUMNS = {"Time [s]": [0.0, 1.0, 2.0], "Voltage [V]": [4.1, 4.0, 3.9]}
