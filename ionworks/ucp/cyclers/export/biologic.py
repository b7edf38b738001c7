"""BioLogic settings files ``.mps``, for BT-Lab or EC-Lab.

Text in the encoding cp1252, in columns of 20 characters. The head for EC-Lab is the one that the
project aurora-unicycler found to be sufficient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ionworks.ucp.cyclers.export.biologic_capability import CAPABILITY, check
from ionworks.ucp.cyclers.export.biologic_head import head
from ionworks.ucp.cyclers.export.biologic_sequences import hold_current, largest_current
from ionworks.ucp.cyclers.export.biologic_software import BT_LAB, SOFTWARE, Software
from ionworks.ucp.cyclers.export.biologic_techniques import (
    GALVANO,
    LOOP,
    MODULO_BAT,
    POTENTIO,
    Technique,
    lines,
    techniques,
)
from ionworks.ucp.cyclers.export.biologic_values import current_range, range_limit
from ionworks.ucp.cyclers.export.decimals import ascii_text, decimal_text
from ionworks.ucp.cyclers.export.format import Format, Settings, WrittenFile
from ionworks.ucp.cyclers.plan import LoopEnd, Mark, Plan, Step

_LONGEST: Final = 56
"""Sequences of the longest table of Modulo Bat in a public file."""

_UNRESOLVED: Final = 1e-3
"""Part of a current range below which a current is hardly measured."""


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    software = SOFTWARE.get(str(options.get("software", BT_LAB.key)).strip().lower())
    if software is None:
        first, *others, last = map(repr, SOFTWARE)
        known = ", ".join((f"{first} (the default)", *others))
        raise ValueError(
            f"the option software must be {known} or {last}, not {options['software']!r}"
        )
    decimal = options.get("decimal_separator", ".")
    if decimal not in (".", ","):
        raise ValueError(f"the option decimal_separator must be '.' or ',', not {decimal!r}")
    device = options.get("device", software.device)
    if device is not None and not (isinstance(device, str) and ascii_text(device) == device != ""):
        raise ValueError(f"the option device must be the name of an instrument, not {device!r}")
    low, high = _voltage_range(options.get("voltage_range", software.voltage_range))
    return {
        "software": software,
        "decimal_separator": decimal,
        "device": device,
        "voltage_range": (low, high),
    }


def _voltage_range(given: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in given)
    except (TypeError, ValueError):
        raise ValueError(
            f"the option voltage_range must be two voltages, lowest and highest, not {given!r}"
        ) from None
    if not -20 <= low < high <= 60:
        raise ValueError(
            "the option voltage_range must rise and lie within -20 V to 60 V, not "
            f"({low:g}, {high:g})"
        )
    if any(abs(volts * 100 - round(volts * 100)) > 1e-6 for volts in (low, high)):
        raise ValueError(
            "the option voltage_range must have at most two decimals, as its field does, not "
            f"({low!r}, {high!r})"
        )
    return low, high


def _write(plan: Plan, settings: Settings) -> WrittenFile:
    linked = techniques(plan)
    text = [*head(plan, settings, len(linked)), ""]
    for number, technique in enumerate(linked, 1):
        text += [f"Technique : {number}", technique.name, *lines(plan, settings, technique), ""]
    return WrittenFile(
        "\r\n".join(text).encode("cp1252"), notes=tuple(_notes(plan, settings, linked))
    )


def _notes(plan: Plan, settings: Settings, linked: list[Technique]) -> Iterator[str]:
    software: Software = settings.options["software"]
    yield (
        f"The file is for {software.title} on a computer with the decimal separator "
        f"{settings.options['decimal_separator']!r}; see the options software and "
        "decimal_separator."
    )
    yield "Check that the instrument has the voltage range and the current ranges of the file."
    yield from _safety_notes(plan, software)
    yield from _hold_notes(plan)
    kinds = {part.kind for part in plan.instructions if isinstance(part, Mark)}
    if "Advance cycle" in kinds:
        yield "The software counts cycles; 'Advance cycle' was left out."
    yield from _technique_notes(linked)


def _safety_notes(plan: Plan, software: Software) -> Iterator[str]:
    if plan.safety:
        yield (
            "A safety limit takes effect when it is exceeded for 100 ms. The software then opens "
            "the circuit and pauses the test."
        )
    most = {"Voltage": 2, "Current": 3 if software.is_bt_lab else 1, "Temperature": 2}
    for limit in plan.safety:
        shown = limit.value * (1000 if limit.quantity == "Current" else 1)
        if len(decimal_text(shown).partition(".")[2]) > most[limit.quantity]:
            unit = {"Voltage": "V", "Current": "mA", "Temperature": "\u00b0C"}[limit.quantity]
            yield (
                f"safety_limits.{limit.key}: the software shows {most[limit.quantity]} decimals of "
                f"this limit; check that it keeps {decimal_text(shown)} {unit}."
            )


def _hold_notes(plan: Plan) -> Iterator[str]:
    """Yield what limits the current of constant voltages, and what their ranges cannot resolve."""
    largest = largest_current(plan) or 0.0
    holds: dict[str, list[str]] = {}
    unresolved: list[str] = []
    for index, step in plan.steps():
        if step.control != "voltage":
            continue
        amperes = hold_current(plan, index, largest)
        holds.setdefault(current_range(amperes) or "", []).append(step.path)
        limit = range_limit(amperes) or 0.0
        if _is_unresolved(step, limit):
            unresolved.append(step.path)
    if holds:
        ranges = "; ".join(f"{name} in {_listed(paths)}" for name, paths in holds.items())
        yield (
            "The current of a constant voltage is only limited by its range, which it reaches if "
            f"the cell is not at this voltage: {ranges}."
        )
    if unresolved:
        yield (
            "An end on a current below a thousandth of the current range may be met too early or "
            f"never: {_listed(unresolved)}."
        )


def _is_unresolved(step: Step, limit: float) -> bool:
    """Return whether an end on current is too small for a current range that ends at ``limit``."""
    return any(
        end.quantity == "Current" and end.level.value < limit * _UNRESOLVED for end in step.ends
    )


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


def _technique_notes(linked: list[Technique]) -> Iterator[str]:
    names = {technique.name for technique in linked}
    if len(linked) > 1:
        yield (
            f"The file links {len(linked)} techniques: check that the software shows all of them, "
            "in the order of the protocol."
        )
    if LOOP in names:
        yield (
            "Experimental: the field 'nt times' of a technique Loop is written as one less than "
            "the number of passes, as laboratories use it; no public file comes with data that "
            "shows it. Check the number of passes before the file runs."
        )
    if names & {POTENTIO, GALVANO}:
        yield (
            "An impedance sweep goes from its highest to its lowest frequency: check that the "
            "instrument reaches both."
        )
    longest = max(
        (len(technique.indices) for technique in linked if technique.name == MODULO_BAT), default=0
    )
    if longest > _LONGEST:
        yield (
            f"The technique Modulo Bat has {longest} sequences. The limit of the software is not "
            f"published, and public files have up to {_LONGEST}: check that it loads all of them."
        )


_KEYS: Final = ", ".join(f"`{key}`" for key in SOFTWARE)
_RANGES: Final = ", ".join(
    f"{software.voltage_range} for `{software.key}`" for software in SOFTWARE.values()
)

BIOLOGIC: Final = Format(
    target="biologic",
    suffix=".mps",
    media_type="text/plain",
    encoding="cp1252",
    capability=CAPABILITY,
    write=_write,
    # A loop is a sequence of Modulo Bat or the technique Loop.
    count_steps=lambda plan: sum(isinstance(part, Step | LoopEnd) for part in plan.instructions),
    trust="high",
    check=check,
    options={
        "software": f"{_KEYS}: their files differ; the default is `{BT_LAB.key}`",
        "decimal_separator": (
            "`.` (default) or `,`: the separator of the computer that loads the file"
        ),
        "device": (
            f"name of the instrument in the head of the file; default `{BT_LAB.device}` for BT-Lab"
        ),
        "voltage_range": f"lowest and highest voltage of the range [V]; default {_RANGES}",
    },
    read_options=_read_options,
    counts_cycles=False,
    directs_holds=False,
)
