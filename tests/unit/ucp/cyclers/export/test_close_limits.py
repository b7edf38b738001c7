"""A limit that is hardly beyond an end or a set point never equals it in a file."""

from __future__ import annotations

from itertools import product

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.export.raw import LIMITS, RAW

CHARGE = "{Charge: {mode: Current, value: 1, ends: [Voltage > 4.1]}}"
DISCHARGE = "{Discharge: {mode: Current, value: 1, ends: [Voltage < 3]}}"
CASES = {
    "voltage_max": ("{voltage_min: 2.5, voltage_max: LIMIT}", CHARGE, ("V", ">"), 4.1),
    "voltage_min": ("{voltage_min: LIMIT, voltage_max: 4.3}", DISCHARGE, ("V", "<"), 3.0),
    "current": (
        "{charge_current_max: LIMIT, discharge_current_max: LIMIT}",
        CHARGE,
        ("A", ">"),
        1.0,
    ),
}
MARGINS = [3e-3, 1e-3, 2e-4, 1e-4, 6e-5, 4e-5, 1e-5, 4e-6, 4e-7, 4e-8]


@pytest.mark.parametrize("target", list(RAW))
@pytest.mark.parametrize("case", CASES)
def test_a_limit_hardly_beyond_an_end_stays_beyond_it_or_is_refused(target: str, case: str) -> None:
    limits, step, watched, value = CASES[case]
    sign = -1 if watched[1] == "<" else 1
    written = 0
    for margin, shift in product(MARGINS, (0, 1e-5, 3e-5, 5e-5)):
        moved = value + shift
        text = f"safety_limits: {limits}\nsteps: [{step}, {{Rest: {{duration: 60}}}}]"
        text = text.replace("LIMIT", repr(moved + sign * margin))
        text = text.replace("4.1]", f"{moved!r}]") if case == "voltage_max" else text
        text = text.replace("< 3]", f"< {moved!r}]") if case == "voltage_min" else text
        try:
            content = ucp.convert(text, target).primary_bytes
        except ucp.UCPError:
            continue
        written += 1
        fact = next(fact for fact in RAW[target](content) if fact[0] == "A")
        ends = [end for end in fact[3] if end[:2] == watched]
        reached = [end[2] for end in ends if end[3] == "next"] or [abs(fact[1])]
        tripped = [end[2] for end in ends if end[3] == "end"]
        tripped += [limit[2] for limit in LIMITS[target](content) if limit[:2] == watched]
        assert tripped
        assert all(sign * trip > sign * end for trip in tripped for end in reached)
    assert written
