"""Pipelines on the client: the wire, the checks before it, data references, waiting, results."""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
from pathlib import Path
from typing import Any

import httpx
import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, JobFailedError, WaitTimeoutError
from ionworks.records.pipeline import Pipeline
from ionworks.resources.pipeline import PipelineResource
from ionworks.workflows.pipelines.element_results import (
    ElementResult,
    FitResult,
    PipelineResult,
    ValidationResult,
)

mpl.use("Agg")

D = "Negative particle diffusivity [m2.s-1]"
ENTRY = {"element_type": "entry", "values": {"model": {"type": "SPM"}, "data": "db:m1"}}
FIT = {
    "element_type": "data_fit",
    "objectives": {"voltage": {"data": "entry.data"}},
    "parameters": {D: {"bounds": [1e-16, 1e-12], "initial_value": 3.3e-14}},
}
CONFIG = {"name": "NMC622 Parameterization", "elements": {"entry": ENTRY, "data_fit": FIT}}
RECORD = {"id": "p1", "name": "NMC622 Parameterization", "status": "pending"}
CREATED = {"POST /pipelines": RECORD}


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waiting(client: Ionworks, clock: Clock | None = None) -> PipelineResource:
    clock = clock or Clock()
    return PipelineResource(client._connection, clock=clock, sleep=clock.sleep)


def sent_elements(stub_service: Any, elements: Any, **options: Any) -> Any:
    service = stub_service(CREATED)
    service.client(project_id="P").pipeline.create({"elements": elements}, **options)
    return service.sent[0][2]["elements"]


def with_data(data: Any) -> dict[str, Any]:
    return {"fit": {"element_type": "data_fit", "objectives": {"v": {"data": data}}}}


# ---------------------------------------------------------------- creating


def test_create_sends_the_guides_configuration_flat(stub_service: Any) -> None:
    service = stub_service(CREATED)

    pipeline = service.client(project_id="P").pipeline.create(CONFIG)

    body = {
        "elements": {"entry": ENTRY, "data_fit": FIT},
        "project_id": "P",
        "options": {},
        "name": "NMC622 Parameterization",
    }
    assert service.sent == [("POST /pipelines", {}, body)]
    assert list(service.sent[0][2]["elements"]) == ["entry", "data_fit"]
    assert isinstance(pipeline, Pipeline)
    assert (pipeline.id, pipeline.status, pipeline["status"]) == ("p1", "pending", "pending")
    assert not pipeline.is_terminal


def test_arguments_win_over_the_configuration(stub_service: Any) -> None:
    service = stub_service(CREATED)
    config = {
        **CONFIG,
        "project_id": "in the config",
        "description": "old",
        "options": {"live_progress_updates": True},
        "output_file": "out.json",
    }

    service.client(project_id="P").pipeline.create(
        config,
        project_id="Q",
        name="N",
        description="D",
        options={"live_progress_updates": False},
    )

    assert service.sent[0][2] == {
        "elements": {"entry": ENTRY, "data_fit": FIT},
        "project_id": "Q",
        "options": {"live_progress_updates": False},
        "name": "N",
        "description": "D",
        "output_file": "out.json",
    }


def test_the_project_of_the_configuration_wins_over_the_clients(stub_service: Any) -> None:
    service = stub_service(CREATED)
    service.client(project_id="P").pipeline.create({**CONFIG, "project_id": "C"})
    assert service.sent[0][2]["project_id"] == "C"


def test_without_a_project_nothing_is_sent(stub_service: Any) -> None:
    service = stub_service(CREATED)
    with pytest.raises(ValueError, match="IONWORKS_PROJECT_ID"):
        service.client().pipeline.create(CONFIG)
    assert service.sent == []


def test_the_project_comes_from_the_environment(
    stub_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "E")
    service = stub_service(CREATED)
    service.client().pipeline.create(CONFIG)
    assert service.sent[0][2]["project_id"] == "E"


@pytest.mark.parametrize(
    ("label", "canonical"),
    [
        ("Direct Entry", "entry"),
        ("Data Fit", "data_fit"),
        ("datafit", "data_fit"),
        ("Array Data Fit", "array_data_fit"),
        ("arraydatafit", "array_data_fit"),
        ("Calculation", "calculation"),
        ("Validation", "validation"),
        ("Linear Confidence Interval", "linear_confidence_interval"),
        ("Sobol Sensitivity", "sobol_sensitivity"),
        ("validation", "validation"),
        ("no such type", "no such type"),
    ],
)
def test_labels_of_earlier_versions_become_canonical(
    stub_service: Any, label: str, canonical: str
) -> None:
    sent = sent_elements(stub_service, {"e": {"element_type": label}})
    assert sent == {"e": {"element_type": canonical}}


# ---------------------------------------------------------------- PyBaMM objects


def test_pybamm_objects_are_written_in_the_form_they_travel(stub_service: Any) -> None:
    model = pybamm.lithium_ion.SPM()
    elements = {
        "entry": {"element_type": "entry", "values": {"model": model}},
        "fit": {
            **FIT,
            "objectives": {"voltage": {"data": "db:m1"}},
            "parameters": {D: pybamm.Parameter("scale") * 2, "scale": {"bounds": (1.0, 3.0)}},
        },
    }

    sent = sent_elements(stub_service, elements)

    assert sent["entry"]["values"]["model"]["type"] == "SPM"
    assert sent["entry"]["values"]["model"] == json.loads(json.dumps(model.to_config()))
    expression = sent["fit"]["parameters"][D]
    assert expression["$type"].startswith("pybamm.expression_tree")
    assert len(expression["children"]) == 2
    assert sent["fit"]["parameters"]["scale"] == {"bounds": [1.0, 3.0]}


def test_parameter_values_are_a_plain_map(stub_service: Any) -> None:
    values = pybamm.ParameterValues({D: 3.3e-14, "Ambient temperature [K]": 298.15})
    sent = sent_elements(stub_service, {"entry": {"element_type": "entry", "values": values}})
    assert sent["entry"]["values"][D] == 3.3e-14


# ---------------------------------------------------------------- data

COLUMNS = {"Time [s]": [0.0, 1.0, 2.0], "Voltage [V]": [4.1, 4.0, 3.9]}


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame, pl.LazyFrame])
def test_a_frame_is_wrapped_as_data(stub_service: Any, kind: Any) -> None:
    sent = sent_elements(stub_service, with_data(kind(COLUMNS)))
    assert sent["fit"]["objectives"]["v"]["data"] == {"data": COLUMNS}


@pytest.mark.parametrize(
    "data",
    [
        {name: [*values] for name, values in COLUMNS.items()},
        {name: np.array(values) for name, values in COLUMNS.items()},
        {name: pl.Series(values) for name, values in COLUMNS.items()},
    ],
)
def test_columns_stay_columns(stub_service: Any, data: Any) -> None:
    sent = sent_elements(stub_service, with_data(data))
    assert sent["fit"]["objectives"]["v"]["data"] == COLUMNS


def test_a_frame_within_a_measurement_is_wrapped_once(stub_service: Any) -> None:
    data = {"data": pl.DataFrame(COLUMNS), "time_range": {"start": 0, "end": 2}}
    sent = sent_elements(stub_service, with_data(data))
    assert sent["fit"]["objectives"]["v"]["data"] == {
        "data": COLUMNS,
        "time_range": {"start": 0, "end": 2},
    }


def test_missing_numbers_are_null(stub_service: Any) -> None:
    frame = pd.DataFrame({"Time [s]": [0.0, 1.0], "Voltage [V]": [math.nan, math.inf]})
    sent = sent_elements(stub_service, with_data(frame))
    assert sent["fit"]["objectives"]["v"]["data"]["data"]["Voltage [V]"] == [None, None]


def test_references_to_the_server_and_between_elements_stay(stub_service: Any) -> None:
    elements = {
        "a": {"element_type": "entry", "values": {"data": "db:m1", "slow": "db:m2"}},
        "b": {
            "element_type": "data_fit",
            "objectives": {"x": {"data": "a.slow"}, "y": {"data": {"data": "a.data"}}},
        },
    }
    assert sent_elements(stub_service, elements) == elements


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_read_and_sent(stub_service: Any, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.{ending}"
    frame = pl.DataFrame(COLUMNS)
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)

    sent = sent_elements(stub_service, with_data(f"file:{path}"))

    assert sent["fit"]["objectives"]["v"]["data"] == COLUMNS


def test_parquet_is_preferred_in_a_folder(stub_service: Any, tmp_path: Path) -> None:
    steps = {"Step count": [0], "Step type": ["Constant current discharge"]}
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "time_series.parquet")
    (tmp_path / "time_series.csv").write_text("Time [s]\n99\n")
    pl.DataFrame(steps).write_csv(tmp_path / "steps.csv")

    sent = sent_elements(stub_service, with_data(f"folder:{tmp_path}/"))

    assert sent["fit"]["objectives"]["v"]["data"] == {"time_series": COLUMNS, "steps": steps}


def test_text_for_people_is_no_reference(stub_service: Any) -> None:
    entry = {"element_type": "entry", "values": {D: 1e-14}, "source": "file: the lab's notebook"}
    assert sent_elements(stub_service, {"e": entry}) == {"e": entry}


def too_long(rows: int) -> dict[str, Any]:
    return {"Time [s]": [*range(rows)], "Voltage [V]": [4.0] * rows}


def folder_of(frame: pl.DataFrame, folder: Path, stem: str) -> str:
    pl.DataFrame(COLUMNS).write_parquet(folder / "time_series.parquet")
    pl.DataFrame({"Step count": [0]}).write_parquet(folder / "steps.parquet")
    frame.write_parquet(folder / f"{stem}.parquet")
    return f"folder:{folder}"


def file_of(frame: pl.DataFrame, path: Path) -> str:
    frame.write_csv(path)
    return f"file:{path}"


#: Every way a table can take into a configuration.
PATHS = {
    "polars": lambda frame, _: with_data(frame),
    "lazy": lambda frame, _: with_data(frame.lazy()),
    "pandas": lambda frame, _: with_data(frame.to_pandas()),
    "columns": lambda frame, _: with_data(frame.to_dict(as_series=False)),
    "series": lambda frame, _: with_data(frame.to_dict()),
    "arrays": lambda frame, _: with_data({n: frame[n].to_numpy() for n in frame.columns}),
    "in data": lambda frame, _: with_data({"data": frame}),
    "time series": lambda frame, _: with_data({"time_series": frame}),
    "steps": lambda frame, _: with_data({"time_series": COLUMNS, "steps": frame}),
    "time series columns": lambda frame, _: with_data(
        {"time_series": frame.to_dict(as_series=False)}
    ),
    "entry": lambda frame, _: {"e": {"element_type": "entry", "values": {"data": frame}}},
    "entry, other name": lambda frame, _: {
        "e": {"element_type": "entry", "values": {"pulse": frame.to_dict(as_series=False)}}
    },
    "calculation": lambda frame, _: {"c": {"element_type": "calculation", "data": frame}},
    "list": lambda frame, _: with_data([frame]),
    "file": lambda frame, folder: with_data(file_of(frame, folder / "data.csv")),
    "folder": lambda frame, folder: with_data(folder_of(frame, folder, "time_series")),
    "folder's steps": lambda frame, folder: with_data(folder_of(frame, folder, "steps")),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("resource", ["pipeline", "simple_pipeline"])
def test_a_thousand_rows_may_travel_and_no_more(
    stub_service: Any, tmp_path: Path, path: str, resource: str
) -> None:
    reply = {"POST /simple_pipelines": RECORD, "POST /pipelines": RECORD}
    service = stub_service(reply)
    create = getattr(service.client(project_id="P"), resource).create

    create({"elements": PATHS[path](pl.DataFrame(too_long(1000)), tmp_path)})
    assert len(service.sent) == 1

    with pytest.raises(ValueError, match=r"1,001 rows.*1,000.*db:<measurement id>") as caught:
        create({"elements": PATHS[path](pl.DataFrame(too_long(1001)), tmp_path)})
    assert "config['elements']" in str(caught.value)
    assert "client.cell_measurement.create" in str(caught.value)
    assert len(service.sent) == 1


# ---------------------------------------------------------------- waiting

RUNNING, COMPLETED = {**RECORD, "status": "running"}, {**RECORD, "status": "completed"}


def element(cost: float, evaluations: int) -> list[dict[str, Any]]:
    progress = {"best_cost": cost, "evaluations": evaluations}
    return [
        {"name": "entry", "status": "completed"},
        {"name": "data_fit", "status": "running", "progress": progress},
    ]


def test_waiting_shows_best_cost_and_evaluations(
    stub_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    service = stub_service(
        {
            "GET /pipelines/p1": (RECORD, RUNNING, RUNNING, COMPLETED),
            "GET /pipelines/p1/elements": (element(0.5, 40), element(0.25, 80)),
        }
    )

    record = waiting(service.client()).wait_for_completion("p1")

    assert record.is_terminal
    assert not record.is_failed
    lines = shown.getvalue().splitlines()
    assert lines[0].startswith("pipeline p1: pending")
    assert "data_fit: best cost 0.5 after 40 evaluations" in lines[1]
    assert "best cost 0.25 after 80 evaluations" in lines[2]
    assert lines[-1].startswith("pipeline p1: completed")


def test_a_quiet_wait_asks_for_the_record_only(stub_service: Any, capsys: Any) -> None:
    service = stub_service({"GET /pipelines/p1": (RUNNING, COMPLETED)})

    waiting(service.client()).wait_for_completion(Pipeline(id="p1"), verbose=False)

    assert [route for route, _, _ in service.sent] == ["GET /pipelines/p1"] * 2
    assert capsys.readouterr() == ("", "")


def test_a_failed_pipeline_is_an_error_with_the_servers_words(stub_service: Any) -> None:
    failed = {**RECORD, "status": "failed", "error": "element 'data_fit': no bounds"}
    service = stub_service({"GET /pipelines/p1": failed})

    with pytest.raises(IonworksError, match="element 'data_fit': no bounds") as caught:
        waiting(service.client()).wait_for_completion("p1", verbose=False)

    assert isinstance(caught.value, JobFailedError)
    assert caught.value.job.id == "p1"


def test_the_reason_is_looked_for_in_the_elements(stub_service: Any) -> None:
    elements = [{"name": "data_fit", "status": "failed", "error": "the solver gave up"}]
    service = stub_service(
        {
            "GET /pipelines/p1": {**RECORD, "status": "failed"},
            "GET /pipelines/p1/elements": elements,
        }
    )
    with pytest.raises(JobFailedError, match="element 'data_fit': the solver gave up"):
        waiting(service.client()).wait_for_completion("p1", verbose=False)


@pytest.mark.parametrize(("status", "raises"), [("failed", False), ("canceled", True)])
def test_canceled_and_tolerated_pipelines_are_returned(
    stub_service: Any, status: str, raises: bool
) -> None:
    service = stub_service({"GET /pipelines/p1": {**RECORD, "status": status}})
    record = waiting(service.client()).wait_for_completion(
        "p1", verbose=False, raise_on_failure=raises
    )
    assert record.status == status
    assert record.is_failed


def test_a_wait_that_takes_too_long_is_a_timeout(stub_service: Any) -> None:
    clock = Clock()
    service = stub_service({"GET /pipelines/p1": RUNNING})

    with pytest.raises(TimeoutError, match="goes on running") as caught:
        waiting(service.client(), clock).wait_for_completion("p1", verbose=False)

    assert clock.now == pytest.approx(600)
    assert isinstance(caught.value, WaitTimeoutError)
    assert caught.value.pending == ("p1",)


def test_the_server_decides_what_is_an_end(stub_service: Any) -> None:
    odd = {**RECORD, "status": "archived", "is_terminal": True, "is_failed": False}
    service = stub_service({"GET /pipelines/p1": odd})
    assert waiting(service.client()).wait_for_completion("p1", verbose=False).status == "archived"


# ---------------------------------------------------------------- lists and changes


def test_list_sends_filters_as_they_are(stub_service: Any) -> None:
    service = stub_service({"GET /pipelines": {"pipelines": [RECORD], "total": 3}})

    page = service.client(project_id="P").pipeline.list(
        limit=1,
        offset=2,
        id="eq.p1",
        name="ilike.%NMC%",
        status="in.(failed,canceled)",
        created_at_gt="2026-05-08",
        order_by="name",
        order="asc",
    )

    assert (page.items, page.count, page.total) == ([Pipeline.from_dict(RECORD)], 1, 3)
    query = {
        "project_id": "P",
        "limit": "1",
        "skip": "2",
        "id": "eq.p1",
        "name": "ilike.%NMC%",
        "status": "in.(failed,canceled)",
        "created_at_gt": "2026-05-08",
        "order_by": "name",
        "order": "asc",
    }
    assert service.sent == [("GET /pipelines", query, None)]


def test_walking_pages_of_pipelines(stub_service: Any) -> None:
    pages = tuple({"pipelines": [{"id": name}], "total": 2} for name in "ab")
    service = stub_service({"GET /pipelines": pages})
    listed = service.client(project_id="P").pipeline.list(limit=1)
    assert [each.id for each in listed.walk()] == ["a", "b"]
    assert [query.get("skip") for _, query, _ in service.sent] == [None, "1"]


def test_update_cancel_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "PATCH /pipelines/p1": {**RECORD, "name": "Renamed"},
            "POST /pipelines/p1/cancel": {**RECORD, "status": "canceled"},
            "DELETE /pipelines/p1": httpx.Response(204),
        }
    )
    pipelines = service.client().pipeline

    assert pipelines.update("p1", name="Renamed", description="notes").name == "Renamed"
    assert pipelines.cancel("p1").is_terminal
    assert pipelines.delete("p1") is None
    assert service.sent == [
        ("PATCH /pipelines/p1", {}, {"name": "Renamed", "description": "notes"}),
        ("POST /pipelines/p1/cancel", {}, {}),
        ("DELETE /pipelines/p1", {}, None),
    ]


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


def test_fits_and_validations_are_asked_for_by_kind(stub_service: Any) -> None:
    result = stub_service(JOB).client().pipeline.result("p1")

    assert result.fit() is result.fit("fit") is result.element_results["fit"]
    assert result.validation() is result.validation("check") is result.element_results["check"]
    with pytest.raises(ValueError, match="element 'check' is no fit: it gave a ValidationResult"):
        result.fit("check")
    with pytest.raises(ValueError, match="there are 0 results of a fit: give its name"):
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


def test_a_fit_draws_data_and_model(fit: FitResult) -> None:
    axes = fit.plot_fit().axes[0]

    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Time [s]", "Voltage [V]")
    assert [line.get_label() for line in axes.lines] == ["data", "model"]
    assert list(axes.lines[1].get_ydata()) == MODEL


def test_a_fit_draws_what_is_between_model_and_data(fit: FitResult) -> None:
    axes = fit.plot_residuals("voltage").axes[0]

    differences = axes.lines[1].get_ydata()
    assert list(differences) == pytest.approx([1.0, 0.0, -1.0])
    assert axes.get_ylabel() == "model - data [mV]"
    assert axes.get_title(loc="left") == "voltage: RMS 0.816 mV"


def test_a_fit_draws_its_course(fit: FitResult) -> None:
    cost, diffusivity = fit.plot_trace().axes

    assert list(cost.lines[0].get_ydata()) == [0.5, 0.0012]
    assert cost.get_yscale() == "log"
    assert diffusivity.get_title(loc="left") == D
    assert list(diffusivity.lines[0].get_xdata()) == [10, 90]


def test_a_copied_result_keeps_its_values_and_says_that_it_has_no_curves(fit: FitResult) -> None:
    for twin in (copy.copy(fit), pickle.loads(pickle.dumps(fit))):  # noqa: S301 its own
        assert twin == fit
        with pytest.raises(ValueError, match="no way to its curves"):
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
