"""Ranges of current and voltage in which a sequence is measured."""

from __future__ import annotations

from collections.abc import Iterator

from ionworks.ucp.cyclers.plan import Step
from ionworks.ucp.cyclers.read.biologic_columns import Column, amount
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences


def check_ranges(sequences: Sequences, column: Column, step: Step) -> None:
    """Note a current above its range, and voltages outside of theirs.

    Five public files of one laboratory have currents of 1.96 times their ranges, in two techniques,
    so the software accepts them; what the instrument applies is not documented. A file that a
    converter made has limits on voltage outside of their ranges.
    """
    chosen = column.text("I Range", "Auto")
    level = step.set_point
    if not chosen.startswith("Auto") and level is not None and level.unit == "A":
        value, _, unit = chosen.partition(" ")
        if level.value > amount(value, unit, "A").value:
            sequences.builder.notes.append(
                f"a current of {level} is above its I Range of {chosen}: check what the instrument "
                "applies"
            )
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
