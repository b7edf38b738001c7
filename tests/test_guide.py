"""The guide's simulations and protocols do what the guide says, on the embedded engine."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib import pyplot as plt

from ionworks import Ionworks

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "guide_simulations.py"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Everything the guide's blocks have bound, after they ran once."""
    mpl.use("Agg")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IONWORKS_API_URL", f"local:{tmp_path_factory.mktemp('guide')}")
        bound = runpy.run_path(str(EXAMPLE))
    yield bound
    bound["client"].close()
    plt.close("all")


def test_a_submission_has_a_simulation_and_a_job(names: dict[str, Any]) -> None:
    response = names["response"]

    assert response.simulation_id
    assert response.job_id
    assert response.simulation_id != response.job_id


def test_a_batch_has_one_submission_a_value_and_one_result_each(names: dict[str, Any]) -> None:
    submitted = [each.simulation_id for each in names["responses"]]

    assert len(set(submitted)) == 3
    assert [each["id"] for each in names["results"]] == submitted


def test_the_result_is_typed_and_polars_by_default(names: dict[str, Any]) -> None:
    result = names["result"]

    assert type(result).__name__ == "SimulationResult"
    assert isinstance(result.time_series, pl.DataFrame)
    assert isinstance(result.steps, pl.DataFrame)
    assert isinstance(result.metrics, dict)
    assert {"Time [s]", "Voltage [V]", "Current [A]", "Step count"} <= {*result.time_series.columns}
    assert {"Step count", "Step type", "Duration [s]"} <= {*result.steps.columns}


def test_the_parameters_reached_the_physics(names: dict[str, Any]) -> None:
    series = names["result"].time_series
    current = series["Current [A]"].median()

    # Half the nominal 5 A.h of Chen2020; positive, because discharging.
    assert current == pytest.approx(2.5, rel=1e-6)
    assert series["Voltage [V]"][-1] == pytest.approx(2.5, abs=1e-3)


def test_the_wait_returns_the_finished_simulation(names: dict[str, Any]) -> None:
    assert names["simulation"]["id"] == names["simulation_id"]
    assert names["simulation"]["storage_folder"]


def test_the_list_holds_every_submission(names: dict[str, Any]) -> None:
    listed = {each["id"] for each in names["simulations"]}

    assert {each.simulation_id for each in [names["response"], *names["responses"]]} <= listed


def test_the_plot_has_one_voltage_curve(names: dict[str, Any]) -> None:
    axes = plt.gcf().axes[0]

    assert axes.get_xlabel() == "Time [s]"
    assert len(axes.lines[0].get_xdata()) == names["result"].time_series.height


def test_a_protocol_is_validated(local_client: Ionworks) -> None:
    client = local_client
    result = client.protocol.validate("""
global:
  initial_soc: 1
  temperature: 25
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
""")

    assert result["valid"] is True
    assert result["error"] is None


def test_the_input_references_are_found(local_client: Ionworks) -> None:
    client = local_client
    refs = client.protocol.find_input_references("""
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
""")

    assert refs == ["Initial SOC", "C-rate"]
