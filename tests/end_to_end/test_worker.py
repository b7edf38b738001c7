"""The real engine behind the server: a simulation from its protocol to its curve."""

import io

import polars as pl
import pytest

from ionworks.server.app import create_app
from tests.unit.server.engines import client_of, finish, grid, submit

PROTOCOL = """
global:
  initial_soc: 1
steps:
  - direction: Discharge
    mode: C-rate
    value: 1
    ends:
      - variable: Voltage [V]
        value: 2.5
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    app = create_app(tmp_path_factory.mktemp("engine"), workers=1)
    with client_of(app) as api:
        yield api
    app.close()


@pytest.fixture(scope="module")
def protocol(engine):
    body = {"protocol_experiment": {"protocol": PROTOCOL, "name": "1C"}}
    return engine.post("/protocols/parse-to-template", json=body).json()["template_id"]


def test_a_sweep_ends_on_its_threshold_with_more_charge_in_thicker_electrodes(engine, protocol):
    thickness = {"Positive electrode thickness [m]": [60e-6, 75e-6]}

    simulations = finish(
        engine,
        submit(
            engine,
            protocol,
            design_parameters_doe=grid(**thickness),
            extra_variables=["Volume-averaged cell temperature [K]"],
        ),
    )

    charges = []
    for simulation in simulations:
        assert simulation["status"] == "completed", simulation["error"]
        address = f"/simulations/{simulation['id']}/time_series/download"
        reply = engine.get(address, headers={"Accept": "application/vnd.apache.parquet"})
        frame = pl.read_parquet(io.BytesIO(reply.content))
        assert frame["Voltage [V]"][-1] == pytest.approx(2.5, abs=1e-4)
        assert "Volume-averaged cell temperature [K]" in frame.columns
        charges.append(frame["Discharge capacity [A.h]"][-1])
    assert charges[0] < charges[1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"design_parameters_doe": grid(**{"Positive electrode thicknes [m]": [1e-5]})},
            "Positive electrode thickness [m]",
        ),
        ({"extra_variables": ["Voltag [V]"]}, "Voltage [V]"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_ones(engine, protocol, fields, words):
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": protocol,
        "experiment_parameter_sets": [{}],
        **fields,
    }

    reply = engine.post("/simulations/with-template/batch", json=body)

    assert reply.status_code == 422
    assert words in reply.json()["message"]


def test_parameters_and_variables_are_those_of_the_model(engine):
    values = engine.get("/parameterized_models/spm-chen2020/parameter-values").json()
    names = engine.get("/parameterized_models/spm-chen2020/variable-names").json()

    assert values["Positive electrode thickness [m]"] == pytest.approx(75.6e-6)
    assert "Voltage [V]" in names


def test_a_wrong_model_option_is_refused(engine):
    body = {"name": "x", "config": {"type": "SPM", "options": {"thermal": "red hot"}}}

    reply = engine.post("/models", json=body)

    assert reply.status_code == 422, reply.text
    assert "thermal" in reply.json()["message"]


def test_a_quick_model_runs(engine, protocol):
    quick = {"quick_model": {"capacity": 2.0, "chemistry": "NMC/Graphite"}}

    [simulation] = finish(engine, submit(engine, protocol, parameterized_model=quick))

    assert simulation["status"] == "completed", simulation["error"]
