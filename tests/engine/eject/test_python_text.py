"""Source text of numbers, lists with repeats, and PyBaMM's symbols."""

import numpy as np
import pybamm
import pytest

from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.python_text import display, literal, number, repeated, symbol_text

x, y = pybamm.Parameter("x"), pybamm.Parameter("concentration")
TABLE = pybamm.Interpolant(np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.5]), [x], "table")
SYMBOLS = {
    "sum and difference": x - (y - 2),
    "powers": (x**2) ** (y / 3),
    "power of a negative number": pybamm.Power(pybamm.Scalar(-2), 2 * pybamm.sign(x)),
    "signs": -(x**2) + abs(y - 5),
    "functions": pybamm.exp(-x) * pybamm.tanh(y) / pybamm.sqrt(x + 1) + pybamm.log10(y),
    "more functions": pybamm.sin(x) + pybamm.cos(y) + pybamm.arcsinh(x) + pybamm.arctan(y),
    "extremes": pybamm.minimum(x, 2) + pybamm.maximum(y, 3),
    "comparisons": (x < y) * 3 + (x <= 1) * 2 + pybamm.sign(x - y),
    "table": 2 * TABLE,
    "cubic table": pybamm.Interpolant(
        np.linspace(0, 4, 9), np.linspace(0, 4, 9) ** 2, [x], interpolator="cubic"
    ),
}
POINTS = [(0.5, 2.0), (1.5, 0.25), (3.5, 7.0)]


def value(symbol, point):
    values = pybamm.ParameterValues(dict(zip(("x", "concentration"), point, strict=True)))
    return values.evaluate(symbol)


@pytest.mark.parametrize("name", SYMBOLS)
def test_the_text_of_a_symbol_is_the_symbol(name):
    text = symbol_text(SYMBOLS[name], {"x": "a", "concentration": "c_e"}, "it")

    again = eval(text, {"np": np, "pybamm": pybamm, "a": x, "c_e": y})  # noqa: S307 our own text

    for point in POINTS:
        assert value(again, point) == pytest.approx(value(SYMBOLS[name], point), rel=1e-14)


def test_other_parameters_keep_their_names():
    assert symbol_text(x + y, {"x": "a"}, "it") == 'a + pybamm.Parameter("concentration")'


def test_a_symbol_without_text_is_named():
    with pytest.raises(NoCounterpart, match="the parameter 'D' contains Variable, which cannot"):
        symbol_text(2 * pybamm.Variable("c"), {}, "the parameter 'D'")


def test_literals():
    assert number(60.0) == "60"
    assert number(1e-14) == "1e-14"
    assert number(3) == "3"
    assert literal({"thermal": "lumped", "sei": ("a", "b"), "n": 2}) == (
        '{"thermal": "lumped", "sei": ("a", "b"), "n": 2}'
    )
    assert literal("O'Kane") == '"O\'Kane"'


@pytest.mark.parametrize(
    "items",
    [
        ["a"],
        ["a", "b", "c"],
        ["a", "a", "a", "b"],
        [*["a", "b"] * 3, "c", *["a", "b"] * 3, "c", "d"],
        ["a", *["b", "c"] * 500, "a"],
        [*[*["a", "b"] * 20, "c"] * 7, "d", "d"],
    ],
)
def test_repeats_are_products_and_give_the_same_list(items):
    names = {each: each for each in set(items)}

    text = display(repeated(items))

    assert eval(text, names) == items  # noqa: S307 our own text
    assert len(text.split("\n")) <= 20
