"""Small protocols, each with one construct: whether a format supports it is tried by converting."""

from __future__ import annotations

from typing import Final

from ionworks import ucp
from tests.unit.ucp.cyclers.export.golden import BIOLOGIC_SOFTWARE

CHARGE: Final = "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}}"
DISCHARGE: Final = "{Discharge: {mode: Current, value: 2, ends: [Voltage < 2.7]}}"
HOLD: Final = "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.05]}}"
REST: Final = "{Rest: {duration: 60}}"
_PAIR: Final = "safety_limits: {voltage_min: 2.5, voltage_max: 4.3}\n"
_LED: Final = "{{Charge: {{mode: Voltage, value: 4.2, {}}}}}"
_STEPS: Final = {
    "rest": [REST],
    "constant current until a voltage or a time": [
        "{Discharge: {mode: Current, value: 2, duration: 3600, ends: [Voltage < 2.7]}}"
    ],
    "C-rate without `nominal_capacity_ah`": [
        "{Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}}"
    ],
    "constant voltage after a constant current, charge": [CHARGE, HOLD],
    "constant voltage after a constant current, discharge": [
        DISCHARGE,
        "{Discharge: {mode: Voltage, value: 2.7, ends: [Current < 0.05]}}",
    ],
    "constant voltage that ends on its duration alone": [CHARGE, _LED.format("duration: 3600")],
    "constant voltage that ends on its duration or a current": [
        CHARGE,
        _LED.format("duration: 3600, ends: [Current < 0.05]"),
    ],
    "constant voltage after anything else": [REST, HOLD, CHARGE],
    "constant power": ["{Discharge: {mode: Power, value: 5, ends: [Voltage < 2.7]}}"],
    "constant resistance": ["{Discharge: {mode: Resistance, value: 5, ends: [Voltage < 2.7]}}"],
    "impedance sweep": ["{EIS: {min_frequency: 1, max_frequency: 100, amplitude: 0.1}}"],
    "drive cycle": ["{Drive: {drive_cycle: US06, mode: Current}}"],
    "drive cycle with an end": [
        "{Drive: {drive_cycle: US06, mode: Current, ends: [Voltage < 2.7]}}"
    ],
    "drive cycle in a block with a repeat": [
        "{Loop: {repeat: 2, steps: [{Drive: {drive_cycle: US06, mode: Current}}]}}"
    ],
    "end on capacity alone": ["{Charge: {mode: Current, value: 2, ends: [Capacity > 1]}}"],
    "end that jumps": [
        (
            "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, "
            "{variable: Time, value: 60, goto: Last}]}}"
        ),
        REST,
        "{Last: [{Rest: {duration: 30}}]}",
    ],
    "end that ends the test": [
        (
            "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, "
            "{variable: Voltage, value: 2.4, operator: '<', goto: End}]}}"
        ),
        REST,
    ],
    "repeat": [f"{{Loop: {{repeat: 3, steps: [{CHARGE}]}}}}"],
    "nested repeats": [
        f"{{Loop: {{repeat: 3, steps: [{{In: {{repeat: 2, steps: [{CHARGE}]}}}}, {REST}]}}}}"
    ],
    "`Pause`": [CHARGE, "Pause", REST],
    "`Advance cycle` among the steps": [CHARGE, "Advance cycle", REST],
}
_LIMITS: Final = {
    "voltage limits": "voltage_min: 2.5, voltage_max: 4.3",
    "a single voltage limit": "voltage_max: 4.3",
    "one limit for both currents": "charge_current_max: 3, discharge_current_max: 3",
    "different current limits": "charge_current_max: 3, discharge_current_max: 4",
    "upper temperature limit": "temperature_max: 50",
    "lower and upper temperature limit": "temperature_min: 0, temperature_max: 50",
}
CONSTRUCTS: Final = {
    **{
        label: f"{_PAIR if 'drive' in label else ''}steps: [{', '.join(steps)}]"
        for label, steps in _STEPS.items()
    },
    **{
        f"resolution of {quantity}": (
            f"global: {{resolution: {{{quantity}: 0.01}}}}\nsteps: [{CHARGE}]"
        )
        for quantity in ("time", "voltage", "current")
    },
    **{
        label: f"safety_limits: {{{limits}}}\nsteps: [{CHARGE}]"
        for label, limits in _LIMITS.items()
    },
    "safety limit that jumps": (
        "safety_limits: {voltage_min: 2.5, voltage_max: {value: 4.3, goto: Out}}\n"
        f"steps: [{CHARGE}, {{Out: [{REST}]}}]"
    ),
}
"""A protocol for each row of the table of what the formats support."""

_WAVE: Final = "{Waveform: {shape: sine, amplitude: 1, frequency: 1, mode: Current, duration: 5}}"
IN_NO_FORMAT: Final = {
    label: f"{_PAIR}steps: [{steps}]"
    for label, steps in {
        "`Ambient temperature`": f"{{Ambient temperature: 25}}, {REST}",
        "`temperature` of a step": "{Rest: {duration: 60, temperature: 25}}",
        "`Control`": f"{{Control: {{set_variable: [{{name: VAR_X, eval: Time}}]}}}}, {REST}",
        "`set_variable`": "{Rest: {duration: 60, set_variable: [{name: VAR_X, eval: Voltage}]}}",
        "`Direction[...]`": (
            "{'Direction[ifelse(SOC > 0.4, -1, 1)]': {mode: Current, value: 1, duration: 60}}"
        ),
        "periodic waveform": _WAVE,
        "`repeat` of a drive cycle": "{Drive: {drive_cycle: US06, mode: Current, repeat: 2}}",
        "end on `SOC`": "{Rest: {duration: 60, ends: [SOC < 0.5]}}",
        "end on a variable of a model": "{Rest: {duration: 60, ends: ['\"Anode potential\" < 0']}}",
        "end on current, capacity, energy or power of a rest": (
            "{Rest: {duration: 60, ends: [Current > 1]}}"
        ),
        "end on a rate of change": "{Rest: {duration: 60, ends: [d/dt(Voltage) < 1e-5]}}",
        "end at `V_MIN` or `V_MAX`": (
            "{Discharge: {mode: Current, value: 1, ends: [Voltage < V_MIN]}}"
        ),
        "end at the value of a safety limit": (
            f"{{Charge: {{mode: Current, value: 1, ends: [Voltage > 4.3]}}}}, {REST}"
        ),
        "jump into the middle of a loop": (
            "{Rest: {duration: 60, ends: [{Voltage > 4: {goto: In}}]}}, "
            f"{{Loop: {{repeat: 2, steps: [{{In: [{REST}]}}]}}}}"
        ),
    }.items()
}
"""Protocols that every format rejects for the same reason."""

_DRIVE: Final = "{Drive: {drive_cycle: US06, mode: Current}}"
_JUMPS: Final = (
    "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, {Time > 60: {goto: Other}}]}}"
)
SPECIAL_CASES: Final = {
    **{
        label: f"steps: [{', '.join(steps)}]"
        for label, steps in {
            "constant current without an end on voltage": [
                "{Charge: {mode: Current, value: 2, duration: 60}}"
            ],
            "constant voltage after a rest": [CHARGE, REST, HOLD],
            "constant voltage whose current ends in another way as well": [
                "{Charge: {mode: Current, value: 2, duration: 3600, ends: [Voltage > 4.2]}}",
                HOLD,
            ],
            "constant voltage with a cut-off above the current before it": [
                CHARGE,
                "{Charge: {mode: Voltage, value: 4.2, ends: [Current < 3]}}",
            ],
            "constant voltage without any constant current": [HOLD],
            "constant voltage that a jump leads to": [
                _JUMPS,
                CHARGE,
                f"{{Other: [{HOLD}]}}",
            ],
            "rest without a duration": ["{Rest: {ends: [Voltage < 3]}}"],
            "end on voltage against the direction of the step": [
                "{Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Voltage < 2.4]}}",
                REST,
            ],
            "end on one voltage that ends the test": [
                (
                    "{Charge: {mode: Current, value: 2, "
                    "ends: [Voltage > 4.2, {Voltage < 2.4: {goto: End}}]}}"
                ),
                REST,
            ],
            "step with four ends": [
                (
                    "{Charge: {mode: Current, value: 2, duration: 3600, ends: [Voltage > 4.2, "
                    "{Voltage > 4.3: {goto: End}}, {Voltage < 2.4: {goto: End}}]}}"
                ),
                REST,
            ],
            "jump out of a repeat": [
                f"{{Loop: {{repeat: 2, steps: [{_JUMPS}, {CHARGE}]}}}}",
                f"{{Other: [{REST}]}}",
            ],
            "jump back over a repeat": [
                f"{{Other: [{REST}]}}",
                f"{{Loop: {{repeat: 2, steps: [{CHARGE}]}}}}",
                _JUMPS,
            ],
            "`End` directly after a repeat": [
                _JUMPS,
                f"{{Loop: {{repeat: 2, steps: [{CHARGE}]}}}}",
                "End",
                f"{{Other: [{REST}]}}",
            ],
            "repeat without a step": [REST, "{Loop: {repeat: 2, steps: [Advance cycle]}}"],
            "time of 1.5 s": ["{Rest: {duration: 1.5}}"],
            "time of 0.1 ms": ["{Rest: {duration: 0.0001}}"],
            "current of 20 A": ["{Charge: {mode: Current, value: 20, ends: [Voltage > 4.2]}}"],
            "voltage of 12 V": ["{Charge: {mode: Current, value: 1, ends: [Voltage > 12]}}"],
            "drive cycle without voltage limits": [_DRIVE],
        }.items()
    },
    "drive cycle in C-rates": f"{_PAIR}steps: [{_DRIVE.replace('Current', 'C-rate')}]",
    "drive cycle with different current limits": (
        "safety_limits: {voltage_min: 2.5, voltage_max: 4.3, charge_current_max: 3, "
        f"discharge_current_max: 4}}\nsteps: [{_DRIVE}]"
    ),
    "`End` directly after a drive cycle": (
        f"{_PAIR}steps: [{_JUMPS}, {_DRIVE}, End, {{Other: [{REST}]}}]"
    ),
}
"""Protocols of constructs that some formats reject, although they support the parts of each."""

CONDITIONS: Final = {
    "Time >": 30,
    "Voltage >": 4.25,
    "Voltage <": 2.4,
    "Current >": 3,
    "Current <": 0.05,
    "Capacity >": 1,
    "Energy >": 5,
    "Power >": 20,
    "Temperature >": 50,
    "Temperature <": 0,
}
"""Conditions of ends with a value that a step of `STEPS` may reach."""

STEPS: Final = {
    "rest": ("", "Rest: {", "Time >"),
    "constant current, charge": ("", "Charge: {mode: Current, value: 2, ", "Voltage >"),
    "constant current, discharge": ("", "Discharge: {mode: Current, value: 2, ", "Voltage <"),
    "constant voltage, charge": (CHARGE, "Charge: {mode: Voltage, value: 4.2, ", "Current <"),
    "constant voltage, discharge": (
        DISCHARGE,
        "Discharge: {mode: Voltage, value: 2.7, ",
        "Current <",
    ),
    "constant power, charge": ("", "Charge: {mode: Power, value: 8, ", "Voltage >"),
    "constant power, discharge": ("", "Discharge: {mode: Power, value: 8, ", "Voltage <"),
    "constant resistance, discharge": ("", "Discharge: {mode: Resistance, value: 2, ", "Voltage <"),
}
"""What comes before a step, the step without its ends, and the end that it usually has."""

_GOTO: Final = {"next": "Next", "end": "End", "jump": "Last"}


def accepted(text: str, target: str, *, verify: bool = False) -> bool:
    """Return whether a protocol can be converted, and read back as the same if asked for.

    Raises
    ------
    UCPError
        If the protocol has errors, or the file is read back as another protocol.
    """
    return not refusals(text, target, verify=verify)


def refusals(text: str, target: str, *, verify: bool = False) -> list[str]:
    """Return why a protocol cannot be converted, without the places; empty if it can be.

    The targets ``ec-lab`` and ``bt-lab-1.81`` are other software of the target ``biologic``.
    """
    cycles = {"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]} if "US06" in text else None
    software = {"software": target} if target in BIOLOGIC_SOFTWARE else None
    name = "biologic" if software else target
    try:
        ucp.convert(text, name, drive_cycles=cycles, verify=verify, options=software)
    except ucp.UCPError as error:
        if not str(error).startswith(f"Cannot export to {name}: "):
            raise
        return [problem.message.partition(": ")[2] for problem in error.problems]
    return []


def leads_to(step: str, condition: str, target: str) -> set[str]:
    """Return where an end of a step may lead in a format: ``next``, ``end`` and ``jump``."""
    before, opening, usual = STEPS[step]
    steps = [before] if before else []
    found = set()
    for name, goto in _GOTO.items():
        ends = [_end(condition, goto)]
        if condition != usual:
            ends.insert(0, _end(usual, "Next"))
        written = f"{{{opening}ends: [{', '.join(ends)}]}}}}"
        text = f"steps: [{', '.join([*steps, written, REST])}, {{Last: [{REST}]}}]"
        if accepted(text, target):
            found.add(name)
    return found


def _end(condition: str, goto: str) -> str:
    quantity, operator = condition.split()
    value = CONDITIONS[condition]
    if condition.startswith("Voltage") and goto == "Next":
        value = 4.2 if operator == ">" else 2.7
    return f"{{variable: {quantity}, operator: '{operator}', value: {value}, goto: {goto}}}"
