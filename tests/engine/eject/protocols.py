"""Protocols that are written as plain PyBaMM scripts, with the parameters of a run."""

from typing import Any

from attrs import field, frozen

from tests.engine.experiments import keyed
from tests.engine.protocol_texts import FULL_DISCHARGE, charge_hold_rest_discharge

LUMPED = {"thermal": "lumped"}
CURRENTS = [[0, 1.0], [20, 4.0], [25, -3.0], [60, -3.0], [61, 5.0], [120, 0.5]]
CLOSED = [[0, 1.0], [20, 4.0], [25, -3.0], [60, 1.0]]
POWERS = [[0, 5.0], [30, 15.0], [40, -10.0], [90, 2.0]]
VOLTAGES = [[0, 3.7], [30, 3.8], [60, 3.75], [90, 3.75]]


@frozen
class Case:
    """A protocol, and what a run changes."""

    protocol: Any
    design: dict[str, float] = field(factory=dict)
    experiment: dict[str, Any] = field(factory=dict)
    options: dict[str, Any] = field(factory=dict)


def drive(soc, mode, data, **more):
    return {
        "global": {"initial_soc": soc},
        "steps": [
            {"Drive": {"mode": mode, "data": data, **more}},
            {"Rest": {"duration": 30, "resolution": 10}},
        ],
    }


def wave(shape, **more):
    given = ", ".join(f"{name}: {value}" for name, value in more.items())
    return keyed(0.5, f"Waveform: {{shape: {shape}, mode: Current, amplitude: 2, {given}}}")


PULSES = (
    "Pulses: {repeat: 2, steps: ["
    "Discharge: {mode: C-rate, value: 1, duration: 10, resolution: 2}, "
    "Rest: {duration: 40, resolution: 5}, "
    "Charge: {mode: C-rate, value: 0.75, duration: 10, resolution: 2}, "
    "Discharge: {mode: C-rate, value: 0.333, ends: [Capacity > 0.2]}]}"
)
RATES = (
    "Rates: {repeat: 2, steps: ["
    "Discharge: {mode: C-rate, value: '2 ** CYCLE_COUNT * ifelse(STEP_COUNT > 0, 2, 1)', "
    "ends: [Voltage < 3.4]}, Charge: {mode: C-rate, value: 1, ends: [Voltage > 3.9]}]}"
)
AGEING = (
    "Cycles: {repeat: 3, steps: [Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.5]}, "
    "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4]}, "
    "Charge: {mode: Voltage, value: 4, ends: [C-rate < 0.2]}]}"
)
NESTED = (
    "Outer: {repeat: 2, steps: ["
    "Inner: {repeat: 3, steps: [Discharge: {mode: C-rate, value: 1, duration: 60}, "
    "Rest: {duration: 60}]}, Charge: {mode: C-rate, value: 0.5, duration: 120}]}"
)
LAP = (
    "Lap: [Discharge: {mode: Current, value: 3, duration: 60, "
    "set_variable: [{name: VAR_N, eval: VAR_N + 1}]}, Rest: {duration: 30}]"
)
LAPS = (
    LAP,
    "Control: {ends: [{'VAR_N < 3': {goto: Lap}}]}",
    "Charge: {mode: Current, value: VAR_N, duration: 100}",
)
LOADS = (
    "Loads: {repeat: 3, steps: [Discharge: {mode: Power, value: 20, ends: [Energy > 0.5]}, "
    "Charge: {mode: Power, value: 20, ends: [Capacity > 0.1]}]}"
)
ENERGIES = (
    "Discharge: {mode: C-rate, value: 1, duration: 300}",
    LOADS,
    "Rest: {duration: 60}",
)
TEMPERATURES = (
    "Discharge: {mode: C-rate, value: 1, duration: 5 min, temperature: 45}",
    "Discharge: {mode: C-rate, value: 1, duration: 5 min, temperature: 10}",
    "Ambient temperature: 35",
    "Charge: {mode: C-rate, value: 1, duration: 5 min}",
)
LINES = """
Discharge at C/3 for 10 minutes
Rest for 5 min (30 second period)
Charge at 10 W for 0.2 h or until 4.18 V
Hold at 4.05 V for 5 minutes
Discharge at 2 Ohm for 300 s
Discharge at 1.5 A until 4.0V (10 seconds period)
"""
FORMULAS = (
    (
        "Discharge: {mode: C-rate, value: 1, "
        "ends: ['\"Negative electrode stoichiometry\" < 0.5', Voltage < 2.8]}"
    ),
    (
        "Charge: {mode: Power, value: 15, ends: "
        "['x_average(surface(\"Negative particle concentration [mol.m-3]\")) > 195e2']}"
    ),
    (
        "Charge: {mode: Voltage, value: 4, ends: "
        '[\'-"Current [A]" / parameter("Nominal cell capacity [A.h]") < 0.1\']}'
    ),
)
JUMPS = (
    "Discharge: {mode: C-rate, value: 1, ends: [{'Voltage < 3.7': {goto: Last}}]}",
    "Rest: {duration: 600}",
    "{name: Last, steps: [{Charge: {mode: Power, value: 10, duration: 120}}]}",
)
FLAT_VOLTAGE = """
global: {initial_voltage: 3.8, temperature: 10}
steps:
  - {direction: Charge, mode: C-rate, value: 0.5, ends: [{variable: "Voltage [V]", value: 4.0}]}
"""
SAFE = "safety_limits: {voltage_min: 3.6, temperature_max: 60}\n"

CASES = {
    "discharge": Case(FULL_DISCHARGE),
    "charge, hold, rest, discharge": Case(charge_hold_rest_discharge()),
    "GITT": Case(
        keyed(
            0.8,
            "GITT: {repeat: 4, steps: [Discharge: {mode: C-rate, value: 0.5, duration: 300}, "
            "Rest: {duration: 900}]}",
        )
    ),
    "HPPC": Case(keyed(0.9, PULSES)),
    "rates by counters": Case(keyed(1, RATES)),
    "power": Case(
        keyed(
            0.9,
            "Discharge: {mode: Power, value: 15, ends: [Voltage < 3.5]}",
            "Rest: {duration: 600}",
        )
    ),
    "resistance": Case(keyed(0.9, "Discharge: {mode: Resistance, value: 1, duration: 1200}")),
    "cycles": Case(keyed(1, AGEING)),
    "nested repeats": Case(keyed(0.6, NESTED)),
    "laps by a variable": Case(keyed(0.7, *LAPS)),
    "sentences": Case(LINES),
    "driven by current": Case(drive(0.6, "Current", CURRENTS, scale=0.5)),
    "driven by C-rate": Case(drive(0.6, "C-rate", CURRENTS, scale=0.1)),
    "driven by power": Case(drive(0.6, "Power", POWERS)),
    "driven by voltage": Case(drive(0.5, "Voltage", VOLTAGES)),
    "driven twice": Case(drive(0.6, "Current", CURRENTS, repeat=2)),
    "driven to a voltage": Case(drive(0.6, "Current", CLOSED, repeat=9, ends=["Voltage < 3.74"])),
    "square wave": Case(wave("square", offset=1, frequency=0.02, cycles=2, resolution=5)),
    "triangle wave": Case(wave("triangle", frequency=0.01, cycles=1)),
    "sawtooth wave": Case(wave("sawtooth", frequency=0.01, cycles=2)),
    "sine wave": Case(wave("sine", offset=1, frequency=0.02, duration=90)),
    "temperatures, isothermal": Case(keyed(0.8, *TEMPERATURES)),
    "temperatures, lumped": Case(keyed(0.8, *TEMPERATURES), options=LUMPED),
    "end on a temperature": Case(
        keyed(0.9, "Discharge: {mode: C-rate, value: 2, ends: [Temperature > 27]}"), options=LUMPED
    ),
    "end on a state of charge": Case(
        keyed(
            0.8,
            "Discharge: {mode: C-rate, value: 1, ends: [SOC < 0.7]}",
            "Charge: {mode: Power, value: 10, ends: [SOC > 75]}",
        )
    ),
    "ends on amounts": Case(keyed(0.6, *ENERGIES)),
    "end on a power": Case(
        keyed(0.6, "Charge: {mode: Voltage, value: 4, ends: [Power < 5]}"),
    ),
    "ends on variables of the model": Case(keyed(0.8, *FORMULAS)),
    "jump over a step": Case(keyed(0.8, *JUMPS)),
    "safety limits that trip": Case(
        SAFE
        + keyed(0.8, "Discharge: {mode: C-rate, value: 1, duration: 3600}", "Rest: {duration: 600}")
    ),
    "initial voltage": Case(FLAT_VOLTAGE),
    "inputs": Case(
        keyed(0.5, "Discharge: {mode: C-rate, value: 'input[\"rate\"]', duration: 300}"),
        experiment={"rate": 1.5},
    ),
    "design parameters": Case(
        keyed(0.7, "Discharge: {mode: C-rate, value: 1, duration: 900}"),
        design={"Negative particle diffusivity [m2.s-1]": 2e-14, "Upper voltage cut-off [V]": 4.15},
    ),
}

SYNTACTIC = (
    *("nested repeats", "laps by a variable", "jump over a step", "inputs"),
    *("driven by C-rate", "driven twice", "ends on amounts", "ends on variables of the model"),
)
"""Those whose steps other protocols have too, or that take long: they are run with one model."""
