"""What every objective can do, and the forms of it on the wire."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from attrs import evolve, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.costs import Cost, Pair, read_cost
from ionworks.engine.fitting.forward_model.cell import parameter_value
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.parameters.names import renamed
from ionworks.engine.fitting.penalties import Penalty
from ionworks.engine.fitting.state import State

COMMON_FIELDS: Final = (
    "type",
    "objective",
    "model",
    "data",
    "options",
    "cost",
    "parameters",
    "penalties",
)
NOT_BUILT_FIELDS: Final = ("constraints", "callbacks")

_STOPPED: Final = 1.0
"""What is added to the error of a run that stops early, times the share it misses."""


class Objective(ABC):
    """One measurement beside the model.

    Attributes
    ----------
    name : str
    axis : str
        What the rows are counted by, such as ``Time [s]``.
    axis_values : array, shape (rows,)
    measured : dict of str to array
        The data of each variable, shape (rows,).
    cost : Cost or None
        Its own cost, where it is not the fit's.
    influential : set of str
        Parameters that change what it predicts.
    penalties : list of Penalty
        What is added to its cost.
    """

    kind: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[tuple[str, ...]] = ()
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Options that take one of a few values, or a list of them."""
    columns: ClassVar[tuple[str, ...]] = ()
    own_parameters: ClassVar[tuple[str, ...]] = ()

    name: str
    axis: str
    axis_values: Floats
    measured: dict[str, Floats]
    cost: Cost | None
    influential: set[str]
    penalties: Sequence[Penalty] = ()

    @classmethod
    def problems(cls, given: Mapping[str, Any], columns: Sequence[str] | None) -> Iterator[str]:  # noqa: ARG003 - for those with more to check
        """Yield what is wrong with it before it is built, besides unknown fields.

        Parameters
        ----------
        given : mapping
            Its wire form.
        columns : sequence of str or None
            Those of its data, where they are known.
        """
        if columns is None:
            return
        for column in cls.columns:
            if column not in columns:
                yield f"data: there is no column {column!r}; there are {', '.join(columns)}"

    @abstractmethod
    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return what the model says for some candidates, in the order of ``measured``."""

    def pairs(self, prediction: Prediction) -> dict[str, Pair]:
        """Return model and data of each variable.

        Where the model has nothing to say it is put a volt (or the range of the data, if that is
        more) beside them, and a run that stops early holds its last value and is moved by a volt
        times the share it misses: costly, but finite, so that the search goes on.
        """
        found = {}
        for place, (name, data) in enumerate(self.measured.items()):
            off = max(_STOPPED, float(np.ptp(data)))
            if prediction.values is None:
                model = data + 2 * off
            else:
                model = prediction.values[place]
                if prediction.missing:
                    away = np.where(model < data, -1.0, 1.0)
                    model = model + off * prediction.missing * away
            found[name] = (model, data)
        return found

    def priced(self, cost: Cost) -> Cost:
        """Return its own cost, else the fit's."""
        own = self.cost or cost
        return evolve(own, is_penalised=True) if self.penalties else own

    def penalty(self, candidate: Mapping[str, float]) -> float:
        """Return what its penalties add to the cost of a candidate."""
        return sum(penalty.cost(candidate) for penalty in self.penalties)

    def series(self, prediction: Prediction, baseline: Prediction | None = None) -> dict[str, Any]:
        """Return model beside data as plain lists, for pictures and tables.

        Parameters
        ----------
        prediction : Prediction
            What the model says.
        baseline : Prediction, optional
            What it said before a fit.
        """
        variables = {}
        for place, (name, data) in enumerate(self.measured.items()):
            model = None if prediction.values is None else prediction.values[place].tolist()
            variables[name] = {"data": data.tolist(), "model": model}
            if baseline is not None and baseline.values is not None:
                variables[name]["baseline"] = baseline.values[place].tolist()
        return {
            "type": self.kind,
            "x": self.axis,
            "x_values": self.axis_values.tolist(),
            "variables": variables,
        }


@frozen
class Request:
    """What an objective is built from.

    Attributes
    ----------
    name : str
    given : mapping
        Its wire form.
    fitted : tuple of str
        Parameters a fit varies.
    links : mapping
        Parameters that are expressions of others.
    """

    name: str
    given: Mapping[str, Any]
    fitted: tuple[str, ...]
    links: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return f"objective {self.name!r}"

    @property
    def options(self) -> dict[str, Any]:
        """Its options that are set, an older top-level model folded in."""
        options = {
            name: value
            for name, value in (self.given.get("options") or {}).items()
            if value is not None
        }
        if self.given.get("model") is not None:
            options.setdefault("model", self.given["model"])
        return options

    def overrides(self, state: State) -> dict[str, Any]:
        """Return its own parameter values, which go before those of earlier elements."""
        own, notes = renamed(self.given.get("parameters") or {})
        for sentence in notes:
            state.note(sentence)
        return {
            name: parameter_value(value, f"{self.label}: parameter {name!r}")
            for name, value in own.items()
        }

    @property
    def cost(self) -> Cost | None:
        """Its own cost."""
        given = self.given.get("cost")
        return None if given is None else read_cost(given, f"{self.label}: cost")


def kind_of(given: Mapping[str, Any]) -> str:
    """Return the type of an objective; without one it is a ``CurrentDriven``."""
    return str(given.get("type") or given.get("objective") or "CurrentDriven")
