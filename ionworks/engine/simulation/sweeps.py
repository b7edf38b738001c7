"""Sweeps that change nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

_KINDS: Final = ("experiment_parameters", "design_parameters")


def names_in(runs: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """Return the names of the ``experiment_parameters`` or ``design_parameters`` of some runs."""
    return list(dict.fromkeys(name for run in runs for name in run.get(kind) or ()))


def swept(runs: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """Return the names whose values differ between runs; a run without a value differs too."""
    first = (runs[0].get(kind) or {}) if runs else {}
    varied: set[str] = set()
    for run in runs:
        given = run.get(kind) or {}
        if given != first:
            varied.update(name for name in (*first, *given) if given.get(name) != first.get(name))
    return [name for name in names_in(runs, kind) if name in varied]


def futile_sweep(
    runs: Sequence[Mapping[str, Any]], without_effect: Mapping[str, Collection[str]]
) -> list[str]:
    """Return the swept names of runs that are all equal because no swept parameter has an effect.

    Parameters
    ----------
    runs : sequence of mapping
        Each with ``experiment_parameters`` and ``design_parameters``.
    without_effect : mapping of str to collection of str
        The names without effect, by ``experiment_parameters`` and ``design_parameters``.

    Returns
    -------
    list of str
        Empty if a swept parameter has an effect, or none is swept.
    """
    varied = [(kind, name) for kind in _KINDS for name in swept(runs, kind)]
    if all(name in without_effect.get(kind, ()) for kind, name in varied):
        return [name for _, name in varied]
    return []
