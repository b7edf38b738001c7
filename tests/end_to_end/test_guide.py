"""The guide's blocks about pipelines, simulations, studies and protocols do what it says.

The examples share one served engine, so that its worker processes import PyBaMM once. Pipelines
come first: their block creates a cell specification that the block about studies reuses.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib import pyplot as plt

import ionworks
from ionworks import Ionworks
from ionworks.errors import IonworksError, NotFoundError
from tests.conftest import SERVED_KEY, serve
from tests.paths import ROOT

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment variables that make `Ionworks()` a client of an engine for this module."""
    with serve(tmp_path_factory.mktemp("guide")) as url:
        with Ionworks(api_key=SERVED_KEY, api_url=url) as client:
            project = client.project.list()[0]
        yield {
            "IONWORKS_API_URL": url,
            "IONWORKS_API_KEY": SERVED_KEY,
            "IONWORKS_PROJECT_ID": project.id,
        }


def run_example(example: str, settings: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Run an example once; yields its variables."""
    mpl.use("Agg")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        # On a busy machine a worker process takes longer than the default timeout to start.
        patch.setattr(ionworks, "Ionworks", partial(Ionworks, timeout=120))
        variables = runpy.run_path(str(EXAMPLES / example))
    yield variables
    variables["client"].close()
    plt.close("all")


@pytest.fixture(scope="module")
def fitted(settings: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The variables of the blocks about pipelines."""
    yield from run_example("guide_pipelines.py", settings)


@pytest.fixture(scope="module")
def simulated(settings: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The variables of the blocks about simulations."""
    yield from run_example("guide_simulations.py", settings)


@pytest.fixture(scope="module")
def studied(settings: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The variables of the blocks about studies."""
    yield from run_example("guide_studies.py", settings)


# ---------------------------------------------------------------- pipelines

DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
#: What the measurement was simulated with, and neither block starts at.
TRUTH = 5.3e-14


def test_a_pipeline_fits_the_measurement_under_the_parameters_older_name(
    fitted: dict[str, Any],
) -> None:
    result = fitted["pipeline_result"]

    assert list(result.element_results) == ["entry", "data_fit"]
    values = result.element_results["data_fit"]["parameter_values"]
    assert values == {DIFFUSIVITY: pytest.approx(TRUTH, rel=1e-3)}
    assert "Negative electrode diffusivity" in str(result.element("data_fit").notes)
    assert result.element("data_fit").cost < 1e-4


def test_a_pipeline_takes_a_pybamm_model(fitted: dict[str, Any]) -> None:
    client = fitted["client"]
    pipeline = fitted["model_pipeline"]

    assert client.pipeline.wait_for_completion(pipeline.id, verbose=False).status == "completed"
    [entry] = client.pipeline.list_elements(pipeline.id)
    assert entry.job_config["values"]["model"]["type"] == "SPM"


def test_a_simple_pipeline_ends_with_a_flat_result(fitted: dict[str, Any]) -> None:
    assert fitted["first"].status == "pending"
    completed = fitted["completed"]
    assert completed.status == "completed"
    assert completed.result["parameter_values"] == {DIFFUSIVITY: pytest.approx(TRUTH, rel=1e-3)}


def test_without_live_updates_the_result_is_the_same(fitted: dict[str, Any]) -> None:
    client, unwatched = fitted["client"], fitted["unwatched"]
    ended = client.simple_pipeline.wait_for_completion(unwatched.id, verbose=False)
    assert ended.result["parameter_values"] == fitted["completed"].result["parameter_values"]
    assert client.job.get_parameter_trace(unwatched.job_id) == []
    assert client.job.get_parameter_trace(fitted["first"].job_id)


def test_simple_pipelines_are_listed_filtered_renamed_and_deleted(fitted: dict[str, Any]) -> None:
    assert fitted["page"].count == fitted["page"].total == 3
    assert fitted["sp"].id in {each.id for each in fitted["page"].items}
    assert {each.status for each in fitted["active"]} <= {"pending", "running"}
    assert fitted["recent"].total == fitted["matches"].total == 0
    assert (fitted["renamed"].name, fitted["renamed"].description) == ("Renamed", "notes")
    with pytest.raises(NotFoundError):
        fitted["client"].simple_pipeline.get(fitted["sp"].id)


def test_a_failed_pipeline_reaches_the_guides_handler(fitted: dict[str, Any]) -> None:
    client = fitted["client"]
    sp = client.simple_pipeline.create({"elements": {"odd": {"element_type": "magic"}}})

    with pytest.raises(IonworksError, match="ValueError") as caught:
        client.simple_pipeline.wait_for_completion(sp.id, verbose=False)

    for accepted in ("entry", "data_fit", "calculation", "validation"):
        assert accepted in str(caught.value)


def test_a_pipeline_that_goes_on_reaches_the_guides_other_handler(fitted: dict[str, Any]) -> None:
    client = fitted["client"]
    sp = client.simple_pipeline.create({"elements": fitted["config"]["elements"]})
    try:
        client.simple_pipeline.wait_for_completion(sp.id, timeout=0, verbose=False)
    except TimeoutError:
        current = client.simple_pipeline.get(sp.id)
    assert current.status in {"pending", "running"}
    canceled = client.simple_pipeline.cancel(sp.id)
    assert canceled.is_terminal


def test_the_fit_is_drawn_over_its_data(fitted: dict[str, Any]) -> None:
    axes = fitted["figure"].axes[0]
    assert [line.get_label() for line in axes.lines] == ["data", "model", "initial guess"]


# ---------------------------------------------------------------- simulations
def test_a_submission_has_a_simulation_and_a_job(simulated: dict[str, Any]) -> None:
    response = simulated["response"]

    assert response.simulation_id
    assert response.job_id
    assert response.simulation_id != response.job_id


def test_a_batch_has_one_submission_a_value_and_one_result_each(simulated: dict[str, Any]) -> None:
    submitted = [each.simulation_id for each in simulated["responses"]]

    assert len(set(submitted)) == 3
    assert [each["id"] for each in simulated["results"]] == submitted


def test_the_result_is_typed_and_polars_by_default(simulated: dict[str, Any]) -> None:
    result = simulated["result"]

    assert type(result).__name__ == "SimulationResult"
    assert isinstance(result.time_series, pl.DataFrame)
    assert isinstance(result.steps, pl.DataFrame)
    assert isinstance(result.metrics, dict)
    assert {"Time [s]", "Voltage [V]", "Current [A]", "Step count"} <= {*result.time_series.columns}
    assert {"Step count", "Step type", "Duration [s]"} <= {*result.steps.columns}


def test_the_parameters_reached_the_physics(simulated: dict[str, Any]) -> None:
    series = simulated["result"].time_series
    current = series["Current [A]"].median()

    # Half the nominal 5 A.h of Chen2020; positive, because discharging.
    assert current == pytest.approx(2.5, rel=1e-6)
    assert series["Voltage [V]"][-1] == pytest.approx(2.5, abs=1e-3)


def test_the_wait_returns_the_finished_simulation(simulated: dict[str, Any]) -> None:
    assert simulated["simulation"]["id"] == simulated["simulation_id"]
    assert simulated["simulation"]["storage_folder"]


def test_the_list_holds_every_submission(simulated: dict[str, Any]) -> None:
    listed = {each["id"] for each in simulated["simulations"]}

    assert {
        each.simulation_id for each in [simulated["response"], *simulated["responses"]]
    } <= listed


def test_the_plot_has_one_voltage_curve(simulated: dict[str, Any]) -> None:
    axes = plt.gcf().axes[0]

    assert axes.get_xlabel() == "Time [s]"
    assert len(axes.lines[0].get_xdata()) == simulated["result"].time_series.height


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


def test_a_protocol_is_converted_for_a_cycler(
    local_client: Ionworks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = local_client
    monkeypatch.chdir(tmp_path)
    result = client.protocol.convert(
        protocol="""
global:
  initial_temperature: 25
  initial_state_type: soc_percentage
  initial_state_value: 100
steps:
  - CC Charge:
      - Charge:
          mode: C-rate
          value: 1
          ends:
            - "Voltage > 4.2"
  - CV Charge:
      - Charge:
          mode: Voltage
          value: 4.2
          ends:
            - "Current < 0.05"
  - Discharge:
      - Discharge:
          mode: C-rate
          value: 1
          ends:
            - "Voltage < 2.7"
""",
        target_format="maccor",
    )

    # Write the converted protocol to disk
    with open("protocol.000", "w") as f:
        f.write(result["content"])

    print(result["filename"])  # e.g. "protocol.000"

    assert capsys.readouterr().out == "protocol.000\n"
    written = (tmp_path / "protocol.000").read_bytes()
    assert written == result.primary_bytes
    assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\r\n<?maccor-application')
    # The guide's advice: upload it again before it runs.
    again = client.protocol.parse_file("protocol.000")
    assert (again.parsed_protocol_human or "").splitlines()[1:] == [
        "1. Charge at 1C until the voltage is above 4.2 V.",
        "2. Charge at a constant voltage of 4.2 V until the current is below 0.05 A.",
        "3. Discharge at 1C until the voltage is below 2.7 V.",
    ]


def test_a_study_has_a_name_and_an_id(studied: dict[str, Any]) -> None:
    # The last of the lists was of the other project.
    [study] = studied["studies"]

    assert study.name == "Discharge at 10 degC"
    assert study.id


def test_an_update_changes_what_it_names(studied: dict[str, Any]) -> None:
    assert studied["study"].id == studied["study_id"]
    assert studied["study"].name == "1C Discharge Sweep v2"


def test_the_measurements_of_a_study_are_listed(studied: dict[str, Any]) -> None:
    assert [each.id for each in studied["measurements"]] == [studied["measurement_id"]]


def test_a_deleted_study_leaves_what_was_in_it(studied: dict[str, Any]) -> None:
    client = studied["client"]

    assert {each.name for each in client.study.list()} == {"1C Discharge Sweep"}
    assert client.study.list(name="temperatures").total == 0
    assert client.simulation.get(studied["simulation_id"]).id
    assert client.cell_measurement.get(studied["measurement_id"]).id
