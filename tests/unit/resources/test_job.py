"""`client.job`."""

from typing import Any

import httpx
import pytest

from ionworks.errors import GoneError, NotFoundError, ResponseDecodeError
from ionworks.records.job import Job

JOB = {"job_id": "j", "status": "completed", "job_type": "simulate", "priority": 5}


def test_get(stub_service: Any) -> None:
    service = stub_service({"GET /jobs/j": {**JOB, "access_level": "full"}})
    job = service.client().job.get("j")
    assert isinstance(job, Job)
    assert job.status == job["status"] == "completed"
    assert job.is_terminal
    assert job.access_level == "full"
    assert service.sent == [("GET /jobs/j", {}, None)]


def test_an_unknown_job(stub_service: Any) -> None:
    with pytest.raises(NotFoundError):
        stub_service({}).client().job.get("j")


def test_an_id_never_leads_to_another_route(stub_service: Any) -> None:
    service = stub_service({"GET /users/me": {"id": "u"}})
    with pytest.raises(NotFoundError):
        service.client().job.get("../users/me")
    assert [route for route, _, _ in service.sent] == ["GET /jobs/..%2Fusers%2Fme"]


@pytest.mark.parametrize(
    "reply", [[JOB, {"job_id": "k"}], {"items": [JOB, {"job_id": "k"}], "count": 2, "total": 2}]
)
def test_list_reads_an_array_and_an_envelope(reply: Any, stub_service: Any) -> None:
    service = stub_service({"GET /jobs/": reply})
    jobs = service.client().job.list()
    assert [job.job_id for job in jobs] == ["j", "k"]
    assert jobs.total == 2
    assert [job.job_id for job in jobs.walk()] == ["j", "k"]
    assert service.sent == [("GET /jobs/", {}, None)]


def test_list_sends_its_filters(stub_service: Any) -> None:
    service = stub_service({"GET /jobs/": []})
    page = service.client().job.list(job_type="simulate", status="failed", limit=3, offset=6)
    assert page == []
    query = {"job_type": "simulate", "status": "failed", "limit": "3", "offset": "6"}
    assert service.sent == [("GET /jobs/", query, None)]


def test_walking_arrays_page_by_page(stub_service: Any) -> None:
    pages = ([{"job_id": "a"}, {"job_id": "b"}], [{"job_id": "c"}], [])
    service = stub_service({"GET /jobs/": pages})
    assert [job.job_id for job in service.client().job.list(limit=2).walk()] == ["a", "b", "c"]
    assert [query.get("offset") for _, query, _ in service.sent] == [None, "2", "3"]


@pytest.mark.off_contract("lists things that are no jobs")
@pytest.mark.parametrize("reply", [{"jobs": []}, "text", [{"id": "no job"}], {"items": [3]}])
def test_a_list_of_another_form_is_an_error(reply: Any, stub_service: Any) -> None:
    with pytest.raises(ResponseDecodeError, match="list_jobs"):
        stub_service({"GET /jobs/": reply}).client().job.list()


def test_cancel(stub_service: Any) -> None:
    service = stub_service({"POST /jobs/j/cancel": {"job_id": "j", "status": "canceled"}})
    job = service.client().job.cancel("j")
    assert job.is_failed
    assert service.sent == [("POST /jobs/j/cancel", {}, {})]


def test_create_is_retired(stub_service: Any) -> None:
    gone = httpx.Response(410, json={"detail": "submit simulations instead"})
    service = stub_service({"POST /jobs/": gone})
    with pytest.raises(GoneError, match="submit simulations"):
        service.client().job.create({"job_type": "simulate", "params": {"x": float("nan")}})
    assert service.sent == [("POST /jobs/", {}, {"job_type": "simulate", "params": {"x": None}})]


@pytest.mark.parametrize("payload", [{}, {"params": {}}, {"job_type": " "}])
def test_a_job_needs_a_type(payload: dict[str, Any], stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises(ValueError, match="payload needs 'job_type'"):
        service.client().job.create(payload)
    assert service.requests == []


METADATA = {
    "intermediate_results": [{"cost": 0.5, "inputs": {"D": 1.0}}],
    "samples": {"D": [1.0, 2.0]},
    "sample_costs": [0.1, 0.2],
    "sample_param_names": ["D"],
    "sample_burnin": 0,
}


def test_metadata_and_what_is_read_from_it(stub_service: Any) -> None:
    job = stub_service({"GET /jobs/j/metadata": METADATA}).client().job
    assert job.get_metadata("j") == METADATA
    assert job.get_parameter_trace("j") == METADATA["intermediate_results"]
    assert job.get_posterior_samples("j") == {
        key: value for key, value in METADATA.items() if key != "intermediate_results"
    }


def test_a_job_without_metadata(stub_service: Any) -> None:
    empty = stub_service({"GET /jobs/j/metadata": {}}).client().job
    assert empty.get_parameter_trace("j") == []
    assert empty.get_posterior_samples("j") == {}
    missing = stub_service({}).client().job
    assert missing.get_posterior_samples("j") == {}
    with pytest.raises(NotFoundError):
        missing.get_metadata("j")


def test_series(stub_service: Any) -> None:
    channels = {"voltage": {"optimal": ["Time [s]", "Voltage [V]"]}}
    columns = {"Time [s]": [0.0, 1.0], "Voltage [V]": [4.1, None]}
    service = stub_service({"GET /jobs/j/series/channels": channels, "GET /jobs/j/series": columns})
    job = service.client().job
    assert job.get_series_channels("j") == channels
    assert job.get_series("j", "voltage") == columns
    assert (
        job.get_series(
            "j", "voltage", "baseline",
            columns=["Time [s]", "Voltage [V]"], x_column="Time [s]",
            max_points=10, x_min=0.5, x_max=2,
        )
        == columns
    )  # fmt: skip
    assert [query for _, query, _ in service.sent[1:]] == [
        {"objective": "voltage", "source": "optimal"},
        {
            "objective": "voltage",
            "source": "baseline",
            "columns": "Time [s],Voltage [V]",
            "x_column": "Time [s]",
            "max_points": "10",
            "x_min": "0.5",
            "x_max": "2",
        },
    ]


def test_plot_data(stub_service: Any) -> None:
    plot = {"type": "CurrentDriven", "traces": [{"name": "data", "x": [0.0], "y": [4.1]}]}
    service = stub_service({"GET /pipelines/datafits/j/plot_data": plot})
    assert service.client().job.get_plot_data("j", "voltage") == plot
    assert service.sent[0][1] == {
        "objective_name": "voltage", "plot_index": "0", "max_points": "2000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("get_series", {"objective": ""}, ValueError, "objective is empty"),
        ("get_series", {"objective": "v", "source": "best"}, ValueError, "'optimal' or 'baseline'"),
        ("get_series", {"objective": "v", "max_points": 0}, ValueError, "max_points must be at"),
        ("get_plot_data", {"objective_name": "v", "max_points": 99}, ValueError, "at most 80000"),
        ("get_plot_data", {"objective_name": "v", "plot_index": -1}, ValueError, "plot_index must"),
        ("get_plot_data", {"objective_name": "v", "plot_index": 1.5}, TypeError, "plot_index must"),
    ],
)
def test_bad_arguments_send_nothing(
    method: str,
    arguments: dict[str, Any],
    error: type[Exception],
    message: str,
    stub_service: Any,
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        getattr(service.client().job, method)("j", **arguments)
    assert service.requests == []
