"""A protocol as the file of a cycler."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from ionworks.ucp.cyclers.export.capability import check_capability
from ionworks.ucp.cyclers.export.format import Format, Settings, Written
from ionworks.ucp.cyclers.export.result import ConvertedProtocol, is_plain_name
from ionworks.ucp.cyclers.plan import Plan, alone, flatten, in_currents
from ionworks.ucp.drive_cycles import required_drive_cycles, with_drive_cycles
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
"""Formats that can be written: module and name of each."""

BTTEST: Final = (
    "a BT-Test file (.bttest) cannot be written: nothing public describes the format; use the "
    "target 'biologic', which writes a settings file (.mps) for BT-Lab or EC-Lab"
)
_ADVICE: Final = (
    "Before it runs on a cell: load the file into the cycler's software, read every step and "
    "limit there, and run it on a dummy cell or resistor first."
)
_START: Final = (
    "The initial state and the temperature of the protocol are not part of the file: bring the "
    "cell there first."
)
_NO_SAFETY: Final = (
    "The protocol has no safety_limits, so the file has none: set limits on the instrument."
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
        Samples of the drive cycles the protocol names, as for
        :func:`~ionworks.ucp.with_drive_cycles`.
    filename_stem : str
        Name of the file without its ending.
    nominal_capacity_ah : float, optional
        In A.h; needed where the format has no C-rates.
    verify : bool
        Read the file back and compare what it does, step by step, with the protocol.
    experiment_parameters : mapping, optional
        Values of the protocol's ``input[...]``.
    options : mapping, optional
        Of the format; ``docs/vendors.md`` lists them. ``date`` (a datetime) is known to all.

    Returns
    -------
    ConvertedProtocol
        The file in memory; its ``save`` writes it.

    Raises
    ------
    UCPError
        If the protocol has errors or open inputs, the format cannot say all of it (every step
        that it cannot is listed), or ``verify`` finds a difference.
    ValueError
        If an argument is outside its range or unknown.
    TypeError
        If an argument is of the wrong type.
    """
    form = find_format(target)
    settings = _settings(form, filename_stem, nominal_capacity_ah, options)
    tree = _resolved(_tree(protocol), experiment_parameters, drive_cycles)
    flattened = flatten(tree, nominal_capacity_ah)
    plan = (
        flattened.plan
        if form.capability.c_rates
        else in_currents(flattened.plan, nominal_capacity_ah)
    )
    plan = form.prepare(plan, settings)
    _refuse(
        form.target,
        [
            *flattened.problems,
            *check_capability(plan, form.capability),
            *form.check(plan, settings),
        ],
    )
    written = _written(form, plan, settings)
    if verify:
        # Readers are needed by those only who ask for it.
        from ionworks.ucp.cyclers.read import verify as read_back

        read_back(
            plan,
            form.target,
            written.content,
            dict(written.assets),
            nominal_capacity=nominal_capacity_ah,
            marks=form.counts_cycles,
        )
    return ConvertedProtocol(
        form.target,
        f"{settings.stem}{settings.options.get('extension', form.suffix)}",
        written.content,
        form.media_type,
        written.assets,
        tuple(_notes(form, flattened.plan, written)),
        form.encoding,
    )


def find_format(target: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    ValueError
        If there is none, or nobody can write it.
    """
    if not isinstance(target, str):
        raise TypeError(f"target must be the name of a format, not {target!r}")
    name = target.strip().lower()
    if name == "biologic_bttest":
        raise ValueError(BTTEST)
    if name not in TARGETS:
        near = suggestion(name, TARGETS) or f"; there are {', '.join(TARGETS)}"
        raise ValueError(f"{shown(target)!r} is no target{near}")
    module, attribute = TARGETS[name]
    form: Format = getattr(import_module(module), attribute)
    return form


def _settings(
    form: Format, stem: str, capacity: float | None, options: Mapping[str, Any] | None
) -> Settings:
    if not isinstance(stem, str) or not is_plain_name(stem):
        raise ValueError(f"filename_stem must be a plain file name without folders, not {stem!r}")
    if not stem.isprintable() or not stem.isascii():
        raise ValueError(f"filename_stem must be plain ASCII, which cyclers read, not {stem!r}")
    if capacity is not None:
        if isinstance(capacity, bool) or not isinstance(capacity, int | float):
            raise TypeError(f"nominal_capacity_ah must be a number, not {capacity!r}")
        if not 0 < capacity < float("inf"):
            raise ValueError(f"nominal_capacity_ah must be above 0 A.h, not {capacity!r}")
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options must be a mapping of names to values, not {options!r}")
    given = dict(options or {})
    known = (*form.option_names, "date")
    for name in given:
        if name not in known:
            near = suggestion(str(name), known) or f"; there are {', '.join(known)}"
            raise ValueError(f"{name!r} is no option of {form.target}{near}")
    return Settings(stem, _date(given.pop("date", None)), capacity, form.read_options(given))


def _date(date: Any) -> datetime:
    if date is None:
        return datetime.now().astimezone()
    if isinstance(date, str):
        date = datetime.fromisoformat(date)
    if not isinstance(date, datetime):
        raise TypeError(f"the option date must be a datetime or its ISO text, not {date!r}")
    return date


def _tree(source: str | Mapping[str, Any] | Protocol) -> Protocol:
    if isinstance(source, Protocol):
        return source
    result = parse(source)
    if result.protocol is None:
        text = "\n".join(map(str, result.errors))
        raise UCPError(f"the protocol has errors:\n{text}", result.errors)
    return result.protocol


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
        raise UCPError(f"the samples of {names} are missing; pass them as drive_cycles")
    if drive_cycles is not None:
        tree = with_drive_cycles(tree, drive_cycles)
    return tree


def _refuse(target: str, problems: list[Problem]) -> None:
    """Raise one error that tells all problems."""
    unique = sorted(dict.fromkeys(problems), key=lambda found: _place(found.path))
    if not unique:
        return
    messages = [found.message for found in unique]
    listed = messages[0] if len(messages) == 1 else "".join(f"\n- {text}" for text in messages)
    raise UCPError(f"Cannot export to {target}: {listed}", unique)


def _written(form: Format, plan: Plan, settings: Settings) -> Written:
    """Write the file; a number that its format cannot write is told with its step."""
    try:
        return form.write(plan, settings)
    except UCPError as error:
        _refuse(form.target, [*_unwritable(form, plan, settings)])
        raise UCPError(f"Cannot export to {form.target}: {error}") from error


def _unwritable(form: Format, plan: Plan, settings: Settings) -> Iterator[Problem]:
    """Yield a problem for every step that cannot be written by itself, and for the limits."""
    limits = ("safety_limits", "safety_limits", Plan((), plan.safety))
    steps = [(step.path, step.title, Plan((alone(step),))) for _, step in plan.steps()]
    for path, title, part in (limits, *steps):
        try:
            form.write(part, settings)
        except UCPError as error:
            yield Problem("E-export", path, f"{title}: {error}")


def _place(path: str) -> tuple[bool, tuple[int, ...]]:
    """Return where a path stands among others: the steps last, and in their order."""
    return path.startswith("steps"), tuple(map(int, re.findall(r"\[(\d+)\]", path)))


def _notes(form: Format, plan: Plan, written: Written) -> Iterator[str]:
    yield from form.notes
    yield from written.notes
    if not written.content.isascii():
        yield (
            f"The file is in the encoding {form.encoding}: write it with save(), or open your own "
            "file with that encoding; in another one its units change."
        )
    if not plan.safety:
        yield _NO_SAFETY
    yield _START
    yield _ADVICE
