"""The models and published parameter sets the embedded engine offers ready-made.

Static data: the server lists it without importing PyBaMM.
"""

from typing import Final

MODELS: Final[dict[str, str]] = {
    "SPM": "Single Particle Model",
    "SPMe": "Single Particle Model with electrolyte",
    "DFN": "Doyle-Fuller-Newman model",
}
"""Model name -> description, fastest first; each is offered with every parameter set."""

CIRCUIT: Final = "Thevenin"

BUILT_IN: Final[dict[str, str]] = {
    **MODELS,
    "MPM": "Many-Particle Model: particles of many sizes",
    "NewmanTobias": "Newman-Tobias model: no concentration gradients in the electrolyte",
    CIRCUIT: "equivalent circuit of a resistor and RC elements",
}
"""Model name -> description, of all PyBaMM models the engine builds by name."""

PARAMETER_SETS: Final[dict[str, str]] = {
    "Chen2020": "LG M50 21700, NMC811 against graphite-SiOx, 5 Ah (Chen et al., 2020)",
    "Marquis2019": "Kokam SLPB78205130H, LCO against graphite, 0.68 Ah (Marquis et al., 2019)",
    "OKane2022": "LG M50 21700 with degradation parameters, 5 Ah (O'Kane et al., 2022)",
    "Ai2020": "Enertech pouch cell, LCO against graphite, 2.28 Ah (Ai et al., 2020)",
    "Ecker2015": "Kokam SLPB75106100, NMC against graphite, 0.16 Ah (Ecker et al., 2015)",
    "Mohtat2020": "UMBL pouch cell, NMC532 against graphite, 5 Ah (Mohtat et al., 2020)",
    "NCA_Kim2011": "pouch cell, NCA against graphite, 0.43 Ah (Kim et al., 2011)",
    "ORegan2022": "LG M50 21700 with thermal dependences, 5 Ah (O'Regan et al., 2022)",
    "Prada2013": "A123 26650, LFP against graphite, 2.3 Ah (Prada et al., 2013)",
    "Ramadass2004": "Sony 18650, LCO against graphite, 1 Ah (Ramadass et al., 2004)",
}
"""Parameter set -> the cell it describes; each runs with every model of `MODELS`."""

CIRCUIT_PARAMETER_SETS: Final[dict[str, str]] = {
    "ECM_Example": "example of an equivalent circuit, 100 Ah",
}
"""Parameter set of an equivalent circuit -> description."""

CHEMISTRIES: Final[dict[str, str]] = {
    "NMC/Graphite": "Mohtat2020",
    "NMC811/Graphite": "Chen2020",
    "LFP/Graphite": "Prada2013",
    "NCA/Graphite": "NCA_Kim2011",
    "LCO/Graphite": "Ai2020",
}
"""Chemistry of a quick model -> the parameter set of its open-circuit voltage."""


def catalogue() -> list[dict[str, str]]:
    """List every ready-made parameterized model.

    Returns
    -------
    list of dict
        One entry per model and parameter set, with the keys ``model``, ``parameter_set``,
        ``name`` (for example ``"SPM Chen2020"``) and ``description``.
    """
    return [
        {
            "model": model,
            "parameter_set": parameter_set,
            "name": f"{model} {parameter_set}",
            "description": f"{title}: {cell}",
        }
        for parameter_set, cell in PARAMETER_SETS.items()
        for model, title in MODELS.items()
    ]


def chemistry_parameter_set(chemistry: str) -> str:
    """Return the parameter set of a chemistry.

    Parameters
    ----------
    chemistry : str
        A key of `CHEMISTRIES`; case and blanks do not matter.

    Returns
    -------
    str
        Name of the parameter set.

    Raises
    ------
    ValueError
        If the chemistry is unknown; the message lists the valid ones.
    """
    wanted = "".join(chemistry.split()).lower()
    for name, parameter_set in CHEMISTRIES.items():
        if name.lower() == wanted:
            return parameter_set
    valid = ", ".join(CHEMISTRIES)
    raise ValueError(f"unknown chemistry {chemistry!r}: use one of {valid}")
