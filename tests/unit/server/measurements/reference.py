"""Steps in plain Python, row by row, as the documentation defines them."""

import math
from statistics import mean, stdev
from typing import Any

SIGNALS = {"voltage [V]": "Voltage [V]", "current [A]": "Current [A]"}


def steps(rows):
    """Return one dictionary per step of a list of rows."""
    groups: list[list[tuple[int, dict[str, Any]]]] = []
    for index, row in enumerate(rows):
        if not groups or row["Step count"] != groups[-1][-1][1]["Step count"]:
            groups.append([])
        groups[-1].append((index, row))
    return [step(group, rows) for group in groups]


def step(group, rows):
    own = [row for _, row in group]
    found = {
        "Step count": own[0]["Step count"],
        "Cycle count": own[0].get("Cycle count", 0),
        "Start index": group[0][0],
        "End index": group[-1][0],
        "Start time [s]": own[0]["Time [s]"],
        "End time [s]": own[-1]["Time [s]"],
        "Duration [s]": own[-1]["Time [s]"] - own[0]["Time [s]"],
    }
    for words, name in SIGNALS.items():
        found |= spread(words, [row["Time [s]"] for row in own], [row[name] for row in own])
    powers = [row["Voltage [V]"] * row["Current [A]"] for row in own]
    found |= spread("power [W]", [row["Time [s]"] for row in own], powers)
    currents = [row["Current [A]"] for row in own]
    for quantity, signal in (("capacity [A.h]", currents), ("energy [W.h]", powers)):
        for way, sign in (("Discharge", 1), ("Charge", -1)):
            name = f"{way} {quantity}"
            if name in own[0]:
                found[name] = gained(name, group, rows)
            else:
                part = [max(sign * value, 0.0) for value in signal]
                found[name] = area([row["Time [s]"] for row in own], part) / 3600
    return found


def spread(words, times, values):
    duration = times[-1] - times[0]
    return {
        f"Start {words}": values[0],
        f"End {words}": values[-1],
        f"Min {words}": min(values),
        f"Max {words}": max(values),
        f"Mean {words}": area(times, values) / duration if duration > 0 else mean(values),
        f"Std {words}": stdev(values) if len(values) > 1 else 0.0,
    }


def area(times, values):
    return math.fsum(
        (values[i] + values[i - 1]) / 2 * (times[i] - times[i - 1]) for i in range(1, len(times))
    )


def gained(name, group, rows):
    first, last = group[0][0], group[-1][0]
    least = min(row[name] for _, row in group)
    if first == 0:
        start = least
    elif least >= rows[first - 1][name]:
        start = rows[first - 1][name]
    else:
        start = 0.0
    return rows[last][name] - start
