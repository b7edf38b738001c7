"""The faster form of a CasADi function: of matrices, or of scalars.

The integrator calls the functions of a model thousands of times. CasADi interprets a function of
matrices with some overhead per operation. One of scalars has next to none, but more operations the
finer the mesh is.

A table, such as a measured open-circuit potential, has no form of scalars. The rest of the function
has: it becomes one function of scalars, to which the values of the tables are arguments.
"""

from typing import Any, Final

import casadi

_SCALAR_OPERATIONS: Final = 11
"""One operation of CasADi on matrices takes about as long as this many on scalars."""

_TABLES: Final = frozenset({casadi.OP_CALL, casadi.OP_LOW, casadi.OP_GETNONZEROS_PARAM})
"""Operations without a form for scalars: a call of a spline, and the search and the access of
linear interpolation."""


def faster(function: Any) -> Any:
    """Return a CasADi function with one output in scalar form if that is faster.

    Parameters
    ----------
    function : casadi.Function

    Returns
    -------
    casadi.Function
        With the same arguments and values.
    """
    most = _SCALAR_OPERATIONS * function.n_instructions()
    for scalar_form in (_without_tables, _around_tables):
        try:
            scalar, operations = scalar_form(function)
        except RuntimeError:
            # CasADi raises this for functions with a table, and then for a few of those with a
            # table in each point of an electrode.
            continue
        return scalar if operations <= most else function
    return function


def _without_tables(function: Any) -> tuple[Any, int]:
    """Return a function in scalar form, and its number of operations."""
    scalar = function.expand()
    return scalar, scalar.n_instructions()


def _around_tables(function: Any) -> tuple[Any, int]:
    """Return a function with all but its tables in scalar form, and its number of operations."""
    arguments = [
        casadi.MX.sym(function.name_in(place), function.sparsity_in(place))
        for place in range(function.n_in())
    ]
    [value] = function.call(arguments, True, False)
    graph = casadi.Function("graph", arguments, [value])
    tables = [node for node in _nodes(graph) if node.op() in _TABLES]
    [value] = casadi.matrix_expand([value], tables, {})
    rest = next(
        node
        for node in reversed(_nodes(casadi.Function("rest", arguments, [value])))
        if node.op() == casadi.OP_CALL
    )
    scalar = _without_repetitions(rest.which_function())
    places = range(rest.n_dep())
    [value] = scalar.call([rest.dep(place) for place in places], False, True)
    found = casadi.Function(
        function.name(), arguments, [value], function.name_in(), function.name_out()
    )
    return found, scalar.n_instructions() + found.n_instructions()


def _nodes(function: Any) -> list[Any]:
    """Return the operations of a function of matrices, in their order."""
    return [function.instruction_MX(place) for place in range(function.n_instructions())]


def _without_repetitions(scalar: Any) -> Any:
    arguments = [
        casadi.SX.sym(scalar.name_in(place), scalar.sparsity_in(place))
        for place in range(scalar.n_in())
    ]
    values = casadi.cse(scalar.call(arguments, True, False))
    return casadi.Function(scalar.name(), arguments, values)
