"""Laboratory test procedures, compared with PyBaMM experiments written by hand."""

import pybamm
import pytest

from ionworks.engine import simulate
from tests.engine.experiments import compare, keyed, reference
from tests.engine.runs import SPM, reasons, steps

pytestmark = pytest.mark.unmeasured

MODELS = {
    "SPM": pybamm.lithium_ion.SPM,
    "SPMe": pybamm.lithium_ion.SPMe,
    "DFN": pybamm.lithium_ion.DFN,
}
step = pybamm.step

PULSES = keyed(
    0.8,
    "Train: {repeat: 15, steps: [Discharge: {mode: C-rate, value: 2, duration: 10, resolution: 1}, "
    "Rest: {duration: 20, resolution: 2}]}",
)
POWERS = keyed(
    0.3,
    "Charge: {mode: Power, value: 15, ends: [Voltage > 4.1]}",
    "Charge: {mode: Voltage, value: 4.1, ends: [Current < 0.5]}",
    "Discharge: {mode: Power, value: 18, ends: [Voltage < 3.4]}",
    "Charge: {mode: Power, value: 8, duration: 20 min}",
)
TEMPERATURES = keyed(
    0.9,
    "Discharge: {mode: C-rate, value: 1, duration: 10 min, temperature: 45}",
    "Discharge: {mode: C-rate, value: 1, duration: 10 min, temperature: 0}",
    "Ambient temperature: 35",
    "Discharge: {mode: C-rate, value: 1, duration: 10 min}",
    "Charge: {mode: Voltage, value: 4, duration: 10 min}",
)
AMOUNTS = keyed(1, "Discharge: {mode: Power, value: 15, ends: [Capacity > 1.25]}")
ENERGIES = keyed(0.2, "Charge: {mode: Voltage, value: 3.9, ends: [Energy > 5]}")
NESTED = keyed(
    0.6,
    "Outer: {repeat: 2, steps: ["
    "Inner: {repeat: 3, steps: [Discharge: {mode: C-rate, value: 1, duration: 60}, "
    "Rest: {duration: 60}]}, Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 3.85]}]}",
)
LOADS = keyed(
    0.95,
    "Discharge: {mode: Resistance, value: 0.8, ends: [Voltage < 3.5]}",
    "Rest: {duration: 600}",
    "Discharge: {mode: Resistance, value: 2 Ohm, duration: 600}",
)
MIXED = """
global: {temperature: 25, initial_soc: 70}
steps:
  - {direction: Discharge, mode: C-rate, value: "1", ends: [{variable: "Voltage [V]", value: 3.6}]}
  - Pause
  - rest: {duration: "0:10:00"}
  - Top up:
      - Charge: {mode: current, value: 2500 mA, ends: [{"Voltage >= 4.0": {goto: Next}}]}
      - 'Direction["Charge"]':
          {mode: Voltage, value: 4, ends: {expression: "Current < C/10", goto: Last}}
  - Rest: {duration: 99999}
  - {name: Last, steps: [{Discharge: {mode: Power, value: 10 W, duration: 5 minutes}}]}
"""
LINES = """
Discharge at C/3 for 30 minutes
Rest for 10 min (30 second period)
Charge at 10 W for 0.2 h or until 4.18 V
Hold at 4.05 V for 10 minutes
Discharge at 2 Ohm for 300 s
Discharge at 1.5 A until 3.6V (10 seconds period)
"""
PSEUDO_OCV = keyed(
    1,
    "Discharge: {mode: C-rate, value: C/20, ends: [Voltage < V_MIN + 0.5], resolution: 600}",
    "Rest: {duration: 2 h, resolution: 600}",
    "Charge: {mode: C-rate, value: C/20, ends: [Voltage > V_MAX - 0.1], resolution: 600}",
)
# Shares of the peak power and seconds of one period of the dynamic stress test (USABC, 1996).
STRESS = (
    *((0, 16), (-0.125, 28), (-0.25, 12), (0.125, 8), (0, 16), (-0.125, 24), (-0.25, 12)),
    *((0.125, 8), (0, 16), (-0.125, 24), (-0.25, 12), (0.125, 8), (0, 16), (-0.125, 36)),
    *((-1, 8), (-0.625, 24), (0.25, 8), (-0.25, 32), (0.5, 8), (0, 44)),
)
PEAK = 40.0


def stress_step(share, seconds):
    kind = "Discharge" if share < 0 else "Charge"
    control = f"mode: Power, value: {abs(share) * PEAK}, " if share else ""
    return f"{{{kind if share else 'Rest'}: {{{control}duration: {seconds}, resolution: 4}}}}"


DYNAMIC_STRESS = keyed(
    0.9, f"DST: {{repeat: 2, steps: [{', '.join(stress_step(*part) for part in STRESS)}]}}"
)
PULSE_TEST = keyed(
    0.7,
    "Discharge: {mode: C-rate, value: 1.5, duration: 10, resolution: 1}",
    "Rest: {duration: 40, resolution: 5}",
    "Charge: {mode: C-rate, value: 1.1, duration: 10, resolution: 1}",
    "Rest: {duration: 300}",
)
PULSE_STEPS = [
    step.c_rate(1.5, duration=10),
    step.rest(40),
    step.c_rate(-1.1, duration=10),
    step.rest(300),
]
TITRATION = keyed(
    0.5,
    "GITT: {repeat: 2, steps: [Charge: {mode: C-rate, value: 0.2, duration: 600}, "
    "Rest: {duration: 1200}]}",
)
TITRATION_STEPS = [step.c_rate(-0.2, duration=600), step.rest(1200)] * 2

PROTOCOLS = {
    "pulse train": ("SPM", PULSES, 0.8, [step.c_rate(2, duration=10), step.rest(20)] * 15),
    "constant power": (
        "SPM",
        POWERS,
        0.3,
        [
            step.power(-15, termination="> 4.1 V"),
            step.voltage(4.1, termination="0.5 A"),
            step.power(18, termination="< 3.4 V"),
            step.power(-8, duration=1200),
        ],
    ),
    "temperature of a step, isothermal": (
        "SPM",
        TEMPERATURES,
        0.9,
        [
            step.c_rate(1, duration=600, temperature="45oC"),
            step.c_rate(1, duration=600, temperature="0oC"),
            step.c_rate(1, duration=600, temperature="35oC"),
            step.voltage(4, duration=600, temperature="35oC"),
        ],
    ),
    "capacity end": (
        "SPM",
        AMOUNTS,
        1.0,
        [
            step.power(
                15,
                termination=step.CustomTermination(
                    "capacity", lambda variables: 1.25 - variables["Discharge capacity [A.h]"]
                ),
            )
        ],
    ),
    "nested repeats": (
        "SPM",
        NESTED,
        0.6,
        [
            *[step.c_rate(1, duration=60), step.rest(60)] * 3,
            step.c_rate(-0.5, termination="> 3.85 V"),
        ]
        * 2,
    ),
    "resistances": (
        "SPM",
        LOADS,
        0.95,
        [
            step.resistance(0.8, termination="< 3.5 V"),
            step.rest(600),
            step.resistance(2, duration=600),
        ],
    ),
    "mixed dialects": (
        "SPM",
        MIXED,
        0.7,
        [
            step.c_rate(1, termination="< 3.6 V"),
            step.rest(600),
            step.current(-2.5, termination="> 4 V"),
            step.voltage(4, termination="C/10"),
            step.power(10, duration=300),
        ],
    ),
    "experiment strings": ("SPM", LINES, 1.0, LINES.strip().splitlines()),
    "C/20 open-circuit curve": (
        "SPM",
        PSEUDO_OCV,
        1.0,
        [
            step.c_rate(1 / 20, termination="< 3 V"),
            step.rest(7200),
            step.c_rate(-1 / 20, termination="> 4.1 V"),
        ],
    ),
    "dynamic stress test": (
        "SPM",
        DYNAMIC_STRESS,
        0.9,
        [
            step.power(-share * PEAK, duration=seconds) if share else step.rest(seconds)
            for share, seconds in STRESS
        ]
        * 2,
    ),
    "pulse test, SPMe": ("SPMe", PULSE_TEST, 0.7, PULSE_STEPS),
    "pulse test, DFN": ("DFN", PULSE_TEST, 0.7, PULSE_STEPS),
    "titration, DFN": ("DFN", TITRATION, 0.5, TITRATION_STEPS),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocol_equals_experiment(name):
    kind, protocol, soc, experiment = PROTOCOLS[name]
    [outcome] = simulate({**SPM, "type": kind}, protocol, [{"id": "a"}])
    assert outcome.error is None
    assert outcome.steps.height == len(experiment)
    solution = reference(experiment, soc, MODELS[kind]())
    assert compare(outcome.time_series, solution, len(experiment)) < 0.1


def test_a_hundred_cycles():
    """Each step of the hundredth cycle ends where PyBaMM ends it."""
    protocol = keyed(
        0.5,
        "Ageing: {repeat: 100, steps: ["
        "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3.5], resolution: 120}, "
        "Charge: {mode: C-rate, value: 1, ends: [Voltage > 3.9], resolution: 120}]}",
    )
    [outcome] = simulate(SPM, protocol, [{"id": "a"}])
    assert outcome.steps.height == 200
    experiment = [step.c_rate(1, termination="< 3.5 V"), step.c_rate(-1, termination="> 3.9 V")]
    solution = reference(experiment * 100, 0.5)
    ends = [cycle.t[-1] for cycle in solution.cycles]
    assert steps(outcome, "End time [s]") == pytest.approx(ends, rel=1e-4)
    assert steps(outcome, "Cycle count") == [cycle for cycle in range(100) for _ in range(2)]
    assert compare(outcome.time_series, solution, 200) < 0.1


def test_a_loop_that_a_condition_ends_equals_the_loop_written_out():
    """Pulses until the rested voltage is below 3.6 V; PyBaMM is given their number."""
    protocol = keyed(
        0.6,
        "Pulse: [Discharge: {mode: C-rate, value: 1, duration: 180}, Rest: {duration: 900}]",
        "Control: {ends: [{Voltage > 3.6: {goto: Pulse}}]}",
        "Charge: {mode: C-rate, value: 0.5, duration: 600}",
    )
    [outcome] = simulate(SPM, protocol, [{"id": "a"}])
    pulses = reasons(outcome).count("duration") // 2
    solution = reference(
        [step.c_rate(1, duration=180), step.rest(900)] * pulses + [step.c_rate(-0.5, duration=600)],
        0.6,
    )
    rested = [cycle["Voltage [V]"].entries[-1] for cycle in solution.cycles[1 : 2 * pulses : 2]]
    assert min(rested[:-1]) > 3.6 > rested[-1]
    assert compare(outcome.time_series, solution, 2 * pulses + 1) < 0.1


def test_a_safety_limit_with_recovery_equals_the_test_written_out():
    limits = "safety_limits: {voltage_max: {value: 4.15, goto: Cool}, voltage_min: 2.5}\n"
    protocol = limits + keyed(
        0.3,
        "Charge: {mode: C-rate, value: 2, ends: [Voltage > 4.2]}",
        "Charge: {mode: C-rate, value: 1, duration: 9999}",
        "Cool: [Rest: {duration: 600}, Discharge: {mode: C-rate, value: 1, duration: 300}]",
    )
    [outcome] = simulate(SPM, protocol, [{"id": "a"}])
    assert reasons(outcome) == ["safety limit voltage_max", "duration", "duration"]
    experiment = [
        step.c_rate(-2, termination="> 4.15 V"),
        step.rest(600),
        step.c_rate(1, duration=300),
    ]
    assert compare(outcome.time_series, reference(experiment, 0.3), 3) < 0.1


def test_an_end_on_energy_is_where_pybamm_has_that_energy():
    [outcome] = simulate(SPM, ENERGIES, [{"id": "a"}])
    [duration] = steps(outcome, "Duration [s]")
    model = pybamm.lithium_ion.SPM({"calculate discharge energy": "true"})
    solution = reference([step.voltage(3.9, duration=duration)], 0.2, model)
    assert solution["Discharge energy [W.h]"](duration) == pytest.approx(-5, rel=1e-4)
