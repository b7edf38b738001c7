"""Measured rows of a simple cell whose steps, capacities and energies are known exactly."""

from __future__ import annotations

import io
import math

import httpx
import polars as pl


def cycling(cycles: int = 2) -> pl.DataFrame:
    """A cell of 1 A.h: rest, 1 A discharge, 1 A charge, each 11 rows in 10 minutes."""
    rows = []
    for step in range(3 * cycles):
        current = (0.0, 1.0, -1.0)[step % 3]
        for point in range(11):
            flowed = abs(current) * point * 60 / 3600
            # The first row of a step is one second after the last row of the previous step.
            time = step * 601 + point * 60.0
            start = 4.0 if step % 3 == 1 else 3.8
            voltage = start - 0.2 * math.copysign(flowed, current) if current else 4.1
            rows.append(
                {
                    "Time [s]": time,
                    "Voltage [V]": voltage,
                    "Current [A]": current,
                    "Step count": step,
                    "Cycle count": step // 3,
                    "Discharge capacity [A.h]": flowed if current > 0 else 0.0,
                    "Charge capacity [A.h]": flowed if current < 0 else 0.0,
                    "Discharge energy [W.h]": flowed * 4.0 if current > 0 else 0.0,
                }
            )
    return pl.DataFrame(rows)


def parquet(frame: pl.DataFrame) -> httpx.Response:
    """A reply of the service with a frame as parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    return httpx.Response(200, content=buffer.getvalue(), headers=kind)
