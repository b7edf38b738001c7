"""The column of a sequence in BioLogic settings: texts, numbers, amounts and times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import Factory, define

from ionworks.ucp.cyclers.plan import Level, Recording, Unit
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.refusals import Unreadable

_FACTORS: Final[dict[str, tuple[Unit, float]]] = {
    "V": ("V", 1),
    "mV": ("V", 1e-3),
    "\u00b5V": ("V", 1e-6),
    "uV": ("V", 1e-6),
    "A": ("A", 1),
    "mA": ("A", 1e-3),
    "\u00b5A": ("A", 1e-6),
    "uA": ("A", 1e-6),
    "nA": ("A", 1e-9),
    "pA": ("A", 1e-12),
    "d": ("s", 86400),
    "h": ("s", 3600),
    "mn": ("s", 60),
    "s": ("s", 1),
    "ms": ("s", 1e-3),
    "A.h": ("Ah", 1),
    "mA.h": ("Ah", 1e-3),
    "\u00b5A.h": ("Ah", 1e-6),
    "uA.h": ("Ah", 1e-6),
    "nA.h": ("Ah", 1e-9),
    "pA.h": ("Ah", 1e-12),
    "\u00b0C": ("degC", 1),
}
_HERTZ: Final = {"MHz": 1e6, "kHz": 1e3, "Hz": 1.0, "mHz": 1e-3, "\u00b5Hz": 1e-6}
UNCHANGING: Final = (
    "E range min (V)",
    "E range max (V)",
    "I Range",
    "I Range min",
    "I Range max",
    "I Range init",
    "Bandwidth",
)
"""Rows that set how the instrument measures, not what it does."""


def number(text: str) -> float:
    """Return a number with a decimal point or a decimal comma."""
    return finite(text.replace(",", "."))


def amount(value: str, unit: str, wanted: str) -> Level:
    """Return a number and its unit in the base unit, which must be the wanted one."""
    # Greek mu and the micro sign look the same.
    unit = unit.replace("\u03bc", "\u00b5")
    if unit not in _FACTORS:
        raise Unreadable(f"the unit {unit!r} is unknown")
    read = number(value)
    base, factor = _FACTORS[unit]
    if base != wanted:
        raise Unreadable(f"{value} {unit} must be in a unit of {wanted}")
    # Division rounds correctly, so that 50 mA becomes exactly 0.05 A.
    return Level(read / round(1 / factor) if factor < 1 else read * factor, base)


@define
class Column:
    """The cells of one sequence by the labels of their rows.

    Every cell must be heeded: `check_all_heeded` names the first one that was not.
    """

    cells: dict[str, str]
    _heeded: set[str] = Factory(set)

    def text(self, label: str, default: str | None = None) -> str:
        """Return a cell; without a default its row must exist."""
        self._heeded.add(label)
        if label in self.cells:
            return self.cells[label]
        if default is None:
            raise Unreadable(f"the row {label} is missing")
        return default

    def number(self, label: str, default: str | None = None) -> float:
        """Return a number whose unit is in its label."""
        return number(self.text(label, default))

    def whole(self, label: str, default: str | None = None) -> int:
        return whole(self.text(label, default), label)

    def amount(self, label: str, unit: str, wanted: Unit) -> Level:
        """Return the amount of a row whose unit is in another row."""
        return amount(self.text(label), self.text(unit), wanted)

    def seconds(self, label: str) -> float:
        """Return a time that is given as hours, minutes and seconds."""
        text = self.text(label)
        parts = text.split(":")
        if len(parts) != 3:
            raise Unreadable(f"{label} {text!r} is not a time")
        hours, minutes, seconds = whole(parts[0]), whole(parts[1]), number(parts[2])
        if minutes >= 60 or not 0 <= seconds < 60:
            raise Unreadable(f"{label} {text!r} is not a time")
        return hours * 3600 + minutes * 60 + seconds

    def hertz(self, label: str, unit: str) -> float:
        """Return a frequency, whose unit is in another row."""
        text = self.text(unit).replace("\u03bc", "\u00b5")
        if text not in _HERTZ:
            raise Unreadable(f"the unit {text!r} is unknown")
        value = number(self.text(label)) * _HERTZ[text]
        if value <= 0:
            raise Unreadable(f"the frequency {label} is not above 0")
        return value

    def expect(self, label: str, *known: str, default: str | None = None) -> None:
        """Reject a cell with another text than the known ones.

        Numbers are compared as numbers: zero may be written with any number of decimals.
        """
        text = self.text(label, known[0] if default is None else default)
        if text in known:
            return
        if "0" in known and text and not text.strip("0.,"):
            return
        raise Unreadable(f"the meaning of {label} {text!r} is not documented")

    def ignore(self, labels: Iterable[str]) -> None:
        """Heed rows that change nothing."""
        self._heeded.update(labels)

    def check_all_heeded(self) -> None:
        """Reject the first row that was not heeded."""
        for label in self.cells:
            if label not in self._heeded:
                raise Unreadable(f"the meaning of the row {label} is not documented")


def recording(*, time: float = 0, voltage: float = 0, current: float = 0) -> Recording:
    """Return when points are saved; a rule of zero is switched off."""
    rules = {"time": time, "voltage": voltage, "current": current}
    return Recording(**{name: value for name, value in rules.items() if value > 0})
