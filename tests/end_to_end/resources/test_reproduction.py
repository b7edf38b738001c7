"""Scripts, references, provenance and repetition of simulations on the embedded engine."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError
from tests.engine.eject.scripts import PlainPython

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


def test_a_simulation_is_made_again(client: Ionworks, tmp_path: Path) -> None:
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

    result = client.simulation.get_result(identifier).time_series
    steps = [result.filter(result["Step count"] == step) for step in (0, 1)]
    times = [(each["Time [s]"] - each["Time [s]"][0]).to_list() for each in steps]
    with PlainPython(tmp_path / "log.txt") as plain:
        outcome = plain.run({"script": client.simulation.script(identifier), "steps": times})
    assert "error" not in outcome, outcome
    for step, voltages in zip(steps, outcome["voltages"], strict=True):
        assert voltages == pytest.approx(step["Voltage [V]"].to_list(), abs=1e-4)


def test_what_has_no_counterpart_is_named(client: Ionworks) -> None:
    identifier = submit(client, UNSUPPORTED)

    with pytest.raises(IonworksError, match=r"d/dt.* is on a rate of change") as info:
        client.simulation.script(identifier)
    assert info.value.status_code == 501
