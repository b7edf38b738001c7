"""Reading a protocol, whatever it is written in: the entry points of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from ionworks.ucp.checks.jumps import check_targets
from ionworks.ucp.checks.lint import check_doubts
from ionworks.ucp.checks.ranges import check_ranges
from ionworks.ucp.checks.variables import check_variables
from ionworks.ucp.drive_cycles import fill_drive_cycles
from ionworks.ucp.inputs import input_names
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parser.fields import describe, refuse_unknown
from ionworks.ucp.parser.items import read_items
from ionworks.ucp.parser.pybamm_strings import looks_like_lines, read_lines
from ionworks.ucp.parser.sections import read_global, read_safety
from ionworks.ucp.parser.yaml_tree import (
    DocumentError,
    Listing,
    Node,
    Scalar,
    Table,
    read_mapping,
    read_text,
    scalars,
)
from ionworks.ucp.problems import Problem, Report, TooManyProblems

_SECTIONS: Final = ("global", "safety_limits", "steps")
_NEITHER: Final = (
    "this is neither a UCP document (a mapping with 'steps') nor PyBaMM experiment strings "
    "(one step a line, such as 'Discharge at 1C until 2.5V')"
)


@frozen
class ParseResult:
    """What came of reading a protocol.

    Attributes
    ----------
    protocol : Protocol or None
        The tree; None if there are errors.
    errors, warnings : tuple of Problem
        All of them, in the order of the text.
    """

    protocol: Protocol | None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def parse(
    source: str | Mapping[str, Any], drive_cycles: Mapping[str, Any] | None = None
) -> ParseResult:
    """Read a protocol.

    Parameters
    ----------
    source : str or mapping
        YAML or JSON text in any dialect, PyBaMM experiment strings (one step a line), or a document
        that was parsed already.
    drive_cycles : mapping, optional
        Samples of the drive cycles the protocol names, as for
        :func:`~ionworks.ucp.with_drive_cycles`; without it they are left open, like inputs.

    Returns
    -------
    ParseResult
        Bad content is never raised, it is in ``errors``.

    Raises
    ------
    TypeError
        If ``source`` is neither text nor a mapping, or ``drive_cycles`` no mapping.
    """
    report = Report()
    protocol: Protocol | None = None
    try:
        protocol = _read(source, report)
        if protocol is not None:
            if drive_cycles is not None:
                protocol = fill_drive_cycles(protocol, drive_cycles, report)
            protocol = check_targets(protocol, report)
            check_variables(protocol, report)
            check_ranges(protocol, report)
            check_doubts(protocol, report)
    except TooManyProblems:
        protocol = None
    return ParseResult(
        None if report.errors else protocol,
        _in_order(report.errors),
        _in_order(report.warnings),
    )


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda found: (found.line or 0, found.column or 0)))


def _read(source: object, report: Report) -> Protocol | None:
    try:
        root = _document(source, report)
    except DocumentError as error:
        if isinstance(source, str) and looks_like_lines(source):
            return read_lines(source, report)
        report.errors.append(error.problem)
        return None
    if isinstance(root, Table):
        return _read_document(root, report)
    if isinstance(source, str) and looks_like_lines(source):
        return read_lines(source, report)
    _refuse_root(root, report)
    return None


def _document(source: object, report: Report | None) -> Node | None:
    """Return the tree of a source, its key problems reported."""
    if isinstance(source, str):
        root, problems = read_text(source)
    elif isinstance(source, Mapping):
        root, problems = read_mapping(source)
    else:
        name = type(source).__name__
        raise TypeError(f"a protocol is text or a mapping, not {name}; pass its YAML")
    if report is not None:
        report.errors.extend(problems)
    return root


def _refuse_root(root: Node | None, report: Report) -> None:
    place = None if root is None else root.place
    match root:
        case None | Scalar(value=None):
            message = "the document is empty; it needs 'steps'"
        case Listing(items=[Scalar(), *_]):
            message = "this is a list of texts; write PyBaMM experiment strings one step a line"
        case Listing():
            message = "this is a list; put it under 'steps:'"
        case Scalar() if root.text.lstrip().startswith("("):
            message = "this is a Python tuple; write PyBaMM experiment strings one step a line"
        case _:
            message = _NEITHER
    report.error("E-yaml", "", message, place)


def _read_document(root: Table, report: Report) -> Protocol | None:
    report.remember("", root.place)
    refuse_unknown(root, _SECTIONS, "a protocol", report)
    settings = read_global(root.get("global"), report)
    safety = read_safety(root.get("safety_limits"), report)
    steps = root.get("steps")
    if steps is None or (isinstance(steps, Scalar) and steps.value is None):
        given = "is missing" if steps is None else f"is {describe(steps)}"
        report.error("E-steps", "steps", f"'steps' {given}; it is the list of what to do")
        return None
    return Protocol(read_items(steps, report), settings, safety)


def validate(
    source: str | Mapping[str, Any], drive_cycles: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Check a protocol.

    Parameters
    ----------
    source, drive_cycles
        As for :func:`parse`.

    Returns
    -------
    dict
        ``valid`` (bool), ``error`` (one problem a line, None if valid) and ``warnings`` (list of
        str). An ``input[...]`` without a value is no error.

    Raises
    ------
    TypeError
        If ``source`` is neither text nor a mapping, or ``drive_cycles`` no mapping.
    """
    result = parse(source, drive_cycles)
    return {
        "valid": not result.errors,
        "error": "\n".join(map(str, result.errors)) or None,
        "warnings": [str(problem) for problem in result.warnings],
    }


def find_input_references(source: str | Mapping[str, Any]) -> list[str]:
    """Return the names of all ``input[...]`` placeholders, in order of first appearance.

    Keys are searched as well as values, notes are not.
    The protocol need not be valid, nor even YAML.

    Parameters
    ----------
    source : str or mapping
        As for :func:`parse`.

    Returns
    -------
    list of str
        Each name once.

    Raises
    ------
    TypeError
        If ``source`` is neither text nor a mapping.
    """
    try:
        root = _document(source, None)
    except DocumentError:
        root = None
    if root is None:
        return list(dict.fromkeys(input_names(source))) if isinstance(source, str) else []
    texts = (
        scalar.value
        for scalar in scalars(root)
        if isinstance(scalar.value, str) and scalar.step != "note"
    )
    return list(dict.fromkeys(name for text in texts for name in input_names(text)))
