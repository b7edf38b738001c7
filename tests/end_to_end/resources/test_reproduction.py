"""Scripts, references, provenance and repetition of simulations on the embedded engine."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata
from uuid import uuid4

import numpy as np
import pybamm
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError
from tests.engine.eject.scripts import PlainPython, largest_error

PROTOCOL = """
global: {initial_soc: 0.8}
steps:
  - Discharge: {mode: C-rate, value: 1, duration: 300}
  - Rest: {duration: 60}
"""
UNSUPPORTED = """
global: {initial_soc: 0.8}
steps:
  - Discharge: {mode: C-rate, value: 1, duration: 60}
  - Rest: {ends: ["d/dt(Voltage) < 1e-4"]}
"""


LOAD = np.array([[0.0, 1.0], [20.0, 6.0], [25.0, -2.0], [60.0, 3.0]])
EXPERIMENT = pybamm.Experiment(
    [
        ("Discharge at 1C for 10 minutes or until 2.5 V", "Rest for 5 minutes"),
        (
            pybamm.step.current(LOAD, duration=60),
            "Charge at C/2 until 4 V",
            "Hold at 4 V until 1 A",
        ),
    ]
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainPython]:
    """Return a process without this project that runs scripts."""
    with PlainPython(tmp_path_factory.mktemp("plain") / "log.txt") as process:
        yield process


def difference(client: Ionworks, plain: PlainPython, identifier: str) -> float:
    """Return how far [mV] the script of a simulation is from its results."""
    result = client.simulation.get_result(identifier).time_series
    by_step = result.group_by("Step count", maintain_order=True)
    steps = [each for _, each in by_step if len(each) > 1]
    times = [(each["Time [s]"] - each["Time [s]"][0]).to_list() for each in steps]
    outcome = plain.run({"script": client.simulation.script(identifier), "steps": times})
    return largest_error(outcome, times, [each["Voltage [V]"].to_list() for each in steps])


def submit(client: Ionworks, protocol: str) -> str:
    submitted = client.simulation.protocol(
        {
            "parameterized_model": "spm-chen2020",
            "protocol_experiment": {"protocol": protocol, "name": "reproduced"},
            "design_parameters": {"Negative particle diffusivity [m2.s-1]": 2e-14},
        }
    )
    client.simulation.wait_for_completion(submitted, verbose=False)
    return submitted.simulation_id


def test_a_simulation_is_made_again(client: Ionworks, plain: PlainPython) -> None:
    identifier = submit(client, PROTOCOL)

    provenance = client.simulation.get(identifier).provenance
    assert provenance is not None
    assert provenance["versions"]["pybamm"] == metadata.version("pybamm")
    assert provenance["versions"]["casadi"] == metadata.version("casadi")
    assert provenance["versions"]["python"] == platform.python_version()
    assert provenance["tolerances"]["current"] == {"relative": 2e-5, "absolute": 1e-6}
    assert provenance["mesh"]["r_n"] == 20
    assert platform.node() not in str(provenance)

    found = client.simulation.replay(identifier, verbose=False)
    # A model that was compiled meanwhile rounds otherwise.
    assert max(found.differences.values()) < 1e-6
    assert found.simulation.copied_from is None
    assert found.changed == {}

    bibtex = client.simulation.citations(identifier)
    for key in ("Sulzer2021", "Marquis2019", "Chen2020", "Hindmarsh2005", "Andersson2019"):
        assert f"{{{key}," in bibtex

    assert difference(client, plain, identifier) < 0.1


def test_an_experiment_of_several_models_has_scripts(client: Ionworks, plain: PlainPython) -> None:
    name = f"own {uuid4()}"
    mine = client.model.upload_custom(pybamm.lithium_ion.BasicSPM(), name=name)
    own = {"name": name, "model_id": mine.id, "parameters": "Chen2020"}
    models = [client.parameterized_model.create(None, own).id, "spm-chen2020"]
    batch = client.simulation.protocol_batch(
        {
            "parameterized_model": models,
            "protocol_experiment": {"protocol": EXPERIMENT, "name": "an experiment"},
            "design_parameters_doe": {
                "sampling": "grid",
                "rows": [
                    {
                        "type": "discrete",
                        "name": "Negative particle diffusivity [m2.s-1]",
                        "values": [2e-14, 4e-14],
                    }
                ],
            },
        }
    )
    batch.wait(verbose=False)

    assert len(batch) == 2 * len(models)
    for run in (batch[0], batch[-1]):
        assert difference(client, plain, run.simulation_id) < 0.1


def test_what_has_no_counterpart_is_named(client: Ionworks) -> None:
    identifier = submit(client, UNSUPPORTED)

    with pytest.raises(IonworksError, match=r"d/dt.* is on a rate of change") as info:
        client.simulation.script(identifier)
    assert info.value.status_code == 501
