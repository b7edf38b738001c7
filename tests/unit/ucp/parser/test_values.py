"""Errors in the fields of a document: modes, values, missing ends, limits and expressions."""

from __future__ import annotations

import pytest

from tests.unit.ucp.errors import assert_error

CHARGE = "mode: C-rate, value: 1"

ERRORS = [
    # E-mode
    ("E-mode", "steps: [{Charge: {value: 1, duration: 1}}]", "steps[0].Charge", "C-rate, Current"),
    ("E-mode", "steps: [{Discharge: {value: 1, duration: 1}}]", "steps[0].Discharge", "'mode'"),
    (
        "E-mode",
        "steps: [{'Direction[VAR_X]': {value: 1, duration: 1}}]",
        "steps[0].Direction[VAR_X]",
        "'mode'",
    ),
    (
        "E-mode",
        "steps: [{Charge: {mode: Curent, value: 1, duration: 1}}]",
        "steps[0].Charge.mode",
        "did you mean 'Current'?",
    ),
    ("E-mode", "steps: [{Charge: {mode: CC, value: 1, duration: 1}}]", "steps[0].Charge.mode", ""),
    (
        "E-mode",
        "steps: [{Charge: {mode: 'input[\"m\"]', value: 1, duration: 1}}]",
        "steps[0].Charge.mode",
        "can be an input, a mode cannot",
    ),
    (
        "E-mode",
        "steps: [{Charge: {mode: Resistance, value: 1, duration: 1}}]",
        "steps[0].Charge",
        "with Discharge only",
    ),
    (
        "E-mode",
        "steps: [{'Direction[SOC - 0.5]': {mode: Resistance, value: 1, duration: 1}}]",
        "steps[0].Direction[SOC - 0.5]",
        "with Discharge only",
    ),
    ("E-mode", "steps: [{Charge: }]", "steps[0].Charge", "'mode' and 'value'"),
    # E-value
    ("E-value", "steps: [{Charge: {mode: Current, duration: 1}}]", "steps[0].Charge", "'value'"),
    ("E-value", "steps: [{Charge: {mode: Current, value: , duration: 1}}]", "steps[0].Charge", ""),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: .inf, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: .nan, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: 1e999, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: [1], duration: 1}}]",
        "steps[0].Charge.value",
        "a list",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: yes, duration: 1}}]",
        "steps[0].Charge.value",
        "yes or no",
    ),
    # E-term
    ("E-term", f"steps: [{{Charge: {{{CHARGE}}}}}]", "steps[0].Charge", "'duration'"),
    ("E-term", f"steps: [{{Charge: {{{CHARGE}, ends: []}}}}]", "steps[0].Charge", "'ends'"),
    ("E-term", "steps: [{direction: Discharge, mode: Current, value: 1}]", "steps[0]", "Discharge"),
    ("E-term", "steps: [{Rest: {}}]", "steps[0].Rest", ""),
    ("E-term", "steps: [{Rest: }]", "steps[0].Rest", ""),
    (
        "E-term",
        "steps: [{Waveform: {shape: sine, amplitude: 1, frequency: 1}}]",
        "steps[0].Waveform",
        "",
    ),
    # E-safety
    (
        "E-safety",
        "safety_limits: {voltage_max: {goto: End}}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "'value'",
    ),
    (
        "E-safety",
        "safety_limits: {voltage_max: {value: 4, limit: 4}}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "'value'",
    ),
    ("E-safety", "safety_limits: [4]\nsteps: [{Rest: {duration: 1}}]", "safety_limits", "mapping"),
    # E-expr
    ("E-expr", "steps: [{Rest: {duration: 1 +}}]", "steps[0].Rest.duration", "missing"),
    ("E-expr", "steps: [{Rest: {duration: sin(1)}}]", "steps[0].Rest.duration", "not a function"),
    ("E-expr", "steps: [{Rest: {duration: 1/0}}]", "steps[0].Rest.duration", "zero"),
    (
        "E-expr",
        "steps: [{Rest: {duration: input[x]}}]".replace("input[x]", "'input[x]'"),
        "steps[0].Rest.duration",
        'input["name"]',
    ),
    (
        "E-expr",
        "steps: [{Rest: {duration: 5 parsecs}}]",
        "steps[0].Rest.duration",
        "valid units: s, min, h",
    ),
    ("E-expr", "steps: [{Rest: {duration: \"'abc'\"}}]", "steps[0].Rest.duration", "text 'abc'"),
    (
        "E-expr",
        "steps: [{Control: {set_variable: [{name: Voltage, eval: 1}]}}]",
        "steps[0].Control.set_variable[0].name",
        "reserved",
    ),
    (
        "E-expr",
        "steps: [{Control: {set_variable: [{name: a b, eval: 1}]}}]",
        "steps[0].Control.set_variable[0].name",
        "letters",
    ),
    (
        "E-expr",
        "steps: [{'Direction[\"up\"]': {mode: Current, value: 1, duration: 1}}]",
        'steps[0].Direction["up"]',
        "Charge",
    ),
]


@pytest.mark.parametrize(("code", "text", "path", "words"), ERRORS)
def test_error(code: str, text: str, path: str, words: str) -> None:
    assert_error(code, text, path, words)
