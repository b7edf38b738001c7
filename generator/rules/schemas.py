"""Rules about schemas: names, types, references, null, variants and open responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.document import (
    SchemaNode,
    nested,
    operations,
    reachable,
    resolve,
    schemas,
    successes,
)

_RESERVED_COMPONENTS = {"response", "client", "authenticatedclient", "file", "unset", "any"}
_PROPERTY = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED_PROPERTIES = {
    *("d", "cls", "self", "field_dict", "additional_properties"),
    *("to_dict", "from_dict", "to_multipart"),
}


def component_names(document: Mapping[str, Any]) -> list[str]:
    """Names of component schemas are unique ignoring case, not reserved, without a title."""
    found: list[str] = []
    places: dict[str, str] = {}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        place, key = f"#/components/schemas/{name}", name.lower()
        if key in _RESERVED_COMPONENTS:
            found.append(f"{place}: the name hides a class of the generated client; choose another")
        if key in places:
            found.append(f"{place}: the name differs from {places[key]!r} only in case")
        if "title" in schema:
            found.append(f"{place}: the title would replace the name; remove it")
        places.setdefault(key, name)
    return found


def component_descriptions(document: Mapping[str, Any]) -> list[str]:
    """Component schemas have descriptions."""
    return [
        f"#/components/schemas/{name}: a description is missing"
        for name, schema in document.get("components", {}).get("schemas", {}).items()
        if not schema.get("description")
    ]


def values(document: Mapping[str, Any]) -> list[str]:
    """Each key of a schema has a value; an unquoted comma in ``{...}`` creates keys without one."""
    return [
        f"{schema.location}: the key {key!r} has no value; quote the text it was cut from"
        for schema in schemas(document)
        for key, value in schema.content.items()
        if value is None and key not in ("const", "default", "example")
    ]


def inline_types(document: Mapping[str, Any]) -> list[str]:
    """Objects with fields and enums are components; inline ones get their path as name."""
    found = []
    for schema in schemas(document):
        if schema.named:
            continue
        if "properties" in schema.content:
            found.append(
                f"{schema.location}: an object with fields is inline; name it under components"
            )
        if "enum" in schema.content:
            found.append(f"{schema.location}: an enum is inline; name it under components")
    return found


def property_names(document: Mapping[str, Any]) -> list[str]:
    """Fields are in snake_case and avoid names of the generated code; units belong in map keys."""
    found = []
    for schema in schemas(document):
        for name in schema.content.get("properties", {}):
            place = f"{schema.location}/properties/{name}"
            if not _PROPERTY.fullmatch(name):
                found.append(
                    f"{place}: the name is not in snake_case; such names are keys of a map"
                )
            if name in _RESERVED_PROPERTIES:
                found.append(f"{place}: the name breaks the generated code; choose another")
    return found


def reference_siblings(document: Mapping[str, Any]) -> list[str]:
    """A reference has no siblings; the generator drops them."""
    return [
        f"{schema.location}: keys next to $ref are dropped; move {sorted(schema.content)[1:]}"
        for schema in schemas(document)
        if "$ref" in schema.content and len(schema.content) > 1
    ]


def null_choices(document: Mapping[str, Any]) -> list[str]:
    """Null is a choice of ``anyOf``; other spellings duplicate the generated type."""
    found = []
    for schema in schemas(document):
        if "nullable" in schema.content:
            found.append(
                f"{schema.location}: nullable is not OpenAPI 3.1; use anyOf with type 'null'"
            )
        if isinstance(schema.content.get("type"), list):
            found.append(f"{schema.location}: a list of types; use anyOf")
        if schema.content.get("type") != "null" and None in schema.content.get("enum", []):
            found.append(f"{schema.location}: null in an enum; use anyOf with type 'null'")
    return found


def variants(document: Mapping[str, Any]) -> list[str]:
    """Each variant of a ``oneOf`` has a required ``const`` field that distinguishes it."""
    found = []
    for schema in schemas(document):
        for index, variant in enumerate(schema.content.get("oneOf", [])):
            if not _tagged(resolve(document, variant)):
                found.append(f"{schema.location}/oneOf/{index}: it needs a required const field")
    return found


def _tagged(variant: Mapping[str, Any]) -> bool:
    fields = variant.get("properties", {})
    return any("const" in fields.get(name, {}) for name in variant.get("required", []))


def response_enums(document: Mapping[str, Any]) -> list[str]:
    """Responses have no enums: the client could not read a value added later."""
    return [
        f"{schema.location}: an enum in a reply; use a string and describe its values"
        for schema in _reply_schemas(document)
        if "enum" in schema.content
    ]


def response_openness(document: Mapping[str, Any]) -> list[str]:
    """Objects in responses may grow: they allow fields that are not in this document."""
    return [
        f"{schema.location}: an object in a reply is closed; write additionalProperties: true"
        for schema in _reply_schemas(document)
        if "properties" in schema.content and schema.content.get("additionalProperties") is not True
    ]


def _reply_schemas(document: Mapping[str, Any]) -> Iterator[SchemaNode]:
    """Yield the schemas of the 2xx responses once: inline schemas and reachable components."""
    components = document.get("components", {}).get("schemas", {})
    names: set[str] = set()
    for operation in operations(document):
        for status, reply in successes(operation.content).items():
            for media_type, media in resolve(document, reply).get("content", {}).items():
                place = f"{operation.location}/responses/{status}/{media_type}"
                yield from nested(media.get("schema"), place)
                names |= reachable(document, media.get("schema"))
    for name, schema in components.items():
        if f"#/components/schemas/{name}" in names:
            yield from nested(schema, f"#/components/schemas/{name}", named=True)
