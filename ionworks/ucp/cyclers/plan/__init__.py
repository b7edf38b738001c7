"""The neutral form between UCP and the files of cyclers: numbered instructions, no expressions.

:func:`~ionworks.ucp.cyclers.plan.flatten.flatten` makes a plan of a protocol,
:func:`~ionworks.ucp.cyclers.plan.assemble.assemble` a protocol of a plan, and
:func:`~ionworks.ucp.cyclers.plan.compare.differences` tells whether two plans mean the same.
Writers and readers of files know plans only.
"""

from ionworks.ucp.cyclers.plan.assemble import assemble
from ionworks.ucp.cyclers.plan.compare import differences, safety_exits, without_safety
from ionworks.ucp.cyclers.plan.currents import in_currents
from ionworks.ucp.cyclers.plan.flatten import Flattened, flatten
from ionworks.ucp.cyclers.plan.nodes import (
    END,
    Exit,
    Instruction,
    Level,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    Waveform,
    alone,
)
from ionworks.ucp.cyclers.plan.pairs import merge_pairs

__all__ = [
    "END",
    "Exit",
    "Flattened",
    "Instruction",
    "Level",
    "Limit",
    "LoopEnd",
    "LoopStart",
    "Mark",
    "Plan",
    "Recording",
    "Step",
    "Waveform",
    "alone",
    "assemble",
    "differences",
    "flatten",
    "in_currents",
    "merge_pairs",
    "safety_exits",
    "without_safety",
]
