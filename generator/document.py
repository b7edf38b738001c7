"""Reading the contract, finding its operations and schemas, and following references.

All functions work on the mapping that the YAML parser returns.
Locations are JSON pointers without escapes, which are easier to read: ``#/components/schemas/Job``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SINGLE = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
)
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")


class OperationNode(NamedTuple):
    """An operation of the contract and its location."""

    location: str
    method: str
    path: str
    content: dict[str, Any]
    parameters: list[dict[str, Any]]


class SchemaNode(NamedTuple):
    """A schema and its location; ``named`` is true for the root of a component."""

    location: str
    content: dict[str, Any]
    named: bool


class _StrictLoader(yaml.SafeLoader):
    """A YAML loader that rejects repeated keys and anchors, and reads dates as text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = cast("Any", self).peek_event()  # the stub is untyped
        if getattr(event, "anchor", None) is not None:
            raise yaml.YAMLError(
                f"anchors are not allowed in the contract; use $ref{event.start_mark}"
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in mapping:
                raise yaml.YAMLError(f"the key {key!r} is repeated{key_node.start_mark}")
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


_StrictLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> dict[str, Any]:
    """Read a contract.

    Parameters
    ----------
    path : Path
        A YAML file.

    Returns
    -------
    dict
        The document.

    Raises
    ------
    ValueError
        If the file is not YAML, repeats a key, uses an anchor, or is not a mapping.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path} is not an OpenAPI document: its top level is not a mapping")
    return document


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Follow local references to their target; return any other node unchanged.

    Raises
    ------
    ValueError
        If a reference has no target, or leads out of the document or back to itself.
    """
    for _ in range(20):
        if not (isinstance(node, Mapping) and "$ref" in node):
            return node
        node = _target(document, node["$ref"])
    raise ValueError("a reference leads back to itself")


def _target(document: Mapping[str, Any], reference: str) -> Any:
    if not reference.startswith("#/"):
        raise ValueError(
            f"the reference {reference!r} leaves the document; define it under components"
        )
    node: Any = document
    for part in reference[2:].split("/"):
        if not isinstance(node, Mapping) or part not in node:
            raise ValueError(
                f"the reference {reference!r} leads nowhere; define it under components"
            )
        node = node[part]
    return node


def operations(document: Mapping[str, Any]) -> Iterator[OperationNode]:
    """Yield every operation with its parameters, those of its path first, references resolved."""
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                content = item[method]
                parameters = [
                    resolve(document, each) for each in [*shared, *content.get("parameters", [])]
                ]
                yield OperationNode(f"#/paths{path}/{method}", method, path, content, parameters)


def schemas(document: Mapping[str, Any]) -> Iterator[SchemaNode]:
    """Yield every schema of the document once, at the location where it is defined."""
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from nested(schema, f"#/components/schemas/{name}", named=True)
    for section in ("parameters", "requestBodies", "responses", "headers"):
        for name, part in document.get("components", {}).get(section, {}).items():
            yield from _carried(part, f"#/components/{section}/{name}")
    for path, item in document.get("paths", {}).items():
        yield from _carried_all(item.get("parameters", []), f"#/paths{path}/parameters")
        for method in METHODS:
            if method in item:
                yield from _operation_schemas(item[method], f"#/paths{path}/{method}")


def nested(schema: Any, location: str, *, named: bool = False) -> Iterator[SchemaNode]:
    """Yield a schema and all schemas nested in it, without following references."""
    if not isinstance(schema, dict):
        return
    yield SchemaNode(location, schema, named)
    for key in _SINGLE:
        yield from nested(schema.get(key), f"{location}/{key}")
    for key in _LISTS:
        for index, each in enumerate(schema.get(key, [])):
            yield from nested(each, f"{location}/{key}/{index}")
    for key in _MAPS:
        for name, each in schema.get(key, {}).items():
            yield from nested(each, f"{location}/{key}/{name}")


def _operation_schemas(operation: Mapping[str, Any], location: str) -> Iterator[SchemaNode]:
    yield from _carried_all(operation.get("parameters", []), f"{location}/parameters")
    yield from _carried(operation.get("requestBody", {}), f"{location}/requestBody")
    for status, response in operation.get("responses", {}).items():
        yield from _carried(response, f"{location}/responses/{status}")


def _carried_all(parts: list[Any], location: str) -> Iterator[SchemaNode]:
    for index, part in enumerate(parts):
        yield from _carried(part, f"{location}/{index}")


def _carried(part: Mapping[str, Any], location: str) -> Iterator[SchemaNode]:
    """Yield the schemas of a parameter, header, request body or response."""
    yield from nested(part.get("schema"), f"{location}/schema")
    for media_type, media in part.get("content", {}).items():
        yield from nested(media.get("schema"), f"{location}/content/{media_type}/schema")
    for name, header in part.get("headers", {}).items():
        yield from _carried(header, f"{location}/headers/{name}")


def reachable(document: Mapping[str, Any], roots: Any) -> set[str]:
    """Return all references (``#/components/...``) reachable from a part of the document."""
    found: set[str] = set()
    waiting = [roots]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in found:
                found.add(reference)
                waiting.append(_target(document, reference))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def free_form(schema: Any) -> bool:
    """Return whether a schema is a map: an object without named fields."""
    return (
        isinstance(schema, Mapping)
        and schema.get("type") == "object"
        and "properties" not in schema
    )


def successes(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the 2xx responses of an operation, without resolving references."""
    return {
        status: each
        for status, each in operation.get("responses", {}).items()
        if str(status).startswith("2")
    }
