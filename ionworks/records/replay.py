"""A simulation that was computed again, and how far it is from the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from ionworks.records.simulation import Simulation

__all__ = ["Replay"]


@attrs.frozen(kw_only=True, repr=False)
class Replay:
    """The comparison of a simulation with its repetition.

    Attributes
    ----------
    simulation : Simulation
        The new simulation.
    differences : dict of str to float
        The largest difference of each signal, in the signal's own unit: at equal times from the
        start of each step. Infinity if a signal or a step is missing in one of the two.
    then, now : dict or None
        How the stored and the new results were made (``provenance`` of the two simulations): None
        if that is unknown, as for results of earlier versions.
    """

    simulation: Simulation
    differences: dict[str, float]
    then: dict[str, Any] | None
    now: dict[str, Any] | None

    def __repr__(self) -> str:
        return (
            f"Replay(simulation={self.simulation.id!r}, differences={self.differences!r},"
            f" changed={self.changed!r})"
        )

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """What differs between ``then`` and ``now``: name -> both values.

        The parts of nested values have names such as ``versions.pybamm``.
        """
        then, now = _flat(self.then or {}), _flat(self.now or {})
        names = dict.fromkeys([*then, *now])
        return {
            name: (then.get(name), now.get(name))
            for name in names
            if then.get(name) != now.get(name)
        }


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found
