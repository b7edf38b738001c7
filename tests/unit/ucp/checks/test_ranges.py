"""Errors of constants out of range."""

from __future__ import annotations

import pytest

from tests.unit.ucp.errors import assert_error

ERRORS = [
    # E-value
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: -1, duration: 1}}]",
        "steps[0].Charge.value",
        "use Discharge",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: C-rate, value: 1-2, duration: 1}}]",
        "steps[0].Charge.value",
        "use Discharge",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Voltage, value: -1, duration: 1}}]",
        "steps[0].Charge.value",
        "must not be negative",
    ),
    (
        "E-value",
        "steps: [{Discharge: {mode: Resistance, value: 0, duration: 1}}]",
        "steps[0].Discharge.value",
        "Ohm",
    ),
    ("E-value", "steps: [{Rest: {duration: 0}}]", "steps[0].Rest.duration", "above 0"),
    ("E-value", "steps: [{Rest: {duration: -5}}]", "steps[0].Rest.duration", "above 0"),
    (
        "E-value",
        "steps: [{Rest: {duration: 5, temperature: -300}}]",
        "steps[0].Rest.temperature",
        "-273.15",
    ),
    (
        "E-value",
        "steps: [{Rest: {duration: 5, resolution: 0}}]",
        "steps[0].Rest.resolution",
        "above 0",
    ),
    # E-repeat
    (
        "E-repeat",
        "steps: [{A: {repeat: -1, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "whole number",
    ),
    (
        "E-repeat",
        "steps: [{A: {repeat: 2.5, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "2.5",
    ),
    (
        "E-repeat",
        "steps: [{A: {repeat: 1e9, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "100000",
    ),
    (
        "E-repeat",
        (
            "steps: [{A: {repeat: 1000, steps: [{B: {repeat: 1000, steps: "
            "[{Rest: {duration: 1}}]}}]}}]"
        ),
        "steps",
        "1e+06 steps",
    ),
    # E-safety
    (
        "E-safety",
        "safety_limits: {voltage_min: 4, voltage_max: 3}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_min",
        "must be below",
    ),
    (
        "E-safety",
        "safety_limits: {temperature_min: 5, temperature_max: 5}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.temperature_min",
        "must be below",
    ),
    (
        "E-safety",
        "safety_limits: {charge_current_max: -3}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.charge_current_max",
        "positive",
    ),
    (
        "E-safety",
        "safety_limits: {discharge_current_max: 0}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.discharge_current_max",
        "positive",
    ),
]


@pytest.mark.parametrize(("code", "text", "path", "words"), ERRORS)
def test_error(code: str, text: str, path: str, words: str) -> None:
    assert_error(code, text, path, words)
