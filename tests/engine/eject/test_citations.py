"""The references of a run are those PyBaMM names for the same simulation."""

import re

import pybamm
import pytest

from ionworks.engine import citations
from tests.engine.runs import SPM


def keys(bibtex):
    return set(re.findall(r"^@\w+\{([^,]+),", bibtex, re.MULTILINE))


class Recorder:
    """Stands in for PyBaMM's citations."""

    def __init__(self):
        self.keys = {"Sulzer2021", "Harris2020"}  # PyBaMM always names these two

    def register(self, key):
        self.keys.add(key)


@pytest.mark.parametrize(
    ("model", "options", "parameter_set"),
    [("SPM", {}, "Chen2020"), ("DFN", {"thermal": "lumped"}, "OKane2022")],
)
def test_the_references_are_those_of_a_simulation(monkeypatch, model, options, parameter_set):
    found = keys(citations({"type": model, "options": options, "parameter_set": parameter_set}))

    recorder = Recorder()
    monkeypatch.setattr(pybamm, "citations", recorder)
    pybamm.Simulation(
        getattr(pybamm.lithium_ion, model)(options),
        parameter_values=pybamm.ParameterValues(parameter_set),
        experiment=["Discharge at 1C for 1 minute"],
        solver=pybamm.IDAKLUSolver(),
    ).solve(initial_soc=0.5, calc_esoh=False)
    assert found == recorder.keys


def test_the_recording_leaves_pybamm_as_it_was():
    before = pybamm.citations
    citations(SPM)
    assert pybamm.citations is before


def test_a_quick_model_has_the_references_of_its_open_circuit_voltage():
    found = keys(citations({"type": "quick", "capacity": 2.0, "chemistry": "NMC811/Graphite"}))
    assert {"Chen2020", "Sulzer2021"} <= found
