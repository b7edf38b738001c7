"""How simulations and fits are made, as results tell it."""

import platform
from importlib import metadata

import pytest

from ionworks.engine import provenance_of
from ionworks.engine.fitting.elements.provenance import provenance_of as provenance_of_fits
from ionworks.engine.provenance import versions
from tests.engine.runs import SPM


def test_versions_solver_and_mesh():
    found = provenance_of(SPM)

    assert found["versions"]["pybamm"] == metadata.version("pybamm")
    assert found["versions"]["pybammsolvers"] == metadata.version("pybammsolvers")
    assert found["versions"]["python"] == platform.python_version()
    assert found["solver"] == "IDAKLU"
    assert found["mesh"] == dict.fromkeys(("r_n", "r_p", "x_n", "x_p", "x_s"), 20)
    settings = {"var_pts": {"x_n": 7}}
    assert provenance_of({**SPM, "settings": settings})["mesh"]["x_n"] == 7


def test_tolerances_are_tighter_for_holds_and_for_ageing():
    own = provenance_of(SPM)["tolerances"]
    ageing = {"type": "SPM", "parameter_set": "OKane2022", "options": {"SEI": "constant"}}
    aged = provenance_of({**ageing, "options": {"SEI": "solvent-diffusion limited"}})["tolerances"]

    assert own["current"] == {"relative": 2e-5, "absolute": 1e-6}
    assert own["voltage"] == {"relative": 1e-7, "absolute": 1e-8}
    assert own["current, sine"] == {"relative": 1e-6, "absolute": 1e-7}
    assert aged["current"] == {"relative": 1e-6, "absolute": 1e-7}


@pytest.mark.parametrize(
    "model", [{"type": "quick"}, {"type": "Thevenin", "parameter_set": "ECM_Example"}]
)
def test_the_mesh_of_a_circuit_has_its_diffusion_element_only(model):
    found = provenance_of(model)

    assert found["tolerances"]["current"]["relative"] == 2e-5
    assert found["mesh"] == {"x ECMD": 20}


def test_fits_have_seeds_and_a_digest():
    fit = {"element_type": "Data Fit", "options": {"seed": 3}}
    elements = {
        "entry": {"element_type": "entry"},
        "fit": fit,
        "other": {"element_type": "datafit"},
    }

    found = provenance_of_fits(elements)

    assert found["seeds"] == {"fit": 3, "other": 0}
    assert len(found["configuration_digest"]) == 64
    changed = provenance_of_fits({**elements, "fit": {**fit, "options": {"seed": 4}}})
    assert changed["configuration_digest"] != found["configuration_digest"]


def test_fits_have_the_versions_of_the_optimizers_that_are_installed():
    found = provenance_of_fits({"entry": {"element_type": "entry"}})["versions"]

    for package in ("scipy", "cma", "pints"):
        assert found[package] == metadata.version(package)
    assert found["pybamm"] == provenance_of(SPM)["versions"]["pybamm"]
    assert versions("a package that is not installed") == versions()
