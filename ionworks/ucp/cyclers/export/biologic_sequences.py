"""The table of Modulo Bat: a column for every step and loop, in the rows of the software."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from typing import Final

from ionworks.ucp.cyclers.export.biologic_software import Software
from ionworks.ucp.cyclers.export.biologic_values import (
    COLUMN,
    current_range,
    current_text,
    time_text,
    voltage_text,
)
from ionworks.ucp.cyclers.export.decimals import fixed
from ionworks.ucp.cyclers.export.format import Settings
from ionworks.ucp.cyclers.plan import END_TEST, Instruction, LoopEnd, Plan, Step, StepEnd

_NO_JUMP: Final = 9999
_BLOCKS: Final = 3
_REST_RANGE: Final = 0.01
_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")

_LIMIT_ROWS: Final = ("type", "comp", "Q", "value", "value_unit", "action", "seq")
_NEWEST_LIMIT_ROWS: Final = ("type", "comp", "Qprev_pct", *_LIMIT_ROWS[2:])
_RECORD_ROWS: Final = ("type", "value", "value_unit")
_CONTROL_ROWS: Final = tuple(
    f"ctrl{number}_val{part}" for number in (1, 2, 3) for part in ("", "_unit", "_vs")
)
_FLOW_ROWS: Final = (
    "ctrl_seq",
    "ctrl_repeat",
    "ctrl_trigger",
    "ctrl_TO_t",
    "ctrl_TO_t_unit",
    "ctrl_Nd",
    "ctrl_Na",
    "ctrl_corr",
    "lim_nb",
)
_RANGE_ROWS: Final = (
    "E range min (V)",
    "E range max (V)",
    "I Range",
    "I Range min",
    "I Range max",
    "I Range init",
    "auto rest",
    "Bandwidth",
)
_DEFAULTS: Final = {
    "Apply I/C": "I",
    "charge/discharge": "Charge",
    "ctrl_seq": "0",
    "ctrl_repeat": "0",
    "ctrl_trigger": "Falling Edge",
    "ctrl_TO_t": "0.000",
    "ctrl_TO_t_unit": "d",
    "ctrl_Nd": "6",
    "lim_nb": "0",
    "rec_nb": "0",
    "I Range min": "Unset",
    "I Range max": "Unset",
    "I Range init": "Unset",
}
# The software fills unused limits with one that is never met: a time below 0 s.
_UNUSED_LIMIT: Final = {
    "type": "Time",
    "comp": "<",
    "Qprev_pct": "100",
    "Q": "Q limit",
    "value": "0.000",
    "value_unit": "s",
    "action": "Next sequence",
}
_UNUSED_RECORD: Final = {"type": "Time", "value": "0.000", "value_unit": "s"}


def largest_current(plan: Plan) -> float | None:
    """Return the largest constant current [A] of a plan; None if it has none."""
    currents = [
        step.set_point.value
        for _, step in plan.steps()
        if step.control == "current" and step.set_point is not None
    ]
    return max(currents, default=None)


def hold_current(plan: Plan, index: int, largest: float) -> float:
    """Return the current [A] that the range of a constant voltage must contain.

    It is that of the constant current before it; a larger range would only allow more. Without one
    it is the largest of the plan. An end on a higher current needs a range that reaches it.
    """
    before = plan.instructions[index - 1] if index else None
    led = isinstance(before, Step) and before.control == "current" and before.set_point
    step = plan.instructions[index]
    ends = step.ends if isinstance(step, Step) else ()
    reached = [end.level.value for end in ends if (end.quantity, end.operator) == ("Current", ">")]
    return max([led.value if led else largest, *reached])


def _last_value(columns: list[dict[str, str]]) -> str:
    values = [column["ctrl1_val"] for column in columns if column.get("ctrl1_val_unit")]
    return values[-1] if values else ""


class Locale:
    """Writes numbers with a decimal separator: that of the computer that loads the file."""

    def __init__(self, separator: str) -> None:
        self.separator = separator

    def __call__(self, text: str) -> str:
        """Return a text with its decimal points replaced."""
        return _POINT.sub(self.separator, text)


class Sequences:
    """The columns of one technique Modulo Bat: one for every step and every loop.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    settings : Settings
        Of the file.
    indices : sequence of int
        Instructions of the plan that the technique runs.
    """

    def __init__(self, plan: Plan, settings: Settings, indices: Sequence[int]) -> None:
        self.plan = plan
        self.software: Software = settings.options["software"]
        self.in_locale = Locale(settings.options["decimal_separator"])
        self.range = settings.options["voltage_range"]
        self.largest = largest_current(plan) or _REST_RANGE
        counter = count()
        self.numbers = {index: next(counter) for index in indices}

    def rows(self) -> Iterator[str]:
        """Yield the rows of the technique."""
        columns = [
            self._column(number, index, self.plan.instructions[index])
            for index, number in self.numbers.items()
        ]
        # The software fills cells that a rest or a loop does not use with the values before them.
        for before, column in pairwise(columns):
            if column["ctrl_type"] in ("Rest", "Loop"):
                column["charge/discharge"] = before["charge/discharge"]
            if column["ctrl_type"] == "Loop":
                column["ctrl1_val"] = _last_value(columns[: int(column["Ns"])])
        for label in self._labels(columns):
            # The software writes no row of sequence numbers for a single sequence.
            if label == "Ns" and len(columns) == 1:
                continue
            values = (column.get(label, "") for column in columns)
            yield label.ljust(COLUMN) + "".join(value.ljust(COLUMN) for value in values)

    def _labels(self, columns: list[dict[str, str]]) -> Iterator[str]:
        """Yield the labels of the rows, in the order of the software."""
        software = self.software
        yield from ("Ns", "ctrl_type", "Apply I/C")
        if software.is_newer:
            yield "current/potential"
        yield from (*_CONTROL_ROWS, "N", "charge/discharge")
        if software.is_newer:
            yield from ("charge/discharge_1", "Apply I/C_1", "N1")
            yield from ("ctrl4_val", "ctrl4_val_unit", "ctrl5_val", "ctrl5_val_unit", "ctrl_tM")
        yield from _FLOW_ROWS
        limits, records = (
            software.blocks or max(1, *(int(column[name]) for column in columns))
            for name in ("lim_nb", "rec_nb")
        )
        rows = _NEWEST_LIMIT_ROWS if software.has_previous else _LIMIT_ROWS
        for number in range(1, limits + 1):
            yield from (f"lim{number}_{row}" for row in rows)
        yield "rec_nb"
        for number in range(1, records + 1):
            yield from (f"rec{number}_{row}" for row in _RECORD_ROWS)
        yield from _RANGE_ROWS

    def _column(self, number: int, index: int, part: Instruction) -> dict[str, str]:
        low, high = self.range
        column = {
            **_DEFAULTS,
            **self.software.defaults,
            "Ns": str(number),
            "E range min (V)": fixed(low, 3),
            "E range max (V)": fixed(high, 3),
            "I Range": current_range(self.largest) or "",
        }
        for block in range(1, _BLOCKS + 1):
            column |= {f"lim{block}_{row}": text for row, text in _UNUSED_LIMIT.items()}
            column[f"lim{block}_seq"] = str(number + 1)
            column |= {f"rec{block}_{row}": text for row, text in _UNUSED_RECORD.items()}
        if isinstance(part, LoopEnd):
            column |= {
                "ctrl_type": "Loop",
                "ctrl_seq": str(self._number_at(part.start)),
                # The field counts repetitions: one less than the number of passes.
                "ctrl_repeat": str(part.count - 1),
            }
        elif isinstance(part, Step):
            column |= self._control(index, part)
            column |= self._limits(number, index, part)
            column |= self._records(part)
        return {label: self.in_locale(text) for label, text in column.items()}

    def _number_at(self, index: int) -> int:
        """Return the number of the sequence at an index, or of the next one after it."""
        return self.numbers[min(place for place in self.numbers if place >= index)]

    def _control(self, index: int, step: Step) -> dict[str, str]:
        if step.control == "rest" or step.set_point is None:
            return {"ctrl_type": "Rest"}
        direction = "Charge" if step.direction == "charge" else "Discharge"
        if step.control == "voltage":
            value, unit = voltage_text(step.set_point.value)
            amperes = hold_current(self.plan, index, self.largest)
            controlled = {"ctrl_type": "CV", "ctrl1_val_vs": "Ref"}
        else:
            amperes = step.set_point.value
            value, unit = current_text(amperes)
            controlled = {"ctrl_type": "CC", "ctrl1_val_vs": "<None>"}
        return {
            **controlled,
            "ctrl1_val": value,
            "ctrl1_val_unit": unit,
            "charge/discharge": direction,
            "I Range": current_range(amperes) or "",
        }

    def _limits(self, number: int, index: int, step: Step) -> dict[str, str]:
        column = {"lim_nb": str(len(step.ends))}
        for block, end in enumerate(step.ends, 1):
            kind, (value, unit) = self._condition(end)
            leads_to = self.plan.target(index, end.target)
            if leads_to == END_TEST:
                action, sequence = "Stop", _NO_JUMP
            elif end.target is None:
                action, sequence = "Next sequence", number + 1
            else:
                action, sequence = "Goto sequence", self._number_at(leads_to)
            of = self.software.current_limit if kind == "|I|" else "Q limit"
            texts = (kind, end.operator, of, value, unit, action, str(sequence))
            column |= {
                f"lim{block}_{row}": text for row, text in zip(_LIMIT_ROWS, texts, strict=True)
            }
        return column

    def _condition(self, end: StepEnd) -> tuple[str, tuple[str, str]]:
        match end.quantity:
            case "Time":
                return "Time", time_text(end.level.value)
            case "Voltage":
                return self.software.potential, voltage_text(end.level.value)
        return "|I|", current_text(end.level.value)

    def _records(self, step: Step) -> dict[str, str]:
        rules = step.recording.rules()
        column = {"rec_nb": str(len(rules))}
        for block, (name, amount) in enumerate(rules.items(), 1):
            match name:
                case "time":
                    kind, (value, unit) = "Time", time_text(amount)
                case "voltage":
                    kind, (value, unit) = self.software.potential, voltage_text(amount)
                case _:
                    kind, (value, unit) = "I", current_text(amount)
            for row, text in zip(_RECORD_ROWS, (kind, value, unit), strict=True):
                column[f"rec{block}_{row}"] = text
        return column
