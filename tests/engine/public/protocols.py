"""Experiments of PyBaMM's public examples that show protocols.

Only facts are taken from the examples: protocol, model, options and parameter values. A comment
says where a model is simpler or cycles are fewer. The examples with the US06 drive cycle get
`trip`, a profile of similar shape: PyBaMM does not ship the data. Every case starts at a given
state of charge, as the engine does.
"""

import numpy as np

from tests.engine.agreement import At, Drive, Step, case

BOOK = "pybamm-team/PyBaMM docs/source/examples/notebooks/"
SCRIPT = "pybamm-team/PyBaMM examples/scripts/"


def trip(seconds: int = 200) -> np.ndarray:
    """Return a current [A] at 1 Hz: accelerating, cruising, braking, for a cell of 0.7 A.h."""
    time = np.arange(seconds + 1.0)
    speed = np.maximum(0, np.sin(2 * np.pi * time / 150) + 0.4 * np.sin(2 * np.pi * time / 37))
    current = 0.15 * speed + 0.5 * speed**3 / 2 + 6 * np.gradient(speed, time)
    return np.column_stack([time, np.clip(current, -0.9, 1.8)])


def scaled(samples: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Return samples whose values are mapped to a range."""
    values = samples[:, 1]
    share = (values - values.min()) / (values.max() - values.min())
    return np.column_stack([samples[:, 0], lowest + share * (highest - lowest)])


SINE_TIMES = np.linspace(0, 1, 60)
RIPPLE = np.column_stack([SINE_TIMES, 0.5 * np.sin(2 * np.pi * SINE_TIMES)])
ALTERNATING_TIMES = np.linspace(0, 30, 601)
ALTERNATING = np.column_stack(
    [ALTERNATING_TIMES, 0.68 * np.sin(2 * np.pi * 0.1 * ALTERNATING_TIMES)]
)

TUTORIAL = [
    "Discharge at C/10 for 10 hours or until 3.3 V",
    "Rest for 1 hour",
    "Charge at 1 A until 4.1 V",
    "Hold at 4.1 V until 50 mA",
    "Rest for 1 hour",
]
CYCLE_3V = [
    "Discharge at 1C until 3V",
    "Rest for 1 hour",
    "Charge at 1C until 4.2V",
    "Hold at 4.2V until C/50",
]


def drive_day(samples: np.ndarray) -> list[Step]:
    """Return the day of the scripts on drive cycles: charge, a current and a power profile."""
    return [
        "Charge at 1 A until 4.0 V",
        "Hold at 4.0 V until 50 mA",
        "Rest for 30 minutes",
        Drive("Current", samples),
        "Rest for 30 minutes",
        Drive("Power", scaled(samples, 1.5, 3.5)),
        "Rest for 30 minutes",
    ]


TUTORIALS = {
    "tutorial 5, DFN": case(
        BOOK + "getting_started/tutorial-5-run-experiments.ipynb", "DFN", "Marquis2019", TUTORIAL
    ),
    "tutorial 5, four cycles": case(
        BOOK + "getting_started/tutorial-5-run-experiments.ipynb",
        "SPMe",
        "Marquis2019",
        TUTORIAL * 3 + ["Discharge at 1C until 3.3 V"],
    ),
    "tutorial 5, power profile": case(
        BOOK + "getting_started/tutorial-5-run-experiments.ipynb",
        "SPMe",
        "Marquis2019",
        [Drive("Power", RIPPLE)],
    ),
    "tutorial 5, forms of sentences": case(
        BOOK + "getting_started/tutorial-5-run-experiments.ipynb",
        "SPM",
        "Marquis2019",
        [
            "Discharge at C/20 for 0.5 hours",
            "Charge at 0.5 C for 45 minutes",
            "Discharge at 1 A for 90 seconds",
            "Charge at 200mA for 45 minutes",
            "Discharge at 1 W for 0.5 hours",
            "Charge at 200 mW for 45 minutes",
            "Rest for 10 minutes",
            "Charge at 1 C until 4.1V",
            "Hold at 4.1 V until 50 mA",
            "Discharge at 1C for 0.5 hours",
            "Discharge at 1A for 1 hour or until 2.5V",
        ],
        soc=0.6,
    ),
    "tutorial 5, temperature of a step": case(
        BOOK + "getting_started/tutorial-5-run-experiments.ipynb",
        "SPMe",
        "OKane2022",
        [
            At("Discharge at 1C for 20 minutes", 25),
            At("Discharge at 1C for 20 minutes", 40),
            At("Rest for 20 minutes", 10),
        ],
        options={"thermal": "lumped"},
    ),
    "tutorial 7, lumped temperature": case(
        BOOK + "getting_started/tutorial-7-model-options.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"thermal": "lumped"},
    ),
    "start times written out": case(
        BOOK + "simulations_and_experiments/experiments-start-time.ipynb",
        "SPM",
        "Marquis2019",
        [
            "Discharge at 1C for 30 minutes",
            "Charge at C/3 for 10 minutes",
            "Rest for 20 minutes",
            "Discharge at C/2 for 30 minutes",
            "Rest for 1 hour",
        ],
    ),
    "constant current, rest": case(
        BOOK + "parameterization/change-input-current.ipynb",
        "DFN",
        "Marquis2019",
        ["Discharge at 1.6 A for 600 s", "Rest for 600 s"],
    ),
    "alternating current": case(
        BOOK + "parameterization/change-input-current.ipynb",
        "SPM",
        "Marquis2019",
        [Drive("Current", ALTERNATING)],
        soc=0.8,
    ),
    "drive cycle, DFN": case(
        BOOK + "parameterization/change-input-current.ipynb",
        "DFN",
        "Marquis2019",
        [Drive("Current", trip(120))],
        soc=0.8,
    ),
    "drive cycle, lumped temperature": case(
        SCRIPT + "drive_cycle.py",
        "SPMe",
        "Marquis2019",
        [Drive("Current", trip())],
        options={"thermal": "lumped"},
    ),
    # The example uses the DFN.
    "drive cycles of current and power": case(
        SCRIPT + "experiment_drive_cycle.py", "SPMe", "Marquis2019", drive_day(trip()), soc=0.5
    ),
}

CYCLES = {
    "CCCV": case(
        SCRIPT + "experimental_protocols/cccv.py",
        "SPM",
        "Marquis2019",
        [
            "Discharge at C/5 for 10 hours or until 3.3 V",
            "Rest for 1 hour",
            "Charge at 1 A until 4.1 V",
            "Hold at 4.1 V until 10 mA",
            "Rest for 1 hour",
        ]
        * 3,
    ),
    "GITT, DFN": case(
        SCRIPT + "experimental_protocols/gitt.py",
        "DFN",
        "Marquis2019",
        ["Discharge at C/20 for 1 hour", "Rest for 1 hour"] * 3,
    ),
    "GITT": case(
        SCRIPT + "experimental_protocols/gitt.py",
        "SPM",
        "Marquis2019",
        ["Discharge at C/20 for 1 hour", "Rest for 1 hour"] * 19,
    ),
    "charge by current, then voltage": case(
        SCRIPT + "charging_strategies.py",
        "SPMe",
        "Marquis2019",
        ["Charge at 1 A until 4.2 V", "Hold at 4.2 V for 1 hour"],
        soc=0.2,
    ),
    "charge by voltage": case(
        SCRIPT + "charging_strategies.py",
        "SPMe",
        "Marquis2019",
        ["Hold at 4.2 V for 1 hour"],
        soc=0.6,
    ),
    "charge by power, then voltage": case(
        SCRIPT + "charging_strategies.py",
        "SPMe",
        "Marquis2019",
        ["Charge at 4 W until 4.2 V", "Hold at 4.2 V for 1 hour"],
        soc=0.2,
    ),
    "multi-step charge": case(
        BOOK + "simulations_and_experiments/custom-experiments.ipynb",
        "DFN",
        "Chen2020",
        [
            "Charge at 1C until 4.2 V",
            "Charge at 0.5C until 4.2 V",
            "Charge at 0.25C until 4.2 V",
            "Hold at 4.2V until C/50",
        ],
        soc=0.05,
    ),
    "between both voltage limits": case(
        BOOK + "models/electrode-state-of-health.ipynb",
        "SPM",
        "Mohtat2020",
        [
            "Charge at 1C until 4.2V",
            "Hold at 4.2V until C/50",
            "Discharge at 1C until 2.8V",
            "Hold at 2.8V until C/50",
        ],
        soc=0.5,
    ),
    # The example has a model of degradation that this version of PyBaMM does not have.
    "hold at both voltage limits": case(
        BOOK + "models/positive-electrode-degradation.ipynb",
        "SPM",
        "Chen2020",
        [
            "Charge at 0.5 C until 4.2 V",
            "Hold at 4.2 V until C/50",
            "Rest for 60 minutes",
            "Discharge at 0.5 C until 2.8 V",
            "Hold at 2.8 V until C/50",
            "Rest for 60 minutes",
        ]
        * 2,
        soc=0.3,
    ),
    "cycles without rests": case(
        BOOK + "simulations_and_experiments/callbacks.ipynb",
        "DFN",
        "Marquis2019",
        [
            "Discharge at C/5 for 10 hours or until 3.3 V",
            "Charge at 1 A until 4.1 V",
            "Hold at 4.1 V until 10 mA",
        ],
    ),
    "fifty cycles without ageing": case(
        BOOK + "simulations_and_experiments/simulating-long-experiments.ipynb",
        "SPM",
        "Chen2020",
        CYCLE_3V * 50,
    ),
}
