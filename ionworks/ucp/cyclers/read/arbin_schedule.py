"""The sections of an Arbin schedule as rows: labels, limits, masks of registers, and values.

Evidence: schedules saved by MITS 8 in the project battetl and by MITS Pro 7 in the project beep,
and those that beep's converter writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan import Level, Unit
from ionworks.ucp.cyclers.read.numbers import finite, whole
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable
from ionworks.ucp.expressions import Binary, Expr, Name, Number, Unary, evaluate, walk
from ionworks.ucp.parser.expressions import parse_expression
from ionworks.ucp.problems import ExpressionError

Section: TypeAlias = Mapping[str, str]
Equation: TypeAlias = tuple[str, str, str]
"""Left side, sign and right side as written; the equations of a limit are joined by AND."""

CYCLE_INDEX: Final = "PV_CHAN_Cycle_Index"
CAPACITIES: Final = "the capacities"
STEP_TIME: Final = "PV_CHAN_Step_Time"
_HEADING: Final = re.compile(r"\[(.+)\]\s*")
_COUNTERS: Final = tuple(f"TC_Counter{number}" for number in range(1, 5))
_RESET_BITS: Final = {1 << (16 + place): name for place, name in enumerate(_COUNTERS)}
_COUNT_BITS: Final = {1: CYCLE_INDEX} | {
    1 << (1 + place): name for place, name in enumerate(_COUNTERS)
}
_RESET_CAPACITIES: Final = 15
_CAPACITY: Final = "MV_NominalCapacity"
_MEASURED: Final = ("LS_", "PV_", "AV_", "DV_", "CAN_", "SMB_", "TC_")
_UNDOCUMENTED: Final = (
    "m_szExtDef",
    "m_uStepCtrlTypeExtFlag",
    "m_bSampleClockStretch",
    "m_szUnitType",
    "m_szExUnitType1",
    "m_bSynchronizedStart",
    "m_nExtra1",
    "m_szExtDef1",
    "m_bBurstModeEnable",
)
"""Keys of a step that public schedules leave empty or 0 in steps that can be read."""


_CHECKS: Final = (
    "m_bCtrlValueNeedCheck",
    "m_bUnreasonableNeedCheck",
    "m_bImpedanceNeedCheck",
    "m_bParallelCurrentAbnormalStop",
    "m_bParallelVoltageAbnormalStop",
)
"""Switches of the schedule that public schedules have off; the first three have a target."""


@frozen
class RowLimit:
    """A limit of a step: where it leads to, and its equations."""

    ends: bool
    logs: bool
    goto: str
    equations: tuple[Equation, ...]

    def ends_at_once(self) -> bool:
        """Return whether it ends its step as soon as the step begins."""
        return self.equations in {((STEP_TIME, sign, "0"),) for sign in (">", ">=")}


@define
class Row:
    """A step as written.

    Attributes
    ----------
    number : int
        From 0.
    label : str
        By which limits refer to the step.
    keys : mapping
        All keys of its section.
    limits : list of RowLimit
        In the order in which they are compared.
    """

    number: int
    label: str
    keys: Section
    limits: list[RowLimit] = Factory(list)

    @property
    def kind(self) -> str:
        """Return the type of the step."""
        return self.keys.get("m_szStepCtrlType", "")

    @property
    def sets_variables(self) -> bool:
        """Return whether the step resets or increments registers instead of using the cell."""
        return self.kind == "Set Variable(s)"

    def ends_at_once(self) -> bool:
        """Return whether the step has a single limit, which is met as soon as it begins."""
        return len(self.limits) == 1 and self.limits[0].ends and self.limits[0].ends_at_once()

    def resets(self) -> frozenset[str]:
        """Return the registers that a step sets to 0."""
        mask = whole(self.keys.get("m_szCtrlValue") or "0")
        names = _named(mask & ~_RESET_CAPACITIES, _RESET_BITS, "resetting")
        if mask & _RESET_CAPACITIES == _RESET_CAPACITIES:
            return names | {CAPACITIES}
        if mask & _RESET_CAPACITIES:
            raise Unreadable(
                f"resetting the registers {mask} resets only some of the capacities and energies"
            )
        return names

    def counts(self) -> frozenset[str]:
        """Return the registers that a step increments."""
        if whole(self.keys.get("m_szExtCtrlValue2") or "0"):
            raise Unreadable("registers that count down cannot be read")
        mask = whole(self.keys.get("m_szExtCtrlValue1") or "0")
        return _named(mask, _COUNT_BITS, "incrementing")

    def check_keys(self) -> None:
        """Reject values in fields whose meaning is not documented."""
        for name in _UNDOCUMENTED:
            if self.keys.get(name, "") not in ("", "0"):
                raise Unreadable(f"the meaning of its {name} of {self.keys[name]} is unknown")


def _named(mask: int, bits: Mapping[int, str], what: str) -> frozenset[str]:
    unknown = mask & ~sum(bits)
    if unknown:
        raise Unreadable(f"{what} the registers {mask} is not documented")
    return frozenset(name for bit, name in bits.items() if mask & bit)


def read_sections(text: str, refusals: Refusals) -> dict[str, dict[str, str]]:
    """Return the keys of every section, and reject what the text has several times."""
    sections: dict[str, dict[str, str]] = {}
    name, keys = "", dict[str, str]()
    for line in text.splitlines():
        # Most lines are keys, and asking for the bracket first saves a quarter of the time.
        heading = _HEADING.fullmatch(line) if line.startswith("[") else None
        if heading:
            name = heading.group(1)
            if name in sections:
                refusals.add(f"[{name}]", "there are several sections of this name")
            keys = sections.setdefault(name, {})
        elif "=" in line:
            key, _, value = line.partition("=")
            if keys.setdefault(key, value) != value:
                refusals.add(f"[{name}]", f"{key} has several values")
    return sections


def is_on(section: Section, key: str, default: str = "") -> bool:
    """Return whether a switch is on."""
    text = section.get(key, default)
    if text not in ("0", "1"):
        raise Unreadable(f"its {key} is {text!r}, neither 0 nor 1")
    return text == "1"


def rows(sections: Mapping[str, Section]) -> Iterator[Row]:
    """Yield the steps, without their limits."""
    number = 0
    while f"Schedule_Step{number}" in sections:
        keys = sections[f"Schedule_Step{number}"]
        yield Row(number, keys.get("m_szLabel", ""), keys)
        number += 1


def read_limits(row: Row, sections: Mapping[str, Section]) -> Iterator[RowLimit]:
    """Yield the limits of a step."""
    count = whole(row.keys.get("m_uLimitNum", ""))
    if f"Schedule_Step{row.number}_Limit{count}" in sections:
        raise Unreadable(f"it has more limits than its m_uLimitNum of {count}")
    for place in range(count):
        limit = sections.get(f"Schedule_Step{row.number}_Limit{place}")
        if limit is None:
            raise Unreadable(f"its limit {place} is missing")
        sides = (
            (
                limit.get(f"Equation{number}_szLeft", ""),
                limit.get(f"Equation{number}_szCompareSign", ""),
                limit.get(f"Equation{number}_szRight", ""),
            )
            for number in range(3)
        )
        yield RowLimit(
            is_on(limit, "m_bStepLimit"),
            is_on(limit, "m_bLogDataLimit"),
            limit.get("m_szGotoStep", ""),
            tuple(equation for equation in sides if equation[0]),
        )


@define
class Values:
    """Reads values: numbers, formulas with constants, and multiples of the nominal capacity.

    A schedule defines its formulas itself, as ``F_Vmax`` with the expression ``4.2*1 + 0``. The
    nominal capacity is that of the test object, which is assigned when the test is started.
    """

    sections: Mapping[str, Section]

    def number(self, text: str, name: str = "") -> float:
        """Return a number; messages name the field it stands in."""
        constant, multiple = self._linear(text, name)
        if multiple:
            raise Unreadable(
                f"{text} depends on the nominal capacity, which only currents and capacities may do"
            )
        return constant

    def current(self, text: str, name: str = "") -> Level:
        """Return a current with its sign, in A or as a multiple of the nominal capacity."""
        return self._level(text, "A", "C", name)

    def capacity(self, text: str) -> Level:
        """Return a capacity in A.h or as a multiple of the nominal capacity."""
        return self._level(text, "Ah", "Q_NOM")

    def _level(self, text: str, plain: Unit, scaled: Unit, name: str = "") -> Level:
        constant, multiple = self._linear(text, name)
        if constant and multiple:
            raise Unreadable(f"{text} adds a constant to a multiple of the nominal capacity")
        return Level(multiple, scaled) if multiple else Level(constant, plain)

    def _linear(self, text: str, name: str) -> tuple[float, float]:
        """Return a constant and the factor of the nominal capacity."""
        wrong = f"{name} {text!r} is not a number".lstrip()
        try:
            expression = parse_expression(text)
        except ExpressionError:
            raise Unreadable(wrong) from None
        if not all(_is_arithmetic(part) for part in walk(expression)):
            raise Unreadable(wrong)
        names = {part.name for part in walk(expression) if isinstance(part, Name)}
        known = {name: self._formula(name) for name in names - {_CAPACITY}}
        at = [
            finite(repr(_evaluated(expression, {**known, _CAPACITY: capacity})))
            for capacity in (1.0, 2.0, 3.0)
        ]
        factor = at[1] - at[0]
        if abs(at[2] - at[1] - factor) > 1e-9 * max(map(abs, at)):
            raise Unreadable(f"{text} is not a multiple of the nominal capacity")
        constant = at[0] - factor
        return (0.0 if abs(constant) < 1e-12 * abs(factor) else constant), factor

    def _formula(self, name: str) -> float:
        found = [
            section
            for section in self.sections.values()
            if section.get("m_szLabel") == name and "m_szExpression" in section
        ]
        if len(found) > 1:
            raise Unreadable(f"several formulas are called {name}")
        if found:
            return _formula_value(name, found[0])
        if name.startswith(_MEASURED):
            raise Unreadable(f"{name} is measured while the test runs")
        if name.startswith("MV_"):
            raise Unreadable(f"{name} is given a value when the test is started")
        raise Unreadable(f"{name} is not a formula of this schedule")


def _is_arithmetic(part: Expr) -> bool:
    if isinstance(part, Binary):
        return part.operator in ("+", "-", "*", "/")
    return isinstance(part, Number | Name | Unary)


def _evaluated(expression: Expr, names: Mapping[str, float]) -> float:
    try:
        return evaluate(expression, names)
    except ExpressionError as error:
        raise Unreadable(str(error)) from None


def _formula_value(name: str, section: Section) -> float:
    """Return the value of a formula, which is written both as an expression and as its factors."""
    text = section["m_szExpression"]
    reason = f"the formula {name} = {text}"
    functions = ("m_szFuncX", "m_szFuncY", "m_szExtFunc1", "m_szExtFunc2")
    if any(section.get(key) for key in functions):
        raise Unreadable(f"{reason} has functions")
    try:
        expression = parse_expression(text)
        factors = {
            side: [finite(section.get(f"m_sz{side}{place}", "")) for place in range(1, 5)]
            for side in "XY"
        }
    except (ExpressionError, Unreadable):
        raise Unreadable(f"{reason} is not constant") from None
    if not all(isinstance(part, Number | Unary | Binary) for part in walk(expression)):
        raise Unreadable(f"{reason} is not constant")
    value = _evaluated(expression, {})
    # Products and quotients are the same where public schedules leave factors at 1.
    products = {side: numbers[0] * numbers[1] for side, numbers in factors.items()}
    plain = all(numbers[2:] == [1.0, 1.0] for numbers in factors.values())
    sign = {"+": 1, "-": -1}.get(section.get("m_szOperator", ""))
    if not plain or sign is None or factors["Y"][1] != 1 or factors["X"][1] != 1:
        raise Unreadable(f"{reason} has factors whose arrangement is unknown")
    if abs(products["X"] + sign * products["Y"] - value) > 1e-9 * max(1.0, abs(value)):
        raise Unreadable(f"{reason} differs from its factors")
    return value


def _switched_on(schedule: Section, key: str) -> set[str]:
    """Return the numbers that a list of switches, ``0^0 ; 1^1``, has on."""
    pairs = (part.strip().partition("^") for part in schedule.get(key, "").split(";"))
    return {number for number, _, switch in pairs if switch not in ("", "0")}


def kept_elsewhere(sections: Mapping[str, Section]) -> Iterator[str]:
    """Yield notes about what a schedule leaves to auxiliary channels and to its test object."""
    schedule = sections["Schedule"]
    enabled = _switched_on(schedule, "m_AuxSafetyEnabled")
    channel = sections.get("Aux Temperature", {})
    scopes = []
    # beep's converter switches on the second entry when it sets a scope of the temperature.
    if "1" in enabled:
        low, _, high = schedule.get("m_AuxTempSafetyScope", "").partition("^")
        scopes.append((low, high))
    if channel.get("size", "0") != "0":
        scopes.append((channel.get("low", ""), channel.get("high", "")))
    for low, high in scopes:
        yield (
            f"The schedule limits auxiliary temperatures to {low} to {high} degC. The protocol has "
            "no such limit: which channel measures the cell is not in the file."
        )
    if enabled - {"1"} or _switched_on(schedule, "m_AuxSafetyChanSafetyEnabled"):
        yield "The schedule has safety limits on auxiliary channels, which the protocol lacks."
    checks = [key for key in _CHECKS if schedule.get(key, "0") != "0"]
    if checks:
        yield (
            "The schedule has checks that may end the test or jump, which are not documented and "
            f"were left out: {', '.join(checks)}."
        )
    if schedule.get("m_bLogChanNormalData") != "1":
        yield "The schedule does not say that it saves data: m_bLogChanNormalData is not 1."
    yield from _ranges(list(rows(sections)))
    relative = [
        f"{item.get('m_szItem')} from {item.get('m_szSafetyLow')} to {item.get('m_szSafetyHigh')}"
        for heading, item in sections.items()
        if heading.startswith("Schedule_CSchedule_IvSafetyAndSDL")
    ]
    name = schedule.get("m_TestObjName")
    test_object = f"the test object {name}" if name else "the test object"
    if any(_CAPACITY in text for section in sections.values() for text in section.values()):
        yield f"C-rates refer to the nominal capacity of {test_object}, which is not in the file."
    if any(section.get("m_BlockByte") for section in sections.values()):
        yield "Steps have values in m_BlockByte, which is not documented and was left out."
    if relative:
        yield (
            f"Safety limits relative to {test_object} are not in the protocol: "
            f"{', '.join(relative)}."
        )


def _ranges(steps: list[Row]) -> Iterator[str]:
    """Yield notes about ranges that differ between steps, or that a current exceeds."""
    for key, quantity in (("m_szCurrentRange", "current"), ("m_szVoltageRange", "voltage")):
        names = sorted({step.keys[key] for step in steps if key in step.keys})
        if len(names) > 1:
            yield (
                f"The steps have different ranges of the {quantity}, which a protocol cannot hold: "
                f"{', '.join(map(repr, names))}."
            )
    for step in steps:
        try:
            current, most = (
                abs(float(step.keys.get(key, ""))) for key in ("m_szCtrlValue", "m_nMaxCurrent")
            )
        except ValueError:
            # One of them is not set, or is a formula.
            continue
        if not step.sets_variables and 0 < most < current:
            yield f"The current of {step.label!r} is above its m_nMaxCurrent of {most:g} A."
