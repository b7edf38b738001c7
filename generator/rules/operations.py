"""Rules about operations: their names, tags, statuses, bodies and parameters."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Mapping
from typing import Any

from generator.document import OperationNode, operations, resolve, successes

_VERB_NOUN = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_BODY_MEDIA_TYPES = ("application/json", "multipart/form-data")


def operation_ids(document: Mapping[str, Any]) -> list[str]:
    """Each operation has an operationId ``verb_noun``, unique as a module name."""
    found: list[str] = []
    places: dict[str, str] = {}
    for operation in operations(document):
        name = operation.content.get("operationId")
        if not isinstance(name, str):
            found.append(
                f"{operation.location}: an operationId is missing; add one like list_things"
            )
            continue
        if not _VERB_NOUN.fullmatch(name):
            found.append(
                f"{operation.location}: the operationId {name!r} is not verb_noun in snake_case"
            )
        module = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower()
        if module in places:
            found.append(
                f"{operation.location}: the operationId {name!r} is taken by {places[module]}"
            )
        places.setdefault(module, operation.location)
    return found


def tags(document: Mapping[str, Any]) -> list[str]:
    """Each operation has one declared tag; each declared tag is a stem and is used."""
    declared = [each.get("name") for each in document.get("tags", [])]
    found = [
        f"#/tags: {name!r} is not a stem in snake_case" for name in declared if not _is_stem(name)
    ]
    used = set()
    for operation in operations(document):
        own = operation.content.get("tags", [])
        if len(own) != 1:
            found.append(f"{operation.location}: it has {len(own)} tags; give it exactly one")
        found += [
            f"{operation.location}: the tag {tag!r} is not declared under tags"
            for tag in own
            if tag not in declared
        ]
        used.update(own)
    return found + [
        f"#/tags: no operation has the tag {name!r}" for name in declared if name not in used
    ]


def _is_stem(name: object) -> bool:
    if not isinstance(name, str) or not _SNAKE_CASE.fullmatch(name):
        return False
    return not keyword.iskeyword(name) and not hasattr(builtins, name)


def status_keys(document: Mapping[str, Any]) -> list[str]:
    """Status keys are strings, and at least one of them is a success."""
    found = []
    for operation in operations(document):
        statuses = operation.content.get("responses", {})
        found += [
            f"{operation.location}/responses: the status {status!r} is not a text; quote it"
            for status in statuses
            if not isinstance(status, str)
        ]
        if not successes(operation.content):
            found.append(f"{operation.location}/responses: no 2xx status; add the success response")
    return found


def one_success_shape(document: Mapping[str, Any]) -> list[str]:
    """All 2xx responses of an operation have the same content, read with one schema."""
    found = []
    for operation in operations(document):
        replies = [resolve(document, each) for each in successes(operation.content).values()]
        shapes = [
            {
                media_type: media.get("schema")
                for media_type, media in each.get("content", {}).items()
            }
            for each in replies
        ]
        if any(shape != shapes[0] for shape in shapes):
            found.append(
                f"{operation.location}/responses: the 2xx replies differ; give them one schema"
            )
        if any(len(shape) > 1 for shape in shapes):
            found.append(
                f"{operation.location}/responses: a 2xx reply has several media types; keep one"
            )
    return found


def body_media_types(document: Mapping[str, Any]) -> list[str]:
    """Request bodies are JSON or multipart; the generator drops operations with other bodies."""
    found = []
    for operation in operations(document):
        body = resolve(document, operation.content.get("requestBody", {}))
        found += [
            f"{operation.location}/requestBody: {media_type} is not generated; use JSON"
            for media_type in body.get("content", {})
            if media_type not in _BODY_MEDIA_TYPES
        ]
    return found


def query_parameters(document: Mapping[str, Any]) -> list[str]:
    """Query parameters are in snake_case, without defaults, which the client would always send."""
    return [
        problem
        for operation in operations(document)
        for problem in _query_problems(operation, document)
    ]


def _query_problems(operation: OperationNode, document: Mapping[str, Any]) -> list[str]:
    found = []
    for parameter in operation.parameters:
        name, place = parameter.get("name", ""), f"{operation.location}/parameters"
        if parameter.get("in") in ("query", "path") and not _SNAKE_CASE.fullmatch(name):
            found.append(f"{place}: the name {name!r} is not in snake_case")
        if parameter.get("in") == "query" and "default" in resolve(
            document, parameter.get("schema", {})
        ):
            found.append(f"{place}: {name!r} has a default; state it in the description instead")
    return found


def descriptions(document: Mapping[str, Any]) -> list[str]:
    """Operations and their parameters have descriptions."""
    found = []
    for operation in operations(document):
        if not operation.content.get("description"):
            found.append(f"{operation.location}: a description is missing")
        found += [
            f"{operation.location}/parameters: {parameter.get('name')!r} has no description"
            for parameter in operation.parameters
            if not parameter.get("description")
        ]
    return found
