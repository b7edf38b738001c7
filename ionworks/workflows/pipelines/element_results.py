"""What the elements of a pipeline gave, with their curves and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import attrs

from ionworks.doe.scalars import nearest
from ionworks.records.record import Record
from ionworks.workflows.pipelines.fitted_curves import FittedCurves

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from ionworks.data.frames import Frame

__all__ = ["ElementResult", "FitResult", "PipelineResult", "ValidationResult", "typed_result"]

Source = Literal["optimal", "baseline"]
Result = TypeVar("Result", bound="ElementResult")


def _mapping(value: dict[str, Any] | None) -> dict[str, Any]:
    """Return a mapping the service may have left out."""
    return value or {}


@attrs.frozen(kw_only=True, repr=False)
class ElementResult(Record):
    """What an element of a pipeline gave.

    Attributes
    ----------
    type : str or None
        Such as ``PassthroughResult``, ``OptimizationResult``, ``ValidationResult``.
    parameter_values : dict
        Values by parameter name.
    notes : list of str or None
        What was assumed on the way, for example a base parameter set.
    """

    type: str | None = None
    parameter_values: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    notes: list[str] | None = None


@attrs.frozen(kw_only=True, repr=False)
class _CurvedResult(ElementResult):
    """The result of an element that compares a model with data.

    Attributes
    ----------
    job_id : str or None
        The job that ran it, which has the curves.
    """

    job_id: str | None = None
    _curves: FittedCurves | None = attrs.field(default=None, alias="curves", eq=False)

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(name for name in super()._names() if name != "_curves")

    def with_curves(self, curves: FittedCurves) -> Self:
        """Return the same result with a way to its curves."""
        return attrs.evolve(self, curves=curves)

    def __reduce__(self) -> tuple[Any, ...]:
        # The way to the curves holds an open connection: a copy or pickle is the record alone.
        return type(self).from_dict, (self.to_dict(),)

    @property
    def objectives(self) -> list[str]:
        """Names of the objectives that have curves; asks the service."""
        return self._way_to_curves().objectives()

    def series(self, objective: str | None = None, source: Source = "optimal") -> Frame:
        """Read the curves of an objective.

        Parameters
        ----------
        objective : str, optional
            Its name; may be left out if there is one.
        source : {"optimal", "baseline"}
            With the result's parameters, or with those from before a fit.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            One row per point, one column per channel.
        """
        return self._way_to_curves().series(objective, source)

    def plot_fit(self, objectives: str | Sequence[str] | None = None) -> Figure:
        """Draw model and data over each other, one picture per objective.

        Parameters
        ----------
        objectives : str or sequence of str, optional
            Which; all if not given.

        Returns
        -------
        matplotlib.figure.Figure
            For ``savefig``, or shown by ``matplotlib.pyplot.show()``.

        Raises
        ------
        ImportError
            If matplotlib is not installed; says what to do.
        """
        from ionworks.workflows.pipelines.fit_plots import fit_figure

        return fit_figure(self._way_to_curves().plots(objectives))

    def plot_residuals(self, objectives: str | Sequence[str] | None = None) -> Figure:
        """Draw model less data, and how the differences are distributed.

        Parameters, returned figure and errors are those of `plot_fit`.
        """
        from ionworks.workflows.pipelines.fit_plots import residual_figure

        return residual_figure(self._way_to_curves().plots(objectives))

    def _way_to_curves(self) -> FittedCurves:
        if self._curves is None:
            raise ValueError(
                "this result has no way to its curves: it was copied, or the service names no job"
                " of its element; read it anew with client.pipeline.result(...)"
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
        The least cost that was found.
    initial_guess : dict or None
        Where the best start began.
    x, fun : list of float, float or None
        Values and cost in the optimizer's own words.
    success, message : bool, str or None
        Whether and why the optimizer ended.
    evaluations, iterations : int or None
        What it took.
    samples, costs : object
        Parameters and cost of each start or sample.
    standard_errors : dict or None
        Of the fitted values, from the slopes at the best point.
    children : list of dict or None
        One for each start.
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

    def trace(self) -> pl.DataFrame:
        """Read the course of the fit: a row for each saved step.

        Returns
        -------
        polars.DataFrame
            ``evaluations``, ``cost``, ``best_cost``, and a column for each parameter's best
            value. Empty if the course was not kept.
        """
        from ionworks.workflows.pipelines.fitted_curves import trace_frame

        return trace_frame(self._steps())

    def plot_trace(self) -> Figure:
        """Draw how cost and parameters went; returned figure and errors are those of `plot_fit`."""
        from ionworks.workflows.pipelines.fit_plots import trace_figure

        return trace_figure(self._steps())

    def _steps(self) -> list[dict[str, Any]]:
        kept = self._extra.get("trace")
        return kept if isinstance(kept, list) else self._way_to_curves().steps()


@attrs.frozen(kw_only=True, repr=False)
class ValidationResult(_CurvedResult):
    """The result of a validation.

    Attributes
    ----------
    summary_stats : dict
        How far model and data are apart, by objective and kind of cost.
    validation_results : dict
        By objective.
    failed_objectives : dict
        Why an objective could not be computed, by its name.
    """

    summary_stats: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    validation_results: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    failed_objectives: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)


@attrs.frozen(kw_only=True, repr=False)
class PipelineResult(Record):
    """What a pipeline gave.

    Attributes
    ----------
    result : dict
        As a whole, with the ``parameter_values`` of all elements together.
    element_results : dict of str to ElementResult
        By element, in their order: `FitResult`, `ValidationResult`, or `ElementResult`.
    """

    result: dict[str, Any] = attrs.field(factory=dict, converter=_mapping)
    element_results: dict[str, ElementResult] = attrs.field(factory=dict)

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The values all elements gave, later ones before earlier ones."""
        values: dict[str, Any] = self.result.get("parameter_values") or {}
        return values

    def fit(self, name: str | None = None) -> FitResult:
        """Return the result of a fit.

        Parameters
        ----------
        name : str, optional
            Its name; may be left out if there is one fit.

        Raises
        ------
        ValueError
            If there is none of that name, it is no fit, or there is not exactly one.
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
            By what the element is; `fit` and `validation` return exactly one of these.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        if name not in self.element_results:
            raise ValueError(
                f"there is no result of an element {name!r}{nearest(name, self.element_results)};"
                f" there are {', '.join(map(repr, self.element_results)) or 'none'}"
            )
        return self.element_results[name]

    def _of_kind(self, name: str | None, kind: type[Result], noun: str) -> Result:
        if name is None:
            found = [each for each in self.element_results.values() if isinstance(each, kind)]
            if len(found) != 1:
                raise ValueError(f"there are {len(found)} results of a {noun}: give its name")
            return found[0]
        result = self.element(name)
        if not isinstance(result, kind):
            raise ValueError(f"element {name!r} is no {noun}: it gave a {type(result).__name__}")
        return result


_KINDS: Mapping[str, type[ElementResult]] = {
    "OptimizationResult": FitResult,
    "ParameterEstimatorResult": FitResult,
    "EnsembleResult": FitResult,
    "RegressionResult": FitResult,
    "PosteriorResult": FitResult,
    "ValidationResult": ValidationResult,
}
_SIGNS: Sequence[tuple[str, type[ElementResult]]] = (
    ("summary_stats", ValidationResult),
    ("validation_results", ValidationResult),
    ("cost", FitResult),
    ("initial_guess", FitResult),
)
"""Keys by which the kind of an older result, which does not say it, can be told."""


def typed_result(
    values: Mapping[str, Any], find_curves: Callable[[str | None], FittedCurves | None]
) -> ElementResult:
    """Return the result of an element as the class it is.

    Parameters
    ----------
    values : mapping
        As it travels.
    find_curves : callable
        Takes the id of the job, if the result has it, and returns the way to the curves, or None.
    """
    kind = _KINDS.get(str(values.get("type")))
    if kind is None and values.get("type") is None:
        kind = next((each for key, each in _SIGNS if key in values), None)
    result = (kind or ElementResult).from_dict(values)
    if isinstance(result, _CurvedResult):
        curves = find_curves(result.job_id)
        return result if curves is None else result.with_curves(curves)
    return result
