"""Protocols of requests, read and checked: what a template stores, and what a plan needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from ionworks import ucp
from ionworks.server.http.problems import Location, Problem, bad_request, entry, invalid
from ionworks.ucp.parse import size_problem


@frozen
class ReadProtocol:
    """A protocol in its canonical form.

    Attributes
    ----------
    text, document
        The protocol with the samples of its drive cycles, as YAML and as a mapping.
    schema
        JSON Schema of its inputs.
    notes
        What is doubtful in it.
    about_values
        What is doubtful about the values for its inputs.
    """

    text: str
    document: dict[str, Any]
    schema: dict[str, Any]
    notes: list[str]
    about_values: list[str]


def read(
    source: str | Mapping[str, Any],
    where: Location,
    drive_cycles: Mapping[str, Any] | None = None,
    experiment_parameters: Mapping[str, float | str] | None = None,
    *,
    about: Location,
) -> ReadProtocol:
    """Read a protocol with values for its inputs.

    Parameters
    ----------
    source
        As text or as a mapping.
    where
        Its place in the request.
    drive_cycles
        Samples of drive cycles by name.
    experiment_parameters
        Values of its inputs; they are checked if all are given.
    about
        The place of the values in the request.

    Raises
    ------
    Problem
        422 with all errors of the protocol or of the values.
    """
    protocol, result = parsed(source, where, drive_cycles)
    about_values = _checked_values(protocol, experiment_parameters or {}, about)
    text, document = ucp.to_yaml(protocol), ucp.to_document(protocol)
    if drive_cycles and (problem := size_problem(text, document)) is not None:
        # The samples count towards the limits only now; a worker reads the canonical text.
        raise _unreadable([problem], where)
    return ReadProtocol(
        text=text,
        document=document,
        schema=_schema(result.input_references),
        notes=list(map(str, result.warnings)),
        about_values=about_values,
    )


def parsed(
    source: str | Mapping[str, Any],
    where: Location,
    drive_cycles: Mapping[str, Any] | None = None,
) -> tuple[ucp.Protocol, ucp.ParseResult]:
    """Return a protocol, and what else was found while reading it.

    Parameters
    ----------
    source, where, drive_cycles
        As those of `read`.

    Raises
    ------
    Problem
        422 with all errors of the protocol.
    """
    result = ucp.parse(source, drive_cycles)
    if result.errors:
        raise _unreadable(result.errors, where)
    if result.protocol is None:
        raise bad_request("The protocol is empty.")
    return result.protocol, result


def _checked_values(
    protocol: ucp.Protocol, values: Mapping[str, float | str], about: Location
) -> list[str]:
    """Return what is doubtful about values for a protocol's inputs; raises a 422 Problem."""
    if any(name not in values for name in ucp.required_inputs(protocol)):
        # A template can be made without values; a run without one of them is refused.
        return []
    try:
        return list(map(str, ucp.check_parameters(protocol, values)))
    except ucp.UCPError as error:
        raise invalid([entry(about, str(error), "value_error")]) from error


def _unreadable(errors: Sequence[ucp.Problem], where: Location) -> Problem:
    return invalid([entry(where, str(error), error.code) for error in errors])


def _schema(input_references: Sequence[str]) -> dict[str, Any]:
    """Return the schema of the inputs a protocol asks for."""
    return {
        "type": "object",
        "properties": {name: {"type": ["number", "string"]} for name in input_references},
        "required": list(input_references),
    }
