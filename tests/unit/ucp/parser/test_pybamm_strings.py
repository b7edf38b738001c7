"""PyBaMM experiment strings and their equivalent steps."""

from __future__ import annotations

import pytest

from ionworks.ucp import parse
from tests.unit.ucp.documents import LINES


@pytest.mark.parametrize(("line", "item"), LINES)
def test_a_line_is_a_step(line: str, item: dict[str, object]) -> None:
    lines, document = parse(line), parse({"steps": [item]})

    assert lines.errors == ()
    assert lines.protocol == document.protocol


def test_a_hold_has_the_direction_of_the_last_current_step() -> None:
    result = parse(
        "Discharge at 1C until 2.5 V\n\nHold at 2.5 V until C/20\nCharge at 1C until 4.2V\n"
        "Hold at 4.2 V until C/20\nRest for 1 hour\n"
    )

    assert result.protocol is not None
    kinds = [getattr(item, "kind", None) for item in result.protocol.steps]
    assert kinds == ["Discharge", "Discharge", "Charge", "Charge", "Rest"]
    assert [getattr(item, "path", None) for item in result.protocol.steps][-1] == "steps[4]"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Charge at 1C", "'for' or 'until' is missing"),
        ("Rest", "'for' or 'until' is missing"),
        ("Charge at 1 horse until 4 V", "is not a value"),
        ("Charge at -1C until 4 V", "negative"),
        ("Charge for 1 hour", "Charge at"),
        ("Hold at 1 A for 1 hour", "needs a voltage"),
        ("Charge at 4 Ohm for 1 hour", "load"),
        ("Rest for 1 fortnight", "not a time"),
        ("Rest for 0 s", "not a time"),
        ("Rest for 1e999 s", "not a time"),
        ("Charge at 1e999 A for 1 s", "too large"),
        ("Charge at 1 A until 1e999 V", "too large"),
        ("Rest for 1 hour for 1 hour", "more than one 'for'"),
        ("Charge at 1C until 4 V until 5 V", "more than one 'until'"),
        ("Charge at 1C until 4 Ohm", "resistance"),
        ("Run US06 (A)", "Drive"),
        ("Rest for 1 hour (fast)", "not a time"),
        ("Rest for 1 hour at 25oC", "not a time"),
        ("Rest for " + "1" * 400 + " s", "too long"),
    ],
)
def test_the_error_of_a_line_quotes_it(line: str, words: str) -> None:
    result = parse(f"Rest for 1 hour\n  {line}\nRest for 1 hour")

    assert [(found.code, found.path, found.line, found.column) for found in result.errors] == [
        ("E-item", "steps[1]", 2, 3)
    ]
    assert words in result.errors[0].message


def test_text_that_is_not_experiment_strings() -> None:
    assert [found.code for found in parse("Hello\nworld").errors] == ["E-yaml"]
    assert [found.code for found in parse("Rest for 1 hour\nHello").errors] == ["E-item"]
    assert parse("Charge at 1C until 4.2V: yes").errors[0].code in ("E-key", "E-item")
