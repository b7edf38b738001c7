"""The container of BioLogic settings: header lines, then the rows of each technique.

Settings files, ``.mps``, hold settings, and so does the head of data files saved as text, ``.mpt``.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan import Limit
from ionworks.ucp.cyclers.plan.safety import LIMIT_UNITS
from ionworks.ucp.cyclers.read.biologic_columns import Column, amount
from ionworks.ucp.cyclers.read.plan_builder import PlanBuilder
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

_WIDTH: Final = 20
_MOST_ROWS: Final = 200
_MOST_HEAD_LINES: Final = 1000
_DATA: Final = re.compile(r"(?:EC|BT)-Lab ASCII FILE")
_HEAD_LINES: Final = re.compile(r"Nb header lines : (\d{1,6})")
_TECHNIQUE: Final = re.compile(r"Technique : (\d+)")
_LINKED: Final = re.compile(r"Number of linked techniques : (\d+)")
_PROFILE: Final = "Urban Profile Table"
"""Begins the samples of a sequence of the type ``UP``."""

_SAFETY: Final = re.compile(r"\s+(.+?) = (-?[\d.,]+) (\S+)")
_SAFETY_WORDS: Final = ("for t >", "Do not start on E overload")
_SAFETY_KEYS: Final = {
    "Ewe min": ("voltage_min",),
    "Ewe max": ("voltage_max",),
    "Ecell min": ("voltage_min",),
    "Ecell max": ("voltage_max",),
    "|I|": ("charge_current_max", "discharge_current_max"),
    # As in files of BT-Lab 1.81.
    "Temperature max": ("temperature_max",),
}
_POTENTIALS: Final = ("Ewe", "Ecell", "Ewe-Ece")
_DESCRIBING: Final = (
    "Acquisition started",
    "Address",
    "Atomic weight of intercalated ion",
    "CE vs. WE compliance",
    "Cable",
    "Cell constant",
    "Channel",
    "Characteristic mass",
    "Command interpretor",
    "Comments",
    "Create one data file per loop",
    "Cycle Definition",
    "Density",
    "Device",
    "Diameter",
    "EC-Lab for windows",
    "EC-LAB for windows",
    "BT-Lab for windows",
    "BT-LAB for windows",
    "Ecell ctrl range",
    "Electrode",
    "Electrolyte",
    "Equivalent Weight",
    "Ewe ctrl range",
    "Ewe,I filtering",
    "Filename",
    "Grouped channel(s)",
    "Initial state",
    "Internet server",
    "Loaded Setting File",
    "Mass of active material",
    "Molecular weight of active material",
    "Number of e- transfered per intercalated ion",
    "Record ",
    "Reference electrode",
    "Run on channel",
    "Saved on",
    "Technique started on",
    "Text export",
    "Thickness",
    "User",
    "Volume",
    "for DX",
)
"""Lines that describe the cell, the instrument or the data, and change nothing that is done."""


@frozen
class Technique:
    """A technique: its number from 1, its name and its rows, each a label with its cells."""

    number: int
    name: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    def columns(self) -> list[Column]:
        """Return the column of each sequence; the row ``Ns`` is missing if there is only one.

        Raises
        ------
        Unreadable
            If the rows are not those of a table.
        """
        if len(self.rows) > _MOST_ROWS:
            raise Unreadable(f"the table has {len(self.rows)} rows; at most {_MOST_ROWS} are read")
        rows = dict(self.rows)
        if len(rows) < len(self.rows):
            labels = [label for label, _ in self.rows]
            twice = next(label for label in labels if labels.count(label) > 1)
            raise Unreadable(f"the table has two rows {twice}")
        numbers = rows.pop("Ns", ("0",))
        if not rows:
            raise Unreadable("the table has no rows")
        if numbers != tuple(map(str, range(len(numbers)))):
            raise Unreadable(f"its sequences are numbered {', '.join(numbers)}, not 0, 1, 2, ...")
        long = next((label for label, cells in rows.items() if len(cells) > len(numbers)), None)
        if long is not None:
            raise Unreadable(f"the row {long} has more cells than there are sequences")
        return [
            Column({label: cells[n] if n < len(cells) else "" for label, cells in rows.items()})
            for n in range(len(numbers))
        ]


@define
class Settings:
    """Reads settings: `techniques` are filled, header lines go to the builder."""

    builder: PlanBuilder
    techniques: list[Technique] = Factory(list)

    @property
    def refusals(self) -> Refusals:
        """Return the reasons why the file is rejected."""
        return self.builder.refusals

    def read(self, content: bytes) -> None:
        """Read the content of a file."""
        text = _decoded(content)
        if _DATA.match(text):
            self._data_file(text)
        else:
            self._settings_file(text.splitlines())

    def _settings_file(self, lines: list[str]) -> None:
        begins = [number for number, line in enumerate(lines) if _TECHNIQUE.fullmatch(line.strip())]
        self._header(lines[: begins[0]] if begins else lines)
        for place, begin in enumerate(begins, 1):
            following = begins[place] if place < len(begins) else len(lines)
            name, *rows = lines[begin + 1 : following] or [""]
            if lines[begin].strip() != f"Technique : {place}":
                self.refusals.add(
                    "the file", f"technique {place} begins with {lines[begin].strip()!r}"
                )
            self.techniques.append(Technique(place, name.strip(), self._rows(place, rows)))
        linked = next(filter(None, map(_LINKED.fullmatch, map(str.strip, lines))), None)
        if not begins or (linked is not None and int(linked.group(1)) != len(begins)):
            stated = linked.group(1) if linked else "none"
            self.refusals.add(
                "the file", f"it has {len(begins)} techniques; its head states {stated}"
            )

    def _data_file(self, text: str) -> None:
        found = _HEAD_LINES.search(text[:200])
        # The last line of the head names the columns of the data.
        head = text.split("\n", int(found.group(1)))[:-1] if found else []
        lines = [line.rstrip("\r") for line in head]
        name = lines[3].strip() if len(lines) > 6 else ""
        ends = [number for number, line in enumerate(lines) if number > 4 and not line.strip()]
        if not name or not ends:
            self.refusals.add(
                "the file",
                "its head has no settings; export the data again with the header, or give the "
                "settings file",
            )
            return
        table = ends[0]
        begin = table
        while begin > 5 and _is_row(lines[begin - 1]):
            begin -= 1
        self._header(lines[5:begin])
        self.techniques.append(Technique(1, name, self._rows(1, lines[begin:table])))
        self.builder.notes.append(
            "a data file has the settings of one technique only; those linked with it and loops "
            "over techniques are in the settings file"
        )

    def _rows(self, place: int, lines: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        blank = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
        after = next(filter(str.strip, lines[blank:]), _PROFILE)
        if after.strip() != _PROFILE:
            self.refusals.add("the file", f"it has text after technique {place}: {after.strip()}")
        return tuple((cells[0], tuple(cells[1:])) for cells in map(_cells, lines[:blank]) if cells)

    def _header(self, lines: list[str]) -> None:
        if len(lines) > _MOST_HEAD_LINES:
            self.refusals.add(
                "the file", f"its head has {len(lines)} lines; at most {_MOST_HEAD_LINES} are read"
            )
            return
        is_safety = is_described = False
        for line in lines:
            if line.strip() == "Safety Limits :":
                is_safety = True
                continue
            if is_safety and line[:1].isspace():
                self._safety_limit(line)
                continue
            is_safety = False
            # Lines set in belong to the line before them.
            is_described = (
                is_described
                if line[:1].isspace()
                else line.startswith(_DESCRIBING) or not line.strip()
            )
            self._setting(line.strip(), is_described=is_described)

    def _setting(self, line: str, *, is_described: bool) -> None:
        name, _, value = line.partition(" : ")
        match name:
            case "Battery capacity":
                with self.builder.refusing("Battery capacity"):
                    number, _, unit = value.strip().partition(" ")
                    # The software writes an unknown capacity as zero.
                    self.builder.nominal_capacity = amount(number, unit, "Ah").value or None
            case "Potential control":
                if value.strip() not in _POTENTIALS:
                    self.refusals.add(name, f"UCP controls the voltage of the cell, not {value}")
            case "Turn to OCV between techniques":
                self.builder.notes.append("between techniques the instrument opens the circuit")
            case "Do not turn to OCV between techniques":
                pass
            case _:
                known = _LINKED.fullmatch(line) or line.endswith("SETTING FILE")
                if not (is_described or known):
                    self.builder.notes.append(f"a protocol cannot hold the setting {line!r}")

    def _safety_limit(self, line: str) -> None:
        if line.strip().startswith(_SAFETY_WORDS):
            self.builder.notes.append(f"a protocol cannot hold the setting {line.strip()!r}")
            return
        match = _SAFETY.fullmatch(line.rstrip())
        name = match.group(1) if match else line.strip()
        keys = _SAFETY_KEYS.get(name)
        if match is None or keys is None:
            self.refusals.add("Safety Limits", f"UCP has no safety limit {name!r}")
            return
        with self.builder.refusing("Safety Limits"):
            limits = [Limit(key, 0) for key in keys]
            unit = LIMIT_UNITS[limits[0].quantity]
            value = amount(match.group(2), match.group(3), unit).value
            self.builder.safety.extend(Limit(limit.key, value) for limit in limits)


def _decoded(content: bytes) -> str:
    """Return the text: cp1252, unless someone saved it again as UTF-8.

    A micro or degree sign in cp1252 is not valid UTF-8, so that the two cannot be confused.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _cells(line: str) -> list[str]:
    return [line[start : start + _WIDTH].strip() for start in range(0, len(line.rstrip()), _WIDTH)]


def _is_row(line: str) -> bool:
    """Return whether a line of the head of a data file is a row, whose cells fill columns."""
    return (
        len(line) > _WIDTH
        and len(line) % _WIDTH == 0
        and " : " not in line
        and not line.startswith(_DESCRIBING)
    )
