"""Experiments of PyBaMM's public examples that show models, options and parameter sets."""

import pybamm

from tests.engine.agreement import case
from tests.engine.public.protocols import BOOK, SCRIPT

ECM = [
    "Discharge at C/10 for 10 hours or until 3.3 V",
    "Rest for 1 hour",
    "Charge at 100 A until 4.1 V (1 second period)",
    "Hold at 4.1 V until 5 A (1 seconds period)",
    "Rest for 1 hour",
]
ECMD = [
    "Discharge at C/10 for 10 hours or until 3.3 V",
    "Rest for 30 minutes",
    "Rest for 2 hours",
    "Charge at 100 A until 4.1 V",
    "Hold at 4.1 V until 5 A",
    "Rest for 30 minutes",
    "Rest for 1 hour",
]
SECOND_ELEMENT = {
    "R2 [Ohm]": 0.3e-3,
    "C2 [F]": 1000 / 0.3e-3,
    "Element-2 initial overpotential [V]": 0,
}
CHEN = pybamm.ParameterValues("Chen2020")
LENGTHS = [
    CHEN[f"{part} thickness [m]"]
    for part in ("Negative electrode", "Separator", "Positive electrode")
]


def negative_porosity(x, y, z):
    """Return a porosity that falls to the separator."""
    return CHEN["Negative electrode porosity"] * (1.1 - 0.2 * x / LENGTHS[0])


def positive_porosity(x, y, z):
    """Return a porosity that rises from the separator."""
    depth = (x - LENGTHS[0] - LENGTHS[1]) / LENGTHS[2]
    return CHEN["Positive electrode porosity"] * (0.9 + 0.2 * depth)


MODELS = {
    "rate capability, C/20": case(
        BOOK + "models/rate-capability.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 0.05C until 3.105 V (10 minute period)"],
    ),
    "rate capability, 3C": case(
        BOOK + "models/rate-capability.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 3C until 3.105 V (1 second period)"],
    ),
    "comparison of models, SPM": case(
        SCRIPT + "compare_lithium_ion.py",
        "SPM",
        "Marquis2019",
        ["Discharge at 1 A for 1 hour or until 3.105 V"],
    ),
    "comparison of models, DFN": case(
        SCRIPT + "compare_lithium_ion.py",
        "DFN",
        "Marquis2019",
        ["Discharge at 1 A for 1 hour or until 3.105 V"],
    ),
    "O'Regan's cell, fine mesh": case(
        BOOK + "models/simulating-ORegan-2022-parameter-set.ipynb",
        "SPMe",
        "ORegan2022",
        ["Discharge at 1C for 1800 s"],
        options={"thermal": "lumped"},
        settings={
            "var_pts": {"x_n": 30, "x_s": 30, "x_p": 30, "r_n": 40, "r_p": 40},
            "submesh_types": {
                domain: {"class": "Exponential1DSubMesh", "submesh_params": {"side": "right"}}
                for domain in ("negative particle", "positive particle")
            },
        },
    ),
    "ambient surface temperature": case(
        SCRIPT + "compare_surface_temperature.py",
        "SPMe",
        "ORegan2022",
        ["Discharge at 1C until 2.5V", "Rest for 1 hour"],
        options={"thermal": "lumped", "surface temperature": "ambient"},
    ),
    "lumped surface temperature": case(
        SCRIPT + "compare_surface_temperature.py",
        "SPMe",
        "ORegan2022",
        ["Discharge at 1C until 2.5V", "Rest for 1 hour"],
        options={"thermal": "lumped", "surface temperature": "lumped"},
        parameters={
            # Of the whole cell here; the example's are of one cubic metre.
            "Casing heat capacity [J.K-1]": 30.0,
            "Environment thermal resistance [K.W-1]": 10.0,
        },
    ),
    "heat through the cell": case(
        BOOK + "models/thermal-models.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 3C until 3.105 V (1 second period)"],
        options={"thermal": "x-full"},
        parameters={
            "Negative current collector surface heat transfer coefficient [W.m-2.K-1]": 5,
            "Positive current collector surface heat transfer coefficient [W.m-2.K-1]": 5,
            "Negative tab heat transfer coefficient [W.m-2.K-1]": 0,
            "Positive tab heat transfer coefficient [W.m-2.K-1]": 0,
            "Edge heat transfer coefficient [W.m-2.K-1]": 0,
        },
    ),
    "heat of a pouch cell": case(
        BOOK + "models/thermal-models.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 3C until 3.105 V (1 second period)"],
        options={"thermal": "lumped", "cell geometry": "pouch"},
        parameters={"Total heat transfer coefficient [W.m-2.K-1]": 5},
    ),
    "heat of mixing": case(
        SCRIPT + "compare_lithium_ion_heat_of_mixing.py",
        "DFN",
        "Chen2020",
        ["Discharge at 1C for 4500 s or until 2.5 V"],
        options={"heat of mixing": "true", "thermal": "lumped"},
    ),
    "NCA cell": case(
        SCRIPT + "nca_parameters.py",
        "DFN",
        "NCA_Kim2011",
        ["Discharge at 1C for 3600 s or until 2.7 V"],
    ),
    "Ecker's cell, 1C": case(
        BOOK + "models/compare-ecker-data.ipynb",
        "DFN",
        "Ecker2015",
        ["Discharge at 1C for 3800 s or until 2.5 V"],
    ),
    "Ecker's cell, 5C": case(
        BOOK + "models/compare-ecker-data.ipynb",
        "SPMe",
        "Ecker2015",
        ["Discharge at 5C for 720 s or until 2.5 V (1 second period)"],
    ),
    # The example is of another cell; the sentences are those of its charging cycle.
    "LFP cell": case(
        SCRIPT + "experimental_protocols/cccv.py",
        "SPM",
        "Prada2013",
        [
            "Discharge at C/5 for 10 hours or until 2.5 V",
            "Rest for 1 hour",
            "Charge at 1 A until 3.6 V",
            "Hold at 3.6 V until 10 mA",
            "Rest for 1 hour",
        ],
    ),
    "quadratic profile": case(
        BOOK + "models/compare-particle-diffusion-models.ipynb",
        "DFN",
        "Marquis2019",
        ["Discharge at 0.68 A for 3600 s or until 3.105 V"],
        options={"particle": "quadratic profile"},
    ),
    "quartic profile": case(
        BOOK + "models/compare-particle-diffusion-models.ipynb",
        "SPM",
        "Marquis2019",
        ["Discharge at 0.68 A for 3600 s or until 3.105 V"],
        options={"particle": "quartic profile"},
    ),
    "uniform profile": case(
        SCRIPT + "compare_particle_models.py",
        "SPMe",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"particle": "uniform profile"},
    ),
    "particles of many sizes": case(
        SCRIPT + "DFN_size_distributions.py",
        "MPM",
        "Marquis2019",
        ["Discharge at 1C for 3450 s", "Rest for 3600 s"],
    ),
    "Newman and Tobias": case(
        SCRIPT + "NewmanTobias_pouch.py",
        "NewmanTobias",
        "Marquis2019",
        ["Discharge at 1C for 600 s"],
    ),
    "constant interface utilisation": case(
        SCRIPT + "compare_interface_utilisation.py",
        "DFN",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"interface utilisation": "constant"},
        parameters={
            "Initial negative electrode interface utilisation": 0.9,
            "Initial positive electrode interface utilisation": 0.8,
        },
    ),
    "current-driven interface utilisation": case(
        SCRIPT + "compare_interface_utilisation.py",
        "DFN",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"interface utilisation": "current-driven"},
        parameters={
            "Initial negative electrode interface utilisation": 0.9,
            "Initial positive electrode interface utilisation": 0.8,
            "Negative electrode current-driven interface utilisation factor [m3.mol-1]": -4e-5,
            "Positive electrode current-driven interface utilisation factor [m3.mol-1]": 4e-5,
        },
    ),
    # The example is a half cell.
    "asymmetric kinetics": case(
        SCRIPT + "compare_intercalation_kinetics.py",
        "DFN",
        "Marquis2019",
        ["Discharge at 2C until 3.105 V"],
        options={"intercalation kinetics": "asymmetric Butler-Volmer"},
        parameters={
            "Negative electrode Butler-Volmer transfer coefficient": 0.6,
            "Positive electrode Butler-Volmer transfer coefficient": 0.6,
        },
    ),
    "kinetics of Marcus, Hush and Chidsey": case(
        SCRIPT + "compare_intercalation_kinetics.py",
        "DFN",
        "Marquis2019",
        ["Discharge at 1C until 3.105 V"],
        options={"intercalation kinetics": "Marcus-Hush-Chidsey"},
        parameters={
            "Negative electrode reorganization energy [eV]": 0.35,
            "Positive electrode reorganization energy [eV]": 0.35,
            "Positive electrode exchange-current density [A.m-2]": 5,
        },
    ),
    "graded electrodes": case(
        BOOK + "models/graded-electrodes.ipynb",
        "DFN",
        "Chen2020",
        ["Discharge at 3C until 2.5 V (1 second period)"],
        parameters={
            "Negative electrode porosity": negative_porosity,
            "Positive electrode porosity": positive_porosity,
        },
    ),
    "tortuosity factors": case(
        BOOK + "models/tortuosity_models.ipynb",
        "DFN",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"transport efficiency": "tortuosity factor"},
        parameters={
            "Negative electrode tortuosity factor (electrolyte)": 4.0,
            "Positive electrode tortuosity factor (electrolyte)": 4.0,
            "Negative electrode tortuosity factor (electrode)": 3.0,
            "Positive electrode tortuosity factor (electrode)": 3.0,
            "Separator tortuosity factor (electrolyte)": 1.5,
        },
    ),
    "overlapping spheres": case(
        BOOK + "models/tortuosity_models.ipynb",
        "SPMe",
        "Marquis2019",
        ["Discharge at 0.680616 A for 3600 s or until 3.105 V"],
        options={"transport efficiency": "overlapping spheres"},
    ),
    # Names of older versions of PyBaMM are left out.
    "own dimensions": case(
        SCRIPT + "SPMe_SOC.py",
        "SPMe",
        "Marquis2019",
        ["Charge at 0.1583 A for 1 h or until 4.1 V", "Discharge at 0.1583 A until 3.105 V"],
        soc=0.5,
        parameters={
            "Electrode width [m]": 0.207 / 6.38,
            "Separator thickness [m]": 2.5e-5,
            "Maximum concentration in negative electrode [mol.m-3]": 25000,
            "Maximum concentration in positive electrode [mol.m-3]": 50000,
        },
    ),
}

CIRCUITS = {
    "equivalent circuit": case(SCRIPT + "run_ecm.py", "Thevenin", "ECM_Example", ECM, soc=0.5),
    "two RC elements": case(
        SCRIPT + "run_ecm.py",
        "Thevenin",
        "ECM_Example",
        ECM,
        options={"number of rc elements": 2},
        soc=0.5,
        parameters=SECOND_ELEMENT,
    ),
    "equivalent circuit, two rests": case(
        SCRIPT + "run_ecmd.py", "Thevenin", "ECM_Example", ECMD, soc=0.5
    ),
    "equivalent circuit with diffusion": case(
        SCRIPT + "Compare_ECM_ECMD.py",
        "Thevenin",
        "ECM_Example",
        ECMD,
        options={"diffusion element": "true"},
        soc=0.5,
        parameters={"Diffusion time constant [s]": 580},
    ),
}
