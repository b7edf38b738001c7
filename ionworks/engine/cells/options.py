"""Options of PyBaMM's lithium-ion models, and those of them that the engine runs."""

from typing import Any, Final

from ionworks.doe.scalars import similar_names
from ionworks.engine.pybamm_setup import pybamm

_RUN: Final[dict[str, tuple[tuple[Any, ...], str]]] = {
    "operating mode": (("current",), "the protocol controls the current"),
    "working electrode": (("both",), "half cells have no state of charge to start from"),
    "open-circuit potential": (("single",), "a hysteresis needs an initial direction"),
    "particle phases": (("1",), "composite electrodes have no state of charge to start from"),
    "dimensionality": ((0,), "current collectors are not resolved in space"),
    "current collector": (("uniform",), "current collectors are not resolved in space"),
    "number of MSMR reactions": (("none",), "MSMR has no state of charge to start from"),
    "convection": (("none",), "PyBaMM has it for lead-acid cells only"),
    "hydrolysis": (("false",), "PyBaMM has it for lead-acid cells only"),
}
"""Option -> the values that the engine runs, and why it runs no others."""

_CUSTOM: Final = frozenset(("working electrode", "particle phases", "number of MSMR reactions"))
"""Options of models that run if their equations are uploaded: these start from concentrations."""

_ALWAYS: Final = "calculate discharge energy"


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return model options after checking that the engine can run them.

    Parameters
    ----------
    options : dict
        Such as ``{"thermal": "lumped"}``; a tuple gives one value for each electrode.

    Raises
    ------
    ValueError
        If PyBaMM does not have an option or its value, or the engine cannot run it; the message
        names the option and its valid values.
    """
    known = pybamm.BatteryModelOptions({}).possible_options
    for name, value in options.items():
        if name not in known:
            hint = similar_names(name, list(known)) or ", ".join(known)
            raise ValueError(f"unknown model option {name!r}: use {hint}")
        if name in _RUN and value not in _RUN[name][0]:
            values, reason = _RUN[name]
            valid = " or ".join(map(repr, values))
            remedy = "leave it out"
            if name in _CUSTOM:
                remedy += ", or upload the model with client.model.upload_custom(), which runs"
            raise ValueError(
                f"model option {name!r} is {value!r}, but the embedded engine runs {valid} only: "
                f"{reason}; {remedy}"
            )
        if isinstance(value, bool) or not isinstance(value, str | int | tuple):
            valid = ", ".join(map(repr, known[name]))
            raise ValueError(f"model option {name!r} is {value!r}: use one of {valid}")
    try:
        pybamm.BatteryModelOptions(dict(options))
    except (pybamm.OptionError, ValueError, TypeError) as error:
        raise ValueError(f"model options: {str(error).strip()}") from None
    return {name: value for name, value in options.items() if name != _ALWAYS}
