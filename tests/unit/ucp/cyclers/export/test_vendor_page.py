"""The table of docs/vendors.md, cell by cell: "yes" is written and verified, "no" is rejected."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ionworks import ucp
from tests.paths import ROOT
from tests.unit.ucp.cyclers.export.protocols import TARGETS

PAGE: Final = ROOT / "docs" / "vendors.md"
CHARGE: Final = "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}}"
DISCHARGE: Final = "{Discharge: {mode: Current, value: 2, ends: [Voltage < 2.7]}}"
HOLD: Final = "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.05]}}"
REST: Final = "{Rest: {duration: 60}}"
PAIR: Final = "safety_limits: {voltage_min: 2.5, voltage_max: 4.3}\n"
STEPS: Final = {
    "rest": [REST],
    "rest that ends below a voltage": ["{Rest: {duration: 60, ends: [Voltage < 3]}}"],
    "rest that ends above a voltage": ["{Rest: {duration: 60, ends: [Voltage > 3]}}"],
    "constant current until a voltage or a time": [
        "{Discharge: {mode: Current, value: 2, duration: 3600, ends: [Voltage < 2.7]}}"
    ],
    "C-rate without `nominal_capacity_ah`": [
        "{Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}}"
    ],
    "constant voltage after a constant current, charge": [CHARGE, HOLD],
    "constant voltage after a constant current, discharge": [
        DISCHARGE,
        "{Discharge: {mode: Voltage, value: 2.7, ends: [Current < 0.05]}}",
    ],
    "constant voltage after anything else": [REST, HOLD, CHARGE],
    "constant power": ["{Discharge: {mode: Power, value: 5, ends: [Voltage < 2.7]}}"],
    "constant resistance": ["{Discharge: {mode: Resistance, value: 5, ends: [Voltage < 2.7]}}"],
    "end on capacity alone": ["{Charge: {mode: Current, value: 2, ends: [Capacity > 1]}}"],
    "end on energy": ["{Charge: {mode: Current, value: 2, ends: [Energy > 1, Voltage > 4.2]}}"],
    "end on temperature": [
        "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Temperature > 50]}}"
    ],
    "end on state of charge": [
        "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, SOC > 0.5]}}"
    ],
    "end that jumps": [
        (
            "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, "
            "{variable: Time, value: 60, goto: Last}]}}"
        ),
        REST,
        "{Last: [{Rest: {duration: 30}}]}",
    ],
    "end that ends the test": [
        (
            "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, "
            "{variable: Voltage, value: 2.4, operator: '<', goto: End}]}}"
        ),
        REST,
    ],
    "repeat": [f"{{Loop: {{repeat: 3, steps: [{CHARGE}]}}}}"],
    "nested repeats": [
        f"{{Loop: {{repeat: 3, steps: [{{In: {{repeat: 2, steps: [{CHARGE}]}}}}, {REST}]}}}}"
    ],
    "`Pause`": [CHARGE, "Pause", REST],
    "`Advance cycle` among the steps": [CHARGE, "Advance cycle", REST],
}
TEXTS: Final = {
    **{label: f"steps: [{', '.join(steps)}]" for label, steps in STEPS.items()},
    "drive cycle": f"{PAIR}steps: [{{Drive: {{drive_cycle: US06, mode: Current}}}}]",
    "resolution of time and voltage": (
        f"global: {{resolution: {{time: 10, voltage: 0.01}}}}\nsteps: [{CHARGE}]"
    ),
    "voltage limits": f"{PAIR}steps: [{CHARGE}]",
    "safety limit that jumps": (
        "safety_limits: {voltage_min: 2.5, voltage_max: {value: 4.3, goto: Out}}\n"
        f"steps: [{CHARGE}, {{Out: [{REST}]}}]"
    ),
    **{
        label: f"safety_limits: {{{limits}}}\nsteps: [{CHARGE}]"
        for label, limits in {
            "a single voltage limit": "voltage_max: 4.3",
            "one limit for both currents": "charge_current_max: 3, discharge_current_max: 3",
            "different current limits": "charge_current_max: 3, discharge_current_max: 4",
            "upper temperature limit": "temperature_max: 50",
            "lower and upper temperature limit": "temperature_min: 0, temperature_max: 50",
        }.items()
    },
}


def table() -> dict[str, dict[str, str]]:
    """Return the cells of the table by row label and target."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("| | maccor | neware | arbin | arbin_sdx | biologic | novonix |")
    rows: dict[str, dict[str, str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        label, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[label] = dict(zip(TARGETS, cells, strict=True))
    return rows


def test_every_row_has_a_protocol() -> None:
    assert [*table()] == [
        *sorted(TEXTS, key=[*table()].index),
        "levels of repeats",
        "trust",
    ]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("label", TEXTS)
def test_a_cell_agrees_with_convert(label: str, target: str) -> None:
    given: dict[str, Any] = {"verify": True}
    if "US06" in TEXTS[label]:
        given["drive_cycles"] = {"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]}

    if table()[label][target] == "yes":
        assert ucp.convert(TEXTS[label], target, **given).primary_bytes
    else:
        with pytest.raises(ucp.UCPError, match=f"Cannot export to {target}: "):
            ucp.convert(TEXTS[label], target, **given)


@pytest.mark.parametrize("target", TARGETS)
def test_the_levels_of_repeats_agree_with_convert(target: str) -> None:
    def nested(levels: int) -> str:
        steps = CHARGE
        for level in range(levels):
            steps = f"{{L{level}: {{repeat: 2, steps: [{steps}, {REST}]}}}}"
        return f"steps: [{steps}]"

    levels = int(table()["levels of repeats"][target])

    assert ucp.convert(nested(levels), target, verify=True)
    with pytest.raises(ucp.UCPError, match=f"a repeat {levels + 1} levels deep"):
        ucp.convert(nested(levels + 1), target)
