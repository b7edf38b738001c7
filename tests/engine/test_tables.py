"""Models with measured tables, such as the potential of graphite in OKane2022."""

import casadi
import numpy as np
import pybamm
import pytest

from ionworks.engine.solver.integrator import Integrator
from ionworks.engine.solver.scalar_form import faster
from ionworks.engine.solver.tables import reads_tables
from tests.engine.runs import run, steps

POINTS = np.linspace(0, 1, 21)
STATE = pybamm.StateVector(slice(0, 4))


def table(kind, state=STATE):
    values = np.sin(5 * POINTS) + 0.1 * np.random.default_rng(1).random(21)
    return pybamm.Interpolant(POINTS, values, state, name="potential", interpolator=kind)


def functions(expression):
    """Return an expression of four states, and its Jacobian, as CasADi functions."""
    arguments = [casadi.MX.sym("t"), casadi.MX.sym("y", 4), casadi.MX.sym("p", 2)]
    value = expression.to_casadi(arguments[0], arguments[1], inputs={"scale": arguments[2][0]})
    jacobian = casadi.jacobian(value, arguments[1])
    names = ["t", "y", "p"], ["value"]
    return [casadi.Function("one", arguments, [each], *names) for each in (value, jacobian)]


def difference(state):
    """Return neighbouring differences: as in a discretised gradient."""
    matrix = pybamm.Matrix(np.diff(np.eye(4), axis=0))
    return matrix @ state


@pytest.mark.parametrize("kind", ["linear", "cubic"])
def test_a_function_with_tables_keeps_its_values(kind):
    scale = pybamm.InputParameter("scale")
    expression = pybamm.exp(scale * difference(table(kind))) + difference(STATE**2 * table(kind))
    for function in functions(expression):
        with pytest.raises(RuntimeError):
            function.expand()
        found = faster(function)
        for seed in range(3):
            given = (0.0, np.random.default_rng(seed).random(4), [1.5, 0.0])
            assert np.array(found(*given).full()) == pytest.approx(function(*given).full())
        assert found.sparsity_out(0) == function.sparsity_out(0)
        assert found.name_in() == function.name_in()


def test_the_rest_of_a_function_with_a_table_is_scalar():
    # One value of the table for a cell, as in SPM; many operations on matrices around it.
    potential = table("cubic", pybamm.StateVector(slice(3, 4)))
    expression = sum(pybamm.tanh(potential * number - STATE) for number in range(1, 40))
    function, jacobian = functions(expression)
    for each in (function, jacobian):
        found = faster(each)
        kinds = [found.instruction_id(place) for place in range(found.n_instructions())]
        assert kinds.count(casadi.OP_CALL) <= 2 + (each is jacobian)
        assert len(kinds) < each.n_instructions() / 4


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (table("cubic") + 1, True),
        (table("linear", 2 * STATE), True),
        (table("linear", pybamm.t) * STATE, False),
        (STATE**2, False),
    ],
)
def test_tables_of_the_state_are_recognized(symbol, expected):
    assert reads_tables([symbol]) is expected


LINES = (
    "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 3]}",
    "Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.15]}",
    "Charge: {mode: Voltage, value: 4.15, ends: [C-rate < 0.05]}",
)
ENERGIES = "Discharge energy [W.h]", "Charge energy [W.h]"


@pytest.fixture
def solves(monkeypatch):
    """The number of times that each integrator was called."""
    calls = []
    solve = Integrator.solve

    def counted(built, *given):
        calls.append(built)
        return solve(built, *given)

    monkeypatch.setattr(Integrator, "solve", counted)
    return calls


def test_each_step_of_a_model_with_tables_is_one_solve(solves):
    model = {"type": "SPM", "parameter_set": "OKane2022"}
    outcome = run(*LINES, soc=0.9, model=model)
    assert len(solves) == len(LINES)

    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM({"calculate discharge energy": "true"}),
        parameter_values=pybamm.ParameterValues("OKane2022"),
        experiment=pybamm.Experiment(
            [
                (
                    "Discharge at 1C until 3 V",
                    "Charge at 1C until 4.15 V",
                    "Hold at 4.15 V until C/20",
                )
            ]
        ),
        solver=pybamm.IDAKLUSolver(rtol=1e-10, atol=1e-10),
    )
    solution = simulation.solve(initial_soc=0.9)
    expected = [
        abs(np.ptp(step["Discharge energy [W.h]"].entries)) for step in solution.cycles[0].steps
    ]
    found = np.sum([steps(outcome, name) for name in ENERGIES], axis=0)
    assert found == pytest.approx(expected, rel=5e-6)
