"""Geometry, capacity and composition of electrodes."""

from math import pi, prod, sqrt
from typing import Any

from ionworks.engine.fitting.calculations.known import FARADAY, Known

_PARALLEL = "Number of electrodes connected in parallel to make a cell"
_AREA = "Electrode area [m2]"


def square_from_area(known: Known) -> dict[str, float]:
    """Return height and width of a square electrode from its area."""
    side = sqrt(known[_AREA])
    return {"Electrode height [m]": side, "Electrode width [m]": side}


def square_from_diameter(known: Known) -> dict[str, float]:
    """Return height and width of the square with the area of a round electrode."""
    side = sqrt(pi / 4) * known["Electrode diameter [m]"]
    return {"Electrode height [m]": side, "Electrode width [m]": side}


def electrode_capacity(known: Known) -> dict[str, float]:
    r"""Solve the capacity equation for its missing parameter.

    .. math:: Q = c_{max} \varepsilon L A n (\theta_{max} - \theta_{min}) F / 3600

    Without a capacity or loading the capacity is calculated.
    """
    side = known.side
    factors = _capacity_factors(known)
    capacity_name = f"{side} electrode capacity [A.h]"
    capacity = known.given(capacity_name)
    loading = known.given(f"{side} electrode loading [A.h.cm-2]")
    window = 1.0
    if known.element.get("use_stoich_window"):
        low, high = (f"{end} {side.lower()} stoichiometry" for end in ("Minimum", "Maximum"))
        window = known[high] - known[low]
    constant = window * FARADAY / 3600
    if capacity is None and loading is None:
        return {capacity_name: constant * prod(known[name] for name in factors)}
    if capacity is None and loading is not None:
        area = known.find(_AREA) or known["Electrode height [m]"] * known["Electrode width [m]"]
        capacity = loading * 1e4 * area * (known.find(_PARALLEL) or 1.0)
    missing = [name for name in factors if known.given(name) is None and name != _PARALLEL]
    if len(missing) != 1:
        raise ValueError(
            f"with {capacity_name!r} given, exactly one of {', '.join(map(repr, factors))} must be "
            f"missing, and {len(missing)} are"
        )
    others = prod(known[name] for name in factors if name != missing[0])
    return {missing[0]: float(capacity or 0.0) / (constant * others)}


def _capacity_factors(known: Known) -> list[str]:
    side = known.side
    area = (
        [_AREA]
        if known.given(_AREA) is not None
        else ["Electrode height [m]", "Electrode width [m]"]
    )
    factors = [
        f"Maximum concentration in {side.lower()} electrode [mol.m-3]",
        f"{side} electrode active material volume fraction",
        f"{side} electrode thickness [m]",
        *area,
    ]
    return [*factors, _PARALLEL] if known.find(_PARALLEL) is not None else factors


def volume_fraction_from_loading(known: Known) -> dict[str, float]:
    """Return the active material volume fraction from a loading or a coating mass."""
    side = known.side
    thickness = known[f"{side} electrode thickness [m]"]
    name = f"{side} electrode active material volume fraction"
    if known.element["method"] == "loading":
        loading = known[f"{side} electrode loading [A.h.cm-2]"] * 1e4
        maximum = known[f"Maximum concentration in {side.lower()} electrode [mol.m-3]"]
        return {name: loading / (thickness * maximum * FARADAY / 3600)}
    mass = known[f"{side} electrode coating mass [g.cm-2]"] * 10
    density = known[f"{side} electrode crystal density [g.cm-3]"] * 1000
    return {name: mass / (thickness * density)}


def volume_fraction_from_porosity(known: Known) -> dict[str, float]:
    """Return the active material volume fraction of an electrode without inactive solids."""
    side = known.side
    return {
        f"{side} electrode active material volume fraction": 1 - known[f"{side} electrode porosity"]
    }


def porosity_from_volume_fraction(known: Known) -> dict[str, float]:
    """Return the porosity of an electrode without inactive solids."""
    side = known.side
    return {
        f"{side} electrode porosity": 1 - known[f"{side} electrode active material volume fraction"]
    }


def surface_area_to_volume_ratio(known: Known) -> dict[str, float]:
    """Return the surface of spherical particles per volume of the electrode."""
    side = known.side
    fraction = known[f"{side} electrode active material volume fraction"]
    radius = known[f"{side} particle radius [m]"]
    return {f"{side} electrode surface area to volume ratio [m-1]": 3 * fraction / radius}


_LAYERS = (
    "Negative current collector",
    "Negative electrode",
    "Separator",
    "Positive electrode",
    "Positive current collector",
)


def cell_mass(known: Known) -> dict[str, float]:
    """Return the mass of the layers of a cell from their densities, as PyBaMM names them."""
    area = known["Electrode height [m]"] * known["Electrode width [m]"]
    areal = sum(known[f"{x} density [kg.m-3]"] * known[f"{x} thickness [m]"] for x in _LAYERS)
    return {"Cell mass [kg]": areal * area * (known.find(_PARALLEL) or 1.0)}


def lumped_heat_capacity(known: Known) -> dict[str, float]:
    """Return the cell's density and specific heat capacity as those of each of its layers."""
    return {
        f"{layer} {what}": known[f"Cell {what}"]
        for layer in _LAYERS
        for what in ("density [kg.m-3]", "specific heat capacity [J.kg-1.K-1]")
    }


def jelly_roll(known: Known) -> dict[str, float]:
    """Return volume and total surface of a cylinder."""
    height, radius = known["Jelly roll height [m]"], known["Jelly roll radius [m]"]
    return _thermal(pi * radius**2 * height, 2 * pi * radius * (height + radius))


def pouch_cell(known: Known) -> dict[str, float]:
    """Return volume and total surface of a cuboid."""
    a, b, c = (known[f"Pouch {side} [m]"] for side in ("height", "width", "thickness"))
    return _thermal(a * b * c, 2 * (a * b + b * c + c * a))


def _thermal(volume: float, surface: float) -> dict[str, float]:
    return {"Cell volume [m3]": volume, "Cell cooling surface area [m2]": surface}


def density(known: Known) -> dict[str, float]:
    """Return the density of a cell from its mass and volume."""
    return {"Cell density [kg.m-3]": known["Cell mass [kg]"] / known["Cell volume [m3]"]}


def specific_heat_capacity(known: Known) -> dict[str, Any]:
    """Return the specific heat capacity of a cell from its heat capacity and mass."""
    heat = known["Cell heat capacity [J.K-1]"]
    return {"Cell specific heat capacity [J.kg-1.K-1]": heat / known["Cell mass [kg]"]}
