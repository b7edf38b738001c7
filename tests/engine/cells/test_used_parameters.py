"""Which parameters have an effect, compared with PyBaMM runs in which they are changed."""

import numpy as np
import pybamm
import pytest

from ionworks.engine.cells.registry import open_cell
from ionworks.engine.cells.used_parameters import used_parameters
from ionworks.engine.solver.models import RECORDED

POROSITY = "Negative electrode porosity"
SEI = "SEI resistivity [Ohm.m]"
PLATING = "Lithium plating kinetic rate constant [m.s-1]"
THICKNESS = "Separator thickness [m]"
RADIUS = "Negative particle radius [m]"
TRANSFERENCE = "Cation transference number"
COOLING = "Total heat transfer coefficient [W.m-2.K-1]"
CONTACT = "Contact resistance [Ohm]"
NAMES = (POROSITY, SEI, PLATING, THICKNESS, RADIUS, TRANSFERENCE, COOLING, CONTACT)

CASES = [
    ("SPM", {}, {RADIUS}),
    ("SPM", {"SEI": "reaction limited"}, {RADIUS, SEI}),
    # The function of the exchange-current density for plating contains the rate constant.
    ("SPM", {"lithium plating": "irreversible"}, {RADIUS, PLATING}),
    ("SPM", {"thermal": "lumped"}, {RADIUS, COOLING, THICKNESS}),
    ("SPMe", {"contact resistance": "true"}, {RADIUS, POROSITY, THICKNESS, TRANSFERENCE, CONTACT}),
    ("DFN", {}, {RADIUS, POROSITY, THICKNESS, TRANSFERENCE}),
]


def used(specification, names, extra_variables=()):
    cell = open_cell(specification)
    return used_parameters(cell, (*RECORDED, cell.temperature_variable, *extra_variables), names)


def changing(model, options):
    """Return the names whose change by 10 % changes five minutes at 5 A in PyBaMM."""
    values = pybamm.ParameterValues("OKane2022")
    values.update({"Current function [A]": 5.0, "Contact resistance [Ohm]": 1e-3})
    base = {name: values[name] for name in NAMES}
    values.update(dict.fromkeys(NAMES, "[input]"))
    built = getattr(pybamm.lithium_ion, model)(options)
    # With symbolic lengths, a thickness and a radius can be inputs too, and one model serves all.
    submeshes = {
        domain: pybamm.SymbolicUniform1DSubMesh if mesh is pybamm.Uniform1DSubMesh else mesh
        for domain, mesh in built.default_submesh_types.items()
    }
    simulation = pybamm.Simulation(
        built,
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
        submesh_types=submeshes,
    )

    def curves(**inputs):
        solution = simulation.solve([0, 300], t_interp=np.linspace(0, 300, 11), inputs=inputs)
        names = ("Voltage [V]", "Volume-averaged cell temperature [K]")
        return np.array([solution[name].entries for name in names])

    unchanged = curves(**base)
    return {
        name for name in NAMES if np.any(curves(**{**base, name: 1.1 * base[name]}) != unchanged)
    }


@pytest.mark.parametrize(("model", "options", "expected"), CASES)
def test_a_parameter_is_used_if_changing_it_changes_a_run_of_pybamm(model, options, expected):
    specification = {"type": model, "options": options, "parameter_set": "OKane2022"}

    assert used(specification, NAMES) == changing(model, options) == expected


def test_a_parameter_of_a_recorded_variable_is_used():
    cell = {"type": "SPM", "parameter_set": "Chen2020"}
    assert used(cell, [POROSITY]) == set()
    assert used(cell, [POROSITY], ["X-averaged negative electrode porosity"]) == {POROSITY}


def test_parameters_of_the_initial_state_are_used():
    names = ["Open-circuit voltage at 100% SOC [V]", "Upper voltage cut-off [V]", POROSITY]
    assert used({"type": "SPM", "parameter_set": "Chen2020"}, names) == set(names[:1])


def test_a_zero_makes_its_factors_unused_unless_it_is_changed_too():
    reference, entropic = (
        "Reference temperature [K]",
        "Negative electrode OCP entropic change [V.K-1]",
    )
    cell = {"type": "SPM", "parameter_set": "Chen2020"}
    assert used(cell, [reference]) == set()
    assert used(cell, [reference, entropic]) == {reference, entropic}
    assert used({**cell, "parameters": {entropic: 1e-4}}, [reference]) == {reference}


def test_a_circuit():
    cell = {"type": "quick", "capacity": 3}
    assert used(cell, ["R0 [Ohm]", "C1 [F]", "Nominal cell capacity [A.h]"]) == {
        "R0 [Ohm]",
        "C1 [F]",
    }
