"""Reading Maccor's waveforms, ``.MWF``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ionworks.ucp.cyclers.plan import Recording, Waveform
from ionworks.ucp.cyclers.plan.nodes import Unit
from ionworks.ucp.cyclers.read.refusals import Unreadable

_FIELDS: Final = 12
_MODES: Final[dict[str, Unit]] = {"I": "A", "P": "W"}


def read_waveform(
    name: str, content: bytes, limits: Mapping[str, float]
) -> tuple[Waveform, Recording]:
    """Return a waveform of held samples, and how it is recorded.

    ``limits`` are the safety limits of the procedure by their keys: a sample that ends on a
    voltage has to end on these.

    Raises
    ------
    Unreadable
        If a line has limits of its own or another form, or currents and powers are mixed.
    """
    samples: list[tuple[float, float]] = []
    units: set[Unit] = set()
    reports: set[float] = set()
    time = 0.0
    for line_number, line in enumerate(content.decode("ascii", "replace").splitlines(), 1):
        fields = line.split("\t")
        where = f"line {line_number} of {name}.MWF"
        if len(fields) != _FIELDS or fields[0] not in "CD" or fields[1] not in _MODES:
            raise Unreadable(f"{where} is no sample")
        if fields[3] or fields[4]:
            raise Unreadable(f"{where} has a limit beside its value, which has no counterpart")
        _check_end(fields, where, limits)
        try:
            value, duration, report = (float(fields[index]) for index in (2, 5, 10))
        except ValueError:
            raise Unreadable(f"{where} has no number where one belongs") from None
        if not all(map(math.isfinite, (value, duration, report))) or duration <= 0:
            raise Unreadable(f"{where} has no number where one belongs")
        if value:
            units.add(_MODES[fields[1]])
        if fields[9] == "T":
            reports.add(report)
        samples.append((time, -value if fields[0] == "C" else value))
        time += duration
    if not samples or len(units) > 1:
        raise Unreadable(f"{name}.MWF has no samples, or both currents and powers")
    samples.append((time, samples[-1][1]))
    unit: Unit = units.pop() if units else "A"
    recording = Recording(time=min(reports)) if reports else Recording()
    return Waveform(name, unit, tuple(samples)), recording


def _check_end(fields: list[str], where: str, limits: Mapping[str, float]) -> None:
    """Refuse an end of a single sample, unless the channel stops there anyway."""
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
            f"{where} ends at {kind} {operator} {text}, which is no safety limit of the procedure "
            "and has no counterpart"
        )
