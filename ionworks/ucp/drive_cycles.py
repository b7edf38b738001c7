"""Drive cycles that a protocol names: putting their samples into its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ionworks.ucp.nodes import Leaf, Mode, Protocol
from ionworks.ucp.parser.profiles import Samples, read_samples
from ionworks.ucp.parser.yaml_tree import DocumentError, Table, read_tree
from ionworks.ucp.problems import Report, shown, suggestion
from ionworks.ucp.traversal import leaves, map_leaves


def required_drive_cycles(protocol: Protocol) -> list[str]:
    """Return the names of the drive cycles without samples in a protocol, each once."""
    missing = (_missing_cycle(leaf) for leaf in leaves(protocol.steps))
    return list(dict.fromkeys(name for name in missing if name is not None))


def unused_drive_cycles(protocol: Protocol, names: Iterable[str]) -> dict[str, str]:
    """Find the drive cycles that no step of a protocol needs.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`, before its drive cycles are filled in.
    names : iterable of str
        The names of the samples given for it.

    Returns
    -------
    dict
        A message for each of them.
    """
    used = required_drive_cycles(protocol)
    return {
        name: f"no step needs the drive cycle {shown(name)!r}, so its samples have no effect"
        + suggestion(name, used)
        for name in names
        if name not in used
    }


def with_drive_cycles(protocol: Protocol, drive_cycles: Mapping[str, Any]) -> Protocol:
    """Return a protocol with samples for the drive cycles it names.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`.
    drive_cycles : mapping
        From name to samples: pairs ``[time, value]``, or a table with a column of times [s] and
        one of values (a mapping of lists, or a data frame). The values are in the unit of the
        step's mode, positive discharges. Cycles that the protocol does not name are not read;
        :func:`unused_drive_cycles` returns them.

    Returns
    -------
    Protocol
        A copy in which every drive cycle has samples.

    Raises
    ------
    UCPError
        If cycles are missing or their samples are invalid; lists all problems.
    TypeError
        If ``drive_cycles`` is not a mapping.
    """
    report = Report()
    filled, _ = fill_drive_cycles(protocol, drive_cycles, report)
    report.raise_errors()
    return filled


def fill_drive_cycles(
    protocol: Protocol, drive_cycles: object, report: Report
) -> tuple[Protocol, dict[str, Samples]]:
    """Return the filled protocol and the samples by name; problems (``E-value``) are reported."""
    if not isinstance(drive_cycles, Mapping):
        kind = type(drive_cycles).__name__
        raise TypeError(f"drive_cycles must be a mapping of names to samples, not a {kind}")
    for name, message in unused_drive_cycles(protocol, map(str, drive_cycles)).items():
        report.warn("W-unused", f"drive_cycles.{shown(name)}", message, (None, None))
    names = required_drive_cycles(protocol)
    found = {
        name: _read(name, drive_cycles[name], report) for name in names if name in drive_cycles
    }

    def fill(leaf: Leaf) -> Leaf:
        name = _missing_cycle(leaf)
        if name is None or leaf.profile is None:
            return leaf
        if name not in found:
            report.error("E-value", leaf.path, _unknown_cycle(name, drive_cycles))
            return leaf
        samples, mode = found[name]
        if mode in (None, leaf.mode):
            return attrs.evolve(leaf, profile=attrs.evolve(leaf.profile, data=samples))
        message = f"the samples of {shown(name)!r} are {mode}; write 'mode: {mode}' on the step"
        report.error("E-value", leaf.path, message)
        return leaf

    steps = map_leaves(protocol.steps, fill)
    return attrs.evolve(protocol, steps=steps), {name: rows for name, (rows, _) in found.items()}


def _missing_cycle(leaf: Leaf) -> str | None:
    profile = leaf.profile
    return None if profile is None or profile.data else profile.name


def _unknown_cycle(name: str, drive_cycles: Mapping[str, Any]) -> str:
    supplied = ", ".join(repr(shown(str(other))) for other in drive_cycles) or "none"
    near = suggestion(name, map(str, drive_cycles))
    return f"no samples for the drive cycle {shown(name)!r}; supplied: {supplied}{near}"


def _read(name: str, samples: Any, report: Report) -> tuple[Samples, Mode | None]:
    path = f"drive_cycles.{shown(name)}"
    try:
        root, problems = read_tree({"drive_cycles": {name: _plain(samples)}})
    except DocumentError as error:
        report.error("E-value", path, error.problem.message, (None, None))
        return (), None
    report.errors.extend(problems)
    match root:
        case Table(entries=[(_, Table(entries=[(_, node)]))]):
            return read_samples(node, report)
    raise TypeError("a mapping of one mapping must be read as a table of one table")


def _plain(samples: Any) -> Any:
    """Convert data frames to mappings of lists, and arrays to lists."""
    if hasattr(samples, "columns"):
        samples = {str(name): samples[name] for name in samples.columns}
    if isinstance(samples, Mapping):
        return {name: _listed(column) for name, column in samples.items()}
    return _listed(samples)


def _listed(column: Any) -> Any:
    for method in ("tolist", "to_list"):
        if hasattr(column, method):
            return getattr(column, method)()
    return column
