"""Rules about examples: they exist and they are valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from generator.document import OperationNode, operations, resolve, successes


class Example(NamedTuple):
    """An example, its schema and its location."""

    location: str
    schema: Any
    value: Any


def presence(document: Mapping[str, Any]) -> list[str]:
    """Each operation, each request body and each JSON success response has an example."""
    found = []
    for operation in operations(document):
        carriers = list(_bodies(operation, document)) + list(_replies(operation, document))
        for place, media_type, media in carriers:
            if media_type in ("application/json", "multipart/form-data") and not list(
                _examples(media, place, document)
            ):
                found.append(f"{place}: an example is missing")
        if not any(True for _ in _operation_examples(operation, document)):
            found.append(
                f"{operation.location}: it has no example; give one of its parameters an example"
            )
    return found


def validity(document: Mapping[str, Any]) -> list[str]:
    """All examples, those of errors included, match their schemas and formats."""
    seen: set[str] = set()
    found = []
    for operation in operations(document):
        for example in _operation_examples(operation, document):
            problem = _misfit(example, document)
            if problem is not None and problem not in seen:
                seen.add(problem)
                found.append(problem)
    return found


def _misfit(example: Example, document: Mapping[str, Any]) -> str | None:
    schema = {"allOf": [example.schema], "components": document.get("components", {})}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    error = next(validator.iter_errors(example.value), None)
    if error is None:
        return None
    place = "/".join(str(part) for part in error.instance_path)
    return f"{example.location}: the example does not fit at {place or 'its top'}: {error.message}"


def _operation_examples(operation: OperationNode, document: Mapping[str, Any]) -> Iterator[Example]:
    for parameter in operation.parameters:
        yield from _examples(
            parameter, f"{operation.location}/parameters/{parameter.get('name')}", document
        )
    for place, _, media in _bodies(operation, document):
        yield from _examples(media, place, document)
    for status, reply in operation.content.get("responses", {}).items():
        for media_type, media in resolve(document, reply).get("content", {}).items():
            yield from _examples(
                media, f"{operation.location}/responses/{status}/{media_type}", document
            )


def _bodies(
    operation: OperationNode, document: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    body = resolve(document, operation.content.get("requestBody", {}))
    for media_type, media in body.get("content", {}).items():
        yield f"{operation.location}/requestBody/{media_type}", media_type, media


def _replies(
    operation: OperationNode, document: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for status, reply in successes(operation.content).items():
        for media_type, media in resolve(document, reply).get("content", {}).items():
            yield f"{operation.location}/responses/{status}/{media_type}", media_type, media


def _examples(
    carrier: Mapping[str, Any], place: str, document: Mapping[str, Any]
) -> Iterator[Example]:
    """Yield the examples of a parameter or of a media type."""
    schema = carrier.get("schema", {})
    if "example" in carrier:
        yield Example(f"{place}/example", schema, carrier["example"])
    for name, example in carrier.get("examples", {}).items():
        yield Example(f"{place}/examples/{name}", schema, resolve(document, example).get("value"))
