"""From the contract to the document the generator reads.

The generator is silent about its worst failures and knows less of OpenAPI than the contract uses.
So the contract is checked first, and then lowered:

* only success replies stay, under the one key ``2XX``: an error is raised before a reply is parsed,
  and a service that answers 200 where 201 is written is understood;
* the security of the document is written at each operation, where the generator looks for it;
* the description of a parameter is written at its schema, where the generator looks for it;
* maps become ``Any``: the generator would make a class without a constructor for each;
* components nothing refers to any more are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from generator.document import free_form, operations, reachable, schemas, successes
from generator.lint import problems


class ContractError(ValueError):
    """The contract breaks rules of the lint; ``problems`` lists all of them."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            "the contract breaks its rules:\n" + "\n".join(f"  {each}" for each in found)
        )
        self.problems = found


def prepare(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Lower the contract to what the generator understands; the contract stays as it is.

    Raises
    ------
    ContractError
        The contract breaks rules of the lint; all problems are listed.
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
    """Turn a map, or a choice that holds one, into a schema that says nothing."""
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
