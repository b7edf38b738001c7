"""All three dialects, and any mix of them, give the same tree."""

from __future__ import annotations

import pytest

from ionworks.ucp import Block, Leaf, Marker, Protocol, parse
from ionworks.ucp.expressions import Number
from ionworks.ucp.parser.expressions import parse_expression
from tests.unit.ucp.documents import GUIDE_EXPORT, GUIDE_INPUTS, GUIDE_RUN, GUIDE_RUN_KEYED


def tree(source: str | dict[str, object]) -> Protocol:
    result = parse(source)
    assert result.errors == (), [str(found) for found in result.errors]
    assert result.protocol is not None
    return result.protocol


@pytest.mark.parametrize("text", [GUIDE_RUN, GUIDE_INPUTS, GUIDE_EXPORT])
def test_the_documents_of_the_guide_are_valid(text: str) -> None:
    assert tree(text).steps


def test_flat_and_keyed_are_equal_trees() -> None:
    assert tree(GUIDE_RUN) == tree(GUIDE_RUN_KEYED)


def test_dialects_mix_step_by_step() -> None:
    mixed = tree(
        """
        steps:
          - Charge: {mode: C-rate, value: 1, ends: ["Voltage > 4.2"]}
          - direction: Charge
            mode: C-rate
            value: "1"
            ends: {variable: "Voltage [V]", value: 4.2}
        """
    )

    assert mixed.steps[0] == mixed.steps[1]


def test_json_text_and_a_parsed_document_are_the_same() -> None:
    json_text = '{\n\t"steps": [\n\t\t{"Rest": {"duration": 1e-3}}\n\t]\n}'
    document = {"steps": [{"Rest": {"duration": 1e-3}}]}

    assert tree(json_text) == tree(document) == tree("steps: [{Rest: {duration: 0.001}}]")


def test_a_block_may_have_the_name_of_a_kind() -> None:
    block = tree(GUIDE_EXPORT).steps[2]

    assert isinstance(block, Block)
    assert block.name == "Discharge"
    assert isinstance(block.items[0], Leaf)


@pytest.mark.parametrize("written", ["'0.6'", "0.6", "6e-1", "+.6"])
def test_numbers_may_have_any_notation(written: str) -> None:
    leaf = tree(f"steps: [{{Rest: {{duration: {written}}}}}]").steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.duration == Number(0.6)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("12:30:00", 45000),
        ("08:00:00", 28800),
        ("'1:30'", 90),
        ("10 minutes", 600),
        ("1.5 h", 5400),
        ("30s", 30),
        ("2 hours", 7200),
        ("1_000", 1000),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    leaf = tree(f"steps: [{{Rest: {{duration: {written}}}}}]").steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.duration == Number(seconds)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("rest", "Rest"),
        (" REST ", "Rest"),
        ("Control", "Control"),
        ("ambient_temperature", "Ambient temperature"),
        ("AmbientTemperature", "Ambient temperature"),
        ("Ambient-Temperature", "Ambient temperature"),
    ],
)
def test_kinds_may_have_any_spelling(key: str, kind: str) -> None:
    bodies = {"Rest": {"duration": 1}, "Control": {}, "Ambient temperature": {"value": 45}}

    leaf = tree({"steps": [{key: bodies[kind]}]}).steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.kind == kind


@pytest.mark.parametrize("mode", ["C-rate", "c-rate", "C_RATE", "crate", "C rate"])
def test_modes_may_have_any_spelling(mode: str) -> None:
    leaf = tree({"steps": [{"Charge": {"mode": mode, "value": "C/2", "duration": 1}}]}).steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.mode == "C-rate"
    assert leaf.value == Number(0.5)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("End", "End"),
        ("end", "End"),
        ("Advance cycle", "Advance cycle"),
        ("AdvanceCycle", "Advance cycle"),
        ("Cycle", "Advance cycle"),
        ("Pause", "Pause"),
    ],
)
def test_markers(word: str, kind: str) -> None:
    marker = tree({"steps": [{"Rest": {"duration": 1}}, word]}).steps[1]

    assert isinstance(marker, Marker)
    assert marker.kind == kind


def test_the_three_forms_of_blocks() -> None:
    listed = tree("steps: [{A: [{Rest: {duration: 1}}]}]").steps
    mapped = tree("steps: [{A: {repeat: 1, steps: [{Rest: {duration: 1}}]}}]").steps
    flat = tree("steps: [{name: A, steps: [{Rest: {duration: 1}}]}]").steps

    assert listed == mapped == flat
    nested = tree(
        "steps: [{A: {repeat: 'input[\"N\"]', note: n, steps: [{B: {repeat: 3, steps: "
        "[{Rest: {duration: 1}}]}}]}}]"
    ).steps[0]
    assert isinstance(nested, Block)
    assert nested.repeat == parse_expression('input["N"]')
    assert nested.note == "n"
    assert isinstance(nested.items[0], Block)
    assert nested.items[0].repeat == Number(3)


def test_a_step_knows_its_path() -> None:
    block = tree("steps: [{A: {steps: [{B: [{Rest: {duration: 1}}]}]}}]").steps[0]

    assert isinstance(block, Block)
    inner = block.items[0]
    assert isinstance(inner, Block)
    assert block.path == "steps[0].A"
    assert inner.path == "steps[0].A.steps[0].B"
    assert getattr(inner.items[0], "path", "") == "steps[0].A.steps[0].B[0].Rest"


def test_all_fields_of_a_step() -> None:
    leaf = tree(
        """
        steps:
          - Charge:
              name: Fast
              mode: Power
              value: 3 W
              duration: 60
              ends: [Voltage > 4.2]
              temperature: 45
              resolution: {time: 1, voltage: 0.01, current: 10 mA}
              set_variable: [{name: VAR_Q, eval: Capacity}]
              note: as fast as it goes
        """
    ).steps[0]

    assert isinstance(leaf, Leaf)
    assert (leaf.name, leaf.mode, leaf.value) == ("Fast", "Power", Number(3))
    assert leaf.temperature == Number(45)
    assert leaf.resolution is not None
    assert leaf.resolution.current == Number(0.01)
    assert leaf.set_variables[0].value == parse_expression("Capacity")
    assert leaf.note == "as fast as it goes"


@pytest.mark.parametrize("word", ["Charge", "'Charge'", '"charge"', "1", "0.5", "2 > 1"])
def test_a_constant_direction_becomes_a_charge(word: str) -> None:
    leaf = tree(
        {"steps": [{f"Direction[{word}]": {"mode": "Current", "value": 1, "duration": 1}}]}
    ).steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.kind == "Charge"
    assert leaf.direction is None


@pytest.mark.parametrize(
    "item",
    [
        {'Direction[input["way"]]': {"mode": "Current", "value": 1, "duration": 1}},
        {"direction": 'Direction[input["way"]]', "mode": "Current", "value": 1, "duration": 1},
        {"direction": 'input["way"]', "mode": "Current", "value": 1, "duration": 1},
    ],
)
def test_an_open_direction_is_an_expression(item: dict[str, object]) -> None:
    leaf = tree({"steps": [item]}).steps[0]

    assert isinstance(leaf, Leaf)
    assert (leaf.kind, leaf.direction) == ("Direction", parse_expression('input["way"]'))
