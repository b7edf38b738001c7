"""Drive cycles that a protocol names: their samples, and the steps that follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ionworks.ucp.nodes import Block, Item, Leaf, Mode, Protocol
from ionworks.ucp.parser.profiles import Samples, read_samples
from ionworks.ucp.parser.yaml_tree import DocumentError, Table, read_mapping
from ionworks.ucp.problems import Report, UCPError, shown, suggestion
from ionworks.ucp.traversal import leaves


def required_drive_cycles(protocol: Protocol) -> list[str]:
    """Return the names of the drive cycles whose samples a protocol lacks, each once."""
    lacking = (_lacking(leaf) for leaf in leaves(protocol.steps))
    return list(dict.fromkeys(name for name in lacking if name is not None))


def with_drive_cycles(protocol: Protocol, drive_cycles: Mapping[str, Any]) -> Protocol:
    """Return a protocol with the samples of the drive cycles it names put into its steps.

    Parameters
    ----------
    protocol : Protocol
        As :func:`ionworks.ucp.parse` gives it.
    drive_cycles : mapping
        From name to samples: pairs ``[time, value]``, or a table with a column of times [s] and
        one of values (a mapping of lists, or a data frame). The unit of the values is that of the
        step's mode, positive discharges. Cycles that the protocol does not name are ignored.

    Returns
    -------
    Protocol
        That needs no drive cycles any more.

    Raises
    ------
    UCPError
        If a cycle is missing, or its samples do not fit; all problems at once.
    TypeError
        If ``drive_cycles`` is no mapping.
    """
    report = Report()
    filled, _ = fill_drive_cycles(protocol, drive_cycles, report)
    if report.errors:
        raise UCPError("\n".join(map(str, report.errors)), report.errors)
    return filled


def fill_drive_cycles(
    protocol: Protocol, drive_cycles: Mapping[str, Any], report: Report
) -> tuple[Protocol, dict[str, Samples]]:
    """Return the filled protocol and the samples by name; problems (``E-value``) are reported."""
    _require_mapping(drive_cycles)
    names = required_drive_cycles(protocol)
    found = {
        name: _read(name, drive_cycles[name], report) for name in names if name in drive_cycles
    }

    def fill(item: Item) -> Item:
        if isinstance(item, Block):
            return attrs.evolve(item, items=tuple(fill(child) for child in item.items))
        name = _lacking(item) if isinstance(item, Leaf) else None
        if name is None:
            return item
        if name not in found:
            report.error("E-value", item.path, _missing(name, drive_cycles))
            return item
        samples, mode = found[name]
        if isinstance(item, Leaf) and item.profile is not None and mode in (None, item.mode):
            return attrs.evolve(item, profile=attrs.evolve(item.profile, data=samples))
        message = f"the samples of {shown(name)!r} are {mode}; write 'mode: {mode}' on the step"
        report.error("E-value", item.path, message)
        return item

    steps = tuple(fill(item) for item in protocol.steps)
    return attrs.evolve(protocol, steps=steps), {name: rows for name, (rows, _) in found.items()}


def _require_mapping(drive_cycles: object) -> None:
    if not isinstance(drive_cycles, Mapping):
        kind = type(drive_cycles).__name__
        raise TypeError(f"drive_cycles is a mapping of names to samples, not a {kind}")


def _lacking(leaf: Leaf) -> str | None:
    profile = leaf.profile
    return None if profile is None or profile.data else profile.name


def _missing(name: str, drive_cycles: Mapping[str, Any]) -> str:
    supplied = ", ".join(repr(shown(str(other))) for other in drive_cycles) or "none"
    near = suggestion(name, map(str, drive_cycles))
    return f"there is no drive cycle {shown(name)!r}; those supplied are {supplied}{near}"


def _read(name: str, samples: Any, report: Report) -> tuple[Samples, Mode | None]:
    path = f"drive_cycles.{shown(name)}"
    try:
        root, problems = read_mapping({"drive_cycles": {name: _plain(samples)}})
    except DocumentError as error:
        report.error("E-value", path, error.problem.message, (None, None))
        return (), None
    report.errors.extend(problems)
    match root:
        case Table(entries=[(_, Table(entries=[(_, node)]))]):
            return read_samples(node, report)
    raise TypeError("what goes in as a mapping of one mapping comes out as one")


def _plain(samples: Any) -> Any:
    """Return data frames as mappings of lists, and arrays as lists."""
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
