"""Reading and checking a protocol: the entry points of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ionworks.ucp.checks.jumps import check_jumps
from ionworks.ucp.checks.lint import lint
from ionworks.ucp.checks.ranges import check_ranges
from ionworks.ucp.checks.variables import check_variables
from ionworks.ucp.drive_cycles import fill_drive_cycles
from ionworks.ucp.inputs import input_names
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parser.profiles import Samples
from ionworks.ucp.parser.protocol import read_protocol
from ionworks.ucp.parser.yaml_tree import (
    DocumentError,
    Node,
    Scalar,
    check_length,
    read_tree,
    scalars,
)
from ionworks.ucp.problems import Problem, Report, TooManyProblems


@frozen
class ParseResult:
    """The result of reading a protocol.

    Attributes
    ----------
    protocol : Protocol or None
        The tree; None if there are errors.
    errors, warnings : tuple of Problem
        All of them, in the order of the text.
    drive_cycles : mapping of str to tuple of (float, float)
        The samples that were put into the tree, by the name of their drive cycle: time [s] and
        value in the unit of the step's mode.
    """

    protocol: Protocol | None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    drive_cycles: Mapping[str, Samples] = field(factory=dict, repr=False)
    _document: Node | None = field(default=None, repr=False, eq=False)

    @property
    def input_references(self) -> tuple[str, ...]:
        """What :func:`find_input_references` returns for the source, without reading it again."""
        return _input_references(self._document)

    def _repr_html_(self) -> str:
        from ionworks.html.fragments import paragraph, preformatted, view
        from ionworks.ucp.text.prose import human_readable

        problems = [
            paragraph(f"{kind}: {problem}")
            for kind, found in (("Error", self.errors), ("Warning", self.warnings))
            for problem in found
        ]
        steps = [] if self.protocol is None else [preformatted(human_readable(self.protocol))]
        return view("Protocol with errors" if self.errors else "Protocol", *problems, *steps)


def parse(
    source: str | Mapping[str, Any], drive_cycles: Mapping[str, Any] | None = None
) -> ParseResult:
    """Read a protocol.

    Parameters
    ----------
    source : str or mapping
        YAML or JSON text in any dialect, PyBaMM experiment strings (one step per line), or a
        document that was already parsed.
    drive_cycles : mapping, optional
        Samples of the drive cycles the protocol names, as for
        :func:`~ionworks.ucp.with_drive_cycles`; without it they are left open, like inputs.

    Returns
    -------
    ParseResult
        Errors in the protocol are never raised; they are listed in ``errors``.

    Raises
    ------
    TypeError
        If ``source`` is neither text nor a mapping, or ``drive_cycles`` is not a mapping.
    """
    report = Report()
    root, problems = _read(source)
    protocol: Protocol | None = None
    samples: Mapping[str, Samples] = {}
    try:
        protocol = read_protocol(source, root, problems, report)
        if protocol is not None:
            if drive_cycles is not None:
                protocol, samples = fill_drive_cycles(protocol, drive_cycles, report)
            protocol = check_jumps(protocol, report)
            check_variables(protocol, report)
            check_ranges(protocol, report)
            lint(protocol, report)
    except TooManyProblems:
        protocol = None
    return ParseResult(
        None if report.errors else protocol,
        _in_order(report.errors),
        _in_order(report.warnings),
        samples,
        _searched(source, root),
    )


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda found: (found.line or 0, found.column or 0)))


def _read(source: object) -> tuple[Node | None, list[Problem]]:
    try:
        return read_tree(source)
    except DocumentError as error:
        return None, [error.problem]


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
        ``valid`` (bool), ``error`` (one problem per line, None if valid) and ``warnings`` (list of
        str). An ``input[...]`` without a value is not an error.

    Raises
    ------
    TypeError
        If ``source`` is neither text nor a mapping, or ``drive_cycles`` is not a mapping.
    """
    result = parse(source, drive_cycles)
    return {
        "valid": not result.errors,
        "error": "\n".join(map(str, result.errors)) or None,
        "warnings": [str(problem) for problem in result.warnings],
    }


def find_input_references(source: str | Mapping[str, Any]) -> list[str]:
    """Return the names of all ``input[...]`` placeholders, in order of first appearance.

    Keys and values are searched, notes are not.
    The protocol need not be valid; a text that is not YAML is searched as a whole.
    After :func:`parse`, use ``input_references`` of its result.

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
    return list(_input_references(_searched(source, _read(source)[0])))


def _searched(source: object, root: Node | None) -> Node | None:
    """Return the tree to search for placeholders; a text without a tree is a single scalar."""
    if root is None and isinstance(source, str):
        return Scalar((None, None), value=source)
    return root


def _input_references(root: Node | None) -> tuple[str, ...]:
    texts = (
        scalar.value
        for scalar in scalars(root)
        if isinstance(scalar.value, str) and scalar.key != "note"
    )
    return tuple(dict.fromkeys(name for text in texts for name in input_names(text)))


def size_problem(text: str, document: Mapping[str, Any]) -> Problem | None:
    """Return the size limit a written protocol exceeds, so that it could not be read again.

    Parameters
    ----------
    text, document : str, mapping
        The same protocol as ``to_yaml`` and ``to_document`` write it.
    """
    try:
        check_length(text)
        read_tree(document)
    except DocumentError as error:
        return error.problem
    return None
