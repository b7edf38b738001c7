"""Reading a written file back and comparing it with the plan it was written from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ionworks.ucp.cyclers.plan import Plan, differences
from ionworks.ucp.cyclers.read.files import read_plan
from ionworks.ucp.problems import UCPError

_WRITTEN: Final = (
    "a protocol cannot hold the setting 'for t > 100 ms'",
    "a protocol cannot hold the setting 'Do not start on E overload'",
    "C-rates refer to the nominal capacity of the test object",
)
"""Notes on what exporters write although protocols cannot hold it."""


def verify(
    plan: Plan,
    target: str,
    content: bytes,
    assets: Mapping[str, bytes],
    *,
    nominal_capacity: float | None = None,
    marks: bool = True,
    hold_directions: bool = True,
    notes: bool = True,
) -> None:
    """Check that a file does what a plan does.

    Parameters
    ----------
    plan : Plan
        The plan that was written.
    target, content, assets
        The format, the file and the files that belong to it.
    nominal_capacity : float, optional
        In A.h, to compare C-rates with currents.
    marks : bool
        Whether the format can mark where a cycle is counted.
    hold_directions : bool
        Whether the format says in which direction a constant voltage drives the cell.
    notes : bool
        Whether to report what the file has and a protocol cannot hold; not where it was copied from
        a file of the user.

    Raises
    ------
    UCPError
        If the file cannot be read back or does something different; every difference is listed.
    """
    # The plan is compared, not the protocol made from it, in which a resolution that the file does
    # not set has the default of UCP.
    _, read = read_plan(content, target=target, assets=assets)
    found = differences(
        plan,
        read.plan,
        nominal_capacity=nominal_capacity,
        marks=marks,
        hold_directions=hold_directions,
    )
    # A file that holds more than the protocol does is not the one that was written.
    if notes:
        found += [f"in the file: {note}" for note in read.notes if not note.startswith(_WRITTEN)]
    capacity = read.nominal_capacity
    if capacity is not None and not math.isclose(
        capacity, nominal_capacity or math.nan, rel_tol=1e-6
    ):
        found.append(f"its nominal capacity is {capacity:g} A.h, not {nominal_capacity} A.h")
    if found:
        listed = "".join(f"\n- {text}" for text in found)
        raise UCPError(f"the {target} file does not do what the protocol does:{listed}")
