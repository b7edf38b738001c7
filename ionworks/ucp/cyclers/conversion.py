"""Converting a protocol to the file of a cycler."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from ionworks.ucp.cyclers.export.capability import check_capability
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.export.result import ConvertedProtocol, is_plain_name
from ionworks.ucp.cyclers.plan import (
    Plan,
    c_rates_to_currents,
    export_problem,
    flatten,
    holds_begun_elsewhere,
    without_jumps,
)
from ionworks.ucp.drive_cycles import (
    required_drive_cycles,
    unused_drive_cycles,
    with_drive_cycles,
)
from ionworks.ucp.given import check_parameters
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parse import parse
from ionworks.ucp.problems import Problem, UCPError, shown, suggestion
from ionworks.ucp.resolve import required_inputs, resolve

TARGETS: Final[dict[str, tuple[str, str]]] = {
    "maccor": ("ionworks.ucp.cyclers.export.maccor", "MACCOR"),
    "neware": ("ionworks.ucp.cyclers.export.neware", "NEWARE"),
    "arbin": ("ionworks.ucp.cyclers.export.arbin", "ARBIN"),
    "arbin_sdx": ("ionworks.ucp.cyclers.export.arbin", "ARBIN_SDX"),
    "biologic": ("ionworks.ucp.cyclers.export.biologic", "BIOLOGIC"),
    "novonix": ("ionworks.ucp.cyclers.export.novonix", "NOVONIX"),
}
"""Formats that can be written: the module and name of each."""

BTTEST: Final = (
    "BT-Test files (.bttest) cannot be written, because no public source describes the format; use "
    "the target 'biologic', which writes a settings file (.mps) for BT-Lab or EC-Lab"
)
_ADVICE: Final = (
    "Before you run the file on a cell: load it into the cycler's software, check every step and "
    "limit there, and run it on a dummy cell or a resistor."
)
_START: Final = (
    "The file contains neither the initial state nor the temperature of the protocol: bring the "
    "cell to both before you start."
)
_MANY_STEPS: Final = 1000
_LONGEST_STEM: Final = 200
# As the largest value of a step or limit: C-rates of a larger capacity overflow the formats.
_LARGEST_CAPACITY: Final = 1e9
_NEARLY: Final = 0.9
_MANY_PLACES: Final = 3
_NO_SAFETY: Final = (
    "The protocol has no safety_limits, so the file sets none: set limits on the instrument."
)


def convert(
    protocol: str | Mapping[str, Any] | Protocol,
    target: str,
    *,
    drive_cycles: Mapping[str, Any] | None = None,
    filename_stem: str = "protocol",
    nominal_capacity_ah: float | None = None,
    verify: bool = False,
    experiment_parameters: Mapping[str, float | str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> ConvertedProtocol:
    """Write a protocol in the file format of a battery cycler.

    Parameters
    ----------
    protocol : str, mapping or Protocol
        UCP as text or mapping, PyBaMM experiment strings, or a parsed protocol.
    target : str
        ``maccor``, ``neware``, ``arbin`` (MITS Pro 7), ``arbin_sdx`` (MITS 8), ``biologic``
        (BT-Lab or EC-Lab) or ``novonix``.
    drive_cycles : mapping, optional
        Samples of the drive cycles in the protocol, as for
        :func:`~ionworks.ucp.with_drive_cycles`.
    filename_stem : str
        Name of the file without its extension.
    nominal_capacity_ah : float, optional
        In A.h; needed for C-rates in formats that have currents only.
    verify : bool
        Read the file back and compare what it does, step by step, with the protocol.
    experiment_parameters : mapping, optional
        Values of the protocol's ``input[...]``.
    options : mapping, optional
        Options of the format, listed in ``docs/vendors.md``. All formats have ``date`` (a
        datetime), the date written into the file.

    Returns
    -------
    ConvertedProtocol
        The file in memory; ``save`` writes it to a folder.

    Raises
    ------
    UCPError
        If the protocol has errors or inputs without a value, if the format does not support all of
        it (every such step is listed), or if ``verify`` finds a difference.
    ValueError
        If an argument is outside its range or unknown.
    TypeError
        If an argument is of the wrong type.
    """
    file_format = find_format(target)
    settings = _settings(file_format, filename_stem, nominal_capacity_ah, options)
    _check_mapping("experiment_parameters", experiment_parameters)
    _check_mapping("drive_cycles", drive_cycles, "samples")
    given, doubts = _tree(protocol)
    if experiment_parameters is not None:
        doubts += map(str, check_parameters(given, experiment_parameters))
    doubts += unused_drive_cycles(given, map(str, drive_cycles or ())).values()
    tree = _resolved(given, experiment_parameters, drive_cycles)
    flattened = flatten(tree, nominal_capacity_ah)
    plan = (
        flattened.plan
        if file_format.capability.c_rates
        else c_rates_to_currents(flattened.plan, nominal_capacity_ah)
    )
    plan = file_format.prepare(plan, settings)
    _refuse(
        file_format.target,
        [
            *flattened.problems,
            *_check_length(file_format, plan),
            *check_capability(plan, file_format.capability, nominal_capacity_ah),
            *file_format.check(plan, settings),
        ],
    )
    written = _written(file_format, plan, settings)
    if verify:
        # Imported here because most conversions need no reader.
        from ionworks.ucp.cyclers.read import verify as read_back

        read_back(
            plan,
            file_format.target,
            written.content,
            dict(written.assets),
            nominal_capacity=nominal_capacity_ah,
            marks=file_format.counts_cycles,
            hold_directions=file_format.directs_holds,
            notes=settings.options.get("template") is None,
        )
    return ConvertedProtocol(
        file_format.target,
        f"{settings.stem}{settings.options.get('extension', file_format.suffix)}",
        written.content,
        file_format.media_type,
        written.assets,
        (*doubts, *_notes(file_format, flattened.plan, plan, written)),
        file_format.encoding,
    )


def find_format(target: str) -> Format:
    """Return the format with a name.

    Raises
    ------
    ValueError
        If the name is unknown, or the format cannot be written.
    """
    if not isinstance(target, str):
        raise TypeError(f"target must be the name of a format, not {target!r}")
    name = target.strip().lower()
    if name == "biologic_bttest":
        raise ValueError(BTTEST)
    if name not in TARGETS:
        near = suggestion(name, TARGETS) or f"; valid targets: {', '.join(TARGETS)}"
        raise ValueError(f"unknown target {shown(target)!r}{near}")
    module, attribute = TARGETS[name]
    file_format: Format = getattr(import_module(module), attribute)
    return file_format


def _settings(
    file_format: Format, stem: str, capacity: float | None, options: Mapping[str, Any] | None
) -> Settings:
    if not isinstance(stem, str) or not is_plain_name(stem):
        raise ValueError(f"filename_stem must be a plain file name without folders, not {stem!r}")
    if len(stem) > _LONGEST_STEM:
        raise ValueError(
            f"filename_stem has {len(stem)} characters; at most {_LONGEST_STEM} are allowed"
        )
    if not stem.isprintable() or not stem.isascii():
        raise ValueError(f"filename_stem must be printable ASCII, as cyclers require, not {stem!r}")
    if capacity is not None:
        if isinstance(capacity, bool) or not isinstance(capacity, int | float):
            raise TypeError(f"nominal_capacity_ah must be a number, not {capacity!r}")
        if not 0 < capacity < _LARGEST_CAPACITY:
            raise ValueError(
                f"nominal_capacity_ah must be above 0 A.h and below {_LARGEST_CAPACITY:g} A.h, "
                f"not {capacity!r}"
            )
    _check_mapping("options", options)
    given = dict(options or {})
    known = (*file_format.options, "date")
    for name in given:
        if name not in known:
            near = suggestion(str(name), known) or f"; valid options: {', '.join(known)}"
            raise ValueError(f"unknown option {name!r} of {file_format.target}{near}")
    return Settings(stem, _date(given.pop("date", None)), capacity, file_format.read_options(given))


def _check_mapping(argument: str, value: object, held: str = "values") -> None:
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{argument} must be a mapping of names to {held}, not {value!r}")


def _date(date: Any) -> datetime:
    if date is None:
        return datetime.now().astimezone()
    wanted = f"the option date must be a datetime or text in ISO 8601 format, not {date!r}"
    if isinstance(date, str):
        try:
            return datetime.fromisoformat(date)
        except ValueError:
            raise ValueError(wanted) from None
    if not isinstance(date, datetime):
        raise TypeError(wanted)
    return date


def _tree(source: str | Mapping[str, Any] | Protocol) -> tuple[Protocol, list[str]]:
    """Return the tree of a protocol and the warnings about its text."""
    if isinstance(source, Protocol):
        return source, []
    result = parse(source)
    if result.protocol is None:
        text = "\n".join(map(str, result.errors))
        raise UCPError(f"the protocol has errors:\n{text}", result.errors)
    return result.protocol, list(map(str, result.warnings))


def _resolved(
    tree: Protocol,
    parameters: Mapping[str, float | str] | None,
    drive_cycles: Mapping[str, Any] | None,
) -> Protocol:
    if parameters is not None or required_inputs(tree):
        tree = resolve(tree, parameters or {})
    missing = required_drive_cycles(tree)
    if missing and drive_cycles is None:
        names = ", ".join(map(repr, missing))
        raise UCPError(
            f"the samples of the drive cycles {names} are missing; pass them as drive_cycles"
        )
    if drive_cycles is not None:
        tree = with_drive_cycles(tree, drive_cycles)
    return tree


def _check_length(file_format: Format, plan: Plan) -> Iterator[Problem]:
    """Yield a problem if the file would have more steps than its format allows."""
    most, total = file_format.capability.most_steps, file_format.count_steps(plan)
    if most is not None and total > most:
        reason = (
            f"the file has {total} steps, but this format allows {most} "
            f"({file_format.capability.reasons['steps']}); put steps that repeat into a block with "
            "repeat"
        )
        yield export_problem("steps", reason)


def _refuse(target: str, problems: list[Problem]) -> None:
    """Raise one error that lists all problems."""
    unique = sorted(dict.fromkeys(problems), key=lambda found: _order(found.path))
    if not unique:
        return
    messages = list(_grouped(found.message for found in unique))
    listed = messages[0] if len(messages) == 1 else "".join(f"\n- {text}" for text in messages)
    raise UCPError(f"Cannot export to {target}: {listed}", unique)


def _grouped(messages: Iterable[str]) -> Iterator[str]:
    """Yield messages; a reason that many steps share, such as a missing capacity, comes once."""
    places: dict[str, list[str]] = {}
    listed = [(message, *message.partition(": ")[::2]) for message in messages]
    for _, place, reason in listed:
        places.setdefault(reason, []).append(place)
    for message, _, reason in listed:
        if len(places.get(reason, ())) >= _MANY_PLACES:
            yield f"{', '.join(dict.fromkeys(places.pop(reason)))}: {reason}"
        elif reason in places:
            yield message


def _written(file_format: Format, plan: Plan, settings: Settings) -> WrittenFile:
    """Write the file; an error about a number names the step that has the number."""
    try:
        return file_format.write(plan, settings)
    except UCPError as error:
        _refuse(file_format.target, [*_unwritable(file_format, plan, settings)])
        raise UCPError(f"Cannot export to {file_format.target}: {error}") from None


def _unwritable(file_format: Format, plan: Plan, settings: Settings) -> Iterator[Problem]:
    """Yield a problem for every step, and for the limits, that cannot be written alone.

    Where a file without steps and limits cannot be written either, the capacity is the number that
    cannot: nothing else in the head of a file is a number of the user.
    """
    try:
        file_format.write(Plan(()), settings)
    except UCPError as error:
        yield export_problem("nominal_capacity_ah", str(error))
        return
    limits = ("safety_limits", "safety_limits", Plan((), plan.safety))
    steps = [(step.path, step.title, Plan((without_jumps(step),))) for _, step in plan.steps()]
    for path, title, part in (limits, *steps):
        try:
            file_format.write(part, settings)
        except UCPError as error:
            yield export_problem(path, str(error), title)


def _order(path: str) -> tuple[bool, tuple[int, ...]]:
    """Return a sort key for paths: safety limits and options first, then the steps in order."""
    return path.startswith("steps"), tuple(map(int, re.findall(r"\[(\d+)\]", path)))


def _notes(file_format: Format, given: Plan, plan: Plan, written: WrittenFile) -> Iterator[str]:
    yield f"Trust in the format: {file_format.trust}."
    yield from plan.notes
    yield from written.notes
    most, total = file_format.capability.most_steps, file_format.count_steps(plan)
    if most is None and total > _MANY_STEPS:
        yield (
            f"The file has {total} steps. No public source states the limit of steps of this "
            "format: check that the cycler's software loads all of them."
        )
    elif most is not None and total > _NEARLY * most:
        yield (
            f"The file has {total} of at most {most} steps of this format: check that the "
            "cycler's software loads all of them."
        )
    if not written.content.isascii():
        yield (
            f"The file is in the encoding {file_format.encoding}: write it with save(), or open "
            "your own file with this encoding; any other encoding corrupts its units."
        )
    for step, way in holds_begun_elsewhere(plan):
        yield (
            f"{step.title} may begin away from its voltage, {way}: its current is then limited "
            f"only by {file_format.capability.hold_current}. Limit the current on the instrument, "
            "or let only a constant current that ends at this voltage lead to it."
        )
    # A format may have turned the limits into ends, or added those of a template.
    if not given.safety and not plan.safety:
        yield _NO_SAFETY
    yield _START
    yield _ADVICE
