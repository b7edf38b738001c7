"""Warnings about valid documents, and documents without warnings."""

from __future__ import annotations

import pytest

from ionworks.ucp import parse

REST = "steps: [{Rest: {duration: 1}}]"
WARNINGS = [
    (
        "W-tie",
        (
            "safety_limits: {voltage_max: 4.2}\nsteps: [{Charge: {mode: C-rate, value: 1, "
            "ends: [Voltage > 4.2]}}]"
        ),
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-tie",
        (
            "safety_limits: {voltage_min: 2.5}\nsteps: [{Discharge: {mode: C-rate, value: 1, "
            "ends: [Voltage < 2.5]}}]"
        ),
        "steps[0].Discharge.ends[0]",
    ),
    (
        "W-tie",
        "safety_limits: {temperature_max: 50}\nsteps: [{Rest: {ends: [Temperature > 50]}}]",
        "steps[0].Rest.ends[0]",
    ),
    (
        "W-tie",
        (
            "safety_limits: {charge_current_max: 5}\nsteps: [{Charge: {mode: Power, value: 9, "
            "ends: [Current > 5]}}]"
        ),
        "steps[0].Charge.ends[0]",
    ),
    ("W-unreach", "steps: [End, {Rest: {duration: 1}}]", "steps[1].Rest"),
    (
        "W-unreach",
        "steps: [{A: [{Rest: {ends: [{'Voltage < 3': {goto: A}}]}}]}, {Rest: {duration: 1}}]",
        "steps[1].Rest",
    ),
    (
        "W-unreach",
        (
            "steps: [{A: [{Rest: {duration: 1}}]}, {Control: {ends: [{'Step count > -1': "
            "{goto: A}}]}}, {Rest: {duration: 1}}]"
        ),
        "steps[2].Rest",
    ),
    ("W-unreach", "steps: [{A: [End]}, {Rest: {duration: 1}}]", "steps[1].Rest"),
    ("W-cv", "steps: [{Charge: {mode: Voltage, value: 4.2, duration: 60}}]", "steps[0].Charge"),
    (
        "W-cv",
        "steps: [{Charge: {mode: Voltage, value: 4.2, ends: [Voltage > 4.1]}}]",
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-direction",
        "steps: [{Charge: {mode: C-rate, value: 1, ends: [Voltage < 3]}}]",
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-direction",
        "steps: [{Discharge: {mode: C-rate, value: 1, ends: [Voltage > 3]}}]",
        "steps[0].Discharge.ends[0]",
    ),
    (
        "W-soc1",
        f"global: {{initial_state_type: soc_percentage, initial_state_value: 1}}\n{REST}",
        "global.initial_state_value",
    ),
    (
        "W-soc1",
        f"global: {{initial_state_type: soc_percentage, initial_state_value: 0.5}}\n{REST}",
        "global.initial_state_value",
    ),
    ("W-init", f"global: {{initial_state_value: 50}}\n{REST}", "global.initial_state_value"),
    (
        "W-unset",
        (
            "steps: [{Rest: {duration: VAR_T + 1}}, {Control: {set_variable: "
            "[{name: VAR_T, eval: 1}]}}]"
        ),
        "steps[0].Rest.duration",
    ),
]


@pytest.mark.parametrize(("code", "text", "path"), WARNINGS)
def test_warning(code: str, text: str, path: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert [(found.code, found.path) for found in result.warnings] == [(code, path)]


QUIET = [
    (
        "safety_limits: {voltage_max: 4.25}\nsteps: [{Charge: {mode: C-rate, value: 1, "
        "ends: [Voltage > 4.2]}}]"
    ),
    "steps: [{Charge: {mode: C-rate, value: 1, ends: [{'Voltage < 3': {goto: End}}]}}]",
    "steps: [{Rest: {ends: [{variable: Voltage, value: 3}]}}]",
    "steps: [{Rest: {ends: [{'Voltage < 3': {goto: B}}]}}, {B: [{Rest: {duration: 1}}]}]",
    "steps: [{Rest: {ends: [{'Voltage < 3': {goto: Next}}]}}, {Rest: {duration: 1}}]",
    "global: {initial_state_type: soc_percentage, initial_state_value: 0}\n" + REST,
    "global: {initial_soc: 0.5}\n" + REST,
    # The guide's own: a full cell.
    "global: {initial_soc: 1}\n" + REST,
    (
        "steps: [{A: [{Rest: {duration: 1, ends: [{'Voltage < 3': {goto: B}}]}}, End]}, "
        "{B: [{Rest: {duration: 1}}]}]"
    ),
]


@pytest.mark.parametrize("text", QUIET)
def test_no_warning(text: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert result.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "global: {initial_temperature: 298.15}\nsteps: [End]",
        "safety_limits: {temperature_max: 333.15}\nsteps: [End]",
        "steps: [{Rest: {duration: 1, temperature: 300}}]",
        "steps: [{Rest: {duration: 1, ends: [Temperature > 330]}}]",
        "steps: [{Ambient temperature: 318.15}]",
    ],
)
def test_a_temperature_in_kelvin_is_a_warning(text: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert [found.code for found in result.warnings] == ["W-temp"]
    assert "if this is in kelvin, write" in result.warnings[0].message
