"""Protocols the engine's tests run."""

FULL_DISCHARGE = """
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
"""

CHARGE_HOLD_REST_DISCHARGE = """
global:
  initial_state_type: soc_percentage
  initial_state_value: 20
  resolution: {time: RESOLUTION}
steps:
  - Charge: {mode: C-rate, value: 0.5, ends: ["Voltage > 4.2"]}
  - Charge: {mode: Voltage, value: 4.2, ends: ["Current < 0.25"]}
  - Rest: {duration: 1800}
  - Discharge: {mode: C-rate, value: 1, ends: ["Voltage < 2.5"]}
"""


def charge_hold_rest_discharge(resolution: float = 60) -> str:
    """Return CC-CV, a rest and a discharge with points this far apart [s]."""
    return CHARGE_HOLD_REST_DISCHARGE.replace("RESOLUTION", str(resolution))


def short(steps: str, settings: str = "initial_soc: 0.5") -> str:
    """Return a protocol of some steps."""
    return f"global: {{{settings}}}\nsteps:\n{steps}"
