"""The neutral form between UCP and the files of cyclers: numbered instructions, no expressions.

:func:`~ionworks.ucp.cyclers.plan.flatten.flatten` turns a protocol into a plan,
:func:`~ionworks.ucp.cyclers.plan.assemble.assemble` turns a plan into a protocol, and
:func:`~ionworks.ucp.cyclers.plan.compare.differences` compares what two plans do.
Exporters and readers of files work with plans only.
"""

from ionworks.ucp.cyclers.plan.assemble import assemble
from ionworks.ucp.cyclers.plan.c_rates import c_rates_to_currents
from ionworks.ucp.cyclers.plan.cccv import check_cut_off, merge_cccv, why_separate
from ionworks.ucp.cyclers.plan.checks import (
    check_conflicting_ends,
    check_jumps,
    check_plan,
    export_problem,
    step_problem,
    ties,
)
from ionworks.ucp.cyclers.plan.compare import differences
from ionworks.ucp.cyclers.plan.flatten import Flattened, flatten
from ionworks.ucp.cyclers.plan.holds import holds_begun_elsewhere
from ionworks.ucp.cyclers.plan.instructions import (
    END_TEST,
    Comparison,
    Direction,
    Impedance,
    Instruction,
    Level,
    Limit,
    LoopEnd,
    LoopStart,
    Mark,
    Plan,
    Recording,
    Step,
    StepEnd,
    Unit,
    Waveform,
    met_first,
    renumbered,
    voltage_comparison,
    without_jumps,
)
from ionworks.ucp.cyclers.plan.rescue import check_rescues, jumps_as_ends
from ionworks.ucp.cyclers.plan.safety import limit_end, safety_ends, without_safety
from ionworks.ucp.cyclers.plan.simplify import simplify

__all__ = [
    "END_TEST",
    "Comparison",
    "Direction",
    "Flattened",
    "Impedance",
    "Instruction",
    "Level",
    "Limit",
    "LoopEnd",
    "LoopStart",
    "Mark",
    "Plan",
    "Recording",
    "Step",
    "StepEnd",
    "Unit",
    "Waveform",
    "assemble",
    "c_rates_to_currents",
    "check_conflicting_ends",
    "check_cut_off",
    "check_jumps",
    "check_plan",
    "check_rescues",
    "differences",
    "export_problem",
    "flatten",
    "holds_begun_elsewhere",
    "jumps_as_ends",
    "limit_end",
    "merge_cccv",
    "met_first",
    "renumbered",
    "safety_ends",
    "simplify",
    "step_problem",
    "ties",
    "voltage_comparison",
    "why_separate",
    "without_jumps",
    "without_safety",
]
