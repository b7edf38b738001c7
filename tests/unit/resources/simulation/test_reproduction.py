"""Simulations as scripts, their references, and their repetition."""

from __future__ import annotations

import io
import json
import math

import httpx
import pandas as pd
import polars as pl
import pytest

from ionworks.errors import IonworksError, NotAvailableError, NotFoundError
from ionworks.records.replay import Replay
from ionworks.records.simulation import Simulation
from ionworks.workflows.simulations.reproduction import largest_differences

SUBMISSION = "0f3a8c1e-7b2d-4f60-9a11-f00000000000"
AGAIN = "0f3a8c1e-7b2d-4f60-9a11-000000000000"
SERIES = {
    "Time [s]": [0.0, 10.0, 20.0, 20.0, 30.0],
    "Voltage [V]": [4.0, 3.9, 3.8, 3.85, 3.9],
    "Current [A]": [1.0, 1.0, 1.0, 0.0, 0.0],
    "Step count": [0, 0, 0, 1, 1],
    "Cycle count": [0, 0, 0, 0, 0],
}


def test_the_script_and_the_references_are_text(stub_service):
    service = stub_service(
        {
            "GET /simulations/sim-1/script": {"script": "import pybamm\n"},
            "GET /simulations/sim-1/citations": {"bibtex": "@article{a}\n"},
        }
    )
    with service.client() as client:
        assert client.simulation.script("sim-1") == "import pybamm\n"
        assert client.simulation.citations(Simulation(id="sim-1")) == "@article{a}\n"


def test_what_has_no_counterpart_is_an_error_with_its_name(stub_service):
    problem = {"error_code": "NOT_IMPLEMENTED", "message": "the end d/dt(Voltage) has none"}
    service = stub_service({"GET /simulations/sim-1/script": httpx.Response(501, json=problem)})
    with service.client() as client, pytest.raises(IonworksError, match=r"d/dt\(Voltage\)") as info:
        client.simulation.script("sim-1")
    assert info.value.status_code == 501


def parquet(series) -> httpx.Response:
    stream = io.BytesIO()
    pl.DataFrame(series).write_parquet(stream)
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    return httpx.Response(200, content=stream.getvalue(), headers=headers)


def test_a_replay_compares_the_results_and_how_they_were_made(stub_service, monkeypatch, tmp_path):
    then = {"versions": {"pybamm": "1.0", "casadi": "3"}, "seed": 1}
    now = {"versions": {"pybamm": "2.0", "casadi": "3"}, "seed": 1}
    changed = {**SERIES, "Voltage [V]": [4.0, 3.9, 3.8, 3.85, 3.9002]}

    def record(identifier, provenance):
        return {
            "id": identifier,
            "status": "completed",
            "storage_folder": identifier,
            "metrics": {},
            "provenance": provenance,
            "name": "Rest",
            "parameterized_model_id": "pm",
        }

    service = stub_service(
        {
            "GET /discovery/capabilities": {"bulk_simulations": True},
            "POST /simulations/repeat": httpx.Response(
                201, json={"submission_id": SUBMISSION, "count": 1, "seed": None, "notes": []}
            ),
            "POST /simulations/statuses": [{"simulation_id": AGAIN, "status": "completed"}],
            "GET /simulations/sim-1": record("sim-1", then),
            f"GET /simulations/{AGAIN}": record(AGAIN, now),
            "GET /simulations/sim-1/time_series/download": parquet(SERIES),
            f"GET /simulations/{AGAIN}/time_series/download": parquet(changed),
            "GET /simulations/sim-1/steps/download": parquet({"Step count": [0, 1]}),
            f"GET /simulations/{AGAIN}/steps/download": parquet({"Step count": [0, 1]}),
        }
    )
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with service.client(history=True) as client:
        found = client.simulation.replay("sim-1", verbose=False)
        [entry] = client.history()

    assert isinstance(found, Replay)
    assert (entry.ids, entry.name, entry.model) == ([AGAIN], "Rest", "pm")
    assert (found.simulation.id, found.then, found.now) == (AGAIN, then, now)
    assert found.changed == {"versions.pybamm": ("1.0", "2.0")}
    assert repr(found).startswith(f"Replay(simulation={AGAIN!r}, differences={{'Voltage [V]': ")
    assert repr(found).endswith(", changed={'versions.pybamm': ('1.0', '2.0')})")
    assert found.differences == {"Voltage [V]": pytest.approx(2e-4), "Current [A]": 0.0}
    [request] = [each for each in service.requests if each.url.path.endswith("/repeat")]
    assert request.headers["Idempotency-Key"]
    assert json.loads(request.content) == {
        "simulation_ids": ["sim-1"],
        "reuse": False,
        "keep_studies": False,
    }


def test_a_service_that_repeats_no_simulations_is_named(stub_service):
    record = {"id": "sim-1", "status": "completed", "storage_folder": "sim-1", "metrics": {}}
    service = stub_service(
        {
            "GET /simulations/sim-1": record,
            "GET /simulations/sim-1/time_series/download": parquet(SERIES),
            "GET /simulations/sim-1/steps/download": parquet({"Step count": [0, 1]}),
        }
    )

    with service.client() as client, pytest.raises(NotAvailableError, match="again by their ids"):
        client.simulation.replay("sim-1", verbose=False)


def test_a_simulation_without_results_is_not_computed_again(stub_service):
    record = {"id": "sim-1", "status": "failed", "error": "no convergence"}
    service = stub_service({"GET /simulations/sim-1": record})

    with service.client() as client, pytest.raises(NotFoundError):
        client.simulation.replay("sim-1", verbose=False)

    assert not [each for each in service.requests if each.method == "POST"]


def test_differences_are_those_from_the_start_of_each_step():
    later = {**SERIES, "Time [s]": [0.0, 10.0, 20.1, 20.1, 30.1]}

    assert largest_differences(pl.DataFrame(SERIES), pl.DataFrame(later)) == {
        "Voltage [V]": pytest.approx(0.1 * 0.1 / 10.1),
        "Current [A]": 0.0,
    }


def test_other_points_are_joined_by_lines_and_pandas_frames_are_read():
    fewer = {name: [values[0], *values[2:]] for name, values in SERIES.items()}

    found = largest_differences(pd.DataFrame(SERIES), pd.DataFrame(fewer))

    assert found["Voltage [V]"] == pytest.approx(0, abs=1e-12)


def test_a_missing_signal_step_or_value_is_infinitely_far():
    first = pl.DataFrame(SERIES)
    assert largest_differences(first, first.drop("Current [A]"))["Current [A]"] == math.inf
    assert largest_differences(first, first.head(3))["Voltage [V]"] == math.inf
    gap = first.with_columns(
        pl.when(pl.col("Time [s]") == 10).then(None).otherwise("Voltage [V]").alias("Voltage [V]")
    )
    assert largest_differences(first, gap)["Voltage [V]"] == math.inf
    assert largest_differences(gap, gap)["Voltage [V]"] == 0
