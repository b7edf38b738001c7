"""Waveforms of Maccor's ``FastWave`` steps: text files ``.MWF``.

Each line is one sample: direction, mode, value, limit (left empty), duration, end, report and
range. The layout follows ``LA4_8rep_lim.MWF`` and ``LA4_ref_default.mwf`` of the project beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ionworks.ucp.cyclers.export.decimals import ascii_text, decimal_text, fixed
from ionworks.ucp.cyclers.export.result import is_plain_name
from ionworks.ucp.cyclers.plan import Plan, Recording, Step, Waveform, step_problem
from ionworks.ucp.problems import Problem

_MODES: Final = {"A": "I", "W": "P"}
_LONGEST_NAME: Final = 60


def check_waveforms(plan: Plan, *, channel_limits_current: bool) -> Iterator[Problem]:
    """Yield a problem for every waveform that a file cannot hold.

    Samples have no ends on current, so current limits need a channel that watches them itself
    (``channel_limits_current``).
    """
    limits = {limit.key for limit in plan.safety}
    currents = {"charge_current_max", "discharge_current_max"} & limits
    contents: dict[str, tuple[Waveform, Recording]] = {}
    for _, step in plan.steps():
        waveform = step.waveform
        if waveform is None:
            continue
        if waveform.unit == "C":
            yield step_problem(
                step, "this format has no waveforms in C-rates; pass nominal_capacity_ah"
            )
        elif waveform.unit not in _MODES:
            yield step_problem(step, "a waveform in this format must be in mode Current or Power")
        if not {"voltage_min", "voltage_max"} <= limits:
            yield step_problem(
                step,
                "every sample of a waveform needs an end on voltage; add the safety limits "
                "voltage_min and voltage_max",
            )
        if currents and not channel_limits_current:
            yield step_problem(
                step,
                "current limits apply to a waveform only if they are equal; set charge_current_max "
                "and discharge_current_max to the same value",
            )
        if step.recording.time is None:
            yield step_problem(step, "a waveform needs a time resolution; add one in seconds")
        name = waveform.name
        usable = ascii_text(name) == name and is_plain_name(name) and "." not in name
        if not usable or len(name) > _LONGEST_NAME:
            yield step_problem(
                step,
                f"a procedure cannot call a waveform {name!r}; use at most "
                f"{_LONGEST_NAME} ASCII characters without dots and slashes",
            )
        known = contents.setdefault(name.lower(), (waveform, step.recording))
        if known != (waveform, step.recording):
            yield step_problem(
                step, f"two different waveforms are named {name!r}; rename one of them"
            )


def waveform_files(plan: Plan) -> tuple[tuple[str, bytes], ...]:
    """Return one file for each waveform of a plan."""
    low = next((limit.value for limit in plan.safety if limit.key == "voltage_min"), 0.0)
    high = next((limit.value for limit in plan.safety if limit.key == "voltage_max"), 0.0)
    files = {
        f"{step.waveform.name}.MWF": _content(step, step.waveform, low, high)
        for _, step in plan.steps()
        if step.waveform is not None
    }
    return tuple(files.items())


def _content(step: Step, waveform: Waveform, low: float, high: float) -> bytes:
    mode = _MODES[waveform.unit]
    report = fixed(step.recording.time or 1.0, 6)
    lines = []
    for (time, value), (after, _) in pairwise(waveform.samples):
        charges = value < 0
        fields = (
            "C" if charges else "D",
            # Zero power is written as zero current; both apply no load.
            mode if value else "I",
            decimal_text(abs(value), least=1, most=6),
            "",
            "",
            fixed(after - time, 4),
            "V",
            ">=" if charges else "<=",
            fixed(high if charges else low, 6),
            "T",
            report,
            "A",
        )
        lines.append("\t".join(fields) + "\r\n")
    return "".join(lines).encode("ascii")
