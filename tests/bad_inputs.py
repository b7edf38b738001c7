"""Tables of bad inputs and of what their messages must contain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from ionworks import Ionworks

THICKNESS = "Positive electrode thickness [m]"
PROTOCOL = """
global:
  initial_soc: 1
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
"""
EXPERIMENT = {"protocol": PROTOCOL, "name": "1C"}
ROW = {"type": "discrete", "name": THICKNESS, "values": [75e-6]}


class Refusal(NamedTuple):
    """One row: a call, the exception it raises, and words that the message must contain."""

    name: str
    attempt: Callable[..., Any]
    kind: type[Exception] | tuple[type[Exception], ...]
    words: tuple[str, ...]


def ids(rows: list[Refusal]) -> dict[str, Any]:
    names = [row.name for row in rows]
    assert len(set(names)) == len(names), "two rows of the table have one name"
    return {"argvalues": rows, "ids": names}


def check(row: Refusal, *arguments: Any) -> BaseException:
    with pytest.raises(row.kind) as caught:
        row.attempt(*arguments)
    said = str(caught.value)
    missing = [word for word in row.words if word.lower() not in said.lower()]
    assert not missing, f"{missing} not in: {said}"
    assert "Traceback" not in said
    return caught.value


# ---------------------------------------------------------------- calls, before any request


def protocol(**changes: Any) -> Callable[[Ionworks], Any]:
    """Call `protocol` with a modified valid configuration; None removes a key."""
    return lambda client: client.simulation.protocol(configuration(**changes))


def configuration(**changes: Any) -> dict[str, Any]:
    good = {"parameterized_model": "model-id", "protocol_experiment": EXPERIMENT}
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def doe(sampling: Any = "grid", rows: Any = None, **rest: Any) -> dict[str, Any]:
    return {"sampling": sampling, "rows": [ROW] if rows is None else rows, **rest}


def row(**changes: Any) -> dict[str, Any]:
    return doe(
        rows=[{key: value for key, value in {**ROW, **changes}.items() if value is not None}]
    )
