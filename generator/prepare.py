"""Preparing the contract for the generator.

The generator does not report its worst failures, and does not support all that the contract uses.
The contract is therefore checked first and then simplified:

* only success responses are kept, under the single key ``2XX``: errors are raised before a response
  is parsed, and a service may respond with 200 where the contract has 201;
* the security of the document is copied to each operation, where the generator looks for it;
* the description of a parameter is copied to its schema, where the generator looks for it;
* maps become ``Any``, because the generator would create a class without a constructor for each;
* components that are no longer referred to are removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from generator.document import free_form, operations, reachable, schemas, successes
from generator.lint import problems


class ContractError(ValueError):
    """The contract violates rules of the lint; ``problems`` lists all violations."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            "the contract breaks its rules:\n" + "\n".join(f"  {each}" for each in found)
        )
        self.problems = found


def prepare(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the contract that uses only what the generator supports.

    Raises
    ------
    ContractError
        If the contract violates rules of the lint; all problems are listed.
    """
    found = problems(contract)
    if found:
        raise ContractError(found)
    document = deepcopy(dict(contract))
    for operation in operations(document):
        content = operation.content
        content["responses"] = {"2XX": next(iter(successes(content).values()))}
        content["security"] = content.get("security", document.get("security", []))
        for parameter in operation.parameters:
            _describe(parameter)
    for schema in list(schemas(document)):
        _lower_maps(schema.content, named=schema.named)
    _drop_unused(document)
    return document


def _describe(parameter: dict[str, Any]) -> None:
    schema = parameter.get("schema", {})
    if "$ref" not in schema:
        schema.setdefault("description", parameter["description"])


def _lower_maps(schema: dict[str, Any], *, named: bool) -> None:
    """Replace a map, or a choice that contains a map, by a schema without constraints."""
    choices = schema.get("anyOf", [])
    if (free_form(schema) and not named) or any(free_form(each) for each in choices):
        description = schema.get("description")
        schema.clear()
        if description is not None:
            schema["description"] = description


def _drop_unused(document: dict[str, Any]) -> None:
    used = reachable(document, document["paths"])
    components = document.get("components", {})
    for section, parts in components.items():
        if section != "securitySchemes":
            components[section] = {
                name: part
                for name, part in parts.items()
                if f"#/components/{section}/{name}" in used
            }
