"""Twenty protocols with the arguments of their conversion."""

from __future__ import annotations

from typing import Any

from attrs import Factory, frozen

from tests.unit.ucp.documents import GUIDE_EXPORT

TARGETS = ("maccor", "neware", "arbin", "arbin_sdx", "biologic", "novonix")


@frozen
class Case:
    """A protocol and the arguments of its conversion."""

    text: str
    arguments: dict[str, Any] = Factory(lambda: {"nominal_capacity_ah": 5.0})


CASES = {
    # Without a capacity: formats without C-rates must reject it.
    "guide": Case(GUIDE_EXPORT, {}),
    "discharge": Case("steps: [{Discharge: {mode: Current, value: 1.25, ends: [Voltage < 2.5]}}]"),
    "rests": Case(
        """
steps:
  - Rest: {duration: 1 hour}
  - Rest: {duration: 90, note: a short one}
"""
    ),
    "charge": Case(
        """
safety_limits: {voltage_min: 2.45, voltage_max: 4.25}
steps:
  - Charge: {mode: Current, value: 2.5, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.125]}
  - Rest: {duration: 1800}
"""
    ),
    "c_rates": Case(
        """
steps:
  - Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [C-rate < 0.05], duration: 3 hours}
  - Discharge: {mode: C-rate, value: 1/3, ends: [Voltage < 2.75]}
"""
    ),
    "cycling": Case(
        """
safety_limits:
  voltage_min: 2.4
  voltage_max: 4.3
  charge_current_max: 6
  discharge_current_max: 6
steps:
  - Formation: [{Rest: {duration: 60}}]
  - Cycles:
      repeat: 100
      steps:
        - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
        - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}
        - Rest: {duration: 600}
        - Discharge: {mode: Current, value: 5, ends: [Voltage < 2.5]}
        - Rest: {duration: 600}
        - Advance cycle
"""
    ),
    "nested": Case(
        """
steps:
  - Outer:
      repeat: 10
      steps:
        - Inner:
            repeat: 15
            steps:
              - Charge: {mode: Current, value: 2, ends: [Voltage > 4.1]}
              - Discharge: {mode: Current, value: 2, ends: [Voltage < 3]}
        - Rest: {duration: 3600}
  - Discharge: {mode: Current, value: 0.5, ends: [Voltage < 2.5]}
"""
    ),
    "five_levels": Case(
        """
steps:
  - A:
      repeat: 2
      steps:
        - B:
            repeat: 2
            steps:
              - C:
                  repeat: 2
                  steps:
                    - D:
                        repeat: 2
                        steps:
                          - E: {repeat: 2, steps: [{Rest: {duration: 1}}]}
"""
    ),
    "pulses": Case(
        """
steps:
  - Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}
  - Pulses:
      repeat: 20
      steps:
        - Rest: {duration: 3600}
        - Discharge:
            mode: Current
            value: 5
            duration: 10
            resolution: {time: 0.1}
            ends: [{"Voltage < 2.7": {goto: Empty}}]
        - Discharge:
            mode: Current
            value: 1
            duration: 900
            ends: [{"Voltage < 2.7": {goto: Empty}}]
  - Empty: [{Rest: {duration: 3600}}]
"""
    ),
    "recovery": Case(
        """
safety_limits:
  voltage_max: 4.3
  voltage_min: {value: 2.2, goto: Recover}
steps:
  - Discharge: {mode: Current, value: 2, duration: 7200, ends: [Voltage < 2.5]}
  - End
  - Recover:
      - Rest: {duration: 60}
      - Charge: {mode: Current, value: 0.1, duration: 3600}
"""
    ),
    "one_limit": Case(
        """
safety_limits: {voltage_max: 4.3, charge_current_max: 3}
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2]}
"""
    ),
    "temperatures": Case(
        """
safety_limits: {temperature_min: 5, temperature_max: 55}
steps:
  - Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5, {"Temperature > 45": {goto: End}}]}
  - Rest: {duration: 600}
"""
    ),
    "capacities": Case(
        """
steps:
  - Charge: {mode: Current, value: 2, ends: [Voltage > 4.2, Capacity > 1.5]}
  - Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5, Capacity > 0.75]}
"""
    ),
    "joined": Case(
        """
steps:
  - Charge:
      mode: Current
      value: 2
      duration: 7200
      ends: [Voltage > 4.2]
      set_variable: [{name: VAR_CC_TIME, eval: Time}]
  - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1, Time > 7200 - VAR_CC_TIME]}
  - Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5]}
"""
    ),
    "hold_on_discharge": Case(
        """
steps:
  - Discharge: {mode: Current, value: 2, ends: [Voltage < 2.5]}
  - Discharge: {mode: Voltage, value: 2.5, ends: [Current < 0.1]}
"""
    ),
    "hold_alone": Case(
        "steps: [{Charge: {mode: Voltage, value: 3.7, duration: 3600, ends: [Current < 0.01]}}]"
    ),
    "powers": Case(
        """
steps:
  - Discharge: {mode: Power, value: 7.5, duration: 900, ends: [Voltage < 2.7]}
  - Discharge: {mode: Resistance, value: 2, ends: [Voltage < 2.5]}
"""
    ),
    "drive": Case(
        """
safety_limits: {voltage_min: 2.5, voltage_max: 4.25}
steps:
  - Drive: {drive_cycle: US06, mode: Power, scale: 0.5}
  - Rest: {duration: 60}
""",
        {"drive_cycles": {"US06": [[0, 10.0], [1, -4.0], [3, 0.0], [5, 0.0]]}},
    ),
    "inputs": Case(
        """
steps:
  - Discharge:
      mode: C-rate
      value: input["C-rate"]
      ends: ["Voltage < input['lowest'] + 0.1", "Capacity > 0.9 * Q_NOM"]
      resolution: {time: 5, voltage: 0.002, current: 0.01}
  - Loop: {repeat: 'input["N"]', steps: [{Rest: {duration: 2 * 30}}]}
""",
        {
            "nominal_capacity_ah": 5.0,
            "experiment_parameters": {"C-rate": 0.2, "lowest": 2.5, "N": 3},
        },
    ),
    "computed": Case(
        """
steps:
  - Control: {set_variable: [{name: VAR_N, eval: 0}]}
  - Discharge:
      mode: Current
      value: ifelse(VAR_N > 1, 1, 2)
      ends: [Voltage < V_MIN, d/dt(Temperature) > 0.1, SOC < 0.1]
      temperature: 45
  - EIS: {min_frequency: 0.1, max_frequency: 1000, amplitude: 0.01}
  - Ambient temperature: 10
  - Waveform: {shape: sine, mode: Current, amplitude: 1, frequency: 0.1, cycles: 3}
"""
    ),
}
