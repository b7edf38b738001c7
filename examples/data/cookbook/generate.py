"""Write the data files of the cookbook, all of them synthetic.

Run it with `python examples/data/cookbook/generate.py [FOLDER]` once `ionworks-api[local]` is
installed; without a folder it writes the files beside it.
"""

from __future__ import annotations

import argparse
import random
from itertools import pairwise
from pathlib import Path

from ionworks import Ionworks

SPEEDS = [(0, 0), (15, 50), (60, 50), (75, 0), (95, 0), (120, 100), (240, 100), (265, 30), (300, 0)]
"""A commute: time [s] and speed [km/h], joined by lines."""
MASS, ROLLING, DRAG, CELLS = 1600.0, 160.0, 0.40, 2000.0
"""Of the car: mass [kg], rolling resistance [N], drag [N.s2.m-2], and cells of its battery."""
DIFFUSIVITY = 5e-14
"""What a fit of the export has to find, as `Negative particle diffusivity [m2.s-1]`."""
PREAMBLE = [
    "Prüfstand 3;;;",
    "Zelle: M50-0007;;;",
    "Start: 04.05.2026 09:12:00;;;",
    ";;;",
    "t/min;Schritt;I/mA;U/mV",
]


def commute() -> str:
    """Return the power of one cell [W] during the commute, once a second."""
    lines = ["Time [s],Power [W]"]
    for (start, low), (end, high) in pairwise(SPEEDS):
        acceleration = (high - low) / 3.6 / (end - start)
        for second in range(start, end):
            speed = (low + (high - low) * (second - start) / (end - start)) / 3.6
            is_moving = speed > 0 or acceleration > 0
            force = MASS * acceleration + (ROLLING + DRAG * speed**2 if is_moving else 0)
            lines.append(f"{second},{force * speed / CELLS:.3f}")
    return "\n".join([*lines, f"{SPEEDS[-1][0]},0"]) + "\n"


def export(client: Ionworks) -> str:
    """Return a discharge as a cycler could export it, with 1 mV of noise.

    It has a preamble, semicolons and decimal commas; minutes, mA and mV; a time and step numbers
    that do not begin at 0; and currents that are negative on discharge.
    """
    batch = client.simulation.protocol_batch(
        {
            "parameterized_model": "SPM Chen2020",
            "protocol_experiment": [
                "Rest for 5 minutes",
                "Discharge at 1C until 2.7 V",
                "Rest for 30 minutes",
            ],
            "conditions": [
                {"design_parameters": {"Negative particle diffusivity [m2.s-1]": DIFFUSIVITY}}
            ],
        }
    )
    [result] = client.simulation.get_results(batch.wait(verbose=False))
    noise = random.Random(1)  # noqa: S311 - not for secrets
    lines = [*PREAMBLE]
    for time, step, current, voltage in result.time_series.select(
        "Time [s]", "Step count", "Current [A]", "Voltage [V]"
    ).iter_rows():
        measured = 1000 * voltage + noise.gauss(0, 1)
        row = f"{17.5 + time / 60:.4f};{step + 1};{0 - 1000 * current:.1f};{measured:.1f}"
        lines.append(row.replace(".", ","))
    return "\r\n".join([*lines, ""])


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().folder
    (folder / "commute.csv").write_text(commute(), encoding="utf-8", newline="")
    with Ionworks.local() as client:
        (folder / "export.csv").write_text(export(client), encoding="latin-1", newline="")


if __name__ == "__main__":
    main()
