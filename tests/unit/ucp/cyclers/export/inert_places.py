"""Places of cycler files whose change has no effect on the test, with the reason of each.

``GAPS`` lists the places whose change may have an effect that reading does not detect.

``python -m tests.unit.ucp.cyclers.export.inert_places`` changes every number, word and name of
every golden file, and prints the number of changes that were detected, and of each class.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable

from attrs import frozen

from tests.unit.ucp.cyclers.export.mutations import (
    WRITTEN,
    Golden,
    Mutation,
    changes,
    undetected,
)

MACCOR = ("maccor",)
NEWARE = ("neware",)
ARBIN = ("arbin", "arbin_sdx")
BIOLOGIC = ("biologic", "ec-lab")
NOVONIX = ("novonix",)

_RECORD = "it records who wrote the file, with what and when"
_KIND = "it declares the kind of file, and the root element says it again"
_TEXT = "text shown to the operator"
_CELL = "it describes the cell for the analysis of the data"
_ROUNDING = "the change is smaller than the rounding of the format"
_REPEATED = "another limit ends the step at the same value or before it"
_ON_STEPS = "the ends of all steps repeat the limit"
_OWN_RULE = "every step has a recording rule"
_WHOLE_RULE = "the recording rule of the whole test is the same"
_SAME_CHARGE = "a constant voltage with a current limit is the same charge"
_APPLIED = "the current in mA is applied even where the C-rate differs, as recorded data show"
_OWN_SCOPE = "the scope is given in volts and amperes"
_EMPTY = "an empty value says as much as none"
_UNUSED = "a limit, recording or control that the sequence does not use"
_DATA = "it decides which other data are saved"
_NO_EQUATION = "an equation without a left side is not compared"


@frozen
class Class:
    """Places whose change nothing detects, and why.

    Attributes
    ----------
    targets : tuple of str
        The formats.
    addresses : str
        A regular expression for whole addresses, see `places`; the name of a place belongs to the
        class of its value.
    reason : str
        Why nothing changes, or in ``GAPS`` what might.
    only : callable, optional
        Which of the changes belong to the class.
    """

    targets: tuple[str, ...]
    addresses: str
    reason: str
    only: Callable[[Golden, Mutation], bool] = lambda _file, _mutation: True

    def holds(self, file: Golden, mutation: Mutation) -> bool:
        """Return whether a change belongs to the class."""
        address = mutation.place.address
        return (
            file.target in self.targets
            and any(
                re.fullmatch(self.addresses, name)
                for name in (address, address[5:])
                if name == address or mutation.place.is_word
            )
            and self.only(file, mutation)
        )


def _rounded(_file: Golden, mutation: Mutation) -> bool:
    """Whether the numbers differ by one part in 100,000, or by 1 ms."""
    pattern = r"-?\d*\.?\d+"
    old, new = (re.findall(pattern, text or "") for text in (mutation.old, mutation.new))
    address = mutation.place.address
    unit = 1.0 if "Time@" in address else 1e-3 if "MWF" in address else 0
    return (
        mutation.new is not None
        and re.sub(pattern, "#", mutation.old.strip()) == re.sub(pattern, "#", mutation.new.strip())
        and all(
            math.isclose(float(a), float(b), rel_tol=1e-5, abs_tol=unit)
            for a, b in zip(old, new, strict=True)
        )
    )


def _removed(_file: Golden, mutation: Mutation) -> bool:
    return mutation.how == "removed"


def _unnamed(_file: Golden, mutation: Mutation) -> bool:
    """Whether an element or key is removed, or has another name that the format does not have."""
    return mutation.how in ("removed", "letter")


def _renamed(_file: Golden, mutation: Mutation) -> bool:
    return mutation.place.is_word and mutation.how in ("letter", "replaced")


def _emptied(_file: Golden, mutation: Mutation) -> bool:
    """Whether nothing became zero, or zero nothing."""
    return {mutation.old.strip(), (mutation.new or "").strip()} <= {"", "0"}


def _as_strict(_file: Golden, mutation: Mutation) -> bool:
    """Whether < became <= or > became >=, or the reverse."""
    return mutation.old.strip().strip("=") == (mutation.new or "").strip().strip("=")


def _zero(_file: Golden, mutation: Mutation) -> bool:
    """Whether the sample of a waveform holds zero current or power."""
    start = mutation.place.ranges[0][0]
    text = _file.text
    line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", start)]
    return float(line.split("\t")[2]) == 0


def _same_current(file: Golden, mutation: Mutation) -> bool:
    """Whether a current became the same current, or nearly, as a C-rate or in amperes."""
    capacity = file.arguments["nominal_capacity"] or math.nan
    amperes = [
        float(text.rstrip("C ")) * (capacity if "C" in text else 1.0)
        for text in (mutation.old, mutation.new or "")
        if re.fullmatch(r"[\d.]+C?", text.strip())
    ]
    return len(amperes) == 2 and math.isclose(*amperes, rel_tol=1e-5)


def _same_time(_file: Golden, mutation: Mutation) -> bool:
    return mutation.old.strip() == "::.10" and mutation.new == "::.100"


def _off(_file: Golden, mutation: Mutation) -> bool:
    return mutation.how == "removed" or {mutation.old, mutation.new} == {"", "N"}


def _without_limit(file: Golden, mutation: Mutation) -> bool:
    """Whether a limit of the channel was removed, or changed so that it has no effect."""
    return _removed(file, mutation) or mutation.new in ("", "Voltage ")


def _numbered(_file: Golden, mutation: Mutation) -> bool:
    """Whether only the number at the beginning of the line changed."""
    before, after = (
        re.sub(r"^\[\S+", "", text.strip()) for text in (mutation.old, mutation.new or "")
    )
    return before == after


def _of(name: str) -> Callable[[Golden, Mutation], bool]:
    return lambda file, _mutation: file.name == name


INERT: tuple[Class, ...] = (
    # ------------------------------------------------------------ Maccor
    Class(MACCOR, r"<\?.*", _KIND),
    Class(MACCOR, r"header(/BuildTestVersion(/\w+)?|/ProcDesc)?", _RECORD),
    Class(MACCOR, r".*/StepNote|header/ProcDesc/desc", _TEXT),
    Class(MACCOR, r".*/EndEntry\(repeated .*\)(/(Value|EndType|SpecialType))?", _REPEATED),
    Class(MACCOR, r".*/EndEntry\(safety .*\)(/EndType|/ChanSafetyEnd)?", _ON_STEPS, _without_limit),
    Class(MACCOR, r".*/SpecialType", _EMPTY),
    Class(
        MACCOR,
        r".*/TestStep\((Rest|Charge|Dischrge)\)/(StepMode|StepValue|Limits)",
        _EMPTY,
        _unnamed,
    ),
    Class(MACCOR, r".*/TestStep\(.*\)/Option\d", "a blank option is off, as N is", _off),
    Class(
        MACCOR,
        r".*/TestStep\((Do|Loop|AdvCycle|End|FastWave)\)/(Step(Mode|Value)|Limits|Ends|Reports|Range|Option\d)",
        _EMPTY,
        _unnamed,
    ),
    Class(MACCOR, r"MWF column (6|11)", _ROUNDING, _rounded),
    Class(MACCOR, r"MWF column [12]", "zero has no sign and no unit", _zero),
    Class(MACCOR, r".*/StepValue", "at this capacity it is the same current", _same_current),
    Class(
        MACCOR, r".*/ReportEntry\(StepTime\)/Value", "::.10 is the same time as ::.100", _same_time
    ),
    # ------------------------------------------------------------ Neware
    Class(NEWARE, r"<\?xml version", _KIND),
    Class(NEWARE, r"config@(date|Guid|client_version)", _RECORD),
    Class(NEWARE, r"config/Head_Info/(Creator|Remark)(@Value)?", _TEXT),
    Class(NEWARE, r"config/Head_Info/Operate(@Value)?", _RECORD),
    Class(NEWARE, r"config/Head_Info/Start_Step@Hide_Ctrl_Step", "how the client shows the steps"),
    Class(NEWARE, r".*/(MultCap|Cap|Curr|Rate|Time)@Value", _ROUNDING, _rounded),
    Class(NEWARE, r"config/Whole_Prt/Record(/.*)?", _OWN_RULE),
    Class(NEWARE, r"config/Whole_Prt", _OWN_RULE, lambda file, _: "<Protect>" not in file.text),
    Class(NEWARE, r".*/Step\(\d+\)/Record(/Main(/Time)?)?", _WHOLE_RULE, _unnamed),
    Class(NEWARE, r".*/(Rate|Stop_Rate)(@Value)?", _APPLIED),
    Class(NEWARE, r"config/Head_Info/RateType(@Value)?", _APPLIED),
    Class(NEWARE, r"config/Whole_Prt/Protect/Main/Volt(/Upper)?", _REPEATED, _of("one_limit")),
    Class(NEWARE, r"config/Step_Info/Step\(7\)@Step_Type", _SAME_CHARGE),
    # ------------------------------------------------------------ Arbin
    Class(ARBIN, r"\[Signature Section\]( Signature)?", _RECORD),
    Class(ARBIN, r"\[Schedule\] m_(szCreator|szComments|uMUID|bNewCreate|iAppCategory)", _RECORD),
    Class(ARBIN, r"\[Schedule\] m_\w+SafetyScope off", "the limit is switched off"),
    Class(ARBIN, r"\[Schedule\] m_bDefault\w+SafetyMode", "the limit is switched off"),
    Class(ARBIN, r"\[Schedule\] m_bCheck\w+Safety", "the limit is switched off", _removed),
    Class(
        ARBIN,
        r"\[Step\(Set Variable\(s\)\)\] m_szCtrlValue",
        "another counter is not used, or is reset before it is used",
        lambda _, m: (m.old, m.new) == ("0", "131072"),
    ),
    Class(ARBIN, r"\[Schedule\] m_uDefault\w+SafetyScopePercent", _OWN_SCOPE),
    Class(ARBIN, r"\[Schedule_UserDefineSafety#\].*", "a limit without a type is switched off"),
    Class(ARBIN, r"\[Schedule\] m_\w+SafetyScope", _ROUNDING, _rounded),
    Class(ARBIN, r"\[Schedule\] m_(bLog(SB|CANBMS|ChanAux|ChanStat)Data|fMinDt\w+)", _DATA),
    Class(ARBIN, r"\[Step.*\] m_bLogDataLimit", _DATA),
    Class(
        ARBIN,
        r"\[Step.*/Limit\(records \d\)\] m_szGotoStep",
        "a limit that only records leads nowhere",
    ),
    Class(
        ARBIN,
        r"\[Step.*\] m_szGotoStep",
        "the next step has this label",
        lambda _, m: m.new == "Next Step" and m.old.strip() == "2 Recover",
    ),
    Class(
        ARBIN,
        r"\[Step.*\] m_szGotoStep",
        "behind the last step the test ends",
        lambda _, m: (m.old.strip(), m.new) == ("End Test", "Next Step"),
    ),
    Class(
        ARBIN,
        r"\[Step.*\] Equation0_szCompareSign",
        "measured numbers are never exactly equal",
        _as_strict,
    ),
    Class(
        ARBIN,
        r"\[Step\(CCCV\)/Limit\(ends 2\)\] Equation1_szLeft",
        "saved schedules have this end without the delay of 1 s",
    ),
    Class(ARBIN, r"\[Step.*\] Equation[12]_sz(CompareSign|Right|Left)", _NO_EQUATION),
    Class(
        ARBIN, r"\[Step.*\] m_szExtCtrlValue[12]|\[Step\(Set.*\] m_szCtrlValue", _EMPTY, _emptied
    ),
    Class(
        ARBIN,
        r"\[Step.*\] m_(sz(\w*CtrlValue[12]?|AddIn|ExtDef1?|UnitType|ExUnitType1)|BlockByte)",
        _EMPTY,
        _unnamed,
    ),
    Class(ARBIN, r"\[Step.*\] m_szLabel", "no limit leads to the label"),
    Class(ARBIN, r"\[Step.*\] m_szCtrlValue", _ROUNDING, _rounded),
    Class(ARBIN, r"\[Step.*/Limit.*\] Equation0_sz(Left|Right)", _REPEATED, _of("one_limit")),
    # ------------------------------------------------------------ BioLogic
    Class(BIOLOGIC, r"Filename|Comments|Device|..-LAB SETTING FILE", _RECORD),
    Class(
        BIOLOGIC, r"Electrode .*|Electrolyte|Initial state|Mass of .*|Molecular .*|Atomic .*", _CELL
    ),
    Class(
        BIOLOGIC,
        r"Acquisition .*|Number of e-.*|for DX|Characteristic mass| at x|Cycle Definition",
        _CELL,
    ),
    Class(BIOLOGIC, r"Battery capacity", "no sequence has a C-rate", _unnamed),
    Class(BIOLOGIC, r"Battery capacity|\|I\||ctrl1_val\(CC\)", _ROUNDING, _rounded),
    Class(BIOLOGIC, r"Do not turn to OCV between techniques", "there is one technique"),
    Class(BIOLOGIC, r"(lim|rec)#_\w+\(.* unused\)", _UNUSED),
    Class(BIOLOGIC, r"(lim|rec)#_\w+", _UNUSED, _unnamed),
    Class(BIOLOGIC, r"(ctrl_seq|ctrl_repeat)(\((CC|CV|Rest)\))?", _UNUSED),
    Class(BIOLOGIC, r"(N|Apply I/C)(\((CC|CV|Rest|Loop)\))?", _UNUSED),
    Class(
        BIOLOGIC, r"(ctrl1_val(_unit)?|charge/discharge|lim_nb|rec_nb)(\((Rest|Loop)\))?", _UNUSED
    ),
    Class(BIOLOGIC, r"ctrl[2345]_val(\((Rest|Loop)\)|_(unit|vs)(\(.*\))?)?", _UNUSED),
    Class(
        BIOLOGIC,
        r"(ctrl_(tM|trigger|TO_t|TO_t_unit|Nd|Na)|N1|Apply I/C_1|charge/discharge_1)(\(.*\))?",
        _UNUSED,
    ),
    Class(BIOLOGIC, r"(lim#_(Q|seq)|ctrl1_val_vs)(\(.*\))?", _EMPTY),
    Class(
        BIOLOGIC,
        r"(current/potential|ctrl[2345]_val)\((CC|CV)\)",
        _EMPTY,
        lambda _, m: not (m.new or "").strip(),
    ),
    Class(
        BIOLOGIC,
        r"lim#_action\((CC|CV|Rest)\)",
        "behind the last sequence the test ends",
        lambda _, m: (m.old.strip(), m.new) == ("Stop", "Next sequence"),
    ),
    Class(BIOLOGIC, r"charge/discharge\(CV after CC\)", "the current before it has the direction"),
    Class(
        BIOLOGIC,
        r"Safety Limits",
        "the protocol has no safety limits",
        lambda file, _: " max = 4" not in file.text,
    ),
    # ------------------------------------------------------------ Novonix
    Class(NOVONIX, r"Date Saved|Novonix HPC Protocol File", _RECORD),
    Class(NOVONIX, r".*\[# .*", "the number of a line in its list", _numbered),
    Class(NOVONIX, r".*_current # A\]", _ROUNDING, _rounded),
)

GAPS: tuple[Class, ...] = (
    # ------------------------------------------------------------ Maccor
    Class(
        MACCOR,
        r"header/FileFormatVersion(/BTVersion)?",
        "a file that does not tell its version is read as version 11",
    ),
    Class(MACCOR, r".*/TestStep\(.*\)/Range", "a fixed current range is only noted"),
    Class(MACCOR, r"MWF column (10|11|12)", "a sample without a recording rule is not noted"),
    # ------------------------------------------------------------ Neware
    Class(NEWARE, r"config@version", "another version of the format is read as version 17"),
    Class(NEWARE, r"config/SMBUS.*", "settings of an SMBus are not read"),
    Class(
        NEWARE,
        r"config/Head_Info(/(MultCap|Scale|Start_Step))?",
        "a file without these settings is read",
    ),
    # ------------------------------------------------------------ Arbin
    Class(ARBIN, r"\[Version Section\].*", "another version is read like version 7 or 8"),
    Class(
        ARBIN,
        r"\[Schedule\] m_(uMaxTimesOfUnsafe|fSdlFactor_\w+)",
        "how often a limit must be passed is not read",
    ),
    Class(
        ARBIN,
        r"\[Schedule\] m_u(AddIn|CV|Formula|Pulse)Num",
        "the numbers of sections are not compared with the sections",
    ),
    Class(
        ARBIN,
        r"\[S.*\] m_(szCurrentRange|nMaxCurrent|szVoltageRange|bCurrentAutoRange)",
        "a range is noted only where it differs between steps or is below the current",
    ),
    Class(
        ARBIN,
        r"\[Step.*\] m_(b\w+|nExtra1|uStepCtrlTypeExtFlag)",
        "settings of a step whose meaning is unknown may be empty",
    ),
    Class(ARBIN, r".*", "keys with unknown names and without a value are ignored", _renamed),
    # ------------------------------------------------------------ BioLogic
    Class(
        BIOLOGIC,
        r"Number of linked techniques|Technique",
        "a file that does not tell its number of techniques is read",
    ),
    Class(
        BIOLOGIC,
        r"(Ewe|Ecell) ctrl range|E range (min|max) \(V\)(\(.*\))?",
        "a voltage range is only noted, and only where it excludes a voltage",
    ),
    Class(
        BIOLOGIC,
        r"I Range( (min|max|init))?(\(.*\))?",
        "only a current range below the current is reported",
    ),
    Class(
        BIOLOGIC,
        r"(Bandwidth|auto rest|ctrl_corr)(\(.*\))?|current/potential(\((Rest|Loop)\))?",
        "settings of a sequence are not read",
    ),
    Class(
        BIOLOGIC,
        r"for t|Do not start on E overload",
        "a delay of the safety limits that is missing is not reported",
    ),
    Class(BIOLOGIC, r"rec_nb\(.*\)", "empty recordings are ignored"),
    # ------------------------------------------------------------ Novonix
    Class(NOVONIX, r"Version", "another version of the format is read as version 3"),
)


def class_of(table: Iterable[Class], file: Golden, mutation: Mutation) -> Class | None:
    """Return the first class of a table that holds for a change."""
    return next((entry for entry in table if entry.holds(file, mutation)), None)


def main() -> None:
    """Print the counts of the targets given as arguments, or of all."""
    for target in sys.argv[1:] or WRITTEN:
        tried = list(changes(target))
        found = list(undetected(tried))
        counts = Counter[str]()
        for change in found:
            entry = class_of((*INERT, *GAPS), change.file, change.mutation)
            kind = "unknown" if entry is None else "gap" if entry in GAPS else "inert"
            reason = str(change.mutation) if entry is None else entry.reason
            counts[f"{kind}: {reason}"] += 1
        print(f"{target}: {len(tried)} changes, {len(tried) - len(found)} detected")  # noqa: T201
        for reason, count in sorted(counts.items()):
            print(f"{count:8d}  {reason}")  # noqa: T201


if __name__ == "__main__":
    main()
