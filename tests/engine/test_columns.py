import casadi
import numpy as np
import pybamm
import pytest

from ionworks.engine.pybamm_setup import compile_function, on_columns

VALUES = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])


def test_every_column_of_the_arguments_is_a_run():
    x, y = casadi.MX.sym("x", 2), casadi.MX.sym("y")
    function = casadi.Function("f", [x, y], [casadi.vertcat(x[1], x[0] * y, y), x[0] - y])
    found = on_columns(function)(VALUES, np.array([[5.0, 6.0, 7.0]]))
    assert found[0].tolist() == [[10, 20, 30], [5, 12, 21], [5, 6, 7]]
    assert found[1].tolist() == [[-4, -4, -4]]


def test_values_that_are_always_zero_are_zeros():
    x = casadi.MX.sym("x", 2)
    function = casadi.Function("f", [x], [casadi.vertcat(x[1], casadi.MX(1, 1), x[0])])
    assert function.nnz_out() == 2
    [found] = on_columns(function)(VALUES)
    assert found.tolist() == [[10, 20, 30], [0, 0, 0], [1, 2, 3]]


def test_arrays_may_be_views_and_are_not_changed():
    x = casadi.MX.sym("x", 2)
    view = np.repeat(VALUES, 2, axis=1)[:, ::2]
    [found] = on_columns(casadi.Function("f", [x], [2 * x]))(view)
    assert found.tolist() == (2 * VALUES).tolist()
    assert view.tolist() == VALUES.tolist()


@pytest.mark.parametrize("runs", [1, 3])
def test_expressions_are_evaluated_for_every_run(runs):
    a, b = (pybamm.InputParameter(name) for name in "ab")
    evaluate = compile_function([pybamm.exp(a) * b, a - b], ("a", "b"))
    product, difference = evaluate(VALUES[:, :runs])
    assert product == pytest.approx(np.exp(VALUES[:1, :runs]) * VALUES[1:, :runs], rel=1e-15)
    assert difference.tolist() == (VALUES[:1, :runs] - VALUES[1:, :runs]).tolist()


def test_a_table_has_no_scalar_form_and_is_evaluated_all_the_same():
    table = pybamm.Interpolant(
        np.array([0.0, 5.0]), np.array([1.0, 2.0]), pybamm.InputParameter("a")
    )
    [found] = compile_function([table], ("a", "b"))(VALUES)
    assert found[0] == pytest.approx([1.2, 1.4, 1.6])
