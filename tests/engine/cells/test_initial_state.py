import pybamm
import pytest

from ionworks.engine.catalogue import PARAMETER_SETS
from ionworks.engine.cells.cell import StartingPoint
from ionworks.engine.cells.initial_state import NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION
from ionworks.engine.cells.registry import open_cell

THICKNESS = "Positive electrode thickness [m]"
MAXIMA = (
    "Maximum concentration in negative electrode [mol.m-3]",
    "Maximum concentration in positive electrode [mol.m-3]",
)


@pytest.mark.parametrize("parameter_set", PARAMETER_SETS)
def test_stoichiometries_equal_those_of_pybamm(parameter_set):
    cell = open_cell({"type": "SPM", "parameter_set": parameter_set})
    lower, upper = cell.voltage_limits({})
    temperature = cell.scalars["Initial temperature [K]"]
    voltage = 0.3 * lower + 0.7 * upper
    thickness = cell.scalars[THICKNESS]
    cases = [
        (StartingPoint("soc", 0.3, temperature), thickness, 0.3),
        (StartingPoint("voltage", voltage, temperature), thickness, f"{voltage} V"),
        (StartingPoint("soc", 1.0, temperature), 1.1 * thickness, 1.0),
    ]
    found = cell.initial_states((THICKNESS,)).solve(
        [point for point, _, _ in cases], [{THICKNESS: value} for _, value, _ in cases]
    )
    for (_, value, initial), state in zip(cases, found, strict=True):
        values = pybamm.ParameterValues(parameter_set)
        values.update({THICKNESS: value})
        expected = pybamm.lithium_ion.get_initial_stoichiometries(initial, values, tol=1e-12)
        ours = [
            state.inputs[name] / values[maximum]
            for name, maximum in zip(
                (NEGATIVE_CONCENTRATION, POSITIVE_CONCENTRATION), MAXIMA, strict=True
            )
        ]
        assert ours == pytest.approx(list(expected[:2]), abs=1e-9)


def test_unbalanced_electrodes_fail_only_their_run():
    cell = open_cell({"type": "SPM", "parameter_set": "Chen2020"})
    point = StartingPoint("soc", 0.5, 298.15)
    name = "Open-circuit voltage at 100% SOC [V]"
    states = cell.initial_states((name,)).solve([point, point], [{name: 5.5}, {name: 4.2}])
    assert isinstance(states[0], str)
    assert "no balance of the electrodes" in states[0]
    assert states[1].soc == pytest.approx(0.5)
