"""Pipelines from the client through the server to the engine, with fits of a second or two."""

from __future__ import annotations

import threading
from typing import Any

import polars as pl
import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import JobFailedError, UnprocessableError

D = "Negative particle diffusivity [m2.s-1]"
TRUTH = 5e-14


@pytest.fixture(scope="module")
def discharge() -> pl.DataFrame:
    """A rest and a 1C discharge of Chen2020 with another diffusivity, by plain PyBaMM."""
    values = pybamm.ParameterValues("Chen2020")
    values.update({D: TRUTH})
    experiment = pybamm.Experiment(["Rest for 1 minute", "Discharge at 1C for 40 minutes"])
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(), parameter_values=values, experiment=experiment
    )
    solution = simulation.solve(initial_soc=1)
    names = ("Time [s]", "Current [A]", "Voltage [V]")
    frame = pl.DataFrame({name: solution[name].entries for name in names})
    return frame.unique("Time [s]", keep="last", maintain_order=True)


def fit(data: Any, **changes: Any) -> dict[str, Any]:
    return {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": data}},
        "parameters": {D: {"bounds": [1e-14, 1e-13], "initial_value": 2e-14}},
        **changes,
    }


def validation(data: Any) -> dict[str, Any]:
    return {
        "element_type": "validation",
        "objectives": {"voltage": {"data": data}},
        "summary_stats": ["RMSE"],
    }


def test_entry_fit_and_validation_pass_parameters_on(
    client: Ionworks, discharge: pl.DataFrame
) -> None:
    entry = {"element_type": "entry", "values": {"model": {"type": "SPM"}, "data": discharge}}
    made = client.pipeline.create(
        {
            "elements": {
                "entry": entry,
                "fit": fit("entry.data"),
                "check": validation("entry.data"),
            }
        }
    )

    client.pipeline.wait_for_completion(made.id, verbose=False)

    result = client.pipeline.result(made.id)
    assert result.parameter_values[D] == pytest.approx(TRUTH, rel=2e-3)
    check = result.element("check")
    assert check.summary_stats["voltage"]["RMSE"] < 1e-3
    series = check.series()
    assert (series["Voltage [V]"] - series["Voltage [V] (data)"]).abs().max() < 5e-3
    before = result.element("fit").series(source="baseline")
    after = result.element("fit").series()
    measured = after["Voltage [V] (data)"]
    # The initial guess is off by more than a factor of two; the fit is not.
    assert (before["Voltage [V]"] - measured).abs().mean() > 10 * (
        after["Voltage [V]"] - measured
    ).abs().mean()
    assert [each.status for each in client.pipeline.list_elements(made.id)] == ["completed"] * 3


def test_a_wrong_name_is_refused_at_submission_with_the_nearest(
    local_client: Ionworks, discharge: pl.DataFrame
) -> None:
    wrong = fit(discharge, parameters={"Negative particle difusivity [m2.s-1]": {"bounds": [1, 2]}})
    with pytest.raises(UnprocessableError, match="Negative particle diffusivity") as caught:
        local_client.simple_pipeline.create({"elements": {"fit": wrong}})
    assert "'fit'" in str(caught.value)


def test_an_error_found_in_the_run_fails_the_job(
    local_client: Ionworks, discharge: pl.DataFrame
) -> None:
    odd = {"fit": fit(discharge), "magic": {"element_type": "magic"}}
    made = local_client.pipeline.create({"elements": odd})
    with pytest.raises(JobFailedError, match=r"ValueError.*'magic'.*accepted"):
        local_client.pipeline.wait_for_completion(made.id, verbose=False)
    result = local_client.pipeline.result(made.id)
    assert result.element("fit").parameter_values[D] == pytest.approx(TRUTH, rel=2e-3)


def test_a_canceled_fit_keeps_its_best_point(
    local_client: Ionworks, discharge: pl.DataFrame
) -> None:
    # Far more evaluations than the test could wait for.
    endless = {"type": "DifferentialEvolution", "population_size": 50, "max_iterations": 100_000}
    wide = {
        D: {"bounds": [1e-16, 1e-12]},
        "Positive particle diffusivity [m2.s-1]": {"bounds": [1e-16, 1e-13]},
    }
    made = local_client.simple_pipeline.create(
        {"elements": {"fit": fit(discharge, parameters=wide, optimizer=endless)}}
    )
    pause = threading.Event()
    while not (local_client.simple_pipeline.get(made.id).get("progress") or {}).get("inputs"):
        pause.wait(0.05)

    canceled = local_client.simple_pipeline.cancel(made.id)

    assert canceled.status == "canceled"
    assert set(canceled.result["parameter_values"]) == set(wide)
    assert canceled.result["cost"] > 0
    ended = local_client.simple_pipeline.wait_for_completion(made.id, verbose=False)
    assert ended.status == "canceled"
    # The same worker, or a new one, runs the next pipeline.
    model = {"element_type": "entry", "values": {D: TRUTH}}
    after = local_client.simple_pipeline.create({"elements": {"entry": model}})
    ended = local_client.simple_pipeline.wait_for_completion(after.id, verbose=False)
    assert ended.result["parameter_values"] == {D: TRUTH}
