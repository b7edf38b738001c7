"""Formulas as Python source text."""

import pytest

from ionworks.engine import NoCounterpart
from ionworks.engine.cells.symbols import JsonSymbol
from ionworks.engine.eject.formula_text import formula_text

OWN = {"mine": "Voltage [V] - 3", "twice": "2 * mine", "json": JsonSymbol("json", {})}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ('"a" - 1 * 2', '(v["a"] - (1 * 2))'),
        ("-'a' ** 2", '(-(v["a"] ** 2))'),
        ("min('a', 3) / log10('b')", '(pybamm.minimum(v["a"], 3) / pybamm.log10(v["b"]))'),
        ("abs(surface('a'))", 'abs(pybamm.surf(v["a"]))'),
        (
            "left('a') + x_average('b')",
            ('(pybamm.boundary_value(v["a"], "left") + pybamm.x_average(v["b"]))'),
        ),
        ("parameter('c [m]')", 'pybamm.Parameter("c [m]")'),
        ('"twice"', '(2 * (v["Voltage [V]"] - 3))'),
    ],
)
def test_text_of_a_formula(formula, text):
    assert formula_text(formula, "v", OWN, ["Voltage [V]", "mine"]) == text


def test_a_symbol_that_was_added_has_no_text():
    with pytest.raises(NoCounterpart, match="an end compares 'json'"):
        formula_text('"json" / 2', "v", OWN, [])
