"""Results of pipelines, their curves and plots."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import matplotlib as mpl
import pytest

from ionworks.workflows.pipelines.element_results import (
    ElementResult,
    FitResult,
    PipelineResult,
    ValidationResult,
)
from tests.unit.resources.pipeline.configuration import COLUMNS, D

mpl.use("Agg")

# ---------------------------------------------------------------- results

FITTED = {
    "type": "OptimizationResult",
    "parameter_values": {D: 5.3e-14},
    "cost": 0.0012,
    "evaluations": 90,
    "job_id": "j2",
    "novelty": 1,
}
VALIDATED = {
    "parameter_values": {D: 5.3e-14},
    "summary_stats": {"v": {"RMSE": 0.002}},
    "job_id": "j3",
}
RESULT = {
    "result": {"parameter_values": {D: 5.3e-14}},
    "element_results": {
        "entry": {"type": "PassthroughResult", "parameter_values": {D: 3e-14}},
        "fit": FITTED,
        "check": VALIDATED,
    },
}
MODEL = [4.101, 4.0, 3.899]
PLOT = {
    "type": "CurrentDriven",
    "traces": [
        {"name": "data", "x": [0.0, 1.0, 2.0], "y": COLUMNS["Voltage [V]"]},
        {"name": "model", "x": [0.0, 1.0, 2.0], "y": MODEL},
    ],
    "layout": {"xaxis": {"title": "Time [s]"}, "yaxis": {"title": "Voltage [V]"}},
}
STEPS = [
    {"best_cost": 0.5, "cost": 0.5, "evaluations": 10, "inputs": {D: 1e-14}},
    {"best_cost": 0.0012, "cost": 0.4, "evaluations": 90, "inputs": {D: 5.3e-14}},
]
JOB = {
    "GET /pipelines/p1/result": RESULT,
    "GET /jobs/j2/series/channels": {"voltage": {"optimal": ["Time [s]", "Voltage [V]"]}},
    "GET /jobs/j2/series": {"Time [s]": [0, 1.5], "Voltage [V]": [4.1, None]},
    "GET /jobs/j2/metadata": {"intermediate_results": STEPS},
    "GET /pipelines/datafits/j2/plot_data": PLOT,
}


@pytest.fixture
def fit(stub_service: Any) -> FitResult:
    found: FitResult = stub_service(JOB).client().pipeline.result("p1").fit("fit")
    return found


def test_results_are_typed_by_element(stub_service: Any) -> None:
    result = stub_service(JOB).client().pipeline.result("p1")

    assert isinstance(result, PipelineResult)
    assert [type(each) for each in result.element_results.values()] == [
        ElementResult,
        FitResult,
        ValidationResult,
    ]
    assert result.element_results["fit"]["parameter_values"] == {D: 5.3e-14}
    assert result.parameter_values == {D: 5.3e-14}
    assert (result.element("fit").cost, result.element("fit").novelty) == (0.0012, 1)
    assert result.element("check").summary_stats["v"]["RMSE"] == 0.002
    assert "5.3e-14" in str(result.element("fit"))
    with pytest.raises(ValueError, match=r"'fti'.*did you mean 'fit'"):
        result.element("fti")


def test_fits_and_validations_are_selected_by_class(stub_service: Any) -> None:
    result = stub_service(JOB).client().pipeline.result("p1")

    assert result.fit() is result.fit("fit") is result.element_results["fit"]
    assert result.validation() is result.validation("check") is result.element_results["check"]
    with pytest.raises(
        ValueError, match="element 'check' is not a fit: its result is a ValidationResult"
    ):
        result.fit("check")
    with pytest.raises(ValueError, match="the pipeline has 0 fit results"):
        result.from_dict({"element_results": {}}).fit()


def test_a_fit_that_names_no_job_is_found_by_its_element(stub_service: Any) -> None:
    fitted = {name: value for name, value in FITTED.items() if name != "job_id"}
    service = stub_service(
        {
            **JOB,
            "GET /pipelines/p1/result": {"element_results": {"fit": fitted}},
            "GET /pipelines/p1/elements": [{"name": "fit", "job_id": "j2"}],
        }
    )
    assert service.client().pipeline.result("p1").element("fit").objectives == ["voltage"]


def test_series_and_trace_of_a_fit(fit: FitResult) -> None:
    series = fit.series()
    assert series.to_dict(as_series=False) == {"Time [s]": [0.0, 1.5], "Voltage [V]": [4.1, None]}
    assert fit.trace().to_dict(as_series=False) == {
        "evaluations": [10, 90],
        "cost": [0.5, 0.4],
        "best_cost": [0.5, 0.0012],
        D: [1e-14, 5.3e-14],
    }


def test_a_fit_plots_data_and_model(fit: FitResult) -> None:
    axes = fit.plot_fit().axes[0]

    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Time [s]", "Voltage [V]")
    assert [line.get_label() for line in axes.lines] == ["data", "model"]
    assert list(axes.lines[1].get_ydata()) == MODEL


def test_figures_of_fits_show_themselves_in_notebooks(fit: FitResult) -> None:
    assert fit.plot_fit()._repr_png_().startswith(b"\x89PNG")


def test_long_fits_are_plotted_in_hours(stub_service: Any) -> None:
    long = {**PLOT, "traces": [{**each, "x": [0.0, 3600.0, 7200.0]} for each in PLOT["traces"]]}
    service = stub_service({**JOB, "GET /pipelines/datafits/j2/plot_data": long})
    fit = service.client().pipeline.result("p1").fit("fit")

    for figure in (fit.plot_fit(), fit.plot_residuals()):
        axes = figure.axes[0]
        assert axes.get_xlabel() == "Time [h]"
        assert axes.lines[-1].get_xdata()[-1] == 2.0


def test_a_history_that_was_not_saved_cannot_be_plotted(stub_service: Any) -> None:
    service = stub_service({**JOB, "GET /jobs/j2/metadata": {}})
    fit = service.client().pipeline.result("p1").fit("fit")
    with pytest.raises(ValueError, match="history of this fit was not saved; submit it with"):
        fit.plot_trace()


def test_a_fit_plots_its_residuals(fit: FitResult) -> None:
    axes = fit.plot_residuals("voltage").axes[0]

    differences = axes.lines[1].get_ydata()
    assert list(differences) == pytest.approx([1.0, 0.0, -1.0])
    assert axes.get_ylabel() == "model - data [mV]"
    assert axes.get_title(loc="left") == "voltage: RMS 0.816 mV"


def test_a_fit_plots_its_history(fit: FitResult) -> None:
    cost, diffusivity = fit.plot_trace().axes

    assert list(cost.lines[0].get_ydata()) == [0.5, 0.0012]
    assert cost.get_yscale() == "log"
    assert diffusivity.get_title(loc="left") == D
    assert list(diffusivity.lines[0].get_xdata()) == [10, 90]


def test_a_copied_result_keeps_its_values_and_says_that_it_has_no_curves(fit: FitResult) -> None:
    for twin in (copy.copy(fit), pickle.loads(pickle.dumps(fit))):  # noqa: S301 its own
        assert twin == fit
        with pytest.raises(ValueError, match="curves of this result cannot be read"):
            twin.plot_fit()


def test_metadata_and_series_of_an_element(stub_service: Any) -> None:
    elements = [{"name": "entry"}, {"name": "fit", "job_id": "j2"}]
    service = stub_service({**JOB, "GET /pipelines/p1/elements": elements})
    pipelines = service.client().pipeline

    assert pipelines.get_element_metadata("p1", "fit")["intermediate_results"] == STEPS
    known = pipelines.list_elements("p1")
    asked = len(service.sent)
    assert "voltage" in pipelines.get_element_series_channels("p1", "fit", elements=known)
    assert len(service.sent) == asked + 1
    series = pipelines.get_element_series("p1", "fit", "voltage", columns=["Time [s]"])
    assert series["Time [s]"] == [0, 1.5]
    assert service.sent[-1][1] == {
        "objective": "voltage",
        "source": "optimal",
        "columns": "Time [s]",
    }
    with pytest.raises(ValueError, match=r"no element 'fits'.*did you mean 'fit'"):
        pipelines.get_element_metadata("p1", "fits")
    with pytest.raises(ValueError, match=r"'entry' has no job"):
        pipelines.get_element_metadata("p1", "entry")
