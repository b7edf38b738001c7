"""Tables of many simulations: their inputs, states, metrics and time series."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks import Ionworks
from ionworks.resources.simulation import SimulationResource
from ionworks.workflows.simulations import run_table
from tests.unit.resources.simulation.simulation_service import Service
from tests.unit.resources.simulation.test_results import TIME_SERIES, add_result

TABLE = "/simulations/table"
EMPTY: dict[str, Any] = {
    "submission_id": "sub",
    "experiment_template_id": "tpl-1",
    "parameterized_model_id": "pm-1",
    "parameterized_model": "NMC",
    "status": "completed",
    "error": None,
    "error_code": None,
}


def tabulate(service: Service, rows: dict[str, dict[str, Any]]) -> None:
    """Have the service answer requests for tables; each row has fields, inputs and metrics."""
    service.capabilities = {"bulk_simulations": True}

    def answer(request: httpx.Request) -> httpx.Response:
        ids = [each for each in json.loads(request.content)["simulation_ids"] if each in rows]
        table: dict[str, Any] = {"simulation_ids": ids}
        for name, value in EMPTY.items():
            table[name] = [rows[each].get(name, value) for each in ids]
        for group in ("design_parameters", "experiment_parameters", "metrics"):
            found = [rows[each].get(group, {}) for each in ids]
            names = dict.fromkeys(name for each in found for name in each)
            table[group] = {name: [each.get(name) for each in found] for name in names}
        return httpx.Response(200, json=table)

    service.replies[TABLE] = answer


SWEEP = {
    "a": {
        "design_parameters": {"thickness": 1.0},
        "experiment_parameters": {"C-rate": 1, "label": "slow"},
        "metrics": {"Discharge capacity [A.h]": 4.9, "status": 7},
    },
    "b": {
        "design_parameters": {"thickness": 2.0},
        "experiment_parameters": {"C-rate": 0.5, "label": "slow"},
        "status": "failed",
        "error": "no convergence",
    },
}
EXPECTED = pl.DataFrame(
    {
        "simulation_id": ["a", "b"],
        "status": ["completed", "failed"],
        "C-rate": [1.0, 0.5],
        "label": ["slow", "slow"],
        "thickness": [1.0, 2.0],
        "Discharge capacity [A.h]": [4.9, None],
        "status (metric)": [7, None],
        "error": [None, "no convergence"],
    }
)


def test_tables_of_parts_of_a_batch_can_be_joined(
    simulation: SimulationResource, service: Service
) -> None:
    tabulate(service, SWEEP)
    batch = simulation.batch(["a", "b"])

    parts = [batch[:1].to_frame(), batch[1:].to_frame()]

    assert pl.concat(parts, how="diagonal")["C-rate"].to_list() == [1.0, 0.5]


def test_a_batch_is_one_row_for_each_run(simulation: SimulationResource, service: Service) -> None:
    tabulate(service, SWEEP)

    frame = simulation.batch(["a", "b"]).to_frame()

    assert_frame_equal(frame, EXPECTED)
    assert service.paths == [TABLE]


def test_other_services_are_asked_for_each_record(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier, fields in SWEEP.items():
        service.add(
            identifier,
            **{**fields, "metrics": {**fields.get("metrics", {}), "Cycles": [{"Cycle count": 0}]}},
        )
    service.simulations["b"]["design_parameters"] = None
    service.simulations["b"]["design"] = {"design_parameters": {"thickness": 2.0}}

    frame = simulation.get_table(["a", "missing", "b", "a"])

    assert_frame_equal(frame, EXPECTED)
    assert sorted(service.paths) == ["/simulations/a", "/simulations/b", "/simulations/missing"]


def test_very_many_are_asked_for_in_pieces(
    simulation: SimulationResource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_table, "LARGEST_SELECTION", 2)
    rows = {f"s{number}": {"experiment_parameters": {"n": number}} for number in range(4)}
    tabulate(service, {**rows, "s4": {"design_parameters": {"x": "text"}}})

    frame = simulation.get_table([*rows, "s4"])

    assert service.paths == [TABLE] * 3
    assert frame["simulation_id"].to_list() == ["s0", "s1", "s2", "s3", "s4"]
    assert frame["n"].to_list() == [0, 1, 2, 3, None]
    assert frame["x"].to_list() == [None] * 4 + ["text"]


def test_the_models_are_a_column_if_there_are_several(
    simulation: SimulationResource, service: Service
) -> None:
    other = {"parameterized_model_id": "pm-2", "parameterized_model": "LFP"}
    tabulate(service, {"a": {}, "b": other})
    by_name = simulation.get_table(["a", "b"])["parameterized_model"].to_list()
    tabulate(service, {"a": {}, "b": {**other, "parameterized_model": "NMC"}})
    by_id = simulation.get_table(["a", "b"])["parameterized_model"].to_list()
    tabulate(service, {"a": {}, "b": {}})

    assert by_name == ["NMC", "LFP"]
    assert by_id == ["pm-1", "pm-2"]
    assert "parameterized_model" not in simulation.get_table(["a", "b"]).columns


def test_names_that_are_taken_say_what_they_are(
    simulation: SimulationResource, service: Service
) -> None:
    row = {
        "design_parameters": {"error": 1.0, "x": 2.0},
        "experiment_parameters": {"x": 3.0},
        "metrics": {"x": 4.0},
    }
    tabulate(service, {"a": row})

    [values] = simulation.get_table(["a"]).to_dicts()

    assert values == {
        "simulation_id": "a",
        "status": "completed",
        "x": 3.0,
        "error (design parameter)": 1.0,
        "x (design parameter)": 2.0,
        "x (metric)": 4.0,
        "error": None,
    }


def test_an_empty_batch_is_an_empty_table(simulation: SimulationResource, service: Service) -> None:
    tabulate(service, {})

    frame = simulation.batch([]).to_frame()

    assert (frame.columns, frame.height) == (["simulation_id", "status", "error"], 0)


def test_a_client_with_pandas_gets_pandas(service: Service) -> None:
    tabulate(service, SWEEP)
    transport = httpx.MockTransport(service)

    with Ionworks(
        "key", "https://api.test", dataframe_backend="pandas", transport=transport
    ) as client:
        frame = client.simulation.batch(["a", "b"]).to_frame()

    assert isinstance(frame, pd.DataFrame)
    assert frame["thickness"].tolist() == [1.0, 2.0]


def test_time_series_stand_under_each_other_with_what_was_varied(
    simulation: SimulationResource, service: Service
) -> None:
    rows: dict[str, dict[str, Any]] = {**SWEEP, "c": {**SWEEP["a"], "design_parameters": {}}}
    tabulate(service, rows)
    add_result(service, "a")
    add_result(service, "c", TIME_SERIES[:1].drop("Discharge capacity [A.h]"))

    frame = simulation.batch(["a", "b", "c"]).time_series(["Time [s]", "Discharge capacity [A.h]"])

    assert frame.to_dict(as_series=False) == {
        "simulation_id": ["a"] * 4 + ["c"],
        "C-rate": [1.0] * 5,
        "thickness": [1.0] * 4 + [None],
        "Time [s]": [0.0, 1.0, 1.0, 2.0, 0.0],
        "Discharge capacity [A.h]": [0.0, 1.0, 0.0, 0.0, None],
    }


def test_a_column_that_no_run_has_is_refused(
    simulation: SimulationResource, service: Service
) -> None:
    tabulate(service, SWEEP)
    add_result(service, "a")

    with pytest.raises(ValueError, match=r"no simulation has a column 'Time \[h\]'"):
        simulation.batch(["a", "b"]).time_series("Time [h]")
    with pytest.raises(ValueError, match="columns is empty"):
        simulation.batch(["a", "b"]).time_series([])


def test_time_series_of_runs_that_all_failed_are_an_empty_table(
    simulation: SimulationResource, service: Service
) -> None:
    tabulate(service, {"b": SWEEP["b"]})

    frame = simulation.batch(["b"]).time_series()

    assert frame.height == 0
    assert frame.columns == ["simulation_id", "Time [s]", "Voltage [V]", "Current [A]"]
