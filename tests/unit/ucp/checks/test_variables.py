"""Errors of names that are never set."""

from __future__ import annotations

import pytest

from tests.unit.ucp.errors import assert_error

ERRORS = [
    # E-expr
    ("E-expr", "steps: [{Rest: {duration: VAR_T}}]", "steps[0].Rest.duration", "never set"),
    ("E-expr", "steps: [{Rest: {duration: V_MX}}]", "steps[0].Rest.duration", "'V_MAX'"),
    (
        "E-expr",
        "global: {initial_temperature: Voltage}\nsteps: [{Rest: {duration: 1}}]",
        "global.initial_temperature",
        "before the test starts",
    ),
    (
        "E-expr",
        "safety_limits: {voltage_max: VAR_X}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "never set",
    ),
]


@pytest.mark.parametrize(("code", "text", "path", "words"), ERRORS)
def test_error(code: str, text: str, path: str, words: str) -> None:
    assert_error(code, text, path, words)
