"""The rules the contract keeps; where they are broken the generator often fails silently.

A rule is a function from the document to a list of sentences, each beginning with a place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.document import reachable
from generator.rules import examples, operations, schemas

Rule = Callable[[Mapping[str, Any]], list[str]]

RULES: tuple[Rule, ...] = (
    operations.operation_ids,
    operations.tags,
    operations.status_keys,
    operations.one_success_shape,
    operations.body_media_types,
    operations.query_parameters,
    operations.descriptions,
    schemas.component_names,
    schemas.component_descriptions,
    schemas.values,
    schemas.inline_types,
    schemas.property_names,
    schemas.reference_siblings,
    schemas.null_choices,
    schemas.variants,
    schemas.response_enums,
    schemas.response_openness,
    examples.presence,
    examples.validity,
)


def problems(document: Mapping[str, Any]) -> list[str]:
    """Every broken rule of a contract; an empty list means it is fine.

    Parameters
    ----------
    document : mapping
        An OpenAPI 3.1 document.

    Returns
    -------
    list of str
        One sentence for each problem, the place first.
    """
    try:
        reachable(document, document)
    except ValueError as error:
        return [f"#: {error}"]
    return [problem for rule in RULES for problem in rule(document)]
