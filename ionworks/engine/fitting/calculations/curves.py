"""Interpolated functions and activation energies from data."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.calculations.known import FARADAY, GAS, Known
from ionworks.engine.fitting.measurement import STOICHIOMETRY, VOLTAGE, Measurement
from ionworks.engine.pybamm_setup import pybamm

TEMPERATURE: Final = "Temperature [K]"
_ENERGY: Final = "activation energy [J.mol-1]"


def open_circuit_potential(known: Known) -> dict[str, Any]:
    """Return an electrode's open-circuit potential as an interpolant of data."""
    direction = known.options.get("direction")
    kind = f" {direction}" if direction else ""
    return {f"{known.side} electrode{kind} OCP [V]": _curve(known, VOLTAGE)}


def diffusivity(known: Known) -> dict[str, Any]:
    """Return a particle diffusivity as an interpolant of data over stoichiometry.

    With the ``transformation`` ``log`` its decimal logarithm is interpolated. With ``scale factor``
    it is multiplied by ``... particle diffusivity scale factor``, to be given or fitted.
    """
    is_log = known.options.get("transformation") == "log"
    curve = _curve(known, "Diffusivity [m2.s-1]", np.log10 if is_log else np.asarray)
    factor: Any = 1.0
    if known.options.get("scale factor"):
        factor = pybamm.Parameter(f"{known.side} particle diffusivity scale factor")

    def at_any_temperature(sto: Any, temperature: Any) -> Any:  # noqa: ARG001 - PyBaMM gives both
        return factor * (pybamm.Scalar(10) ** curve(sto) if is_log else curve(sto))

    return {f"{known.side} particle diffusivity [m2.s-1]": at_any_temperature}


def diffusivity_of_species(known: Known) -> dict[str, Any]:
    r"""Return a particle diffusivity from the slope of a potential, as the MSMR model has it.

    .. math:: D = -\frac{F}{R T} D_{ref} x (1 - x) \frac{dU}{dx}

    with ``... particle reference diffusivity [m2.s-1]`` left as a parameter (Baker and Verbrugge,
    2018, "Multi-species, multi-reaction model for porous intercalation electrodes: Part I",
    J. Electrochem. Soc. 165).
    """
    x, voltage = _sorted(_data(known), VOLTAGE)
    edge = float(known.options.get("x tolerance") or 1e-6)
    least = float(known.options.get("minimum dUdx") or 1e-6)
    # The potential falls with stoichiometry; a floor keeps the diffusivity positive on plateaus.
    slope = np.minimum(np.gradient(voltage, x), -least)
    inside = (x >= edge) & (x <= 1 - edge)
    if inside.sum() < 2:
        raise ValueError(
            f"data: {STOICHIOMETRY!r} needs two values within {edge:g} and 1 - {edge:g}"
        )
    x, factor = x[inside], -(x * (1 - x) * slope)[inside] * FARADAY / GAS
    interpolator = known.options.get("interpolator") or "linear"
    reference = f"{known.side} particle reference diffusivity [m2.s-1]"

    def at(sto: Any, temperature: Any) -> Any:
        curve = pybamm.Interpolant(x, factor, sto, name="MSMR factor", interpolator=interpolator)
        return pybamm.Parameter(reference) * curve / temperature

    return {f"{known.side} particle diffusivity [m2.s-1]": at}


def entropic_change(known: Known) -> dict[str, Any]:
    """Return an electrode's entropic change, times ``scale factor``, as an interpolant of data."""
    factor = known.options.get("scale factor")
    scale = 1.0 if factor is None else float(factor)
    curve = _curve(known, "Entropic change [V.K-1]", lambda values: scale * values)
    return {f"{known.side} electrode OCP entropic change [V.K-1]": curve}


def _curve(
    known: Known, column: str, change: Callable[[Floats], Any] = np.asarray
) -> Callable[[Any], Any]:
    x, y = _sorted(_data(known), column)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(change(y))
    if not np.isfinite(values).all():
        raise ValueError(f"data: {column!r} has values that are not above 0")
    interpolator = known.options.get("interpolator") or "linear"

    def curve(sto: Any) -> Any:
        return pybamm.Interpolant(x, values, sto, name=column, interpolator=interpolator)

    return curve


def _data(known: Known) -> Measurement:
    return known.state.measurement(known.element.get("data"), "data")


def _sorted(measurement: Measurement, column: str) -> tuple[Floats, Floats]:
    """Return a curve over rising stoichiometries, averaged where they are equal."""
    x, y = measurement.column(STOICHIOMETRY), measurement.column(column)
    places, groups = np.unique(x, return_inverse=True)
    if len(places) < 2:
        raise ValueError(f"data: {STOICHIOMETRY!r} needs at least two different values")
    return places, np.bincount(groups, y) / np.bincount(groups)


def arrhenius(known: Known) -> dict[str, float]:
    r"""Return values at a reference temperature, and activation energies, from data.

    Every column besides ``Temperature [K]`` is a parameter :math:`p` at those temperatures;
    :math:`\ln p` is fitted by a straight line in :math:`1 / T_{ref} - 1 / T`.
    """
    measurement = _data(known)
    temperatures = measurement.column(TEMPERATURE)
    reference = known.element.get("reference_temperature")
    kelvin = known["Reference temperature [K]"] if reference is None else float(reference)
    x = (1 / kelvin - 1 / temperatures) / GAS
    if np.ptp(x) == 0:
        raise ValueError(f"data: {TEMPERATURE!r} needs at least two different values")
    found = {}
    for name in measurement.frame.columns:
        if name == TEMPERATURE:
            continue
        values = measurement.column(name)
        if (values <= 0).any():
            raise ValueError(f"data: {name!r} has values that are not above 0")
        energy, intercept = np.polyfit(x, np.log(values), 1)
        found[name] = float(np.exp(intercept))
        found[f"{name.split(' [')[0]} {_ENERGY}"] = float(energy)
    return found
