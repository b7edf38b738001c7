"""Valid documents that together use every part of the language, as seeds for mutations."""

from __future__ import annotations

import re

from tests.paths import ROOT
from tests.unit.ucp.documents import GUIDE_EXPORT, GUIDE_INPUTS, GUIDE_RUN, GUIDE_RUN_KEYED, LINES

PAGE = ROOT / "docs" / "ucp.md"

RATE_TEST = """
global: {initial_state_type: voltage, initial_state_value: 4.1, resolution: 10}
safety_limits:
  voltage_min: {value: 2.4, goto: Recover}
  voltage_max: V_MAX + 0.05
  temperature_max: 55 degC
  charge_current_max: 10
  discharge_current_max: {limit: 20}
  goto: Recover
steps:
  - Control: {set_variable: [{name: VAR_RATE, eval: 0.5}]}
  - Rates:
      repeat: input["Rates"]
      note: each one twice as fast
      steps:
        - Discharge:
            name: Pulse
            mode: C-rate
            value: min(VAR_RATE, 4)
            duration: 1:30:00
            resolution: {time: 1, voltage: 0.001, current: 5 mA}
            ends:
              - Voltage < input['Vmin']
              - "Capacity > Q_NOM * 0.9": {goto: Next}
              - {expression: "SOC < 5 %", goto: End}
              - {variable: "d/dt(Temperature [degC])", operator: ">", value: 0.1}
            set_variable: [{name: VAR_RATE, eval: VAR_RATE * 2}]
        - Rest: {duration: 20 min, temperature: "input['T']"}
        - CV: [{Charge: {mode: Voltage, value: 4.2, ends: [Current < C/20]}}]
        - Advance cycle
  - Control:
      ends:
        - "VAR_RATE > ifelse(SOC < 0.2, 1, 3)": {goto: Recover}
        - "Step count > 100": {goto: 1}
  - Recover: {steps: [{direction: Rest, duration: 60, note: "cool: down"}, Pause]}
"""
SPECIAL = """
steps:
  - Control: {set_variable: {name: VAR_WAY, eval: 1}}
  - Laps:
      repeat: 3
      steps:
        - "Direction[ifelse(VAR_WAY == 1, 1, -1)]":
            {mode: Power, value: 3 W, duration: 1 h, ends: [d/dt(Voltage) < 1e-3]}
        - Drive: {drive_cycle: US06, mode: Power, scale: 2, repeat: "input['N']"}
        - Drive cycle: {data: {time: [0, 1, 2], 'Current [A]': [1, -1, "0.5"]}}
        - Waveform: {shape: sine, amplitude: 1, frequency: 10 mHz, offset: 0.5, cycles: 3}
        - EIS: {frequencies: [1, 10, 1 kHz], amplitude: 0.1, mode: Voltage}
        - EIS: {min_frequency: 0.01, max_frequency: 1e3, points_per_decade: 5, amplitude: 10 mA}
        - Ambient temperature: 45
        - {direction: Discharge, mode: Resistance, value: 2 Ohm, ends: {variable: SOC, value: 20}}
        - Rest: {duration: 9, ends: [{variable: Voltage, value: 3, goto: Laps}]}
  - {name: Flat block, repeat: 2, steps: [{Rest: {duration: 1}}]}
  - End
"""


def page_documents() -> list[str]:
    """Return the YAML blocks of the user reference."""
    page = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def documents() -> list[str]:
    """Return all seed documents."""
    lines = "\n".join(line for line, _ in LINES)
    guide = [GUIDE_RUN, GUIDE_RUN_KEYED, GUIDE_INPUTS, GUIDE_EXPORT]
    return [*guide, lines, RATE_TEST, SPECIAL, *page_documents()]
