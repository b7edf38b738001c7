"""Checks of the units of current and time, from the steps of a time series.

A step that moves the voltage through a good part of its window also moves a good part of the
capacity. With currents in mA the charge is a thousand times too large, with times in hours 3600
times too small. The limits leave room for cells that are unlike others; without the ratings of the
cell they are those of the largest and fastest cells there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ionworks.errors import IssueCode, ValidationIssue
from ionworks.validation.columns import CURRENT, STEP, TIME, conversion_hint

if TYPE_CHECKING:
    import polars as pl

    from ionworks.validation.check_options import CheckOptions

__all__ = ["unit_issues"]

_SECONDS = 3600.0
_LARGEST_C_RATE = 100.0
_LARGEST_CURRENT = 1500.0
"""Mean current of a step: relative to that which moves the rated capacity in an hour, or [A] if the
capacity is unknown."""
_MOST_CAPACITIES = 10.0
_MOST_CHARGE = 2500.0
"""Charge of a step: in rated capacities, or [A.h] if it is unknown."""
_FEWEST_ROWS = 5
_LEAST_SWEEP = 0.1
"""Rows and voltage change [V] from which a step says something about the unit of time."""
_WIDEST_WINDOW = 2.0
"""Voltage window [V] of a cell of unknown limits."""
_WIDE_SWEEP = 0.4
_LEAST_OF_WIDE = 1 / 30
_LEAST_OF_ANY = 1 / 300
"""Share of the window that is a wide sweep; and the charge, relative to the rated one, below which
wide sweeps, and sweeps of any width, are too fast. A pulse that depletes the particles' surface can
move the voltage by some tenths of a volt with a hundredth of the capacity, but not by half the
window."""
_LEAST_C_RATE = 1 / 300
"""Mean rate [1/h] of sweeps below which the current is too small rather than the time."""
_FASTEST = 0.05
_LEAST_TRAVEL = 0.5
"""Sweeps per time [V/s] of a cell of unknown capacity, rests included: a full discharge at 100C;
and the voltage [V] that must be swept in all."""
_WINDOW_MARGIN = 0.1
"""Voltage [V] outside of the window beyond which it rises or falls with hardly any charge."""


def unit_issues(
    steps: pl.DataFrame, options: CheckOptions, *, is_in_volts: bool
) -> Iterator[ValidationIssue]:
    """Check that current and time are in A and s.

    Parameters
    ----------
    steps : polars.DataFrame
        The steps with ``discharged``, ``charged``, ``duration``, ``positive``, ``negative``,
        ``rows``, ``mean voltage`` and ``end voltage``.
    options : CheckOptions
        The ratings, if they are known.
    is_in_volts : bool
        Whether the voltage can be used.
    """
    import polars as pl

    flowed = pl.max_horizontal("discharged", "charged")
    moved = pl.col("discharged") + pl.col("charged")
    seconds = pl.col("duration")
    table = steps.with_columns(
        flowed.alias("flowed"),
        moved.alias("moved"),
        pl.when(seconds > 0).then(_SECONDS * moved / seconds).alias("mean current"),
    )
    too_large = list(_too_large(table, options.known_capacity))
    yield from too_large
    if is_in_volts and not too_large:
        yield from _too_fast(table, options)


def _too_large(table: pl.DataFrame, capacity: float | None) -> Iterator[ValidationIssue]:
    """Report the current of a step that no cell has, or a charge that no cell takes."""
    if capacity is None:
        most_current, most_charge, cell = _LARGEST_CURRENT, _MOST_CHARGE, "a cell"
    else:
        most_current, most_charge = _LARGEST_C_RATE * capacity, _MOST_CAPACITIES * capacity
        cell = f"a cell of {capacity:g} A.h"
    for name, words, unit, most, question in (
        ("mean current", "the mean current", "A", most_current, "is the current in mA?"),
        ("flowed", "the charge", "A.h", most_charge, "is the current in mA, or the time in ms?"),
    ):
        wrong = table.filter(table[name] > most)
        if wrong.height:
            first = wrong.row(0, named=True)
            yield ValidationIssue(
                code=IssueCode.IMPLAUSIBLE_UNIT,
                severity="error",
                message=f"{words} of step {first[STEP]} is {first[name]:.4g} {unit}, too large for"
                f" {cell}: {question} {conversion_hint(CURRENT, 'mA')}",
                row=int(first["row"]),
                step=int(first[STEP]),
                column=CURRENT,
                payload={"observed": first[name], "threshold": most, "count": wrong.height},
            )
            return


def _too_fast(table: pl.DataFrame, options: CheckOptions) -> Iterator[ValidationIssue]:
    """Report that the voltage moves with hardly any charge, or in hardly any time."""
    import polars as pl

    # An ohmic jump at the start of a step moves the mean as much as the end, and does not count.
    sweep = 2 * (pl.col("mean voltage") - pl.col("end voltage")).abs()
    has_direction = (pl.col("positive") > 0) != (pl.col("negative") > 0)
    sweeps = table.with_columns(sweep.alias("sweep")).filter(
        has_direction, pl.col("rows") >= _FEWEST_ROWS, pl.col("sweep") >= _LEAST_SWEEP
    )
    travel = float(sweeps["sweep"].sum())
    if travel == 0:
        return
    if options.known_capacity is None:
        total = float(table["duration"].sum())
        if travel >= _LEAST_TRAVEL and travel > _FASTEST * total:
            yield _fast(
                sweeps,
                f"the voltage moves by {travel:.3g} V in {total:.4g} s, too fast for a cell: is"
                f" the time in hours or minutes? {conversion_hint(TIME, 'h')}",
                TIME,
                travel / total if total else math.inf,
                _FASTEST,
            )
        return
    window = options.known_window
    width = _WIDEST_WINDOW
    if window is not None:
        lowest, highest = window[0] - _WINDOW_MARGIN, window[1] + _WINDOW_MARGIN
        sweeps = sweeps.filter(pl.col("end voltage").is_between(lowest, highest))
        width = window[1] - window[0]
    wide = sweeps.filter(pl.col("sweep") >= _WIDE_SWEEP * width)
    for some, least in ((sweeps, _LEAST_OF_ANY), (wide, _LEAST_OF_WIDE)):
        if some.is_empty():
            continue
        charge = float(some["moved"].sum()) / options.known_capacity
        share = charge / (float(some["sweep"].sum()) / width)
        if share < least:
            yield _charge_too_small(some, charge, share, least, options.known_capacity)
            return


def _charge_too_small(
    some: pl.DataFrame, charge: float, share: float, least: float, capacity: float
) -> ValidationIssue:
    message = (
        f"the voltage sweeps {float(some['sweep'].sum()):.3g} V with {charge:.2g} times the rated"
        f" {capacity:g} A.h, too little for a cell: "
    )
    hours = float(some["duration"].sum()) / _SECONDS
    if hours > 0 and charge / hours < _LEAST_C_RATE:
        hint = f"is the current in kA? {conversion_hint(CURRENT, 'kA')}"
        return _fast(some, message + hint, CURRENT, share, least)
    # A share of 1/3600 means hours and one of 1/60 minutes; LFP and partial sweeps lie between.
    unit, word = ("h", "hours") if share < 1 / 500 else ("min", "minutes")
    hint = f"is the time in {word}? {conversion_hint(TIME, unit)}"
    return _fast(some, message + hint, TIME, share, least)


def _fast(
    some: pl.DataFrame, message: str, column: str, observed: float, threshold: float
) -> ValidationIssue:
    first = some.row(0, named=True)
    return ValidationIssue(
        code=IssueCode.IMPLAUSIBLE_UNIT,
        severity="error",
        message=message,
        row=int(first["row"]),
        step=int(first[STEP]),
        column=column,
        payload={"observed": observed, "threshold": threshold, "count": some.height},
    )
