"""Waveforms of Maccor's ``FastWave`` steps: text files ``.MWF``.

A line is one sample: direction, mode, value, limit (none here), duration, end, report and range.
Layout after ``LA4_8rep_lim.MWF`` and ``LA4_ref_default.mwf`` of the project beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ionworks.ucp.cyclers.export.capability import problem
from ionworks.ucp.cyclers.export.decimals import ascii_text, fixed, plain
from ionworks.ucp.cyclers.export.result import is_plain_name
from ionworks.ucp.cyclers.plan import Plan, Recording, Step, Waveform
from ionworks.ucp.problems import Problem

_MODES: Final = {"A": "I", "W": "P"}
_LONGEST_NAME: Final = 60


def check_waveforms(plan: Plan, *, watched: bool) -> Iterator[Problem]:
    """Yield a problem for every waveform that a file cannot hold.

    ``watched`` tells whether the channel itself watches the limits of the current.
    """
    limits = {limit.key for limit in plan.safety}
    currents = {"charge_current_max", "discharge_current_max"} & limits
    contents: dict[str, tuple[Waveform, Recording]] = {}
    for _, step in plan.steps():
        waveform = step.waveform
        if waveform is None:
            continue
        if waveform.unit == "C":
            yield problem(step, "a waveform has no C-rates; pass nominal_capacity_ah")
        elif waveform.unit not in _MODES:
            yield problem(step, "a waveform is of currents or powers")
        if not {"voltage_min", "voltage_max"} <= limits:
            yield problem(
                step,
                "every sample of a waveform ends on a voltage too; give the safety limits "
                "voltage_min and voltage_max",
            )
        if currents and not watched:
            yield problem(
                step,
                "limits of the current are watched in a waveform if they are equal for both "
                "directions",
            )
        if step.recording.time is None:
            yield problem(step, "a waveform is recorded by time; give a resolution in seconds")
        name = waveform.name
        usable = ascii_text(name) == name and is_plain_name(name) and "." not in name
        if not usable or len(name) > _LONGEST_NAME:
            yield problem(step, f"{name!r} is no name of a file a procedure can call")
        known = contents.setdefault(name.lower(), (waveform, step.recording))
        if known != (waveform, step.recording):
            yield problem(step, f"there are two different waveforms {name!r}; rename one")


def waveform_files(plan: Plan) -> tuple[tuple[str, bytes], ...]:
    """Return the waveforms of a plan as files, each once."""
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
            # A power of nothing is written as a current of nothing.
            mode if value else "I",
            plain(abs(value), least=1, most=6),
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
