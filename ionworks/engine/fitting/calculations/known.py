"""The parameter values a calculation may use."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import parameter_names, pybamm

FARADAY: Final = 96485.33212
"""Faraday constant [C.mol-1] (CODATA 2018)."""

GAS: Final = 8.314462618
"""Gas constant [J.mol-1.K-1] (CODATA 2018)."""


_NAMES: Final = (
    "Minimum {side} stoichiometry",
    "Maximum {side} stoichiometry",
    "{Side} electrode capacity [A.h]",
    "{Side} electrode loading [A.h.cm-2]",
    "{Side} electrode lower excess capacity [A.h]",
    "{Side} electrode coating mass [g.cm-2]",
    "{Side} electrode crystal density [g.cm-3]",
    "{Side} electrode surface area to volume ratio [m-1]",
    "{Side} electrode lithiation",
    "{Side} electrode lithiation OCP [V]",
    "{Side} electrode delithiation OCP [V]",
    "{Side} particle diffusivity scale factor",
    "{Side} particle reference diffusivity [m2.s-1]",
    "Initial stoichiometry in {side} electrode",
    "Initial voltage in {side} electrode [V]",
    "Number of reactions in {side} electrode",
    "{Side} electrode host site occupancy fraction ({any})",
    "{Side} electrode host site standard potential ({any}) [V]",
    "{Side} electrode host site ideality factor ({any})",
    "{any} activation energy [J.mol-1]",
    "Cell density [kg.m-3]",
    "Cell heat capacity [J.K-1]",
    "Cell mass [kg]",
    "Cell specific heat capacity [J.kg-1.K-1]",
    "Cyclable lithium capacity [A.h]",
    "Electrode area [m2]",
    "Electrode diameter [m]",
    "Formation lithium loss",
    "Jelly roll height [m]",
    "Jelly roll radius [m]",
    "Pouch height [m]",
    "Pouch thickness [m]",
    "Pouch width [m]",
    "Usable capacity [A.h]",
)
"""Parameters that calculations take or give and that no parameter set of PyBaMM has."""


def _pattern(name: str) -> re.Pattern[str]:
    parts = {"{side}": "(negative|positive)", "{Side}": "(Negative|Positive)", "{any}": ".+"}
    text = re.escape(name)
    for part, pattern in parts.items():
        text = text.replace(re.escape(part), pattern)
    return re.compile(text)


_PATTERNS: Final = tuple(map(_pattern, _NAMES))


def is_of_calculations(name: str) -> bool:
    """Return whether calculations take or give a parameter that no set of PyBaMM has."""
    return any(pattern.fullmatch(name) for pattern in _PATTERNS)


class Known:
    """Parameter values by name: those of the pipeline first, then those of the base set.

    Parameters
    ----------
    state : State
    element : mapping
        The calculation in the form of the wire.
    """

    def __init__(self, state: State, element: Mapping[str, Any]) -> None:
        self.state = state
        self.element = element

    @property
    def options(self) -> Mapping[str, Any]:
        """The calculation's options."""
        return self.element.get("options") or {}

    @property
    def side(self) -> str:
        """The electrode, as parameter names begin: ``Negative`` or ``Positive``."""
        return str(self.element["electrode"]).capitalize()

    def parameter_values(self) -> Any:
        """Return all parameter values, for the balance and the potentials of the electrodes."""
        param = pybamm.LithiumIonParameters()
        symbols = [param.Q_Li_particles_init, param.ocp_soc_0, param.ocp_soc_100]
        for domain in (param.n, param.p):
            symbols += [domain.Q_init, domain.prim.U(pybamm.Scalar(0.5), param.T_ref)]
        self.state.read |= parameter_names(symbols)
        return self.state.parameter_values()

    def given(self, name: str) -> float | None:
        """Return a number the pipeline itself gave; None if it did not."""
        self.state.read.add(name)
        value = self.state.values.get(name)
        return float(value) if isinstance(value, int | float) else None

    def find(self, *names: str) -> float | None:
        """Return the first of some numbers that is known."""
        for name in names:
            value = self.given(name)
            if value is not None:
                return value
        for name in names:
            value = self.state.base_scalar(name)
            if value is not None:
                return value
        return None

    def __getitem__(self, name: str) -> float:
        """Return a number.

        Raises
        ------
        ValueError
            If it is not known.
        """
        return self.any_of(name)

    def any_of(self, *names: str) -> float:
        """Return the first of some numbers that is known; see `find`.

        Raises
        ------
        ValueError
            If none of them is.
        """
        value = self.find(*names)
        if value is None:
            raise ValueError(
                f"it needs {' or '.join(map(repr, names))}: give one in an earlier entry"
            )
        return value
