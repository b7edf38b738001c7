"""The contract keeps its rules, and each rule reports documents that break it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from generator.document import load, operations
from generator.lint import RULES, problems
from tests.paths import ROOT

Document = dict[str, Any]
Breaking = Callable[[Document], object]

STEMS = [
    *("simulation", "protocol", "job", "project", "model", "parameterized_model", "study"),
    *("cell_spec", "cell_instance", "cell_measurement", "pipeline", "simple_pipeline", "discovery"),
]


def a_valid_document() -> Document:
    """Return a small contract that keeps every rule."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Valid", "version": "1"},
        "tags": [{"name": "cell", "description": "Cells."}],
        "paths": {
            "/cells/{cell_id}": {
                "parameters": [
                    {
                        "name": "cell_id",
                        "in": "path",
                        "required": True,
                        "description": "The cell.",
                        "schema": {"type": "string"},
                        "example": "cell-1",
                    }
                ],
                "patch": {
                    "operationId": "update_cell",
                    "tags": ["cell"],
                    "description": "Changes a cell.",
                    "parameters": [
                        {
                            "name": "state",
                            "in": "query",
                            "description": "Only in this state.",
                            "schema": {"$ref": "#/components/schemas/State"},
                        }
                    ],
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/CellUpdate"},
                                "example": {"name": "A", "options": {"Voltage [V]": 4.2}},
                            }
                        }
                    },
                    "responses": {"200": {"$ref": "#/components/responses/Cell"}},
                },
                "delete": {
                    "operationId": "delete_cell",
                    "tags": ["cell"],
                    "description": "Deletes a cell.",
                    "responses": {"204": {"description": "Done."}},
                },
            }
        },
        "components": {
            "responses": {
                "Cell": {
                    "description": "A cell.",
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Cell"},
                            "examples": {"one": {"value": {"id": "cell-1", "name": None}}},
                        }
                    },
                }
            },
            "schemas": {
                "State": {"type": "string", "description": "A state.", "enum": ["new", "old"]},
                "CellUpdate": {
                    "type": "object",
                    "description": "What to change.",
                    "properties": {
                        "name": {"type": "string"},
                        "email": {"type": "string", "format": "email"},
                        "options": {"type": "object", "additionalProperties": True},
                    },
                    "additionalProperties": False,
                },
                "Cell": {
                    "type": "object",
                    "description": "A cell.",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    },
                    "additionalProperties": True,
                },
            },
        },
    }


def patch(document: Document) -> Document:
    return document["paths"]["/cells/{cell_id}"]["patch"]


def delete(document: Document) -> Document:
    return document["paths"]["/cells/{cell_id}"]["delete"]


def json_of(part: Document) -> Document:
    return part["content"]["application/json"]


def body(document: Document) -> Document:
    return json_of(patch(document)["requestBody"])


def reply(document: Document) -> Document:
    return json_of(document["components"]["responses"]["Cell"])


def components(document: Document) -> Document:
    return document["components"]["schemas"]


def fields(document: Document, name: str = "CellUpdate") -> Document:
    return components(document)[name]["properties"]


def one_of(*variants: Document) -> Document:
    return {"description": "A choice.", "oneOf": list(variants)}


def tagged(kind: str, *, required: bool = True) -> Document:
    variant = {"type": "object", "description": "A kind.", "properties": {"type": {"const": kind}}}
    return variant | ({"required": ["type"]} if required else {})


def with_untagged_variants(document: Document) -> None:
    components(document)["First"] = tagged("first")
    components(document)["Second"] = tagged("second", required=False)
    components(document)["Choice"] = one_of(
        {"$ref": "#/components/schemas/First"}, {"$ref": "#/components/schemas/Second"}
    )


# How to break a rule, and part of the sentence that must report it.
BREAKS: list[tuple[str, Breaking, str]] = [
    ("no operationId", lambda d: patch(d).pop("operationId"), "an operationId is missing"),
    ("camel case", lambda d: patch(d).update(operationId="updateCell"), "not verb_noun"),
    ("a verb alone", lambda d: patch(d).update(operationId="update"), "not verb_noun"),
    ("a taken id", lambda d: delete(d).update(operationId="update_cell"), "is taken by"),
    ("a taken module", lambda d: delete(d).update(operationId="updateCell"), "is taken by"),
    ("no tag", lambda d: patch(d).update(tags=[]), "it has 0 tags"),
    ("two tags", lambda d: patch(d).update(tags=["cell", "cell"]), "it has 2 tags"),
    ("an unknown tag", lambda d: patch(d).update(tags=["cells"]), "'cells' is not declared"),
    (
        "a tag without operations",
        lambda d: d["tags"].append({"name": "study"}),
        "no operation has the tag",
    ),
    ("a tag that is a builtin", lambda d: d["tags"].append({"name": "list"}), "is not a stem"),
    ("a tag in capitals", lambda d: d["tags"].append({"name": "Cell"}), "is not a stem"),
    (
        "a status that is a number",
        lambda d: delete(d).update(responses={204: {}}),
        "status 204 is not a text",
    ),
    ("no success", lambda d: delete(d).update(responses={"4XX": {}}), "no 2xx status"),
    (
        "two shapes of success",
        lambda d: patch(d)["responses"].update({"204": {"description": "Done."}}),
        "the 2xx replies differ",
    ),
    (
        "two media types of a reply",
        lambda d: d["components"]["responses"]["Cell"]["content"].update({"text/plain": {}}),
        "several media types",
    ),
    (
        "a text body",
        lambda d: patch(d)["requestBody"]["content"].update({"text/plain": {}}),
        "text/plain is not generated",
    ),
    (
        "a default in a query",
        lambda d: patch(d)["parameters"][0].update(schema={"type": "integer", "default": 1}),
        "'state' has a default",
    ),
    (
        "a query in camel case",
        lambda d: patch(d)["parameters"][0].update(name="cellState"),
        "'cellState' is not in snake_case",
    ),
    ("no description", lambda d: patch(d).pop("description"), "a description is missing"),
    (
        "a parameter without a description",
        lambda d: patch(d)["parameters"][0].pop("description"),
        "'state' has no description",
    ),
    (
        "a schema without a description",
        lambda d: components(d)["Cell"].pop("description"),
        "Cell: a description",
    ),
    (
        "names that differ in case",
        lambda d: components(d).update(CELL=components(d)["Cell"]),
        "differs from 'Cell' only in case",
    ),
    (
        "a reserved name",
        lambda d: components(d).update(File=components(d)["Cell"]),
        "hides a class of the generated client",
    ),
    ("a title", lambda d: components(d)["Cell"].update(title="Battery"), "the title would replace"),
    ("a key without a value", lambda d: fields(d)["name"].update(rest=None), "'rest' has no value"),
    (
        "an inline object",
        lambda d: fields(d).update(inner={"type": "object", "properties": {}}),
        "an object with fields is inline",
    ),
    (
        "an inline enum",
        lambda d: fields(d).update(kind={"type": "string", "enum": ["a"]}),
        "an enum is inline",
    ),
    (
        "an inline enum of a parameter",
        lambda d: patch(d)["parameters"][0].update(schema={"enum": ["a"]}),
        "an enum is inline",
    ),
    (
        "an inline object in a list of a reply",
        lambda d: reply(d).update(schema={"type": "array", "items": {"properties": {}}}),
        "an object with fields is inline",
    ),
    ("a field name with a unit", lambda d: fields(d).update({"Voltage [V]": {}}), "keys of a map"),
    ("a colliding field", lambda d: fields(d).update(to_dict={}), "breaks the generated code"),
    (
        "a sibling of a reference",
        lambda d: fields(d).update(s={"$ref": "#/components/schemas/State", "default": "new"}),
        "next to $ref are dropped; move ['default']",
    ),
    ("nullable", lambda d: fields(d)["name"].update(nullable=True), "nullable is not OpenAPI 3.1"),
    (
        "a list of types",
        lambda d: fields(d)["name"].update(type=["string", "null"]),
        "a list of types; use anyOf",
    ),
    ("null in an enum", lambda d: components(d)["State"]["enum"].append(None), "null in an enum"),
    ("variants without a tag", with_untagged_variants, "oneOf/1: it needs a required const field"),
    (
        "an enum in a reply",
        lambda d: fields(d, "Cell").update(state={"$ref": "#/components/schemas/State"}),
        "State: an enum in a reply",
    ),
    (
        "a closed reply",
        lambda d: components(d)["Cell"].update(additionalProperties=False),
        "an object in a reply is closed",
    ),
    ("a body without an example", lambda d: body(d).pop("example"), "an example is missing"),
    ("a reply without an example", lambda d: reply(d).pop("examples"), "an example is missing"),
    (
        "an operation without an example",
        lambda d: d["paths"]["/cells/{cell_id}"]["parameters"][0].pop("example"),
        "delete: it has no example",
    ),
    (
        "an example that does not fit",
        lambda d: reply(d)["examples"]["one"]["value"].update(id=1),
        "does not fit at id",
    ),
    (
        "an example with an unknown field",
        lambda d: body(d)["example"].update(nmae="B"),
        "does not fit at its top",
    ),
    (
        "an example against a format",
        lambda d: body(d)["example"].update(email="not an address"),
        "does not fit at email",
    ),
    (
        "a broken reference",
        lambda d: fields(d).update(s={"$ref": "#/components/schemas/Sate"}),
        "leads nowhere",
    ),
    (
        "a reference to another file",
        lambda d: fields(d).update(s={"$ref": "other.yaml#/State"}),
        "leaves the document",
    ),
]


@pytest.fixture(scope="module")
def contract() -> Document:
    return load(ROOT / "openapi.yaml")


def test_the_contract_keeps_every_rule(contract: Document) -> None:
    assert problems(contract) == []


def test_the_tags_of_the_contract_are_the_resources(contract: Document) -> None:
    assert [tag["name"] for tag in contract["tags"]] == STEMS
    assert all(tag["description"] for tag in contract["tags"])


def test_the_declared_path_parameters_are_those_in_the_path(contract: Document) -> None:
    for operation in operations(contract):
        declared = {each["name"] for each in operation.parameters if each["in"] == "path"}
        named = {part.strip("{}") for part in operation.path.split("/") if part.startswith("{")}
        assert declared == named, operation.location


def test_a_valid_document_has_no_problems() -> None:
    assert problems(a_valid_document()) == []


@pytest.mark.parametrize(
    ("breaking", "sentence"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
def test_a_broken_rule_is_reported(breaking: Breaking, sentence: str) -> None:
    document = deepcopy(a_valid_document())
    breaking(document)

    found = problems(document)

    assert any(sentence in problem for problem in found), found
    assert all(problem.startswith("#") for problem in found)


def test_each_rule_has_a_document_that_breaks_it() -> None:
    broken = []
    for _, breaking, _ in BREAKS:
        document = a_valid_document()
        breaking(document)
        broken.append(document)

    silent = [rule.__name__ for rule in RULES if not any(reports(rule, each) for each in broken)]

    assert silent == []


def reports(rule: Callable[[Document], list[str]], document: Document) -> bool:
    try:
        return bool(rule(document))
    except ValueError:  # a rule cannot follow a broken reference
        return False


def test_variants_with_tags_have_no_problems() -> None:
    document = a_valid_document()
    components(document)["First"] = tagged("first")
    components(document)["Choice"] = one_of({"$ref": "#/components/schemas/First"})

    assert problems(document) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2\n", "'a' is repeated"),
        ("a: &x {b: 1}\nc: *x\n", "anchors are not allowed"),
        ("a: [1\n", "cannot be read"),
        ("- a\n", "its top level is not a mapping"),
    ],
)
def test_ambiguous_or_invalid_yaml_is_rejected(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=reason):
        load(path)


def test_dates_in_yaml_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text("when: 2026-05-14\n", encoding="utf-8")

    assert load(path) == {"when": "2026-05-14"}
