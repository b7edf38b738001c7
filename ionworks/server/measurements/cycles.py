"""Cycles, derived from their steps."""

from __future__ import annotations

import polars as pl

from ionworks.server.measurements.columns import (
    CHARGE_CAPACITY,
    CHARGE_ENERGY,
    CYCLE_COUNT,
    CYCLE_FROM_CYCLER,
    DISCHARGE_CAPACITY,
    DISCHARGE_ENERGY,
    DURATION,
    END_INDEX,
    START_INDEX,
)
from ionworks.ucp.step_table import COUNTERS, LEAST_SHARE

_START, _END = "Start time [s]", "End time [s]"
_LOWEST = (START_INDEX, _START, "Min voltage [V]", "Min current [A]", "Min temperature [degC]")
_HIGHEST = (END_INDEX, _END, "Max voltage [V]", "Max current [A]", "Max temperature [degC]")


def derive_cycles(steps: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cycle.

    Parameters
    ----------
    steps
        As `derive_steps` returns them.

    Returns
    -------
    polars.DataFrame
        Capacities and energies are sums over the steps, extremes those of all rows. Efficiencies
        are discharged over charged capacity or energy, and null where either is less than
        `LEAST_SHARE` of the other.
    """
    cycles = steps.group_by(CYCLE_COUNT, maintain_order=True).agg(
        pl.col(CYCLE_FROM_CYCLER).first(),
        pl.len().cast(pl.Int64).alias("Number of steps"),
        *(pl.col(name).min() for name in _LOWEST),
        *(pl.col(name).max() for name in _HIGHEST),
        *(pl.col(name).sum() for name in COUNTERS),
    )
    return cycles.select(
        CYCLE_COUNT,
        CYCLE_FROM_CYCLER,
        "Number of steps",
        START_INDEX,
        END_INDEX,
        _START,
        _END,
        (pl.col(_END) - pl.col(_START)).alias(DURATION),
        *COUNTERS,
        _ratio(DISCHARGE_CAPACITY, CHARGE_CAPACITY).alias("Coulombic efficiency"),
        _ratio(DISCHARGE_ENERGY, CHARGE_ENERGY).alias("Energy efficiency"),
        *_LOWEST[2:],
        *_HIGHEST[2:],
    ).sort(CYCLE_COUNT)


def _ratio(out: str, into: str) -> pl.Expr:
    both = pl.min_horizontal(out, into) > LEAST_SHARE * pl.max_horizontal(out, into)
    return pl.when(both).then(pl.col(out) / pl.col(into))
