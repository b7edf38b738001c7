"""Results of simulations."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    NotFoundError,
    ResponseDecodeError,
)
from ionworks.records.simulation import (
    SimulationResult,
)
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.simulation_service import (
    Service,
)

PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


# ---------------------------------------------------------------- results


TIME_SERIES = pl.DataFrame(
    {
        "Time [s]": [0.0, 1.0, 1.0, 2.0],
        "Step count": [0, 0, 1, 1],
        "Discharge capacity [A.h]": [0.0, 1.0, 0.0, 0.0],
        "Charge capacity [A.h]": [0.0, 0.0, 0.0, 0.25],
    }
)
STEPS = pl.DataFrame({"Step count": [0, 1], "Step type": ["Discharge", "Charge"]})


def parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def add_result(service: Service, identifier: str, frame: pl.DataFrame = TIME_SERIES) -> None:
    service.add(identifier, metrics={"of": identifier})
    files = {"time_series": parquet(frame), "steps": parquet(STEPS)}
    for name, content in files.items():
        service.replies[f"/simulations/{identifier}/{name}/download"] = lambda _, content=content: (
            httpx.Response(200, content=content, headers=PARQUET)
        )


def test_a_result_has_its_three_parts(client: Ionworks, service: Service) -> None:
    add_result(service, "s1")

    result = client.simulation.get_result("s1")

    assert isinstance(result, SimulationResult)
    assert sorted(service.paths) == [
        "/simulations/s1",
        "/simulations/s1/steps/download",
        "/simulations/s1/time_series/download",
    ]
    asked = dict(zip(service.paths, service.accepted, strict=True))
    assert asked["/simulations/s1/steps/download"] == PARQUET["Content-Type"]
    assert isinstance(result.time_series, pl.DataFrame)
    assert result.time_series["Capacity [A.h]"].to_list() == [0.0, 1.0, 1.0, 0.75]
    assert result.steps["Step type"].to_list() == ["Discharge", "Charge"]
    assert result.metrics == {"of": "s1"}
    with pytest.raises(AttributeError):
        result.metrics = {}


def test_a_client_with_pandas_returns_pandas(service: Service) -> None:
    add_result(service, "s1")
    transport = httpx.MockTransport(service)

    with Ionworks(
        "key", "https://api.test", dataframe_backend="pandas", transport=transport
    ) as client:
        result = client.simulation.get_result("s1")

    assert isinstance(result.time_series, pd.DataFrame)
    assert isinstance(result.steps, pd.DataFrame)
    assert result.time_series["Step capacity [A.h]"].tolist() == [0.0, 1.0, 0.0, -0.25]


def test_an_old_result_is_read_as_json(client: Ionworks, service: Service) -> None:
    service.add("s1")
    service.replies["/simulations/s1/result"] = lambda _: httpx.Response(
        200,
        json={
            "time_series": TIME_SERIES.to_dict(as_series=False),
            "steps": STEPS.to_dict(as_series=False),
            "metrics": {"x": 1.0},
        },
    )

    result = client.simulation.get_result("s1")

    assert result.time_series["Capacity [A.h]"].to_list() == [0.0, 1.0, 1.0, 0.75]
    assert result.steps.height == 2
    assert result.metrics == {"x": 1.0}


@pytest.mark.parametrize("part", ["time_series", "steps"])
def test_a_result_without_data_is_an_error(client: Ionworks, service: Service, part: str) -> None:
    service.add("s1")
    document = {
        "time_series": TIME_SERIES.to_dict(as_series=False),
        "steps": STEPS.to_dict(as_series=False),
        "metrics": {},
        part: None,
    }
    service.replies["/simulations/s1/result"] = lambda _: httpx.Response(200, json=document)

    with pytest.raises(ResponseDecodeError, match=f"simulation s1 has no '{part}'"):
        client.simulation.get_result("s1")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "processing"}, "it has not finished (status processing); wait first"),
        ({"status": "failed", "error": "no convergence"}, "it failed: no convergence"),
        ({"status": "canceled"}, "it was canceled"),
        ({"status": "completed"}, "it completed, but its results are not stored"),
    ],
)
@pytest.mark.parametrize(
    "read", [lambda s: s.get_result("s1"), lambda s: list(s.get_results(["s1"]))]
)
def test_a_missing_result_is_explained(
    client: Ionworks,
    service: Service,
    fields: dict[str, str],
    words: str,
    read: Callable[[SimulationResource], Any],
) -> None:
    service.add("s1", **fields)

    with pytest.raises(NotFoundError) as caught:
        read(client.simulation)

    assert f"simulation s1 has no results: {words}" in str(caught.value)


def test_a_missing_result_whose_record_has_no_status(client: Ionworks, service: Service) -> None:
    service.add("s1", ends=1.0)
    service.replies["/simulations/s1"] = lambda _: httpx.Response(200, json={"id": "s1"})

    with pytest.raises(NotFoundError, match=r"not finished \(status processing\); wait first"):
        client.simulation.get_result("s1")


def test_the_result_of_an_unknown_simulation(client: Ionworks) -> None:
    with pytest.raises(NotFoundError, match="no such thing"):
        client.simulation.get_result("unknown")


@pytest.mark.off_contract("an error page where a file should be")
def test_a_download_that_is_not_parquet_is_reported(client: Ionworks, service: Service) -> None:
    add_result(service, "s1")
    service.replies["/simulations/s1/steps/download"] = lambda _: httpx.Response(
        200, content=b"<html>hello</html>"
    )

    with pytest.raises(ResponseDecodeError, match=r"/simulations/s1/steps/download: .*<html>"):
        client.simulation.get_result("s1")


def test_many_results_come_in_order(client: Ionworks, service: Service) -> None:
    ids = [f"s{n}" for n in range(12)]
    for n, identifier in enumerate(ids):
        add_result(service, identifier, TIME_SERIES.with_columns(pl.lit(n).alias("run")))

    found = [
        (result.time_series["run"][0], result.metrics["of"])
        for result in client.simulation.get_results(ids, max_workers=3)
    ]

    assert found == [(n, f"s{n}") for n in range(12)]


def test_results_are_read_only_a_few_ahead(client: Ionworks, service: Service) -> None:
    ids = [f"s{n}" for n in range(50)]
    for identifier in ids:
        add_result(service, identifier)

    results = client.simulation.get_results(ids, max_workers=3)
    assert service.sent == [], "nothing is read before the first look"
    next(results)
    results.close()

    read = {path.split("/")[2] for path in service.paths}
    assert "s0" in read
    assert len(read) <= 3


def test_results_are_read_concurrently(client: Ionworks, service: Service) -> None:
    meeting = threading.Barrier(3, timeout=30)
    content = parquet(TIME_SERIES)

    def serve(_: httpx.Request) -> httpx.Response:
        meeting.wait()
        return httpx.Response(200, content=content, headers=PARQUET)

    for identifier in ("s1", "s2", "s3"):
        add_result(service, identifier)
        service.replies[f"/simulations/{identifier}/time_series/download"] = serve

    assert len(list(client.simulation.get_results(["s1", "s2", "s3"], max_workers=3))) == 3


def test_a_failing_result_is_raised_in_its_order(client: Ionworks, service: Service) -> None:
    add_result(service, "s1")
    results = client.simulation.get_results(["s1", "unknown"])

    assert next(results).metrics == {"of": "s1"}
    with pytest.raises(NotFoundError):
        next(results)
