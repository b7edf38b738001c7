"""Waveforms of Maccor's ``FastWave`` steps: text files ``.MWF``.

Each line is one sample: direction, mode, value, limit (left empty), duration, end, report and
range. The layout follows ``LA4_8rep_lim.MWF`` and ``LA4_ref_default.mwf`` of the project beep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Final

import attrs

from ionworks.ucp.cyclers.export.decimals import decimal_text, fixed
from ionworks.ucp.cyclers.plan import Plan, Step, Waveform, step_problem
from ionworks.ucp.problems import Problem

_MODES: Final = {"A": "I", "W": "P"}
_LONGEST_NAME: Final = 24
"""The longest name of a file that a public procedure calls, ``BG_EIS_5mV_BaselineCycle``."""


def check_waveforms(plan: Plan, *, channel_limits_current: bool) -> Iterator[Problem]:
    """Yield a problem for every waveform that a file cannot hold.

    Samples have no ends on current, so current limits need a channel that watches them itself
    (``channel_limits_current``).
    """
    limits = {limit.key for limit in plan.safety}
    currents = {"charge_current_max", "discharge_current_max"} & limits
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
        if waveform.unit == "A":
            yield from _over_current(plan, step, waveform)
        if step.recording.time is None:
            yield step_problem(step, "a waveform needs a time resolution; add one in seconds")


def _over_current(plan: Plan, step: Step, waveform: Waveform) -> Iterator[Problem]:
    """Yield a problem for each current limit that a sample passes; positive samples discharge."""
    values = [value for _, value in waveform.samples]
    largest = {"charge_current_max": -min(values), "discharge_current_max": max(values)}
    for limit in plan.safety:
        current = largest.get(limit.key, 0.0)
        if current > limit.value:
            yield step_problem(
                step,
                f"its samples reach {current:g} A, where the safety limit {limit.key} of "
                f"{limit.value:g} A trips; widen the limit",
            )


def with_waveform_files(plan: Plan) -> tuple[Plan, tuple[tuple[str, bytes], ...]]:
    """Return a plan whose waveforms have the names of their files, and the files.

    Procedures find waveforms by name in one folder of the tester, whatever protocol they belong
    to. A name therefore ends in a hash of the samples: other samples have another name.
    """
    low = next((limit.value for limit in plan.safety if limit.key == "voltage_min"), 0.0)
    high = next((limit.value for limit in plan.safety if limit.key == "voltage_max"), 0.0)
    files: dict[str, bytes] = {}

    def named(_index: int, step: Step) -> Step:
        if step.waveform is None:
            return step
        content = _content(step, step.waveform, low, high)
        name = _file_name(step.waveform.name, content)
        files[f"{name}.MWF"] = content
        return attrs.evolve(step, waveform=attrs.evolve(step.waveform, name=name))

    renamed = plan.with_steps(named)
    return renamed, tuple(files.items())


def _file_name(name: str, content: bytes) -> str:
    """Return the name of a waveform with a hash of its file; public names use these characters."""
    mark = f"_{sha256(content).hexdigest()[:8]}"
    # The name of a waveform that was read from such a file keeps its hash.
    words = re.sub(r"[^A-Za-z0-9]+", "_", name.removesuffix(mark)).strip("_") or "waveform"
    return words[: _LONGEST_NAME - len(mark)] + mark


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
