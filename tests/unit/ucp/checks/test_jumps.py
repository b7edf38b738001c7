"""Jumps and their targets."""

from __future__ import annotations

import pytest

from ionworks.ucp import Block, Leaf, TargetIndex, UCPError, find_target, parse

STEPS = """
  - Charge up:
      - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.2]}
  - Loop:
      repeat: 3
      steps:
        - Rest: {name: Wait, duration: 60}
        - Inner: [{Rest: {duration: 1}}]
  - Twin: [{Rest: {duration: 1}}]
  - Twin: [{Rest: {duration: 2}}]
  - case: [{Rest: {duration: 1}}]
  - Case: [{Rest: {duration: 1}}]
"""


def jumping_to(target: object) -> str:
    return (
        f"steps:\n  - Rest: {{duration: 9, ends: [{{'Voltage < 3': {{goto: {target}}}}}]}}{STEPS}"
    )


@pytest.mark.parametrize(
    ("written", "canonical", "position"),
    [
        ("Charge up", "Charge up", (1,)),
        (" CHARGE UP ", "Charge up", (1,)),
        ("wait", "Wait", (2, 0)),
        ("Inner", "Inner", (2, 1)),
        ("case", "case", (5,)),
        ("Case", "Case", (6,)),
        ("End", "End", "End"),
        ("end test", "End", "End"),
        ("Next", "Next", "Next"),
        ("next step", "Next", "Next"),
        (1, 1, (0,)),
        ("'7'", 7, (6,)),
    ],
)
def test_targets(written: object, canonical: object, position: object) -> None:
    result = parse(jumping_to(written))

    assert result.errors == ()
    assert result.protocol is not None
    leaf = result.protocol.steps[0]
    assert isinstance(leaf, Leaf)
    goto = leaf.ends[0].goto
    assert goto == canonical
    assert goto is not None
    assert find_target(result.protocol, goto) == position


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("Nowhere", "unknown target"),
        ("Inne", "did you mean 'Inner'?"),
        ("Twin", "matches 2 items"),
        ("CASE", "matches 2 items"),
        (0, "unknown item number 0"),
        (8, "the protocol has 7"),
        ("''", "expected a text"),
        ("no", "quote it"),
        ("[a]", "a list"),
    ],
)
def test_bad_targets(target: object, words: str) -> None:
    result = parse(jumping_to(target))

    assert [found.code for found in result.errors] == ["E-goto"]
    assert words in result.errors[0].message
    assert result.errors[0].path.startswith("steps[0].Rest.ends[0]")
    assert result.errors[0].line == 2


def test_a_duplicate_name_that_is_not_a_target_is_valid() -> None:
    assert parse(jumping_to("End")).errors == ()


def test_a_block_called_end_cannot_be_jumped_to() -> None:
    result = parse(
        "steps: [{Rest: {ends: [{Voltage < 3: {goto: End}}]}}, {End: [{Rest: {duration: 1}}]}]"
    )

    assert [found.code for found in result.errors] == ["E-goto"]
    assert "rename" in result.errors[0].message


@pytest.mark.parametrize("where", ["goto: Nope", "voltage_max: {value: 4, goto: Nope}"])
def test_unknown_targets_of_safety_limits_are_errors(where: str) -> None:
    result = parse(f"safety_limits: {{{where}}}\nsteps: [{{Rest: {{duration: 1}}}}]")

    assert [found.code for found in result.errors] == ["E-goto"]
    assert result.errors[0].path.startswith("safety_limits.")


def test_the_number_of_a_target_counts_all_top_level_items() -> None:
    result = parse(
        "steps: [Pause, {Rest: {duration: 1}}, {Rest: {ends: [{Voltage < 3: {goto: 2}}]}}]"
    )

    assert result.protocol is not None
    assert find_target(result.protocol, 2) == (1,)


def test_an_unknown_target_of_a_tree_is_raised() -> None:
    result = parse("steps: [{Rest: {duration: 1}}]")

    assert result.protocol is not None
    with pytest.raises(UCPError, match="unknown target"):
        find_target(result.protocol, "A")
    assert isinstance(TargetIndex(result.protocol.steps).find("A"), UCPError)


def test_names_and_numbers_do_not_collide() -> None:
    result = parse(
        "steps: [{Rest: {ends: [{Voltage < 3: {goto: '2'}}]}}, {Rest: {duration: 1}}, "
        "{'2': [{Rest: {duration: 1}}]}]"
    )

    assert result.protocol is not None
    assert isinstance(result.protocol.steps[2], Block)
    assert find_target(result.protocol, 2) == (2,)
