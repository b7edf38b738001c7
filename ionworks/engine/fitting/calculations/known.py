"""The parameter values a calculation may use."""

from collections.abc import Mapping
from typing import Any, Final

from ionworks.engine.fitting.state import State

FARADAY: Final = 96485.33212
"""Faraday constant [C.mol-1] (CODATA 2018)."""

GAS: Final = 8.314462618
"""Gas constant [J.mol-1.K-1] (CODATA 2018)."""


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

    def given(self, name: str) -> float | None:
        """Return a number the pipeline itself gave; None if it did not."""
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
