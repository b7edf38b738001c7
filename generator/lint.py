"""The rules of the contract. The generator often fails silently when one of them is broken.

A rule is a function that returns a list of problems, each one sentence that starts with a location.
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
    """Return all violations of the rules; an empty list means that there are none.

    Parameters
    ----------
    document : mapping
        An OpenAPI 3.1 document.

    Returns
    -------
    list of str
        One sentence for each problem, starting with its location.
    """
    try:
        reachable(document, document)
    except ValueError as error:
        return [f"#: {error}"]
    return [problem for rule in RULES for problem in rule(document)]
