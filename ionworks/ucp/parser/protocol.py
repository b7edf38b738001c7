"""Reading a whole protocol: a YAML document, a mapping or PyBaMM experiment strings."""

from __future__ import annotations

from typing import Final

from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parser.fields import is_empty, refuse_unknown
from ionworks.ucp.parser.items import read_items
from ionworks.ucp.parser.pybamm_strings import looks_like_lines, read_lines
from ionworks.ucp.parser.sections import read_global, read_safety
from ionworks.ucp.parser.yaml_tree import Listing, Node, Scalar, Table
from ionworks.ucp.problems import Problem, Report

_SECTIONS: Final = ("global", "safety_limits", "steps")


def read_protocol(
    source: object, root: Node | None, problems: list[Problem], report: Report
) -> Protocol | None:
    """Read a protocol from the YAML tree of its source.

    Parameters
    ----------
    source : str or mapping
        The source itself: experiment strings are read from the text, not from the tree.
    root : Node or None
        Root of the YAML tree; None if the document is empty or cannot be read.
    problems : list of Problem
        Found while the tree was read.
    report : Report
        Collects these and all further problems.

    Returns
    -------
    Protocol or None
        None if there is nothing that further checks could use.
    """
    if not isinstance(root, Table) and isinstance(source, str) and looks_like_lines(source):
        return read_lines(source, report)
    report.errors.extend(problems)
    if isinstance(root, Table):
        return _read_document(root, report)
    if root is not None or not problems:
        _refuse_root(root, report)
    return None


def _refuse_root(root: Node | None, report: Report) -> None:
    place = None if root is None else root.place
    match root:
        case None | Scalar(value=None):
            message = "the document is empty; a protocol needs 'steps'"
        case Listing(items=[Scalar(), *_]):
            message = (
                "the document is a list of strings; write PyBaMM experiment strings as text with "
                "one step per line"
            )
        case Listing():
            message = "the document is a list; put it under 'steps:'"
        case Scalar() if root.text.lstrip().startswith("("):
            message = (
                "the document is a Python tuple; write PyBaMM experiment strings as text with one "
                "step per line"
            )
        case _:
            message = (
                "the text is neither a UCP document (a mapping with 'steps') nor PyBaMM "
                "experiment strings (one step per line, such as 'Discharge at 1C until 2.5V')"
            )
    report.error("E-yaml", "", message, place)


def _read_document(root: Table, report: Report) -> Protocol | None:
    report.remember("", root.place)
    refuse_unknown(root, _SECTIONS, "a protocol", report)
    settings = read_global(root.given("global"), report)
    safety = read_safety(root.given("safety_limits"), report)
    steps = root.get("steps")
    if steps is None or is_empty(steps):
        given = "is missing" if steps is None else "is empty"
        report.error("E-steps", "steps", f"'steps' {given}; write the list of steps under it")
        return None
    return Protocol(read_items(steps, report), settings, safety)
