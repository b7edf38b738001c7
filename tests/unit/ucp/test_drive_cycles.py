"""Drive cycles that a protocol names and whose samples are given separately."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from ionworks import ucp
from ionworks.ucp import UCPError
from ionworks.ucp.traversal import leaves

TWICE = """
steps:
  - Drive: {drive_cycle: US06, mode: Power, scale: 2}
  - Trip:
      repeat: 3
      steps:
        - Drive: {file: WLTP}
        - Drive: {drive_cycle: US06, mode: Power}
"""
US06 = ((0.0, 1.0), (60.0, 2.5))
WLTP = ((0.0, -1.0), (1.0, 2.0), (3.0, 0.0))
SUPPLIED = {"US06": [[0, 1], [60, 2.5]], "WLTP": [(0, -1), (1, 2), (3, 0)], "FTP": None}


def parsed(source: str = TWICE) -> ucp.Protocol:
    protocol = ucp.parse(source).protocol
    assert protocol is not None
    return protocol


def samples(protocol: ucp.Protocol) -> list[object]:
    return [leaf.profile.data for leaf in leaves(protocol.steps) if leaf.profile]


def test_a_protocol_lists_drive_cycles_without_samples() -> None:
    assert ucp.validate(TWICE)["valid"]
    assert ucp.required_drive_cycles(parsed()) == ["US06", "WLTP"]
    assert samples(parsed()) == [(), (), ()]


def test_samples_are_added_to_the_steps_that_name_them() -> None:
    filled = ucp.with_drive_cycles(parsed(), SUPPLIED)

    assert samples(filled) == [US06, WLTP, US06]
    assert ucp.required_drive_cycles(filled) == []
    assert ucp.resolve(parsed(), {}, SUPPLIED) == filled
    assert ucp.parse(TWICE, SUPPLIED).protocol == filled


def test_a_filled_protocol_keeps_the_names() -> None:
    filled = ucp.with_drive_cycles(parsed(), SUPPLIED)
    text = ucp.to_yaml(filled)

    assert ucp.parse(text).protocol == filled
    assert [leaf.profile.name for leaf in leaves(filled.steps) if leaf.profile] == [
        "US06",
        "WLTP",
        "US06",
    ]
    assert 'Follow the drive cycle "US06", 2 samples of power over 1 min, scaled by 2.' in (
        ucp.human_readable(filled)
    )


TABLE = {"Time [s]": [0, 60], "Power [W]": [1, 2.5]}


@pytest.mark.parametrize(
    "given",
    [
        [[0, 1], [60, 2.5]],
        ((0, 1), (60, 2.5)),
        np.array(US06),
        {"time": [0, 60], "value": [1, 2.5]},
        {"time": np.array([0, 60]), "Power": np.array([1, 2.5], dtype=np.float32)},
        TABLE,
        {"Power [mW]": [1000, 2500], "Time [min]": [0, 1]},
        pl.DataFrame(TABLE, strict=False),
        pd.DataFrame(TABLE),
    ],
)
def test_samples_in_all_accepted_forms(given: object) -> None:
    filled = ucp.with_drive_cycles(
        parsed("steps: [{Drive: {drive_cycle: US06, mode: Power}}]"), {"US06": given}
    )

    assert samples(filled) == [US06]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "drive cycle 'US06'; supplied: none"),
        ({"US6": [], "x": []}, "supplied: 'US6', 'x'; did you mean 'US6'?"),
        ({"US06": None}, "drive_cycles.US06: the data of a profile must be pairs"),
        (
            {"US06": [[0, 1], [0, 2]]},
            "drive_cycles.US06[1][0]: the times of a profile must",
        ),
        ({"US06": [[1, 1], [2, 2]]}, "drive_cycles.US06: a profile needs at least two samples"),
        ({"US06": [[0, float("nan")], [2, 2]]}, "a sample must be a finite number"),
        ({"US06": np.zeros(3)}, "a sample must be a pair"),
        ({"US06": b"0,1"}, "drive_cycles.US06: a value of type bytes"),
        ({"US06": {"Time [s]": [0, 1], "Voltage [V]": [4, 4]}}, "write 'mode: Voltage'"),
        ({"US06": {"Time [d]": [0, 1], "Power [W]": [4, 4]}}, "unknown unit 'd' of Time"),
        ({"US06": pd.DataFrame({**TABLE, "Step": [1, 1]})}, "need two columns"),
    ],
)
def test_invalid_samples_are_reported(given: dict[str, Any], words: str) -> None:
    text = "steps:\n  - Drive: {drive_cycle: US06, mode: Power}"

    with pytest.raises(UCPError) as refusal:
        ucp.with_drive_cycles(parsed(text), given)

    assert words in str(refusal.value)
    assert words in ucp.validate(text, given)["error"]


def test_all_missing_cycles_are_reported_with_line_and_column() -> None:
    result = ucp.parse(TWICE, {"FTP": []})

    assert result.protocol is None
    assert [(found.path, found.line, found.column) for found in result.errors] == [
        ("steps[0].Drive", 3, 12),
        ("steps[1].Trip.steps[0].Drive", 7, 18),
        ("steps[1].Trip.steps[1].Drive", 8, 18),
    ]


def test_data_of_a_step_takes_precedence_over_its_drive_cycle() -> None:
    protocol = parsed("steps: [{Drive: {drive_cycle: mine, data: [[0, 1], [60, 2.5]]}}]")

    assert ucp.required_drive_cycles(protocol) == []
    assert ucp.with_drive_cycles(protocol, {"mine": [[0, 9], [1, 9]]}) == protocol


def recursive() -> list[Any]:
    samples: list[Any] = []
    samples.append(samples)
    return samples


@pytest.mark.parametrize(
    "given",
    [
        recursive(),
        {"time": recursive(), "value": [1]},
        [[0, 1]] * 400_000,
        [[[[0]]]],
        {0: [0, 1], None: [1, 2]},
        [["0", "1e999"], [1, 2]],
        [[0, 10**400], [1, 2]],
        pl.DataFrame({"Time [s]": [0, 1], "Current [A]": [1.0, None]}),
        pd.DataFrame({"Time [s]": ["0", "x"], "Current [A]": [1.0, 2.0]}),
    ],
)
def test_strange_samples_are_errors(given: Any) -> None:
    result = ucp.parse("steps: [{Drive: {drive_cycle: US06}}]", {"US06": given})

    assert result.protocol is None
    assert {found.code for found in result.errors} <= {"E-value", "E-key"}
    assert all(found.path.startswith("drive_cycles.US06") for found in result.errors)


@pytest.mark.parametrize("given", [[], "US06", 3])
def test_drive_cycles_must_be_a_mapping(given: Any) -> None:
    with pytest.raises(TypeError, match="mapping of names to samples"):
        ucp.parse(TWICE, given)
