"""Experiments of PyBOP's public examples."""

from tests.engine.agreement import case

PYBOP = "pybop-team/PyBOP examples/"

PULSES = [
    "Rest for 2 seconds (1 second period)",
    "Discharge at 0.1C for 1 minute (2 second period)",
    "Rest for 10 minutes (8 second period)",
    "Charge at 0.1C for 1 minute (2 second period)",
    "Rest for 10 minutes (8 second period)",
]
HALVES = [
    "Rest for 2 seconds (1 second period)",
    "Discharge at 0.5C for 40 minutes (20 second period)",
    "Charge at 0.5C for 20 minutes (20 second period)",
]


PYBOP_CASES = {
    **{
        f"halves, {model}": case(
            PYBOP + "data/synthetic/discharge_charge_data_gen.py",
            model,
            "Chen2020",
            HALVES,
            soc=0.75,
        )
        for model in ("SPM", "SPMe", "DFN")
    },
    **{
        f"pulses at {soc}, {model}": case(
            PYBOP + "data/synthetic/pulse_data_gen.py", model, "Chen2020", PULSES, soc=soc
        )
        for model, soc in (("SPM", 0.15), ("SPMe", 0.15), ("DFN", 0.5))
    },
    # The example is a half cell of the parameter set Xu2019.
    "GITT of eight pulses": case(
        PYBOP + "scripts/battery_parameterisation/gitt_fitting.py",
        "SPMe",
        "Chen2020",
        [
            "Rest for 1 second",
            *["Discharge at 0.5C for 10 minutes (10 second period)", "Rest for 20 minutes"] * 8,
        ],
        soc=0.9,
    ),
    # The temperature is that of PyBaMM's lumped model, not of the example's own.
    "alternating charge and discharge": case(
        PYBOP + "scripts/battery_parameterisation/thermal_model.py",
        "SPM",
        "Chen2020",
        [
            "Rest for 100 seconds",
            *[
                "Charge at 1C for 100 seconds",
                "Rest for 100 seconds",
                "Discharge at 1C for 100 seconds",
                "Rest for 100 seconds",
            ]
            * 10,
            "Rest for 1000 seconds",
        ],
        options={"thermal": "lumped"},
        soc=0.5,
    ),
    "balancing of a full cell": case(
        PYBOP + "scripts/battery_parameterisation/full_cell_balancing.py",
        "SPM",
        "Chen2020",
        [
            "Discharge at 0.1C until 2.5V (3 min period)",
            "Charge at 0.1C until 4.2V (3 min period)",
        ],
        parameters={"Lower voltage cut-off [V]": 2.3, "Upper voltage cut-off [V]": 4.4},
    ),
    "discharge and hold": case(
        PYBOP + "scripts/design_optimisation/maximising_energy.py",
        "SPMe",
        "Chen2020",
        [
            "Discharge at 1C until 2.5 V (10 seconds period)",
            "Hold at 2.5 V for 30 minutes or until 10 mA (10 seconds period)",
        ],
    ),
    "double nominal capacity": case(
        PYBOP + "scripts/design_optimisation/maximising_power.py",
        "SPMe",
        "Chen2020",
        ["Discharge at 1C for 30 minutes or until 2.5 V (5 seconds period)"],
        parameters={"Nominal cell capacity [A.h]": 10.0},
    ),
    "surface form and contact resistance": case(
        PYBOP + "scripts/comparison_examples/grouped_SPMe.py",
        "SPMe",
        "Chen2020",
        [
            "Discharge at 1C until 2.5 V (5 seconds period)",
            "Rest for 30 minutes (5 seconds period)",
        ],
        options={"surface form": "differential", "contact resistance": "true"},
        soc=0.9,
        parameters={
            "Electrolyte diffusivity [m2.s-1]": 1.7694e-10,
            "Electrolyte conductivity [S.m-1]": 0.9487,
        },
    ),
    "start of a discharge": case(
        PYBOP + "scripts/battery_parameterisation/simple_dfn.py",
        "DFN",
        "Chen2020",
        ["Discharge at 5 A for 500 s (2 second period)"],
    ),
    "circuit of two elements": case(
        PYBOP + "scripts/battery_parameterisation/simple_ecm.py",
        "Thevenin",
        "ECM_Example",
        ["Discharge at 5 A for 897 s (3 second period)"],
        options={"number of rc elements": 2},
        soc=0.5,
        parameters={
            "Cell capacity [A.h]": 5,
            "Nominal cell capacity [A.h]": 5,
            "R0 [Ohm]": 0.001,
            "R1 [Ohm]": 0.0002,
            "R2 [Ohm]": 0.0003,
            "C1 [F]": 10000,
            "C2 [F]": 5000,
            "Element-2 initial overpotential [V]": 0,
        },
    ),
}
