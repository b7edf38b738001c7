"""Schedules as text: sections of keys, templates, and a minimal schedule.

A schedule is INI-like text in latin-1: the bytes of one key are not valid UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias
from uuid import UUID, uuid5

from attrs import define

Section: TypeAlias = dict[str, str]
"""Keys and values, in the order of the file."""

_HEADING: Final = re.compile(r"\[(.+)\]\s*")
_STEP: Final = re.compile(r"Schedule_Step\d+(?:_Limit\d+)?")
_VERSION: Final = re.compile(r"Current_Version=Schedule Version (\d+)\.")
_NAMESPACE: Final = UUID("7d9f9f0e-6c8e-5c07-9a55-2f0c1f1f7a31")

STEP_KEYS: Final = {
    "m_uLimitNum": "0",
    "m_szLabel": "",
    "m_szStepCtrlType": "",
    "m_szCurrentRange": "Range1",
    "m_szVoltageRange": "High",
    "m_szCtrlValue": "",
    "m_szExtCtrlValue1": "",
    "m_szExtCtrlValue2": "",
    "m_szExtDef": "",
    "m_uStepCtrlTypeExtFlag": "0",
    "m_szAddIn": "",
    "m_bSampleClockStretch": "0",
    "m_szUnitType": "",
    "m_szExUnitType1": "",
    "m_bSynchronizedStart": "0",
    "m_bAutoPidTips": "0",
    "m_nExtra1": "0",
    "m_szExtDef1": "",
    "m_bBurstModeEnable": "0",
}
"""Keys of a step in MITS Pro 7 with their defaults, in the order of saved schedules."""

_ZERO_SCOPE: Final = "0.000000^0.000000"
_SCHEDULE_KEYS: Final[dict[str, str]] = {
    "m_uMUID": "0",
    "m_szCreator": "ionworks",
    "m_szComments": "",
    "m_uMaxTimesOfUnsafe": "3",
    "m_fMinDtSeconds": "5",
    "m_bLogChanNormalData": "1",
    "m_bLogChanStatData": "1",
    "m_bLogChanAuxData": "0",
    "m_bLogSBData": "0",
    "m_bLogCANBMSData": "0",
    "m_bCheckCurrentSafety": "0",
    "m_bDefaultCurrentSafetyMode": "0",
    "m_uDefaultCurrentSafetyScopePercent": "105",
    "m_CurrentSafetyScope": _ZERO_SCOPE,
    "m_bCheckVoltageSafety": "0",
    "m_bDefaultVoltageSafetyMode": "0",
    "m_uDefaultVoltageSafetyScopePercent": "105",
    "m_VoltageSafetyScope": _ZERO_SCOPE,
    "m_bCheckPowerSafety": "0",
    "m_PowerSafetyScope": _ZERO_SCOPE,
    "m_uStepNum": "0",
    "m_uFormulaNum": "0",
    "m_uPulseNum": "0",
    "m_uCVNum": "0",
    "m_uAddInNum": "0",
    "m_iAppCategory": "0",
    "m_fSdlFactor_I": "0.1",
    "m_fSdlFactor_V": "0.1",
    "m_fSdlFactor_Capacity": "1",
    "m_fSdlFactor_Energy": "1",
    "m_fSdlFactor_Time": "60",
    "m_fMinDtCurrent": "1",
    "m_fMinDtVoltage": "1",
    "m_bNewCreate": "0",
}
"""Keys of a schedule whose meaning is known; all others are left to MITS."""

_PRO_7_ONLY: Final = re.compile(r"m_(b|u)(Check|Default)\w+Safety|m_\w+SafetyScope|m_fMinDt(C|V)")
"""Keys that saved schedules of MITS 8 do not have."""


@define
class Schedule:
    """A schedule, or a template for one.

    Attributes
    ----------
    sections : list
        Headings and lines, in order; unknown lines are kept unchanged.
    newline : str
        Line end of the file.
    is_sdx : bool
        Whether it is for MITS 8: keys in alphabetical order, upper and lower case alike, and two
        blank lines after each section.
    """

    sections: list[tuple[str, list[str]]]
    newline: str
    is_sdx: bool

    def keys(self, heading: str) -> Section:
        """Return the keys of a section; empty if there is no such section."""
        for name, lines in self.sections:
            if name == heading:
                pairs = (line.partition("=") for line in lines if "=" in line)
                return {key: value for key, _, value in pairs}
        return {}

    def set_keys(self, heading: str, values: Mapping[str, str]) -> None:
        """Set keys of a section; keys it lacks are added after the others."""
        for name, lines in self.sections:
            if name != heading:
                continue
            missing = dict(values)
            for number, line in enumerate(lines):
                key = line.partition("=")[0]
                if key in missing:
                    lines[number] = f"{key}={missing.pop(key)}"
            blank = next(
                (number for number, line in enumerate(lines) if not line.strip()), len(lines)
            )
            lines[blank:blank] = [f"{key}={value}" for key, value in missing.items()]

    def replace_steps(self, steps: list[tuple[str, Section]]) -> None:
        """Replace the steps and limits of the template."""
        kept = [entry for entry in self.sections if not _STEP.fullmatch(entry[0])]
        old = [number for number, (name, _) in enumerate(self.sections) if _STEP.fullmatch(name)]
        place = old[0] if old else 1 + [name for name, _ in kept].index("Schedule")
        new = [(heading, _lines(keys, is_sdx=self.is_sdx)) for heading, keys in steps]
        self.sections = [*kept[:place], *new, *kept[place:]]

    def content(self) -> bytes:
        """Return the file."""
        lines = [
            line
            for name, body in self.sections
            for line in (*([f"[{name}]"] if name else ()), *body)
        ]
        return self.newline.join([*lines, ""]).encode("latin-1")


def read_schedule(content: bytes) -> Schedule:
    """Read a schedule as sections.

    Raises
    ------
    ValueError
        If the content is not a schedule.
    """
    text = content.decode("latin-1")
    version = _VERSION.search(text)
    if version is None or "[Schedule]" not in text:
        raise ValueError(
            "the template is not a schedule of MITS: it has no schedule version or no [Schedule]"
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in text.split(newline):
        heading = _HEADING.fullmatch(line)
        if heading:
            sections.append((heading.group(1), []))
        else:
            sections[-1][1].append(line)
    # Splitting at the last line end leaves one empty line too many.
    if sections[-1][1] and not sections[-1][1][-1]:
        sections[-1][1].pop()
    if not sections[0][1]:
        sections.pop(0)
    return Schedule(sections, newline, int(version.group(1)) >= 8)


def minimal_schedule(stem: str, *, is_sdx: bool) -> Schedule:
    """Return a schedule without steps: the known keys, and 16 empty safety limits."""
    guid = str(uuid5(_NAMESPACE, stem)).upper()
    keys = {**_SCHEDULE_KEYS, "m_uMUID": str(uuid5(_NAMESPACE, stem).int % 2**31)}
    if is_sdx:
        keys = {key: value for key, value in keys.items() if not _PRO_7_ONLY.match(key)}
        # As in all saved schedules: the largest current of a step does not fix its range.
        keys["m_bCurrentAutoRange"] = "1"
    version = "8.00.11" if is_sdx else "7.00.13"
    safety = {"m_szSafetyType": "", "m_fMinValue": "0", "m_fMaxValue": "0"}
    sections: list[tuple[str, Section]] = [
        ("Version Section", {"Current_Version": f"Schedule Version {version}"}),
        ("Signature Section", {"Signature": guid if is_sdx else f"{{{guid}}}"}),
        ("Schedule", keys),
        *((f"Schedule_UserDefineSafety{number}", safety) for number in range(16)),
    ]
    lines = [(name, _lines(values, is_sdx=is_sdx)) for name, values in sections]
    return Schedule(lines, "\r\n", is_sdx)


def _lines(keys: Section, *, is_sdx: bool) -> list[str]:
    """Return the lines of a section; MITS 8 sorts its keys and adds two blank lines."""
    names = sorted(keys, key=str.lower) if is_sdx else keys
    return [*(f"{name}={keys[name]}" for name in names), *(["", ""] if is_sdx else [])]
