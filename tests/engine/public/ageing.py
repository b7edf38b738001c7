"""Experiments of PyBaMM's public examples that show ageing."""

from tests.engine.agreement import case
from tests.engine.public.protocols import BOOK, CYCLE_3V, SCRIPT, drive_day, trip

SEI_TIMES_TEN = {"SEI kinetic rate constant [m.s-1]": 1e-14}
LAM_CYCLE = [
    "Discharge at 1C until 3 V",
    "Rest for 600 seconds",
    "Charge at 1C until 4.2 V",
    "Hold at 4.199 V for 600 seconds",
]
CRACKS = ["Hold at 4.2 V until C/100", "Rest for 1 hour", "Discharge at 1C until 2.5 V"]
FINE_PARTICLES = {"var_pts": {"r_n": 26, "r_p": 26}}
COLD = {
    "Upper voltage cut-off [V]": 4.21,
    "Lithium plating transfer coefficient": 0.5,
    "Dead lithium decay constant [s-1]": 1e-4,
}


def fast_charge(rate: str) -> list[str]:
    """Return a cycle of the notebook on plating."""
    return [
        f"Charge at {rate} until 4.2 V",
        "Hold at 4.2 V until C/20",
        "Rest for 1 hour",
        "Discharge at 1C until 2.5 V",
        "Rest for 1 hour",
    ]


def rate_cycle(rate: str, least: str = "C/20", rest: str = "30 minutes") -> list[str]:
    """Return a cycle of the scripts on cycling and ageing."""
    return [
        "Charge at 1 C until 4.2 V",
        f"Hold at 4.2 V until {least}",
        f"Rest for {rest}",
        f"Discharge at {rate} until 2.8 V",
        f"Rest for {rest}",
    ]


COUPLED = {
    "SEI": "solvent-diffusion limited",
    "SEI porosity change": "true",
    "lithium plating": "partially reversible",
    "lithium plating porosity change": "true",
    "particle mechanics": ("swelling and cracking", "swelling only"),
    "SEI on cracks": "true",
    "loss of active material": "stress-driven",
}
RPT = [
    "Charge at 1C until 4.2V",
    "Hold at 4.2V until C/50",
    "Discharge at 1C until 3V",
    "Rest for 1 hour",
]


def ageing_rate(current_density, temperature):
    """Return the rate of loss of active material, as in the notebook."""
    size = abs(current_density)
    return -1e-10 * (size + 1e3 * size**0.5)


AGEING = {
    # The example has six cycles.
    "SEI and plating, DFN": case(
        SCRIPT + "cycling_ageing.py",
        "DFN",
        "Mohtat2020",
        rate_cycle("1 C", "C/10", "5 minutes"),
        options={
            "SEI": "ec reaction limited",
            "SEI film resistance": "distributed",
            "SEI porosity change": "true",
            "lithium plating": "irreversible",
            "lithium plating porosity change": "true",
        },
        soc=0.5,
    ),
    "SEI at four rates": case(
        SCRIPT + "cycling_ageing.py",
        "SPMe",
        "Mohtat2020",
        [step for rate in ("C/3", "1 C", "2 C", "3 C") for step in rate_cycle(rate)],
        options={"SEI": "ec reaction limited", "SEI porosity change": "true"},
        soc=0.5,
    ),
    "Yang's ageing": case(
        SCRIPT + "cycling_ageing_yang.py",
        "DFN",
        "Ramadass2004",
        rate_cycle("2 C", "C/10", "5 minutes"),
        options={"SEI": "ec reaction limited", "SEI porosity change": "true"},
        soc=0.5,
    ),
    # The example ages for thirty years.
    "calendar ageing, SPM": case(
        SCRIPT + "calendar_ageing.py",
        "SPM",
        "Marquis2019",
        ["Rest for 8760 hours (24 hour period)"],
        options={"SEI": "reaction limited"},
    ),
    "calendar ageing, SPMe with a surface form": case(
        SCRIPT + "calendar_ageing.py",
        "SPMe",
        "Marquis2019",
        ["Rest for 8760 hours (24 hour period)"],
        options={"SEI": "reaction limited", "surface form": "algebraic"},
    ),
    # The example uses the DFN.
    "calendar ageing, then drive cycles": case(
        SCRIPT + "calendar_ageing_then_drive_cycle.py",
        "SPM",
        "Chen2020",
        ["Rest for 52560 hours (200 hour period)", *drive_day(trip())],
        options={"SEI": "reaction limited"},
        parameters={"SEI kinetic rate constant [m.s-1]": 1e-13},
        soc=0.8,
    ),
    "calendar ageing and cycling": case(
        SCRIPT + "calendar_ageing_and_cycling.py",
        "SPMe",
        "OKane2022",
        [
            "Rest for 720 hours (6 hour period)",
            "Discharge at C/9 until 3.2 V",
            "Rest for 15 minutes",
            "Charge at C/7 until 4.1 V",
            "Hold at 4.1 V until C/37",
            "Rest for 15 minutes",
            "Discharge at C/4 for 5s",
            "Rest for 15 minutes",
        ],
        options={"SEI": "solvent-diffusion limited", "SEI porosity change": "true"},
        soc=0.9,
    ),
    "SEI, DFN": case(
        SCRIPT + "SEI_on_cracks.py",
        "DFN",
        "OKane2022",
        ["Discharge at 1C until 2.5 V"],
        options={"SEI": "solvent-diffusion limited"},
    ),
    "SEI and swelling": case(
        BOOK + "models/SEI-on-cracks.ipynb",
        "SPMe",
        "OKane2022",
        CRACKS,
        options={"SEI": "solvent-diffusion limited", "particle mechanics": "swelling only"},
        settings=FINE_PARTICLES,
    ),
    "SEI on cracks": case(
        BOOK + "models/SEI-on-cracks.ipynb",
        "SPMe",
        "OKane2022",
        CRACKS,
        options={
            "SEI": "solvent-diffusion limited",
            "particle mechanics": "swelling and cracking",
            "SEI on cracks": "true",
        },
        settings=FINE_PARTICLES,
    ),
    # The example has ten cycles, a discharge at C/10 first, and 30 points in the particles.
    "coupled degradation, DFN": case(
        BOOK + "models/coupled-degradation.ipynb",
        "DFN",
        "OKane2022",
        [
            "Hold at 4.2 V until C/100 (5 minute period)",
            "Rest for 4 hours (5 minute period)",
            "Discharge at 1C until 2.5 V (1 minute period)",
            "Charge at 0.3C until 4.2 V (5 minute period)",
            "Hold at 4.2 V until C/100 (5 minute period)",
        ],
        options=COUPLED,
        settings={"var_pts": {"x_n": 5, "x_s": 5, "x_p": 5, "r_n": 20, "r_p": 20}},
    ),
    "cracks": case(
        BOOK + "models/submodel_cracking_DFN_or_SPM.ipynb",
        "SPM",
        "Ai2020",
        ["Discharge at 1C for 3600 s or until 3 V"],
        options={"particle mechanics": "swelling and cracking"},
        settings=FINE_PARTICLES,
    ),
    # The example has 20 points in each part.
    "stress-driven loss, DFN": case(
        BOOK + "models/loss_of_active_materials.ipynb",
        "DFN",
        "Ai2020",
        LAM_CYCLE,
        options={
            "SEI": "solvent-diffusion limited",
            "SEI porosity change": "false",
            "particle mechanics": "swelling only",
            "loss of active material": "stress-driven",
        },
        settings={"var_pts": {"x_n": 10, "x_s": 5, "x_p": 10, "r_n": 10, "r_p": 10}},
        parameters={
            f"{electrode} electrode LAM constant proportional term [s-1]": 1e-4 / 3600
            for electrode in ("Negative", "Positive")
        },
    ),
    "reaction-driven loss": case(
        BOOK + "models/loss_of_active_materials.ipynb",
        "SPMe",
        "Chen2020",
        LAM_CYCLE,
        options={
            "SEI": "solvent-diffusion limited",
            "loss of active material": "reaction-driven",
        },
        parameters={"Negative electrode reaction-driven LAM factor [m3.mol-1]": 1e-4},
    ),
    "current-driven loss": case(
        BOOK + "models/loss_of_active_materials.ipynb",
        "SPM",
        "Chen2020",
        LAM_CYCLE,
        built_by_step=True,
        options={"loss of active material": "current-driven"},
        parameters={
            f"{electrode} electrode current-driven LAM rate": ageing_rate
            for electrode in ("Positive", "Negative")
        },
    ),
    **{
        f"{kind} plating in the cold": case(
            BOOK + "models/lithium-plating.ipynb",
            model,
            "OKane2022",
            fast_charge(rate),
            options={"lithium plating": kind},
            soc=0.01,
            temperature=-5,
            parameters=COLD,
        )
        for kind, model, rate in (
            ("reversible", "SPMe", "C/8"),
            ("irreversible", "DFN", "C/2"),
            ("partially reversible", "SPM", "C/4"),
        )
    },
    "reference performance test": case(
        BOOK + "simulations_and_experiments/rpt-experiment.ipynb",
        "SPM",
        "Mohtat2020",
        RPT * 10 + RPT[:2] + ["Discharge at C/3 until 3V"],
        options={"SEI": "ec reaction limited"},
        parameters=SEI_TIMES_TEN,
        soc=0.5,
    ),
    "twenty cycles with SEI": case(
        BOOK + "simulations_and_experiments/simulating-long-experiments.ipynb",
        "SPM",
        "Mohtat2020",
        CYCLE_3V * 20,
        options={"SEI": "ec reaction limited"},
        parameters=SEI_TIMES_TEN,
    ),
    "after storage": case(
        BOOK + "simulations_and_experiments/formation-storage-loss.ipynb",
        "DFN",
        "Chen2020",
        ["Discharge at 1C until 2.5 V"],
        options={"SEI": "constant"},
        parameters={"Initial SEI thickness [m]": 7.185e-8, "Negative electrode porosity": 0.2224},
    ),
}
