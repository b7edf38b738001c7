"""Sweeps that change nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from ionworks.doe.run_columns import RunColumns

EXPERIMENT: Final = "experiment_parameters"
DESIGN: Final = "design_parameters"
KINDS: Final = (EXPERIMENT, DESIGN)


@define
class _Kind:
    """The parameters of one kind in runs that are read one by one.

    Attributes
    ----------
    names : dict of str to None
        All names, in the order of their first use.
    varied : set of str
        Those whose values differ between runs; a run without a value differs too.
    """

    names: dict[str, None] = field(factory=dict)
    varied: set[str] = field(factory=set)
    _same: dict[str, Any] | None = None

    def add(self, given: Mapping[str, Any]) -> None:
        if self._same is None:
            self._same = dict(given)
            self.names.update(dict.fromkeys(given))
            return
        if given.keys() != self.names.keys():
            self.varied.update(name for name in given if name not in self.names)
            self.names.update(dict.fromkeys(given))
        if not self._same:
            return
        different = [name for name, value in self._same.items() if given.get(name) != value]
        if different:
            self.varied.update(different)
            self._same = {
                name: value for name, value in self._same.items() if name not in self.varied
            }

    def add_columns(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add runs that have the same names, given as a value for each of them by name."""
        self.add({name: values[0] for name, values in columns.items()})
        if self._same:
            varied = {
                name
                for name in self._same
                if name in columns and columns[name].count(columns[name][0]) < len(columns[name])
            }
            self.varied |= varied
            self._same = {name: each for name, each in self._same.items() if name not in varied}


@define
class Sweep:
    """The parameters that runs have, and those that they vary.

    Runs are read once, because making them can take longer than all that is done with them here.
    """

    _kinds: dict[str, _Kind] = field(factory=lambda: {kind: _Kind() for kind in KINDS})

    def add(self, run: Mapping[str, Any]) -> None:
        """Add a run, with ``experiment_parameters`` and ``design_parameters``."""
        for name, kind in self._kinds.items():
            kind.add(run.get(name) or {})

    def add_columns(self, runs: RunColumns) -> None:
        """Add runs."""
        for experiment, _, _ in runs.stretches():
            self._kinds[EXPERIMENT].add(experiment)
        self._kinds[DESIGN].add_columns(runs.design)

    def names(self, kind: str) -> list[str]:
        """Return the names of the parameters of a kind."""
        return list(self._kinds[kind].names)

    def futile(self, without_effect: Mapping[str, Collection[str]]) -> list[str]:
        """Return the swept names if all runs are equal because none of them has an effect.

        Parameters
        ----------
        without_effect : mapping of str to collection of str
            The names without effect, by ``experiment_parameters`` and ``design_parameters``.

        Returns
        -------
        list of str
            Empty if a swept parameter has an effect, or none is swept.
        """
        varied = [
            (kind, name)
            for kind, found in self._kinds.items()
            for name in found.names
            if name in found.varied
        ]
        if all(name in without_effect.get(kind, ()) for kind, name in varied):
            return [name for _, name in varied]
        return []
