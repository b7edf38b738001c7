"""Possible and usual values of parameters, and relations between parameters."""

import re
from pathlib import Path

import pybamm
import pytest

from ionworks.engine import check, review
from ionworks.engine.catalogue import CIRCUIT_PARAMETER_SETS, PARAMETER_SETS
from ionworks.engine.cells.parameter_checks import sampled
from ionworks.engine.cells.plausibility import (
    contradictions,
    impossible,
    impossible_bounds,
    kind_of,
    unusual,
)
from ionworks.engine.cells.registry import open_cell
from ionworks.engine.simulation.inspection import smoke_test
from tests.engine.reference import as_json

THICKNESS = "Negative electrode thickness [m]"
POROSITY = "Negative electrode porosity"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
SPM = {"type": "SPM", "parameter_set": "Chen2020"}
REST = "steps: [{Rest: {duration: 10}}]"

LITHIUM_METAL = [THICKNESS]
UNUSUAL = {
    "Ecker2015_graphite_halfcell": LITHIUM_METAL,
    "OKane2022_graphite_SiOx_halfcell": LITHIUM_METAL,
    "Xu2019": LITHIUM_METAL,
    "Sulzer2019": [  # lead-acid
        "Maximum porosity of separator",
        THICKNESS,
        "Positive electrode thickness [m]",
        "Separator thickness [m]",
    ],
}
"""Of PyBaMM's sets, the values that are not usual for lithium-ion; the engine offers none of these
sets."""


@pytest.mark.parametrize("name", sorted(pybamm.parameter_sets))
def test_the_numbers_of_pybamms_sets_are_possible_and_usual(name):
    values = {
        key: value
        for key, value in pybamm.ParameterValues(name).items()
        if isinstance(value, int | float)
    }

    assert [impossible(key, value) for key, value in values.items() if impossible(key, value)] == []
    assert sorted(key for key in values if unusual(key, values[key])) == UNUSUAL.get(name, [])
    assert contradictions(values) == []


@pytest.mark.parametrize("name", [*PARAMETER_SETS, *CIRCUIT_PARAMETER_SETS])
def test_the_functions_of_the_offered_sets_are_possible_and_usual(name):
    kind = "Thevenin" if name in CIRCUIT_PARAMETER_SETS else "DFN"
    cell = open_cell({"type": kind, "parameter_set": name})
    samples = list(sampled(cell, cell.values))

    assert samples
    for sample in samples:
        assert impossible(sample.name, sample.value, sample.at) is None
        assert unusual(sample.name, sample.value, sample.at) is None


def test_the_values_of_the_guide_are_possible_and_usual():
    texts = [file.read_text() for file in sorted(Path("examples").glob("guide_*.py"))]
    found = [
        (name, float(value))
        for text in texts
        for name, value in re.findall(r'"([^"\n]+)": ?(-?\d[\d.]*(?:e-?\d+)?)\b', text)
        if kind_of(name)
    ]

    assert len(found) > 3
    for name, value in found:
        assert impossible(name, value) is None
        assert unusual(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (THICKNESS, 75, ["'Negative electrode thickness [m]' is 75 m", "from 1e-08 to 0.01 m"]),
        (THICKNESS, -7.5e-5, ["-7.5e-05 m"]),
        (POROSITY, 1.2, ["is 1.2,", "from 1e-06 to 1;"]),
        ("Separator porosity", 0, []),
        ("Primary: Negative electrode active material volume fraction", 1.01, []),
        (DIFFUSIVITY, -3e-14, ["-3e-14 m2.s-1"]),
        ("Electrolyte diffusivity [m2.s-1]", 0, []),
        ("EC diffusivity [m2.s-1]", -1e-18, []),
        ("Electrolyte conductivity [S.m-1]", -1, []),
        ("Positive particle radius [m]", 5.2, []),
        ("Maximum concentration in negative electrode [mol.m-3]", -1, []),
        ("Initial concentration in electrolyte [mol.m-3]", 0, []),
        ("Reference temperature [K]", 25, ["from 100 to 2000 K"]),
        ("Upper voltage cut-off [V]", 4200, ["4200 V"]),
        ("Nominal cell capacity [A.h]", -5, []),
        ("Cation transference number", 1.5, []),
        ("Negative electrode density [kg.m-3]", -1, []),
        ("Separator specific heat capacity [J.kg-1.K-1]", 0, []),
        ("Negative electrode charge transfer coefficient", 1.5, []),
        ("Separator Bruggeman coefficient (electrolyte)", -1.5, []),
        ("SEI resistivity [Ohm.m]", -1, []),
        ("Contact resistance [Ohm]", -1e-3, []),
        ("R0 [Ohm]", -1e-3, []),
        ("Total heat transfer coefficient [W.m-2.K-1]", -1, []),
        (DIFFUSIVITY, float("nan"), ["nan"]),
    ],
)
def test_an_impossible_value(name, value, words):
    message = impossible(name, value)

    assert message is not None
    assert unusual(name, value) is None
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (THICKNESS, 7.5e-4, ["0.00075 m", "usually from 5e-06 to 0.0005 m"]),
        (POROSITY, 0.01, ["is 0.01,"]),
        (DIFFUSIVITY, 1e-8, []),
        ("Maximum concentration in positive electrode [mol.m-3]", 63.1, ["63.1 mol.m-3"]),
        ("Negative electrode density [kg.m-3]", 2.3, []),
        ("Nominal cell capacity [A.h]", 5000, []),
        ("Ambient temperature [K]", 500, []),
    ],
)
def test_an_unusual_value(name, value, words):
    assert impossible(name, value) is None
    message = unusual(name, value)
    assert message is not None
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "name",
    ["Porosity factor", "Thickness [um]", "Negative electrode partial molar volume [m3.mol-1]"],
)
def test_a_name_of_no_kind_has_no_range(name):
    assert kind_of(name) is None
    assert impossible(name, -1) is None
    assert unusual(name, -1) is None


def test_bounds_of_a_fit():
    assert impossible_bounds(POROSITY, (0, 1)) is None
    assert impossible_bounds(DIFFUSIVITY, (1e-16, float("inf"))) is None
    assert "1.1 and 2" in impossible_bounds(POROSITY, (1.1, 2))
    assert impossible_bounds(DIFFUSIVITY, (-1e-14, 1e-14)) is not None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {POROSITY: 0.4, "Negative electrode active material volume fraction": 0.7},
            ["(0.4)", "(0.7)", "add up to 1.1"],
        ),
        (
            {
                POROSITY: 0.3,
                "Primary: Negative electrode active material volume fraction": 0.6,
                "Secondary: Negative electrode active material volume fraction": 0.2,
            },
            ["add up to 1.1"],
        ),
        (
            {"Lower voltage cut-off [V]": 4.3, "Upper voltage cut-off [V]": 4.2},
            ["4.3 V", "not below", "4.2 V"],
        ),
        (
            {
                "Initial concentration in positive electrode [mol.m-3]": 7e4,
                "Maximum concentration in positive electrode [mol.m-3]": 6e4,
            },
            ["70000 mol.m-3", "is above", "60000 mol.m-3"],
        ),
    ],
)
def test_parameters_that_contradict_each_other(values, words):
    [message] = contradictions(values)
    for word in words:
        assert word in message
    assert contradictions(values, changed=["Electrode width [m]"]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({THICKNESS: 75}, [THICKNESS, "75 m", "impossible"]),
        ({POROSITY: 1.2}, ["1.2"]),
        ({DIFFUSIVITY: -3e-14}, ["-3e-14"]),
        ({POROSITY: 0.3}, ["add up to 1.05"]),
        ({"Lower voltage cut-off [V]": 4.3}, ["not below"]),
    ],
)
def test_impossible_parameters_and_designs_are_refused(changes, words):
    for model, design in (({**SPM, "parameters": changes}, {}), (SPM, changes)):
        [problem] = check(model, REST, [{"design_parameters": design}])
        for word in words:
            assert word in problem


def test_the_runs_of_a_sweep_are_checked_one_by_one():
    runs = [{"design_parameters": {POROSITY: value}} for value in (0.2, 0.24, 0.27)]
    [problem] = check({**SPM, "type": "SPMe"}, REST, runs)
    assert "(0.27)" in problem


def test_unusual_parameters_and_designs_are_noted():
    changes = {THICKNESS: 7.5e-4}
    for model, design in (({**SPM, "parameters": changes}, {}), (SPM, changes)):
        found = review(model, REST, [{"design_parameters": design}])
        assert found.problems == []
        [[note]] = found.notes
        assert note.category == "parameters"
        assert "0.00075 m" in note.message


def test_values_of_the_set_itself_are_not_checked_again():
    assert review(SPM, REST, [{}]).notes == [()]


def function(value):
    """Return a diffusivity that depends on the stoichiometry, as PyBaMM writes it."""

    def diffusivity(stoichiometry, temperature):
        return value * (1 + 0.1 * stoichiometry)

    return as_json(pybamm.ParameterValues({DIFFUSIVITY: diffusivity}))[DIFFUSIVITY]


def test_an_impossible_function_is_refused():
    with pytest.raises(ValueError, match=r"-3.06e-14 m2.s-1 at .*stoichiometry = 0.2"):
        smoke_test({**SPM, "parameters": {DIFFUSIVITY: function(-3e-14)}})


def test_an_unusual_function_is_noted():
    found = review({**SPM, "parameters": {DIFFUSIVITY: function(3e-9)}}, REST, [{}])
    [[note]] = found.notes
    assert "stoichiometry = 0.2" in note.message
