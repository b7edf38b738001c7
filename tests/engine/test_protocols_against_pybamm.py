"""Complete protocols, compared with PyBaMM experiments written by hand."""

import numpy as np
import polars as pl
import pybamm
import pytest

from ionworks.engine import simulate
from tests.engine.experiments import compare, compare_inside, keyed, reference
from tests.engine.runs import LUMPED, SPM

CURRENTS = [[0, 1.0], [20, 4.0], [25, -3.0], [60, -3.0], [61, 5.0], [120, 0.5]]
POWERS = [[0, 5.0], [30, 15.0], [40, -10.0], [90, 2.0]]
VOLTAGES = [[0, 3.7], [30, 3.8], [60, 3.75], [90, 3.75]]
FINE = np.linspace(0, 250, 501)
step = pybamm.step

CHARGE = step.c_rate(-0.5, termination="> 4.1 V")
HOLD = step.voltage(4.1, termination="0.25 A")
KEYED = """
global: {initial_state_type: soc_percentage, initial_state_value: 60}
steps:
  - Charge: {mode: C-rate, value: 0.5, ends: ["Voltage > 4.1"]}
  - Charge: {mode: Voltage, value: 4.1, ends: ["Current < 0.25"]}
"""
OLDER = """
global: {initial_soc: 60, temperature: 25}
steps:
  - CC:
      - Charge: {mode: C-rate, value: 0.5, ends: [{"Voltage > 4.1": {goto: Next}}]}
  - CV:
      - charge: {mode: voltage, value: "4.1", ends: {expression: "Current < 50 mA * 5"}}
"""
FLAT = """
global: {initial_soc: 0.6, temperature: 25}
steps:
  - {direction: Charge, mode: C-rate, value: 0.5, ends: [{variable: "Voltage [V]", value: 4.1}]}
  - {direction: Charge, mode: Voltage, value: 4.1, ends: [{variable: "Current [A]", value: 0.25}]}
"""


STRINGS = """
Discharge at 1C for 10 minutes or until 2.5 V
Charge at 1 A until 4.1 V
Hold at 4.1 V until 250 mA
"""


GITT = keyed(
    0.8,
    "GITT: {repeat: 4, steps: [Discharge: {mode: C-rate, value: 0.5, duration: 300}, "
    "Rest: {duration: 900}]}",
)
HPPC = keyed(
    0.9,
    "HPPC: {repeat: 2, steps: ["
    "Discharge: {mode: C-rate, value: 1, duration: 10}, Rest: {duration: 40}, "
    "Charge: {mode: C-rate, value: 0.75, duration: 10}, Rest: {duration: 60}, "
    "Discharge: {mode: C-rate, value: 0.333, ends: [Capacity > 0.5]}, Rest: {duration: 600}]}",
)
RATES = keyed(
    1,
    "'Rates': {repeat: 3, steps: ["
    "Discharge: {mode: C-rate, "
    "value: '0.5 * 2 ** CYCLE_COUNT * ifelse(STEP_COUNT > 0, 2, 1)', ends: [Voltage < 3.2]}, "
    "Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4]}]}",
)
FAST_CHARGE = "safety_limits: {voltage_max: 4.3, temperature_max: 60}\n" + keyed(
    0.1,
    "Charge: {mode: C-rate, value: 2, ends: [Voltage > 3.9]}",
    "Charge: {mode: C-rate, value: 1.5, ends: [Voltage > 4]}",
    "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.1]}",
    "Charge: {mode: Voltage, value: 4.1, ends: [C-rate < 0.1]}",
)
AGEING = keyed(
    1,
    "Ageing: {repeat: 4, steps: [Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.3]}, "
    "Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.1]}, "
    "Charge: {mode: Voltage, value: 4.1, ends: [Current < C/20]}]}",
)
LAPS = keyed(
    0.7,
    "Lap: [Discharge: {mode: Current, value: 3, duration: 60, "
    "set_variable: [{name: VAR_N, eval: VAR_N + 1}]}, Rest: {duration: 30}]",
    "Control: {ends: [{'VAR_N < 3': {goto: Lap}}]}",
    "Charge: {mode: Current, value: VAR_N, duration: 100}",
)


def drive(soc, mode, data, **more):
    return {
        "global": {"initial_soc": soc},
        "steps": [
            {"Drive": {"mode": mode, "data": data, **more}},
            {"Rest": {"duration": 30, "resolution": 10}},
        ],
    }


PROTOCOLS = {
    "GITT": (GITT, 0.8, [step.c_rate(0.5, duration=300), step.rest(900)] * 4),
    "HPPC": (
        HPPC,
        0.9,
        [
            step.c_rate(1, duration=10),
            step.rest(40),
            step.c_rate(-0.75, duration=10),
            step.rest(60),
            step.c_rate(0.333, duration=0.1 / 0.333 * 3600),
            step.rest(600),
        ]
        * 2,
    ),
    "rate test": (
        RATES,
        1.0,
        [
            part
            for rate in (0.5, 1, 2)
            for part in (
                step.c_rate(rate, termination="< 3.2 V"),
                step.c_rate(-0.5, termination="> 4 V"),
            )
        ],
    ),
    "constant power": (
        keyed(
            0.9,
            "Discharge: {mode: Power, value: 15, ends: [Voltage < 3.3]}",
            "Rest: {duration: 600}",
        ),
        0.9,
        [step.power(15, termination="< 3.3 V"), step.rest(600)],
    ),
    "constant resistance": (
        keyed(0.9, "Discharge: {mode: Resistance, value: 1, duration: 1200}"),
        0.9,
        [step.resistance(1, duration=1200)],
    ),
    "fast charge": (
        FAST_CHARGE,
        0.1,
        [
            step.c_rate(-2, termination="> 3.9 V"),
            step.c_rate(-1.5, termination="> 4 V"),
            step.c_rate(-1, termination="> 4.1 V"),
            step.voltage(4.1, termination="C/10"),
        ],
    ),
    "ageing": (
        AGEING,
        1.0,
        [
            step.c_rate(1, termination="< 3.3 V"),
            step.c_rate(-0.5, termination="> 4.1 V"),
            step.voltage(4.1, termination="C/20"),
        ]
        * 4,
    ),
    "laps": (
        LAPS,
        0.7,
        [step.current(3, duration=60), step.rest(30)] * 3 + [step.current(-3, duration=100)],
    ),
    "keyed": (KEYED, 0.6, [CHARGE, HOLD]),
    "older keyed": (OLDER.replace(" * 5", "").replace("50 mA", "250 mA"), 0.6, [CHARGE, HOLD]),
    "flat": (FLAT, 0.6, [CHARGE, HOLD]),
    "strings": (
        STRINGS,
        1.0,
        [
            step.c_rate(1, duration=600),
            step.current(-1, termination="> 4.1 V"),
            HOLD,
        ],
    ),
    "driven by current": (
        drive(0.6, "Current", CURRENTS, scale=0.5, repeat=2),
        0.6,
        [*[step.current(np.array(CURRENTS) * [1, 0.5])] * 2, step.rest(30)],
    ),
    "driven by C-rate": (
        drive(0.6, "C-rate", CURRENTS, scale=0.1),
        0.6,
        [step.c_rate(np.array(CURRENTS) * [1, 0.1]), step.rest(30)],
    ),
    "driven by power": (
        drive(0.6, "Power", POWERS),
        0.6,
        [step.power(np.array(POWERS)), step.rest(30)],
    ),
    "driven by voltage": (
        drive(0.5, "Voltage", VOLTAGES),
        0.5,
        [step.voltage(np.array(VOLTAGES)), step.rest(30)],
    ),
    "square wave": (
        keyed(
            0.5,
            "Waveform: {shape: square, mode: Current, amplitude: 2, offset: 1, frequency: 0.02, "
            "cycles: 2, resolution: 5}",
        ),
        0.5,
        [step.current(3, duration=25), step.current(-1, duration=25)] * 2,
    ),
    "triangle wave": (
        keyed(
            0.5,
            "Waveform: {shape: triangle, mode: Current, amplitude: 2, frequency: 0.01, cycles: 1}",
        ),
        0.5,
        [step.current(np.array([[0, 0], [25, 2.0], [75, -2.0], [100, 0]]))],
    ),
    "sine wave": (
        keyed(
            0.5,
            "Waveform: {shape: sine, mode: Current, amplitude: 2, offset: 1, "
            "frequency: 0.01, duration: 250}",
        ),
        0.5,
        [step.current(np.column_stack([FINE, 1 + 2 * np.sin(2 * np.pi * 0.01 * FINE)]))],
    ),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocol_equals_experiment(name):
    protocol, soc, steps = PROTOCOLS[name]
    [outcome] = simulate(SPM, protocol, [{"id": "a"}])
    assert outcome.error is None
    solution = reference(steps, soc)
    if outcome.steps.height == len(steps):
        assert compare(outcome.time_series, solution, len(steps)) < 0.1
    else:
        assert compare_inside(outcome.time_series, solution) < 0.1


def test_temperature_changes_of_a_lumped_cell():
    protocol = keyed(
        0.8,
        "Discharge: {mode: C-rate, value: 1, duration: 600}",
        "Ambient temperature: 40",
        "Discharge: {mode: C-rate, value: 1, duration: 600}",
        "Rest: {duration: 600, temperature: 10}",
        "Rest: {duration: 600}",
    )
    steps = [
        step.c_rate(1, duration=600, temperature="25oC"),
        step.c_rate(1, duration=600, temperature="40oC"),
        step.rest(600, temperature="10oC"),
        step.rest(600, temperature="40oC"),
    ]
    [outcome] = simulate(LUMPED, protocol, [{"id": "a"}])
    solution = reference(steps, 0.8, pybamm.lithium_ion.SPM({"thermal": "lumped"}))
    assert compare(outcome.time_series, solution, 4) < 0.1
    theirs = solution["Volume-averaged cell temperature [C]"](
        outcome.time_series["Time [s]"].to_numpy()
    )
    assert outcome.time_series["Temperature [degC]"].to_numpy() == pytest.approx(theirs, abs=0.02)


def test_the_points_of_a_drive_cycle_are_its_own():
    [outcome] = simulate(SPM, drive(0.6, "Current", CURRENTS), [{"id": "a"}])
    first = outcome.time_series.filter(pl.col("Step count") == 0)
    assert first["Time [s]"].to_list() == [0, 20, 25, 60, 61, 120]
    assert first["Current [A]"].to_list() == pytest.approx([row[1] for row in CURRENTS])


def test_an_end_on_a_slope_is_where_pybamm_has_the_slope():
    protocol = keyed(
        0.5,
        "Discharge: {mode: C-rate, value: 1, duration: 300}",
        'Rest: {ends: ["d/dt(Voltage) < 1e-5"]}',
    )
    [outcome] = simulate(SPM, protocol, [{"id": "a"}])
    assert outcome.steps["Termination"][1] == "d/dt(Voltage) < 1e-05"
    end = outcome.steps["End time [s]"][1]
    solution = reference([step.c_rate(1, duration=300), step.rest(end)], 0.5)
    voltage = solution["Voltage [V]"]
    assert (voltage(end + 20) - voltage(end - 20)) / 40 == pytest.approx(1e-5, rel=0.01)
    assert outcome.time_series["Voltage [V]"][-1] == pytest.approx(voltage(end), abs=1e-4)
