"""The column of a sequence in BioLogic settings: texts, numbers, amounts and times."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from attrs import Factory, define

from ionworks.ucp.cyclers.plan import Level, Recording, Unit
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.refusals import Unreadable

_POWERS: Final[dict[str, tuple[str, int]]] = {
    "V": ("V", 0),
    "mV": ("V", -3),
    "\u00b5V": ("V", -6),
    "A": ("A", 0),
    "mA": ("A", -3),
    "\u00b5A": ("A", -6),
    "nA": ("A", -9),
    "pA": ("A", -12),
    "A.h": ("Ah", 0),
    "mA.h": ("Ah", -3),
    "\u00b5A.h": ("Ah", -6),
    "nA.h": ("Ah", -9),
    "pA.h": ("Ah", -12),
    "s": ("s", 0),
    "ms": ("s", -3),
    "Hz": ("Hz", 0),
    "MHz": ("Hz", 6),
    "kHz": ("Hz", 3),
    "mHz": ("Hz", -3),
    "\u00b5Hz": ("Hz", -6),
    "\u00b0C": ("degC", 0),
}
"""Units of the files: the base unit and a power of ten."""

_SECONDS: Final = {"d": 86400, "h": 3600, "mn": 60}
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


def amount(value: str, unit: str, wanted: Unit) -> Level:
    """Return a number and its unit in the base unit, which must be the wanted one."""
    return Level(_scaled(value, unit, wanted), wanted)


def _scaled(value: str, unit: str, wanted: str) -> float:
    """Return a number in the wanted base unit."""
    # The micro sign has two forms, and is also written as u.
    unit = unit.replace("\u03bc", "\u00b5").replace("u", "\u00b5")
    read = number(value)
    base, power = _POWERS.get(unit, ("s" if unit in _SECONDS else None, 0))
    if base is None:
        raise Unreadable(f"the unit {unit!r} is unknown")
    if base != wanted:
        raise Unreadable(f"{value} {unit} must be in a unit of {wanted}")
    if unit in _SECONDS:
        return read * _SECONDS[unit]
    # Shifting the decimal point is exact: 2.667 mA.h are 0.002667 A.h.
    return float(Decimal(value.replace(",", ".")).scaleb(power))


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
        """Return a whole number from 0."""
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
        value = _scaled(self.text(label), self.text(unit), "Hz")
        if value <= 0:
            raise Unreadable(f"the frequency {label} is not above 0")
        return value

    def volts(self, label: str) -> float:
        """Return a voltage that is given in millivolts."""
        return amount(self.text(label), "mV", "V").value

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
