"""Requests that differ in one field, made from the schemas of the contract."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Place = tuple[str, ...]
"""A field: names of properties, ``[]`` for an item of a list, ``*`` for a value of a map."""


def shown(place: Place) -> str:
    """Return a field as text: ``design_parameters_doe.rows[].min``."""
    return ".".join(place).replace(".[]", "[]")


class Schemas:
    """The schemas of an OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._numbers = itertools.count()

    def resolved(self, schema: Schema) -> Schema:
        """Follow a reference."""
        while "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def body(self, operation_id: str) -> Schema | None:
        """Return the schema of the JSON body of an operation, None if it takes no JSON."""
        for item in self._document["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                    content = self.resolved(operation.get("requestBody", {})).get("content", {})
                    if "application/json" in content:
                        return self.resolved(content["application/json"]["schema"])
        return None

    def operations(self, tags: tuple[str, ...]) -> list[str]:
        """Return the operations of some tags whose body is JSON with fields."""
        found = [
            operation["operationId"]
            for item in self._document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and operation.get("tags", [""])[0] in tags
        ]
        return [name for name in found if (self.body(name) or {}).get("properties")]

    def places(self, schema: Schema, above: Place = ()) -> Iterator[Place]:
        """Yield every field below a schema, each once."""
        schema = self.resolved(schema)
        found: dict[Place, None] = {}
        for branch in schema.get("anyOf", ()):
            found.update(dict.fromkeys(self.places(branch, above)))
        for name, part in schema.get("properties", {}).items():
            found[(*above, name)] = None
            found.update(dict.fromkeys(self.places(part, (*above, name))))
        inner = schema.get("additionalProperties")
        if isinstance(inner, Mapping):
            found.update(dict.fromkeys(self.places(inner, (*above, "*"))))
        if "items" in schema:
            found.update(dict.fromkeys(self.places(schema["items"], (*above, "[]"))))
        yield from found

    def changed(self, body: Mapping[str, Any], schema: Schema, place: Place) -> Any:
        """Return a body with another value at a place; what is missing around it is made up."""
        return self._changed(copy.deepcopy(body), schema, place)

    def _changed(self, value: Any, schema: Schema, place: Place) -> Any:
        schema = self._branch(schema, place)
        if not place:
            return self._other(value, schema)
        name, *rest = place
        if name == "[]":
            first, *others = value or [self._example(schema["items"])]
            return [self._changed(first, schema["items"], tuple(rest)), *others]
        fields = dict(value) if isinstance(value, Mapping) else dict(self._example(schema))
        inner = schema.get("properties", {}).get(name)
        if name == "*":
            name, inner = next(iter(fields), "capacity"), schema["additionalProperties"]
        if rest and name not in fields:
            fields[name] = self._example(inner)
        return {**fields, name: self._changed(fields.get(name), inner, tuple(rest))}

    def _branch(self, schema: Schema, place: Place) -> Schema:
        """Return the branch of a choice that has a place, the first one if all do."""
        schema = self.resolved(schema)
        for branch in schema.get("anyOf", ()):
            found = self._branch(branch, place)
            keys = {"[]": "items", "*": "additionalProperties"}
            has = not place or (
                place[0] in found.get("properties", {})
                or isinstance(found.get(keys.get(place[0], "")), Mapping)
            )
            if has:
                return found
        return schema

    def _example(self, schema: Schema) -> Any:
        """Return the smallest value of a schema."""
        schema = self._branch(schema, ())
        if schema.get("type") == "object":
            needed = schema.get("required", ())
            return {name: self._example(schema["properties"][name]) for name in needed}
        if schema.get("type") == "array":
            return [self._example(schema["items"])]
        return self._other(None, schema)

    def _other(self, value: Any, schema: Schema) -> Any:
        """Return a value of a schema that differs from a given one."""
        if "enum" in schema:
            return next(each for each in schema["enum"] if each != value)
        kind = schema.get("type")
        if kind == "object":
            inner = schema.get("additionalProperties")
            extra = self._example(inner) if isinstance(inner, Mapping) else "other"
            return {**(value or self._example(schema)), "capacity": extra}
        if kind == "array":
            return [*(value or ()), self._example(schema["items"])]
        if kind == "boolean":
            return not value
        if kind in ("number", "integer"):
            return (value or 1) + 1
        # No two are equal, because some are names.
        return f"another {next(self._numbers)}"
