"""Real simulations and a fit of a measurement on a Dask cluster."""

import pytest

from ionworks import Ionworks

THICKNESS = "Positive electrode thickness [m]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
TRUTH = 5e-14


def discharge(**changes):
    return {
        "parameterized_model": "SPM Chen2020",
        "protocol_experiment": ["Rest for 1 minute", "Discharge at 1C for 40 minutes"],
        **changes,
    }


@pytest.fixture
def client(cluster, tmp_path):
    with Ionworks.local(tmp_path / "engine", cluster=cluster.address) as made:
        yield made


def test_a_sweep_and_the_fit_of_an_uploaded_measurement(client):
    values = [5e-5, 6e-5, 7e-5]
    rows = [{"type": "discrete", "name": THICKNESS, "values": values}]
    doe = {"sampling": "grid", "rows": rows}

    batch = client.simulation.protocol_batch(discharge(design_parameters_doe=doe)).wait(timeout=300)

    table = batch.to_frame()
    assert table[THICKNESS].to_list() == values
    assert table["status"].to_list() == ["completed"] * 3

    run = client.simulation.protocol(discharge(design_parameters={DIFFUSIVITY: TRUTH}))
    client.simulation.wait_for_completion(run, timeout=300, verbose=False)
    measured = client.simulation.get_result(run).time_series.select(
        "Time [s]", "Current [A]", "Voltage [V]", "Step count"
    )
    spec = client.cell_spec.create({"name": "LG M50", "form_factor": "21700"})
    cell = client.cell_instance.create(spec.id, {"name": "M50-0007"})
    data = {"measurement": {"name": "1C discharge"}, "time_series": measured}
    measurement = client.cell_measurement.create(cell.id, data)
    fit = {
        "element_type": "data_fit",
        "objectives": {"voltage": {"data": f"db:{measurement.id}"}},
        "parameters": {DIFFUSIVITY: {"bounds": [1e-14, 1e-13], "initial_value": 2e-14}},
    }

    made = client.simple_pipeline.create({"elements": {"fit": fit}})
    result = client.simple_pipeline.wait_for_completion(made, verbose=False).result

    assert result["parameter_values"][DIFFUSIVITY] == pytest.approx(TRUTH, rel=1e-2)
