"""Base of all objectives, and the request one is built from."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from attrs import evolve, field, frozen

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.costs import Cost, Pair
from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.cell import FittingCell
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.measurement import Measurement, missing_column
from ionworks.engine.fitting.penalties import Penalty
from ionworks.engine.fitting.state import State

_STOPPED: Final = 1.0
"""Offset of a run that stops early [V], times the fraction of the data it misses."""


class Objective(ABC):
    """One measurement, compared with the model.

    Attributes
    ----------
    name : str
    axis : str
        The independent variable, such as ``Time [s]``.
    axis_values : array, shape (rows,)
    measured : dict of str to array
        The data of each variable, shape (rows,).
    cost : Cost or None
        Its own cost; None for the fit's.
    influential : set of str
        Parameters that change its predictions.
    penalties : list of Penalty
        Terms added to its cost.
    """

    kind: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[tuple[str, ...]] = ()
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Options with a fixed set of values, of which they take one or a list."""
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
    def read(
        cls,
        options: Mapping[str, Any],  # noqa: ARG003 - for the objectives that read more
        columns: Sequence[str] | None,
        issues: Issues,
    ) -> Any:
        """Read what only this type of objective has, and return it as `Request.own`.

        Parameters
        ----------
        options : mapping
            Its options that are set.
        columns : sequence of str or None
            Those of its data; None if they are not known yet.
        issues : Issues
            Takes the errors found.
        """
        for column in cls.columns:
            if columns is not None and column not in columns:
                issues.add(f"data {missing_column(column, columns)}")

    @abstractmethod
    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return predictions for some candidates, with variables in the order of ``measured``."""

    def remarks(
        self,
        candidate: Mapping[str, float],  # noqa: ARG002 - for the objectives that have remarks
        prediction: Prediction,  # noqa: ARG002
    ) -> list[str]:
        """Return sentences for the user about a candidate that is a result, and its prediction."""
        return []

    def pairs(self, prediction: Prediction) -> dict[str, Pair]:
        """Return model and data of each variable.

        A candidate without a prediction is placed two volts (or twice the range of the data, if
        that is more) beside the data. A run that stops early holds its last value, and is moved
        away from the data by a volt times the fraction it misses. Both are costly but finite, so
        that the search goes on.
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
        """Return the cost it is evaluated with: its own, else the fit's."""
        own = self.cost or cost
        return evolve(own, is_penalised=True) if self.penalties else own

    def penalty(self, candidate: Mapping[str, float]) -> float:
        """Return the contribution of its penalties to the cost of a candidate."""
        return sum(penalty.cost(candidate) for penalty in self.penalties)

    def series(self, prediction: Prediction, baseline: Prediction | None = None) -> dict[str, Any]:
        """Return model and data as plain lists, for plots and tables.

        Parameters
        ----------
        prediction : Prediction
        baseline : Prediction, optional
            The prediction at the initial guess of a fit.
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
    """An objective as it was read; see `read_objective`.

    Attributes
    ----------
    name : str
    type : str
        A key of `OBJECTIVES`.
    data : str, mapping or Measurement
        Its data as they were given.
    options : mapping
        Its options that are set, with an older top-level ``model`` among them.
    electrode : str or None
    parameters : mapping
        Its own parameter values, which take precedence over those of earlier elements.
    cost : Cost or None
        Its own cost.
    penalties : tuple of tuple
        Expressions and weights.
    own : object
        What `Objective.read` of its type returned.
    fitted : tuple of str
        Parameters a fit varies.
    links : mapping
        Parameters that are expressions of others.
    """

    name: str
    type: str
    data: Any
    options: Mapping[str, Any] = field(factory=dict)
    electrode: str | None = None
    parameters: Mapping[str, Any] = field(factory=dict)
    cost: Cost | None = None
    penalties: tuple[tuple[Any, float], ...] = ()
    own: Any = None
    fitted: tuple[str, ...] = ()
    links: Mapping[str, Any] = field(factory=dict)

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"objective {self.name!r}"

    def measurement(self, state: State) -> Measurement:
        """Return its data."""
        return state.measurement(self.data, f"{self.label}: data")

    def cell(self, state: State) -> FittingCell:
        """Return the cell it models."""
        return state.cell(self.options.get("model"), {**self.parameters, **self.links})
