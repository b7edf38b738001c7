"""`client.simple_pipeline`: requests, precedence of arguments, waiting, lists, results."""

from __future__ import annotations

import io
from typing import Any

import httpx
import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, JobFailedError
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.resources.simple_pipeline import SimplePipelineResource
from ionworks.workflows.pipelines.element_results import FitResult, ValidationResult

D = "Negative particle diffusivity [m2.s-1]"
ELEMENTS = {
    "initial_params": {"element_type": "entry", "values": {D: 2e-14}},
    "fit": {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": "db:m1"}},
        "parameters": {D: {"bounds": [1e-14, 1e-13], "initial_value": 2e-14}},
        "cost": {"type": "RMSE"},
        "optimizer": {"type": "DifferentialEvolution", "max_iterations": 10},
    },
}
RECORD = {"id": "s1", "status": "pending", "job_id": "j1"}
RESULT = {"parameter_values": {D: 5.3e-14}, "cost": 0.001}
RUNNING = {**RECORD, "status": "running"}
COMPLETED = {**RECORD, "status": "completed", "result": RESULT}
CREATED = {"POST /simple_pipelines": RECORD}


def waiting(client: Ionworks) -> SimplePipelineResource:
    now = [0.0]
    return SimplePipelineResource(
        client._connection,
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
    )


def test_create_wraps_the_elements_in_a_config(stub_service: Any) -> None:
    service = stub_service(CREATED)

    made = service.client(project_id="P").simple_pipeline.create(
        {"elements": ELEMENTS},
        name="NMC622 diffusivity fit",
        description="Single-parameter fit on the May 14 dataset",
    )

    body = {
        "project_id": "P",
        "config": {"elements": ELEMENTS},
        "name": "NMC622 diffusivity fit",
        "description": "Single-parameter fit on the May 14 dataset",
    }
    assert service.sent == [("POST /simple_pipelines", {}, body)]
    assert isinstance(made, SimplePipeline)
    assert (made.id, made.status, made.is_terminal) == ("s1", "pending", False)


def test_fields_of_the_request_are_moved_out_of_the_config(stub_service: Any) -> None:
    service = stub_service(CREATED)
    config = {
        "elements": ELEMENTS,
        "project_id": "Q",
        "name": "N",
        "description": "D",
        "options": {"live_progress_updates": True},
    }

    service.client(project_id="P").simple_pipeline.create(config)

    assert service.sent[0][2] == {
        "project_id": "Q",
        "config": {"elements": ELEMENTS},
        "name": "N",
        "description": "D",
        "options": {"live_progress_updates": True},
    }
    assert set(config) == {"elements", "project_id", "name", "description", "options"}


def test_arguments_take_precedence_and_are_not_kept_in_the_config(stub_service: Any) -> None:
    service = stub_service(CREATED)
    config = {
        "elements": ELEMENTS,
        "project_id": "Q",
        "name": "N",
        "options": {"live_progress_updates": True},
    }

    service.client().simple_pipeline.create(
        config, project_id="A", name="B", options={"live_progress_updates": None}
    )

    assert service.sent[0][2] == {
        "project_id": "A",
        "config": {"elements": ELEMENTS},
        "name": "B",
        "options": {"live_progress_updates": None},
    }


def test_a_frame_is_sent_as_columns(stub_service: Any) -> None:
    columns = {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.1, 4.0]}
    fit = {**ELEMENTS["fit"], "objectives": {"voltage": {"data": pl.DataFrame(columns)}}}
    service = stub_service(CREATED)
    service.client(project_id="P").simple_pipeline.create({"elements": {"fit": fit}})
    assert service.sent[0][2]["config"]["elements"]["fit"]["objectives"]["voltage"] == {
        "data": columns
    }


def test_an_unknown_type_is_left_to_the_server(stub_service: Any) -> None:
    service = stub_service(CREATED)
    odd = {"e": {"element_type": "magic"}, "fit": {**ELEMENTS["fit"], "element_type": "datafit"}}
    service.client(project_id="P").simple_pipeline.create({"elements": odd})
    sent = service.sent[0][2]["config"]["elements"]
    assert [each["element_type"] for each in sent.values()] == ["magic", "data_fit"]


@pytest.mark.parametrize("kinds", [("Data Fit", "validation"), ("data_fit", "array_data_fit")])
def test_more_than_one_fit_is_rejected(stub_service: Any, kinds: tuple[str, str]) -> None:
    service = stub_service(CREATED)
    elements = {f"e{n}": {"element_type": kind} for n, kind in enumerate(kinds)}
    with pytest.raises(ValueError, match=r"at most one fit or validation.*'e0', 'e1'.*pipeline"):
        service.client(project_id="P").simple_pipeline.create({"elements": elements})
    assert service.sent == []


# ---------------------------------------------------------------- waiting


def test_the_wait_returns_the_record_with_its_flat_result(stub_service: Any) -> None:
    service = stub_service({"GET /simple_pipelines/s1": (RECORD, RUNNING, COMPLETED)})
    record = waiting(service.client()).wait_for_completion("s1", verbose=False)
    assert record.result["parameter_values"] == {D: 5.3e-14}
    assert [route for route, _, _ in service.sent] == ["GET /simple_pipelines/s1"] * 3


def test_the_wait_shows_the_progress_of_the_record(stub_service: Any, monkeypatch: Any) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    progress = {"element": "fit", "best_cost": 0.01234567, "evaluations": 120}
    service = stub_service(
        {"GET /simple_pipelines/s1": ({**RUNNING, "progress": progress}, COMPLETED)}
    )
    waiting(service.client()).wait_for_completion("s1")
    assert "running, fit: best cost 0.01235 after 120 evaluations" in shown.getvalue()


def test_the_wait_shows_the_last_step_saved_by_the_job(stub_service: Any, monkeypatch: Any) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    steps = [{"best_cost": 0.5}, {"best_cost": 0.25}]
    missing = httpx.Response(404, json={"detail": "no metadata yet"})
    service = stub_service(
        {
            "GET /simple_pipelines/s1": (RUNNING, RUNNING, COMPLETED),
            "GET /jobs/j1/metadata": (missing, {"intermediate_results": steps}),
        }
    )
    waiting(service.client()).wait_for_completion("s1")
    lines = shown.getvalue().splitlines()
    assert lines[0].startswith("simple pipeline s1: running, 0.0 s")
    assert "running, best cost 0.25," in lines[1]


def test_a_failure_has_the_servers_message(stub_service: Any) -> None:
    words = "ValueError: element_type 'magic' is not known; accepted values: entry, data_fit"
    failed = {**RECORD, "status": "failed", "error": words, "error_code": "CONFIGURATION_ERROR"}
    service = stub_service({"GET /simple_pipelines/s1": failed})

    with pytest.raises(IonworksError, match="accepted values: entry, data_fit") as caught:
        waiting(service.client()).wait_for_completion("s1", verbose=False)

    assert isinstance(caught.value, JobFailedError)
    assert caught.value.error_code == "CONFIGURATION_ERROR"
    record = waiting(service.client()).wait_for_completion(
        "s1", verbose=False, raise_on_failure=False
    )
    assert (record.status, record.is_failed) == ("failed", True)


def test_a_canceled_one_is_returned(stub_service: Any) -> None:
    service = stub_service({"GET /simple_pipelines/s1": {**RECORD, "status": "canceled"}})
    record = waiting(service.client()).wait_for_completion(SimplePipeline(id="s1"), verbose=False)
    assert record.status == "canceled"


def test_a_timeout_names_the_status(stub_service: Any) -> None:
    service = stub_service({"GET /simple_pipelines/s1": RUNNING})
    with pytest.raises(TimeoutError, match="status running"):
        waiting(service.client()).wait_for_completion("s1", timeout=5, verbose=False)


# ---------------------------------------------------------------- lists and changes


def test_list_always_sends_its_defaults(stub_service: Any) -> None:
    page = {"items": [RECORD], "count": 1, "total": 8}
    service = stub_service({"GET /simple_pipelines": page})

    listed = service.client(project_id="P").simple_pipeline.list()

    assert (listed.count, listed.total) == (1, 8)
    assert listed.items == [SimplePipeline.from_dict(RECORD)]
    query = {
        "project_id": "P",
        "limit": "10",
        "offset": "0",
        "order_by": "created_at",
        "order": "desc",
    }
    assert service.sent == [("GET /simple_pipelines", query, None)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "in.(pending,running)"},
        {"name": "ilike.%diffevo%"},
        {"name": "exactly this", "description": "like.a%"},
        {"created_at_gt": "2026-05-08", "created_at_lt": "2026-05-15", "order": "asc"},
        {"created_by_email": "eq.ada@example.com", "updated_at": "gte.2026-05-08"},
    ],
)
def test_list_sends_filters_unchanged(stub_service: Any, wanted: dict[str, str]) -> None:
    service = stub_service({"GET /simple_pipelines": {"items": []}})
    service.client(project_id="P").simple_pipeline.list(limit=25, **wanted)
    assert wanted.items() <= service.sent[0][1].items()
    assert service.sent[0][1]["limit"] == "25"


def test_update_cancel_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            "PATCH /simple_pipelines/s1": {**RECORD, "description": "notes"},
            "POST /simple_pipelines/s1/cancel": {**RECORD, "status": "canceled"},
            "DELETE /simple_pipelines/s1": httpx.Response(204),
        }
    )
    pipelines = service.client().simple_pipeline

    assert pipelines.update("s1", description="notes").description == "notes"
    assert pipelines.cancel("s1").is_failed
    assert pipelines.delete("s1") is None
    assert service.sent == [
        ("PATCH /simple_pipelines/s1", {}, {"description": "notes"}),
        ("POST /simple_pipelines/s1/cancel", {}, {}),
        ("DELETE /simple_pipelines/s1", {}, None),
    ]


# ---------------------------------------------------------------- results


def test_the_result_as_a_fit_with_curves(stub_service: Any) -> None:
    plot = {
        "traces": [
            {"name": "data", "x": [0, 1], "y": [4.1, 4.0]},
            {"name": "model", "x": [0, 1], "y": [4.1, 4.0]},
        ],
        "layout": {"xaxis": {"title": "Time [s]"}, "yaxis": {"title": "Voltage [V]"}},
    }
    service = stub_service(
        {
            "GET /simple_pipelines/s1": COMPLETED,
            "GET /jobs/j1/series/channels": {"voltage": {"optimal": ["Time [s]"]}},
            "GET /pipelines/datafits/j1/plot_data": plot,
        }
    )
    fit = service.client().simple_pipeline.result("s1")
    assert isinstance(fit, FitResult)
    assert fit.cost == 0.001
    assert len(fit.plot_fit().axes) == 1


def test_the_result_of_a_validation(stub_service: Any) -> None:
    result = {"parameter_values": {}, "summary_stats": {"voltage": {"RMSE": 0.002}}}
    service = stub_service({"GET /simple_pipelines/s1": {**COMPLETED, "result": result}})
    validation = service.client().simple_pipeline.result("s1")
    assert isinstance(validation, ValidationResult)
    assert validation.summary_stats["voltage"]["RMSE"] == 0.002


def test_without_a_result_the_status_is_reported(stub_service: Any) -> None:
    failed = {**RECORD, "status": "failed", "error": "no bounds"}
    service = stub_service({"GET /simple_pipelines/s1": failed})
    with pytest.raises(ValueError, match=r"status failed.*no bounds"):
        service.client().simple_pipeline.result("s1")
