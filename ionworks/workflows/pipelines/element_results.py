"""Results of the elements of a pipeline, with their curves and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import attrs

from ionworks.doe.scalars import nearest
from ionworks.records.record import Record
from ionworks.workflows.pipelines.fitted_curves import STEP_COLUMNS, FittedCurves, trace_frame

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from ionworks.data.frames import Frame
    from ionworks.html.fragments import Markup

__all__ = ["ElementResult", "FitResult", "PipelineResult", "ValidationResult", "typed_result"]

Source = Literal["optimal", "baseline"]
Result = TypeVar("Result", bound="ElementResult")


def _mapping(value: dict[str, Any] | None) -> dict[str, Any]:
    """Return an empty dict for a mapping that the service has left out."""
    return value or {}


@attrs.frozen(kw_only=True, repr=False)
class ElementResult(Record):
    """The result of an element of a pipeline.

    Attributes
    ----------
    type : str or None
        Such as ``PassthroughResult``, ``OptimizationResult``, ``ValidationResult``.
    parameter_values : dict
        Values by parameter name.
    notes : list of str or None
        Assumptions that were made, for example a base parameter set.
    """

    type: str | None = None
    parameter_values: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    notes: list[str] | None = None

    def _html_parts(self) -> list[Markup]:
        from ionworks.html.fragments import fields, paragraph

        notes = [paragraph(f"Note: {note}") for note in self.notes or ()]
        return [*self._html_of_values(), fields(self._html_facts()), *notes]

    def _html_of_values(self) -> list[Markup]:
        """Return the table of the parameters, or of what else the element has computed."""
        from ionworks.html.fragments import table

        return [table(["parameter", "value"], self.parameter_values.items())]

    def _html_facts(self) -> dict[str, Any]:
        """Return the other fields that a notebook shows."""
        shown = ("parameter_values", "notes", "type")
        return {name: value for name, value in self._known().items() if name not in shown}


@attrs.frozen(kw_only=True, repr=False)
class _CurvedResult(ElementResult):
    """The result of an element that compares a model with data.

    Attributes
    ----------
    job_id : str or None
        The job that computed it and stores the curves.
    """

    job_id: str | None = None
    _curves: FittedCurves | None = attrs.field(default=None, alias="curves", eq=False)

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(name for name in super()._names() if name != "_curves")

    def with_curves(self, curves: FittedCurves) -> Self:
        """Return the same result with a reader of its curves."""
        return attrs.evolve(self, curves=curves)

    def __reduce__(self) -> tuple[Any, ...]:
        # The reader of the curves holds an open connection, so copies do not contain it.
        return type(self).from_dict, (self.to_dict(),)

    @property
    def objectives(self) -> list[str]:
        """Names of the objectives that have curves; sends a request."""
        return self._reader().objectives()

    def series(self, objective: str | None = None, source: Source = "optimal") -> Frame:
        """Read the curves of an objective.

        Parameters
        ----------
        objective : str, optional
            Name of the objective; optional if there is only one.
        source : {"optimal", "baseline"}
            Curves with the result's parameters, or with those before the fit.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            One row per point, one column per channel.
        """
        return self._reader().series(objective, source)

    def plot_fit(self, objectives: str | Sequence[str] | None = None) -> Figure:
        """Plot model and data in the same axes, one row per objective.

        Parameters
        ----------
        objectives : str or sequence of str, optional
            Objectives to plot; all if not given.

        Returns
        -------
        matplotlib.figure.Figure
            Save it with ``savefig``; notebooks display it.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        from ionworks.plots.fits import fit_figure

        return fit_figure(self._reader().plots(objectives))

    def plot_residuals(self, objectives: str | Sequence[str] | None = None) -> Figure:
        """Plot the residuals (model minus data) and a histogram of them.

        Parameters, returned figure and errors are those of `plot_fit`.
        """
        from ionworks.plots.fits import residual_figure

        return residual_figure(self._reader().plots(objectives))

    def _reader(self) -> FittedCurves:
        if self._curves is None:
            raise ValueError(
                "the curves of this result cannot be read: it is a copy, or the service gives no"
                " job for its element; get it again with client.pipeline.result(...)"
            )
        return self._curves


@attrs.frozen(kw_only=True, repr=False)
class FitResult(_CurvedResult):
    """The result of a fit.

    Attributes
    ----------
    parameter_values : dict
        The fitted values.
    cost : float or None
        The lowest cost found.
    initial_guess : dict or None
        Initial values of the best multistart.
    x, fun : list of float, float or None
        Parameter values and cost as returned by the optimizer.
    success, message : bool, str or None
        Whether the optimizer converged, and its message.
    evaluations, iterations : int or None
        Numbers of cost evaluations and iterations.
    samples, costs : object
        Parameters and cost of each multistart or sample.
    standard_errors : dict or None
        Standard errors of the fitted values, from the derivatives at the best point.
    children : list of dict or None
        One result for each multistart.
    """

    cost: float | None = None
    initial_guess: Any = None
    x: list[float] | None = None
    fun: float | None = None
    success: bool | None = None
    message: str | None = None
    evaluations: int | None = None
    iterations: int | None = None
    samples: Any = None
    costs: Any = None
    standard_errors: dict[str, Any] | None = None
    children: list[dict[str, Any]] | None = None

    def _html_of_values(self) -> list[Markup]:
        from ionworks.html.fragments import table

        others = {"standard error": self.standard_errors, "initial guess": self.initial_guess}
        known = {name: each for name, each in others.items() if isinstance(each, Mapping) and each}
        rows = (
            [name, value, *(each.get(name) for each in known.values())]
            for name, value in self.parameter_values.items()
        )
        return [table(["parameter", "value", *known], rows)]

    def _html_facts(self) -> dict[str, Any]:
        names = ("cost", "success", "message", "evaluations", "iterations", "job_id")
        return {name: self[name] for name in names}

    def trace(self) -> pl.DataFrame:
        """Read the history of the fit, one row per saved step.

        Returns
        -------
        polars.DataFrame
            ``evaluations``, ``cost``, ``best_cost``, and a column for each parameter's best
            value. Empty if the history was not saved.
        """
        return trace_frame(self._steps())

    def plot_trace(self) -> Figure:
        """Plot the history of the fit; figure and errors are those of `plot_fit`.

        Raises
        ------
        ValueError
            If the history was not saved.
        """
        from ionworks.plots.fits import trace_figure

        history = self.trace()
        if history.is_empty():
            raise ValueError(
                "the history of this fit was not saved; submit it with"
                " options={'live_progress_updates': True}"
            )
        return trace_figure(history, STEP_COLUMNS)

    def _steps(self) -> list[dict[str, Any]]:
        kept = self._extra.get("trace")
        return kept if isinstance(kept, list) else self._reader().steps()


@attrs.frozen(kw_only=True, repr=False)
class ValidationResult(_CurvedResult):
    """The result of a validation.

    Attributes
    ----------
    summary_stats : dict
        Deviations of model and data, by objective and cost.
    validation_results : dict
        Results by objective.
    failed_objectives : dict
        Reasons of the objectives that could not be computed, by name.
    """

    summary_stats: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    validation_results: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    failed_objectives: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)

    def _html_of_values(self) -> list[Markup]:
        from ionworks.html.fragments import fields, table

        rows = {
            name: each for name, each in self.summary_stats.items() if isinstance(each, Mapping)
        }
        others = {name: each for name, each in self.summary_stats.items() if name not in rows}
        failed = {f"{name} failed": why for name, why in self.failed_objectives.items()}
        costs = [*dict.fromkeys(cost for each in rows.values() for cost in each)]
        cells = ([name, *(each.get(cost) for cost in costs)] for name, each in rows.items())
        return [table(["objective", *costs], cells), fields(others), fields(failed)]

    def _html_facts(self) -> dict[str, Any]:
        return {"job_id": self.job_id, "parameter_values": self.parameter_values or None}


@attrs.frozen(kw_only=True, repr=False)
class PipelineResult(Record):
    """The result of a pipeline.

    Attributes
    ----------
    result : dict
        The overall result, with the ``parameter_values`` of all elements combined.
    element_results : dict of str to ElementResult
        Results by element name, in the order of the elements: `FitResult`, `ValidationResult`, or
        `ElementResult`.
    """

    result: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    element_results: dict[str, ElementResult] = attrs.field(factory=dict)

    def _html_parts(self) -> list[Markup]:
        from ionworks.html.fragments import fields, table

        rows = (
            [name, type(each).__name__, each.get("cost")]
            for name, each in self.element_results.items()
        )
        return [table(["element", "result", "cost"], rows), fields(self.parameter_values)]

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The values of all elements; values of later elements take precedence."""
        values: dict[str, Any] = self.result.get("parameter_values") or {}
        return values

    def fit(self, name: str | None = None) -> FitResult:
        """Return the result of a fit.

        Parameters
        ----------
        name : str, optional
            Name of the element; optional if there is only one fit.

        Raises
        ------
        ValueError
            If the element does not exist or is not a fit, or if no name is given and there is not
            exactly one fit.
        """
        return self._of_kind(name, FitResult, "fit")

    def validation(self, name: str | None = None) -> ValidationResult:
        """Return the result of a validation; parameters and errors are those of `fit`."""
        return self._of_kind(name, ValidationResult, "validation")

    def element(self, name: str) -> FitResult | Any:
        """Return the result of an element.

        Returns
        -------
        FitResult, ValidationResult or ElementResult
            Depends on the type of the element; `fit` and `validation` return their own class.

        Raises
        ------
        ValueError
            If there is no result of that name.
        """
        if name not in self.element_results:
            raise ValueError(
                f"no result of an element {name!r}{nearest(name, self.element_results)}; available"
                f" results: {', '.join(map(repr, self.element_results)) or 'none'}"
            )
        return self.element_results[name]

    def _of_kind(self, name: str | None, kind: type[Result], noun: str) -> Result:
        if name is None:
            found = [each for each in self.element_results.values() if isinstance(each, kind)]
            if len(found) != 1:
                raise ValueError(
                    f"the pipeline has {len(found)} {noun} results: give the name of one"
                )
            return found[0]
        result = self.element(name)
        if not isinstance(result, kind):
            raise ValueError(
                f"element {name!r} is not a {noun}: its result is a {type(result).__name__}"
            )
        return result


_KINDS: Mapping[str, type[ElementResult]] = {
    "OptimizationResult": FitResult,
    "ParameterEstimatorResult": FitResult,
    "EnsembleResult": FitResult,
    "RegressionResult": FitResult,
    "PosteriorResult": FitResult,
    "ValidationResult": ValidationResult,
}
_TYPICAL_KEYS: Sequence[tuple[str, type[ElementResult]]] = (
    ("summary_stats", ValidationResult),
    ("validation_results", ValidationResult),
    ("cost", FitResult),
    ("initial_guess", FitResult),
)
"""Keys that identify the class of older results, which have no ``type``."""


def typed_result(
    values: Mapping[str, Any], find_curves: Callable[[str | None], FittedCurves | None]
) -> ElementResult:
    """Return the result of an element in the class for its type.

    Parameters
    ----------
    values : mapping
        The JSON object of the result.
    find_curves : callable
        Takes the id of the job, or None if the result does not have it, and returns the reader of
        the curves, or None.
    """
    kind = _KINDS.get(str(values.get("type")))
    if kind is None and values.get("type") is None:
        kind = next((each for key, each in _TYPICAL_KEYS if key in values), None)
    result = (kind or ElementResult).from_dict(values)
    if isinstance(result, _CurvedResult):
        curves = find_curves(result.job_id)
        return result if curves is None else result.with_curves(curves)
    return result
