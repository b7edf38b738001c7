"""Step files of Neware, compared with what the instrument did.

``neware_recorded.csv`` has one row for each step that the archive of a sample recorded, as read by
the project fastnda: the number and type of the step, its time, and at its end the voltage, the
current and the capacity; ``largest`` is the largest current.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import groupby
from typing import Final

import pytest

from ionworks.ucp.cyclers.plan import END_TEST, Level, Step, StepEnd
from ionworks.ucp.cyclers.plan.flow import START, FlowRunner
from ionworks.ucp.cyclers.read.neware import read
from tests.unit.ucp.samples import FOLDER, sample

TYPES: Final = {
    "1": ("current", "charge"),
    "2": ("current", "discharge"),
    "3": ("voltage", "charge"),
    "4": ("rest", None),
    "7": ("cccv", "charge"),
    "20": ("cccv", "discharge"),
}


def recorded() -> dict[str, list[dict[str, str]]]:
    with (FOLDER / "neware_recorded.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: list(steps) for name, steps in groupby(rows, lambda row: row["file"])}


RECORDED: Final = recorded()


def planned(name: str) -> Iterator[tuple[Step, float]]:
    """Yield the steps as they run if each leads to the next one, and the capacity [A.h]."""
    file = read(sample(f"neware/{name}").read_bytes(), {})
    runner = FlowRunner(file.plan)
    state, step = runner.next_visible(START)
    while isinstance(step, Step):
        yield step, file.nominal_capacity or 0.0
        state, step = runner.next_visible(runner.follow(state, None))


def milliamperes(level: Level, capacity: float) -> float:
    return level.value * (capacity if level.unit == "C" else 1.0) * 1000


def is_met(end: StepEnd, row: dict[str, str], capacity: float) -> bool:
    """Return whether an end was met, with a margin for the interval between two records."""
    value = end.level.value
    match end.quantity:
        case "Time":
            return float(row["seconds"]) >= value - 0.2
        case "Voltage" if end.operator == ">":
            return float(row["volts"]) >= value - 0.002
        case "Voltage":
            return float(row["volts"]) <= value + 0.006
        case "Current":
            return float(row["milliamperes"]) <= milliamperes(end.level, capacity) * 1.005
    return float(row["milliampere_hours"]) >= value * 1000


@pytest.mark.parametrize("name", RECORDED)
def test_the_steps_of_a_file_ran_in_this_order_and_ended_in_these_ways(name: str) -> None:
    steps = planned(name)
    last = len(RECORDED[name]) - 1
    for place, row in enumerate(RECORDED[name]):
        step, capacity = next(steps)
        control, direction = TYPES[row["type"]]
        # A constant voltage with a current limit that takes effect is read as CC-CV.
        assert step.control in (control, "cccv" if control == "voltage" else control)
        assert step.direction == direction
        if step.control in ("current", "cccv") and step.set_point is not None:
            current = milliamperes(step.set_point, capacity)
            # The client rounds currents to two decimals of a milliampere.
            assert float(row["largest"]) <= current * 1.01
        ends = [end for end in step.ends if end.target != END_TEST]
        # The last step may still be running.
        assert place == last or any(is_met(end, row, capacity) for end in ends), (place, row)


def test_the_recorded_steps_show_every_type_and_end_that_is_written() -> None:
    rows = [row for steps in RECORDED.values() for row in steps]

    assert {row["type"] for row in rows} == set(TYPES)
    assert len(rows) > 800
    shown = {
        (step.control, step.direction, end.quantity)
        for name, found in RECORDED.items()
        for (step, capacity), row in zip(planned(name), found, strict=False)
        for end in step.ends
        if end.target != END_TEST and is_met(end, row, capacity)
    }
    assert shown >= {
        ("rest", None, "Time"),
        ("current", "charge", "Time"),
        ("current", "charge", "Voltage"),
        ("current", "discharge", "Time"),
        ("current", "discharge", "Voltage"),
        ("voltage", "charge", "Current"),
        ("cccv", "charge", "Time"),
        ("cccv", "charge", "Current"),
        ("cccv", "discharge", "Time"),
    }
