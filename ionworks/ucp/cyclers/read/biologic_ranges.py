"""Ranges of current and voltage in which a sequence is measured."""

from __future__ import annotations

from collections.abc import Iterator

from ionworks.ucp.cyclers.plan import Step
from ionworks.ucp.cyclers.read.biologic_columns import Column, amount
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences
from ionworks.ucp.cyclers.read.refusals import Unreadable


def check_ranges(sequences: Sequences, column: Column, step: Step) -> None:
    """Reject a current above its range, and note voltages outside of theirs.

    The instrument can neither apply nor measure them. In all public files the currents are within
    the ranges; a file that a converter made has limits on voltage outside of them.
    """
    chosen = column.text("I Range", "Auto")
    level = step.set_point
    if chosen != "Auto" and level is not None and level.unit == "A":
        value, _, unit = chosen.partition(" ")
        if level.value > amount(value, unit, "A").value:
            raise Unreadable(f"its current of {level} is above its I Range of {chosen}")
    for name, sign in (("min", -1), ("max", 1)):
        label = f"E range {name} (V)"
        if label not in column.cells:
            continue
        limit = column.number(label)
        for volts in _voltages(step):
            if sign * volts > sign * limit:
                sequences.builder.notes.append(
                    f"a limit of {volts:g} V may never be reached: {label} is {limit:g}"
                )


def _voltages(step: Step) -> Iterator[float]:
    if step.set_point is not None and step.set_point.unit == "V":
        yield step.set_point.value
    if step.voltage is not None:
        yield step.voltage
    yield from (end.level.value for end in step.ends if end.quantity == "Voltage")
