"""Reading Maccor's waveforms, ``.MWF``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ionworks.ucp.cyclers.plan import Recording, Unit, Waveform
from ionworks.ucp.cyclers.read.numbers import finite
from ionworks.ucp.cyclers.read.refusals import Unreadable

_FIELDS: Final = 12
_MODES: Final[dict[str, Unit]] = {"I": "A", "P": "W"}


def read_waveform(
    name: str, content: bytes, limits: Mapping[str, float]
) -> tuple[Waveform, Recording]:
    """Return a waveform of constant values, and when its points are saved.

    ``limits`` are the safety limits of the procedure by key. UCP has no ends on single samples, so
    an end on voltage must be one of these limits.

    Raises
    ------
    Unreadable
        If a line has a limit or an unknown form, or if currents and powers are mixed.
    """
    samples: list[tuple[float, float]] = []
    units: set[Unit] = set()
    reports: set[float] = set()
    time = 0.0
    if content.startswith(b"Maccor waveform file"):
        raise Unreadable(f"{name}.MWF begins with settings that are not documented")
    for line_number, line in enumerate(content.decode("ascii", "replace").splitlines(), 1):
        fields = line.split("\t")
        where = f"line {line_number} of {name}.MWF"
        if len(fields) != _FIELDS or fields[0] not in ("C", "D") or fields[1] not in _MODES:
            raise Unreadable(f"{where} is not a sample")
        if fields[3] or fields[4]:
            raise Unreadable(f"{where} has a limit, which UCP does not have for samples")
        _check_end(fields, where, limits)
        value, duration, report = (finite(fields[index], f"{where}:") for index in (2, 5, 10))
        if duration <= 0:
            raise Unreadable(f"{where} has a duration of {duration:g} s")
        if value:
            units.add(_MODES[fields[1]])
        if fields[9] not in ("", "T"):
            raise Unreadable(f"{where} has the unknown recording rule {fields[9]}")
        if fields[9] == "T":
            reports.add(report)
        samples.append((time, -value if fields[0] == "C" else value))
        time += duration
    if not samples or len(units) > 1:
        raise Unreadable(f"{name}.MWF has no samples, or mixes currents and powers")
    samples.append((time, samples[-1][1]))
    unit: Unit = units.pop() if units else "A"
    recording = Recording(time=min(reports)) if reports else Recording()
    return Waveform(name, unit, tuple(samples)), recording


def _check_end(fields: list[str], where: str, limits: Mapping[str, float]) -> None:
    """Reject an end of a sample unless the channel stops there anyway."""
    kind, operator, text = fields[6:9]
    if not (kind or operator or text):
        return
    stop = limits.get({">=": "voltage_max", "<=": "voltage_min"}.get(operator, ""))
    try:
        same = stop is not None and math.isclose(float(text), stop, abs_tol=1e-6)
    except ValueError:
        same = False
    if kind != "V" or not same:
        raise Unreadable(
            f"{where} ends at {kind} {operator} {text}, which is not a safety limit of the "
            "procedure; UCP has no ends for single samples"
        )
