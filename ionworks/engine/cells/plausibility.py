"""Whether parameter values are possible and usual for their kind of quantity.

A parameter's kind follows from the words and the unit at the end of its name. A value outside the
possible range is an error of its unit or its sign; one outside the usual range may be right, so it
is only reported. The usual ranges contain the values of PyBaMM's lithium-ion parameter sets and of
the review by Wang et al. (2022), "Review of parameterisation and a novel database (LiionDB) for
continuum Li-ion battery models", Prog. Energy 4, with a margin.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Final

from attrs import field, frozen

from ionworks.engine.cells.cell import LOWER_CUTOFF, UPPER_CUTOFF

Range = tuple[float, float]

ELECTRODES: Final = ("Negative", "Positive")
PHASES: Final = ("", "Primary: ", "Secondary: ")

LOWER_OCV: Final = "Open-circuit voltage at 0% SOC [V]"
UPPER_OCV: Final = "Open-circuit voltage at 100% SOC [V]"

_FINITE: Final[Range] = (-sys.float_info.max, sys.float_info.max)

_FRACTION_TOLERANCE: Final = 0.01
"""How far a sum of volume fractions may exceed 1. In several published sets it is exactly 1, and a
fitted fraction has an error of this order."""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@frozen
class Kind:
    """A kind of quantity.

    Attributes
    ----------
    noun : str
        What messages call it.
    possible, usual : tuple of float
        Lowest and highest value, in the unit of the name.
    unit : str
        Unit at the end of the names; empty for a number without unit.
    words : re.Pattern
        Matches the names, without their unit.
    """

    noun: str
    possible: Range
    usual: Range
    unit: str
    words: re.Pattern[str] = field(converter=_pattern)


# The first kind that fits a name is its kind, so the special ones precede the general ones.
_KINDS: Final = (
    # Lengths, areas and volumes.
    Kind("the thickness of a current collector", (0, 0.01), (0, 2e-4), "m", r"collector thickness"),
    Kind("the thickness of an SEI", (0, 1e-4), (0, 1e-6), "m", r"SEI.* thickness"),
    Kind("a thickness", (1e-8, 0.01), (5e-6, 5e-4), "m", r"thickness"),
    Kind("a particle radius", (1e-10, 1e-3), (1e-8, 5e-5), "m", r"particle radius"),
    Kind("a crack", (0, 1e-3), (0, 1e-6), "m", r"crack (length|width)"),
    Kind("the size of an electrode", (1e-6, 1e3), (1e-4, 20), "m", r"electrode (height|width)"),
    Kind("the volume of a cell", (1e-15, 100), (1e-8, 0.1), "m3", r"cell volume"),
    Kind("a cooling surface", (1e-12, 1e3), (1e-5, 10), "m2", r"cooling surface area"),
    # Fractions and numbers without a unit.
    Kind("the porosity of a separator", (1e-6, 1), (0.2, 1), "", r"separator porosity"),
    Kind("a porosity", (1e-6, 1), (0.05, 0.8), "", r"porosity( of .*)?"),
    Kind("the volume fraction of a phase", (0, 1), (0, 1), "", r"ary: .* volume fraction"),
    Kind("a volume fraction", (0, 1), (0.1, 0.95), "", r"volume fraction"),
    Kind("a transference number", (-1, 1), (0.05, 0.8), "", r"transference number"),
    Kind("a transfer coefficient", (0, 1), (0.1, 1), "", r"transfer coefficient( \(\d+\))?"),
    Kind("an occupancy fraction", (0, 1), (0, 1), "", r"occupancy fraction \(\d+\)"),
    Kind("a stoichiometry", (0, 1), (0, 1), "", r"(electrode|particle).* stoichiometry"),
    Kind("a Bruggeman coefficient", (0, 20), (0, 6), "", r"Bruggeman (coefficient|exponent).*"),
    Kind("a tortuosity factor", (1, 1e4), (1, 50), "", r"tortuosity factor( .*)?"),
    Kind("a thermodynamic factor", (1e-3, 1e3), (0.2, 30), "", r"thermodynamic factor"),
    Kind("an emissivity", (0, 1), (0.01, 1), "", r"emissivity"),
    Kind("a Poisson's ratio", (-1, 0.5), (0, 0.5), "", r"Poisson's ratio"),
    Kind("a state of charge", (0, 1), (0, 1), "", r"initial (SoC|state of charge)"),
    Kind("a count", (1e-6, 1e6), (1, 1e3), "", r"number of (electrodes|cells) connected .*"),
    # Transport.
    Kind("a diffusivity of the electrolyte", (1e-18, 1e-5), (1e-12, 1e-8), "m2.s-1",
         r"electrolyte diffusivity"),
    Kind("a diffusivity of a particle", (1e-26, 1e-6), (1e-19, 1e-11), "m2.s-1",
         r"particle diffusivity"),
    Kind("a diffusivity", (0, 1e-3), (0, 1e-7), "m2.s-1", r"diffusivity"),
    Kind("a conductivity of the electrolyte", (1e-9, 1e4), (0.01, 20), "S.m-1",
         r"electrolyte conductivity"),
    Kind("a conductivity of the SEI", (0, 1e3), (0, 1), "S.m-1", r"SEI.* conductivity"),
    Kind("a conductivity of a current collector", (1e-3, 1e10), (1e4, 1e8), "S.m-1",
         r"collector conductivity"),
    Kind("a conductivity of an electrode", (1e-12, 1e10), (1e-5, 1e8), "S.m-1", r"conductivity"),
    Kind("a resistivity of the SEI", (0, 1e15), (0, 1e9), "Ohm.m", r"resistivity"),
    # Concentrations and kinetics.
    Kind("a maximum concentration", (1, 1e6), (3e3, 3.5e5), "mol.m-3", r"maximum concentration.*"),
    Kind("a concentration of salt", (1e-3, 5e4), (100, 6e3), "mol.m-3",
         r"initial concentration in electrolyte"),
    Kind("a concentration", (0, 1e6), (0, 3.5e5), "mol.m-3", r"concentration.*"),
    Kind("an exchange-current density", (0, 1e9), (1e-7, 1e4), "A.m-2",
         r"(negative|positive) electrode exchange-current density"),
    Kind("an exchange-current density", (0, 1e12), (0, 1e12), "A.m-2",
         r"exchange[- ]current density.*"),
    Kind("a rate constant", (0, 1e3), (0, 1), "m.s-1", r"rate constant"),
    Kind("an activation energy", (-1e6, 1e6), (0, 2e5), "J.mol-1", r"activation energy.*"),
    Kind("a double-layer capacity", (0, 1e5), (0, 100), "F.m-2", r"double-layer capacity"),
    # Potentials, capacities and resistances.
    Kind("a cut-off voltage", (-5, 10), (0, 5.5), "V", r"voltage cut-off"),
    Kind("an open-circuit voltage", (-5, 10), (0, 5.5), "V", r"open-circuit voltage.*"),
    Kind("an open-circuit potential", (-10, 20), (-1, 6), "V", r"(OCP|open-circuit potential).*"),
    Kind("an entropic change", (-1, 1), (-0.01, 0.01), "V.K-1", r"entropic change"),
    Kind("an entropic change", (-1, 1), (-0.01, 0.01), "V/K", r"entropic change"),
    Kind("a capacity", (1e-12, 1e6), (1e-6, 1e3), "A.h", r"cell capacity"),
    Kind("a resistance", (0, 1e6), (0, 1e3), "Ohm", r"(resistance|R\d+)"),
    Kind("a capacitance", (1e-15, 1e12), (1e-6, 1e9), "F", r"C\d+"),
    # Heat and mechanics.
    Kind("a temperature", (100, 2000), (220, 400), "K", r"temperature"),
    Kind("a density", (1, 5e4), (100, 1.2e4), "kg.m-3", r"density"),
    Kind("a specific heat capacity", (1, 1e5), (50, 6e3), "J.kg-1.K-1", r"heat capacity"),
    Kind("a thermal conductivity", (1e-4, 1e4), (0.01, 500), "W.m-1.K-1", r"thermal conductivity"),
    Kind("a heat transfer coefficient", (0, 1e7), (0, 5e3), "W.m-2.K-1",
         r"heat transfer coefficient"),
    Kind("a heat transfer coefficient", (0, 1e7), (0, 5e3), "W/K", r"heat transfer coefficient"),
    Kind("a thermal mass", (1e-9, 1e9), (1e-2, 1e6), "J/K", r"thermal mass"),
    Kind("a Young's modulus", (1, 1e14), (1e5, 1e12), "Pa", r"Young's modulus"),
    Kind("a critical stress", (1, 1e14), (1e3, 1e11), "Pa", r"critical stress"),
)  # fmt: skip

_UNIT: Final = re.compile(r"\s*\[([^\[\]]*)\]\s*$")


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """Return the kind of a parameter, None if its name tells none."""
    unit = _UNIT.search(name)
    words = name[: unit.start()] if unit else name
    for kind in _KINDS:
        if kind.unit == (unit[1] if unit else ""):
            found = list(kind.words.finditer(words))
            if found and found[-1].end() == len(words.rstrip()):
                return kind
    return None


def impossible(name: str, value: float, at: str = "") -> str | None:
    """Return a sentence if a parameter cannot have a value, None if it can.

    Parameters
    ----------
    name : str
        Of the parameter, as PyBaMM spells it, with its unit.
    value : float
        In this unit.
    at : str, optional
        The arguments at which a function has this value.
    """
    kind = kind_of(name)
    if kind is None or _inside(value, kind.possible):
        return None
    return (
        f"{name!r} is {_quantity(value, kind, at)}, which is impossible: {kind.noun} is "
        f"{_between(kind.possible, kind)}; check the value and its unit"
    )


def impossible_bounds(name: str, bounds: Range) -> str | None:
    """Return a sentence if the bounds of a fitted parameter admit impossible values.

    A lower bound of zero means any small value, and an infinite bound means none.
    """
    kind = kind_of(name)
    if kind is None:
        return None
    low, high = kind.possible
    wide = (min(low, 0.0), high)
    if all(_inside(bound, wide) for bound in bounds if isfinite(bound)):
        return None
    return (
        f"{name!r} has the bounds {bounds[0]:g} and {bounds[1]:g}, which admit impossible values: "
        f"{kind.noun} is {_between(kind.possible, kind)}"
    )


def unusual(name: str, value: float, at: str = "") -> str | None:
    """Return a sentence if a value is possible but not usual for a parameter, else None.

    Parameters are those of `impossible`.
    """
    kind = kind_of(name)
    if kind is None or _inside(value, kind.usual) or not _inside(value, kind.possible):
        return None
    return (
        f"{name!r} is {_quantity(value, kind, at)}, which is unusual: {kind.noun} is usually "
        f"{_between(kind.usual, kind)}; check the value and its unit"
    )


def usual_range(name: str) -> Range:
    """Return the finite values of a parameter of which neither check has anything to say."""
    kind = kind_of(name)
    if kind is None:
        return _FINITE
    return max(kind.usual[0], kind.possible[0]), min(kind.usual[1], kind.possible[1])


def refuse_impossible(values: Mapping[str, float], changed: Iterable[str], where: str) -> None:
    """Raise a ValueError if some parameters are impossible, alone or together with the others.

    Parameters
    ----------
    values : mapping of str to float
        All numbers of a cell.
    changed : iterable of str
        The parameters to check.
    where : str
        What messages start with, such as ``"parameters"``.
    """
    names = [name for name in changed if name in values]
    alone = [sentence for name in names if (sentence := impossible(name, values[name]))]
    if problems := alone or contradictions(values, names):
        raise ValueError(f"{where}: {'; '.join(problems)}")


def contradictions(values: Mapping[str, float], changed: Iterable[str] | None = None) -> list[str]:
    """Return a sentence for each relation that some parameters violate together.

    Parameters
    ----------
    values : mapping of str to float
        All numbers of a cell.
    changed : iterable of str, optional
        Only relations with one of these parameters; by default all.
    """
    names = None if changed is None else tuple(name for name in changed if name in values)
    related = _RELATIONS if names is None else relations(names)
    return [sentence for relation in related if (sentence := relation.violation(values))]


@frozen
class Relation:
    """A relation between parameters.

    Attributes
    ----------
    parts : tuple of str
        The parameters; those that a cell does not have are left out.
    violation : callable
        Returns a sentence if some values violate the relation, None if they do not.
    """

    parts: tuple[str, ...]
    violation: Callable[[Mapping[str, float]], str | None]


@lru_cache(maxsize=1024)
def relations(names: tuple[str, ...]) -> tuple[Relation, ...]:
    """Return the relations that some parameters take part in."""
    return tuple(each for each in _RELATIONS if not set(names).isdisjoint(each.parts))


def _volume(electrode: str) -> Relation:
    """Return that porosity and active material do not exceed the volume of an electrode."""
    parts = (
        f"{electrode} electrode porosity",
        *(f"{phase}{electrode} electrode active material volume fraction" for phase in PHASES),
    )

    def violation(values: Mapping[str, float]) -> str | None:
        given = [name for name in parts if name in values]
        total = sum(values[name] for name in given)
        if len(given) < 2 or total <= 1 + _FRACTION_TOLERANCE:
            return None
        named = " and ".join(f"{name!r} ({values[name]:g})" for name in given)
        return f"{named} add up to {total:g}: together they are at most 1"

    return Relation(parts, violation)


def _limits(low: str, high: str) -> Relation:
    """Return that one voltage is below another."""

    def violation(values: Mapping[str, float]) -> str | None:
        if low not in values or high not in values or values[low] < values[high]:
            return None
        return f"{low!r} ({values[low]:g} V) is not below {high!r} ({values[high]:g} V)"

    return Relation((low, high), violation)


def _concentrations(electrode: str, phase: str) -> Relation:
    """Return that an initial concentration is at most the maximum one."""
    initial, most = (
        f"{phase}{extreme} concentration in {electrode} electrode [mol.m-3]"
        for extreme in ("Initial", "Maximum")
    )

    def violation(values: Mapping[str, float]) -> str | None:
        if initial not in values or most not in values or values[initial] <= values[most]:
            return None
        return (
            f"{initial!r} ({values[initial]:g} mol.m-3) is above {most!r} "
            f"({values[most]:g} mol.m-3)"
        )

    return Relation((initial, most), violation)


_RELATIONS: Final = (
    *map(_volume, ELECTRODES),
    _limits(LOWER_CUTOFF, UPPER_CUTOFF),
    _limits(LOWER_OCV, UPPER_OCV),
    *(_concentrations(side.lower(), phase) for side in ELECTRODES for phase in PHASES),
)


def _inside(value: float, bounds: Range) -> bool:
    return bounds[0] <= value <= bounds[1]


def _quantity(value: float, kind: Kind, at: str) -> str:
    return " ".join(filter(None, (f"{value:g}", kind.unit, at and f"at {at}")))


def _between(bounds: Range, kind: Kind) -> str:
    return f"from {bounds[0]:g} to {bounds[1]:g} {kind.unit}".rstrip()
