"""Canonical YAML, which gives an equal tree when read again, and the JSON Schema."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from ionworks.ucp import Protocol, parse, schema, to_document, to_yaml
from ionworks.ucp.parser.yaml_tree import read_tree
from tests.paths import ROOT
from tests.unit.ucp.documents import GUIDE_EXPORT, GUIDE_INPUTS, GUIDE_RUN, GUIDE_RUN_KEYED
from tests.unit.ucp.trees import protocols

SCHEMA = jsonschema_rs.Draft202012Validator(schema())


@pytest.mark.unmeasured
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(protocols)
def test_a_written_tree_is_read_as_an_equal_tree(protocol: Protocol) -> None:
    text = to_yaml(protocol)

    result = parse(text)

    assert result.errors == (), text
    assert result.protocol == protocol, text
    assert to_yaml(result.protocol) == text
    assert parse(to_document(protocol)).protocol == protocol
    SCHEMA.validate(to_document(protocol))


@pytest.mark.parametrize("text", [GUIDE_RUN, GUIDE_INPUTS, GUIDE_EXPORT, GUIDE_RUN_KEYED])
def test_the_documents_of_the_guide_match_the_schema(text: str) -> None:
    SCHEMA.validate(yaml.safe_load(text))
    protocol = parse(text).protocol
    assert protocol is not None
    assert parse(to_yaml(protocol)).protocol == protocol


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"steps": []},
        {"steps": "Rest"},
        {"steps": [3]},
        {"steps": [{"Rest": {"duration": 1}}], "step": 1},
        {"steps": [{"Rest": {"durations": 1, "duration": 1}}]},
        {"steps": [{"Rest": {"mode": "Current", "duration": 1}}]},
        {"steps": [{"Charge": {"mode": "C-rate", "value": 1}}]},
        {"steps": [{"Charge": {"value": 1, "duration": 1}}]},
        {"steps": [{"Charge": {"mode": "C-rate", "duration": 1}}]},
        {"steps": [{"Charge": {"mode": "C-rate", "value": [1], "duration": 1}}]},
        {"steps": [{"Rest": {"ends": ["Voltage"]}}]},
        {"steps": [{"Rest": {"ends": [{"variable": "Voltage"}]}}]},
        {"steps": [{"Rest": {"ends": [{"Voltage < 3": {"gotoo": "End"}}]}}]},
        {"steps": [{"direction": "Rest", "durations": 1}]},
        {"steps": [{"A": {"repeat": 2}}]},
        {"steps": [{"A": {"steps": []}}]},
        {"steps": [{"Rest": {"duration": 1}}], "global": {"initial_sox": 1}},
        {"steps": [{"Rest": {"duration": 1}}], "global": {"initial_soc": 1, "initial_voltage": 3}},
        {"steps": [{"Rest": {"duration": 1}}], "safety_limits": {"voltage_max": {"goto": "End"}}},
    ],
)
def test_the_parser_refuses_documents_that_the_schema_refuses(document: dict[str, object]) -> None:
    assert not SCHEMA.is_valid(document)
    assert parse(document).errors


def test_the_schema_is_valid_json_schema() -> None:
    jsonschema_rs.meta.validate(schema())
    assert json.loads(json.dumps(schema())) == schema()
    assert schema()["$schema"].endswith("2020-12/schema")


def yaml_blocks() -> list[str]:
    page = ROOT / "docs" / "ucp.md"
    return [
        part.split("```")[0] for part in page.read_text(encoding="utf-8").split("```yaml\n")[1:]
    ]


@pytest.mark.parametrize("text", yaml_blocks())
def test_the_documents_of_the_reference_are_valid(text: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert read_tree(text)[0] is not None
    SCHEMA.validate(yaml.safe_load(text))
    assert result.protocol is not None
    assert parse(to_yaml(result.protocol)).protocol == result.protocol
