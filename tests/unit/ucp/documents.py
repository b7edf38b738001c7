"""Documents shared by several tests: those of the guide, and experiment strings."""

from __future__ import annotations

GUIDE_RUN = """
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
GUIDE_RUN_KEYED = """
global:
  initial_temperature: 25
  initial_state_type: soc_percentage
  initial_state_value: 100
steps:
  - Discharge: {mode: C-rate, value: 1, ends: ["Voltage < 2.5"]}
"""
GUIDE_INPUTS = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 2.5
"""
GUIDE_EXPORT = """
global:
  initial_temperature: 25
  initial_state_type: soc_percentage
  initial_state_value: 100
steps:
  - CC Charge:
      - Charge:
          mode: C-rate
          value: 1
          ends:
            - "Voltage > 4.2"
  - CV Charge:
      - Charge:
          mode: Voltage
          value: 4.2
          ends:
            - "Current < 0.05"
  - Discharge:
      - Discharge:
          mode: C-rate
          value: 1
          ends:
            - "Voltage < 2.7"
"""

LINES: list[tuple[str, dict[str, object]]] = [
    (
        "Discharge at 0.5C until 2.5V",
        {"Discharge": {"mode": "C-rate", "value": 0.5, "ends": ["Voltage < 2.5"]}},
    ),
    (
        "Discharge at C/20 for 0.5 hours",
        {"Discharge": {"mode": "C-rate", "value": 0.05, "duration": 1800}},
    ),
    (
        "Charge at 1 A for 30 minutes or until 4.2 V",
        {"Charge": {"mode": "Current", "value": 1, "duration": 1800, "ends": ["Voltage > 4.2"]}},
    ),
    (
        "Charge at 200 mA until 4100 mV",
        {"Charge": {"mode": "Current", "value": 0.2, "ends": ["Voltage > 4.1"]}},
    ),
    ("Discharge at 2W for 10 s", {"Discharge": {"mode": "Power", "value": 2, "duration": 10}}),
    (
        "Discharge at 4 Ohm for 1 min",
        {"Discharge": {"mode": "Resistance", "value": 4, "duration": 60}},
    ),
    ("Charge at 4.1 V for 1 hour", {"Charge": {"mode": "Voltage", "value": 4.1, "duration": 3600}}),
    (
        "Hold at 4.2 V until C/50",
        {"Charge": {"mode": "Voltage", "value": 4.2, "ends": ["C-rate < 0.02"]}},
    ),
    (
        "Hold at 4.2V until 50 mA",
        {"Charge": {"mode": "Voltage", "value": 4.2, "ends": ["Current < 0.05"]}},
    ),
    ("Rest for 1 hour", {"Rest": {"duration": 3600}}),
    (
        "rest for 30 min (5 minute period)",
        {"Rest": {"duration": 1800, "resolution": {"time": 300}}},
    ),
    (
        "Discharge at 1C for 10 seconds or until 3 V (0.1 second period)",
        {
            "Discharge": {
                "mode": "C-rate",
                "value": 1,
                "duration": 10,
                "ends": ["Voltage < 3"],
                "resolution": {"time": 0.1},
            }
        },
    ),
    (
        "Charge at 1C until > 4.2 V",
        {"Charge": {"mode": "C-rate", "value": 1, "ends": ["Voltage > 4.2"]}},
    ),
    (
        "Charge at 1C until <3 V",
        {"Charge": {"mode": "C-rate", "value": 1, "ends": ["Voltage < 3"]}},
    ),
    (
        "Rest for 1 hour or until 3 V",
        {"Rest": {"duration": 3600, "ends": [{"variable": "Voltage", "value": 3}]}},
    ),
]
"""Experiment strings and the equivalent UCP steps."""
